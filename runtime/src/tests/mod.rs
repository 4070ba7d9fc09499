//! The composition, tested without a node: presets, filters, brakes, fees, prices, wallets.

mod brakes;
mod fees;
mod genesis;
mod prices;
mod wallets;

use frame_support::traits::Hooks;
use sp_genesis_builder::PresetId;
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;

use crate::{AccountId, Runtime, RuntimeGenesisConfig, System, Timestamp};

/// A chain freshly made from the preset of that name.
fn chain(preset: &str) -> TestExternalities {
	let mut externalities = TestExternalities::default();
	externalities.execute_with(|| {
		let preset = frame_support::genesis_builder_helper::get_preset::<RuntimeGenesisConfig>(
			&Some(PresetId::from(preset)),
			crate::genesis::get_preset,
		)
		.expect("the preset exists");
		let mut config: serde_json::Value =
			serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default config serialises");
		merge(
			&mut config,
			serde_json::from_slice(&preset).expect("the preset is JSON"),
		);
		frame_support::genesis_builder_helper::build_state::<RuntimeGenesisConfig>(
			serde_json::to_vec(&config).expect("JSON serialises"),
		)
		.expect("the preset builds");
	});
	externalities
}

fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(into, value) => *into = value,
	}
}

fn account(key: Sr25519Keyring) -> AccountId {
	key.to_account_id()
}

/// Sets the clock without a block.
fn set_time(now: u64) {
	System::set_block_number(System::block_number().max(1));
	pallet_timestamp::Now::<Runtime>::put(now);
	<Timestamp as Hooks<_>>::on_initialize(System::block_number());
}

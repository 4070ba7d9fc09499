//! The composition, tested without a node: presets, filters, brakes, fees, governance, prices, wallets.

mod brakes;
mod fees;
mod genesis;
mod governance;
mod prices;
mod wallets;

use frame_support::traits::Hooks;
use sp_genesis_builder::PresetId;
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;

use crate::{AccountId, Runtime, RuntimeGenesisConfig, System, Timestamp};

/// A chain freshly made from the preset of that name.
fn chain(preset: &str) -> TestExternalities {
	changed_chain(preset, serde_json::json!({})).expect("the preset builds")
}

/// A chain freshly made from the preset of that name, with this patch applied to it.
fn changed_chain(preset: &str, patch: serde_json::Value) -> Result<TestExternalities, String> {
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
		merge(&mut config, patch);
		crate::genesis::build(serde_json::to_vec(&config).expect("JSON serialises"))
	})?;
	Ok(externalities)
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

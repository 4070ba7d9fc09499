//! The development chain's genesis, with as many vaults as a scenario wants.

use baseload_primitives::{Balance, VaultId, WattHours, KWH};
use baseload_runtime::{configs::money::RESERVE_TOKEN, genesis::get_preset, AccountId, RuntimeGenesisConfig};
use pallet_power_stablecoin::GenesisVault;
use serde_json::Value;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET};
use sp_io::hashing::blake2_256;
use sp_keyring::Sr25519Keyring;

use crate::Failure;

/// Price of one kWh, 18 decimals.
pub const REFERENCE: u128 = 100_000_000_000_000_000;
/// Price of one reserve token at the beginning, 18 decimals.
pub const COLLATERAL: u128 = 140_000_000_000_000_000;
/// KWH that each vault's owner keeps, for the vault deposit.
const KEPT: Balance = 20 * KWH;

/// The vaults that a scenario begins with, besides the development chain's own.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
	/// How many.
	pub vaults: u32,
	/// The least debt of one, in whole KWH; the largest is a hundred times that.
	pub least_debt: u64,
	/// The least and the highest ratio of collateral to debt, in percent.
	pub ratios: (u64, u64),
	/// The ratio of the development chain's own vault, in percent.
	pub bank_ratio: u64,
}

/// A few hundred vaults, most of them careful.
pub const ORDINARY: Plan = Plan {
	vaults: 400,
	least_debt: 1_000,
	ratios: (155, 450),
	bank_ratio: 320,
};

/// Who holds the KWH that the vaults drew.
pub fn holder() -> AccountId {
	Sr25519Keyring::Dave.to_account_id()
}

/// Who puts KWH into the backstop pool.
pub fn depositor() -> AccountId {
	Sr25519Keyring::Eve.to_account_id()
}

/// The owner of the vault with this place in the plan.
pub fn owner(place: u32) -> AccountId {
	AccountId::new(blake2_256(&place.to_le_bytes()))
}

/// The vault with this place in the plan. The development chain's own is the first.
pub fn vault(place: u32) -> VaultId {
	VaultId(place + 1)
}

/// Collateral, in base units, that is so many percent of a debt at the first prices, rounded up.
fn collateral(debt: Balance, percent: u64) -> Balance {
	// 10^12 units of KWH against 10^6 units of the reserve token.
	(debt / 1_000_000 * REFERENCE.div_ceil(COLLATERAL / 1_000) / 1_000 * Balance::from(percent)).div_ceil(100) + 1
}

/// A number that looks random and is the same every time.
fn scattered(place: u32, salt: u8) -> u64 {
	let hash = blake2_256(&[&place.to_le_bytes()[..], &[salt]].concat());
	u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}

/// The genesis of a plan.
pub fn of(plan: &Plan) -> Result<RuntimeGenesisConfig, Failure> {
	let mut config = development()?;
	let bank = config
		.power_stablecoin
		.vaults
		.first_mut()
		.ok_or("the preset has no vault")?;
	let wanted = collateral(bank.debt, plan.bank_ratio);
	let (issuer, more) = (bank.owner.clone(), wanted.saturating_sub(bank.collateral));
	bank.collateral = wanted;
	let account = config
		.assets
		.accounts
		.iter_mut()
		.find(|(token, who, _)| *token == RESERVE_TOKEN && *who == issuer);
	account.ok_or("the issuer holds no reserve")?.2 += more;

	for place in 0..plan.vaults {
		let debt =
			Balance::from(plan.least_debt * (1 + scattered(place, 0) % 10) * (1 + scattered(place, 1) % 10)) * KWH;
		let (least, most) = plan.ratios;
		// The lesser of two: more vaults are near the least ratio than near the highest.
		let spread = most - least + 1;
		let percent = least + (scattered(place, 2) % spread).min(scattered(place, 3) % spread);
		let collateral = collateral(debt, percent);
		config
			.assets
			.accounts
			.push((RESERVE_TOKEN, owner(place), collateral + 1));
		config.power_stablecoin.vaults.push(GenesisVault {
			owner: owner(place),
			token: RESERVE_TOKEN,
			collateral,
			debt,
			// Twice what covers the debt at an advance rate of a half.
			energy: WattHours(u64::try_from(debt / KWH * 4_000).map_err(|error| error.to_string())?),
			pay_out: vec![(holder(), debt - KEPT)],
		});
	}
	Ok(config)
}

/// The development preset.
fn development() -> Result<RuntimeGenesisConfig, Failure> {
	let preset = get_preset(&PresetId::from(DEV_RUNTIME_PRESET)).ok_or("there is no development preset")?;
	let patch: Value = serde_json::from_slice(&preset).map_err(|error| error.to_string())?;
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).map_err(|error| error.to_string())?;
	merge(&mut config, patch);
	serde_json::from_value(config).map_err(|error| error.to_string())
}

fn merge(into: &mut Value, patch: Value) {
	match (into, patch) {
		(Value::Object(into), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(Value::Null), value);
			}
		}
		(into, value) => *into = value,
	}
}

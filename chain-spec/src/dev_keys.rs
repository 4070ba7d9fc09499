//! Keeps well-known development keys out of live networks.

use sc_service::{ChainSpec, ChainType};
use sp_io::hashing::twox_128;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use std::collections::HashMap;

/// The runtime's pallets whose genesis state says who makes blocks, who finalises them, who governs and who sets prices.
/// Balances are not among them: anybody may send a coin to a well-known account.
const PALLETS_OF_POWER: [&str; 7] = [
	"Babe",
	"Grandpa",
	"Session",
	"ValidatorSet",
	"Council",
	"OracleMembership",
	"Sudo",
];

/// Length of an Sr25519 or Ed25519 public key, in bytes.
const KEY_LEN: usize = 32;

/// Refuses a live network in whose genesis an authority, a governor, a price feed or the sudo key is a well-known
/// development key, for anybody could then sign in its place. Networks of other types pass.
///
/// The check reads the genesis *state* rather than the JSON, so that plain and raw specifications are judged alike.
///
/// # Errors
///
/// Names the first such key and the pallet that holds it; or says that the genesis state cannot be built.
pub fn refuse_dev_keys(spec: &dyn ChainSpec) -> Result<(), String> {
	if spec.chain_type() != ChainType::Live {
		return Ok(());
	}
	let storage = spec.as_storage_builder().build_storage()?;
	let keys = well_known_keys();
	for pallet in PALLETS_OF_POWER {
		let prefix = twox_128(pallet.as_bytes()).to_vec();
		let state = storage
			.top
			.range(prefix.clone()..)
			.take_while(|(key, _)| key.starts_with(&prefix));
		for (_, value) in state {
			if let Some(owner) = value.windows(KEY_LEN).find_map(|bytes| keys.get(bytes)) {
				return Err(format!(
					"the chain specification `{}` is of type Live, but the genesis of its pallet {pallet} holds the \
					 development key of {owner}, whose secret everybody knows",
					spec.id(),
				));
			}
		}
	}
	Ok(())
}

/// Public keys derived from the published development phrase, with the names of their owners.
fn well_known_keys() -> HashMap<Vec<u8>, &'static str> {
	let sr25519 = Sr25519Keyring::iter().map(|key| (key.to_raw_public_vec(), <&str>::from(key)));
	let ed25519 = Ed25519Keyring::iter().map(|key| (key.to_raw_public_vec(), <&str>::from(key)));
	sr25519.chain(ed25519).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{development, from_preset};
	use sp_core::storage::Storage;
	use sp_genesis_builder::DEV_RUNTIME_PRESET;

	/// A live network whose genesis state has only one value, under the given pallet.
	fn live_with(pallet: &str, value: Vec<u8>) -> impl ChainSpec {
		let mut storage = Storage::default();
		storage
			.top
			.insert([&twox_128(pallet.as_bytes())[..], &twox_128(b"Item")].concat(), value);
		let mut spec = from_preset("Live", "live", ChainType::Live, DEV_RUNTIME_PRESET).unwrap();
		spec.set_storage(storage);
		spec
	}

	/// `key` as it stands inside a longer value.
	fn embedded(key: Vec<u8>) -> Vec<u8> {
		[vec![4], key, 1u64.to_le_bytes().to_vec()].concat()
	}

	#[test]
	fn refuse_dev_keys_should_pass_when_the_network_is_for_development() {
		assert_eq!(refuse_dev_keys(&development().unwrap()), Ok(()));
	}

	#[test]
	fn refuse_dev_keys_should_refuse_when_a_development_preset_is_declared_live() {
		let spec = from_preset("Live", "live", ChainType::Live, DEV_RUNTIME_PRESET).unwrap();
		assert!(refuse_dev_keys(&spec).unwrap_err().contains("`live` is of type Live"));
	}

	#[test]
	fn refuse_dev_keys_should_name_pallet_and_owner_when_it_finds_a_key() {
		for (pallet, key, owner) in [
			("Babe", Sr25519Keyring::Bob.to_raw_public_vec(), "Bob"),
			("Grandpa", Ed25519Keyring::Charlie.to_raw_public_vec(), "Charlie"),
			("Sudo", Sr25519Keyring::AliceStash.to_raw_public_vec(), "Alice//stash"),
		] {
			let error = refuse_dev_keys(&live_with(pallet, embedded(key))).unwrap_err();
			assert!(
				error.contains(&format!("pallet {pallet} holds the development key of {owner},")),
				"{error}"
			);
		}
	}

	#[test]
	fn refuse_dev_keys_should_pass_when_live_keys_are_nobodys() {
		for pallet in PALLETS_OF_POWER {
			assert_eq!(refuse_dev_keys(&live_with(pallet, embedded(vec![7; KEY_LEN]))), Ok(()));
		}
	}

	#[test]
	fn refuse_dev_keys_should_pass_when_a_known_account_merely_holds_coins() {
		assert_eq!(
			refuse_dev_keys(&live_with(
				"Balances",
				embedded(Sr25519Keyring::Alice.to_raw_public_vec())
			)),
			Ok(())
		);
	}

	#[test]
	fn pallets_of_power_should_be_in_the_runtime_when_named() {
		let storage = development().unwrap().as_storage_builder().build_storage().unwrap();
		for pallet in PALLETS_OF_POWER {
			let prefix = twox_128(pallet.as_bytes());
			assert!(
				storage.top.keys().any(|key| key.starts_with(&prefix)),
				"{pallet} has no state at genesis"
			);
		}
	}
}

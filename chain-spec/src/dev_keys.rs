//! Keeps well-known development keys out of every network that is not for development.

use sc_service::{ChainSpec, ChainType};
use sp_io::hashing::twox_128;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use std::collections::HashMap;

/// The runtime's pallets whose genesis state says who makes blocks, who finalises them, who governs, who sets prices, who can
/// mint reserve tokens, and who owns the vault behind all money. Balances are not among them (those of reserve tokens have the
/// account in the key, and only values are looked at): anybody may send a coin to a well-known account.
const PALLETS_OF_POWER: [&str; 9] = [
	"Babe",
	"Grandpa",
	"Session",
	"ValidatorSet",
	"Council",
	"OracleMembership",
	"Sudo",
	"Assets",
	"PowerStablecoin",
];

/// Length of an Sr25519 or Ed25519 public key, in bytes.
const KEY_LEN: usize = 32;

/// Whether a network is for development: on one machine, with keys whose secrets everybody knows. Any type but `Development` and
/// `Local` means other people's trust, whatever the network calls itself.
pub fn is_for_development(spec: &dyn ChainSpec) -> bool {
	matches!(spec.chain_type(), ChainType::Development | ChainType::Local)
}

/// Refuses a network that is not for development and in whose genesis an authority, a governor, a price feed, the issuer of a
/// reserve token, the owner of a vault or the sudo key is a well-known development key, for anybody could then sign in its place.
///
/// The check reads the genesis *state* rather than the JSON, so that plain and raw specifications are judged alike.
///
/// # Errors
///
/// Names the first such key and the pallet that holds it; or says that the genesis state cannot be built.
pub fn refuse_dev_keys(spec: &dyn ChainSpec) -> Result<(), String> {
	if is_for_development(spec) {
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
					"the chain specification `{}` is of type {:?}, but the genesis of its pallet {pallet} holds the \
					 development key of {owner}, whose secret everybody knows",
					spec.id(),
					spec.chain_type(),
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
		network_with(ChainType::Live, pallet, value)
	}

	/// The same, of any type.
	fn network_with(chain_type: ChainType, pallet: &str, value: Vec<u8>) -> impl ChainSpec {
		let mut storage = Storage::default();
		storage
			.top
			.insert([&twox_128(pallet.as_bytes())[..], &twox_128(b"Item")].concat(), value);
		let mut spec = from_preset("Live", "live", chain_type, DEV_RUNTIME_PRESET).unwrap();
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
	fn refuse_dev_keys_should_refuse_when_a_network_calls_itself_something_else() {
		let key = || embedded(Sr25519Keyring::Alice.to_raw_public_vec());
		let testnet = ChainType::Custom("Testnet".into());
		let error = refuse_dev_keys(&network_with(testnet, "Council", key())).unwrap_err();
		assert!(error.contains("is of type Custom(\"Testnet\")"), "{error}");
		for chain_type in [ChainType::Development, ChainType::Local] {
			assert_eq!(refuse_dev_keys(&network_with(chain_type, "Council", key())), Ok(()));
		}
	}

	#[test]
	fn refuse_dev_keys_should_find_issuer_and_vault_owner_when_the_preset_is_declared_live() {
		let storage = development().unwrap().as_storage_builder().build_storage().unwrap();
		for (pallet, item) in [("Assets", "Asset"), ("PowerStablecoin", "Vaults")] {
			let prefix = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
			let (_, value) = storage
				.top
				.range(prefix.clone()..)
				.find(|(key, _)| key.starts_with(&prefix))
				.unwrap();
			let error = refuse_dev_keys(&live_with(pallet, value.clone())).unwrap_err();
			assert!(
				error.contains(&format!("pallet {pallet} holds the development key of Alice,")),
				"{error}"
			);
		}
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

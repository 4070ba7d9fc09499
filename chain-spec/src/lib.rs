//! Chain specifications of Baseload networks.
//!
//! A specification says which network a node belongs to: its name and identifiers, its genesis, its boot nodes. The two
//! built-in ones are made from the runtime's genesis presets, so genesis is described once, in the runtime:
//!
//! | id | function | runtime preset | for |
//! |---|---|---|---|
//! | `dev` | [`development`] | `development` | one node on one machine |
//! | `local` | [`local`] | `local_testnet` | several validators on one machine |
//!
//! Any other id is the path of a JSON file, see [`load`]. [`refuse_dev_keys`] keeps keys whose secrets are published away
//! from networks that are not for development.

mod dev_keys;

use baseload_runtime::{opaque::Block, WASM_BINARY};
use sc_chain_spec::ChainSpecExtension;
use sc_service::{ChainType, Properties};
use serde::{Deserialize, Serialize};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

pub use dev_keys::{is_for_development, refuse_dev_keys};

/// The symbols under which wallets show the chain's own currencies: KWH, the unit of account, of which one is worth one
/// kilowatt-hour, and BLD, the bond token. Wallets take the first for amounts that do not say of what they are.
pub const TOKEN_SYMBOLS: [&str; 2] = ["KWH", "BLD"];
/// Their decimal places: 1 KWH = 10^12 units.
pub const TOKEN_DECIMALS: [u8; 2] = [12, 12];
/// The SS58 address prefix, as in `System::SS58Prefix` of the runtime.
pub const SS58_FORMAT: u16 = 42;

/// What a specification may say beyond the common fields. Everything is optional.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Block numbers with the hash that alone is accepted at that height.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Hashes of blocks that are never accepted.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// A recent finalised state from which light clients start; written by the `sync_state_genSyncSpec` RPC.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// A specification of a Baseload network.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// The network of one developer: one validator, accounts whose secrets everybody knows.
///
/// # Errors
///
/// Fails when the runtime was built without its wasm binary.
pub fn development() -> Result<ChainSpec, String> {
	from_preset(
		"Baseload Development",
		"baseload_dev",
		ChainType::Development,
		DEV_RUNTIME_PRESET,
	)
}

/// A network of several validators on one machine, with accounts whose secrets everybody knows.
///
/// # Errors
///
/// Fails when the runtime was built without its wasm binary.
pub fn local() -> Result<ChainSpec, String> {
	from_preset(
		"Baseload Local Testnet",
		"baseload_local",
		ChainType::Local,
		LOCAL_TESTNET_RUNTIME_PRESET,
	)
}

/// The specification that `--chain` names: `dev`, `local`, or the path of a JSON file, plain or raw.
///
/// # Errors
///
/// Fails when nothing is named, when the file cannot be read or is no specification, and as [`development`] and [`local`] do.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		// Falling back to a development network could make somebody believe to have joined a real one.
		"" => {
			Err("no network is chosen: give --dev, --chain local, or --chain with the path of a specification".into())
		}
		"dev" => development(),
		"local" => local(),
		path => ChainSpec::from_json_file(path.into()),
	}
}

/// A specification whose genesis is the runtime's preset of the given name. The id, which names the node's folder on
/// disk, is also the protocol id.
fn from_preset(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let code = WASM_BINARY.ok_or("this build has no wasm runtime: build without SKIP_WASM_BUILD")?;
	Ok(ChainSpec::builder(code, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_protocol_id(id)
		.with_chain_type(chain_type)
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

/// What wallets need to show amounts and addresses.
fn properties() -> Properties {
	[
		("tokenSymbol".into(), TOKEN_SYMBOLS.as_slice().into()),
		("tokenDecimals".into(), TOKEN_DECIMALS.as_slice().into()),
		("ss58Format".into(), SS58_FORMAT.into()),
	]
	.into_iter()
	.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::Value;
	use sp_core::storage::well_known_keys::CODE;

	fn exported(spec: &ChainSpec, raw: bool) -> Value {
		serde_json::from_str(&spec.as_json(raw).unwrap()).unwrap()
	}

	#[test]
	fn built_in_specs_should_carry_ids_and_properties_when_loaded_by_name() {
		for (id, chain_id, chain_type) in [
			("dev", "baseload_dev", ChainType::Development),
			("local", "baseload_local", ChainType::Local),
		] {
			let spec = load(id).unwrap();
			assert_eq!((spec.id(), spec.protocol_id()), (chain_id, Some(chain_id)));
			assert_eq!(sc_service::ChainSpec::chain_type(&spec), chain_type);
			let properties = spec.properties();
			assert_eq!(properties["tokenSymbol"], serde_json::json!(["KWH", "BLD"]));
			assert_eq!(properties["tokenDecimals"], serde_json::json!([12, 12]));
			assert_eq!(properties["ss58Format"], 42);
		}
	}

	#[test]
	fn properties_should_match_the_runtime_when_shown() {
		assert_eq!(
			SS58_FORMAT,
			u16::from(baseload_runtime::configs::system::SS58Prefix::get())
		);
		let [kwh, bld] = TOKEN_DECIMALS;
		assert_eq!(
			(10 as baseload_primitives::Balance).pow(kwh.into()),
			baseload_primitives::KWH
		);
		assert_eq!(bld, baseload_runtime::configs::money::BLD_DECIMALS);
	}

	#[test]
	fn load_should_fail_when_no_network_is_named() {
		assert!(load("").err().unwrap().contains("no network is chosen"));
	}

	#[test]
	fn load_should_fail_when_the_file_is_missing() {
		assert!(load("/nowhere/spec.json").err().unwrap().contains("/nowhere/spec.json"));
	}

	#[test]
	fn presets_should_build_a_genesis_state_when_exported_raw() {
		for spec in [development().unwrap(), local().unwrap()] {
			let top = &exported(&spec, true)["genesis"]["raw"]["top"];
			assert!(top
				.get(format!(
					"0x{}",
					CODE.iter().map(|b| format!("{b:02x}")).collect::<String>()
				))
				.is_some());
		}
	}

	#[test]
	fn exported_spec_should_read_back_when_its_extensions_are_empty() {
		let json = development().unwrap().as_json(false).unwrap();
		let spec = ChainSpec::from_json_bytes(json.into_bytes()).unwrap();
		assert_eq!(spec.id(), "baseload_dev");
		assert!(spec.extensions().fork_blocks.is_none());
		assert!(spec.extensions().bad_blocks.is_none());
		assert!(spec.extensions().light_sync_state.is_none());
	}

	#[test]
	fn extensions_should_be_found_when_the_client_looks_for_them() {
		let spec = development().unwrap();
		let extensions = sc_service::ChainSpec::extensions(&spec);
		assert!(sc_chain_spec::get_extension::<sc_client_api::ForkBlocks<Block>>(extensions).is_some());
		assert!(sc_chain_spec::get_extension::<sc_client_api::BadBlocks<Block>>(extensions).is_some());
		assert!(sc_chain_spec::get_extension::<sc_sync_state_rpc::LightSyncStateExtension>(extensions).is_some());
	}
}

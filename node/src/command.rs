//! What each command does.

use std::sync::Arc;

use baseload_runtime::opaque::Block;
use futures::TryFutureExt;
use sc_cli::{Error, Result, SubstrateCli};
use sc_service::{ChainSpec, PartialComponents};

use crate::{
	cli::{Cli, Subcommand},
	components::new_partial,
	service,
};

/// Reads the command line and does what it says.
///
/// The workers of consensus end with their last handle, and would complain of it: commands on the database keep the handles until they
/// are done, whether they use them or not.
pub fn run() -> Result<()> {
	let cli = Cli::from_args();

	match &cli.subcommand {
		None => run_node(&cli),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
		Some(Subcommand::PurgeChain(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.database)),
		Some(Subcommand::ChainInfo(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config)),
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				mut task_manager,
				import_queue,
				other,
				..
			} = new_partial(&config)?;
			task_manager.keep_alive(other.babe_worker);
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				mut task_manager,
				import_queue,
				other,
				..
			} = new_partial(&config)?;
			task_manager.keep_alive(other.babe_worker);
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				mut task_manager,
				import_queue,
				other,
				..
			} = new_partial(&config)?;
			task_manager.keep_alive((import_queue, other.babe_worker));
			Ok((cmd.run(client, config.database), task_manager))
		}),
		Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents {
				client,
				backend,
				mut task_manager,
				import_queue,
				other,
				..
			} = new_partial(&config)?;
			task_manager.keep_alive((import_queue, other.babe_worker));
			// What consensus remembers beside the blocks has to go back with them.
			let revert_consensus = Box::new(|client: Arc<_>, backend, blocks| {
				sc_consensus_babe::revert(Arc::clone(&client), backend, blocks)?;
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((cmd.run(client, backend, Some(revert_consensus)), task_manager))
		}),
	}
}

/// Runs a node until it is told to stop or an essential task of it ends.
fn run_node(cli: &Cli) -> Result<()> {
	let runner = cli.create_runner(&cli.run)?;
	let config = runner.config();
	refuse_dev_keys(config.chain_spec.as_ref(), config.dev_key_seed.as_deref())?;

	let storage_monitor = cli.storage_monitor.clone();
	runner.run_node_until_exit(|config| async move { service::new_full(config, storage_monitor) }.map_err(Error::from))
}

/// Refuses to run a network that is not for development with keys whose secrets everybody knows, be they the node's own
/// (`--alice`, `--dev`, ...) or in the genesis of the network.
fn refuse_dev_keys(spec: &dyn ChainSpec, seed: Option<&str>) -> Result<()> {
	if let Some(seed) = seed.filter(|_| !baseload_chain_spec::is_for_development(spec)) {
		return Err(Error::Input(format!(
			"`{}` is not a development network: a node must not sign there with the development key {seed}, whose secret \
			 everybody knows; leave out --dev, --alice and the like, and give --validator with keys of your own",
			spec.id(),
		)));
	}
	baseload_chain_spec::refuse_dev_keys(spec).map_err(Error::Input)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_chain_spec::{development, ChainSpec as Spec};

	/// The development network, declared live.
	fn live() -> Spec {
		declared("Live".into())
	}

	/// The development network, declared to be of another type.
	fn declared(chain_type: serde_json::Value) -> Spec {
		let mut json: serde_json::Value =
			serde_json::from_str(&development().unwrap().as_json(false).unwrap()).unwrap();
		json["chainType"] = chain_type;
		Spec::from_json_bytes(json.to_string().into_bytes()).unwrap()
	}

	/// A live network with nobody in power.
	fn live_without_keys() -> Spec {
		let mut spec = live();
		spec.set_storage(Default::default());
		spec
	}

	#[test]
	fn refuse_dev_keys_should_refuse_when_a_live_node_is_given_a_dev_key() {
		let error = refuse_dev_keys(&live_without_keys(), Some("//Alice")).unwrap_err();
		assert!(error.to_string().contains("development key //Alice"), "{error}");
	}

	#[test]
	fn refuse_dev_keys_should_refuse_when_a_node_of_a_custom_network_is_given_a_dev_key() {
		let mut testnet = declared(serde_json::json!({ "Custom": "Testnet" }));
		testnet.set_storage(Default::default());
		assert!(refuse_dev_keys(&testnet, Some("//Alice")).is_err());
		assert!(refuse_dev_keys(&testnet, None).is_ok());
	}

	#[test]
	fn refuse_dev_keys_should_refuse_when_a_live_genesis_holds_dev_keys() {
		let error = refuse_dev_keys(&live(), None).unwrap_err();
		assert!(error.to_string().contains("is of type Live"), "{error}");
	}

	#[test]
	fn refuse_dev_keys_should_pass_when_a_live_network_is_clean() {
		assert!(refuse_dev_keys(&live_without_keys(), None).is_ok());
	}

	#[test]
	fn refuse_dev_keys_should_pass_when_the_network_is_for_development() {
		assert!(refuse_dev_keys(&development().unwrap(), Some("//Alice")).is_ok());
	}
}

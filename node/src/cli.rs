//! What can be given on the command line.

use sc_cli::{
	ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ImportBlocksCmd, KeySubcommand, PurgeChainCmd,
	RevertCmd, RunCmd, SubstrateCli,
};
use sc_service::ChainSpec;
use sc_storage_monitor::StorageMonitorParams;

/// The command line: options of a running node, or a subcommand.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run a node.
	#[command(flatten)]
	pub run: RunCmd,

	/// When to stop for lack of disk space.
	#[command(flatten)]
	pub storage_monitor: StorageMonitorParams,
}

/// What the binary can do beside running a node.
// The variants differ much in size, but there is one value per process.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Make, inspect and insert keys.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Write a chain specification as JSON, plain or raw.
	ExportChainSpec(ExportChainSpecCmd),

	/// Execute a block of the database again and compare.
	CheckBlock(CheckBlockCmd),

	/// Import blocks from a file.
	ImportBlocks(ImportBlocksCmd),

	/// Export blocks to a file.
	ExportBlocks(ExportBlocksCmd),

	/// Take back blocks that are not final.
	Revert(RevertCmd),

	/// Delete the database of a network.
	PurgeChain(PurgeChainCmd),

	/// Print the best and the finalised block of the database.
	ChainInfo(ChainInfoCmd),
}

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Baseload Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		"the issue tracker of the distribution this binary came from".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		Ok(Box::new(baseload_chain_spec::load(id)?))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;
	use sc_cli::NetworkBackendType;
	use sc_service::{config::DatabaseSource, ChainType, Configuration};

	fn parse(args: &[&str]) -> clap::error::Result<Cli> {
		Cli::try_from_iter(std::iter::once("baseload-node").chain(args.iter().copied()))
	}

	/// Runs the check on the configuration that the options make.
	fn with_configuration(args: &[&str], check: impl FnOnce(Configuration)) {
		let runtime = sc_cli::build_runtime().unwrap();
		let cli = parse(args).unwrap();
		check(cli.create_configuration(&cli.run, runtime.handle().clone()).unwrap());
	}

	#[test]
	fn command_line_should_be_consistent_when_built() {
		Cli::setup_command(Cli::command()).debug_assert();
	}

	#[test]
	fn dev_should_make_an_authority_with_alice_when_nothing_else_is_given() {
		with_configuration(&["--dev"], |config| {
			assert_eq!(config.chain_spec.id(), "baseload_dev");
			assert_eq!(config.chain_spec.chain_type(), ChainType::Development);
			assert!(config.role.is_authority() && config.force_authoring);
			assert_eq!(config.dev_key_seed.as_deref(), Some("//Alice"));
		});
	}

	#[test]
	fn parity_db_and_litep2p_should_be_chosen_when_nothing_else_is_given() {
		with_configuration(&["--chain", "local", "--tmp"], |config| {
			assert!(matches!(config.database, DatabaseSource::ParityDb { .. }));
			assert!(matches!(
				config.network.network_backend,
				sc_network::config::NetworkBackendType::Litep2p
			));
		});
		assert_eq!(
			parse(&["--dev"]).unwrap().run.network_params.network_backend,
			NetworkBackendType::Litep2p
		);
	}

	#[test]
	fn rocks_db_should_be_unknown_when_asked_for() {
		assert!(parse(&["--dev", "--database", "rocksdb"]).is_err());
	}

	#[test]
	fn subcommands_should_parse_when_named() {
		for args in [
			&["key", "generate"][..],
			&["export-chain-spec", "--chain", "dev", "--raw"],
			&["check-block", "1", "--dev"],
			&["import-blocks", "--dev"],
			&["export-blocks", "--dev"],
			&["revert", "8", "--dev"],
			&["purge-chain", "-y", "--dev"],
			&["chain-info", "--dev"],
		] {
			assert!(parse(args).unwrap().subcommand.is_some(), "{args:?}");
		}
	}

	#[test]
	fn load_spec_should_fail_when_no_network_is_chosen() {
		let cli = parse(&[]).unwrap();
		assert!(cli.load_spec("").is_err());
	}
}

//! `attest`: the attestor.

use std::path::PathBuf;

use anyhow::{Context, Result};
use baseload_gateway::{attest, config};
use serde_json::Value;

use super::{service, Outcome};

/// With which configuration.
#[derive(clap::Args)]
pub struct Args {
	/// The configuration file; its section [attest] says what to watch
	#[arg(long, value_name = "FILE", default_value = "/etc/baseload/gateway.toml")]
	config: PathBuf,
}

/// Attests until SIGTERM or Ctrl-C.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let config = config::load(&args.config)?;
	let missing = || format!("{} has no section [attest]", args.config.display());
	let section = config.attest.as_ref().with_context(missing)?;
	let (shared, stop) = service::begin(&config).await?;
	attest::run(section, &config.chain, shared, stop).await?;
	Ok(Outcome::new("", Value::Null))
}

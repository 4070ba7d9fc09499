//! `feed`: the oracle operator.

use std::path::PathBuf;

use anyhow::{Context, Result};
use baseload_gateway::{config, feed};
use serde_json::Value;

use super::{service, Outcome};

/// With which configuration.
#[derive(clap::Args)]
pub struct Args {
	/// The configuration file; its section [feed] says which prices to report
	#[arg(long, value_name = "FILE", default_value = "/etc/baseload/gateway.toml")]
	config: PathBuf,
}

/// Reports prices until SIGTERM or Ctrl-C.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let config = config::load(&args.config)?;
	let missing = || format!("{} has no section [feed]", args.config.display());
	let section = config.feed.as_ref().with_context(missing)?;
	let (shared, stop) = service::begin(&config).await?;
	feed::run(section, &config.chain, shared, stop).await?;
	Ok(Outcome::new("", Value::Null))
}

//! `run`: the daemon.

use std::path::PathBuf;

use anyhow::Result;
use baseload_gateway::{config, daemon};
use serde_json::Value;

use super::{service, Outcome};

/// With which configuration.
#[derive(clap::Args)]
pub struct Args {
	/// The configuration file
	#[arg(long, value_name = "FILE", default_value = "/etc/baseload/gateway.toml")]
	config: PathBuf,
}

/// Carries until SIGTERM or Ctrl-C.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let config = config::load(&args.config)?;
	let (shared, stop) = service::begin(&config).await?;
	daemon::run(&config, shared, stop).await?;
	Ok(Outcome::new("", Value::Null))
}

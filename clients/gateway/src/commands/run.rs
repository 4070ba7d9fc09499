//! `run`: the daemon.

use std::path::PathBuf;

use anyhow::{Context, Result};
use baseload_gateway::{config, daemon, logs, metrics, state::Shared, stop::Stop};
use serde_json::Value;
use tokio::net::TcpListener;

use super::Outcome;

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
	logs::init(&config.log)?;
	let stop = Stop::on_signal()?;
	let shared = Shared::new();
	if let Some(metrics) = &config.metrics {
		let address = metrics.listen.0;
		let listener = TcpListener::bind(address)
			.await
			.with_context(|| format!("cannot answer at {address}, as [metrics] says"))?;
		tokio::spawn(metrics::serve(
			listener,
			shared.clone(),
			config.per_meter_metrics(),
			stop.clone(),
		));
	}
	daemon::run(&config, shared, stop).await?;
	Ok(Outcome::new("", Value::Null))
}

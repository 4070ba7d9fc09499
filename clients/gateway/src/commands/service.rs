//! What every command that runs until it is stopped begins with.

use anyhow::{Context, Result};
use baseload_gateway::{config::Config, logs, metrics, state::Shared, stop::Stop};
use tokio::net::TcpListener;

/// Begins to log, to listen for signals, and to tell how it goes where the configuration says.
pub async fn begin(config: &Config) -> Result<(Shared, Stop)> {
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
	Ok((shared, stop))
}

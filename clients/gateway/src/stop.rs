//! The wish to stop.

use std::{
	io,
	time::{Duration, Instant},
};

use tokio::signal::unix::{signal, SignalKind};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// A signal this much later than the first is a second wish.
const INSISTENCE: Duration = Duration::from_secs(1);

/// The wish to stop, once there is one. Clones share it.
///
/// Whoever works ends what would be half done otherwise, and returns.
#[derive(Clone, Debug, Default)]
pub struct Stop(CancellationToken);

impl Stop {
	/// Becomes a wish with the first SIGTERM or SIGINT. Another one, a second or more later, ends the program at once, with the
	/// status 130. Fails if the system does not tell of signals.
	pub fn on_signal() -> io::Result<Self> {
		let stop = Self::default();
		let mut terminate = signal(SignalKind::terminate())?;
		let mut interrupt = signal(SignalKind::interrupt())?;
		let asked = stop.clone();
		tokio::spawn(async move {
			let mut since = None;
			loop {
				let name = tokio::select! {
					_ = terminate.recv() => "SIGTERM",
					_ = interrupt.recv() => "SIGINT",
				};
				match since {
					None => {
						info!(signal = name, "stopping when what is under way is done");
						since = Some(Instant::now());
						asked.request();
					}
					// A terminal or a wrapper may pass the same wish on twice
					Some(first) if first.elapsed() < INSISTENCE => (),
					Some(_) => {
						warn!(signal = name, "stopping at once");
						std::process::exit(130);
					}
				}
			}
		});
		Ok(stop)
	}

	/// Asks to stop.
	pub fn request(&self) {
		self.0.cancel();
	}

	/// Whether it was asked for.
	pub fn is_requested(&self) -> bool {
		self.0.is_cancelled()
	}

	/// Waits until it is asked for.
	pub async fn requested(&self) {
		self.0.cancelled().await;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn everybody_should_know_when_it_is_asked_to_stop() {
		let stop = Stop::default();
		let waiter = tokio::spawn({
			let stop = stop.clone();
			async move { stop.requested().await }
		});
		assert!(!stop.is_requested());
		stop.request();
		waiter.await.unwrap();
		assert!(stop.clone().is_requested());
	}
}

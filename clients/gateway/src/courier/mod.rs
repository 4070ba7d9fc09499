//! Carries what is in the outbox to the chain, each reading once and in order, through any crash of either side.
//!
//! The courier keeps nothing that matters: the outbox says what is to be carried, the chain's final blocks say what has
//! arrived, and between the two one rule suffices ([`plan`]). After a crash, a lost connection or a node's restart it begins
//! by asking where each meter stands.
//!
//! * [`plan`]: what to do next about one meter. Pure.
//! * [`refusal`]: what it means that the node does not take a batch. Pure.
//! * [`binding`]: whether the outbox's idea of a meter still holds, and where a new one begins. Pure.
//! * [`news`]: what final blocks report.
//! * [`desk`]: which meter's turn it is. Bounded: so many errands at a time, so many batches in the node's pool.
//! * [`errand`]: does what the plan says about one meter.
//! * [`session`]: all of this over one connection.
//!
//! It knows one chain by its genesis hash, and remembers final blocks of it: a chain that was set up anew is refused, never
//! fed with what an outbox still holds.

pub mod binding;
pub mod desk;
pub mod errand;
pub mod news;
pub mod plan;
pub mod refusal;
pub mod session;
#[cfg(test)]
mod tests;

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt, mem,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};

use baseload_client::{keys::DeviceSecret, Chain, Error, H256};
use baseload_primitives::MeterId;
use tokio::sync::Notify;
use tracing::{info, warn};

use crate::{
	outbox::{Outbox, OutboxError},
	state::Shared,
	stop::Stop,
};

/// The first wait after a connection failed, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// Why a session ends.
#[derive(Debug)]
pub enum Failure {
	/// The node is gone, or cannot be worked with now. Another connection may do.
	Disconnected(String),
	/// Going on would do harm, or is impossible: people must look at it.
	Fatal(String),
}

impl From<Error> for Failure {
	fn from(error: Error) -> Self {
		Self::Disconnected(error.to_string())
	}
}

impl From<OutboxError> for Failure {
	fn from(error: OutboxError) -> Self {
		Self::Fatal(error.to_string())
	}
}

/// What courier and intakes tell each other: which meters have something new in the outbox, and what the chain said of them.
#[derive(Clone, Default)]
pub struct Bell(Arc<Rung>);

#[derive(Default)]
struct Rung {
	meters: Mutex<BTreeSet<MeterId>>,
	notify: Notify,
	/// Whoever waits for a meter to be bound.
	waiting: Mutex<BTreeMap<MeterId, Arc<Notify>>>,
	/// The newest reading of each meter that a final block holds, by the device's own sequence.
	accepted: Mutex<BTreeMap<MeterId, u64>>,
}

impl Bell {
	/// This meter has something new.
	pub fn ring(&self, meter: MeterId) {
		self.meters().insert(meter);
		self.0.notify.notify_one();
	}

	/// Waits for meters that have something new, and gives all of them.
	pub async fn rung(&self) -> BTreeSet<MeterId> {
		loop {
			let meters = mem::take(&mut *self.meters());
			if !meters.is_empty() {
				return meters;
			}
			self.0.notify.notified().await;
		}
	}

	/// The chain was asked about this meter for the first time, or its device changed.
	pub fn bound(&self, meter: MeterId) {
		self.in_blocks().remove(&meter);
		if let Some(waiting) = self.waiting().remove(&meter) {
			waiting.notify_one();
		}
	}

	/// Final blocks hold this reading of a meter, and none that is newer.
	pub fn accept(&self, meter: MeterId, sequence: u64) {
		self.in_blocks().insert(meter, sequence);
	}

	/// The newest reading of a meter that final blocks hold, as far as the chain was asked.
	pub fn accepted(&self, meter: MeterId) -> Option<u64> {
		self.in_blocks().get(&meter).copied()
	}

	/// Notified at the next [`Bell::bound`] of this meter, also if nobody waits yet by then.
	pub fn binding(&self, meter: MeterId) -> Arc<Notify> {
		self.waiting().entry(meter).or_default().clone()
	}

	fn waiting(&self) -> MutexGuard<'_, BTreeMap<MeterId, Arc<Notify>>> {
		self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn in_blocks(&self) -> MutexGuard<'_, BTreeMap<MeterId, u64>> {
		self.0.accepted.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn meters(&self) -> MutexGuard<'_, BTreeSet<MeterId>> {
		self.0.meters.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// A key that signs a meter's readings as long as the chain has it for the meter.
pub struct Signer {
	/// The key.
	pub device: DeviceSecret,
	/// Whether its device is read at a source of its own.
	pub own_source: bool,
}

/// Everything that the courier works with.
#[derive(Clone)]
pub struct Courier {
	/// Where the node answers.
	pub url: String,
	/// The chain, by the hash of its block 0.
	pub genesis: H256,
	/// What is to be carried.
	pub outbox: Outbox,
	/// The meters, with the keys of those that the gateway signs for: the present one, and the next if there is one.
	pub meters: Arc<BTreeMap<MeterId, Vec<Signer>>>,
	/// Rung when there is something new.
	pub bell: Bell,
	/// Told how it goes.
	pub shared: Shared,
}

impl Courier {
	/// Works until asked to stop, over as many connections as it takes. Fails only if going on would do harm.
	pub async fn run(&self, stop: &Stop) -> Result<(), Fatal> {
		let mut wait = BACKOFF.0;
		let mut told = None;
		while !stop.is_requested() {
			let began = Instant::now();
			let why = match Chain::connect(&self.url).await {
				Ok(chain) => match session::run(self, chain, stop).await {
					Ok(()) => return Ok(()),
					Err((Failure::Fatal(why), _)) => return Err(Fatal(why)),
					Err((Failure::Disconnected(why), worked)) => {
						if worked {
							told = None;
						}
						// A node that fails soon after each start is not asked again and again without a pause
						if worked && began.elapsed() >= BACKOFF.1 {
							wait = BACKOFF.0;
						}
						why
					}
				},
				Err(error @ Error::NotBaseload { .. }) => return Err(Fatal(error.to_string())),
				Err(error) => error.to_string(),
			};
			// Told when it begins and when it is something else, not at each attempt
			if told.as_ref() != Some(&why) {
				warn!("no node to work with, and trying again: {why}");
			}
			self.shared.node_down(why.clone());
			told = Some(why);
			tokio::select! {
				() = tokio::time::sleep(wait) => (),
				() = stop.requested() => (),
			}
			wait = (wait * 2).min(BACKOFF.1);
		}
		info!("the courier has stopped");
		Ok(())
	}
}

/// Why the courier cannot go on at all.
#[derive(Debug)]
pub struct Fatal(pub String);

impl fmt::Display for Fatal {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(&self.0)
	}
}

impl std::error::Error for Fatal {}

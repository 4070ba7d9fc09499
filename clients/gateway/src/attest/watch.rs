//! Reading the attestor's own sources into the journal, each in a task of its own: one that is slow or silent holds up nobody.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};

use anyhow::Result;
use baseload_primitives::MeterId;
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::{
	config::{Config, Meter},
	journal::Journal,
	own::Point,
};
use crate::{
	source::{self, Source},
	stop::Stop,
};

/// The most observations that are stored in one transaction.
const AT_ONCE: usize = 1_000;

/// The own sources at work.
pub struct Watch {
	faults: Arc<Mutex<BTreeMap<MeterId, String>>>,
	/// Ends the tasks when it is dropped.
	_tasks: JoinSet<()>,
}

impl Watch {
	/// Begins to read all sources.
	pub fn begin(config: &Config, journal: &Arc<Journal>, stop: &Stop) -> Self {
		let faults = Arc::default();
		let mut tasks = JoinSet::new();
		for meter in &config.meters {
			tasks.spawn(follow(
				meter.clone(),
				config.every.duration(),
				journal.clone(),
				Arc::clone(&faults),
				stop.clone(),
			));
		}
		Self { faults, _tasks: tasks }
	}

	/// Why a meter's own source cannot be read; `None` if it can.
	pub fn fault(&self, meter: MeterId) -> Option<String> {
		lock(&self.faults).get(&meter).cloned()
	}
}

/// The faults stay true even if a task panicked while it wrote one down.
fn lock(faults: &Mutex<BTreeMap<MeterId, String>>) -> MutexGuard<'_, BTreeMap<MeterId, String>> {
	faults.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn follow(
	meter: Meter,
	every: Duration,
	journal: Arc<Journal>,
	faults: Arc<Mutex<BTreeMap<MeterId, String>>>,
	stop: Stop,
) {
	let id = *meter.id.get_ref();
	let mut source = source::open(&meter.source);
	while !stop.is_requested() {
		match poll(source.as_mut(), id, &journal).await {
			Ok(more) => {
				if lock(&faults).remove(&id).is_some() {
					info!(meter = id.0, "the own source can be read again");
				}
				if more {
					continue;
				}
			}
			Err(error) => {
				let text = format!("{error:#}");
				let before = lock(&faults).insert(id, text.clone());
				if before.as_ref() != Some(&text) {
					warn!(meter = id.0, "the own source cannot be read: {text}");
				}
			}
		}
		tokio::select! {
			() = stop.requested() => (),
			() = tokio::time::sleep(every) => (),
		}
	}
}

/// Asks a source once, and stores what it says together with where it stands. Returns whether there is more.
async fn poll(source: &mut dyn Source, id: MeterId, journal: &Journal) -> Result<bool> {
	let cursor = journal.cursor(id)?;
	let polled = source.poll(&cursor, AT_ONCE).await?;
	for refused in &polled.refused {
		warn!(meter = id.0, "passed over in the own source: {refused}");
	}
	let points: Vec<Point> = polled.observations.iter().filter_map(Point::of).collect();
	if !points.is_empty() || polled.cursor != cursor {
		journal.observe(id, &points, &polled.cursor)?;
	}
	Ok(polled.more)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::source::{Cursor, Malformed, Observation, Polled, SourceError};
	use baseload_client::{AccountId, H256};
	use baseload_primitives::{ClockStatus, Quality, Register};
	use futures::future::BoxFuture;

	const METER: MeterId = MeterId(3);

	/// Says one thing at a time, and remembers nothing: the cursor tells where it stands.
	struct Script(Vec<Result<Observation, SourceError>>);

	impl Source for Script {
		fn poll<'a>(&'a mut self, cursor: &'a Cursor, _: usize) -> BoxFuture<'a, Result<Polled, SourceError>> {
			Box::pin(async move {
				let place = cursor.0.first().copied().unwrap_or(0);
				match self.0.get(usize::from(place)).cloned() {
					None => Ok(Polled {
						cursor: cursor.clone(),
						..Polled::default()
					}),
					Some(Err(error)) => Err(error),
					Some(Ok(observation)) => Ok(Polled {
						observations: vec![observation],
						refused: Vec::new(),
						cursor: Cursor(vec![place + 1]),
						more: true,
					}),
				}
			})
		}

		fn check(&mut self) -> BoxFuture<'_, Result<String, SourceError>> {
			Box::pin(async { Ok("here".into()) })
		}
	}

	fn seen(at: u64, quality: Quality) -> Result<Observation, SourceError> {
		Ok(Observation::Counts {
			measured_at: at,
			clock: ClockStatus::Synchronised,
			quality,
			counts: vec![(Register::Export, at)],
		})
	}

	#[tokio::test]
	async fn every_observation_should_be_stored_once_when_the_program_restarts_in_between() {
		let folder = tempfile::tempdir().unwrap();
		let open = || Journal::open(&folder.path().join("j"), H256::zero(), &AccountId([1; 32])).unwrap();
		let script = || {
			Script(vec![
				seen(1, Quality::Measured),
				seen(2, Quality::Estimated),
				seen(3, Quality::Measured),
			])
		};
		let mut polls = 0;
		while poll(&mut script(), METER, &open()).await.unwrap() {
			polls += 1;
		}
		assert_eq!(polls, 3);
		let points = open().points(METER).unwrap();
		assert_eq!(points.iter().map(|point| point.at).collect::<Vec<_>>(), [1, 3]);
	}

	#[tokio::test]
	async fn nothing_should_be_stored_when_the_source_fails() {
		let folder = tempfile::tempdir().unwrap();
		let journal = Journal::open(&folder.path().join("j"), H256::zero(), &AccountId([1; 32])).unwrap();
		for error in [
			SourceError::Temporary("silent".into()),
			SourceError::Malformed(Malformed {
				place: "line 1".into(),
				what: "no header".into(),
			}),
		] {
			let said = error.to_string();
			let failed = poll(&mut Script(vec![Err(error)]), METER, &journal).await.unwrap_err();
			assert_eq!(failed.to_string(), said);
			assert_eq!(journal.cursor(METER).unwrap(), Cursor::default());
		}
	}
}

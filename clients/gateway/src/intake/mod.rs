//! From a source's observations to numbered readings in the outbox.

mod number;

use std::{
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use baseload_primitives::{DeviceKey, MeterId, Moment};
use tokio::sync::Semaphore;
use tracing::{debug, warn};

pub use number::{number, Numbered};

use crate::{
	courier::Bell,
	outbox::{Book, Change, Outbox, OutboxError},
	source::{Cursor, Source, SourceError},
	state::{Shared, Stamp},
	stop::Stop,
};

/// Observations taken from a source at once.
const AT_ONCE: usize = 256;

/// How soon a source is asked again that could not be read or had to wait, unless its turn comes before.
const AGAIN: Duration = Duration::from_secs(10);

/// How often a meter that the chain was not asked about yet looks whether it was, even if nobody says so.
const BINDING: Duration = Duration::from_secs(60);

/// One meter's way into the outbox.
pub struct Intake {
	/// The meter.
	pub meter: MeterId,
	/// Where its readings come from.
	pub source: Box<dyn Source>,
	/// Where they come from as soon as the chain has this key for the meter.
	pub next: Option<(DeviceKey, Box<dyn Source>)>,
	/// How often the source is asked, at full multiples of it since 1970.
	pub every: Duration,
	/// Where they go.
	pub outbox: Outbox,
	/// Rung when there are new ones.
	pub bell: Bell,
	/// Told how it goes.
	pub shared: Shared,
	/// How many sources are asked at the same time.
	pub turns: Arc<Semaphore>,
}

/// What is to be done after a source was asked.
enum Next {
	/// Ask at once: there is more.
	More,
	/// Ask when it is time.
	InTime,
	/// Ask soon: something was in the way.
	Soon,
}

impl Intake {
	/// Works until asked to stop. Fails only if the outbox does.
	pub async fn run(mut self, stop: Stop) -> Result<(), OutboxError> {
		while !stop.is_requested() {
			let Some(book) = self.outbox.book(self.meter)? else {
				self.wait_bound(&stop).await?;
				continue;
			};
			let turns = self.turns.clone();
			let turn = tokio::select! {
				turn = turns.acquire() => turn,
				() = stop.requested() => break,
			};
			let next = self.ask(&book, &stop).await?;
			drop(turn);
			let wait = match next {
				Next::More => continue,
				Next::InTime => self.until_next(),
				Next::Soon => self.until_next().min(AGAIN),
			};
			tokio::select! {
				() = tokio::time::sleep(wait) => (),
				() = stop.requested() => (),
			}
		}
		Ok(())
	}

	/// Waits until the chain was asked about the meter.
	async fn wait_bound(&mut self, stop: &Stop) -> Result<(), OutboxError> {
		let bound = self.bell.binding(self.meter);
		if self.outbox.book(self.meter)?.is_none() {
			tokio::select! {
				() = bound.notified() => (),
				() = tokio::time::sleep(BINDING) => (),
				() = stop.requested() => (),
			}
		}
		Ok(())
	}

	/// Asks the source once, and stores what it says.
	async fn ask(&mut self, book: &Book, stop: &Stop) -> Result<Next, OutboxError> {
		let cursor = Cursor(book.cursor.clone());
		let source = match &mut self.next {
			Some((key, source)) if *key == book.card.key => source,
			_ => &mut self.source,
		};
		let polled = tokio::select! {
			polled = source.poll(&cursor, AT_ONCE) => polled,
			// A device may keep silent for long; nothing was taken from it yet
			() = stop.requested() => return Ok(Next::InTime),
		};
		let polled = match polled {
			Ok(polled) => polled,
			Err(error) => {
				self.shared.source_error(self.meter, Some(error.to_string()));
				return Ok(match error {
					SourceError::Temporary(_) => Next::Soon,
					SourceError::Malformed(_) => Next::InTime,
				});
			}
		};
		let numbered = number(book, polled.observations, now());
		let refused = polled.refused.iter().map(ToString::to_string).chain(numbered.refused);
		let refused: Vec<String> = refused.collect();
		let readings = numbered.readings.len() as u64;
		if readings > 0 || polled.cursor.0 != book.cursor {
			let change = Change::Append {
				key: book.card.key,
				readings: numbered.readings,
				cursor: polled.cursor.0,
			};
			let stored = match self.outbox.change(self.meter, change).await {
				Ok(stored) => stored,
				Err(error) if error.is_fatal() => return Err(error),
				// Whose readings they are must be decided anew
				Err(OutboxError::KeyChanged) => return Ok(Next::More),
				// A full outbox: the source still has it all
				Err(error) => {
					self.shared.source_error(self.meter, Some(error.to_string()));
					return Ok(Next::Soon);
				}
			};
			if let (Some(sequence), Some(last)) = (stored.given, stored.last.as_ref().filter(|_| readings > 0)) {
				let stamp = Stamp {
					sequence,
					measured_at: last.measured_at,
				};
				debug!(meter = self.meter.0, sequence, readings, "taken");
				self.shared.took(self.meter, readings, stamp, stored.queued);
				self.bell.ring(self.meter);
			}
		}
		for what in refused {
			warn!(meter = self.meter.0, "passed over: {what}");
			self.shared.set_aside(self.meter, what);
		}
		self.shared.source_error(self.meter, None);
		Ok(if polled.more { Next::More } else { Next::InTime })
	}

	/// Time until the next full multiple of the interval.
	fn until_next(&self) -> Duration {
		let every = (self.every.as_millis() as u64).max(1);
		Duration::from_millis(every - now() % every)
	}
}

/// This machine's time, Unix milliseconds.
fn now() -> Moment {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	since.as_millis() as u64
}

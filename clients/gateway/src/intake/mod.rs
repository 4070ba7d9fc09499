//! From a source's observations to numbered readings in the outbox.

mod number;

use std::{
	mem,
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use baseload_client::units::format_time;
use baseload_primitives::{DeviceKey, MeterId, Moment};
use tokio::sync::Semaphore;
use tracing::{debug, warn};

pub(crate) use number::SKEW;
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
		let judged = self.judged(book)?;
		let source = match &mut self.next {
			Some((key, source)) if *key == book.card.key => source,
			_ => &mut self.source,
		};
		let mut limit = AT_ONCE;
		let (polled, numbered) = loop {
			let polled = tokio::select! {
				polled = source.poll(&cursor, limit) => polled,
				// A device may keep silent for long; nothing was taken from it yet
				() = stop.requested() => return Ok(Next::InTime),
			};
			let mut polled = match polled {
				Ok(polled) => polled,
				Err(error) => {
					self.shared.source_error(self.meter, Some(error.to_string()));
					return Ok(match error {
						SourceError::Temporary(_) => Next::Soon,
						SourceError::Malformed(_) => Next::InTime,
					});
				}
			};
			let numbered = number(book, mem::take(&mut polled.observations), judged, now());
			match numbered.held {
				None => break (polled, numbered),
				// What comes before it need not wait
				Some((place, _)) if 0 < place && place < limit => limit = place,
				Some((_, why)) => {
					self.shared.source_error(self.meter, Some(why));
					return Ok(Next::Soon);
				}
			}
		};
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
			self.shared.set_aside(self.meter, 1, what);
		}
		let behind = numbered.behind.filter(|_| readings == 0 && !polled.more);
		let set_back = behind.zip(book.last.as_ref()).map(|(behind, last)| {
			let (behind, last) = (format_time(behind), format_time(last.measured_at));
			format!("the newest is of {behind}, before the last reading of {last}: was a clock set back?")
		});
		self.shared.source_error(self.meter, set_back);
		Ok(if polled.more { Next::More } else { Next::InTime })
	}

	/// Whether the chain has judged all readings that wait: none of them can still be refused.
	fn judged(&self, book: &Book) -> Result<bool, OutboxError> {
		if book.queued == 0 {
			return Ok(true);
		}
		let accepted = self.bell.accepted(self.meter);
		Ok(self.outbox.queued(self.meter, accepted, 1)?.is_empty())
	}

	/// Time until the next full multiple of the interval.
	fn until_next(&self) -> Duration {
		let every = (self.every.as_millis() as u64).max(1);
		Duration::from_millis(every - now() % every)
	}
}

/// This machine's time, Unix milliseconds.
pub(crate) fn now() -> Moment {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	since.as_millis() as u64
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		outbox::{Card, Config, Format, Parcel},
		source,
	};
	use baseload_client::H256;
	use baseload_primitives::{Register, MINUTE};
	use std::path::Path;

	const METER: MeterId = MeterId(7);
	const KEY: DeviceKey = DeviceKey::Ed25519([1; 32]);

	/// A meter that is bound, and whose logger wrote these counts a minute apart until now.
	async fn intake(folder: &Path, counts: &[u64]) -> Intake {
		let now = now();
		let line = |(place, count): (usize, &u64)| {
			let at = now - (counts.len() - place) as u64 * MINUTE;
			format!("{},{count}\n", format_time(at - at % 1_000))
		};
		let lines: String = counts.iter().enumerate().map(line).collect();
		let log = folder.join("log.csv");
		std::fs::write(&log, format!("time_utc,export_wh\n{lines}")).unwrap();
		let source = toml::from_str(&format!("[csv]\npath = {:?}", log.display().to_string())).unwrap();
		let config: Config = toml::from_str(&format!("path = \"{}/outbox\"", folder.display())).unwrap();
		let outbox = Outbox::open(&config, H256::zero()).unwrap();
		let card = Card {
			registers: vec![Register::Export],
			key: KEY,
			format: Format::Baseload,
			device: 0,
			offset: 0,
			min_interval: MINUTE,
		};
		let bind = Change::Bind {
			card,
			given: None,
			last: None,
			rewind: false,
		};
		outbox.change(METER, bind).await.unwrap();
		Intake {
			meter: METER,
			source: source::open(&source),
			next: None,
			every: Duration::from_secs(1),
			outbox,
			bell: Bell::default(),
			shared: Shared::new(),
			turns: Arc::new(Semaphore::new(1)),
		}
	}

	/// Takes all that can be taken now. Returns whether something is in the way.
	async fn take(intake: &mut Intake) -> bool {
		loop {
			let book = intake.outbox.book(METER).unwrap().unwrap();
			match intake.ask(&book, &Stop::default()).await.unwrap() {
				Next::More => (),
				Next::InTime => return false,
				Next::Soon => return true,
			}
		}
	}

	/// Sequence and count of what waits.
	fn queued(intake: &Intake) -> Vec<(u64, u64)> {
		let queued = intake.outbox.queued(METER, None, 99).unwrap();
		let of = |queued: &crate::outbox::Queued| match &queued.parcel {
			Parcel::Reading(reading) => (reading.sequence, reading.registers[0]),
			Parcel::Ocmf(_) => panic!("no record"),
		};
		queued.iter().map(of).collect()
	}

	fn fault(intake: &Intake) -> Option<String> {
		let status = intake.shared.status();
		status
			.meters
			.first()?
			.source_error
			.as_ref()
			.map(|fault| fault.text.clone())
	}

	#[tokio::test]
	async fn nothing_should_be_lost_when_a_count_is_far_too_high() {
		let folder = tempfile::tempdir().unwrap();
		let mut intake = intake(folder.path(), &[10, 11, 4_294_967_295, 12, 13]).await;
		assert!(take(&mut intake).await && take(&mut intake).await);
		let first = [(1, 10), (2, 11), (3, 4_294_967_295)];
		assert_eq!(queued(&intake), first);
		let why = fault(&intake).unwrap();
		assert!(
			why.contains("fell from 4294967295 to 12; waiting until the chain"),
			"{why}"
		);

		// The chain takes the first two and refuses the third for good
		intake.bell.accept(METER, 2);
		let refused = Change::SetAside {
			sequence: 3,
			why: "it rose by too much".into(),
		};
		intake.outbox.change(METER, refused).await.unwrap();
		assert!(!take(&mut intake).await);
		assert_eq!(queued(&intake), [(1, 10), (2, 11), (4, 12), (5, 13)]);
		assert_eq!(fault(&intake), None);
	}

	#[tokio::test]
	async fn lower_count_should_be_passed_over_when_the_chain_has_the_higher_one() {
		let folder = tempfile::tempdir().unwrap();
		let mut intake = intake(folder.path(), &[10, 11, 0, 12]).await;
		assert!(take(&mut intake).await);
		intake.bell.accept(METER, 1);
		assert!(take(&mut intake).await, "the chain was not asked about 11 yet");
		intake.bell.accept(METER, 2);
		assert!(!take(&mut intake).await);
		assert_eq!(queued(&intake), [(1, 10), (2, 11), (3, 12)]);
		let status = intake.shared.status();
		let last = status.meters[0].set_aside_last.as_ref().unwrap();
		assert!(
			last.text.contains("fell from 11 to 0; was the device replaced?"),
			"{last:?}"
		);
		assert_eq!(status.totals.set_aside, 1);
	}
}

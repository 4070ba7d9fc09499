//! Which observations become readings, and under which sequence. Pure.

use baseload_client::units::{format_register, format_time};
use baseload_ocmf::{Context, Record};
use baseload_primitives::{ClockStatus, Moment, Pages, Quality, Reading, Register, Registers, MINUTE};

use crate::{
	outbox::{Book, Format, Last, Parcel, Queued},
	source::Observation,
};

/// How far ahead of this machine's clock a reading may be measured, in milliseconds: as far as the chain lets it.
const SKEW: Moment = MINUTE;

/// What became of observations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbered {
	/// Readings, in order.
	pub readings: Vec<Queued>,
	/// Observations that contradict the ones before, or that no reading can be made of, each with the reason.
	pub refused: Vec<String>,
	/// Observations closer to the one before than the chain accepts, or that are known already. Registers are cumulative, so
	/// the next reading says what they would have said.
	pub passed: usize,
}

/// Numbers observations, which came after what the book knows, at the time `now`.
pub fn number(book: &Book, observations: Vec<Observation>, now: Moment) -> Numbered {
	let mut numbering = Numbering {
		book,
		given: book.given,
		last: book.last.clone(),
		now,
		done: Numbered::default(),
	};
	for observation in observations {
		let taken = match (book.card.format, observation) {
			(
				Format::Baseload,
				Observation::Counts {
					measured_at,
					clock,
					quality,
					counts,
				},
			) => numbering.counts(measured_at, clock, quality, &counts),
			(Format::Ocmf(pages), Observation::Ocmf(record)) => numbering.record(pages, record),
			(Format::Baseload, Observation::Ocmf(_)) => {
				Err("an OCMF record, but the chain expects readings that the gateway signs for this meter".into())
			}
			(Format::Ocmf(_), Observation::Counts { .. }) => {
				Err("counts, but the chain expects OCMF records of this meter".into())
			}
		};
		if let Err(why) = taken {
			numbering.done.refused.push(why);
		}
	}
	numbering.done
}

struct Numbering<'b> {
	book: &'b Book,
	given: Option<u64>,
	last: Option<Last>,
	now: Moment,
	done: Numbered,
}

impl Numbering<'_> {
	fn counts(
		&mut self,
		measured_at: Moment,
		clock: ClockStatus,
		quality: Quality,
		counts: &[(Register, u64)],
	) -> Result<(), String> {
		let at = || format_time(measured_at);
		if measured_at > self.now.saturating_add(SKEW) {
			return Err(format!("{}: measured later than it is now by this machine's clock", at()));
		}
		let card = &self.book.card;
		let registers = card
			.registers
			.iter()
			.map(|register| {
				let count = counts.iter().find(|(counted, _)| counted == register);
				count.map(|(_, count)| *count).ok_or_else(|| {
					format!(
						"{}: no count of register {}, which the meter declares",
						at(),
						format_register(*register)
					)
				})
			})
			.collect::<Result<Vec<u64>, String>>()?;
		let registers =
			Registers::try_from(registers).map_err(|_| format!("{}: more registers than a meter can have", at()))?;
		if let Some(last) = &self.last {
			if measured_at < last.measured_at.saturating_add(card.min_interval) {
				self.done.passed += 1;
				return Ok(());
			}
			let pairs = card.registers.iter().zip(last.registers.iter().zip(&registers));
			for (register, (before, now)) in pairs {
				// An estimate binds nothing, but what the chain would refuse need not be sent
				if now < before {
					return Err(format!(
						"{}: register {} fell from {before} to {now}; was the device replaced?",
						at(),
						format_register(*register)
					));
				}
			}
		}
		let sequence = match self.given {
			None => 1,
			Some(given) => given.checked_add(1).ok_or("the meter has used up its sequences")?,
		};
		let reading = Reading {
			sequence,
			measured_at,
			clock,
			quality,
			registers: registers.clone(),
		};
		self.take(sequence, measured_at, registers, Parcel::Reading(reading));
		Ok(())
	}

	fn record(&mut self, pages: Pages, bytes: Vec<u8>) -> Result<(), String> {
		let record = Record::parse(&bytes).map_err(|error| format!("an OCMF record: {error}"))?;
		let pagination = record.pagination();
		let counter = match pagination.context {
			Context::Transaction => Pages::Transaction,
			Context::Fiscal => Pages::Fiscal,
		};
		if counter != pages {
			self.done.passed += 1;
			return Ok(());
		}
		let page = pagination.number;
		if Some(page) == self.given {
			self.done.passed += 1;
			return Ok(());
		}
		if Some(page) < self.given {
			return Err(format!(
				"OCMF page {page} comes after page {}: the chain takes pages in order",
				self.given.unwrap_or_default()
			));
		}
		let measured_at = record.readings().iter().map(|entry| entry.time).max().unwrap_or_default();
		self.take(page, measured_at, Registers::new(), Parcel::Ocmf(bytes.clone()));
		Ok(())
	}

	fn take(&mut self, sequence: u64, measured_at: Moment, registers: Registers, parcel: Parcel) {
		self.given = Some(sequence);
		self.last = Some(Last { measured_at, registers });
		self.done.readings.push(Queued {
			sequence,
			measured_at,
			parcel,
		});
	}
}

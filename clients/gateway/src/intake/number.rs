//! Which observations become readings, and under which sequence. Pure.

use baseload_client::units::{format_register, format_time};
use baseload_ocmf::{Context, Record};
use baseload_primitives::{ClockStatus, Moment, Pages, Quality, Reading, Register, Registers, MINUTE};

use crate::{
	outbox::{Book, Format, Last, Parcel, Queued},
	source::Observation,
};

/// How far ahead of this machine's clock a reading may be measured, in milliseconds: as far as the chain lets it.
pub(crate) const SKEW: Moment = MINUTE;

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
	/// The newest time among those that lie well before the reading before them.
	pub behind: Option<Moment>,
	/// The first observation that cannot be judged yet, and why. Neither it nor what comes after it is among the others.
	pub held: Option<(usize, String)>,
}

/// Why no reading is made of an observation.
enum Not {
	/// None can be, whatever comes.
	Ever(String),
	/// It depends on what the chain says about the readings before.
	Yet(String),
}

impl From<String> for Not {
	fn from(why: String) -> Self {
		Self::Ever(why)
	}
}

impl From<&str> for Not {
	fn from(why: &str) -> Self {
		Self::Ever(why.into())
	}
}

/// Numbers observations, which came after what the book knows, at the time `now`. `judged`: none of the readings that wait can still
/// be refused by the chain.
///
/// A register that fell says that one of two counts is wrong, and only the chain knows which: so such an observation is held until
/// the chain has taken or refused the readings before it. Otherwise one wrong count would keep out all right ones after it.
pub fn number(book: &Book, observations: Vec<Observation>, judged: bool, now: Moment) -> Numbered {
	let mut numbering = Numbering {
		book,
		given: book.given,
		last: book.last.clone(),
		judged,
		now,
		done: Numbered::default(),
	};
	for (place, observation) in observations.into_iter().enumerate() {
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
		match taken {
			Ok(()) => (),
			Err(Not::Ever(why)) => numbering.done.refused.push(why),
			Err(Not::Yet(why)) => {
				numbering.done.held = Some((place, why));
				break;
			}
		}
	}
	numbering.done
}

struct Numbering<'b> {
	book: &'b Book,
	given: Option<u64>,
	last: Option<Last>,
	judged: bool,
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
	) -> Result<(), Not> {
		let at = || format_time(measured_at);
		if measured_at > self.now.saturating_add(SKEW) {
			return Err(Not::Ever(format!(
				"{}: measured later than it is now by this machine's clock",
				at()
			)));
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
				if measured_at.saturating_add(SKEW) < last.measured_at {
					self.done.behind = self.done.behind.max(Some(measured_at));
				}
				return Ok(());
			}
			let pairs = card.registers.iter().zip(last.registers.iter().zip(&registers));
			for (register, (before, now)) in pairs {
				// An estimate binds nothing, but what the chain would refuse need not be sent
				if now < before {
					let fell = format!(
						"{}: register {} fell from {before} to {now}",
						at(),
						format_register(*register)
					);
					return Err(match self.judged && self.done.readings.is_empty() {
						true => Not::Ever(format!("{fell}; was the device replaced?")),
						false => Not::Yet(format!("{fell}; waiting until the chain has judged {before}")),
					});
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

	fn record(&mut self, pages: Pages, bytes: Vec<u8>) -> Result<(), Not> {
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
			return Err(Not::Ever(format!(
				"OCMF page {page} comes after page {}: the chain takes pages in order",
				self.given.unwrap_or_default()
			)));
		}
		let measured_at = record
			.readings()
			.iter()
			.map(|entry| entry.time)
			.max()
			.unwrap_or_default();
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::outbox::Card;
	use baseload_primitives::DeviceKey;
	use proptest::prelude::*;

	const NOW: Moment = 1_769_860_800_000;

	fn book(given: Option<u64>, last: Option<Last>, format: Format) -> Book {
		Book {
			card: Card {
				registers: vec![Register::Import, Register::Export],
				key: DeviceKey::Ed25519([1; 32]),
				format,
				device: 0,
				offset: 0,
				min_interval: MINUTE,
			},
			cursor: Vec::new(),
			given,
			last,
			done: None,
			queued: 0,
			aside: 0,
		}
	}

	fn fresh() -> Book {
		book(None, None, Format::Baseload)
	}

	fn counts(measured_at: Moment, export: u64, import: u64) -> Observation {
		Observation::Counts {
			measured_at,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			counts: vec![
				(Register::Export, export),
				(Register::ExportBand(1), 5),
				(Register::Import, import),
			],
		}
	}

	fn taken(numbered: &Numbered) -> Vec<(u64, Moment, Vec<u64>)> {
		numbered
			.readings
			.iter()
			.map(|queued| match &queued.parcel {
				Parcel::Reading(reading) => {
					assert_eq!(
						(reading.sequence, reading.measured_at),
						(queued.sequence, queued.measured_at)
					);
					(queued.sequence, queued.measured_at, reading.registers.to_vec())
				}
				Parcel::Ocmf(_) => (queued.sequence, queued.measured_at, vec![]),
			})
			.collect()
	}

	#[test]
	fn counts_should_be_numbered_on_and_in_the_order_that_the_meter_declares() {
		let observations = vec![counts(NOW - 2 * MINUTE, 10, 1), counts(NOW - MINUTE, 20, 1)];
		let numbered = number(&fresh(), observations.clone(), true, NOW);
		assert_eq!(
			taken(&numbered),
			[(1, NOW - 2 * MINUTE, vec![1, 10]), (2, NOW - MINUTE, vec![1, 20])]
		);
		let later = number(&book(Some(41), None, Format::Baseload), observations, true, NOW);
		assert_eq!(taken(&later)[0].0, 42);
	}

	#[test]
	fn counts_should_be_passed_over_when_closer_than_the_chain_takes_them() {
		let last = Last {
			measured_at: NOW - 10 * MINUTE,
			registers: Registers::truncate_from(vec![1, 10]),
		};
		let known = book(Some(5), Some(last), Format::Baseload);
		let observations = vec![
			counts(NOW - 11 * MINUTE, 9, 1),
			counts(NOW - 10 * MINUTE, 10, 1),
			counts(NOW - 9 * MINUTE - 1, 11, 1),
			counts(NOW - 9 * MINUTE, 12, 1),
			counts(NOW - 9 * MINUTE + 1, 13, 1),
		];
		let numbered = number(&known, observations, true, NOW);
		assert_eq!(taken(&numbered), [(6, NOW - 9 * MINUTE, vec![1, 12])]);
		assert_eq!((numbered.passed, numbered.refused.len()), (4, 0));
	}

	#[test]
	fn counts_should_be_refused_by_name_when_no_reading_can_be_made() {
		let missing = Observation::Counts {
			measured_at: NOW,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			counts: vec![(Register::Export, 1)],
		};
		let observations = vec![
			missing,
			counts(NOW + 2 * MINUTE, 11, 1),
			counts(NOW - MINUTE, 9, 1),
			Observation::Ocmf(b"OCMF|{}|{}".to_vec()),
			counts(NOW, 12, 1),
		];
		let numbered = number(&knows(NOW - 5 * MINUTE, 10), observations, true, NOW);
		assert_eq!(taken(&numbered), [(6, NOW, vec![1, 12])]);
		let said = numbered.refused.join("\n");
		for expected in [
			"no count of register 1.8.0",
			"later than it is now",
			"register 2.8.0 fell from 10 to 9",
			"an OCMF record, but",
		] {
			assert!(said.contains(expected), "{said}");
		}
	}

	/// A book whose fifth reading was taken at this time and counted so much export.
	fn knows(measured_at: Moment, export: u64) -> Book {
		let registers = Registers::truncate_from(vec![1, export]);
		book(Some(5), Some(Last { measured_at, registers }), Format::Baseload)
	}

	#[test]
	fn count_should_be_held_when_the_one_that_it_contradicts_is_not_judged_yet() {
		let known = knows(NOW - 9 * MINUTE, 10);
		let fell = counts(NOW - 8 * MINUTE, 9, 1);
		let numbered = number(&known, vec![fell.clone()], false, NOW);
		assert_eq!((taken(&numbered).len(), numbered.refused.len()), (0, 0));
		let (place, why) = numbered.held.unwrap();
		assert!(place == 0 && why.contains("fell from 10 to 9; waiting"), "{why}");
		assert_eq!(number(&known, vec![fell], true, NOW).held, None);

		// A count far too high, which the chain will refuse: what comes after it must not be lost for it
		let spike = [(8, 11), (7, 4_294_967_295), (6, 12), (5, 13)];
		let observations = spike.map(|(minutes, export)| counts(NOW - minutes * MINUTE, export, 1));
		let numbered = number(&known, observations.to_vec(), true, NOW);
		assert_eq!(taken(&numbered).len(), 2);
		assert_eq!(
			(numbered.held.map(|(place, _)| place), numbered.refused.len()),
			(Some(2), 0)
		);
	}

	#[test]
	fn time_should_be_told_when_it_lies_well_before_what_is_known() {
		let known = knows(NOW, 10);
		let seen = |minutes| number(&known, vec![counts(NOW - minutes * MINUTE, 11, 1)], true, NOW);
		assert_eq!((seen(1).passed, seen(1).behind), (1, None));
		assert_eq!((seen(9).passed, seen(9).behind), (1, Some(NOW - 9 * MINUTE)));
	}

	/// A record as a meter writes it; its signature is of no concern here.
	fn record(page: &str) -> Observation {
		let payload = format!(
			"{{\"FV\":\"1.0\",\"GI\":\"g\",\"GS\":\"1\",\"PG\":\"{page}\",\"MV\":\"m\",\"MM\":\"m\",\"MS\":\"1\",\"MF\":\"1\",\"IS\":false,\
			 \"RD\":[{{\"TM\":\"2026-01-31T10:00:00,000+0000 S\",\"RV\":1.5,\"RI\":\"1-b:1.8.0\",\"RU\":\"kWh\",\"EF\":\"\",\"ST\":\"G\"}}]}}"
		);
		let signature = "3006020101020101";
		Observation::Ocmf(
			format!("OCMF|{payload}|{{\"SA\":\"ECDSA-secp256r1-SHA256\",\"SD\":\"{signature}\"}}").into_bytes(),
		)
	}

	#[test]
	fn records_should_keep_their_own_pages_and_bytes() {
		let format = Format::Ocmf(Pages::Fiscal);
		let observations = vec![record("F3"), record("T9"), record("F3"), record("F5"), record("F4")];
		let numbered = number(&book(Some(2), None, format), observations.clone(), true, NOW);
		assert_eq!(
			numbered
				.readings
				.iter()
				.map(|queued| queued.sequence)
				.collect::<Vec<_>>(),
			[3, 5],
			"{:?}",
			numbered.refused
		);
		let Observation::Ocmf(bytes) = &observations[0] else {
			panic!("a record");
		};
		assert_eq!(numbered.readings[0].parcel, Parcel::Ocmf(bytes.clone()));
		assert_eq!(numbered.passed, 2);
		assert!(numbered.refused[0].contains("page 4 comes after page 5"));
		let none = number(&book(None, None, format), vec![record("F0")], true, NOW);
		assert_eq!(none.readings[0].sequence, 0);
	}

	proptest! {
		#[test]
		fn what_is_taken_should_be_what_the_chain_takes(
			steps in prop::collection::vec((0u64..3 * MINUTE, 0u64..10, prop::bool::weighted(0.1)), 0..60),
		) {
			let (mut at, mut export) = (NOW - 400 * MINUTE, 100);
			let mut observations = Vec::new();
			for (pause, rise, falls) in steps {
				at += pause;
				export += rise;
				observations.push(counts(at, if falls { export - 50 } else { export }, 1));
			}
			// Whatever is held comes again, when the chain has taken what came before
			let (mut known, mut rest) = (fresh(), observations.clone());
			let (mut readings, mut passed, mut refused) = (Vec::new(), 0, 0);
			loop {
				let numbered = number(&known, rest.clone(), true, NOW);
				readings.extend(taken(&numbered));
				(passed, refused) = (passed + numbered.passed, refused + numbered.refused.len());
				if let Some(newest) = numbered.readings.last() {
					(known.given, known.last) = (Some(newest.sequence), Some(newest.as_last()));
				}
				match numbered.held {
					Some((place, _)) => rest = rest.split_off(place),
					None => break,
				}
			}
			for (place, pair) in readings.windows(2).enumerate() {
				prop_assert_eq!(pair[0].0, place as u64 + 1);
				prop_assert_eq!(pair[1].0, pair[0].0 + 1);
				prop_assert!(pair[1].1 >= pair[0].1 + MINUTE);
				prop_assert!(pair[1].2.iter().zip(&pair[0].2).all(|(now, before)| now >= before));
			}
			prop_assert_eq!(readings.len() + passed + refused, observations.len());
		}
	}
}

//! A meter of the naive model: every accepted reading for ever, and registers, month starts and energy straight from the
//! definition.

use baseload_math::calendar::{month_of, month_start, Month};
use baseload_primitives::{ClockStatus, Flags, Moment, Quality, Reading, Refusal, Registers, Severity, DAY, SECOND};

use crate::{mock::*, Hold, Policy, MAX_AGE};

/// An accepted reading.
#[derive(Clone, Debug)]
pub struct Entry {
	pub reading: Reading,
	pub flags: Flags,
	pub moved_at: Moment,
	pub final_at: Moment,
	pub vote_period: Moment,
	pub committee: usize,
	pub hold: Option<Hold>,
	/// Open time at which it became final.
	pub known_at: Moment,
}

/// Energy of an interval, booked under a certificate from `since` on.
struct Booking {
	from: Moment,
	to: Moment,
	export: u64,
	import: u64,
	since: Moment,
}

/// Where the meter stood when its device was replaced, and what the new one showed.
struct Carried {
	closing: Vec<u64>,
	opening: Vec<u64>,
	sequence: u64,
}

pub struct MeterModel {
	/// All accepted readings that were not dropped. The first `finals` of them are final.
	pub log: Vec<Entry>,
	pub finals: usize,
	/// Open time at which it was suspended, if it is.
	pub suspended_at: Option<Moment>,
	/// True once it was removed. What it counted stays known.
	pub removed: bool,
	/// KWH on hold for it.
	pub deposit: u128,
	pub policy: Policy,
	pub punished: Option<u64>,
	pub dropped: Option<u64>,
	/// Time and registers of this and its check meter, when they last agreed.
	pub base: Option<(Moment, Vec<u64>, Vec<u64>)>,
	/// All committees that it ever had: number n is at n - 1.
	pub committees: Vec<(Vec<u64>, usize)>,
	/// Number of the committee of new readings; 0: none.
	pub committee: usize,
	/// Who said what, and the sequence that the meter gives it.
	pub reports: Vec<(u64, (u64, Reading))>,
	pub since: Option<Moment>,
	/// How often its device was replaced.
	pub device: u32,
	/// Thresholds: the register's place, the count, and the place in the log from which on a final reading proves it.
	pub thresholds: Vec<(usize, u64, usize)>,
	carried: Option<Carried>,
	booked: Vec<Booking>,
}

impl Entry {
	pub fn due(&self) -> Moment {
		self.hold.map_or(self.final_at, |hold| hold.until)
	}
}

impl MeterModel {
	pub fn new() -> Self {
		Self {
			log: Vec::new(),
			finals: 0,
			suspended_at: None,
			removed: false,
			deposit: METER_DEPOSIT,
			policy: Policy::of_new(WINDOW, NAMEPLATE_W),
			punished: None,
			dropped: None,
			base: None,
			committees: Vec::new(),
			committee: 0,
			reports: Vec::new(),
			since: None,
			device: 0,
			thresholds: Vec::new(),
			carried: None,
			booked: Vec::new(),
		}
	}

	pub fn pending(&self) -> &[Entry] {
		&self.log[self.finals..]
	}

	/// The final readings that were measured.
	pub fn measured(&self) -> impl DoubleEndedIterator<Item = &Entry> + Clone {
		self.log[..self.finals]
			.iter()
			.filter(|entry| !entry.flags.is_estimate())
	}

	/// The last sequence that is used up.
	pub fn last_sequence(&self) -> Option<u64> {
		self.dropped.max(self.log.last().map(|entry| entry.reading.sequence))
	}

	/// Place in the log of a reading that waits.
	pub fn waiting(&self, sequence: u64) -> Option<usize> {
		(self.finals..self.log.len()).find(|place| self.log[*place].reading.sequence == sequence)
	}

	pub fn drop_from(&mut self, place: usize) {
		if place < self.log.len() {
			self.dropped = self.last_sequence();
			self.log.truncate(place);
			self.base = None;
		}
	}

	/// The meter's sequence when its device says `sequence`.
	pub fn sequence(&self, sequence: u64) -> u64 {
		self.carried.as_ref().map_or(0, |carried| carried.sequence) + sequence
	}

	/// What the meter counts when its device shows these; `None` below what it began with.
	fn registers(&self, shown: &[u64]) -> Option<Vec<u64>> {
		let Some(Carried { closing, opening, .. }) = &self.carried else {
			return Some(shown.to_vec());
		};
		let began = closing.iter().zip(opening);
		let counts = shown.iter().zip(began);
		counts
			.map(|(shown, (closing, opening))| Some(closing + shown.checked_sub(*opening)?))
			.collect()
	}

	/// What the device shows for the meter to count this, or as near to it as it can.
	pub fn shown(&self, reading: &Reading) -> Reading {
		let mut shown = reading.clone();
		if let Some(carried) = &self.carried {
			shown.sequence = reading.sequence.saturating_sub(carried.sequence);
			let began = carried.closing.iter().zip(&carried.opening);
			for (count, (closing, opening)) in shown.registers.iter_mut().zip(began) {
				*count = (*count + opening).saturating_sub(*closing);
			}
		}
		shown
	}

	/// Goes on with another device.
	pub fn replace(&mut self, opening: &[u64]) -> bool {
		let closing = self
			.measured()
			.next_back()
			.map(|entry| entry.reading.registers.to_vec());
		let Some(closing) = closing.filter(|_| self.suspended_at.is_some() && !self.removed) else {
			return false;
		};
		self.drop_from(self.finals);
		(self.base, self.reports) = (None, Vec::new());
		self.device += 1;
		self.carried = Some(Carried {
			closing,
			opening: opening.to_vec(),
			sequence: self.last_sequence().map_or(0, |last| last + 1),
		});
		true
	}

	/// Makes the oldest reading that waits final.
	pub fn finalise(&mut self, known_at: Moment) {
		let before = self.finals.checked_sub(1).map_or(0, |last| self.log[last].known_at);
		let opening = self.measured().last().map(|entry| entry.reading.clone());
		let closing = &mut self.log[self.finals];
		closing.known_at = known_at.max(before);
		closing.flags = closing.flags.and(Flags::UNCONFIRMED.when(closing.hold.is_some()));
		self.finals += 1;
		if let (Some(opening), Some(since), false) = (opening, self.since, closing.flags.is_estimate()) {
			let rise = |place: usize| closing.reading.registers[place] - opening.registers[place];
			self.booked.push(Booking {
				from: opening.measured_at,
				to: closing.reading.measured_at,
				export: rise(0),
				import: rise(1),
				since,
			});
		}
	}

	/// What the device's `reading` is accepted as after all that the meter said before.
	fn judge(&self, before: &[&Entry], reading: &Reading) -> Result<(Reading, Flags, Moment), Refusal> {
		let mut reading = reading.clone();
		reading.sequence = self.sequence(reading.sequence);
		let previous = before.last();
		let measured = before.iter().rfind(|entry| !entry.flags.is_estimate()).copied();
		if let Some(last) = self.dropped.max(previous.map(|entry| entry.reading.sequence)) {
			match reading.sequence.checked_sub(last) {
				None | Some(0) => return Err(Refusal::StaleSequence),
				// A new device counts from where it likes.
				Some(101..) if self.carried.as_ref().is_none_or(|carried| last >= carried.sequence) => {
					return Err(Refusal::SequenceTooFarAhead)
				}
				_ => (),
			}
		}
		let at = reading.measured_at;
		if at > now() + SKEW {
			return Err(Refusal::FutureTime);
		}
		if at + MAX_AGE < now() {
			return Err(Refusal::TooOld);
		}
		let counted = self.registers(&reading.registers).ok_or(Refusal::FallingRegister)?;
		reading.registers = Registers::truncate_from(counted);
		let mut flags = Flags::CLOCK
			.when(reading.clock == ClockStatus::Unsynchronised)
			.and(Flags::ESTIMATED.when(reading.quality == Quality::Estimated));
		let mut moved_at = at;
		if let Some(previous) = previous {
			let last = previous.reading.measured_at;
			if at < last + SECOND {
				return Err(Refusal::TooSoon);
			}
			let measured = measured.filter(|_| !flags.is_estimate());
			let since = measured.map_or(last, |measured| measured.reading.measured_at);
			flags = flags.and(Flags::GAP.when(at - since > self.policy.gap_after));
		}
		if let Some(measured) = measured {
			let before = &measured.reading;
			for (before_wh, after) in before.registers.iter().zip(&reading.registers) {
				if after < before_wh {
					return Err(Refusal::FallingRegister);
				}
				if after - before_wh > most(self.policy.max_w, at - before.measured_at) {
					return Err(Refusal::ImpossibleIncrease);
				}
			}
			if before.registers == reading.registers {
				moved_at = measured.moved_at;
			}
		}
		flags = flags.and(Flags::FROZEN.when(at - moved_at > self.policy.frozen_after));
		if self.policy.severities.any(flags, Severity::Reject) {
			return Err(Refusal::Implausible);
		}
		Ok((reading, flags, moved_at))
	}

	/// What these readings are accepted as, one after the other.
	pub fn judge_all(&self, readings: &[Reading], open: Moment) -> Result<Vec<Entry>, Refusal> {
		let final_at = self.pending().last().map_or(0, |last| last.final_at);
		let final_at = final_at.max(open + self.policy.window);
		let mut entries: Vec<Entry> = Vec::new();
		for reading in readings {
			let before: Vec<_> = self.log.iter().chain(&entries).collect();
			let (reading, flags, moved_at) = self.judge(&before, reading)?;
			let held = self.policy.severities.any(flags, Severity::Hold);
			entries.push(Entry {
				reading,
				flags,
				moved_at,
				final_at,
				vote_period: self.policy.vote_period,
				committee: self.committee,
				hold: held.then(|| Hold {
					until: final_at + self.policy.vote_period,
					disputed_at: None,
				}),
				known_at: 0,
			});
		}
		Ok(entries)
	}

	/// Net energy of the last `buckets` of `width` at `at`.
	fn energy(&self, at: Moment, width: Moment, buckets: u64) -> i128 {
		let counted = |booking: &&Booking| booking.from.max(booking.since) < booking.to;
		let booked = self.booked.iter().filter(counted);
		// A meter's clock may be ahead of the chain's.
		let newest = booked.clone().map(|booking| booking.to - 1).max().unwrap_or(0);
		let first = (newest.max(at) / width + 1).saturating_sub(buckets) * width;
		let part = |booking: &Booking| {
			let (from, to) = (i128::from(booking.from), i128::from(booking.to));
			let start = i128::from(booking.since.max(first)).max(from);
			let left = |total: u64| i128::from(total) - i128::from(total) * (start - from) / (to - from);
			if start >= to {
				0
			} else {
				left(booking.export) - left(booking.import)
			}
		};
		booked.map(part).sum()
	}

	/// Energy that counts of the last 30 days and of the last 365.
	pub fn attested(&self, at: Moment, open: Moment) -> (u64, u64) {
		let holds = self.pending().iter().filter_map(|entry| entry.hold);
		let disputed = holds
			.filter(|hold| open < hold.until)
			.filter_map(|hold| hold.disputed_at);
		let at = disputed.min().map_or(at, |disputed_at| disputed_at.min(at));
		let counted = |energy: i128, hours: i128| energy.clamp(0, i128::from(NAMEPLATE_W) * hours) as u64;
		(
			counted(self.energy(at, DAY, 30), 720),
			counted(self.energy(at, 5 * DAY, 73), 8_760),
		)
	}

	/// Watches for a count of a register.
	pub fn watch(&mut self, place: usize, count: u64) -> bool {
		let known = self
			.thresholds
			.iter()
			.any(|(other, at, _)| (*other, *at) == (place, count));
		if place > 1 || known || self.thresholds.len() == 8 || self.removed {
			return false;
		}
		let newest = (0..self.finals).rfind(|at| !self.log[*at].flags.is_estimate());
		self.thresholds.push((place, count, newest.unwrap_or(0)));
		true
	}

	/// The reading that proves a threshold: its sequence, when it was measured and when it became final.
	pub fn proof(&self, (place, count, from): (usize, u64, usize)) -> Option<(u64, Moment, Moment)> {
		let proves = |entry: &&Entry| !entry.flags.is_estimate() && entry.reading.registers[place] >= count;
		let entry = self.log[..self.finals].iter().skip(from).find(proves)?;
		Some((entry.reading.sequence, entry.reading.measured_at, entry.known_at))
	}

	/// Registers at the start of a month.
	pub fn month(&self, month: Month) -> Option<Vec<u64>> {
		let start = month_start(month);
		let mut measured = self.measured().map(|entry| &entry.reading);
		let mut opening = measured.next()?;
		if start <= opening.measured_at {
			return Some(opening.registers.to_vec());
		}
		for closing in measured {
			if start <= closing.measured_at {
				let total = u128::from(closing.measured_at - opening.measured_at);
				let passed = u128::from(start - opening.measured_at);
				let pairs = opening.registers.iter().zip(&closing.registers);
				let at_start = |(from, to): (&u64, &u64)| from + (u128::from(to - from) * passed / total) as u64;
				let known = month + 24 > month_of(closing.measured_at);
				return known.then(|| pairs.map(at_start).collect());
			}
			opening = closing;
		}
		None
	}
}

/// The most Wh that so many W move in this time, and five percent.
pub fn most(max_w: u64, elapsed: Moment) -> u64 {
	(u128::from(elapsed) * u128::from(max_w) * 105).div_ceil(360_000_000) as u64
}

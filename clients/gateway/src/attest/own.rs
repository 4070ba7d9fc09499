//! What the attestor's own source saw: counts at moments, and between them the bounds within which a cumulative register must
//! have stood.

use baseload_ocmf::{ClockStatus as RecordClock, Record, Register as Counted};
use baseload_primitives::{ClockStatus, Moment, Quality, Register};
use codec::{Decode, Encode};

use crate::source::Observation;

/// What the own source saw at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Point {
	/// When, Unix milliseconds.
	pub at: Moment,
	/// Whether the clock that said so was synchronised.
	pub synchronised: bool,
	/// Cumulative counts, each in the unit of its register.
	pub counts: Vec<(Register, u64)>,
}

impl Point {
	/// The measured counts of an observation; `None` if it is an estimate or holds none. The signature of a record is not
	/// verified: an attestor believes its own source.
	pub fn of(observation: &Observation) -> Option<Self> {
		match observation {
			Observation::Counts {
				measured_at,
				clock,
				quality,
				counts,
			} => (*quality == Quality::Measured).then(|| Self {
				at: *measured_at,
				synchronised: *clock == ClockStatus::Synchronised,
				counts: counts.clone(),
			}),
			Observation::Ocmf(bytes) => Self::of_record(&Record::parse(bytes).ok()?),
		}
	}

	/// The cumulative registers of a record at its last time.
	fn of_record(record: &Record<'_>) -> Option<Self> {
		let last = record.readings().last()?;
		let entries = record.readings().iter().filter(|entry| entry.time == last.time);
		let counts: Vec<_> = entries
			.filter_map(|entry| Some((register(entry.register())?, entry.wh().ok()?)))
			.collect();
		(!counts.is_empty()).then(|| Self {
			at: last.time,
			synchronised: last.clock == RecordClock::Synchronised,
			counts,
		})
	}

	/// The count of a register, if it was seen.
	pub fn count(&self, register: Register) -> Option<u64> {
		let known = self.counts.iter().find(|(known, _)| *known == register);
		known.map(|(_, count)| *count)
	}
}

/// The register that OCMF calls so; none for those of a session.
fn register(counted: Counted) -> Option<Register> {
	match counted {
		Counted::Export => Some(Register::Export),
		Counted::Import => Some(Register::Import),
		Counted::ExportBand(band) => Some(Register::ExportBand(band)),
		Counted::ImportBand(band) => Some(Register::ImportBand(band)),
		_ => None,
	}
}

/// Where a register stood at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
	/// Not less than this: what was seen before.
	pub least: u64,
	/// Interpolated between before and after, rounded down.
	pub likely: u64,
	/// Not more than this: what was seen after.
	pub most: u64,
}

/// Why the own source does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
	/// It has seen nothing so early.
	TooEarly,
	/// It has seen nothing so late, yet.
	NotYet,
	/// It was silent around that time for longer than the rule allows.
	Gap,
	/// Its register fell in between: another device, or a roll-over.
	Fell,
	/// It does not read this register.
	NoSuchRegister,
}

impl Blank {
	/// One sentence for people.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::TooEarly => "the own source has seen nothing so early",
			Self::NotYet => "the own source has not come so far yet",
			Self::Gap => "the own source was silent around that time for longer than max_gap",
			Self::Fell => "a register of the own source fell: was its device replaced?",
			Self::NoSuchRegister => "the own source does not read that register",
		}
	}
}

/// What the own source saw, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
	points: &'a [Point],
	max_gap: Moment,
}

impl<'a> Own<'a> {
	/// Points in order of time. Across more than `max_gap` milliseconds nothing is interpolated, unless a register stood still.
	pub fn new(points: &'a [Point], max_gap: Moment) -> Self {
		Self { points, max_gap }
	}

	/// Where `register` stood at a time.
	pub fn at(&self, register: Register, at: Moment) -> Result<Bounds, Blank> {
		let seen = |point: &Point| point.count(register).map(|count| (point.at, count));
		let place = self.points.partition_point(|point| point.at <= at);
		let before = self.points[..place].iter().rev().find_map(seen);
		let after = self.points[place..].iter().find_map(seen);
		match (before, after) {
			(None, None) if self.points.is_empty() => Err(Blank::NotYet),
			(None, None) => Err(Blank::NoSuchRegister),
			(Some((seen_at, count)), _) if seen_at == at => Ok(Bounds {
				least: count,
				likely: count,
				most: count,
			}),
			(None, Some(_)) => Err(Blank::TooEarly),
			(Some(_), None) => Err(Blank::NotYet),
			(Some(before), Some(after)) => self.between(before, after, at),
		}
	}

	/// Between two observations, the one before `at` and the other after.
	fn between(&self, before: (Moment, u64), after: (Moment, u64), at: Moment) -> Result<Bounds, Blank> {
		let (length, passed) = (after.0.saturating_sub(before.0), at.saturating_sub(before.0));
		let rise = after.1.checked_sub(before.1).ok_or(Blank::Fell)?;
		if length > self.max_gap && rise > 0 {
			return Err(Blank::Gap);
		}
		// `passed` is less than `length`, so the part is less than the rise.
		let part = u128::from(rise) * u128::from(passed) / u128::from(length.max(1));
		Ok(Bounds {
			least: before.1,
			likely: before.1 + part as u64,
			most: after.1,
		})
	}

	/// By how much `register` rose from one time to a later one.
	pub fn rise(&self, register: Register, from: Moment, to: Moment) -> Result<Bounds, Blank> {
		let (start, end) = (self.at(register, from)?, self.at(register, to)?);
		self.ensure_never_fell(register, from, to)?;
		let rise = |end: u64, start: u64| end.saturating_sub(start);
		Ok(Bounds {
			least: rise(end.least, start.most),
			likely: end.likely.checked_sub(start.likely).ok_or(Blank::Fell)?,
			most: end.most.checked_sub(start.least).ok_or(Blank::Fell)?,
		})
	}

	/// What was seen at a time, or else just before and just after it.
	pub fn around(&self, at: Moment) -> Option<Vec<Point>> {
		let after = self.points.partition_point(|point| point.at <= at);
		let before = self.points[..after].last()?;
		if before.at == at {
			return Some(vec![before.clone()]);
		}
		Some(vec![before.clone(), self.points.get(after)?.clone()])
	}

	fn ensure_never_fell(&self, register: Register, from: Moment, to: Moment) -> Result<(), Blank> {
		let first = self.points.partition_point(|point| point.at < from).saturating_sub(1);
		// Up to the one seen at `to`, or else the one after it.
		let last = self.points.partition_point(|point| point.at < to);
		let mut counts = self.points[first..(last + 1).min(self.points.len())]
			.iter()
			.filter_map(|point| point.count(register));
		let Some(mut highest) = counts.next() else {
			return Ok(());
		};
		for count in counts {
			if count < highest {
				return Err(Blank::Fell);
			}
			highest = count;
		}
		Ok(())
	}
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use baseload_primitives::MINUTE;
	use proptest::prelude::*;

	/// Points of an export register, (minute, Wh).
	pub fn points(seen: &[(u64, u64)]) -> Vec<Point> {
		let point = |&(minute, count): &(u64, u64)| Point {
			at: minute * MINUTE,
			synchronised: true,
			counts: vec![(Register::Export, count)],
		};
		seen.iter().map(point).collect()
	}

	fn bounds(least: u64, likely: u64, most: u64) -> Result<Bounds, Blank> {
		Ok(Bounds { least, likely, most })
	}

	#[test]
	fn register_should_stand_within_bounds_when_between_two_points() {
		let points = points(&[(0, 100), (15, 400), (30, 400)]);
		let own = Own::new(&points, 15 * MINUTE);
		let at = |minute| own.at(Register::Export, minute * MINUTE);
		assert_eq!(at(0), bounds(100, 100, 100));
		assert_eq!(at(5), bounds(100, 200, 400));
		assert_eq!(at(15), bounds(400, 400, 400));
		assert_eq!(at(20), bounds(400, 400, 400));
		assert_eq!(at(31), Err(Blank::NotYet));
		assert_eq!(own.at(Register::Import, 5 * MINUTE), Err(Blank::NoSuchRegister));
		let later = Own::new(&points[1..], 15 * MINUTE);
		assert_eq!(later.at(Register::Export, 0), Err(Blank::TooEarly));
		assert_eq!(Own::new(&[], MINUTE).at(Register::Export, 0), Err(Blank::NotYet));
	}

	#[test]
	fn points_around_a_time_should_be_that_one_or_two() {
		let seen = points(&[(0, 100), (15, 400)]);
		let own = Own::new(&seen, MINUTE);
		assert_eq!(own.around(0).as_deref(), Some(&seen[..1]));
		assert_eq!(own.around(MINUTE).as_deref(), Some(&seen[..]));
		assert_eq!(own.around(16 * MINUTE), None);
		assert_eq!(Own::new(&seen[1..], MINUTE).around(0), None);
	}

	#[test]
	fn nothing_should_be_said_across_a_gap_unless_the_register_stood_still() {
		let moving = points(&[(0, 100), (90, 400)]);
		assert_eq!(
			Own::new(&moving, 60 * MINUTE).at(Register::Export, MINUTE),
			Err(Blank::Gap)
		);
		let still = points(&[(0, 100), (90, 100)]);
		assert_eq!(
			Own::new(&still, 60 * MINUTE).at(Register::Export, MINUTE),
			bounds(100, 100, 100)
		);
	}

	#[test]
	fn rise_should_be_bounded_by_what_was_seen_around_both_ends() {
		let points = points(&[(0, 100), (10, 200), (20, 300), (30, 400)]);
		let own = Own::new(&points, 15 * MINUTE);
		let rise = |from, to| own.rise(Register::Export, from * MINUTE, to * MINUTE);
		assert_eq!(rise(0, 30), bounds(300, 300, 300));
		assert_eq!(rise(5, 25), bounds(100, 200, 300));
		assert_eq!(rise(2, 8), bounds(0, 60, 100));
	}

	#[test]
	fn nothing_should_be_said_when_the_own_register_fell_in_between() {
		let points = points(&[(0, 100), (10, 200), (20, 0), (30, 400)]);
		let own = Own::new(&points, 15 * MINUTE);
		let rise = |from, to| own.rise(Register::Export, from * MINUTE, to * MINUTE);
		assert_eq!(rise(0, 30), Err(Blank::Fell));
		assert_eq!(rise(5, 15), Err(Blank::Fell));
		assert_eq!(rise(0, 10), bounds(100, 100, 100));
	}

	#[test]
	fn point_should_hold_a_records_cumulative_registers_and_never_an_estimate() {
		let payload = r#"{"FV":"1.0","PG":"F7","MS":"X","RD":[{"TM":"2026-01-31T12:00:00,000+0000 S","RV":12.345,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]}"#;
		let record = format!(r#"OCMF|{payload}|{{"SD":"{}"}}"#, "01".repeat(64));
		let point = Point::of(&Observation::Ocmf(record.into_bytes())).unwrap();
		assert_eq!(
			(point.at, point.synchronised, point.count(Register::Import)),
			(1_769_860_800_000, true, Some(12_345))
		);
		assert_eq!(Point::of(&Observation::Ocmf(b"OCMF|{}".to_vec())), None);
		let estimate = Observation::Counts {
			measured_at: 1,
			clock: ClockStatus::Synchronised,
			quality: Quality::Estimated,
			counts: vec![(Register::Export, 1)],
		};
		assert_eq!(Point::of(&estimate), None);
	}

	proptest! {
		#[test]
		fn likely_should_lie_within_bounds_whatever_was_seen(
			rises in prop::collection::vec((1u64..30, 0u64..1_000), 2..20),
			from in 0u64..600, length in 0u64..600,
		) {
			let mut seen = vec![(0, 0)];
			for (minutes, rise) in rises {
				let (at, count) = seen[seen.len() - 1];
				seen.push((at + minutes, count + rise));
			}
			let points = points(&seen);
			let own = Own::new(&points, 30 * MINUTE);
			if let Ok(rise) = own.rise(Register::Export, from * MINUTE, (from + length) * MINUTE) {
				prop_assert!(rise.least <= rise.likely && rise.likely <= rise.most, "{rise:?}");
			}
		}
	}
}

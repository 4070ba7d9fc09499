//! What the world tells an agreement, and since when it is known.
//!
//! Everything here is append-only: once known, a value never changes, and nothing becomes known earlier than the block it
//! came in. Billing asks "was this known *by then*", never "is this known now". That is half of why a bill does not depend
//! on when somebody settles; the event order is the other half.
//!
//! **A boundary** is where the registers stood at a month's start. The first final reading at or beyond that moment fixes
//! it for ever: each register on the straight line between the two adjacent final readings, rounded down. A boundary
//! before the very first reading is that first reading.
//!
//! **A feed is a register too.** An observation holds from its own time to the next one's, so a feed's running integral is
//! a register, and the index of a month is the mean over it: the integral's rise, divided by the month's milliseconds,
//! rounded down. A month has an index only if the feed was observed at or before its start; it is known with the first
//! observation at or beyond its end.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use super::{shares::ShareTable, wide::I256, Moment, Month, Price, Refusal};

/// The most registers that a meter has, and that an agreement bills.
pub const MAX_REGISTERS: u32 = 8;

/// Where a meter's registers stand, in Wh, in the meter's order.
pub type Registers = BoundedVec<u64, ConstU32<MAX_REGISTERS>>;

/// Where the registers stood at a month's start.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Boundary {
	/// In Wh, in the meter's order.
	pub registers: Registers,
	/// When the reading that fixed it turned final.
	pub known: Moment,
}

/// A month's mean of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Index {
	/// In 10^-18 base units per Wh.
	pub value: Price,
	/// When the first observation at or beyond the month's end arrived.
	pub known: Moment,
}

/// The reading that proved commercial operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Proof {
	/// When it was measured.
	pub measured_at: Moment,
	/// When it turned final.
	pub known: Moment,
}

/// One agreement's view of its meter, its feed and its meter's share tables.
///
/// Implementations answer the same for ever once they have answered at all, and never with a `known` that was already past
/// when the data came: see the module.
pub trait Sources {
	/// The meter's registers at the start of `month`, once a reading has fixed them. If a month has a boundary, so has
	/// every earlier one, known no later.
	fn boundary(&self, month: Month) -> Option<Boundary>;

	/// The feed's mean over `month`, once known.
	fn index(&self, month: Month) -> Option<Index>;

	/// The meter's first final reading whose register at `position` is at least `wh`.
	fn first_reaching(&self, position: u8, wh: u64) -> Option<Proof>;

	/// The share table in force in `month`; `None` if the meter has none yet, and nobody gets anything.
	fn shares(&self, month: Month) -> Option<ShareTable>;

	/// The calendar month of `now`, the moment of an input: what "the next month start" counts from. An open clock that has
	/// stood still lags behind the calendar, and months that have begun must not change.
	fn month_of(&self, now: Moment) -> Month {
		Month::of(now)
	}
}

/// A final reading, as far as boundaries need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
	/// When it was measured.
	pub measured_at: Moment,
	/// In Wh.
	pub registers: &'a [u64],
}

/// Where the registers stood at `moment`, which is at or before `after` and later than `before`, the final reading next to
/// it; `before` is `None` if `after` is the meter's first. Rounded down. `Overflow` if a register falls, the two readings
/// do not have the same registers, or there are too many.
pub fn registers_at(moment: Moment, before: Option<Reading>, after: Reading) -> Result<Registers, Refusal> {
	let Some(before) = before else {
		let mut registers = Registers::new();
		let copied = registers.try_extend(after.registers.iter().copied());
		return copied.map(|()| registers).map_err(|_| Refusal::Overflow);
	};
	let span = after.measured_at.checked_sub(before.measured_at);
	let elapsed = moment.checked_sub(before.measured_at);
	let (Some(span @ 1..), Some(elapsed)) = (span, elapsed) else {
		return Err(Refusal::Overflow);
	};
	if before.registers.len() != after.registers.len() || elapsed > span {
		return Err(Refusal::Overflow);
	}
	let mut registers = Registers::new();
	for (opening, closing) in before.registers.iter().zip(after.registers) {
		let rise = closing.checked_sub(*opening).ok_or(Refusal::Overflow)?;
		// At most `rise`, as `elapsed <= span`.
		let risen = (u128::from(rise) * u128::from(elapsed) / u128::from(span)) as u64;
		registers.try_push(opening + risen).map_err(|_| Refusal::Overflow)?;
	}
	Ok(registers)
}

/// A feed's running integral: its value times the milliseconds that it held, summed since the first observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FeedRegister {
	/// When the last value was observed.
	observed_at: Moment,
	/// The last value, in 10^-18 base units per Wh.
	value: Price,
	/// Up to the last observation, in 10^-18 base units per Wh times ms.
	integral: I256,
}

impl FeedRegister {
	/// A feed whose first observation is `value` at `observed_at`.
	pub fn new(observed_at: Moment, value: Price) -> Self {
		Self {
			observed_at,
			value,
			integral: I256::default(),
		}
	}

	/// When the last value was observed.
	pub fn observed_at(&self) -> Moment {
		self.observed_at
	}

	/// The last value, in 10^-18 base units per Wh.
	pub fn value(&self) -> Price {
		self.value
	}

	/// The integral at `moment`, the last value held up to it. `Overflow` before the last observation.
	pub fn at(&self, moment: Moment) -> Result<I256, Refusal> {
		let held = moment.checked_sub(self.observed_at).ok_or(Refusal::Overflow)?;
		self.integral.plus(I256::product(self.value, held.into()))
	}

	/// Takes the next observation. `OutOfOrder` unless it is later than the last.
	pub fn observe(&mut self, observed_at: Moment, value: Price) -> Result<(), Refusal> {
		if observed_at <= self.observed_at {
			return Err(Refusal::OutOfOrder);
		}
		self.integral = self.at(observed_at)?;
		self.observed_at = observed_at;
		self.value = value;
		Ok(())
	}
}

/// The index of `month`: the rise from the integral at its start to that at its end, over its milliseconds, rounded down.
pub fn month_mean(month: Month, opening: I256, closing: I256) -> Result<Price, Refusal> {
	closing.minus(opening)?.divide(month.ms().into())?.0.narrow()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn reading(measured_at: Moment, registers: &[u64]) -> Reading<'_> {
		Reading { measured_at, registers }
	}

	#[test]
	fn boundary_should_lie_on_the_line_between_its_neighbours_rounded_down() {
		let at = |moment| registers_at(moment, Some(reading(100, &[10, 0])), reading(107, &[15, 1])).unwrap();
		assert_eq!(at(100).as_slice(), [10, 0]);
		assert_eq!(at(104).as_slice(), [12, 0]);
		assert_eq!(at(107).as_slice(), [15, 1]);
	}

	#[test]
	fn boundary_should_be_the_first_reading_when_there_is_none_before() {
		assert_eq!(registers_at(5, None, reading(100, &[10])).unwrap().as_slice(), [10]);
	}

	#[test]
	fn boundary_should_fail_when_readings_do_not_fit_together() {
		let first = reading(100, &[10]);
		for after in [
			reading(100, &[11]),
			reading(107, &[9]),
			reading(107, &[11, 0]),
			reading(103, &[11]),
		] {
			assert_eq!(registers_at(104, Some(first), after), Err(Refusal::Overflow));
		}
		assert_eq!(
			registers_at(99, Some(first), reading(107, &[11])),
			Err(Refusal::Overflow)
		);
		assert_eq!(registers_at(0, None, reading(1, &[0; 9])), Err(Refusal::Overflow));
	}

	#[test]
	fn boundary_should_be_exact_when_registers_are_at_their_limits() {
		let before = reading(0, &[0]);
		let at = registers_at(u64::MAX - 1, Some(before), reading(u64::MAX, &[u64::MAX])).unwrap();
		assert_eq!(at.as_slice(), [u64::MAX - 1]);
	}

	#[test]
	fn index_should_be_the_time_weighted_mean_rounded_down() {
		let month = Month::new(24_324).unwrap();
		let mut feed = FeedRegister::new(month.start() - 1_000, 6);
		let opening = feed.at(month.start()).unwrap();
		feed.observe(month.start() + month.ms() / 2, -3).unwrap();
		let closing = feed.at(month.end()).unwrap();
		// (6 - 3) / 2 = 1.5
		assert_eq!(month_mean(month, opening, closing), Ok(1));
		// The mean of the negated feed is -1.5, rounded down to -2.
		assert_eq!(month_mean(month, closing, opening), Ok(-2));
	}

	#[test]
	fn feed_should_refuse_when_an_observation_is_not_later() {
		let mut feed = FeedRegister::new(10, 1);
		assert_eq!(feed.observe(10, 2), Err(Refusal::OutOfOrder));
		assert_eq!(feed.at(9), Err(Refusal::Overflow));
		assert_eq!(feed, FeedRegister::new(10, 1));
	}
}

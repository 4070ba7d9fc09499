//! UTC calendar months, the periods of every agreement.
//!
//! A month has one number, `12 x year + month - 1` (January 2027 is 24,324), so that months count on without a calendar and
//! `number % 12` is the calendar month, January being 0.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::calendar::{month_of, month_start};

/// Unix milliseconds.
pub type Moment = u64;

/// Milliseconds in a day.
pub const DAY_MS: u64 = 86_400_000;

/// January 1970, the month of Unix time zero.
const EPOCH: u32 = 12 * 1970;

/// A UTC calendar month from January 1970 on.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Month(u32);

impl Month {
	/// The month of a number, `12 x year + month - 1`. `None` before 1970.
	pub fn new(number: u32) -> Option<Self> {
		(number >= EPOCH).then_some(Self(number))
	}

	/// `12 x year + month - 1`.
	pub fn number(self) -> u32 {
		self.0
	}

	/// The calendar month, 0 for January.
	pub fn of_year(self) -> usize {
		(self.0 % 12) as usize
	}

	/// The month that `moment` falls in; the last that has a number if that is earlier, 357 million years on.
	pub fn of(moment: Moment) -> Self {
		Self(month_of(moment))
	}

	/// The first month that starts at or after `moment`.
	pub fn at_or_after(moment: Moment) -> Self {
		let month = Self::of(moment);
		if month.start() == moment {
			month
		} else {
			month.plus(1)
		}
	}

	/// When the month starts. Every month that has a number starts before 2^64 ms.
	pub fn start(self) -> Moment {
		month_start(self.0)
	}

	/// When the month ends and the next one starts.
	pub fn end(self) -> Moment {
		self.plus(1).start()
	}

	/// How long the month is, in milliseconds.
	pub fn ms(self) -> u64 {
		self.end() - self.start()
	}

	/// The month that many months later; the last that has a number if that is earlier.
	pub fn plus(self, months: u32) -> Self {
		Self(self.0.saturating_add(months))
	}

	/// The month that many months earlier; January 1970 if that is later.
	pub fn minus(self, months: u32) -> Self {
		Self(self.0.saturating_sub(months).max(EPOCH))
	}

	/// How many months this one is after `first`; none if it is before.
	pub fn since(self, first: Self) -> u32 {
		self.0.saturating_sub(first.0)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn month(number: u32) -> Month {
		Month::new(number).unwrap()
	}

	#[test]
	fn months_should_follow_each_other_without_a_gap() {
		for number in EPOCH + 1..EPOCH + 12 * 500 {
			let month = month(number);
			assert_eq!(Month::of(month.start()), month);
			assert_eq!(month.minus(1).end(), month.start());
			assert_eq!(Month::at_or_after(month.start()), month);
			assert_eq!(Month::at_or_after(month.start() + 1), month.plus(1));
		}
	}

	#[test]
	fn month_should_be_as_long_as_the_calendar_says() {
		assert_eq!(month(24_324).start(), 1_798_761_600_000);
		assert_eq!((month(24_324).of_year(), month(24_335).of_year()), (0, 11));
		assert_eq!(month(12 * 2028 + 1).ms(), 29 * DAY_MS);
		assert_eq!(month(12 * 2100 + 1).ms(), 28 * DAY_MS);
	}

	#[test]
	fn months_should_stop_at_the_ends_of_their_range() {
		assert_eq!(Month::of(u64::MAX).number(), u32::MAX);
		assert_eq!(Month::of(0).minus(1), month(EPOCH));
		assert_eq!(month(EPOCH).since(month(EPOCH + 1)), 0);
		assert_eq!(Month::new(EPOCH - 1), None);
	}
}

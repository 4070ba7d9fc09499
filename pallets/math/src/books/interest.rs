//! Interest: charged per whole hour, with its sub-unit remainder carried.
//!
//! ```text
//! i, remainder = divmod(D x rate + remainder, 10^27);   D += i
//! ```
//!
//! An hour's interest is part of the debt on which the next hour's is charged, so hours are worked off one by one. Because the
//! remainder is carried and the grid is fixed, it makes no difference how many hours one call works off.
//!
//! Interest is issued as it is charged, unless there is a shortfall: then it stands for KWH that circulate already and
//! cancels as much of the shortfall, and nothing is issued.

use super::{fee, totals::TypeBooks, wide, Error};
use sp_core::U256;

/// One, with the 27 decimals of an hourly rate.
pub const RATE_ONE: u128 = 1_000_000_000_000_000_000_000_000_000;

/// Hours that one call works off at most: seven days. The clock must move only by the hours done.
pub const MAX_HOURS: u32 = 168;

/// Hours of interest that a draw costs up front: seven days.
const UPFRONT_HOURS: u128 = 168;

/// What an accrual leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accrued {
	/// The totals afterwards.
	pub books: TypeBooks,
	/// The redemption base rate afterwards, 18 decimals.
	pub base_rate: u128,
	/// Hours worked off, at most [`MAX_HOURS`]. If fewer than asked for, call again.
	pub hours: u32,
	/// KWH units to issue to revenue.
	pub minted: u128,
}

impl TypeBooks {
	/// Charges up to `hours` hours of interest at `hourly_rate` (27 decimals) and decays the redemption base rate as long.
	pub fn accrue(&self, base_rate: u128, hours: u32, hourly_rate: u128) -> Result<Accrued, Error> {
		let hours = hours.min(MAX_HOURS);
		let mut accrued = Accrued {
			books: *self,
			base_rate,
			hours,
			minted: 0,
		};
		for _ in 0..hours {
			let (books, minted) = accrued.books.charge_hour(hourly_rate)?;
			accrued.books = books;
			accrued.minted = wide::add(accrued.minted, minted)?;
			accrued.base_rate = fee::decay_hour(accrued.base_rate)?;
		}
		Ok(accrued)
	}

	/// The books an hour later, and the KWH units to issue.
	fn charge_hour(&self, hourly_rate: u128) -> Result<(Self, u128), Error> {
		// Two numbers of 128 bits multiply to at most 2^256 - 2^129 + 1.
		let charged = U256::from(self.debt) * U256::from(hourly_rate) + U256::from(self.interest_remainder);
		let (interest, remainder) = charged.div_mod(RATE_ONE.into());
		let interest = wide::amount(interest)?;
		let books = Self {
			debt: wide::add(self.debt, interest)?,
			interest_remainder: wide::amount(remainder)?,
			..*self
		};
		let cancelled = interest.min(books.shortfall);
		let books = if cancelled > 0 {
			books.cover_shortfall(cancelled)?
		} else {
			books
		};
		Ok((books, interest - cancelled))
	}
}

/// Seven days' interest on `amount` KWH units, rounded up: what a draw costs up front, so that repaying and drawing again
/// around a redistribution does not pay.
pub(super) fn upfront(amount: u128, hourly_rate: u128) -> Result<u128, Error> {
	let weekly = UPFRONT_HOURS.checked_mul(hourly_rate).ok_or(Error::Overflow)?;
	wide::amount(wide::ceil(amount, weekly, RATE_ONE)?)
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;

	fn books(debt: u128, shortfall: u128, reserve: u128) -> TypeBooks {
		TypeBooks {
			debt,
			shortfall,
			reserve,
			..TypeBooks::default()
		}
	}

	#[test]
	fn accrue_should_carry_the_remainder_when_an_hour_earns_less_than_a_unit() {
		let third = RATE_ONE / 3 + 1;
		let accrued = books(1, 0, 0).accrue(0, 2, third).unwrap();
		assert_eq!((accrued.books.debt, accrued.minted), (1, 0));
		let accrued = accrued.books.accrue(0, 1, third).unwrap();
		assert_eq!((accrued.books.debt, accrued.minted), (2, 1));
		assert_eq!(accrued.books.interest_remainder, 3 * third - RATE_ONE);
	}

	#[test]
	fn accrue_should_cancel_the_shortfall_before_anything_is_issued() {
		let accrued = books(100, 15, 9).accrue(0, 2, RATE_ONE / 10).unwrap();
		// 10, then 11: 15 of them cancel the shortfall.
		assert_eq!((accrued.books.debt, accrued.minted), (121, 6));
		assert_eq!(
			(accrued.books.shortfall, accrued.books.reserve, accrued.books.revenue),
			(0, 0, 9)
		);
	}

	#[test]
	fn accrue_should_stop_at_the_bound_and_say_so() {
		let accrued = books(100, 0, 0).accrue(0, u32::MAX, 0).unwrap();
		assert_eq!(accrued.hours, MAX_HOURS);
	}

	#[test]
	fn accrue_should_fail_when_the_debt_leaves_its_width() {
		assert_eq!(books(u128::MAX, 0, 0).accrue(0, 1, RATE_ONE), Err(Error::Overflow));
		assert_eq!(books(u128::MAX, 0, 0).accrue(0, 1, u128::MAX), Err(Error::Overflow));
	}

	#[test]
	fn upfront_should_round_up() {
		assert_eq!(upfront(1, 1), Ok(1));
		assert_eq!(upfront(0, 1), Ok(0));
		assert_eq!(
			upfront(100_000_000_000_007, 5_703_854_000_000_000_000_000),
			Ok(95_824_747_201)
		);
		assert_eq!(upfront(1, u128::MAX), Err(Error::Overflow));
	}

	proptest! {
		#[test]
		fn many_calls_should_equal_one_when_the_hours_are_the_same(
			debt in 0u128..1 << 100,
			shortfall in 0u128..1 << 60,
			rate in 0u128..1 << 80,
			base in 0u128..1 << 60,
			(first, second) in (0u32..80, 0u32..80),
		) {
			let one = books(debt, shortfall, 5).accrue(base, first + second, rate).unwrap();
			let part = books(debt, shortfall, 5).accrue(base, first, rate).unwrap();
			let rest = part.books.accrue(part.base_rate, second, rate).unwrap();
			prop_assert_eq!(one.books, rest.books);
			prop_assert_eq!(one.base_rate, rest.base_rate);
			prop_assert_eq!(one.minted, part.minted + rest.minted);
			// What was charged was issued, or covered the shortfall.
			prop_assert_eq!(one.books.debt - debt, one.minted + shortfall - one.books.shortfall);
		}
	}
}

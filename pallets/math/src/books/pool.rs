//! The backstop pool: KWH that burns in liquidations and earns the collateral, at a cost that does not grow with its
//! depositors.
//!
//! With `T` in the pool, an offset of `q` for collateral `y` leaves each deposit the fraction `(T - q) / T` and earns it its
//! share of `y`. Instead of every deposit, the pool's [`Marks`] change:
//!
//! ```text
//! S += floor(P y / T)        P = floor(P (T - q) 10^(9k) / T), with the least k that keeps P >= 10^27
//! ```
//!
//! If `k` is not 0 the scale rises by `k`, with a new sum `S` that starts at 0.
//!
//! An offset never takes the last unit, so that there is always something to divide by.

use super::{
	marks::{self, Marks, PRODUCT_LEAST, SCALE_DIGITS},
	wide, Error,
};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{U256, U512};

/// The most scales that one offset can cross: 2^128 / 10^45 is below 1.
const MOST_SCALES: u32 = 5;

/// The pool of one type of collateral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pool {
	/// T: KWH units that burn in liquidations. At least what all deposits are worth.
	pub active: u128,
	/// KWH units that do not count yet.
	pub waiting: u128,
	/// Collateral units earned and not yet claimed.
	pub collateral: u128,
	/// P, its scale and the scale's S.
	pub marks: Marks,
}

/// A scale that is over. The caller stores its sum for those who deposited in it or up to four scales before it; the sum of a
/// scale that was skipped is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishedScale {
	/// Number of the scale.
	pub scale: u32,
	/// Its final S.
	pub sum: U256,
}

impl Pool {
	/// Lets `amount` of the waiting KWH count. The caller keeps the pool's marks for the deposits that began here.
	pub fn activate(&self, amount: u128) -> Result<Self, Error> {
		Ok(Self {
			active: wide::add(self.active, amount)?,
			waiting: wide::take(self.waiting, amount)?,
			..*self
		})
	}

	/// The most that can leave the pool, KWH units: all but one.
	pub fn offsettable(&self) -> u128 {
		self.active.saturating_sub(1)
	}

	/// Burns `burnt` KWH units of the deposits for `received` collateral units, and returns the scale it left, if it did.
	pub fn offset(&self, burnt: u128, received: u128) -> Result<(Self, Option<FinishedScale>), Error> {
		if burnt > self.offsettable() {
			return Err(Error::Insufficient);
		}
		if burnt == 0 && received == 0 {
			return Ok((*self, None));
		}
		let earned = wide::floor(self.marks.product, received, self.active)?;
		let sum = self.marks.sum.checked_add(earned).ok_or(Error::Overflow)?;
		let (product, crossed) = self.product_after(burnt)?;
		let marks = match crossed {
			0 => Marks {
				product,
				sum,
				..self.marks
			},
			_ => Marks {
				product,
				scale: self.marks.scale.checked_add(crossed).ok_or(Error::Overflow)?,
				sum: U256::zero(),
			},
		};
		let finished = (crossed > 0).then_some(FinishedScale {
			scale: self.marks.scale,
			sum,
		});
		let pool = Self {
			active: self.active - burnt,
			collateral: wide::add(self.collateral, received)?,
			marks,
			..*self
		};
		Ok((pool, finished))
	}

	/// The product after `burnt` of the deposits, and how many scales it crossed.
	fn product_after(&self, burnt: u128) -> Result<(u128, u32), Error> {
		let left = U256::from(self.marks.product) * U256::from(self.active - burnt);
		for crossed in 0..=MOST_SCALES {
			// 120 + 128 + 150 bits.
			let product = left.full_mul(marks::power_of_ten(SCALE_DIGITS * crossed)) / U512::from(self.active);
			if product >= U512::from(PRODUCT_LEAST) {
				return Ok((wide::amount(wide::narrow(product)?)?, crossed));
			}
		}
		Err(Error::Overflow)
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::{super::marks::PRODUCT_ONE, *};
	use proptest::prelude::*;

	fn pool(active: u128) -> Pool {
		Pool {
			active,
			..Pool::default()
		}
	}

	#[test]
	fn activate_should_move_what_waits() {
		let waiting = Pool { waiting: 7, ..pool(3) };
		let after = waiting.activate(5).unwrap();
		assert_eq!((after.active, after.waiting, after.marks), (8, 2, waiting.marks));
		assert_eq!(waiting.activate(8), Err(Error::Insufficient));
	}

	#[test]
	fn offset_should_scale_the_product_by_what_is_left() {
		let (after, finished) = pool(1_000).offset(250, 500).unwrap();
		assert_eq!((after.active, after.collateral, finished), (750, 500, None));
		assert_eq!(after.marks.product, PRODUCT_ONE / 4 * 3);
		assert_eq!(after.marks.sum, U256::from(PRODUCT_ONE) / 2);
	}

	#[test]
	fn offset_should_never_take_the_last_unit() {
		assert_eq!(pool(10).offset(10, 1), Err(Error::Insufficient));
		assert_eq!(pool(0).offset(1, 1), Err(Error::Insufficient));
		assert_eq!(pool(0).offset(0, 0), Ok((pool(0), None)));
		assert!(pool(10).offset(9, 1).is_ok());
	}

	#[test]
	fn product_should_change_scale_only_when_it_falls_below_27_digits() {
		// A millionth of a thousandth is left: exactly 10^27.
		let (after, finished) = pool(1_000_000_000).offset(999_999_999, 3).unwrap();
		assert_eq!(
			(after.marks.product, after.marks.scale, finished),
			(PRODUCT_LEAST, 0, None)
		);
		let (after, finished) = pool(1_000_000_001).offset(1_000_000_000, 3).unwrap();
		assert_eq!(
			(after.marks.product, after.marks.scale),
			(999_999_999_000_000_000_999_999_999_000_000_000, 1)
		);
		assert_eq!(after.marks.sum, U256::zero());
		let sum = U256::from(3) * U256::from(PRODUCT_ONE) / 1_000_000_001;
		assert_eq!(finished, Some(FinishedScale { scale: 0, sum }));
	}

	#[test]
	fn product_should_cross_as_many_scales_as_it_takes() {
		let mut low = pool(u128::MAX);
		low.marks.product = PRODUCT_LEAST;
		let (after, finished) = low.offset(u128::MAX - 1, 1).unwrap();
		assert_eq!(after.marks.scale, MOST_SCALES);
		assert!((PRODUCT_LEAST..PRODUCT_ONE).contains(&after.marks.product));
		assert_eq!(finished.unwrap().scale, 0);
	}

	proptest! {
		#[test]
		fn product_should_stay_in_its_bounds_and_never_favour_the_deposits(
			product in PRODUCT_LEAST..=PRODUCT_ONE,
			active in 2u128..=u128::MAX,
			burnt in any::<u128>(),
			received in any::<u128>(),
		) {
			let mut before = pool(active);
			before.marks.product = product;
			let burnt = burnt % active;
			let (after, _) = before.offset(burnt, received).unwrap();
			prop_assert!((PRODUCT_LEAST..=PRODUCT_ONE).contains(&after.marks.product));
			// P' / 10^(9k) <= P (T - q) / T
			let shrunk = U256::from(10).pow((9 * after.marks.scale).into());
			let left = U256::from(after.marks.product).full_mul(active.into());
			let right = U256::from(product).full_mul(after.active.into()) * U512::from(shrunk);
			prop_assert!(left <= right);
		}
	}
}

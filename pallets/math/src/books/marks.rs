//! The pool's marks: two numbers that stand for all its deposits.
//!
//! `P` is the product of the fractions that every offset left of the deposits, `S` the collateral earned per unit deposited at
//! the very beginning. A product of fractions vanishes, so `P` is kept at 27 digits and more by *scales* of 10^9: whenever it
//! falls below, the scale rises and `P` is that much larger. Each scale has its own sum `S`.
//!
//! A deposit of `amount` that began at `P0` in scale `s0`, with that scale's sum at `S0`, is worth and has earned, in scale `s`,
//!
//! ```text
//! value = floor(amount P / (P0 10^(9 (s - s0))))
//! gain  = floor(amount (sum over j = 0..4 of S[s0 + j] 10^(36 - 9j), less S0 10^36) / (P0 10^36))
//! ```
//!
//! Five scales are read: what a deposit earns later is less than a part in 10^36 of it.

use super::{wide, Error};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{U256, U512};

/// P at the beginning.
pub const PRODUCT_ONE: u128 = 10u128.pow(PRODUCT_DIGITS);

/// P is kept at or above this.
pub const PRODUCT_LEAST: u128 = 10u128.pow(PRODUCT_DIGITS - SCALE_DIGITS);

/// Zeros of [`PRODUCT_ONE`].
const PRODUCT_DIGITS: u32 = 36;

/// Zeros that P gains with a scale.
pub(super) const SCALE_DIGITS: u32 = 9;

/// How many scales after its own a deposit earns in.
const SCALES_READ: u32 = 4;

/// Where the pool's accumulators stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Marks {
	/// P: at least [`PRODUCT_LEAST`], at most [`PRODUCT_ONE`].
	pub product: u128,
	/// How often the product was multiplied by 10^9.
	pub scale: u32,
	/// S of this scale.
	pub sum: U256,
}

/// What the caller remembers of the pool's past.
pub trait PoolHistory {
	/// Final S of a scale that is over; zero if it was skipped.
	fn sum(&self, scale: u32) -> U256;

	/// The pool's marks as a round began, before its liquidations. `None` if it kept none. Needed for rounds in which
	/// something was activated that is still among the waiting of a stored deposit.
	fn marks(&self, round: u64) -> Option<Marks>;
}

impl Default for Marks {
	fn default() -> Self {
		Self {
			product: PRODUCT_ONE,
			scale: 0,
			sum: U256::zero(),
		}
	}
}

impl Marks {
	/// What `amount` KWH units of a deposit that began here are worth at later marks, rounded down.
	pub fn value_at(&self, later: &Marks, amount: u128) -> Result<u128, Error> {
		let crossed = later.scale.checked_sub(self.scale).ok_or(Error::Overflow)?;
		// Divided by 10^72 and by a product of at least 10^27, any amount times a product of at most 10^36 is below one.
		let shrunk = power_of_ten(SCALE_DIGITS * crossed.min(8));
		let product = U512::from(amount) * U512::from(later.product);
		let value = product / (U512::from(shrunk) * U512::from(self.product));
		wide::amount(wide::narrow(value)?)
	}

	/// The collateral units that `amount` KWH units of a deposit that began here have earned until later marks, rounded down.
	pub fn gain_until(&self, later: &Marks, amount: u128, history: &impl PoolHistory) -> Result<u128, Error> {
		if amount == 0 {
			return Ok(0);
		}
		let mut earned = U512::zero();
		for after in 0..=SCALES_READ {
			let scale = self.scale.checked_add(after).ok_or(Error::Overflow)?;
			if scale > later.scale {
				break;
			}
			let sum = if scale == later.scale {
				later.sum
			} else {
				history.sum(scale)
			};
			let began = if after == 0 { self.sum } else { U256::zero() };
			let sum = sum.checked_sub(began).ok_or(Error::Overflow)?;
			// 256 + 120 bits.
			earned += sum.full_mul(power_of_ten(PRODUCT_DIGITS - SCALE_DIGITS * after));
		}
		// 128 + 379 bits.
		let earned = U512::from(amount) * earned / (U512::from(self.product) * U512::from(PRODUCT_ONE));
		wide::amount(wide::narrow(earned)?)
	}
}

/// 10^digits, for up to 77 digits.
pub(super) fn power_of_ten(digits: u32) -> U256 {
	U256::from(10).pow(digits.into())
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Scale 0 earned one unit for each, scale 1 two, and so on.
	struct Sums;

	impl PoolHistory for Sums {
		fn sum(&self, scale: u32) -> U256 {
			U256::from(PRODUCT_ONE) * (scale + 1)
		}

		fn marks(&self, _: u64) -> Option<Marks> {
			None
		}
	}

	fn marks(product: u128, scale: u32, sum: u128) -> Marks {
		Marks {
			product,
			scale,
			sum: sum.into(),
		}
	}

	#[test]
	fn value_should_fall_with_the_product_and_the_scale() {
		let began = marks(PRODUCT_ONE, 3, 0);
		assert_eq!(began.value_at(&marks(PRODUCT_ONE / 4, 3, 0), 1_001), Ok(250));
		assert_eq!(began.value_at(&marks(PRODUCT_ONE, 4, 0), 5_000_000_000), Ok(5));
		assert_eq!(began.value_at(&marks(PRODUCT_ONE, 8, 0), u128::MAX), Ok(0));
		assert_eq!(began.value_at(&marks(PRODUCT_ONE, u32::MAX, 0), u128::MAX), Ok(0));
		assert_eq!(began.value_at(&marks(PRODUCT_ONE, 2, 0), 1), Err(Error::Overflow));
	}

	#[test]
	fn value_should_keep_five_scales_when_the_amount_is_the_largest() {
		let began = marks(PRODUCT_LEAST, 0, 0);
		// 2^128 x 10^36 / (10^27 x 10^45)
		assert_eq!(began.value_at(&marks(PRODUCT_ONE, 5, 0), u128::MAX), Ok(340));
	}

	#[test]
	fn gain_should_read_five_scales_and_leave_out_what_came_before() {
		let began = marks(PRODUCT_ONE, 1, PRODUCT_ONE);
		let gain = |scale, amount| began.gain_until(&marks(PRODUCT_ONE, scale, PRODUCT_ONE), amount, &Sums);
		assert_eq!(gain(1, 7), Ok(0));
		// Two units for each in its own scale, less one; one in the next.
		assert_eq!(gain(2, 10u128.pow(9)), Ok(10u128.pow(9) + 1));
		let five = gain(5, 10u128.pow(36));
		assert_eq!(five, Ok(1_000_000_003_000_000_004_000_000_005_000_000_001));
		// A later scale is no longer read, and the fifth is over.
		assert_eq!(
			gain(6, 10u128.pow(36)),
			Ok(1_000_000_003_000_000_004_000_000_005_000_000_006)
		);
		assert_eq!(gain(6, 0), Ok(0));
	}
}

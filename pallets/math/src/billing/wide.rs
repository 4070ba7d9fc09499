//! Products that need more than 128 bits, and the one rule by which they are divided: **downwards**, toward minus infinity,
//! with a remainder that is never negative. So a negative amount is rounded against whoever claims it, and a carried
//! remainder means the same whatever the sign was.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

use super::{Ppm, Refusal, MILLION};

/// A signed number of up to 256 bits and a sign.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct I256 {
	/// Never set for zero.
	negative: bool,
	magnitude: U256,
}

impl I256 {
	/// Zero has no sign.
	fn new(negative: bool, magnitude: U256) -> Self {
		Self {
			negative: negative && !magnitude.is_zero(),
			magnitude,
		}
	}

	/// True below zero.
	pub fn is_negative(&self) -> bool {
		self.negative
	}

	/// a x b, exact: 254 bits at most.
	pub fn product(a: i128, b: i128) -> Self {
		let magnitude = U256::from(a.unsigned_abs()) * U256::from(b.unsigned_abs());
		Self::new((a < 0) != (b < 0), magnitude)
	}

	/// This times `factor`. `Overflow` beyond 256 bits.
	pub fn times(self, factor: U256) -> Result<Self, Refusal> {
		let magnitude = self.magnitude.checked_mul(factor).ok_or(Refusal::Overflow)?;
		Ok(Self::new(self.negative, magnitude))
	}

	/// The sum. `Overflow` beyond 256 bits.
	pub fn plus(self, other: Self) -> Result<Self, Refusal> {
		if self.negative == other.negative {
			let magnitude = self.magnitude.checked_add(other.magnitude).ok_or(Refusal::Overflow)?;
			return Ok(Self::new(self.negative, magnitude));
		}
		let (larger, smaller) = if self.magnitude >= other.magnitude {
			(self, other)
		} else {
			(other, self)
		};
		Ok(Self::new(larger.negative, larger.magnitude - smaller.magnitude))
	}

	/// The difference. `Overflow` beyond 256 bits.
	pub fn minus(self, other: Self) -> Result<Self, Refusal> {
		self.plus(Self::new(!other.negative, other.magnitude))
	}

	/// The quotient, rounded down, and what is left over, `0 <= rest < divisor`. `Overflow` if the divisor is zero.
	pub fn divide(self, divisor: U256) -> Result<(Self, U256), Refusal> {
		if divisor.is_zero() {
			return Err(Refusal::Overflow);
		}
		let (quotient, rest) = self.magnitude.div_mod(divisor);
		Ok(if self.negative && !rest.is_zero() {
			// The quotient of a division with a rest is below 2^255.
			(Self::new(true, quotient + U256::one()), divisor - rest)
		} else {
			(Self::new(self.negative, quotient), rest)
		})
	}

	/// The number as 128 bits. `Overflow` if it does not fit.
	pub fn narrow(self) -> Result<i128, Refusal> {
		let magnitude = u128::try_from(self.magnitude).map_err(|_| Refusal::Overflow)?;
		let narrow = if self.negative {
			0i128.checked_sub_unsigned(magnitude)
		} else {
			0i128.checked_add_unsigned(magnitude)
		};
		narrow.ok_or(Refusal::Overflow)
	}

	/// How far from zero the number is. `Overflow` beyond 128 bits.
	pub fn distance(self) -> Result<u128, Refusal> {
		u128::try_from(self.magnitude).map_err(|_| Refusal::Overflow)
	}
}

impl From<i128> for I256 {
	fn from(number: i128) -> Self {
		Self::new(number < 0, number.unsigned_abs().into())
	}
}

impl From<u128> for I256 {
	fn from(number: u128) -> Self {
		Self::new(false, number.into())
	}
}

/// floor(a x b / c). `Overflow` if it does not fit or `c` is zero.
pub fn scaled_down(a: u128, b: u128, c: u128) -> Result<u128, Refusal> {
	let quotient = (U256::from(a) * U256::from(b)).checked_div(c.into());
	quotient
		.and_then(|quotient| quotient.try_into().ok())
		.ok_or(Refusal::Overflow)
}

/// ceil(a x b / c). `Overflow` if it does not fit or `c` is zero.
pub fn scaled_up(a: u128, b: u128, c: u128) -> Result<u128, Refusal> {
	let down = scaled_down(a, b, c)?;
	let exact = U256::from(down) * U256::from(c) == U256::from(a) * U256::from(b);
	down.checked_add(u128::from(!exact)).ok_or(Refusal::Overflow)
}

/// The share `ratio` of `amount`, rounded down.
pub fn part(amount: u128, ratio: Ppm) -> Result<u128, Refusal> {
	scaled_down(amount, ratio.into(), MILLION)
}

/// The share `ratio` of `amount`, rounded up.
pub fn part_up(amount: u128, ratio: Ppm) -> Result<u128, Refusal> {
	scaled_up(amount, ratio.into(), MILLION)
}

#[cfg(test)]
mod tests {
	use super::*;
	use num_bigint::BigInt;
	use proptest::prelude::*;

	fn big(number: I256) -> BigInt {
		let magnitude: BigInt = number.magnitude.to_string().parse().unwrap();
		if number.negative {
			-magnitude
		} else {
			magnitude
		}
	}

	#[test]
	fn division_should_round_down_when_the_number_is_negative() {
		let (quotient, rest) = I256::from(-7i128).divide(U256::from(2)).unwrap();
		assert_eq!((quotient.narrow(), rest), (Ok(-4), U256::one()));
		let (quotient, rest) = I256::from(-8i128).divide(U256::from(2)).unwrap();
		assert_eq!((quotient.narrow(), rest), (Ok(-4), U256::zero()));
	}

	#[test]
	fn extremes_should_be_errors_when_they_do_not_fit() {
		let largest = I256::new(false, U256::MAX);
		assert_eq!(largest.plus(I256::from(1i128)), Err(Refusal::Overflow));
		assert_eq!(largest.times(U256::from(2)), Err(Refusal::Overflow));
		assert_eq!(largest.narrow(), Err(Refusal::Overflow));
		assert_eq!(largest.divide(U256::zero()), Err(Refusal::Overflow));
		assert_eq!(I256::from(i128::MIN).narrow(), Ok(i128::MIN));
		assert_eq!(
			I256::from(i128::MIN).minus(I256::from(1i128)).unwrap().narrow(),
			Err(Refusal::Overflow)
		);
		assert_eq!(scaled_down(u128::MAX, 2, 1), Err(Refusal::Overflow));
		assert_eq!(scaled_up(1, 1, 0), Err(Refusal::Overflow));
	}

	#[test]
	fn zero_should_have_one_form() {
		let zero = I256::from(-3i128).plus(I256::from(3i128)).unwrap();
		assert_eq!(zero, I256::default());
		assert_eq!(I256::product(-1, 0), I256::default());
	}

	#[test]
	fn parts_should_round_to_their_sides() {
		assert_eq!((part(10, 333_333), part_up(10, 333_333)), (Ok(3), Ok(4)));
		assert_eq!((part(9, 1_000_000), part_up(9, 1_000_000)), (Ok(9), Ok(9)));
	}

	proptest! {
		#[test]
		fn sums_products_and_quotients_should_be_exact(
			a in any::<i128>(), b in any::<i128>(), c in any::<i128>(), divisor in 1..u128::MAX,
		) {
			let sum = I256::product(a, b).plus(I256::from(c)).unwrap();
			let exact = BigInt::from(a) * BigInt::from(b) + BigInt::from(c);
			prop_assert_eq!(big(sum), exact.clone());
			prop_assert_eq!(big(I256::product(a, b).minus(I256::from(c)).unwrap()), exact.clone() - 2 * BigInt::from(c));
			let (quotient, rest) = sum.divide(divisor.into()).unwrap();
			prop_assert!(rest < divisor.into());
			prop_assert_eq!(big(quotient) * divisor + BigInt::from(u128::try_from(rest).unwrap()), exact);
		}
	}
}

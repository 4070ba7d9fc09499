//! Products in 512 bits, so that `a x b / c` is exact before it is rounded.

use super::Error;
use sp_core::{U256, U512};

/// floor(a x b / c). [`Error::Overflow`] if `c` is zero or the quotient does not fit.
pub(super) fn floor(a: impl Into<U256>, b: impl Into<U256>, c: impl Into<U256>) -> Result<U256, Error> {
	let quotient = a.into().full_mul(b.into()).checked_div(U512::from(c.into()));
	narrow(quotient.ok_or(Error::Overflow)?)
}

/// ceil(a x b / c). [`Error::Overflow`] if `c` is zero or the quotient does not fit.
pub(super) fn ceil(a: impl Into<U256>, b: impl Into<U256>, c: impl Into<U256>) -> Result<U256, Error> {
	narrow(ceil_div(a.into().full_mul(b.into()), U512::from(c.into()))?)
}

/// ceil(a / b). [`Error::Overflow`] if `b` is zero.
pub(super) fn ceil_div(a: U512, b: U512) -> Result<U512, Error> {
	let quotient = a.checked_div(b).ok_or(Error::Overflow)?;
	// With a remainder `b` is at least 2, so the quotient is far from the largest.
	Ok(if quotient * b == a { quotient } else { quotient + 1 })
}

/// `value` as an amount.
pub(super) fn amount(value: U256) -> Result<u128, Error> {
	u128::try_from(value).map_err(|_| Error::Overflow)
}

/// `value` in 256 bits.
pub(super) fn narrow(value: U512) -> Result<U256, Error> {
	U256::try_from(value).map_err(|_| Error::Overflow)
}

/// a + b.
pub(super) fn add(a: u128, b: u128) -> Result<u128, Error> {
	a.checked_add(b).ok_or(Error::Overflow)
}

/// a - b, where the caller owns at least `b` of `a`.
pub(super) fn take(a: u128, b: u128) -> Result<u128, Error> {
	a.checked_sub(b).ok_or(Error::Insufficient)
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;

	#[test]
	fn quotients_should_round_their_way_when_they_do_not_divide() {
		assert_eq!(floor(7u128, 3u128, 2u128), Ok(U256::from(10)));
		assert_eq!(ceil(7u128, 3u128, 2u128), Ok(U256::from(11)));
		assert_eq!(ceil(7u128, 4u128, 2u128), Ok(U256::from(14)));
		assert_eq!(floor(U256::MAX, U256::MAX, U256::MAX), Ok(U256::MAX));
		assert_eq!(ceil(U256::MAX, U256::MAX, U256::MAX), Ok(U256::MAX));
	}

	#[test]
	fn quotients_should_fail_when_they_do_not_fit() {
		assert_eq!(floor(1u128, 1u128, 0u128), Err(Error::Overflow));
		assert_eq!(ceil(1u128, 1u128, 0u128), Err(Error::Overflow));
		assert_eq!(floor(U256::MAX, 2u128, 1u128), Err(Error::Overflow));
		assert_eq!(ceil(U256::MAX, U256::MAX, 1u128), Err(Error::Overflow));
		// Half of 2^257 - 1, which 535,006,138,814,359 divides: the floor is the largest number, the ceiling is one more.
		let factor = U256::from(535_006_138_814_359u64);
		let other = narrow(((U512::one() << 257) - 1) / factor).unwrap();
		assert_eq!(floor(factor, other, 2u128), Ok(U256::MAX));
		assert_eq!(ceil(factor, other, 2u128), Err(Error::Overflow));
	}

	#[test]
	fn amounts_should_fail_when_they_leave_their_width() {
		assert_eq!(amount(U256::from(u128::MAX)), Ok(u128::MAX));
		assert_eq!(amount(U256::from(u128::MAX) + 1), Err(Error::Overflow));
		assert_eq!(add(u128::MAX, 1), Err(Error::Overflow));
		assert_eq!(take(1, 2), Err(Error::Insufficient));
	}
}

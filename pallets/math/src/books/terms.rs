//! The price and the terms that the steps are taken at.

use super::{wide, Error};
use sp_core::U512;

/// Basis points in one.
pub const BASIS_POINTS: u32 = 10_000;

/// What one unit of KWH is worth: `numerator / denominator` units of collateral. Neither is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
	numerator: u128,
	denominator: u128,
}

impl Price {
	/// `None` if either is zero: a price of nothing is no price.
	pub const fn new(numerator: u128, denominator: u128) -> Option<Self> {
		if numerator == 0 || denominator == 0 {
			return None;
		}
		Some(Self { numerator, denominator })
	}

	/// Collateral units, before the division.
	pub const fn numerator(&self) -> u128 {
		self.numerator
	}

	/// KWH units that are worth as many collateral units as the numerator says.
	pub const fn denominator(&self) -> u128 {
		self.denominator
	}

	/// The lesser of `most` and what `debt` units of KWH are worth at par, in collateral units, rounded down; and whether that
	/// is par.
	pub(super) fn par_up_to(&self, debt: u128, most: u128) -> Result<(u128, bool), Error> {
		let par = wide::floor(debt, self.numerator, self.denominator)?;
		// What exceeds an amount exceeds `most`.
		Ok(match u128::try_from(par) {
			Ok(par) if par <= most => (par, true),
			_ => (most, false),
		})
	}

	/// The lesser of `most` and what `debt` units of KWH are worth with a penalty of `penalty_bp` on top, in collateral units,
	/// rounded up.
	pub(super) fn penalised_up_to(&self, debt: u128, penalty_bp: u32, most: u128) -> Result<u128, Error> {
		// 128 + 128 + 34 bits over 128 + 14 bits.
		let worth = U512::from(debt) * U512::from(self.numerator) * U512::from(with(penalty_bp));
		let worth = wide::ceil_div(worth, U512::from(self.denominator) * U512::from(BASIS_POINTS))?;
		wide::amount(wide::narrow(worth.min(U512::from(most)))?)
	}
}

/// One and `penalty_bp`, in basis points.
fn with(penalty_bp: u32) -> u64 {
	u64::from(BASIS_POINTS) + u64::from(penalty_bp)
}

/// What governance sets for a type of collateral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
	/// Interest per hour, 27 decimals.
	pub hourly_rate: u128,
	/// Least collateral per debt after an owner drew or withdrew, basis points.
	pub mint_bp: u32,
	/// Collateral per debt below which a vault is liquidated, basis points.
	pub liquidation_bp: u32,
	/// What a liquidated owner pays on top of the debt, basis points.
	pub penalty_bp: u32,
	/// Least debt, other than none, that an owner may leave, in KWH units.
	pub minimum_debt: u128,
	/// Least debt, other than none, that a redemption may leave, in KWH units: 10^6 in production. The least request is larger.
	pub redemption_floor: u128,
	/// The first draw gives 2 to this many shares for each unit of debt: 64 in production. At most 128; sound up to 96 while the
	/// debt stays below 2^96 units.
	pub first_share_bits: u32,
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;

	#[test]
	fn new_should_refuse_when_a_side_is_zero() {
		assert_eq!(Price::new(0, 1), None);
		assert_eq!(Price::new(1, 0), None);
		assert!(Price::new(1, 1).is_some());
	}

	#[test]
	fn par_should_round_down_and_stop_at_what_there_is() {
		let price = Price::new(7, 3).unwrap();
		assert_eq!(price.par_up_to(10, 100), Ok((23, true)));
		assert_eq!(price.par_up_to(10, 23), Ok((23, true)));
		assert_eq!(price.par_up_to(10, 22), Ok((22, false)));
		assert_eq!(price.par_up_to(u128::MAX, u128::MAX), Ok((u128::MAX, false)));
	}

	#[test]
	fn penalised_should_round_up_and_stop_at_what_there_is() {
		let price = Price::new(7, 3).unwrap();
		// 10 x 7/3 x 1.1 = 25.67
		assert_eq!(price.penalised_up_to(10, 1_000, 100), Ok(26));
		assert_eq!(price.penalised_up_to(10, 1_000, 25), Ok(25));
		let dear = Price::new(u128::MAX, 1).unwrap();
		assert_eq!(dear.penalised_up_to(1, u32::MAX, 5), Ok(5));
		assert_eq!(dear.penalised_up_to(u128::MAX, u32::MAX, 5), Ok(5));
	}
}

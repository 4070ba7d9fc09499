//! The redemption fee: a floor, plus a base rate that redemptions raise and time halves, plus half the share of the supply
//! that is asked for; never above the cap.
//!
//! ```text
//! rate  = min(cap, least + base + ceil(asked / (2 x supply)))
//! base += burnt / (2 x supply before);    each hour base = floor(base x 2^(-1/6))
//! ```

use super::{wide, Error};

/// One, with the 18 decimals of a fee rate.
pub const FEE_ONE: u128 = 1_000_000_000_000_000_000;

/// 2^(-1/6), 18 decimals, rounded down: the base rate has a half-life of six hours.
const DECAY_HOUR: u128 = 890_898_718_140_339_304;

/// Bounds of the fee of a redemption, 18 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeTerms {
	/// Least rate.
	pub least: u128,
	/// Highest rate, at most one.
	pub cap: u128,
}

impl FeeTerms {
	/// Rate of a redemption of `asked` KWH units out of `supply`, 18 decimals, rounded up.
	pub fn rate(&self, base_rate: u128, asked: u128, supply: u128) -> Result<u128, Error> {
		let rate = wide::add(self.least, base_rate)?;
		let rate = wide::add(rate, wide::amount(wide::ceil(asked, FEE_ONE / 2, supply)?)?)?;
		Ok(rate.min(self.cap))
	}
}

/// The base rate after `burnt` KWH units out of `supply` were redeemed, 18 decimals, rounded down.
pub fn raised(base_rate: u128, burnt: u128, supply: u128) -> Result<u128, Error> {
	wide::add(base_rate, wide::amount(wide::floor(burnt, FEE_ONE / 2, supply)?)?)
}

/// The base rate an hour later, rounded down.
pub(super) fn decay_hour(base_rate: u128) -> Result<u128, Error> {
	wide::amount(wide::floor(base_rate, DECAY_HOUR, FEE_ONE)?)
}

/// Fee on `gross` collateral units at `rate` (18 decimals), rounded up. At most `gross` if the rate is at most one.
pub(super) fn on(gross: u128, rate: u128) -> Result<u128, Error> {
	wide::amount(wide::ceil(gross, rate, FEE_ONE)?)
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;

	const TERMS: FeeTerms = FeeTerms {
		least: FEE_ONE / 200,
		cap: FEE_ONE / 20,
	};

	#[test]
	fn rate_should_round_up_and_stop_at_the_cap() {
		// 1 / (2 x 3000) = 166,666,666,666,666.67
		assert_eq!(TERMS.rate(0, 1, 3_000), Ok(5_166_666_666_666_667));
		assert_eq!(TERMS.rate(7, 1, 3_000), Ok(5_166_666_666_666_674));
		assert_eq!(TERMS.rate(0, 3_000, 3_000), Ok(TERMS.cap));
		assert_eq!(TERMS.rate(u128::MAX, 1, 3_000), Err(Error::Overflow));
		assert_eq!(TERMS.rate(0, 1, 0), Err(Error::Overflow));
	}

	#[test]
	fn base_rate_should_rise_by_half_the_part_burnt_and_halve_in_six_hours() {
		let base = raised(0, 300_000_000_000_000, 1_000_958_247_472_000).unwrap();
		assert_eq!(base, 149_856_400_483_074_074);
		let later = (0..6).try_fold(base, |base, _| decay_hour(base)).unwrap();
		assert!(base / 2 - later < 6);
		assert_eq!(decay_hour(1), Ok(0));
	}

	#[test]
	fn fee_should_round_up_and_never_exceed_what_it_is_taken_from() {
		assert_eq!(on(100, FEE_ONE / 1_000), Ok(1));
		assert_eq!(on(1, 1), Ok(1));
		assert_eq!(on(0, FEE_ONE), Ok(0));
		assert_eq!(on(u128::MAX, FEE_ONE), Ok(u128::MAX));
	}
}

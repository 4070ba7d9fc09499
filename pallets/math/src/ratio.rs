//! Whether collateral covers debt, decided exactly.
//!
//! With amounts in base units, prices as fixed-point numbers with 18 decimals, and `unit` base units to a whole token,
//! a collateral covers a debt at a ratio if
//!
//! ```text
//! collateral / unit_c x price_c  >=  ratio x debt / unit_d x price_d
//! ```
//!
//! Multiplied out, both sides are whole numbers of at most 512 bits. They are compared as such: no quotient is taken and
//! nothing is rounded where a decision is made. The rounded figures ([`Quote::max_debt`], [`Quote::ratio`]) are for people,
//! and agree with the decision at every boundary.

use sp_arithmetic::{traits::Zero, FixedPointNumber, FixedU128};
use sp_core::{U256, U512};

/// A token and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
	/// Price of one whole token, in the quote currency, 18 decimals.
	pub price: FixedU128,
	/// Base units that make one whole token.
	pub unit: u128,
}

/// Prices of a collateral token and of the token owed, in one quote currency. Neither is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
	collateral: Priced,
	debt: Priced,
}

impl Quote {
	/// `None` if a price or a unit is zero: nothing can be decided then. A debt valued at nothing would otherwise be covered
	/// by nothing.
	pub fn new(collateral: Priced, debt: Priced) -> Option<Self> {
		let stated = |token: &Priced| !token.price.is_zero() && token.unit > 0;
		(stated(&collateral) && stated(&debt)).then_some(Self { collateral, debt })
	}

	/// True if `collateral` base units are worth at least `ratio` times `debt` base units. Exact.
	pub fn covers(&self, collateral: u128, debt: u128, ratio: FixedU128) -> bool {
		self.collateral_side(collateral) >= self.debt_side(debt, ratio)
	}

	/// The largest debt, in base units, that `collateral` base units cover at `ratio`. Rounded down; `u128::MAX` if every
	/// debt is covered.
	pub fn max_debt(&self, collateral: u128, ratio: FixedU128) -> u128 {
		match self.collateral_side(collateral).checked_div(self.debt_side(1, ratio)) {
			Some(debt) => u128::try_from(debt).unwrap_or(u128::MAX),
			None => u128::MAX,
		}
	}

	/// value(collateral) / value(debt), rounded down; `None` without debt. The largest `FixedU128` if it is more than that.
	pub fn ratio(&self, collateral: u128, debt: u128) -> Option<FixedU128> {
		// Required in steps of 10^-18, the quotient comes out in them.
		let smallest = FixedU128::from_inner(1);
		let inner = self
			.collateral_side(collateral)
			.checked_div(self.debt_side(debt, smallest))?;
		Some(FixedU128::from_inner(u128::try_from(inner).unwrap_or(u128::MAX)))
	}

	/// collateral x price_c x unit_d x 10^18. Below 2^444.
	fn collateral_side(&self, collateral: u128) -> U512 {
		let value = U256::from(collateral) * U256::from(self.collateral.price.into_inner());
		let scale = U256::from(self.debt.unit) * U256::from(FixedU128::DIV);
		value.full_mul(scale)
	}

	/// ratio x debt x price_d x unit_c, the ratio in units of 10^-18. Below 2^512.
	fn debt_side(&self, debt: u128, ratio: FixedU128) -> U512 {
		let required = U256::from(ratio.into_inner()) * U256::from(debt);
		let scale = U256::from(self.debt.price.into_inner()) * U256::from(self.collateral.unit);
		required.full_mul(scale)
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;
	use sp_arithmetic::traits::One;

	const RESERVE: u128 = 1_000_000;
	const KWH: u128 = 1_000_000_000_000;

	fn priced(price: FixedU128, unit: u128) -> Priced {
		Priced { price, unit }
	}

	fn quote(collateral: (u128, u128), debt: (u128, u128)) -> Quote {
		let price = |(n, d)| FixedU128::from_rational(n, d);
		Quote::new(priced(price(collateral), RESERVE), priced(price(debt), KWH)).unwrap()
	}

	fn percent(n: u128) -> FixedU128 {
		FixedU128::from_rational(n, 100)
	}

	#[test]
	fn covers_should_hold_exactly_at_the_ratio_when_values_meet() {
		// 1 unit of collateral is worth 1, one KWH 0.10: 150 units cover 1,000 KWH at 150 %.
		let quote = quote((1, 1), (1, 10));
		assert!(quote.covers(150 * RESERVE, 1_000 * KWH, percent(150)));
		assert!(!quote.covers(150 * RESERVE - 1, 1_000 * KWH, percent(150)));
		assert!(!quote.covers(150 * RESERVE, 1_000 * KWH + 1, percent(150)));
		assert_eq!(quote.max_debt(150 * RESERVE, percent(150)), 1_000 * KWH);
		assert_eq!(quote.ratio(150 * RESERVE, 1_000 * KWH), Some(percent(150)));
	}

	#[test]
	fn ratio_should_round_down_when_it_does_not_divide() {
		let quote = quote((1, 1), (1, 1));
		assert_eq!(
			quote.ratio(2 * RESERVE, 3 * KWH),
			Some(FixedU128::from_inner(666_666_666_666_666_666)),
		);
		assert_eq!(quote.ratio(1, 0), None);
		assert_eq!(quote.ratio(0, 1), Some(FixedU128::zero()));
	}

	#[test]
	fn new_should_refuse_when_a_price_or_a_unit_is_zero() {
		let good = priced(FixedU128::one(), 1);
		assert!(Quote::new(good, good).is_some());
		for bad in [priced(FixedU128::zero(), 1), priced(FixedU128::one(), 0)] {
			assert_eq!(Quote::new(bad, good), None);
			assert_eq!(Quote::new(good, bad), None);
		}
	}

	#[test]
	fn extremes_should_be_exact_when_every_factor_is_largest() {
		let largest = priced(FixedU128::from_inner(u128::MAX), u128::MAX);
		let quote = Quote::new(largest, largest).unwrap();
		assert!(quote.covers(u128::MAX, u128::MAX, FixedU128::one()));
		assert!(!quote.covers(u128::MAX - 1, u128::MAX, FixedU128::one()));
		assert!(!quote.covers(u128::MAX, u128::MAX, FixedU128::from_inner(u128::MAX)));
		assert_eq!(quote.max_debt(u128::MAX, FixedU128::one()), u128::MAX);
		assert_eq!(quote.ratio(u128::MAX, 1), Some(FixedU128::from_inner(u128::MAX)));
		assert_eq!(quote.max_debt(1, FixedU128::zero()), u128::MAX);
	}

	prop_compose! {
		fn any_quote()(
			pc in 1..=u128::MAX, pd in 1..=u128::MAX, uc in 1..=u128::MAX, ud in 1..=u128::MAX,
			shift in proptest::array::uniform4(0..127u32),
		) -> Quote {
			// Shifts spread the magnitudes; a uniform u128 is nearly always huge.
			let [a, b, c, d] = shift;
			let price = |inner: u128, by: u32| FixedU128::from_inner((inner >> by).max(1));
			Quote::new(
				priced(price(pc, a), (uc >> b).max(1)),
				priced(price(pd, c), (ud >> d).max(1)),
			).unwrap()
		}
	}

	proptest! {
		#[test]
		fn max_debt_should_be_the_boundary_of_covers(
			quote in any_quote(), collateral: u128, by in 0..127u32, ratio in 1..=10 * FixedU128::DIV,
		) {
			let (collateral, ratio) = (collateral >> by, FixedU128::from_inner(ratio));
			let most = quote.max_debt(collateral, ratio);
			prop_assert!(quote.covers(collateral, most, ratio));
			if let Some(more) = most.checked_add(1) {
				prop_assert!(!quote.covers(collateral, more, ratio));
			}
		}

		#[test]
		fn ratio_should_agree_with_covers(
			quote in any_quote(), collateral: u128, debt in 1..=u128::MAX, by in proptest::array::uniform2(0..127u32),
			required: u128,
		) {
			let (collateral, debt) = (collateral >> by[0], (debt >> by[1]).max(1));
			let ratio = quote.ratio(collateral, debt).unwrap();
			// What the ratio says is required is covered, the next step above it is not, unless the figure is capped.
			prop_assert!(quote.covers(collateral, debt, ratio));
			if let Some(above) = ratio.into_inner().checked_add(1) {
				prop_assert!(!quote.covers(collateral, debt, FixedU128::from_inner(above)));
			}
			let required = FixedU128::from_inner(required);
			if ratio.into_inner() < u128::MAX {
				prop_assert_eq!(quote.covers(collateral, debt, required), ratio >= required);
			}
		}

		#[test]
		fn covers_should_match_plain_arithmetic_when_numbers_are_small(
			collateral in 0..1u128 << 40, debt in 0..1u128 << 40, pc in 1..1_000u128, pd in 1..1_000u128, percents in 0..500u128,
		) {
			// Whole prices and equal units: c x pc x 100 >= d x pd x percents.
			let price = |n| FixedU128::from_rational(n, 1);
			let quote = Quote::new(priced(price(pc), 1_000), priced(price(pd), 1_000)).unwrap();
			prop_assert_eq!(
				quote.covers(collateral, debt, percent(percents)),
				collateral * pc * 100 >= debt * pd * percents,
			);
		}
	}
}

//! What a Wh costs in a period.
//!
//! Prices are whole numbers of 10^-18 base units per Wh and are rounded down, toward minus infinity. Escalation compounds
//! once a contract year, and always from the price agreed at first, so that a price is rounded once however old the
//! agreement is: with a growth of g_0 = 10^36 and g_y = floor(g_(y-1) x (10^6 + escalator) / 10^6), the price of year y is
//! floor(p x g_y / 10^36).

use sp_core::U256;

use super::{
	terms::{NegativeIndex, Tariff, Terms},
	wide::I256,
	Ppm, Price, Refusal, MILLION,
};
use crate::tariff::SCALE;

/// The growth of contract year 0.
const UNIT_GROWTH: u128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;

/// What a price has grown by in contract year `year`, in 10^-36. `Overflow` beyond 256 bits.
fn growth(escalator: i32, year: u32) -> Result<U256, Refusal> {
	// Terms keep the escalator above -10^6.
	let factor = u32::try_from(MILLION as i64 + i64::from(escalator)).map_err(|_| Refusal::Overflow)?;
	(0..year).try_fold(U256::from(UNIT_GROWTH), |growth, _| {
		let grown = growth.checked_mul(factor.into()).ok_or(Refusal::Overflow)?;
		Ok(grown / U256::from(MILLION))
	})
}

/// `price` of the first contract year, in year `year`.
fn escalated(price: Price, escalator: i32, year: u32) -> Result<Price, Refusal> {
	let grown = I256::from(price).times(growth(escalator, year)?)?;
	grown.divide(UNIT_GROWTH.into())?.0.narrow()
}

/// The price of energy beyond the contracted quantity: the share `ratio` of `price`.
pub fn excess_price(price: Price, ratio: Ppm) -> Result<Price, Refusal> {
	I256::product(price, ratio.into()).divide(MILLION.into())?.0.narrow()
}

impl Tariff {
	/// True if bills need an index.
	pub fn is_indexed(&self) -> bool {
		!matches!(self, Self::Fixed { .. })
	}

	/// Stands in for an unknown index.
	pub fn index0(&self) -> Price {
		match self {
			Self::Fixed { .. } => 0,
			Self::Indexed { index0, .. } | Self::Cfd { index0, .. } => *index0,
		}
	}
}

impl Terms {
	/// The price, in contract year `year` and at `index`, of the billed register at `position` of the terms.
	pub fn price(&self, position: usize, year: u32, index: Price) -> Result<Price, Refusal> {
		match &self.tariff {
			Tariff::Fixed { prices } => {
				let price = prices.get(position).ok_or(Refusal::BadTerms)?;
				escalated(*price, self.escalator, year)
			}
			Tariff::Indexed {
				base,
				slope,
				floor,
				cap,
				..
			} => {
				let (slide, _) = I256::product(*slope, index).divide(SCALE.into())?;
				let free = slide.plus(I256::from(*base))?;
				// Out of range of 128 bits is out of the range between floor and cap.
				Ok(match free.narrow() {
					Ok(free) => free.clamp(*floor, *cap),
					Err(_) if free.is_negative() => *floor,
					Err(_) => *cap,
				})
			}
			Tariff::Cfd {
				negative: NegativeIndex::Zero,
				..
			} if index < 0 => Ok(0),
			Tariff::Cfd { strike, .. } => {
				let strike = escalated(*strike, self.escalator, year)?;
				strike.checked_sub(index.max(0)).ok_or(Refusal::Overflow)
			}
		}
	}

	/// The price of energy that is paid but not delivered: the strike of a contract for difference, else the reference
	/// price, of contract year `year`.
	pub fn reference_price(&self, year: u32) -> Result<Price, Refusal> {
		let price = match self.tariff {
			Tariff::Cfd { strike, .. } => strike,
			_ => self.volume.ref_price,
		};
		escalated(price, self.escalator, year)
	}

	/// The most that a Wh can be expected to cost in contract year `year`: the highest register's price, the cap, or the
	/// strike.
	pub fn highest_price(&self, year: u32) -> Result<Price, Refusal> {
		match &self.tariff {
			Tariff::Fixed { prices } => {
				let highest = prices.iter().max().ok_or(Refusal::BadTerms)?;
				escalated(*highest, self.escalator, year)
			}
			Tariff::Indexed { cap, .. } => Ok(*cap),
			Tariff::Cfd { strike, .. } => escalated(*strike, self.escalator, year),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::example;

	const PRICE: Price = 1_000_000_000;

	#[test]
	fn price_should_be_rounded_once_when_it_escalates_for_years() {
		// 1.025^2 = 1.050625
		assert_eq!(escalated(1_000_007, 25_000, 2), Ok(1_050_632));
		assert_eq!(escalated(-1_000_007, 25_000, 2), Ok(-1_050_633));
		assert_eq!(escalated(PRICE, -500_000, 3), Ok(PRICE / 8));
		assert_eq!(escalated(PRICE, 25_000, 0), Ok(PRICE));
		assert_eq!(escalated(i128::MAX, 1_000_000, 1), Err(Refusal::Overflow));
		assert_eq!(growth(1_000_000, 300), Err(Refusal::Overflow));
	}

	#[test]
	fn indexed_price_should_stay_between_floor_and_cap() {
		let mut terms = example::terms();
		let scale = SCALE as i128;
		terms.tariff = Tariff::Indexed {
			base: -10,
			slope: scale / 2,
			floor: 5,
			cap: 40,
			index0: 0,
		};
		let price = |index| terms.price(0, 3, index).unwrap();
		assert_eq!([-100, 30, 31, 50, 101].map(price), [5, 5, 5, 15, 40]);
		assert_eq!([i128::MIN, i128::MAX].map(price), [5, 40]);
	}

	#[test]
	fn difference_should_follow_the_clause_when_the_index_is_negative() {
		let mut terms = example::terms();
		let mut price = |negative, index| {
			terms.tariff = Tariff::Cfd {
				strike: PRICE,
				negative,
				index0: 0,
			};
			terms.price(0, 0, index).unwrap()
		};
		assert_eq!(price(NegativeIndex::Cap, -1), PRICE);
		assert_eq!(price(NegativeIndex::Zero, -1), 0);
		assert_eq!(price(NegativeIndex::Zero, PRICE / 4), PRICE / 4 * 3);
		assert_eq!(price(NegativeIndex::Cap, 3 * PRICE), -2 * PRICE);
	}

	#[test]
	fn excess_price_should_round_down() {
		assert_eq!(excess_price(9, 500_000), Ok(4));
		assert_eq!(excess_price(-9, 500_000), Ok(-5));
	}
}

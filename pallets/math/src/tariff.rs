//! Energy times price, with the sub-unit remainder carried.
//!
//! A price has 18 decimals, so a bill is rarely a whole number of base units. What does not fill a unit is neither rounded
//! away nor charged: it is carried into the next bill. Ten small bills therefore equal one large one, to the unit:
//!
//! ```text
//! amount, rem = divmod(wh x price + rem, 10^18)
//! ```

use sp_core::U256;

/// How many parts of 10^-18 make one base unit: the unit of a price's integer and of a remainder.
pub const SCALE: u64 = 1_000_000_000_000_000_000;

/// The highest price, in 10^-18 base units per Wh, at which no number of Wh that a register can count overflows a bill:
/// 2^64 + 1 base units per Wh. `u64::MAX` Wh then cost exactly `u128::MAX` base units.
pub const MAX_PRICE: u128 = ((1 << 64) + 1) * SCALE as u128;

/// What some energy costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
	/// Whole base units.
	pub amount: u128,
	/// What is left over for the next bill, in 10^-18 base units. Less than [`SCALE`].
	pub rem: u64,
}

/// Bills `wh` watt-hours at `price` (10^-18 base units per Wh), starting from the remainder `rem` (10^-18 base units) that
/// the bill before left. The amount is rounded down; what is rounded off is the new remainder, so nothing is lost.
///
/// `None` if the amount does not fit a `u128`, which cannot happen while `price` is at most [`MAX_PRICE`] and `rem` less
/// than [`SCALE`].
pub fn bill(wh: u64, price: u128, rem: u64) -> Option<Bill> {
	// At most 2^64 x 2^128 + 2^64: far inside 256 bits.
	let cost = U256::from(wh) * U256::from(price) + U256::from(rem);
	let (amount, rem) = cost.div_mod(U256::from(SCALE));
	Some(Bill {
		amount: amount.try_into().ok()?,
		rem: rem.low_u64(),
	})
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;

	#[test]
	fn bill_should_carry_the_remainder_when_the_price_has_sub_unit_digits() {
		// 0.4 base units per Wh.
		let price = SCALE as u128 * 4 / 10;
		let first = bill(2, price, 0).unwrap();
		assert_eq!(
			first,
			Bill {
				amount: 0,
				rem: SCALE / 10 * 8
			}
		);
		assert_eq!(
			bill(1, price, first.rem).unwrap(),
			Bill {
				amount: 1,
				rem: SCALE / 10 * 2
			}
		);
	}

	#[test]
	fn bill_should_fit_exactly_when_energy_and_price_are_at_their_limits() {
		assert_eq!(
			bill(u64::MAX, MAX_PRICE, SCALE - 1),
			Some(Bill {
				amount: u128::MAX,
				rem: SCALE - 1
			})
		);
		assert_eq!(bill(u64::MAX, MAX_PRICE + 1, SCALE - 1), None);
		assert_eq!(bill(u64::MAX, u128::MAX, 0), None);
	}

	#[test]
	fn bill_should_keep_the_remainder_when_there_is_no_energy() {
		assert_eq!(bill(0, MAX_PRICE, 7), Some(Bill { amount: 0, rem: 7 }));
	}

	proptest! {
		#[test]
		fn bill_should_be_exact_when_small_enough_to_check(wh in any::<u32>(), price in any::<u64>(), rem in 0..SCALE) {
			let cost = wh as u128 * price as u128 + rem as u128;
			let bill = bill(wh as u64, price as u128, rem).unwrap();
			prop_assert!(bill.rem < SCALE);
			prop_assert_eq!(bill.amount * SCALE as u128 + bill.rem as u128, cost);
		}

		#[test]
		fn bills_should_add_up_to_one_when_energy_is_cut_anywhere(
			parts in prop::collection::vec(0..=u64::MAX / 32, 1..32),
			price in 0..=MAX_PRICE,
		) {
			let whole = bill(parts.iter().sum(), price, 0).unwrap();
			let (mut amount, mut rem) = (0, 0);
			for wh in parts {
				let part = bill(wh, price, rem).unwrap();
				amount += part.amount;
				rem = part.rem;
			}
			prop_assert_eq!(Bill { amount, rem }, whole);
		}
	}
}

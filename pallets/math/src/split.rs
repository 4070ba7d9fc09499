//! Shares without lost units: of a running total, and of one amount among several.
//!
//! # Of a running total
//!
//! A share cut from each payment alone loses a fraction of a unit every time, so many small payments would split otherwise
//! than one large one. Cut from the running total it loses at most one unit over all time:
//!
//! ```text
//! share of this payment = floor(ratio x all so far, this one included) - floor(ratio x all before it)
//! ```
//!
//! # At most a share
//!
//! [`capped`] gives a creditor what is due to it, but at most a share of the payment at hand, so that a fixed fee never eats a
//! small payment.
//!
//! # Among several
//!
//! [`Cut`] divides one amount by weights c_1, c_2, ... of a whole T at cumulative floors: the share of the i-th is
//! floor(amount x C_i / T) - floor(amount x C_(i-1) / T), where C_i sums the first i weights. Weights that fill the whole
//! share the amount to the last unit, and no share is above its exact value by a whole unit.

use sp_arithmetic::{PerThing, Permill};
use sp_core::U256;

/// The share of a payment of `amount` that follows payments of `before` in all, both in base units. Rounded so that the
/// shares of all payments add up to floor(`ratio` x their sum), however they were cut. Never more than `amount`.
///
/// `None` if `before + amount` does not fit a `u128`.
pub fn share(ratio: Permill, before: u128, amount: u128) -> Option<u128> {
	let after = before.checked_add(amount)?;
	// `of_total` only grows with its total, so this does not underflow.
	of_total(ratio, after).checked_sub(of_total(ratio, before))
}

/// What a creditor with `due` to come takes of a payment of `amount`, both in base units: min(due, ceil(`cap` x amount)). Never
/// more than `amount`, as far as `cap` is at most the whole.
pub fn capped(due: u128, cap: Permill, amount: u128) -> u128 {
	// What the cap leaves is rounded down, so that the cap itself is rounded up.
	let left = of_total(cap.left_from_one(), amount);
	due.min(amount - left)
}

/// floor(ratio x total), exact for any total.
fn of_total(ratio: Permill, total: u128) -> u128 {
	const MILLION: u128 = 1_000_000;
	let parts = ratio.deconstruct() as u128;
	// With total = q x 10^6 + r the product is q x parts + r x parts / 10^6. The sum is at most `total`.
	total / MILLION * parts + total % MILLION * parts / MILLION
}

/// An amount on its way to being cut by weights.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
	amount: u128,
	whole: u128,
	/// Weights so far, at most `whole`.
	weight: u128,
	/// Shares so far.
	taken: u128,
}

impl Cut {
	/// `amount` units, to be cut by weights that add up to at most `whole`.
	pub fn new(amount: u128, whole: u128) -> Self {
		Self {
			amount,
			whole,
			weight: 0,
			taken: 0,
		}
	}

	/// The share of the next `weight`, rounded by the cumulative floors. Weights beyond the whole take nothing; of an empty
	/// whole there are no shares.
	pub fn take(&mut self, weight: u128) -> u128 {
		self.weight = self.whole.min(self.weight.saturating_add(weight));
		let until = (U256::from(self.amount) * U256::from(self.weight)).checked_div(self.whole.into());
		// At most `amount`, as the weights are at most the whole, and never less than before.
		let until = until.unwrap_or_default().low_u128();
		let share = until - self.taken;
		self.taken = until;
		share
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;

	#[test]
	fn cut_should_give_every_unit_when_the_weights_fill_the_whole() {
		let mut cut = Cut::new(43, 151);
		assert_eq!([100, 50, 1].map(|weight| cut.take(weight)), [28, 14, 1]);
		assert_eq!(cut.take(5), 0);
	}

	#[test]
	fn cut_should_give_nothing_when_the_whole_is_empty() {
		assert_eq!(Cut::new(43, 0).take(7), 0);
	}

	#[test]
	fn share_should_take_all_or_nothing_when_the_ratio_does() {
		assert_eq!(share(Permill::one(), 3, 10), Some(10));
		assert_eq!(share(Permill::zero(), 3, 10), Some(0));
		assert_eq!(share(Permill::one(), 0, u128::MAX), Some(u128::MAX));
	}

	#[test]
	fn share_should_make_up_for_fractions_when_payments_are_small() {
		let third = Permill::from_parts(333_334);
		let shares: [_; 4] = core::array::from_fn(|before| share(third, before as u128, 1));
		assert_eq!(shares, [Some(0), Some(0), Some(1), Some(0)]);
	}

	#[test]
	fn share_should_fail_when_the_total_overflows() {
		assert_eq!(share(Permill::one(), u128::MAX, 1), None);
	}

	#[test]
	fn capped_should_take_the_lesser_of_what_is_due_and_the_cap_rounded_up() {
		let tenth = Permill::from_percent(10);
		assert_eq!([1, 2, 3].map(|due| capped(due, tenth, 11)), [1, 2, 2]);
		assert_eq!(capped(5, Permill::zero(), 11), 0);
		assert_eq!(capped(u128::MAX, Permill::one(), u128::MAX), u128::MAX);
		assert_eq!(capped(5, tenth, 0), 0);
	}

	proptest! {
		#[test]
		fn capped_should_be_the_exact_ceiling_when_enough_is_due(parts in 0..=1_000_000u32, amount in any::<u128>()) {
			let million = U256::from(1_000_000);
			let exact = (U256::from(amount) * U256::from(parts) + million - 1) / million;
			prop_assert_eq!(U256::from(capped(u128::MAX, Permill::from_parts(parts), amount)), exact);
		}

		#[test]
		fn cut_should_stay_within_a_unit_of_the_exact_share(
			amount in any::<u128>(),
			weights in prop::collection::vec(0..=u128::MAX / 16, 1..16),
		) {
			let whole = weights.iter().sum();
			let mut cut = Cut::new(amount, whole);
			let mut sum = 0;
			for weight in weights {
				let share = cut.take(weight);
				let exact = U256::from(amount) * U256::from(weight);
				prop_assert!(U256::from(share) * U256::from(whole) < exact + U256::from(whole));
				prop_assert!((U256::from(share) + U256::one()) * U256::from(whole) > exact);
				sum += share;
			}
			prop_assert_eq!(sum, if whole == 0 { 0 } else { amount });
		}

		#[test]
		fn share_of_the_first_payment_should_be_the_exact_floor(parts in 0..=1_000_000u32, amount in any::<u128>()) {
			let exact = U256::from(amount) * U256::from(parts) / U256::from(1_000_000);
			prop_assert_eq!(share(Permill::from_parts(parts), 0, amount).map(U256::from), Some(exact));
		}

		#[test]
		fn shares_should_add_up_to_one_when_the_total_is_cut_anywhere(
			parts in 0..=1_000_000u32,
			payments in prop::collection::vec(prop_oneof![0..10u128, 0..=u128::MAX / 32], 1..32),
		) {
			let ratio = Permill::from_parts(parts);
			let whole = share(ratio, 0, payments.iter().sum()).unwrap();
			let (mut before, mut shares) = (0, 0);
			for payment in payments {
				let part = share(ratio, before, payment).unwrap();
				prop_assert!(part <= payment);
				before += payment;
				shares += part;
			}
			prop_assert_eq!(shares, whole);
		}
	}
}

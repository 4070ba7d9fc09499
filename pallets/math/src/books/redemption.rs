//! Redemption: KWH for collateral, one vault at a time.
//!
//! The caller drives it. A request is worked off in this order, at one price and one fee rate:
//!
//! 1. the reserve, with [`TypeBooks::redeem_reserve`];
//! 2. the vaults from the first that can pay par ([`TypeBooks::threshold`] of 100 %) upward;
//! 3. those below it, from the front of the risk index.
//!
//! Starting at the front would pay holders a fraction while liquidation is paused and the front is under water. Both passes
//! call [`TypeBooks::redeem_vault`]. The caller stops when nothing is left, after so many vaults as it allows itself, or after
//! one that was redeemed only in part. A vault that would pay nothing is passed over, and counts as one of so many.
//!
//! A vault pays par, or the part of its collateral that matches the part of its debt if that is less: it never pays more than
//! it owns, and the ratio of no other vault falls. A partial redemption leaves at least the floor; it may then burn less than
//! is left of the request. What a step did not burn remains to be redeemed.

use super::{
	fee,
	terms::Price,
	totals::{Step, TypeBooks, Vault},
	wide, Error,
};

/// What a vault, or the reserve, paid for KWH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeemed {
	/// Debt that was to be redeemed, KWH units.
	pub asked: u128,
	/// KWH units to burn: `asked`, or less by one if it is the last unit and others still hold shares.
	pub burnt: u128,
	/// Collateral units paid, fee included.
	pub gross: u128,
	/// Collateral units to the holder: `gross` less the fee, which is rounded up.
	pub out: u128,
	/// True if no debt of the vault, or no shortfall, is left.
	pub closed: bool,
}

impl TypeBooks {
	/// Redeems up to `left` KWH units against a vault, at a fee of `rate` (18 decimals).
	///
	/// Half of the fee, rounded down, stays in a vault that paid par; the rest is the books' revenue. `None` if the holder
	/// would get nothing, or if all that could be redeemed is below `floor`.
	pub fn redeem_vault(
		&self,
		vault: &Vault,
		left: u128,
		floor: u128,
		rate: u128,
		price: &Price,
	) -> Result<Option<Step<Redeemed>>, Error> {
		let booked = self.booked(vault)?;
		let debt = self.debt_of(&booked)?;
		let asked = redeemable(debt, left, floor);
		if asked == 0 {
			return Ok(None);
		}
		let (books, redeemed, burnt) = self.remove_debt(&booked, asked)?;
		let share = wide::amount(wide::floor(booked.collateral, burnt, debt)?)?;
		let (gross, par) = price.par_up_to(burnt, share)?;
		let fee = fee::on(gross, rate)?;
		let out = wide::take(gross, fee)?;
		if out == 0 {
			return Ok(None);
		}
		let kept = if par { fee / 2 } else { 0 };
		let books = books.release(gross - kept)?;
		Ok(Some(Step {
			books: TypeBooks {
				revenue: wide::add(books.revenue, fee - kept)?,
				..books
			},
			vault: Vault {
				collateral: wide::take(redeemed.collateral, gross - kept)?,
				..redeemed
			},
			outcome: Redeemed {
				asked,
				burnt,
				gross,
				out,
				closed: redeemed.shares.is_zero(),
			},
		}))
	}

	/// Redeems up to `left` KWH units against the reserve, at a fee of `rate` (18 decimals), all of it revenue.
	///
	/// The reserve pays like a vault that owes the shortfall. It has no owner to keep half of the fee, no place in the index, so
	/// no floor, and what is left of it without a shortfall is revenue. `None` if the holder would get nothing.
	pub fn redeem_reserve(&self, left: u128, rate: u128, price: &Price) -> Result<Option<(Self, Redeemed)>, Error> {
		let asked = left.min(self.shortfall);
		if asked == 0 {
			return Ok(None);
		}
		let share = wide::amount(wide::floor(self.reserve, asked, self.shortfall)?)?;
		let (gross, _) = price.par_up_to(asked, share)?;
		let fee = fee::on(gross, rate)?;
		let out = wide::take(gross, fee)?;
		if out == 0 {
			return Ok(None);
		}
		let paid = Self {
			reserve: wide::take(self.reserve, gross)?,
			revenue: wide::add(self.revenue, fee)?,
			..*self
		};
		let redeemed = Redeemed {
			asked,
			burnt: asked,
			gross,
			out,
			closed: asked == self.shortfall,
		};
		Ok(Some((paid.cover_shortfall(asked)?, redeemed)))
	}
}

/// Whether a vault that can pay par would pay its holder anything for `left` KWH units, at a fee of `rate` (18 decimals).
pub fn is_worth(left: u128, rate: u128, price: &Price) -> Result<bool, Error> {
	let (gross, _) = price.par_up_to(left, u128::MAX)?;
	Ok(gross > fee::on(gross, rate)?)
}

/// How much of a `debt` to redeem when `left` is asked for: as much, or so much less that the floor remains.
fn redeemable(debt: u128, left: u128, floor: u128) -> u128 {
	let rest = debt - left.min(debt);
	if rest == 0 {
		debt
	} else {
		debt.saturating_sub(rest.max(floor))
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::{super::fee::FEE_ONE, *};

	const FIVE_PERCENT: u128 = FEE_ONE / 20;

	/// Books of two vaults that owe `debt` each; the first is returned.
	fn books(debt: u128, collateral: u128) -> (TypeBooks, Vault) {
		let empty = TypeBooks::default();
		let (books, vault) = empty.add_debt(&empty.open(), debt, 64).unwrap();
		let (books, _) = books.add_debt(&empty.open(), debt, 64).unwrap();
		let step = books.deposit(&vault, collateral).unwrap();
		(step.books, step.vault)
	}

	fn price(numerator: u128) -> Price {
		Price::new(numerator, 1).unwrap()
	}

	#[test]
	fn vault_should_keep_half_of_the_fee_when_it_pays_par() {
		let (books, vault) = books(1_000, 3_000);
		let step = books
			.redeem_vault(&vault, 420, 10, FIVE_PERCENT, &price(2))
			.unwrap()
			.unwrap();
		// 840 at par, 42 of it the fee.
		assert_eq!((step.outcome.gross, step.outcome.out), (840, 798));
		assert_eq!((step.vault.collateral, step.books.revenue), (3_000 - 840 + 21, 21));
		assert_eq!(
			(step.outcome.burnt, step.books.debt, step.outcome.closed),
			(420, 1_580, false)
		);
	}

	#[test]
	fn revenue_should_get_the_odd_unit_of_the_fee() {
		let (books, vault) = books(1_000, 3_000);
		let step = books
			.redeem_vault(&vault, 41, 10, FIVE_PERCENT, &price(1))
			.unwrap()
			.unwrap();
		assert_eq!((step.outcome.out, step.books.revenue), (38, 2));
	}

	#[test]
	fn vault_should_pay_its_part_and_keep_nothing_when_it_is_under_water() {
		let (books, vault) = books(1_000, 600);
		let step = books
			.redeem_vault(&vault, 500, 10, FIVE_PERCENT, &price(1))
			.unwrap()
			.unwrap();
		assert_eq!((step.outcome.gross, step.outcome.out), (300, 285));
		assert_eq!((step.vault.collateral, step.books.revenue), (300, 15));
	}

	#[test]
	fn redeemable_should_leave_nothing_or_the_floor() {
		assert_eq!(redeemable(100, 100, 10), 100);
		assert_eq!(redeemable(100, 101, 10), 100);
		assert_eq!(redeemable(100, 90, 10), 90);
		assert_eq!(redeemable(100, 91, 10), 90);
		assert_eq!(redeemable(10, 9, 10), 0);
		assert_eq!(redeemable(5, 4, 10), 0);
		assert_eq!(redeemable(0, 5, 10), 0);
	}

	#[test]
	fn step_should_not_be_made_when_the_fee_takes_all() {
		let (books, vault) = books(1_000, 3_000);
		assert_eq!(books.redeem_vault(&vault, 1, 10, 1, &price(1)), Ok(None));
		assert_eq!(books.redeem_vault(&vault, 0, 10, 0, &price(1)), Ok(None));
		assert!(books.redeem_vault(&vault, 1, 10, 0, &price(1)).unwrap().is_some());
	}

	#[test]
	fn reserve_should_pay_par_or_its_part_and_end_as_revenue() {
		let books = TypeBooks {
			shortfall: 100,
			reserve: 150,
			..TypeBooks::default()
		};
		let (after, paid) = books.redeem_reserve(40, FIVE_PERCENT, &price(1)).unwrap().unwrap();
		assert_eq!((paid.gross, paid.out, paid.closed), (40, 38, false));
		assert_eq!((after.shortfall, after.reserve, after.revenue), (60, 110, 2));
		let (poor, paid) = after.redeem_reserve(30, FIVE_PERCENT, &price(2)).unwrap().unwrap();
		assert_eq!((paid.gross, poor.reserve), (55, 55));
		let (closed, paid) = after.redeem_reserve(1_000, FIVE_PERCENT, &price(1)).unwrap().unwrap();
		assert_eq!((paid.burnt, paid.out, paid.closed), (60, 57, true));
		assert_eq!((closed.shortfall, closed.reserve, closed.revenue), (0, 0, 55));
		assert_eq!(closed.redeem_reserve(1, FIVE_PERCENT, &price(1)), Ok(None));
	}
}

//! Liquidation of one vault below the liquidation ratio.
//!
//! Its debt `d` is met in three ways, in this order:
//!
//! ```text
//! q    = min(d, T - 1)                                    burnt by the backstop pool of T
//! r    = min(d - q, D_rest, floor(N_rest / 2^16) - D_rest)   redistributed to the other vaults by their shares
//! lost = d - q - r                                        shortfall, which no vault owes
//! ```
//!
//! The collateral seized, the debt with the penalty on top at most, follows the debt in proportion. What rounding leaves of it
//! goes to the last that took debt. The rest of the collateral stays the owner's, in a vault without shares.
//!
//! Redistribution at most doubles what the others owe, and stops where a unit of debt would have fewer than 2^16 shares, so
//! that shares never become too coarse to divide debt by. If the collateral per share would reach 2^255, nothing is
//! redistributed. Either way the excess is shortfall, and its collateral the reserve's.
//!
//! Debt of the others grows by changing the total only, and collateral by changing what is handed out per share: no other
//! vault is touched. The caller takes the vault off the risk index and works from its front as long as that is unsafe.

use super::{
	pool::{FinishedScale, Pool},
	terms::{Price, Terms},
	totals::{Step, TypeBooks, Vault, FRACTION_BITS, HANDED_OUT_BITS},
	wide, Error,
};
use sp_core::U256;

/// Redistribution leaves at least 2 to this many shares for each unit of debt.
pub const REDISTRIBUTION_BITS: usize = 16;

/// What a liquidation moved. `debt = offset + redistributed + lost` and `seized = to_pool + to_rest + to_reserve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidated {
	/// d: debt the vault is rid of, KWH units: all it owed, or all but the last unit of the books if others hold shares.
	pub debt: u128,
	/// q: KWH units the pool burns.
	pub offset: u128,
	/// r: KWH units the other vaults owe now.
	pub redistributed: u128,
	/// KWH units nobody owes now.
	pub lost: u128,
	/// Collateral units taken from the vault.
	pub seized: u128,
	/// Collateral units to the pool.
	pub to_pool: u128,
	/// Collateral units handed out to the other vaults.
	pub to_rest: u128,
	/// Collateral units to the reserve.
	pub to_reserve: u128,
}

/// What a liquidation leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
	/// The totals and the vault afterwards, and what moved.
	pub step: Step<Liquidated>,
	/// The pool afterwards.
	pub pool: Pool,
	/// The scale that the pool left behind, if it did.
	pub finished: Option<FinishedScale>,
}

impl TypeBooks {
	/// Liquidates a vault, which must be below the liquidation ratio ([`Error::Safe`] otherwise).
	pub fn liquidate(&self, vault: &Vault, pool: &Pool, price: &Price, terms: &Terms) -> Result<Liquidation, Error> {
		let key = vault.key().ok_or(Error::Safe)?;
		if !self.is_unsafe(key, price, terms)? {
			return Err(Error::Safe);
		}
		let booked = self.booked(vault)?;
		let rest = self.without(booked.shares)?;
		let debt = self.debt_of(&booked)?.min(self.removable(&rest));
		let rest = Self {
			debt: self.debt - debt,
			..rest
		};
		let seized = price.penalised_up_to(debt, terms.penalty_bp, booked.collateral)?;
		let offset = debt.min(pool.offsettable());
		let redistributed = (debt - offset).min(rest.redistributable());

		let split = split(debt, seized, offset, redistributed)?;
		let (moved, handed_out) = match rest.handed_out_with(split.to_rest)? {
			Some(handed_out) => (split, handed_out),
			None => (self::split(debt, seized, offset, 0)?, rest.handed_out),
		};
		let books = Self {
			debt: wide::add(rest.debt, moved.redistributed)?,
			collateral: wide::take(rest.collateral, seized - moved.to_rest)?,
			handed_out,
			shortfall: wide::add(rest.shortfall, moved.lost)?,
			reserve: wide::add(rest.reserve, moved.to_reserve)?,
			..rest
		};
		let vault = Vault {
			shares: U256::zero(),
			collateral: booked.collateral - seized,
			..booked
		};
		let (pool, finished) = pool.offset(moved.offset, moved.to_pool)?;
		Ok(Liquidation {
			step: Step {
				books,
				vault,
				outcome: moved,
			},
			pool,
			finished,
		})
	}

	/// How much more debt the vaults may take from liquidated ones, KWH units.
	fn redistributable(&self) -> u128 {
		let most = self.shares >> REDISTRIBUTION_BITS;
		let room = most.saturating_sub(self.debt.into());
		u128::try_from(room).map_or(self.debt, |room| room.min(self.debt))
	}

	/// What is handed out per share after `collateral` units more, rounded down; `None` if it would reach its bound.
	fn handed_out_with(&self, collateral: u128) -> Result<Option<U256>, Error> {
		if collateral == 0 {
			return Ok(Some(self.handed_out));
		}
		let per_share = wide::floor(collateral, U256::one() << FRACTION_BITS, self.shares);
		let sum = per_share
			.ok()
			.and_then(|per_share| self.handed_out.checked_add(per_share));
		Ok(sum.filter(|sum| *sum >> HANDED_OUT_BITS == U256::zero()))
	}
}

/// Splits what was seized for `debt` in proportion to where the debt went, rounded down; the residue goes to the last taker.
fn split(debt: u128, seized: u128, offset: u128, redistributed: u128) -> Result<Liquidated, Error> {
	let lost = debt - offset - redistributed;
	let part = |of_debt| match debt {
		0 => Ok(0),
		_ => wide::amount(wide::floor(seized, of_debt, debt)?),
	};
	let (mut to_pool, mut to_rest) = (part(offset)?, part(redistributed)?);
	let residue = seized - to_pool - to_rest;
	let mut to_reserve = 0;
	if lost > 0 {
		to_reserve = residue;
	} else if redistributed > 0 {
		to_rest += residue;
	} else {
		to_pool += residue;
	}
	Ok(Liquidated {
		debt,
		offset,
		redistributed,
		lost,
		seized,
		to_pool,
		to_rest,
		to_reserve,
	})
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;

	const TERMS: Terms = Terms {
		hourly_rate: 0,
		mint_bp: 15_000,
		liquidation_bp: 13_000,
		penalty_bp: 1_000,
		minimum_debt: 1,
		redemption_floor: 1,
		first_share_bits: 64,
	};

	/// Books of a vault that owes 1,000 and owns `collateral`, and of one that owes `rest`; the first is returned.
	fn books(collateral: u128, rest: u128) -> (TypeBooks, Vault) {
		let empty = TypeBooks::default();
		let (mut books, vault) = empty.add_debt(&empty.open(), 1_000, 64).unwrap();
		if rest > 0 {
			books = books.add_debt(&empty.open(), rest, 64).unwrap().0;
		}
		let step = books.deposit(&vault, collateral).unwrap();
		(step.books, step.vault)
	}

	fn liquidate((books, vault): (TypeBooks, Vault), active: u128) -> Result<Liquidation, Error> {
		let pool = Pool {
			active,
			..Pool::default()
		};
		books.liquidate(&vault, &pool, &Price::new(1, 1).unwrap(), &TERMS)
	}

	fn moved(liquidation: &Liquidation) -> (u128, u128, u128, u128, u128, u128) {
		let moved = liquidation.step.outcome;
		let debt = (moved.offset, moved.redistributed, moved.lost);
		(debt.0, debt.1, debt.2, moved.to_pool, moved.to_rest, moved.to_reserve)
	}

	#[test]
	fn liquidate_should_be_refused_when_the_vault_is_safe_or_owes_nothing() {
		assert!(liquidate(books(1_299, 5_000), 0).is_ok());
		assert_eq!(liquidate(books(1_301, 5_000), 0), Err(Error::Safe));
		let (books, _) = books(1_299, 5_000);
		assert_eq!(liquidate((books, books.open()), 0), Err(Error::Safe));
	}

	#[test]
	fn owner_should_keep_what_exceeds_debt_and_penalty() {
		let liquidation = liquidate(books(1_250, 5_000), 10_000).unwrap();
		assert_eq!(moved(&liquidation), (1_000, 0, 0, 1_100, 0, 0));
		let step = liquidation.step;
		assert_eq!((step.vault.shares, step.vault.collateral), (U256::zero(), 150));
		assert_eq!((step.books.debt, step.books.collateral), (5_000, 150));
		assert_eq!((liquidation.pool.active, liquidation.pool.collateral), (9_000, 1_100));
	}

	#[test]
	fn rest_should_take_what_the_pool_cannot_and_the_residue() {
		let liquidation = liquidate(books(1_000, 5_000), 334).unwrap();
		assert_eq!(moved(&liquidation), (333, 667, 0, 333, 667, 0));
		let odd = liquidate(books(1_001, 5_000), 334).unwrap();
		assert_eq!(moved(&odd), (333, 667, 0, 333, 668, 0));
		let books = odd.step.books;
		assert_eq!((books.debt, books.collateral), (5_667, 668));
		assert_eq!(books.handed_out, (U256::from(668) << FRACTION_BITS) / books.shares);
	}

	#[test]
	fn excess_should_be_shortfall_when_the_rest_would_more_than_double() {
		let liquidation = liquidate(books(1_001, 300), 334).unwrap();
		assert_eq!(moved(&liquidation), (333, 300, 367, 333, 300, 368));
		let books = liquidation.step.books;
		assert_eq!((books.debt, books.shortfall, books.reserve), (600, 367, 368));
	}

	#[test]
	fn all_should_be_lost_when_there_is_no_pool_and_no_rest() {
		let liquidation = liquidate(books(1_001, 0), 1).unwrap();
		assert_eq!(moved(&liquidation), (0, 0, 1_000, 0, 0, 1_001));
		assert_eq!(
			(liquidation.step.books.debt, liquidation.step.books.shares),
			(0, U256::zero())
		);
		assert_eq!(liquidation.finished, None);
	}

	#[test]
	fn redistribution_should_stop_when_shares_are_coarse() {
		let (mut books, mut vault) = books(1_000, 5_000);
		// 2^16 shares for each of 5,100 units are left to the rest.
		vault.shares = U256::from(1_000u128 << 16);
		books.shares = U256::from(6_100u128 << 16);
		books.debt = 6_100;
		books.debt -= 100;
		let liquidation = liquidate((books, vault), 0).unwrap();
		let outcome = liquidation.step.outcome;
		assert_eq!(outcome.debt, 984);
		assert_eq!(outcome.redistributed, 5_100 - (6_000 - 984));
		assert_eq!(outcome.lost, 984 - outcome.redistributed);
	}

	#[test]
	fn nothing_should_be_redistributed_when_what_is_handed_out_reaches_its_bound() {
		let (mut books, mut vault) = books(1_000, 5_000);
		books.handed_out = (U256::one() << HANDED_OUT_BITS) - 1;
		vault.handed_out = books.handed_out;
		let liquidation = liquidate((books, vault), 0).unwrap();
		assert_eq!(moved(&liquidation), (0, 0, 1_000, 0, 0, 1_000));
		assert_eq!(liquidation.step.books.handed_out, books.handed_out);
	}

	#[test]
	fn last_unit_should_stay_when_shares_remain() {
		let (mut books, mut vault) = books(1, 1_000);
		books.debt = 1;
		vault.collateral = 0;
		let liquidation = liquidate((books, vault), 10).unwrap();
		assert_eq!(moved(&liquidation), (0, 0, 0, 0, 0, 0));
		assert_eq!(
			(liquidation.step.books.debt, liquidation.step.vault.shares),
			(1, U256::zero())
		);
	}
}

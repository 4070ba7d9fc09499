//! What an owner does with a vault: deposit, draw, repay, withdraw, close.
//!
//! Whether the owner holds the KWH that a repayment burns, and the energy cover that a draw needs, are the caller's to check.
//! An owner's step leaves no debt, or at least the minimum; a redemption may leave less, and then the owner can add collateral
//! or repay it all.

use super::{
	interest,
	key::RiskKey,
	terms::{Price, Terms},
	totals::{Step, TypeBooks, Vault},
	wide, Error,
};

/// A draw. Its KWH are `amount` to the owner and `fee` to revenue; the debt grew by both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
	/// KWH units to issue to the owner.
	pub amount: u128,
	/// KWH units to issue to revenue: seven days' interest.
	pub fee: u128,
}

/// A closed vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
	/// KWH units to burn.
	pub burnt: u128,
	/// Collateral units to pay out.
	pub collateral: u128,
}

impl TypeBooks {
	/// Adds `amount` collateral units to the vault. Always allowed.
	pub fn deposit(&self, vault: &Vault, amount: u128) -> Result<Step<()>, Error> {
		ensure_some(amount)?;
		let booked = self.booked(vault)?;
		Ok(Step {
			books: Self {
				collateral: wide::add(self.collateral, amount)?,
				..*self
			},
			vault: Vault {
				collateral: wide::add(booked.collateral, amount)?,
				..booked
			},
			outcome: (),
		})
	}

	/// Lends `amount` KWH units more against the vault. `front` is the first key of the risk index, if there is one.
	///
	/// Refused while the front is below the liquidation ratio; once units of debt have too few shares; if the debt would be
	/// below the minimum or the collateral below the mint ratio afterwards.
	pub fn draw(
		&self,
		vault: &Vault,
		amount: u128,
		front: Option<RiskKey>,
		price: &Price,
		terms: &Terms,
	) -> Result<Step<Drawn>, Error> {
		ensure_some(amount)?;
		if let Some(front) = front {
			if self.is_unsafe(front, price, terms)? {
				return Err(Error::UnsafeFront);
			}
		}
		self.ensure_takes_new_debt()?;
		let fee = interest::upfront(amount, terms.hourly_rate)?;
		let booked = self.booked(vault)?;
		let (books, vault) = self.add_debt(&booked, wide::add(amount, fee)?, terms.first_share_bits)?;
		if books.debt_of(&vault)? < terms.minimum_debt {
			return Err(Error::BelowMinimumDebt);
		}
		books.ensure_mint_ratio(&vault, price, terms)?;
		Ok(Step {
			books,
			vault,
			outcome: Drawn { amount, fee },
		})
	}

	/// Repays `amount` KWH units, or all that is owed if that is less. The outcome is what to burn: one unit less than repaid
	/// if it is the last of the books' and others still hold shares.
	pub fn repay(&self, vault: &Vault, amount: u128, terms: &Terms) -> Result<Step<u128>, Error> {
		let booked = self.booked(vault)?;
		let amount = amount.min(self.debt_of(&booked)?);
		ensure_some(amount)?;
		let (books, vault, burnt) = self.remove_debt(&booked, amount)?;
		books.ensure_no_dust(&vault, terms)?;
		Ok(Step {
			books,
			vault,
			outcome: burnt,
		})
	}

	/// Takes `amount` collateral units out of the vault.
	///
	/// A vault without debt, its owner's surplus after a liquidation too, may be emptied at any price. Any other must owe at
	/// least the minimum and stay at or above the mint ratio.
	pub fn withdraw(&self, vault: &Vault, amount: u128, price: &Price, terms: &Terms) -> Result<Step<()>, Error> {
		ensure_some(amount)?;
		let booked = self.booked(vault)?;
		self.ensure_no_dust(&booked, terms)?;
		let vault = Vault {
			collateral: wide::take(booked.collateral, amount)?,
			..booked
		};
		let books = self.release(amount)?;
		if !vault.shares.is_zero() {
			books.ensure_mint_ratio(&vault, price, terms)?;
		}
		Ok(Step {
			books,
			vault,
			outcome: (),
		})
	}

	/// Repays all and takes out all, at any price. The vault left behind is empty.
	pub fn close(&self, vault: &Vault) -> Result<Step<Closed>, Error> {
		let booked = self.booked(vault)?;
		let (books, vault, burnt) = self.remove_debt(&booked, self.debt_of(&booked)?)?;
		let collateral = vault.collateral;
		Ok(Step {
			books: books.release(collateral)?,
			vault: Vault { collateral: 0, ..vault },
			outcome: Closed { burnt, collateral },
		})
	}

	/// True if a vault with `key` is below the liquidation ratio. False if nobody owes anything.
	pub fn is_unsafe(&self, key: RiskKey, price: &Price, terms: &Terms) -> Result<bool, Error> {
		match self.threshold(price, terms.liquidation_bp) {
			Ok(threshold) => Ok(key < threshold),
			Err(Error::NoDebt) => Ok(false),
			Err(error) => Err(error),
		}
	}

	fn ensure_mint_ratio(&self, vault: &Vault, price: &Price, terms: &Terms) -> Result<(), Error> {
		let threshold = self.threshold(price, terms.mint_bp)?;
		match vault.key() {
			Some(key) if key < threshold => Err(Error::BelowMintRatio),
			_ => Ok(()),
		}
	}

	fn ensure_no_dust(&self, vault: &Vault, terms: &Terms) -> Result<(), Error> {
		let debt = self.debt_of(vault)?;
		if debt > 0 && debt < terms.minimum_debt {
			return Err(Error::BelowMinimumDebt);
		}
		Ok(())
	}
}

fn ensure_some(amount: u128) -> Result<(), Error> {
	if amount == 0 {
		return Err(Error::NothingToDo);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;

	const TERMS: Terms = Terms {
		hourly_rate: interest::RATE_ONE / 168_000,
		mint_bp: 15_000,
		liquidation_bp: 13_000,
		penalty_bp: 1_000,
		minimum_debt: 100,
		redemption_floor: 10,
		first_share_bits: 64,
	};

	fn price(numerator: u128) -> Price {
		Price::new(numerator, 1).unwrap()
	}

	/// Books with one vault of 3,000 collateral units that drew 999 and owes 1,000.
	fn drawn() -> Step<Drawn> {
		let books = TypeBooks::default();
		let step = books.deposit(&books.open(), 3_000).unwrap();
		step.books.draw(&step.vault, 999, None, &price(1), &TERMS).unwrap()
	}

	#[test]
	fn draw_should_charge_seven_days_up_front() {
		let step = drawn();
		// 0.1 %, rounded up.
		assert_eq!(step.outcome, Drawn { amount: 999, fee: 1 });
		assert_eq!(step.books.debt, 1_000);
		assert_eq!(step.books.debt_of(&step.vault), Ok(1_000));
	}

	#[test]
	fn draw_should_be_refused_when_it_leaves_too_little() {
		let Step { books, vault, .. } = drawn();
		let draw = |amount| {
			books
				.draw(&vault, amount, vault.key(), &price(1), &TERMS)
				.map(|step| step.outcome.amount)
		};
		assert_eq!(draw(0), Err(Error::NothingToDo));
		assert_eq!(draw(999), Ok(999));
		assert_eq!(draw(1_000), Err(Error::BelowMintRatio));
		let empty = TypeBooks::default();
		let small = empty.draw(&empty.open(), 98, None, &price(1), &TERMS);
		assert_eq!(small, Err(Error::BelowMinimumDebt));
	}

	#[test]
	fn draw_should_wait_when_the_front_is_unsafe() {
		let Step { books, vault, .. } = drawn();
		let richer = books.deposit(&books.open(), 100_000).unwrap();
		let draw = |numerator| {
			let front = vault.key();
			richer
				.books
				.draw(&richer.vault, 1_000, front, &price(numerator), &TERMS)
				.map(|_| ())
		};
		assert_eq!(draw(2), Ok(()));
		assert_eq!(draw(3), Err(Error::UnsafeFront));
	}

	#[test]
	fn draw_should_be_refused_when_a_unit_has_too_few_shares() {
		let Step { mut books, vault, .. } = drawn();
		books.shares = vault.shares >> 41;
		let coarse = Vault {
			shares: books.shares,
			..vault
		};
		let refused = books.draw(&coarse, 100, None, &price(1), &TERMS);
		assert_eq!(refused, Err(Error::SharesExhausted));
	}

	#[test]
	fn repay_should_leave_nothing_or_the_minimum() {
		let Step { books, vault, .. } = drawn();
		let repay = |amount| books.repay(&vault, amount, &TERMS).map(|step| step.outcome);
		assert_eq!(repay(0), Err(Error::NothingToDo));
		assert_eq!(repay(900), Ok(900));
		assert_eq!(repay(901), Err(Error::BelowMinimumDebt));
		assert_eq!(repay(1_000), Ok(1_000));
		assert_eq!(repay(u128::MAX), Ok(1_000));
	}

	#[test]
	fn withdraw_should_stop_at_the_mint_ratio() {
		let Step { books, vault, .. } = drawn();
		let withdraw = |amount| {
			books
				.withdraw(&vault, amount, &price(1), &TERMS)
				.map(|step| step.books.collateral)
		};
		assert_eq!(withdraw(1_500), Ok(1_500));
		assert_eq!(withdraw(1_501), Err(Error::BelowMintRatio));
		assert_eq!(withdraw(3_001), Err(Error::Insufficient));
	}

	#[test]
	fn withdraw_should_need_no_ratio_when_nothing_is_owed() {
		let books = TypeBooks::default();
		let step = books.deposit(&books.open(), 5).unwrap();
		let step = step.books.withdraw(&step.vault, 5, &price(u128::MAX), &TERMS).unwrap();
		assert_eq!((step.books.collateral, step.vault.collateral), (0, 0));
	}

	#[test]
	fn close_should_repay_and_pay_out_everything() {
		let Step { books, vault, .. } = drawn();
		let step = books.close(&vault).unwrap();
		assert_eq!(
			step.outcome,
			Closed {
				burnt: 1_000,
				collateral: 3_000
			}
		);
		assert_eq!((step.books, step.vault), (TypeBooks::default(), Vault::default()));
	}
}

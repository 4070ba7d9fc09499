//! Winding up: the end of the books, at one last price.
//!
//! Every vault is swept: its debt becomes shortfall, and the collateral that is worth the debt the reserve's; what exceeds it stays
//! the owner's, in a vault without shares. When all are swept nobody owes anything, what circulates is the shortfall, and the
//! reserve is paid out to it in proportion:
//!
//! ```text
//! swept     taken = debt, or one less if it is the last unit and others still hold shares
//!           seized = min(collateral, ceil(taken pn / pd))
//! paid out  out = min(floor(burnt pn / pd), floor(reserve burnt / shortfall))
//! ```
//!
//! Unlike a redemption, a payment burns what it is asked to burn even if the reserve is empty: who asks twice gets no more than who
//! asks once.

use super::{
	terms::Price,
	totals::{Step, TypeBooks, Vault},
	wide, Error,
};

/// What sweeping a vault moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
	/// KWH units that became shortfall.
	pub debt: u128,
	/// Collateral units that became the reserve's.
	pub seized: u128,
}

impl TypeBooks {
	/// Sweeps a vault that owes something ([`Error::NothingToDo`] otherwise).
	pub fn sweep(&self, vault: &Vault, price: &Price) -> Result<Step<Swept>, Error> {
		let booked = self.booked(vault)?;
		let owed = self.debt_of(&booked)?;
		if owed == 0 {
			return Err(Error::NothingToDo);
		}
		let (books, rest, debt) = self.remove_debt(&booked, owed)?;
		let seized = price.penalised_up_to(debt, 0, booked.collateral)?;
		let books = books.release(seized)?;
		Ok(Step {
			books: Self {
				shortfall: wide::add(books.shortfall, debt)?,
				reserve: wide::add(books.reserve, seized)?,
				..books
			},
			vault: Vault {
				collateral: wide::take(rest.collateral, seized)?,
				..rest
			},
			outcome: Swept { debt, seized },
		})
	}

	/// Pays for `burnt` KWH units out of the reserve. Returns the books and the collateral units to pay, rounded down.
	/// [`Error::Insufficient`] if that is more than the shortfall, [`Error::NothingToDo`] if it is nothing.
	pub fn pay_out(&self, burnt: u128, price: &Price) -> Result<(Self, u128), Error> {
		if burnt == 0 {
			return Err(Error::NothingToDo);
		}
		if burnt > self.shortfall {
			return Err(Error::Insufficient);
		}
		let share = wide::amount(wide::floor(self.reserve, burnt, self.shortfall)?)?;
		let (out, _) = price.par_up_to(burnt, share)?;
		let paid = Self {
			reserve: wide::take(self.reserve, out)?,
			..*self
		};
		Ok((paid.cover_shortfall(burnt)?, out))
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;

	/// Books with one vault for each debt and collateral.
	fn books(positions: &[(u128, u128)]) -> (TypeBooks, Vec<Vault>) {
		let mut books = TypeBooks::default();
		let vaults = positions.iter().map(|(debt, collateral)| {
			let deposited = books.deposit(&books.open(), *collateral).unwrap();
			let (after, vault) = deposited.books.add_debt(&deposited.vault, *debt, 64).unwrap();
			books = after;
			vault
		});
		let vaults = vaults.collect();
		(books, vaults)
	}

	#[test]
	fn owner_should_keep_what_exceeds_the_debt_when_swept() {
		let (books, vaults) = books(&[(100, 300), (50, 40)]);
		let price = Price::new(2, 1).unwrap();
		let first = books.sweep(&vaults[0], &price).unwrap();
		assert_eq!(first.outcome, Swept { debt: 100, seized: 200 });
		assert_eq!((first.vault.collateral, first.vault.shares.is_zero()), (100, true));
		let second = first.books.sweep(&vaults[1], &price).unwrap();
		// Worth less than its debt: all of it goes.
		assert_eq!(second.outcome, Swept { debt: 50, seized: 40 });
		assert_eq!(
			(second.books.debt, second.books.shortfall, second.books.reserve),
			(0, 150, 240)
		);
		assert_eq!(second.books.sweep(&second.vault, &price), Err(Error::NothingToDo));
	}

	#[test]
	fn holders_should_share_alike_when_the_reserve_is_short() {
		let (books, vaults) = books(&[(100, 60)]);
		let price = Price::new(1, 1).unwrap();
		let swept = books.sweep(&vaults[0], &price).unwrap().books;
		let (after, first) = swept.pay_out(50, &price).unwrap();
		let (last, second) = after.pay_out(50, &price).unwrap();
		assert_eq!((first, second), (30, 30));
		assert_eq!((last.shortfall, last.reserve, last.revenue), (0, 0, 0));
		assert_eq!(last.pay_out(1, &price), Err(Error::Insufficient));
		assert_eq!(last.pay_out(0, &price), Err(Error::NothingToDo));
	}

	#[test]
	fn payment_should_burn_when_there_is_nothing_to_pay_with() {
		let books = TypeBooks {
			shortfall: 10,
			..TypeBooks::default()
		};
		let (after, out) = books.pay_out(4, &Price::new(1, 1).unwrap()).unwrap();
		assert_eq!((after.shortfall, out), (6, 0));
	}

	proptest! {
		#[test]
		fn books_should_add_up_when_everything_is_swept_and_paid_out(
			positions in prop::collection::vec((1u128..1 << 80, 0u128..1 << 80), 1..8),
			(numerator, denominator) in (1u128..1 << 40, 1u128..1 << 40),
			grown in 0u128..1 << 80,
			parts in prop::collection::vec(1u128..1 << 80, 0..6),
		) {
			let price = Price::new(numerator, denominator).unwrap();
			let (mut books, vaults) = books(&positions);
			books.debt += grown;
			let (supply, collateral) = (books.debt, books.collateral);
			let mut owners = 0;
			for vault in &vaults {
				let step = books.sweep(vault, &price).unwrap();
				books = step.books;
				owners += step.vault.collateral;
			}
			prop_assert_eq!((books.debt, books.shortfall), (0, supply));
			prop_assert!(books.shares.is_zero());
			prop_assert_eq!(books.collateral + books.reserve, collateral);
			prop_assert!(owners <= books.collateral);
			let mut paid = 0;
			for part in parts {
				if let Ok((after, out)) = books.pay_out(part.min(books.shortfall), &price) {
					books = after;
					paid += out;
				}
			}
			if books.shortfall > 0 {
				let (after, out) = books.pay_out(books.shortfall, &price).unwrap();
				books = after;
				paid += out;
			}
			prop_assert_eq!((books.shortfall, books.reserve), (0, 0));
			prop_assert_eq!(books.collateral + books.revenue + paid, collateral);
		}
	}
}

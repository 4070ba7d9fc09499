//! The totals of a type of collateral, a vault's part of them, and how debt is added and removed.
//!
//! Debt is held in shares, so that interest and redistribution reach every vault by changing a total. With `n` of `N` shares
//! a vault owes `n / N` of the total debt `D`. Collateral handed out by liquidations is counted per share in `A`, which only
//! grows; a vault remembers the `A` up to which it has booked its part:
//!
//! ```text
//! debt       = ceil(n D / N)
//! collateral = c + floor(n (A - a) / 2^192)
//! ```
//!
//! Debts round up, so together they exceed `D` by less than one unit per vault. What leaves is at most `D - 1` while others
//! hold shares. So `D >= 1` as long as there are shares, and no shares, no debt and no indebted vault are one and the same
//! condition: no epoch has to be counted. The last unit that a leaving vault is not charged is one the others still owe.

use super::{wide, Error};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

/// Fractional bits of collateral per share.
pub const FRACTION_BITS: usize = 192;

/// Collateral per share stays below 2 to this many bits, fractional bits included.
pub const HANDED_OUT_BITS: usize = 255;

/// A type takes new debt while it has at least 2 to this many shares for each unit of debt.
pub const NEW_DEBT_BITS: usize = 24;

/// Totals of one type of collateral. Debt in KWH units, collateral in the token's units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct TypeBooks {
	/// D: what all vaults owe together, exact.
	pub debt: u128,
	/// N: shares of all vaults, exact.
	pub shares: U256,
	/// C: collateral of all vaults, handed out or not, exact. What rounding keeps from the vaults is in it.
	pub collateral: u128,
	/// A: collateral handed out per share since the beginning, 192 fractional bits, rounded down, below 2^255.
	pub handed_out: U256,
	/// Interest not yet charged, in 10^-27 units.
	pub interest_remainder: u128,
	/// KWH in circulation that no vault owes any more.
	pub shortfall: u128,
	/// Collateral seized for the shortfall.
	pub reserve: u128,
	/// Collateral earned: fees of redemptions, and what was left of the reserve.
	pub revenue: u128,
}

/// A vault's part of the books. What it owes and owns now, [`TypeBooks::debt_of`] and [`TypeBooks::collateral_of`] say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Vault {
	/// n: shares of the total debt.
	pub shares: U256,
	/// c: collateral booked, without what was handed out since.
	pub collateral: u128,
	/// a: what was handed out per share when the vault was last booked.
	pub handed_out: U256,
}

/// What a step on one vault leaves behind. The caller stores both, and moves the vault in the risk index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<Outcome> {
	/// The totals afterwards.
	pub books: TypeBooks,
	/// The vault afterwards.
	pub vault: Vault,
	/// What the step moved.
	pub outcome: Outcome,
}

impl TypeBooks {
	/// A vault that owns and owes nothing.
	pub fn open(&self) -> Vault {
		Vault {
			handed_out: self.handed_out,
			..Vault::default()
		}
	}

	/// What the vault owes, in KWH units, rounded up.
	pub fn debt_of(&self, vault: &Vault) -> Result<u128, Error> {
		if vault.shares.is_zero() {
			return Ok(0);
		}
		wide::amount(wide::ceil(vault.shares, self.debt, self.shares)?)
	}

	/// What the vault owns, in collateral units, rounded down.
	pub fn collateral_of(&self, vault: &Vault) -> Result<u128, Error> {
		let since = self.handed_out.checked_sub(vault.handed_out).ok_or(Error::Overflow)?;
		let part = vault.shares.full_mul(since) >> FRACTION_BITS;
		wide::add(vault.collateral, wide::amount(wide::narrow(part)?)?)
	}

	/// The vault with its part of what was handed out booked. Loses less than one collateral unit, which stays in the total.
	pub(super) fn booked(&self, vault: &Vault) -> Result<Vault, Error> {
		Ok(Vault {
			shares: vault.shares,
			collateral: self.collateral_of(vault)?,
			handed_out: self.handed_out,
		})
	}

	/// Adds `amount` KWH units to the debt, all of it owed by `vault`. The new shares are rounded up, against the vault.
	pub(super) fn add_debt(&self, vault: &Vault, amount: u128, first_share_bits: u32) -> Result<(Self, Vault), Error> {
		let added = if self.shares.is_zero() {
			if first_share_bits > u128::BITS {
				return Err(Error::Overflow);
			}
			U256::from(amount) << first_share_bits
		} else {
			wide::ceil(amount, self.shares, self.debt)?
		};
		let books = Self {
			debt: wide::add(self.debt, amount)?,
			shares: self.shares.checked_add(added).ok_or(Error::Overflow)?,
			..*self
		};
		// Part of a sum that did not overflow.
		let shares = vault.shares + added;
		Ok((books, Vault { shares, ..*vault }))
	}

	/// Removes `amount` KWH units, at most what `vault` owes, from the debt; also returns by how much the total fell.
	///
	/// All of the vault's debt takes all of its shares. A part takes shares rounded down, so the other vaults never owe more
	/// than before. The total falls by `amount`, or by one less than all of it if shares remain.
	pub(super) fn remove_debt(&self, vault: &Vault, amount: u128) -> Result<(Self, Vault, u128), Error> {
		let removed = if amount == self.debt_of(vault)? {
			vault.shares
		} else {
			wide::floor(amount, self.shares, self.debt)?
		};
		let shares = vault.shares.checked_sub(removed).ok_or(Error::Insufficient)?;
		let books = self.without(removed)?;
		let taken = amount.min(self.removable(&books));
		let books = Self {
			debt: self.debt - taken,
			..books
		};
		Ok((books, Vault { shares, ..*vault }, taken))
	}

	/// The books with `removed` shares gone, the debt unchanged.
	pub(super) fn without(&self, removed: U256) -> Result<Self, Error> {
		let shares = self.shares.checked_sub(removed).ok_or(Error::Insufficient)?;
		Ok(Self { shares, ..*self })
	}

	/// How much debt may leave, in KWH units, if `rest` is what holds the remaining shares: all, or all but one unit.
	pub(super) fn removable(&self, rest: &Self) -> u128 {
		if rest.shares.is_zero() {
			self.debt
		} else {
			self.debt.saturating_sub(1)
		}
	}

	/// Fails with [`Error::SharesExhausted`] once a unit of debt has fewer than 2^24 shares.
	pub(super) fn ensure_takes_new_debt(&self) -> Result<(), Error> {
		if self.shares >> NEW_DEBT_BITS < U256::from(self.debt) {
			return Err(Error::SharesExhausted);
		}
		Ok(())
	}

	/// The books with `collateral` units gone from the vaults.
	pub(super) fn release(&self, collateral: u128) -> Result<Self, Error> {
		Ok(Self {
			collateral: wide::take(self.collateral, collateral)?,
			..*self
		})
	}

	/// The books with `amount` of the shortfall gone. Once there is none, what is left of the reserve is revenue.
	pub(super) fn cover_shortfall(&self, amount: u128) -> Result<Self, Error> {
		let shortfall = wide::take(self.shortfall, amount)?;
		let released = if shortfall == 0 { self.reserve } else { 0 };
		Ok(Self {
			shortfall,
			reserve: self.reserve - released,
			revenue: wide::add(self.revenue, released)?,
			..*self
		})
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use proptest::prelude::*;

	/// Books with one debt for each of `amounts`, and the vaults that owe them.
	fn indebted(amounts: &[u128]) -> (TypeBooks, Vec<Vault>) {
		let mut books = TypeBooks::default();
		let vaults = amounts.iter().map(|amount| {
			let (after, vault) = books.add_debt(&books.open(), *amount, 64).unwrap();
			books = after;
			vault
		});
		let vaults = vaults.collect();
		(books, vaults)
	}

	#[test]
	fn add_debt_should_give_two_to_the_bits_when_it_is_the_first() {
		let (books, vaults) = indebted(&[1_000, 500]);
		assert_eq!(vaults[0].shares, U256::from(1_000) << 64);
		assert_eq!(vaults[1].shares, U256::from(500) << 64);
		assert_eq!(books.debt, 1_500);
		assert_eq!(books.debt_of(&vaults[0]), Ok(1_000));
	}

	#[test]
	fn add_debt_should_fail_when_a_number_leaves_its_width() {
		let empty = TypeBooks::default();
		assert_eq!(empty.add_debt(&Vault::default(), u128::MAX, 129), Err(Error::Overflow));
		assert_eq!(empty.add_debt(&Vault::default(), 1, 256), Err(Error::Overflow));
		assert!(empty.add_debt(&Vault::default(), u128::MAX, 128).is_ok());
		let (books, vaults) = indebted(&[u128::MAX]);
		assert_eq!(books.add_debt(&vaults[0], 1, 64), Err(Error::Overflow));
	}

	#[test]
	fn remove_debt_should_leave_one_unit_when_shares_remain() {
		let (mut books, vaults) = indebted(&[1, 1]);
		books.debt = 1;
		let (books, vault, taken) = books.remove_debt(&vaults[0], 1).unwrap();
		assert_eq!((taken, books.debt, vault.shares), (0, 1, U256::zero()));
		let (books, vault, taken) = books.remove_debt(&vaults[1], 1).unwrap();
		assert_eq!((taken, books.debt, vault.shares), (1, 0, U256::zero()));
		assert!(books.shares.is_zero());
	}

	#[test]
	fn collateral_of_should_round_down_what_was_handed_out() {
		let (mut books, vaults) = indebted(&[1, 2]);
		books.handed_out = (U256::from(10) << FRACTION_BITS) / books.shares;
		assert_eq!(books.collateral_of(&vaults[0]), Ok(3));
		assert_eq!(books.collateral_of(&vaults[1]), Ok(6));
		let booked = books.booked(&vaults[0]).unwrap();
		assert_eq!((booked.collateral, booked.handed_out), (3, books.handed_out));
		assert_eq!(books.collateral_of(&booked), Ok(3));
	}

	#[test]
	fn new_debt_should_be_refused_when_a_unit_has_too_few_shares() {
		let mut books = indebted(&[1_000]).0;
		books.shares = U256::from(1_000u128 << NEW_DEBT_BITS);
		assert_eq!(books.ensure_takes_new_debt(), Ok(()));
		books.shares -= U256::one();
		assert_eq!(books.ensure_takes_new_debt(), Err(Error::SharesExhausted));
	}

	#[test]
	fn reserve_should_become_revenue_when_the_shortfall_is_covered() {
		let books = TypeBooks {
			shortfall: 10,
			reserve: 7,
			..TypeBooks::default()
		};
		let part = books.cover_shortfall(9).unwrap();
		assert_eq!((part.shortfall, part.reserve, part.revenue), (1, 7, 0));
		let all = part.cover_shortfall(1).unwrap();
		assert_eq!((all.shortfall, all.reserve, all.revenue), (0, 0, 7));
		assert_eq!(books.cover_shortfall(11), Err(Error::Insufficient));
	}

	proptest! {
		#[test]
		fn debts_should_add_up_to_the_total_within_a_unit_each_when_added_and_removed(
			amounts in prop::collection::vec(1u128..=1 << 90, 2..8),
			grown in 0u128..1 << 90,
			part in 0u128..=1 << 90,
		) {
			let (mut books, mut vaults) = indebted(&amounts);
			books.debt += grown;
			let debt = books.debt_of(&vaults[0]).unwrap();
			let (after, vault, taken) = books.remove_debt(&vaults[0], part.min(debt)).unwrap();
			vaults[0] = vault;
			prop_assert_eq!(after.debt, books.debt - taken);
			let sum: u128 = vaults.iter().map(|vault| after.debt_of(vault).unwrap()).sum();
			prop_assert!(after.debt <= sum && sum - after.debt <= vaults.len() as u128);
			// Nobody else owes more.
			for other in &vaults[1..] {
				prop_assert!(after.debt_of(other).unwrap() <= books.debt_of(other).unwrap());
			}
		}
	}
}

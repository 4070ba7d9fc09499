//! A vault and its type of collateral, read together, changed by steps of the books, and written together.

use baseload_math::books::{terms::Terms, totals::Step};
use baseload_primitives::{Balance, TokenId, VaultId};
use frame_support::{ensure, traits::Get};

use crate::{CollateralType, Config, Error, Pallet, Types, Vault, Vaults, WindDowns};

/// The least debt, other than none, that a redemption leaves, in KWH base units.
pub(crate) const REDEMPTION_FLOOR: Balance = 1_000_000;

/// The first draw of a type gives 2 to this many shares for each unit of debt.
const FIRST_SHARE_BITS: u32 = 64;

/// A vault and its type.
pub(crate) struct Entry<T: Config> {
	pub(crate) id: VaultId,
	pub(crate) vault: Vault<T>,
	pub(crate) kind: CollateralType,
}

impl<T: Config> Entry<T> {
	/// The vault, if it exists.
	pub(crate) fn existing(id: VaultId) -> Result<Self, Error<T>> {
		let vault = Vaults::<T>::get(id).ok_or(Error::<T>::UnknownVault)?;
		let kind = Pallet::<T>::kind(vault.token)?;
		Ok(Self { id, vault, kind })
	}

	/// The vault, if it exists and is `who`'s.
	pub(crate) fn owned(who: &T::AccountId, id: VaultId) -> Result<Self, Error<T>> {
		let entry = Self::existing(id)?;
		ensure!(&entry.vault.owner == who, Error::<T>::NotOwner);
		Ok(entry)
	}

	/// What the vault owes, in KWH base units.
	pub(crate) fn debt(&self) -> Result<Balance, Error<T>> {
		Ok(self.kind.books.debt_of(&self.vault.books)?)
	}

	/// What the vault owns, in collateral base units.
	pub(crate) fn collateral(&self) -> Result<Balance, Error<T>> {
		Ok(self.kind.books.collateral_of(&self.vault.books)?)
	}

	/// The terms of its type.
	pub(crate) fn terms(&self) -> Terms {
		Pallet::<T>::terms(&self.kind)
	}

	/// Takes over what a step left behind, and moves the vault in the risk index from the place that it was stored with.
	pub(crate) fn apply<Outcome>(&mut self, step: Step<Outcome>) -> Outcome {
		let (old, new) = (self.vault.books.key(), step.vault.key());
		Pallet::<T>::move_place(self.vault.token, self.id, old, new);
		self.kind.books = step.books;
		self.vault.books = step.vault;
		step.outcome
	}

	/// Counts `burnt` KWH base units as paid off what the owner drew.
	pub(crate) fn pay_off(&mut self, burnt: Balance) {
		self.vault.drawn = self.vault.drawn.saturating_sub(burnt);
		if self.vault.books.shares.is_zero() {
			(self.vault.drawn, self.vault.cure_until) = (0, None);
			WindDowns::<T>::remove(self.vault.token, self.id);
		}
	}

	/// Writes both.
	pub(crate) fn store(self) {
		Types::<T>::insert(self.vault.token, self.kind);
		Vaults::<T>::insert(self.id, self.vault);
	}
}

impl<T: Config> Pallet<T> {
	/// The type of collateral, if it exists.
	pub(crate) fn kind(token: TokenId) -> Result<CollateralType, Error<T>> {
		Types::<T>::get(token).ok_or(Error::<T>::UnknownType)
	}

	/// A type's terms as its books take them.
	pub(crate) fn terms(kind: &CollateralType) -> Terms {
		Terms {
			hourly_rate: kind.params.hourly_rate(),
			mint_bp: kind.params.mint_bp,
			liquidation_bp: Self::liquidation_bp(kind),
			penalty_bp: kind.params.penalty_bp,
			minimum_debt: T::MinDebt::get(),
			redemption_floor: REDEMPTION_FLOOR,
			first_share_bits: FIRST_SHARE_BITS,
		}
	}
}

//! Reserve tokens in and out of vaults.

use baseload_primitives::{Balance, VaultId};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use sp_runtime::{ArithmeticError, DispatchResult};

use crate::{Config, Error, Event, Pallet, TotalCollateral, Vaults};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(from: &T::AccountId, id: VaultId, amount: Balance) -> DispatchResult {
		let mut vault = Self::existing(id)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let old = vault.collateral;
		vault.collateral = old.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Self::ensure_no_dust(vault.collateral)?;
		Self::put_collateral(from, amount)?;
		let new = vault.collateral;
		Vaults::<T>::insert(id, vault);
		Self::deposit_event(Event::CollateralDeposited {
			vault: id,
			from: from.clone(),
			old,
			new,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw(owner: &T::AccountId, id: VaultId, amount: Balance) -> DispatchResult {
		let mut vault = Self::owned(owner, id)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let old = vault.collateral;
		vault.collateral = old.checked_sub(amount).ok_or(Error::<T>::NotEnoughCollateral)?;
		Self::ensure_no_dust(vault.collateral)?;
		Self::ensure_collateral_cover(&vault)?;
		Self::take_collateral(owner, amount)?;
		let new = vault.collateral;
		Vaults::<T>::insert(id, vault);
		Self::deposit_event(Event::CollateralWithdrawn { vault: id, old, new });
		Ok(())
	}

	/// Moves tokens into the pallet's account and counts them. `from` may spend all it has; otherwise at least the minimum
	/// balance stays, so that no remainder goes to dust.
	pub(crate) fn put_collateral(from: &T::AccountId, amount: Balance) -> DispatchResult {
		let total = TotalCollateral::<T>::get()
			.checked_add(amount)
			.ok_or(ArithmeticError::Overflow)?;
		let preservation = if T::Collateral::balance(from) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Collateral::transfer(from, &Self::account(), amount, preservation)?;
		TotalCollateral::<T>::put(total);
		Ok(())
	}

	/// Moves counted tokens out of the pallet's account. Nothing to move is no error.
	pub(crate) fn take_collateral(to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let total = TotalCollateral::<T>::get()
			.checked_sub(amount)
			.ok_or(ArithmeticError::Underflow)?;
		// The last tokens may go even if that ends the account: a donation too small to keep it alive must not block the exit.
		// While others' tokens stay, the account must.
		let preservation = if total == 0 {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Collateral::transfer(&Self::account(), to, amount, preservation)?;
		TotalCollateral::<T>::put(total);
		Ok(())
	}

	/// A vault holds nothing, or enough to keep the pallet's account alive alone: then nobody's small remainder can stand in
	/// the way of somebody else's withdrawal.
	pub(crate) fn ensure_no_dust(collateral: Balance) -> DispatchResult {
		ensure!(
			collateral == 0 || collateral >= T::Collateral::minimum_balance(),
			Error::<T>::CollateralDust
		);
		Ok(())
	}
}

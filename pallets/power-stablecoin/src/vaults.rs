//! A vault's beginning and end.

use baseload_primitives::{EnergyCover, VaultId, WattHours};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, MutateHold},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
	BoundedVec, PalletId,
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult, TokenError};

use crate::{Config, Error, Event, HoldReason, NextVault, Pallet, Vault, Vaults};

impl<T: Config> Pallet<T> {
	/// The account that holds all collateral.
	pub fn account() -> T::AccountId {
		let id: PalletId = T::PalletId::get();
		id.into_account_truncating()
	}

	/// The vault, if it exists.
	pub(crate) fn existing(id: VaultId) -> Result<Vault<T>, Error<T>> {
		Vaults::<T>::get(id).ok_or(Error::<T>::UnknownVault)
	}

	/// The vault, if it exists and is `who`'s.
	pub(crate) fn owned(who: &T::AccountId, id: VaultId) -> Result<Vault<T>, Error<T>> {
		let vault = Self::existing(id)?;
		ensure!(&vault.owner == who, Error::<T>::NotOwner);
		Ok(vault)
	}

	pub(crate) fn do_open(owner: T::AccountId) -> DispatchResult {
		let vault = Self::create(owner.clone(), WattHours(0))?;
		Self::deposit_event(Event::VaultOpened {
			vault,
			owner,
			deposit: T::VaultDeposit::get(),
		});
		Ok(())
	}

	/// An empty vault of `owner`'s, whose deposit is put on hold.
	pub(crate) fn create(owner: T::AccountId, declared: WattHours) -> Result<VaultId, DispatchError> {
		let id = NextVault::<T>::get();
		NextVault::<T>::put(id.next().ok_or(Error::<T>::TooManyVaults)?);
		let deposit = T::VaultDeposit::get();
		// A hold alone could leave less than the minimum balance free, which would be lost as dust.
		let spare = T::Kwh::reducible_balance(&owner, Preservation::Preserve, Fortitude::Polite);
		ensure!(deposit <= spare, TokenError::FundsUnavailable);
		T::Kwh::hold(&HoldReason::VaultDeposit.into(), &owner, deposit)?;
		let vault = Vault {
			owner,
			collateral: 0,
			debt: 0,
			sites: BoundedVec::new(),
			deposit,
			declared,
		};
		Vaults::<T>::insert(id, vault);
		Ok(id)
	}

	/// Returns how many sites the vault had.
	pub(crate) fn do_close(owner: &T::AccountId, id: VaultId) -> Result<u32, DispatchError> {
		let vault = Self::owned(owner, id)?;
		ensure!(vault.debt == 0, Error::<T>::DebtOutstanding);
		Self::take_collateral(owner, vault.collateral)?;
		for site in &vault.sites {
			T::Energy::release(*site, id)?;
			Self::deposit_event(Event::SiteReleased { vault: id, site: *site });
		}
		T::Kwh::release(&HoldReason::VaultDeposit.into(), owner, vault.deposit, Precision::Exact)?;
		Vaults::<T>::remove(id);
		Self::deposit_event(Event::VaultClosed {
			vault: id,
			owner: vault.owner,
			collateral: vault.collateral,
			deposit: vault.deposit,
		});
		Ok(vault.sites.len() as u32)
	}
}

//! A vault's beginning and end.

use baseload_primitives::{hold_sparing, EnergyCover, TokenId, VaultId, WattHours};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
	BoundedVec, PalletId,
};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

use crate::{entry::Entry, Config, Error, Event, HoldReason, NextVault, Pallet, Types, Vault, Vaults, WindDowns};

impl<T: Config> Pallet<T> {
	/// The account that holds all collateral and the pools' KWH.
	pub fn account() -> T::AccountId {
		let id: PalletId = T::PalletId::get();
		id.into_account_truncating()
	}

	pub(crate) fn do_open(owner: T::AccountId, token: TokenId) -> DispatchResult {
		let vault = Self::create(owner.clone(), token, WattHours(0))?;
		Self::deposit_event(Event::VaultOpened {
			vault,
			owner,
			token,
			deposit: T::VaultDeposit::get(),
		});
		Ok(())
	}

	/// An empty vault of `owner`'s, whose deposit is put on hold.
	pub(crate) fn create(owner: T::AccountId, token: TokenId, declared: WattHours) -> Result<VaultId, DispatchError> {
		let kind = Self::kind(token)?;
		let id = NextVault::<T>::get();
		NextVault::<T>::put(id.next().ok_or(Error::<T>::TooManyVaults)?);
		let deposit = T::VaultDeposit::get();
		hold_sparing::<_, T::Kwh>(&HoldReason::VaultDeposit.into(), &owner, deposit)?;
		let vault = Vault {
			owner,
			token,
			books: kind.books.open(),
			drawn: 0,
			sites: BoundedVec::new(),
			deposit,
			declared,
			cure_until: None,
		};
		Vaults::<T>::insert(id, vault);
		Ok(id)
	}

	/// Returns how many sites the vault had.
	pub(crate) fn do_close(owner: &T::AccountId, id: VaultId) -> Result<u32, DispatchError> {
		let mut entry = Entry::<T>::owned(owner, id)?;
		ensure!(entry.vault.books.shares.is_zero(), Error::<T>::DebtOutstanding);
		let step = entry.kind.books.close(&entry.vault.books).map_err(Error::<T>::from)?;
		let closed = entry.apply(step);
		let Entry { vault, kind, .. } = entry;
		Self::take_collateral(vault.token, owner, closed.collateral)?;
		for site in &vault.sites {
			T::Energy::release(*site, id)?;
			Self::deposit_event(Event::SiteReleased { vault: id, site: *site });
		}
		T::Kwh::release(&HoldReason::VaultDeposit.into(), owner, vault.deposit, Precision::Exact)?;
		Types::<T>::insert(vault.token, kind);
		WindDowns::<T>::remove(vault.token, id);
		Vaults::<T>::remove(id);
		Self::deposit_event(Event::VaultClosed {
			vault: id,
			owner: vault.owner,
			collateral: closed.collateral,
			deposit: vault.deposit,
		});
		Ok(vault.sites.len() as u32)
	}
}

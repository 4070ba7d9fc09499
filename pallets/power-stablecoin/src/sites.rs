//! Sites pledged to vaults.

use baseload_primitives::{EnergyCover, SiteId, VaultId};
use frame_support::ensure;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{entry::Entry, Config, Error, Event, Pallet, Vaults};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pledge_site(owner: &T::AccountId, id: VaultId, site: SiteId) -> DispatchResult {
		let mut vault = Vaults::<T>::get(id).ok_or(Error::<T>::UnknownVault)?;
		ensure!(&vault.owner == owner, Error::<T>::NotOwner);
		let site_owner = T::Energy::owner(site).ok_or(Error::<T>::UnknownSite)?;
		ensure!(&site_owner == owner, Error::<T>::NotSiteOwner);
		vault.sites.try_push(site).map_err(|_| Error::<T>::TooManySites)?;
		T::Energy::pledge(site, id)?;
		Vaults::<T>::insert(id, vault);
		Self::deposit_event(Event::SitePledged { vault: id, site });
		Ok(())
	}

	/// Returns how many sites the vault had.
	pub(crate) fn do_release_site(owner: &T::AccountId, id: VaultId, site: SiteId) -> Result<u32, DispatchError> {
		let mut entry = Entry::<T>::owned(owner, id)?;
		let sites = entry.vault.sites.len() as u32;
		let position = entry
			.vault
			.sites
			.iter()
			.position(|pledged| *pledged == site)
			.ok_or(Error::<T>::SiteNotPledged)?;
		entry.vault.sites.remove(position);
		Self::ensure_energy_cover(&entry.vault, entry.debt()?)?;
		T::Energy::release(site, id)?;
		entry.store();
		Self::deposit_event(Event::SiteReleased { vault: id, site });
		Ok(sites)
	}
}

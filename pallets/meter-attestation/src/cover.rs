//! Energy cover, for vaults.

use baseload_math::cover::Counted;
use baseload_primitives::{EnergyCover, SiteId, VaultId, WattHours};
use frame_support::{ensure, traits::Time};
use sp_runtime::DispatchResult;

use crate::{capacity_factor, Config, Error, Event, Meters, Pallet, Site, SiteCovers, Sites};

impl<T: Config> Pallet<T> {
	/// What a site attests as of now, certified or not: what has matured is counted in, what has aged is left out.
	pub(crate) fn attested(id: SiteId, site: &Site<T::AccountId>) -> Counted {
		let matured = site.revenue_meter.and_then(|revenue_meter| {
			let meter = Meters::<T>::get(revenue_meter)?;
			Self::matured(revenue_meter, &meter).cover.map(|(_, cover)| cover)
		});
		let factor = capacity_factor(site.details.technology);
		matured
			.or_else(|| SiteCovers::<T>::get(id))
			.map(|cover| cover.ring.counted(T::Time::now(), site.details.nameplate_w, factor))
			.unwrap_or_default()
	}
}

impl<T: Config> EnergyCover<T::AccountId> for Pallet<T> {
	fn owner(site: SiteId) -> Option<T::AccountId> {
		Sites::<T>::get(site).map(|site| site.owner)
	}

	fn cover(id: SiteId) -> WattHours {
		let certified = Sites::<T>::get(id).filter(|site| site.revenue_meter.is_some());
		WattHours(certified.map_or(0, |site| Self::attested(id, &site).cover))
	}

	fn pledge(id: SiteId, vault: VaultId) -> DispatchResult {
		let site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		ensure!(site.revenue_meter.is_some(), Error::<T>::NotCertified);
		ensure!(site.pledged_to.is_none(), Error::<T>::AlreadyPledged);
		Sites::<T>::insert(
			id,
			Site {
				pledged_to: Some(vault),
				..site
			},
		);
		Self::deposit_event(Event::SitePledged { site: id, vault });
		Ok(())
	}

	fn release(id: SiteId, vault: VaultId) -> DispatchResult {
		let site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		ensure!(site.pledged_to == Some(vault), Error::<T>::NotPledged);
		Sites::<T>::insert(
			id,
			Site {
				pledged_to: None,
				..site
			},
		);
		Self::deposit_event(Event::SiteReleased { site: id, vault });
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_cover(site: SiteId, owner: &T::AccountId, wh: WattHours) {
		crate::benchmarking::set_cover::<T>(site, owner, wh);
	}
}

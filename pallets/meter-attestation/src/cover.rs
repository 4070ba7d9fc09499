//! Energy cover, for vaults.

use baseload_math::cover::Counted;
use baseload_primitives::{EnergyCover, Moment, OpenTime, SiteId, VaultId, WattHours};
use frame_support::{ensure, traits::Time};
use sp_runtime::DispatchResult;

use crate::{capacity_factor, Config, Error, Event, Pallet, Site, Sites};

impl<T: Config> Pallet<T> {
	/// What a certified site attests at Unix time `at`, now or later, if its meter says nothing more: what has matured by now
	/// is counted in, what will have aged is left out. While a dispute of a reading can be decided, nothing ages.
	pub(crate) fn attested(site: &Site<T::AccountId>, at: Moment) -> Counted {
		let meter = site.revenue_meter.and_then(Self::current).map(|current| current.meter);
		let counted = meter.and_then(|meter| {
			let ahead = at.saturating_sub(T::Time::now());
			let open = <Self as OpenTime>::now().saturating_add(ahead);
			let at = meter.disputed_at(open).map_or(at, |disputed_at| disputed_at.min(at));
			let factor = capacity_factor(site.details.technology);
			Some(meter.ring?.counted(at, site.details.nameplate_w, factor))
		});
		counted.unwrap_or_default()
	}
}

impl<T: Config> EnergyCover<T::AccountId> for Pallet<T> {
	fn owner(site: SiteId) -> Option<T::AccountId> {
		Sites::<T>::get(site).map(|site| site.owner)
	}

	fn cover(id: SiteId) -> WattHours {
		WattHours(Sites::<T>::get(id).map_or(0, |site| Self::attested(&site, T::Time::now()).cover))
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

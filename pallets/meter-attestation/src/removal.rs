//! The way out: a meter is removed from its site, and a site from the chain, and their deposits go back.
//!
//! The deposit of a meter is there to be lost if its device lied, and the proof of that, two signatures, may turn up long
//! after the readings. So a meter is suspended first, by its owner or anybody else who may, and the deposit stays within
//! reach for [`Config::MeterNotice`] of open time. No device reading is accepted meanwhile, so that all of them are older than
//! the notice, which is longer than any challenge window and vote together. What still waits by then can neither be disputed
//! nor decided about any more, and is dropped: without the registrar's word it would wait for ever.
//!
//! Nothing that others stand on can be taken away. A certified meter is cover, a billed one somebody's contract. A check meter
//! and the meter that it checks measure the same energy: only the registrar lets go of that, for then the check meter could be
//! billed as well.
//!
//! **What stays**, for ever: the meter's key, so that no reading of the device can be replayed and nobody registers it again;
//! and of a meter that was ever finally read, first and newest reading, month starts and reached thresholds. Statements of
//! agreements that are closed are recomputed from them, and the buyer's proof does not hang on the seller. Of month starts
//! there are as many as months in the meter's life; they are left where they are, so that a removal costs the same after a day
//! as after thirty years. The ids of meters and sites are never given out again.

use baseload_primitives::{MeterId, MeterUse, Moment, OpenTime, SiteId};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, DefensiveSaturating, Get},
};
use sp_runtime::DispatchResult;

use crate::{Config, Disputes, Error, Event, HoldReason, Meter, Meters, Pallet, Retired, RetiredMeter, Sites};

impl<T: Config> Pallet<T> {
	/// Removes a meter of `who`'s.
	pub(crate) fn do_remove_meter(who: T::AccountId, id: MeterId) -> DispatchResult {
		let meter = Meters::<T>::get(id).ok_or(Error::<T>::UnknownMeter)?;
		let mut site = Sites::<T>::get(meter.site).ok_or(Error::<T>::UnknownSite)?;
		ensure!(site.owner == who, Error::<T>::NotOwner);
		ensure!(site.revenue_meter != Some(id), Error::<T>::IsRevenueMeter);
		Self::ensure_removable(id, &meter)?;
		T::Currency::release(&HoldReason::Meter.into(), &who, meter.deposit, Precision::Exact)?;

		Self::disband(id, meter.committee);
		Meters::<T>::remove(id);
		site.meters = site.meters.defensive_saturating_sub(1);
		Sites::<T>::insert(meter.site, site);
		Self::deposit_event(Event::MeterRemoved {
			meter: id,
			site: meter.site,
			deposit: meter.deposit,
		});
		if let Some(measured) = meter.measured {
			let retired = RetiredMeter {
				site: meter.site,
				key: meter.key,
				registers: meter.registers,
				measured,
			};
			Retired::<T>::insert(id, retired);
		}
		Ok(())
	}

	/// Whether nobody but its owner has to do with the meter any more.
	fn ensure_removable(id: MeterId, meter: &Meter<T::MaxPending>) -> DispatchResult {
		ensure!(meter.policy.check.is_none(), Error::<T>::IsChecked);
		ensure!(meter.checks.is_none(), Error::<T>::ChecksAnother);
		ensure!(!T::Bills::is_billed(id), Error::<T>::StillBilled);
		let free_at = Self::free_at(meter).ok_or(Error::<T>::NotSuspended)?;
		ensure!(free_at <= <Self as OpenTime>::now(), Error::<T>::DepositNotFree);
		let unclosed = Disputes::<T>::iter_key_prefix(id).next();
		ensure!(unclosed.is_none(), Error::<T>::DisputeUnclosed);
		Ok(())
	}

	/// Open time from which the meter's deposit is free; `None` unless it is suspended.
	pub(crate) fn free_at(meter: &Meter<T::MaxPending>) -> Option<Moment> {
		let suspended_at = meter.suspended_at?;
		Some(suspended_at.saturating_add(T::MeterNotice::get()))
	}

	/// Removes a site of `who`'s. A certified one has its revenue meter.
	pub(crate) fn do_remove_site(who: T::AccountId, id: SiteId) -> DispatchResult {
		let site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		ensure!(site.owner == who, Error::<T>::NotOwner);
		ensure!(site.meters == 0, Error::<T>::SiteHasMeters);
		ensure!(site.pledged_to.is_none(), Error::<T>::StillPledged);
		T::Currency::release(&HoldReason::Site.into(), &who, site.deposit, Precision::Exact)?;

		Sites::<T>::remove(id);
		Self::deposit_event(Event::SiteRemoved {
			site: id,
			owner: who,
			deposit: site.deposit,
		});
		Ok(())
	}
}

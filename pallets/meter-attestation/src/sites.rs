//! Sites: registered by their owner, certified by the registrar.

use baseload_primitives::{hold_sparing, MeterId, Moment, Register, SiteDetails, SiteId};
use frame_support::{
	ensure,
	traits::{Get, Time},
};
use sp_runtime::DispatchResult;

use crate::{CertifiedPoints, Config, Error, Event, HoldReason, NextSite, Pallet, Site, Sites};

impl<T: Config> Pallet<T> {
	/// Registers a site of `owner`'s.
	pub(crate) fn do_register_site(owner: T::AccountId, details: SiteDetails) -> DispatchResult {
		ensure!(details.nameplate_w > 0, Error::<T>::ZeroNameplate);
		let site = NextSite::<T>::get();
		NextSite::<T>::put(site.next().ok_or(Error::<T>::IdsExhausted)?);
		let deposit = T::SiteDeposit::get();
		hold_sparing::<_, T::Currency>(&HoldReason::Site.into(), &owner, deposit)?;
		let record = Site {
			owner: owner.clone(),
			details,
			revenue_meter: None,
			pledged_to: None,
			meters: 0,
			deposit,
		};
		Sites::<T>::insert(site, record);
		Self::deposit_event(Event::SiteRegistered { site, owner });
		Ok(())
	}

	/// Certifies a site from `since` on. What was final before counts no more, so it is settled first.
	pub(crate) fn do_certify_site(id: SiteId, revenue_meter: MeterId, since: Moment) -> DispatchResult {
		let mut site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		let mut current = Self::current(revenue_meter).ok_or(Error::<T>::UnknownMeter)?;
		let meter = &mut current.meter;
		ensure!(meter.site == id, Error::<T>::MeterElsewhere);
		let counts = |register| meter.position(register).is_some();
		ensure!(
			counts(Register::Export) && counts(Register::Import),
			Error::<T>::MissingEnergyRegister
		);
		let point = site.details.point();
		ensure!(
			CertifiedPoints::<T>::get(&point).is_none_or(|other| other == id),
			Error::<T>::PointTaken
		);
		ensure!(site.revenue_meter != Some(revenue_meter), Error::<T>::AlreadyCertified);
		ensure!(since <= T::Time::now(), Error::<T>::CertificateInFuture);
		ensure!(
			since >= site.details.commissioned_at,
			Error::<T>::CertificateBeforeCommissioning
		);
		meter.certified_since = Some(since);
		meter.ring.get_or_insert_default();
		Self::save(revenue_meter, current);
		CertifiedPoints::<T>::insert(point, id);

		let old = site.revenue_meter.replace(revenue_meter);
		if let Some(old) = old {
			Self::uncertify(old);
		}
		Sites::<T>::insert(id, site);
		Self::deposit_event(Event::SiteCertified {
			site: id,
			old,
			new: revenue_meter,
		});
		Ok(())
	}

	/// Revokes a site's certificate. What has become final by now was attested under it, so it is settled first.
	pub(crate) fn do_revoke_certificate(id: SiteId) -> DispatchResult {
		let site = Sites::<T>::get(id).ok_or(Error::<T>::UnknownSite)?;
		let old = site.revenue_meter.ok_or(Error::<T>::NotCertified)?;
		Self::uncertify(old);
		CertifiedPoints::<T>::remove(site.details.point());
		Sites::<T>::insert(
			id,
			Site {
				revenue_meter: None,
				..site
			},
		);
		Self::deposit_event(Event::CertificateRevoked { site: id, old });
		Ok(())
	}

	/// Books what is final by now, and nothing more.
	fn uncertify(revenue_meter: MeterId) {
		if let Some(mut current) = Self::current(revenue_meter) {
			current.meter.certified_since = None;
			Self::save(revenue_meter, current);
		}
	}
}

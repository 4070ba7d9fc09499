//! What people's tools are shown.

use alloc::vec::Vec;

use baseload_math::calendar::{month_start, Month};
use baseload_primitives::{
	views::{AttestorView, CommitteeView, DisputeView, MeterView, ReadingView, RemovedMeterView, SiteView},
	MeterId, Moment, OpenTime, SiteId, WattHours,
};
use frame_support::traits::Time;

use crate::{
	finality::Current, Accepted, Attestors, Committees, Config, Dispute, Disputes, Firsts, MonthStarts, Pallet,
	Retired, Sites,
};

impl<T: Config> Pallet<T> {
	/// A site as of now.
	pub(crate) fn site_view(id: SiteId) -> Option<SiteView<T::AccountId>> {
		let site = Sites::<T>::get(id)?;
		let attested = Self::attested(&site, T::Time::now());
		Some(SiteView {
			owner: site.owner,
			details: site.details,
			revenue_meter: site.revenue_meter,
			pledged_to: site.pledged_to,
			last_30_days: WattHours(attested.last_30_days),
			last_365_days: WattHours(attested.last_365_days),
			cover: WattHours(attested.cover),
		})
	}

	/// What a site's cover will be at `at` if its meter says nothing more.
	pub(crate) fn cover_view(id: SiteId, at: Moment) -> Option<WattHours> {
		let at = at.max(T::Time::now());
		Some(WattHours(Self::attested(&Sites::<T>::get(id)?, at).cover))
	}

	/// A meter as of now.
	pub(crate) fn meter_view(id: MeterId) -> Option<MeterView<T::AccountId>> {
		let meter = Self::current(id)?.meter;
		let now = <Self as OpenTime>::now();
		let held = meter.pending.iter().filter_map(|pending| pending.hold);
		let due = meter.pending.iter().map(|pending| pending.due()).max();
		let committee = Committees::<T>::get(id, meter.committee);
		Some(MeterView {
			site: meter.site,
			key: meter.key,
			ocmf_serial: meter.ocmf.as_ref().map(|ocmf| ocmf.serial.to_vec()),
			status: meter.status(),
			removable_in: Self::free_at(&meter).map(|free_at| free_at.saturating_sub(now)),
			deposit: meter.deposit,
			policy: meter.policy,
			committee: committee.map(|committee| CommitteeView {
				members: committee.members.into_inner(),
				quorum: committee.quorum,
			}),
			newest: meter.newest().map(reading_view),
			newest_final: meter.newest_final().map(|newest| reading_view(&newest.reading)),
			newest_measured: meter.measured.as_ref().map(|newest| reading_view(&newest.reading)),
			pending: meter.pending.len() as u32,
			held: held.clone().filter(|hold| hold.disputed_at.is_none()).count() as u32,
			disputed: held.filter(|hold| hold.disputed_at.is_some()).count() as u32,
			final_in: due.unwrap_or(0).saturating_sub(now),
			registers: meter.registers.into_inner(),
		})
	}

	/// What stays known of a meter that was removed.
	pub(crate) fn removed_meter_view(id: MeterId) -> Option<RemovedMeterView> {
		let meter = Retired::<T>::get(id)?;
		Some(RemovedMeterView {
			site: meter.site,
			key: meter.key,
			registers: meter.registers.into_inner(),
			newest_measured: reading_view(&meter.measured.reading),
		})
	}

	/// Registers at a month's start: interpolated, or the first reading's if it came later. Removed or not, nothing is stored of
	/// a meter that does not exist.
	pub(crate) fn month_view(id: MeterId, month: Month) -> Option<Vec<u64>> {
		let current = Self::current(id);
		let new = current.as_ref().and_then(|current| current.month_start(month));
		if let Some(start) = new.cloned().or_else(|| MonthStarts::<T>::get(id, month)) {
			return Some(start.registers.into_inner());
		}
		let first = current.as_ref().and_then(Current::first);
		let first = first.cloned().or_else(|| Firsts::<T>::get(id))?.reading;
		(month_start(month) <= first.measured_at).then(|| first.registers.into_inner())
	}

	/// An attestor's standing.
	pub(crate) fn attestor_view(who: T::AccountId) -> Option<AttestorView> {
		let attestor = Attestors::<T>::get(who)?;
		Some(AttestorView {
			bond: attestor.bond,
			staked: attestor.staked,
			free_in: attestor
				.free_at
				.map(|free_at| free_at.saturating_sub(<Self as OpenTime>::now())),
			seats: attestor.seats,
			won: attestor.won,
			lost: attestor.lost,
			votes: attestor.votes,
			slashed: attestor.slashed,
		})
	}

	/// Everything that waits for a verdict at a meter, oldest first.
	pub(crate) fn dispute_views(id: MeterId) -> Vec<DisputeView<T::AccountId>> {
		let Some(current) = Self::current(id) else {
			return Vec::new();
		};
		let now = <Self as OpenTime>::now();
		let waiting = current
			.meter
			.pending
			.iter()
			.filter_map(|pending| Some((pending, pending.hold?)));
		waiting
			.map(|(pending, hold)| {
				let sequence = pending.reading.sequence;
				let (by, evidence, stands, wrong) = match Disputes::<T>::get(id, sequence) {
					Some(Dispute {
						by,
						evidence,
						stands,
						wrong,
						..
					}) => (by, evidence, stands.count_ones(), wrong.count_ones()),
					None => (None, Default::default(), 0, 0),
				};
				let committee = Committees::<T>::get(id, pending.committee);
				DisputeView {
					sequence,
					by,
					evidence,
					flags: pending.reading.flags,
					ends_in: hold.until.saturating_sub(now),
					stands,
					wrong,
					quorum: committee.map_or(0, |committee| committee.quorum),
				}
			})
			.collect()
	}
}

fn reading_view(reading: &Accepted) -> ReadingView {
	ReadingView {
		sequence: reading.sequence,
		measured_at: reading.measured_at,
		registers: reading.registers.to_vec(),
		flags: reading.flags,
	}
}

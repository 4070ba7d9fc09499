//! What people's tools are shown.

use baseload_primitives::{
	views::{MeterView, ReadingView, SiteView},
	MeterId, OpenTime, Reading, SiteId, WattHours,
};

use crate::{Config, Meters, Pallet, Sites};

impl<T: Config> Pallet<T> {
	/// A site as of now.
	pub(crate) fn site_view(id: SiteId) -> Option<SiteView<T::AccountId>> {
		let site = Sites::<T>::get(id)?;
		let attested = Self::attested(id, &site);
		Some(SiteView {
			owner: site.owner,
			details: site.details,
			revenue_meter: site.revenue_meter,
			pledged_to: site.pledged_to,
			last_30_days: WattHours(attested.last_30_days),
			last_365_days: WattHours(attested.last_365_days),
			cover: WattHours(site.revenue_meter.map_or(0, |_| attested.cover)),
		})
	}

	/// A meter as of now.
	pub(crate) fn meter_view(id: MeterId) -> Option<MeterView> {
		let meter = Meters::<T>::get(id)?;
		let state = Self::matured(id, &meter).state;
		let final_at = state.pending.last().map_or(0, |last| last.final_at);
		Some(MeterView {
			site: meter.site,
			key: meter.key,
			registers: meter.registers.into_inner(),
			status: meter.status,
			newest: state.newest().map(reading_view),
			newest_final: state.newest_final.as_ref().map(reading_view),
			pending: state.pending.len() as u32,
			final_in: final_at.saturating_sub(<Self as OpenTime>::now()),
		})
	}
}

fn reading_view(reading: &Reading) -> ReadingView {
	ReadingView {
		sequence: reading.sequence,
		measured_at: reading.measured_at,
		registers: reading.registers.to_vec(),
	}
}

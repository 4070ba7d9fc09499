//! From provisional to final, without a transaction: what has matured is computed whenever it is read, and written down
//! whenever the meter's record is written anyway.

use baseload_math::cover::Interval;
use baseload_primitives::{MeterId, MeterStatus, Moment, OpenTime, Quality, Reading, Register, SiteId};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

use crate::{
	ChallengeWindow, Config, Error, Event, Meter, MeterState, MeterStates, Pallet, SiteCover, SiteCovers, Sites,
	CHALLENGE_WINDOWS,
};

/// A meter's record as of now: all that has matured is final and booked. Changes nothing until it is saved.
pub(crate) struct Matured<S: Get<u32>> {
	/// The readings.
	pub state: MeterState<S>,
	/// Number of readings that are final now and not yet in storage.
	pub count: usize,
	/// Attested energy of the meter's site, if it has changed.
	pub cover: Option<(SiteId, SiteCover)>,
}

impl<T: Config> Pallet<T> {
	/// The record of meter `id` as of now. While a meter is suspended nothing matures.
	pub(crate) fn matured(id: MeterId, meter: &Meter) -> Matured<T::MaxPending> {
		let mut state = MeterStates::<T>::get(id);
		let count = match meter.status {
			MeterStatus::Active => state.matured(<Self as OpenTime>::now()),
			MeterStatus::Suspended => 0,
		};
		if count == 0 {
			return Matured {
				state,
				count,
				cover: None,
			};
		}
		let mut cover = Sites::<T>::get(meter.site)
			.filter(|site| site.revenue_meter == Some(id))
			.and_then(|_| SiteCovers::<T>::get(meter.site));
		for closing in state.pending.drain(..count).map(|pending| pending.reading) {
			if let (Some(cover), Some(opening)) = (cover.as_mut(), state.newest_final.as_ref()) {
				cover.ring.book(&interval(meter, opening, &closing), cover.since);
			}
			state.newest_final = Some(closing);
		}
		Matured {
			state,
			count,
			cover: cover.map(|cover| (meter.site, cover)),
		}
	}

	/// Writes the record of meter `id` down.
	pub(crate) fn save(id: MeterId, matured: Matured<T::MaxPending>) {
		let Matured { state, count, cover } = matured;
		if let Some((site, cover)) = cover {
			SiteCovers::<T>::insert(site, cover);
		}
		if let Some(newest) = state.newest_final.as_ref().filter(|_| count > 0) {
			Self::deposit_event(Event::RegistersFinal {
				meter: id,
				sequence: newest.sequence,
				measured_at: newest.measured_at,
				registers: newest.registers.clone(),
			});
		}
		MeterStates::<T>::insert(id, state);
	}

	/// Sets the window of readings accepted from now on.
	pub(crate) fn do_set_challenge_window(new: Moment) -> DispatchResult {
		ensure!(CHALLENGE_WINDOWS.contains(&new), Error::<T>::WindowOutOfBounds);
		let old = ChallengeWindow::<T>::mutate(|window| core::mem::replace(window, new));
		Self::deposit_event(Event::ChallengeWindowChanged { old, new });
		Ok(())
	}
}

/// Energy between two consecutive final readings, as far as it counts: no export up to an estimate.
fn interval(meter: &Meter, opening: &Reading, closing: &Reading) -> Interval {
	let rise = |register| {
		meter.position(register).map_or(0, |position| {
			let count = |reading: &Reading| reading.registers.get(position).copied().unwrap_or(0);
			// Registers never fall: authorisation refuses it.
			count(closing).saturating_sub(count(opening))
		})
	};
	Interval {
		from: opening.measured_at,
		to: closing.measured_at,
		export: match closing.quality {
			Quality::Measured => rise(Register::Export),
			Quality::Estimated => 0,
		},
		import: rise(Register::Import),
	}
}

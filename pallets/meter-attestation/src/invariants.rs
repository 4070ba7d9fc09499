//! What must hold after every call. The numbers are those of the crate's documentation.

use alloc::collections::BTreeMap;

use baseload_math::cover::CoverRing;
use baseload_primitives::{Balance, MeterId, Moment, Reading, Register, SiteId, DAY};
use frame_support::{
	ensure,
	traits::{fungible::hold::Inspect as _, Get},
};
use sp_runtime::TryRuntimeError;

use crate::{
	Config, HoldReason, Keys, Meter, MeterState, MeterStates, Meters, NextMeter, NextSite, OpenClock, Pallet,
	SiteCovers, Sites,
};

impl<T: Config> Pallet<T> {
	/// Checks all invariants. Reads the pallet's whole state: for tests and off-chain checks.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_ids_and_keys()?;
		Self::check_places()?;
		Self::check_readings()?;
		Self::check_covers()?;
		Self::check_deposits()?;
		Self::check_known()?;
		let clock = OpenClock::<T>::get();
		ensure!(clock.open <= clock.last, "9: more open time than time has passed");
		Ok(())
	}

	fn check_ids_and_keys() -> Result<(), TryRuntimeError> {
		let (next_site, next_meter) = (NextSite::<T>::get(), NextMeter::<T>::get());
		ensure!(
			Sites::<T>::iter_keys().all(|id| id < next_site),
			"1: a site's id was not given out"
		);
		for (id, meter) in Meters::<T>::iter() {
			ensure!(id < next_meter, "1: a meter's id was not given out");
			ensure!(
				Keys::<T>::get(meter.key) == Some(id),
				"1: a meter's key belongs to another or to none"
			);
		}
		ensure!(
			Keys::<T>::iter().count() == Meters::<T>::iter().count(),
			"1: a key belongs to no meter"
		);
		Ok(())
	}

	fn check_places() -> Result<(), TryRuntimeError> {
		let mut standing = BTreeMap::<SiteId, u32>::new();
		for (_, meter) in Meters::<T>::iter() {
			*standing.entry(meter.site).or_default() += 1;
		}
		ensure!(
			standing.keys().all(Sites::<T>::contains_key),
			"2: a meter stands nowhere"
		);
		for (id, site) in Sites::<T>::iter() {
			ensure!(
				standing.get(&id).copied().unwrap_or(0) == site.meters,
				"2: a site miscounts its meters"
			);
			ensure!(
				site.meters <= T::MaxMetersPerSite::get(),
				"2: a site has too many meters"
			);
		}
		Ok(())
	}

	fn check_readings() -> Result<(), TryRuntimeError> {
		for (id, meter) in Meters::<T>::iter() {
			let state = MeterStates::<T>::get(id);
			let mut previous: Option<&Reading> = None;
			for reading in state
				.newest_final
				.iter()
				.chain(state.pending.iter().map(|pending| &pending.reading))
			{
				ensure!(
					reading.registers.len() == meter.registers.len(),
					"3: a reading lacks registers"
				);
				ensure!(
					previous.is_none_or(|previous| follows(previous, reading)),
					"3: readings do not only go up"
				);
				previous = Some(reading);
			}
			ensure!(
				state.pending.len() <= T::MaxPending::get() as usize,
				"4: too many pending readings"
			);
			let ends: alloc::vec::Vec<Moment> = state.pending.iter().map(|pending| pending.final_at).collect();
			ensure!(ends.is_sorted(), "4: challenge windows end out of order");
		}
		Ok(())
	}

	fn check_covers() -> Result<(), TryRuntimeError> {
		for (id, site) in Sites::<T>::iter() {
			let cover = SiteCovers::<T>::get(id);
			if let Some(revenue_meter) = site.revenue_meter {
				let meter = Meters::<T>::get(revenue_meter).ok_or("5: a revenue meter does not exist")?;
				ensure!(meter.site == id, "5: a revenue meter stands at another site");
				ensure!(
					meter.position(Register::Export).is_some(),
					"5: a revenue meter has no export register"
				);
				ensure!(
					cover.as_ref().is_some_and(|cover| cover.meter == revenue_meter),
					"5: a cover ring follows another meter"
				);
			}
			if let Some(cover) = cover {
				let meter = Meters::<T>::get(cover.meter).ok_or("5: a cover ring follows no meter")?;
				Self::check_ring(&cover.ring, &meter, &MeterStates::<T>::get(cover.meter))?;
			}
		}
		Ok(())
	}

	fn check_ring(ring: &CoverRing, meter: &Meter, state: &MeterState<T::MaxPending>) -> Result<(), TryRuntimeError> {
		ensure!(ring.is_consistent(), "6: days and spans disagree");
		let newest = state.newest_final.as_ref();
		let counted = |register| {
			let position = meter.position(register)?;
			newest?.registers.get(position).copied().map(i128::from)
		};
		let (export, import) = (
			counted(Register::Export).unwrap_or(0),
			counted(Register::Import).unwrap_or(0),
		);
		let now = ring.newest_day() * DAY;
		for sum in [ring.last_30_days(now), ring.last_365_days(now)] {
			ensure!(
				-import <= sum && sum <= export,
				"6: more is booked than was ever counted"
			);
		}
		ensure!(
			ring.newest_day() <= newest.map_or(0, |newest| newest.measured_at / DAY),
			"6: something is booked after the newest final reading"
		);
		Ok(())
	}

	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, (Balance, Balance)>::new();
		let sites: BTreeMap<SiteId, T::AccountId> = Sites::<T>::iter()
			.map(|(id, site)| {
				deposits.entry(site.owner.clone()).or_default().0 += site.deposit;
				(id, site.owner)
			})
			.collect();
		for (_, meter) in Meters::<T>::iter() {
			let owner = sites.get(&meter.site).ok_or("2: a meter stands nowhere")?;
			deposits.entry(owner.clone()).or_default().1 += meter.deposit;
		}
		for (owner, (for_sites, for_meters)) in deposits {
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &owner);
			ensure!(
				held(HoldReason::Site) == for_sites,
				"7: site deposits differ from what is on hold"
			);
			ensure!(
				held(HoldReason::Meter) == for_meters,
				"7: meter deposits differ from what is on hold"
			);
		}
		Ok(())
	}

	fn check_known() -> Result<(), TryRuntimeError> {
		let known = |id: MeterId| Meters::<T>::contains_key(id);
		ensure!(
			MeterStates::<T>::iter_keys().all(known),
			"8: readings of an unknown meter"
		);
		ensure!(
			SiteCovers::<T>::iter_keys().all(Sites::<T>::contains_key),
			"8: a cover ring of an unknown site"
		);
		Ok(())
	}
}

/// True if sequence and time of `next` are above those of `previous`, and no register is below.
fn follows(previous: &Reading, next: &Reading) -> bool {
	previous.sequence < next.sequence
		&& previous.measured_at < next.measured_at
		&& previous
			.registers
			.iter()
			.zip(&next.registers)
			.all(|(before, after)| before <= after)
}

//! How a meter's readings are judged: set by the registrar, for readings accepted from then on.

use baseload_primitives::{MeterId, MeterUse};
use frame_support::ensure;
use sp_runtime::DispatchResult;

use crate::{
	Check, Config, Error, Event, Meter, Meters, Pallet, Policy, Sites, CHALLENGE_WINDOWS, MAX_CHECK_TOLERANCE,
	VOTE_PERIODS,
};

impl<T: Config> Pallet<T> {
	/// Gives a meter another policy.
	pub(crate) fn do_set_policy(id: MeterId, new: Policy) -> DispatchResult {
		let mut current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		Self::ensure_sound(&current.meter, &new)?;
		let old = current.meter.policy;
		if old.check.map(|check| check.meter) != new.check.map(|check| check.meter) {
			Self::change_check(id, &mut current.meter, old.check, new.check)?;
		}
		current.meter.policy = new;
		Self::save(id, current);
		Self::deposit_event(Event::PolicyChanged { meter: id, old, new });
		Ok(())
	}

	fn ensure_sound(meter: &Meter<T::MaxPending>, policy: &Policy) -> DispatchResult {
		let site = Sites::<T>::get(meter.site).ok_or(Error::<T>::UnknownSite)?;
		let sound = CHALLENGE_WINDOWS.contains(&policy.window)
			&& VOTE_PERIODS.contains(&policy.vote_period)
			&& (1..=site.details.nameplate_w).contains(&policy.max_w)
			&& policy.max_units > 0
			&& policy.gap_after > 0
			&& policy.frozen_after > 0
			&& policy.check.is_none_or(|check| check.tolerance <= MAX_CHECK_TOLERANCE);
		ensure!(sound, Error::<T>::BadPolicy);
		Ok(())
	}

	/// Keeps the check meter's word of whom it checks. A check meter is no one's but this meter's, is not checked itself, and
	/// has a device of its own: only then is its agreement another's word.
	fn change_check(
		id: MeterId,
		meter: &mut Meter<T::MaxPending>,
		old: Option<Check>,
		new: Option<Check>,
	) -> DispatchResult {
		if let Some(check) = new {
			let other = Meters::<T>::get(check.meter).ok_or(Error::<T>::BadCheck)?;
			let free =
				check.meter != id && other.key.is_some() && other.checks.is_none() && other.policy.check.is_none();
			ensure!(free && meter.checks.is_none(), Error::<T>::BadCheck);
			// Its energy is this meter's: billed at both, it would be billed twice.
			ensure!(!T::Bills::is_billed(check.meter), Error::<T>::CheckIsBilled);
			Meters::<T>::insert(
				check.meter,
				Meter {
					checks: Some(id),
					..other
				},
			);
		}
		if let Some(check) = old {
			Meters::<T>::mutate_extant(check.meter, |other| other.checks = None);
		}
		meter.agreed = None;
		Ok(())
	}
}

//! Final registers, for bills.

use alloc::vec::Vec;

use baseload_math::calendar::{month_of, month_start, Month};
use baseload_primitives::{
	FinalReading, MeterHistory, MeterId, Moment, Register, RegisterSource, Registers, Threshold,
};
use sp_runtime::DispatchResult;

use crate::{
	finality::{Current, MONTHS_PER_INTERVAL},
	Accepted, Config, Error, Firsts, Meters, MonthStart, MonthStarts, Pallet, Retired, Sites, Thresholds,
};

/// What is final of a meter as of now, written down or not.
pub struct History<T: Config> {
	id: MeterId,
	/// The newest final reading that was measured.
	newest: Option<Accepted>,
	/// What is not written down yet is in here; `None` of a meter that was removed.
	current: Option<Current<T>>,
}

impl<T: Config> History<T> {
	/// Registers at the start of `month` if they are known for themselves.
	fn known(&self, month: Month) -> Option<MonthStart> {
		let new = self.current.as_ref().and_then(|current| current.month_start(month));
		new.cloned().or_else(|| MonthStarts::<T>::get(self.id, month))
	}

	/// Registers at the start of the first month from `month` on that has them, up to `last`, the newest. After a long silence
	/// only so many months are settled, but no fewer, so that one of every [`MONTHS_PER_INTERVAL`] - 1 tells where they begin.
	fn after_silence(&self, month: Month, last: Month) -> Option<MonthStart> {
		let (mut unknown, mut known) = (month, month);
		while self.known(known).is_none() {
			if known >= last {
				return None;
			}
			unknown = known;
			known = known.saturating_add(MONTHS_PER_INTERVAL - 1).min(last);
		}
		while known - unknown > 1 {
			let middle = unknown + (known - unknown) / 2;
			if self.known(middle).is_some() {
				known = middle;
			} else {
				unknown = middle;
			}
		}
		self.known(known)
	}
}

impl<T: Config> MeterHistory for History<T> {
	fn month_start(&self, month: Month) -> Option<(Registers, Moment)> {
		let start = self.known(month).or_else(|| {
			let newest = self.newest.as_ref()?;
			if month_start(month) > newest.measured_at {
				return None;
			}
			let first = self.current.as_ref().and_then(Current::first);
			let first = first.cloned().or_else(|| Firsts::<T>::get(self.id))?;
			if month_start(month) <= first.reading.measured_at {
				return Some(MonthStart {
					registers: first.reading.registers,
					known_at: first.known_at,
				});
			}
			self.after_silence(month, month_of(newest.measured_at))
		})?;
		Some((start.registers, start.known_at))
	}

	fn reached(&self, threshold: Threshold) -> Option<(Moment, Moment)> {
		let mut new = self.current.iter().flat_map(|current| current.reached());
		let reached = new.find(|(reached, _)| *reached == threshold);
		let reached = reached.map(|(_, reached)| reached.clone());
		let reached = reached.or_else(|| Thresholds::<T>::get(self.id, threshold))?;
		Some((reached.measured_at, reached.known_at))
	}

	/// Estimates move nothing here.
	fn newest(&self) -> Option<FinalReading> {
		let Accepted {
			sequence,
			measured_at,
			registers,
			flags,
			..
		} = self.newest.clone()?;
		Some(FinalReading {
			sequence,
			measured_at,
			registers,
			flags,
		})
	}
}

impl<T: Config> RegisterSource<T::AccountId> for Pallet<T> {
	type History = History<T>;

	fn owner(meter: MeterId) -> Option<T::AccountId> {
		let meter = Meters::<T>::get(meter)?;
		Sites::<T>::get(meter.site).map(|site| site.owner)
	}

	fn registers(meter: MeterId) -> Option<Vec<Register>> {
		Some(Meters::<T>::get(meter)?.registers.into_inner())
	}

	fn is_check(meter: MeterId) -> bool {
		Meters::<T>::get(meter).is_some_and(|meter| meter.checks.is_some())
	}

	fn window(meter: MeterId) -> Option<Moment> {
		Some(Meters::<T>::get(meter)?.policy.window)
	}

	fn history(meter: MeterId) -> Option<History<T>> {
		let mut current = Self::current(meter);
		let newest = match &mut current {
			Some(current) => current.meter.measured.take(),
			None => Some(Retired::<T>::get(meter)?.measured),
		};
		Some(History {
			id: meter,
			newest: newest.map(|newest| newest.reading),
			current,
		})
	}

	fn watch(meter: MeterId, threshold: Threshold) -> DispatchResult {
		let current = Self::current(meter).ok_or(Error::<T>::UnknownMeter)?;
		match Self::watch_threshold_of(meter, current, threshold) {
			Err(error) if error == Error::<T>::AlreadyWatched.into() => Ok(()),
			result => result,
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_months(meter: MeterId, owner: &T::AccountId, from: Month, counts: &[u64]) {
		crate::benchmarking::set_months::<T>(meter, owner, from, counts);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_read(meter: MeterId, owner: &T::AccountId, month: Month, readings: u32) {
		crate::benchmarking::set_read::<T>(meter, owner, month, readings);
	}
}

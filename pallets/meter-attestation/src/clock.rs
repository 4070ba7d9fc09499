//! Open time: a clock that stands still while nobody can act.

use baseload_primitives::{Moment, OpenTime};
use frame_support::traits::{Contains, Get, Time};

use crate::{Began, Config, OpenClock, Pallet, CLOCK};

impl<T: Config> Pallet<T> {
	/// Moves the clock by the time since the last block, at most [`Config::MaxOpenStep`], if the gate is open. The first
	/// block of the chain only sets where time begins.
	pub(crate) fn tick() {
		let now = T::Time::now();
		OpenClock::<T>::mutate(|clock| {
			if clock.last == 0 {
				Began::<T>::put(now);
			}
			if clock.last != 0 && T::Gate::contains(&CLOCK) {
				// The sum stays below the block time, which is itself a `u64`.
				clock.open += now.saturating_sub(clock.last).min(T::MaxOpenStep::get());
			}
			clock.last = now;
		});
	}
}

/// As of the end of the last block.
impl<T: Config> OpenTime for Pallet<T> {
	fn now() -> Moment {
		OpenClock::<T>::get().open
	}

	fn began() -> Moment {
		Began::<T>::get()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_now(now: Moment) {
		use crate::BenchmarkHelper;
		T::BenchmarkHelper::set_time(now);
		// As if the chain had run since 1970, so that what is stored as known at zero was known long ago.
		Began::<T>::kill();
		OpenClock::<T>::put(crate::ClockState { last: now, open: now });
	}
}

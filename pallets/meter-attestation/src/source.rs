//! Final registers, for bills.

use baseload_primitives::{FinalReading, MeterId, Register, RegisterSource};

use crate::{Config, Meters, Pallet, Sites};

impl<T: Config> RegisterSource<T::AccountId> for Pallet<T> {
	fn owner(meter: MeterId) -> Option<T::AccountId> {
		let meter = Meters::<T>::get(meter)?;
		Sites::<T>::get(meter.site).map(|site| site.owner)
	}

	fn position(meter: MeterId, register: Register) -> Option<u32> {
		Meters::<T>::get(meter)?
			.position(register)
			.map(|position| position as u32)
	}

	fn final_reading(meter: MeterId) -> Option<FinalReading> {
		let newest = Self::matured(meter, &Meters::<T>::get(meter)?).state.newest_final?;
		let baseload_primitives::Reading {
			sequence,
			measured_at,
			registers,
			..
		} = newest;
		Some(FinalReading {
			sequence,
			measured_at,
			registers,
		})
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_final_reading(meter: MeterId, owner: &T::AccountId, wh: u64) {
		crate::benchmarking::set_final_reading::<T>(meter, owner, wh);
	}
}

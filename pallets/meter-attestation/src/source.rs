//! Final registers, for bills.

use baseload_primitives::{FinalReading, MeterId, Register, RegisterSource};

use crate::{Accepted, Config, Meters, Pallet, Sites};

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

	/// The newest one that was measured: estimates move nothing here.
	fn final_reading(meter: MeterId) -> Option<FinalReading> {
		let Accepted {
			sequence,
			measured_at,
			registers,
			flags,
			..
		} = Self::current(meter)?.meter.measured?.reading;
		Some(FinalReading {
			sequence,
			measured_at,
			registers,
			flags,
		})
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_final_reading(meter: MeterId, owner: &T::AccountId, wh: u64) {
		crate::benchmarking::set_final_reading::<T>(meter, owner, wh);
	}
}

//! The pace of the network: one slot duration, fixed at genesis.

use core::marker::PhantomData;

use baseload_primitives::{Moment, MINUTE, SECOND};
use frame_support::traits::Get;

use crate::{Config, Pallet, SlotDuration};

/// Whether a network can run with slots of this many milliseconds: even, as half of it is the least time between two blocks,
/// and 500 to 60 000.
pub(crate) fn is_valid(slot_duration: Moment) -> bool {
	slot_duration.is_multiple_of(2) && (SECOND / 2..=MINUTE).contains(&slot_duration)
}

impl<T: Config> Pallet<T> {
	/// Length of a slot in milliseconds.
	pub fn slot_duration() -> Moment {
		SlotDuration::<T>::get()
	}
}

/// The least time between two blocks in milliseconds: half a slot. `pallet_timestamp` takes it as its `MinimumPeriod`, and
/// `pallet_babe` doubles it again.
pub struct MinimumPeriod<T>(PhantomData<T>);

impl<T: Config> Get<Moment> for MinimumPeriod<T> {
	fn get() -> Moment {
		Pallet::<T>::slot_duration() / 2
	}
}

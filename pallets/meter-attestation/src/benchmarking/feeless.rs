//! The feeless calls: what a device or a gateway sends next, checked and dispatched as the pool and the block do.

use alloc::vec::Vec;

use baseload_primitives::{Reading, SignedReading};
use frame_support::{
	dispatch::RawOrigin,
	pallet_prelude::TransactionSource,
	traits::{Authorize, Get, UnfilteredDispatchable},
	BoundedVec,
};

use super::{keys::*, records::record, state::*, BenchmarkHelper};
use crate::{Call, Config, Pallet};

/// Signs readings of [`METER`] with the key of [`ed25519`].
fn signed<T: Config>(readings: Vec<Reading>) -> Vec<SignedReading> {
	let genesis = Pallet::<T>::genesis_hash();
	readings
		.into_iter()
		.map(|reading| SignedReading {
			signature: ed25519(&reading.signed_payload(genesis, METER)).1,
			reading,
		})
		.collect()
}

/// The call with one signed reading. To be made last: what is weighed elsewhere is not counted from here on.
fn submit<T: Config>(reading: Reading) -> Call<T> {
	let SignedReading { reading, signature } = signed::<T>(Vec::from([reading])).remove(0);
	skip_counted::<T>();
	Call::submit_reading {
		meter: METER,
		reading,
		signature,
	}
}

/// The next reading of [`METER`], which has `pending` ones.
pub fn one_reading<T: Config>(pending: u32) -> Call<T> {
	plant::<T>(ed25519(b"").0, pending, History::Month);
	submit::<T>(next_readings::<T>(pending, 1).remove(0))
}

/// The next reading of [`METER`] after `past`, each of which was final when the next one came; before them there were `others` of
/// [`OTHER`].
pub fn reading_after<T: Config>(past: u32, others: u32) -> Call<T> {
	plant::<T>(ed25519(b"").0, 1, History::Month);
	put_meter::<T>(OTHER, meter::<T>(unused_key(OTHER), 1, History::Month));
	let (theirs, mut own) = (next_readings::<T>(1, others), next_readings::<T>(1, past + 1));
	T::BenchmarkHelper::set_time(NOW + u64::from(past.max(others)) * T::MinInterval::get());
	let next = own.remove(past as usize);
	for (id, readings) in [(OTHER, theirs), (METER, own)] {
		for reading in readings {
			Pallet::<T>::record(id, &reading);
			edit::<T>(id, |meter| {
				meter.pending.iter_mut().for_each(|pending| pending.final_at = 0)
			});
		}
	}
	// A block's list of events is no meter's past.
	frame_system::Pallet::<T>::reset_events();
	submit::<T>(next)
}

/// The next `count` readings of [`METER`], which has `pending` ones.
pub fn backlog<T: Config>(count: u32, pending: u32) -> Call<T> {
	plant::<T>(ed25519(b"").0, pending, History::Month);
	let readings = signed::<T>(next_readings::<T>(pending, count));
	skip_counted::<T>();
	Call::submit_backlog {
		meter: METER,
		readings: BoundedVec::truncate_from(readings),
	}
}

/// The next record of [`METER`], which has `pending` readings, of `length` bytes.
pub fn one_record<T: Config>(length: u32, pending: u32) -> Call<T> {
	plant::<T>(dearest(1), pending, History::Month);
	use_ocmf::<T>();
	let next = 2 + u64::from(pending);
	skip_counted::<T>();
	Call::submit_ocmf {
		meter: METER,
		record: record(length, next, next),
	}
}

/// Checks a feeless call as the pool and the block do.
pub fn authorize<T: Config>(call: &Call<T>) {
	let verdict = call.authorize(TransactionSource::External);
	verdict
		.expect("the call is authorised by itself")
		.expect("the readings are good");
}

/// Dispatches a feeless call that was let in.
pub fn dispatch<T: Config>(call: Call<T>) {
	call.dispatch_bypass_filter(RawOrigin::Authorized.into())
		.expect("what is let in never fails");
}

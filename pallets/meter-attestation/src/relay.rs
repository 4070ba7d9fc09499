//! A relayer's batch: readings of many meters, for a fee, where one bad row never spoils the rest.

use baseload_primitives::{MeterId, OpenTime, Refusal, SignedReading};
use frame_support::{ensure, weights::Weight, BoundedVec};

use crate::{readings::Before, Config, Event, Meters, Pallet, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Records the rows that are good.
	pub(crate) fn do_relay(rows: BoundedVec<(MeterId, SignedReading), T::MaxRelay>) {
		let mut refused = alloc::vec::Vec::new();
		for (row, (meter, signed)) in rows.into_iter().enumerate() {
			match Self::check_row(meter, &signed) {
				Ok(()) => {
					Self::record(meter, &signed.reading);
				}
				Err(refusal) => refused.push((row as u32, refusal)),
			}
		}
		if !refused.is_empty() {
			Self::deposit_event(Event::RowsRefused { rows: refused });
		}
	}

	/// What the pool would say of the row. The call itself was let in, so no gate is asked.
	fn check_row(id: MeterId, signed: &SignedReading) -> Result<(), Refusal> {
		let meter = Meters::<T>::get(id).ok_or(Refusal::UnknownMeter)?;
		ensure!(meter.ocmf.is_none(), Refusal::WrongFormat);
		let key = meter.key.ok_or(Refusal::WrongFormat)?;
		let open = <Self as OpenTime>::now();
		Self::ensure_room(&meter, 1, open)?;
		Self::judge(&meter, &Before::of(&meter, open), &signed.reading)?;
		let payload = signed.reading.signed_payload(Self::genesis_hash(), id);
		ensure!(key.verify(&payload, &signed.signature), Refusal::BadSignature);
		Ok(())
	}

	/// The most that a batch of these rows weighs.
	pub(crate) fn weight_of_relay(rows: &[(MeterId, SignedReading)]) -> Weight {
		let row = |(_, signed): &(MeterId, SignedReading)| {
			Self::weight_of_authorize_reading(&signed.signature).saturating_add(Self::weight_of_accept(1))
		};
		rows.iter()
			.map(row)
			.fold(T::WeightInfo::relay(), Weight::saturating_add)
	}
}

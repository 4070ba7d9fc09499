//! Settlement by anyone, and by the chain itself in what is left of each block.

use alloc::vec::Vec;

use baseload_primitives::AgreementId;
use frame_support::{
	dispatch::WithPostDispatchInfo,
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Weight},
	storage::with_storage_layer,
	weights::WeightMeter,
};
use sp_runtime::DispatchError;

use crate::{Config, Cursor, Error, Pallet, Running, WeightInfo};

/// The most events that one settlement plays.
pub const MAX_STEPS: u32 = 64;

/// The most events that the chain plays of one agreement before it turns to the next one.
pub const IDLE_STEPS: u32 = 8;

/// The most agreements that the chain looks at in one block.
pub const IDLE_VISITS: u32 = 64;

impl<T: Config> Pallet<T> {
	/// What so many events weigh, and what they move. The last of them may be the close.
	pub(crate) fn events_weight(events: u32) -> Weight {
		match events {
			0 => Weight::zero(),
			events => T::WeightInfo::settle(events).saturating_add(T::WeightInfo::closing()),
		}
	}

	/// Plays what is due. A settlement that finds nothing costs what looking costs.
	pub(crate) fn do_settle(id: AgreementId, steps: u32) -> DispatchResultWithPostInfo {
		ensure!((1..=MAX_STEPS).contains(&steps), Error::<T>::BadSteps);
		match Self::settle_up_to(id, steps) {
			Ok(played) => Ok(Some(Self::events_weight(played)).into()),
			Err(error) if error == Error::<T>::NothingToSettle.into() => Err(error.with_weight(T::WeightInfo::poke())),
			Err(error) => Err(error.into()),
		}
	}

	/// Plays at most `steps` events of an agreement and pays what they moved. Returns how many; `NothingToSettle` for none.
	fn settle_up_to(id: AgreementId, steps: u32) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		session.play(steps)?;
		ensure!(session.played > 0, Error::<T>::NothingToSettle);
		session.finish()
	}

	/// Settles agreements one after the other, each in its turn, going on in the next block where this one's weight ends.
	/// Before that it samples the feeds, once an hour.
	pub(crate) fn settle_idly(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		if meter.try_consume(T::WeightInfo::idle()).is_err() {
			return Weight::zero();
		}
		Self::sample_idly(&mut meter);
		let most = T::WeightInfo::poke().saturating_add(Self::events_weight(IDLE_STEPS));
		// Those after the last one that had its turn, then from the beginning again; no one twice.
		let after = Running::<T>::iter_keys_from(Running::<T>::hashed_key_for(Cursor::<T>::get()));
		let mut turns: Vec<AgreementId> = Vec::new();
		for id in after.chain(Running::<T>::iter_keys()).take(IDLE_VISITS as usize) {
			if turns.first() == Some(&id) {
				break;
			}
			turns.push(id);
		}
		let mut turn = None;
		for id in turns {
			if !meter.can_consume(most) {
				break;
			}
			turn = Some(id);
			let weighs = match with_storage_layer(|| Self::settle_up_to(id, IDLE_STEPS)) {
				Ok(played) => Self::events_weight(played),
				Err(error) if error == Error::<T>::NothingToSettle.into() => T::WeightInfo::poke(),
				// It may have failed at the last event. What cannot be settled now is looked at again in its next turn.
				Err(_) => most,
			};
			meter.consume(weighs);
		}
		if let Some(id) = turn {
			Cursor::<T>::put(id);
		}
		meter.consumed()
	}
}

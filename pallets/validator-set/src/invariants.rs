//! The pallet's invariants, by the numbers of the crate's documentation.

use alloc::collections::BTreeSet;

use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use sp_runtime::TryRuntimeError;

use crate::{slots, Candidates, Config, Convicts, HoldReason, Pallet, Punishments, Reserved, Seats, Unbonding};

impl<T: Config> Pallet<T> {
	/// Checks everything. Fails with a message that begins with the number of the invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::candidates_should_rank()?;
		Self::holds_should_match()?;
		Self::chunks_should_be_in_order()?;
		Self::seats_should_be_in_range()?;
		Self::offenders_should_be_accounted()?;
		Self::servers_should_stay_slashable()?;
		ensure!(
			slots::is_valid(Self::slot_duration()),
			TryRuntimeError::Other("9: slot duration is odd or out of range")
		);
		Ok(())
	}

	fn candidates_should_rank() -> Result<(), TryRuntimeError> {
		let candidates = Candidates::<T>::get();
		ensure!(
			candidates.windows(2).all(|pair| pair[0].ranks_before(&pair[1])),
			TryRuntimeError::Other("1: candidates do not stand in order of rank")
		);
		let distinct: BTreeSet<_> = candidates.iter().map(|candidate| &candidate.who).collect();
		ensure!(
			distinct.len() == candidates.len(),
			TryRuntimeError::Other("1: an account is a candidate twice")
		);
		for candidate in &candidates {
			ensure!(
				candidate.bond >= T::MinBond::get(),
				TryRuntimeError::Other("2: a candidate has less than the minimum bond")
			);
			ensure!(
				!Convicts::<T>::contains_key(&candidate.who),
				TryRuntimeError::Other("2: a convict is a candidate")
			);
		}
		Ok(())
	}

	fn holds_should_match() -> Result<(), TryRuntimeError> {
		let bonded = Candidates::<T>::get().into_iter().map(|candidate| candidate.who);
		for who in bonded.chain(Unbonding::<T>::iter_keys()) {
			ensure!(
				T::Bond::balance_on_hold(&HoldReason::Bond.into(), &who) == Self::stake(&who),
				TryRuntimeError::Other("3: BLD on hold differs from active plus unbonding bond")
			);
		}
		Ok(())
	}

	fn chunks_should_be_in_order() -> Result<(), TryRuntimeError> {
		let furthest = pallet_session::Pallet::<T>::current_index() + 1 + T::UnbondingDelay::get();
		for (_, chunks) in Unbonding::<T>::iter() {
			ensure!(
				!chunks.is_empty(),
				TryRuntimeError::Other("4: an empty list of unbonding chunks")
			);
			ensure!(
				chunks.iter().all(|chunk| chunk.amount > 0),
				TryRuntimeError::Other("4: an empty unbonding chunk")
			);
			ensure!(
				chunks.windows(2).all(|pair| pair[0].unlock < pair[1].unlock),
				TryRuntimeError::Other("4: unlock sessions do not rise")
			);
			ensure!(
				chunks.iter().all(|chunk| chunk.unlock <= furthest),
				TryRuntimeError::Other("4: a chunk is locked for longer than the delay")
			);
		}
		Ok(())
	}

	fn seats_should_be_in_range() -> Result<(), TryRuntimeError> {
		let reserved = Reserved::<T>::get();
		let distinct: BTreeSet<_> = reserved.iter().collect();
		ensure!(
			distinct.len() == reserved.len(),
			TryRuntimeError::Other("5: an account has two reserved seats")
		);
		ensure!(
			(Self::min_validators()..=T::MaxValidators::get()).contains(&Seats::<T>::get()),
			TryRuntimeError::Other("5: the number of seats is out of range")
		);
		ensure!(
			Self::min_validators() >= 1,
			TryRuntimeError::Other("5: the minimum of validators is zero")
		);
		Ok(())
	}

	fn offenders_should_be_accounted() -> Result<(), TryRuntimeError> {
		ensure!(
			Convicts::<T>::iter_keys().all(|who| Self::serves(&who)),
			TryRuntimeError::Other("6: a convict neither serves nor is queued")
		);
		let session = pallet_session::Pallet::<T>::current_index();
		for (of, _, record) in Punishments::<T>::iter() {
			ensure!(
				record.taken <= record.fraction.mul_ceil(record.base),
				TryRuntimeError::Other("7: more was slashed than the fraction of the stake")
			);
			ensure!(
				of.saturating_add(T::EvidenceWindow::get()) >= session,
				TryRuntimeError::Other("7: a punishment is older than the evidence window")
			);
		}
		Ok(())
	}

	fn servers_should_stay_slashable() -> Result<(), TryRuntimeError> {
		let session = pallet_session::Pallet::<T>::current_index();
		for who in pallet_session::Pallet::<T>::validators() {
			if Self::active_bond(&who).is_some() {
				continue;
			}
			if let Some(newest) = Unbonding::<T>::get(&who).last() {
				ensure!(
					newest.unlock > session + T::EvidenceWindow::get(),
					TryRuntimeError::Other("8: a validator's stake unlocks before evidence about it ends")
				);
			}
		}
		Ok(())
	}
}

//! The way back: chunks of bond that wait for their session.

use baseload_primitives::Balance;
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, DefensiveSaturating, Get},
	BoundedVec,
};
use sp_runtime::DispatchResult;
use sp_staking::SessionIndex;

use crate::{Chunk, Config, Error, Event, HoldReason, Pallet, Unbonding};

impl<T: Config> Pallet<T> {
	/// Frees what has unlocked.
	pub(crate) fn do_withdraw_unbonded(who: T::AccountId) -> DispatchResult {
		let session = pallet_session::Pallet::<T>::current_index();
		let mut chunks = Unbonding::<T>::get(&who);
		let all = sum(&chunks);
		chunks.retain(|chunk| session < chunk.unlock);
		let remaining = sum(&chunks);
		let amount = all.defensive_saturating_sub(remaining);
		ensure!(amount > 0, Error::<T>::NothingToWithdraw);

		T::Bond::release(&HoldReason::Bond.into(), &who, amount, Precision::Exact)?;
		Self::put_chunks(&who, chunks);
		Self::deposit_event(Event::Withdrawn { who, amount, remaining });
		Ok(())
	}

	/// Puts `amount` of `who`'s held BLD on the way back. Returns the session in which it unlocks.
	///
	/// Never fails, so that neither leaving nor being dropped can be blocked: with all chunks in use the newest one takes the
	/// amount in and its delay starts anew.
	pub(crate) fn start_unbonding(who: &T::AccountId, amount: Balance) -> SessionIndex {
		let unlock = pallet_session::Pallet::<T>::current_index().saturating_add(T::UnbondingDelay::get());
		if amount == 0 {
			return unlock;
		}
		let mut chunks = Unbonding::<T>::get(who);
		let full = chunks.is_full();
		let unlock = match chunks.last_mut() {
			// Both amounts are held of one account's balance, so their sum is a balance too
			Some(newest) if full || unlock <= newest.unlock => {
				newest.amount = newest.amount.defensive_saturating_add(amount);
				newest.unlock = newest.unlock.max(unlock);
				newest.unlock
			}
			_ => {
				let pushed = chunks.try_push(Chunk { amount, unlock });
				frame_support::defensive_assert!(pushed.is_ok(), "a list that is empty or not full takes one more");
				unlock
			}
		};
		Self::put_chunks(who, chunks);
		unlock
	}

	/// Locks everything that unbonds until a full delay after `session`, through which `who` has to serve.
	pub(crate) fn prolong_unbonding(who: &T::AccountId, session: SessionIndex) {
		let amount = Self::unbonding(who);
		if amount > 0 {
			let unlock = session.saturating_add(T::UnbondingDelay::get());
			Self::put_chunks(who, BoundedVec::truncate_from([Chunk { amount, unlock }].into()));
		}
	}

	/// Takes up to `amount` off the books of what unbonds, the next to unlock first. Returns what it could not take.
	pub(crate) fn take_unbonding(who: &T::AccountId, amount: Balance) -> Balance {
		let mut rest = amount;
		let mut chunks = Unbonding::<T>::get(who);
		for chunk in chunks.iter_mut() {
			let part = chunk.amount.min(rest);
			chunk.amount -= part;
			rest -= part;
		}
		chunks.retain(|chunk| chunk.amount > 0);
		Self::put_chunks(who, chunks);
		rest
	}

	/// All that unbonds of an account.
	pub(crate) fn unbonding(who: &T::AccountId) -> Balance {
		sum(&Unbonding::<T>::get(who))
	}

	fn put_chunks(who: &T::AccountId, chunks: BoundedVec<Chunk, T::MaxUnbonding>) {
		if chunks.is_empty() {
			Unbonding::<T>::remove(who);
		} else {
			Unbonding::<T>::insert(who, chunks);
		}
	}
}

/// All chunks are held of one account's balance, so their sum is a balance too.
fn sum(chunks: &[Chunk]) -> Balance {
	chunks
		.iter()
		.fold(0, |sum, chunk| sum.defensive_saturating_add(chunk.amount))
}

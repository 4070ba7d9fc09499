//! Becoming a candidate, staying one, and leaving; and what the administering origin says about seats.

use alloc::collections::BTreeSet;

use baseload_primitives::Balance;
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, DefensiveSaturating, Get},
	BoundedVec,
};
use pallet_session::SessionInterface;
use sp_runtime::{ArithmeticError, DispatchResult};

use crate::{Candidate, Candidates, Config, Convicts, Error, Event, HoldReason, Pallet, Reserved, Seats};

/// The list of candidates.
pub(crate) type CandidatesOf<T> =
	BoundedVec<Candidate<<T as frame_system::Config>::AccountId>, <T as Config>::MaxCandidates>;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond(who: T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut candidates = Candidates::<T>::get();
		let old = take::<T>(&mut candidates, &who);
		if old.is_none() {
			ensure!(Self::has_keys(&who), Error::<T>::NoSessionKeys);
			ensure!(!Convicts::<T>::contains_key(&who), Error::<T>::Convicted);
		}
		let old = old.unwrap_or_default();
		let new = old.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(new >= T::MinBond::get(), Error::<T>::BelowMinBond);
		let outbid = if candidates.is_full() {
			Some(Self::make_room(&mut candidates, &who, new)?)
		} else {
			None
		};

		T::Bond::hold(&HoldReason::Bond.into(), &who, amount)?;
		insert::<T>(
			&mut candidates,
			Candidate {
				who: who.clone(),
				bond: new,
			},
		);
		Candidates::<T>::put(candidates);
		if let Some(Candidate { who, bond }) = outbid {
			let unlock = Self::start_unbonding(&who, bond);
			Self::deposit_event(Event::Outbid { who, bond, unlock });
		}
		Self::deposit_event(Event::Bonded { who, old, new });
		Ok(())
	}

	pub(crate) fn do_reduce_bond(who: T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut candidates = Candidates::<T>::get();
		let old = take::<T>(&mut candidates, &who).ok_or(Error::<T>::NotCandidate)?;
		let new = old.checked_sub(amount).ok_or(Error::<T>::BelowMinBond)?;
		ensure!(new >= T::MinBond::get(), Error::<T>::BelowMinBond);

		insert::<T>(
			&mut candidates,
			Candidate {
				who: who.clone(),
				bond: new,
			},
		);
		Candidates::<T>::put(candidates);
		let unlock = Self::start_unbonding(&who, amount);
		Self::deposit_event(Event::BondReduced { who, old, new, unlock });
		Ok(())
	}

	pub(crate) fn do_leave(who: T::AccountId) -> DispatchResult {
		let mut candidates = Candidates::<T>::get();
		let bond = take::<T>(&mut candidates, &who).ok_or(Error::<T>::NotCandidate)?;
		if Self::has_keys(&who) {
			let least = Self::min_validators() as usize;
			let others = candidates
				.iter()
				.filter(|other| Self::has_keys(&other.who))
				.take(least)
				.count();
			ensure!(others >= least, Error::<T>::TooFewValidators);
		}

		Candidates::<T>::put(candidates);
		let unlock = Self::start_unbonding(&who, bond);
		Self::deposit_event(Event::Left { who, bond, unlock });
		Ok(())
	}

	pub(crate) fn do_release_keys(who: T::AccountId) -> DispatchResult {
		ensure!(Self::has_keys(&who), Error::<T>::NoSessionKeys);
		let in_use = Self::active_bond(&who).is_some() || Self::serves(&who);
		ensure!(!in_use, Error::<T>::KeysInUse);
		<pallet_session::Pallet<T> as SessionInterface>::purge_keys(&who)?;
		Self::deposit_event(Event::KeysReleased { who });
		Ok(())
	}

	pub(crate) fn do_set_reserved(new: BoundedVec<T::AccountId, T::MaxValidators>) -> DispatchResult {
		let distinct: BTreeSet<_> = new.iter().collect();
		ensure!(distinct.len() == new.len(), Error::<T>::DuplicateAccount);
		let old = Reserved::<T>::get();
		Reserved::<T>::put(new.clone());
		Self::deposit_event(Event::ReservedChanged { old, new });
		Ok(())
	}

	pub(crate) fn do_set_seats(new: u32) -> DispatchResult {
		let range = Self::min_validators()..=T::MaxValidators::get();
		ensure!(range.contains(&new), Error::<T>::SeatsOutOfRange);
		let old = Seats::<T>::get();
		Seats::<T>::put(new);
		Self::deposit_event(Event::SeatsChanged { old, new });
		Ok(())
	}

	/// Ends `who`'s candidacy for an offence, if it is a candidate.
	pub(crate) fn drop_candidate(who: &T::AccountId) {
		let mut candidates = Candidates::<T>::get();
		if let Some(bond) = take::<T>(&mut candidates, who) {
			Candidates::<T>::put(candidates);
			let unlock = Self::start_unbonding(who, bond);
			Self::deposit_event(Event::Dropped {
				who: who.clone(),
				bond,
				unlock,
			});
		}
	}

	/// Takes up to `amount` off the books of `who`'s active bond. Returns what it could not take.
	pub(crate) fn take_bond(who: &T::AccountId, amount: Balance) -> Balance {
		let mut candidates = Candidates::<T>::get();
		let Some(bond) = take::<T>(&mut candidates, who) else {
			return amount;
		};
		let part = bond.min(amount);
		insert::<T>(
			&mut candidates,
			Candidate {
				who: who.clone(),
				bond: bond - part,
			},
		);
		Candidates::<T>::put(candidates);
		amount - part
	}

	/// The active bond of an account; `None` if it is no candidate.
	pub(crate) fn active_bond(who: &T::AccountId) -> Option<Balance> {
		Candidates::<T>::get()
			.iter()
			.find(|candidate| candidate.who == *who)
			.map(|candidate| candidate.bond)
	}

	/// All that can be slashed of an account. Both parts are held of one balance, so their sum is a balance too.
	pub(crate) fn stake(who: &T::AccountId) -> Balance {
		Self::active_bond(who)
			.unwrap_or_default()
			.defensive_saturating_add(Self::unbonding(who))
	}

	/// Whether an account has session keys registered.
	pub(crate) fn has_keys(who: &T::AccountId) -> bool {
		pallet_session::NextKeys::<T>::contains_key(who)
	}

	/// Removes the lowest-ranking open candidate from a full list in favour of `who` with `bond`.
	fn make_room(
		candidates: &mut CandidatesOf<T>,
		who: &T::AccountId,
		bond: Balance,
	) -> Result<Candidate<T::AccountId>, Error<T>> {
		let reserved = Reserved::<T>::get();
		let last = candidates
			.iter()
			.rposition(|candidate| !reserved.contains(&candidate.who))
			.ok_or(Error::<T>::TooManyCandidates)?;
		ensure!(
			reserved.contains(who) || candidates[last].bond < bond,
			Error::<T>::TooManyCandidates
		);
		Ok(candidates.remove(last))
	}
}

/// Removes `who` from the list and returns its bond.
fn take<T: Config>(candidates: &mut CandidatesOf<T>, who: &T::AccountId) -> Option<Balance> {
	let position = candidates.iter().position(|candidate| candidate.who == *who)?;
	Some(candidates.remove(position).bond)
}

/// Puts a candidate where it ranks. The caller has made sure that the list is not full and does not have it.
pub(crate) fn insert<T: Config>(candidates: &mut CandidatesOf<T>, candidate: Candidate<T::AccountId>) {
	let position = candidates.partition_point(|other| other.ranks_before(&candidate));
	let inserted = candidates.try_insert(position, candidate);
	frame_support::defensive_assert!(inserted.is_ok(), "the list was not full");
}

//! The beginning: what a runtime may be configured with, the network's own numbers, and the first validators.

use alloc::vec::Vec;

use frame_support::traits::{fungible::MutateHold, Get};

use crate::{
	candidacy::{insert, CandidatesOf},
	slots, Candidate, Candidates, Config, GenesisConfig, HoldReason, MinValidators, Pallet, SlotDuration,
};

impl<T: Config> Pallet<T> {
	/// Panics if the runtime's configuration does not hold together.
	pub(crate) fn check_config() {
		assert!(
			T::DefaultMinValidators::get() >= 1,
			"DefaultMinValidators must be at least 1"
		);
		assert!(
			T::MaxValidators::get() >= T::DefaultMinValidators::get(),
			"MaxValidators must be at least DefaultMinValidators"
		);
		assert!(
			T::MaxCandidates::get() >= T::MaxValidators::get(),
			"MaxCandidates must be at least MaxValidators"
		);
		assert!(T::MinBond::get() > 0, "MinBond must be more than zero");
		assert!(T::MaxUnbonding::get() >= 1, "MaxUnbonding must be at least 1");
		assert!(
			T::UnbondingDelay::get() >= T::EvidenceWindow::get().saturating_add(2),
			"UnbondingDelay must be at least EvidenceWindow + 2, or a validator could leave before evidence comes"
		);
		assert!(
			slots::is_valid(T::DefaultSlotDuration::get()),
			"DefaultSlotDuration must be even, and 500 to 60000 ms"
		);
	}

	/// The fewest validators that this network's set may shrink to.
	pub(crate) fn min_validators() -> u32 {
		MinValidators::<T>::get()
	}

	/// The first set; `None` if the genesis has neither bonded validators nor session keys, as a test's may. Panics if it has
	/// keys but nobody is bonded, if a bonded validator has no keys, or if there are too few.
	pub(crate) fn plan_genesis() -> Option<Vec<T::AccountId>> {
		let candidates = Candidates::<T>::get();
		if candidates.is_empty() {
			assert!(
				pallet_session::NextKeys::<T>::iter_keys().next().is_none(),
				"genesis has session keys, but no bonded validator: list them in validator_set.validators"
			);
			return None;
		}
		for candidate in &candidates {
			assert!(
				Self::has_keys(&candidate.who),
				"genesis validator {:?} has no session keys",
				candidate.who
			);
		}
		let mut first = Self::elect();
		assert!(
			first.len() >= Self::min_validators() as usize,
			"genesis has {} validators, fewer than the minimum of {}",
			first.len(),
			Self::min_validators()
		);
		first.sort();
		Some(first)
	}
}

impl<T: Config> GenesisConfig<T> {
	/// Writes the network's own numbers. Panics, naming the number, if one of them is out of range.
	pub(crate) fn set_numbers(&self) {
		let slot_duration = self.slot_duration.unwrap_or_else(T::DefaultSlotDuration::get);
		assert!(
			slots::is_valid(slot_duration),
			"slot_duration is {slot_duration} ms: it must be even, and 500 to 60000"
		);
		SlotDuration::<T>::put(slot_duration);

		let least = self.min_validators.unwrap_or_else(T::DefaultMinValidators::get);
		let most = T::MaxValidators::get();
		assert!(
			(1..=most).contains(&least),
			"min_validators is {least}: it must be 1 to {most}"
		);
		MinValidators::<T>::put(least);
	}

	/// Bonds the first validators. Panics, naming the account, if one of them cannot bond.
	pub(crate) fn bond_validators(&self) {
		assert!(
			pallet_session::Validators::<T>::get().is_empty(),
			"the validator set must stand before the session pallet in the runtime"
		);
		assert!(
			self.validators.len() <= T::MaxCandidates::get() as usize,
			"genesis has {} validators, more than candidates are allowed",
			self.validators.len()
		);
		let mut candidates = CandidatesOf::<T>::default();
		for (who, bond) in &self.validators {
			assert!(
				candidates.iter().all(|other| other.who != *who),
				"genesis validator {who:?} is listed twice"
			);
			assert!(
				*bond >= T::MinBond::get(),
				"genesis validator {who:?} bonds {bond}, less than the minimum"
			);
			if let Err(error) = T::Bond::hold(&HoldReason::Bond.into(), who, *bond) {
				panic!("genesis validator {who:?} cannot bond {bond}: {error:?}");
			}
			insert::<T>(
				&mut candidates,
				Candidate {
					who: who.clone(),
					bond: *bond,
				},
			);
		}
		Candidates::<T>::put(candidates);
	}
}

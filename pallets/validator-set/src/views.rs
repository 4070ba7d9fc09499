//! What people's tools ask about validators.

use alloc::vec::Vec;

use crate::{Candidates, Config, Convicts, Pallet, Reserved, Unbonding, ValidatorView};

impl<T: Config> Pallet<T> {
	pub(crate) fn view_validators() -> Vec<ValidatorView<T::AccountId>> {
		pallet_session::Pallet::<T>::validators()
			.into_iter()
			.map(Self::view)
			.collect()
	}

	pub(crate) fn view_candidates() -> Vec<ValidatorView<T::AccountId>> {
		Candidates::<T>::get()
			.into_iter()
			.map(|candidate| Self::view(candidate.who))
			.collect()
	}

	pub(crate) fn view_candidate(who: T::AccountId) -> Option<ValidatorView<T::AccountId>> {
		(Self::serves(&who) || Self::stake(&who) > 0).then(|| Self::view(who))
	}

	fn view(who: T::AccountId) -> ValidatorView<T::AccountId> {
		ValidatorView {
			bond: Self::active_bond(&who).unwrap_or_default(),
			unbonding: Unbonding::<T>::get(&who).into_inner(),
			reserved: Reserved::<T>::get().contains(&who),
			has_keys: Self::has_keys(&who),
			serving: pallet_session::Pallet::<T>::validators().contains(&who),
			queued: Self::queued(&who),
			convicted: Convicts::<T>::contains_key(&who),
			who,
		}
	}
}

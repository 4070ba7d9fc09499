//! Energy declared at genesis, which fades.

use baseload_primitives::WattHours;
use frame_support::{
	traits::{Get, Time},
	weights::Weight,
};

use crate::{Config, DeclaredSince, Event, Pallet, Vault};

impl<T: Config> Pallet<T> {
	/// Keeps the chain's first timestamp, once. When a block begins, the clock still shows the block before; so the second
	/// block finds the time of the first.
	pub(crate) fn note_first_timestamp() -> Weight {
		if DeclaredSince::<T>::exists() {
			return T::DbWeight::get().reads(1);
		}
		let since = T::Time::now();
		if since == 0 {
			return T::DbWeight::get().reads(2);
		}
		DeclaredSince::<T>::put(since);
		Self::deposit_event(Event::DeclaredEnergyFades { since });
		T::DbWeight::get().reads_writes(2, 1)
	}

	/// What is left of a vault's declared energy: declared x (window - elapsed) / window, rounded down, never below zero. All
	/// of it while no time is known.
	pub(crate) fn declared_energy(vault: &Vault<T>) -> WattHours {
		if vault.declared == WattHours(0) {
			return vault.declared;
		}
		let Some(since) = DeclaredSince::<T>::get() else {
			return vault.declared;
		};
		let window = T::DeclaredWindow::get();
		// A clock behind its first value counts as no time passed.
		let elapsed = T::Time::now().saturating_sub(since);
		let Some(left) = window.checked_sub(elapsed) else {
			return WattHours(0);
		};
		// Two u64 multiplied fit; `left <= window`, so the quotient is no more than what was declared.
		let wh = u128::from(vault.declared.0) * u128::from(left) / u128::from(window.max(1));
		WattHours(u64::try_from(wh).unwrap_or(vault.declared.0))
	}
}

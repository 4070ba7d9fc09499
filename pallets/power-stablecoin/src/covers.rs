//! The energy cover of a vault's debt.

use baseload_primitives::{Balance, EnergyCover, PAR};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

use crate::{Config, Error, Pallet, Vault};

impl<T: Config> Pallet<T> {
	/// Energy that the vault's sites attest now, in Wh. The sum of fewer than 2^32 sites is below 2^96.
	pub(crate) fn attested(vault: &Vault<T>) -> u128 {
		let sites = vault.sites.iter();
		sites.map(|site| u128::from(T::Energy::cover(*site).0)).sum()
	}

	/// What covers the vault's debt: what its sites attest, and what is left of its declared energy, in Wh. Below 2^97.
	pub(crate) fn energy(vault: &Vault<T>) -> u128 {
		Self::attested(vault) + u128::from(Self::declared_energy(vault).0)
	}

	/// The most debt that the vault's energy covers, in KWH base units, rounded down.
	pub(crate) fn energy_limit(vault: &Vault<T>) -> Balance {
		// 2^97 Wh at 10^9 units is below 2^127.
		T::AdvanceRate::get().mul_floor(Self::energy(vault) * PAR)
	}

	/// Energy cover: debt <= advance rate x energy at par.
	pub(crate) fn ensure_energy_cover(vault: &Vault<T>, debt: Balance) -> DispatchResult {
		ensure!(debt == 0 || debt <= Self::energy_limit(vault), Error::<T>::EnergyTooLow);
		Ok(())
	}

	/// What the owner drew beyond what the energy covers: interest and inherited debt need no cover. Where nothing is drawn, no
	/// meter is read.
	pub(crate) fn uncovered(vault: &Vault<T>, debt: Balance) -> Balance {
		match vault.drawn.min(debt) {
			0 => 0,
			drawn => drawn.saturating_sub(Self::energy_limit(vault)),
		}
	}
}

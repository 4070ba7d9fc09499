//! What view functions answer.

use baseload_primitives::{
	views::{ProofOfBacking, VaultView},
	Balance, Price, PriceSource, VaultId, WattHours,
};
use frame_support::traits::{fungible::Inspect, Get};
use sp_runtime::FixedPointNumber;

use crate::{Config, Issuance, Pallet, TotalCollateral, TotalDebt, Vault, Vaults};

impl<T: Config> Pallet<T> {
	pub(crate) fn view_vault(id: VaultId) -> Option<VaultView<T::AccountId>> {
		let vault = Vaults::<T>::get(id)?;
		Some(VaultView {
			energy: shown(Self::energy(&vault)),
			collateral_ratio: Self::quote().and_then(|quote| quote.ratio(vault.collateral, vault.debt)),
			drawable: Self::drawable(&vault),
			owner: vault.owner,
			collateral: vault.collateral,
			debt: vault.debt,
			sites: vault.sites.into_inner(),
		})
	}

	pub(crate) fn view_backing() -> ProofOfBacking {
		let issued = Issuance::<T>::get();
		let (debt, collateral) = (TotalDebt::<T>::get(), TotalCollateral::<T>::get());
		let energy = Vaults::<T>::iter_values().fold(0u128, |sum, vault| sum.saturating_add(Self::energy(&vault)));
		let energy = shown(energy);
		ProofOfBacking {
			supply: T::Kwh::total_issuance(),
			genesis: issued.genesis,
			minted: issued.minted,
			burnt: issued.burnt,
			debt,
			collateral,
			reference_price: T::Prices::reference(),
			collateral_price: T::Prices::collateral(),
			collateral_ratio: Self::quote().and_then(|quote| quote.ratio(collateral, debt)),
			energy,
			energy_ratio: (debt > 0).then(|| Price::saturating_from_rational(energy.at_par(), debt)),
		}
	}

	/// KWH that the owner could draw now, in base units: a draw of this much passes and a draw of more does not. `None`
	/// without a price.
	fn drawable(vault: &Vault<T>) -> Option<Balance> {
		let by_collateral = Self::quote()?.max_debt(vault.collateral, T::MintRatio::get());
		let by_energy = Self::energy_limit(vault);
		let under_ceiling = T::DebtCeiling::get().saturating_sub(TotalDebt::<T>::get());
		let debt = by_collateral
			.min(by_energy)
			.min(vault.debt.saturating_add(under_ceiling));
		Some(if debt < T::MinDebt::get() {
			0
		} else {
			debt.saturating_sub(vault.debt)
		})
	}
}

/// Energy as a view shows it: what no register can count is shown as the most that one can.
fn shown(wh: u128) -> WattHours {
	WattHours(u64::try_from(wh).unwrap_or(u64::MAX))
}

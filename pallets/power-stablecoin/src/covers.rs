//! The two covers of a vault's debt.

use baseload_math::ratio::{Priced, Quote};
use baseload_primitives::{Balance, EnergyCover, Price, PriceSource, KWH, PAR};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

use crate::{Config, Error, Pallet, Vault};

impl<T: Config> Pallet<T> {
	/// The prices of now; `None` if one is missing.
	pub(crate) fn quote() -> Option<Quote> {
		Self::quote_at(T::Prices::reference()?, T::Prices::collateral()?)
	}

	/// A reference price per kWh and a price per whole reserve token, as prices of collateral and debt. One KWH is worth one
	/// kWh. `None` if one of them is zero.
	pub(crate) fn quote_at(reference: Price, collateral: Price) -> Option<Quote> {
		let unit = 10u128.checked_pow(T::CollateralDecimals::get().into())?;
		Quote::new(
			Priced {
				price: collateral,
				unit,
			},
			Priced {
				price: reference,
				unit: KWH,
			},
		)
	}

	/// Energy that the vault's sites attest now, and what is left of its declared energy, in Wh. The sum of fewer than 2^32
	/// sites and one declaration is below 2^97.
	pub(crate) fn energy(vault: &Vault<T>) -> u128 {
		let attested: u128 = vault
			.sites
			.iter()
			.map(|site| u128::from(T::Energy::cover(*site).0))
			.sum();
		attested + u128::from(Self::declared_energy(vault).0)
	}

	/// The most debt that the vault's energy covers, in KWH base units, rounded down.
	pub(crate) fn energy_limit(vault: &Vault<T>) -> Balance {
		// 2^97 Wh at 10^9 units is below 2^127.
		T::AdvanceRate::get().mul_floor(Self::energy(vault) * PAR)
	}

	/// Energy cover: debt <= advance rate x energy at par.
	pub(crate) fn ensure_energy_cover(vault: &Vault<T>) -> DispatchResult {
		ensure!(
			vault.debt == 0 || vault.debt <= Self::energy_limit(vault),
			Error::<T>::EnergyTooLow
		);
		Ok(())
	}

	/// Collateral cover: value(collateral) >= mint ratio x value(debt). Needs no price without debt.
	pub(crate) fn ensure_collateral_cover(vault: &Vault<T>) -> DispatchResult {
		if vault.debt > 0 {
			let quote = Self::quote().ok_or(Error::<T>::NoPrice)?;
			ensure!(
				quote.covers(vault.collateral, vault.debt, T::MintRatio::get()),
				Error::<T>::CollateralTooLow
			);
		}
		Ok(())
	}
}

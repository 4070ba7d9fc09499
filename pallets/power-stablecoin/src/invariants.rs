//! What must hold at every moment. The numbers are those of the crate's documentation.

use alloc::collections::{BTreeMap, BTreeSet};
use baseload_primitives::{Balance, EnergyCover};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, InspectHold},
		Time,
	},
};
use sp_runtime::TryRuntimeError;

use crate::{Config, DeclaredSince, HoldReason, Issuance, NextVault, Pallet, TotalCollateral, TotalDebt, Vaults};

impl<T: Config> Pallet<T> {
	/// Checks every invariant; an error begins with the number of the one that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let supply = T::Kwh::total_issuance();
		Self::check_issuance(supply)?;
		Self::check_vaults(supply)?;
		if let Some(since) = DeclaredSince::<T>::get() {
			ensure!(
				since > 0 && since <= T::Time::now(),
				"7: declared energy fades from a time unset or to come"
			);
		}
		Ok(())
	}

	fn check_issuance(supply: Balance) -> Result<(), TryRuntimeError> {
		let issued = Issuance::<T>::get();
		let expected = issued
			.genesis
			.checked_add(issued.minted)
			.and_then(|sum| sum.checked_sub(issued.burnt))
			.ok_or("1: more KWH burnt than issued")?;
		ensure!(
			supply == expected,
			"1: KWH in existence differ from genesis + minted - burnt"
		);
		Ok(())
	}

	fn check_vaults(supply: Balance) -> Result<(), TryRuntimeError> {
		let (mut debt, mut collateral): (Balance, Balance) = (0, 0);
		let mut sites = BTreeSet::new();
		let mut deposits = BTreeMap::<_, Balance>::new();
		let next = NextVault::<T>::get();
		for (id, vault) in Vaults::<T>::iter() {
			debt = debt.checked_add(vault.debt).ok_or("2: the sum of debts overflows")?;
			collateral = collateral
				.checked_add(vault.collateral)
				.ok_or("3: the sum of collateral overflows")?;
			for site in &vault.sites {
				ensure!(sites.insert(*site), "4: a site is pledged twice");
				ensure!(
					T::Energy::owner(*site).as_ref() == Some(&vault.owner),
					"4: a pledged site is not the vault owner's"
				);
			}
			let held = deposits.entry(vault.owner).or_default();
			*held = held
				.checked_add(vault.deposit)
				.ok_or("5: the sum of deposits overflows")?;
			ensure!(id < next, "6: a vault's id is still to be given out");
		}
		ensure!(
			debt == TotalDebt::<T>::get(),
			"2: the total debt differs from the sum of debts"
		);
		ensure!(debt == supply, "2: KWH in existence differ from the sum of debts");
		ensure!(
			collateral == TotalCollateral::<T>::get(),
			"3: the total collateral differs from the sum over vaults"
		);
		ensure!(
			collateral <= T::Collateral::balance(&Self::account()),
			"3: the pallet's account holds less than the vaults' collateral"
		);
		for (owner, deposit) in deposits {
			let held = T::Kwh::balance_on_hold(&HoldReason::VaultDeposit.into(), &owner);
			ensure!(
				held == deposit,
				"5: KWH on hold differ from the deposits of the owner's vaults"
			);
		}
		Ok(())
	}
}

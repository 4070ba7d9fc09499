//! The vaults with which the chain begins. Whatever is wrong with them stops the chain spec from being built.

use baseload_math::ratio::Quote;
use baseload_primitives::{Balance, Price};
use frame_support::traits::{fungible::Inspect, Get};

use crate::{Config, GenesisVault, Pallet, TotalDebt, Vaults};

impl<T: Config> Pallet<T> {
	/// Opens, funds and draws on the vaults, in order.
	///
	/// # Panics
	///
	/// If KWH exist already, or if a vault's debt, covers or payments are not sound.
	pub(crate) fn build_genesis(vaults: &[GenesisVault<T::AccountId>], reference: Price, collateral: Price) {
		assert!(
			T::Kwh::total_issuance() == 0,
			"genesis: KWH exist that no vault owes; give them out by payOut of a vault"
		);
		if vaults.is_empty() {
			return;
		}
		let quote = Self::quote_at(reference, collateral)
			.expect("genesis: referencePrice and collateralPrice must be set, and not zero, where there are vaults");
		for (position, vault) in vaults.iter().enumerate() {
			Self::build_vault(position, vault, &quote);
		}
		Self::seal_genesis();
	}

	fn build_vault(position: usize, vault: &GenesisVault<T::AccountId>, quote: &Quote) {
		let GenesisVault {
			owner,
			collateral,
			debt,
			energy,
			pay_out,
		} = vault;
		let (collateral, debt) = (*collateral, *debt);
		assert!(
			debt >= T::MinDebt::get(),
			"genesis: debt of vault {position} is below the minimum debt"
		);
		let others: Balance = pay_out
			.iter()
			.try_fold(0, |sum: Balance, (_, amount)| sum.checked_add(*amount))
			.expect("genesis: the sum of payOut exceeds any balance");
		let rest = debt
			.checked_sub(others)
			.unwrap_or_else(|| panic!("genesis: vault {position} pays out more than its debt"));

		for (payee, amount) in pay_out
			.iter()
			.chain([&(owner.clone(), rest)])
			.filter(|(_, amount)| *amount > 0)
		{
			Self::mint(payee, *amount).unwrap_or_else(|error| {
				panic!("genesis: vault {position} cannot pay {amount} to {payee:?}: {error:?}")
			});
		}
		let id = Self::create(owner.clone(), *energy)
			.unwrap_or_else(|error| panic!("genesis: owner of vault {position} cannot spare the deposit: {error:?}"));
		Self::put_collateral(owner, collateral)
			.unwrap_or_else(|error| panic!("genesis: owner of vault {position} has not its collateral: {error:?}"));
		TotalDebt::<T>::mutate(|total| {
			*total = total
				.checked_add(debt)
				.expect("genesis: mint has checked that the sum fits a balance")
		});

		let mut built = Self::existing(id).expect("created above; qed");
		(built.collateral, built.debt) = (collateral, debt);
		assert!(
			Self::ensure_energy_cover(&built).is_ok(),
			"genesis: declared energy of vault {position} does not cover its debt"
		);
		assert!(
			quote.covers(collateral, debt, T::MintRatio::get()),
			"genesis: collateral of vault {position} does not cover its debt at the mint ratio"
		);
		assert!(
			Self::ensure_no_dust(collateral).is_ok(),
			"genesis: collateral of vault {position} is dust"
		);
		Vaults::<T>::insert(id, built);
	}
}

//! Debt: drawn, repaid, and retired out of revenue.

use baseload_primitives::{Balance, DebtSweep, VaultId};
use frame_support::{ensure, storage::with_storage_layer, traits::Get};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{Config, Error, Event, Pallet, TotalDebt, Vault, Vaults};

impl<T: Config> Pallet<T> {
	/// Returns how many sites the vault has.
	pub(crate) fn do_draw(owner: &T::AccountId, id: VaultId, amount: Balance) -> Result<u32, DispatchError> {
		let mut vault = Self::owned(owner, id)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let old_debt = vault.debt;
		let total = TotalDebt::<T>::get()
			.checked_add(amount)
			.ok_or(ArithmeticError::Overflow)?;
		vault.debt = old_debt.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(vault.debt >= T::MinDebt::get(), Error::<T>::BelowMinDebt);
		ensure!(total <= T::DebtCeiling::get(), Error::<T>::CeilingReached);
		Self::ensure_energy_cover(&vault)?;
		Self::ensure_collateral_cover(&vault)?;
		Self::mint(owner, amount)?;
		let (new_debt, sites) = (vault.debt, vault.sites.len() as u32);
		TotalDebt::<T>::put(total);
		Vaults::<T>::insert(id, vault);
		Self::deposit_event(Event::Drawn {
			vault: id,
			amount,
			old_debt,
			new_debt,
		});
		Ok(sites)
	}

	pub(crate) fn do_repay(by: T::AccountId, id: VaultId, amount: Balance) -> DispatchResult {
		let vault = Self::existing(id)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(vault.debt > 0, Error::<T>::NoDebt);
		let old_debt = vault.debt;
		let amount = amount.min(old_debt);
		ensure!(
			amount == old_debt || old_debt - amount >= T::MinDebt::get(),
			Error::<T>::BelowMinDebt
		);
		let new_debt = Self::pay_off(id, vault, &by, amount)?;
		Self::deposit_event(Event::Repaid {
			vault: id,
			by,
			amount,
			old_debt,
			new_debt,
		});
		Ok(())
	}

	/// Burns `amount`, at most the debt, of `from`'s KWH and takes it off the vault's debt. Returns what is still owed.
	fn pay_off(
		id: VaultId,
		mut vault: Vault<T>,
		from: &T::AccountId,
		amount: Balance,
	) -> Result<Balance, DispatchError> {
		vault.debt = vault.debt.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		let total = TotalDebt::<T>::get()
			.checked_sub(amount)
			.ok_or(ArithmeticError::Underflow)?;
		Self::burn(from, amount)?;
		let left = vault.debt;
		TotalDebt::<T>::put(total);
		Vaults::<T>::insert(id, vault);
		Ok(left)
	}
}

impl<T: Config> DebtSweep<T::AccountId> for Pallet<T> {
	fn owner(vault: VaultId) -> Option<T::AccountId> {
		Vaults::<T>::get(vault).map(|vault| vault.owner)
	}

	fn debt(vault: VaultId) -> Balance {
		Vaults::<T>::get(vault).map_or(0, |vault| vault.debt)
	}

	/// A closed vault, like one without debt, retires nothing, so that a payment never fails over it. May leave less than the
	/// minimum debt: it is not the owner who chooses the amount.
	fn retire(id: VaultId, from: &T::AccountId, amount: Balance) -> Result<Balance, DispatchError> {
		let Some(vault) = Vaults::<T>::get(id) else {
			return Ok(0);
		};
		let old_debt = vault.debt;
		let amount = amount.min(old_debt);
		if amount == 0 {
			return Ok(0);
		}
		// Its own layer: a caller may go on after an error.
		let new_debt = with_storage_layer(|| Self::pay_off(id, vault, from, amount))?;
		Self::deposit_event(Event::Retired {
			vault: id,
			from: from.clone(),
			amount,
			old_debt,
			new_debt,
		});
		Ok(amount)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_debt(id: VaultId, owner: &T::AccountId, debt: Balance) {
		use crate::NextVault;
		use baseload_primitives::WattHours;

		let next = id.next().expect("benchmarks use small ids");
		NextVault::<T>::mutate(|known| *known = next.max(*known));
		let mut vault = Self::existing(id).unwrap_or_else(|_| Vault {
			owner: owner.clone(),
			collateral: 0,
			debt: 0,
			sites: Default::default(),
			deposit: 0,
			declared: WattHours(0),
		});
		vault.owner = owner.clone();
		vault.debt += debt;
		Vaults::<T>::insert(id, vault);
		TotalDebt::<T>::mutate(|total| *total += debt);
		Self::mint(owner, debt).expect("a benchmark's debt is mintable");
	}
}

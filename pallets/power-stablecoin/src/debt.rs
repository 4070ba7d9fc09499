//! Debt: drawn, repaid, and retired out of revenue.

use baseload_math::books::terms::Terms;
use baseload_primitives::{Balance, BreakerLevel, DebtSweep, VaultId};
use frame_support::{ensure, storage::with_storage_layer, traits::Get};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{entry::Entry, issuance::Source, Breaker, Config, Error, Event, Pallet, Vaults};

impl<T: Config> Pallet<T> {
	/// Returns how many sites the vault has.
	pub(crate) fn do_draw(owner: &T::AccountId, id: VaultId, amount: Balance) -> Result<u32, DispatchError> {
		let mut entry = Entry::<T>::owned(owner, id)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		Self::ensure_running()?;
		ensure!(Breaker::<T>::get() == BreakerLevel::All, Error::<T>::BreakerOpen);
		ensure!(!Self::is_impaired(&entry.kind), Error::<T>::Impaired);
		let token = entry.vault.token;
		let quote = Self::quote(token, &entry.kind).ok_or(Error::<T>::NoPrice)?;
		// Judged by the price that liquidation goes by, so that no vault which cannot be liquidated stops others' draws.
		ensure!(
			!Self::front_is_unsafe(token, &entry.kind, &quote)?,
			Error::<T>::UnsafeFront
		);
		let old_debt = entry.debt()?;
		let step = entry
			.kind
			.books
			.draw(&entry.vault.books, amount, None, &quote.mint, &entry.terms())
			.map_err(Error::<T>::from)?;
		let added = step.books.debt - entry.kind.books.debt;
		// Before the books grow: what the ceilings bind is measured on what there was.
		Self::use_up(&mut entry.kind, added)?;
		let drawn = entry.apply(step);
		let new_debt = entry.debt()?;
		Self::ensure_energy_cover(&entry.vault, new_debt)?;
		// Part of a debt that did not overflow.
		entry.vault.drawn = entry.vault.drawn.saturating_add(amount);
		Self::mint(owner, drawn.amount)?;
		if drawn.fee > 0 {
			Self::mint(&T::Revenue::get(), drawn.fee)?;
		}
		let sites = entry.vault.sites.len() as u32;
		entry.store();
		Self::deposit_event(Event::Drawn {
			vault: id,
			amount,
			fee: drawn.fee,
			old_debt,
			new_debt,
		});
		Ok(sites)
	}

	pub(crate) fn do_repay(by: T::AccountId, id: VaultId, amount: Balance) -> DispatchResult {
		let entry = Entry::<T>::existing(id)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(!entry.vault.books.shares.is_zero(), Error::<T>::NoDebt);
		let terms = entry.terms();
		let (amount, old_debt, new_debt) = Self::pay_debt(entry, &by, amount, &terms)?;
		Self::deposit_event(Event::Repaid {
			vault: id,
			by,
			amount,
			old_debt,
			new_debt,
		});
		Ok(())
	}

	/// Burns up to `amount` of `from`'s KWH for the vault's debt. Returns what was burnt, owed before, and owed after.
	fn pay_debt(
		mut entry: Entry<T>,
		from: &T::AccountId,
		amount: Balance,
		terms: &Terms,
	) -> Result<(Balance, Balance, Balance), DispatchError> {
		let old_debt = entry.debt()?;
		let step = entry
			.kind
			.books
			.repay(&entry.vault.books, amount, terms)
			.map_err(Error::<T>::from)?;
		let burnt = entry.apply(step);
		entry.pay_off(burnt);
		if burnt > 0 {
			Self::burn(Source::Free(from), burnt)?;
		}
		Self::give_back(&mut entry.kind, burnt);
		let new_debt = entry.debt()?;
		entry.store();
		Ok((burnt, old_debt, new_debt))
	}
}

impl<T: Config> DebtSweep<T::AccountId> for Pallet<T> {
	fn owner(vault: VaultId) -> Option<T::AccountId> {
		Vaults::<T>::get(vault).map(|vault| vault.owner)
	}

	fn debt(vault: VaultId) -> Balance {
		Entry::<T>::existing(vault)
			.and_then(|entry| entry.debt())
			.unwrap_or_default()
	}

	/// A closed vault, like one without debt, retires nothing, so that a payment never fails over it. May leave less than the
	/// minimum debt: it is not the owner who chooses the amount.
	fn retire(id: VaultId, from: &T::AccountId, amount: Balance) -> Result<Balance, DispatchError> {
		let Ok(entry) = Entry::<T>::existing(id) else {
			return Ok(0);
		};
		if amount == 0 || entry.vault.books.shares.is_zero() {
			return Ok(0);
		}
		let terms = Terms {
			minimum_debt: 0,
			..entry.terms()
		};
		// Its own layer: a caller may go on after an error.
		let (amount, old_debt, new_debt) = with_storage_layer(|| Self::pay_debt(entry, from, amount, &terms))?;
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
		crate::benchmarking::set_debt::<T>(id, owner, debt);
	}
}

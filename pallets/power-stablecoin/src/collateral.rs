//! Collateral in and out of vaults and of the pallet's account.

use baseload_math::books::terms::Price as BooksPrice;
use baseload_primitives::{Balance, TokenId, VaultId};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
};
use sp_runtime::{ArithmeticError, DispatchResult};

use crate::{entry::Entry, CollateralType, Config, Error, Event, Owed, Pallet, Types};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(from: &T::AccountId, id: VaultId, amount: Balance) -> DispatchResult {
		let mut entry = Entry::<T>::existing(id)?;
		let old = entry.collateral()?;
		let step = entry
			.kind
			.books
			.deposit(&entry.vault.books, amount)
			.map_err(Error::<T>::from)?;
		entry.apply(step);
		Self::put_collateral(entry.vault.token, from, amount)?;
		let new = entry.collateral()?;
		entry.store();
		Self::deposit_event(Event::CollateralDeposited {
			vault: id,
			from: from.clone(),
			old,
			new,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw(owner: &T::AccountId, id: VaultId, amount: Balance) -> DispatchResult {
		let mut entry = Entry::<T>::owned(owner, id)?;
		let old = entry.collateral()?;
		let price = if entry.vault.books.shares.is_zero() {
			// Without debt any price will do.
			BooksPrice::new(1, 1)
		} else {
			Self::ensure_running()?;
			ensure!(!Self::exits_only(), Error::<T>::BreakerOpen);
			Self::quote(entry.vault.token, &entry.kind).map(|quote| quote.mint)
		};
		let price = price.ok_or(Error::<T>::NoPrice)?;
		let step = entry
			.kind
			.books
			.withdraw(&entry.vault.books, amount, &price, &entry.terms())
			.map_err(Error::<T>::from)?;
		entry.apply(step);
		Self::take_collateral(entry.vault.token, owner, amount)?;
		let new = entry.collateral()?;
		entry.store();
		Self::deposit_event(Event::CollateralWithdrawn { vault: id, old, new });
		Ok(())
	}

	/// Moves tokens into the pallet's account. `from` may spend all it has; otherwise at least the minimum balance stays, so
	/// that no remainder goes to dust.
	pub(crate) fn put_collateral(token: TokenId, from: &T::AccountId, amount: Balance) -> DispatchResult {
		let preservation = if T::Collateral::balance(token, from) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Collateral::transfer(token, from, &Self::account(), amount, preservation)?;
		Ok(())
	}

	/// Moves tokens out of the pallet's account, which keeps its own. Nothing to move is no error.
	pub(crate) fn take_collateral(token: TokenId, to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount > 0 {
			T::Collateral::transfer(token, &Self::account(), to, amount, Preservation::Preserve)?;
		}
		Ok(())
	}

	/// Pays collateral that left the books to `to`, or owes it if its account cannot receive it: what a holder's account is
	/// like never holds up the queue. `redemption`: whose payout it is. The caller stores the type.
	pub(crate) fn pay_or_owe(
		token: TokenId,
		kind: &mut CollateralType,
		to: &T::AccountId,
		amount: Balance,
		redemption: Option<u64>,
	) -> DispatchResult {
		if with_storage_layer(|| Self::take_collateral(token, to, amount)).is_ok() {
			return Ok(());
		}
		kind.owed = kind.owed.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		// Part of a sum that did not overflow.
		Owed::<T>::mutate(token, to, |owed| *owed += amount);
		Self::deposit_event(Event::PayoutOwed {
			token,
			who: to.clone(),
			amount,
			redemption,
		});
		Ok(())
	}

	pub(crate) fn do_claim_payout(who: &T::AccountId, token: TokenId) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		let amount = Owed::<T>::take(token, who);
		ensure!(amount > 0, Error::<T>::NothingOwed);
		kind.owed = kind.owed.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		Self::take_collateral(token, who, amount)?;
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::PayoutClaimed {
			token,
			who: who.clone(),
			amount,
		});
		Ok(())
	}

	pub(crate) fn do_sweep_revenue(token: TokenId) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		let amount = core::mem::take(&mut kind.books.revenue);
		ensure!(amount > 0, Error::<T>::NoRevenue);
		Self::take_collateral(token, &T::Revenue::get(), amount)?;
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::RevenueSwept { token, amount });
		Ok(())
	}
}

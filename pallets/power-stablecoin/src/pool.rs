//! The backstop pools: deposit, notice, withdrawal, claim.

use baseload_math::books::{
	depositor::{Deposit, PoolTerms},
	marks::{Marks, PoolHistory},
};
use baseload_primitives::{Balance, Moment, TokenId, HOUR};
use core::marker::PhantomData;
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
};
use sp_core::U256;
use sp_runtime::{ArithmeticError, DispatchResult};

use crate::{CollateralType, Config, Error, Event, Pallet, PoolDeposits, PoolDue, PoolRounds, PoolSums, Types};

/// What deposits and withdrawals wait for, in prices. A deposit counts from the second price after it; a withdrawal can be made
/// from the fourth after its notice, for 48 of them. A price is a new one when most of its feeds came in anew: how long that takes is up
/// to those who feed.
pub(crate) const POOL_TERMS: PoolTerms = PoolTerms {
	delay: 2,
	notice: 4,
	window: 48,
};

/// Without notice: after a shutdown, and from a pool that buys nothing because its type is impaired.
const AT_ONCE: PoolTerms = PoolTerms {
	notice: 0,
	..POOL_TERMS
};

/// A withdrawal waits for unsafe vaults and for moves that are not confirmed for at most so long, in open time, since the first of
/// them became known.
pub(crate) const LONGEST_WAIT: Moment = 12 * HOUR;

/// What a pool was, as the books ask for it.
pub(crate) struct History<T>(pub(crate) TokenId, pub(crate) PhantomData<T>);

impl<T: Config> PoolHistory for History<T> {
	fn sum(&self, scale: u32) -> U256 {
		PoolSums::<T>::get(self.0, scale)
	}

	fn marks(&self, round: u64) -> Option<Marks> {
		PoolRounds::<T>::get(self.0, round).map(|round| round.marks)
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pool_deposit(who: &T::AccountId, token: TokenId, amount: Balance) -> DispatchResult {
		let mut kind = Self::kind(token)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		// It leaves entries in the state that stay until the depositor comes back.
		ensure!(amount >= T::MinRedemption::get(), Error::<T>::PoolDepositTooSmall);
		Self::ensure_running()?;
		ensure!(!Self::exits_only(), Error::<T>::BreakerOpen);
		ensure!(!Self::is_impaired(&kind), Error::<T>::Impaired);
		let account = Self::account();
		ensure!(
			T::Kwh::balance(&account) >= T::Kwh::minimum_balance(),
			Error::<T>::AccountNotFunded
		);
		Self::observe(token, &mut kind);
		let before = Self::settled(who, token, &kind)?.unwrap_or_default();
		let (pool, deposit, tranche) = before
			.add(&kind.pool, amount, kind.round, &POOL_TERMS)
			.map_err(Error::<T>::from)?;
		let new = u32::from(deposit.waiting().len() > before.waiting().len());
		PoolDue::<T>::try_mutate(token, tranche.counts_from, |due| {
			let due = due.get_or_insert_with(Default::default);
			due.amount = due.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			due.depositors = due.depositors.checked_add(new).ok_or(ArithmeticError::Overflow)?;
			Ok::<(), ArithmeticError>(())
		})?;
		kind.pool = pool;
		let preservation = if T::Kwh::balance(who) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Kwh::transfer(who, &account, amount, preservation)?;
		PoolDeposits::<T>::insert(token, who, deposit);
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::PoolDeposited {
			token,
			who: who.clone(),
			amount,
			counts_from: tranche.counts_from,
		});
		Ok(())
	}

	pub(crate) fn do_pool_notice(who: &T::AccountId, token: TokenId, amount: Balance) -> DispatchResult {
		let (kind, deposit) = Self::depositor(who, token)?;
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let deposit = deposit
			.give_notice(&kind.pool, amount, kind.round, &POOL_TERMS)
			.map_err(Error::<T>::or(Error::NothingCounts))?;
		let notice = deposit.notice().ok_or(Error::<T>::NoOpenNotice)?;
		PoolDeposits::<T>::insert(token, who, deposit);
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::PoolNoticeGiven {
			token,
			who: who.clone(),
			amount: notice.amount,
			opens: notice.opens,
			lapses: notice.lapses,
		});
		Ok(())
	}

	pub(crate) fn do_pool_withdraw(who: &T::AccountId, token: TokenId) -> DispatchResult {
		let (mut kind, mut deposit) = Self::depositor(who, token)?;
		let at_once = Self::is_shut_down() || Self::is_impaired(&kind);
		if at_once {
			deposit = deposit
				.give_notice(&kind.pool, Balance::MAX, kind.round, &AT_ONCE)
				.map_err(Error::<T>::or(Error::NothingCounts))?;
		}
		let notice = deposit.notice().ok_or(Error::<T>::NoOpenNotice)?;
		ensure!(kind.round >= notice.opens, Error::<T>::NoticeTooEarly);
		ensure!(kind.round < notice.lapses, Error::<T>::NoticeLapsed);
		let waits = !at_once && Self::pool_stands(&kind);
		let (pool, deposit, amount) = deposit
			.withdraw(&kind.pool, &History::<T>(token, PhantomData), kind.round, waits)
			.map_err(Error::<T>::or(Error::NothingCounts))?;
		kind.pool = pool;
		T::Kwh::transfer(&Self::account(), who, amount, Preservation::Preserve)?;
		Self::keep(who, token, &kind, deposit)?;
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::PoolWithdrawn {
			token,
			who: who.clone(),
			amount,
		});
		Ok(())
	}

	pub(crate) fn do_pool_claim(who: &T::AccountId, token: TokenId) -> DispatchResult {
		let (mut kind, deposit) = Self::depositor(who, token)?;
		let (pool, deposit, amount) = deposit
			.claim(&kind.pool, &History::<T>(token, PhantomData))
			.map_err(Error::<T>::or(Error::NothingEarned))?;
		kind.pool = pool;
		Self::take_collateral(token, who, amount)?;
		Self::keep(who, token, &kind, deposit)?;
		Types::<T>::insert(token, kind);
		Self::deposit_event(Event::PoolClaimed {
			token,
			who: who.clone(),
			amount,
		});
		Ok(())
	}

	/// The type as its price is now, and the deposit as of its round.
	fn depositor(who: &T::AccountId, token: TokenId) -> Result<(CollateralType, Deposit), sp_runtime::DispatchError> {
		let mut kind = Self::kind(token)?;
		Self::observe(token, &mut kind);
		let deposit = Self::settled(who, token, &kind)?.ok_or(Error::<T>::UnknownDeposit)?;
		Ok((kind, deposit))
	}

	/// The deposit as of the type's round. A round whose last depositor has settled is forgotten.
	fn settled(who: &T::AccountId, token: TokenId, kind: &CollateralType) -> Result<Option<Deposit>, Error<T>> {
		let Some(stored) = PoolDeposits::<T>::get(token, who) else {
			return Ok(None);
		};
		let settled = stored.settled(kind.round, &History::<T>(token, PhantomData))?;
		let over = stored
			.waiting()
			.iter()
			.filter(|tranche| tranche.counts_from <= kind.round);
		for tranche in over {
			PoolRounds::<T>::mutate_exists(token, tranche.counts_from, |round| {
				*round = round.filter(|round| round.depositors > 1).map(|round| crate::Round {
					depositors: round.depositors - 1,
					..round
				});
			});
		}
		Ok(Some(settled))
	}

	/// Stores a deposit, or forgets it if nothing is left of it.
	fn keep(who: &T::AccountId, token: TokenId, kind: &CollateralType, deposit: Deposit) -> DispatchResult {
		let value = deposit.value(&kind.pool).map_err(Error::<T>::from)?;
		let claimable = deposit
			.claimable(&kind.pool, &History::<T>(token, PhantomData))
			.map_err(Error::<T>::from)?;
		if value == 0 && claimable == 0 && deposit.waiting().is_empty() {
			PoolDeposits::<T>::remove(token, who);
		} else {
			PoolDeposits::<T>::insert(token, who, deposit);
		}
		Ok(())
	}
}

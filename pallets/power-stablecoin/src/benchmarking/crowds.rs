//! Many vaults and many depositors. Made without calls: as many would take minutes.

use baseload_math::books::{depositor::Deposit, totals};
use baseload_primitives::{Balance, VaultId, WattHours};
use frame_benchmarking::v2::*;
use frame_support::traits::fungibles::Mutate as _;
use sp_core::U256;

use super::state::{begin, collateral_for, debt, give_kwh, token};
use crate::{pool::POOL_TERMS, Config, Due, NextVault, Pallet, PoolDeposits, PoolDue, Types, Vault, Vaults};

/// How often a call is made in one block: once, when nothing that it asks for is in memory; and ten times more.
pub(super) const IN_A_ROW: u32 = 11;

/// `times` what is drawn or repaid so often.
pub(super) fn part<T: Config>(times: u32) -> Balance {
	debt::<T>() / 16 * Balance::from(times)
}

/// What `count` vaults of a crowd owe.
pub(super) fn all_debts<T: Config>(count: u32) -> Balance {
	debt::<T>() * Balance::from(count)
}

/// Where benchmarks begin, and `count` more vaults of one owner that each owe [`debt`], every one a little safer than the one
/// before.
pub(super) fn crowd<T: Config>(count: u32) {
	begin::<T>();
	let owner: T::AccountId = account("crowd", 0, 0);
	let token = token::<T>();
	let mut kind = Types::<T>::get(token).expect("the token is a type");
	let first = NextVault::<T>::get();
	let shares = U256::from(debt::<T>()) * kind.books.shares / U256::from(kind.books.debt);
	for n in 0..count {
		let id = VaultId(first.0 + n);
		let books = totals::Vault {
			shares,
			collateral: collateral_for::<T>(debt::<T>() * 4) + Balance::from(n),
			handed_out: kind.books.handed_out,
		};
		Pallet::<T>::move_place(token, id, None, books.key());
		kind.books.debt += debt::<T>();
		kind.books.shares += shares;
		kind.books.collateral += books.collateral;
		let vault = Vault {
			owner: owner.clone(),
			token,
			books,
			drawn: debt::<T>(),
			sites: Default::default(),
			deposit: 0,
			declared: WattHours(0),
			cure_until: None,
		};
		Vaults::<T>::insert(id, vault);
	}
	NextVault::<T>::put(VaultId(first.0 + count));
	let (drawn, deposited) = (all_debts::<T>(count), kind.books.collateral);
	Types::<T>::insert(token, kind);
	Pallet::<T>::mint(&owner, drawn).expect("KWH can be minted in a benchmark");
	T::Collateral::mint_into(token, &Pallet::<T>::account(), deposited).expect("the collateral token exists");
}

/// `count` more depositors in the pool, each with a deposit that counts from the second price on.
pub(super) fn savers<T: Config>(count: u32) {
	let token = token::<T>();
	let mut kind = Types::<T>::get(token).expect("the token is a type");
	let mut due = Due::default();
	let mut counts_from = 0;
	for n in 0..count {
		let who: T::AccountId = account("saver", n, 0);
		let (pool, deposit, tranche) = Deposit::default()
			.add(&kind.pool, debt::<T>(), kind.round, &POOL_TERMS)
			.expect("nothing is in the way");
		PoolDeposits::<T>::insert(token, who, deposit);
		kind.pool = pool;
		due.amount += tranche.amount;
		due.depositors += 1;
		counts_from = tranche.counts_from;
	}
	give_kwh::<T>(&Pallet::<T>::account(), due.amount);
	PoolDue::<T>::insert(token, counts_from, due);
	// After the KWH, which count as the type's shortfall.
	Types::<T>::mutate(token, |stored| {
		stored.as_mut().expect("the token is a type").pool = kind.pool;
	});
}

//! What must hold at every moment. The numbers are those of the crate's documentation.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use baseload_math::books::{key::RiskKey, totals::Vault as BooksVault};
use baseload_primitives::{Balance, EnergyCover, OpenTime, TokenId, VaultId, BLD_TOKEN};
use core::marker::PhantomData;
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, InspectHold},
		fungibles, Time,
	},
};
use sp_core::U256;
use sp_runtime::TryRuntimeError;

use crate::{
	pool::History, CollateralType, Config, DeclaredSince, Fuse, HoldReason, Issuance, NextVault, Owed, Pallet,
	PoolDeposits, Redemptions, ReferencePrice, Requests, Tokens, Types, Vaults, WindDowns,
};

type Checked = Result<(), TryRuntimeError>;

/// A type and the books of its vaults.
type Books = (TokenId, CollateralType, Vec<(VaultId, BooksVault)>);

/// Adds, or fails with the message.
fn add(sum: Balance, amount: Balance, message: &'static str) -> Result<Balance, TryRuntimeError> {
	sum.checked_add(amount).ok_or(TryRuntimeError::Other(message))
}

impl<T: Config> Pallet<T> {
	/// Checks every invariant of a state, in the order of the numbers; an error begins with that of the one that does not hold.
	pub fn do_try_state() -> Checked {
		let supply = T::Kwh::total_issuance();
		Self::check_issuance(supply)?;
		Self::check_debts(supply)?;
		let types = Self::books();
		for (_, kind, vaults) in &types {
			Self::check_books(kind, vaults)?;
		}
		for (token, kind, vaults) in &types {
			Self::check_collateral(*token, kind, vaults)?;
		}
		Self::check_pools()?;
		Self::check_sites()?;
		Self::check_deposits()?;
		for (token, kind, vaults) in &types {
			Self::check_index(*token, kind, vaults)?;
		}
		Self::check_queue()?;
		Self::check_owed()?;
		Self::check_ids()?;
		Self::check_bounds()?;
		Self::check_times()
	}

	fn check_issuance(supply: Balance) -> Checked {
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

	fn check_debts(supply: Balance) -> Checked {
		let mut owed: Balance = 0;
		for kind in Types::<T>::iter_values() {
			owed = add(owed, kind.books.debt, "2: the sum of debts overflows")?;
			owed = add(owed, kind.books.shortfall, "2: the sum of debts overflows")?;
		}
		ensure!(owed == supply, "2: KWH in existence differ from debt + shortfall");
		Ok(())
	}

	/// Each type with the books of its vaults, which are read once.
	fn books() -> Vec<Books> {
		let mut vaults = BTreeMap::<TokenId, Vec<(VaultId, BooksVault)>>::new();
		for (id, vault) in Vaults::<T>::iter() {
			vaults.entry(vault.token).or_default().push((id, vault.books));
		}
		Types::<T>::iter()
			.map(|(token, kind)| (token, kind, vaults.remove(&token).unwrap_or_default()))
			.collect()
	}

	fn check_books(kind: &CollateralType, vaults: &[(VaultId, BooksVault)]) -> Checked {
		let (mut debt, mut shares, mut indebted): (Balance, U256, Balance) = (0, U256::zero(), 0);
		for (_, vault) in vaults {
			let owes = kind.books.debt_of(vault).map_err(|_| "3: a debt cannot be computed")?;
			debt = add(debt, owes, "3: the sum of debts overflows")?;
			shares = shares
				.checked_add(vault.shares)
				.ok_or("3: the sum of shares overflows")?;
			indebted += Balance::from(!vault.shares.is_zero());
		}
		let excess = debt
			.checked_sub(kind.books.debt)
			.ok_or("3: the vaults owe less than the total debt")?;
		ensure!(
			excess <= indebted,
			"3: the vaults owe more than the total debt by more than a unit each"
		);
		ensure!(shares == kind.books.shares, "3: shares of nobody");
		Ok(())
	}

	fn check_collateral(token: TokenId, kind: &CollateralType, vaults: &[(VaultId, BooksVault)]) -> Checked {
		const OVERFLOW: &str = "4: the sum of collateral overflows";
		let mut owned: Balance = 0;
		for (_, vault) in vaults {
			let owns = kind
				.books
				.collateral_of(vault)
				.map_err(|_| "4: collateral cannot be computed")?;
			owned = add(owned, owns, OVERFLOW)?;
		}
		ensure!(
			owned <= kind.books.collateral,
			"4: the vaults own more than the total collateral"
		);
		let mut kept = <T::Collateral as fungibles::Inspect<_>>::minimum_balance(token);
		for part in [
			kind.books.collateral,
			kind.pool.collateral,
			kind.books.reserve,
			kind.books.revenue,
			kind.owed,
		] {
			kept = add(kept, part, OVERFLOW)?;
		}
		ensure!(
			kept <= <T::Collateral as fungibles::Inspect<_>>::balance(token, &Self::account()),
			"4: the pallet's account holds less collateral than it keeps"
		);
		Ok(())
	}

	fn check_pools() -> Checked {
		const OVERFLOW: &str = "5: the sum of the pools overflows";
		let mut kept: Balance = 0;
		for (token, kind) in Types::<T>::iter() {
			kept = add(kept, kind.pool.active, OVERFLOW)?;
			kept = add(kept, kind.pool.waiting, OVERFLOW)?;
			Self::check_pool(token, &kind)?;
		}
		let held = <T::Kwh as Inspect<_>>::balance(&Self::account());
		ensure!(
			kept == 0 || add(kept, T::Kwh::minimum_balance(), OVERFLOW)? <= held,
			"5: the pallet's account holds less KWH than the pools"
		);
		Ok(())
	}

	fn check_pool(token: TokenId, kind: &CollateralType) -> Checked {
		const OVERFLOW: &str = "5: the sum of deposits overflows";
		const UNKNOWN: &str = "5: a deposit cannot be computed";
		let history = History::<T>(token, PhantomData);
		let (mut value, mut claimable, mut waiting): (Balance, Balance, Balance) = (0, 0, 0);
		for deposit in PoolDeposits::<T>::iter_prefix_values(token) {
			let deposit = deposit.settled(kind.round, &history).map_err(|_| UNKNOWN)?;
			value = add(value, deposit.value(&kind.pool).map_err(|_| UNKNOWN)?, OVERFLOW)?;
			let claim = deposit.claimable(&kind.pool, &history).map_err(|_| UNKNOWN)?;
			claimable = add(claimable, claim, OVERFLOW)?;
			for tranche in deposit.waiting() {
				waiting = add(waiting, tranche.amount, OVERFLOW)?;
			}
		}
		ensure!(value <= kind.pool.active, "5: deposits are worth more than the pool");
		ensure!(
			claimable <= kind.pool.collateral,
			"5: deposits have earned more than the pool"
		);
		ensure!(
			waiting == kind.pool.waiting,
			"5: what waits is not what deposits wait for"
		);
		Ok(())
	}

	fn check_sites() -> Checked {
		let mut sites = BTreeSet::new();
		for vault in Vaults::<T>::iter_values() {
			for site in &vault.sites {
				ensure!(sites.insert(*site), "6: a site is pledged twice");
				ensure!(
					T::Energy::owner(*site).as_ref() == Some(&vault.owner),
					"6: a pledged site is not the vault owner's"
				);
			}
		}
		Ok(())
	}

	fn check_deposits() -> Checked {
		let mut deposits = BTreeMap::<_, Balance>::new();
		for vault in Vaults::<T>::iter_values() {
			let held = deposits.entry(vault.owner).or_default();
			*held = add(*held, vault.deposit, "7: the sum of deposits overflows")?;
		}
		Self::check_holds(
			HoldReason::VaultDeposit,
			&deposits,
			"7: KWH on hold differ from the deposits of the owner's vaults",
		)
	}

	/// Whether every account there is has on hold what is expected of it, and nothing if nothing is.
	fn check_holds(reason: HoldReason, expected: &BTreeMap<T::AccountId, Balance>, message: &'static str) -> Checked {
		let reason = reason.into();
		let holds = |who: &T::AccountId| T::Kwh::balance_on_hold(&reason, who);
		let others = frame_system::Account::<T>::iter_keys().filter(|who| !expected.contains_key(who));
		ensure!(
			expected.iter().all(|(who, amount)| holds(who) == *amount)
				&& others.into_iter().all(|who| holds(&who) == 0),
			message
		);
		Ok(())
	}

	fn check_index(token: TokenId, kind: &CollateralType, vaults: &[(VaultId, BooksVault)]) -> Checked {
		let places: Vec<(RiskKey, VaultId)> = Self::by_risk(token).collect();
		let mut expected: Vec<(RiskKey, VaultId)> = vaults
			.iter()
			.filter_map(|(id, vault)| vault.key().map(|key| (key, *id)))
			.collect();
		expected.sort();
		ensure!(
			places == expected,
			"8: the risk index is not the indebted vaults in the order of risk"
		);
		let empty = [kind.books.shares.is_zero(), kind.books.debt == 0, places.is_empty()];
		ensure!(
			empty.iter().all(|one| *one == empty[0]),
			"8: shares, debt and risk index are only partly empty"
		);
		Ok(())
	}

	fn check_queue() -> Checked {
		let queue = Redemptions::<T>::get();
		ensure!(queue.head <= queue.tail, "9: the queue's head is behind its tail");
		let mut locks = BTreeMap::<_, Balance>::new();
		let mut all: Balance = 0;
		ensure!(
			Requests::<T>::iter_keys().count() == queue.waiting as usize,
			"9: the queue does not know how many wait"
		);
		for (id, request) in Requests::<T>::iter() {
			ensure!(
				(queue.head..queue.tail).contains(&id),
				"9: a redemption is outside of the queue"
			);
			all = add(all, request.locked, "9: the sum of redemptions overflows")?;
			let lock = locks.entry(request.who).or_default();
			*lock = add(*lock, request.locked, "9: the sum of redemptions overflows")?;
		}
		ensure!(all == queue.locked, "9: the queue does not know what is locked");
		Self::check_holds(
			HoldReason::Redemption,
			&locks,
			"9: KWH on hold differ from the holder's redemptions",
		)
	}

	fn check_owed() -> Checked {
		for (token, kind) in Types::<T>::iter() {
			let mut owed: Balance = 0;
			for amount in Owed::<T>::iter_prefix_values(token) {
				owed = add(owed, amount, "10: the sum of what is owed overflows")?;
			}
			ensure!(owed == kind.owed, "10: the type does not know what is owed");
		}
		Ok(())
	}

	fn check_ids() -> Checked {
		let tokens = Tokens::<T>::get().into_iter().collect::<BTreeSet<_>>();
		ensure!(
			tokens == Types::<T>::iter_keys().collect(),
			"11: the tokens are not those of the types"
		);
		let next = NextVault::<T>::get();
		for (id, vault) in Vaults::<T>::iter() {
			ensure!(id < next, "11: a vault's id is still to be given out");
			let kind = Types::<T>::get(vault.token).ok_or("11: a vault is of no type")?;
			let owes = kind
				.books
				.debt_of(&vault.books)
				.map_err(|_| "11: a debt cannot be computed")?;
			ensure!(vault.drawn <= owes, "11: a vault drew more than it owes");
		}
		Ok(())
	}

	fn check_bounds() -> Checked {
		let open = T::OpenTime::now();
		for (token, kind) in Types::<T>::iter() {
			ensure!(
				kind.books.shortfall > 0 || kind.books.reserve == 0,
				"12: a reserve without a shortfall"
			);
			ensure!(
				kind.params.is_sound(token == BLD_TOKEN),
				"12: parameters are out of bounds"
			);
			for (id, wound) in WindDowns::<T>::iter_prefix(token) {
				let vault = Vaults::<T>::get(id).ok_or("12: a vault that is gone is wound down")?;
				ensure!(
					vault.cure_until.is_some_and(|until| until <= open) && wound.left > 0,
					"12: a vault is wound down without having had its cure"
				);
			}
		}
		Ok(())
	}

	fn check_times() -> Checked {
		let now = T::Time::now();
		if let Some(since) = DeclaredSince::<T>::get() {
			ensure!(
				since > 0 && since <= now,
				"13: declared energy fades from a time unset or to come"
			);
		}
		for kind in Types::<T>::iter_values() {
			ensure!(
				kind.market.at <= now && kind.line.since <= now,
				"13: a price or a refill is of a time to come"
			);
		}
		let lines = WindDowns::<T>::iter_values()
			.map(|wound| wound.line)
			.chain([Fuse::<T>::get()]);
		ensure!(
			lines.into_iter().all(|line| line.since <= now),
			"13: the fuse or a wind-down refilled at a time to come"
		);
		ensure!(
			ReferencePrice::<T>::get().is_none_or(|reference| reference.at <= now),
			"13: the reference price is of a time to come"
		);
		Ok(())
	}
}

//! The invariants of a step, numbered as in the crate's documentation: 14 to 16.

use std::collections::{BTreeMap, BTreeSet};

use baseload_primitives::{BreakerLevel, Moment, TokenId, VaultId, KWH};
use frame_support::{
	assert_ok,
	storage::{with_transaction, TransactionOutcome},
	traits::fungible::Mutate,
};
use sp_core::U256;
use sp_runtime::{DispatchError, DispatchResult, ModuleError, Perquintill};

use super::*;
use crate::{Breaker, Event, Fuse, Line, PoolDeposits, Redemptions, ShutDown, Tokens};

/// 14: what an owner did, or somebody for him, leaves no debt or at least the minimum.
pub fn no_dust_is_left(op: &Op) {
	let id = match op {
		Op::Draw(at, _) | Op::DrawAll(at, _) | Op::Repay(_, at, _) | Op::Withdraw(at, _) => aim(*at).1,
		_ => return,
	};
	// A call that failed has changed nothing; a redemption before it may have left less.
	let acted = events(|event| match event {
		Event::Drawn { vault, .. } | Event::Repaid { vault, .. } | Event::CollateralWithdrawn { vault, .. } => {
			Some(vault)
		}
		_ => None,
	});
	if acted.contains(&id) {
		let left = debt(id);
		assert!(
			left == 0 || left >= MIN_DEBT,
			"invariant 14: {op:?} leaves a debt of {left}"
		);
	}
}

/// What must not be an error of this pallet: what a token's issuer or an account's owner has done is no brake.
fn passes(what: &str, result: DispatchResult) {
	if let Err(DispatchError::Module(ModuleError { index: 5, message, .. })) = result {
		panic!("invariant 15: {what} is refused: {message:?}");
	}
}

/// 15: exits pass with every brake on: one vault, one depositor and one holder each time, in turn.
pub fn exits_pass(turn: usize) {
	let undone = with_transaction(|| {
		try_exits(turn);
		TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
	});
	assert_ok!(undone);
}

fn try_exits(turn: usize) {
	let used = Line {
		used: Balance::MAX,
		since: Timestamp::get(),
	};
	Breaker::<Test>::put(BreakerLevel::ExitOnly);
	Fuse::<Test>::put(used);
	FedReference::set(&None);
	FedPrices::set(&BTreeMap::new());
	let impaired_until = |until: Option<Moment>| {
		for token in Tokens::<Test>::get() {
			Types::<Test>::mutate(token, |kind| {
				let kind = kind.as_mut().unwrap();
				(kind.params.ceiling, kind.params.refill, kind.line) = (0, 0, used);
				(kind.impaired_until, kind.unsafe_since) = (until, Some(0));
			});
		}
	};
	// Whoever helps has the means.
	let helper = 4;
	Balances::mint_into(&helper, 1_000_000 * KWH).unwrap();
	impaired_until(Some(Moment::MAX));
	if ShutDown::<Test>::exists() {
		while PowerStablecoin::sweep_vaults(origin(helper), 32).is_ok() {}
		if Types::<Test>::iter_values().any(|kind| kind.books.shortfall > 0) {
			passes("a cash-out", PowerStablecoin::cash_out(origin(helper), KWH));
		}
	} else if Redemptions::<Test>::get().waiting < 8 {
		let redeemed = PowerStablecoin::redeem(origin(helper), KWH, Perquintill::one(), Default::default());
		assert_eq!(redeemed, Ok(()), "invariant 15: a request for redemption");
	}
	if let Some((token, who, _)) = PoolDeposits::<Test>::iter().nth(turn % PoolDeposits::<Test>::iter().count().max(1))
	{
		try_pool(token, who, || impaired_until(None));
	}
	let (owner, id) = aim(turn as u32);
	if Vaults::<Test>::contains_key(id) {
		passes("collateral", PowerStablecoin::deposit(origin(helper), id, 1));
		if debt(id) > 0 {
			let repaid = PowerStablecoin::repay(origin(helper), id, Balance::MAX);
			assert_eq!(repaid, Ok(()), "invariant 15: a repayment");
		}
		if collateral(id) > 1 {
			passes("a withdrawal", PowerStablecoin::withdraw(origin(owner), id, 1));
		}
		let closed = PowerStablecoin::close(origin(owner), id);
		passes("leaving", closed.map(|_| ()).map_err(|failed| failed.error));
	}
}

/// Leaving a pool: of an impaired type, or after a shutdown, at once; else by notice.
fn try_pool(token: TokenId, who: AccountId, unimpair: impl Fn()) {
	let counts = || PowerStablecoin::pool_deposit_of(token, who).is_some_and(|view| view.counting > 1);
	let left = |what| {
		if counts() && kind(token).pool.active > 1 {
			passes(what, PowerStablecoin::pool_withdraw(origin(who), token));
		}
	};
	let undone = with_transaction(|| {
		left("leaving a pool at once");
		TransactionOutcome::Rollback(Ok::<(), DispatchError>(()))
	});
	assert_ok!(undone);
	unimpair();
	if !counts() || ShutDown::<Test>::exists() {
		return;
	}
	passes(
		"a notice",
		PowerStablecoin::pool_notice(origin(who), token, Balance::MAX),
	);
	// Four prices later.
	Types::<Test>::mutate(token, |kind| {
		let kind = kind.as_mut().unwrap();
		PowerStablecoin::count_all(token, kind);
		PowerStablecoin::count_all(token, kind);
	});
	left("leaving a pool after notice");
}

/// A vault's shares, debt and collateral.
type State = (U256, Balance, Balance);

/// What there was before a step.
pub struct Before {
	vaults: BTreeMap<VaultId, (TokenId, State)>,
	types: BTreeMap<TokenId, CollateralType>,
}

fn state(id: VaultId) -> State {
	(vault(id).books.shares, debt(id), collateral(id))
}

/// floor(shares x amount / all)
fn share_of(amount: Balance, shares: U256, all: U256) -> Balance {
	(shares * U256::from(amount))
		.checked_div(all)
		.map_or(0, |part| part.as_u128())
}

impl Before {
	pub fn new() -> Self {
		Self {
			vaults: Vaults::<Test>::iter()
				.map(|(id, vault)| (id, (vault.token, state(id))))
				.collect(),
			types: Types::<Test>::iter().collect(),
		}
	}

	/// 16: of vaults that nothing was done to, none has lost collateral, and none owes more but by its share of what was
	/// redistributed, which comes with the same share of the collateral.
	pub fn others_lose_nothing(&self, op: &Op) {
		let mut touched = BTreeSet::new();
		let (mut grown, mut moved) = (BTreeSet::new(), BTreeSet::new());
		let mut liquidated = BTreeMap::<TokenId, Vec<[Balance; 3]>>::new();
		for event in events(Some) {
			let of = |vault: &VaultId| self.vaults.get(vault).map_or(9, |(token, _)| *token);
			match event {
				Event::Drawn { vault, .. } => {
					grown.insert(of(&vault));
					touched.insert(vault);
				}
				Event::InterestCharged { token, .. } => {
					grown.insert(token);
				}
				Event::Redeemed { token, .. } => {
					moved.insert(token);
				}
				Event::VaultRedeemed { vault, .. } => {
					moved.insert(of(&vault));
					touched.insert(vault);
				}
				Event::Liquidated {
					vault,
					debt,
					redistributed,
					seized,
					..
				} => {
					liquidated
						.entry(of(&vault))
						.or_default()
						.push([debt, redistributed, seized]);
					touched.insert(vault);
				}
				Event::Repaid { vault, .. }
				| Event::Retired { vault, .. }
				| Event::CollateralDeposited { vault, .. }
				| Event::CollateralWithdrawn { vault, .. }
				| Event::VaultSwept { vault, .. }
				| Event::VaultClosed { vault, .. } => {
					touched.insert(vault);
				}
				_ => {}
			}
		}
		for (id, (token, (shares, owed, owned))) in &self.vaults {
			if touched.contains(id) {
				continue;
			}
			let (_, owes, owns) = state(*id);
			assert!(owns >= *owned, "invariant 16: {op:?} takes collateral from vault {id}");
			// Interest and draws have their own rounding; the last unit of the books is left to whoever still has shares.
			let after = kind(*token);
			if grown.contains(token) || after.books.debt <= 1 {
				continue;
			}
			match liquidated.get(token).map(Vec::as_slice) {
				None => assert!(owes <= *owed, "invariant 16: {op:?} gives debt to vault {id}"),
				Some([[gone, redistributed, seized]]) if !moved.contains(token) => {
					let before = &self.types[token];
					let elsewhere =
						(after.pool.collateral - before.pool.collateral) + (after.books.reserve - before.books.reserve);
					let handed_out = seized - elsewhere;
					assert!(
						handed_out >= share_of(*seized, U256::from(*redistributed), U256::from(*gone)),
						"invariant 16: {op:?} hands out {handed_out} for a debt of {redistributed}"
					);
					assert!(
						owes <= owed + share_of(*redistributed, *shares, after.books.shares) + 2,
						"invariant 16: {op:?} gives vault {id} more debt than its share"
					);
					assert!(
						owns + 1 >= owned + share_of(handed_out, *shares, after.books.shares),
						"invariant 16: {op:?} gives vault {id} less collateral than its share"
					);
				}
				// Of several at once only the last could be told from the totals.
				Some(_) => {}
			}
		}
	}
}

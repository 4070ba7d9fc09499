//! The invariants of a state: each is shown to notice what it is there for. Those of a step are shown by the bugs in `tests/controls`.

use baseload_primitives::{VaultId, BLD_TOKEN, HOUR, KWH};
use frame_support::{
	assert_ok,
	traits::fungible::{Mutate, MutateHold},
};
use sp_runtime::{Perquintill, TryRuntimeError};

use super::*;
use crate::{
	place, DeclaredSince, Fuse, HoldReason, Issuance, Line, NextVault, Owed, PoolDeposits, Redemptions, ReferencePrice,
	Requests, RiskIndex, Tokens, WindDown, WindDowns,
};

/// Breaks something after an ordinary history, and expects the numbered invariant to fail first.
fn broken(number: &str, damage: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 500 * KWH));
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), RSV, 100 * KWH));
		pass(HOUR);
		pass(HOUR);
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), RSV, 50 * KWH));
		assert_ok!(PowerStablecoin::redeem(
			origin(BOB),
			50 * KWH,
			Perquintill::one(),
			Default::default()
		));
		assert_ok!(PowerStablecoin::do_try_state());
		damage();
		match PowerStablecoin::do_try_state() {
			Err(TryRuntimeError::Other(message)) => {
				assert!(message.starts_with(number), "expected {number}, got {message}")
			}
			other => panic!("expected {number}, got {other:?}"),
		}
	});
}

fn change(id: VaultId, damage: impl FnOnce(&mut Vault<Test>)) {
	Vaults::<Test>::mutate(id, |vault| damage(vault.as_mut().unwrap()));
}

#[test]
fn invariant_1_should_fail_when_kwh_come_from_elsewhere() {
	broken("1:", || {
		Balances::mint_into(&BOB, KWH).unwrap();
	});
	broken("1:", || {
		assert_ok!(Balances::burn(origin(BOB), KWH, false));
	});
	broken("1:", || Issuance::<Test>::mutate(|issued| issued.burnt = Balance::MAX));
}

fn change_type(damage: impl FnOnce(&mut CollateralType)) {
	Types::<Test>::mutate(RSV, |kind| damage(kind.as_mut().unwrap()));
}

#[test]
fn invariant_2_should_fail_when_debt_is_misstated() {
	broken("2:", || change_type(|kind| kind.books.debt += 1));
	broken("2:", || change_type(|kind| kind.books.shortfall += 1));
}

#[test]
fn invariant_3_should_fail_when_the_vaults_owe_something_else() {
	broken("3:", || change(FIRST, |vault| vault.books.shares -= 1.into()));
	broken("3:", || change(FIRST, |vault| vault.books.shares *= 2));
	broken("3:", || {
		Vaults::<Test>::remove(FIRST);
	});
	broken("3:", || change_type(|kind| kind.books.shares += 1.into()));
}

#[test]
fn invariant_4_should_fail_when_collateral_is_misstated_or_gone() {
	broken("4:", || change(FIRST, |vault| vault.books.collateral += 1));
	broken("4:", || change_type(|kind| kind.books.revenue += 1));
	broken("4:", || change_type(|kind| kind.books.collateral += 1));
	broken("4:", || {
		assert_ok!(Assets::force_transfer(
			origin(BANK),
			RSV,
			PowerStablecoin::account(),
			ALICE,
			1
		));
	});
}

#[test]
fn invariant_4_should_hold_when_somebody_donates() {
	run(|| {
		ready();
		assert_ok!(Assets::transfer(origin(BOB), RSV, PowerStablecoin::account(), RESERVE));
	});
}

#[test]
fn invariant_5_should_fail_when_a_pool_lacks_what_it_owes() {
	broken("5:", || change_type(|kind| kind.pool.active -= 1));
	broken("5:", || change_type(|kind| kind.pool.waiting -= 1));
	broken("5:", || change_type(|kind| kind.pool.active += 100 * KWH));
	broken("5:", || PoolDeposits::<Test>::remove(RSV, BOB));
}

#[test]
fn invariant_6_should_fail_when_a_site_counts_twice_or_is_somebody_elses() {
	broken("6:", || change(GENESIS, |vault| vault.sites.try_push(SITE).unwrap()));
	broken("6:", || change(FIRST, |vault| vault.sites.try_push(SITE).unwrap()));
	broken("6:", || set_site(SITE, BOB, energy_for(1_000)));
}

#[test]
fn invariant_7_should_fail_when_a_deposit_is_not_held() {
	broken("7:", || change(FIRST, |vault| vault.deposit += 1));
	// Of somebody without a vault.
	broken("7:", || {
		assert_ok!(Balances::hold(&HoldReason::VaultDeposit.into(), &BOB, 1));
	});
}

#[test]
fn invariant_8_should_fail_when_the_index_is_stale() {
	let at = || place(vault(FIRST).books.key().unwrap(), FIRST);
	broken("8:", || RiskIndex::<Test>::remove(RSV, at()));
	broken("8:", || RiskIndex::<Test>::insert(RSV, [7; 36], ()));
	broken("8:", || change(FIRST, |vault| vault.books.collateral -= 1));
	// Shares of no debt.
	broken("8:", || {
		assert_ok!(PowerStablecoin::open(origin(ALICE), BLD_TOKEN));
		let second = VaultId(2);
		change(second, |vault| vault.books.shares = 1.into());
		Types::<Test>::mutate(BLD_TOKEN, |kind| kind.as_mut().unwrap().books.shares = 1.into());
		RiskIndex::<Test>::insert(BLD_TOKEN, place(vault(second).books.key().unwrap(), second), ());
	});
}

#[test]
fn invariant_9_should_fail_when_locks_and_queue_differ() {
	broken("9:", || Redemptions::<Test>::mutate(|queue| queue.locked += 1));
	broken("9:", || Redemptions::<Test>::mutate(|queue| queue.head += 1));
	broken("9:", || Requests::<Test>::remove(0));
	broken("9:", || {
		assert_ok!(Balances::hold(&HoldReason::Redemption.into(), &BOB, 1));
	});
	// Of somebody without a request.
	broken("9:", || {
		assert_ok!(Balances::hold(&HoldReason::Redemption.into(), &ALICE, 1));
	});
}

#[test]
fn invariant_10_should_fail_when_a_claim_is_unknown() {
	broken("10:", || Owed::<Test>::insert(RSV, BOB, 1));
}

#[test]
fn invariant_11_should_fail_when_an_id_or_a_type_is_wrong() {
	broken("11:", || NextVault::<Test>::put(FIRST));
	broken("11:", Tokens::<Test>::kill);
	broken("11:", || Types::<Test>::remove(BLD_TOKEN));
	broken("11:", || change(FIRST, |vault| vault.drawn += 1));
}

#[test]
fn invariant_12_should_fail_when_bounds_are_left() {
	broken("12:", || change_type(|kind| kind.params.penalty_bp = 9_000));
	// A reserve, for which there are tokens, but no shortfall.
	broken("12:", || {
		assert_ok!(Assets::transfer(origin(BOB), RSV, PowerStablecoin::account(), 1));
		change_type(|kind| kind.books.reserve = 1);
	});
	broken("12:", || {
		let wound = WindDown {
			left: 1,
			..Default::default()
		};
		WindDowns::<Test>::insert(RSV, FIRST, wound);
	});
}

#[test]
fn invariant_13_should_fail_when_something_is_of_a_time_to_come() {
	broken("13:", || DeclaredSince::<Test>::put(u64::MAX));
	broken("13:", || DeclaredSince::<Test>::put(0));
	broken("13:", || change_type(|kind| kind.market.at = u64::MAX));
	let line = Line {
		used: 0,
		since: u64::MAX,
	};
	broken("13:", || change_type(|kind| kind.line = line));
	broken("13:", || Fuse::<Test>::put(line));
	broken("13:", || {
		change(FIRST, |vault| vault.cure_until = Some(0));
		let wound = WindDown {
			left: 1,
			line,
			..Default::default()
		};
		WindDowns::<Test>::insert(RSV, FIRST, wound);
	});
	broken("13:", || {
		ReferencePrice::<Test>::mutate(|reference| reference.as_mut().unwrap().at = u64::MAX)
	});
}

//! Shutdown: frozen prices, swept vaults, both exits.

use baseload_primitives::{Price, BLD_TOKEN, DAY, KWH, MINUTE};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::{DispatchError, Perquintill};

use super::*;
use crate::{EndReason, Error, Event, HoldReason, ShutDown};

fn shut_down() {
	assert_ok!(PowerStablecoin::shut_down(RuntimeOrigin::root()));
}

fn cash_out(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::cash_out(origin(who), amount)
}

fn redeem(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::redeem(origin(who), amount, Perquintill::one(), Default::default())
}

fn supply() -> Balance {
	<Balances as Inspect<AccountId>>::total_issuance()
}

fn locked(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Redemption.into(), &who)
}

#[test]
fn owners_and_holders_should_get_all_that_is_theirs_when_collateral_suffices() {
	run(|| {
		let vault = indebted(ALICE, 300, 1_000);
		let owed = debt(vault);
		shut_down();
		assert_eq!(last_event(), Event::ShutDownBegun { at: START });
		next_block();
		// What comes later changes nothing any more.
		set_prices(None, None);
		let all = supply();
		assert_eq!((kind(RSV).books.debt, kind(RSV).books.shortfall), (0, all));
		// A tenth of a token for each KWH, rounded up.
		let surplus = 300 * RESERVE + 1 - owed.div_ceil(10_000_000);
		assert_eq!(collateral(vault), surplus);
		let before = reserve(ALICE);
		assert_ok!(PowerStablecoin::withdraw(origin(ALICE), vault, surplus));
		assert_ok!(PowerStablecoin::close(origin(ALICE), vault));
		assert_eq!(reserve(ALICE), before + surplus);

		let before = reserve(BOB);
		assert_ok!(cash_out(BOB, 500 * KWH));
		assert_eq!(
			last_event(),
			Event::CashedOut {
				who: BOB,
				token: RSV,
				burnt: 500 * KWH,
				out: 50 * RESERVE
			}
		);
		assert_eq!((reserve(BOB), supply()), (before + 50 * RESERVE, all - 500 * KWH));
	});
}

#[test]
fn holders_should_share_alike_when_collateral_is_short() {
	run(|| {
		// 3,000 tokens at 0.20 for 10,000 KWH at 0.10.
		set_prices(Some(Price::from_rational(1, 10)), Some(Price::from_rational(2, 10)));
		shut_down();
		next_block();
		assert_eq!(collateral(GENESIS), 0);
		let mut paid = vec![];
		for (who, amount) in [(BOB, 1_000), (ALICE, 1_000), (ALICE, 500)] {
			let before = reserve(who);
			assert_ok!(cash_out(who, amount * KWH));
			paid.push((reserve(who) - before) / amount);
		}
		assert!(paid.iter().all(|each| *each == paid[0]), "{paid:?}");
		assert_eq!(paid[0], 3 * RESERVE / 10);
	});
}

#[test]
fn everything_but_exits_should_be_refused_when_shut_down() {
	run(|| {
		let vault = indebted(ALICE, 300, 1_000);
		assert_noop!(PowerStablecoin::shut_down(origin(GUARD)), DispatchError::BadOrigin);
		assert_noop!(cash_out(BOB, KWH), Error::<Test>::NotShutDown);
		assert_noop!(
			PowerStablecoin::sweep_vaults(origin(BOB), 1),
			Error::<Test>::NotShutDown
		);
		shut_down();
		assert_noop!(
			PowerStablecoin::shut_down(RuntimeOrigin::root()),
			Error::<Test>::ShutDown
		);
		for refused in [
			PowerStablecoin::withdraw(origin(ALICE), vault, 1),
			redeem(BOB, 200 * KWH),
			PowerStablecoin::pool_deposit(origin(BOB), RSV, KWH),
		] {
			assert_eq!(refused, Err(Error::<Test>::ShutDown.into()));
		}
		assert_noop!(
			PowerStablecoin::draw(origin(ALICE), vault, KWH),
			Error::<Test>::ShutDown
		);
		assert_noop!(PowerStablecoin::liquidate(origin(BOB), RSV, 1), Error::<Test>::ShutDown);
		assert_noop!(cash_out(BOB, KWH), Error::<Test>::NotSwept);
		assert_noop!(cash_out(BOB, 0), Error::<Test>::ZeroAmount);
		// An owner may still repay what is not swept.
		assert_ok!(PowerStablecoin::repay(origin(ALICE), vault, 100 * KWH));
		assert_ok!(PowerStablecoin::sweep_vaults(origin(BOB), 1));
		assert_noop!(cash_out(BOB, KWH), Error::<Test>::NotSwept);
		assert_ok!(PowerStablecoin::sweep_vaults(origin(BOB), 9));
		assert_noop!(PowerStablecoin::sweep_vaults(origin(BOB), 1), Error::<Test>::AllSwept);
		assert_ok!(cash_out(BOB, KWH));
	});
}

#[test]
fn requests_should_be_released_and_interest_should_end_when_shut_down() {
	run(|| {
		assert_ok!(redeem(BOB, 200 * KWH));
		assert_eq!(locked(BOB), 200 * KWH);
		shut_down();
		next_block();
		assert_eq!(locked(BOB), 0);
		let ended = events(|event| match event {
			Event::RedemptionEnded { released, reason, .. } => Some((released, reason)),
			_ => None,
		});
		assert_eq!(ended, [(200 * KWH, EndReason::ShutDown)]);
		let all = supply();
		pass(30 * DAY);
		assert_eq!(supply(), all);
	});
}

#[test]
fn pool_should_be_left_without_notice_when_shut_down() {
	run(|| {
		let before = kwh(BOB);
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), RSV, 600 * KWH));
		assert_noop!(
			PowerStablecoin::pool_withdraw(origin(BOB), RSV),
			Error::<Test>::NoOpenNotice
		);
		shut_down();
		assert_ok!(PowerStablecoin::pool_withdraw(origin(BOB), RSV));
		// The pool keeps its last unit.
		assert_eq!(kwh(BOB), before - 1);
	});
}

#[test]
fn shutdown_should_be_refused_when_a_debt_never_had_a_price() {
	run(|| {
		set_prices(None, None);
		assert_noop!(
			PowerStablecoin::shut_down(RuntimeOrigin::root()),
			Error::<Test>::NoPrice
		);
		assert_eq!(ShutDown::<Test>::get(), None);
	});
}

#[test]
fn shutdown_should_wait_while_a_move_is_not_confirmed_and_go_by_the_lower_price_when_feeds_die() {
	run(|| {
		let vault = indebted(ALICE, 150, 1_000);
		pass(MINUTE);
		set_time(START + 2 * MINUTE);
		feed(RSV, Price::from_rational(4, 10));
		next_block();
		let shut = || PowerStablecoin::shut_down(RuntimeOrigin::root());
		assert_noop!(shut(), Error::<Test>::PriceMoves);
		unfeed(RSV);
		assert_ok!(shut());
		next_block();
		// A tenth of a token for each KWH at 1.00, a quarter at 0.40: nothing is left for the owner.
		assert_eq!(collateral(vault), 0);
	});
}

#[test]
fn shutdown_should_sweep_all_and_owe_what_is_frozen_when_a_type_is_impaired() {
	run(|| {
		// A second type owes 500 KWH.
		let bonds = crate::NextVault::<Test>::get();
		assert_ok!(PowerStablecoin::open(origin(ALICE), BLD_TOKEN));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), bonds, 1_000 * KWH));
		let site = SiteId(50);
		set_site(site, ALICE, energy_for(500));
		assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), bonds, site));
		assert_ok!(PowerStablecoin::draw(origin(ALICE), bonds, 500 * KWH));
		let reserves = indebted(ALICE, 150, 1_000);
		pass(MINUTE);
		// The issuer stops its token for everybody, and administrators mark the type for good.
		assert_ok!(Assets::freeze_asset(origin(BANK), RSV));
		assert_ok!(PowerStablecoin::impair(RuntimeOrigin::root(), RSV));
		shut_down();
		next_block();
		assert_eq!((debt(bonds), debt(reserves), debt(GENESIS)), (0, 0, 0));

		let (before, held) = (reserve(BOB), Bonds::free_balance(BOB));
		assert_ok!(cash_out(BOB, 230 * KWH));
		// By shortfall, 500 of 11,500 KWH and the rest: a tenth of a token for each.
		assert_eq!(Bonds::free_balance(BOB) - held, KWH);
		assert_eq!((reserve(BOB), kind(RSV).owed), (before, 22 * RESERVE));
		assert_noop!(
			PowerStablecoin::claim_payout(origin(BOB), RSV),
			sp_runtime::TokenError::Frozen
		);
		assert_ok!(Assets::thaw_asset(origin(BANK), RSV));
		assert_ok!(PowerStablecoin::claim_payout(origin(BOB), RSV));
		assert_eq!(reserve(BOB), before + 22 * RESERVE);
	});
}

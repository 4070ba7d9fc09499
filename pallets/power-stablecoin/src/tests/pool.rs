//! The backstop pools.

use baseload_primitives::{BreakerLevel, Price, TypeParams, BLD_TOKEN, DAY, HOUR, KWH, MINUTE};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use super::*;
use crate::{Error, Event, PoolDeposits, PoolDue, PoolRounds};

fn deposit(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::pool_deposit(origin(who), RSV, amount)
}

fn notice(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::pool_notice(origin(who), RSV, amount)
}

fn withdraw(who: AccountId) -> sp_runtime::DispatchResult {
	PowerStablecoin::pool_withdraw(origin(who), RSV)
}

/// So many new prices.
fn rounds(count: u32) {
	for _ in 0..count {
		pass(HOUR);
	}
}

#[test]
fn deposit_should_count_from_the_second_price_after_it_when_made() {
	run(|| {
		rounds(1);
		let before = kwh(BOB);
		assert_ok!(deposit(BOB, 600 * KWH));
		assert_eq!(
			last_event(),
			Event::PoolDeposited {
				token: RSV,
				who: BOB,
				amount: 600 * KWH,
				counts_from: 3
			}
		);
		assert_eq!(kwh(BOB), before - 600 * KWH);
		let counting = || PowerStablecoin::pool_deposit_of(RSV, BOB).unwrap().counting;
		rounds(1);
		assert_eq!(
			(counting(), PowerStablecoin::pool(RSV).unwrap().waiting),
			(0, 600 * KWH)
		);
		rounds(1);
		assert_eq!(
			(counting(), PowerStablecoin::pool(RSV).unwrap().active),
			(600 * KWH, 600 * KWH)
		);
	});
}

#[test]
fn pool_should_stand_still_when_a_raised_ratio_is_about_to_be_in_force() {
	run(|| {
		let vault = indebted(ALICE, 156, 1_000);
		pass(MINUTE);
		feed(RSV, Price::from_rational(93, 100));
		pass(MINUTE);
		let higher = TypeParams {
			liquidation_bp: 13_500,
			..params()
		};
		assert_ok!(PowerStablecoin::set_params(RuntimeOrigin::root(), RSV, higher));
		feed(RSV, Price::from_rational(86, 100));
		pass(DAY - 30 * MINUTE);
		let round = kind(RSV).round;
		assert_ok!(deposit(BOB, 600 * KWH));
		for _ in 0..2 {
			pass(10 * MINUTE);
			assert_eq!(kind(RSV).round, round);
		}
		assert!(debt(vault) > 0);
		pass(10 * MINUTE);
		assert_eq!((debt(vault), kind(RSV).round), (0, round + 1));
		// Who came for what everybody knew would happen has earned nothing by it.
		pass(10 * MINUTE);
		let own = PowerStablecoin::pool_deposit_of(RSV, BOB).unwrap();
		assert_eq!((own.counting, own.claimable), (600 * KWH, 0));
	});
}

#[test]
fn deposit_should_be_refused_when_amount_funds_type_or_breaker_forbid() {
	run(|| {
		assert_noop!(deposit(BOB, 0), Error::<Test>::ZeroAmount);
		assert_noop!(deposit(BOB, KWH - 1), Error::<Test>::PoolDepositTooSmall);
		assert_noop!(deposit(BOB, 1_001 * KWH), TokenError::FundsUnavailable);
		assert_noop!(
			PowerStablecoin::pool_deposit(origin(BOB), 9, KWH),
			Error::<Test>::UnknownType
		);
		assert_ok!(PowerStablecoin::tighten(origin(GUARD), BreakerLevel::ExitOnly));
		assert_noop!(deposit(BOB, KWH), Error::<Test>::BreakerOpen);
	});
}

#[test]
fn deposit_should_be_refused_when_it_would_wait_for_too_many_prices() {
	run(|| {
		// At every price one may be added: no more than two are ever waited for.
		for _ in 0..12 {
			assert_ok!(deposit(BOB, KWH));
			rounds(1);
		}
		rounds(2);
		assert_ok!(notice(BOB, KWH));
		// Only with rounds that run backwards, none of which comes, does it come to more.
		for back in 0..8 {
			Types::<Test>::mutate(RSV, |kind| kind.as_mut().unwrap().round = 1_000 - 10 * back);
			assert_ok!(deposit(ALICE, KWH));
		}
		Types::<Test>::mutate(RSV, |kind| kind.as_mut().unwrap().round = 900);
		assert_noop!(deposit(ALICE, KWH), Error::<Test>::TooManyWaiting);
	});
}

#[test]
fn withdrawal_should_pass_only_in_its_window_when_notice_was_given() {
	run(|| {
		assert_noop!(notice(BOB, KWH), Error::<Test>::UnknownDeposit);
		assert_ok!(deposit(BOB, 600 * KWH));
		assert_ok!(deposit(ALICE, 600 * KWH));
		assert_noop!(notice(BOB, 0), Error::<Test>::ZeroAmount);
		assert_noop!(notice(BOB, KWH), Error::<Test>::NothingCounts);
		rounds(2);
		assert_noop!(withdraw(BOB), Error::<Test>::NoOpenNotice);
		assert_ok!(notice(BOB, 200 * KWH));
		rounds(3);
		assert_noop!(withdraw(BOB), Error::<Test>::NoticeTooEarly);
		rounds(1);
		let before = kwh(BOB);
		assert_ok!(withdraw(BOB));
		assert_eq!(kwh(BOB) - before, 200 * KWH);
		assert_noop!(withdraw(BOB), Error::<Test>::NoOpenNotice);
		// The next one lapses.
		assert_ok!(notice(BOB, Balance::MAX));
		rounds(4 + 48);
		assert_noop!(withdraw(BOB), Error::<Test>::NoticeLapsed);
		assert_ok!(notice(BOB, Balance::MAX));
		rounds(4);
		assert_ok!(withdraw(BOB));
		assert!(PoolDeposits::<Test>::get(RSV, BOB).is_none());
	});
}

#[test]
fn pool_should_keep_one_unit_when_everybody_leaves() {
	run(|| {
		assert_ok!(deposit(BOB, 600 * KWH));
		rounds(2);
		assert_ok!(notice(BOB, Balance::MAX));
		rounds(4);
		assert_ok!(withdraw(BOB));
		assert_eq!(kind(RSV).pool.active, 1);
		// The account holds it beside its own.
		assert_eq!(kwh(PowerStablecoin::account()), KWH + 1);
	});
}

#[test]
fn rounds_should_be_forgotten_when_all_their_depositors_have_settled() {
	run(|| {
		assert_ok!(deposit(BOB, 100 * KWH));
		assert_ok!(deposit(BOB, 100 * KWH));
		assert_ok!(deposit(ALICE, 100 * KWH));
		assert_eq!(PoolDue::<Test>::get(RSV, 3).unwrap().depositors, 2);
		rounds(2);
		assert!(PoolDue::<Test>::get(RSV, 3).is_none());
		assert_eq!(PoolRounds::<Test>::get(RSV, 3).unwrap().depositors, 2);
		assert_ok!(notice(BOB, KWH));
		assert_eq!(PoolRounds::<Test>::get(RSV, 3).unwrap().depositors, 1);
		assert_ok!(deposit(ALICE, 100 * KWH));
		assert!(PoolRounds::<Test>::get(RSV, 3).is_none());
	});
}

#[test]
fn deposits_should_wait_together_when_no_price_comes_between() {
	run(|| {
		for _ in 0..20 {
			assert_ok!(deposit(BOB, KWH));
		}
		assert_eq!(
			PowerStablecoin::pool_deposit_of(RSV, BOB).unwrap().waiting,
			[(20 * KWH, 3)]
		);
	});
}

#[test]
fn withdrawal_should_wait_for_an_unsafe_vault_but_not_for_ever() {
	run(|| {
		assert_ok!(deposit(BOB, 600 * KWH));
		rounds(2);
		indebted(ALICE, 150, 1_000);
		assert_ok!(notice(BOB, 500 * KWH));
		rounds(4);
		feed(RSV, Price::from_rational(92, 100));
		pass(MINUTE);
		set_time(pallet_timestamp::Now::<Test>::get() + MINUTE);
		feed(RSV, Price::from_rational(85, 100));
		// Known to be unsafe, and not liquidated yet.
		assert_noop!(withdraw(BOB), Error::<Test>::UnsafeFront);
		// While nothing may be liquidated, nobody is kept.
		assert_ok!(PowerStablecoin::tighten(origin(GUARD), BreakerLevel::ExitOnly));
		assert_ok!(withdraw(BOB));
	});
}

#[test]
fn pools_should_be_apart_when_types_differ() {
	run(|| {
		assert_ok!(deposit(BOB, 100 * KWH));
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), BLD_TOKEN, 50 * KWH));
		rounds(2);
		assert_eq!(kind(RSV).pool.active, 100 * KWH);
		assert_eq!(kind(BLD_TOKEN).pool.active, 50 * KWH);
	});
}

#[test]
fn depositors_should_go_on_when_the_pool_was_drained_again_and_again() {
	run(|| {
		assert_ok!(deposit(BOB, 10 * KWH));
		rounds(2);
		// Each time ten of eleven parts burn. Without scales the product would lose a digit each.
		for _ in 0..10 {
			assert_ok!(deposit(ALICE, 100 * KWH));
			rounds(2);
			set_prices(Some(Price::from_rational(1, 10)), Some(Price::from_u32(1)));
			let id = indebted(ALICE, 15, 100);
			rounds(1);
			set_prices(Some(Price::from_rational(1, 10)), Some(Price::from_rational(85, 100)));
			rounds(1);
			assert_eq!(debt(id), 0);
			PowerStablecoin::do_try_state().unwrap();
		}
		assert!(kind(RSV).pool.marks.scale > 0);
		let before = reserve(ALICE);
		assert_ok!(PowerStablecoin::pool_claim(origin(ALICE), RSV));
		assert!(reserve(ALICE) > before);
		assert_ok!(PowerStablecoin::pool_claim(origin(BOB), RSV));
	});
}

#[test]
fn deposits_should_not_count_and_none_should_leave_while_a_move_is_not_confirmed() {
	run(|| {
		pass(MINUTE);
		assert_ok!(PowerStablecoin::pool_deposit(origin(ALICE), RSV, 500 * KWH));
		pass(MINUTE);
		pass(MINUTE);
		assert_eq!(kind(RSV).pool.active, 500 * KWH);
		assert_ok!(PowerStablecoin::pool_notice(origin(ALICE), RSV, 500 * KWH));
		for _ in 0..4 {
			pass(MINUTE);
		}
		// All see a fall that is not believed yet.
		let round = kind(RSV).round;
		feed(RSV, Price::from_rational(5, 10));
		pass(MINUTE);
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), RSV, 500 * KWH));
		pass(MINUTE);
		pass(MINUTE);
		assert_eq!((kind(RSV).round, kind(RSV).pool.active), (round, 500 * KWH));
		assert!(PowerStablecoin::pool_withdraw(origin(ALICE), RSV).is_err());
	});
}

/// What a block does first: it looks at the price, and has no weight left for more.
fn look() {
	crate::Types::<Test>::mutate(RSV, |kind| PowerStablecoin::observe(RSV, kind.as_mut().unwrap()));
}

#[test]
fn withdrawal_should_wait_from_when_a_vault_became_unsafe_however_long_it_was_open() {
	run(|| {
		assert_ok!(deposit(BOB, 600 * KWH));
		rounds(2);
		let id = indebted(ALICE, 150, 1_000);
		assert_ok!(notice(BOB, 500 * KWH));
		// Long past the beginning of its window.
		rounds(4 + 40);
		feed(RSV, Price::from_rational(92, 100));
		pass(MINUTE);
		let began = pallet_timestamp::Now::<Test>::get() + MINUTE;
		let unsafe_at = |time| {
			set_time(began + time);
			feed(RSV, Price::from_rational(85, 100));
			look();
		};
		unsafe_at(0);
		assert_noop!(withdraw(BOB), Error::<Test>::UnsafeFront);
		unsafe_at(12 * HOUR - 1);
		assert_noop!(withdraw(BOB), Error::<Test>::UnsafeFront);
		// But not for ever, if nobody liquidates it.
		unsafe_at(12 * HOUR);
		assert_ok!(withdraw(BOB));
		assert_eq!(debt(id), 1_000 * KWH);
	});
}

#[test]
fn pool_should_stand_still_no_longer_than_half_a_day_when_a_move_is_never_confirmed() {
	run(|| {
		assert_ok!(deposit(BOB, 600 * KWH));
		rounds(2);
		assert_ok!(notice(BOB, 500 * KWH));
		let round = kind(RSV).round;
		// Half of the feeds say one thing, half another.
		FedUpper::set(&Some(Price::from_u32(2)));
		rounds(12);
		assert_eq!(kind(RSV).round, round);
		assert_noop!(withdraw(BOB), Error::<Test>::NoticeTooEarly);
		rounds(4);
		assert_eq!(kind(RSV).round, round + 4);
		assert_ok!(withdraw(BOB));
	});
}

#[test]
fn pool_should_buy_nothing_and_let_everybody_out_when_its_type_is_impaired() {
	run(|| {
		assert_ok!(deposit(BOB, 600 * KWH));
		rounds(2);
		assert_ok!(deposit(BOB, 100 * KWH));
		let id = indebted(ALICE, 150, 1_000);
		assert_ok!(PowerStablecoin::impair(origin(GUARD), RSV));
		assert_noop!(deposit(ALICE, KWH), Error::<Test>::Impaired);
		for percents in [92, 85] {
			feed(RSV, Price::from_rational(percents, 100));
			pass(MINUTE);
		}
		// Liquidated, and taken over by the other vaults alone.
		assert_eq!((debt(id), kind(RSV).pool.active), (0, 700 * KWH));
		assert_eq!(kind(RSV).pool.collateral, 0);
		// Without notice, and what did not count yet with the rest.
		let before = kwh(BOB);
		assert_ok!(withdraw(BOB));
		assert_eq!(kwh(BOB) - before, 700 * KWH - 1);
	});
}

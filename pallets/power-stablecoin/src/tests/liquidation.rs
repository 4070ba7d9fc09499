//! Liquidation: by itself and by call, against the pool, the other vaults, or nobody.

use baseload_primitives::{Price, KWH, MINUTE};
use frame_support::{assert_noop, assert_ok, weights::Weight};

use super::*;
use crate::{Error, Event};

/// The price of the reserve token falls to so many percent, in steps that are believed at once.
fn fall_to(percent: u32) {
	let mut now = 100;
	while now > percent {
		now = percent.max(now - now / 11);
		feed(RSV, Price::from_rational(now.into(), 100));
		pass(MINUTE);
	}
}

/// What liquidations moved: vault, offset, redistributed, lost, surplus.
fn liquidated() -> Vec<(VaultId, Balance, Balance, Balance, Balance)> {
	events(|event| match event {
		Event::Liquidated {
			vault,
			offset,
			redistributed,
			lost,
			surplus,
			..
		} => Some((vault, offset, redistributed, lost, surplus)),
		_ => None,
	})
}

#[test]
fn unsafe_vault_should_be_liquidated_by_itself_when_the_price_has_fallen() {
	run(|| {
		let id = indebted(ALICE, 150, 1_000);
		fall_to(87);
		assert_eq!(liquidated(), []);
		fall_to(86);
		// 1,000 KWH are 116.279 tokens; with the penalty 127.907 of 150.
		let surplus = COLLATERAL - 127_906_977;
		assert_eq!(liquidated(), [(id, 0, 1_000 * KWH, 0, surplus)]);
		assert_eq!((debt(id), debt(GENESIS)), (0, 11_000 * KWH));
		assert_eq!(collateral(GENESIS), 3_000_000_000 + 127_906_976);
		assert_eq!(vault(id).drawn, 0);
		// What it keeps is claimable without any price.
		set_prices(None, None);
		assert_ok!(PowerStablecoin::withdraw(origin(ALICE), id, surplus));
	});
}

#[test]
fn pool_should_burn_first_when_it_has_something() {
	run(|| {
		let id = indebted(ALICE, 150, 1_000);
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), RSV, 600 * KWH));
		pass(MINUTE);
		pass(MINUTE);
		let supply = Balances::total_issuance();
		fall_to(86);
		let burnt = 600 * KWH - 1;
		let [(vault, offset, redistributed, lost, _)] = liquidated()[..] else {
			panic!("one vault is unsafe")
		};
		assert_eq!((vault, offset, redistributed, lost), (id, burnt, 400 * KWH + 1, 0));
		assert_eq!(Balances::total_issuance(), supply - burnt);
		// Three fifths of 127.906977 tokens.
		let before = reserve(BOB);
		assert_ok!(PowerStablecoin::pool_claim(origin(BOB), RSV));
		assert_eq!(reserve(BOB) - before, 76_744_185);
	});
}

#[test]
fn deposit_just_in_time_should_gain_nothing_when_the_price_falls_after_it() {
	run(|| {
		indebted(ALICE, 150, 1_000);
		fall_to(87);
		assert_ok!(PowerStablecoin::pool_deposit(origin(BOB), RSV, 900 * KWH));
		feed(RSV, Price::from_rational(86, 100));
		pass(MINUTE);
		assert_eq!(liquidated().len(), 1);
		let view = PowerStablecoin::pool_deposit_of(RSV, BOB).unwrap();
		assert_eq!((view.counting, view.claimable), (0, 0));
		assert_noop!(
			PowerStablecoin::pool_claim(origin(BOB), RSV),
			Error::<Test>::NothingEarned
		);
	});
}

#[test]
fn debt_should_become_shortfall_when_nobody_can_bear_it() {
	run(|| {
		// 10,000 KWH on 3,000 tokens: unsafe below 0.4333.
		fall_to(43);
		let [(vault, 0, 0, lost, surplus)] = liquidated()[..] else {
			panic!("{:?}", liquidated())
		};
		assert_eq!((vault, lost), (GENESIS, 10_000 * KWH));
		let books = kind(RSV).books;
		assert_eq!((books.debt, books.shortfall), (0, 10_000 * KWH));
		assert_eq!(books.reserve + surplus, 3_000 * RESERVE);
		// Holders redeem from the reserve, at par.
		assert_ok!(PowerStablecoin::redeem(
			origin(BOB),
			500 * KWH,
			sp_runtime::Perquintill::one(),
			Default::default()
		));
		let before = reserve(BOB);
		pass(MINUTE);
		// 50 / 0.43 tokens less 3 %.
		assert_eq!(reserve(BOB) - before, 112_790_696);
		assert_eq!(kind(RSV).books.shortfall, 9_500 * KWH);
	});
}

#[test]
fn call_should_be_refused_when_no_vault_is_unsafe() {
	run(|| {
		indebted(ALICE, 150, 1_000);
		let liquidate = |token| {
			PowerStablecoin::liquidate(origin(BOB), token, 1)
				.map(|_| ())
				.map_err(|failed| failed.error)
		};
		assert_noop!(liquidate(RSV), Error::<Test>::NothingUnsafe);
		assert_noop!(liquidate(9), Error::<Test>::UnknownType);
	});
}

#[test]
fn nobody_should_be_liquidated_when_there_is_no_price_and_for_a_while_after() {
	run(|| {
		let id = indebted(ALICE, 150, 1_000);
		pass(MINUTE);
		// Half an hour without prices.
		set_prices(Some(Price::from_rational(1, 10)), None);
		pass(MINUTE);
		pass(30 * MINUTE);
		assert_noop!(
			PowerStablecoin::liquidate(origin(BOB), RSV, 1).map_err(|failed| failed.error),
			Error::<Test>::NoPrice
		);
		feed(RSV, Price::from_rational(80, 100));
		pass(MINUTE);
		assert_eq!(liquidated(), []);
		assert_noop!(
			PowerStablecoin::liquidate(origin(BOB), RSV, 1).map_err(|failed| failed.error),
			Error::<Test>::Grace
		);
		// As long as the stop was.
		pass(30 * MINUTE);
		assert_eq!(liquidated(), []);
		pass(2 * MINUTE);
		assert_eq!(liquidated()[0].0, id);
	});
}

#[test]
fn draws_should_wait_when_the_riskiest_vault_is_unsafe() {
	run(|| {
		let other = indebted(BOB, 1_000, 1_000);
		indebted(ALICE, 150, 1_000);
		fall_to(92);
		set_time(pallet_timestamp::Now::<Test>::get() + MINUTE);
		feed(RSV, Price::from_rational(84, 100));
		let draw = || PowerStablecoin::draw(origin(BOB), other, KWH).map_err(|failed| failed.error);
		assert_noop!(draw(), Error::<Test>::UnsafeFront);
		next_block();
		assert_eq!(liquidated().len(), 1);
		assert_ok!(draw());
	});
}

#[test]
fn vaults_should_go_one_by_one_when_weight_is_short() {
	run(|| {
		for _ in 0..3 {
			indebted(ALICE, 75, 500);
		}
		fall_to(92);
		set_time(pallet_timestamp::Now::<Test>::get() + MINUTE);
		feed(RSV, Price::from_rational(85, 100));
		assert_ok!(PowerStablecoin::liquidate(origin(BOB), RSV, 2)
			.map(|_| ())
			.map_err(|failed| failed.error));
		assert_eq!(liquidated().len(), 2);
		assert_eq!(PowerStablecoin::serve(Weight::MAX), Weight::zero());
		assert_eq!(liquidated().len(), 3);
	});
}

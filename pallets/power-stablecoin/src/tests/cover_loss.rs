//! Lost energy cover: cure, then wind-down.

use baseload_primitives::{views::WindDownView, Price, WattHours, DAY, HOUR, KWH, MINUTE};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::Perquintill;

use super::*;
use crate::{cover_loss::CURE, Error, Event, WindDowns};

fn check(id: VaultId) -> sp_runtime::DispatchResult {
	PowerStablecoin::check_cover(origin(BOB), id)
}

/// Alice's vault, safe, and its site silent.
fn silent() {
	ready();
	assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 1_000 * RESERVE));
	assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 900 * KWH));
	set_site(SITE, ALICE, WattHours(0));
}

#[test]
fn cure_should_begin_when_cover_is_lost_and_end_when_it_is_back() {
	run(|| {
		silent();
		assert_ok!(check(FIRST));
		assert_eq!(
			last_event(),
			Event::CoverChecked {
				vault: FIRST,
				uncovered: 900 * KWH,
				cure_until: Some(START + CURE)
			}
		);
		assert_noop!(check(FIRST), Error::<Test>::CurePeriodRuns);
		pass(DAY);
		let view = || PowerStablecoin::vault(FIRST).unwrap();
		assert_eq!((view().cure_in, view().winding_down), (Some(CURE - DAY), None));
		set_site(SITE, ALICE, energy_for(900));
		assert_ok!(check(FIRST));
		assert_eq!((vault(FIRST).cure_until, view().cure_in), (None, None));
		assert_noop!(check(FIRST), Error::<Test>::CoverHolds);
		assert_noop!(check(VaultId(9)), Error::<Test>::UnknownVault);
	});
}

#[test]
fn every_vault_should_be_looked_at_in_turn_when_nobody_calls() {
	run(|| {
		let vaults: Vec<_> = (0..10).map(|_| indebted(ALICE, 16, 100)).collect();
		for id in &vaults {
			set_site(SiteId(1_000 + id.0), ALICE, WattHours(0));
		}
		let noted = || vaults.iter().filter(|id| vault(**id).cure_until.is_some()).count();
		assert_eq!(noted(), 0);
		// A round ends with its last vault, and the next one begins in the block after it.
		let blocks = 1 + (vaults.len() + 2).div_ceil(4);
		for _ in 0..blocks {
			let before = noted();
			next_block();
			assert!(noted() - before <= 4);
		}
		assert_eq!(noted(), vaults.len());
		pass(CURE);
		(0..blocks).for_each(|_| next_block());
		assert!(vaults.iter().all(|id| WindDowns::<Test>::contains_key(RSV, id)));
		PowerStablecoin::do_try_state().unwrap();
	});
}

#[test]
fn uncovered_part_should_be_wound_down_a_thirtieth_a_day_when_the_cure_is_over() {
	run(|| {
		silent();
		set_site(SITE, ALICE, energy_for(600));
		assert_ok!(check(FIRST));
		pass(CURE - 1);
		assert_noop!(check(FIRST), Error::<Test>::CurePeriodRuns);
		pass(1);
		let view = PowerStablecoin::vault(FIRST).unwrap();
		let (left, a_day) = (300 * KWH, 10 * KWH);
		assert_eq!(
			(view.cure_in, view.winding_down),
			(Some(0), Some(WindDownView { left, a_day }))
		);
		// Safer than the genesis vault, and yet the first to be redeemed, ten KWH of it.
		let redeem = || {
			assert_ok!(PowerStablecoin::redeem(
				origin(BOB),
				50 * KWH,
				Perquintill::one(),
				Default::default()
			));
			pass(MINUTE);
		};
		redeem();
		assert_eq!((debt(FIRST), debt(GENESIS)), (890 * KWH, 9_960 * KWH));
		redeem();
		assert!(debt(FIRST) > 889 * KWH);
		pass(DAY);
		redeem();
		assert!(debt(FIRST) < 881 * KWH);
		// A part of par that its owner keeps: nobody is penalised.
		assert!(collateral(FIRST) >= 1_150 * RESERVE - 2 * RESERVE);
		// Covered again, it is left alone.
		set_site(SITE, ALICE, energy_for(900));
		assert_ok!(check(FIRST));
		assert!(WindDowns::<Test>::get(RSV, FIRST).is_none());
		pass(HOUR);
	});
}

#[test]
fn interest_and_inherited_debt_should_need_no_cover() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 900 * KWH));
		let uncovered = |drawn, owed| {
			let mut vault = vault(FIRST);
			vault.drawn = drawn;
			PowerStablecoin::uncovered(&vault, owed)
		};
		set_site(SITE, ALICE, energy_for(500));
		assert_eq!(uncovered(900 * KWH, 2_000 * KWH), 400 * KWH);
		assert_eq!(uncovered(900 * KWH, 600 * KWH), 100 * KWH);
		assert_eq!(uncovered(500 * KWH, 2_000 * KWH), 0);
	});
}

#[test]
fn every_vault_should_have_its_turn_when_more_are_wound_down_than_a_redemption_looks_at() {
	run(|| {
		let vaults: Vec<_> = (0..crate::MAX_STEPS + 8).map(|_| indebted(ALICE, 16, 100)).collect();
		for id in &vaults {
			set_site(SiteId(1_000 + id.0), ALICE, WattHours(0));
			assert_ok!(check(*id));
		}
		pass(CURE);
		for id in &vaults {
			// Those that had their turn are wound down already.
			let _ = check(*id);
		}
		let a_day = (100 * KWH).div_ceil(30);
		// The first takes a day's worth of each that it looks at; the second comes to those that are left.
		for amount in [a_day * 32, a_day * 8] {
			assert_ok!(PowerStablecoin::redeem(
				origin(ALICE),
				amount,
				Perquintill::one(),
				Default::default()
			));
			pass(MINUTE);
		}
		let left = vaults.iter().map(|id| WindDowns::<Test>::get(RSV, id).unwrap().left);
		assert!(left.into_iter().all(|left| left == 100 * KWH - a_day));
	});
}

#[test]
fn wind_down_should_keep_pace_when_cover_fades_little_by_little() {
	run(|| {
		silent();
		set_site(SITE, ALICE, WattHours(energy_for(900).0 - 1));
		assert_ok!(check(FIRST));
		pass(CURE);
		set_site(SITE, ALICE, WattHours(0));
		assert_ok!(check(FIRST));
		let wound = WindDowns::<Test>::get(RSV, FIRST).unwrap();
		assert_eq!((wound.left, wound.a_day), (900 * KWH, 30 * KWH));
	});
}

#[test]
fn wind_down_should_end_when_its_vault_is_liquidated() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 900 * KWH));
		set_site(SITE, ALICE, WattHours(0));
		assert_ok!(check(FIRST));
		pass(CURE);
		assert!(WindDowns::<Test>::contains_key(RSV, FIRST));
		for percents in [92, 84, 77] {
			feed(RSV, Price::from_rational(percents, 100));
			pass(MINUTE);
		}
		PowerStablecoin::do_try_state().unwrap();
		assert_eq!((debt(FIRST), vault(FIRST).cure_until), (0, None));
		assert!(!WindDowns::<Test>::contains_key(RSV, FIRST));
	});
}

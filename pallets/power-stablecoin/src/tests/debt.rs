//! Drawing, repaying, and sweeps of revenue.

use baseload_primitives::{DebtSweep, Price, VaultId, WattHours, KWH};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use super::*;
use crate::{Error, Event, Issuance, Issued};

fn draw(amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::draw(origin(ALICE), FIRST, amount)
		.map(|_| ())
		.map_err(|failed| failed.error)
}

fn repay(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::repay(origin(who), FIRST, amount)
}

#[test]
fn draw_should_mint_debt_when_both_covers_hold() {
	run(|| {
		ready();
		let before = kwh(ALICE);
		assert_ok!(draw(1_000 * KWH));
		assert_eq!(
			last_event(),
			Event::Drawn {
				vault: FIRST,
				amount: 1_000 * KWH,
				fee: 0,
				old_debt: 0,
				new_debt: 1_000 * KWH
			}
		);
		assert_eq!((kwh(ALICE), debt(FIRST)), (before + 1_000 * KWH, 1_000 * KWH));
		assert_eq!(kind(RSV).books.debt, 11_000 * KWH);
		assert_eq!(
			Issuance::<Test>::get(),
			Issued {
				genesis: 10_000 * KWH,
				minted: 1_000 * KWH,
				burnt: 0
			}
		);
	});
}

#[test]
fn draw_should_fail_when_collateral_alone_is_short() {
	run(|| {
		ready();
		set_site(SITE, ALICE, WattHours(u64::MAX));
		assert_noop!(draw(1_000 * KWH + UNIT + 1), Error::<Test>::CollateralTooLow);
		assert_ok!(draw(1_000 * KWH + UNIT));
		assert_noop!(draw(1), Error::<Test>::CollateralTooLow);
	});
}

#[test]
fn draw_should_fail_when_energy_alone_is_short() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 10_000 * RESERVE));
		assert_noop!(draw(1_000 * KWH + 1), Error::<Test>::EnergyTooLow);
		assert_ok!(draw(1_000 * KWH));
		assert_noop!(draw(1), Error::<Test>::EnergyTooLow);
	});
}

#[test]
fn draw_should_fail_when_there_is_no_cover_of_one_kind_at_all() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 10_000 * RESERVE));
		assert_noop!(draw(MIN_DEBT), Error::<Test>::EnergyTooLow);
		assert_ok!(PowerStablecoin::withdraw(origin(ALICE), FIRST, 10_000 * RESERVE));
		set_site(SITE, ALICE, WattHours(u64::MAX));
		assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SITE));
		assert_noop!(draw(MIN_DEBT), Error::<Test>::CollateralTooLow);
	});
}

#[test]
fn draw_should_fail_when_a_price_is_missing_or_zero() {
	run(|| {
		ready();
		let (some, zero) = (Some(Price::from_rational(1, 10)), Some(Price::from_inner(0)));
		for (reference, collateral) in [(None, some), (some, None), (None, None), (zero, some), (some, zero)] {
			set_prices(reference, collateral);
			assert_noop!(draw(MIN_DEBT), Error::<Test>::NoPrice);
		}
	});
}

#[test]
fn draw_should_fail_when_amount_owner_or_vault_is_wrong() {
	run(|| {
		ready();
		assert_noop!(draw(0), Error::<Test>::ZeroAmount);
		assert_noop!(draw(MIN_DEBT - 1), Error::<Test>::BelowMinDebt);
		let other = |who, vault| PowerStablecoin::draw(origin(who), vault, MIN_DEBT).map_err(|failed| failed.error);
		assert_noop!(other(BOB, FIRST), Error::<Test>::NotOwner);
		assert_noop!(other(ALICE, VaultId(9)), Error::<Test>::UnknownVault);
		assert_noop!(draw(Balance::MAX), Error::<Test>::BeyondWidth);
		assert_noop!(draw(Balance::MAX / 2), Error::<Test>::CollateralTooLow);
	});
}

#[test]
fn draw_should_fail_and_repayment_pass_when_units_of_debt_have_too_few_shares() {
	run(|| {
		ready();
		assert_ok!(draw(500 * KWH));
		// As after redistributions that went on and on: 2^23 shares for each unit.
		for id in [GENESIS, FIRST] {
			let old = vault(id).books.key().unwrap();
			Vaults::<Test>::mutate(id, |vault| vault.as_mut().unwrap().books.shares >>= 41);
			PowerStablecoin::move_place(RSV, id, Some(old), vault(id).books.key());
		}
		Types::<Test>::mutate(RSV, |kind| kind.as_mut().unwrap().books.shares >>= 41);
		assert_noop!(draw(KWH), Error::<Test>::SharesExhausted);
		assert_ok!(repay(BOB, 100 * KWH));
		assert_eq!(debt(FIRST), 400 * KWH);
	});
}

#[test]
fn draw_should_fail_when_the_ceiling_is_reached() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 50_000 * RESERVE));
		set_site(SITE, ALICE, WattHours(u64::MAX));
		let room = CEILING - 10_000 * KWH;
		assert_noop!(draw(room + 1), Error::<Test>::CeilingReached);
		assert_ok!(draw(room));
		assert_noop!(draw(1), Error::<Test>::CeilingReached);
		assert_ok!(repay(BOB, KWH));
		assert_ok!(draw(KWH));
	});
}

#[test]
fn repay_should_burn_at_most_the_debt_when_anybody_pays() {
	run(|| {
		ready();
		assert_ok!(draw(500 * KWH));
		let (before, supply) = (kwh(BOB), Balances::total_issuance());
		set_prices(None, None);
		assert_ok!(repay(BOB, 100 * KWH));
		assert_eq!(
			last_event(),
			Event::Repaid {
				vault: FIRST,
				by: BOB,
				amount: 100 * KWH,
				old_debt: 500 * KWH,
				new_debt: 400 * KWH
			}
		);
		assert_ok!(repay(BOB, Balance::MAX));
		assert_eq!((kwh(BOB), debt(FIRST)), (before - 500 * KWH, 0));
		assert_eq!(Balances::total_issuance(), supply - 500 * KWH);
		assert_eq!(
			Issuance::<Test>::get(),
			Issued {
				genesis: 10_000 * KWH,
				minted: 500 * KWH,
				burnt: 500 * KWH
			}
		);
		assert_noop!(repay(BOB, 1), Error::<Test>::NoDebt);
	});
}

#[test]
fn repay_should_fail_when_it_leaves_dust_debt() {
	run(|| {
		ready();
		assert_ok!(draw(MIN_DEBT + 5));
		assert_noop!(repay(BOB, 6), Error::<Test>::BelowMinDebt);
		assert_noop!(repay(BOB, MIN_DEBT + 4), Error::<Test>::BelowMinDebt);
		assert_noop!(repay(BOB, 0), Error::<Test>::ZeroAmount);
		assert_noop!(
			PowerStablecoin::repay(origin(BOB), VaultId(9), 1),
			Error::<Test>::UnknownVault
		);
		assert_ok!(repay(BOB, 5));
		assert_ok!(repay(BOB, MIN_DEBT));
	});
}

#[test]
fn repay_should_fail_when_the_payer_has_too_little_or_would_keep_dust() {
	run(|| {
		ready();
		assert_ok!(draw(500 * KWH));
		// An account that exists for its KWH alone.
		let payer = 77;
		assert_ok!(Balances::transfer_allow_death(origin(BOB), payer, 150 * KWH));
		assert_noop!(repay(payer, 150 * KWH + 1), TokenError::FundsUnavailable);
		assert_noop!(repay(payer, 150 * KWH - KWH_MIN + 1), TokenError::FundsUnavailable);
		assert_ok!(repay(payer, 150 * KWH - KWH_MIN));
		assert_ok!(repay(payer, KWH_MIN));
		assert_eq!((kwh(payer), debt(FIRST)), (0, 350 * KWH));
	});
}

#[test]
fn genesis_vault_should_be_repayable_when_its_declared_energy_is_gone() {
	run(|| {
		crate::DeclaredSince::<Test>::put(START);
		set_time(START + 2 * WINDOW);
		assert_noop!(
			PowerStablecoin::draw(origin(BANK), GENESIS, 1).map_err(|failed| failed.error),
			Error::<Test>::EnergyTooLow
		);
		assert_ok!(PowerStablecoin::repay(origin(ALICE), GENESIS, 1_000 * KWH));
		assert_eq!(debt(GENESIS), 9_000 * KWH);
	});
}

#[test]
fn retire_should_burn_at_most_the_debt_when_revenue_comes_in() {
	run(|| {
		ready();
		assert_ok!(draw(MIN_DEBT));
		assert_eq!(<PowerStablecoin as DebtSweep<_>>::owner(FIRST), Some(ALICE));
		assert_eq!(<PowerStablecoin as DebtSweep<_>>::debt(FIRST), MIN_DEBT);
		let before = kwh(BOB);
		// A sweep may leave dust debt: its amount is nobody's choice.
		assert_ok!(PowerStablecoin::retire(FIRST, &BOB, 30 * KWH), 30 * KWH);
		assert_eq!(
			last_event(),
			Event::Retired {
				vault: FIRST,
				from: BOB,
				amount: 30 * KWH,
				old_debt: MIN_DEBT,
				new_debt: 70 * KWH
			}
		);
		assert_ok!(PowerStablecoin::retire(FIRST, &BOB, Balance::MAX), 70 * KWH);
		assert_ok!(PowerStablecoin::retire(FIRST, &BOB, 1), 0);
		assert_eq!((kwh(BOB), debt(FIRST)), (before - MIN_DEBT, 0));
	});
}

#[test]
fn freed_headroom_should_be_drawable_when_a_sweep_retired_debt() {
	run(|| {
		ready();
		assert_ok!(draw(1_000 * KWH));
		assert_noop!(draw(1), Error::<Test>::EnergyTooLow);
		assert_ok!(PowerStablecoin::retire(FIRST, &BOB, 200 * KWH), 200 * KWH);
		assert_ok!(draw(200 * KWH));
		assert_noop!(draw(1), Error::<Test>::EnergyTooLow);
	});
}

#[test]
fn owner_should_repay_or_draw_out_of_dust_debt_when_a_sweep_left_it() {
	run(|| {
		ready();
		assert_ok!(draw(MIN_DEBT));
		assert_ok!(PowerStablecoin::retire(FIRST, &BOB, 30 * KWH), 30 * KWH);
		assert_noop!(repay(ALICE, KWH), Error::<Test>::BelowMinDebt);
		assert_noop!(draw(KWH), Error::<Test>::BelowMinDebt);
		assert_ok!(draw(30 * KWH));
		assert_ok!(PowerStablecoin::retire(FIRST, &BOB, KWH), KWH);
		assert_ok!(repay(ALICE, 99 * KWH));
	});
}

#[test]
fn retire_should_return_nothing_when_the_vault_is_unknown() {
	run(|| {
		assert_noop_ok(|| PowerStablecoin::retire(VaultId(9), &BOB, KWH));
		assert_eq!(<PowerStablecoin as DebtSweep<_>>::owner(VaultId(9)), None);
		assert_eq!(<PowerStablecoin as DebtSweep<_>>::debt(VaultId(9)), 0);
	});
}

#[test]
fn retire_should_change_nothing_when_the_payer_has_too_little() {
	run(|| {
		ready();
		assert_ok!(draw(500 * KWH));
		let payer = 77;
		assert_noop!(
			PowerStablecoin::retire(FIRST, &payer, KWH),
			TokenError::FundsUnavailable
		);
		assert_ok!(Balances::transfer_allow_death(origin(BOB), payer, KWH));
		assert_noop!(
			PowerStablecoin::retire(FIRST, &payer, KWH + 1),
			TokenError::FundsUnavailable
		);
		assert_ok!(PowerStablecoin::retire(FIRST, &payer, KWH), KWH);
	});
}

/// Retires nothing and touches nothing.
fn assert_noop_ok(retire: impl FnOnce() -> Result<Balance, sp_runtime::DispatchError>) {
	frame_support::assert_storage_noop!(assert_ok!(retire(), 0));
}

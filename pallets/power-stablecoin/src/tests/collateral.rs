//! Deposits and withdrawals.

use baseload_primitives::{Price, VaultId, BLD_TOKEN, KWH};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use super::*;
use crate::{Error, Event};

#[test]
fn deposit_should_come_from_anybody_when_the_vault_exists() {
	run(|| {
		ready();
		let (total, before) = (kind(RSV).books.collateral, reserve(BOB));
		assert_ok!(PowerStablecoin::deposit(origin(BOB), FIRST, 7));
		let (old, new) = (COLLATERAL, COLLATERAL + 7);
		assert_eq!(
			last_event(),
			Event::CollateralDeposited {
				vault: FIRST,
				from: BOB,
				old,
				new
			}
		);
		assert_eq!((reserve(BOB), collateral(FIRST)), (before - 7, new));
		assert_eq!(kind(RSV).books.collateral, total + 7);
	});
}

#[test]
fn deposit_should_fail_when_vault_amount_or_funds_are_missing() {
	run(|| {
		ready();
		let deposit = |vault, amount| PowerStablecoin::deposit(origin(BOB), vault, amount);
		assert_noop!(deposit(VaultId(9), RESERVE), Error::<Test>::UnknownVault);
		assert_noop!(deposit(FIRST, 0), Error::<Test>::ZeroAmount);
		assert_noop!(deposit(FIRST, reserve(BOB) + 1), TokenError::FundsUnavailable);
		// What would stay with the payer is dust.
		assert_noop!(
			deposit(FIRST, reserve(BOB) - RESERVE_MIN + 1),
			TokenError::NotExpendable
		);
		assert_ok!(deposit(FIRST, reserve(BOB)));
		assert_eq!(reserve(BOB), 0);
	});
}

#[test]
fn withdraw_should_stop_at_the_mint_ratio_when_there_is_debt() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 500 * KWH));
		let withdraw = |amount| PowerStablecoin::withdraw(origin(ALICE), FIRST, amount);
		// 500 KWH at 0.10 need more than 75 tokens at 1.00.
		assert_noop!(withdraw(75 * RESERVE + 1), Error::<Test>::CollateralTooLow);
		assert_ok!(withdraw(75 * RESERVE));
		assert_eq!(
			last_event(),
			Event::CollateralWithdrawn {
				vault: FIRST,
				old: COLLATERAL,
				new: COLLATERAL - 75 * RESERVE
			}
		);
		assert_noop!(withdraw(1), Error::<Test>::CollateralTooLow);
		set_prices(Some(Price::from_rational(1, 20)), Some(Price::from_u32(1)));
		assert_ok!(withdraw(1));
	});
}

#[test]
fn withdraw_should_need_prices_only_when_there_is_debt() {
	run(|| {
		ready();
		let withdraw = |amount| PowerStablecoin::withdraw(origin(ALICE), FIRST, amount);
		set_prices(None, None);
		assert_ok!(withdraw(50 * RESERVE));
		let some = Some(Price::from_rational(1, 10));
		set_prices(some, Some(Price::from_u32(1)));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 50 * RESERVE));
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, MIN_DEBT));
		let zero = Some(Price::from_inner(0));
		for (reference, collateral) in [(None, some), (some, None), (zero, some), (some, zero)] {
			set_prices(reference, collateral);
			assert_noop!(withdraw(1), Error::<Test>::NoPrice);
		}
	});
}

#[test]
fn withdraw_should_fail_when_not_the_owners_or_more_than_there_is() {
	run(|| {
		ready();
		let withdraw = |who, vault, amount| PowerStablecoin::withdraw(origin(who), vault, amount);
		assert_noop!(withdraw(ALICE, VaultId(9), 1), Error::<Test>::UnknownVault);
		assert_noop!(withdraw(BOB, FIRST, 1), Error::<Test>::NotOwner);
		assert_noop!(withdraw(ALICE, FIRST, 0), Error::<Test>::ZeroAmount);
		assert_noop!(
			withdraw(ALICE, FIRST, COLLATERAL + 1),
			Error::<Test>::NotEnoughCollateral
		);
		assert_ok!(withdraw(ALICE, FIRST, COLLATERAL));
	});
}

#[test]
fn last_unit_should_leave_when_the_account_keeps_only_its_own() {
	run(|| {
		assert_ok!(PowerStablecoin::repay(origin(ALICE), GENESIS, 1_900 * KWH));
		assert_ok!(PowerStablecoin::open(origin(ALICE), BLD_TOKEN));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 1));
		let account = PowerStablecoin::account();
		assert_eq!(Bonds::free_balance(account), KWH_MIN + 1);
		assert_ok!(PowerStablecoin::withdraw(origin(ALICE), FIRST, 1));
		assert_eq!(Bonds::free_balance(account), KWH_MIN);
	});
}

#[test]
fn vaults_should_keep_to_their_token_when_types_differ() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), BLD_TOKEN));
		let before = (Bonds::free_balance(ALICE), reserve(ALICE));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 500 * KWH));
		assert_eq!(
			(Bonds::free_balance(ALICE), reserve(ALICE)),
			(before.0 - 500 * KWH, before.1)
		);
		assert_eq!(kind(BLD_TOKEN).books.collateral, 500 * KWH);
		assert_eq!(kind(RSV).books.collateral, 3_000 * RESERVE);
		set_site(SITE, ALICE, energy_for(1_000));
		assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SITE));
		// A tenth of all debt at most: 10,000 / 9.
		assert_noop!(
			PowerStablecoin::draw(origin(ALICE), FIRST, 1_000 * KWH + 1).map_err(|failed| failed.error),
			Error::<Test>::EnergyTooLow
		);
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 1_000 * KWH));
		assert_eq!(
			(kind(BLD_TOKEN).books.debt, kind(RSV).books.debt),
			(1_000 * KWH, 10_000 * KWH)
		);
		assert_noop!(PowerStablecoin::open(origin(ALICE), 9), Error::<Test>::UnknownType);
	});
}

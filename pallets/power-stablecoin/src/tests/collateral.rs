//! Deposits and withdrawals.

use baseload_primitives::{Price, VaultId, KWH};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use super::*;
use crate::{Error, Event, TotalCollateral};

#[test]
fn deposit_should_come_from_anybody_when_the_vault_exists() {
	run(|| {
		ready();
		let (total, before) = (TotalCollateral::<Test>::get(), reserve(BOB));
		assert_ok!(PowerStablecoin::deposit(origin(BOB), FIRST, 7));
		let (old, new) = (150 * RESERVE, 150 * RESERVE + 7);
		assert_eq!(
			last_event(),
			Event::CollateralDeposited {
				vault: FIRST,
				from: BOB,
				old,
				new
			}
		);
		assert_eq!((reserve(BOB), vault(FIRST).collateral), (before - 7, new));
		assert_eq!(TotalCollateral::<Test>::get(), total + 7);
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
fn deposit_should_fail_when_it_leaves_the_vault_with_dust() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE)));
		let deposit = |amount| PowerStablecoin::deposit(origin(BOB), FIRST, amount);
		assert_noop!(deposit(RESERVE_MIN - 1), Error::<Test>::CollateralDust);
		assert_ok!(deposit(RESERVE_MIN));
		assert_ok!(deposit(1));
	});
}

#[test]
fn withdraw_should_stop_at_the_mint_ratio_when_there_is_debt() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 500 * KWH));
		let withdraw = |amount| PowerStablecoin::withdraw(origin(ALICE), FIRST, amount);
		// 500 KWH at 0.10 need 75 tokens at 1.00.
		assert_noop!(withdraw(75 * RESERVE + 1), Error::<Test>::CollateralTooLow);
		assert_ok!(withdraw(75 * RESERVE));
		assert_eq!(
			last_event(),
			Event::CollateralWithdrawn {
				vault: FIRST,
				old: 150 * RESERVE,
				new: 75 * RESERVE
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
		set_prices(some, some);
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
			withdraw(ALICE, FIRST, 150 * RESERVE + 1),
			Error::<Test>::NotEnoughCollateral
		);
		assert_noop!(
			withdraw(ALICE, FIRST, 150 * RESERVE - RESERVE_MIN + 1),
			Error::<Test>::CollateralDust
		);
		assert_ok!(withdraw(ALICE, FIRST, 150 * RESERVE));
	});
}

#[test]
fn last_withdrawal_should_pass_when_somebody_donated_dust() {
	ExtBuilder {
		vaults: vec![],
		..Default::default()
	}
	.build_and_execute(|| {
		// No KWH at all, so the vaults are put in place by hand.
		for (id, owner) in [(VaultId(0), ALICE), (VaultId(1), BOB)] {
			let empty = Vault {
				owner,
				collateral: 0,
				debt: 0,
				sites: Default::default(),
				deposit: 0,
				declared: Default::default(),
			};
			Vaults::<Test>::insert(id, empty);
			crate::NextVault::<Test>::put(VaultId(2));
			assert_ok!(PowerStablecoin::deposit(origin(owner), id, RESERVE_MIN));
		}
		assert_ok!(Reserve::transfer_allow_death(
			origin(BANK),
			PowerStablecoin::account(),
			1
		));
		assert_ok!(PowerStablecoin::withdraw(origin(ALICE), VaultId(0), RESERVE_MIN));
		assert_eq!(reserve(PowerStablecoin::account()), RESERVE_MIN + 1);
		assert_ok!(PowerStablecoin::withdraw(origin(BOB), VaultId(1), RESERVE_MIN));
		assert_eq!((reserve(ALICE), reserve(BOB)), (100_000 * RESERVE, 100_000 * RESERVE));
	});
}

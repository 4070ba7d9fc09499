//! Opening and closing.

use baseload_primitives::{VaultId, KWH};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use super::*;
use crate::{Error, Event, HoldReason, NextVault};

fn held(who: AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&HoldReason::VaultDeposit.into(), &who)
}

#[test]
fn open_should_hold_the_deposit_when_the_owner_can_spare_it() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		assert_eq!(
			last_event(),
			Event::VaultOpened {
				vault: FIRST,
				owner: ALICE,
				token: RSV,
				deposit: DEPOSIT
			}
		);
		assert_eq!((held(ALICE), kwh(ALICE)), (DEPOSIT, 1_995 * KWH));
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		assert_eq!((held(ALICE), NextVault::<Test>::get()), (2 * DEPOSIT, VaultId(3)));
	});
}

#[test]
fn open_should_fail_when_the_deposit_would_leave_dust() {
	run(|| {
		let most = kwh(BOB);
		assert_ok!(Balances::transfer_allow_death(
			origin(BOB),
			ALICE,
			most - DEPOSIT - KWH_MIN + 1
		));
		assert_noop!(PowerStablecoin::open(origin(BOB), RSV), TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(origin(ALICE), BOB, 1));
		assert_ok!(PowerStablecoin::open(origin(BOB), RSV));
		assert_eq!(kwh(BOB), KWH_MIN);
	});
}

#[test]
fn open_should_fail_when_ids_are_used_up() {
	run(|| {
		NextVault::<Test>::put(VaultId(u32::MAX));
		assert_noop!(PowerStablecoin::open(origin(ALICE), RSV), Error::<Test>::TooManyVaults);
	});
}

#[test]
fn close_should_give_everything_back_when_there_is_no_debt() {
	run(|| {
		let before = (kwh(ALICE), reserve(ALICE));
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 1_000 * KWH));
		assert_noop!(
			PowerStablecoin::close(origin(ALICE), FIRST),
			Error::<Test>::DebtOutstanding
		);
		assert_ok!(PowerStablecoin::repay(origin(ALICE), FIRST, 1_000 * KWH));
		// An exit needs no price.
		set_prices(None, None);
		assert_noop!(PowerStablecoin::close(origin(BOB), FIRST), Error::<Test>::NotOwner);
		assert_ok!(PowerStablecoin::close(origin(ALICE), FIRST));
		assert_eq!(
			last_event(),
			Event::VaultClosed {
				vault: FIRST,
				owner: ALICE,
				collateral: COLLATERAL,
				deposit: DEPOSIT
			}
		);
		assert_eq!((kwh(ALICE), reserve(ALICE), held(ALICE)), (before.0, before.1, 0));
		assert_eq!(Sites::get()[&SITE].2, None);
		assert_noop!(
			PowerStablecoin::close(origin(ALICE), FIRST),
			Error::<Test>::UnknownVault
		);
	});
}

#[test]
fn ids_should_not_be_used_again_when_a_vault_was_closed() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		assert_ok!(PowerStablecoin::close(origin(ALICE), FIRST));
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		assert!(Vaults::<Test>::get(FIRST).is_none());
		assert!(Vaults::<Test>::get(VaultId(2)).is_some());
	});
}

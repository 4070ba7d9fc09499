//! The invariants themselves: each is shown to notice what it is there for.

use baseload_primitives::{VaultId, KWH};
use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_runtime::TryRuntimeError;

use super::*;
use crate::{DeclaredSince, Issuance, NextVault, TotalCollateral, TotalDebt};

/// Breaks something after an ordinary history, and expects the numbered invariant to fail first.
fn broken(number: &str, damage: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		ready();
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 500 * KWH));
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

#[test]
fn invariant_2_should_fail_when_debt_is_misstated() {
	broken("2:", || change(FIRST, |vault| vault.debt -= 1));
	broken("2:", || TotalDebt::<Test>::mutate(|total| *total += 1));
	broken("2:", || {
		change(FIRST, |vault| vault.debt += 1);
		TotalDebt::<Test>::mutate(|total| *total += 1);
	});
}

#[test]
fn invariant_3_should_fail_when_collateral_is_misstated_or_gone() {
	broken("3:", || change(FIRST, |vault| vault.collateral += 1));
	broken("3:", || TotalCollateral::<Test>::mutate(|total| *total -= 1));
	broken("3:", || {
		Reserve::burn_from(
			&PowerStablecoin::account(),
			1,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Fortitude::Polite,
		)
		.unwrap();
	});
}

#[test]
fn invariant_3_should_hold_when_somebody_donates() {
	run(|| {
		ready();
		assert_ok!(Reserve::transfer_allow_death(
			origin(BOB),
			PowerStablecoin::account(),
			RESERVE
		));
	});
}

#[test]
fn invariant_4_should_fail_when_a_site_counts_twice_or_is_somebody_elses() {
	broken("4:", || change(GENESIS, |vault| vault.sites.try_push(SITE).unwrap()));
	broken("4:", || change(FIRST, |vault| vault.sites.try_push(SITE).unwrap()));
	broken("4:", || set_site(SITE, BOB, energy_for(1_000)));
}

#[test]
fn invariant_5_should_fail_when_a_deposit_is_not_held() {
	broken("5:", || change(FIRST, |vault| vault.deposit += 1));
}

#[test]
fn invariant_6_should_fail_when_an_id_would_be_given_out_again() {
	broken("6:", || NextVault::<Test>::put(FIRST));
}

#[test]
fn invariant_7_should_fail_when_declared_energy_fades_from_the_future() {
	broken("7:", || DeclaredSince::<Test>::put(1));
	broken("7:", || DeclaredSince::<Test>::put(0));
}

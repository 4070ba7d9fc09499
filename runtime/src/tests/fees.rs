//! No fee and no dust is ever burnt.

use super::*;
use crate::{
	configs::money::{DealWithFees, TreasuryAccount, EXISTENTIAL_DEPOSIT},
	Balances, RuntimeOrigin,
};
use baseload_primitives::KWH;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, Inspect},
		tokens::{Fortitude, Precision, Preservation},
		OnUnbalanced,
	},
};

#[test]
fn fees_should_stay_in_existence_when_there_is_no_author() {
	chain("development").execute_with(|| {
		let supply = Balances::total_issuance();
		let treasury = Balances::free_balance(TreasuryAccount::get());
		let fee = <Balances as Balanced<_>>::withdraw(
			&account(Sr25519Keyring::Dave),
			KWH,
			Precision::Exact,
			Preservation::Preserve,
			Fortitude::Polite,
		)
		.expect("Dave has that much");
		DealWithFees::on_unbalanceds([fee].into_iter());
		assert_eq!(Balances::total_issuance(), supply);
		assert_eq!(Balances::free_balance(TreasuryAccount::get()), treasury + KWH);
	});
}

#[test]
fn dust_should_go_to_the_treasury_when_an_account_dies() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let supply = Balances::total_issuance();
		let treasury = Balances::free_balance(TreasuryAccount::get());
		let newcomer = AccountId::new([7; 32]);
		assert_ok!(Balances::transfer_keep_alive(
			RuntimeOrigin::signed(account(Sr25519Keyring::Dave)),
			newcomer.clone().into(),
			KWH
		));
		assert_ok!(Balances::transfer_allow_death(
			RuntimeOrigin::signed(newcomer.clone()),
			account(Sr25519Keyring::Dave).into(),
			KWH - EXISTENTIAL_DEPOSIT / 2
		));
		assert_eq!(<Balances as Inspect<_>>::total_balance(&newcomer), 0);
		assert_eq!(Balances::total_issuance(), supply);
		assert_eq!(
			Balances::free_balance(TreasuryAccount::get()),
			treasury + EXISTENTIAL_DEPOSIT / 2
		);
	});
}

use baseload_primitives::{AgreementStatus, Side};

use super::*;
use crate::Agreements;

fn cut(fee: Balance, cap: u32, sweep: u32) -> Contract<AccountId> {
	let mut terms = terms();
	terms.months = 1;
	terms.cuts = Cuts {
		attestor_fee: fee,
		attestor_cap: cap,
		sweep,
	};
	let mut contract = with(terms);
	contract.vault = Some(VAULT);
	contract.payee = LENDER;
	contract
}

/// The one month is billed, paid and closed.
fn paid(contract: Contract<AccountId>) -> AgreementId {
	let id = metered(contract, 1_000, 700);
	at(day(1, 20));
	assert_ok!(settle(id));
	assert_eq!(record(id).status(), AgreementStatus::Completed);
	id
}

#[test]
fn payment_should_go_to_attestors_the_vaults_debt_and_the_payee() {
	run(|| {
		set_debt(VAULT, 10_000);
		Serving::set(&3);
		let id = paid(cut(31, 100_000, 400_000));
		// Of 31, what three can share; of 669 the sweep's floor.
		assert_eq!(free(&POT) - ED, 30);
		assert_eq!(Debts::get()[&VAULT.0], 10_000 - 267);
		assert_eq!((gained(&LENDER), gained(&BUYER)), (700 - 30 - 267, 300));
		let payouts = record(id).payouts;
		assert_eq!(
			(payouts.seen.attestors, payouts.paid.attestors, payouts.paid.burnt),
			(31, 30, 267)
		);
		assert_eq!(pot(id), 0);
	});
}

#[test]
fn payee_should_get_what_the_vault_does_not_owe_and_nobody_attests() {
	run(|| {
		set_debt(VAULT, 5);
		paid(cut(31, 100_000, 400_000));
		assert_eq!((free(&POT) - ED, Debts::get()[&VAULT.0], gained(&LENDER)), (0, 0, 695));
	});
}

#[test]
fn trouble_with_vault_or_attestors_should_hold_up_nobody() {
	for mode in [1, 2] {
		run(|| {
			set_debt(VAULT, 10_000);
			Serving::set(&3);
			SweepMode::set(&mode);
			PayMode::set(&mode);
			paid(cut(30, 100_000, 400_000));
			assert_eq!(
				(free(&POT) - ED, Debts::get()[&VAULT.0], gained(&LENDER)),
				(0, 10_000, 700)
			);
		});
	}
}

#[test]
fn claim_should_wait_for_the_payee_and_hold_up_nobody_else() {
	run(|| {
		let mut contract = cut(0, 0, 0);
		contract.payee = GHOST;
		let id = metered(contract, 1_000, 7);
		assert_noop!(claim(id), Error::<Test>::NothingToClaim);
		at(day(1, 20));
		assert_ok!(settle(id));
		assert_eq!((gained(&BUYER), free(&GHOST), pot(id)), (993, 0, 7 + ED));
		assert!(has_event(Event::LeftClaimable {
			agreement: id,
			payee: 7,
			buyer: 0,
			seller: 0,
		}));
		assert_noop!(claim(id), Error::<Test>::CannotReceive);
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), GHOST, ED));
		assert_ok!(claim(id));
		assert_eq!((free(&GHOST), pot(id)), (ED + 7, 0));
		assert_noop!(claim(id), Error::<Test>::NothingToClaim);
	});
}

#[test]
fn donation_should_be_nobodys() {
	run(|| {
		let mut contract = contract();
		contract.terms.months = 1;
		let id = metered(contract, 1_000, 700);
		let account = PpaEscrow::account_of(id);
		assert_ok!(Balances::transfer_allow_death(
			RuntimeOrigin::signed(ANYONE),
			account,
			500
		));
		at(day(1, 20));
		assert_ok!(settle(id));
		assert_eq!((gained(&BUYER), pot(id)), (300, 500));
	});
}

#[test]
fn buyer_who_cannot_receive_should_not_hold_up_the_cancellation() {
	run(|| {
		let mut contract = contract();
		contract.buyer = GHOST;
		contract.resolver = None;
		assert_ok!(propose(&SELLER, contract));
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), GHOST, ED));
		assert_ok!(accept(&GHOST, FIRST));
		assert_ok!(fund(FIRST, 3));
		assert_ok!(post_bond(FIRST, 5));
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), GHOST, 0));
		at(start(0) + 30 * DAY);
		assert_ok!(cancel(&ANYONE, FIRST));
		assert_eq!(record(FIRST).status(), AgreementStatus::Cancelled);
		assert_eq!((record(FIRST).payouts.due.buyer, pot(FIRST)), (3, 3 + ED));
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), GHOST, ED));
		assert_ok!(claim(FIRST));
		assert!(!Agreements::<Test>::contains_key(FIRST));
		assert_eq!((free(&GHOST), gained(&SELLER)), (ED + 3, 5));
	});
}

#[test]
fn close_should_go_through_when_buyer_and_payee_are_gone() {
	run(|| {
		let mut contract = cut(0, 0, 0);
		contract.payee = GHOST;
		let id = metered(contract.clone(), 9, 7);
		assert_ok!(post_bond(id, 40));
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), BUYER, 0));
		let before = free(&SELLER);
		at(day(1, 20));
		assert_ok!(settle(id));
		assert_eq!(record(id).status(), AgreementStatus::Completed);
		assert_eq!((free(&SELLER) - before, free(&BUYER), free(&GHOST)), (40, 0, 0));
		let due = record(id).payouts.due;
		assert_eq!((due.buyer, due.payee, due.seller, pot(id)), (2, 7, 0, 9 + ED));
		// The registers are free for the next agreement.
		contract.buyer = OTHER_BUYER;
		contract.terms.start = Start::Month(month(2));
		contract.conditions.by = day(2, 0);
		active(contract, 1);
		assert_noop!(claim(id), Error::<Test>::CannotReceive);
		assert_ok!(Balances::force_set_balance(RuntimeOrigin::root(), BUYER, ED));
		assert_ok!(claim(id));
		assert_eq!((free(&BUYER), record(id).payouts.due.payee), (ED + 2, 7));
	});
}

#[test]
fn security_should_not_be_taken_back_or_drawn_without_default() {
	run(|| {
		let mut contract = contract();
		contract.terms.months = 1;
		let id = metered(contract, 100, 700);
		assert_ok!(secure(id, 5_000));
		let withdraw = |amount| dispatch(&BUYER, Call::withdraw { agreement: id, amount });
		assert_noop!(withdraw(1), Error::<Test>::Short);
		at(day(1, 20));
		assert_ok!(settle(id));
		// Due, and not in default yet: the security stays.
		assert_eq!((billing(id).ledger.security, billing(id).ledger.arrears), (5_000, 600));
		at(day(1, 36));
		assert_ok!(settle(id));
		assert_eq!(
			(gained(&BUYER), record(id).status()),
			(4_400, AgreementStatus::Completed)
		);
	});
}

#[test]
fn buyer_should_take_back_only_what_no_bill_needs() {
	run(|| {
		let id = metered(contract(), 1_000, 700);
		let withdraw = |who: &AccountId, amount| dispatch(who, Call::withdraw { agreement: id, amount });
		assert_noop!(withdraw(&SELLER, 1), Error::<Test>::NotParty);
		assert_noop!(withdraw(&BUYER, 0), Error::<Test>::ZeroAmount);
		assert_noop!(withdraw(&BUYER, 301), Error::<Test>::Short);
		assert_ok!(withdraw(&BUYER, 300));
		assert_eq!((gained(&BUYER), record(id).account(Side::Buyer)), (300, &BUYER));
	});
}

use baseload_math::billing::terms::Operation;
use baseload_primitives::AgreementStatus;

use super::*;
use crate::{Agreements, Running};

fn conditional() -> Contract<AccountId> {
	let mut contract = contract();
	contract.conditions.escrow = 100;
	contract.conditions.security = 50;
	contract.conditions.bond = 70;
	contract
}

#[test]
fn agreement_should_bind_only_when_all_conditions_are_met() {
	run(|| {
		let id = accepted(conditional());
		for pay in [fund, secure, post_bond] {
			assert_noop!(activate(id), Error::<Test>::ConditionsNotMet);
			assert_ok!(pay(id, 50));
			assert_ok!(pay(id, 50));
		}
		assert_ok!(activate(id));
		let ledger = billing(id).ledger;
		assert_eq!((ledger.escrow, ledger.security, ledger.bond), (100, 100, 100));
		assert_eq!((record(id).status(), pot(id)), (AgreementStatus::Active, 300 + ED));
		assert!(Running::<Test>::contains_key(id));
		assert_noop!(activate(id), Error::<Test>::WrongStatus);
	});
}

#[test]
fn anyone_should_cancel_after_the_longstop_and_everybody_get_theirs_back() {
	run(|| {
		let id = accepted(conditional());
		assert_ok!(fund(id, 30));
		assert_ok!(secure(id, 20));
		assert_ok!(post_bond(id, 70));
		at(start(0) + 30 * DAY - 1);
		for who in [SELLER, BUYER, ANYONE] {
			assert_noop!(cancel(&who, id), Error::<Test>::LongstopNotReached);
		}
		at(start(0) + 30 * DAY);
		assert_ok!(cancel(&ANYONE, id));
		assert_eq!((gained(&BUYER), gained(&SELLER), gained(&ANYONE)), (50, 70, -120));
		assert!(!Agreements::<Test>::contains_key(id));
		assert_eq!(pot(id), 0);
	});
}

#[test]
fn everybody_should_get_theirs_back_when_the_meter_is_removed_before_the_agreement_binds() {
	run(|| {
		let id = accepted(conditional());
		for pay in [fund, secure, post_bond] {
			assert_ok!(pay(id, 100));
		}
		let mut meters = Meters::get();
		meters.remove(&METER.0);
		Meters::set(&meters);
		assert_noop!(activate(id), Error::<Test>::NotMeterOwner);
		at(start(0) + 30 * DAY);
		assert_ok!(cancel(&ANYONE, id));
		assert_eq!((gained(&BUYER), gained(&SELLER), gained(&ANYONE)), (200, 100, -300));
		assert_eq!(pot(id), 0);
	});
}

#[test]
fn longstop_should_wait_while_the_chain_stands_still() {
	run(|| {
		let id = accepted(conditional());
		halt(10 * DAY);
		at(start(0) + 39 * DAY);
		assert_noop!(cancel(&ANYONE, id), Error::<Test>::LongstopNotReached);
		at(start(0) + 40 * DAY);
		assert_ok!(cancel(&ANYONE, id));
	});
}

#[test]
fn both_should_call_an_accepted_agreement_off_at_any_time() {
	run(|| {
		let id = accepted(conditional());
		assert_ok!(fund(id, 30));
		assert_ok!(request(&BUYER, id, Change::Cancel));
		assert_ok!(agree(&SELLER, id, &Change::Cancel));
		assert_eq!((gained(&BUYER), gained(&SELLER)), (30, 0));
		assert!(!Agreements::<Test>::contains_key(id));
	});
}

#[test]
fn money_should_be_refused_when_nobody_could_give_it_back() {
	run(|| {
		assert_noop!(fund(FIRST, 1), Error::<Test>::UnknownAgreement);
		assert_ok!(propose(&SELLER, contract()));
		for pay in [fund, secure, post_bond] {
			assert_noop!(pay(FIRST, 1), Error::<Test>::WrongStatus);
			assert_noop!(pay(FIRST, 0), Error::<Test>::ZeroAmount);
		}
		assert_ok!(accept(&BUYER, FIRST));
		assert!(fund(FIRST, RICH).is_err(), "the payer stays alive");
	});
}

fn with_operation() -> Contract<AccountId> {
	let mut contract = contract();
	contract.terms.start = Start::Operation(Operation {
		register: 0,
		wh: 5_000,
		target: day(0, 10),
		longstop: day(4, 0),
		delay_per_day: 3,
		delay_cap: 40,
	});
	contract
}

#[test]
fn operation_should_be_proven_by_the_meter_and_late_operation_cost() {
	run(|| {
		let id = active(with_operation(), 9_000);
		assert_ok!(post_bond(id, 100));
		assert_eq!(record(id).status(), AgreementStatus::Waiting);
		at(start(0));
		read(METER, 1_000);
		at(day(0, 14) + 1);
		read(METER, 5_000);
		at(start(1));
		read(METER, 6_000);
		at(start(2));
		read(METER, 8_000);
		at(day(2, 20));
		assert_ok!(settle(id));
		let billing = billing(id);
		// Five days begun, and the first whole month after it.
		assert_eq!((billing.ledger.damages, billing.first_month), (15, Some(month(1))));
		assert_eq!((billing.ledger.accrued, billing.ledger.setoff), (2_000, 0));
		assert_eq!(billing.ledger.bond_paid, 15, "the damages fell due before the bill");
	});
}

#[test]
fn buyer_should_leave_at_the_longstop_when_operation_is_not_proven() {
	run(|| {
		let id = active(with_operation(), 100);
		assert_ok!(post_bond(id, 25));
		at(day(4, 0) - 1);
		assert_noop!(terminate(&BUYER, id, Ending::Longstop), Error::<Test>::NotEntitled);
		at(day(4, 0));
		assert_noop!(terminate(&SELLER, id, Ending::Longstop), Error::<Test>::NotParty);
		assert_ok!(terminate(&BUYER, id, Ending::Longstop));
		at(day(4, 20));
		assert_ok!(settle(id));
		// The damages are capped at 40; the bond has 25.
		assert_eq!(
			(gained(&BUYER), record(id).status()),
			(125, AgreementStatus::Terminated)
		);
		assert_eq!(billing(id).ledger.seller_owes, 15);
		assert!(crate::Shares::<Test>::get(METER).rows.is_empty());
	});
}

#[test]
fn operation_should_be_refused_when_the_meter_has_proven_it_before() {
	run(|| {
		at(start(0));
		read(METER, 5_000);
		let mut early = with_operation();
		early.conditions.by = day(50, 0);
		assert_noop!(propose(&SELLER, early.clone()), Error::<Test>::OperationPast);
		// Proven between proposal and beginning: the months since can still be billed, unless they lie too far back.
		let Start::Operation(operation) = &mut early.terms.start else {
			panic!("it waits for operation");
		};
		operation.wh = 5_001;
		let (one, other) = (accepted(early.clone()), accepted(early));
		at(day(1, 1));
		read(METER, 6_000);
		assert_ok!(activate(one));
		assert_eq!(record(one).status(), AgreementStatus::Waiting);
		at(day(27, 0));
		assert_noop!(activate(other), Error::<Test>::OperationPast);
	});
}

#[test]
fn operation_should_be_refused_when_the_meter_may_prove_it_for_months_too_far_back() {
	run(|| {
		at(start(0));
		read(METER, 1_000);
		let mut silent = with_operation();
		silent.conditions.by = day(30, 0);
		let silent = accepted(silent);
		at(day(25, 0));
		// What it counted since start(0) may come at any time.
		assert_noop!(activate(silent), Error::<Test>::OperationPast);
		read(METER, 1_001);
		assert_ok!(activate(silent));
	});
}

#[test]
fn conditions_should_not_be_met_any_more_when_their_longstop_is_past() {
	run(|| {
		let id = accepted(contract());
		at(start(0) + 30 * DAY);
		assert_noop!(activate(id), Error::<Test>::ConditionsExpired);
		assert_ok!(cancel(&ANYONE, id));
		let mut old = contract();
		old.conditions.by = day(40, 0);
		let old = accepted(old);
		at(day(25, 0));
		assert_noop!(activate(old), Error::<Test>::BadStart);
	});
}

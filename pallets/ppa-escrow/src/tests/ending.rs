use baseload_primitives::{AgreementStatus, Side};

use super::*;

fn ending_terms() -> Terms {
	let mut terms = terms();
	terms.volume.quantity = 1_200;
	terms.termination = Termination {
		months: 6,
		buyer: 500_000,
		seller: 250_000,
		buyout: 100_000,
	};
	terms
}

fn notify(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	dispatch(who, Call::notify_lender { agreement })
}

fn assign(agreement: AgreementId) {
	assert_ok!(dispatch(
		&SELLER,
		Call::assign {
			agreement,
			lender: LENDER
		}
	));
}

fn step_in(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	dispatch(
		who,
		Call::step_in {
			agreement,
			operator: RESOLVER,
			payee: LENDER,
		},
	)
}

/// The buyer has not paid 700 and is in default.
fn buyer_in_default() -> AgreementId {
	let id = metered(with(ending_terms()), 0, 700);
	at(day(1, 36));
	assert_ok!(settle(id));
	assert!(billing(id).delinquent);
	id
}

/// The seller guaranteed to deliver, did not, and owes damages.
fn seller_in_default() -> AgreementId {
	let mut terms = ending_terms();
	terms.months = 24;
	terms.volume.guarantee = 1_000_000;
	terms.volume.ld_price = UNIT;
	terms.volume.ld_cap = 1_000_000;
	let id = metered(with(terms), 100_000, 1);
	for period in 2..=12 {
		at(start(period));
		read(METER, 1_001);
	}
	at(day(12, 1));
	assert_ok!(settle(id));
	at(day(12, 20));
	assert_ok!(settle(id));
	assert!(billing(id).ledger.seller_owes > 0);
	id
}

#[test]
fn seller_should_end_the_agreement_for_the_buyers_default() {
	run(|| {
		let id = metered(with(ending_terms()), 0, 700);
		assert_ok!(secure(id, 300));
		at(day(1, 36) - DAY);
		assert_noop!(terminate(&SELLER, id, Ending::Seller), Error::<Test>::NotEntitled);
		at(day(1, 36));
		assert_noop!(terminate(&BUYER, id, Ending::Seller), Error::<Test>::NotParty);
		assert_ok!(terminate(&SELLER, id, Ending::Seller));
		// 1,200 Wh x 6 / 12 months at one unit, half of it.
		assert_eq!((record(id).termination_bill, billing(id).end), (300, 3));
		assert_noop!(terminate(&SELLER, id, Ending::Seller), Error::<Test>::Ended);
		assert_ok!(fund(id, 5_000));
		at(start(3));
		read(METER, 1_700);
		at(day(4, 0));
		assert_ok!(settle(id));
		assert_eq!(record(id).status(), AgreementStatus::Terminated);
		let ledger = billing(id).ledger;
		assert_eq!(
			(ledger.accrued, ledger.paid, gained(&BUYER)),
			(1_000, 1_000, 5_300 - 1_000)
		);
	});
}

#[test]
fn buyer_should_end_the_agreement_for_the_sellers_default() {
	run(|| {
		let id = seller_in_default();
		assert_noop!(terminate(&SELLER, id, Ending::Buyer), Error::<Test>::NotParty);
		assert_ok!(terminate(&BUYER, id, Ending::Buyer));
		// A quarter of 600 on top of the damages.
		assert_eq!(billing(id).ledger.credited, 1_199 + 150);
	});
}

#[test]
fn buyer_should_buy_itself_out_when_its_escrow_covers_it() {
	run(|| {
		let id = metered(with(ending_terms()), 750, 700);
		assert_ok!(settle(id));
		let before = record(id);
		assert_ok!(terminate(&BUYER, id, Ending::Buyout));
		assert_eq!(record(id).termination_bill, 60);
		assert!(before != record(id));
	});
}

#[test]
fn lender_should_know_in_time_before_a_default_ends_the_agreement() {
	run(|| {
		let id = buyer_in_default();
		assert_noop!(notify(&SELLER, id), Error::<Test>::NoLender);
		assign(id);
		assert_noop!(terminate(&SELLER, id, Ending::Seller), Error::<Test>::LenderNotNotified);
		assert_noop!(notify(&BUYER, id), Error::<Test>::NotEntitled);
		assert_ok!(notify(&SELLER, id));
		assert_noop!(notify(&SELLER, id), Error::<Test>::LenderKnows);
		at(Unix::get() + 5 * DAY - 1);
		assert_noop!(
			terminate(&SELLER, id, Ending::Seller),
			Error::<Test>::LenderNoticeRunning
		);
		at(Unix::get() + 1);
		assert_ok!(terminate(&SELLER, id, Ending::Seller));
	});
}

#[test]
fn notice_should_count_for_its_own_default_only() {
	run(|| {
		let id = buyer_in_default();
		assign(id);
		assert_ok!(notify(&SELLER, id));
		assert_ok!(fund(id, 700));
		at(start(3));
		read(METER, 2_700);
		at(day(4, 20));
		assert_ok!(settle(id));
		assert!(billing(id).delinquent);
		assert_noop!(terminate(&SELLER, id, Ending::Seller), Error::<Test>::LenderNotNotified);
		assert_ok!(notify(&SELLER, id));
	});
}

#[test]
fn lender_should_cure_the_sellers_default() {
	run(|| {
		let id = seller_in_default();
		assign(id);
		assert_ok!(notify(&BUYER, id));
		at(Unix::get() + DAY);
		let owed = billing(id).ledger.seller_owes;
		assert_ok!(dispatch(
			&LENDER,
			Call::post_bond {
				agreement: id,
				amount: owed
			}
		));
		at(Unix::get() + 10 * DAY);
		assert_noop!(terminate(&BUYER, id, Ending::Buyer), Error::<Test>::LenderNotNotified);
	});
}

#[test]
fn lender_should_step_in_and_have_more_time() {
	run(|| {
		let id = seller_in_default();
		assign(id);
		assert_noop!(step_in(&LENDER, id), Error::<Test>::LenderNotNotified);
		assert_ok!(notify(&BUYER, id));
		assert_noop!(step_in(&ANYONE, id), Error::<Test>::NotLender);
		assert_ok!(step_in(&LENDER, id));
		assert_noop!(step_in(&LENDER, id), Error::<Test>::SteppedInBefore);
		let record = record(id);
		assert_eq!((record.operator(), &record.deal.payee), (&RESOLVER, &LENDER));
		assert_eq!(
			(record.side(&SELLER), record.side(&RESOLVER)),
			(None, Some(Side::Seller))
		);
		at(Unix::get() + 11 * DAY);
		assert_noop!(terminate(&BUYER, id, Ending::Buyer), Error::<Test>::LenderNoticeRunning);
		at(Unix::get() + DAY);
		assert_ok!(terminate(&BUYER, id, Ending::Buyer));
	});
}

#[test]
fn lender_should_be_assigned_once_and_discharge_itself() {
	run(|| {
		let id = active(contract(), 0);
		let assign_to = |who: &AccountId, lender: AccountId| dispatch(who, Call::assign { agreement: id, lender });
		assert_noop!(assign_to(&BUYER, LENDER), Error::<Test>::NotParty);
		assert_noop!(assign_to(&SELLER, BUYER), Error::<Test>::BadLender);
		assert_ok!(assign_to(&SELLER, LENDER));
		assert_noop!(assign_to(&SELLER, RESOLVER), Error::<Test>::HasLender);
		let discharge = |who: &AccountId| dispatch(who, Call::discharge { agreement: id });
		assert_noop!(discharge(&SELLER), Error::<Test>::NotLender);
		assert_ok!(discharge(&LENDER));
		assert_eq!(record(id).lender, None);
	});
}

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
			operator: ANYONE,
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
	short_of_guarantee(false)
}

/// The same, its rights being assigned to the lender from the start.
fn assigned_in_default() -> AgreementId {
	short_of_guarantee(true)
}

fn short_of_guarantee(assigned: bool) -> AgreementId {
	let mut terms = ending_terms();
	terms.months = 24;
	terms.volume.guarantee = 1_000_000;
	terms.volume.ld_price = UNIT;
	terms.volume.ld_cap = 1_000_000;
	let id = metered(with(terms), 100_000, 1);
	if assigned {
		assign(id);
	}
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
		// 700 of it are the open bill's, and 60 the price.
		assert_noop!(terminate(&BUYER, id, Ending::Buyout), Error::<Test>::Short);
		assert_ok!(fund(id, 10));
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
		let id = assigned_in_default();
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
		let id = assigned_in_default();
		assert_noop!(step_in(&LENDER, id), Error::<Test>::LenderNotNotified);
		assert_ok!(notify(&BUYER, id));
		assert_noop!(step_in(&ANYONE, id), Error::<Test>::NotLender);
		assert_ok!(step_in(&LENDER, id));
		assert_noop!(step_in(&LENDER, id), Error::<Test>::SteppedInBefore);
		let record = record(id);
		assert_eq!((record.operator(), &record.deal.payee), (&ANYONE, &LENDER));
		assert_eq!((record.side(&SELLER), record.side(&ANYONE)), (None, Some(Side::Seller)));
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
		assert_noop!(assign_to(&SELLER, RESOLVER), Error::<Test>::BadLender);
		assert_ok!(assign_to(&SELLER, LENDER));
		assert_noop!(assign_to(&SELLER, ANYONE), Error::<Test>::HasLender);
		let discharge = |who: &AccountId| dispatch(who, Call::discharge { agreement: id });
		assert_noop!(discharge(&SELLER), Error::<Test>::NotLender);
		assert_ok!(discharge(&LENDER));
		assert_eq!(record(id).lender, None);
	});
}

#[test]
fn seller_in_default_should_not_take_the_buyers_exit_away_when_lenders_change() {
	run(|| {
		let id = assigned_in_default();
		assert_ok!(notify(&BUYER, id));
		at(Unix::get() + 5 * DAY - 1);
		assert_ok!(dispatch(&LENDER, Call::discharge { agreement: id }));
		let assign_to = |lender: AccountId| dispatch(&SELLER, Call::assign { agreement: id, lender });
		assert_noop!(assign_to(OTHER_BUYER), Error::<Test>::InDefault);
		// Nobody has to be told any more.
		assert_ok!(terminate(&BUYER, id, Ending::Buyer));
	});
}

#[test]
fn notice_and_step_in_should_outlive_a_discharge() {
	run(|| {
		let id = assigned_in_default();
		assert_ok!(notify(&BUYER, id));
		assert_ok!(step_in(&LENDER, id));
		let before = (record(id).notices, record(id).stepped_in_at);
		assert_ok!(dispatch(&LENDER, Call::discharge { agreement: id }));
		assert_eq!((record(id).notices, record(id).stepped_in_at), before);
		// Cured, who acts for the seller may assign again, the seller itself not; the next lender cannot step in a second time.
		assert_ok!(post_bond(id, billing(id).ledger.seller_owes));
		let assign_by = |who: &AccountId| {
			let lender = LENDER;
			dispatch(who, Call::assign { agreement: id, lender })
		};
		assert_noop!(assign_by(&SELLER), Error::<Test>::NotParty);
		assert_ok!(assign_by(&ANYONE));
		assert_noop!(step_in(&LENDER, id), Error::<Test>::SteppedInBefore);
	});
}

#[test]
fn notice_should_stand_when_only_one_of_several_debts_is_paid() {
	run(|| {
		let id = assigned_in_default();
		// Two debts, both past due.
		let mut owing = record(id);
		if let crate::Stage::Running(billing) = &mut owing.stage {
			let whole = billing.credits[0];
			let (first, second) = (100, whole.amount - 100);
			let debt = |amount, due| baseload_math::billing::agreement::Credit { amount, due, ..whole };
			let debts = vec![debt(first, whole.due), debt(second, whole.due + DAY)];
			billing.credits = debts.try_into().expect("two");
		}
		crate::Agreements::<Test>::insert(id, owing);
		assert_ok!(notify(&BUYER, id));
		at(Unix::get() + 5 * DAY);
		assert_ok!(post_bond(id, 100));
		assert_noop!(notify(&BUYER, id), Error::<Test>::LenderKnows);
		assert_ok!(terminate(&BUYER, id, Ending::Buyer));
	});
}

#[test]
fn next_lender_should_be_asked_anew_when_the_one_before_had_agreed() {
	run(|| {
		let id = active(contract(), 0);
		assign(id);
		assert_ok!(request(&SELLER, id, Change::Suspend));
		assert_ok!(agree(&LENDER, id, &Change::Suspend));
		assert_ok!(dispatch(&LENDER, Call::discharge { agreement: id }));
		let lender = OTHER_BUYER;
		assert_ok!(dispatch(&SELLER, Call::assign { agreement: id, lender }));
		assert_ok!(agree(&BUYER, id, &Change::Suspend));
		assert!(billing(id).suspensions.is_empty());
		assert_ok!(agree(&OTHER_BUYER, id, &Change::Suspend));
		assert_eq!(billing(id).suspensions.len(), 1);
	});
}

#[test]
fn notice_should_stay_when_the_other_side_gives_its_own() {
	run(|| {
		let id = assigned_in_default();
		assert_ok!(notify(&BUYER, id));
		// The buyer is in default too.
		let mut late = record(id);
		if let crate::Stage::Running(billing) = &mut late.stage {
			billing.delinquent = true;
			billing.since = Some(1);
		}
		crate::Agreements::<Test>::insert(id, late);
		at(Unix::get() + 5 * DAY);
		assert_ok!(notify(&SELLER, id));
		assert_eq!(record(id).notices.newest().map(|(side, _)| side), Some(Side::Seller));
		assert_ok!(terminate(&BUYER, id, Ending::Buyer));
	});
}

#[test]
fn lender_should_not_step_in_when_the_default_is_cured() {
	run(|| {
		let id = assigned_in_default();
		assert_ok!(notify(&BUYER, id));
		assert_ok!(post_bond(id, billing(id).ledger.seller_owes));
		assert_noop!(step_in(&LENDER, id), Error::<Test>::LenderNotNotified);
	});
}

#[test]
fn resolver_should_be_nobodys_hand_when_a_lender_steps_in() {
	run(|| {
		let id = assigned_in_default();
		assert_ok!(notify(&BUYER, id));
		for (operator, payee) in [(RESOLVER, LENDER), (ANYONE, RESOLVER)] {
			let call = Call::step_in {
				agreement: id,
				operator,
				payee,
			};
			assert_noop!(dispatch(&LENDER, call), Error::<Test>::BadResolver);
		}
	});
}

#[test]
fn step_in_should_drop_what_the_seller_asked_for() {
	run(|| {
		let id = assigned_in_default();
		assert_ok!(notify(&BUYER, id));
		assert_ok!(request(&SELLER, id, Change::Suspend));
		assert_ok!(step_in(&LENDER, id));
		assert_eq!(record(id).request, None);
		assert_noop!(agree(&BUYER, id, &Change::Suspend), Error::<Test>::NothingRequested);
	});
}

fn unproven() -> AgreementId {
	let mut contract = with(ending_terms());
	contract.terms.start = Start::Operation(baseload_math::billing::terms::Operation {
		register: 0,
		wh: 5_000,
		target: day(0, 10),
		longstop: day(4, 0),
		delay_per_day: 3,
		delay_cap: 40,
	});
	let id = active(contract, 500);
	assert_ok!(post_bond(id, 100));
	id
}

#[test]
fn anyone_should_end_what_never_began_when_the_buyer_is_gone() {
	run(|| {
		let id = unproven();
		assign(id);
		let until = day(4, 0) + crate::ending::ABANDONED + 12 * DAY;
		at(until - 1);
		for who in [SELLER, ANYONE] {
			assert_noop!(terminate(&who, id, Ending::Longstop), Error::<Test>::NotParty);
		}
		at(until);
		assert_ok!(terminate(&SELLER, id, Ending::Longstop));
		at(until + 1);
		assert_ok!(settle(id));
		assert_eq!(record(id).status(), AgreementStatus::Terminated);
		// The delay at its cap goes to the buyer, the rest of the bond to the seller.
		let ledger = billing(id).ledger;
		assert_eq!((ledger.to_buyer, ledger.to_seller), (540, 60));
	});
}

#[test]
fn longstop_should_free_the_registers_whenever_the_proof_turns_final() {
	for settles in [true, false] {
		run(|| {
			let id = unproven();
			at(day(4, 1));
			assert_ok!(terminate(&BUYER, id, Ending::Longstop));
			at(day(4, 1) + 1);
			if settles {
				assert_ok!(settle(id));
			}
			read(METER, 9_000);
			at(day(4, 1) + 2);
			if !settles {
				assert_ok!(settle(id));
			}
			assert!(crate::Shares::<Test>::get(METER).rows.is_empty());
			let mut next = contract();
			next.terms.start = Start::Month(month(4));
			next.conditions.by = day(5, 0);
			active(next, 0);
		});
	}
}

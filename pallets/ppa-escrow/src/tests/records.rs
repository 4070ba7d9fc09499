use super::*;
use crate::{records::MAX_FORGET, Agreements, Bills};

fn forget(who: &AccountId, agreement: AgreementId, bills: u32) -> DispatchResult {
	dispatch(who, Call::forget { agreement, bills })
}

/// Two months long, completed and paid.
fn completed() -> AgreementId {
	let mut contract = contract();
	contract.terms.months = 2;
	let id = metered(contract, 5_000, 700);
	at(start(2));
	read(METER, 1_900);
	at(day(2, 20));
	assert_ok!(settle(id));
	assert!(record(id).closed_at.is_some());
	id
}

#[test]
fn records_should_stay_until_the_retention_is_over_and_then_go_with_the_deposit_back() {
	run(|| {
		let id = completed();
		let deposit = (DEPOSIT + 2 * BILL_DEPOSIT) as i128;
		assert_eq!(gained(&SELLER), 900 - deposit);
		assert_eq!(PpaEscrow::bills(id, 0, 9).len(), 2);
		// It closed when its last bill was due.
		at(day(2, 15) + RETENTION - 1);
		assert_noop!(forget(&SELLER, id, 9), Error::<Test>::TooEarly);
		at(day(2, 15) + RETENTION);
		assert_noop!(forget(&BUYER, id, 9), Error::<Test>::NotParty);
		for bills in [0, MAX_FORGET + 1] {
			assert_noop!(forget(&SELLER, id, bills), Error::<Test>::BadSteps);
		}
		assert_ok!(forget(&SELLER, id, 9));
		assert!(!Agreements::<Test>::contains_key(id));
		assert_eq!((Bills::<Test>::iter_prefix(id).count(), gained(&SELLER)), (0, 900));
	});
}

#[test]
fn records_should_not_go_before_the_close_or_while_something_is_due() {
	run(|| {
		let id = metered(contract(), 5_000, 700);
		assert_noop!(forget(&SELLER, id, 9), Error::<Test>::WrongStatus);
	});
	run(|| {
		let mut contract = contract();
		contract.terms.months = 1;
		contract.payee = GHOST;
		let id = metered(contract, 5_000, 7);
		at(day(1, 20));
		assert_ok!(settle(id));
		at(day(1, 20) + RETENTION);
		assert_noop!(forget(&SELLER, id, 9), Error::<Test>::StillOwes);
	});
}

#[test]
fn forgetting_should_take_as_many_fixed_indexes_as_bills_and_be_weighed_by_the_more() {
	run(|| {
		let id = completed();
		for period in 0..5 {
			let index = baseload_math::billing::sources::Index { value: 1, known: 0 };
			crate::FixedIndexes::<Test>::insert(id, month(period), index);
		}
		at(day(2, 15) + RETENTION);
		assert_eq!(PpaEscrow::do_forget(SELLER, id, 4), Ok(4));
		assert!(Agreements::<Test>::contains_key(id));
		assert_eq!(PpaEscrow::do_forget(SELLER, id, 4), Ok(1));
		assert!(!Agreements::<Test>::contains_key(id));
		assert_eq!(crate::FixedIndexes::<Test>::iter_prefix(id).count(), 0);
	});
}

//! Each invariant notices when it is broken.

use super::*;
use crate::{mock::new_test_ext, Agreement};
use frame_support::traits::{
	fungible::{Mutate, MutateHold},
	tokens::{Fortitude, Precision, Preservation},
};

/// Breaks something of a sound active agreement with 100 in escrow and 25 paid; expects the numbered complaint.
fn assert_notices(number: &str, break_it: impl FnOnce(AgreementId)) {
	new_test_ext().execute_with(|| {
		let id = active(terms(), 125);
		set_registers(METER, 1_010, 0);
		assert_ok!(settle(id));
		PpaEscrow::do_try_state().expect("sound before");
		break_it(id);
		let complaint = PpaEscrow::do_try_state().expect_err("broken");
		let complaint: &'static str = complaint.into();
		assert!(complaint.starts_with(number), "{number} expected, got {complaint}");
	});
}

fn alter(id: AgreementId, change: impl FnOnce(&mut Agreement<AccountId>)) {
	Agreements::<Test>::mutate(id, |agreement| change(agreement.as_mut().expect("it exists")));
}

#[test]
fn try_state_should_notice_when_an_account_holds_too_little() {
	assert_notices("1:", |id| {
		let account = PpaEscrow::account_of(id);
		Balances::burn_from(&account, 1, Preservation::Preserve, Precision::Exact, Fortitude::Polite).expect("funded");
	});
}

#[test]
fn try_state_should_notice_when_books_do_not_add_up() {
	assert_notices("2:", |id| alter(id, |agreement| agreement.books.deposited += 1));
	assert_notices("2:", |id| alter(id, |agreement| agreement.books.escrow -= 1));
	assert_notices("3:", |id| alter(id, |agreement| agreement.books.swept += 1));
	assert_notices("3:", |id| {
		alter(id, |agreement| {
			agreement.books.paid += 1;
			agreement.books.escrow -= 1;
		})
	});
}

#[test]
fn try_state_should_notice_when_energy_and_money_differ() {
	fn billing(agreement: &mut Agreement<AccountId>) -> &mut Billing {
		agreement.billing.as_mut().expect("it bills")
	}
	assert_notices("4:", |id| alter(id, |agreement| billing(agreement).billed -= 1));
	assert_notices("4:", |id| alter(id, |agreement| billing(agreement).rem += 1));
	assert_notices("4:", |id| alter(id, |agreement| billing(agreement).billed = 0));
	assert_notices("4:", |id| {
		alter(id, |agreement| {
			// 2 Wh more, and the 5 units for them unpaid.
			billing(agreement).opening -= 2;
			billing(agreement).unpaid = 5;
		})
	});
	assert_notices("4:", |id| alter(id, |agreement| agreement.billing = None));
	assert_notices("6:", |_| set_registers(METER, 1_009, 0));
}

#[test]
fn try_state_should_notice_when_the_register_index_is_wrong() {
	assert_notices("5:", |_| BilledBy::<Test>::remove((METER, Register::Export)));
	assert_notices("5:", |_| {
		BilledBy::<Test>::insert((METER, Register::Import), AgreementId(5))
	});
}

#[test]
fn try_state_should_notice_when_a_deposit_is_not_held() {
	assert_notices("7:", |_| {
		let reason = crate::HoldReason::Proposal.into();
		Balances::release(&reason, &SELLER, 1, Precision::Exact).expect("held");
	});
}

#[test]
fn try_state_should_notice_when_attestors_earn_what_they_should_not() {
	fn service(agreement: &mut Agreement<AccountId>) -> &mut Service {
		&mut agreement.billing.as_mut().expect("it bills").service
	}
	assert_notices("9:", |id| alter(id, |agreement| service(agreement).due = 1));
	assert_notices("9:", |id| {
		alter(id, |agreement| {
			agreement.books.to_attestors += 1;
			agreement.books.paid_out -= 1;
		})
	});
	assert_notices("9:", |id| {
		alter(id, |agreement| {
			(service(agreement).earned, service(agreement).due) = (2, 40);
		})
	});
	assert_notices("9:", |id| {
		alter(id, |agreement| service(agreement).until = service(agreement).from)
	});
}

#[test]
fn try_state_should_notice_when_status_and_content_differ() {
	assert_notices("8:", |id| {
		alter(id, |agreement| agreement.status = AgreementStatus::Accepted)
	});
	assert_notices("8:", |id| {
		alter(id, |agreement| agreement.status = AgreementStatus::Closed)
	});
	assert_notices("8:", |id| {
		alter(id, |agreement| agreement.status = AgreementStatus::Ending)
	});
	assert_notices("8:", |id| alter(id, |agreement| agreement.closes_at = Some(1)));
	assert_notices("8:", |id| alter(id, |agreement| agreement.books.reserve = 0));
	assert_notices("8:", |_| NextAgreement::<Test>::put(AgreementId(0)));
}

//! What attestors earn and are paid.

use super::*;
use baseload_primitives::DAY;

/// Billing at 1 unit per Wh from 1,000 Wh on, with much in escrow. The fee is 20 a month, at most a tenth of a payment.
fn served(attestors: u32) -> AgreementId {
	Serving::set(&attestors);
	active(
		Terms {
			price: Price::from_u32(1),
			payee: FUNDER,
			..terms()
		},
		100_000,
	)
}

/// The meter has counted up to `register` after `days` more, and it is settled.
fn settle_after(days: u64, id: AgreementId, register: u64) {
	MeasuredAt::set(&(MeasuredAt::get() + days * DAY));
	set_registers(METER, register, 0);
	assert_ok!(settle(id));
}

fn service(id: AgreementId) -> Service {
	agreement(id).billing.expect("it bills").service
}

/// What attestors were paid, and what is due to them.
fn paid_and_due(id: AgreementId) -> (Balance, Balance) {
	(books(id).to_attestors, service(id).due)
}

#[test]
fn settle_should_pay_attestors_before_all_others() {
	run(|| {
		let id = served(2);
		let (pot, payee) = (free(&POT), free(&FUNDER));
		set_registers(METER, 1_500, 0);
		assert_ok!(settle(id));
		let event = Event::Settled {
			agreement: id,
			old_register: 1_000,
			new_register: 1_500,
			amount: 500,
			attestors: 20,
			swept: 0,
			old_escrow: 100_000,
			new_escrow: 99_500,
		};
		System::assert_has_event(event.into());
		assert_eq!((free(&POT), free(&FUNDER)), (pot + 20, payee + 480));
		let expected = Books {
			deposited: 100_000,
			escrow: 99_500,
			paid: 500,
			to_attestors: 20,
			paid_out: 480,
			reserve: ED,
			..Books::default()
		};
		assert_eq!(books(id), expected);
		let view = PpaEscrow::agreement(id).expect("it exists");
		assert_eq!((view.to_attestors, view.attestor_due), (20, 0));
	});
}

#[test]
fn fee_should_be_earned_once_a_month_however_often_it_is_settled() {
	run(|| {
		let id = served(1);
		for register in 2..=9 {
			settle_after(1, id, 1_000 * register);
		}
		assert_eq!(paid_and_due(id), (20, 0));
		// Two month starts later, February and March in one bill.
		settle_after(60, id, 20_000);
		assert_eq!(paid_and_due(id), (60, 0));
		assert_eq!((service(id).earned, service(id).months()), (3, 3));
	});
}

#[test]
fn fee_should_not_be_earned_for_a_month_that_only_begins() {
	run(|| {
		let id = served(1);
		// Measured at the first midnight of February: all energy is January's.
		MeasuredAt::set(&(JANUARY + 31 * DAY - 1));
		set_registers(METER, 2_000, 0);
		assert_ok!(settle(id));
		assert_eq!(paid_and_due(id), (20, 0));
		set_registers(METER, 3_000, 0);
		assert_ok!(settle(id));
		assert_eq!(paid_and_due(id), (40, 0));
	});
}

#[test]
fn fee_should_be_earned_for_a_month_without_energy() {
	run(|| {
		let id = served(1);
		settle_after(1, id, 2_000);
		// February: the register stands still.
		settle_after(31, id, 2_000);
		assert_eq!(paid_and_due(id), (20, 20));
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
		MeasuredAt::set(&(MeasuredAt::get() + DAY));
		set_registers(METER, 2_000, 0);
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
		// It is paid out of the next bill.
		settle_after(1, id, 3_000);
		assert_eq!(paid_and_due(id), (40, 0));
	});
}

#[test]
fn fee_should_stay_due_when_it_is_more_than_the_largest_share_of_a_payment() {
	run(|| {
		let id = served(1);
		// Of 31 at most 3.1, rounded up.
		settle_after(1, id, 1_031);
		assert_eq!(paid_and_due(id), (4, 16));
		settle_after(1, id, 1_131);
		assert_eq!(paid_and_due(id), (14, 6));
		settle_after(1, id, 1_231);
		assert_eq!(paid_and_due(id), (20, 0));
	});
}

#[test]
fn fee_should_leave_what_does_not_divide_due() {
	run(|| {
		let id = served(3);
		settle_after(1, id, 2_000);
		assert_eq!(paid_and_due(id), (18, 2));
		settle_after(31, id, 3_000);
		assert_eq!(paid_and_due(id), (39, 1));
	});
}

#[test]
fn fee_should_not_be_earned_when_nobody_serves_the_meter() {
	run(|| {
		let id = served(0);
		settle_after(1, id, 2_000);
		assert_eq!((service(id).months(), paid_and_due(id)), (1, (0, 0)));
		// A committee that comes later is paid from the next month on.
		Serving::set(&1);
		settle_after(1, id, 3_000);
		assert_eq!(paid_and_due(id), (0, 0));
		settle_after(31, id, 4_000);
		assert_eq!(paid_and_due(id), (20, 0));
		assert_eq!((service(id).earned, books(id).paid), (1, 3_000));
	});
}

#[test]
fn settle_should_go_on_when_attestors_cannot_be_paid() {
	run(|| {
		let id = served(2);
		let pot = free(&POT);
		// They take the money and fail; they take more than they were offered; nobody is left to be paid.
		for (mode, serving, register) in [(1, 2, 2_000), (2, 2, 3_000), (0, 0, 4_000)] {
			PayMode::set(&mode);
			Serving::set(&serving);
			settle_after(1, id, register);
			assert_eq!((paid_and_due(id), free(&POT)), ((0, 20), pot));
		}
		assert_eq!((books(id).paid, books(id).paid_out), (3_000, 3_000));
		Serving::set(&2);
		settle_after(1, id, 5_000);
		assert_eq!((paid_and_due(id), free(&POT)), ((20, 0), pot + 20));
	});
}

#[test]
fn sweep_should_take_its_share_of_what_attestors_leave() {
	run(|| {
		set_debt(VAULT, 1_000);
		Serving::set(&1);
		let id = active(
			Terms {
				price: Price::from_u32(1),
				sweep: sweep(30),
				..terms()
			},
			1_000,
		);
		settle_after(1, id, 1_101);
		// ceil(10.1) to attestors, floor(0.3 x 90) swept.
		let Books {
			to_attestors,
			swept,
			paid_out,
			..
		} = books(id);
		assert_eq!((to_attestors, swept, paid_out), (11, 27, 63));
		settle_after(1, id, 1_202);
		// 9 were still due; floor(0.3 x 182) - 27.
		let Books {
			to_attestors,
			swept,
			paid_out,
			..
		} = books(id);
		assert_eq!((to_attestors, swept, paid_out), (20, 54, 128));
	});
}

#[test]
fn close_should_record_the_fee_that_the_last_payment_left_due() {
	run(|| {
		let id = served(1);
		set_registers(METER, 1_050, 0);
		notice_over(id);
		assert_ok!(close(id));
		assert_eq!(paid_and_due(id), (5, 15));
		let view = PpaEscrow::agreement(id).expect("it billed");
		assert_eq!((view.to_attestors, view.attestor_due), (5, 15));
		// It is no claim on anybody: the account is empty and gone.
		assert_eq!(books(id).held(), Some(0));
		assert!(!System::account_exists(&PpaEscrow::account_of(id)));
	});
}

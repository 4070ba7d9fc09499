//! Settling.

use super::*;

#[test]
fn settle_should_pay_register_difference_times_price() {
	run(|| {
		let id = active(terms(), 1_000);
		let seller = free(&SELLER);
		set_registers(METER, 1_101, 0);
		assert_ok!(settle(id));
		// 101 Wh x 2.5 = 252.5
		let event = Event::Settled {
			agreement: id,
			old_register: 1_000,
			new_register: 1_101,
			amount: 252,
			attestors: 0,
			swept: 0,
			old_escrow: 1_000,
			new_escrow: 748,
		};
		System::assert_has_event(event.into());
		assert_eq!(free(&SELLER), seller + 252);
		assert_eq!(escrow_balance(id), 748 + ED);
		let expected = Books {
			deposited: 1_000,
			escrow: 748,
			paid: 252,
			paid_out: 252,
			reserve: ED,
			..Books::default()
		};
		assert_eq!(books(id), expected);
		// The half unit is carried into the next bill.
		set_registers(METER, 1_102, 0);
		assert_ok!(settle(id));
		assert_eq!(free(&SELLER), seller + 255);
		assert_eq!(
			agreement(id).billing,
			Some(Billing {
				opening: 1_000,
				billed: 1_102,
				rem: 0,
				unpaid: 0,
				service: unserved(3)
			})
		);
	});
}

#[test]
fn settle_should_bill_the_register_that_was_agreed() {
	run(|| {
		let id = accepted(Terms {
			register: Register::Import,
			..terms()
		});
		assert_ok!(fund(&FUNDER, id, 1_000));
		set_registers(METER, 50, 20);
		assert_ok!(activate(&BUYER, id));
		set_registers(METER, 500, 20);
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
		set_registers(METER, 500, 24);
		assert_ok!(settle(id));
		assert_eq!(books(id).paid, 10);
	});
}

#[test]
fn settle_should_fail_when_there_is_nothing_to_bill() {
	run(|| {
		assert_noop!(settle(FIRST), Error::<Test>::UnknownAgreement);
		let id = accepted(terms());
		assert_noop!(settle(id), Error::<Test>::WrongStatus);
		assert_ok!(fund(&FUNDER, id, 100));
		set_registers(METER, 1_000, 0);
		assert_ok!(activate(&SELLER, id));
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
	});
}

#[test]
fn settle_should_bill_nothing_when_the_escrow_is_short_and_all_after_a_top_up() {
	run(|| {
		let id = active(terms(), 100);
		set_registers(METER, 1_041, 0);
		assert_noop!(settle(id), Error::<Test>::EscrowShort);
		// The register runs on; nothing is lost.
		set_registers(METER, 1_060, 0);
		assert_noop!(settle(id), Error::<Test>::EscrowShort);
		assert_ok!(fund(&BUYER, id, 50));
		assert_ok!(settle(id));
		assert_eq!((books(id).escrow, books(id).paid), (0, 150));
		assert_eq!(escrow_balance(id), ED);
	});
}

#[test]
fn settle_should_go_on_while_the_notice_runs() {
	run(|| {
		let id = active(terms(), 100);
		assert_ok!(give_notice(&SELLER, id));
		set_registers(METER, 1_010, 0);
		assert_ok!(settle(id));
		assert_eq!(books(id).paid, 25);
	});
}

#[test]
fn settle_should_advance_the_register_when_the_bill_is_less_than_a_unit() {
	run(|| {
		let id = active(
			Terms {
				price: Price::from_rational(1, 4),
				..terms()
			},
			100,
		);
		set_registers(METER, 1_003, 0);
		assert_ok!(settle(id));
		assert_eq!(books(id).paid, 0);
		set_registers(METER, 1_004, 0);
		assert_ok!(settle(id));
		assert_eq!(books(id).paid, 1);
	});
}

#[test]
fn settle_should_retire_debt_with_the_agreed_share() {
	run(|| {
		set_debt(VAULT, 1_000);
		let id = active(
			Terms {
				sweep: sweep(30),
				payee: FUNDER,
				..terms()
			},
			1_000,
		);
		let (issuance, payee) = (Balances::total_issuance(), free(&FUNDER));
		set_registers(METER, 1_100, 0);
		assert_ok!(settle(id));
		// 30 % of 250
		assert_eq!((books(id).swept, books(id).paid_out), (75, 175));
		assert_eq!(Balances::total_issuance(), issuance - 75);
		assert_eq!(
			<crate::mock::MockSweep as baseload_primitives::DebtSweep<_>>::debt(VAULT),
			925
		);
		assert_eq!(free(&FUNDER), payee + 175);
	});
}

#[test]
fn settle_should_sweep_cumulatively_when_bills_are_small() {
	run(|| {
		set_debt(VAULT, 1_000);
		let id = active(
			Terms {
				sweep: sweep(30),
				price: Price::from_u32(1),
				..terms()
			},
			100,
		);
		for wh in 1..=10 {
			set_registers(METER, 1_000 + wh, 0);
			assert_ok!(settle(id));
		}
		// Each bill alone would round down to nothing.
		assert_eq!((books(id).paid, books(id).swept), (10, 3));
	});
}

#[test]
fn settle_should_sweep_at_most_the_debt() {
	run(|| {
		set_debt(VAULT, 40);
		let id = active(
			Terms {
				sweep: sweep(100),
				..terms()
			},
			1_000,
		);
		set_registers(METER, 1_100, 0);
		assert_ok!(settle(id));
		assert_eq!((books(id).swept, books(id).paid_out), (40, 210));
		// A later debt is not charged for what went to the payee.
		set_debt(VAULT, 1_000);
		set_registers(METER, 1_104, 0);
		assert_ok!(settle(id));
		assert_eq!((books(id).swept, books(id).paid_out), (50, 210));
	});
}

#[test]
fn settle_should_pay_the_payee_in_full_when_the_sweep_fails() {
	run(|| {
		set_debt(VAULT, 1_000);
		let id = active(
			Terms {
				sweep: sweep(50),
				..terms()
			},
			1_000,
		);
		let issuance = Balances::total_issuance();
		// Burns and then fails; burns more than it was offered.
		for (mode, register) in [(1, 1_040), (2, 1_080)] {
			SweepMode::set(&mode);
			set_registers(METER, register, 0);
			assert_ok!(settle(id));
		}
		assert_eq!((books(id).paid, books(id).swept, books(id).paid_out), (200, 0, 200));
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn settle_should_use_the_whole_escrow_without_killing_the_account() {
	run(|| {
		set_debt(VAULT, 1_000);
		let id = active(
			Terms {
				sweep: sweep(100),
				..terms()
			},
			250,
		);
		set_registers(METER, 1_100, 0);
		assert_ok!(settle(id));
		assert_eq!((books(id).swept, books(id).escrow), (250, 0));
		assert_eq!(escrow_balance(id), ED);
		assert_ok!(fund(&BUYER, id, 1));
		assert_eq!(escrow_balance(id), ED + 1);
	});
}

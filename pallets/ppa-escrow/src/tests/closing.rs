//! Notice and the end.

use super::*;

#[test]
fn give_notice_should_set_the_closing_time_when_active() {
	run(|| {
		let id = accepted(terms());
		assert_noop!(give_notice(&SELLER, id), Error::<Test>::WrongStatus);
		assert_ok!(cancel(&SELLER, id));

		let id = active(terms(), 100);
		Now::set(&500);
		assert_noop!(give_notice(&STRANGER, id), Error::<Test>::NotParty);
		assert_ok!(give_notice(&SELLER, id));
		let event = Event::NoticeGiven {
			agreement: id,
			by: Party::Seller,
			closes_at: 500 + NOTICE,
		};
		assert_eq!(last_event(), event.into());
		let closes_in = || PpaEscrow::agreement(id).and_then(|view| view.closes_in);
		assert_eq!(closes_in(), Some(NOTICE));
		// A second notice cannot put the end off.
		Now::set(&600);
		assert_noop!(give_notice(&BUYER, id), Error::<Test>::WrongStatus);
		assert_eq!(closes_in(), Some(NOTICE - 100));
	});
}

#[test]
fn close_should_wait_for_the_notice() {
	run(|| {
		let id = active(terms(), 100);
		assert_noop!(close(id), Error::<Test>::WrongStatus);
		assert_ok!(give_notice(&SELLER, id));
		Now::set(&(NOTICE - 1));
		assert_noop!(close(id), Error::<Test>::NoticeRunning);
		Now::set(&NOTICE);
		assert_ok!(close(id));
		assert_noop!(close(id), Error::<Test>::WrongStatus);
		assert_noop!(fund(&FUNDER, id, 1), Error::<Test>::WrongStatus);
		assert_noop!(settle(id), Error::<Test>::WrongStatus);
	});
}

#[test]
fn close_should_bill_what_is_final_and_return_the_rest() {
	run(|| {
		let (seller, buyer) = (free(&SELLER), free(&BUYER));
		let id = active(terms(), 1_000);
		set_registers(METER, 1_100, 0);
		notice_over(id);
		assert_ok!(close(id));
		assert_eq!(
			last_event(),
			Event::Closed {
				agreement: id,
				paid: 250,
				unpaid: 0,
				refunded: 750
			}
			.into()
		);
		assert_eq!((free(&SELLER), free(&BUYER)), (seller + 250, buyer + 750));
		assert_eq!(Balances::reserved_balance(&SELLER), 0);
		assert_eq!(escrow_balance(id), 0);
		assert!(!System::account_exists(&PpaEscrow::account_of(id)));
		let over = agreement(id);
		assert_eq!(over.status, AgreementStatus::Closed);
		assert_eq!((over.deposit, over.books.held()), (0, Some(0)));
		assert_eq!(BilledBy::<Test>::get((METER, Register::Export)), None);
	});
}

#[test]
fn close_should_pay_what_there_is_and_record_the_rest_when_the_escrow_is_short() {
	run(|| {
		set_debt(VAULT, 1_000);
		let id = active(
			Terms {
				sweep: sweep(50),
				..terms()
			},
			101,
		);
		let seller = free(&SELLER);
		set_registers(METER, 1_101, 0);
		notice_over(id);
		assert_ok!(close(id));
		// Of 252.5 the escrow pays 101: 50 swept, 51 to the payee. Deposit and reserve come back.
		assert_eq!(
			last_event(),
			Event::Closed {
				agreement: id,
				paid: 101,
				unpaid: 151,
				refunded: 0
			}
			.into()
		);
		assert_eq!((books(id).swept, books(id).paid_out), (50, 51));
		assert_eq!(free(&SELLER), seller + 51 + DEPOSIT + ED);
		let half = baseload_math::tariff::SCALE / 2;
		assert_eq!(
			agreement(id).billing,
			Some(Billing {
				opening: 1_000,
				billed: 1_101,
				rem: half,
				unpaid: 151,
				service: unserved(2)
			})
		);
	});
}

#[test]
fn close_should_work_when_nothing_was_delivered() {
	run(|| {
		let buyer = free(&BUYER);
		let id = active(terms(), 300);
		notice_over(id);
		assert_ok!(close(id));
		assert_eq!(free(&BUYER), buyer + 300);
	});
}

#[test]
fn close_should_not_wait_for_a_buyer_who_cannot_receive() {
	run(|| {
		let id = active(
			Terms {
				buyer: GHOST,
				min_escrow: 0,
				..terms()
			},
			259,
		);
		let seller = free(&SELLER);
		set_registers(METER, 1_100, 0);
		assert_ok!(give_notice(&SELLER, id));
		Now::set(&NOTICE);
		assert_ok!(close(id));
		// 9 of refund would not keep the ghost alive; the seller's money does not wait for that.
		assert_eq!(free(&SELLER), seller + 250);
		assert_eq!((books(id).claimable_buyer, books(id).refunded), (9, 0));
		assert_eq!(escrow_balance(id), 9 + ED);
	});
}

#[test]
fn close_should_not_wait_for_a_payee_who_cannot_receive() {
	run(|| {
		let buyer = free(&BUYER);
		let id = active(
			Terms {
				payee: GHOST,
				..terms()
			},
			100,
		);
		set_registers(METER, 1_002, 0);
		notice_over(id);
		assert_ok!(close(id));
		assert_eq!(free(&BUYER), buyer + 95);
		assert_eq!((books(id).claimable_seller, books(id).paid_out), (5, 0));
	});
}

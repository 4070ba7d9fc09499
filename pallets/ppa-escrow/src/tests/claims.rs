//! Money that could not be received at once.

use super::*;

fn send(to: &AccountId, amount: Balance) {
	assert_ok!(Balances::transfer_allow_death(
		crate::mock::RuntimeOrigin::signed(FUNDER),
		to.clone(),
		amount
	));
}

#[test]
fn settle_should_leave_a_claim_that_joins_the_next_payment_when_the_payee_cannot_receive() {
	run(|| {
		let id = active(
			Terms {
				payee: GHOST,
				..terms()
			},
			100,
		);
		set_registers(METER, 1_002, 0);
		assert_ok!(settle(id));
		assert_eq!(
			last_event(),
			Event::LeftClaimable {
				agreement: id,
				seller: 5,
				buyer: 0
			}
			.into()
		);
		assert_eq!((books(id).claimable_seller, books(id).paid_out), (5, 0));
		assert_noop!(claim(id), Error::<Test>::CannotReceive);
		set_registers(METER, 1_004, 0);
		assert_ok!(settle(id));
		// Together they are enough to open the account.
		assert_eq!((books(id).claimable_seller, books(id).paid_out), (0, 10));
		assert_eq!(free(&GHOST), 10);
	});
}

#[test]
fn claim_should_pay_when_the_payee_can_receive() {
	run(|| {
		let id = active(
			Terms {
				payee: GHOST,
				..terms()
			},
			100,
		);
		assert_noop!(claim(id), Error::<Test>::NothingToClaim);
		set_registers(METER, 1_002, 0);
		assert_ok!(settle(id));
		send(&GHOST, ED);
		assert_ok!(claim(id));
		assert_eq!(free(&GHOST), ED + 5);
		let event = Event::Claimed {
			agreement: id,
			to_payee: 5,
			to_buyer: 0,
			to_proposer: 0,
		};
		assert_eq!(last_event(), event.into());
		assert_noop!(claim(id), Error::<Test>::NothingToClaim);
		assert_noop!(claim(AgreementId(9)), Error::<Test>::UnknownAgreement);
	});
}

#[test]
fn claim_should_pay_one_side_when_the_other_still_cannot_receive() {
	run(|| {
		let id = active(
			Terms {
				payee: GHOST,
				buyer: PHANTOM,
				min_escrow: 0,
				..terms()
			},
			8,
		);
		set_registers(METER, 1_002, 0);
		assert_ok!(give_notice(&SELLER, id));
		Now::set(&NOTICE);
		assert_ok!(close(id));
		assert_eq!((books(id).claimable_seller, books(id).claimable_buyer), (5, 3));
		// Deposit and reserve stay while the account is needed.
		assert_eq!((agreement(id).deposit, books(id).reserve), (DEPOSIT, ED));
		assert_noop!(claim(id), Error::<Test>::CannotReceive);

		send(&PHANTOM, ED);
		assert_ok!(claim(id));
		assert_eq!(free(&PHANTOM), ED + 3);
		assert_eq!(
			last_event(),
			Event::Claimed {
				agreement: id,
				to_payee: 0,
				to_buyer: 3,
				to_proposer: 0
			}
			.into()
		);

		let seller = free(&SELLER);
		send(&GHOST, ED);
		assert_ok!(claim(id));
		let event = Event::Claimed {
			agreement: id,
			to_payee: 5,
			to_buyer: 0,
			to_proposer: DEPOSIT + ED,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(free(&SELLER), seller + DEPOSIT + ED);
		assert!(!System::account_exists(&PpaEscrow::account_of(id)));
		assert_noop!(claim(id), Error::<Test>::NothingToClaim);
	});
}

#[test]
fn cancel_should_keep_the_agreement_until_the_buyer_received_the_refund() {
	run(|| {
		let id = accepted(Terms {
			buyer: GHOST,
			..terms()
		});
		assert_ok!(fund(&FUNDER, id, 4));
		assert_ok!(cancel(&GHOST, id));
		assert_eq!(agreement(id).status, AgreementStatus::Closed);
		assert_eq!(books(id).claimable_buyer, 4);
		send(&GHOST, ED);
		assert_ok!(claim(id));
		assert_eq!((free(&GHOST), free(&SELLER)), (ED + 4, RICH));
		assert!(!Agreements::<Test>::contains_key(id));
	});
}

#[test]
fn close_should_leave_a_donation_alone() {
	run(|| {
		let id = active(terms(), 100);
		let account = PpaEscrow::account_of(id);
		send(&account, 77);
		PpaEscrow::do_try_state().expect("a donation breaks nothing");
		let buyer = free(&BUYER);
		notice_over(id);
		assert_ok!(close(id));
		assert_eq!((free(&BUYER), free(&account)), (buyer + 100, 77));
	});
}

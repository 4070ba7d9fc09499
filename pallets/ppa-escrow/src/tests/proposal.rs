//! Proposing, accepting, paying in, starting, cancelling.

use super::*;
use baseload_math::tariff;
use baseload_primitives::{MeterId, VaultId};
use sp_runtime::TokenError;

#[test]
fn propose_should_take_deposit_and_reserve_when_terms_are_sound() {
	run(|| {
		assert_ok!(propose(&SELLER, terms()));
		assert_eq!(free(&SELLER), RICH - DEPOSIT - ED);
		assert_eq!(Balances::reserved_balance(&SELLER), DEPOSIT);
		assert_eq!(escrow_balance(FIRST), ED);
		let stored = agreement(FIRST);
		assert_eq!(stored.status, AgreementStatus::Proposed);
		assert_eq!(stored.proposer, Party::Seller);
		assert_eq!(
			stored.books,
			Books {
				reserve: ED,
				..Books::default()
			}
		);
		let event = Event::Proposed {
			agreement: FIRST,
			by: Party::Seller,
			seller: SELLER,
			buyer: BUYER,
			terms_hash: terms().hash(),
		};
		assert_eq!(last_event(), event.into());
	});
}

#[test]
fn propose_should_work_for_the_buyer_too_when_the_seller_accepts() {
	run(|| {
		assert_ok!(propose(&BUYER, terms()));
		assert_eq!(Balances::reserved_balance(&BUYER), DEPOSIT);
		assert_ok!(accept(&SELLER, FIRST, terms().hash()));
		assert_eq!(
			last_event(),
			Event::Accepted {
				agreement: FIRST,
				by: Party::Seller
			}
			.into()
		);
	});
}

#[test]
fn propose_should_fail_when_terms_are_unsound() {
	run(|| {
		let bad = |change: fn(&mut Terms<AccountId>), error: Error<Test>| {
			let mut terms = terms();
			change(&mut terms);
			assert_noop!(propose(&SELLER, terms), error);
		};
		bad(|terms| terms.buyer = SELLER, Error::SelfDealing);
		bad(|terms| terms.price = Price::from_inner(0), Error::BadPrice);
		bad(
			|terms| terms.price = Price::from_inner(tariff::MAX_PRICE + 1),
			Error::BadPrice,
		);
		bad(|terms| terms.notice = 9, Error::BadNotice);
		bad(|terms| terms.notice = 100_001, Error::BadNotice);
		bad(|terms| terms.attestor_fee.monthly = 4, Error::BadAttestorFee);
		bad(|terms| terms.attestor_fee.monthly = 51, Error::BadAttestorFee);
		bad(
			|terms| terms.attestor_fee.cap = Permill::from_parts(9_999),
			Error::BadAttestorFee,
		);
		bad(
			|terms| terms.attestor_fee.cap = Permill::from_parts(200_001),
			Error::BadAttestorFee,
		);
		bad(
			|terms| terms.payee = PpaEscrow::account_of(AgreementId(3)),
			Error::BadPayee,
		);
		bad(|terms| terms.meter = MeterId(9), Error::NotMeterOwner);
		bad(|terms| terms.register = Register::ExportBand(1), Error::UnknownRegister);
		bad(
			|terms| {
				terms.sweep = Some(CashSweep {
					vault: VaultId(9),
					ratio: Permill::one(),
				})
			},
			Error::NotVaultOwner,
		);
		assert_noop!(propose(&STRANGER, terms()), Error::<Test>::NotParty);
		// The stranger's own meter would do, the seller's does not.
		let foreign = Terms {
			seller: STRANGER,
			..terms()
		};
		assert_noop!(propose(&STRANGER, foreign), Error::<Test>::NotMeterOwner);
	});
}

#[test]
fn propose_should_change_nothing_when_the_proposer_cannot_afford_it() {
	run(|| {
		let poor = Terms {
			buyer: GHOST,
			..terms()
		};
		assert_noop!(propose(&GHOST, poor.clone()), TokenError::FundsUnavailable);
		// Enough for the deposit, not for the reserve.
		assert_ok!(Balances::transfer_allow_death(
			crate::mock::RuntimeOrigin::signed(FUNDER),
			GHOST,
			DEPOSIT + ED
		));
		assert!(propose(&GHOST, poor).is_err());
		assert_eq!(NextAgreement::<Test>::get(), FIRST);
		assert_eq!(free(&GHOST), DEPOSIT + ED);
	});
}

#[test]
fn propose_should_fail_when_ids_are_used_up() {
	run(|| {
		NextAgreement::<Test>::put(AgreementId(u32::MAX));
		assert_noop!(propose(&SELLER, terms()), Error::<Test>::IdsExhausted);
	});
}

#[test]
fn accept_should_bind_exactly_the_proposed_terms() {
	run(|| {
		assert_ok!(propose(&SELLER, terms()));
		let other = Terms {
			price: Price::from_rational(5, 3),
			..terms()
		};
		assert_noop!(accept(&BUYER, FIRST, other.hash()), Error::<Test>::TermsMismatch);
		assert_noop!(accept(&SELLER, FIRST, terms().hash()), Error::<Test>::NotCounterparty);
		assert_noop!(accept(&STRANGER, FIRST, terms().hash()), Error::<Test>::NotParty);
		assert_noop!(
			accept(&BUYER, AgreementId(1), terms().hash()),
			Error::<Test>::UnknownAgreement
		);
		assert_ok!(accept(&BUYER, FIRST, terms().hash()));
		assert_eq!(agreement(FIRST).status, AgreementStatus::Accepted);
		assert_noop!(accept(&BUYER, FIRST, terms().hash()), Error::<Test>::WrongStatus);
	});
}

#[test]
fn fund_should_fill_the_escrow_when_accepted() {
	run(|| {
		assert_ok!(propose(&SELLER, terms()));
		assert_noop!(fund(&FUNDER, FIRST, 50), Error::<Test>::WrongStatus);
		assert_ok!(accept(&BUYER, FIRST, terms().hash()));
		assert_noop!(fund(&FUNDER, FIRST, 0), Error::<Test>::ZeroAmount);
		assert_noop!(fund(&FUNDER, AgreementId(1), 50), Error::<Test>::UnknownAgreement);
		assert_ok!(fund(&FUNDER, FIRST, 50));
		assert_ok!(fund(&BUYER, FIRST, 7));
		let event = Event::Funded {
			agreement: FIRST,
			from: BUYER,
			amount: 7,
			old_escrow: 50,
			new_escrow: 57,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(
			books(FIRST),
			Books {
				deposited: 57,
				escrow: 57,
				reserve: ED,
				..Books::default()
			}
		);
		assert_eq!(escrow_balance(FIRST), 57 + ED);
		// The funder stays alive.
		let all = free(&FUNDER);
		assert!(fund(&FUNDER, FIRST, all).is_err());
		assert_eq!(free(&FUNDER), all);
	});
}

#[test]
fn activate_should_start_at_the_final_register_when_all_is_ready() {
	run(|| {
		let id = accepted(terms());
		assert_ok!(fund(&FUNDER, id, 99));
		assert_noop!(activate(&SELLER, id), Error::<Test>::EscrowBelowMinimum);
		assert_ok!(fund(&FUNDER, id, 1));
		assert_noop!(activate(&SELLER, id), Error::<Test>::NoFinalReading);
		set_registers(METER, 1_000, 5);
		assert_noop!(activate(&STRANGER, id), Error::<Test>::NotParty);
		assert_ok!(activate(&BUYER, id));
		let event = Event::Activated {
			agreement: id,
			by: Party::Buyer,
			opening_register: 1_000,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(
			agreement(id).billing,
			Some(Billing {
				opening: 1_000,
				billed: 1_000,
				rem: 0,
				unpaid: 0,
				service: unserved(1)
			})
		);
		assert_noop!(activate(&BUYER, id), Error::<Test>::WrongStatus);
	});
}

#[test]
fn activate_should_fail_when_another_agreement_bills_the_register() {
	run(|| {
		active(terms(), 100);
		let second = accepted(terms());
		assert_ok!(fund(&FUNDER, second, 100));
		assert_noop!(activate(&SELLER, second), Error::<Test>::RegisterBilled);
		// Another register of the meter, and the same register of another meter, are free.
		let import = accepted(Terms {
			register: Register::Import,
			..terms()
		});
		assert_ok!(fund(&FUNDER, import, 100));
		assert_ok!(activate(&SELLER, import));
		active(
			Terms {
				meter: OTHER_METER,
				..terms()
			},
			100,
		);
		// Once the first is over, the second takes up where it stopped.
		set_registers(METER, 1_010, 0);
		notice_over(FIRST);
		assert_noop!(activate(&SELLER, second), Error::<Test>::RegisterBilled);
		assert_ok!(close(FIRST));
		assert_ok!(activate(&SELLER, second));
		assert_eq!(agreement(second).billing.map(|billing| billing.opening), Some(1_010));
		assert_eq!(agreement(FIRST).billing.map(|billing| billing.billed), Some(1_010));
	});
}

#[test]
fn cancel_should_leave_nothing_behind_when_a_proposal_is_withdrawn() {
	run(|| {
		assert_ok!(propose(&SELLER, terms()));
		assert_noop!(cancel(&BUYER, FIRST), Error::<Test>::NotProposer);
		assert_noop!(cancel(&STRANGER, FIRST), Error::<Test>::NotParty);
		assert_ok!(cancel(&SELLER, FIRST));
		assert_eq!(
			last_event(),
			Event::Cancelled {
				agreement: FIRST,
				by: Party::Seller,
				refunded: 0
			}
			.into()
		);
		assert_eq!(free(&SELLER), RICH);
		assert_eq!(escrow_balance(FIRST), 0);
		assert!(!Agreements::<Test>::contains_key(FIRST));
		assert_noop!(cancel(&SELLER, FIRST), Error::<Test>::UnknownAgreement);
		// The id is not used again.
		assert_ok!(propose(&SELLER, terms()));
		assert!(Agreements::<Test>::contains_key(AgreementId(1)));
	});
}

#[test]
fn cancel_should_refund_the_buyer_when_accepted() {
	run(|| {
		for who in [SELLER, BUYER] {
			let (seller, buyer) = (free(&SELLER), free(&BUYER));
			let id = accepted(terms());
			assert_ok!(fund(&FUNDER, id, 500));
			assert_noop!(cancel(&STRANGER, id), Error::<Test>::NotParty);
			assert_ok!(cancel(&who, id));
			assert_eq!((free(&SELLER), free(&BUYER)), (seller, buyer + 500));
			assert!(!Agreements::<Test>::contains_key(id));
			assert_eq!(escrow_balance(id), 0);
		}
	});
}

#[test]
fn cancel_should_fail_when_billing_began() {
	run(|| {
		let id = active(terms(), 100);
		assert_noop!(cancel(&SELLER, id), Error::<Test>::WrongStatus);
		notice_over(id);
		assert_noop!(cancel(&BUYER, id), Error::<Test>::WrongStatus);
	});
}

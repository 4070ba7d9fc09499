use baseload_math::billing::{clauses::MAX_WAIT, terms::Operation};
use baseload_primitives::{AgreementStatus, FeedId, MeterId, Side, VaultId};

use super::*;
use crate::Agreements;

#[test]
fn proposal_should_hold_deposits_and_be_what_the_hash_says() {
	run(|| {
		assert_ok!(propose(&SELLER, contract()));
		let deposit = DEPOSIT + 24 * BILL_DEPOSIT;
		assert_eq!(gained(&SELLER), -((deposit + ED) as i128));
		let view = PpaEscrow::agreement(FIRST).expect("stored");
		assert_eq!(
			(view.status, view.deposit, view.reserve),
			(AgreementStatus::Proposed, deposit, ED)
		);
		assert_eq!((view.contract.clone(), view.hash), (contract(), contract().hash()));
		assert!(has_event(Event::Proposed {
			agreement: FIRST,
			by: Side::Seller,
			seller: SELLER,
			buyer: BUYER,
			hash: contract().hash(),
		}));
		assert_ok!(accept(&BUYER, FIRST));
		assert_eq!(record(FIRST).status(), AgreementStatus::Accepted);
	});
}

#[test]
fn acceptance_should_fail_when_it_is_not_the_counterpartys_over_the_whole() {
	run(|| {
		assert_ok!(propose(&BUYER, contract()));
		assert_noop!(accept(&BUYER, FIRST), Error::<Test>::NotCounterparty);
		assert_noop!(accept(&ANYONE, FIRST), Error::<Test>::NotParty);
		let mut other = contract();
		other.terms.dispute.default += 1;
		let accept_other = Call::accept {
			agreement: FIRST,
			contract_hash: other.hash(),
		};
		assert_noop!(dispatch(&SELLER, accept_other), Error::<Test>::ContractMismatch);
		assert_ok!(accept(&SELLER, FIRST));
		assert_noop!(accept(&SELLER, FIRST), Error::<Test>::WrongStatus);
		let unknown = Call::accept {
			agreement: AgreementId(7),
			contract_hash: contract().hash(),
		};
		assert_noop!(dispatch(&SELLER, unknown), Error::<Test>::UnknownAgreement);
	});
}

#[test]
fn clause_should_be_named_when_it_contradicts_another() {
	type Break = (Error<Test>, fn(&mut Terms));
	let breaks: [Break; 15] = [
		(Error::ContradictoryRegisters, |terms| {
			terms.registers = Default::default()
		}),
		(Error::ContradictoryTariff, |terms| {
			terms.tariff = Tariff::Fixed {
				prices: prices(&[1, 2]),
			}
		}),
		(Error::ContradictoryEscalator, |terms| terms.escalator = -1_000_000),
		(Error::ContradictoryTerm, |terms| terms.months = 0),
		(Error::ContradictoryOperation, |terms| {
			terms.start = Start::Operation(Operation {
				register: 0,
				wh: 0,
				target: day(0, 0),
				longstop: day(5, 0),
				delay_per_day: 0,
				delay_cap: 0,
			})
		}),
		(Error::ContradictoryExcess, |terms| {
			terms.volume.excess = Some(baseload_math::billing::terms::Excess { over: 1, price: 1 })
		}),
		(Error::ContradictoryTakeOrPay, |terms| {
			terms.volume.take_or_pay = 800_000
		}),
		(Error::ContradictoryMakeUp, |terms| terms.volume.makeup_years = 1),
		(Error::ContradictoryGuarantee, |terms| terms.volume.guarantee = 900_000),
		(Error::ContradictoryOutage, |terms| terms.outage.dark_final = 1),
		(Error::ContradictoryPayment, |terms| terms.payment.due = u64::MAX),
		(Error::ContradictorySecurity, |terms| terms.payment.security_periods = 3),
		(Error::ContradictoryDispute, |terms| terms.dispute.default = 1_000_001),
		(Error::ContradictoryTermination, |terms| terms.termination.buyer = 1),
		(Error::ContradictoryCuts, |terms| terms.cuts.attestor_fee = 1),
	];
	run(|| {
		for (error, breaks) in breaks {
			let mut terms = terms();
			breaks(&mut terms);
			assert_noop!(propose(&SELLER, with(terms)), error);
		}
	});
}

#[test]
fn proposal_should_be_refused_when_what_surrounds_the_terms_makes_no_sense() {
	type Break = (Error<Test>, fn(&mut Contract<AccountId>));
	let breaks: [Break; 23] = [
		(Error::NotParty, |contract| contract.seller = RESOLVER),
		(Error::SelfDealing, |contract| contract.buyer = SELLER),
		(Error::BadPayee, |contract| {
			contract.payee = PpaEscrow::account_of(AgreementId(9))
		}),
		(Error::BadResolver, |contract| contract.resolver = Some(BUYER)),
		(Error::BadResolver, |contract| contract.payee = RESOLVER),
		(Error::BadConditions, |contract| {
			contract.conditions.by = start(0) - 2 * DAY
		}),
		(Error::BadConditions, |contract| {
			contract.conditions.by = start(0) - 2 * DAY + MAX_WAIT + 1
		}),
		(Error::BadStart, |contract| {
			contract.terms.start = Start::Operation(Operation {
				register: 0,
				wh: 1,
				target: start(0) - 2 * DAY + MAX_WAIT + 1,
				longstop: start(0) + MAX_WAIT,
				delay_per_day: 0,
				delay_cap: 0,
			})
		}),
		(Error::BadLenderClause, |contract| contract.lender.notice = 367 * DAY),
		(Error::BadStart, |contract| {
			contract.terms.start = Start::Month(month(0).minus(26))
		}),
		(Error::BadStart, |contract| {
			contract.terms.start = Start::Month(month(1_300))
		}),
		(Error::BadAttestorFee, |contract| {
			contract.terms.cuts.attestor_fee = 1_001;
			contract.terms.cuts.attestor_cap = 100_000;
		}),
		(Error::BadAttestorFee, |contract| {
			contract.terms.cuts.attestor_fee = 1;
			contract.terms.cuts.attestor_cap = 200_001;
		}),
		(Error::FeedUnused, |contract| contract.feed = Some(FeedId(0))),
		(Error::FeedMissing, |contract| {
			contract.terms.tariff = Tariff::Indexed {
				base: 0,
				slope: 0,
				floor: 0,
				cap: 0,
				index0: 0,
			}
		}),
		(Error::VaultMissing, |contract| contract.terms.cuts.sweep = 1),
		(Error::NotVaultOwner, |contract| contract.vault = Some(VaultId(9))),
		(Error::NotMeterOwner, |contract| contract.meter = MeterId(9)),
		(Error::CheckMeter, |contract| contract.meter = CHECK_METER),
		(Error::UnknownRegister, |contract| {
			contract.terms.registers = vec![4].try_into().expect("one")
		}),
		(Error::UnknownRegister, |contract| {
			contract.terms.start = Start::Operation(Operation {
				register: 4,
				wh: 1,
				target: day(0, 0),
				longstop: day(5, 0),
				delay_per_day: 0,
				delay_cap: 0,
			})
		}),
		(Error::SameEnergyTwice, |contract| {
			contract.terms.registers = vec![0, 2].try_into().expect("two");
			contract.terms.tariff = Tariff::Fixed {
				prices: prices(&[1, 1]),
			};
		}),
		(Error::GraceBelowWindow, |contract| {
			contract.terms.outage.outage_grace = WINDOW - 1
		}),
	];
	run(|| {
		for (place, (error, breaks)) in breaks.into_iter().enumerate() {
			let mut contract = contract();
			breaks(&mut contract);
			let failure = propose(&SELLER, contract);
			assert_eq!(failure, Err(error.into()), "break {place}");
		}
	});
}

#[test]
fn proposal_should_fail_when_the_proposer_cannot_afford_it() {
	run(|| {
		let mut contract = contract();
		contract.buyer = GHOST;
		assert!(propose(&GHOST, contract).is_err());
		assert_eq!(NextAgreement::<Test>::get(), FIRST);
	});
}

#[test]
fn cancelled_proposal_should_leave_nothing_behind() {
	run(|| {
		for canceller in [SELLER, BUYER] {
			let id = NextAgreement::<Test>::get();
			assert_ok!(propose(&SELLER, contract()));
			assert_noop!(cancel(&ANYONE, id), Error::<Test>::NotParty);
			assert_ok!(cancel(&canceller, id));
			assert!(!Agreements::<Test>::contains_key(id));
			assert_eq!((gained(&SELLER), pot(id)), (0, 0));
		}
	});
}

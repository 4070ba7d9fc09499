//! Tests, one file per capability, and what they share.

mod billing;
mod claims;
mod closing;
mod fuzz;
mod invariants;
mod model;
mod proposal;
mod service;
mod views;

use baseload_primitives::{AgreementId, AgreementStatus, Balance, Price, Register};
use frame_support::{assert_noop, assert_ok};
use sp_core::H256;
use sp_runtime::{DispatchResult, Permill};

use crate::{
	mock::{
		agreement, dispatch, run, set_debt, set_registers, AccountId, Balances, MeasuredAt, Now, PayMode, PpaEscrow,
		RuntimeEvent, Serving, SweepMode, System, Test, BUYER, DEPOSIT, ED, FUNDER, GHOST, JANUARY, METER, NOTICE,
		OTHER_METER, PHANTOM, POT, RICH, SELLER, STRANGER, VAULT,
	},
	Agreements, AttestorFee, BilledBy, Billing, Books, Call, CashSweep, Error, Event, NextAgreement, Party, Service,
	Terms,
};

/// The first agreement of a test.
const FIRST: AgreementId = AgreementId(0);

/// 2.5 base units per Wh; the buyer's escrow must hold 100.
fn terms() -> Terms<AccountId> {
	Terms {
		seller: SELLER,
		buyer: BUYER,
		meter: METER,
		register: Register::Export,
		price: Price::from_rational(5, 2),
		payee: SELLER,
		sweep: None,
		attestor_fee: AttestorFee {
			monthly: 20,
			cap: Permill::from_percent(10),
		},
		min_escrow: 100,
		notice: NOTICE,
	}
}

fn sweep(percent: u32) -> Option<CashSweep> {
	Some(CashSweep {
		vault: VAULT,
		ratio: Permill::from_percent(percent),
	})
}

fn propose(who: &AccountId, terms: Terms<AccountId>) -> DispatchResult {
	dispatch(who, Call::propose { terms })
}

fn accept(who: &AccountId, agreement: AgreementId, terms_hash: H256) -> DispatchResult {
	dispatch(who, Call::accept { agreement, terms_hash })
}

fn fund(who: &AccountId, agreement: AgreementId, amount: Balance) -> DispatchResult {
	dispatch(who, Call::fund { agreement, amount })
}

fn activate(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	dispatch(who, Call::activate { agreement })
}

fn settle(agreement: AgreementId) -> DispatchResult {
	dispatch(&STRANGER, Call::settle { agreement })
}

fn give_notice(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	dispatch(who, Call::give_notice { agreement })
}

fn close(agreement: AgreementId) -> DispatchResult {
	dispatch(&STRANGER, Call::close { agreement })
}

fn claim(agreement: AgreementId) -> DispatchResult {
	dispatch(&STRANGER, Call::claim { agreement })
}

fn cancel(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	dispatch(who, Call::cancel { agreement })
}

/// Energy of the mock's readings from the first to `last`, while nobody served.
fn unserved(last: u64) -> Service {
	Service {
		from: JANUARY + 1,
		until: JANUARY + last,
		earned: 0,
		due: 0,
	}
}

/// The seller proposes, the buyer accepts.
fn accepted(terms: Terms<AccountId>) -> AgreementId {
	let id = NextAgreement::<Test>::get();
	let (buyer, hash) = (terms.buyer.clone(), terms.hash());
	assert_ok!(propose(&SELLER, terms));
	assert_ok!(accept(&buyer, id, hash));
	id
}

/// Billing from 1,000 Wh on, with `escrow` paid in.
fn active(terms: Terms<AccountId>, escrow: Balance) -> AgreementId {
	let meter = terms.meter;
	let id = accepted(terms);
	assert_ok!(fund(&FUNDER, id, escrow));
	set_registers(meter, 1_000, 0);
	assert_ok!(activate(&SELLER, id));
	id
}

/// Gives notice and lets it run out.
fn notice_over(id: AgreementId) {
	assert_ok!(give_notice(&BUYER, id));
	Now::set(&(Now::get() + NOTICE));
}

fn free(who: &AccountId) -> Balance {
	Balances::free_balance(who)
}

fn escrow_balance(id: AgreementId) -> Balance {
	free(&PpaEscrow::account_of(id))
}

fn books(id: AgreementId) -> Books {
	agreement(id).books
}

fn last_event() -> RuntimeEvent {
	System::events().pop().expect("an event was emitted").event
}

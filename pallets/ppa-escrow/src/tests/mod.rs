//! Tests, one file per capability, and what they share.

mod billing;
mod changes;
mod conditions;
mod disputes;
mod ending;
mod feeds;
mod fuzz;
mod invariants;
mod model;
mod payouts;
mod proposal;
mod records;
mod settlement;
mod shares;
mod views;

use baseload_math::billing::{
	agreement::Ending,
	shares::Take,
	terms::{Cuts, DisputeClause, Outage, Payment, Prices, Start, Tariff, Termination, Volume},
	Agreement, Month, Price, Terms,
};
use baseload_primitives::{AgreementId, Balance, Change, Conditions, Contract, LenderClause, MeterUse, DAY};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

use crate::{mock::*, Call, Error, Event, NextAgreement};

/// The first agreement of a test.
const FIRST: AgreementId = AgreementId(0);

/// One base unit per Wh.
const UNIT: Price = 1_000_000_000_000_000_000;

fn month(period: u32) -> Month {
	Month::new(FIRST_MONTH + period).expect("after 1970")
}

fn prices(prices: &[Price]) -> Prices {
	prices.to_vec().try_into().expect("few")
}

/// Two years from [`FIRST_MONTH`] on at one base unit per Wh of export; no quantities, no estimates, no cuts.
fn terms() -> Terms {
	Terms {
		registers: vec![0].try_into().expect("one"),
		tariff: Tariff::Fixed {
			prices: prices(&[UNIT]),
		},
		escalator: 0,
		months: 24,
		start: Start::Month(month(0)),
		volume: Volume {
			quantity: 0,
			excess: None,
			take_or_pay: 0,
			makeup_years: 0,
			ref_price: UNIT,
			guarantee: 0,
			ld_price: 0,
			ld_cap: 0,
		},
		nameplate_w: 0,
		expected: [0; 12],
		outage: Outage {
			estimate: 0,
			max_estimates: 0,
			outage_grace: 10 * DAY,
			dark_final: 120 * DAY,
			feed_grace: 10 * DAY,
			feed_final: 90 * DAY,
		},
		payment: Payment {
			due: 15 * DAY,
			late_rate: 0,
			grace: 20 * DAY,
			topup: 10 * DAY,
			security_periods: 0,
		},
		dispute: DisputeClause {
			bond: 100_000,
			timeout: 30 * DAY,
			default: 500_000,
		},
		termination: Termination {
			months: 0,
			buyer: 0,
			seller: 0,
			buyout: 0,
		},
		cuts: Cuts {
			attestor_fee: 0,
			attestor_cap: 0,
			sweep: 0,
		},
	}
}

/// The whole meter under [`terms`], resolved by [`RESOLVER`].
fn contract() -> Contract<AccountId> {
	with(terms())
}

fn with(terms: Terms) -> Contract<AccountId> {
	Contract {
		seller: SELLER,
		buyer: BUYER,
		payee: SELLER,
		resolver: Some(RESOLVER),
		meter: METER,
		share: Take::Percent(1_000_000),
		feed: None,
		vault: None,
		conditions: Conditions {
			escrow: 0,
			security: 0,
			bond: 0,
			by: start(0) + 30 * DAY,
		},
		lender: LenderClause {
			notice: 5 * DAY,
			step_in: 7 * DAY,
		},
		terms,
	}
}

fn propose(who: &AccountId, contract: Contract<AccountId>) -> DispatchResult {
	dispatch(
		who,
		Call::propose {
			contract: Box::new(contract),
		},
	)
}

fn accept(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	let contract_hash = record(agreement).hash();
	dispatch(
		who,
		Call::accept {
			agreement,
			contract_hash,
		},
	)
}

fn fund(agreement: AgreementId, amount: Balance) -> DispatchResult {
	dispatch(&ANYONE, Call::fund { agreement, amount })
}

fn secure(agreement: AgreementId, amount: Balance) -> DispatchResult {
	dispatch(&ANYONE, Call::secure { agreement, amount })
}

fn post_bond(agreement: AgreementId, amount: Balance) -> DispatchResult {
	dispatch(&ANYONE, Call::post_bond { agreement, amount })
}

fn activate(agreement: AgreementId) -> DispatchResult {
	dispatch(&ANYONE, Call::activate { agreement })
}

fn settle(agreement: AgreementId) -> DispatchResult {
	dispatch(&ANYONE, Call::settle { agreement, steps: 64 })
}

fn claim(agreement: AgreementId) -> DispatchResult {
	dispatch(&ANYONE, Call::claim { agreement })
}

fn cancel(who: &AccountId, agreement: AgreementId) -> DispatchResult {
	dispatch(who, Call::cancel { agreement })
}

fn terminate(who: &AccountId, agreement: AgreementId, ending: Ending) -> DispatchResult {
	dispatch(who, Call::terminate { agreement, ending })
}

fn request(who: &AccountId, agreement: AgreementId, change: Change<AccountId>) -> DispatchResult {
	dispatch(who, Call::request { agreement, change })
}

fn agree(who: &AccountId, agreement: AgreementId, change: &Change<AccountId>) -> DispatchResult {
	dispatch(
		who,
		Call::agree {
			agreement,
			change_hash: change.hash(),
		},
	)
}

/// The seller proposes, the buyer accepts.
fn accepted(contract: Contract<AccountId>) -> AgreementId {
	let id = NextAgreement::<Test>::get();
	let buyer = contract.buyer.clone();
	assert_ok!(propose(&SELLER, contract));
	assert_ok!(accept(&buyer, id));
	id
}

/// Binds, with `escrow` paid in.
fn active(contract: Contract<AccountId>, escrow: Balance) -> AgreementId {
	let id = accepted(contract);
	if escrow > 0 {
		assert_ok!(fund(id, escrow));
	}
	assert_ok!(activate(id));
	id
}

/// Binds, with `escrow`; then the meter counts from 1,000 Wh at the start to `wh` more by the end of the first month, which is
/// known a day later; it is a day after that.
fn metered(contract: Contract<AccountId>, escrow: Balance, wh: u64) -> AgreementId {
	let meter = contract.meter;
	let id = active(contract, escrow);
	at(start(0));
	read(meter, 1_000);
	at(start(1));
	read_all(meter, start(1), vec![1_000 + wh, 0, 1_000 + wh, 0]);
	at(day(1, 1));
	id
}

fn billing(id: AgreementId) -> Agreement {
	record(id).billing().expect("it binds").clone()
}

fn free(who: &AccountId) -> Balance {
	Balances::free_balance(who)
}

/// What an account has gained since it was rich.
fn gained(who: &AccountId) -> i128 {
	free(who) as i128 - RICH as i128
}

fn pot(id: AgreementId) -> Balance {
	free(&PpaEscrow::account_of(id))
}

fn has_event(event: Event<Test>) -> bool {
	let event = RuntimeEvent::PpaEscrow(event);
	System::events().iter().any(|record| record.event == event)
}

//! Agreements to start from, recorded as if parties had made them.

use alloc::{boxed::Box, vec, vec::Vec};

use baseload_math::billing::{
	agreement::{Credit, Declared, Dispute, Estimate, OpenBill, Status, Suspension},
	clauses::MAX_WAIT,
	shares::Take,
	terms::{
		Cuts, DisputeClause, Excess, Operation, Outage, Payment, Start, Tariff, Termination, Terms, Volume,
		MAX_ESTIMATES,
	},
	Agreement, Month,
};
use baseload_primitives::{
	AgreementId, Amendment, AttestorPay, Balance, Change, Conditions, Contract, DebtSweep, FeedId, IndexSource,
	LenderClause, MeterId, Moment, OpenTime, Register, RegisterSource, Totals, VaultId, DAY, KWH,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, Get};
use frame_system::RawOrigin;

use crate::{
	shares::{mask_of, Row, Span, MAX_SHARES},
	Agreements, Config, NextAgreement, Notice, Pallet, Record, Request, Shares, Stage,
};

pub const METER: MeterId = MeterId(0);
/// A meter of the same seller's that no agreement bills.
pub const OTHER_METER: MeterId = MeterId(1);
pub const FEED: FeedId = FeedId(0);
const VAULT: VaultId = VaultId(0);
/// The first month that is billed: January 2027.
pub const FIRST: u32 = 24_324;
/// The agreements that share the meter.
const OTHERS: u32 = 1_000;
/// What is due to each when something is paid out.
pub const DUE: Balance = 1_000 * KWH;

/// When the months that can be billed are over: some days into the one after.
pub fn now(months: u32) -> Moment {
	month(months).start() + 20 * DAY
}

/// A month of the term.
pub fn month(period: u32) -> Month {
	Month::of(0).plus(FIRST - Month::of(0).number() + period)
}

/// An account with plenty of KWH.
pub fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who = account(name, 0, 0);
	T::Currency::set_balance(&who, 1_000_000 * KWH);
	who
}

/// The world around an agreement: its meter with `months` months read, its vault, its attestors and its feed.
pub fn world<T: Config>(months: u32) {
	T::OpenTime::set_now(now(months));
	let seller = rich::<T>("seller");
	let counts: Vec<u64> = (0..=u64::from(months)).map(|month| month * 1_000_000).collect();
	T::Registers::set_months(METER, &seller, FIRST, &counts);
	T::Attestors::set_served(METER);
	T::Sweep::set_debt(VAULT, &seller, 1_000_000 * KWH);
	T::Indexes::set_value(FEED);
}

/// The largest terms: as many bands as the meter has, an indexed tariff, every clause. Indexes are never known, so that each
/// month is looked for a year back.
fn terms<T: Config>() -> Terms {
	let registers = T::Registers::registers(METER).unwrap_or_default();
	let bands = registers
		.iter()
		.zip(0u8..)
		.filter(|(register, _)| matches!(register, Register::ExportBand(_)));
	let bands: Vec<_> = bands.map(|(_, position)| position).collect();
	Terms {
		registers: bands.try_into().unwrap_or_default(),
		tariff: Tariff::Indexed {
			base: 1_000_000_000_000_000,
			slope: 1,
			floor: 1,
			cap: 1_000_000_000_000_000_000_000_000_000,
			index0: 1_000_000_000,
		},
		escalator: 20_000,
		months: 240,
		start: Start::Month(month(0)),
		volume: Volume {
			quantity: 1_000_000_000,
			excess: Some(Excess {
				over: 100_000,
				price: 500_000,
			}),
			take_or_pay: 500_000,
			makeup_years: 3,
			ref_price: 1_000_000_000_000_000_000_000_000_000,
			guarantee: 500_000,
			ld_price: 1_000_000_000,
			ld_cap: KWH,
		},
		nameplate_w: 1_000_000,
		expected: [1_000_000; 12],
		outage: Outage {
			estimate: 500_000,
			max_estimates: MAX_ESTIMATES,
			outage_grace: MAX_WAIT,
			dark_final: MAX_WAIT,
			feed_grace: 0,
			feed_final: MAX_WAIT,
		},
		payment: Payment {
			due: MAX_WAIT,
			late_rate: 90_000_000_000_000_000,
			grace: MAX_WAIT,
			topup: MAX_WAIT,
			security_periods: 3,
		},
		dispute: DisputeClause {
			bond: 100_000,
			timeout: MAX_WAIT,
			default: 500_000,
		},
		termination: Termination {
			months: 60,
			buyer: 1_000_000,
			seller: 1_000_000,
			buyout: 0,
		},
		cuts: Cuts {
			attestor_fee: T::MaxAttestorFee::get(),
			attestor_cap: T::MaxAttestorCap::get().deconstruct(),
			sweep: 500_000,
		},
	}
}

/// The largest contract. Neither buyer nor payee have an account.
pub fn contract<T: Config>() -> Contract<T::AccountId> {
	Contract {
		seller: account("seller", 0, 0),
		buyer: account("buyer", 0, 0),
		payee: account("payee", 0, 0),
		resolver: Some(rich::<T>("resolver")),
		meter: METER,
		share: Take::Percent(1_000),
		feed: Some(FEED),
		vault: Some(VAULT),
		conditions: Conditions {
			escrow: 1,
			security: 1,
			bond: 1,
			by: Pallet::<T>::now().saturating_add(MAX_WAIT),
		},
		lender: LenderClause { notice: 0, step_in: 0 },
		terms: terms::<T>(),
	}
}

/// The meter is shared by all but one of those that can.
pub fn crowd<T: Config>(contract: &Contract<T::AccountId>) {
	Shares::<T>::mutate(contract.meter, |book| {
		for place in 1..MAX_SHARES {
			let row = Row {
				agreement: AgreementId(OTHERS + place),
				registers: mask_of(&contract.terms.registers),
				energy: mask_of(&contract.terms.registers),
				take: Take::Percent(1_000),
				span: Span::Months {
					from: month(0),
					until: month(240),
				},
				closed: false,
			};
			let _ = book.rows.try_push(row);
		}
	});
}

pub fn proposed<T: Config>(contract: &Contract<T::AccountId>) -> Result<AgreementId, BenchmarkError> {
	let id = NextAgreement::<T>::get();
	let seller = RawOrigin::Signed(contract.seller.clone());
	Pallet::<T>::propose(seller.into(), Box::new(contract.clone()))?;
	Ok(id)
}

/// Accepted, with its conditions met.
pub fn accepted<T: Config>(contract: &Contract<T::AccountId>) -> Result<AgreementId, BenchmarkError> {
	let id = proposed::<T>(contract)?;
	Pallet::<T>::accept(RawOrigin::Signed(contract.buyer.clone()).into(), id, contract.hash())?;
	let funder = RawOrigin::Signed(rich::<T>("funder"));
	for pay in [Pallet::<T>::fund, Pallet::<T>::secure, Pallet::<T>::post_bond] {
		let _ = pay(funder.clone().into(), id, DUE).map_err(|failure| failure.error)?;
	}
	Ok(id)
}

/// An agreement that binds, as large as it gets, with `months` months to bill, all of the meter's shares taken, and something due
/// to everybody.
pub fn running<T: Config>(months: u32) -> Result<AgreementId, BenchmarkError> {
	world::<T>(months);
	// Its conditions are met before the first month, so that nothing is due yet.
	T::OpenTime::set_now(month(0).start());
	T::Indexes::set_value(FEED);
	let contract = contract::<T>();
	let id = accepted::<T>(&contract)?;
	Pallet::<T>::activate(RawOrigin::Signed(rich::<T>("funder")).into(), id)?;
	crowd::<T>(&contract);
	edit_billing::<T>(id, enlarge);
	due::<T>(id, DUE);
	T::Currency::set_balance(&Pallet::<T>::account_of(id), 100 * DUE);
	T::OpenTime::set_now(now(months));
	Ok(id)
}

/// So much is due to everybody.
pub fn due<T: Config>(id: AgreementId, amount: Balance) {
	edit::<T>(id, |record| {
		record.payouts.due = Totals {
			attestors: amount,
			burnt: amount,
			payee: amount,
			buyer: amount,
			seller: amount,
		}
	});
}

/// The seller has asked for a change. Recorded, since the call would pay out what is due.
pub fn requested<T: Config>(id: AgreementId, change: Change<T::AccountId>) {
	edit::<T>(id, |record| {
		record.request = Some(Request {
			change,
			by_seller: true,
			by_buyer: false,
			by_lender: false,
		})
	});
}

/// Fills what can be filled without holding up bills. Of the clauses none is touched: they can still be amended.
fn enlarge(billing: &mut Agreement) {
	let far = 239;
	let declared = Declared {
		period: far,
		deemed: 0,
		excused: 0,
	};
	billing.declared = vec![declared; 31].try_into().unwrap_or_default();
	let suspension = Suspension {
		from: month(far),
		until: Some(month(far + 1)),
	};
	billing.suspensions = vec![suspension; 15].try_into().unwrap_or_default();
	let estimate = Estimate {
		period: far,
		due: Moment::MAX,
		amount: 0,
		reserved: Some(0),
	};
	billing.estimates = vec![estimate; 23].try_into().unwrap_or_default();
	let dispute = Dispute {
		number: u32::MAX,
		timeout: Moment::MAX,
		held: 0,
		bond: 0,
	};
	billing.disputes = vec![dispute; 31].try_into().unwrap_or_default();
	// Not late: the seller is in default where a benchmark says so.
	let credit = Credit {
		due: Moment::MAX,
		amount: 0,
		called: true,
	};
	billing.credits = vec![credit; 60].try_into().unwrap_or_default();
}

/// Nothing that is billed falls due and nothing is corrected, so that every event is a bill.
pub fn only_bills<T: Config>(id: AgreementId) {
	const NEVER: Moment = Moment::MAX / 2;
	edit_billing::<T>(id, |billing| {
		billing.terms.payment.due = NEVER;
		billing.terms.outage.feed_final = NEVER;
	});
}

/// Its one month is billed and nothing is open: the close is next.
pub fn all_billed<T: Config>(id: AgreementId) {
	edit_billing::<T>(id, |billing| {
		(billing.next, billing.end) = (1, 1);
		billing.disputes.clear();
	});
}

/// A bill of the largest escrow is open.
pub fn open_bill<T: Config>(id: AgreementId) {
	edit_billing::<T>(id, |billing| {
		billing.issued += 1;
		billing.ledger.accrued += DUE / 2;
		let bill = OpenBill {
			due: Moment::MAX,
			number: billing.issued,
			open: DUE / 2,
		};
		let _ = billing.bills.try_push(bill);
	});
}

/// Changes an agreement's record.
pub fn edit<T: Config>(id: AgreementId, change: impl FnOnce(&mut Record<T::AccountId>)) {
	Agreements::<T>::mutate_extant(id, change);
}

/// Changes the state of billing.
pub fn edit_billing<T: Config>(id: AgreementId, change: impl FnOnce(&mut Agreement)) {
	edit::<T>(id, |record| {
		if let Stage::Running(billing) = &mut record.stage {
			change(billing);
		}
	});
}

/// The start with operation, at a count that the meter has not reached.
pub fn with_operation<T: Config>(contract: &mut Contract<T::AccountId>) {
	contract.terms.start = Start::Operation(Operation {
		register: 0,
		wh: u64::MAX / 2,
		target: 1,
		longstop: 2,
		delay_per_day: 1,
		delay_cap: KWH,
	});
}

/// New clauses, all that there can be.
pub fn amendment<T: Config>() -> Amendment<T::AccountId> {
	Amendment {
		from: month(12),
		prices: None,
		quantity: Some(2_000_000_000),
		expected: Some([2; 12]),
		payee: Some(account("payee", 1, 0)),
		resolver: Some(Some(account("resolver", 1, 0))),
	}
}

/// The lender knows that the buyer may end the agreement.
pub fn notified<T: Config>(id: AgreementId) -> T::AccountId {
	let lender: T::AccountId = rich::<T>("lender");
	let account = lender.clone();
	edit::<T>(id, |record| {
		record.lender = Some(account);
		record.notices.buyer = Some(Notice {
			at: 0,
			default_since: 1,
		});
	});
	lender
}

/// The seller is in default since ever.
pub fn seller_in_default<T: Config>(id: AgreementId) {
	edit_billing::<T>(id, |billing| {
		for credit in &mut billing.credits {
			credit.due = 1;
		}
	});
}

/// It is closed; something is still due to everybody.
pub fn close<T: Config>(id: AgreementId) {
	edit_billing::<T>(id, |billing| billing.status = Status::Closed);
	edit::<T>(id, |record| record.closed_at = Some(0));
}

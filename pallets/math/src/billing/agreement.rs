//! The whole state of an agreement as one value.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use super::{
	ledger::Ledger,
	terms::{Start, Terms, MAX_ESTIMATES},
	volume::{Bank, YearCount},
	AgreementId, Moment, Money, Month, Period, Price, Refusal,
};

/// The most bills that are open at one time. While so many are, the next one waits for the first to fall due.
pub const MAX_BILLS: u32 = 64;

/// The most indexed bills that wait for their true index at one time. While so many do, the next bill waits.
pub const MAX_CORRECTIONS: u32 = 64;

/// The most debts of the seller that are kept apart. While so many are not yet due, the next bill waits.
pub const MAX_CREDITS: u32 = 64;

/// The most disputes at one time.
pub const MAX_DISPUTES: u32 = 32;

/// The most periods with energy declared ahead of their bills.
pub const MAX_DECLARED: u32 = 32;

/// The most suspensions whose months are not billed yet.
pub const MAX_SUSPENSIONS: u32 = 16;

/// Where an agreement is in its life. Delinquency, suspension and disputes are states of an active one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Status {
	/// Waits for commercial operation.
	#[codec(index = 0)]
	Waiting,
	/// Bills.
	#[codec(index = 1)]
	Active,
	/// Over. What was not paid stays recorded.
	#[codec(index = 2)]
	Closed,
}

/// Why an agreement ends before its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Ending {
	/// By the seller, for the buyer's default.
	#[codec(index = 0)]
	Seller,
	/// By the buyer, for the seller's default.
	#[codec(index = 1)]
	Buyer,
	/// By the buyer, who pays to leave.
	#[codec(index = 2)]
	Buyout,
	/// By the buyer, operation not being proven in time.
	#[codec(index = 3)]
	Longstop,
}

/// A bill before its due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OpenBill {
	/// When it is due.
	pub due: Moment,
	/// Bills are numbered from 1 in the order of their issue.
	pub number: u32,
	/// What is left of it, in base units. Can be nothing if all of it is disputed.
	pub open: Money,
}

/// Something that the seller owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Credit {
	/// When it is due.
	pub due: Moment,
	/// What is left of it, in base units.
	pub amount: Money,
	/// True once it fell due: from then on every bond pays it at once.
	pub called: bool,
}

/// An estimate of a period whose registers are late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Estimate {
	/// The period.
	pub period: Period,
	/// When it is due.
	pub due: Moment,
	/// In base units.
	pub amount: Money,
	/// What the escrow could reserve for it when it was due.
	pub reserved: Option<Money>,
}

/// A disputed part of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Dispute {
	/// The bill's number.
	pub number: u32,
	/// When it resolves itself.
	pub timeout: Moment,
	/// The disputed amount, held.
	pub held: Money,
	/// The buyer's bond for it.
	pub bond: Money,
}

/// Energy declared ahead of a period's bill, in Wh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Declared {
	/// The period.
	pub period: Period,
	/// Would have been delivered, had the buyer or the grid taken it: billed as if it had.
	pub deemed: u64,
	/// Counts for neither side: no take or pay, no damages.
	pub excused: u64,
}

/// Months without delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Suspension {
	/// The first of them.
	pub from: Month,
	/// The first month after them, once known.
	pub until: Option<Month>,
}

/// An indexed bill that used an earlier index because its own was not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Correction {
	/// The period.
	pub period: Period,
	/// Wh billed at the price.
	pub normal: u64,
	/// Wh billed at the excess price.
	pub over: u64,
	/// The price used.
	pub price: Price,
}

/// An agreement: its terms, how far it is billed, its open items and its money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Agreement {
	/// Its name in share tables.
	pub id: AgreementId,
	/// Its clauses.
	pub terms: Terms,
	/// Where it is in its life.
	pub status: Status,
	/// Everything before this moment has been played.
	pub clock: Moment,
	/// The month of period 0, once known.
	pub first_month: Option<Month>,
	/// The number of periods, fewer than agreed after an early end.
	pub end: Period,
	/// Why it ends early.
	pub reason: Option<Ending>,

	/// The next period to bill.
	pub next: Period,
	/// The first period whose energy is in no bill yet: before `next` if the meter was silent when its bill was final.
	pub unbilled: Period,
	/// What bills have not yet made a base unit, in 10^-18 base units, below 10^18.
	pub rem: u64,
	/// Ever billed or taken from the make-up bank, in Wh.
	pub wh: u64,
	/// The contract year so far.
	pub year: YearCount,
	/// Energy paid but not taken, oldest first.
	pub bank: Bank,
	/// Energy declared for periods to come.
	pub declared: BoundedVec<Declared, ConstU32<MAX_DECLARED>>,
	/// Months without delivery, oldest first; only the last can be open.
	pub suspensions: BoundedVec<Suspension, ConstU32<MAX_SUSPENSIONS>>,
	/// Bills to correct, oldest first.
	pub corrections: BoundedVec<Correction, ConstU32<MAX_CORRECTIONS>>,

	/// How many bills were issued.
	pub issued: u32,
	/// Bills not yet due, oldest first.
	pub bills: BoundedVec<OpenBill, ConstU32<MAX_BILLS>>,
	/// Estimates of periods not yet billed.
	pub estimates: BoundedVec<Estimate, ConstU32<MAX_ESTIMATES>>,
	/// Open disputes, oldest first.
	pub disputes: BoundedVec<Dispute, ConstU32<MAX_DISPUTES>>,
	/// What the seller owes, oldest first; those called come before the others.
	pub credits: BoundedVec<Credit, ConstU32<MAX_CREDITS>>,
	/// The due date since which the buyer has been late without a break.
	pub since: Option<Moment>,
	/// The grace is over and the buyer has not yet paid everything.
	pub delinquent: bool,
	/// Until when the security has to be full again.
	pub topup_by: Option<Moment>,
	/// The payee cannot receive.
	pub blocked: bool,
	/// Tokens and claims.
	pub ledger: Ledger,
}

impl Agreement {
	/// An agreement made at `now`. `BadTerms` if the clauses do not make sense together.
	pub fn new(id: AgreementId, terms: Terms, now: Moment) -> Result<Self, Refusal> {
		terms.check()?;
		let (status, first_month) = match terms.start {
			Start::Month(month) => (Status::Active, Some(month)),
			Start::Operation(_) => (Status::Waiting, None),
		};
		Ok(Self {
			id,
			status,
			clock: now,
			first_month,
			end: terms.months,
			terms,
			reason: None,
			next: 0,
			unbilled: 0,
			rem: 0,
			wh: 0,
			year: YearCount::default(),
			bank: Bank::default(),
			declared: BoundedVec::default(),
			suspensions: BoundedVec::default(),
			corrections: BoundedVec::default(),
			issued: 0,
			bills: BoundedVec::default(),
			estimates: BoundedVec::default(),
			disputes: BoundedVec::default(),
			credits: BoundedVec::default(),
			since: None,
			delinquent: false,
			topup_by: None,
			blocked: false,
			ledger: Ledger::default(),
		})
	}

	/// The month of a period; `None` before operation.
	pub fn month(&self, period: Period) -> Option<Month> {
		self.first_month.map(|first| first.plus(period))
	}

	/// The contract year that `moment` falls in, that of the last period being the latest.
	pub fn year_at(&self, moment: Moment) -> u32 {
		let period = self.first_month.map_or(0, |first| Month::of(moment).since(first));
		period.min(self.end.saturating_sub(1)) / 12
	}

	/// True if nothing is delivered in `month`.
	pub fn is_suspended(&self, month: Month) -> bool {
		let covers =
			|suspension: &Suspension| suspension.from <= month && suspension.until.is_none_or(|until| month < until);
		self.suspensions.iter().any(covers)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::example::{agreement, day, month, start, terms};

	#[test]
	fn suspension_should_cover_its_months_when_it_is_open_or_ended() {
		let mut agreement = agreement(terms(), 0);
		let suspension = |from, until: Option<u32>| Suspension {
			from: month(from),
			until: until.map(month),
		};
		agreement.suspensions = vec![suspension(1, Some(2)), suspension(4, None)].try_into().unwrap();
		let suspended = (0..7).map(|period| agreement.is_suspended(month(period)));
		assert_eq!(
			suspended.collect::<Vec<_>>(),
			[false, true, false, false, true, true, true]
		);
	}

	#[test]
	fn year_should_stay_with_the_last_period_when_the_term_is_over() {
		let agreement = agreement(terms(), 0);
		let years = [start(0) - 1, day(11, 30), start(12), start(200)].map(|moment| agreement.year_at(moment));
		assert_eq!(years, [0, 0, 1, 1]);
	}

	#[test]
	fn state_should_survive_its_encoding() {
		let agreement = agreement(terms(), 7);
		let encoded = agreement.encode();
		assert!(encoded.len() <= Agreement::max_encoded_len());
		assert_eq!(Agreement::decode(&mut &encoded[..]), Ok(agreement));
	}
}

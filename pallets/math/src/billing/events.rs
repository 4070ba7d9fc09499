//! What happens next, and when.
//!
//! Every event has a time of its own, which follows from the terms, the state and what is known; it is played at that time
//! or, if the clock is already past it, at the clock. Events are played in the order of (time, rank, key):
//!
//! | rank | event | its own time |
//! |---|---|---|
//! | 0 | operation is proven | the proving reading turns final |
//! | 1 | the oldest correction | its index is known, at the latest `feed_final` after the month |
//! | 2 | the next bill | its registers are known, at the latest `dark_final` after the month; for a contract for difference also its index; for an indexed tariff also its index, at the latest `feed_grace` after the month |
//! | 3 | an estimate of one of the next `max_estimates` periods | `outage_grace` after the month, unless its registers are known by then |
//! | 4 | a bill is due | `due` after its issue |
//! | 5 | an estimate is due | `due` after it |
//! | 6 | something the seller owes is due | `due` after it arose |
//! | 7 | a dispute times out | `timeout` after it |
//! | 8 | the grace is over | `grace` after the first unpaid due date |
//! | 9 | the agreement closes | at once, when all is billed, nothing is open, and the buyer owes nothing or is in default with nothing left |
//!
//! Nothing here reads a clock of its own: what is next is a function of the state and of what was known at the event's
//! time. A time beyond the end of time never comes.

use super::{
	agreement::{Agreement, Status, MAX_BILLS, MAX_CREDITS},
	sources::Sources,
	terms::{Start, Tariff},
	Moment, Period,
};

/// Something that happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
	/// A reading proves commercial operation.
	Operation,
	/// The oldest bill that used an earlier index is corrected.
	Correction,
	/// The next period is billed.
	Bill,
	/// A period is estimated.
	Estimate(Period),
	/// The oldest open bill is due.
	BillDue,
	/// The estimate of a period is due.
	EstimateDue(Period),
	/// The oldest debt of the seller that was not yet called is due.
	CreditDue,
	/// The oldest dispute times out.
	DisputeTimeout,
	/// The buyer's grace is over.
	GraceOver,
	/// The agreement closes.
	Close,
}

/// An event and when it is played. The order of the fields is the order of events: the variants stand by rank, and what
/// they carry is the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scheduled {
	/// When it is played: its own time, but not before the clock.
	pub at: Moment,
	/// What happens.
	pub event: Event,
}

impl Agreement {
	/// The event that is played next, as far as `sources` tell by now.
	pub fn next_event(&self, sources: &impl Sources) -> Option<Scheduled> {
		if self.status == Status::Closed {
			return None;
		}
		let one = |event, own: Option<Moment>| own.map(|own| self.scheduled(event, own));
		let single = [
			one(Event::Operation, self.operation_time(sources)),
			one(Event::Correction, self.correction_time(sources)),
			one(Event::Bill, self.bill_time(sources)),
			one(Event::BillDue, self.bills.first().map(|bill| bill.due)),
			one(
				Event::CreditDue,
				self.credits
					.iter()
					.find(|credit| !credit.called)
					.map(|credit| credit.due),
			),
			one(
				Event::DisputeTimeout,
				self.disputes.first().map(|dispute| dispute.timeout),
			),
			one(Event::GraceOver, self.grace_time()),
			one(Event::Close, self.can_close().then_some(self.clock)),
		];
		let estimates = self.estimates.iter().filter(|estimate| estimate.reserved.is_none());
		let estimates_due = estimates.map(|estimate| self.scheduled(Event::EstimateDue(estimate.period), estimate.due));
		let events = single.into_iter().flatten();
		events.chain(estimates_due).chain(self.next_estimate(sources)).min()
	}

	fn scheduled(&self, event: Event, own: Moment) -> Scheduled {
		Scheduled {
			at: own.max(self.clock),
			event,
		}
	}

	fn operation_time(&self, sources: &impl Sources) -> Option<Moment> {
		let Start::Operation(operation) = self.terms.start else {
			return None;
		};
		if self.first_month.is_some() || self.reason.is_some() {
			return None;
		}
		sources
			.first_reaching(operation.register, operation.wh)
			.map(|proof| proof.known)
	}

	fn correction_time(&self, sources: &impl Sources) -> Option<Moment> {
		let month = self.month(self.corrections.first()?.period)?;
		let last = month.end().saturating_add(self.terms.outage.feed_final);
		let known = sources.index(month).map_or(last, |index| index.known.min(last));
		self.has_room().then_some(known)
	}

	fn bill_time(&self, sources: &impl Sources) -> Option<Moment> {
		if self.next >= self.end || !self.has_room() || self.corrections.is_full() {
			return None;
		}
		let month = self.month(self.next)?;
		let after_end = |wait: Moment| month.end().saturating_add(wait);
		let dark = after_end(self.terms.outage.dark_final);
		let registers = sources
			.boundary(month.plus(1))
			.map_or(dark, |boundary| boundary.known.min(dark));
		let index = sources.index(month).map(|index| index.known);
		match self.terms.tariff {
			Tariff::Fixed { .. } => Some(registers),
			Tariff::Indexed { .. } => {
				let last = after_end(self.terms.outage.feed_grace);
				Some(registers.max(index.map_or(last, |known| known.min(last))))
			}
			Tariff::Cfd { .. } => index.map(|known| registers.max(known)),
		}
	}

	/// True if a bill and the two debts of the seller that it may bring can be taken in. Otherwise billing waits, as a queue
	/// does, until something falls due. Debts that fell due do not count: they can be joined.
	fn has_room(&self) -> bool {
		let not_called = self.credits.iter().filter(|credit| !credit.called).count();
		self.bills.len() < MAX_BILLS as usize && not_called + 2 < MAX_CREDITS as usize
	}

	/// The first estimate to make: of a period not yet billed or estimated whose registers are not known by then.
	fn next_estimate(&self, sources: &impl Sources) -> Option<Scheduled> {
		let last = self.end.min(self.next.saturating_add(self.terms.outage.max_estimates));
		let periods = (self.next..last).filter(|period| !self.estimates.iter().any(|made| made.period == *period));
		let due = periods.filter_map(|period| {
			let month = self.month(period)?;
			let own = month.end().saturating_add(self.terms.outage.outage_grace);
			let scheduled = self.scheduled(Event::Estimate(period), own);
			let known = sources
				.boundary(month.plus(1))
				.is_some_and(|boundary| boundary.known <= scheduled.at);
			(!known).then_some(scheduled)
		});
		due.min()
	}

	fn grace_time(&self) -> Option<Moment> {
		let since = self.since.filter(|_| !self.delinquent)?;
		Some(since.saturating_add(self.terms.payment.grace))
	}

	fn can_close(&self) -> bool {
		let billed = self.next >= self.end;
		let settled = self.bills.is_empty() && self.disputes.is_empty() && self.corrections.is_empty();
		let nothing_left = self.delinquent && self.ledger.escrow == 0 && self.ledger.security == 0;
		billed && settled && (!self.ledger.overdue() || nothing_left)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		agreement::{Credit, OpenBill},
		example::{agreement, day, start, terms, Known},
	};

	fn next(agreement: &Agreement, known: &Known) -> Option<(Event, Moment)> {
		agreement.next_event(known).map(|next| (next.event, next.at))
	}

	#[test]
	fn bill_should_come_when_registers_are_known_or_never_will_be() {
		let agreement = agreement(terms(), 0);
		let mut known = Known::default();
		assert_eq!(next(&agreement, &known), Some((Event::Estimate(0), day(1, 10))));
		known.register(1, 5, day(1, 3));
		assert_eq!(next(&agreement, &known), Some((Event::Bill, day(1, 3))));
		known.register(1, 5, day(1, 500));
		let mut blind = agreement.clone();
		blind.terms.outage.max_estimates = 0;
		assert_eq!(next(&blind, &known), Some((Event::Bill, day(1, 120))));
	}

	#[test]
	fn indexed_bill_should_wait_for_its_index_only_so_long() {
		let mut agreement = agreement(terms(), 0);
		let mut known = Known::registers(&[0, 5]);
		let indexed = |tariff: &mut Tariff| {
			*tariff = Tariff::Indexed {
				base: 0,
				slope: 0,
				floor: 0,
				cap: 0,
				index0: 0,
			}
		};
		indexed(&mut agreement.terms.tariff);
		assert_eq!(next(&agreement, &known), Some((Event::Bill, day(1, 10))));
		known.index_of(0, 0, day(1, 4));
		assert_eq!(next(&agreement, &known), Some((Event::Bill, day(1, 4))));
	}

	#[test]
	fn difference_should_wait_for_its_index_for_ever() {
		let mut agreement = agreement(terms(), 0);
		agreement.terms.outage.max_estimates = 0;
		agreement.terms.tariff = Tariff::Cfd {
			strike: 0,
			negative: crate::billing::terms::NegativeIndex::Cap,
			index0: 0,
		};
		let mut known = Known::registers(&[0, 5]);
		assert_eq!(next(&agreement, &known), None);
		known.index_of(0, 0, day(9, 4));
		assert_eq!(next(&agreement, &known), Some((Event::Bill, day(9, 4))));
	}

	#[test]
	fn rank_should_decide_when_times_are_equal() {
		let mut agreement = agreement(terms(), 0);
		let known = Known::registers(&[0, 5]);
		let at = day(1, 1);
		agreement.credits = vec![Credit {
			due: at,
			amount: 1,
			called: false,
		}]
		.try_into()
		.unwrap();
		assert_eq!(next(&agreement, &known), Some((Event::Bill, at)));
		agreement.bills = vec![OpenBill {
			due: at,
			number: 1,
			open: 1,
		}]
		.try_into()
		.unwrap();
		agreement.next = 1;
		assert_eq!(next(&agreement, &known), Some((Event::BillDue, at)));
		agreement.bills.clear();
		assert_eq!(next(&agreement, &known), Some((Event::CreditDue, at)));
	}

	#[test]
	fn late_event_should_be_played_at_the_clock_and_see_what_is_known_then() {
		let mut agreement = agreement(terms(), 0);
		agreement.next = 1;
		agreement.unbilled = 1;
		agreement.clock = day(3, 0);
		let mut known = Known::registers(&[0, 5]);
		known.register(2, 9, day(2, 20));
		// At its own time, ten days into the month, period 1 would have been estimated.
		assert_eq!(next(&agreement, &known), Some((Event::Bill, day(3, 0))));
	}

	#[test]
	fn billing_should_wait_when_no_bill_fits() {
		let mut agreement = agreement(terms(), 0);
		let bill = OpenBill {
			due: day(5, 0),
			number: 1,
			open: 1,
		};
		agreement.bills = vec![bill; MAX_BILLS as usize].try_into().unwrap();
		assert_eq!(
			next(&agreement, &Known::registers(&[0, 5])),
			Some((Event::Estimate(1), day(2, 10)))
		);
	}

	#[test]
	fn nothing_should_happen_when_the_agreement_is_closed() {
		let mut agreement = agreement(terms(), 0);
		agreement.next = agreement.end;
		assert_eq!(
			next(&agreement, &Known::default()),
			Some((Event::Close, start(0) - 86_400_000))
		);
		agreement.status = Status::Closed;
		assert_eq!(next(&agreement, &Known::default()), None);
	}
}

//! Settling: playing the events that are due.
//!
//! **Why the result does not depend on when, or how often, anybody settles.** An event reads the state and what was known
//! at its own time. Data are append-only and never known earlier than their block, so that of the events before `now` none
//! is missing. So between two inputs there is one list of events, and settling in between only cuts it in two. Interest is
//! linear between events and carries its remainder, so that a cut does not move it either. A bound on the steps stops
//! *between* events, with the clock at the last one, and inputs wait until the rest is played. The state is therefore a
//! function of the inputs and their times alone.

use super::{
	agreement::{Agreement, Status},
	events::{Event, Scheduled},
	sources::Sources,
	Moment, Refusal,
};

/// How far settling came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
	/// How many events were played.
	pub played: u32,
	/// True if no event before `now` is left; the clock then stands at `now`.
	pub done: bool,
}

impl Agreement {
	/// Plays the events strictly before `now`, at most `bound` of them. What happens at `now` itself is left for later,
	/// because inputs at `now` come before it.
	///
	/// `Past` if the clock is beyond `now`. After an error nothing has changed.
	pub fn advance(&mut self, sources: &impl Sources, now: Moment, bound: u32) -> Result<Progress, Refusal> {
		if now < self.clock {
			return Err(Refusal::Past);
		}
		let mut next = self.clone();
		let progress = next.play_until(sources, now, bound)?;
		*self = next;
		Ok(progress)
	}

	/// Plays the next event if it is strictly before `now`, and tells which it was. `None`: there is none, and nothing has
	/// changed. As many steps as there are and then an [`advance`](Self::advance) are the same as one advance.
	///
	/// `Past` if the clock is beyond `now`. After an error nothing has changed.
	pub fn step(&mut self, sources: &impl Sources, now: Moment) -> Result<Option<Scheduled>, Refusal> {
		if now < self.clock {
			return Err(Refusal::Past);
		}
		let Some(scheduled) = self.next_event(sources).filter(|scheduled| scheduled.at < now) else {
			return Ok(None);
		};
		let mut next = self.clone();
		next.run_clock(scheduled.at)?;
		next.play(scheduled, sources)?;
		*self = next;
		Ok(Some(scheduled))
	}

	fn play_until(&mut self, sources: &impl Sources, now: Moment, bound: u32) -> Result<Progress, Refusal> {
		let mut played = 0;
		while let Some(scheduled) = self.next_event(sources).filter(|scheduled| scheduled.at < now) {
			if played == bound {
				return Ok(Progress { played, done: false });
			}
			self.run_clock(scheduled.at)?;
			self.play(scheduled, sources)?;
			played += 1;
		}
		self.run_clock(now)?;
		Ok(Progress { played, done: true })
	}

	/// Moves the clock, and interest with it.
	fn run_clock(&mut self, to: Moment) -> Result<(), Refusal> {
		if self.status != Status::Closed {
			self.accrue_interest(to.saturating_sub(self.clock))?;
		}
		self.clock = to;
		Ok(())
	}

	fn play(&mut self, scheduled: Scheduled, sources: &impl Sources) -> Result<(), Refusal> {
		match scheduled.event {
			Event::Operation => self.prove_operation(sources),
			Event::Correction => self.correct(sources),
			Event::Bill => self.bill(sources),
			Event::Estimate(period) => self.estimate(period, sources),
			Event::BillDue => self.bill_due(),
			Event::EstimateDue(period) => self.estimate_due(period),
			Event::CreditDue => self.credit_due(),
			Event::DisputeTimeout => self.dispute_timeout(),
			Event::GraceOver => self.default_on_payment(),
			Event::Close => self.close(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{act, agreement, day, settle, terms, Known},
		Input,
	};

	#[test]
	fn events_at_now_should_wait_for_inputs_at_now() {
		let known = Known::registers(&[0, 100]);
		let mut agreement = agreement(terms(), 0);
		settle(&mut agreement, &known, day(1, 1));
		assert_eq!((agreement.next, agreement.clock), (0, day(1, 1)));
		settle(&mut agreement, &known, day(1, 1) + 1);
		assert_eq!(agreement.next, 1);
		// The bill is due at day 16, and money that comes at that moment is in time.
		act(&mut agreement, &known, day(1, 16), Input::Fund(100));
		settle(&mut agreement, &known, day(1, 17));
		assert_eq!((agreement.ledger.paid, agreement.since), (100, None));
	}

	#[test]
	fn settling_should_go_on_where_the_bound_stopped_it() {
		let known = Known::registers(&[0, 100, 200, 300]);
		let mut whole = agreement(terms(), 1_000);
		let mut stepped = whole.clone();
		let now = day(3, 20);
		settle(&mut whole, &known, now);
		let mut steps = 0;
		while !stepped.advance(&known, now, 1).unwrap().done {
			steps += 1;
			assert!(stepped.clock < now);
		}
		assert_eq!(steps, 5);
		assert_eq!(stepped, whole);
	}

	#[test]
	fn steps_should_lead_where_one_advance_does() {
		let known = Known::registers(&[0, 100, 200, 300]);
		let mut whole = agreement(terms(), 1_000);
		let mut stepped = whole.clone();
		let now = day(3, 20);
		settle(&mut whole, &known, now);
		let mut events = Vec::new();
		while let Some(scheduled) = stepped.step(&known, now).unwrap() {
			events.push(scheduled.event);
		}
		assert_eq!(events, [Event::Bill, Event::BillDue].repeat(3));
		assert!(stepped.advance(&known, now, 0).unwrap().done);
		assert_eq!(stepped, whole);
		assert_eq!(stepped.step(&known, 0), Err(Refusal::Past));
	}

	#[test]
	fn nothing_should_change_when_settling_fails() {
		let known = Known::registers(&[5, 0]);
		let mut agreement = agreement(terms(), 0);
		let before = agreement.clone();
		assert_eq!(agreement.advance(&known, day(2, 0), 9), Err(Refusal::Overflow));
		assert_eq!(agreement.advance(&known, 0, 9), Err(Refusal::Past));
		assert_eq!(agreement, before);
	}
}

//! What to do next about one meter: a pure function of what the outbox, the chain and the courier know.
//!
//! The rule that keeps readings in order and none of them lost: what is sent is always the *oldest* reading that no final
//! block holds, and those right after it. The chain accepts gaps, so a newer reading must never travel while it is not
//! settled, for good, that the older ones arrived. Whatever attempts may still be about, in a pool or in a block that is
//! dropped again, each of them begins with the same reading; one of them enters the chain, and the chain refuses the rest
//! as stale.

use baseload_client::MeterView;
use baseload_primitives::{MeterStatus, Moment};

use crate::outbox::{Book, Card, Done, Format};

/// Where a meter stands on the chain, as of a final block. Sequences are the device's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
	/// The newest accepted reading.
	pub newest: Option<u64>,
	/// The newest final reading.
	pub done: Option<Done>,
	/// At least as many readings as are not final yet.
	pub pending: u32,
	/// Whether the chain accepts its readings.
	pub active: bool,
}

impl Standing {
	/// What the chain says about the meter whose card this is.
	pub fn of(view: &MeterView, card: &Card) -> Self {
		let done = view.newest_final.as_ref();
		Self {
			newest: view.newest.as_ref().and_then(|newest| card.own(newest.sequence)),
			done: done.and_then(|done| {
				Some(Done {
					sequence: card.own(done.sequence)?,
					measured_at: done.measured_at,
				})
			}),
			pending: view.pending,
			active: view.status == MeterStatus::Active,
		}
	}
}

/// Readings that were handed to the node and are in no final block yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
	/// The newest of them.
	pub last: u64,
	/// When that was measured, Unix milliseconds.
	pub measured_at: Moment,
	/// Number of the final block at that time.
	pub since: u64,
}

/// What bounds a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Readings of one meter that the chain lets wait for their challenge window.
	pub pending: u32,
	/// Readings in one call: the chain's bound, or less after a batch was refused.
	pub batch: usize,
}

/// Final blocks after which readings that entered none of them are sent again: the node lost them.
pub const PATIENCE: u64 = 32;

/// What to do next about a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
	/// Nothing, until there is a new reading.
	Rest,
	/// Delete from the outbox what is final.
	Settle(Done),
	/// Send the oldest queued readings with sequences above `after`.
	Send {
		/// The newest reading in a final block.
		after: Option<u64>,
		/// At most so many.
		count: usize,
	},
	/// Wait for what was sent to be in a final block.
	AwaitBlock,
	/// Wait for pending readings to become final: all are sent, or the chain has no room for more.
	AwaitFinality,
	/// Wait for the registrar: the meter is suspended.
	Suspended,
	/// Stop this meter: the chain has a reading with this sequence, which this outbox never gave out.
	Foreign(u64),
	/// Stop everything: a reading that was final is not on the chain any more.
	Reset(Done),
}

/// Decides. `block` is the number of the final block that `standing` is of, or of a later one.
pub fn next(book: &Book, standing: &Standing, sent: Option<&Sent>, limits: Limits, block: u64) -> Step {
	if let Some(newest) = standing.newest.filter(|newest| Some(*newest) > book.given) {
		// A record that the meter signed is the same whoever carries it
		if book.card.format == Format::Baseload {
			return Step::Foreign(newest);
		}
	}
	if let Some(done) = book.done {
		if standing.newest < Some(done.sequence) {
			return Step::Reset(done);
		}
	}
	let known = book.done.map(|done| done.sequence);
	if let Some(done) = standing.done.filter(|done| Some(done.sequence) > known) {
		return Step::Settle(done);
	}
	if book.queued == 0 {
		return Step::Rest;
	}
	if !standing.active {
		return Step::Suspended;
	}
	if sent.is_some_and(|sent| standing.newest < Some(sent.last) && block < sent.since.saturating_add(PATIENCE)) {
		return Step::AwaitBlock;
	}
	let room = limits.pending.saturating_sub(standing.pending) as usize;
	if standing.newest >= book.given || room == 0 {
		return Step::AwaitFinality;
	}
	Step::Send {
		after: standing.newest,
		count: room.min(limits.batch),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{DeviceKey, Pages, Register};

	const LIMITS: Limits = Limits {
		pending: 288,
		batch: 256,
	};

	fn done(sequence: u64) -> Option<Done> {
		Some(Done {
			sequence,
			measured_at: sequence * 60_000,
		})
	}

	fn book(given: u64, queued: u64, final_until: Option<Done>) -> Book {
		Book {
			card: Card {
				registers: vec![Register::Export],
				key: DeviceKey::Ed25519([1; 32]),
				format: Format::Baseload,
				device: 0,
				offset: 0,
				min_interval: 60_000,
			},
			cursor: Vec::new(),
			given: Some(given),
			last: None,
			done: final_until,
			queued,
			aside: 0,
		}
	}

	fn standing(newest: Option<u64>, final_until: Option<Done>, pending: u32) -> Standing {
		Standing {
			newest,
			done: final_until,
			pending,
			active: true,
		}
	}

	fn decided(book: &Book, standing: &Standing) -> Step {
		next(book, standing, None, LIMITS, 100)
	}

	#[test]
	fn oldest_reading_that_no_final_block_holds_should_go_first() {
		assert_eq!(
			decided(&book(500, 500, None), &standing(None, None, 0)),
			Step::Send {
				after: None,
				count: 256
			}
		);
		assert_eq!(
			decided(&book(500, 400, done(100)), &standing(Some(300), done(100), 200)),
			Step::Send {
				after: Some(300),
				count: 88
			}
		);
	}

	#[test]
	fn final_readings_should_be_deleted_before_anything_else() {
		let settle = Step::Settle(done(300).unwrap());
		assert_eq!(
			decided(&book(500, 400, done(100)), &standing(Some(300), done(300), 0)),
			settle
		);
		assert_eq!(
			decided(&book(300, 300, None), &standing(Some(300), done(300), 0)),
			settle
		);
		assert_eq!(
			decided(&book(300, 0, done(300)), &standing(Some(300), done(300), 0)),
			Step::Rest
		);
	}

	#[test]
	fn nothing_should_be_sent_twice_when_it_is_on_its_way() {
		let sent = Sent {
			last: 20,
			measured_at: 0,
			since: 100,
		};
		let (book, standing) = (book(30, 30, None), standing(Some(10), None, 10));
		let at = |block| next(&book, &standing, Some(&sent), LIMITS, block);
		let again = Step::Send {
			after: Some(10),
			count: 256,
		};
		assert_eq!(at(100), Step::AwaitBlock);
		assert_eq!(at(100 + PATIENCE - 1), Step::AwaitBlock);
		assert_eq!(at(100 + PATIENCE), again, "the node lost it");
		let arrived = Standing {
			newest: Some(20),
			..standing
		};
		assert_eq!(
			next(&book, &arrived, Some(&sent), LIMITS, 101),
			Step::Send {
				after: Some(20),
				count: 256
			}
		);
	}

	#[test]
	fn courier_should_wait_when_all_is_sent_or_there_is_no_room() {
		assert_eq!(
			decided(&book(30, 30, None), &standing(Some(30), None, 30)),
			Step::AwaitFinality
		);
		assert_eq!(
			decided(&book(400, 400, None), &standing(Some(288), None, 288)),
			Step::AwaitFinality
		);
		let suspended = Standing {
			active: false,
			..standing(Some(10), None, 10)
		};
		assert_eq!(decided(&book(30, 30, None), &suspended), Step::Suspended);
	}

	#[test]
	fn reset_should_be_recognised_when_a_final_reading_is_gone() {
		let reset = Step::Reset(done(20).unwrap());
		assert_eq!(decided(&book(30, 10, done(20)), &standing(None, None, 0)), reset);
		assert_eq!(decided(&book(30, 0, done(20)), &standing(Some(19), done(19), 0)), reset);
		// A node that took its last seconds back still has it, and it becomes final again
		assert_eq!(
			decided(&book(30, 10, done(20)), &standing(Some(30), done(15), 15)),
			Step::AwaitFinality
		);
	}

	#[test]
	fn foreign_reading_should_stop_the_meter() {
		let (ours, beyond) = (book(30, 10, done(20)), standing(Some(31), done(20), 11));
		assert_eq!(decided(&ours, &beyond), Step::Foreign(31));
		let mut signs = ours;
		signs.card.format = Format::Ocmf(Pages::Fiscal);
		assert_eq!(
			decided(&signs, &beyond),
			Step::AwaitFinality,
			"somebody else carried its record"
		);
	}
}

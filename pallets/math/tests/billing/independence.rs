//! Settling at random times, in random steps, and once at the end gives the same state; on the way, every invariant holds
//! after every step, and every bill is the model's.

use baseload_math::billing::{calendar::DAY_MS, events::Event, Agreement, Moment};
use num_bigint::BigInt;

use crate::{
	model::{Data, Exact},
	random::{self, Random, AGREEMENTS},
	world::{Op, World},
};

const STORIES: u64 = 3_000;

/// What the tests did, so that they cannot pass by doing nothing.
#[derive(Default)]
struct Tally {
	settles: u32,
	bills: u32,
	corrections: u32,
	accepted: u32,
	closed: u32,
}

/// One story, settled in small steps, with the model beside it.
#[derive(Default)]
struct Watched {
	world: World,
	data: Data,
	/// Exact energy sums, per agreement.
	exact: [Exact; AGREEMENTS.len()],
	tally: Tally,
}

impl Watched {
	fn agreement(&self, id: u32) -> Option<&Agreement> {
		self.world.contracts.get(&id).map(|contract| &contract.agreement)
	}

	/// Settles an agreement at `at`, event by event.
	fn settle(&mut self, id: u32, at: Moment) {
		self.tally.settles += 1;
		loop {
			let Ok((agreement, view)) = self.world.seen_by(id) else {
				return;
			};
			let before = agreement.clone();
			let next = before.next_event(&view).filter(|next| next.at < at);
			let progress = agreement.advance(&view, at, 1).unwrap();
			assert_eq!(progress.played, u32::from(next.is_some()));
			assert!(!progress.done || agreement.clock == at);
			let after = agreement.clone();
			assert_eq!(after.broken_invariant(), Ok(None), "{next:?} after {before:?}");
			let exact = &mut self.exact[id as usize - 1];
			match next.map(|next| (next.event, next.at)) {
				Some((Event::Bill, time)) => {
					self.tally.bills += 1;
					exact.bill(&self.data, &before, &after, time);
				}
				Some((Event::Correction, time)) => {
					self.tally.corrections += 1;
					exact.correct(&self.data, &before, time);
				}
				// Damages for delay are no energy; no other event bills or credits anything.
				Some((Event::Operation, _)) => exact.besides(&before, &after),
				_ => {}
			}
			exact.check(&after);
			if progress.done {
				return;
			}
		}
	}

	fn apply(&mut self, at: Moment, op: &Op) -> bool {
		if let Op::Input(id, _) = op {
			self.settle(*id, at);
		}
		let before = AGREEMENTS.map(|id| self.agreement(id).cloned());
		let accepted = self.world.apply(at, op).is_ok();
		if accepted {
			self.data.take_in(at, op);
			self.tally.accepted += 1;
		}
		for (id, before) in AGREEMENTS.into_iter().zip(before) {
			if let (Some(before), Some(after)) = (before, self.agreement(id).cloned()) {
				assert_eq!(after.broken_invariant(), Ok(None), "{op:?} after {before:?}");
				assert!(accepted || before == after, "{op:?} was refused but changed {before:?}");
				// What an input bills or credits is not energy.
				self.exact[id as usize - 1].besides(&before, &after);
			}
		}
		accepted
	}
}

fn play(seed: u64, tally: &mut Tally) {
	let mut random = Random::new(seed);
	let story = random::story(&mut random);
	let mut watched = Watched::default();
	let mut rested = World::default();
	let mut last = 0;
	for (at, op) in &story {
		for _ in 0..random.within(0, 5) {
			let id = random.within(1, 3) as u32;
			// Any time since the last op, at which the agreement may already stand.
			let from = watched
				.agreement(id)
				.map_or(last, |agreement| agreement.clock.max(last));
			watched.settle(id, random.within(from, *at + 1).max(from));
		}
		let accepted = watched.apply(*at, op);
		assert_eq!(accepted, rested.apply(*at, op).is_ok(), "seed {seed}: {op:?}");
		last = *at;
	}
	let end = last + random.within(0, 600) * DAY_MS;
	for id in AGREEMENTS {
		watched.settle(id, end);
	}
	rested.settle_all(end).unwrap();
	for id in AGREEMENTS {
		let agreement = watched.agreement(id).unwrap();
		assert_eq!(
			Some(agreement),
			rested.contracts.get(&id).map(|contract| &contract.agreement),
			"seed {seed}"
		);
		tally.closed += u32::from(agreement.status == baseload_math::billing::Status::Closed);
	}
	tally.settles += watched.tally.settles;
	tally.bills += watched.tally.bills;
	tally.corrections += watched.tally.corrections;
	tally.accepted += watched.tally.accepted;
}

#[test]
fn state_should_be_the_same_when_settled_at_random_times_or_once() {
	let mut tally = Tally::default();
	(0..STORIES).for_each(|seed| play(seed, &mut tally));
	let Tally {
		settles,
		bills,
		corrections,
		accepted,
		closed,
	} = tally;
	println!("{settles} settles, {bills} bills, {corrections} corrections, {accepted} operations, {closed} closed");
	assert!(settles >= 500_000, "{settles} settles");
	assert!(bills >= 50_000, "{bills} bills");
	assert!(
		corrections >= 10_000 && closed >= 1_000,
		"{corrections} corrections, {closed} closed"
	);
}

#[test]
fn exact_sum_should_notice_when_a_bill_is_one_unit_off() {
	let mut watched = Watched::default();
	let mut random = Random::new(7);
	for (at, op) in random::story(&mut random) {
		watched.apply(at, &op);
		AGREEMENTS.into_iter().for_each(|id| watched.settle(id, at));
	}
	let mut agreement = watched.agreement(1).unwrap().clone();
	assert!(watched.exact[0].agrees(&agreement));
	agreement.ledger.accrued += 1;
	assert!(!watched.exact[0].agrees(&agreement));
	assert_ne!(watched.exact[0].energy(), BigInt::from(0));
}

//! The plan against a model of a chain that does everything a chain may do: blocks that are dropped again, pools that lose
//! what they hold, old attempts that turn up anywhere, crashes at any moment.

use baseload_primitives::{DeviceKey, Register};
use proptest::prelude::*;

use super::plan::{next, Limits, Sent, Standing, Step};
use crate::outbox::{Book, Card, Done, Format};

/// The model's chain lets so many readings wait.
const PENDING: usize = 12;
/// The model's largest batch.
const BATCH: usize = 8;

/// A batch: its sequences, consecutive.
type Batch = Vec<u64>;

/// One meter on a chain.
#[derive(Default)]
struct Chain {
	/// Accepted in final blocks, oldest first.
	accepted: Vec<u64>,
	/// How many of them are final themselves: their window is over.
	matured: usize,
	/// Batches in blocks that are not final.
	unsettled: Vec<Batch>,
	/// What the pool holds: one batch of a meter, the one with the newest reading.
	pool: Option<Batch>,
	/// Everything that was ever sent, and may turn up again.
	about: Vec<Batch>,
	/// Number of the newest final block.
	block: u64,
}

impl Chain {
	/// The newest reading in any block.
	fn best(&self) -> Option<u64> {
		self.unsettled
			.last()
			.and_then(|batch| batch.last())
			.or(self.accepted.last())
			.copied()
	}

	fn pending(&self) -> usize {
		self.accepted.len() - self.matured + self.unsettled.iter().map(Vec::len).sum::<usize>()
	}

	/// What `authorize` and the pool's priority say.
	fn offer(&mut self, batch: &Batch) -> bool {
		let fits = batch.first().copied() > self.best() && self.pending() + batch.len() <= PENDING;
		let newer = self.pool.as_ref().is_none_or(|pool| pool.last() < batch.last());
		if fits && newer {
			self.pool = Some(batch.clone());
		}
		fits && newer
	}

	/// Makes a block of what is in the pool, if that is still valid.
	fn produce(&mut self) {
		if let Some(batch) = self.pool.take() {
			if batch.first().copied() > self.best() && self.pending() + batch.len() <= PENDING {
				self.unsettled.push(batch);
			}
		}
	}

	/// Makes the oldest blocks final.
	fn finalise(&mut self, count: usize) {
		self.block += 1;
		for batch in self.unsettled.drain(..count.min(self.unsettled.len())) {
			self.accepted.extend(batch);
		}
	}

	/// Drops the newest blocks; what was in them returns to the pool, or not.
	fn reorganise(&mut self, count: usize, returns: bool) {
		for _ in 0..count.min(self.unsettled.len()) {
			let batch = self.unsettled.pop();
			if let (true, Some(batch)) = (returns, batch) {
				self.offer(&batch);
			}
		}
	}

	/// Where the meter stands, as of the newest final block.
	fn standing(&self) -> Standing {
		Standing {
			newest: self.accepted.last().copied(),
			done: self.matured.checked_sub(1).map(|place| done(self.accepted[place])),
			pending: (self.accepted.len() - self.matured) as u32,
			active: true,
		}
	}
}

fn done(sequence: u64) -> Done {
	Done {
		sequence,
		measured_at: 0,
	}
}

/// The gateway: what is on its disk, and what it forgets in a crash.
struct Gateway {
	book: Book,
	queue: Vec<u64>,
	standing: Option<Standing>,
	sent: Option<Sent>,
}

impl Gateway {
	fn new() -> Self {
		let card = Card {
			registers: vec![Register::Export],
			key: DeviceKey::Ed25519([1; 32]),
			format: Format::Baseload,
			device: 0,
			offset: 0,
			min_interval: 0,
		};
		Self {
			book: Book {
				card,
				cursor: Vec::new(),
				given: None,
				last: None,
				done: None,
				queued: 0,
				aside: 0,
			},
			queue: Vec::new(),
			standing: None,
			sent: None,
		}
	}

	fn take(&mut self, count: u64) {
		for _ in 0..count {
			let sequence = self.book.given.unwrap_or(0) + 1;
			self.book.given = Some(sequence);
			self.queue.push(sequence);
		}
		self.book.queued = self.queue.len() as u64;
	}

	/// One turn, as an errand takes it.
	fn turn(&mut self, chain: &mut Chain) {
		let standing = self.standing.get_or_insert_with(|| chain.standing()).clone();
		let limits = Limits {
			pending: PENDING as u32,
			batch: BATCH,
		};
		match next(&self.book, &standing, self.sent.as_ref(), limits, chain.block) {
			Step::Settle(done) => {
				self.queue.retain(|sequence| *sequence > done.sequence);
				self.book.queued = self.queue.len() as u64;
				self.book.done = Some(done);
			}
			Step::Send { after, count } => {
				let unsent = self.queue.iter().copied().filter(|sequence| Some(*sequence) > after);
				let batch: Batch = unsent.take(count).collect();
				let Some(last) = batch.last().copied() else { return };
				if chain.offer(&batch) {
					chain.about.push(batch);
				}
				// Taken, on its way, or stale: either way something that begins with this reading is about
				self.sent = Some(Sent {
					last,
					measured_at: 0,
					since: chain.block,
				});
			}
			Step::Rest | Step::AwaitBlock | Step::AwaitFinality => self.standing = None,
			step @ (Step::Suspended | Step::Foreign(_) | Step::Reset(_)) => panic!("{step:?}"),
		}
	}

	/// Everything that is not on disk is gone.
	fn crash(&mut self) {
		self.standing = None;
		self.sent = None;
	}
}

#[derive(Clone, Debug)]
enum Op {
	Take(u64),
	Turn,
	Hear,
	Produce,
	Finalise(usize),
	Reorganise(usize, bool),
	LosePool,
	Ghost(usize),
	Mature(usize),
	Crash,
}

fn op() -> impl Strategy<Value = Op> {
	prop_oneof![
		2 => (1u64..20).prop_map(Op::Take),
		6 => Just(Op::Turn),
		3 => Just(Op::Hear),
		4 => Just(Op::Produce),
		4 => (1usize..4).prop_map(Op::Finalise),
		2 => (1usize..3, any::<bool>()).prop_map(|(count, returns)| Op::Reorganise(count, returns)),
		1 => Just(Op::LosePool),
		3 => any::<usize>().prop_map(Op::Ghost),
		2 => (1usize..10).prop_map(Op::Mature),
		1 => Just(Op::Crash),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn every_reading_should_be_final_once_and_in_order_whatever_happens(ops in prop::collection::vec(op(), 1..300)) {
		let (mut gateway, mut chain) = (Gateway::new(), Chain::default());
		for op in ops {
			match op {
				Op::Take(count) => gateway.take(count),
				Op::Turn => gateway.turn(&mut chain),
				Op::Hear => gateway.standing = None,
				Op::Produce => chain.produce(),
				Op::Finalise(count) => chain.finalise(count),
				Op::Reorganise(count, returns) => chain.reorganise(count, returns),
				Op::LosePool => chain.pool = None,
				Op::Ghost(which) => if !chain.about.is_empty() {
					let batch = chain.about[which % chain.about.len()].clone();
					chain.offer(&batch);
				},
				Op::Mature(count) => chain.matured = (chain.matured + count).min(chain.accepted.len()),
				Op::Crash => gateway.crash(),
			}
			let expected: Vec<u64> = (1..=chain.accepted.len() as u64).collect();
			prop_assert_eq!(&chain.accepted, &expected, "lost, doubled or out of order");
			let kept = gateway.queue.first().copied().unwrap_or(gateway.book.given.unwrap_or(0) + 1);
			prop_assert!(kept <= chain.matured as u64 + 1, "deleted before it was final");
		}
		// Left alone, everything arrives
		for _ in 0..2_000 {
			gateway.turn(&mut chain);
			chain.produce();
			chain.finalise(1);
			chain.matured = chain.accepted.len();
			gateway.standing = None;
		}
		prop_assert_eq!(chain.matured as u64, gateway.book.given.unwrap_or(0));
		prop_assert!(gateway.queue.is_empty());
	}
}

//! Which meter's turn it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use baseload_primitives::{MeterId, Moment};

use super::{
	news::Said,
	plan::{Sent, Standing},
};
use crate::outbox::Done;

/// Errands at a time: requests that the node works on.
pub const ERRANDS: usize = 128;

/// Batches at a time that wait in the node's pool: a few blocks' worth, and a quarter of what a node's pool holds.
pub const IN_POOL: usize = 2_048;

/// What the courier knows of one meter beside the outbox. Forgotten with the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
	/// Where the meter stands; `None`: ask.
	pub standing: Option<Standing>,
	/// What was sent and is in no final block yet.
	pub sent: Option<Sent>,
	/// The meter's sequence of its device's 0, once its card was compared with the chain.
	pub offset: Option<u64>,
	/// The most readings in the next batch, since a larger one was refused.
	pub most: Option<usize>,
}

impl Route {
	/// Takes in what a final block reported. Returns the open time at which something becomes final by it.
	pub fn hear(&mut self, said: &Said) -> Option<Moment> {
		match said {
			Said::Accepted {
				last, count, final_at, ..
			} => {
				if let (Some(offset), Some(standing)) = (self.offset, &mut self.standing) {
					standing.newest = standing.newest.max(last.checked_sub(offset));
					standing.pending = standing.pending.saturating_add(*count);
				}
				self.sent = None;
				return Some(*final_at);
			}
			Said::Final { sequence, measured_at } => {
				if let (Some(offset), Some(standing)) = (self.offset, &mut self.standing) {
					let done = sequence.checked_sub(offset).map(|sequence| Done {
						sequence,
						measured_at: *measured_at,
					});
					if done.map(|done| done.sequence) > standing.done.map(|done| done.sequence) {
						standing.done = done;
					}
				}
			}
			Said::Changed => {
				self.standing = None;
				self.offset = None;
			}
		}
		None
	}
}

/// When a meter's turn comes again, if nothing is heard of it before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wake {
	/// At the final block with this number.
	pub block: Option<u64>,
	/// At this open time.
	pub open: Option<Moment>,
}

impl Wake {
	/// When there is something new.
	pub const NEVER: Self = Self {
		block: None,
		open: None,
	};

	/// At the final block with this number.
	pub fn at_block(number: u64) -> Self {
		Self {
			block: Some(number),
			..Self::NEVER
		}
	}

	/// At this open time.
	pub fn at_open(open: Moment) -> Self {
		Self {
			open: Some(open),
			..Self::NEVER
		}
	}
}

/// A meter's place.
enum Place {
	/// At the desk.
	Here(Route),
	/// On an errand. What was heard meanwhile waits; so does another turn, if there is a reason for one.
	Out { heard: Vec<Said>, again: bool },
}

/// All meters.
pub struct Desk {
	places: BTreeMap<MeterId, Place>,
	ready: VecDeque<MeterId>,
	is_ready: BTreeSet<MeterId>,
	at_block: BTreeSet<(u64, MeterId)>,
	/// Which of those count: a meter waits for one block at a time.
	block_of: BTreeMap<MeterId, u64>,
	at_open: BTreeSet<(Moment, MeterId)>,
	out: usize,
	sent: usize,
}

impl Desk {
	/// Every meter's turn comes first of all.
	pub fn new(meters: impl Iterator<Item = MeterId>) -> Self {
		let places: BTreeMap<_, _> = meters.map(|meter| (meter, Place::Here(Route::default()))).collect();
		Self {
			ready: places.keys().copied().collect(),
			is_ready: places.keys().copied().collect(),
			places,
			at_block: BTreeSet::new(),
			block_of: BTreeMap::new(),
			at_open: BTreeSet::new(),
			out: 0,
			sent: 0,
		}
	}

	/// The meter whose turn it is, if one more errand is in bounds.
	pub fn take(&mut self) -> Option<(MeterId, Route)> {
		while self.out < ERRANDS && self.sent + self.out < IN_POOL {
			let meter = self.ready.pop_front()?;
			self.is_ready.remove(&meter);
			let Some(place) = self.places.get_mut(&meter) else {
				continue;
			};
			let out = Place::Out {
				heard: Vec::new(),
				again: false,
			};
			match std::mem::replace(place, out) {
				Place::Here(route) => {
					self.out += 1;
					self.sent -= usize::from(route.sent.is_some());
					return Some((meter, route));
				}
				Place::Out { heard, .. } => *place = Place::Out { heard, again: true },
			}
		}
		None
	}

	/// A meter comes back from its errand.
	pub fn put_back(&mut self, meter: MeterId, mut route: Route, wake: Wake) {
		let Some(Place::Out { heard, again }) = self.places.remove(&meter) else {
			return;
		};
		self.out -= 1;
		let mut again = again;
		for said in &heard {
			again = true;
			if let Some(open) = route.hear(said) {
				self.at_open.insert((open, meter));
			}
		}
		self.sent += usize::from(route.sent.is_some());
		self.places.insert(meter, Place::Here(route));
		match wake.block {
			Some(block) => {
				self.at_block.insert((block, meter));
				self.block_of.insert(meter, block);
			}
			None => {
				self.block_of.remove(&meter);
			}
		}
		if let Some(open) = wake.open {
			self.at_open.insert((open, meter));
		}
		if again {
			self.turn(meter);
		}
	}

	/// A meter has something new in the outbox.
	pub fn turn(&mut self, meter: MeterId) {
		match self.places.get_mut(&meter) {
			Some(Place::Here(_)) if self.is_ready.insert(meter) => self.ready.push_back(meter),
			Some(Place::Here(_)) => (),
			Some(Place::Out { again, .. }) => *again = true,
			None => (),
		}
	}

	/// A final block reported something about one of these meters. Returns what had been sent for it until now, if known.
	pub fn hear(&mut self, meter: MeterId, said: Said) -> Option<Sent> {
		match self.places.get_mut(&meter)? {
			Place::Here(route) => {
				let sent = route.sent;
				if let Some(open) = route.hear(&said) {
					self.at_open.insert((open, meter));
				}
				if sent.is_some() && route.sent.is_none() {
					self.sent -= 1;
					self.block_of.remove(&meter);
				}
				self.turn(meter);
				sent
			}
			Place::Out { heard, .. } => {
				heard.push(said);
				None
			}
		}
	}

	/// Whether this is one of the meters.
	pub fn has(&self, meter: MeterId) -> bool {
		self.places.contains_key(&meter)
	}

	/// The newest final block has this number and open time. Whoever waited for that asks anew where the meter stands.
	pub fn time(&mut self, block: u64, open: Moment) {
		let later = self.at_block.split_off(&(block.saturating_add(1), MeterId(0)));
		let by_block = std::mem::replace(&mut self.at_block, later);
		let later = self.at_open.split_off(&(open.saturating_add(1), MeterId(0)));
		let by_open = std::mem::replace(&mut self.at_open, later);
		for (number, meter) in by_block {
			if self.block_of.get(&meter) == Some(&number) {
				self.block_of.remove(&meter);
				self.ask(meter);
			}
		}
		for (_, meter) in by_open {
			self.ask(meter);
		}
	}

	/// Some final blocks were not looked through: ask about every meter.
	pub fn ask_all(&mut self) {
		for meter in self.places.keys().copied().collect::<Vec<_>>() {
			// Its key or device may have changed in one of them
			self.hear(meter, Said::Changed);
		}
	}

	fn ask(&mut self, meter: MeterId) {
		if let Some(Place::Here(route)) = self.places.get_mut(&meter) {
			route.standing = None;
		}
		self.turn(meter);
	}

	/// How many meters are on errands.
	pub fn out(&self) -> usize {
		self.out
	}

	/// How many batches wait in the node's pool.
	pub fn sent(&self) -> usize {
		self.sent
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn meters(count: u32) -> Desk {
		Desk::new((0..count).map(MeterId))
	}

	fn sent(route: Route) -> Route {
		Route {
			standing: Some(Standing {
				newest: Some(4),
				done: None,
				pending: 0,
				active: true,
			}),
			offset: Some(100),
			sent: Some(Sent {
				last: 7,
				measured_at: 0,
				since: 1,
			}),
			..route
		}
	}

	const ACCEPTED: Said = Said::Accepted {
		last: 107,
		measured_at: None,
		count: 3,
		final_at: 50,
	};

	#[test]
	fn errands_should_be_bounded_and_one_per_meter() {
		let mut desk = meters(ERRANDS as u32 + 68);
		let mut out = Vec::new();
		while let Some((meter, _)) = desk.take() {
			out.push(meter);
		}
		assert_eq!(out, (0..ERRANDS as u32).map(MeterId).collect::<Vec<_>>());
		desk.turn(MeterId(0));
		desk.put_back(MeterId(1), Route::default(), Wake::NEVER);
		assert_eq!(desk.take().map(|(meter, _)| meter), Some(MeterId(ERRANDS as u32)));
		// The meter that is out has its turn again once it is back, after those that wait
		desk.put_back(MeterId(0), Route::default(), Wake::NEVER);
		let mut seen = Vec::new();
		while let Some((meter, route)) = desk.take() {
			seen.push(meter);
			desk.put_back(meter, route, Wake::NEVER);
		}
		assert_eq!(seen.last(), Some(&MeterId(0)));
		assert_eq!(seen.len(), 68);
	}

	#[test]
	fn pool_should_be_bounded_when_nothing_enters_a_block() {
		let mut desk = meters(3_000);
		let mut handed = 0;
		while let Some((meter, route)) = desk.take() {
			desk.put_back(meter, sent(route), Wake::NEVER);
			handed += 1;
		}
		assert_eq!((handed, desk.sent()), (IN_POOL, IN_POOL));
		assert!(desk.hear(MeterId(3), ACCEPTED).is_some());
		assert_eq!(desk.sent(), IN_POOL - 1);
		assert!(desk.take().is_some());
	}

	#[test]
	fn meter_should_ask_again_when_its_time_has_come() {
		let mut desk = meters(1);
		let (meter, route) = desk.take().unwrap();
		desk.put_back(meter, sent(route), Wake::at_block(9));
		assert!(desk.take().is_none());
		desk.time(8, 0);
		assert!(desk.take().is_none());
		desk.time(9, 0);
		let (meter, route) = desk.take().unwrap();
		assert_eq!(route.standing, None);
		desk.put_back(meter, sent(route), Wake::NEVER);
		desk.hear(meter, ACCEPTED);
		let (meter, route) = desk.take().unwrap();
		let standing = route.standing.clone().unwrap();
		assert_eq!((standing.newest, standing.pending, route.sent), (Some(7), 3, None));
		desk.put_back(meter, route, Wake::NEVER);
		desk.time(10, 49);
		assert!(desk.take().is_none());
		desk.time(11, 50);
		assert_eq!(desk.take().unwrap().1.standing, None);
	}

	#[test]
	fn what_is_heard_on_an_errand_should_count_when_the_meter_is_back() {
		let mut desk = meters(1);
		let (meter, route) = desk.take().unwrap();
		assert_eq!(desk.hear(meter, ACCEPTED), None);
		assert!(desk.has(meter) && !desk.has(MeterId(8)));
		desk.put_back(meter, sent(route), Wake::NEVER);
		let (meter, route) = desk.take().unwrap();
		assert_eq!((route.standing.clone().unwrap().newest, route.sent), (Some(7), None));
		desk.put_back(meter, route, Wake::NEVER);
		desk.hear(
			meter,
			Said::Final {
				sequence: 105,
				measured_at: 1,
			},
		);
		let (meter, route) = desk.take().unwrap();
		assert_eq!(route.standing.clone().unwrap().done.map(|done| done.sequence), Some(5));
		desk.put_back(meter, route, Wake::NEVER);
		desk.hear(meter, Said::Changed);
		let (meter, route) = desk.take().unwrap();
		assert_eq!(route, Route::default());
		// Blocks that nobody looked through may have said the same, to whoever is out or here
		desk.ask_all();
		desk.put_back(meter, sent(route), Wake::NEVER);
		let (meter, route) = desk.take().unwrap();
		assert_eq!((&route.standing, route.offset), (&None, None));
		desk.put_back(meter, sent(route), Wake::NEVER);
		desk.ask_all();
		let (_, route) = desk.take().unwrap();
		assert_eq!((&route.standing, route.offset), (&None, None));
	}
}

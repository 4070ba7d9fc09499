//! The naive model: it settles at every step, where the pallet does when it writes a meter down.

use std::collections::{BTreeMap, BTreeSet};

use baseload_primitives::{Moment, Reading, Refusal, SECOND};

use super::meter::{Entry, MeterModel};
use crate::{mock::*, Check, Policy};

/// Site of every meter. All count export and import; the last has no device and is read by its committee.
pub const PLACES: [usize; 4] = [0, 0, 1, 1];
/// The meter without a device.
pub const UNREAD: usize = 3;

/// A dispute, or the votes on a reading that is held.
#[derive(Default)]
pub struct Votes {
	pub by: Option<u64>,
	pub stands: BTreeSet<u64>,
	pub wrong: BTreeSet<u64>,
	pub until: Moment,
}

/// An attestor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bond {
	pub bond: u128,
	/// What of it is at stake.
	pub staked: u128,
	/// When it can be withdrawn, if the attestor is leaving.
	pub free_at: Option<Moment>,
}

pub struct Model {
	pub meters: Vec<MeterModel>,
	pub revenue_meters: [Option<usize>; 2],
	pub attestors: BTreeMap<u64, Bond>,
	/// What everybody has earned and not claimed, and has claimed.
	pub earned: BTreeMap<u64, (u128, u128)>,
	pub votes: BTreeMap<(usize, u64), Votes>,
	pub open: Moment,
	pub paused: bool,
	/// Which sites there are.
	pub sites: [bool; 2],
	/// Which meters agreements bill by.
	pub billed: [bool; PLACES.len()],
}

impl Model {
	pub fn new() -> Self {
		Self {
			meters: PLACES.map(|_| MeterModel::new()).into(),
			revenue_meters: [None; 2],
			attestors: BONDED
				.map(|who| {
					let bond = Bond {
						bond: BOND,
						..Bond::default()
					};
					(who, bond)
				})
				.into(),
			earned: BTreeMap::new(),
			votes: BTreeMap::new(),
			open: 0,
			paused: false,
			sites: [true; 2],
			billed: [false; PLACES.len()],
		}
	}

	/// Makes everything final that is, as if somebody had sent a transaction for it at this very moment.
	pub fn settle(&mut self) {
		for meter in self.meters.iter_mut().filter(|meter| meter.suspended_at.is_none()) {
			while meter.pending().first().is_some_and(|oldest| oldest.due() <= self.open) {
				let due = meter.pending()[0].due();
				meter.finalise(due);
			}
		}
	}

	/// Takes these readings of a device, or says why not.
	pub fn submit(&mut self, id: usize, readings: &[Reading], forged: bool) -> Result<(), Refusal> {
		let meter = &self.meters[id];
		if meter.removed {
			return Err(Refusal::UnknownMeter);
		}
		if id == UNREAD {
			return Err(Refusal::WrongFormat);
		}
		if meter.suspended_at.is_some() {
			return Err(Refusal::Suspended);
		}
		if meter.pending().len() + readings.len() > 8 {
			return Err(Refusal::PendingFull);
		}
		let entries = meter.judge_all(readings, self.open)?;
		if forged {
			return Err(Refusal::BadSignature);
		}
		self.meters[id].log.extend(entries);
		self.compare(id);
		if let Some(checked) = self.checked_by(id) {
			self.compare(checked);
		}
		Ok(())
	}

	/// The meter that `id` checks.
	fn checked_by(&self, id: usize) -> Option<usize> {
		(0..PLACES.len()).find(|meter| self.check_of(*meter).is_some_and(|(check, _)| check == id))
	}

	fn check_of(&self, id: usize) -> Option<(usize, Check)> {
		self.meters[id]
			.policy
			.check
			.map(|check| (check.meter.0 as usize, check))
	}

	/// Compares a meter with its check meter.
	fn compare(&mut self, id: usize) {
		let Some((other, check)) = self.check_of(id) else {
			return;
		};
		let (meter, other) = (&self.meters[id], &self.meters[other]);
		if other.suspended_at.is_some() {
			return;
		}
		let unheld = other.pending().iter().filter(|entry| entry.hold.is_none());
		let measured = |entry: &&Entry| !entry.flags.is_estimate();
		let theirs: Vec<_> = other
			.measured()
			.last()
			.into_iter()
			.chain(unheld)
			.filter(measured)
			.collect();
		let common = meter
			.pending()
			.iter()
			.enumerate()
			.rev()
			.filter(|(_, ours)| measured(ours))
			.find_map(|(place, ours)| {
				let near = |theirs: &&&Entry| theirs.reading.measured_at.abs_diff(ours.reading.measured_at) <= SECOND;
				Some((place, &ours.reading, &theirs.iter().rev().find(near)?.reading))
			});
		let Some((place, ours, theirs)) = common else {
			return;
		};
		let base = (ours.measured_at, ours.registers.to_vec(), theirs.registers.to_vec());
		let rises = |before: &[u64], after: &[u64]| -> Option<Vec<u64>> {
			before
				.iter()
				.zip(after)
				.map(|(before, after)| after.checked_sub(*before))
				.collect()
		};
		let before = meter.base.as_ref().and_then(|(at, ours, theirs)| {
			let rises = rises(ours, &base.1)?.into_iter().zip(rises(theirs, &base.2)?);
			Some((*at, rises.collect::<Vec<_>>()))
		});
		let agrees = before.as_ref().is_some_and(|(at, rises)| {
			let near = |(ours, theirs): &(u64, u64)| {
				ours.abs_diff(*theirs) <= check.tolerance.mul_floor(*ours.max(theirs)) + 2
			};
			*at < base.0 && rises.iter().all(near)
		});
		let starts = before.is_none();
		let meter = &mut self.meters[id];
		if starts || agrees {
			meter.base = Some(base);
		}
		if agrees {
			for entry in &mut meter.log[meter.finals..=meter.finals + place] {
				let disputed = entry.hold.is_some_and(|hold| hold.disputed_at.is_some());
				if !disputed && entry.due() > self.open {
					entry.hold = None;
					entry.final_at = self.open;
				}
			}
		}
	}

	pub fn suspend(&mut self, id: usize) -> bool {
		let meter = &mut self.meters[id];
		let done = meter.suspended_at.is_none() && !meter.removed;
		meter.suspended_at = meter.suspended_at.or(Some(self.open));
		done
	}

	pub fn resume(&mut self, id: usize) -> bool {
		let meter = &mut self.meters[id];
		if meter.suspended_at.is_none() || meter.removed {
			return false;
		}
		if let Some(oldest) = meter.log.get_mut(meter.finals) {
			let due = match &mut oldest.hold {
				Some(hold) => &mut hold.until,
				None => &mut oldest.final_at,
			};
			*due = self.open.max(*due);
		}
		meter.suspended_at = None;
		meter.deposit = METER_DEPOSIT;
		true
	}

	/// Takes a meter away, if nobody depends on it and the notice is over. What waits is void.
	pub fn remove(&mut self, id: usize, by: u64) -> bool {
		let checks = self.check_of(id).is_some() || self.checked_by(id).is_some();
		let certified = self.revenue_meters[PLACES[id]] == Some(id);
		let unclosed = self.votes.keys().any(|(meter, _)| *meter == id);
		let billed = self.billed[id];
		let meter = &mut self.meters[id];
		let since = meter.suspended_at.map(|at| at + METER_NOTICE);
		let free = since.is_some_and(|free_at| free_at <= self.open) && !meter.removed;
		if by != OWNER || checks || certified || unclosed || billed || !free {
			return false;
		}
		meter.drop_from(meter.finals);
		(meter.removed, meter.deposit, meter.committee) = (true, 0, 0);
		meter.reports.clear();
		true
	}

	/// Takes a site away on which no meter stands.
	pub fn remove_site(&mut self, site: usize, by: u64) -> bool {
		let stands_there = |id: usize| PLACES[id] == site && !self.meters[id].removed;
		let done = by == OWNER && self.sites[site] && !(0..PLACES.len()).any(stands_there);
		self.sites[site] &= !done;
		done
	}

	/// Puts a new meter into the place of one that was removed.
	pub fn register(&mut self, id: usize) {
		self.meters[id] = MeterModel::new();
	}

	pub fn certify(&mut self, id: usize, since: Moment) -> bool {
		let site = PLACES[id];
		if self.revenue_meters[site] == Some(id) || self.meters[id].removed {
			return false;
		}
		self.revoke(site);
		self.revenue_meters[site] = Some(id);
		self.meters[id].since = Some(since);
		true
	}

	pub fn revoke(&mut self, site: usize) -> bool {
		let old = self.revenue_meters[site].take();
		if let Some(old) = old {
			self.meters[old].since = None;
		}
		old.is_some()
	}

	/// Sets all of a policy but its check meter.
	pub fn set_policy(&mut self, id: usize, policy: Policy) -> bool {
		let check = self.meters[id].policy.check;
		self.meters[id].policy = Policy { check, ..policy };
		!self.meters[id].removed
	}

	pub fn set_check(&mut self, id: usize, check: Option<Check>) -> bool {
		let old = self.check_of(id).map(|(meter, _)| meter);
		let new = check.map(|check| check.meter.0 as usize);
		if self.meters[id].removed {
			return false;
		}
		if old != new {
			let is_free = |new: usize| {
				let apart = self.checked_by(new).is_none() && self.check_of(new).is_none();
				new != id && new != UNREAD && apart && !self.meters[new].removed && !self.billed[new]
			};
			if new.is_some_and(|new| !is_free(new) || self.checked_by(id).is_some()) {
				return false;
			}
			self.meters[id].base = None;
		}
		self.meters[id].policy.check = check;
		true
	}
}

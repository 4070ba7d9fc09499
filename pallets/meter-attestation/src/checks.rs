//! Early finality: an independent meter that measured the same.
//!
//! Two meters are compared where both were read at the same time, give or take [`SAME_TIME`]. Each comparison is of the rises
//! since they last agreed, so that neither rounding nor a constant offset adds up. The first common time only sets where the
//! comparison starts from. If everything that both count, tariff bands aside, rose by the same within the tolerance, the meter's readings
//! up to then are final at once: their own flags hold them no longer, only a dispute does. A suspended meter vouches for nothing.

use baseload_primitives::{MeterId, MeterStatus, Moment, OpenTime, Registers};
use frame_support::traits::Get;
use sp_runtime::Permill;

use crate::{
	finality::{Current, Stored},
	Accepted, Agreed, Check, Config, Event, Meter, Pallet,
};

/// How far apart in time two readings may be to be compared, in milliseconds.
pub const SAME_TIME: Moment = 1_000;

/// Wh or units by which two rises may always differ: each register may be cut off anywhere within one.
const RESOLUTION: u64 = 2;

impl<T: Config> Pallet<T> {
	/// Compares meter `id`, whose newest reading is new, with its check meter and with the meter that it checks. Returns how
	/// many it was compared with, and what that stored beside their records.
	pub(crate) fn compare(id: MeterId, current: &mut Current<T>) -> (u32, Stored) {
		let (mut compared, mut stored) = (0, Stored::default());
		if let Some(check) = current.meter.policy.check {
			if let Some(other) = Self::current(check.meter) {
				compared += 1;
				if other.meter.status() == MeterStatus::Active {
					Self::agree(id, &mut current.meter, check, &other.meter);
				}
			}
		}
		if let Some(checked) = current.meter.checks {
			if let Some(mut other) = Self::current(checked) {
				compared += 1;
				if let Some(check) = other.meter.policy.check.filter(|check| check.meter == id) {
					if Self::agree(checked, &mut other.meter, check, &current.meter) {
						stored = Self::save(checked, other);
					}
				}
			}
		}
		(compared, stored)
	}

	/// Looks for the newest time at which both meters were read, and makes readings of `meter` up to then final if they agree.
	/// True if that changed `meter`.
	fn agree(id: MeterId, meter: &mut Meter<T::MaxPending>, check: Check, other: &Meter<T::MaxPending>) -> bool {
		let Some((place, theirs)) = common(meter, other) else {
			return false;
		};
		let Some(ours) = meter.pending.get(place).map(|pending| pending.reading.clone()) else {
			return false;
		};
		let now = Agreed {
			at: ours.measured_at,
			meter: ours.registers,
			check: theirs.registers.clone(),
		};
		match meter.agreed.as_ref().filter(|before| before.may_precede(&now)) {
			None => {
				meter.agreed = Some(now);
				return true;
			}
			// What was compared already is no new evidence: least of all the first common time, which nothing vouches for.
			Some(before) if now.at <= before.at => return false,
			Some(before) if !agrees(meter, other, before, &now, check.tolerance) => return false,
			Some(_) => (),
		}
		meter.agreed = Some(now);
		let at = <Self as OpenTime>::now();
		let vouched_for = meter.pending.iter_mut().take(place + 1);
		for pending in vouched_for.filter(|pending| pending.due() > at) {
			if pending.hold.is_none_or(|hold| hold.disputed_at.is_none()) {
				pending.hold = None;
				pending.final_at = at;
			}
		}
		Self::deposit_event(Event::ChecksAgree {
			meter: id,
			check: check.meter,
			sequence: ours.sequence,
		});
		true
	}
}

impl Agreed {
	/// False if a register fell since: the reading that this was taken from was dropped.
	fn may_precede(&self, now: &Self) -> bool {
		let before = self.meter.iter().chain(&self.check);
		before
			.zip(now.meter.iter().chain(&now.check))
			.all(|(before, now)| before <= now)
	}
}

/// The place of the newest pending reading of `meter` that has a counterpart of `other`, and that counterpart. Estimates are
/// none, nor is what the other meter's flags or a dispute hold. Goes through both once, newest first.
fn common<'a, S: Get<u32>>(meter: &Meter<S>, other: &'a Meter<S>) -> Option<(usize, &'a Accepted)> {
	let pending = other.pending.iter().filter(|pending| pending.hold.is_none());
	let finals = other.measured.iter().map(|newest| &newest.reading);
	let mut theirs = finals
		.chain(pending.map(|pending| &pending.reading))
		.filter(|reading| !reading.flags.is_estimate())
		.rev()
		.peekable();
	for (place, ours) in meter.pending.iter().enumerate().rev() {
		let at = ours.reading.measured_at;
		while theirs.peek()?.measured_at > at.saturating_add(SAME_TIME) {
			theirs.next();
		}
		let counterpart = *theirs.peek()?;
		if counterpart.measured_at.saturating_add(SAME_TIME) >= at && !ours.reading.flags.is_estimate() {
			return Some((place, counterpart));
		}
	}
	None
}

/// True if everything that both meters count, tariff bands aside, rose by the same since `before`.
fn agrees<S: Get<u32>>(meter: &Meter<S>, other: &Meter<S>, before: &Agreed, now: &Agreed, tolerance: Permill) -> bool {
	let rise = |place: usize, from: &Registers, to: &Registers| to.get(place)?.checked_sub(*from.get(place)?);
	let mut compared = 0;
	for (ours, register) in meter.registers.iter().enumerate() {
		let Some(theirs) = other.position(*register).filter(|_| !register.is_band()) else {
			continue;
		};
		let rises = rise(ours, &before.meter, &now.meter).zip(rise(theirs, &before.check, &now.check));
		let Some((ours, theirs)) = rises else {
			return false;
		};
		let most = tolerance.mul_floor(ours.max(theirs)).saturating_add(RESOLUTION);
		if ours.abs_diff(theirs) > most {
			return false;
		}
		compared += 1;
	}
	compared > 0
}

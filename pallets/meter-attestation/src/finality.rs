//! From provisional to final, without a transaction: what has matured is computed whenever it is read, and written down
//! whenever the meter's record is written anyway.

use alloc::vec::Vec;

use baseload_math::{
	calendar::{month_of, month_start, Month},
	cover::Interval,
};
use baseload_primitives::{MeterId, Moment, OpenTime, Register, Registers};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

use crate::{
	Accepted, ChallengeWindow, Config, Error, Event, Final, Firsts, Meter, Meters, MonthStart, MonthStarts, Pallet,
	Reached, Threshold, Thresholds, CHALLENGE_WINDOWS,
};

/// Month starts that one interval between two readings can settle. A longer silence leaves the older ones unknown.
pub(crate) const MONTHS_PER_INTERVAL: u32 = 24;

/// A meter as of now: all that has matured is final and booked. Changes nothing until it is saved.
pub(crate) struct Current<T: Config> {
	/// The meter.
	pub meter: Meter<T::MaxPending>,
	/// Number of readings that are final now and not yet in storage.
	finals: usize,
	/// The meter's first measured final reading, if it is among them.
	first: Option<Final>,
	/// Month starts that have become known and are not yet in storage.
	months: Vec<(Month, MonthStart)>,
	/// Thresholds that were reached, and not yet in storage.
	reached: Vec<(Threshold, Reached)>,
	/// Readings that were pending in storage.
	was_pending: u32,
	/// The open time that it is now.
	pub open: Moment,
}

/// What was stored beside meters' records.
#[derive(Clone, Copy, Default)]
pub(crate) struct Stored {
	/// Month starts and first readings.
	pub values: u32,
	/// Thresholds that were reached.
	pub thresholds: u32,
}

impl core::ops::Add for Stored {
	type Output = Self;

	fn add(self, other: Self) -> Self {
		Self {
			values: self.values + other.values,
			thresholds: self.thresholds + other.thresholds,
		}
	}
}

impl<T: Config> Current<T> {
	/// Number of readings that are pending in storage.
	pub fn was_pending(&self) -> u32 {
		self.was_pending
	}

	/// Registers at the start of `month`, if they have become known and are not yet in storage.
	pub fn month_start(&self, month: Month) -> Option<&MonthStart> {
		self.months
			.iter()
			.find(|(known, _)| *known == month)
			.map(|(_, start)| start)
	}

	/// The meter's first measured final reading, if it is not yet in storage.
	pub fn first(&self) -> Option<&Final> {
		self.first.as_ref()
	}

	/// Thresholds that were reached and are not yet in storage.
	pub fn reached(&self) -> &[(Threshold, Reached)] {
		&self.reached
	}

	/// Adds to them.
	pub fn add_reached(&mut self, new: Vec<(Threshold, Reached)>) {
		self.reached.extend(new);
	}

	/// Makes a reading final, from open time `known_at` on or the one before it.
	pub fn make_final(&mut self, reading: Accepted, known_at: Moment) {
		let meter = &mut self.meter;
		let known_at = meter
			.newest_final()
			.map_or(known_at, |newest| known_at.max(newest.known_at));
		let new = Final { reading, known_at };
		self.finals += 1;
		if new.reading.flags.is_estimate() {
			meter.estimated = Some(new);
			return;
		}
		meter.estimated = None;
		match meter.measured.take() {
			None => self.first = Some(new.clone()),
			Some(Final { reading: opening, .. }) => {
				if let Some(since) = meter.certified_since {
					let interval = interval(meter, &opening, &new.reading);
					meter.ring.get_or_insert_default().book(&interval, since);
				}
				self.months.extend(month_starts(&opening, &new));
			}
		}
		self.meter.measured = Some(new);
		self.reach();
	}
}

impl<T: Config> Pallet<T> {
	/// Month starts that one record can settle: a silence of any length, and then all that is recent enough to be accepted.
	pub(crate) const MAX_MONTHS: u32 = MONTHS_PER_INTERVAL + 17;

	/// Meter `id` as of now; `None` if there is none.
	pub(crate) fn current(id: MeterId) -> Option<Current<T>> {
		let mut meter = Meters::<T>::get(id)?;
		let was_pending = meter.pending.len() as u32;
		let open = <Self as OpenTime>::now();
		let matured = meter.matured(open);
		let matured: Vec<_> = meter.pending.drain(..matured).collect();
		let mut current = Current {
			meter,
			finals: 0,
			first: None,
			months: Vec::new(),
			reached: Vec::new(),
			was_pending,
			open,
		};
		for pending in matured {
			let known_at = pending.due();
			current.make_final(pending.mature(), known_at);
		}
		Some(current)
	}

	/// Writes meter `id` down and tells the world what has become final. Returns what was stored beside the record.
	pub(crate) fn save(id: MeterId, current: Current<T>) -> Stored {
		let (stored, settled) = Self::write(id, current);
		if let Some(newest) = settled {
			let Accepted {
				sequence,
				measured_at,
				registers,
				flags,
				..
			} = newest;
			Self::deposit_event(Event::RegistersFinal {
				meter: id,
				sequence,
				measured_at,
				registers,
				flags,
			});
		}
		stored
	}

	/// Writes meter `id` down. Returns what was stored beside the record, and the newest reading that has become final.
	pub(crate) fn write(id: MeterId, current: Current<T>) -> (Stored, Option<Accepted>) {
		let Current {
			meter,
			finals,
			first,
			months,
			reached,
			..
		} = current;
		let stored = Stored {
			values: months.len() as u32 + u32::from(first.is_some()),
			thresholds: reached.len() as u32,
		};
		if let Some(first) = first {
			Firsts::<T>::insert(id, first);
		}
		for (month, start) in months {
			MonthStarts::<T>::insert(id, month, start);
		}
		for (threshold, reached) in reached {
			let Reached {
				measured_at, known_at, ..
			} = reached;
			Thresholds::<T>::insert(id, threshold, reached);
			Self::deposit_event(Event::ThresholdReached {
				meter: id,
				threshold,
				measured_at,
				known_at,
			});
		}
		Meters::<T>::insert(id, &meter);
		let newest = meter.estimated.or(meter.measured).filter(|_| finals > 0);
		(stored, newest.map(|newest| newest.reading))
	}

	/// Drops the pending reading at `place` and all after it. Returns how many.
	pub(crate) fn drop_from(meter: &mut Meter<T::MaxPending>, place: usize) -> u32 {
		let dropped = meter.pending.len().saturating_sub(place) as u32;
		if dropped > 0 {
			meter.dropped = meter.last_sequence();
			// What the check meter last agreed with may be among what is dropped.
			meter.agreed = None;
			meter.pending.truncate(place);
		}
		dropped
	}

	/// Makes what a quorum reported final now.
	pub(crate) fn finalise_report(current: &mut Current<T>, reading: Accepted) {
		current.make_final(reading, <Self as OpenTime>::now());
	}

	/// Sets the window of meters registered from now on.
	pub(crate) fn do_set_challenge_window(new: Moment) -> DispatchResult {
		ensure!(CHALLENGE_WINDOWS.contains(&new), Error::<T>::WindowOutOfBounds);
		let old = ChallengeWindow::<T>::mutate(|window| core::mem::replace(window, new));
		Self::deposit_event(Event::ChallengeWindowChanged { old, new });
		Ok(())
	}
}

/// Energy between two measured final readings.
fn interval<S: Get<u32>>(meter: &Meter<S>, opening: &Accepted, closing: &Accepted) -> Interval {
	let rise = |register| {
		meter.position(register).map_or(0, |position| {
			let count = |registers: &Registers| registers.get(position).copied().unwrap_or(0);
			// Registers never fall: authorisation refuses it.
			count(&closing.registers).saturating_sub(count(&opening.registers))
		})
	};
	Interval {
		from: opening.measured_at,
		to: closing.measured_at,
		export: rise(Register::Export),
		import: rise(Register::Import),
	}
}

/// The month starts after `opening` and not after `closing`, the newest [`MONTHS_PER_INTERVAL`] of them.
fn month_starts<'a>(opening: &'a Accepted, closing: &'a Final) -> impl Iterator<Item = (Month, MonthStart)> + 'a {
	let last = month_of(closing.reading.measured_at);
	let first = month_of(opening.measured_at).saturating_add(1);
	let first = first.max(last.saturating_sub(MONTHS_PER_INTERVAL - 1));
	(first..=last).map(move |month| {
		let start = MonthStart {
			registers: interpolate(opening, &closing.reading, month_start(month)),
			known_at: closing.known_at,
		};
		(month, start)
	})
}

/// Registers at `at`, between the two readings: r0 + (r1 - r0) (at - t0) / (t1 - t0), rounded down.
fn interpolate(opening: &Accepted, closing: &Accepted, at: Moment) -> Registers {
	let total = u128::from(closing.measured_at.saturating_sub(opening.measured_at)).max(1);
	let passed = u128::from(at.saturating_sub(opening.measured_at)).min(total);
	let mut registers = opening.registers.clone();
	for (register, closing) in registers.iter_mut().zip(&closing.registers) {
		let rise = u128::from(closing.saturating_sub(*register));
		// At most the rise, so the sum is at most the closing register.
		*register += (rise * passed / total) as u64;
	}
	registers
}

//! Thresholds that are watched for: when a register was first finally at or beyond a count. Commercial operation and milestones
//! are proven so.

use alloc::vec::Vec;

use baseload_primitives::{views::ThresholdView, MeterId, Register};
use frame_support::ensure;
use sp_runtime::DispatchResult;

use crate::{finality::Current, Config, Error, Event, Final, Pallet, Reached, Threshold, Thresholds, MAX_THRESHOLDS};

impl<T: Config> Pallet<T> {
	/// Watches for `register` of `who`'s meter to stand at `count`. If it does already, the newest final reading proves it.
	pub(crate) fn do_watch_threshold(who: T::AccountId, id: MeterId, threshold: Threshold) -> DispatchResult {
		let current = Self::current(id).ok_or(Error::<T>::UnknownMeter)?;
		ensure!(Self::owner_of(&current.meter)? == who, Error::<T>::NotOwner);
		Self::watch_threshold_of(id, current, threshold)
	}

	/// Watches for a register of meter `id` to stand at a count, whoever wants to know.
	pub(crate) fn watch_threshold_of(id: MeterId, mut current: Current<T>, threshold: Threshold) -> DispatchResult {
		let meter = &mut current.meter;
		ensure!(
			meter.position(threshold.register).is_some(),
			Error::<T>::UndeclaredRegister
		);
		let reached = current.reached().iter().any(|(known, _)| *known == threshold);
		let known = reached || Thresholds::<T>::contains_key(id, threshold);
		let meter = &mut current.meter;
		ensure!(
			!known && !meter.watching.contains(&threshold),
			Error::<T>::AlreadyWatched
		);
		ensure!(meter.thresholds < MAX_THRESHOLDS, Error::<T>::TooManyThresholds);
		meter.thresholds += 1;
		meter
			.watching
			.try_push(threshold)
			.map_err(|_| Error::<T>::TooManyThresholds)?;
		Self::deposit_event(Event::ThresholdWatched { meter: id, threshold });
		current.reach();
		Self::save(id, current);
		Ok(())
	}

	/// All thresholds of a meter, removed or not, reached ones first, in the order of registers and counts.
	pub(crate) fn threshold_views(id: MeterId) -> Vec<ThresholdView> {
		let current = Self::current(id);
		let new = current.iter().flat_map(|current| current.reached().iter().cloned());
		let reached = Thresholds::<T>::iter_prefix(id).chain(new);
		let reached = reached.map(|(threshold, reached)| (threshold, Some(reached)));
		let watching = current.iter().flat_map(|current| current.meter.watching.iter());
		let watching = watching.map(|threshold| (*threshold, None));
		let mut all: Vec<_> = reached
			.chain(watching)
			.map(|(threshold, reached)| ThresholdView {
				threshold,
				sequence: reached.as_ref().map(|reached| reached.sequence),
				measured_at: reached.as_ref().map(|reached| reached.measured_at),
				known_at: reached.map(|reached| reached.known_at),
			})
			.collect();
		all.sort_by_key(|view| (view.sequence.is_none(), view.threshold));
		all
	}
}

impl<T: Config> Current<T> {
	/// Notes what of the watched thresholds the newest measured final reading has reached.
	pub(crate) fn reach(&mut self) {
		let meter = &mut self.meter;
		let Some(Final { reading, known_at }) = &meter.measured else {
			return;
		};
		let counts = |register: Register| {
			let place = meter.registers.iter().position(|declared| *declared == register)?;
			reading.registers.get(place).copied()
		};
		let is_reached = |threshold: &Threshold| counts(threshold.register).is_some_and(|at| at >= threshold.count);
		let proof = Reached {
			sequence: reading.sequence,
			measured_at: reading.measured_at,
			known_at: *known_at,
		};
		let new = meter.watching.iter().filter(|threshold| is_reached(threshold));
		let new: Vec<_> = new.map(|threshold| (*threshold, proof.clone())).collect();
		meter
			.watching
			.retain(|threshold| !new.iter().any(|(reached, _)| reached == threshold));
		self.add_reached(new);
	}
}

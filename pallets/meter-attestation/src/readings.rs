//! Readings: who is let into a block, and what happens then.
//!
//! All refusals are in [`Pallet::check`], none in the dispatch. Between the two nothing changes a meter's record, so the
//! dispatch finds what the check found.

use alloc::vec::Vec;

use baseload_math::plausibility::max_rise;
use baseload_primitives::{DeviceSignature, MeterId, MeterStatus, Moment, OpenTime, Reading, Refusal, SignedReading};
use frame_support::{
	defensive,
	dispatch::{Pays, PostDispatchInfo},
	ensure,
	pallet_prelude::{TransactionValidityWithRefund, ValidTransaction},
	traits::{Contains, Get, Time},
	weights::Weight,
	BoundedVec,
};

use crate::{
	finality::Matured, ChallengeWindow, Config, Event, Meter, MeterStates, Meters, Pallet, Sites, WeightInfo,
	SUBMIT_BACKLOG, SUBMIT_READING,
};

/// Tag that a meter's transactions provide together with its id: the pool keeps one at a time.
const METER_TAG: &str = "meter";

/// Number of blocks after which the pool asks again whether a reading is valid.
const LONGEVITY: u64 = 64;

/// What a reading is judged by, apart from the one before it.
struct Rules {
	registers: usize,
	nameplate_w: u64,
	latest: Moment,
}

impl<T: Config> Pallet<T> {
	/// Lets one reading in, or says why not.
	pub(crate) fn authorize_reading(
		meter: MeterId,
		reading: &Reading,
		signature: &DeviceSignature,
	) -> TransactionValidityWithRefund {
		let pending = Self::check(SUBMIT_READING, meter, core::iter::once((reading, signature)))?;
		Self::authorized(
			meter,
			reading.sequence,
			T::WeightInfo::authorize_submit_reading,
			pending,
		)
	}

	/// Lets a whole backlog in, or says why not.
	pub(crate) fn authorize_backlog(
		meter: MeterId,
		readings: &BoundedVec<SignedReading, T::MaxBacklog>,
	) -> TransactionValidityWithRefund {
		let last = readings.last().ok_or(Refusal::EmptyBacklog)?.reading.sequence;
		let pending = Self::check(
			SUBMIT_BACKLOG,
			meter,
			readings.iter().map(|row| (&row.reading, &row.signature)),
		)?;
		let count = readings.len() as u32;
		Self::authorized(
			meter,
			last,
			|p| T::WeightInfo::authorize_submit_backlog(count, p),
			pending,
		)
	}

	/// The pool's terms for a transaction of `meter`, and what is left of the weight for the largest record.
	fn authorized(
		meter: MeterId,
		sequence: u64,
		weight: impl Fn(u32) -> Weight,
		pending: u32,
	) -> TransactionValidityWithRefund {
		let validity = ValidTransaction::with_tag_prefix(METER_TAG)
			.and_provides(meter)
			.priority(sequence)
			.longevity(LONGEVITY)
			.propagate(true)
			.build()?;
		Ok((validity, weight(T::MaxPending::get()).saturating_sub(weight(pending))))
	}

	/// All that can refuse readings of a meter, cheapest first: for all of them what needs no signature, then the signatures
	/// one by one. Returns how many readings the meter's record holds as pending.
	fn check<'a>(
		call: &'static str,
		id: MeterId,
		readings: impl ExactSizeIterator<Item = (&'a Reading, &'a DeviceSignature)> + Clone,
	) -> Result<u32, Refusal> {
		ensure!(T::Gate::contains(&call), Refusal::Paused);
		let meter = Meters::<T>::get(id).ok_or(Refusal::UnknownMeter)?;
		ensure!(meter.status == MeterStatus::Active, Refusal::Suspended);
		let state = MeterStates::<T>::get(id);
		let rules = Self::rules(&meter).ok_or(Refusal::UnknownMeter)?;
		let mut previous = state.newest();
		for (reading, _) in readings.clone() {
			Self::check_plausible(&rules, previous, reading)?;
			previous = Some(reading);
		}
		let waiting = state.pending.len() - state.matured(<Self as OpenTime>::now());
		ensure!(
			waiting + readings.len() <= T::MaxPending::get() as usize,
			Refusal::PendingFull
		);
		let genesis = Self::genesis_hash();
		for (reading, signature) in readings {
			ensure!(
				meter.key.verify(&reading.signed_payload(genesis, id), signature),
				Refusal::BadSignature
			);
		}
		Ok(state.pending.len() as u32)
	}

	/// The rules for readings of `meter`; `None` if it stands nowhere, which invariant 2 excludes.
	fn rules(meter: &Meter) -> Option<Rules> {
		Some(Rules {
			registers: meter.registers.len(),
			nameplate_w: Sites::<T>::get(meter.site)?.details.nameplate_w,
			latest: T::Time::now().saturating_add(T::MaxClockSkew::get()),
		})
	}

	/// Whether `reading` can follow `previous`. A meter's first reading sets where all later ones start from.
	fn check_plausible(rules: &Rules, previous: Option<&Reading>, reading: &Reading) -> Result<(), Refusal> {
		if let Some(previous) = previous {
			let ahead = reading
				.sequence
				.checked_sub(previous.sequence)
				.ok_or(Refusal::StaleSequence)?;
			ensure!(ahead > 0, Refusal::StaleSequence);
			ensure!(ahead <= T::MaxSequenceAhead::get(), Refusal::SequenceTooFarAhead);
		}
		ensure!(reading.registers.len() == rules.registers, Refusal::WrongRegisters);
		ensure!(reading.measured_at <= rules.latest, Refusal::FutureTime);
		if let Some(previous) = previous {
			let elapsed = reading
				.measured_at
				.checked_sub(previous.measured_at)
				.ok_or(Refusal::TooSoon)?;
			ensure!(elapsed >= T::MinInterval::get(), Refusal::TooSoon);
			let most = max_rise(rules.nameplate_w, elapsed, T::Tolerance::get());
			for (before, now) in previous.registers.iter().zip(&reading.registers) {
				let rise = now.checked_sub(*before).ok_or(Refusal::FallingRegister)?;
				ensure!(u128::from(rise) <= most, Refusal::ImpossibleIncrease);
			}
		}
		Ok(())
	}

	/// Records an authorised reading.
	pub(crate) fn accept_reading(meter: MeterId, reading: Reading) -> PostDispatchInfo {
		let (sequence, measured_at) = (reading.sequence, reading.measured_at);
		let (pending, final_at) = Self::accept(meter, [reading]);
		Self::deposit_event(Event::ReadingAccepted {
			meter,
			sequence,
			measured_at,
			final_at,
		});
		free(T::WeightInfo::submit_reading(pending))
	}

	/// Records an authorised backlog.
	pub(crate) fn accept_backlog(
		meter: MeterId,
		readings: BoundedVec<SignedReading, T::MaxBacklog>,
	) -> PostDispatchInfo {
		let count = readings.len() as u32;
		let sequence = |row: Option<&SignedReading>| row.map_or(0, |row| row.reading.sequence);
		let (first, last) = (sequence(readings.first()), sequence(readings.last()));
		let readings: Vec<_> = readings.into_iter().map(|row| row.reading).collect();
		let (pending, final_at) = Self::accept(meter, readings);
		Self::deposit_event(Event::BacklogAccepted {
			meter,
			count,
			first,
			last,
			final_at,
		});
		free(T::WeightInfo::submit_backlog(count, pending))
	}

	/// Appends readings to the meter's record. Checks nothing and cannot fail. Returns how many were pending before, and the
	/// open time at which the last one becomes final.
	fn accept(id: MeterId, readings: impl IntoIterator<Item = Reading>) -> (u32, Moment) {
		let Some(meter) = Meters::<T>::get(id) else {
			defensive!("authorisation refuses unknown meters");
			return (0, 0);
		};
		let mut final_at = <Self as OpenTime>::now().saturating_add(ChallengeWindow::<T>::get());
		let mut matured: Matured<_> = Self::matured(id, &meter);
		let pending = (matured.count + matured.state.pending.len()) as u32;
		for reading in readings {
			final_at = matured.state.push(reading, final_at);
		}
		Self::save(id, matured);
		(pending, final_at)
	}
}

/// Nobody pays; what is left of the declared weight goes back to the block.
fn free(actual: Weight) -> PostDispatchInfo {
	PostDispatchInfo {
		actual_weight: Some(actual),
		pays_fee: Pays::No,
	}
}

//! Readings: who is let into a block, and what happens then.
//!
//! All refusals are in [`Pallet::authorize_reading`] and its kin, none in the dispatch. Between the two nothing changes a
//! meter's record, so the dispatch finds what the check found.

use baseload_math::plausibility::max_rise;
use baseload_primitives::{
	ClockStatus, DeviceSignature, Flags, MeterId, MeterStatus, Moment, OpenTime, Reading, Refusal, Severity,
	SignedReading,
};
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
	types::quality_flag, Accepted, Config, Event, Meter, Meters, Pallet, WeightInfo, MAX_AGE, SUBMIT_BACKLOG,
	SUBMIT_READING,
};

/// Tag that a meter's transactions provide together with its id: the pool keeps one at a time.
const METER_TAG: &str = "meter";

/// Number of blocks after which the pool asks again whether a reading is valid.
const LONGEVITY: u64 = 64;

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
	pub(crate) fn authorized(
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

	/// The most that letting one reading in weighs: with the longest record.
	pub(crate) fn weight_of_authorize_reading(signature: &DeviceSignature) -> Weight {
		T::WeightInfo::authorize_submit_reading(T::MaxPending::get()).saturating_add(Self::weight_of_kind(signature))
	}

	/// The same of a backlog.
	pub(crate) fn weight_of_authorize_backlog(readings: &[SignedReading]) -> Weight {
		let most = T::WeightInfo::authorize_submit_backlog(readings.len() as u32, T::MaxPending::get());
		readings
			.iter()
			.map(|row| Self::weight_of_kind(&row.signature))
			.fold(most, Weight::saturating_add)
	}

	/// What a signature of this kind weighs more than one of Ed25519, with which authorisation is measured.
	fn weight_of_kind(signature: &DeviceSignature) -> Weight {
		let weight = match signature {
			DeviceSignature::Ed25519(_) => T::WeightInfo::verify_ed25519(),
			DeviceSignature::Sr25519(_) => T::WeightInfo::verify_sr25519(),
			DeviceSignature::Secp256k1(_) => T::WeightInfo::verify_secp256k1(),
			DeviceSignature::P256(_) => T::WeightInfo::verify_p256(),
		};
		weight.saturating_sub(T::WeightInfo::verify_ed25519())
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
		ensure!(meter.ocmf.is_none(), Refusal::WrongFormat);
		let key = meter.key.ok_or(Refusal::WrongFormat)?;
		Self::ensure_room(&meter, readings.len())?;
		let mut previous = None;
		for (reading, _) in readings.clone() {
			previous = Some(Self::judge(&meter, previous.as_ref().or(meter.newest()), reading)?);
		}
		let genesis = Self::genesis_hash();
		for (reading, signature) in readings {
			ensure!(
				key.verify(&reading.signed_payload(genesis, id), signature),
				Refusal::BadSignature
			);
		}
		Ok(meter.pending.len() as u32)
	}

	/// Whether the meter is active and has room for `count` more readings.
	pub(crate) fn ensure_room(meter: &Meter<T::MaxPending>, count: usize) -> Result<(), Refusal> {
		ensure!(meter.status == MeterStatus::Active, Refusal::Suspended);
		let waiting = meter.pending.len() - meter.matured(<Self as OpenTime>::now());
		ensure!(waiting + count <= T::MaxPending::get() as usize, Refusal::PendingFull);
		Ok(())
	}

	/// What a device's `reading` is accepted as after `previous`, or why it is refused. A meter's first reading sets where all
	/// later ones start from.
	pub(crate) fn judge(
		meter: &Meter<T::MaxPending>,
		previous: Option<&Accepted>,
		reading: &Reading,
	) -> Result<Accepted, Refusal> {
		let sequence = meter.sequence(reading.sequence).ok_or(Refusal::SequenceTooFarAhead)?;
		if let Some(last) = meter.dropped.max(previous.map(|previous| previous.sequence)) {
			let ahead = sequence.saturating_sub(last);
			ensure!(ahead > 0, Refusal::StaleSequence);
			ensure!(ahead <= T::MaxSequenceAhead::get(), Refusal::SequenceTooFarAhead);
		}
		ensure!(
			reading.registers.len() == meter.registers.len(),
			Refusal::WrongRegisters
		);
		let now = T::Time::now();
		let measured_at = reading.measured_at;
		ensure!(
			measured_at <= now.saturating_add(T::MaxClockSkew::get()),
			Refusal::FutureTime
		);
		ensure!(measured_at.saturating_add(MAX_AGE) >= now, Refusal::TooOld);
		let mut accepted = Accepted {
			sequence,
			measured_at,
			registers: meter.carried_on(&reading.registers).ok_or(Refusal::FallingRegister)?,
			flags: quality_flag(reading.quality).and(Flags::CLOCK.when(reading.clock == ClockStatus::Unsynchronised)),
			moved_at: measured_at,
		};
		if let Some(previous) = previous {
			Self::follow(meter, previous, &mut accepted)?;
		}
		ensure!(
			!meter.policy.severities.any(accepted.flags, Severity::Reject),
			Refusal::Implausible
		);
		Ok(accepted)
	}

	/// What a committee member's report is accepted as: judged like a device's reading, but nobody's signature vouches for it.
	pub(crate) fn judge_report(meter: &Meter<T::MaxPending>, reading: &Reading) -> Result<Accepted, Refusal> {
		let accepted = Self::judge(meter, meter.newest(), reading)?;
		Ok(Accepted {
			flags: accepted.flags.and(Flags::COMMITTEE),
			..accepted
		})
	}

	/// What the reading before says about `accepted`.
	fn follow(meter: &Meter<T::MaxPending>, previous: &Accepted, accepted: &mut Accepted) -> Result<(), Refusal> {
		let policy = &meter.policy;
		let elapsed = accepted.measured_at.saturating_sub(previous.measured_at);
		ensure!(elapsed >= T::MinInterval::get(), Refusal::TooSoon);
		let most = max_rise(policy.max_w, elapsed, T::Tolerance::get());
		for (before, now) in previous.registers.iter().zip(&accepted.registers) {
			let rise = now.checked_sub(*before).ok_or(Refusal::FallingRegister)?;
			ensure!(u128::from(rise) <= most, Refusal::ImpossibleIncrease);
		}
		if accepted.registers == previous.registers {
			accepted.moved_at = previous.moved_at;
		}
		let rested = accepted.measured_at.saturating_sub(accepted.moved_at);
		accepted.flags = accepted
			.flags
			.and(Flags::GAP.when(elapsed > policy.gap_after))
			.and(Flags::FROZEN.when(rested > policy.frozen_after));
		Ok(())
	}

	/// Records an authorised reading.
	pub(crate) fn accept_reading(meter: MeterId, reading: &Reading) -> PostDispatchInfo {
		free(Self::record(meter, reading))
	}

	/// Records a reading that was let in, and tells the world. Returns the weight of that.
	pub(crate) fn record(id: MeterId, reading: &Reading) -> Weight {
		let Some(recorded) = Self::accept(id, core::iter::once(reading)) else {
			return Weight::zero();
		};
		Self::deposit_event(Event::ReadingAccepted {
			meter: id,
			sequence: recorded.last,
			measured_at: reading.measured_at,
			flags: recorded.flags,
			final_at: recorded.final_at,
		});
		recorded.weight(T::WeightInfo::submit_reading)
	}

	/// Records an authorised backlog.
	pub(crate) fn accept_backlog(
		meter: MeterId,
		readings: BoundedVec<SignedReading, T::MaxBacklog>,
	) -> PostDispatchInfo {
		let count = readings.len() as u32;
		let Some(recorded) = Self::accept(meter, readings.iter().map(|row| &row.reading)) else {
			return free(Weight::zero());
		};
		Self::deposit_event(Event::BacklogAccepted {
			meter,
			count,
			first: recorded.first,
			last: recorded.last,
			final_at: recorded.final_at,
		});
		free(recorded.weight(|p| T::WeightInfo::submit_backlog(count, p)))
	}

	/// Appends readings to the meter's record, which they were let into.
	fn accept<'a>(id: MeterId, readings: impl Iterator<Item = &'a Reading>) -> Option<Recorded<T>> {
		let Some(mut current) = Self::current(id) else {
			defensive!("authorisation refuses unknown meters");
			return None;
		};
		let pending = current.was_pending();
		let now = <Self as OpenTime>::now();
		let final_at = now.saturating_add(current.meter.policy.window);
		let final_at = current
			.meter
			.pending
			.last()
			.map_or(final_at, |last| final_at.max(last.final_at));
		let mut flags = Flags::NONE;
		let (mut first, mut last) = (None, 0);
		for reading in readings {
			let meter = &mut current.meter;
			let Ok(accepted) = Self::judge(meter, meter.newest(), reading) else {
				defensive!("authorisation refuses what is not plausible");
				break;
			};
			flags = accepted.flags;
			last = accepted.sequence;
			first.get_or_insert(last);
			let held = meter.policy.severities.any(flags, Severity::Hold);
			meter.push(accepted, final_at, held);
		}
		let (compared, others) = Self::compare(id, &mut current);
		let stored = Self::save(id, current) + others;
		Some(Recorded {
			pending,
			stored,
			compared,
			first: first.unwrap_or(last),
			last,
			flags,
			final_at,
			_config: core::marker::PhantomData,
		})
	}

	/// The most that recording `count` readings weighs: the longest record, every month start, and both sides of a check, of
	/// which one stores month starts of its own.
	pub(crate) fn weight_of_accept(count: u32) -> Weight {
		let pending = T::MaxPending::get();
		let record = match count {
			1 => T::WeightInfo::submit_reading(pending),
			count => T::WeightInfo::submit_backlog(count, pending),
		};
		record
			.saturating_add(T::WeightInfo::store_month_starts(2 * Self::MAX_MONTHS))
			.saturating_add(T::WeightInfo::compare(pending).saturating_mul(2))
	}
}

/// What recording readings did.
struct Recorded<T> {
	/// Readings that were pending before.
	pending: u32,
	/// Month starts and first readings that were stored.
	stored: u32,
	/// Meters that were compared with.
	compared: u32,
	/// The meter's sequence of the first reading.
	first: u64,
	/// The meter's sequence of the newest reading.
	last: u64,
	/// Flags of the newest reading.
	flags: Flags,
	/// Open time at which the window of the newest reading ends.
	final_at: Moment,
	_config: core::marker::PhantomData<T>,
}

impl<T: Config> Recorded<T> {
	/// What it weighed, when the record itself weighs `record` with so many pending readings.
	fn weight(&self, record: impl Fn(u32) -> Weight) -> Weight {
		let compared = T::WeightInfo::compare(T::MaxPending::get()).saturating_mul(self.compared.into());
		let stored = match self.stored {
			0 => Weight::zero(),
			stored => T::WeightInfo::store_month_starts(stored),
		};
		record(self.pending).saturating_add(stored).saturating_add(compared)
	}
}

/// Nobody pays; what is left of the declared weight goes back to the block.
pub(crate) fn free(actual: Weight) -> PostDispatchInfo {
	PostDispatchInfo {
		actual_weight: Some(actual),
		pays_fee: Pays::No,
	}
}

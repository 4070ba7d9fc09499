//! Readings: who is let into a block, and what happens then.
//!
//! All refusals are in [`Pallet::authorize_reading`] and its kin, none in the dispatch. Between the two nothing changes a
//! meter's record, so the dispatch finds what the check found.

use alloc::borrow::Cow;

use baseload_math::plausibility::max_rise;
use baseload_primitives::{
	ClockStatus, DeviceSignature, Flags, MeterId, MeterStatus, Moment, OpenTime, Reading, Refusal, Register, Severity,
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
	finality::{Current, Stored},
	types::quality_flag,
	Accepted, Config, Event, Meter, Meters, Pallet, WeightInfo, MAX_AGE, MAX_DEVICE_SEQUENCE, MAX_THRESHOLDS,
	SUBMIT_BACKLOG, SUBMIT_READING,
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

	/// What authorising a general transaction weighs beyond the base weight of every transaction, which pays for the check of one
	/// account's signature. A general transaction carries none: the device's is checked in its place.
	pub(crate) fn beyond_base(weight: Weight) -> Weight {
		weight.saturating_sub(T::WeightInfo::verify_ed25519())
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
		let open = <Self as OpenTime>::now();
		Self::ensure_room(&meter, readings.len(), open)?;
		let mut before = Before::of(&meter, open);
		for (reading, _) in readings.clone() {
			let accepted = Self::judge(&meter, &before, reading)?;
			before = before.then(accepted);
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

	/// Whether the meter is active and has room for `count` more readings at open time `open`.
	pub(crate) fn ensure_room(meter: &Meter<T::MaxPending>, count: usize, open: Moment) -> Result<(), Refusal> {
		ensure!(meter.status() == MeterStatus::Active, Refusal::Suspended);
		let waiting = meter.pending.len() - meter.matured(open);
		ensure!(waiting + count <= T::MaxPending::get() as usize, Refusal::PendingFull);
		Ok(())
	}

	/// What a device's `reading` is accepted as after those before it, or why it is refused. A meter's first measured reading sets
	/// where all later ones start from.
	pub(crate) fn judge(
		meter: &Meter<T::MaxPending>,
		before: &Before<'_>,
		reading: &Reading,
	) -> Result<Accepted, Refusal> {
		ensure!(reading.sequence <= MAX_DEVICE_SEQUENCE, Refusal::SequenceTooFarAhead);
		let sequence = meter.sequence(reading.sequence).ok_or(Refusal::SequenceTooFarAhead)?;
		if let Some(last) = meter.dropped.max(before.newest.map(|(sequence, _)| sequence)) {
			let ahead = sequence.saturating_sub(last);
			ensure!(ahead > 0, Refusal::StaleSequence);
			// A new device's own count may have begun anywhere.
			let first = meter
				.replacement
				.as_ref()
				.is_some_and(|replacement| last < replacement.sequence);
			ensure!(
				first || ahead <= T::MaxSequenceAhead::get(),
				Refusal::SequenceTooFarAhead
			);
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
		Self::follow(meter, before, &mut accepted)?;
		ensure!(
			!meter.policy.severities.any(accepted.flags, Severity::Reject),
			Refusal::Implausible
		);
		Ok(accepted)
	}

	/// What a committee member's report is accepted as: judged like a device's reading, but nobody's signature vouches for it.
	pub(crate) fn judge_report(meter: &Meter<T::MaxPending>, reading: &Reading) -> Result<Accepted, Refusal> {
		let before = Before::of(meter, <Self as OpenTime>::now());
		let accepted = Self::judge(meter, &before, reading)?;
		Ok(Accepted {
			flags: accepted.flags.and(Flags::COMMITTEE),
			..accepted
		})
	}

	/// What the readings before say about `accepted`.
	fn follow(meter: &Meter<T::MaxPending>, before: &Before<'_>, accepted: &mut Accepted) -> Result<(), Refusal> {
		let policy = &meter.policy;
		let since = |at: Moment| accepted.measured_at.saturating_sub(at);
		if let Some((_, at)) = before.newest {
			ensure!(since(at) >= T::MinInterval::get(), Refusal::TooSoon);
			// Estimates do not fill a gap between two measurements.
			let measured = before.measured.as_ref().filter(|_| !accepted.flags.is_estimate());
			let last = measured.map_or(at, |measured| measured.measured_at);
			accepted.flags = accepted.flags.and(Flags::GAP.when(since(last) > policy.gap_after));
		}
		if let Some(measured) = &before.measured {
			// Units an hour rise as watts do: W x h = Wh.
			let most = |rate| max_rise(rate, since(measured.measured_at), T::Tolerance::get());
			let most_wh = most(policy.max_w);
			let counts_services = meter.registers.iter().any(Register::is_service);
			let most_units = if counts_services { most(policy.max_units) } else { 0 };
			let counts = measured.registers.iter().zip(&accepted.registers);
			for (register, (before, now)) in meter.registers.iter().zip(counts) {
				let rise = now.checked_sub(*before).ok_or(Refusal::FallingRegister)?;
				let most = if register.is_service() { most_units } else { most_wh };
				ensure!(u128::from(rise) <= most, Refusal::ImpossibleIncrease);
			}
			if accepted.registers == measured.registers {
				accepted.moved_at = measured.moved_at;
			}
		}
		let rested = accepted.measured_at.saturating_sub(accepted.moved_at);
		accepted.flags = accepted.flags.and(Flags::FROZEN.when(rested > policy.frozen_after));
		Ok(())
	}

	/// Records an authorised reading.
	pub(crate) fn accept_reading(meter: MeterId, reading: &Reading) -> PostDispatchInfo {
		free(Self::record(meter, reading))
	}

	/// Records a reading that was let in, and tells the world. Returns the weight of that.
	pub(crate) fn record(id: MeterId, reading: &Reading) -> Weight {
		match Self::known(id) {
			Some(current) => Self::record_in(id, current, reading),
			None => Weight::zero(),
		}
	}

	/// The meter of a reading that was let in, as of now.
	pub(crate) fn known(id: MeterId) -> Option<Current<T>> {
		let current = Self::current(id);
		if current.is_none() {
			defensive!("authorisation refuses unknown meters");
		}
		current
	}

	/// Records a reading that was let in at the meter, and tells the world. Returns the weight of that.
	pub(crate) fn record_in(id: MeterId, current: Current<T>, reading: &Reading) -> Weight {
		let recorded = Self::accept(id, current, core::iter::once(reading));
		Self::deposit_event(Event::ReadingAccepted {
			meter: id,
			sequence: recorded.last,
			measured_at: reading.measured_at,
			flags: recorded.flags,
			final_at: recorded.final_at,
			settled: recorded.settled,
		});
		recorded.weight(T::WeightInfo::submit_reading)
	}

	/// Records an authorised backlog.
	pub(crate) fn accept_backlog(
		meter: MeterId,
		readings: BoundedVec<SignedReading, T::MaxBacklog>,
	) -> PostDispatchInfo {
		let count = readings.len() as u32;
		let Some(current) = Self::known(meter) else {
			return free(Weight::zero());
		};
		let recorded = Self::accept(meter, current, readings.iter().map(|row| &row.reading));
		Self::deposit_event(Event::BacklogAccepted {
			meter,
			count,
			first: recorded.first,
			last: recorded.last,
			final_at: recorded.final_at,
			settled: recorded.settled,
		});
		free(recorded.weight(|p| T::WeightInfo::submit_backlog(count, p)))
	}

	/// Appends readings to the meter's record, which they were let into.
	fn accept<'a>(id: MeterId, mut current: Current<T>, readings: impl Iterator<Item = &'a Reading>) -> Recorded<T> {
		let pending = current.was_pending();
		let open = current.open;
		let final_at = open.saturating_add(current.meter.policy.window);
		let final_at = current
			.meter
			.pending
			.last()
			.map_or(final_at, |last| final_at.max(last.final_at));
		let mut flags = Flags::NONE;
		let (mut first, mut last) = (None, 0);
		let mut readings = readings.peekable();
		let mut carried = None;
		while let Some(reading) = readings.next() {
			let meter = &mut current.meter;
			let before = carried.take().unwrap_or_else(|| Before::of(meter, open));
			let Ok(accepted) = Self::judge(meter, &before, reading) else {
				defensive!("authorisation refuses what is not plausible");
				break;
			};
			// Only what another reading follows is kept for it.
			carried = readings.peek().map(|_| before.then(accepted.clone()).into_owned());
			flags = accepted.flags;
			last = accepted.sequence;
			first.get_or_insert(last);
			let held = meter.policy.severities.any(flags, Severity::Hold);
			meter.push(accepted, final_at, held);
		}
		let (compared, others) = Self::compare(id, &mut current);
		let (own, settled) = Self::write(id, current);
		Recorded {
			pending,
			stored: own + others,
			compared,
			settled: settled.map(|newest| (newest.sequence, newest.measured_at)),
			first: first.unwrap_or(last),
			last,
			flags,
			final_at,
			_config: core::marker::PhantomData,
		}
	}

	/// The most that recording `count` readings weighs: the longest record, every month start and threshold, and both sides of a
	/// check, of which one stores its own.
	pub(crate) fn weight_of_accept(count: u32) -> Weight {
		let pending = T::MaxPending::get();
		let record = match count {
			1 => T::WeightInfo::submit_reading(pending),
			count => T::WeightInfo::submit_backlog(count, pending),
		};
		record
			.saturating_add(T::WeightInfo::store_month_starts(2 * Self::MAX_MONTHS))
			.saturating_add(T::WeightInfo::store_thresholds(MAX_THRESHOLDS).saturating_mul(2))
			.saturating_add(T::WeightInfo::compare(pending).saturating_mul(2))
	}
}

/// What a reading is judged against.
pub(crate) struct Before<'a> {
	/// Sequence and time of the newest reading.
	newest: Option<(u64, Moment)>,
	/// The newest measured reading. Estimates bind no register: one that was too high must not lock the truth out.
	measured: Option<Cow<'a, Accepted>>,
}

impl<'a> Before<'a> {
	/// What the meter's next reading is judged against at open time `open`.
	pub fn of<S: Get<u32>>(meter: &'a Meter<S>, open: Moment) -> Self {
		Self {
			newest: meter.newest().map(|newest| (newest.sequence, newest.measured_at)),
			measured: meter.last_measured(open).map(Cow::Borrowed),
		}
	}

	/// The same, apart from the meter's record.
	fn into_owned(self) -> Before<'static> {
		Before {
			newest: self.newest,
			measured: self.measured.map(|measured| Cow::Owned(measured.into_owned())),
		}
	}

	/// What the reading after `accepted` is judged against.
	fn then(self, accepted: Accepted) -> Self {
		let newest = Some((accepted.sequence, accepted.measured_at));
		let measured = match accepted.flags.is_estimate() {
			true => self.measured,
			false => Some(Cow::Owned(accepted)),
		};
		Self { newest, measured }
	}
}

/// What recording readings did.
struct Recorded<T> {
	/// Readings that were pending before.
	pending: u32,
	/// What was stored beside the record.
	stored: Stored,
	/// Meters that were compared with.
	compared: u32,
	/// Sequence and time of measurement of the newest reading that became final.
	settled: Option<(u64, Moment)>,
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
		let none_or = |count, weight: fn(u32) -> Weight| if count == 0 { Weight::zero() } else { weight(count) };
		record(self.pending)
			.saturating_add(none_or(self.stored.values, T::WeightInfo::store_month_starts))
			.saturating_add(none_or(self.stored.thresholds, T::WeightInfo::store_thresholds))
			.saturating_add(compared)
	}
}

/// Nobody pays; what is left of the declared weight goes back to the block.
pub(crate) fn free(actual: Weight) -> PostDispatchInfo {
	PostDispatchInfo {
		actual_weight: Some(actual),
		pays_fee: Pays::No,
	}
}

//! Sites, meters and readings to start from, recorded as if their owners had done it, without deposits.

use alloc::{boxed::Box, vec, vec::Vec};

use baseload_math::{
	calendar::{month_of, month_start, Month},
	cover::{CoverRing, Interval},
};
use baseload_primitives::{
	ClockStatus, ConnectionPoint, DeviceKey, Flags, MaxRegisters, MeterId, Moment, Quality, Reading, Register,
	Registers, SiteDetails, SiteId, Technology, WattHours, Zone, DAY, HOUR,
};
use frame_benchmarking::benchmarking::add_to_whitelist;
use frame_support::{
	storage::unhashed,
	traits::{Get, Time},
	BoundedVec,
};

use super::{people::owner, records, BenchmarkHelper};
use crate::{
	finality::MONTHS_PER_INTERVAL, Accepted, Agreed, Check, Config, Final, KeyUse, Keys, Meter, Meters, MonthStart,
	MonthStarts, NextMeter, NextSite, Pallet, Pending, Policy, Replacement, Site, Sites, Threshold,
	DEFAULT_VOTE_PERIOD, MAX_CHECK_TOLERANCE, MAX_THRESHOLDS,
};

/// The time at which benchmarks run: 2024-10-31, 23:00 UTC. The 30 days before are in the same month.
pub const NOW: Moment = 20_028 * DAY - HOUR;

/// Power with which any reading is plausible and no cover is capped.
const NAMEPLATE_W: u64 = u64::MAX;

pub const SITE: SiteId = SiteId(0);
pub const METER: MeterId = MeterId(0);
pub const OTHER: MeterId = MeterId(1);
pub const THIRD: MeterId = MeterId(2);

/// How a meter's readings lie in time. All touch as many buckets of the cover ring as they can.
#[derive(Clone, Copy)]
pub enum History {
	/// Within one month, for calls in which the months that a meter settles are weighed for themselves.
	Month,
	/// Over as many months as one record can settle: a silence of two years, then a reading now and then.
	Years,
}

impl History {
	/// From the final reading to where the pending ones begin, and from there to the newest.
	fn spans(self) -> (Moment, Moment) {
		match self {
			Self::Month => (0, 30 * DAY),
			Self::Years => (25 * 31 * DAY, 450 * DAY),
		}
	}

	/// As many thresholds as there can be: none to be reached, or one by each of the first pending readings.
	fn watching(self) -> Vec<Threshold> {
		let count = |place: u64| match self {
			Self::Month => u64::MAX - place,
			Self::Years => 2 + place,
		};
		(0..u64::from(MAX_THRESHOLDS))
			.map(|place| Threshold {
				register: Register::Export,
				count: count(place),
			})
			.collect()
	}
}

pub fn details() -> SiteDetails {
	SiteDetails {
		technology: Technology::Firm,
		zone: Zone::truncate_from(vec![b'z'; 32]),
		connection_point: ConnectionPoint::truncate_from(vec![b'c'; 64]),
		nameplate_w: NAMEPLATE_W,
		commissioned_at: 0,
	}
}

/// Export, import, and bands up to the bound.
pub fn registers() -> BoundedVec<Register, MaxRegisters> {
	let bands = (1..=6).map(Register::ExportBand);
	BoundedVec::truncate_from([Register::Export, Register::Import].into_iter().chain(bands).collect())
}

/// All registers at `wh`.
pub fn counts(wh: u64) -> Registers {
	Registers::truncate_from(vec![wh; 8])
}

/// What a device says, its registers at its sequence.
pub fn reading(sequence: u64, measured_at: Moment) -> Reading {
	Reading {
		sequence,
		measured_at,
		clock: ClockStatus::Synchronised,
		quality: Quality::Measured,
		registers: counts(sequence),
	}
}

/// The same as accepted.
pub fn accepted(sequence: u64, measured_at: Moment) -> Accepted {
	Accepted {
		sequence,
		measured_at,
		registers: counts(sequence),
		flags: Flags::NONE,
		moved_at: measured_at,
	}
}

/// When a meter's newest reading was measured: late, but with room for a backlog until now. Long after 1970 if no time is set.
fn newest<T: Config>() -> Moment {
	let backlog = T::MinInterval::get() * u64::from(T::MaxBacklog::get() + 1);
	T::Time::now().saturating_sub(backlog).max(2_000 * DAY)
}

/// A certified meter at [`SITE`] that has been through everything, with a final reading and `pending` matured ones.
pub fn meter<T: Config>(key: DeviceKey, pending: u32, history: History) -> Meter<T::MaxPending> {
	let (silence, span) = history.spans();
	let from = newest::<T>() - span;
	let measured = Final {
		reading: accepted(1, from - silence),
		known_at: 0,
	};
	let waiting = (1..=pending).map(|place| Pending {
		reading: accepted(
			1 + u64::from(place),
			from + span * u64::from(place) / u64::from(pending),
		),
		final_at: 0,
		vote_period: DEFAULT_VOTE_PERIOD,
		committee: 0,
		hold: None,
	});
	Meter {
		site: SITE,
		key: Some(key),
		ocmf: None,
		registers: registers(),
		policy: Policy::of_new(HOUR, NAMEPLATE_W),
		suspended_at: None,
		deposit: 0,
		committee: 0,
		checks: None,
		agreed: Some(Agreed {
			at: 0,
			meter: counts(0),
			check: counts(0),
		}),
		device: 0,
		replacement: Some(Replacement {
			closing: counts(0),
			opening: counts(0),
			sequence: 0,
		}),
		punished: Some(0),
		dropped: Some(0),
		watching: BoundedVec::truncate_from(history.watching()),
		thresholds: MAX_THRESHOLDS,
		certified_since: Some(0),
		ring: Some(Box::new(CoverRing::default())),
		estimated: Some(measured.clone()),
		measured: Some(measured),
		pending: BoundedVec::truncate_from(waiting.collect()),
	}
}

/// Records a site of `owner`'s.
pub fn put_site<T: Config>(id: SiteId, owner: &T::AccountId, revenue_meter: Option<MeterId>) {
	let site = Site {
		owner: owner.clone(),
		details: details(),
		revenue_meter,
		pledged_to: None,
		meters: 0,
		deposit: 0,
	};
	Sites::<T>::insert(id, site);
	NextSite::<T>::mutate(|next| *next = (*next).max(SiteId(id.0.saturating_add(1))));
}

/// Records a meter.
pub fn put_meter<T: Config>(id: MeterId, meter: Meter<T::MaxPending>) {
	if let Some(key) = meter.key {
		let device = meter.device;
		Keys::<T>::insert(key, KeyUse { meter: id, device });
	}
	Sites::<T>::mutate_extant(meter.site, |site| site.meters += 1);
	NextMeter::<T>::mutate(|next| *next = (*next).max(MeterId(id.0.saturating_add(1))));
	Meters::<T>::insert(id, meter);
}

/// The revenue meter [`METER`] with this key, of a site of the owner's.
pub fn plant<T: Config>(key: DeviceKey, pending: u32, history: History) {
	T::BenchmarkHelper::set_time(NOW);
	put_site::<T>(SITE, &owner::<T>(), Some(METER));
	put_meter::<T>(METER, meter::<T>(key, pending, history));
}

/// Changes a meter's record.
pub fn edit<T: Config>(id: MeterId, change: impl FnOnce(&mut Meter<T::MaxPending>)) {
	Meters::<T>::mutate_extant(id, change);
}

/// Makes [`METER`] sign OCMF records instead.
pub fn use_ocmf<T: Config>() {
	edit::<T>(METER, |meter| meter.ocmf = Some(records::format()));
}

/// The next `count` readings of [`METER`], which has `pending` ones.
pub fn next_readings<T: Config>(pending: u32, count: u32) -> Vec<Reading> {
	(1..=u64::from(count))
		.map(|at| reading(1 + u64::from(pending) + at, newest::<T>() + at * T::MinInterval::get()))
		.collect()
}

/// Readings of [`METER`] that, made final, settle as many month starts as `months`: the first as many as one interval can,
/// the others one each.
pub fn over_months<T: Config>(months: u32) -> Vec<Accepted> {
	let opening = month_of(NOW) - months;
	edit::<T>(METER, |meter| {
		meter.estimated = None;
		if let Some(measured) = &mut meter.measured {
			measured.reading.measured_at = month_start(opening);
		}
	});
	(months.min(MONTHS_PER_INTERVAL)..=months)
		.map(|month| accepted(2 + u64::from(month), month_start(opening + month)))
		.collect()
}

/// Makes [`METER`] the check meter of [`OTHER`], both with `pending` readings. The oldest that is left of the one agrees with
/// the oldest of the other, so that both are gone through to the end.
pub fn check<T: Config>(pending: u32) {
	plant::<T>(unused_key(METER), pending, History::Month);
	let mut checked = meter::<T>(unused_key(OTHER), pending, History::Month);
	checked.policy.check = Some(Check {
		meter: METER,
		tolerance: MAX_CHECK_TOLERANCE,
	});
	if let Some(newest) = checked.pending.last_mut() {
		// Not over yet: open time has not begun.
		newest.final_at = 1;
	}
	let common = checked.newest().cloned();
	put_meter::<T>(OTHER, checked);
	edit::<T>(METER, |meter| {
		meter.checks = Some(OTHER);
		meter.estimated = None;
		meter.measured = common.map(|reading| Final { reading, known_at: 0 });
		for pending in &mut meter.pending {
			pending.reading.measured_at += 31 * DAY;
			pending.final_at = 1;
		}
	});
}

/// Leaves out of the count what is weighed elsewhere.
pub fn skip_counted<T: Config>() {
	for key in T::BenchmarkHelper::counted_keys() {
		add_to_whitelist(key.into());
	}
}

/// A meter's record as the transaction's check has left it: in memory, so that to read it again is no read from the disk, while
/// to write it still is a write. The tool's list of keys to skip would skip the write too.
pub struct InMemory {
	key: Vec<u8>,
	record: Vec<u8>,
}

/// To be restored where the dispatch begins.
pub fn in_memory<T: Config>(id: MeterId) -> InMemory {
	let key = Meters::<T>::hashed_key_for(id);
	let record = unhashed::get_raw(&key).unwrap_or_default();
	InMemory { key, record }
}

impl InMemory {
	pub fn restore(&self) {
		unhashed::put_raw(&self.key, &self.record);
	}
}

/// A key that belongs to nothing else: nobody signs with it.
pub fn unused_key(id: MeterId) -> DeviceKey {
	let mut key = [0xBA; 32];
	key[..4].copy_from_slice(&id.0.to_le_bytes());
	DeviceKey::Ed25519(key)
}

/// For [`RegisterSource`](baseload_primitives::RegisterSource): a meter of `owner`'s whose registers stand at these counts at the
/// start of the months from `from` on, with all readings before matured, so that to learn it costs the most.
pub(crate) fn set_months<T: Config>(id: MeterId, owner: &T::AccountId, from: Month, months: &[u64]) {
	let site = SiteId(id.0);
	let mut meter = meter::<T>(unused_key(id), T::MaxPending::get(), History::Month);
	meter.site = site;
	meter.estimated = None;
	// There is room for one more threshold.
	meter.thresholds = MAX_THRESHOLDS - 1;
	meter.watching.truncate(MAX_THRESHOLDS as usize - 1);
	// All within the month before.
	let before = month_start(from) - Moment::from(T::MaxPending::get()) - 2;
	let readings = meter.pending.iter_mut().map(|pending| &mut pending.reading);
	let readings = meter
		.measured
		.iter_mut()
		.map(|measured| &mut measured.reading)
		.chain(readings);
	for (reading, after) in readings.zip(1..) {
		reading.measured_at = before + after;
		reading.registers = counts(0);
	}
	for (month, count) in (from..).zip(months) {
		let start = MonthStart {
			registers: counts(*count),
			known_at: 0,
		};
		MonthStarts::<T>::insert(id, month, start);
	}
	put_site::<T>(site, owner, Some(id));
	put_meter::<T>(id, meter);
}

/// For [`RegisterSource`](baseload_primitives::RegisterSource): a meter of `owner`'s that was read so often in a month, the last
/// time at its end. Each reading was final before the next one came.
pub(crate) fn set_read<T: Config>(id: MeterId, owner: &T::AccountId, month: Month, readings: u32) {
	set_months::<T>(id, owner, month, &[0]);
	edit::<T>(id, |meter| meter.pending.clear());
	let (from, to) = (month_start(month), month_start(month.saturating_add(1)));
	for place in 1..=u64::from(readings) {
		let at = from + (to - from) * place / u64::from(readings);
		Pallet::<T>::record(id, &reading(1 + place, at));
		edit::<T>(id, |meter| {
			meter.pending.iter_mut().for_each(|pending| pending.final_at = 0)
		});
	}
	frame_system::Pallet::<T>::reset_events();
}

/// For [`EnergyCover`](baseload_primitives::EnergyCover): a certified site of `owner`'s with at least `wh` of cover, likewise.
pub(crate) fn set_cover<T: Config>(id: SiteId, owner: &T::AccountId, wh: WattHours) {
	let revenue_meter = MeterId(id.0);
	let mut meter = meter::<T>(unused_key(revenue_meter), T::MaxPending::get(), History::Years);
	meter.site = id;
	let to = newest::<T>();
	let attested = Interval {
		from: to - HOUR,
		to,
		export: wh.0.saturating_mul(12),
		import: 0,
	};
	meter.ring.get_or_insert_default().book(&attested, 0);
	put_site::<T>(id, owner, Some(revenue_meter));
	put_meter::<T>(revenue_meter, meter);
}

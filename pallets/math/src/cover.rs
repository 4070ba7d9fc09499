//! Attested energy of a site in two rolling windows, in constant space and time.
//!
//! A [`CoverRing`] keeps the signed net energy (export - import, Wh) of each of the last 30 UTC days, and of each of the last
//! 73 spans of 5 days (365 days). A span begins at a day number divisible by 5, counted from 1970-01-01.
//!
//! Energy is booked by *measurement time, spread evenly over the interval* between two readings. The share of each bucket is
//! a difference of cumulative floors, `floor(E x (t - from) / (to - from))`, so that the shares of an interval add up to its
//! energy exactly, and a span's bucket is the exact sum of its days'. What is older than a window is discarded. Reading at a
//! later time leaves out the days that have left the window, so that the sums of a silent meter decay to zero by themselves.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::{PerThing, Permill};

/// Days in the short window.
pub const DAYS: usize = 30;

/// Spans in the long window: 73 x 5 = 365 days.
pub const SPANS: usize = 73;

/// Days in a span.
pub const SPAN_DAYS: u64 = 5;

const DAY_MS: u64 = 24 * 3_600_000;
const SPAN_MS: u64 = SPAN_DAYS * DAY_MS;
const SHORT_WINDOW_HOURS: u64 = DAYS as u64 * 24;
const LONG_WINDOW_HOURS: u64 = SPANS as u64 * SPAN_DAYS * 24;

/// Energy metered between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
	/// When the opening reading was measured, Unix milliseconds.
	pub from: u64,
	/// When the closing reading was measured, Unix milliseconds.
	pub to: u64,
	/// Rise of the export register, Wh.
	pub export: u64,
	/// Rise of the import register, Wh.
	pub import: u64,
}

impl Interval {
	/// Net energy from the opening reading to `at`, `from <= at <= to`, in Wh; export and import each rounded down.
	fn net_until(&self, at: u64) -> i128 {
		// Most intervals lie within one day, where nothing need be divided.
		if at == self.to {
			return i128::from(self.export) - i128::from(self.import);
		}
		if at == self.from {
			return 0;
		}
		let part = |total: u64| {
			// Less than 2^128 before, and at most `total` after the division.
			(u128::from(total) * u128::from(at - self.from) / u128::from(self.to - self.from)) as i128
		};
		part(self.export) - part(self.import)
	}
}

/// What counts of the two windows, after the caps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
	/// Net energy of the last 30 days, Wh.
	pub last_30_days: u64,
	/// Net energy of the last 365 days, Wh.
	pub last_365_days: u64,
	/// min(30 days, 365 days / 12), Wh, rounded down.
	pub cover: u64,
}

/// Net energy of a connection point by day and by 5-day span.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CoverRing {
	/// Number, since 1970-01-01, of the newest day that energy was booked to.
	newest_day: u64,
	/// Net Wh of day `d` at `d % 30`, for the 30 days that end with the newest.
	days: [i128; DAYS],
	/// Net Wh of span `s` (of days `5 s ..= 5 s + 4`) at `s % 73`, for the 73 spans that end with the newest day's.
	spans: [i128; SPANS],
}

impl Default for CoverRing {
	fn default() -> Self {
		Self {
			newest_day: 0,
			days: [0; DAYS],
			spans: [0; SPANS],
		}
	}
}

impl CoverRing {
	/// Books the part of `interval` after `since` (Unix milliseconds). Books nothing if no part is after it, or if the
	/// interval has no length.
	///
	/// Sums cannot overflow as long as all intervals come from one meter: its registers only grow, so all its rises together
	/// stay below 2^64 Wh.
	pub fn book(&mut self, interval: &Interval, since: u64) {
		let start = interval.from.max(since);
		if start >= interval.to {
			return;
		}
		// The energy of an interval that ends at midnight belongs to the day before.
		let day = (interval.to - 1) / DAY_MS;
		if day > self.newest_day {
			clear(&mut self.days, self.newest_day, day);
			clear(&mut self.spans, self.newest_day / SPAN_DAYS, day / SPAN_DAYS);
			self.newest_day = day;
		}
		spread(&mut self.days, self.newest_day, DAY_MS, interval, start);
		spread(&mut self.spans, self.newest_day / SPAN_DAYS, SPAN_MS, interval, start);
	}

	/// Net Wh of the 30 UTC days that end with the day of `now` (Unix milliseconds), today's part included: between 29 and
	/// 30 times 24 hours.
	pub fn last_30_days(&self, now: u64) -> i128 {
		window(&self.days, self.newest_day, now / DAY_MS)
	}

	/// Net Wh of the 73 spans of 5 days that end with the span of `now`: between 360 and 365 days.
	pub fn last_365_days(&self, now: u64) -> i128 {
		window(&self.spans, self.newest_day / SPAN_DAYS, now / SPAN_MS)
	}

	/// What counts at `now`. Each window's sum is at least zero and at most nameplate x `factor` x window, where `factor` is
	/// the share of nameplate power that the technology can run at on average.
	pub fn counted(&self, now: u64, nameplate_w: u64, factor: Permill) -> Counted {
		let last_30_days = capped(self.last_30_days(now), nameplate_w, factor, SHORT_WINDOW_HOURS);
		let last_365_days = capped(self.last_365_days(now), nameplate_w, factor, LONG_WINDOW_HOURS);
		Counted {
			last_30_days,
			last_365_days,
			cover: last_30_days.min(last_365_days / 12),
		}
	}

	/// Number, since 1970-01-01, of the newest day that energy was booked to.
	pub fn newest_day(&self) -> u64 {
		self.newest_day
	}

	/// True if every span whose days are all still in the short ring is exactly their sum.
	pub fn is_consistent(&self) -> bool {
		let oldest_day = self.newest_day.saturating_sub(DAYS as u64 - 1);
		let newest_span = self.newest_day / SPAN_DAYS;
		(oldest_day.div_ceil(SPAN_DAYS)..=newest_span).all(|span| {
			let first = span * SPAN_DAYS;
			let days = first..=self.newest_day.min(first + SPAN_DAYS - 1);
			self.spans[slot(span, SPANS)] == days.map(|day| self.days[slot(day, DAYS)]).sum::<i128>()
		})
	}
}

/// Where bucket number `bucket` stands in a ring of `len`.
fn slot(bucket: u64, len: usize) -> usize {
	(bucket % len as u64) as usize
}

/// Number of the oldest bucket in a ring of `len` whose newest is `newest`.
fn oldest(newest: u64, len: usize) -> u64 {
	newest.saturating_sub(len as u64 - 1)
}

/// Empties what enters the ring when its newest bucket moves from `from` up to `to`.
fn clear(buckets: &mut [i128], from: u64, to: u64) {
	for bucket in (from + 1).max(oldest(to, buckets.len()))..=to {
		buckets[slot(bucket, buckets.len())] = 0;
	}
}

/// Adds to each bucket of the ring its share of `interval` from `start` on.
fn spread(buckets: &mut [i128], newest: u64, width: u64, interval: &Interval, start: u64) {
	let len = buckets.len();
	let first = (start / width).max(oldest(newest, len));
	// Each bucket opens where the one before has closed.
	let opens = (first * width).max(start).min(interval.to);
	let mut opened = interval.net_until(opens);
	for bucket in first..=(interval.to - 1) / width {
		// Saturates only in the bucket of the end of time, where the interval's own end is lower.
		let closes = (bucket + 1).saturating_mul(width).min(interval.to);
		let closed = interval.net_until(closes);
		buckets[slot(bucket, len)] += closed - opened;
		opened = closed;
	}
}

/// Sum of the ring's buckets that are in the window ending with bucket `current`. A bucket ahead of it counts: a meter's
/// clock may be a little ahead of the chain's.
fn window(buckets: &[i128], newest: u64, current: u64) -> i128 {
	(oldest(newest.max(current), buckets.len())..=newest)
		.map(|bucket| buckets[slot(bucket, buckets.len())])
		.sum()
}

/// `sum`, at least zero and at most nameplate x `factor` x `hours` (rounded down), in Wh.
fn capped(sum: i128, nameplate_w: u64, factor: Permill, hours: u64) -> u64 {
	// 64 + 20 + 14 bits at most.
	let cap =
		u128::from(nameplate_w) * u128::from(factor.deconstruct()) * u128::from(hours) / u128::from(Permill::ACCURACY);
	// A single meter's rises stay below 2^64 Wh, so the limit is never met.
	u64::try_from(u128::try_from(sum).unwrap_or(0).min(cap)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const ALL: Permill = Permill::one();

	fn interval(from: u64, to: u64, export: u64, import: u64) -> Interval {
		Interval {
			from,
			to,
			export,
			import,
		}
	}

	fn ring(intervals: &[Interval]) -> CoverRing {
		let mut ring = CoverRing::default();
		for interval in intervals {
			ring.book(interval, 0);
		}
		ring
	}

	#[test]
	fn book_should_spread_over_days_when_interval_crosses_midnight() {
		let start = 100 * DAY_MS + DAY_MS / 2;
		let ring = ring(&[interval(start, start + DAY_MS, 101, 1)]);
		assert_eq!(ring.newest_day(), 101);
		assert_eq!(ring.days[slot(100, DAYS)], 50);
		assert_eq!(ring.days[slot(101, DAYS)], 50);
		assert_eq!(ring.spans[slot(20, SPANS)], 100);
		assert!(ring.is_consistent());
	}

	#[test]
	fn book_should_use_the_day_before_when_interval_ends_at_midnight() {
		let ring = ring(&[interval(100 * DAY_MS, 101 * DAY_MS, 24, 0)]);
		assert_eq!(ring.newest_day(), 100);
		assert_eq!(ring.last_30_days(100 * DAY_MS), 24);
	}

	#[test]
	fn book_should_discard_the_older_part_when_interval_is_longer_than_the_window() {
		let ring = ring(&[interval(1_000 * DAY_MS, 2_000 * DAY_MS, 1_000_000, 0)]);
		assert_eq!(ring.last_30_days(2_000 * DAY_MS - 1), 30_000);
		assert_eq!(ring.last_365_days(2_000 * DAY_MS - 1), 365_000);
		assert!(ring.is_consistent());
	}

	#[test]
	fn book_should_leave_out_what_is_not_after_since() {
		let mut ring = CoverRing::default();
		let whole = interval(100 * DAY_MS, 102 * DAY_MS, 200, 20);
		ring.book(&whole, 102 * DAY_MS);
		assert_eq!(ring, CoverRing::default());
		ring.book(&whole, 101 * DAY_MS + DAY_MS / 2);
		assert_eq!(ring.last_30_days(102 * DAY_MS), 45);
		ring.book(&interval(102 * DAY_MS, 102 * DAY_MS, 7, 0), 0);
		assert_eq!(ring.last_30_days(102 * DAY_MS), 45);
	}

	#[test]
	fn sums_should_decay_to_zero_when_meter_is_silent() {
		let ring = ring(&[interval(100 * DAY_MS, 110 * DAY_MS, 1_000, 0)]);
		assert_eq!(ring.last_30_days(109 * DAY_MS), 1_000);
		assert_eq!(ring.last_30_days(130 * DAY_MS), 900);
		assert_eq!(ring.last_30_days(138 * DAY_MS), 100);
		assert_eq!(ring.last_30_days(139 * DAY_MS), 0);
		assert_eq!(ring.last_365_days(464 * DAY_MS), 1_000);
		assert_eq!(ring.last_365_days(465 * DAY_MS), 500);
		assert_eq!(ring.last_365_days(470 * DAY_MS), 0);
		assert_eq!(ring.last_365_days(u64::MAX), 0);
	}

	#[test]
	fn sums_should_be_negative_and_count_as_zero_when_import_is_larger() {
		let ring = ring(&[interval(100 * DAY_MS, 101 * DAY_MS, 10, 30)]);
		assert_eq!(ring.last_30_days(101 * DAY_MS), -20);
		assert_eq!(ring.counted(101 * DAY_MS, 1_000, ALL), Counted::default());
	}

	#[test]
	fn counted_should_be_capped_when_sum_exceeds_nameplate_and_factor() {
		let year = interval(1_000 * DAY_MS, 1_365 * DAY_MS, 365_000_000, 0);
		let ring = ring(&[year]);
		let now = 1_365 * DAY_MS - 1;
		assert_eq!(
			ring.counted(now, 1_000_000, ALL),
			Counted {
				last_30_days: 30_000_000,
				last_365_days: 365_000_000,
				cover: 30_000_000
			}
		);
		// 1 kW x 30 % x 720 h and x 8,760 h.
		assert_eq!(
			ring.counted(now, 1_000, Permill::from_percent(30)),
			Counted {
				last_30_days: 216_000,
				last_365_days: 2_628_000,
				cover: 216_000
			}
		);
	}

	#[test]
	fn counted_should_be_a_twelfth_of_the_year_when_site_is_new() {
		let ring = ring(&[interval(1_000 * DAY_MS, 1_010 * DAY_MS, 1_205, 0)]);
		let counted = ring.counted(1_010 * DAY_MS - 1, 1_000, ALL);
		assert_eq!(
			counted,
			Counted {
				last_30_days: 1_205,
				last_365_days: 1_205,
				cover: 100
			}
		);
	}

	#[test]
	fn book_should_not_overflow_when_values_are_the_largest() {
		let ring = ring(&[interval(0, u64::MAX, u64::MAX, 0)]);
		assert!(ring.is_consistent());
		assert!(ring.last_30_days(u64::MAX) > 0);
		let last_instant = self::ring(&[interval(u64::MAX - 1, u64::MAX, u64::MAX, 0)]);
		assert_eq!(last_instant.last_365_days(u64::MAX), u64::MAX.into());
		assert_eq!(last_instant.counted(u64::MAX, u64::MAX, ALL).last_30_days, u64::MAX);
	}

	/// Consecutive intervals of one meter: (length, export, import), from a start.
	fn history() -> impl Strategy<Value = (Vec<Interval>, u64)> {
		let length = prop_oneof![1..DAY_MS, DAY_MS..10 * DAY_MS, DAY_MS..800 * DAY_MS];
		let row = (length, 0..1_000_000_000u64, 0..1_000_000u64);
		(0..20_000u64, proptest::collection::vec(row, 1..40), 0..400 * DAY_MS).prop_map(|(day, rows, silence)| {
			let mut from = day * DAY_MS + 12_345;
			let mut intervals = Vec::new();
			for (length, export, import) in rows {
				intervals.push(interval(from, from + length, export, import));
				from += length;
			}
			(intervals, from + silence)
		})
	}

	/// Net energy from `start` on, straight from the definition.
	fn since(intervals: &[Interval], start: u64) -> i128 {
		intervals
			.iter()
			.filter(|i| i.to > start)
			.map(|i| {
				let left = |total: u64| {
					let before = u128::from(start.max(i.from) - i.from);
					i128::from(total) - (u128::from(total) * before / u128::from(i.to - i.from)) as i128
				};
				left(i.export) - left(i.import)
			})
			.sum()
	}

	proptest! {
		#[test]
		fn sums_should_equal_the_naive_model_when_booked_in_any_pattern((intervals, now) in history()) {
			let ring = ring(&intervals);
			prop_assert!(ring.is_consistent());
			let first_day = (now / DAY_MS).max(ring.newest_day()).saturating_sub(29);
			prop_assert_eq!(ring.last_30_days(now), since(&intervals, first_day * DAY_MS));
			let first_span = (now / SPAN_MS).max(ring.newest_day() / SPAN_DAYS).saturating_sub(72);
			prop_assert_eq!(ring.last_365_days(now), since(&intervals, first_span * SPAN_MS));
		}

		#[test]
		fn interval_should_be_booked_exactly_when_it_fits_the_window(
			start in 0..DAY_MS,
			length in 1..29 * DAY_MS,
			export in any::<u64>(),
			import in any::<u64>(),
		) {
			let from = 20_000 * DAY_MS + start;
			let ring = ring(&[interval(from, from + length, export, import)]);
			let net = i128::from(export) - i128::from(import);
			prop_assert_eq!(ring.last_30_days(from + length - 1), net);
			prop_assert_eq!(ring.last_365_days(from + length - 1), net);
		}

		#[test]
		fn counted_should_never_grow_when_only_time_passes((intervals, now) in history(), later in 0..400 * DAY_MS) {
			// Without import: a bad day that leaves the window may well raise the sum.
			let intervals: Vec<_> = intervals.into_iter().map(|i| Interval { import: 0, ..i }).collect();
			let ring = ring(&intervals);
			let (before, after) = (ring.counted(now, 1_000_000, ALL), ring.counted(now + later, 1_000_000, ALL));
			prop_assert!(after.last_30_days <= before.last_30_days);
			prop_assert!(after.last_365_days <= before.last_365_days);
			prop_assert!(after.cover <= before.cover);
		}
	}
}

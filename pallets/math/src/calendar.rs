//! UTC calendar months: the periods of bills.

/// Number of a UTC month: 12 x year + month - 1, so that January 1970 is 23,640.
pub type Month = u32;

const DAY_MS: u64 = 24 * 3_600_000;

/// January 1970.
const EPOCH_MONTH: Month = 12 * 1970;

/// Days from 0000-03-01 to 1970-01-01.
const TO_EPOCH: u64 = 719_468;

/// Days of 400 years.
const ERA: u64 = 146_097;

/// Days from 0000-03-01 to the first day of `month`, which is not before that.
///
/// Years are counted from March, so that the leap day is the last day of one: a year has 365 days, plus one for every 4
/// years, less one for every 100, plus one for every 400; and from March on, 5 months have 153 days.
fn first_day(month: Month) -> u64 {
	let from_march = u64::from(month) - 2;
	let (year, month) = (from_march / 12, from_march % 12);
	365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5
}

/// When `month` starts, in Unix milliseconds. Months before 1970 start at 0.
pub fn month_start(month: Month) -> u64 {
	// Below 2^64: a `u32` counts fewer than 358 million years.
	(first_day(month.max(EPOCH_MONTH)) - TO_EPOCH) * DAY_MS
}

/// The month that `at` (Unix milliseconds) falls into.
pub fn month_of(at: u64) -> Month {
	let day = at / DAY_MS + TO_EPOCH;
	let (era, day) = (day / ERA, day % ERA);
	// The year's first day is 365 times the year, and a day later for each leap day before it.
	let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
	let day = day - (365 * year + year / 4 - year / 100);
	let month = (era * 400 + year) * 12 + (5 * day + 2) / 153 + 2;
	// 2^64 ms are 585 million years: more months than a `u32` counts. All later ones count as the last.
	Month::try_from(month).unwrap_or(Month::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn month_start_should_be_the_first_midnight_of_the_month() {
		assert_eq!(month_start(EPOCH_MONTH), 0);
		assert_eq!(month_start(0), 0);
		assert_eq!(month_start(12 * 2000 + 1), 949_363_200_000);
		assert_eq!(month_start(12 * 2000 + 2), 951_868_800_000);
		assert_eq!(month_start(12 * 2024 + 2), 1_709_251_200_000);
		assert_eq!(month_start(12 * 2026 + 10), 1_793_491_200_000);
		assert_eq!(month_start(12 * 2100 + 2), 4_107_542_400_000);
	}

	#[test]
	fn month_of_should_change_at_midnight() {
		let november = 12 * 2026 + 10;
		assert_eq!(month_of(month_start(november)), november);
		assert_eq!(month_of(month_start(november) - 1), november - 1);
		assert_eq!(month_of(0), EPOCH_MONTH);
		assert_eq!(month_of(u64::MAX), Month::MAX);
	}

	proptest! {
		#[test]
		fn month_of_should_contain_the_time(at in 0..=u64::MAX / 2) {
			let month = month_of(at);
			prop_assert!(month_start(month) <= at && at < month_start(month + 1));
		}
	}
}

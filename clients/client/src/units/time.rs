//! Dates in UTC after ISO 8601, and durations.

use baseload_math::billing::Month;
use baseload_primitives::{Moment, DAY, HOUR, MINUTE, SECOND};

use super::ParseError;

/// Reads a UTC date, "2026-01-31", or date and time, "2026-01-31T12:00:00Z" (seconds and milliseconds may be left out, a
/// blank may stand for the T), into Unix milliseconds. Years 1970 to 9999.
pub fn parse_time(text: &str) -> Result<Moment, ParseError> {
	let trimmed = text.trim();
	let malformed = || ParseError::new(text, "is not a UTC date like 2026-01-31 or 2026-01-31T12:00:00Z");
	let (date, time) = match trimmed.split_once(['T', ' ']) {
		Some((date, time)) => (date, Some(time.strip_suffix('Z').ok_or_else(malformed)?)),
		None => (trimmed, None),
	};

	let [year, month, day] = fields(date, '-', [4, 2, 2]).ok_or_else(malformed)?;
	if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=month_length(year, month)).contains(&day) {
		return Err(ParseError::new(text, "is not a day of the calendar from 1970 to 9999"));
	}
	let days = days_before_year(year) + (1..month).map(|month| month_length(year, month)).sum::<u64>() + day - 1;

	let within = match time {
		None => 0,
		Some(time) => {
			let (time, millis) = match time.split_once('.') {
				Some((time, fraction)) => (time, fields(fraction, '.', [3]).ok_or_else(malformed)?[0]),
				None => (time, 0),
			};
			let [hour, minute, second] = match fields(time, ':', [2, 2, 2]) {
				Some(fields) => fields,
				None if millis == 0 && !trimmed.contains('.') => {
					let [hour, minute] = fields(time, ':', [2, 2]).ok_or_else(malformed)?;
					[hour, minute, 0]
				}
				None => return Err(malformed()),
			};
			if hour > 23 || minute > 59 || second > 59 {
				return Err(ParseError::new(text, "has no such time of day"));
			}
			hour * HOUR + minute * MINUTE + second * SECOND + millis
		}
	};
	Ok(days * DAY + within)
}

/// Writes Unix milliseconds as a UTC date and time: "2026-01-31T12:00:00Z", with milliseconds if there are any.
pub fn format_time(moment: Moment) -> String {
	let (year, month, day) = calendar(moment / DAY);
	let within = moment % DAY;
	let (hour, minute, second) = (within / HOUR, within % HOUR / MINUTE, within % MINUTE / SECOND);
	let millis = match within % SECOND {
		0 => String::new(),
		millis => format!(".{millis:03}"),
	};
	format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{millis}Z")
}

/// Reads a month in UTC, "2026-11".
pub fn parse_month(text: &str) -> Result<Month, ParseError> {
	let first = parse_time(&format!("{}-01", text.trim()));
	let first = first.map_err(|_| ParseError::new(text, "is not a month like 2026-11"))?;
	Ok(Month::of(first))
}

/// Writes a month: "2026-11".
pub fn format_month(month: Month) -> String {
	format!("{:04}-{:02}", month.number() / 12, month.of_year() + 1)
}

const DURATIONS: [(&str, Moment); 5] = [("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1)];

/// The same in words.
const WORDS: [(&str, Moment); 8] = [
	("day", DAY),
	("days", DAY),
	("hour", HOUR),
	("hours", HOUR),
	("minute", MINUTE),
	("minutes", MINUTE),
	("second", SECOND),
	("seconds", SECOND),
];

/// Reads a duration, "30 days", "30d", "1h", "90s", "1h30m", "250ms", into milliseconds.
pub fn parse_duration(text: &str) -> Result<Moment, ParseError> {
	let malformed = || ParseError::new(text, "is not a duration like 30d, 1h30m, 90s or 250ms");
	let too_large = || ParseError::new(text, "is too large");
	let mut rest = text.trim();
	if rest.is_empty() {
		return Err(malformed());
	}
	let mut total: Moment = 0;
	while !rest.is_empty() {
		let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(malformed)?;
		let (number, tail) = rest.split_at(digits);
		if number.is_empty() {
			return Err(malformed());
		}
		let tail = tail.trim_start();
		let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
		let (unit, tail) = tail.split_at(letters);
		let mut units = DURATIONS.iter().chain(&WORDS);
		let (_, length) = units.find(|(name, _)| *name == unit).ok_or_else(malformed)?;
		let number: Moment = number.parse().map_err(|_| too_large())?;
		total = number
			.checked_mul(*length)
			.and_then(|part| total.checked_add(part))
			.ok_or_else(too_large)?;
		rest = tail.trim_start();
	}
	Ok(total)
}

/// Writes milliseconds as a duration: "1h30m", "30d", "0s".
pub fn format_duration(duration: Moment) -> String {
	let mut rest = duration;
	let mut written = String::new();
	for (name, length) in DURATIONS {
		if rest >= length {
			written += &format!("{}{name}", rest / length);
			rest %= length;
		}
	}
	if written.is_empty() {
		"0s".into()
	} else {
		written
	}
}

/// Numbers of exactly these many digits, separated by `separator`.
fn fields<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u64; N]> {
	let mut parts = text.split(separator);
	let mut found = [0; N];
	for (field, digits) in found.iter_mut().zip(digits) {
		let part = parts.next()?;
		if part.len() != digits || !part.bytes().all(|digit| digit.is_ascii_digit()) {
			return None;
		}
		*field = part.parse().ok()?;
	}
	parts.next().is_none().then_some(found)
}

fn is_leap(year: u64) -> bool {
	year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn month_length(year: u64, month: u64) -> u64 {
	match month {
		2 if is_leap(year) => 29,
		2 => 28,
		4 | 6 | 9 | 11 => 30,
		_ => 31,
	}
}

/// Days from 1970-01-01 to the first day of a year from 1970 on.
fn days_before_year(year: u64) -> u64 {
	let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
	(year - 1970) * 365 + leap_days(year - 1) - leap_days(1969)
}

/// Year, month and day of the day that is `days` after 1970-01-01.
fn calendar(days: u64) -> (u64, u64, u64) {
	// A year is at most 366 days, so this is at or before the right one, and 400 years are exactly 146097 days.
	let mut year = 1970 + days / 146_097 * 400;
	let mut rest = days % 146_097;
	year += rest / 366;
	rest = days - days_before_year(year);
	while rest >= 365 + u64::from(is_leap(year)) {
		rest -= 365 + u64::from(is_leap(year));
		year += 1;
	}
	let mut month = 1;
	while rest >= month_length(year, month) {
		rest -= month_length(year, month);
		month += 1;
	}
	(year, month, rest + 1)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn time_should_be_read_in_every_accepted_form() {
		assert_eq!(parse_time("1970-01-01"), Ok(0));
		assert_eq!(parse_time("2000-02-29"), Ok(951_782_400_000));
		assert_eq!(parse_time("2026-01-31T12:00:00Z"), Ok(1_769_860_800_000));
		assert_eq!(parse_time("2026-01-31 12:00:00Z"), Ok(1_769_860_800_000));
		assert_eq!(parse_time("2026-01-31T12:00Z"), Ok(1_769_860_800_000));
		assert_eq!(parse_time("2026-01-31T12:00:00.250Z"), Ok(1_769_860_800_250));
		assert_eq!(parse_time("9999-12-31T23:59:59.999Z"), Ok(253_402_300_799_999));
	}

	#[test]
	fn time_should_be_refused_when_it_is_no_date() {
		for text in [
			"",
			"2026",
			"2026-1-31",
			"2026-02-29",
			"2026-13-01",
			"2026-00-01",
			"2026-04-31",
			"1969-12-31",
			"2026-01-31T24:00:00Z",
			"2026-01-31T12:60:00Z",
			"2026-01-31T12:00:00",
			"2026-01-31T12:00:00+01:00",
			"2026-01-31T12Z",
			"2026-01-31T12:00:00.5Z",
			"2026-01-31T12:00.000Z",
			"2026-01-31TZ",
			"31.01.2026",
			"yesterday",
			"2026-01-31T12:00:00ZZ",
			"1900-02-29",
		] {
			assert!(parse_time(text).is_err(), "{text}");
		}
	}

	#[test]
	fn time_should_be_written_in_utc() {
		assert_eq!(format_time(0), "1970-01-01T00:00:00Z");
		assert_eq!(format_time(951_782_400_000), "2000-02-29T00:00:00Z");
		assert_eq!(format_time(1_769_860_800_250), "2026-01-31T12:00:00.250Z");
		assert_eq!(format_time(4_107_542_399_000), "2100-02-28T23:59:59Z");
		assert!(format_time(u64::MAX).ends_with('Z'));
	}

	#[test]
	fn duration_should_be_read_and_written() {
		assert_eq!(parse_duration("30d"), Ok(30 * DAY));
		assert_eq!(parse_duration("1h30m"), Ok(90 * MINUTE));
		assert_eq!(parse_duration("1h 30m"), Ok(90 * MINUTE));
		assert_eq!(parse_duration("250ms"), Ok(250));
		assert_eq!(parse_duration("30 days"), Ok(30 * DAY));
		assert_eq!(parse_duration("1 day 2 hours"), Ok(DAY + 2 * HOUR));
		assert_eq!(parse_duration("0s"), Ok(0));
		assert_eq!(format_duration(0), "0s");
		assert_eq!(format_duration(90 * MINUTE), "1h30m");
		assert_eq!(format_duration(DAY + 1), "1d1ms");
		for text in [
			"",
			"30",
			"d",
			"1y",
			"-1h",
			"1.5h",
			"1h-",
			"99999999999999999999s",
			"999999999999999d",
		] {
			assert!(parse_duration(text).is_err(), "{text}");
		}
	}

	#[test]
	fn month_should_be_read_and_written() {
		let month = parse_month("2027-01").unwrap();
		assert_eq!((month.number(), format_month(month)), (24_324, "2027-01".into()));
		for text in ["2027", "2027-13", "2027-1", "1969-12", "2027-01-01", ""] {
			assert!(parse_month(text).is_err(), "{text}");
		}
	}

	proptest! {
		#[test]
		fn time_should_come_back_when_written_and_read(moment in 0..253_402_300_800_000u64) {
			prop_assert_eq!(parse_time(&format_time(moment)), Ok(moment));
		}

		#[test]
		fn days_should_follow_each_other(day in 0..2_932_896u64) {
			let (year, month, date) = calendar(day);
			let next = calendar(day + 1);
			let expected = if date < month_length(year, month) {
				(year, month, date + 1)
			} else if month < 12 {
				(year, month + 1, 1)
			} else {
				(year + 1, 1, 1)
			};
			prop_assert_eq!(next, expected);
		}

		#[test]
		fn duration_should_come_back_when_written_and_read(duration: u64) {
			prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
		}

		#[test]
		fn reading_should_never_panic(text: String) {
			let _ = parse_time(&text);
			let _ = parse_duration(&text);
		}
	}
}

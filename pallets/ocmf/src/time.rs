//! The time of a reading: `TM`, such as `2018-07-24T13:22:04,000+0200 S`.

use crate::OcmfError;

/// What a meter says about its clock: the letter after the time, table 19 of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockStatus {
	/// `U`: unknown, not synchronised.
	Unknown,
	/// `I`: informative only.
	Informative,
	/// `S`: synchronised.
	Synchronised,
	/// `R`: durations are measured exactly, counted from an informative time.
	Relative,
}

const DAYS_BEFORE_MONTH: [u64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// Where each character that is not a digit stands, and which it is.
const SEPARATORS: [(usize, u8); 7] = [
	(4, b'-'),
	(7, b'-'),
	(10, b'T'),
	(13, b':'),
	(16, b':'),
	(19, b','),
	(28, b' '),
];

/// Unix milliseconds and the state of the clock. The zone offset is part of the text, so that a change to summer time and
/// back neither repeats nor skips an instant.
///
/// # Errors
///
/// [`OcmfError::BadTime`] if `text` has another form, names a date or time that does not exist (a leap second among them,
/// which Unix time cannot express), or lies before 1970.
pub(crate) fn parse(text: &str) -> Result<(u64, ClockStatus), OcmfError> {
	instant(text).ok_or(OcmfError::BadTime)
}

fn instant(text: &str) -> Option<(u64, ClockStatus)> {
	let bytes: &[u8; 30] = text.as_bytes().try_into().ok()?;
	if SEPARATORS.iter().any(|(at, separator)| bytes[*at] != *separator) {
		return None;
	}
	let number = |from: usize, to: usize, range: core::ops::Range<u64>| {
		let value = bytes[from..to].iter().try_fold(0, |sum, byte| {
			byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0'))
		})?;
		range.contains(&value).then_some(value)
	};
	let days = days(number(0, 4, 1970..10_000)?, number(5, 7, 1..13)?, number(8, 10, 1..32)?)?;
	let minutes = (days * 24 + number(11, 13, 0..24)?) * 60 + number(14, 16, 0..60)?;
	let millis = (minutes * 60 + number(17, 19, 0..60)?) * 1_000 + number(20, 23, 0..1_000)?;
	let offset = (number(24, 26, 0..24)? * 60 + number(26, 28, 0..60)?) * 60_000;
	let millis = match bytes[23] {
		// East of Greenwich the clock is ahead.
		b'+' => millis.checked_sub(offset)?,
		b'-' => millis + offset,
		_ => return None,
	};
	let clock = match bytes[29] {
		b'U' => ClockStatus::Unknown,
		b'I' => ClockStatus::Informative,
		b'S' => ClockStatus::Synchronised,
		b'R' => ClockStatus::Relative,
		_ => return None,
	};
	Some((millis, clock))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, if it exists.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
	let leap_years_up_to = |year: u64| year / 4 - year / 100 + year / 400;
	let leap = leap_years_up_to(year) - leap_years_up_to(year - 1);
	let month = usize::try_from(month).ok()?;
	let length = DAYS_BEFORE_MONTH[month] - DAYS_BEFORE_MONTH[month - 1] + if month == 2 { leap } else { 0 };
	if day > length {
		return None;
	}
	let before_year = (year - 1970) * 365 + leap_years_up_to(year - 1) - leap_years_up_to(1969);
	Some(before_year + DAYS_BEFORE_MONTH[month - 1] + if month > 2 { leap } else { 0 } + day - 1)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::format;
	use proptest::prelude::*;

	#[test]
	fn parse_should_subtract_the_offset_when_the_zone_is_east() {
		// date -u -d 2018-07-24T13:22:04+0200 +%s
		assert_eq!(
			parse("2018-07-24T13:22:04,000+0200 S"),
			Ok((1_532_431_324_000, ClockStatus::Synchronised))
		);
		assert_eq!(
			parse("2018-07-24T05:52:04,987-0530 I"),
			Ok((1_532_431_324_987, ClockStatus::Informative))
		);
		assert_eq!(
			parse("1970-01-01T01:01:49,000+0100 U"),
			Ok((109_000, ClockStatus::Unknown))
		);
		assert_eq!(
			parse("2000-02-29T23:59:59,999+0000 R"),
			Ok((951_868_799_999, ClockStatus::Relative))
		);
		assert_eq!(
			parse("9999-12-31T23:59:59,999-2359 R").map(|time| time.0),
			Ok(253_402_387_139_999)
		);
	}

	#[test]
	fn parse_should_grow_evenly_when_summer_time_ends() {
		let before = parse("2022-10-30T02:59:59,000+0200 S").expect("exists").0;
		let after = parse("2022-10-30T02:00:00,000+0100 S").expect("exists").0;
		assert_eq!(after - before, 1_000);
	}

	#[test]
	fn parse_should_refuse_when_the_instant_does_not_exist() {
		for text in [
			"2023-02-29T00:00:00,000+0000 S",
			"2100-02-29T00:00:00,000+0000 S",
			"2023-04-31T00:00:00,000+0000 S",
			"2023-00-01T00:00:00,000+0000 S",
			"2023-13-01T00:00:00,000+0000 S",
			"2023-01-00T00:00:00,000+0000 S",
			"2023-01-01T24:00:00,000+0000 S",
			"2023-01-01T00:60:00,000+0000 S",
			"2016-12-31T23:59:60,000+0000 S",
			"2023-01-01T00:00:00,000+2400 S",
			"2023-01-01T00:00:00,000+0060 S",
			"1969-12-31T23:59:59,999+0000 S",
			"1970-01-01T00:30:00,000+0100 S",
		] {
			assert_eq!(parse(text), Err(OcmfError::BadTime), "{text}");
		}
	}

	#[test]
	fn parse_should_refuse_when_the_form_differs() {
		for text in [
			"",
			"2018-07-24T13:22:04,000+0200",
			"2018-07-24T13:22:04,000+0200 s",
			"2018-07-24T13:22:04,000+0200 X",
			"2018-07-24T13:22:04.000+0200 S",
			"2018-07-24T13:22:04,000+02:00 S",
			"2018-07-24T13:22:04,000 0200 S",
			"2018-07-24 13:22:04,000+0200 S",
			"2018-07-24T13:22:04,00 +0200 S",
			" 018-07-24T13:22:04,000+0200 S",
			"2018-07-24T13:22:04,000+0200 S ",
			"2018-07-24T13:22:04,000Z S",
			"2018-07-24T13:22:0é,000+0200 S",
		] {
			assert_eq!(parse(text), Err(OcmfError::BadTime), "{text}");
		}
	}

	proptest! {
		#[test]
		fn parse_should_equal_the_calendar_counted_day_by_day(
			day in 0u64..150_000, second in 0u64..86_400, millis in 0u64..1_000, ahead in 0u64..840,
		) {
			let (mut year, mut month, mut left) = (1970, 1, day);
			loop {
				let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
				let length = match month { 2 if is_leap => 29, 2 => 28, 4 | 6 | 9 | 11 => 30, _ => 31 };
				if left < length {
					break;
				}
				left -= length;
				(year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
			}
			let clock = format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
			let zone = format!("{:02}{:02}", ahead / 60, ahead % 60);
			let text = format!("{year}-{month:02}-{:02}T{clock},{millis:03}-{zone} S", left + 1);
			let expected = (day * 86_400 + second + ahead * 60) * 1_000 + millis;
			prop_assert_eq!(parse(&text), Ok((expected, ClockStatus::Synchronised)));
		}
	}
}

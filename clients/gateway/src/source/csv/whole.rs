//! One whole file of power samples in even steps.

use std::{fs::File, io::Read, path::Path};

use baseload_client::units;
use baseload_primitives::{Moment, SECOND};

use super::{
	table::{Row, Table},
	CsvError, Problem,
};
use crate::source::{shown, Sample, Series};

/// The largest file that is read: years of 15-minute samples.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a file.
pub fn read(path: &Path) -> Result<Series, CsvError> {
	let file = path.display().to_string();
	let unreadable = |error| CsvError {
		file: file.clone(),
		line: None,
		problem: Problem::Unreadable(error),
	};
	let mut bytes = Vec::new();
	File::open(path)
		.map_err(unreadable)?
		.take(MAX_BYTES + 1)
		.read_to_end(&mut bytes)
		.map_err(unreadable)?;
	parse(&file, &bytes)
}

/// Reads a file's content; `file` is only named in errors. Across a gap nobody knows the energy, so a file with a gap must be
/// split there.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Series, CsvError> {
	let error = |line, problem| CsvError {
		file: file.to_owned(),
		line,
		problem,
	};
	if bytes.len() as u64 > MAX_BYTES {
		return Err(error(None, Problem::TooLong));
	}
	let text = std::str::from_utf8(bytes).map_err(|broken| {
		let before = &bytes[..broken.valid_up_to()];
		error(
			Some(before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1),
			Problem::NotUtf8,
		)
	})?;
	let mut lines = (1u64..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#'));
	let (line, header) = lines.next().ok_or_else(|| error(None, Problem::Empty))?;
	let table = Table::of_header(header).map_err(|problem| error(Some(line), problem))?;
	if table != Table::Power {
		let problem = Problem::WrongHeader(shown(header), "exactly `time_utc,power_w`");
		return Err(error(Some(line), problem));
	}
	let mut samples = Vec::new();
	for (line, row) in lines {
		let sample = sample(&table, row, &samples).map_err(|problem| error(Some(line), problem))?;
		samples.push(sample);
	}
	if samples.len() < 2 {
		return Err(error(None, Problem::TooFewSamples));
	}
	// Order and evenness were checked line by line
	Series::new(samples).map_err(|_| error(None, Problem::TooEarly))
}

fn sample(table: &Table, line: &str, before: &[Sample]) -> Result<Sample, Problem> {
	let Row::Power(time, power_uw) = table.row(line)? else {
		return Err(Problem::MissingColumn(super::table::POWER));
	};
	if let Some(last) = before.last() {
		in_order(time, last.time)?;
		if let [first, second, ..] = before {
			let (found, expected) = (time - last.time, second.time - first.time);
			if found != expected {
				return Err(Problem::Uneven(found / SECOND, expected / SECOND));
			}
		}
	}
	Ok(Sample { time, power_uw })
}

/// Times must increase.
pub(super) fn in_order(time: Moment, last: Moment) -> Result<(), Problem> {
	if time == last {
		return Err(Problem::Duplicate(units::format_time(time)));
	}
	if time < last {
		return Err(Problem::Backwards(units::format_time(time), units::format_time(last)));
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::MINUTE;
	use proptest::prelude::*;

	const HEADER: &str = "time_utc,power_w\n";

	fn refusal(content: &[u8]) -> String {
		parse("day.csv", content).expect_err("refused").to_string()
	}

	#[test]
	fn samples_should_be_read_when_file_is_as_expected() {
		let content =
			"# a comment\ntime_utc,power_w\n2016-10-04T07:00:00Z,-2.6367\n# another\r\n2016-10-04T07:15:00Z,5051.1\r\n";
		assert_eq!(
			parse("day.csv", content.as_bytes()).unwrap().samples(),
			[
				Sample {
					time: 1_475_564_400_000,
					power_uw: -2_636_700
				},
				Sample {
					time: 1_475_565_300_000,
					power_uw: 5_051_100_000
				},
			]
		);
	}

	#[test]
	fn refusal_should_name_line_and_expectation_when_a_line_is_wrong() {
		for (rows, expected) in [
			(
				"2016-10-04T07:00:00Z,12kW\n",
				"day.csv:2: the power is \"12kW\"; expected watts as a decimal number",
			),
			(
				"2016-10-04T07:00:00Z,0.1234567\n",
				"day.csv:2: the power is \"0.1234567\"; expected watts",
			),
			(
				"2016-10-04T07:00:00Z,99999999999999\n",
				"day.csv:2: the power is \"99999999999999\"; expected watts",
			),
			("2016-10-04T07:00:00Z\n", "day.csv:2: the field `power_w` is missing"),
			("2016-10-04T07:00:00Z,\n", "day.csv:2: the field `power_w` is missing"),
			(",5\n", "day.csv:2: the field `time_utc` is missing"),
			("2016-10-04T07:00:00Z,1,2\n", "day.csv:2: more than two fields"),
			("\n", "day.csv:2: an empty line"),
			(
				"2016-10-04 07:00,1\n",
				"day.csv:2: the time is \"2016-10-04 07:00\"; expected UTC as YYYY-MM-DDThh:mm:ssZ",
			),
			(
				"2016-10-04T00:00:00-07:00,1\n",
				"day.csv:2: the time is \"2016-10-04T00:00:00-07:00\"; expected UTC",
			),
			(
				"2016-02-30T00:00:00Z,1\n",
				"day.csv:2: the time is \"2016-02-30T00:00:00Z\"; expected UTC",
			),
			(
				"2016-10-04T07:00:00Z,1\n# night\n2016-10-04T07:00:00Z,1\n",
				"day.csv:4: the time 2016-10-04T07:00:00Z was there in the line before",
			),
			(
				"2016-10-04T07:00:00Z,1\n2016-10-04T06:45:00Z,1\n",
				"day.csv:3: the time 2016-10-04T06:45:00Z is earlier than 2016-10-04T07:00:00Z in the line before",
			),
			(
				"2016-10-04T07:00:00Z,1\n2016-10-04T07:15:00Z,1\n2016-10-04T07:45:00Z,1\n",
				"day.csv:4: the time is 1800 s after the line before; expected 900 s as between the first two",
			),
		] {
			let refusal = refusal(format!("{HEADER}{rows}").as_bytes());
			assert!(refusal.starts_with(expected), "{refusal}");
		}
	}

	#[test]
	fn refusal_should_be_specific_when_the_file_is_wrong() {
		assert_eq!(
			refusal(b""),
			"day.csv: the file is empty; expected the header `time_utc,power_w`"
		);
		assert_eq!(
			refusal(b"# only this\n"),
			"day.csv: the file is empty; expected the header `time_utc,power_w`"
		);
		assert!(refusal(HEADER.as_bytes()).starts_with("day.csv: fewer than two samples"));
		let one = format!("{HEADER}2016-10-04T07:00:00Z,1\n");
		assert!(refusal(one.as_bytes()).starts_with("day.csv: fewer than two samples"));
		let early = format!("{HEADER}1970-01-01T00:10:00Z,1\n1970-01-01T00:30:00Z,1\n");
		assert_eq!(refusal(early.as_bytes()), "day.csv: the first step begins before 1970");
		assert!(refusal(b"time_utc,power_kw\n").starts_with("day.csv:1: the column \"power_kw\" is not known"));
		assert!(refusal(b"time_utc\n").starts_with("day.csv:1: the header has no column `power_w`"));
		assert!(refusal(b"time_utc,export_wh\n").contains("expected exactly `time_utc,power_w`"));
		assert!(refusal(b"#\npower_w\n").starts_with("day.csv:2: the header has no column `time_utc`"));
		assert!(refusal(b"power_w,time_utc\n").starts_with("day.csv:1: the header is \"power_w,time_utc\""));
		assert_eq!(refusal(b"time_utc,power_w\n2016\xff"), "day.csv:2: not UTF-8 text");
		assert!(refusal(&vec![b'#'; MAX_BYTES as usize + 1]).starts_with("day.csv: the file is larger than"));
		let missing = read(Path::new("/nonexistent/day.csv"))
			.expect_err("refused")
			.to_string();
		assert!(
			missing.starts_with("/nonexistent/day.csv: cannot read the file"),
			"{missing}"
		);
	}

	#[test]
	fn refusal_should_stay_short_when_a_field_is_long() {
		let refusal = refusal(format!("{HEADER}{},1\n", "x".repeat(100_000)).as_bytes());
		assert!(refusal.len() < 200, "{refusal}");
	}

	#[test]
	fn the_shipped_day_should_be_read() {
		let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/serf-east-2016-10-04.csv");
		let day = read(&path).unwrap();
		assert_eq!((day.samples().len(), day.step()), (96, 15 * MINUTE));
		assert_eq!(units::format_time(day.start()), "2016-10-04T07:00:00Z");
		assert!(day.samples().iter().any(|sample| sample.power_uw < 0));
	}

	proptest! {
		#[test]
		fn parse_should_never_panic_when_bytes_are_random(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
			let _ = parse("day.csv", &bytes);
			let _ = parse("day.csv", &[HEADER.as_bytes(), &bytes].concat());
		}

		#[test]
		fn parse_should_never_panic_when_lines_are_nearly_right(rows in "([0-9TZ:,.#-]{0,30}\n){0,5}") {
			let _ = parse("day.csv", format!("{HEADER}{rows}").as_bytes());
		}
	}
}

//! Reads power samples from a CSV file, strictly: what is not exactly as expected is refused with file, line and the
//! expected form, never skipped or guessed.
//!
//! ```text
//! # lines that begin with a hash are comments
//! time_utc,power_w
//! 2016-10-04T07:00:00Z,-2.6367
//! 2016-10-04T07:15:00Z,-3.0651
//! ```
//!
//! UTF-8; no quoting, no spaces, no empty lines. Times are UTC and increase in even steps: across a gap nobody knows
//! the energy, so a file with a gap must be split there. A power is the mean of the step that ends at its time, in W
//! with at most six decimals, negative when drawn from the grid.

use std::{fmt, fs::File, io::Read, path::Path};

use baseload_client::units;
use baseload_primitives::{Moment, SECOND};

use super::{Sample, Series};

/// The columns of the header line, in order.
pub const COLUMNS: [&str; 2] = ["time_utc", "power_w"];

/// How a time must be written; milliseconds may follow the seconds.
const TIME_FORM: &str = "YYYY-MM-DDThh:mm:ssZ";

/// Decimals of a power in W: all that a microwatt can hold.
const POWER_DECIMALS: u32 = 6;

/// The largest file that is read: years of 15-minute samples.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Why a file was refused.
#[derive(Debug)]
pub struct CsvError {
	/// The file, as given.
	pub file: String,
	/// The line, counted from 1; `None` if the problem is not in one line.
	pub line: Option<u64>,
	/// What is wrong.
	pub problem: Problem,
}

/// What is wrong with a file or a line of it. Texts from the file are shortened and escaped.
#[derive(Debug)]
pub enum Problem {
	/// The operating system could not read it.
	Unreadable(std::io::Error),
	/// It holds more than [`MAX_BYTES`].
	TooLong,
	/// Bytes that are not UTF-8.
	NotUtf8,
	/// No header line: the file is empty or holds only comments.
	Empty,
	/// A header and fewer than two samples.
	TooFewSamples,
	/// The first step begins before 1970.
	TooEarly,
	/// The header lacks a column.
	MissingColumn(&'static str),
	/// The header is not [`COLUMNS`] in order.
	WrongHeader(String),
	/// An empty line.
	EmptyLine,
	/// A line without a second field.
	MissingField(&'static str),
	/// A line with more than two fields.
	ExtraField,
	/// Not a time of the expected form.
	BadTime(String),
	/// Not a power of the expected form.
	BadPower(String),
	/// The same time as the line before.
	Duplicate(String),
	/// Earlier than the line before.
	Backwards(String, String),
	/// Seconds since the line before, and between the first two lines, where they differ.
	Uneven(u64, u64),
}

impl fmt::Display for CsvError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		match self.line {
			Some(line) => write!(f, "{}:{line}: {}", self.file, self.problem),
			None => write!(f, "{}: {}", self.file, self.problem),
		}
	}
}

impl std::error::Error for CsvError {}

impl fmt::Display for Problem {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::Unreadable(error) => write!(f, "cannot read the file: {error}"),
			Self::TooLong => write!(f, "the file is larger than {MAX_BYTES} bytes; split it"),
			Self::NotUtf8 => f.write_str("not UTF-8 text"),
			Self::Empty => write!(f, "the file is empty; expected the header `{}`", COLUMNS.join(",")),
			Self::TooFewSamples => f.write_str(
				"fewer than two samples; expected at least two lines `time,power`, to tell the step between them",
			),
			Self::TooEarly => f.write_str("the first step begins before 1970"),
			Self::MissingColumn(column) => {
				write!(
					f,
					"the header has no column `{column}`; expected `{}`",
					COLUMNS.join(",")
				)
			}
			Self::WrongHeader(found) => {
				write!(f, "the header is {found}; expected exactly `{}`", COLUMNS.join(","))
			}
			Self::EmptyLine => f.write_str("an empty line; expected `time,power`"),
			Self::MissingField(column) => write!(f, "the field `{column}` is missing; expected `time,power`"),
			Self::ExtraField => f.write_str("more than two fields; expected `time,power`"),
			Self::BadTime(found) => write!(f, "the time is {found}; expected UTC as {}", TIME_FORM),
			Self::BadPower(found) => write!(
				f,
				"the power is {found}; expected watts as a decimal number with at most {POWER_DECIMALS} decimals, such \
				 as 5051.1 or -2.6367"
			),
			Self::Duplicate(time) => write!(f, "the time {time} was there in the line before; expected a later one"),
			Self::Backwards(found, before) => {
				write!(
					f,
					"the time {found} is earlier than {before} in the line before; expected a later one"
				)
			}
			Self::Uneven(found, expected) => {
				write!(
					f,
					"the time is {found} s after the line before; expected {expected} s as between the first two"
				)
			}
		}
	}
}

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

/// Reads a file's content; `file` is only named in errors.
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
	check_header(header).map_err(|problem| error(Some(line), problem))?;
	let mut samples = Vec::new();
	for (line, row) in lines {
		let sample = check_row(row, &samples).map_err(|problem| error(Some(line), problem))?;
		samples.push(sample);
	}
	if samples.len() < 2 {
		return Err(error(None, Problem::TooFewSamples));
	}
	// Order and evenness were checked line by line
	Series::new(samples).map_err(|_| error(None, Problem::TooEarly))
}

fn check_header(header: &str) -> Result<(), Problem> {
	let found: Vec<&str> = header.split(',').collect();
	if let Some(missing) = COLUMNS.into_iter().find(|column| !found.contains(column)) {
		return Err(Problem::MissingColumn(missing));
	}
	if found != COLUMNS {
		return Err(Problem::WrongHeader(shown(header)));
	}
	Ok(())
}

fn check_row(row: &str, before: &[Sample]) -> Result<Sample, Problem> {
	if row.is_empty() {
		return Err(Problem::EmptyLine);
	}
	let (time_text, power_text) = row.split_once(',').ok_or(Problem::MissingField(COLUMNS[1]))?;
	if power_text.contains(',') {
		return Err(Problem::ExtraField);
	}
	for (text, column) in [time_text, power_text].into_iter().zip(COLUMNS) {
		if text.is_empty() {
			return Err(Problem::MissingField(column));
		}
	}
	let time = parse_time(time_text).ok_or_else(|| Problem::BadTime(shown(time_text)))?;
	let power_uw = parse_power(power_text).ok_or_else(|| Problem::BadPower(shown(power_text)))?;
	if let Some(last) = before.last() {
		if time == last.time {
			return Err(Problem::Duplicate(time_text.to_owned()));
		}
		if time < last.time {
			return Err(Problem::Backwards(time_text.to_owned(), units::format_time(last.time)));
		}
		if let [first, second, ..] = before {
			let (found, expected) = (time - last.time, second.time - first.time);
			if found != expected {
				return Err(Problem::Uneven(found / SECOND, expected / SECOND));
			}
		}
	}
	Ok(Sample { time, power_uw })
}

/// The time, if it is written exactly as times are written here.
fn parse_time(text: &str) -> Option<Moment> {
	units::parse_time(text)
		.ok()
		.filter(|time| units::format_time(*time) == text)
}

/// Watts as microwatts, exactly.
fn parse_power(text: &str) -> Option<i64> {
	let (sign, number) = match text.strip_prefix('-') {
		Some(number) => (-1, number),
		None => (1, text),
	};
	let microwatts = units::parse_units(number, POWER_DECIMALS).ok()?;
	i64::try_from(microwatts).ok().map(|microwatts| sign * microwatts)
}

/// A text from the file, fit to be printed.
fn shown(text: &str) -> String {
	const LONGEST: usize = 40;
	let start: String = text.chars().take(LONGEST).collect();
	let dots = if start.len() < text.len() { "..." } else { "" };
	format!("{start:?}{dots}")
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
		assert!(refusal(b"time_utc,power_kw\n").starts_with("day.csv:1: the header has no column `power_w`"));
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
	fn power_should_be_exact_when_text_is_a_decimal_number() {
		for (text, expected) in [
			("0", Some(0)),
			("-0", Some(0)),
			("5051.1", Some(5_051_100_000)),
			("-2.6367", Some(-2_636_700)),
			("0.000001", Some(1)),
			("9223372036854.775807", Some(i64::MAX)),
			("9223372036854.775808", None),
			("0.0000001", None),
		] {
			assert_eq!(parse_power(text), expected, "{text}");
		}
		for text in [
			"", "-", ".", "5.", ".5", "+5", "1e3", "1.2.3", " 5", "5 ", "NaN", "--5", "-+5", "0x10", "٣",
		] {
			assert_eq!(parse_power(text), None, "{text:?}");
		}
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

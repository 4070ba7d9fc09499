//! What can be wrong with a CSV file.

use std::fmt;

use super::{
	table::{POWER_DECIMALS, TIME_FORM},
	whole::MAX_BYTES,
};

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
	/// A line is longer than any that is expected.
	LongLine,
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
	/// The header is not as expected: what it is, and what was expected.
	WrongHeader(String, &'static str),
	/// A column that is neither a register nor anything else that is known.
	UnknownColumn(String),
	/// A register or another column that is there twice.
	DoubleColumn(String),
	/// An empty line.
	EmptyLine,
	/// A line without one of its fields.
	MissingField(String),
	/// A line with more fields than the header.
	ExtraField(usize),
	/// Not a time of the expected form.
	BadTime(String),
	/// Not a power of the expected form.
	BadPower(String),
	/// Not a count: the column, and what stands there.
	BadCount(String, String),
	/// Not one of the words of a column: the column, what stands there, and the words.
	BadWord(&'static str, String, &'static str),
	/// The same time as the line before.
	Duplicate(String),
	/// Earlier than the line before.
	Backwards(String, String),
	/// Seconds since the line before, and between the first two lines, where they differ.
	Uneven(u64, u64),
	/// A register would pass 64 bits.
	Overflow,
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
			Self::LongLine => f.write_str("the line is far too long; expected a time and a few numbers"),
			Self::NotUtf8 => f.write_str("not UTF-8 text"),
			Self::Empty => f.write_str("the file is empty; expected the header `time_utc,power_w`"),
			Self::TooFewSamples => f.write_str(
				"fewer than two samples; expected at least two lines `time,power`, to tell the step between them",
			),
			Self::TooEarly => f.write_str("the first step begins before 1970"),
			Self::MissingColumn(column) => {
				write!(f, "the header has no column `{column}`; expected `time_utc,power_w`")
			}
			Self::WrongHeader(found, expected) => write!(f, "the header is {found}; expected {expected}"),
			Self::UnknownColumn(column) => write!(
				f,
				"the column {column} is not known; expected `power_w`, a register such as `export_wh`, `2.8.1_kwh` or \
				 `gpu-seconds`, `clock` or `quality`"
			),
			Self::DoubleColumn(column) => write!(f, "the column {column} is there twice, or twice under two names"),
			Self::EmptyLine => f.write_str("an empty line; expected a time and its values"),
			Self::MissingField(column) => write!(f, "the field `{column}` is missing"),
			Self::ExtraField(expected) => write!(f, "more than {} fields", number(*expected)),
			Self::BadTime(found) => write!(f, "the time is {found}; expected UTC as {TIME_FORM}"),
			Self::BadPower(found) => write!(
				f,
				"the power is {found}; expected watts as a decimal number with at most {POWER_DECIMALS} decimals, such \
				 as 5051.1 or -2.6367"
			),
			Self::BadCount(column, found) => write!(
				f,
				"`{column}` is {found}; expected a decimal number without sign or exponent, such as 10432.553"
			),
			Self::BadWord(column, found, words) => write!(f, "`{column}` is {found}; expected {words}"),
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
			Self::Overflow => f.write_str("a register would pass the largest count of 64 bits"),
		}
	}
}

/// A small number as people write it.
fn number(number: usize) -> String {
	match number {
		2 => "two".into(),
		3 => "three".into(),
		other => other.to_string(),
	}
}

//! The header, and a line under it.

use baseload_client::units;
use baseload_primitives::{ClockStatus, Moment, Quality, Register};

use super::Problem;
use crate::source::shown;

/// The first column of every file.
pub const TIME: &str = "time_utc";

/// The second column of a file of power samples.
pub const POWER: &str = "power_w";

/// How a time must be written; milliseconds may follow the seconds.
pub const TIME_FORM: &str = "YYYY-MM-DDThh:mm:ssZ";

/// Decimals of a power in W: all that a microwatt can hold.
pub const POWER_DECIMALS: u32 = 6;

/// Decimals below a whole Wh or unit that are read before a count is rounded down.
const DECIMALS_BELOW: u32 = 9;

/// What the columns hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Table {
	/// Times and mean powers.
	Power,
	/// Times and what registers show: the columns after the time.
	Registers(Vec<Column>),
}

/// A column after the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
	name: String,
	holds: Holds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
	/// A register, and by which power of ten its column's unit exceeds the register's.
	Count(Register, u32),
	Clock,
	Quality,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
	/// Microwatts, positive when delivered, up to a time.
	Power(Moment, i64),
	/// What registers showed at a time.
	Registers(Moment, ClockStatus, Quality, Vec<(Register, u64)>),
}

impl Row {
	/// The row's time.
	pub fn time(&self) -> Moment {
		match self {
			Self::Power(time, _) | Self::Registers(time, ..) => *time,
		}
	}
}

impl Table {
	/// Reads a header line.
	pub fn of_header(header: &str) -> Result<Self, Problem> {
		let names: Vec<&str> = header.split(',').collect();
		if let [TIME, POWER] = names[..] {
			return Ok(Self::Power);
		}
		let [TIME, columns @ ..] = &names[..] else {
			return Err(match names.contains(&TIME) {
				true => Problem::WrongHeader(shown(header), "`time_utc` first, as in `time_utc,power_w`"),
				false => Problem::MissingColumn(TIME),
			});
		};
		if columns.is_empty() {
			return Err(Problem::MissingColumn(POWER));
		}
		if columns.contains(&POWER) {
			return Err(Problem::WrongHeader(
				shown(header),
				"exactly `time_utc,power_w`, or no `power_w`",
			));
		}
		let mut read: Vec<Column> = Vec::new();
		for name in columns {
			let holds = Holds::of(name).ok_or_else(|| Problem::UnknownColumn(shown(name)))?;
			if read.iter().any(|before| before.holds.is_same(&holds)) {
				return Err(Problem::DoubleColumn(shown(name)));
			}
			read.push(Column {
				name: (*name).into(),
				holds,
			});
		}
		if !read.iter().any(|column| matches!(column.holds, Holds::Count(..))) {
			return Err(Problem::WrongHeader(
				shown(header),
				"at least one register, such as `export_wh`",
			));
		}
		Ok(Self::Registers(read))
	}

	/// Reads a line.
	pub fn row(&self, line: &str) -> Result<Row, Problem> {
		if line.is_empty() {
			return Err(Problem::EmptyLine);
		}
		let fields: Vec<&str> = line.split(',').collect();
		let expected = match self {
			Self::Power => 2,
			Self::Registers(columns) => columns.len() + 1,
		};
		if fields.len() > expected {
			return Err(Problem::ExtraField(expected));
		}
		let field = |at: usize| {
			let present = fields.get(at).filter(|field| !field.is_empty());
			present
				.copied()
				.ok_or_else(|| Problem::MissingField(self.name(at).into()))
		};
		let time_text = field(0)?;
		let time = || parse_time(time_text).ok_or_else(|| Problem::BadTime(shown(time_text)));
		match self {
			Self::Power => {
				let power_text = field(1)?;
				let time = time()?;
				let power = parse_power(power_text).ok_or_else(|| Problem::BadPower(shown(power_text)))?;
				Ok(Row::Power(time, power))
			}
			Self::Registers(columns) => {
				let time = time()?;
				let (mut clock, mut quality) = (ClockStatus::Synchronised, Quality::Measured);
				let mut counts = Vec::with_capacity(columns.len());
				for (at, column) in (1..).zip(columns) {
					let text = field(at)?;
					match column.holds {
						Holds::Count(register, exponent) => {
							let count = parse_count(text, exponent)
								.ok_or_else(|| Problem::BadCount(column.name.clone(), shown(text)))?;
							counts.push((register, count));
						}
						Holds::Clock => clock = parse_clock(text)?,
						Holds::Quality => quality = parse_quality(text)?,
					}
				}
				Ok(Row::Registers(time, clock, quality, counts))
			}
		}
	}

	fn name(&self, at: usize) -> &str {
		match (self, at.checked_sub(1)) {
			(_, None) => TIME,
			(Self::Power, Some(_)) => POWER,
			(Self::Registers(columns), Some(at)) => columns.get(at).map_or("", |column| &column.name),
		}
	}
}

impl Holds {
	fn of(name: &str) -> Option<Self> {
		let energy = |register: &str, exponent| {
			let register = units::parse_register(register).ok()?;
			(!register.is_service() && register.is_valid()).then_some(Self::Count(register, exponent))
		};
		match name {
			"clock" => Some(Self::Clock),
			"quality" => Some(Self::Quality),
			_ => match (name.strip_suffix("_kwh"), name.strip_suffix("_wh")) {
				(Some(register), _) => energy(register, 3),
				(None, Some(register)) => energy(register, 0),
				(None, None) => units::parse_register(name)
					.ok()
					.filter(Register::is_service)
					.map(|register| Self::Count(register, 0)),
			},
		}
	}

	fn is_same(&self, other: &Self) -> bool {
		match (self, other) {
			(Self::Count(one, _), Self::Count(two, _)) => one == two,
			_ => self == other,
		}
	}
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

/// A count in units of 10^`exponent`, in whole units, rounded down.
fn parse_count(text: &str, exponent: u32) -> Option<u64> {
	let fine = units::parse_units(text, exponent + DECIMALS_BELOW).ok()?;
	u64::try_from(fine / 10u128.pow(DECIMALS_BELOW)).ok()
}

fn parse_clock(text: &str) -> Result<ClockStatus, Problem> {
	match text {
		"synchronised" => Ok(ClockStatus::Synchronised),
		"unsynchronised" => Ok(ClockStatus::Unsynchronised),
		_ => Err(Problem::BadWord(
			"clock",
			shown(text),
			"`synchronised` or `unsynchronised`",
		)),
	}
}

fn parse_quality(text: &str) -> Result<Quality, Problem> {
	match text {
		"measured" => Ok(Quality::Measured),
		"estimated" => Ok(Quality::Estimated),
		_ => Err(Problem::BadWord("quality", shown(text), "`measured` or `estimated`")),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::ServiceUnit;

	fn row(header: &str, line: &str) -> Result<Row, String> {
		let table = Table::of_header(header).map_err(|problem| problem.to_string())?;
		table.row(line).map_err(|problem| problem.to_string())
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
	fn registers_should_be_read_when_columns_have_any_order_and_unit() {
		let header = "time_utc,import_wh,quality,2.8.1_kwh,clock,gpu-seconds";
		assert_eq!(
			row(
				header,
				"2026-06-01T12:00:00Z,17.9,estimated,0001.2349999,unsynchronised,5"
			),
			Ok(Row::Registers(
				1_780_315_200_000,
				ClockStatus::Unsynchronised,
				Quality::Estimated,
				vec![
					(Register::Import, 17),
					(Register::ExportBand(1), 1_234),
					(Register::Service(ServiceUnit::GpuSecond), 5)
				]
			))
		);
	}

	#[test]
	fn count_should_be_rounded_down_when_finer_than_its_unit() {
		assert_eq!(parse_count("0.9999", 0), Some(0));
		assert_eq!(parse_count("18446744073709551615.999", 0), Some(u64::MAX));
		assert_eq!(parse_count("18446744073709551616", 0), None);
		assert_eq!(parse_count("1.000999999999", 3), Some(1_000));
		assert_eq!(parse_count("1.0000000000001", 3), None);
		for text in ["-1", "+1", "1e3", "", "1,5", "nan"] {
			assert_eq!(parse_count(text, 0), None, "{text}");
		}
	}

	#[test]
	fn header_should_be_refused_when_a_column_is_unknown_or_twice_there() {
		for (header, said) in [
			("power_w", "no column `time_utc`"),
			("power_w,time_utc", "`time_utc` first"),
			("time_utc", "no column `power_w`"),
			("time_utc,power_w,power_w", "exactly `time_utc,power_w`"),
			("time_utc,power_kw", "\"power_kw\" is not known"),
			("time_utc,export", "\"export\" is not known"),
			("time_utc,3.8.0_wh", "\"3.8.0_wh\" is not known"),
			("time_utc,2.8.64_wh", "\"2.8.64_wh\" is not known"),
			("time_utc,gpu-seconds_wh", "is not known"),
			("time_utc,export_wh,2.8.0_kwh", "\"2.8.0_kwh\" is there twice"),
			("time_utc,export_wh,clock,clock", "\"clock\" is there twice"),
			("time_utc,clock,quality", "at least one register"),
			("time_utc,export_wh,", "\"\" is not known"),
		] {
			let error = row(header, "").unwrap_err();
			assert!(error.contains(said), "{header}: {error}");
		}
	}

	#[test]
	fn line_should_be_refused_when_a_field_is_wrong() {
		let header = "time_utc,export_wh,clock,quality";
		let good = "2026-06-01T12:00:00Z,5,synchronised,measured";
		assert!(row(header, good).is_ok());
		for (from, to, said) in [
			("5", "", "`export_wh` is missing"),
			(",measured", "", "`quality` is missing"),
			("measured", "measured,1", "more than 4 fields"),
			("5", "-5", "`export_wh` is \"-5\"; expected a decimal number"),
			("measured", "guessed", "`quality` is \"guessed\"; expected `measured`"),
			("synchronised", "sync", "`clock` is \"sync\"; expected `synchronised`"),
			("12:00:00Z", "25:00:00Z", "expected UTC as YYYY-MM-DDThh:mm:ssZ"),
		] {
			let error = row(header, &good.replace(from, to)).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
	}
}

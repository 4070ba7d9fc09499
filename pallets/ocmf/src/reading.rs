//! One entry of `RD`: a register, when it was read, and whether its energy may be counted.

use alloc::vec::Vec;

use crate::{
	json::{set, Scanner},
	time, ClockStatus, Decimal, ErrorFlags, OcmfError, Register, Status, Transaction, Unit,
};

/// The most readings in one record. The most in the reference corpus is 6.
pub const MAX_READINGS: usize = 16;

/// One reading of one register.
///
/// A field that an entry leaves out is that of the entry before it in the same record: so says the format, and so a missing
/// `EF` means that earlier flags still stand. The value is the exception, for the format lets an entry without one report a
/// mere event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
	/// `TM`: when the register was read, Unix milliseconds.
	pub time: u64,
	/// `TM`: the state of the clock then.
	pub clock: ClockStatus,
	/// `TX`. Absent outside of transactions.
	pub transaction: Option<Transaction>,
	/// `RV`. Absent if the entry reports an event only.
	pub value: Option<Decimal<'a>>,
	/// `RI`: the OBIS code as written. Absent if the entry reports an event only.
	pub obis: Option<&'a str>,
	/// `RU`: present with [`Self::obis`].
	pub unit: Option<Unit>,
	/// `EF`. An exception (`TX` X) sets both flags, from there to the end of the record.
	pub flags: ErrorFlags,
	/// `ST`.
	pub status: Status,
	is_after_exception: bool,
}

impl Reading<'_> {
	/// What the register counts. Only a cumulative one may be billed.
	pub fn register(&self) -> Register {
		self.obis.map_or(Register::Other, Register::from_obis)
	}

	/// The energy in whole Wh, rounded down, if the meter vouches for it. Look at [`Self::register`] to know what energy.
	///
	/// Rounding down keeps a cumulative register monotone, and what it leaves below 1 Wh is in the next reading.
	///
	/// # Errors
	///
	/// [`OcmfError::MeterNotGood`], [`OcmfError::EnergyUnusable`], [`OcmfError::NoValue`], [`OcmfError::NotEnergy`],
	/// [`OcmfError::NegativeValue`], [`OcmfError::ValueTooLarge`].
	pub fn wh(&self) -> Result<u64, OcmfError> {
		if self.status != Status::Good {
			return Err(OcmfError::MeterNotGood);
		}
		if self.flags.energy {
			return Err(OcmfError::EnergyUnusable);
		}
		let value = self.value.ok_or(OcmfError::NoValue)?;
		match self.unit {
			Some(Unit::KilowattHour) => value.floor(3),
			Some(Unit::WattHour) => value.floor(0),
			Some(Unit::Other) | None => Err(OcmfError::NotEnergy),
		}
	}
}

/// Takes the array `RD`.
pub(crate) fn parse_all<'a>(scanner: &mut Scanner<'a>) -> Result<Vec<Reading<'a>>, OcmfError> {
	let mut readings = Vec::new();
	scanner.array(|scanner| {
		if readings.len() == MAX_READINGS {
			return Err(OcmfError::TooManyReadings);
		}
		let reading = Entry::parse(scanner)?.following(readings.last())?;
		readings.push(reading);
		Ok(())
	})?;
	if readings.is_empty() {
		return Err(OcmfError::NoReadings);
	}
	Ok(readings)
}

/// What an entry of `RD` says itself.
#[derive(Default)]
struct Entry<'a> {
	time: Option<(u64, ClockStatus)>,
	transaction: Option<Transaction>,
	value: Option<Decimal<'a>>,
	obis: Option<&'a str>,
	unit: Option<Unit>,
	flags: Option<ErrorFlags>,
	status: Option<Status>,
}

impl<'a> Entry<'a> {
	fn parse(scanner: &mut Scanner<'a>) -> Result<Self, OcmfError> {
		let mut entry = Self::default();
		scanner.object(|scanner, key| match key {
			"TM" => set(&mut entry.time, time::parse(scanner.string()?)?),
			"TX" => set(&mut entry.transaction, Transaction::parse(scanner.string()?)?),
			"RV" => set(&mut entry.value, Decimal::parse(scanner.number_or_string()?)?),
			"RI" => set(&mut entry.obis, scanner.string()?),
			"RU" => set(&mut entry.unit, Unit::parse(scanner.string()?)),
			"EF" => set(&mut entry.flags, ErrorFlags::parse(scanner.string()?)?),
			"ST" => set(&mut entry.status, Status::parse(scanner.string()?)?),
			_ => scanner.skip(),
		})?;
		if entry.obis.is_some() != entry.unit.is_some() {
			return Err(OcmfError::UnpairedUnit);
		}
		Ok(entry)
	}

	/// The whole reading, with what it inherits from the one before.
	fn following(self, previous: Option<&Reading<'a>>) -> Result<Reading<'a>, OcmfError> {
		let (time, clock) = self
			.time
			.or(previous.map(|before| (before.time, before.clock)))
			.ok_or(OcmfError::MissingField)?;
		let transaction = self.transaction.or(previous.and_then(|before| before.transaction));
		let is_after_exception =
			transaction == Some(Transaction::Exception) || previous.is_some_and(|before| before.is_after_exception);
		let flags = if is_after_exception {
			ErrorFlags::ALL
		} else {
			self.flags.or(previous.map(|before| before.flags)).unwrap_or_default()
		};
		Ok(Reading {
			time,
			clock,
			transaction,
			value: self.value,
			obis: self.obis.or(previous.and_then(|before| before.obis)),
			unit: self.unit.or(previous.and_then(|before| before.unit)),
			flags,
			status: self
				.status
				.or(previous.map(|before| before.status))
				.ok_or(OcmfError::MissingField)?,
			is_after_exception,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::format;

	const FIRST: &str =
		r#"{"TM":"2018-07-24T13:22:04,000+0200 S","TX":"B","RV":1.5,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}"#;

	fn parse(array: &str) -> Result<Vec<Reading<'_>>, OcmfError> {
		parse_all(&mut Scanner::new(array))
	}

	/// The second reading of a record whose first is [`FIRST`].
	fn second(fields: &str) -> Result<Result<u64, OcmfError>, OcmfError> {
		parse(&format!("[{FIRST},{{{fields}}}]")).map(|readings| readings[1].wh())
	}

	#[test]
	fn fields_should_be_those_of_the_reading_before_when_left_out() {
		let text = format!(
			r#"[{FIRST},{{"RV":2500,"RU":"Wh","RI":"1-0:2.8.0"}},{{"RV":3,"TX":"E","EF":"t","XV":[]}},{{"RV":4}}]"#
		);
		let readings = parse(&text).expect("valid");
		assert_eq!(
			readings.iter().map(Reading::wh).collect::<Vec<_>>(),
			[Ok(1_500), Ok(2_500), Ok(3), Ok(4)]
		);
		let registers = [Register::Import, Register::Export, Register::Export, Register::Export];
		assert_eq!(readings.iter().map(Reading::register).collect::<Vec<_>>(), registers);
		let last = readings[3];
		assert_eq!((last.time, last.clock), (1_532_431_324_000, ClockStatus::Synchronised));
		assert_eq!((last.transaction, last.status), (Some(Transaction::End), Status::Good));
		assert_eq!(
			last.flags,
			ErrorFlags {
				energy: false,
				time: true
			}
		);
	}

	#[test]
	fn value_should_not_be_inherited_when_left_out() {
		assert_eq!(second(r#""TX":"E""#), Ok(Err(OcmfError::NoValue)));
	}

	#[test]
	fn flags_should_stand_until_the_meter_clears_them() {
		let flagged = format!(
			r#"[{},{{"RV":2}},{{"RV":3,"EF":""}}]"#,
			FIRST.replace("\"TX\"", "\"EF\":\"E\",\"TX\"")
		);
		let wh: Vec<_> = parse(&flagged).expect("valid").iter().map(Reading::wh).collect();
		assert_eq!(
			wh,
			[
				Err(OcmfError::EnergyUnusable),
				Err(OcmfError::EnergyUnusable),
				Ok(3_000)
			]
		);
	}

	#[test]
	fn readings_should_be_unusable_from_an_exception_to_the_end() {
		let text = format!(r#"[{FIRST},{{"RV":2,"TX":"X"}},{{"RV":3,"TX":"E","EF":""}}]"#);
		let wh: Vec<_> = parse(&text).expect("valid").iter().map(Reading::wh).collect();
		assert_eq!(
			wh,
			[
				Ok(1_500),
				Err(OcmfError::EnergyUnusable),
				Err(OcmfError::EnergyUnusable)
			]
		);
	}

	#[test]
	fn wh_should_refuse_when_the_meter_does_not_vouch_for_it() {
		for letter in "NTDRMXIOSEF".chars() {
			assert_eq!(
				second(&format!(r#""RV":2,"ST":"{letter}""#)),
				Ok(Err(OcmfError::MeterNotGood)),
				"{letter}"
			);
		}
		assert_eq!(second(r#""RV":2,"EF":"tE""#), Ok(Err(OcmfError::EnergyUnusable)));
		assert_eq!(second(r#""RV":2,"EF":"t""#), Ok(Ok(2_000)));
		assert_eq!(
			second(r#""RV":2,"RI":"1-0:1.8.0","RU":"KWH""#),
			Ok(Err(OcmfError::NotEnergy))
		);
		assert_eq!(second(r#""RV":-2"#), Ok(Err(OcmfError::NegativeValue)));
	}

	#[test]
	fn entries_should_be_refused_when_a_field_is_damaged() {
		for (fields, error) in [
			(r#""TM":"2018-07-24""#, OcmfError::BadTime),
			(r#""TX":"Z""#, OcmfError::BadTransaction),
			(r#""RV":"1,5""#, OcmfError::BadNumber),
			(r#""RV":01"#, OcmfError::BadJson),
			(r#""RV":null"#, OcmfError::BadJson),
			(r#""RV":1,"RV":2"#, OcmfError::DuplicateField),
			(r#""RI":"1-0:1.8.0""#, OcmfError::UnpairedUnit),
			(r#""RU":"kWh""#, OcmfError::UnpairedUnit),
			(r#""RU":"\u006bWh","RI":"1-0:1.8.0""#, OcmfError::EscapedText),
			(r#""EF":"e""#, OcmfError::BadErrorFlags),
			(r#""ST":"GG""#, OcmfError::BadStatus),
			(r#""ST":"Q""#, OcmfError::BadStatus),
			(r#""ST":"""#, OcmfError::BadStatus),
		] {
			assert_eq!(second(fields), Err(error), "{fields}");
		}
	}

	#[test]
	fn array_should_be_refused_when_its_first_entry_lacks_time_or_status_or_it_has_too_few_or_many() {
		assert_eq!(parse(r#"[{"RV":1,"ST":"G"}]"#), Err(OcmfError::MissingField));
		assert_eq!(
			parse(r#"[{"RV":1,"TM":"2018-07-24T13:22:04,000+0200 S"}]"#),
			Err(OcmfError::MissingField)
		);
		assert_eq!(parse("[]"), Err(OcmfError::NoReadings));
		let rows = |count: usize| format!("[{FIRST}{}]", ",{\"RV\":2}".repeat(count - 1));
		assert_eq!(parse(&rows(16)).map(|readings| readings.len()), Ok(16));
		assert_eq!(parse(&rows(17)), Err(OcmfError::TooManyReadings));
	}
}

//! What people write on the command line that is neither a number nor one of [`baseload_client::units`].

use std::str::FromStr;

use anyhow::{ensure, Context as _};
use baseload_client::{keys::DEV_NAMES, units, AccountId};
use baseload_primitives::{Pages, Register, Registers, Severity, Technology, Verdict, WattHours};
use clap::ValueEnum;

/// An account: an SS58 address or 32 bytes in hex; on a development chain also the name of a well-known account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
	/// An address.
	Account(AccountId),
	/// A name.
	Name(String),
}

impl core::fmt::Display for Who {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		match self {
			Self::Account(account) => account.fmt(f),
			Self::Name(name) => f.write_str(name),
		}
	}
}

impl FromStr for Who {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		if DEV_NAMES.iter().any(|name| name.eq_ignore_ascii_case(text)) {
			return Ok(Self::Name(text.into()));
		}
		if let Ok(bytes) = bytes::<32>(text) {
			return Ok(Self::Account(AccountId(bytes)));
		}
		AccountId::from_str(text)
			.map(Self::Account)
			.map_err(|_| format!("\"{text}\" is not an SS58 address (look for a mistyped letter)"))
	}
}

/// How a site generates.
#[derive(Clone, Copy, ValueEnum)]
pub enum TechnologyName {
	/// Photovoltaic.
	Solar,
	/// Wind turbines.
	Wind,
	/// Hydro power.
	Hydro,
	/// Anything that can run at nameplate power all year.
	Firm,
}

impl From<TechnologyName> for Technology {
	fn from(name: TechnologyName) -> Self {
		match name {
			TechnologyName::Solar => Self::Solar,
			TechnologyName::Wind => Self::Wind,
			TechnologyName::Hydro => Self::Hydro,
			TechnologyName::Firm => Self::Firm,
		}
	}
}

/// What follows from something unusual about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SeverityName {
	/// The reading carries a flag.
	Mark,
	/// The reading waits for the committee to confirm it.
	Hold,
	/// The reading is refused.
	Reject,
}

impl From<SeverityName> for Severity {
	fn from(name: SeverityName) -> Self {
		match name {
			SeverityName::Mark => Self::Mark,
			SeverityName::Hold => Self::Hold,
			SeverityName::Reject => Self::Reject,
		}
	}
}

/// What is said about a disputed or held reading.
#[derive(Clone, Copy, ValueEnum)]
pub enum VerdictName {
	/// It is what the meter measured.
	Stands,
	/// It is not.
	Wrong,
}

impl From<VerdictName> for Verdict {
	fn from(name: VerdictName) -> Self {
		match name {
			VerdictName::Stands => Self::Stands,
			VerdictName::Wrong => Self::Wrong,
		}
	}
}

/// A page counter of OCMF records.
#[derive(Clone, Copy, ValueEnum)]
pub enum PagesName {
	/// Pages T: readings of transactions.
	Transaction,
	/// Pages F: readings at set times.
	Fiscal,
}

impl From<PagesName> for Pages {
	fn from(name: PagesName) -> Self {
		match name {
			PagesName::Transaction => Self::Transaction,
			PagesName::Fiscal => Self::Fiscal,
		}
	}
}

/// Reads what a register shows: `export=12.345kWh`.
pub fn count(text: &str) -> Result<(Register, WattHours), String> {
	let (name, energy) = text
		.split_once('=')
		.ok_or_else(|| format!("\"{text}\" is not a register's count like export=12.345kWh"))?;
	let energy = units::parse_energy(energy).map_err(|error| error.to_string())?;
	Ok((register(name)?, energy))
}

/// Puts what registers show into the order in which the meter declared them. Each must be there once.
pub fn in_order(declared: &[Register], counts: &[(Register, WattHours)]) -> anyhow::Result<Registers> {
	let mut ordered = Registers::default();
	for register in declared {
		let mut found = counts.iter().filter(|(of, _)| of == register);
		let (_, count) = found
			.next()
			.with_context(|| format!("the count of register {} is missing", obis(*register)))?;
		ensure!(found.next().is_none(), "register {} is given twice", obis(*register));
		ordered
			.try_push(count.0)
			.ok()
			.context("a meter has at most 8 registers")?;
	}
	for (register, _) in counts {
		ensure!(
			declared.contains(register),
			"the meter has no register {}",
			obis(*register)
		);
	}
	Ok(ordered)
}

/// Reads a register by its name or its OBIS code: `export` or 2.8.0, `import` or 1.8.0, a tariff band as 2.8.1 or 1.8.1.
pub fn register(text: &str) -> Result<Register, String> {
	match text {
		"export" | "2.8.0" => return Ok(Register::Export),
		"import" | "1.8.0" => return Ok(Register::Import),
		_ => (),
	}
	let band = |band: &str| {
		band.parse::<u8>()
			.ok()
			.filter(|number| *number > 0 && number.to_string() == band)
	};
	if let Some(band) = text.strip_prefix("2.8.").and_then(band) {
		return Ok(Register::ExportBand(band));
	}
	if let Some(band) = text.strip_prefix("1.8.").and_then(band) {
		return Ok(Register::ImportBand(band));
	}
	Err(format!(
		"\"{text}\" is not a register: write export, import, or an OBIS code like 2.8.1"
	))
}

/// Writes a register's OBIS code.
pub fn obis(register: Register) -> String {
	match register {
		Register::Export => "2.8.0".into(),
		Register::Import => "1.8.0".into(),
		Register::ExportBand(band) => format!("2.8.{band}"),
		Register::ImportBand(band) => format!("1.8.{band}"),
	}
}

/// Reads a hash, 64 hex digits.
pub fn hash(text: &str) -> Result<[u8; 32], String> {
	bytes(text)
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], String> {
	let mut bytes = [0; N];
	hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes)
		.map_err(|_| format!("\"{text}\" is not {} hex digits", 2 * N))?;
	Ok(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::keys::Key;

	#[test]
	fn account_should_be_read_in_every_accepted_form() {
		let alice = Key::dev("Alice").unwrap().account();
		assert_eq!(alice.to_string().parse(), Ok(Who::Account(alice)));
		assert_eq!(format!("0x{}", hex::encode(alice.0)).parse(), Ok(Who::Account(alice)));
		assert_eq!("alice".parse(), Ok(Who::Name("alice".into())));
	}

	#[test]
	fn account_should_be_refused_when_mistyped() {
		let mut address = Key::dev("Alice").unwrap().account().to_string();
		address.replace_range(5..6, "x");
		for text in [address.as_str(), "", "Mallory", "0x12"] {
			assert!(text.parse::<Who>().is_err(), "{text}");
		}
	}

	#[test]
	fn register_should_be_read_by_name_or_obis_code() {
		for known in [
			Register::Export,
			Register::Import,
			Register::ExportBand(2),
			Register::ImportBand(255),
		] {
			assert_eq!(register(&obis(known)), Ok(known));
		}
		assert_eq!(register("export"), Ok(Register::Export));
		for text in ["", "2.8", "2.8.00", "2.8.01", "2.8.256", "3.8.0", "Export"] {
			assert!(register(text).is_err(), "{text}");
		}
	}

	#[test]
	fn count_should_be_read_when_register_and_energy_are_there() {
		assert_eq!(count("export=12.345kWh"), Ok((Register::Export, WattHours(12_345))));
		assert_eq!(count("1.8.2=3 Wh"), Ok((Register::ImportBand(2), WattHours(3))));
		for (text, said) in [
			("export", "like export=12.345kWh"),
			("export=12", "not an energy"),
			("sun=1 kWh", "not a register"),
			("=1 kWh", "not a register"),
		] {
			let error = count(text).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn counts_should_be_ordered_as_the_meter_declares_them() {
		let declared = [Register::Import, Register::Export];
		let (export, import) = ((Register::Export, WattHours(1)), (Register::Import, WattHours(2)));
		assert_eq!(in_order(&declared, &[export, import]).unwrap().to_vec(), [2, 1]);
		for (counts, said) in [
			(&[export][..], "register 1.8.0 is missing"),
			(&[export, import, export], "register 2.8.0 is given twice"),
			(
				&[export, import, (Register::ExportBand(1), WattHours(0))],
				"no register 2.8.1",
			),
		] {
			let error = in_order(&declared, counts).unwrap_err().to_string();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn hex_should_be_refused_when_of_another_length() {
		assert!(hash(&"00".repeat(32)).is_ok());
		assert!(hash(&"00".repeat(31)).unwrap_err().contains("64 hex digits"));
	}
}

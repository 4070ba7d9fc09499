//! What people write on the command line that is neither a number nor one of [`baseload_client::units`].

use std::str::FromStr;

use baseload_client::{keys::DEV_NAMES, AccountId};
use baseload_primitives::{DeviceKey, DeviceSignature, Register, Technology};
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

/// Reads a device's Ed25519 public key, 64 hex digits.
pub fn device_key(text: &str) -> Result<DeviceKey, String> {
	bytes(text).map(DeviceKey::Ed25519)
}

/// Reads a device's Ed25519 signature, 128 hex digits.
pub fn device_signature(text: &str) -> Result<DeviceSignature, String> {
	bytes(text).map(DeviceSignature::Ed25519)
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
	fn hex_should_be_refused_when_of_another_length() {
		assert!(hash(&"00".repeat(32)).is_ok());
		assert!(hash(&"00".repeat(31)).unwrap_err().contains("64 hex digits"));
		assert!(device_signature("0xzz").unwrap_err().contains("128 hex digits"));
	}
}

//! What people write on the command line that is neither a number nor one of [`baseload_client::units`].

pub mod payment;
pub mod registers;

use std::str::FromStr;

use baseload_client::{keys::DEV_NAMES, AccountId};
use baseload_primitives::{Pages, Severity, Technology, Verdict};
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
	fn hex_should_be_refused_when_of_another_length() {
		assert!(hash(&"00".repeat(32)).is_ok());
		assert!(hash(&"00".repeat(31)).unwrap_err().contains("64 hex digits"));
	}
}

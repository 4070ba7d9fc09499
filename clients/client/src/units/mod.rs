//! How people write and read amounts, energy, prices, shares, registers, dates and durations.
//!
//! Parsing is exact: what cannot be represented to the last unit is an error, never rounded. Printing is exact too, without
//! trailing zeros, and what is printed can be parsed again.

mod decimal;
mod energy;
mod price;
mod register;
mod time;

pub use decimal::{format_units, parse_units, Problem};
pub use energy::{format_energy, format_power, parse_energy, parse_power};
pub use price::{
	format_change, format_interest, format_price, format_share, format_signed_tariff, format_slope, format_tariff,
	parse_change, parse_interest, parse_price, parse_ratio, parse_share, parse_signed_tariff, parse_slope,
	parse_tariff,
};
pub use register::{format_register, parse_register};
pub use time::{format_duration, format_month, format_time, parse_duration, parse_month, parse_time};

use baseload_primitives::Balance;

/// Decimals of KWH and of BLD.
pub const DECIMALS: u32 = 12;

/// Why a text is not what it should be: one sentence that quotes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
	text: String,
	problem: String,
}

impl ParseError {
	pub(crate) fn new(text: &str, problem: impl core::fmt::Display) -> Self {
		Self {
			text: text.into(),
			problem: problem.to_string(),
		}
	}

	/// The same problem of the whole `text` that the part was taken from.
	fn about(self, text: &str) -> Self {
		Self::new(text, self.problem)
	}
}

impl core::fmt::Display for ParseError {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		write!(f, "\"{}\" {}", self.text, self.problem)
	}
}

impl std::error::Error for ParseError {}

/// Reads an amount of KWH, "1.5 KWH" or "1.5", into base units.
pub fn parse_kwh(text: &str) -> Result<Balance, ParseError> {
	parse_token(text, "KWH", DECIMALS)
}

/// Reads an amount of BLD, "1.5 BLD" or "1.5", into base units.
pub fn parse_bld(text: &str) -> Result<Balance, ParseError> {
	parse_token(text, "BLD", DECIMALS)
}

/// Writes base units of KWH: "1.5 KWH".
pub fn format_kwh(amount: Balance) -> String {
	format!("{} KWH", format_units(amount, DECIMALS))
}

/// Writes base units of BLD: "1.5 BLD".
pub fn format_bld(amount: Balance) -> String {
	format!("{} BLD", format_units(amount, DECIMALS))
}

/// Reads an amount of the token `symbol`, "1.5 RSV" or "1.5", into base units, of which one whole token has 10^`decimals`.
pub fn parse_token(text: &str, symbol: &str, decimals: u32) -> Result<Balance, ParseError> {
	let (number, unit) = split(text);
	if !unit.is_empty() && unit != symbol {
		return Err(ParseError::new(text, format_args!("is not an amount of {symbol}")));
	}
	parse_units(number, decimals).map_err(|problem| problem.of(text))
}

/// What an amount is written in: the symbol in "1.5 RSV"; empty if there is none.
pub fn symbol_of(text: &str) -> &str {
	split(text).1
}

/// The number at the start of a text, and the unit that follows it.
fn split(text: &str) -> (&str, &str) {
	let text = text.trim();
	let end = text
		.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | ',')))
		.unwrap_or(text.len());
	let (number, unit) = text.split_at(end);
	(number, unit.trim())
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::KWH;

	#[test]
	fn amount_should_be_read_when_written_with_or_without_symbol() {
		for text in ["1.5", "1.5 KWH", "1.5KWH", " 1.50 KWH "] {
			assert_eq!(parse_kwh(text), Ok(KWH + KWH / 2), "{text}");
		}
		assert_eq!(parse_kwh("0"), Ok(0));
		assert_eq!(parse_kwh("0.000000000001"), Ok(1));
		assert_eq!(parse_bld("2 BLD"), Ok(2 * KWH));
		assert_eq!(parse_token("1.5 RSV", "RSV", 6), Ok(1_500_000));
		assert_eq!(
			(symbol_of("1.5 RSV"), symbol_of("1.5RSV"), symbol_of("1.5")),
			("RSV", "RSV", "")
		);
	}

	#[test]
	fn amount_should_be_refused_when_of_another_token_or_garbage() {
		for text in [
			"1.5 BLD",
			"1.5 kWh",
			"1.5 kwh",
			"KWH",
			"",
			"one",
			"-1",
			"+1",
			"1,5",
			"1e3",
			"1.5.0",
			"0.0000000000001",
		] {
			assert!(parse_kwh(text).is_err(), "{text}");
		}
		assert!(parse_kwh("1.5 kWh").unwrap_err().to_string().contains("1.5 kWh"));
	}

	#[test]
	fn amount_should_be_printed_without_trailing_zeros() {
		assert_eq!(format_kwh(KWH * 3 / 2), "1.5 KWH");
		assert_eq!(format_kwh(0), "0 KWH");
		assert_eq!(format_bld(1), "0.000000000001 BLD");
	}
}

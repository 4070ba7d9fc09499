//! Tariffs, index prices, shares and rates.

use baseload_math::billing;
use baseload_primitives::Price;

use super::{format_units, parse_units, split, ParseError};

/// Decimals of a price.
const PRICE_DECIMALS: u32 = 18;

/// A tariff of 1 KWH/kWh is 10^9 base units per Wh, which is the inner number 10^27.
const TARIFF_DECIMALS: u32 = 27;

/// Reads a tariff, "0.85 KWH/kWh" or "0.85", into KWH base units per Wh with 18 decimals.
pub fn parse_tariff(text: &str) -> Result<Price, ParseError> {
	let (number, unit) = split(text);
	if !matches!(unit, "" | "KWH/kWh") {
		return Err(ParseError::new(text, "is not a tariff in KWH/kWh"));
	}
	parse_units(number, TARIFF_DECIMALS)
		.map(Price::from_inner)
		.map_err(|problem| problem.of(text))
}

/// Writes a tariff: "0.85 KWH/kWh".
pub fn format_tariff(price: Price) -> String {
	format!("{} KWH/kWh", format_units(price.into_inner(), TARIFF_DECIMALS))
}

/// Reads a tariff that may be negative, "-0.01 KWH/kWh", into KWH base units per Wh with 18 decimals.
pub fn parse_signed_tariff(text: &str) -> Result<billing::Price, ParseError> {
	let (negative, rest) = sign(text);
	let inner = parse_tariff(rest).map_err(|error| error.about(text))?.into_inner();
	signed(negative, inner).ok_or_else(|| ParseError::new(text, "is too large"))
}

/// Writes a tariff that may be negative: "-0.01 KWH/kWh".
pub fn format_signed_tariff(price: billing::Price) -> String {
	let minus = if price < 0 { "-" } else { "" };
	format!("{minus}{}", format_tariff(Price::from_inner(price.unsigned_abs())))
}

/// Reads a plain number that may be negative, "0.9", with 18 decimals: how a price follows an index.
pub fn parse_slope(text: &str) -> Result<i128, ParseError> {
	let (negative, rest) = sign(text);
	let inner = parse_price(rest).map_err(|error| error.about(text))?.into_inner();
	signed(negative, inner).ok_or_else(|| ParseError::new(text, "is too large"))
}

/// Writes a plain number with 18 decimals.
pub fn format_slope(slope: i128) -> String {
	let minus = if slope < 0 { "-" } else { "" };
	format!("{minus}{}", format_units(slope.unsigned_abs(), PRICE_DECIMALS))
}

/// Reads an index price, a plain number of the quote currency.
pub fn parse_price(text: &str) -> Result<Price, ParseError> {
	let text = text.trim();
	parse_units(text, PRICE_DECIMALS)
		.map(Price::from_inner)
		.map_err(|problem| problem.of(text))
}

/// Writes an index price or a ratio as a plain number.
pub fn format_price(price: Price) -> String {
	format_units(price.into_inner(), PRICE_DECIMALS)
}

/// Reads a share, "60 %" or "0.5%", of at most 100 %, into parts per million.
pub fn parse_share(text: &str) -> Result<u32, ParseError> {
	match percent(text, 4)? {
		parts @ ..=1_000_000 => Ok(parts as u32),
		_ => Err(ParseError::new(text, "is more than 100 %")),
	}
}

/// Reads a ratio, "120 %", which may be above the whole, into parts per million.
pub fn parse_ratio(text: &str) -> Result<u32, ParseError> {
	u32::try_from(percent(text, 4)?).map_err(|_| ParseError::new(text, "is too large"))
}

/// Reads a yearly change, "2 %" or "-0.5 %", into parts per million.
pub fn parse_change(text: &str) -> Result<i32, ParseError> {
	let (negative, rest) = sign(text);
	let parts = percent(rest, 4).map_err(|error| error.about(text))?;
	let parts = signed(negative, parts).and_then(|parts| i32::try_from(parts).ok());
	parts.ok_or_else(|| ParseError::new(text, "is too large"))
}

/// Writes a yearly change: "-0.5 %".
pub fn format_change(parts_per_million: i32) -> String {
	let minus = if parts_per_million < 0 { "-" } else { "" };
	format!("{minus}{}", format_share(parts_per_million.unsigned_abs()))
}

/// Reads a yearly rate of interest, "8 %", with 18 decimals.
pub fn parse_interest(text: &str) -> Result<u64, ParseError> {
	u64::try_from(percent(text, 16)?).map_err(|_| ParseError::new(text, "is too large"))
}

/// Writes a yearly rate of interest: "8 %".
pub fn format_interest(rate: u64) -> String {
	format!("{} %", format_units(rate.into(), 16))
}

/// A number of percent, in units of 10^-`decimals` percent.
fn percent(text: &str, decimals: u32) -> Result<u128, ParseError> {
	let (number, unit) = split(text);
	if unit != "%" {
		return Err(ParseError::new(text, "is not a share in %"));
	}
	parse_units(number, decimals).map_err(|problem| problem.of(text))
}

/// Whether a number is negative, and the rest of it.
fn sign(text: &str) -> (bool, &str) {
	let text = text.trim();
	match text
		.strip_prefix('-')
		.filter(|rest| !rest.starts_with(char::is_whitespace))
	{
		Some(rest) => (true, rest),
		None => (false, text),
	}
}

fn signed(negative: bool, amount: u128) -> Option<i128> {
	let amount = i128::try_from(amount).ok()?;
	Some(if negative { -amount } else { amount })
}

/// Writes parts per million as a share: "60 %".
pub fn format_share(parts_per_million: u32) -> String {
	format!("{} %", format_units(parts_per_million.into(), 4))
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::PAR;
	use proptest::prelude::*;

	#[test]
	fn tariff_should_be_base_units_per_watt_hour() {
		assert_eq!(parse_tariff("1 KWH/kWh"), Ok(Price::from_u32(1_000_000_000)));
		assert_eq!(parse_tariff("1"), Ok(Price::from_inner(10u128.pow(27))));
		assert_eq!(parse_tariff("1").unwrap().into_inner(), PAR * 10u128.pow(18));
		assert_eq!(parse_tariff("0.85 KWH/kWh"), Ok(Price::from_u32(850_000_000)));
		assert_eq!(format_tariff(Price::from_u32(850_000_000)), "0.85 KWH/kWh");
	}

	#[test]
	fn tariff_should_be_refused_when_in_another_unit_or_too_large() {
		for text in [
			"0.85 KWH",
			"0.85 KWH/MWh",
			"-1",
			"",
			"1000000000000",
			"0.0000000000000000000000000001",
		] {
			assert!(parse_tariff(text).is_err(), "{text}");
		}
	}

	#[test]
	fn price_should_be_read_and_written() {
		assert_eq!(parse_price("0.12"), Ok(Price::from_rational(12, 100)));
		assert_eq!(format_price(Price::from_rational(12, 100)), "0.12");
		assert!(parse_price("0.12 CNY").is_err());
	}

	#[test]
	fn share_should_be_parts_per_million() {
		assert_eq!(parse_share("60 %"), Ok(600_000));
		assert_eq!(parse_share("0.5%"), Ok(5_000));
		assert_eq!(parse_share("100%"), Ok(1_000_000));
		for text in ["60", "101 %", "0.00001 %", "-1 %", "%"] {
			assert!(parse_share(text).is_err(), "{text}");
		}
		assert_eq!(format_share(605_000), "60.5 %");
	}

	#[test]
	fn signed_prices_and_rates_should_be_read_and_written() {
		assert_eq!(parse_signed_tariff("-0.01 KWH/kWh"), Ok(-(10i128.pow(25))));
		assert_eq!(format_signed_tariff(-(10i128.pow(25))), "-0.01 KWH/kWh");
		assert_eq!(parse_slope("0.9"), Ok(9 * 10i128.pow(17)));
		assert_eq!(format_slope(-5 * 10i128.pow(17)), "-0.5");
		assert_eq!(parse_ratio("120 %"), Ok(1_200_000));
		assert_eq!((parse_change("-0.5 %"), parse_change("2%")), (Ok(-5_000), Ok(20_000)));
		assert_eq!(format_change(-5_000), "-0.5 %");
		assert_eq!(parse_interest("8 %"), Ok(80_000_000_000_000_000));
		assert_eq!(format_interest(80_000_000_000_000_000), "8 %");
		for text in ["--1 %", "5000 %%", "1", "- 1 %", "99999999 %"] {
			assert!(parse_change(text).is_err(), "{text}");
		}
		let error = parse_signed_tariff("-x KWH/kWh").unwrap_err().to_string();
		assert!(error.starts_with("\"-x KWH/kWh\" is not"), "{error}");
	}

	proptest! {
		#[test]
		fn prices_should_come_back_when_written_and_read(inner: u128) {
			let price = Price::from_inner(inner);
			prop_assert_eq!(parse_tariff(&format_tariff(price)), Ok(price));
			prop_assert_eq!(parse_price(&format_price(price)), Ok(price));
		}
	}
}

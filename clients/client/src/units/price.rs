//! Tariffs, index prices and shares.

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
	let (number, unit) = split(text);
	if unit != "%" {
		return Err(ParseError::new(text, "is not a share in %"));
	}
	let parts = parse_units(number, 4).map_err(|problem| problem.of(text))?;
	match u32::try_from(parts) {
		Ok(parts) if parts <= 1_000_000 => Ok(parts),
		_ => Err(ParseError::new(text, "is more than 100 %")),
	}
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

	proptest! {
		#[test]
		fn prices_should_come_back_when_written_and_read(inner: u128) {
			let price = Price::from_inner(inner);
			prop_assert_eq!(parse_tariff(&format_tariff(price)), Ok(price));
			prop_assert_eq!(parse_price(&format_price(price)), Ok(price));
		}
	}
}

//! Energy in Wh and power in W, with the usual prefixes.

use baseload_primitives::WattHours;

use super::{format_units, parse_units, split, ParseError};

const PREFIXES: [(&str, u32); 4] = [("", 0), ("k", 3), ("M", 6), ("G", 9)];

/// Reads an energy with its unit: "500 Wh", "12.345 kWh", "3 MWh", "1 GWh".
pub fn parse_energy(text: &str) -> Result<WattHours, ParseError> {
	parse(text, "Wh", "an energy in Wh, kWh, MWh or GWh").map(WattHours)
}

/// Reads a power with its unit, "750 W", "50 kW", "5 MW", "1.2 GW", into W.
pub fn parse_power(text: &str) -> Result<u64, ParseError> {
	parse(text, "W", "a power in W, kW, MW or GW")
}

/// Writes an energy, exactly: "500 Wh", "12.345 kWh", "3 MWh".
pub fn format_energy(energy: WattHours) -> String {
	format(energy.0, "Wh")
}

/// Writes a power given in W, exactly: "750 W", "50 kW", "5 MW".
pub fn format_power(watts: u64) -> String {
	format(watts, "W")
}

fn parse(text: &str, unit: &str, kind: &str) -> Result<u64, ParseError> {
	let (number, written) = split(text);
	let decimals = PREFIXES
		.iter()
		.find(|(prefix, _)| written.strip_suffix(unit) == Some(prefix))
		.map(|(_, decimals)| *decimals)
		.ok_or_else(|| ParseError::new(text, format_args!("is not {kind}")))?;
	let amount = parse_units(number, decimals).map_err(|problem| problem.of(text))?;
	u64::try_from(amount).map_err(|_| ParseError::new(text, "is too large"))
}

fn format(amount: u64, unit: &str) -> String {
	let (prefix, decimals) = PREFIXES
		.iter()
		.rev()
		.find(|(_, decimals)| amount >= 10u64.pow(*decimals))
		.copied()
		.unwrap_or(("", 0));
	format!("{} {prefix}{unit}", format_units(amount.into(), decimals))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn energy_should_be_read_exactly() {
		assert_eq!(parse_energy("500 Wh"), Ok(WattHours(500)));
		assert_eq!(parse_energy("12.345 kWh"), Ok(WattHours(12_345)));
		assert_eq!(parse_energy("12.345kWh"), Ok(WattHours(12_345)));
		assert_eq!(parse_energy("3 MWh"), Ok(WattHours(3_000_000)));
		assert_eq!(parse_energy("1.000000001 GWh"), Ok(WattHours(1_000_000_001)));
	}

	#[test]
	fn energy_should_be_refused_without_unit_or_finer_than_a_watt_hour() {
		for text in [
			"500",
			"0.5 Wh",
			"1.2345 kWh",
			"3 mWh",
			"3 KWH",
			"3 kwh",
			"-3 kWh",
			"kWh",
			"",
			"99999999999 GWh",
			"3 W",
		] {
			assert!(parse_energy(text).is_err(), "{text}");
		}
	}

	#[test]
	fn power_should_be_read_and_written() {
		assert_eq!(parse_power("5 MW"), Ok(5_000_000));
		assert_eq!(parse_power("750 W"), Ok(750));
		assert!(parse_power("5 MWh").is_err());
		assert_eq!(format_power(5_500_000), "5.5 MW");
		assert_eq!(format_power(0), "0 W");
	}

	#[test]
	fn energy_should_be_written_in_a_fitting_unit() {
		assert_eq!(format_energy(WattHours(0)), "0 Wh");
		assert_eq!(format_energy(WattHours(999)), "999 Wh");
		assert_eq!(format_energy(WattHours(12_345)), "12.345 kWh");
		assert_eq!(format_energy(WattHours(3_000_000)), "3 MWh");
		assert_eq!(format_energy(WattHours(u64::MAX)), "18446744073.709551615 GWh");
	}

	proptest! {
		#[test]
		fn energy_should_come_back_when_written_and_read(wh: u64) {
			prop_assert_eq!(parse_energy(&format_energy(WattHours(wh))), Ok(WattHours(wh)));
		}
	}
}

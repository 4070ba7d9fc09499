//! The numbers of a JSON text as exact prices: decimal arithmetic on their digits, no binary fractions.

use baseload_primitives::Price;

/// Decimals of a price.
const DECIMALS: i32 = 18;

/// No number is written with more characters, or has a larger exponent.
const LONGEST: usize = 64;
const LARGEST_EXPONENT: i32 = 64;

/// Reads a decimal number, with an exponent or without, moved by `shift` decimal places, into a price. Digits beyond the 18th
/// decimal are cut off. The error completes a sentence that begins with the number.
pub fn parse(text: &str, shift: i32) -> Result<Price, &'static str> {
	const MALFORMED: &str = "is not a decimal number";
	if text.len() > LONGEST {
		return Err("has too many digits");
	}
	let (mantissa, exponent) = match text.split_once(['e', 'E']) {
		Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| MALFORMED)?),
		None => (text, 0),
	};
	if !(-LARGEST_EXPONENT..=LARGEST_EXPONENT).contains(&exponent) {
		return Err("has too large an exponent");
	}
	let (negative, mantissa) = match mantissa.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, mantissa),
	};
	let (whole, fraction) = match mantissa.split_once('.') {
		Some((_, "")) => return Err(MALFORMED),
		Some(parts) => parts,
		None => (mantissa, ""),
	};
	let mut digits = format!("{whole}{fraction}");
	if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
		return Err(MALFORMED);
	}
	// The number is `digits` x 10^(exponent - decimals of the fraction).
	let zeros = exponent + shift + DECIMALS - fraction.len() as i32;
	match usize::try_from(zeros) {
		Ok(zeros) => digits.extend(std::iter::repeat_n('0', zeros)),
		Err(_) => {
			let kept = digits.len().saturating_sub(zeros.unsigned_abs() as usize);
			digits.truncate(kept);
		}
	}
	let inner = match digits.trim_start_matches('0') {
		"" => 0,
		digits => digits.parse::<u128>().map_err(|_| "is too large")?,
	};
	if negative && inner > 0 {
		return Err("is negative");
	}
	Ok(Price::from_inner(inner))
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::units::{format_price, parse_price};
	use proptest::prelude::*;

	fn price(text: &str) -> Result<Price, &'static str> {
		Ok(parse_price(text).unwrap())
	}

	#[test]
	fn number_should_be_exact_when_moved_or_written_with_an_exponent() {
		for (text, shift, expected) in [
			("0.1034", 0, "0.1034"),
			("103.4", -3, "0.1034"),
			("10.34", -2, "0.1034"),
			("1.034e-1", 0, "0.1034"),
			("1034E-4", 0, "0.1034"),
			("1e2", 0, "100"),
			("1e+2", -3, "0.1"),
			("0", 0, "0"),
			("-0.0", 0, "0"),
			("0.0000000000000000019", 0, "0.000000000000000001"),
			("1e-30", 0, "0"),
		] {
			assert_eq!(parse(text, shift), price(expected), "{text}");
		}
	}

	#[test]
	fn number_should_be_refused_when_negative_too_large_or_none() {
		for (text, said) in [
			("-0.1", "negative"),
			("1e40", "too large"),
			("1e65", "exponent"),
			("1e", "not a decimal"),
			("", "not a decimal"),
			(".5", "not a decimal"),
			("5.", "not a decimal"),
			("1,5", "not a decimal"),
			("NaN", "not a decimal"),
			("0x10", "not a decimal"),
			("+1", "not a decimal"),
			("1.5.0", "not a decimal"),
			("\u{663}", "not a decimal"),
			(&"1".repeat(65), "too many digits"),
		] {
			assert!(parse(text, 0).unwrap_err().contains(said), "{text}");
		}
	}

	proptest! {
		#[test]
		fn price_should_come_back_when_written_as_a_number(inner in 0u128..10u128.pow(36)) {
			let price = Price::from_inner(inner);
			prop_assert_eq!(parse(&format_price(price), 0), Ok(price));
		}

		#[test]
		fn reading_should_never_panic(text: String, shift in -3i32..=0) {
			let _ = parse(&text, shift);
		}

		#[test]
		fn short_decimals_should_survive_a_json_number(units in 0u64..1_000_000_000, decimals in 0u32..9) {
			let exact = baseload_client::units::format_units(units.into(), decimals);
			let number: serde_json::Value = serde_json::from_str(&exact).unwrap();
			prop_assert_eq!(parse(&number.to_string(), 0), Ok(parse_price(&exact).unwrap()));
		}
	}
}

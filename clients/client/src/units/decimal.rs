//! Decimal numbers with a fixed number of decimals.

use super::ParseError;

/// Why a text is not a number of the wanted kind; becomes a [`ParseError`] once it is known what to quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
	/// The error about `text`.
	pub fn of(self, text: &str) -> ParseError {
		ParseError::new(text, self.0)
	}
}

/// Reads a plain decimal number into units of 10^-`decimals`, exactly. No sign, no exponent, no grouping.
pub fn parse_units(text: &str, decimals: u32) -> Result<u128, Problem> {
	let problem = |what: &str| Err(Problem(what.into()));
	if text.starts_with(['-', '+']) {
		return problem("must not have a sign");
	}
	let (whole, fraction) = match text.split_once('.') {
		Some((_, "")) => return problem("is not a number"),
		Some(parts) => parts,
		None => (text, ""),
	};
	if whole.is_empty()
		|| !whole
			.bytes()
			.chain(fraction.bytes())
			.all(|digit| digit.is_ascii_digit())
	{
		return problem("is not a number");
	}
	let fraction = fraction.trim_end_matches('0');
	let Some(missing) = decimals.checked_sub(fraction.len() as u32) else {
		return Err(Problem(format!("has more than {decimals} decimals")));
	};
	let digits = format!("{whole}{fraction}");
	let value: Option<u128> = match digits.trim_start_matches('0') {
		"" => Some(0),
		digits => {
			let scale = 10u128.checked_pow(missing);
			digits
				.parse::<u128>()
				.ok()
				.zip(scale)
				.and_then(|(value, scale)| value.checked_mul(scale))
		}
	};
	value.map_or_else(|| problem("is too large"), Ok)
}

/// Writes units of 10^-`decimals` as a plain decimal number, exactly and without trailing zeros.
pub fn format_units(amount: u128, decimals: u32) -> String {
	let decimals = decimals as usize;
	let digits = format!("{amount:0>width$}", width = decimals + 1);
	let (whole, fraction) = digits.split_at(digits.len() - decimals);
	match fraction.trim_end_matches('0') {
		"" => whole.into(),
		fraction => format!("{whole}.{fraction}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn number_should_be_read_exactly() {
		assert_eq!(parse_units("1.5", 3), Ok(1_500));
		assert_eq!(parse_units("0.001", 3), Ok(1));
		assert_eq!(parse_units("0.0010", 3), Ok(1));
		assert_eq!(parse_units("007", 0), Ok(7));
		assert_eq!(parse_units("0", 50), Ok(0));
		assert_eq!(parse_units(&u128::MAX.to_string(), 0), Ok(u128::MAX));
	}

	#[test]
	fn number_should_be_refused_when_it_does_not_fit() {
		assert_eq!(parse_units("0.0001", 3).unwrap_err().0, "has more than 3 decimals");
		assert_eq!(parse_units("1.5", 0).unwrap_err().0, "has more than 0 decimals");
		assert_eq!(parse_units("-1", 3).unwrap_err().0, "must not have a sign");
		assert_eq!(
			parse_units("340282366920938463463374607431768211456", 0).unwrap_err().0,
			"is too large"
		);
		assert_eq!(
			parse_units("340282366920938463463374607431768211455", 1).unwrap_err().0,
			"is too large"
		);
		assert_eq!(parse_units("1", 39).unwrap_err().0, "is too large");
		for text in ["", ".", "1.", ".5", "1..2", "1_000", "1,000", "0x10", "٣", "NaN"] {
			assert_eq!(parse_units(text, 3).unwrap_err().0, "is not a number", "{text}");
		}
	}

	#[test]
	fn number_should_be_written_without_trailing_zeros() {
		assert_eq!(format_units(1_500, 3), "1.5");
		assert_eq!(format_units(1, 3), "0.001");
		assert_eq!(format_units(0, 3), "0");
		assert_eq!(format_units(42, 0), "42");
		assert_eq!(format_units(u128::MAX, 38), "3.40282366920938463463374607431768211455");
	}

	proptest! {
		#[test]
		fn number_should_come_back_when_written_and_read(amount: u128, decimals in 0u32..30) {
			prop_assert_eq!(parse_units(&format_units(amount, decimals), decimals), Ok(amount));
		}

		#[test]
		fn reading_should_never_panic(text: String, decimals in 0u32..60) {
			let _ = parse_units(&text, decimals);
		}
	}
}

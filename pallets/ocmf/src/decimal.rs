//! Readings as the meter wrote them.

use crate::OcmfError;

/// A decimal number in the meter's own digits, never converted to floating point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal<'a>(&'a str);

impl<'a> Decimal<'a> {
	/// Reads `-`, digits, a fraction and an exponent, all but the digits optional. Meters that write a number as a string
	/// pad it: leading spaces are dropped and leading zeros are allowed.
	///
	/// # Errors
	///
	/// [`OcmfError::BadNumber`] if `text` is anything else.
	pub(crate) fn parse(text: &'a str) -> Result<Self, OcmfError> {
		let text = text.trim_start_matches(' ');
		let unsigned = text.strip_prefix('-').unwrap_or(text);
		let (mantissa, exponent) = split(unsigned, &['e', 'E']);
		let (whole, fraction) = split(mantissa, &['.']);
		let exponent = exponent.map(|part| part.strip_prefix(['+', '-']).unwrap_or(part));
		let is_number = [Some(whole), fraction, exponent]
			.into_iter()
			.flatten()
			.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
		if is_number {
			Ok(Self(text))
		} else {
			Err(OcmfError::BadNumber)
		}
	}

	/// The digits as written, without padding.
	pub fn as_str(&self) -> &'a str {
		self.0
	}

	/// floor(self x 10^`power`).
	///
	/// The floor of a register that only grows only grows too, and the floors of two readings differ by less than one from
	/// their true difference, however many readings lie between. Nothing is lost for good: what one reading leaves below the
	/// unit is in the next.
	///
	/// # Errors
	///
	/// [`OcmfError::NegativeValue`] if there is a minus sign. [`OcmfError::ValueTooLarge`] if the result exceeds 64 bits, or
	/// the digits (trailing zeros included) or the exponent exceed what can be calculated exactly.
	pub(crate) fn floor(&self, power: i32) -> Result<u64, OcmfError> {
		if self.0.starts_with('-') {
			return Err(OcmfError::NegativeValue);
		}
		let (mantissa, exponent) = split(self.0, &['e', 'E']);
		let (whole, fraction) = split(mantissa, &['.']);
		let fraction = fraction.unwrap_or("");
		let digits = whole.bytes().chain(fraction.bytes()).try_fold(0u128, |sum, digit| {
			sum.checked_mul(10)?.checked_add((digit - b'0').into())
		});
		let shift = || {
			let exponent: i32 = exponent.unwrap_or("0").parse().ok()?;
			exponent
				.checked_add(power)?
				.checked_sub(i32::try_from(fraction.len()).ok()?)
		};
		let (digits, shift) = digits.zip(shift()).ok_or(OcmfError::ValueTooLarge)?;
		let factor = 10u128.checked_pow(shift.unsigned_abs());
		let value = match factor {
			_ if digits == 0 => Some(0),
			Some(factor) if shift >= 0 => digits.checked_mul(factor),
			Some(factor) => Some(digits / factor),
			// 10^39 and more, above every number of 128 bits.
			None => (shift < 0).then_some(0),
		};
		value
			.and_then(|value| u64::try_from(value).ok())
			.ok_or(OcmfError::ValueTooLarge)
	}
}

/// What is before the first of `separators`, and what is after it if there is one.
fn split<'a>(text: &'a str, separators: &[char]) -> (&'a str, Option<&'a str>) {
	match text.split_once(separators) {
		Some((before, after)) => (before, Some(after)),
		None => (text, None),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::format;
	use proptest::prelude::*;

	fn floor(text: &str, power: i32) -> Result<u64, OcmfError> {
		Decimal::parse(text)?.floor(power)
	}

	#[test]
	fn floor_should_be_exact_when_the_value_is_whole() {
		assert_eq!(floor("2935.600", 3), Ok(2_935_600));
		assert_eq!(floor("       9.038", 3), Ok(9_038));
		assert_eq!(floor("00000000.000", 3), Ok(0));
		assert_eq!(floor("2850685", 0), Ok(2_850_685));
		assert_eq!(floor("18446744073709551.615", 3), Ok(u64::MAX));
		// The nearest binary floating point number is 1.000999..., which a cast would cut to 1000.
		assert_eq!(floor("1.001", 3), Ok(1_001));
	}

	#[test]
	fn floor_should_round_down_when_digits_are_below_one() {
		assert_eq!(floor("0.2596", 3), Ok(259));
		assert_eq!(floor("0.0009999", 3), Ok(0));
		assert_eq!(floor("12.9", 0), Ok(12));
	}

	#[test]
	fn floor_should_move_the_point_when_there_is_an_exponent() {
		assert_eq!(floor("2.9356e3", 3), Ok(2_935_600));
		assert_eq!(floor("29356E-1", 3), Ok(2_935_600));
		assert_eq!(floor("1e+2", 0), Ok(100));
		assert_eq!(floor("1e-2147483648", 3), Ok(0));
		assert_eq!(floor("0e2000", 3), Ok(0));
	}

	#[test]
	fn floor_should_refuse_when_the_value_is_out_of_range() {
		assert_eq!(floor("-0.001", 3), Err(OcmfError::NegativeValue));
		assert_eq!(floor("-0", 3), Err(OcmfError::NegativeValue));
		for text in [
			"18446744073709551.616",
			"1e20",
			"1e2000",
			"1e99999999999",
			"1e2147483647",
			"340282366920938463463374607431768211456",
		] {
			assert_eq!(floor(text, 3), Err(OcmfError::ValueTooLarge), "{text}");
		}
	}

	#[test]
	fn parse_should_refuse_when_text_is_not_a_number() {
		for text in [
			"", " ", "-", ".", "1.", ".1", "1e", "e1", "1e+", "--1", "+1", "1,5", "1 ", "1.2.3", "1e2e3", "1.5 kWh",
			"½",
		] {
			assert_eq!(Decimal::parse(text), Err(OcmfError::BadNumber), "{text}");
		}
	}

	proptest! {
		#[test]
		fn floor_should_equal_the_division_when_a_register_has_any_number_of_places(
			units in 0..=u64::MAX, places in 0usize..20,
		) {
			let digits = format!("{units:0>width$}", width = places + 1);
			let (whole, fraction) = digits.split_at(digits.len() - places);
			let text = if places == 0 { digits.clone() } else { format!("{whole}.{fraction}") };
			let expected = u128::from(units) * 1_000 / 10u128.pow(places as u32);
			prop_assert_eq!(floor(&text, 3), u64::try_from(expected).map_err(|_| OcmfError::ValueTooLarge));
		}

		#[test]
		fn floor_should_never_fall_when_the_register_grows(first in 0..u64::MAX / 2, growth in 0..u64::MAX / 2) {
			let read = |tenths_of_wh: u64| floor(&format!("{tenths_of_wh}e-4"), 3).expect("in range");
			let (opening, closing) = (read(first), read(first + growth));
			prop_assert!(opening <= closing);
			prop_assert!((closing - opening).abs_diff(growth / 10) <= 1);
		}
	}
}

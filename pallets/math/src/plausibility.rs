//! How far a cumulative register can move in a given time: the physical bound behind "this reading cannot be true".

use sp_arithmetic::{PerThing, Permill};
use sp_core::U256;

/// Milliseconds of an hour: W x ms / this = Wh.
const HOUR_MS: u64 = 3_600_000;

/// The most that a register of a site rated `nameplate_w` W can rise in `elapsed_ms` milliseconds, in Wh:
/// nameplate x elapsed x (1 + tolerance), rounded up, so that rounding never refuses an honest meter.
///
/// Exact for all inputs: the product is taken in 256 bits.
pub fn max_rise(nameplate_w: u64, elapsed_ms: u64, tolerance: Permill) -> u128 {
	let accuracy = u128::from(Permill::ACCURACY);
	let product =
		U256::from(nameplate_w) * U256::from(elapsed_ms) * U256::from(accuracy + u128::from(tolerance.deconstruct()));
	let unit = U256::from(accuracy * u128::from(HOUR_MS));
	let (floor, rest) = product.div_mod(unit);
	// Below u128::MAX: nameplate x elapsed < 2^128, and (accuracy + tolerance) / unit is far below 1.
	floor.low_u128() + u128::from(!rest.is_zero())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn max_rise_should_be_nameplate_times_time_when_tolerance_is_zero() {
		assert_eq!(max_rise(5_000_000, HOUR_MS, Permill::zero()), 5_000_000);
		assert_eq!(max_rise(5_000_000, HOUR_MS / 4, Permill::zero()), 1_250_000);
		assert_eq!(max_rise(5_000_000, 0, Permill::zero()), 0);
		assert_eq!(max_rise(0, HOUR_MS, Permill::one()), 0);
	}

	#[test]
	fn max_rise_should_add_the_tolerance_and_round_up_when_it_does_not_divide() {
		assert_eq!(max_rise(1_000, HOUR_MS, Permill::from_percent(5)), 1_050);
		assert_eq!(max_rise(1, 1, Permill::zero()), 1);
		assert_eq!(max_rise(1, HOUR_MS + 1, Permill::zero()), 2);
		assert_eq!(max_rise(1_000, HOUR_MS, Permill::from_parts(1)), 1_001);
	}

	#[test]
	fn max_rise_should_not_overflow_when_inputs_are_the_largest() {
		let all = u128::from(u64::MAX);
		// floor(2 (2^64 - 1)^2 / 3.6e6) is not exact, so one is added.
		let product = U256::from(all) * U256::from(all) * U256::from(2u8);
		let expected = product / U256::from(HOUR_MS) + U256::one();
		assert_eq!(U256::from(max_rise(u64::MAX, u64::MAX, Permill::one())), expected);
	}

	proptest! {
		#[test]
		fn max_rise_should_be_the_least_integer_not_below_the_bound(
			watts in 0..=1_000_000_000_000u64,
			elapsed in 0..=100_000_000_000u64,
			ppm in 0..=1_000_000u32,
		) {
			let rise = max_rise(watts, elapsed, Permill::from_parts(ppm));
			let product = u128::from(watts) * u128::from(elapsed) * u128::from(1_000_000 + ppm);
			let unit = 3_600_000u128 * 1_000_000;
			prop_assert!(rise * unit >= product);
			prop_assert!(rise == 0 || (rise - 1) * unit < product);
		}

		#[test]
		fn max_rise_should_not_fall_when_time_is_split(
			watts in any::<u64>(),
			first in any::<u32>(),
			second in any::<u32>(),
			ppm in 0..=1_000_000u32,
		) {
			let tolerance = Permill::from_parts(ppm);
			let whole = max_rise(watts, u64::from(first) + u64::from(second), tolerance);
			let parts = max_rise(watts, first.into(), tolerance) + max_rise(watts, second.into(), tolerance);
			prop_assert!(parts == whole || parts == whole + 1);
		}
	}
}

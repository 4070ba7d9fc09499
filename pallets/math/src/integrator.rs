//! Power samples to cumulative energy registers, with no lost fraction.
//!
//! An inverter or a data logger that only knows *power* can still feed a chain that only takes *registers*: hold each
//! sample for its interval, add up power x time, and count whole watt-hours. Both directions have their own register,
//! as in a real meter: a photovoltaic plant draws a little at night, and what it draws is never netted against what it
//! delivers.
//!
//! # What the samples must mean
//!
//! A sample is the mean power of the interval that *ends* at its time; how long that interval is, is for the caller to
//! know: in an evenly spaced series it is one step. Positive power is delivered to the grid (export), negative power
//! drawn (import).
//!
//! # Exactness
//!
//! Power is in microwatts and time in milliseconds, both integers, so 1 Wh is exactly 3.6 x 10^12 uW ms. Each register
//! carries what it has not yet counted as a whole Wh. So the registers depend only on the sums, not on the steps: many
//! short samples end where one long sample of the same power ends, in any order. Registers are rounded down, by less
//! than 1 Wh in all.

/// Microwatt-milliseconds in one watt-hour: 10^6 uW x 3,600,000 ms.
pub const UW_MS_PER_WH: u128 = 3_600_000_000_000;

/// A register would pass `u64::MAX` Wh. Nothing was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterOverflow;

/// One cumulative register and what it has not yet counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counter {
	/// Whole watt-hours.
	wh: u64,
	/// In uW ms, below [`UW_MS_PER_WH`].
	remainder: u128,
}

impl Counter {
	const fn resuming((wh, remainder): (u64, u128)) -> Self {
		Self {
			wh,
			remainder: if remainder < UW_MS_PER_WH { remainder } else { 0 },
		}
	}

	/// Counts `power` for `duration`. The product is below 2^127, so neither it nor the sum can overflow.
	fn advance(self, power_uw: u64, duration_ms: u64) -> Result<Self, RegisterOverflow> {
		let energy = u128::from(power_uw) * u128::from(duration_ms) + self.remainder;
		let wh = u64::try_from(energy / UW_MS_PER_WH).map_err(|_| RegisterOverflow)?;
		Ok(Self {
			wh: self.wh.checked_add(wh).ok_or(RegisterOverflow)?,
			remainder: energy % UW_MS_PER_WH,
		})
	}
}

/// The export and the import register of one connection point, fed by power samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integrator {
	export: Counter,
	import: Counter,
}

impl Integrator {
	/// Registers that stand at these counts, in Wh, with nothing uncounted.
	pub const fn starting_at(export_wh: u64, import_wh: u64) -> Self {
		Self {
			export: Counter {
				wh: export_wh,
				remainder: 0,
			},
			import: Counter {
				wh: import_wh,
				remainder: 0,
			},
		}
	}

	/// Registers as another integrator left them: of each what [`Self::export_wh`] and [`Self::export_remainder`] gave. A
	/// remainder that is none, being a whole Wh or more, counts as nothing.
	pub const fn resuming(export: (u64, u128), import: (u64, u128)) -> Self {
		Self {
			export: Counter::resuming(export),
			import: Counter::resuming(import),
		}
	}

	/// Counts a mean power of `power_uw` microwatts, positive for export, over `duration_ms` milliseconds. Exact.
	///
	/// Fails, counting nothing, if a register would pass `u64::MAX` Wh.
	pub fn add(&mut self, power_uw: i64, duration_ms: u64) -> Result<(), RegisterOverflow> {
		let counter = if power_uw >= 0 {
			&mut self.export
		} else {
			&mut self.import
		};
		*counter = counter.advance(power_uw.unsigned_abs(), duration_ms)?;
		Ok(())
	}

	/// Energy delivered, in whole Wh, rounded down.
	pub const fn export_wh(&self) -> u64 {
		self.export.wh
	}

	/// Energy drawn, in whole Wh, rounded down.
	pub const fn import_wh(&self) -> u64 {
		self.import.wh
	}

	/// What the export register has not yet counted, in uW ms: less than one Wh.
	pub const fn export_remainder(&self) -> u128 {
		self.export.remainder
	}

	/// What the import register has not yet counted, in uW ms: less than one Wh.
	pub const fn import_remainder(&self) -> u128 {
		self.import.remainder
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const QUARTER: u64 = 15 * 60 * 1_000;

	#[test]
	fn counting_should_go_on_when_it_was_stored_between() {
		let mut whole = Integrator::starting_at(7, 8);
		let mut parts = whole;
		for power_uw in [1_234_567, -7_654_321, 999_999, -1] {
			whole.add(power_uw, QUARTER).unwrap();
			parts = Integrator::resuming(
				(parts.export_wh(), parts.export_remainder()),
				(parts.import_wh(), parts.import_remainder()),
			);
			parts.add(power_uw, QUARTER).unwrap();
		}
		assert_eq!(parts, whole);
		assert_eq!(
			Integrator::resuming((1, UW_MS_PER_WH), (2, 0)),
			Integrator::starting_at(1, 2)
		);
	}

	#[test]
	fn registers_should_count_whole_watt_hours_when_power_is_held() {
		let mut meter = Integrator::starting_at(1_000, 50);
		meter.add(4_000_000_000, QUARTER).unwrap();
		assert_eq!((meter.export_wh(), meter.import_wh()), (2_000, 50));
		meter.add(-8_000_000, QUARTER).unwrap();
		assert_eq!((meter.export_wh(), meter.import_wh()), (2_000, 52));
		assert_eq!((meter.export_remainder(), meter.import_remainder()), (0, 0));
	}

	#[test]
	fn fractions_should_add_up_when_each_interval_is_below_one_watt_hour() {
		let mut meter = Integrator::default();
		// 2.6367 W for a quarter of an hour is 0.659175 Wh; six of them pass 3 Wh
		for _ in 0..6 {
			meter.add(-2_636_700, QUARTER).unwrap();
		}
		assert_eq!(meter.import_wh(), 3);
		assert_eq!(
			meter.import_remainder(),
			6 * 2_636_700 * u128::from(QUARTER) - 3 * UW_MS_PER_WH
		);
		assert_eq!(meter.export_wh(), 0);
	}

	#[test]
	fn registers_should_stay_when_the_sum_would_overflow() {
		let mut meter = Integrator::starting_at(u64::MAX, 0);
		meter.add(3_599_999, 1_000_000).unwrap();
		let before = meter;
		assert_eq!(meter.add(1, 1_000_000), Err(RegisterOverflow));
		assert_eq!(meter.add(i64::MAX, u64::MAX), Err(RegisterOverflow));
		assert_eq!(meter, before);
		meter.add(i64::MIN, 1).unwrap();
		assert_eq!(meter.import_wh(), 2_562_047);
	}

	proptest! {
		#[test]
		fn many_steps_should_equal_one_step_when_power_is_the_same(
			power in -10_000_000_000_000i64..10_000_000_000_000,
			steps in prop::collection::vec(0u64..10_000_000, 0..50),
		) {
			let mut small = Integrator::starting_at(7, 9);
			for step in &steps {
				small.add(power, *step).unwrap();
			}
			let mut large = Integrator::starting_at(7, 9);
			large.add(power, steps.iter().sum()).unwrap();
			prop_assert_eq!(small, large);
		}

		#[test]
		fn registers_should_match_exact_sums_when_samples_are_random(
			samples in prop::collection::vec((any::<i64>(), 0u64..100_000_000), 0..100),
		) {
			let mut meter = Integrator::default();
			let (mut exported, mut imported) = (0u128, 0u128);
			for (power, duration) in samples {
				let before = meter;
				meter.add(power, duration).unwrap();
				let energy = u128::from(power.unsigned_abs()) * u128::from(duration);
				if power >= 0 { exported += energy } else { imported += energy }
				prop_assert!(meter.export_wh() >= before.export_wh() && meter.import_wh() >= before.import_wh());
			}
			prop_assert_eq!(u128::from(meter.export_wh()) * UW_MS_PER_WH + meter.export_remainder(), exported);
			prop_assert_eq!(u128::from(meter.import_wh()) * UW_MS_PER_WH + meter.import_remainder(), imported);
			prop_assert!(meter.export_remainder() < UW_MS_PER_WH && meter.import_remainder() < UW_MS_PER_WH);
		}

		#[test]
		fn order_should_not_matter_when_samples_are_shuffled(
			mut samples in prop::collection::vec((-1_000_000_000_000i64..1_000_000_000_000, 0u64..1_000_000), 0..50),
		) {
			let count = |samples: &[(i64, u64)]| {
				let mut meter = Integrator::default();
				samples.iter().for_each(|(power, duration)| meter.add(*power, *duration).unwrap());
				meter
			};
			let forward = count(&samples);
			samples.reverse();
			prop_assert_eq!(count(&samples), forward);
		}
	}
}

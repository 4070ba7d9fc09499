//! A register of a device, counted on across its roll-overs.
//!
//! Everything here is in units of 10^-10 Wh, in which every scale factor of SunSpec (10^-10 to 10^10) is a whole number.

use baseload_primitives::{Moment, HOUR};
use codec::{Decode, Encode};

/// Units in one Wh.
pub const UNITS_PER_WH: u128 = 10_000_000_000;

/// What a device shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
	/// The count.
	pub count: u128,
	/// The least step of the count.
	pub step: u128,
	/// At which count the register begins at zero again, if it does.
	pub modulus: Option<u128>,
}

/// A register's count so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Counter {
	/// What the device showed last.
	shown: u128,
	/// What it lost by rolling over.
	lost: u128,
}

/// Why what a device shows cannot follow what it showed before; energies in whole Wh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// It shows nothing after it had counted.
	Blank {
		/// What it showed before.
		before: u64,
	},
	/// It shows less, and no roll-over explains that.
	Fell {
		/// What it showed before.
		before: u64,
		/// What it shows.
		now: u64,
	},
	/// It rose by more than can have flowed.
	Leapt {
		/// By how much.
		by: u64,
		/// The most that can have flowed.
		most: u64,
	},
}

/// The most that can have flowed in some milliseconds at some power: a tenth more than the power says, since devices count
/// late and clocks differ.
pub fn most(watts: u64, elapsed: Moment) -> u128 {
	let energy = u128::from(watts)
		.checked_mul(elapsed.into())
		.and_then(|energy| energy.checked_mul(UNITS_PER_WH / 10 * 11));
	energy.map_or(u128::MAX, |energy| energy / u128::from(HOUR))
}

impl Counter {
	/// Begins with what a device shows.
	pub fn starting_at(shown: Shown) -> Self {
		Self {
			shown: shown.count,
			lost: 0,
		}
	}

	/// Goes on to what the device shows now, which must be `most` above what it showed before at most, give or take one
	/// step of the register.
	pub fn advance(self, now: Shown, most: u128) -> Result<Self, Fault> {
		let most = most.saturating_add(now.step);
		if let Some(rise) = now.count.checked_sub(self.shown) {
			return match rise <= most {
				true => Ok(Self {
					shown: now.count,
					..self
				}),
				false => Err(Fault::Leapt {
					by: whole(rise),
					most: whole(most),
				}),
			};
		}
		let rolled = now.modulus.and_then(|modulus| {
			let rise = modulus.checked_add(now.count)?.checked_sub(self.shown)?;
			let lost = self.lost.checked_add(modulus)?;
			// A register whose scale was changed may have shown more than its modulus is now
			(rise <= most && self.shown < modulus).then_some(lost)
		});
		match rolled {
			Some(lost) => Ok(Self { shown: now.count, lost }),
			None if now.count == 0 => Err(Fault::Blank {
				before: whole(self.shown),
			}),
			None => Err(Fault::Fell {
				before: whole(self.shown),
				now: whole(now.count),
			}),
		}
	}

	/// The count in whole Wh, rounded down; `None` above 64 bits.
	pub fn wh(&self) -> Option<u64> {
		let count = self.shown.checked_add(self.lost)?;
		u64::try_from(count / UNITS_PER_WH).ok()
	}
}

/// Whole Wh, for messages.
fn whole(units: u128) -> u64 {
	u64::try_from(units / UNITS_PER_WH).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const MODULUS: u128 = (1 << 32) * UNITS_PER_WH;

	/// A register of 32 bits in Wh.
	fn acc32(wh: u64) -> Shown {
		Shown {
			count: u128::from(wh) * UNITS_PER_WH,
			step: UNITS_PER_WH,
			modulus: Some(MODULUS),
		}
	}

	#[test]
	fn count_should_go_on_when_a_register_rolls_over() {
		let counter = Counter::starting_at(acc32(u32::MAX as u64 - 99));
		// 5 kW for an hour and a tenth more
		let counter = counter.advance(acc32(400), most(5_000, HOUR)).unwrap();
		assert_eq!(counter.wh(), Some((1 << 32) + 400));
		let counter = counter.advance(acc32(5_900), most(5_000, HOUR)).unwrap();
		assert_eq!(counter.wh(), Some((1 << 32) + 5_900));
	}

	#[test]
	fn count_should_be_refused_when_it_fell_or_leapt() {
		let counter = Counter::starting_at(acc32(1_000_000));
		let hour = most(5_000, HOUR);
		assert_eq!(
			counter.advance(acc32(1_005_501), hour).map(|counter| counter.wh()),
			Ok(Some(1_005_501))
		);
		let leapt = Fault::Leapt { by: 5_502, most: 5_501 };
		assert_eq!(counter.advance(acc32(1_005_502), hour), Err(leapt));
		let fell = Fault::Fell {
			before: 1_000_000,
			now: 999_999,
		};
		assert_eq!(counter.advance(acc32(999_999), hour), Err(fell));
		assert_eq!(counter.advance(acc32(0), hour), Err(Fault::Blank { before: 1_000_000 }));
		let wide = Shown {
			modulus: None,
			..acc32(5)
		};
		let last = Counter::starting_at(acc32(u32::MAX.into()));
		assert!(matches!(last.advance(wide, hour), Err(Fault::Fell { .. })));
	}

	#[test]
	fn count_should_go_on_when_the_scale_changes() {
		let counter = Counter::starting_at(acc32(4_294_967_290));
		let tens = |count: u128| Shown {
			count: count * 10 * UNITS_PER_WH,
			step: 10 * UNITS_PER_WH,
			modulus: Some(10 * MODULUS),
		};
		let counter = counter.advance(tens(429_496_730), most(5_000, HOUR)).unwrap();
		assert_eq!(counter.wh(), Some(4_294_967_300));
		// Back to the fine scale, where the count no longer fits: never taken for a roll-over
		assert!(counter.advance(acc32(4), most(5_000, HOUR)).is_err());
	}

	#[test]
	fn most_should_be_power_times_time_and_a_tenth() {
		assert_eq!(most(5_000, HOUR), 5_500 * UNITS_PER_WH);
		assert_eq!(most(0, HOUR), 0);
		assert_eq!(most(u64::MAX, u64::MAX), u128::MAX);
	}

	proptest! {
		#[test]
		fn count_should_equal_a_wide_register_when_energy_flows(
			start: u32, rises in prop::collection::vec(0u64..5_000, 1..50), exponent in 0u32..4,
		) {
			let scale = 10u64.pow(exponent);
			let shown = |raw: u64| Shown {
				count: u128::from(raw % (1 << 32)) * u128::from(scale) * UNITS_PER_WH,
				step: u128::from(scale) * UNITS_PER_WH,
				modulus: Some(u128::from(scale) * MODULUS),
			};
			let mut wide = u64::from(start);
			let mut counter = Counter::starting_at(shown(wide));
			for rise in rises {
				wide += rise;
				counter = counter.advance(shown(wide), most(5_000 * scale, HOUR)).unwrap();
				prop_assert_eq!(counter.wh(), Some(wide * scale));
			}
		}

		#[test]
		fn count_should_never_fall_when_a_device_shows_anything(
			shows in prop::collection::vec((any::<u64>(), 0u32..21, any::<bool>()), 1..40), elapsed in 0u64..1_000_000_000,
		) {
			let mut counter: Option<Counter> = None;
			for (raw, exponent, is_narrow) in shows {
				let raw = if is_narrow { raw % (1 << 32) } else { raw };
				let step = 10u128.pow(exponent);
				let Some(count) = u128::from(raw).checked_mul(step) else { continue };
				let shown = Shown { count, step, modulus: is_narrow.then_some(step << 32) };
				let Some(before) = counter else {
					counter = Some(Counter::starting_at(shown));
					continue;
				};
				if let Ok(after) = before.advance(shown, most(5_000, elapsed)) {
					let risen = (after.shown + after.lost).checked_sub(before.shown + before.lost);
					prop_assert!(risen.is_some_and(|risen| risen <= most(5_000, elapsed) + step));
					counter = Some(after);
				}
			}
		}
	}
}

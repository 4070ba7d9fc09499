//! The scenarios.

mod calm;
mod crash;
mod holders;
mod silence;

use baseload_primitives::Moment;

use crate::{world::World, Failure};

/// A minute: the longest time that a block adds to open time.
const MINUTE: Moment = 60_000;

/// A scenario.
pub struct Scenario {
	/// Its name.
	pub name: &'static str,
	/// What happens in it.
	pub what: &'static str,
	/// Runs it.
	pub run: fn() -> Result<World, Failure>,
}

/// All of them, in the order in which they run.
pub const ALL: &[Scenario] = &[
	Scenario {
		name: "collateral-30",
		what: "the collateral loses 30 % in an hour",
		run: || crash::fall(70, crash::POOL),
	},
	Scenario {
		name: "collateral-50",
		what: "the collateral loses 50 % in an hour",
		run: || crash::fall(50, crash::POOL),
	},
	Scenario {
		name: "collateral-70",
		what: "the collateral loses 70 % in an hour",
		run: || crash::fall(30, crash::POOL),
	},
	Scenario {
		name: "pool-empty",
		what: "the collateral loses 50 % in an hour, and nobody stands behind the backstop pool",
		run: || crash::fall(50, 0),
	},
	Scenario {
		name: "redemption-run",
		what: "holders redeem nine tenths of all KWH in ten hours",
		run: holders::run,
	},
	Scenario {
		name: "plants-dark",
		what: "no plant delivers for 40 days",
		run: holders::dark,
	},
	Scenario {
		name: "oracle-silent",
		what: "no prices for a day, and then the collateral is worth a fifth less",
		run: silence::run,
	},
	Scenario {
		name: "ten-years",
		what: "interest of ten years",
		run: calm::ten_years,
	},
	Scenario {
		name: "many-vaults",
		what: "100,000 vaults, a fall of 40 % in an hour, and everybody busy",
		run: crash::many,
	},
];

//! Units. Money is `u128` base units with 12 decimals, energy is whole watt-hours, time is Unix milliseconds.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// An amount of KWH, BLD or a reserve token, in base units.
pub type Balance = u128;

/// Unix time in milliseconds.
pub type Moment = u64;

/// A price with 18 decimals. What it is a price of, and in what, is said where it is used:
/// a *tariff* is in KWH base units per Wh, an *index price* in the quote currency per kWh or per whole collateral unit.
pub type Price = sp_runtime::FixedU128;

/// One KWH in base units: 12 decimals.
pub const KWH: Balance = 1_000_000_000_000;

/// One BLD in base units: 12 decimals.
pub const BLD: Balance = 1_000_000_000_000;

/// Base units of KWH that target the value of one watt-hour: 1 KWH per kWh.
pub const PAR: Balance = KWH / 1_000;

/// One second in milliseconds.
pub const SECOND: Moment = 1_000;
/// One minute in milliseconds.
pub const MINUTE: Moment = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: Moment = 60 * MINUTE;
/// One day in milliseconds. UTC only: a day is always 24 hours.
pub const DAY: Moment = 24 * HOUR;

/// An amount of energy, or the count of a cumulative energy register, in Wh.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(transparent)]
pub struct WattHours(pub u64);

impl WattHours {
	/// What this energy is worth at par, in KWH base units. Exact: `u64::MAX` Wh is far below `u128::MAX` units.
	pub const fn at_par(self) -> Balance {
		self.0 as Balance * PAR
	}
}

//! Kinds of values.

use baseload_math::billing::{self, Month};
use baseload_primitives::{Balance, Moment, Register};
use serde::{Deserialize, Deserializer};

use crate::{
	units,
	written::{self, Text},
};

macro_rules! texts {
	($($(#[$doc:meta])* $name:ident($of:ty) = $read:expr, $expected:literal;)*) => {$(
		$(#[$doc])*
		#[derive(Clone, Copy, Debug, PartialEq, Eq)]
		pub struct $name(pub $of);

		impl Text for $name {
			const EXPECTED: &'static str = $expected;

			fn parse(text: &str) -> Result<Self, String> {
				let read: Result<$of, units::ParseError> = $read(text);
				read.map(Self).map_err(|error| format!("{error}: expected {}", Self::EXPECTED))
			}
		}

		impl<'de> Deserialize<'de> for $name {
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				written::read(deserializer)
			}
		}
	)*};
}

texts! {
	/// A price of energy in 10^-18 base units per Wh.
	#[derive(Default)]
	PerKwh(billing::Price) = units::parse_signed_tariff, "a price like \"0.065 KWH/kWh\"";
	/// A number with 18 decimals.
	#[derive(Default)]
	Slope(i128) = units::parse_slope, "a number like \"0.9\"";
	/// An amount in base units.
	#[derive(Default)]
	Kwh(Balance) = units::parse_kwh, "an amount like \"1000 KWH\"";
	/// An energy in Wh.
	#[derive(Default)]
	Wh(u64) = |text| units::parse_energy(text).map(|energy| energy.0), "an energy like \"50 MWh\"";
	/// A power in W.
	#[derive(Default)]
	Watts(u64) = units::parse_power, "a power like \"5 MW\"";
	/// A share of at most the whole, in parts per million.
	#[derive(Default)]
	Share(u32) = units::parse_share, "a share like \"60 %\", at most 100 %";
	/// A ratio in parts per million.
	#[derive(Default)]
	Ratio(u32) = units::parse_ratio, "a ratio like \"120 %\"";
	/// A yearly change in parts per million.
	#[derive(Default)]
	Change(i32) = units::parse_change, "a yearly change like \"2 %\" or \"-0.5 %\"";
	/// A yearly rate of interest with 18 decimals.
	#[derive(Default)]
	Interest(u64) = units::parse_interest, "a yearly rate like \"8 %\"";
	/// A duration in milliseconds.
	#[derive(Default)]
	Span(Moment) = units::parse_duration, "a duration like \"30 days\" or \"1h30m\"";
	/// A moment in Unix milliseconds.
	Date(Moment) = units::parse_time, "a UTC date like \"2027-01-31\"";
	/// A UTC calendar month.
	MonthOf(Month) = units::parse_month, "a month like \"2027-01\"";
	/// A register by its name or OBIS code.
	RegisterName(Register) = units::parse_register, "a register like \"export\" or \"2.8.1\"";
}

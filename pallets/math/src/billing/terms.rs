//! The clauses of an agreement, as numbers. They are fixed when it is agreed.
//!
//! Money is in base units, prices are in 10^-18 base units per Wh, ratios in parts per million, times in milliseconds.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

use super::{sources::MAX_REGISTERS, Moment, Money, Month, Ppm, Price, Refusal, MILLION};

/// The longest term: a hundred years.
pub const MAX_MONTHS: u32 = 1_200;

/// The most months that may be estimated at one time.
pub const MAX_ESTIMATES: u32 = 24;

/// The longest life of a make-up entitlement, in contract years.
pub const MAX_MAKEUP_YEARS: u32 = 15;

/// One price per billed register.
pub type Prices = BoundedVec<Price, ConstU32<MAX_REGISTERS>>;

/// All clauses of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// Positions, in the meter's order, of the registers that are billed. Deemed energy counts on the first of them.
	pub registers: BoundedVec<u8, ConstU32<MAX_REGISTERS>>,
	/// What a Wh costs.
	pub tariff: Tariff,
	/// What prices rise by each contract year; negative if they fall, but above -1,000,000.
	pub escalator: i32,
	/// The number of periods, in calendar months.
	pub months: u32,
	/// When the first period starts.
	pub start: Start,
	/// Quantities.
	pub volume: Volume,
	/// Power of the plant in W, the most that deemed energy is counted at.
	pub nameplate_w: u64,
	/// Energy that each calendar month is expected to bring, in Wh, January first.
	pub expected: [u64; 12],
	/// What happens while the meter or the feed is silent.
	pub outage: Outage,
	/// What happens when the buyer is late.
	pub payment: Payment,
	/// Disputes of bills.
	pub dispute: DisputeClause,
	/// What an early end costs.
	pub termination: Termination,
	/// What is cut from payments to the seller.
	pub cuts: Cuts,
}

/// What a Wh costs, in each case per billed register.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Tariff {
	/// A price per register, escalated. Several registers make a time-of-use tariff.
	#[codec(index = 0)]
	Fixed {
		/// Prices of the first contract year.
		prices: Prices,
	},
	/// clamp(base + slope x index / 10^18, floor, cap), not escalated, the same for every register.
	#[codec(index = 1)]
	Indexed {
		/// The price at an index of zero.
		base: Price,
		/// What the price rises by per unit of index, with 18 decimals.
		slope: i128,
		/// The lowest price.
		floor: Price,
		/// The highest price.
		cap: Price,
		/// Stands in for an index when none of the twelve months before is known either.
		index0: Price,
	},
	/// A two-way contract for difference: the escalated strike less the index. Below zero, the seller owes the difference.
	#[codec(index = 2)]
	Cfd {
		/// The strike of the first contract year.
		strike: Price,
		/// What an index below zero does.
		negative: NegativeIndex,
		/// Stands in for an index in estimates when none of the twelve months before is known either.
		index0: Price,
	},
}

/// What an index below zero does to a contract for difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum NegativeIndex {
	/// It counts as zero: the difference is the strike.
	#[codec(index = 0)]
	Cap,
	/// There is no difference: the price is zero.
	#[codec(index = 1)]
	Zero,
}

/// When the first period starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Start {
	/// With this month.
	#[codec(index = 0)]
	Month(Month),
	/// With the first month that starts at or after the reading that proves commercial operation.
	#[codec(index = 1)]
	Operation(Operation),
}

/// Commercial operation, proven by the meter, and what its delay costs the seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Operation {
	/// Position, in the meter's order, of the register that proves it.
	pub register: u8,
	/// What that register has to reach, in Wh.
	pub wh: u64,
	/// Until when nothing is owed for delay.
	pub target: Moment,
	/// From when on the buyer may leave if operation is still not proven. Never, if zero, which nobody can agree to: see
	/// [`Clause::Operation`](super::Clause::Operation).
	pub longstop: Moment,
	/// What each day of delay begun costs.
	pub delay_per_day: Money,
	/// The most that delay costs.
	pub delay_cap: Money,
}

/// Contracted quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Volume {
	/// Contracted Wh per contract year.
	pub quantity: u64,
	/// What energy beyond the quantity costs; `None` if it costs the same.
	pub excess: Option<Excess>,
	/// The share of the quantity that the buyer pays for, taken or not.
	pub take_or_pay: Ppm,
	/// For how many contract years after its own energy paid but not taken may be made up.
	pub makeup_years: u32,
	/// Price of the first contract year of energy not taken, and of an early end. A contract for difference uses its strike.
	pub ref_price: Price,
	/// The share of the quantity that the seller guarantees to deliver.
	pub guarantee: Ppm,
	/// Damages per Wh missing to the guarantee. Not negative.
	pub ld_price: Price,
	/// The most damages of a contract year.
	pub ld_cap: Money,
}

/// Energy beyond the contracted quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Excess {
	/// How far above the quantity it begins, as a share of the quantity.
	pub over: Ppm,
	/// Its price, as a share of the price.
	pub price: Ppm,
}

/// What happens while the meter or the feed is silent. All times count from the end of the month concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Outage {
	/// The share of the expected energy that an estimate counts.
	pub estimate: Ppm,
	/// How many months, from the next bill on, may be estimated at one time.
	pub max_estimates: u32,
	/// When a month is estimated.
	pub outage_grace: Moment,
	/// When a month is billed at 0 Wh.
	pub dark_final: Moment,
	/// When an indexed month is billed at an earlier index.
	pub feed_grace: Moment,
	/// When an earlier index becomes final.
	pub feed_final: Moment,
}

/// What happens when the buyer is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Payment {
	/// From a bill, an estimate or a debt of the seller to its due date.
	pub due: Moment,
	/// Simple interest on arrears per 365 days, with 18 decimals.
	pub late_rate: u64,
	/// From the first unpaid due date to default.
	pub grace: Moment,
	/// From a draw on the security to when it has to be full again.
	pub topup: Moment,
	/// The security, in months of the expected bill.
	pub security_periods: u32,
}

/// Disputes of bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DisputeClause {
	/// The bond, as a share of the disputed amount.
	pub bond: Ppm,
	/// From a dispute to its timeout.
	pub timeout: Moment,
	/// The seller's share at the timeout.
	pub default: Ppm,
}

/// What an early end costs: the energy of the months left, at most so many, at the reference price, times a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Termination {
	/// The most months that count.
	pub months: u32,
	/// The ratio that the buyer owes if its default ends the agreement.
	pub buyer: Ppm,
	/// The ratio that the seller owes if its default ends the agreement.
	pub seller: Ppm,
	/// The ratio that the buyer pays to leave.
	pub buyout: Ppm,
}

/// What is cut from payments to the seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Cuts {
	/// What the attestors earn with each period's bill.
	pub attestor_fee: Money,
	/// The most that attestors take of one payment, as a share of it.
	pub attestor_cap: Ppm,
	/// The share of what is left that retires the vault's debt.
	pub sweep: Ppm,
}

impl Terms {
	/// `BadTerms` unless the clauses make sense together and no price of the whole term overflows.
	pub fn check(&self) -> Result<(), Refusal> {
		let whole = |ratio: Ppm| u128::from(ratio) <= MILLION;
		let tariff = match &self.tariff {
			Tariff::Fixed { prices } => prices.len() == self.registers.len(),
			Tariff::Indexed { floor, cap, .. } => floor <= cap,
			Tariff::Cfd { .. } => true,
		};
		let sensible = tariff
			&& !self.registers.is_empty()
			&& i128::from(self.escalator) > -(MILLION as i128)
			&& (1..=MAX_MONTHS).contains(&self.months)
			&& self.volume.makeup_years <= MAX_MAKEUP_YEARS
			&& self.volume.ld_price >= 0
			&& self.outage.max_estimates <= MAX_ESTIMATES
			&& whole(self.dispute.default)
			&& whole(self.cuts.attestor_cap)
			&& whole(self.cuts.sweep);
		if !sensible {
			return Err(Refusal::BadTerms);
		}
		// Prices move one way from year to year, so that the first and the last are the extremes.
		for year in [0, (self.months - 1) / 12] {
			self.highest_price(year).map_err(|_| Refusal::BadTerms)?;
			self.reference_price(year).map_err(|_| Refusal::BadTerms)?;
		}
		Ok(())
	}

	/// Energy expected in `month`, in Wh.
	pub fn expected_in(&self, month: Month) -> u64 {
		self.expected[month.of_year()]
	}

	/// Energy expected in a year, in Wh.
	pub fn expected_in_a_year(&self) -> u128 {
		self.expected.iter().copied().map(u128::from).sum()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::example;

	#[test]
	fn terms_should_be_refused_when_they_make_no_sense() {
		assert_eq!(example::terms().check(), Ok(()));
		let breaks: [fn(&mut Terms); 10] = [
			|terms| terms.registers = Default::default(),
			|terms| terms.registers = vec![0, 1].try_into().unwrap(),
			|terms| terms.months = 0,
			|terms| terms.months = MAX_MONTHS + 1,
			|terms| terms.escalator = -1_000_000,
			|terms| terms.volume.ld_price = -1,
			|terms| terms.volume.makeup_years = MAX_MAKEUP_YEARS + 1,
			|terms| terms.outage.max_estimates = MAX_ESTIMATES + 1,
			|terms| terms.cuts.sweep = 1_000_001,
			|terms| {
				terms.volume.ref_price = Price::MAX;
				terms.escalator = 1;
			},
		];
		for breaks in breaks {
			let mut terms = example::terms();
			breaks(&mut terms);
			assert_eq!(terms.check(), Err(Refusal::BadTerms), "{terms:?}");
		}
	}
}

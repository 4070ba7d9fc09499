//! What vaults are governed by, and how redemptions end: as the chain and people's tools know it alike.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::ops::RangeInclusive;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Permill;

/// A token that can be collateral. A type of collateral is named by its token: 0 is BLD, anything else the id of a token in
/// `Assets`.
pub type TokenId = u32;

/// BLD, the bond token.
pub const BLD_TOKEN: TokenId = 0;

/// What governance sets for a type of collateral. Ratios are in basis points of collateral value per debt value.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypeParams {
	/// Least ratio after an owner drew or withdrew.
	pub mint_bp: u32,
	/// Ratio below which a vault is liquidated.
	pub liquidation_bp: u32,
	/// What a liquidated owner pays on top of the debt, in basis points of it.
	pub penalty_bp: u32,
	/// Interest a year, charged in equal parts every hour of 365.25 days.
	pub interest: Permill,
	/// The most debt of the type that a draw may lead to, in whole KWH.
	pub ceiling: u64,
	/// How much may be drawn a day, net of repayments, in whole KWH. A day's worth is saved up at most.
	pub refill: u64,
	/// The largest share of all debt that the type may be after a draw.
	pub max_share: Permill,
}

/// Bounds of [`TypeParams::mint_bp`].
pub const MINT_BP: RangeInclusive<u32> = 11_000..=100_000;
/// Bounds of [`TypeParams::liquidation_bp`]; it is also at least [`LEAST_GAP_BP`] below the mint ratio.
pub const LIQUIDATION_BP: RangeInclusive<u32> = 10_500..=90_000;
/// The least distance of the mint ratio from the liquidation ratio: an owner who has just drawn is not at once unsafe.
pub const LEAST_GAP_BP: u32 = 500;
/// Bound of [`TypeParams::penalty_bp`]; debt and penalty also stay within the liquidation ratio.
pub const MAX_PENALTY_BP: u32 = 2_000;
/// Bound of [`TypeParams::interest`].
pub const MAX_INTEREST: Permill = Permill::from_percent(20);
/// Bound of [`TypeParams::max_share`] of the bond token: KWH must not rest on the token that secures the chain.
pub const MAX_BOND_SHARE: Permill = Permill::from_percent(10);

/// One change moves a ratio or the penalty by at most this.
pub const STEP_BP: u32 = 500;
/// One change moves the interest by at most this.
pub const STEP_INTEREST: Permill = Permill::from_percent(1);
/// One change moves the largest share by at most this.
pub const STEP_SHARE: Permill = Permill::from_percent(10);
/// One change multiplies a ceiling or a refill by at most this, or lets it begin with [`FIRST_LIMIT`].
pub const STEP_FACTOR: u64 = 2;
/// What a ceiling or refill of nothing may become at once, in whole KWH.
pub const FIRST_LIMIT: u64 = 1_000_000;

/// Hours of the year that a yearly rate is divided by: 365.25 days.
const HOURS_A_YEAR: u128 = 8_766;

/// A bound that some [`TypeParams`] leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsound {
	/// The mint ratio is outside of [`MINT_BP`].
	MintRatio,
	/// The liquidation ratio is outside of [`LIQUIDATION_BP`].
	LiquidationRatio,
	/// The mint ratio is less than [`LEAST_GAP_BP`] above the liquidation ratio.
	Gap,
	/// The penalty is more than [`MAX_PENALTY_BP`], or debt and penalty are more than the liquidation ratio.
	Penalty,
	/// The interest is more than [`MAX_INTEREST`].
	Interest,
	/// The share of the bond token is more than [`MAX_BOND_SHARE`].
	Share,
}

/// A number that one change would move too far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongStep {
	/// A ratio or the penalty, by more than [`STEP_BP`].
	Ratio,
	/// The interest, by more than [`STEP_INTEREST`].
	Interest,
	/// The largest share, by more than [`STEP_SHARE`].
	Share,
	/// The ceiling or the refill, by more than [`STEP_FACTOR`] and beyond [`FIRST_LIMIT`].
	Limit,
}

impl TypeParams {
	/// The first bound that a number leaves; `None` if every one is within its bounds. `bond`: the type is of the bond token.
	pub fn first_unsound(&self, bond: bool) -> Option<Unsound> {
		if !MINT_BP.contains(&self.mint_bp) {
			Some(Unsound::MintRatio)
		} else if !LIQUIDATION_BP.contains(&self.liquidation_bp) {
			Some(Unsound::LiquidationRatio)
		} else if self.liquidation_bp + LEAST_GAP_BP > self.mint_bp {
			Some(Unsound::Gap)
		} else if self.penalty_bp > MAX_PENALTY_BP || 10_000 + self.penalty_bp > self.liquidation_bp {
			Some(Unsound::Penalty)
		} else if self.interest > MAX_INTEREST {
			Some(Unsound::Interest)
		} else if bond && self.max_share > MAX_BOND_SHARE {
			Some(Unsound::Share)
		} else {
			None
		}
	}

	/// Whether every number is within its bounds. `bond`: the type is of the bond token.
	pub fn is_sound(&self, bond: bool) -> bool {
		self.first_unsound(bond).is_none()
	}

	/// The first number that one change from these to `next` would move too far; `None` if it may be made.
	pub fn first_long_step(&self, next: &Self) -> Option<LongStep> {
		let far = |a: u32, b: u32, step: u32| a.abs_diff(b) > step;
		let far_part =
			|a: Permill, b: Permill, step: Permill| far(a.deconstruct(), b.deconstruct(), step.deconstruct());
		let jumps = |old: u64, new: u64| new > old.saturating_mul(STEP_FACTOR).max(FIRST_LIMIT);
		let ratios = [
			(self.mint_bp, next.mint_bp),
			(self.liquidation_bp, next.liquidation_bp),
			(self.penalty_bp, next.penalty_bp),
		];
		if ratios.iter().any(|(old, new)| far(*old, *new, STEP_BP)) {
			Some(LongStep::Ratio)
		} else if far_part(self.interest, next.interest, STEP_INTEREST) {
			Some(LongStep::Interest)
		} else if far_part(self.max_share, next.max_share, STEP_SHARE) {
			Some(LongStep::Share)
		} else if jumps(self.ceiling, next.ceiling) || jumps(self.refill, next.refill) {
			Some(LongStep::Limit)
		} else {
			None
		}
	}

	/// Whether one change may lead from these to `next`.
	pub fn allows_step_to(&self, next: &Self) -> bool {
		self.first_long_step(next).is_none()
	}

	/// Interest per hour, 27 decimals, rounded down.
	pub fn hourly_rate(&self) -> u128 {
		const PART: u128 = 1_000_000_000_000_000_000_000;
		u128::from(self.interest.deconstruct()) * PART / HOURS_A_YEAR
	}
}

/// How much the breaker lets through.
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
)]
pub enum BreakerLevel {
	/// Everything.
	#[default]
	All,
	/// No new debt.
	NoNewDebt,
	/// Repaying, adding collateral, redeeming, and leaving without debt; nothing else.
	ExitOnly,
}

/// Why a redemption ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum EndReason {
	/// It was executed as far as the vaults that it came to could pay.
	Done,
	/// Its holder took it back.
	Cancelled,
	/// The fee would have been higher than it accepts.
	FeeTooHigh,
	/// A vault would have paid less than it accepts.
	OutTooLow,
	/// A number would have left its width.
	Failed,
	/// The system was shut down.
	ShutDown,
}

#[cfg(test)]
mod tests {
	use super::*;

	const PARAMS: TypeParams = TypeParams {
		mint_bp: 15_000,
		liquidation_bp: 13_000,
		penalty_bp: 1_000,
		interest: Permill::from_percent(2),
		ceiling: 1_000,
		refill: 100,
		max_share: Permill::from_percent(10),
	};

	#[test]
	fn params_should_be_refused_when_a_number_is_out_of_bounds() {
		assert!(PARAMS.is_sound(true));
		let with = |change: fn(&mut TypeParams)| {
			let mut params = PARAMS;
			change(&mut params);
			params.first_unsound(true)
		};
		assert_eq!(with(|params| params.mint_bp = 100_001), Some(Unsound::MintRatio));
		assert_eq!(with(|params| params.mint_bp = 13_499), Some(Unsound::Gap));
		assert_eq!(with(|params| params.mint_bp = 13_500), None);
		assert_eq!(
			with(|params| params.liquidation_bp = 10_499),
			Some(Unsound::LiquidationRatio)
		);
		assert_eq!(with(|params| params.penalty_bp = 2_001), Some(Unsound::Penalty));
		assert_eq!(
			with(|params| (params.liquidation_bp, params.penalty_bp) = (10_999, 1_000)),
			Some(Unsound::Penalty)
		);
		assert_eq!(
			with(|params| params.interest = Permill::from_parts(200_001)),
			Some(Unsound::Interest)
		);
		assert_eq!(
			with(|params| params.max_share = Permill::from_parts(100_001)),
			Some(Unsound::Share)
		);
		let free = TypeParams {
			max_share: Permill::one(),
			..PARAMS
		};
		assert!(free.is_sound(false));
	}

	#[test]
	fn step_should_be_refused_when_it_is_too_long() {
		let to = |change: fn(&mut TypeParams)| {
			let mut params = PARAMS;
			change(&mut params);
			PARAMS.first_long_step(&params)
		};
		assert_eq!(to(|params| params.mint_bp = 15_500), None);
		assert_eq!(to(|params| params.mint_bp = 15_501), Some(LongStep::Ratio));
		assert_eq!(to(|params| params.liquidation_bp = 12_499), Some(LongStep::Ratio));
		assert_eq!(to(|params| params.penalty_bp = 1_501), Some(LongStep::Ratio));
		assert_eq!(
			to(|params| params.interest = Permill::from_parts(30_001)),
			Some(LongStep::Interest)
		);
		assert_eq!(
			to(|params| params.max_share = Permill::from_parts(200_001)),
			Some(LongStep::Share)
		);
		assert_eq!(to(|params| params.ceiling = FIRST_LIMIT), None);
		assert_eq!(to(|params| params.ceiling = FIRST_LIMIT + 1), Some(LongStep::Limit));
		assert_eq!(to(|params| params.ceiling = 0), None);
		assert_eq!(to(|params| params.refill = FIRST_LIMIT + 1), Some(LongStep::Limit));
	}

	#[test]
	fn hourly_rate_should_be_a_part_of_the_year() {
		assert_eq!(PARAMS.hourly_rate(), 2_281_542_322_610_084_417_065);
	}
}

//! The numbers of a type of collateral: within which bounds each is, and how far one change may move it.

use std::ops::RangeInclusive;

use anyhow::{ensure, Result};
use baseload_client::units;
use baseload_primitives::{
	Balance, TypeParams, FIRST_LIMIT, KWH, LEAST_GAP_BP, LIQUIDATION_BP, MAX_BOND_SHARE, MAX_INTEREST, MAX_PENALTY_BP,
	MINT_BP, STEP_BP, STEP_FACTOR, STEP_INTEREST, STEP_SHARE,
};

use crate::output::{Cell, Report};

/// Debt without anything on top, in basis points.
const PAR_BP: u64 = 10_000;

/// One hundred per cent in parts per million.
const WHOLE: u64 = 1_000_000;

/// One number of a type, by the option that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
	Mint,
	Liquidation,
	Penalty,
	Interest,
	Ceiling,
	Refill,
	MaxShare,
}

impl Number {
	const ALL: [Self; 7] = [
		Self::Mint,
		Self::Liquidation,
		Self::Penalty,
		Self::Interest,
		Self::Ceiling,
		Self::Refill,
		Self::MaxShare,
	];

	fn option(self) -> &'static str {
		match self {
			Self::Mint => "--mint",
			Self::Liquidation => "--liquidation",
			Self::Penalty => "--penalty",
			Self::Interest => "--interest",
			Self::Ceiling => "--ceiling",
			Self::Refill => "--refill",
			Self::MaxShare => "--max-share",
		}
	}

	/// In basis points, parts per million or whole KWH.
	fn of(self, params: &TypeParams) -> u64 {
		match self {
			Self::Mint => params.mint_bp.into(),
			Self::Liquidation => params.liquidation_bp.into(),
			Self::Penalty => params.penalty_bp.into(),
			Self::Interest => params.interest.deconstruct().into(),
			Self::Ceiling => params.ceiling,
			Self::Refill => params.refill,
			Self::MaxShare => params.max_share.deconstruct().into(),
		}
	}

	/// Its bounds whatever the other numbers are. `bond`: the type is of the bond token.
	fn widest(self, bond: bool) -> RangeInclusive<u64> {
		let wide = |bounds: RangeInclusive<u32>| u64::from(*bounds.start())..=u64::from(*bounds.end());
		match self {
			Self::Mint => wide(MINT_BP),
			Self::Liquidation => wide(LIQUIDATION_BP),
			Self::Penalty => wide(0..=MAX_PENALTY_BP),
			Self::Interest => wide(0..=MAX_INTEREST.deconstruct()),
			Self::Ceiling | Self::Refill => 0..=u64::MAX,
			Self::MaxShare if bond => wide(0..=MAX_BOND_SHARE.deconstruct()),
			Self::MaxShare => 0..=WHOLE,
		}
	}

	/// Its bounds beside the other numbers of `params`.
	fn bounds(self, params: &TypeParams, bond: bool) -> RangeInclusive<u64> {
		let (mint, liquidation) = (Self::Mint.of(params), Self::Liquidation.of(params));
		let (least, most) = self.widest(bond).into_inner();
		let gap = u64::from(LEAST_GAP_BP);
		match self {
			Self::Mint => least.max(liquidation.saturating_add(gap))..=most,
			Self::Liquidation => {
				least.max(PAR_BP.saturating_add(Self::Penalty.of(params)))..=most.min(mint.saturating_sub(gap))
			}
			Self::Penalty => least..=most.min(liquidation.saturating_sub(PAR_BP)),
			_ => least..=most,
		}
	}

	/// How far one change moves it at most; `None` of one that is multiplied.
	fn step(self) -> Option<u64> {
		match self {
			Self::Mint | Self::Liquidation | Self::Penalty => Some(STEP_BP.into()),
			Self::Interest => Some(STEP_INTEREST.deconstruct().into()),
			Self::MaxShare => Some(STEP_SHARE.deconstruct().into()),
			Self::Ceiling | Self::Refill => None,
		}
	}

	/// Where one change may lead from `old`.
	fn reach(self, old: u64) -> RangeInclusive<u64> {
		match self.step() {
			Some(step) => old.saturating_sub(step)..=old.saturating_add(step),
			None => 0..=old.saturating_mul(STEP_FACTOR).max(FIRST_LIMIT),
		}
	}

	fn written(self, value: u64) -> String {
		match self {
			Self::Mint | Self::Liquidation | Self::Penalty => format!("{} %", units::format_units(value.into(), 2)),
			Self::Interest | Self::MaxShare => format!("{} %", units::format_units(value.into(), 4)),
			Self::Ceiling | Self::Refill => units::format_kwh(Balance::from(value).saturating_mul(KWH)),
		}
	}

	fn range(self, bounds: &RangeInclusive<u64>) -> String {
		match bounds {
			bounds if *bounds.end() == u64::MAX => format!("{} or more", self.written(*bounds.start())),
			bounds if bounds.is_empty() => "no value at all".into(),
			bounds => format!("{} to {}", self.written(*bounds.start()), self.written(*bounds.end())),
		}
	}

	/// Its bounds in words.
	fn bounds_in_words(self) -> String {
		let range = self.range(&self.widest(false));
		match self {
			Self::Mint => {
				let gap = self.written(LEAST_GAP_BP.into());
				format!("{range}, {gap} of the debt more than --liquidation at least")
			}
			Self::Penalty => format!("{range}, with the debt no more than --liquidation"),
			Self::MaxShare => format!("{range}; of BLD {}", self.range(&self.widest(true))),
			_ => range,
		}
	}

	/// Its greatest step in words.
	fn step_in_words(self) -> String {
		match self.step() {
			Some(step) => format!("{} up or down", self.written(step)),
			None => format!(
				"times {STEP_FACTOR}, or up to {}; down to any",
				self.written(FIRST_LIMIT)
			),
		}
	}
}

/// The bounds and the greatest step of each number.
pub fn table() -> Report {
	let rows = Number::ALL.into_iter().map(|number| {
		vec![
			Cell::text(number.option()),
			Cell::text(number.bounds_in_words()),
			Cell::text(number.step_in_words()),
		]
	});
	Report::Table {
		name: "numbers",
		columns: vec![
			("set by", "option"),
			("bounds", "bounds"),
			("greatest step of one change", "step"),
		],
		rows: rows.collect(),
	}
}

/// Refuses a number that is out of its bounds, by its name. `old`: what the type has now; what differs from it is named first.
pub fn ensure_sound(params: &TypeParams, bond: bool, old: Option<&TypeParams>) -> Result<()> {
	let changes = |number: &Number| old.is_none_or(|old| number.of(old) != number.of(params));
	let (changed, kept): (Vec<_>, Vec<_>) = Number::ALL.into_iter().partition(changes);
	for number in changed.into_iter().chain(kept) {
		let (value, bounds) = (number.of(params), number.bounds(params, bond));
		ensure!(
			bounds.contains(&value),
			"{} {} is out of its bounds beside the other numbers: {}",
			number.option(),
			number.written(value),
			number.range(&bounds)
		);
	}
	Ok(())
}

/// Refuses a number that one change may not move so far, by its name.
pub fn ensure_reachable(old: &TypeParams, params: &TypeParams) -> Result<()> {
	for number in Number::ALL {
		let (from, to) = (number.of(old), number.of(params));
		let reach = number.reach(from);
		ensure!(
			reach.contains(&to),
			"{} {} is too far from {}: one change may lead to {}",
			number.option(),
			number.written(to),
			number.written(from),
			number.range(&reach)
		);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_arithmetic::Permill;

	const PARAMS: TypeParams = TypeParams {
		mint_bp: 15_000,
		liquidation_bp: 13_000,
		penalty_bp: 1_000,
		interest: Permill::from_percent(2),
		ceiling: 1_000,
		refill: 100,
		max_share: Permill::from_percent(10),
	};

	/// Parameters that differ from the usual ones by one number or two.
	fn variants() -> Vec<TypeParams> {
		let mut found = vec![PARAMS];
		for mint_bp in [0, 10_999, 11_000, 13_499, 13_500, 14_499, 15_501, 100_000, 100_001] {
			for liquidation_bp in [0, 10_499, 10_500, 10_999, 11_000, 12_500, 14_500, 90_000, 90_001] {
				found.push(TypeParams {
					mint_bp,
					liquidation_bp,
					..PARAMS
				});
			}
		}
		for penalty_bp in [0, 499, 500, 1_500, 1_501, 2_000, 2_001, 3_000, 3_001] {
			found.push(TypeParams { penalty_bp, ..PARAMS });
		}
		for parts in [0, 9_999, 30_000, 30_001, 100_000, 100_001, 200_000, 200_001, 1_000_000] {
			let (interest, max_share) = (Permill::from_parts(parts), Permill::from_parts(parts));
			found.push(TypeParams { interest, ..PARAMS });
			found.push(TypeParams { max_share, ..PARAMS });
		}
		for limit in [0, 1_000_000, 1_000_001, u64::MAX] {
			found.push(TypeParams {
				ceiling: limit,
				..PARAMS
			});
			found.push(TypeParams {
				refill: limit,
				..PARAMS
			});
		}
		found
	}

	#[test]
	fn numbers_should_be_refused_exactly_when_the_chain_refuses_them() {
		for params in variants() {
			for bond in [false, true] {
				let sound = ensure_sound(&params, bond, Some(&PARAMS)).is_ok();
				assert_eq!(sound, params.is_sound(bond), "{params:?}");
			}
			let reachable = ensure_reachable(&PARAMS, &params).is_ok();
			assert_eq!(reachable, PARAMS.allows_step_to(&params), "{params:?}");
		}
	}

	#[test]
	fn number_should_be_named_with_its_bounds_when_it_is_refused() {
		let said = |params: &TypeParams| ensure_sound(params, true, Some(&PARAMS)).unwrap_err().to_string();
		assert_eq!(
			said(&TypeParams {
				liquidation_bp: 14_900,
				..PARAMS
			}),
			"--liquidation 149 % is out of its bounds beside the other numbers: 110 % to 145 %"
		);
		assert_eq!(
			said(&TypeParams {
				max_share: Permill::from_percent(11),
				..PARAMS
			}),
			"--max-share 11 % is out of its bounds beside the other numbers: 0 % to 10 %"
		);
		let far = TypeParams {
			ceiling: 1_000_001,
			..PARAMS
		};
		assert_eq!(
			ensure_reachable(&PARAMS, &far).unwrap_err().to_string(),
			"--ceiling 1000001 KWH is too far from 1000 KWH: one change may lead to 0 KWH to 1000000 KWH"
		);
	}

	#[test]
	fn bounds_and_steps_should_be_words() {
		let words: Vec<_> = Number::ALL
			.iter()
			.map(|number| (number.bounds_in_words(), number.step_in_words()))
			.collect();
		let expected = [
			(
				"110 % to 1000 %, 5 % of the debt more than --liquidation at least",
				"5 % up or down",
			),
			("105 % to 900 %", "5 % up or down"),
			(
				"0 % to 20 %, with the debt no more than --liquidation",
				"5 % up or down",
			),
			("0 % to 20 %", "1 % up or down"),
			("0 KWH or more", "times 2, or up to 1000000 KWH; down to any"),
			("0 KWH or more", "times 2, or up to 1000000 KWH; down to any"),
			("0 % to 100 %; of BLD 0 % to 10 %", "10 % up or down"),
		];
		assert_eq!(words, expected.map(|(bounds, step)| (bounds.into(), step.into())));
	}
}

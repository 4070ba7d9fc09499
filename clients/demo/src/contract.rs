//! The clauses that the plant sells under.

use anyhow::{Context, Result};
use baseload_client::{
	agreements::Attestors,
	billing::{
		terms::{Cuts, DisputeClause, Outage, Payment, Start, Tariff, Termination, Terms, Volume},
		Month,
	},
};
use baseload_primitives::{DAY, SECOND};

use crate::plant_day::Plan;

/// A year from `month` on, which is over already, at the plan's fixed price; bills are due at once.
pub fn terms(plan: &Plan, month: Month, fee: Attestors) -> Result<Terms> {
	let price = i128::try_from(plan.tariff.into_inner()).context("the tariff is too high")?;
	Ok(Terms {
		registers: vec![0].try_into().expect("one register fits"),
		tariff: Tariff::Fixed {
			prices: vec![price].try_into().expect("one price fits"),
		},
		escalator: 0,
		months: 12,
		start: Start::Month(month),
		volume: Volume {
			quantity: 0,
			excess: None,
			take_or_pay: 0,
			makeup_years: 0,
			ref_price: price,
			guarantee: 0,
			ld_price: 0,
			ld_cap: 0,
		},
		nameplate_w: plan.nameplate_w,
		expected: [0; 12],
		// The month is over long before its readings come: nothing is estimated, and nothing final without them.
		outage: Outage {
			estimate: 0,
			max_estimates: 0,
			outage_grace: 60 * DAY,
			dark_final: 120 * DAY,
			feed_grace: 0,
			feed_final: 0,
		},
		payment: Payment {
			due: SECOND,
			late_rate: 0,
			grace: DAY,
			topup: DAY,
			security_periods: 0,
		},
		dispute: DisputeClause {
			bond: 0,
			timeout: DAY,
			default: 500_000,
		},
		termination: Termination {
			months: 0,
			buyer: 0,
			seller: 0,
			buyout: 0,
		},
		cuts: Cuts {
			attestor_fee: fee.monthly.0,
			attestor_cap: fee.cap.0,
			sweep: plan.sweep,
		},
	})
}

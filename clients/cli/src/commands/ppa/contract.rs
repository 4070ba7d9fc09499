//! All that parties agree on, clause by clause.

use baseload_client::{
	billing::{
		shares::Take,
		terms::{NegativeIndex, Operation, Start, Tariff, Terms},
		Price,
	},
	primitives::Contract,
	units, AccountId,
};
use baseload_primitives::{Register, WattHours};
use serde_json::json;

use crate::output::{Cell, Report};

/// Adds the whole contract to a record. `registers`: what the meter counts, in its order.
pub fn describe(report: Report, contract: &Contract<AccountId>, registers: &[Register]) -> Report {
	let report = parties(report, contract, registers);
	let report = tariff(start(report, &contract.terms, registers), contract, registers);
	let report = volume(report, &contract.terms);
	cuts(consequences(report, &contract.terms), contract)
}

fn parties(report: Report, contract: &Contract<AccountId>, registers: &[Register]) -> Report {
	let terms = &contract.terms;
	let billed = terms.registers.iter().map(|position| name(registers, *position));
	let resolver = match &contract.resolver {
		Some(resolver) => Cell::account(resolver),
		None => Cell::both("half of the council", json!(null)),
	};
	report
		.with("seller", "seller", Cell::account(&contract.seller))
		.with("buyer", "buyer", Cell::account(&contract.buyer))
		.with("payee", "payee", Cell::account(&contract.payee))
		.with("resolver", "resolver", resolver)
		.with("meter", "meter", Cell::number(contract.meter.0))
		.with("registers", "registers", Cell::list(billed.collect()))
		.with("share", "share", take(contract.share))
		.with("nameplate", "nameplate_w", Cell::power(terms.nameplate_w))
		.with(
			"escrow before start",
			"condition_escrow",
			Cell::kwh(contract.conditions.escrow),
		)
		.with(
			"security before start",
			"condition_security",
			Cell::kwh(contract.conditions.security),
		)
		.with(
			"bond before start",
			"condition_bond",
			Cell::kwh(contract.conditions.bond),
		)
		.with("conditions met by", "condition_by", Cell::time(contract.conditions.by))
}

/// What an agreement takes of each register's month.
pub fn take(take: Take) -> Cell {
	match take {
		Take::Percent(ratio) => Cell::both(
			format!(
				"{} of each month, after those who come first",
				units::format_share(ratio)
			),
			json!({ "percent_ppm": ratio }),
		),
		Take::Priority(wh) => Cell::both(
			format!("the first {} of a month", units::format_energy(WattHours(wh))),
			json!({ "first_wh": wh.to_string() }),
		),
	}
}

/// The register at a position, as people write it.
pub fn name(registers: &[Register], position: u8) -> String {
	match registers.get(usize::from(position)) {
		Some(register) => units::format_register(*register),
		None => format!("number {position}"),
	}
}

fn start(report: Report, terms: &Terms, registers: &[Register]) -> Report {
	let report = match terms.start {
		Start::Month(month) => report.with("starts", "start_month", Cell::month(month)),
		Start::Operation(Operation {
			register,
			wh,
			target,
			longstop,
			delay_per_day,
			delay_cap,
		}) => {
			let proof = format!(
				"when register {} reaches {}",
				name(registers, register),
				units::format_energy(WattHours(wh))
			);
			report
				.with(
					"starts",
					"operation",
					Cell::both(proof, json!({ "register": register, "wh": wh.to_string() })),
				)
				.with("operation by", "operation_target", Cell::time(target))
				.with("longstop", "longstop", Cell::time(longstop))
				.with("a day of delay", "delay_per_day", Cell::kwh(delay_per_day))
				.with("delay at most", "delay_cap", Cell::kwh(delay_cap))
		}
	};
	report.with("months", "months", Cell::number(terms.months))
}

fn tariff(report: Report, contract: &Contract<AccountId>, registers: &[Register]) -> Report {
	let terms = &contract.terms;
	let report = match &terms.tariff {
		Tariff::Fixed { prices } => {
			let priced = terms.registers.iter().zip(prices).map(|(register, price)| {
				let price = units::format_signed_tariff(*price);
				format!("{} {price}", name(registers, *register))
			});
			report
				.with("tariff", "tariff", Cell::text("fixed"))
				.with("prices", "prices", Cell::list(priced.collect()))
		}
		Tariff::Indexed {
			base,
			slope,
			floor,
			cap,
			index0,
		} => report
			.with("tariff", "tariff", Cell::text("indexed"))
			.with("base", "base", Cell::signed_tariff(*base))
			.with("slope", "slope", Cell::text(units::format_slope(*slope)))
			.with("floor", "floor", Cell::signed_tariff(*floor))
			.with("cap", "cap", Cell::signed_tariff(*cap))
			.with("first index", "first_index", Cell::signed_tariff(*index0)),
		Tariff::Cfd {
			strike,
			negative,
			index0,
		} => report
			.with("tariff", "tariff", Cell::text("contract for difference"))
			.with("strike", "strike", Cell::signed_tariff(*strike))
			.with(
				"an index below zero",
				"negative_index",
				Cell::text(match negative {
					NegativeIndex::Cap => "counts as zero",
					NegativeIndex::Zero => "pays nothing",
				}),
			)
			.with("first index", "first_index", Cell::signed_tariff(*index0)),
	};
	report
		.with("feed", "feed", Cell::option(contract.feed, |feed| Cell::number(feed.0)))
		.with("escalation a year", "escalation_ppm", Cell::change(terms.escalator))
}

fn volume(report: Report, terms: &Terms) -> Report {
	let volume = &terms.volume;
	let expected: Vec<_> = terms
		.expected
		.iter()
		.map(|wh| units::format_energy(WattHours(*wh)))
		.collect();
	let in_wh: Vec<_> = terms.expected.iter().map(u64::to_string).collect();
	let some = |amount: u32| Some(amount).filter(|amount| *amount > 0);
	let price = |price: Price| Cell::option(Some(price).filter(|price| *price != 0), Cell::signed_tariff);
	report
		.with(
			"expected, Jan to Dec",
			"expected_wh",
			Cell::both(expected.join(", "), json!(in_wh)),
		)
		.with(
			"quantity a year",
			"quantity_wh",
			Cell::option(Some(volume.quantity).filter(|wh| *wh > 0), |wh| {
				Cell::energy(WattHours(wh))
			}),
		)
		.with(
			"excess above",
			"excess_above_ppm",
			Cell::option(volume.excess, |excess| Cell::share(excess.over)),
		)
		.with(
			"excess costs",
			"excess_price_ppm",
			Cell::option(volume.excess, |excess| Cell::share(excess.price)),
		)
		.with(
			"take or pay",
			"take_or_pay_ppm",
			Cell::option(some(volume.take_or_pay), Cell::share),
		)
		.with(
			"make-up within years",
			"makeup_years",
			Cell::option(some(volume.makeup_years), Cell::number),
		)
		.with("reference price", "reference_price", price(volume.ref_price))
		.with(
			"guarantee",
			"guarantee_ppm",
			Cell::option(some(volume.guarantee), Cell::share),
		)
		.with("damages", "damages", price(volume.ld_price))
		.with(
			"damages a year at most",
			"damages_cap",
			Cell::option(Some(volume.ld_cap).filter(|cap| *cap > 0), Cell::kwh),
		)
}

fn consequences(report: Report, terms: &Terms) -> Report {
	let (outage, payment) = (&terms.outage, &terms.payment);
	let report = report
		.with("estimate of expected", "estimate_ppm", Cell::share(outage.estimate))
		.with("estimates at most", "max_estimates", Cell::number(outage.max_estimates))
		.with("estimated after", "outage_grace", Cell::duration(outage.outage_grace))
		.with(
			"billed at nothing after",
			"dark_final",
			Cell::duration(outage.dark_final),
		);
	let report = match terms.tariff.is_indexed() {
		true => report
			.with("earlier index after", "feed_grace", Cell::duration(outage.feed_grace))
			.with("index final after", "feed_final", Cell::duration(outage.feed_final)),
		false => report,
	};
	let (dispute, termination) = (&terms.dispute, &terms.termination);
	report
		.with("bills due after", "due", Cell::duration(payment.due))
		.with(
			"late interest a year",
			"late_interest",
			Cell::text(units::format_interest(payment.late_rate)),
		)
		.with("grace", "grace", Cell::duration(payment.grace))
		.with("top-up within", "topup", Cell::duration(payment.topup))
		.with(
			"security in months",
			"security_months",
			Cell::number(payment.security_periods),
		)
		.with("dispute bond", "dispute_bond_ppm", Cell::share(dispute.bond))
		.with("dispute timeout", "dispute_timeout", Cell::duration(dispute.timeout))
		.with(
			"seller at timeout",
			"seller_at_timeout_ppm",
			Cell::share(dispute.default),
		)
		.with(
			"early end counts months",
			"termination_months",
			Cell::number(termination.months),
		)
		.with(
			"buyer in default owes",
			"termination_buyer_ppm",
			Cell::share(termination.buyer),
		)
		.with(
			"seller in default owes",
			"termination_seller_ppm",
			Cell::share(termination.seller),
		)
		.with("buy-out costs", "buyout_ppm", Cell::share(termination.buyout))
}

fn cuts(report: Report, contract: &Contract<AccountId>) -> Report {
	let cuts = &contract.terms.cuts;
	report
		.with(
			"lender's notice",
			"lender_notice",
			Cell::duration(contract.lender.notice),
		)
		.with(
			"lender's step-in",
			"lender_step_in",
			Cell::duration(contract.lender.step_in),
		)
		.with("attestors a month", "attestor_fee", Cell::kwh(cuts.attestor_fee))
		.with(
			"at most of a payment",
			"attestor_cap_ppm",
			Cell::share(cuts.attestor_cap),
		)
		.with(
			"sweep into vault",
			"sweep_vault",
			Cell::option(contract.vault, |vault| Cell::number(vault.0)),
		)
		.with(
			"sweep share",
			"sweep_ppm",
			Cell::option(contract.vault, |_| Cell::share(cuts.sweep)),
		)
}

//! One agreement: what was agreed, where it stands, whose the money is.

use anyhow::Result;
use baseload_client::{
	billing::{agreement::Suspension, Agreement, Ending},
	primitives::{Side, Totals},
	units, AgreementView,
};
use baseload_primitives::{AgreementId, AgreementStatus, WattHours};
use serde_json::json;

use super::{change, contract, view};
use crate::{
	context::Context,
	output::{Cell, Report},
};

/// `baseload ppa show`
pub async fn run(context: &Context, agreement: AgreementId) -> Result<Report> {
	let at = context.chain().await?.best().await?;
	let view = view(&at, agreement).await?;
	let registers = at.meter_registers(view.contract.meter).await?.unwrap_or_default();
	let report = Report::record().with("agreement", "agreement", Cell::number(agreement.0));
	let report = contract::describe(report, &view.contract, &registers)
		.with("hash", "contract_hash", Cell::text(format!("{:?}", view.hash)))
		.with("proposed by", "proposer", side(view.proposer))
		.with("acts for the seller", "operator", Cell::account(&view.operator))
		.with("account", "account", Cell::account(&view.account))
		.with("now", "now", Cell::time(view.now))
		.with("deposit", "deposit", Cell::kwh(view.deposit));
	let report = lender(report, &view);
	let report = asked_for(report, &view);
	let report = match &view.billing {
		Some(billing) => open_items(progress(report, billing), billing),
		None => report
			.with("escrow so far", "deposited_escrow", Cell::kwh(view.deposits.escrow))
			.with(
				"security so far",
				"deposited_security",
				Cell::kwh(view.deposits.security),
			)
			.with("bond so far", "deposited_bond", Cell::kwh(view.deposits.bond)),
	};
	let runway = at.runway(agreement).await?;
	Ok(buckets(report, &view).with("escrow lasts days", "runway_days", Cell::option(runway, Cell::number)))
}

/// Where an agreement stands, in a word.
pub fn status(status: AgreementStatus) -> Cell {
	Cell::text(match status {
		AgreementStatus::Proposed => "proposed",
		AgreementStatus::Accepted => "accepted",
		AgreementStatus::Waiting => "waiting",
		AgreementStatus::Active => "active",
		AgreementStatus::Completed => "completed",
		AgreementStatus::Terminated => "terminated",
		AgreementStatus::Cancelled => "cancelled",
	})
}

fn side(side: Side) -> Cell {
	Cell::text(match side {
		Side::Seller => "seller",
		Side::Buyer => "buyer",
	})
}

fn lender(report: Report, view: &AgreementView) -> Report {
	let Some(lender) = &view.lender else {
		return report;
	};
	report
		.with("lender", "lender", Cell::account(&lender.account))
		.with(
			"lender told by",
			"lender_notified_by",
			Cell::option(lender.notified, |(by, _)| side(by)),
		)
		.with(
			"lender told at",
			"lender_notified_at",
			Cell::option(lender.notified, |(_, at)| Cell::time(at)),
		)
		.with(
			"stepped in at",
			"stepped_in_at",
			Cell::option(lender.stepped_in_at, Cell::time),
		)
}

fn asked_for(report: Report, view: &AgreementView) -> Report {
	let report = match &view.request {
		Some(request) => {
			let agreed = [
				("seller", request.by_seller),
				("buyer", request.by_buyer),
				("lender", request.by_lender),
			];
			let agreed = agreed.iter().filter(|(_, agreed)| *agreed);
			report
				.with("asked for", "request", Cell::text(change::describe(&request.change)))
				.with("its hash", "request_hash", Cell::text(format!("{:?}", request.hash)))
				.with(
					"agreed by",
					"request_agreed_by",
					Cell::list(agreed.map(|(who, _)| who.to_string()).collect()),
				)
		}
		None => report,
	};
	match &view.amendment {
		Some(amendment) => report.with("agreed for later", "amendment", Cell::text(change::amended(amendment))),
		None => report,
	}
}

/// How far an agreement is billed.
fn progress(report: Report, billing: &Agreement) -> Report {
	let last = |first: baseload_client::billing::Month| first.plus(billing.end.saturating_sub(1));
	let next = (billing.next < billing.end)
		.then(|| billing.month(billing.next))
		.flatten();
	let ending = billing.reason.map(|ending| match ending {
		Ending::Seller => "the buyer's default",
		Ending::Buyer => "the seller's default",
		Ending::Buyout => "a buy-out",
		Ending::Longstop => "the longstop",
	});
	let year = &billing.year;
	report
		.with(
			"first month",
			"first_month",
			Cell::option(billing.first_month, Cell::month),
		)
		.with(
			"last month",
			"last_month",
			Cell::option(billing.first_month.map(last), Cell::month),
		)
		.with("ends early by", "ending", Cell::option(ending, Cell::text))
		.with("settled up to", "settled_to", Cell::time(billing.clock))
		.with("next month to bill", "next_month", Cell::option(next, Cell::month))
		.with("bills issued", "bills_issued", Cell::number(billing.issued))
		.with("energy billed", "billed_wh", Cell::energy(WattHours(billing.wh)))
		.with(
			"this year counted",
			"year_counted_wh",
			Cell::energy(WattHours(year.counted)),
		)
		.with(
			"  delivered",
			"year_delivered_wh",
			Cell::energy(WattHours(year.delivered)),
		)
		.with("  deemed", "year_deemed_wh", Cell::energy(WattHours(year.deemed)))
		.with("  excused", "year_excused_wh", Cell::energy(WattHours(year.excused)))
}

/// What is not settled yet, item by item.
fn open_items(report: Report, billing: &Agreement) -> Report {
	let bills = listed(billing.bills.iter().map(|bill| {
		let (open, due) = (units::format_kwh(bill.open), units::format_time(bill.due));
		let json = json!({ "number": bill.number, "open": bill.open.to_string(), "due": bill.due });
		(format!("{} of bill {} due {due}", open, bill.number), json)
	}));
	let disputes = listed(billing.disputes.iter().map(|dispute| {
		let (held, until) = (units::format_kwh(dispute.held), units::format_time(dispute.timeout));
		let json = json!({
			"number": dispute.number,
			"held": dispute.held.to_string(),
			"bond": dispute.bond.to_string(),
			"until": dispute.timeout,
		});
		(format!("{held} of bill {} until {until}", dispute.number), json)
	}));
	let month = |period| billing.month(period).map(units::format_month).unwrap_or_default();
	let estimates = listed(billing.estimates.iter().map(|estimate| {
		let (amount, month) = (units::format_kwh(estimate.amount), month(estimate.period));
		let reserved = estimate.reserved.map(|reserved| reserved.to_string());
		let json = json!({
			"month": month,
			"amount": estimate.amount.to_string(),
			"due": estimate.due,
			"reserved": reserved,
		});
		(format!("{amount} for {month}"), json)
	}));
	let credits = listed(billing.credits.iter().map(|credit| {
		let (amount, due) = (units::format_kwh(credit.amount), units::format_time(credit.due));
		let json = json!({ "amount": credit.amount.to_string(), "due": credit.due });
		(format!("{amount} due {due}"), json)
	}));
	let bank = listed(billing.bank.iter().map(|entry| {
		let energy = units::format_energy(WattHours(entry.wh));
		let json = json!({ "wh": entry.wh.to_string(), "through_year": entry.through });
		(format!("{energy} through contract year {}", entry.through + 1), json)
	}));
	let suspensions = listed(billing.suspensions.iter().map(|Suspension { from, until }| {
		let (from, until) = (units::format_month(*from), until.map(units::format_month));
		let json = json!({ "from": from, "until": until });
		let until = until.map_or_else(|| "on".into(), |until| format!("to before {until}"));
		(format!("{from} {until}"), json)
	}));
	report
		.with("open bills", "open_bills", bills)
		.with("disputed bills", "disputes", disputes)
		.with("estimates", "estimates", estimates)
		.with("the seller's debts", "seller_debts", credits)
		.with("to make up", "bank", bank)
		.with("suspended", "suspensions", suspensions)
		.with(
			"buyer late since",
			"late_since",
			Cell::option(billing.since, Cell::time),
		)
		.with("buyer in default", "delinquent", Cell::flag(billing.delinquent))
		.with("top-up by", "topup_by", Cell::option(billing.topup_by, Cell::time))
}

fn listed(items: impl Iterator<Item = (String, serde_json::Value)>) -> Cell {
	let (words, items): (Vec<_>, Vec<_>) = items.unzip();
	let human = if words.is_empty() { "-".into() } else { words.join("; ") };
	Cell::both(human, items.into())
}

/// What a call led to: of an agreement that ended before it bound, or that was forgotten, nothing is left.
pub fn outcome(report: Report, view: Option<&AgreementView>) -> Report {
	match view {
		Some(view) => buckets(report, view),
		None => report.with("status", "status", Cell::text("gone")),
	}
}

/// Where an agreement stands and whose its tokens are.
pub fn buckets(report: Report, view: &AgreementView) -> Report {
	let report = report.with("status", "status", status(view.status));
	let Some(billing) = &view.billing else {
		let deposits = &view.deposits;
		return report
			.with("escrow", "escrow", Cell::kwh(deposits.escrow))
			.with("security", "security", Cell::kwh(deposits.security))
			.with("bond", "bond", Cell::kwh(deposits.bond));
	};
	let ledger = &billing.ledger;
	// What the vault does not owe and no attestor serves for goes to the payee, so that the ledger's own split is not what arrived.
	// What is due is parts of tokens that exist, so that it fits.
	let (arrived, claimable) = (&view.payouts.paid, sum(&view.payouts.due).unwrap_or(u128::MAX));
	report
		.with("escrow", "escrow", Cell::kwh(ledger.escrow))
		.with("security", "security", Cell::kwh(ledger.security))
		.with("  should be", "security_target", Cell::kwh(view.security_target))
		.with("bond", "bond", Cell::kwh(ledger.bond))
		.with("held for disputes", "held", Cell::kwh(ledger.held))
		.with("dispute bonds", "dispute_bond", Cell::kwh(ledger.dispute_bond))
		.with("provisional", "provisional", Cell::kwh(ledger.provisional))
		.with("claimable", "claimable", Cell::kwh(claimable))
		.with("paid in", "paid_in", Cell::kwh(ledger.paid_in))
		.with("billed", "accrued", Cell::kwh(ledger.accrued))
		.with("  paid", "paid", Cell::kwh(ledger.paid))
		.with("  set off", "setoff", Cell::kwh(ledger.setoff))
		.with("  waived", "waived", Cell::kwh(ledger.waived))
		.with("  in arrears", "arrears", Cell::kwh(ledger.arrears))
		.with("interest due", "interest", Cell::kwh(ledger.interest))
		.with("  paid", "interest_paid", Cell::kwh(ledger.interest_paid))
		.with("  set off", "interest_setoff", Cell::kwh(ledger.interest_setoff))
		.with("owed by seller, ever", "credited", Cell::kwh(ledger.credited))
		.with("  damages among it", "damages", Cell::kwh(ledger.damages))
		.with("  out of the bond", "bond_paid", Cell::kwh(ledger.bond_paid))
		.with("  still owed", "seller_owes", Cell::kwh(ledger.seller_owes))
		.with("to attestors", "to_attestors", Cell::kwh(arrived.attestors))
		.with("  still due", "attestor_due", Cell::kwh(ledger.attestor_due))
		.with("retired debt", "swept", Cell::kwh(arrived.burnt))
		.with("to the payee", "to_payee", Cell::kwh(arrived.payee))
		.with("back to the buyer", "to_buyer", Cell::kwh(arrived.buyer))
		.with("back to the seller", "to_seller", Cell::kwh(arrived.seller))
}

/// All of them together; `None` if that does not fit.
pub fn sum(totals: &Totals) -> Option<u128> {
	[
		totals.attestors,
		totals.burnt,
		totals.payee,
		totals.buyer,
		totals.seller,
	]
	.into_iter()
	.try_fold(0u128, u128::checked_add)
}

//! The world's state as scenario files write it.

use baseload_math::{
	billing::{Agreement, Ending, Status},
	waterfall::{Row, Tier, Waterfall},
};
use serde_json::{json, Map, Value};

use crate::world::World;

/// A list of integers, each written as a string.
macro_rules! texts {
	($($number:expr),+) => {
		Value::from(vec![$($number.to_string()),+])
	};
}

/// The state of all agreements, and of all projects if there are any.
pub fn of(world: &World) -> Result<Value, String> {
	let agreements = world.contracts.iter().map(|(id, contract)| {
		let state = agreement(&contract.agreement).map_err(|refusal| format!("agreement {id}: {refusal:?}"))?;
		Ok((id.to_string(), state))
	});
	let mut state = Map::new();
	state.insert(
		"agreements".into(),
		agreements.collect::<Result<Map<_, _>, String>>()?.into(),
	);
	if !world.projects.is_empty() {
		let projects = world
			.projects
			.iter()
			.map(|(id, waterfall)| (id.to_string(), project(waterfall)));
		state.insert("projects".into(), projects.collect::<Map<_, _>>().into());
	}
	Ok(state.into())
}

fn agreement(agreement: &Agreement) -> Result<Value, baseload_math::billing::Refusal> {
	let ledger = &agreement.ledger;
	let texts = [
		("clock", agreement.clock.to_string()),
		("accrued", ledger.accrued.to_string()),
		("paid", ledger.paid.to_string()),
		("setoff", ledger.setoff.to_string()),
		("held", ledger.held.to_string()),
		("arrears", ledger.arrears.to_string()),
		("waived", ledger.waived.to_string()),
		("interest", ledger.interest.to_string()),
		("interest_rem", ledger.interest_rem.to_string()),
		("interest_paid", ledger.interest_paid.to_string()),
		("interest_setoff", ledger.interest_setoff.to_string()),
		("rem", agreement.rem.to_string()),
		("wh", agreement.wh.to_string()),
		("ytd", agreement.year.counted.to_string()),
		("delivered", agreement.year.delivered.to_string()),
		("excused", agreement.year.excused.to_string()),
		("deemed_y", agreement.year.deemed.to_string()),
		("credited", ledger.credited.to_string()),
		("bond_paid", ledger.bond_paid.to_string()),
		("seller_owes", ledger.seller_owes.to_string()),
		("damages", ledger.damages.to_string()),
		("attestor_due", ledger.attestor_due.to_string()),
		("vault_debt", ledger.vault_debt.to_string()),
		("escrow", ledger.escrow.to_string()),
		("security", ledger.security.to_string()),
		("bond", ledger.bond.to_string()),
		("dispute_bond", ledger.dispute_bond.to_string()),
		("provisional", ledger.provisional.to_string()),
		("claimable", ledger.claimable.to_string()),
		("to_attestors", ledger.to_attestors.to_string()),
		("swept", ledger.swept.to_string()),
		("to_payee", ledger.to_payee.to_string()),
		("to_buyer", ledger.to_buyer.to_string()),
		("to_seller", ledger.to_seller.to_string()),
		("paid_in", ledger.paid_in.to_string()),
		("end", agreement.end.to_string()),
		("next_period", agreement.next.to_string()),
		("pot", ledger.pot()?.to_string()),
		("target", agreement.target()?.to_string()),
	];
	let mut state: Map<String, Value> = texts
		.into_iter()
		.map(|(name, text)| (name.into(), text.into()))
		.collect();
	let status = match agreement.status {
		Status::Waiting => "waiting",
		Status::Active => "active",
		Status::Closed => "closed",
	};
	let reason = agreement.reason.map(|ending| match ending {
		Ending::Seller => "seller",
		Ending::Buyer => "buyer",
		Ending::Buyout => "buyout",
		Ending::Longstop => "longstop",
	});
	let others = [
		("status", json!(status)),
		("delinquent", json!(agreement.delinquent)),
		("since", optional(agreement.since)),
		("topup_by", optional(agreement.topup_by)),
		("m0", optional(agreement.first_month.map(|month| month.number()))),
		("reason", json!(reason)),
	];
	state.extend(others.into_iter().map(|(name, value)| (name.into(), value)));
	state.extend(lists(agreement));
	Ok(state.into())
}

fn lists(agreement: &Agreement) -> Map<String, Value> {
	let bank = agreement
		.bank
		.iter()
		.map(|entry| texts!(entry.through, entry.wh, entry.price));
	let bills = agreement
		.bills
		.iter()
		.map(|bill| texts!(bill.due, bill.number, bill.open));
	let credits = agreement.credits.iter().map(|credit| texts!(credit.due, credit.amount));
	let corrections = agreement
		.corrections
		.iter()
		.map(|fix| texts!(fix.period, fix.normal, fix.over, fix.price));
	let disputes = agreement.disputes.iter().map(|dispute| {
		let parts = texts!(dispute.timeout, dispute.held, dispute.bond);
		(dispute.number.to_string(), parts)
	});
	let provisionals = agreement.estimates.iter().map(|estimate| {
		let parts = json!([
			estimate.due.to_string(),
			estimate.amount.to_string(),
			optional(estimate.reserved)
		]);
		(estimate.period.to_string(), parts)
	});
	let lists = [
		("bank", bank.collect()),
		("bills", bills.collect()),
		("credits", credits.collect()),
		("fix", corrections.collect()),
		("disputes", disputes.collect::<Map<_, _>>().into()),
		("provisionals", provisionals.collect::<Map<_, _>>().into()),
	];
	lists
		.into_iter()
		.map(|(name, value)| (name.to_string(), value))
		.collect()
}

fn project(project: &Waterfall) -> Value {
	let tiers = |figure: fn(&Row) -> u128| -> Value {
		let names = ["om", "fees", "interest", "principal"];
		let rows = |tier| {
			project
				.rows(tier)
				.iter()
				.map(|row| figure(row).to_string())
				.collect::<Value>()
		};
		let tiers = names
			.into_iter()
			.zip(Tier::ALL)
			.map(|(name, tier)| (name.to_string(), rows(tier)));
		tiers.collect::<Map<_, _>>().into()
	};
	json!({
		"due": tiers(|row| row.due),
		"got": tiers(|row| row.got),
		"dsra": project.reserve().to_string(),
		"swept": project.swept().to_string(),
		"vault_debt": project.vault_debt().to_string(),
		"locked": project.locked().to_string(),
		"equity": project.equity().to_string(),
		"inflow": project.inflow().to_string(),
		"om_year": project.om_billed().to_string(),
	})
}

fn optional(value: Option<impl ToString>) -> Value {
	value.map_or(Value::Null, |value| value.to_string().into())
}

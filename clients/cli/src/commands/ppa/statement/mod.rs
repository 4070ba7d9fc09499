//! `baseload ppa statement`: an invoice that a treasurer can file.
//!
//! Everything is read at the newest final block. Before anything is printed the bills are recomputed ([`recompute`]) and the
//! tokens are counted: a difference is an error.

mod arrears;
mod export;
mod payments;
mod proof;
mod recompute;
mod sections;

use std::{
	io::{self, Write},
	path::PathBuf,
};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	billing::{Agreement, Month},
	primitives::Totals,
	units, AgreementView, At,
};
use baseload_primitives::AgreementId;
use clap::Args;

use super::{change::period, show, view, write_new};
use crate::{
	context::Context,
	output::{Cell, Report},
};

/// Prints an invoice.
#[derive(Args)]
pub struct Statement {
	/// The agreement.
	agreement: AgreementId,
	/// The month that is billed, such as 2026-11.
	#[arg(long, value_parser = units::parse_month)]
	month: Month,
	/// Also write it to this new file, as comma-separated values.
	#[arg(long, value_name = "FILE")]
	csv: Option<PathBuf>,
	/// Also write it to this new file, as a page to print.
	#[arg(long, value_name = "FILE")]
	html: Option<PathBuf>,
	/// Also write it to this new file, as a JSON object.
	#[arg(long, value_name = "FILE")]
	json_file: Option<PathBuf>,
}

/// One part of an invoice.
pub struct Section {
	/// What it is called for people.
	pub title: &'static str,
	/// And for programs.
	pub key: &'static str,
	/// What it says.
	pub report: Report,
}

impl Statement {
	/// `baseload ppa statement`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let at = context.chain().await?.finalized().await?;
		let view = view(&at, self.agreement).await?;
		let sections = sections_of(&at, self.agreement, &view, self.month).await?;
		let title = format!(
			"Statement of agreement {}, {}",
			self.agreement,
			units::format_month(self.month)
		);
		for (path, text) in [
			(&self.csv, export::csv as fn(&str, &[Section]) -> String),
			(&self.html, export::html),
			(&self.json_file, export::json),
		] {
			if let Some(path) = path {
				write_new(path, &text(&title, &sections))?;
			}
		}
		let mut out = io::stdout().lock();
		match context.json() {
			true => out.write_all(export::json(&title, &sections).as_bytes())?,
			false => export::text(&title, &sections, &mut out)?,
		}
		out.flush()?;
		Ok(Report::record())
	}
}

/// The whole invoice, after all that it says was checked.
async fn sections_of(at: &At, agreement: AgreementId, view: &AgreementView, month: Month) -> Result<Vec<Section>> {
	let period = period(view, month)?;
	let billing = view.billing.as_ref().context("the agreement is not active yet")?;
	let bills = at.bills_up_to(agreement, billing.next.saturating_sub(1)).await?;
	let Some(bill) = bills.iter().find(|bill| bill.invoice.period == period) else {
		bail!(
			"{} has no bill yet as of final block {}: the meter's registers at its end have to be final, then anybody settles",
			units::format_month(month),
			at.number()
		);
	};
	let recomputed = recompute::recompute(at, agreement, view, &bills, period).await?;
	count_tokens(at, view, billing).await?;
	let registers = at.meter_registers(view.contract.meter).await?.unwrap_or_default();
	let first = bills.iter().map(|bill| bill.invoice.period).min().unwrap_or_default();
	let before = bills.iter().rev().find(|before| before.invoice.period < period);
	let document = sections::Document {
		agreement,
		view,
		billing,
		bill,
		newer_due: arrears::newer_due(billing, &bills, bill),
		recomputed: &recomputed,
		registers: &registers,
	};
	let since = before.filter(|_| period > first).map(|before| before.invoice.month);
	Ok(vec![
		document.head(at, month, since).await?,
		document.registers(),
		document.charges(),
		document.bill(),
		Section {
			title: "Payments until the next bill",
			key: "payments",
			report: payments::payments(at, agreement, period).await?,
		},
		document.deductions(),
		document.account(),
		Section {
			title: "Readings that prove it",
			key: "proof",
			report: proof::readings(at, view.contract.meter, month).await?,
		},
		Section {
			title: "Checked",
			key: "checked",
			report: Report::record()
				.with("bills recomputed", "bills_recomputed", Cell::number(bills.len() as u64))
				.with("all equal the chain's", "equal", Cell::flag(true))
				.with("tokens are all somebody's", "tokens_explained", Cell::flag(true)),
		},
	])
}

/// Fails unless all that left the buckets arrived or is claimable, and the agreement's account holds what the buckets, claims and
/// reserve come to. It can hold more: anybody can send tokens there.
async fn count_tokens(at: &At, view: &AgreementView, billing: &Agreement) -> Result<()> {
	match billing.broken_invariant() {
		Ok(None) => (),
		Ok(Some(number)) => bail!("the chain's buckets break invariant {number} of billing"),
		Err(refusal) => bail!("the chain's buckets cannot be added up: {refusal:?}"),
	}
	let ledger = &billing.ledger;
	let out = Totals {
		attestors: ledger.to_attestors,
		burnt: ledger.swept,
		payee: ledger.to_payee,
		buyer: ledger.to_buyer,
		seller: ledger.to_seller,
	};
	let payouts = &view.payouts;
	ensure!(
		payouts.seen == out,
		"what was paid out, {:?}, is not what left the buckets, {out:?}",
		payouts.seen
	);
	let (seen, due, paid) = (&payouts.seen, &payouts.due, &payouts.paid);
	for (what, seen, due, paid) in [
		("attestors", seen.attestors, due.attestors, paid.attestors),
		("the sweep", seen.burnt, due.burnt, paid.burnt),
	] {
		ensure!(
			due.checked_add(paid).is_some_and(|taken| taken <= seen),
			"{what} took more than the {} that left the buckets for them",
			units::format_kwh(seen)
		);
	}
	let sum = |totals: &Totals| show::sum(totals).context("the payouts cannot be added up");
	let (seen, due, paid) = (sum(seen)?, sum(due)?, sum(paid)?);
	ensure!(
		due.checked_add(paid) == Some(seen),
		"of {} that left the buckets, {} were paid and {} are claimable",
		units::format_kwh(seen),
		units::format_kwh(paid),
		units::format_kwh(due)
	);
	let pot = billing.ledger.pot();
	let pot = pot.map_err(|refusal| anyhow::anyhow!("the buckets cannot be added up: {refusal:?}"))?;
	let owned = pot.checked_add(due).and_then(|owned| owned.checked_add(view.reserve));
	let held = at.kwh(&view.account).await?.free;
	ensure!(
		owned.is_some_and(|owned| owned <= held),
		"the agreement's account holds {}, less than its buckets {} and {} claimable",
		units::format_kwh(held),
		units::format_kwh(pot),
		units::format_kwh(due)
	);
	Ok(())
}

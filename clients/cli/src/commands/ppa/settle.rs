//! Settling, step by step until nothing is due any more.

use std::io::{self, Write};

use anyhow::Result;
use baseload_client::{billing::ledger::Ledger, calls, primitives::Totals, units, AgreementView, Error};
use baseload_primitives::AgreementId;
use clap::Args;

use super::{show, view};
use crate::{
	context::{Context, Sent},
	output::{Cell, Report},
};

/// The most steps that the chain plays in one call.
const MOST_STEPS: u32 = 64;

/// Bills, pays and collects all that is due.
#[derive(Args)]
pub struct Settle {
	/// The agreement.
	agreement: AgreementId,
	/// How many steps in one transaction, at most 64: a step is a bill, a due date, an estimate and the like.
	#[arg(long, default_value_t = MOST_STEPS, value_parser = clap::value_parser!(u32).range(1..=MOST_STEPS as i64))]
	steps: u32,
	/// Send one transaction only, even if more is due.
	#[arg(long)]
	once: bool,
}

impl Settle {
	/// `baseload ppa settle`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let before = view(&chain.best().await?, self.agreement).await?;
		let mut last = None;
		let mut transactions = 0u32;
		loop {
			let sent = match context.send(&chain, calls::settle(self.agreement, self.steps)).await {
				Ok(sent) => sent,
				// The chain, or somebody else, has settled the rest.
				Err(error) => match last.filter(|_| is_settled_already(&error)) {
					Some((sent, after)) => return Ok(self.report(sent, transactions, &before, &after)),
					None => return Err(error),
				},
			};
			transactions += 1;
			let after = view(&chain.at(sent.receipt.block_hash).await?, self.agreement).await?;
			if self.once || is_settled(&after) {
				return Ok(self.report(sent, transactions, &before, &after));
			}
			progress(context, &after);
			last = Some((sent, after));
		}
	}

	fn report(&self, sent: Sent, transactions: u32, before: &AgreementView, after: &AgreementView) -> Report {
		let sent = sent.with("agreement", "agreement", Cell::number(self.agreement.0));
		let report = sent
			.report()
			.with("transactions", "transactions", Cell::number(transactions));
		show::buckets(moved(report, before, after), after)
	}
}

/// True if nothing was due any more.
fn is_settled_already(error: &anyhow::Error) -> bool {
	error
		.downcast_ref::<Error>()
		.is_some_and(|error| error.is("PpaEscrow", "NothingToSettle"))
}

/// True if everything before the block was played.
fn is_settled(view: &AgreementView) -> bool {
	view.billing.as_ref().is_none_or(|billing| billing.clock >= view.now) || view.closed_at.is_some()
}

/// Tells people how far settling has come.
fn progress(context: &Context, view: &AgreementView) {
	if let Some(billing) = view.billing.as_ref().filter(|_| !context.json()) {
		// Progress is a courtesy: settling goes on without it.
		let _ = writeln!(
			io::stderr(),
			"settled up to {}: {} of {} months billed",
			units::format_time(billing.clock),
			billing.next,
			billing.end
		);
	}
}

/// What settling changed.
fn moved(report: Report, before: &AgreementView, after: &AgreementView) -> Report {
	let ledger = |view: &AgreementView| view.billing.as_ref().map(|billing| billing.ledger).unwrap_or_default();
	let (earlier, arrived) = (before.payouts.paid, after.payouts.paid);
	let (before, after) = (ledger(before), ledger(after));
	let grown = |of: fn(&Ledger) -> u128| Cell::kwh(of(&after).saturating_sub(of(&before)));
	let arrived = |of: fn(&Totals) -> u128| Cell::kwh(of(&arrived).saturating_sub(of(&earlier)));
	report
		.with("billed now", "billed_now", grown(|ledger| ledger.accrued))
		.with("paid now", "paid_now", grown(|ledger| ledger.paid))
		.with("of it to attestors", "to_attestors_now", arrived(|paid| paid.attestors))
		.with("of it retired debt", "swept_now", arrived(|paid| paid.burnt))
		.with("set off now", "setoff_now", grown(|ledger| ledger.setoff))
		.with(
			"interest paid now",
			"interest_paid_now",
			grown(|ledger| ledger.interest_paid),
		)
}

//! When a bill and what was late beside it were paid, block by block.
//!
//! What was paid, set off or given up in all only grows, so that each block in which it grew is found by halving. That needs a node
//! that keeps old states.

use anyhow::{Context as _, Result};
use baseload_client::{
	billing::{ledger::Ledger, Money, Period},
	At,
};
use baseload_primitives::AgreementId;

use super::proof::first_block;
use crate::output::{Cell, Report};

/// The most payments that are listed: what is left out is said.
const MOST: usize = 60;

/// All payments from the issue of the bill of `period` to the issue of the next one, or to the block.
pub async fn payments(at: &At, agreement: AgreementId, period: Period) -> Result<Report> {
	let rows = match found(at, agreement, period).await {
		Ok(rows) => rows,
		// An old state that the node has thrown away is no contradiction, and nothing of it is made up.
		Err(error) => vec![note(format!("not found: {error:#}"))],
	};
	Ok(Report::Table {
		name: "payments",
		columns: vec![
			("block", "block_number"),
			("time", "time"),
			("paid", "paid"),
			("set off", "setoff"),
			("interest", "interest"),
			("to attestors", "to_attestors"),
			("retired debt", "swept"),
			("to the payee", "to_payee"),
			("block hash", "block_hash"),
		],
		rows,
	})
}

async fn found(at: &At, agreement: AgreementId, period: Period) -> Result<Vec<Vec<Cell>>> {
	let issued = |period: Period| {
		move |at: At| async move {
			let view = at.agreement(agreement).await?;
			Ok(view.is_some_and(|view| view.billing.is_some_and(|billing| billing.next > period)))
		}
	};
	let first = first_block(at, 0, issued(period)).await?;
	let last = match first_block(at, first.number(), issued(period + 1)).await {
		Ok(next) => parent(&next).await?,
		Err(_) => at.clone(),
	};
	let mut before = ledger(&parent(&first).await?, agreement).await?;
	let mut low = first.number();
	let end = ledger(&last, agreement).await?;
	let mut rows = Vec::new();
	while settled(&before) < settled(&end) {
		if rows.len() == MOST {
			rows.push(note(format!("only the first {MOST} are listed")));
			break;
		}
		let known = settled(&before);
		let block = first_block(&last, low, |at| async move {
			Ok(settled(&ledger(&at, agreement).await?) > known)
		})
		.await?;
		let after = ledger(&block, agreement).await?;
		rows.push(row(&block, &before, &after).await?);
		(low, before) = (block.number(), after);
	}
	Ok(rows)
}

/// What was settled of all bills and interest. Only grows.
fn settled(ledger: &Ledger) -> Money {
	[ledger.paid, ledger.setoff, ledger.interest_paid, ledger.interest_setoff]
		.into_iter()
		.fold(0, Money::saturating_add)
}

async fn ledger(at: &At, agreement: AgreementId) -> Result<Ledger> {
	let view = at.agreement(agreement).await?;
	let billing = view.and_then(|view| view.billing);
	Ok(billing.map(|billing| billing.ledger).unwrap_or_default())
}

async fn parent(at: &At) -> Result<At> {
	let hash = at.chain().block_hash(at.number().saturating_sub(1)).await?;
	Ok(at.chain().at(hash.context("the node lost a block")?).await?)
}

async fn row(block: &At, before: &Ledger, after: &Ledger) -> Result<Vec<Cell>> {
	let grown = |of: fn(&Ledger) -> Money| Cell::kwh(of(after).saturating_sub(of(before)));
	Ok(vec![
		Cell::number(block.number()),
		Cell::time(block.timestamp().await?),
		grown(|ledger| ledger.paid),
		grown(|ledger| ledger.setoff),
		grown(|ledger| ledger.interest_paid.saturating_add(ledger.interest_setoff)),
		grown(|ledger| ledger.to_attestors),
		grown(|ledger| ledger.swept),
		grown(|ledger| ledger.to_payee),
		Cell::text(format!("{:?}", block.hash())),
	])
}

fn note(text: String) -> Vec<Cell> {
	let nothing = || Cell::option(None::<u64>, Cell::number);
	let mut row: Vec<_> = std::iter::repeat_with(nothing).take(8).collect();
	row.push(Cell::text(text));
	row
}

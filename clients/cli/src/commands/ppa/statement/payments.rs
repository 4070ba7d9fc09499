//! When a bill and what was late beside it were paid, block by block.
//!
//! What was paid or set off in all, and what arrived of it, only grows, so that each block in which it grew is found by halving.
//! That needs a node that keeps old states.

use anyhow::{Context as _, Result};
use baseload_client::{
	billing::{ledger::Ledger, Money, Period},
	primitives::Totals,
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
	let last = match issued(period + 1)(at.clone()).await? {
		true => parent(&first_block(at, first.number(), issued(period + 1)).await?).await?,
		false => at.clone(),
	};
	let mut before = moved(&parent(&first).await?, agreement).await?;
	let mut low = first.number();
	let end = moved(&last, agreement).await?;
	let mut rows = Vec::new();
	while before.in_all() < end.in_all() {
		if rows.len() == MOST {
			rows.push(note(format!("only the first {MOST} are listed")));
			break;
		}
		let known = before.in_all();
		let block = first_block(&last, low, |at| async move {
			Ok(moved(&at, agreement).await?.in_all() > known)
		})
		.await?;
		let after = moved(&block, agreement).await?;
		rows.push(row(&block, &before, &after).await?);
		(low, before) = (block.number(), after);
	}
	Ok(rows)
}

/// What moved so far.
#[derive(Default)]
struct Moved {
	/// Between the buckets.
	ledger: Ledger,
	/// Out of the agreement's account.
	arrived: Totals,
}

impl Moved {
	/// What was settled of all bills and interest, and what the seller's side was paid. Only grows.
	fn in_all(&self) -> Money {
		let (ledger, arrived) = (&self.ledger, &self.arrived);
		[
			ledger.paid,
			ledger.setoff,
			ledger.interest_paid,
			ledger.interest_setoff,
			arrived.attestors,
			arrived.burnt,
			arrived.payee,
		]
		.into_iter()
		.fold(0, Money::saturating_add)
	}
}

async fn moved(at: &At, agreement: AgreementId) -> Result<Moved> {
	let Some(view) = at.agreement(agreement).await? else {
		return Ok(Moved::default());
	};
	Ok(Moved {
		ledger: view.billing.map(|billing| billing.ledger).unwrap_or_default(),
		arrived: view.payouts.paid,
	})
}

async fn parent(at: &At) -> Result<At> {
	let hash = at.chain().block_hash(at.number().saturating_sub(1)).await?;
	Ok(at.chain().at(hash.context("the node lost a block")?).await?)
}

async fn row(block: &At, before: &Moved, after: &Moved) -> Result<Vec<Cell>> {
	let grown = |of: fn(&Moved) -> Money| Cell::kwh(of(after).saturating_sub(of(before)));
	Ok(vec![
		Cell::number(block.number()),
		Cell::time(block.timestamp().await?),
		grown(|moved| moved.ledger.paid),
		grown(|moved| moved.ledger.setoff),
		grown(|moved| {
			let ledger = &moved.ledger;
			ledger.interest_paid.saturating_add(ledger.interest_setoff)
		}),
		grown(|moved| moved.arrived.attestors),
		grown(|moved| moved.arrived.burnt),
		grown(|moved| moved.arrived.payee),
		Cell::text(format!("{:?}", block.hash())),
	])
}

fn note(text: String) -> Vec<Cell> {
	let nothing = || Cell::option(None::<u64>, Cell::number);
	let mut row: Vec<_> = std::iter::repeat_with(nothing).take(8).collect();
	row.push(Cell::text(text));
	row
}

//! The readings that fix the registers at a month's start, and the blocks that hold them.

use std::future::Future;

use anyhow::Result;
use baseload_client::{
	billing::{Moment, Month},
	device::format_device_signature,
	units, At, H256,
};
use baseload_primitives::{MeterId, Reading};

use crate::output::{Cell, Report};

/// A reading and the block that holds it.
struct Held {
	reading: Reading,
	signature: String,
	block: u64,
	hash: H256,
}

/// The readings on both sides of the starts of a month and of the next one, and their blocks.
pub async fn readings(at: &At, meter: MeterId, month: Month) -> Result<Report> {
	let mut rows = Vec::new();
	for (edge, moment) in [("opening", month.start()), ("closing", month.end())] {
		let found = around(at, meter, moment).await;
		match found {
			Ok(found) => rows.extend(found.iter().map(|held| row(edge, held))),
			// An old state that the node has thrown away is no contradiction, and nothing of it is made up.
			Err(error) => rows.push(unknown(edge, &format!("not found: {error:#}"))),
		}
	}
	Ok(Report::Table {
		name: "proof",
		columns: vec![
			("for", "edge"),
			("sequence", "sequence"),
			("measured", "measured_at"),
			("registers", "registers"),
			("block", "block_number"),
			("block hash", "block_hash"),
			("signature", "signature"),
		],
		rows,
	})
}

fn row(edge: &str, held: &Held) -> Vec<Cell> {
	vec![
		Cell::text(edge),
		Cell::number(held.reading.sequence),
		Cell::time(held.reading.measured_at),
		Cell::list(held.reading.registers.iter().map(u64::to_string).collect()),
		Cell::number(held.block),
		Cell::text(format!("{:?}", held.hash)),
		Cell::text(held.signature.clone()),
	]
}

fn unknown(edge: &str, why: &str) -> Vec<Cell> {
	let nothing = || Cell::option(None::<u64>, Cell::number);
	vec![
		Cell::text(edge),
		nothing(),
		nothing(),
		nothing(),
		nothing(),
		Cell::text(why),
		nothing(),
	]
}

/// The newest reading before `moment` and the first one at or beyond it, those of them that are device readings in blocks.
async fn around(at: &At, meter: MeterId, moment: Moment) -> Result<Vec<Held>> {
	let first = first_block(at, 0, |at| async move {
		Ok(newest(&at, meter).await?.is_some_and(|newest| newest >= moment))
	})
	.await?;
	let mut found = held(&first, meter).await?;
	found.sort_by_key(|held| held.reading.measured_at);
	let split = found.partition_point(|held| held.reading.measured_at < moment);
	let after = found.split_off(split).into_iter().next();
	let mut before = found.pop();
	if before.is_none() {
		before = newest_before(&first, meter).await?;
	}
	Ok(before.into_iter().chain(after).collect())
}

/// The meter's newest reading before a block, where it is held.
async fn newest_before(first: &At, meter: MeterId) -> Result<Option<Held>> {
	let Some(hash) = first.chain().block_hash(first.number().saturating_sub(1)).await? else {
		return Ok(None);
	};
	let parent = first.chain().at(hash).await?;
	let Some(before) = newest(&parent, meter).await? else {
		return Ok(None);
	};
	let holder = first_block(&parent, 0, |at| async move {
		Ok(newest(&at, meter).await?.is_some_and(|newest| newest >= before))
	})
	.await?;
	let found = held(&holder, meter).await?;
	let mut same = found.into_iter().filter(|held| held.reading.measured_at == before);
	Ok(same.next())
}

/// When a meter's newest reading was measured: of a removed meter the newest that is final and measured, later than anything that
/// was billed.
async fn newest(at: &At, meter: MeterId) -> Result<Option<Moment>> {
	let newest = match at.meter(meter).await? {
		Some(view) => view.newest,
		None => at.removed_meter(meter).await?.map(|kept| kept.newest_measured),
	};
	Ok(newest.map(|newest| newest.measured_at))
}

/// The meter's readings in a block.
async fn held(at: &At, meter: MeterId) -> Result<Vec<Held>> {
	let readings = at.signed_readings().await?.into_iter().filter(|(of, _)| *of == meter);
	let held = readings.map(|(_, signed)| Held {
		reading: signed.reading,
		signature: format_device_signature(signed.signature),
		block: at.number(),
		hash: at.hash(),
	});
	Ok(held.collect())
}

/// The first block from number `from` up to `at` in whose state `is_true`, which stays true once it is. Needs a node that keeps
/// old states.
pub async fn first_block<F>(at: &At, from: u64, is_true: impl Fn(At) -> F) -> Result<At>
where
	F: Future<Output = Result<bool>>,
{
	let chain = at.chain();
	let (mut low, mut high) = (from.min(at.number()), at.number());
	while low < high {
		let middle = low + (high - low) / 2;
		let Some(hash) = chain.block_hash(middle).await? else {
			anyhow::bail!("the node lost block {middle}");
		};
		match is_true(chain.at(hash).await?).await? {
			true => high = middle,
			false => low = middle + 1,
		}
	}
	let Some(hash) = chain.block_hash(high).await? else {
		anyhow::bail!("the node lost block {high}");
	};
	let found = chain.at(hash).await?;
	anyhow::ensure!(
		is_true(found.clone()).await?,
		"not in any block up to {} of {}",
		at.number(),
		units::format_time(at.timestamp().await?)
	);
	Ok(found)
}

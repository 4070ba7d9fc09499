//! The index that prices follow is late. A fixed price needs none: see the other scenarios.

use anyhow::Result;
use baseload_client::Chain;
use baseload_primitives::SECOND;
use baseload_tests::ppa::{amount, Draft, People, Plant, KWH};

use super::insist;

/// A draft over a feed.
fn following(plant: &Plant, tariff: &'static str, feed: u32) -> Draft {
	plant
		.draft(2, 24)
		.without("tariff.fixed", None)
		.with_number(tariff, "feed", feed)
		.with(tariff, "first-index", "3 KWH/kWh")
		.with("outage", "feed-final", "300 days")
}

/// Nobody publishes the index. After its last day what was billed at the index agreed for want of any, 3, is final: a later one
/// changes nothing.
pub async fn indexed_bill_should_stand_when_its_index_never_comes(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let last_day = plant.since_end(2, 60 * SECOND).await?;
	let draft = following(&plant, "tariff.indexed", 20)
		.with("tariff.indexed", "base", "0 KWH/kWh")
		.with("tariff.indexed", "slope", "1")
		.with("tariff.indexed", "floor", "0 KWH/kWh")
		.with("tariff.indexed", "cap", "9 KWH/kWh")
		.with("outage", "feed-final", &last_day);
	let id = plant.sign(&draft)?;
	let (cli, month) = (&plant.cli, plant.month_ago(2));
	cli.run(&format!("ppa fund {id} 600KWH --as Alice"))?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	plant.read_months(1, &[0, 100_000]).await?;
	plant
		.settle_until(id, "final", |billing| {
			billing.ledger.paid == 300 * KWH && billing.corrections.is_empty()
		})
		.await?;
	cli.run(&format!(
		"ppa feed publish 20 --month {month} 5KWH/kWh --sudo --as Alice"
	))?;
	// The next month's price is the latest index before it.
	plant.read_months(0, &[150_000]).await?;
	let next = plant
		.settle_until(id, "next month paid", |billing| {
			billing.next == 2 && billing.bills.is_empty()
		})
		.await?;
	assert_eq!((next.ledger.accrued, next.ledger.escrow), (550 * KWH, 50 * KWH));
	let statement = plant.statement(id, 2).await?;
	assert_eq!(amount(&statement["bill"]["amount"])?, 300 * KWH);
	assert_eq!(amount(&statement["bill"]["corrected_up"])?, 0);
	assert_eq!(statement["bill"]["index_final"], false);
	Ok(())
}

/// The registers are final and the index never comes: after its last day anybody has the one agreed for want of any, 3, stand in,
/// and 100 kWh are billed at 4 - 3.
pub async fn difference_should_be_billed_when_its_index_is_fixed(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let last_day = plant.since_end(2, 60 * SECOND).await?;
	let draft = following(&plant, "tariff.cfd", 21)
		.with("tariff.cfd", "strike", "4 KWH/kWh")
		.with("tariff.cfd", "negative-index", "pays-nothing")
		.with("outage", "feed-final", &last_day);
	let id = plant.sign(&draft)?;
	let (cli, month) = (&plant.cli, plant.month_ago(2));
	cli.run(&format!("ppa fund {id} 500KWH --as Alice"))?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	cli.refused(&format!("ppa fix-index {id} --as Dave"), "too early")?;
	plant.read_months(1, &[0, 100_000]).await?;
	let waits = plant.view(id).await?.billing;
	assert_eq!(waits.map(|billing| billing.next), Some(0));
	insist(&plant, &format!("ppa fix-index {id} --as Dave"), "too early").await?;
	let paid = plant
		.settle_until(id, "paid", |billing| billing.ledger.paid == 100 * KWH)
		.await?;
	assert_eq!((paid.next, paid.ledger.escrow), (1, 400 * KWH));
	// That is for good, and the next month waits for its own.
	cli.run(&format!(
		"ppa feed publish 21 --month {month} 1KWH/kWh --sudo --as Alice"
	))?;
	cli.refused(&format!("ppa fix-index {id} --as Dave"), "too early")?;
	let statement = plant.statement(id, 2).await?;
	assert_eq!(amount(&statement["bill"]["amount"])?, 100 * KWH);
	assert_eq!(statement["bill"]["index"], "3");
	Ok(())
}

/// 100 kWh are billed at the index agreed for want of any, 3; the true one is 5, and one more bill makes up for it.
pub async fn indexed_bill_should_be_corrected_when_its_index_comes_late(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = following(&plant, "tariff.indexed", 10)
		.with("tariff.indexed", "base", "0 KWH/kWh")
		.with("tariff.indexed", "slope", "1")
		.with("tariff.indexed", "floor", "0 KWH/kWh")
		.with("tariff.indexed", "cap", "9 KWH/kWh");
	let id = plant.sign(&draft)?;
	let (cli, month) = (&plant.cli, plant.month_ago(2));
	cli.run(&format!("ppa fund {id} 600KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	plant.read_months(1, &[0, 100_000]).await?;
	let billed = plant
		.settle_until(id, "billed at an earlier index", |billing| {
			billing.ledger.paid == 300 * KWH
		})
		.await?;
	assert_eq!(billed.corrections.len(), 1);
	cli.refused(&format!("ppa feed publish 10 --month {month} 5KWH/kWh --as Alice"), "")?;
	cli.run(&format!(
		"ppa feed publish 10 --month {month} 5KWH/kWh --sudo --as Alice"
	))?;
	let corrected = plant
		.settle_until(id, "corrected", |billing| billing.ledger.paid == 500 * KWH)
		.await?;
	assert!(corrected.corrections.is_empty());
	let statement = plant.statement(id, 2).await?;
	assert_eq!(amount(&statement["bill"]["amount"])?, 300 * KWH);
	assert_eq!(amount(&statement["bill"]["corrected_up"])?, 200 * KWH);
	assert_eq!(statement["bill"]["index_final"], false);
	Ok(())
}

/// The registers are final, and yet nothing is billed before the index is known: then 100 kWh at 4 - 1. The next month's is above
/// the strike, and the seller owes.
pub async fn difference_should_wait_when_its_index_is_not_known(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = following(&plant, "tariff.cfd", 11)
		.with("tariff.cfd", "strike", "4 KWH/kWh")
		.with("tariff.cfd", "negative-index", "pays-nothing");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 500KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	plant.read_months(0, &[0, 100_000, 200_000]).await?;
	let waits = plant.view(id).await?.billing;
	assert_eq!(waits.map(|billing| billing.next), Some(0));
	cli.run(&format!(
		"ppa feed publish 11 --month {} 1KWH/kWh --sudo --as Alice",
		plant.month_ago(2)
	))?;
	plant
		.settle_until(id, "first month paid", |billing| billing.ledger.paid == 300 * KWH)
		.await?;
	cli.run(&format!(
		"ppa feed publish 11 --month {} 6KWH/kWh --sudo --as Alice",
		plant.month_ago(1)
	))?;
	let owed = plant
		.settle_until(id, "the seller owes", |billing| billing.ledger.seller_owes == 200 * KWH)
		.await?;
	assert_eq!(
		(owed.next, owed.ledger.accrued, owed.ledger.escrow),
		(2, 300 * KWH, 200 * KWH)
	);
	let statement = plant.statement(id, 1).await?;
	assert_eq!(amount(&statement["bill"]["credited"])?, 200 * KWH);
	Ok(())
}

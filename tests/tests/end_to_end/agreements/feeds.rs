//! The index that prices follow is late. A fixed price needs none: see the other scenarios.

use anyhow::Result;
use baseload_client::Chain;
use baseload_tests::ppa::{amount, Draft, Plant, KWH};

/// A draft over a feed.
fn following(plant: &Plant, tariff: &'static str, feed: u32) -> Draft {
	plant
		.draft(2, 24)
		.without("tariff.fixed", None)
		.with_number(tariff, "feed", feed)
		.with(tariff, "first-index", "3 KWH/kWh")
		.with("outage", "feed-final", "300 days")
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

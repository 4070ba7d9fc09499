//! Several agreements bill one meter.

use anyhow::{Context, Result};
use baseload_client::{billing::Status, Chain};
use baseload_tests::ppa::{amount, People, Plant, KWH};

/// Of 100 kWh the first agreement has 30 before the others, which cut the rest at 60 % and 40 %. A fourth finds nothing left, and none
/// may be put before those with a percentage. All bills together are the meter's 100 kWh, and the statements say the same when all
/// three are closed and the meter's shares forgotten.
pub async fn agreements_should_share_what_the_meter_counted_once(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let (cli, meter) = (&plant.cli, plant.meter);
	let with_share = |key: &'static str, share: &str| plant.sign(&plant.draft(2, 1).with("delivery", key, share));
	let shares = [
		("share.first", "30 kWh", 30),
		("share.percent", "60 %", 42),
		("share.percent", "40 %", 28),
	];
	let mut agreements = Vec::new();
	for (key, share, kwh) in shares {
		let id = with_share(key, share)?;
		cli.run(&format!("ppa fund {id} {kwh}KWH --as Alice"))?;
		cli.run(&format!("ppa activate {id} --as Dave"))?;
		agreements.push((id, kwh * KWH));
	}
	let more = with_share("share.percent", "0.1 %")?;
	cli.refused(&format!("ppa activate {more} --as Dave"), "more than the whole")?;
	let before = with_share("share.first", "1 kWh")?;
	cli.refused(&format!("ppa activate {before} --as Dave"), "Priorities come first")?;
	let month = plant.month_ago(2);
	let listed = cli.run(&format!("ppa shares {meter} --month {month}"))?;
	let listed = listed["shares"].as_array().context("a list")?;
	assert!(
		listed.len() == 3 && listed.iter().all(|row| row["in_force"] == true),
		"{listed:?}"
	);

	plant.read_months(1, &[5_000, 105_000]).await?;
	for (id, bill) in &agreements {
		let closed = plant
			.settle_until(*id, "closed", |billing| billing.status == Status::Closed)
			.await?;
		assert_eq!((closed.ledger.accrued, closed.ledger.paid), (*bill, *bill));
	}
	let gone = cli.run(&format!("ppa shares {meter} --month {month}"))?;
	assert_eq!(gone["shares"].as_array().map(Vec::len), Some(0));
	for (id, bill) in &agreements {
		let statement = plant.statement(*id, 2).await?;
		assert_eq!(amount(&statement["bill"]["amount"])?, *bill);
		assert_eq!(statement["registers"][0]["advance_wh"], "100000");
	}
	Ok(())
}

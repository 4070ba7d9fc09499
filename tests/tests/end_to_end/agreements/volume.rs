//! The meter is silent, and energy that did not flow.

use anyhow::{Context, Result};
use baseload_client::Chain;
use baseload_primitives::SECOND;
use baseload_tests::ppa::{amount, People, Plant, KWH};

/// Two months of 100 KWH each are estimated with 150 in the escrow. Then the meter tells 70 and 120: one bill sends back, the other
/// asks for more.
pub async fn estimates_should_be_trued_up_when_the_meter_returns(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(2, 24)
		.expecting("100 kWh")
		.with("outage", "estimate", "100 %")
		.with_number("outage", "max-estimates", 2)
		.with("outage", "grace", "10s");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 150KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	let dark = plant
		.settle_until(id, "estimated", |billing| billing.ledger.provisional == 150 * KWH)
		.await?;
	// Nobody is paid, nothing is billed, nothing is late.
	let ledger = dark.ledger;
	assert_eq!(
		(ledger.accrued, ledger.to_payee, ledger.arrears, ledger.escrow),
		(0, 0, 0, 0)
	);
	assert_eq!(dark.estimates.len(), 2);

	plant.read_months(1, &[0, 70_000]).await?;
	let down = plant
		.settle_until(id, "first month billed", |billing| billing.ledger.paid >= 70 * KWH)
		.await?;
	// 30 come back into the escrow.
	assert_eq!((down.ledger.escrow, down.ledger.provisional), (30 * KWH, 50 * KWH));
	plant.read_months(0, &[190_000]).await?;
	let up = plant
		.settle_until(id, "second month late", |billing| billing.ledger.arrears > 0)
		.await?;
	// 50 were reserved, 30 are there, 40 are missing.
	assert_eq!((up.ledger.paid, up.ledger.arrears), (150 * KWH, 40 * KWH));
	cli.run(&format!("ppa fund {id} 40KWH --as Charlie"))?;
	let paid = plant
		.settle_until(id, "paid", |billing| billing.ledger.paid == 190 * KWH)
		.await?;
	assert_eq!((paid.ledger.escrow, paid.ledger.provisional), (0, 0));
	Ok(())
}

/// Both months are estimated with 100 KWH each. The first stays dark to its last day: it is billed at nothing and its reserve goes
/// back. When the meter tells 70 and 120, both are in the second month's bill.
pub async fn dark_month_should_join_the_next_bill_when_it_stays_dark(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let last_day = plant.since_end(2, 60 * SECOND).await?;
	let draft = plant
		.draft(2, 24)
		.expecting("100 kWh")
		.with("outage", "estimate", "100 %")
		.with_number("outage", "max-estimates", 2)
		.with("outage", "grace", "10s")
		.with("outage", "dark-final", &last_day);
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 300KWH --as Alice"))?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	plant
		.settle_until(id, "estimated", |billing| billing.ledger.provisional == 200 * KWH)
		.await?;
	let dark = plant.settle_until(id, "dark", |billing| billing.next == 1).await?;
	let ledger = dark.ledger;
	assert_eq!((ledger.accrued, ledger.provisional), (0, 100 * KWH));
	assert_eq!((ledger.escrow, dark.unbilled), (200 * KWH, 0));

	plant.read_months(0, &[0, 70_000, 190_000]).await?;
	let paid = plant
		.settle_until(id, "paid", |billing| billing.ledger.paid == 190 * KWH)
		.await?;
	assert_eq!((paid.ledger.escrow, paid.ledger.provisional), (110 * KWH, 0));
	// Each Wh is in one bill.
	let first = plant.statement(id, 2).await?;
	assert_eq!(amount(&first["bill"]["amount"])?, 0);
	let second = plant.statement(id, 1).await?;
	assert_eq!(amount(&second["bill"]["amount"])?, 190 * KWH);
	assert_eq!(amount(&second["bill"]["reserved"])?, 100 * KWH);
	assert_eq!(second["registers"][0]["advance_wh"], "190000");
	Ok(())
}

/// 160 of 200 kWh have to be taken, 100 were, 40 are excused by the resolver and 10 deemed by both: 10 are paid and not taken.
pub async fn excused_and_deemed_energy_should_count_when_they_are_declared(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(2, 2)
		.with("volume", "quantity", "1200 kWh")
		.with("volume", "take-or-pay", "80 %")
		.with_number("volume", "makeup-years", 1);
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 200KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	let (first, last) = (plant.month_ago(2), plant.month_ago(1));
	// The resolver's word is enough; a party's waits for the other's.
	let declared = cli.run(&format!("ppa declare {id} excused 40kWh --month {first} --as Dave"))?;
	assert_eq!(declared["made"], true);
	let asked = cli.run(&format!("ppa declare {id} deemed 10kWh --month {last} --as Bob"))?;
	assert_eq!(asked["made"], false);
	let hash = asked["change_hash"].as_str().context("a text")?;
	let other = format!("0x{}", "00".repeat(32));
	cli.refused(&format!("ppa agree {id} --hash {other} --as Charlie"), "hash")?;
	assert_eq!(
		cli.run(&format!("ppa agree {id} --hash {hash} --as Charlie"))?["made"],
		true
	);
	cli.refused(
		&format!("ppa declare {id} deemed 1kWh --month 2020-01 --as Dave"),
		"not of the agreement's term",
	)?;

	plant.read_months(0, &[0, 50_000, 100_000]).await?;
	let billed = plant
		.settle_until(id, "billed", |billing| billing.next == 2 && billing.bills.is_empty())
		.await?;
	assert_eq!(billed.ledger.accrued, 120 * KWH);
	let bills = cli.run(&format!("ppa bills {id}"))?;
	assert_eq!(amount(&bills["bills"][0]["amount"])?, 50 * KWH);
	assert_eq!(amount(&bills["bills"][1]["amount"])?, 70 * KWH);
	let statement = plant.statement(id, 1).await?;
	assert_eq!(statement["bill"]["deemed_wh"], "10000");
	let short = statement["charges"]
		.as_array()
		.and_then(|charges| charges.last())
		.context("charges")?;
	assert_eq!(
		(&short["what"], &short["wh"]),
		(&"paid but not taken".into(), &"10000".into())
	);
	Ok(())
}

//! A bill is disputed, or the reading that it follows.

use std::time::Duration;

use anyhow::Result;
use baseload_client::Chain;
use baseload_tests::ppa::{amount, Plant, KWH};

/// How long a reading can be challenged on a development chain, and a little.
const CHALLENGE_WINDOW: Duration = Duration::from_secs(12);

/// 40 of 100 KWH are disputed against a bond of 4. The resolver gives the seller 30 % of both; of the next bill nobody decides, and
/// the agreed half is given.
pub async fn only_the_disputed_part_should_be_held_until_it_is_decided(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(2, 24)
		.with("payment", "due", "25s")
		.with("dispute", "bond", "10 %")
		.with("dispute", "timeout", "60s");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 300KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	plant.read_months(1, &[0, 100_000]).await?;
	plant.settle_until(id, "billed", |billing| billing.issued == 1).await?;
	cli.refused(&format!("ppa dispute {id} 2 40KWH --as Charlie"), "bill")?;
	cli.refused(&format!("ppa dispute {id} 1 40KWH --as Bob"), "party")?;
	cli.run(&format!("ppa dispute {id} 1 40KWH --as Charlie"))?;
	let held = plant
		.view(id)
		.await?
		.billing
		.map(|billing| billing.ledger)
		.unwrap_or_default();
	assert_eq!(
		(held.held, held.dispute_bond, held.escrow),
		(40 * KWH, 4 * KWH, 260 * KWH)
	);

	// What is not disputed is paid when due.
	let due = plant
		.settle_until(id, "due", |billing| billing.ledger.paid == 60 * KWH)
		.await?;
	assert_eq!((due.ledger.held, due.ledger.arrears), (40 * KWH, 0));
	cli.refused(&format!("ppa resolve {id} 1 30% --as Bob"), "resolver")?;
	cli.run(&format!("ppa resolve {id} 1 30% --as Dave"))?;
	let decided = plant
		.settle_until(id, "decided", |billing| billing.disputes.is_empty())
		.await?;
	let ledger = decided.ledger;
	assert_eq!((ledger.paid, ledger.waived), (72 * KWH, 28 * KWH));
	// Of the bond the seller got 1.2, which is no payment of the bill.
	assert_eq!(ledger.escrow, (200 + 28) * KWH + 2_800_000_000_000);
	assert_eq!(ledger.to_payee + ledger.to_attestors, 72 * KWH + 1_200_000_000_000);

	plant.read_months(0, &[150_000]).await?;
	plant.settle_until(id, "billed", |billing| billing.issued == 2).await?;
	cli.run(&format!("ppa dispute {id} 2 50KWH --as Charlie"))?;
	let lapsed = plant
		.settle_until(id, "lapsed", |billing| {
			billing.disputes.is_empty() && billing.ledger.waived > 28 * KWH
		})
		.await?;
	assert_eq!((lapsed.ledger.paid, lapsed.ledger.waived), (97 * KWH, 53 * KWH));
	let statement = plant.statement(id, 1).await?;
	assert_eq!(amount(&statement["bill"]["amount"])?, 50 * KWH);
	assert_eq!(statement["charges"][0]["wh"], "50000");
	statement_should_be_filed(&plant, id.0)
}

/// While the reading is disputed its month waits; the committee says that it stands, and the month is billed and pays the attestors.
pub async fn bill_should_wait_when_its_reading_is_disputed(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let (cli, meter) = (&plant.cli, plant.meter);
	for name in ["Alice", "Eve", "Ferdie"] {
		cli.run(&format!("attestor bond 1000 --as {name}"))?;
	}
	cli.run(&format!(
		"meter committee {meter} --member Alice,Eve --quorum 2 --sudo --as Alice"
	))?;
	let id = plant.sign(&plant.draft(2, 24))?;
	cli.run(&format!("ppa fund {id} 100KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	plant.read_months(2, &[0]).await?;
	let evidence = plant.file("evidence", "the grid operator's own register")?;
	let sequence = plant.send(&[(plant.month.minus(1).start(), 100_000)]).await?;
	cli.run(&format!(
		"attestor dispute {meter} {sequence} --evidence {evidence} --as Ferdie"
	))?;
	tokio::time::sleep(CHALLENGE_WINDOW).await;
	let waits = plant.view(id).await?.billing;
	assert_eq!(waits.map(|billing| billing.next), Some(0));

	cli.run(&format!("attestor vote {meter} {sequence} stands --as Alice"))?;
	cli.run(&format!("attestor vote {meter} {sequence} stands --as Eve"))?;
	let paid = plant
		.settle_until(id, "paid", |billing| billing.ledger.paid == 100 * KWH)
		.await?;
	// 1 KWH a month, at most 1 % of a payment, in two equal shares.
	assert_eq!((paid.ledger.to_attestors, paid.ledger.attestor_due), (KWH, 0));
	assert_eq!(plant.view(id).await?.payouts.paid.attestors, KWH);
	Ok(())
}

/// The same invoice as a page, as values and as JSON; no file is overwritten; a month without a bill has none.
fn statement_should_be_filed(plant: &Plant, id: u32) -> Result<()> {
	let month = plant.month_ago(2);
	let files = [
		plant.new_file("s.csv")?,
		plant.new_file("s.html")?,
		plant.new_file("s.json")?,
	];
	let [csv, html, json] = &files;
	let line = format!("ppa statement {id} --month {month} --csv {csv} --html {html} --json-file {json}");
	let said = plant.cli.run(&line)?;
	let written: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json)?)?;
	assert_eq!(said["charges"], written["charges"]);
	assert_eq!(amount(&said["bill"]["amount"])?, 100 * KWH);
	let rows = std::fs::read_to_string(csv)?;
	for row in ["billed,100 KWH\r\n", "2.8.0,0 Wh,100 kWh,100 kWh,100 kWh\r\n"] {
		assert!(rows.contains(row), "no {row} in {rows}");
	}
	assert!(std::fs::read_to_string(html)?.contains("<tr><th>billed</th><td>100 KWH</td></tr>"));
	// Both readings that fix the month's registers are named with the block that holds them.
	let proof = written["proof"].as_array().map(Vec::as_slice).unwrap_or_default();
	let sequences: Vec<_> = proof.iter().map(|row| row["sequence"].as_u64()).collect();
	assert_eq!(sequences, [Some(1), Some(1), Some(2)], "{proof:?}");
	assert!(proof
		.iter()
		.all(|row| row["block_hash"].as_str().is_some_and(|hash| hash.len() == 66)));
	// Before the next bill 60 KWH were paid when due, and 12 when the dispute was decided.
	let paid = written["payments"].as_array().map(Vec::as_slice).unwrap_or_default();
	let paid: Vec<_> = paid.iter().map(|row| amount(&row["paid"])).collect::<Result<_>>()?;
	assert_eq!(paid, [60 * KWH, 12 * KWH]);
	plant.cli.refused(&line, "cannot be written")?;
	plant.cli.refused(
		&format!("ppa statement {id} --month {}", plant.month_ago(0)),
		"has no bill yet",
	)?;
	plant.cli.refused(
		&format!("ppa statement {id} --month 1999-01"),
		"not of the agreement's term",
	)
}

//! The end of an agreement, and who cannot be paid.

use anyhow::{Context, Result};
use baseload_client::{keys::Key, Chain};
use baseload_primitives::AgreementStatus;
use baseload_tests::ppa::{amount, People, Plant, KWH};

/// 150 KWH are billed, 90 are there. It closes with nothing left of the buyer's; what is not paid stays recorded, and the seller has
/// its bond back.
pub async fn arrears_should_stay_recorded_when_nothing_is_left(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let draft = plant
		.draft(2, 2)
		.with("conditions", "bond", "5 KWH")
		.with("conditions", "security", "60 KWH")
		.with("payment", "grace", "6s");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 30KWH --as Alice"))?;
	cli.run(&format!("ppa secure {id} 60KWH --as Alice"))?;
	cli.run(&format!("ppa bond {id} 5KWH --as Eve"))?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	plant.read_months(0, &[0, 100_000, 150_000]).await?;
	let closed = plant
		.settle_until(id, "closed", |billing| billing.ledger.to_seller > 0)
		.await?;
	let ledger = closed.ledger;
	assert_eq!(
		(ledger.accrued, ledger.paid, ledger.arrears),
		(150 * KWH, 90 * KWH, 60 * KWH)
	);
	assert_eq!((ledger.to_buyer, ledger.to_seller), (0, 5 * KWH));
	assert_eq!(ledger.pot(), Ok(0));
	let view = plant.view(id).await?;
	assert_eq!(view.status, AgreementStatus::Completed);
	assert_eq!((view.payouts.paid.payee, view.payouts.paid.seller), (90 * KWH, 5 * KWH));
	cli.refused(&format!("ppa fund {id} 60KWH --as Alice"), "agreement is")?;
	cli.refused(&format!("ppa forget {id} --as Eve"), "too early")?;

	// The oldest bill is paid first.
	let (first, second) = (plant.statement(id, 2).await?, plant.statement(id, 1).await?);
	assert_eq!(amount(&first["bill"]["in_arrears"])?, 10 * KWH);
	assert_eq!(amount(&first["bill"]["settled"])?, 90 * KWH);
	assert_eq!(amount(&second["bill"]["in_arrears"])?, 50 * KWH);
	assert_eq!(amount(&second["balances"]["arrears"])?, 60 * KWH);
	Ok(())
}

/// No feed has a price: a fixed tariff needs none. The payee has no account and gets less than the least that one may hold: it stays
/// due to it and holds up nobody. Once the payee can receive, anybody has it paid.
pub async fn payee_should_claim_later_when_it_cannot_receive(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let payee = Key::from_uri("//Nobody")?.account();
	let draft = plant
		.draft(2, 24)
		.with("parties", "payee", &payee.to_string())
		.with_list("tariff.fixed", "prices", &["0.0005 KWH/kWh"]);
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	let prices = cli.run("price show")?;
	let prices = prices["prices"].as_array().context("a list")?;
	assert!(prices.iter().all(|price| price["price"].is_null()), "{prices:?}");
	cli.run(&format!("ppa fund {id} 1KWH --as Alice"))?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	plant.read_months(1, &[0, 1_000]).await?;
	let half = KWH / 2_000;
	let paid = plant
		.settle_until(id, "paid", |billing| billing.ledger.paid == half)
		.await?;
	assert_eq!(paid.ledger.escrow, KWH - half);
	assert_eq!(plant.view(id).await?.payouts.due.payee, half);
	let claim = format!("ppa claim {id} --as Dave");
	cli.refused(&claim, "cannot be received")?;
	cli.run(&format!("ppa withdraw {id} 0.5KWH --as Alice"))?;

	cli.run(&format!("transfer {payee} 0.001KWH --as Alice"))?;
	cli.run(&claim)?;
	cli.refused(&claim, "Nothing is waiting")?;
	let held = chain.best().await?.kwh(&payee).await?.free;
	assert_eq!(held, KWH / 1_000 + half);
	plant.explained(id).await?;

	// It was paid in one block and arrived in a later one.
	let statement = plant.statement(id, 2).await?;
	let rows = statement["payments"].as_array().context("a list")?;
	let rows: Vec<_> = rows
		.iter()
		.map(|row| Ok((amount(&row["paid"])?, amount(&row["to_payee"])?)))
		.collect::<Result<_>>()?;
	assert_eq!(rows, [(half, 0), (0, half)]);
	assert_eq!(amount(&statement["deductions"]["claimable_payee"])?, 0);
	Ok(())
}

//! The seller's rights are a lender's security.

use anyhow::{Context, Result};
use baseload_client::{keys::Key, Chain};
use baseload_primitives::AgreementId;
use baseload_tests::ppa::{amount, People, Plant, KWH};
use serde_json::Value;

/// A price below zero makes the seller owe 100 KWH, past due. The buyer cannot end it before the lender was told and had its time,
/// and in that time the lender pays.
pub async fn lender_should_cure_the_sellers_default(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let draft = plant
		.draft(2, 24)
		.with_list("tariff.fixed", "prices", &["-1 KWH/kWh"])
		.with("lender", "notice", "1h")
		.with("lender", "step-in", "1h");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.refused(&format!("ppa assign {id} Dave --as Eve"), "stage")?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	cli.refused(&format!("ppa assign {id} Alice --as Eve"), "party")?;
	cli.run(&format!("ppa assign {id} Dave --as Eve"))?;
	cli.refused(&format!("ppa notify-lender {id} --as Alice"), "default")?;
	plant.read_months(1, &[0, 100_000]).await?;
	plant
		.settle_until(id, "the seller owes", |billing| {
			billing.credits.first().is_some_and(|credit| credit.called)
		})
		.await?;

	let leave = format!("ppa terminate {id} seller-default --as Alice");
	let step_in = format!("ppa step-in {id} --operator Dave --payee Dave --as Dave");
	cli.refused(&leave, "lender was not told")?;
	cli.refused(&step_in, "lender was not told")?;
	cli.run(&format!("ppa notify-lender {id} --as Alice"))?;
	assert_eq!(cli.run(&format!("ppa show {id}"))?["lender_notified_by"], "buyer");
	cli.refused(
		&format!("ppa notify-lender {id} --as Alice"),
		"told of this default before",
	)?;
	cli.refused(&leave, "time to cure")?;

	cli.run(&format!("ppa bond {id} 100KWH --as Dave"))?;
	let cured = plant
		.settle_until(id, "cured", |billing| billing.ledger.seller_owes == 0)
		.await?;
	let ledger = cured.ledger;
	assert_eq!(
		(ledger.bond_paid, ledger.bond, ledger.escrow),
		(100 * KWH, 0, 100 * KWH)
	);
	// There is no default any more, neither to end it for nor to step in for.
	cli.refused(&leave, "default")?;
	cli.refused(&step_in, "default")?;
	cli.run(&format!("ppa withdraw {id} 100KWH --as Alice"))?;
	plant.explained(id).await?;
	let statement = plant.statement(id, 2).await?;
	assert_eq!(amount(&statement["bill"]["credited"])?, 100 * KWH);
	Ok(())
}

/// A month without a reading brings nothing; ten of 10 kWh are paid to a payee whom all three agreed on. The twelfth ends a year in
/// which 240 kWh were guaranteed: 130 are missing, at 2 KWH each, and the bill of 10 is set off. The lender steps in; what the plant
/// earns then pays the debt first, and the rest is for the lender's payee.
pub async fn lender_should_run_the_plant_when_it_steps_in(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build_of(People::EVE_TO_ALICE, chain, url).await?;
	let draft = plant
		.draft(13, 24)
		.with("volume", "quantity", "240 kWh")
		.with("volume", "guarantee", "100 %")
		.with("volume", "damages", "2 KWH/kWh")
		.with("volume", "damages-cap", "260 KWH")
		.with("lender", "notice", "6s")
		.with("lender", "step-in", "1h");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 600KWH --as Alice"))?;
	cli.run(&format!("ppa activate {id} --as Dave"))?;
	cli.run(&format!("ppa assign {id} Dave --as Eve"))?;
	amendment_should_take_all_three(&plant, id).await?;

	let stands: Vec<u64> = (0..11).map(|month| month * 10_000).collect();
	plant.read_months(2, &stands).await?;
	plant
		.settle_until(id, "ten months paid", |billing| billing.ledger.paid == 100 * KWH)
		.await?;
	let payee = Key::dev("Two")?.account();
	assert_eq!(chain.best().await?.kwh(&payee).await?.free, 100 * KWH);
	plant.read_months(1, &[110_000]).await?;
	let owed = plant
		.settle_until(id, "the seller owes", |billing| {
			billing.credits.first().is_some_and(|credit| credit.called)
		})
		.await?;
	assert_eq!(
		(owed.ledger.damages, owed.ledger.setoff, owed.ledger.seller_owes),
		(260 * KWH, 10 * KWH, 250 * KWH)
	);

	cli.run(&format!("ppa notify-lender {id} --as Alice"))?;
	let step_in = format!("ppa step-in {id} --operator Dave --payee One --as");
	cli.refused(&format!("{step_in} Eve"), "lender")?;
	cli.run(&format!("{step_in} Dave"))?;
	cli.refused(&format!("{step_in} Dave"), "stepped in before")?;
	// The notice is over, the time that stepping in adds is not.
	cli.refused(&format!("ppa terminate {id} seller-default --as Alice"), "time to cure")?;
	let declare = format!("ppa declare {id} excused 1kWh --month {} --as", plant.month_ago(0));
	cli.refused(&format!("{declare} Eve"), "party")?;
	assert_eq!(cli.run(&format!("{declare} Dave"))?["made"], false);
	cli.run(&format!("ppa drop-request {id} --as Dave"))?;

	plant.read_months(0, &[510_000]).await?;
	let cured = plant
		.settle_until(id, "cured", |billing| billing.ledger.paid == 250 * KWH)
		.await?;
	assert_eq!((cured.ledger.setoff, cured.ledger.seller_owes), (260 * KWH, 0));
	let payee = Key::dev("One")?.account();
	assert_eq!(chain.best().await?.kwh(&payee).await?.free, 150 * KWH);
	cli.refused(&format!("ppa terminate {id} seller-default --as Alice"), "default")?;
	let statement = plant.statement(id, 1).await?;
	assert_eq!(amount(&statement["bill"]["amount"])?, 400 * KWH);
	assert_eq!(amount(&statement["deductions"]["to_payee"])?, 250 * KWH);
	Ok(())
}

/// The seller asks for another price and another payee. The buyer's consent is not enough, the lender's makes it: the payee changes
/// at once, the price with its month.
async fn amendment_should_take_all_three(plant: &Plant, id: AgreementId) -> Result<()> {
	let (cli, next) = (&plant.cli, plant.month.plus(1));
	let next = baseload_client::units::format_month(next);
	let amend = format!("ppa amend {id} --price 2KWH/kWh --payee Two --as Eve --from");
	cli.refused(&format!("{amend} {}", plant.month_ago(0)), "has begun")?;
	let asked = cli.run(&format!("{amend} {next}"))?;
	let hash = asked["change_hash"].as_str().context("a text")?;
	let agree = |who: &str| cli.run(&format!("ppa agree {id} --hash {hash} --as {who}"));
	assert_eq!(asked["made"], false);
	cli.refused(&format!("ppa agree {id} --hash {hash} --as Bob"), "party")?;
	assert_eq!(agree("Alice")?["made"], false);
	let shown = cli.run(&format!("ppa show {id}"))?;
	assert_eq!(shown["request_agreed_by"], Value::from(vec!["seller", "buyer"]));
	assert_eq!(agree("Dave")?["made"], true);
	let shown = cli.run(&format!("ppa show {id}"))?;
	let later = shown["amendment"].as_str().context("a text")?;
	assert!(later.contains(&next) && later.contains("2 KWH/kWh"), "{later}");
	assert_eq!(shown["payee"], Key::dev("Two")?.account().to_string());
	Ok(())
}

//! The buyer runs dry, or pays to leave.

use anyhow::Result;
use baseload_client::{billing::Ending, Chain};
use baseload_tests::ppa::{amount, Plant, KWH};

use super::insist;

/// 100 KWH are billed, 30 are there: arrears with interest, the grace, the security, the lender's notice, the end and its sum.
pub async fn security_should_pay_and_the_seller_end_it_when_the_buyer_runs_dry(
	chain: &Chain,
	url: String,
) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(2, 24)
		.expecting("60 kWh")
		.with("conditions", "escrow", "30 KWH")
		.with("conditions", "security", "60 KWH")
		.with("payment", "late-interest", "100 %")
		.with("payment", "grace", "25s")
		.with("payment", "topup", "10s")
		.with_number("payment", "security-months", 1)
		.with_number("termination", "months", 12)
		.with("termination", "buyer", "50 %")
		.with("lender", "notice", "6s")
		.with("lender", "step-in", "6s");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.refused(&format!("ppa activate {id} --as Ferdie"), "conditions are not met")?;
	cli.run(&format!("ppa fund {id} 30KWH --as Charlie"))?;
	cli.run(&format!("ppa secure {id} 60KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	cli.run(&format!("ppa assign {id} Eve --as Bob"))?;
	plant.read_months(1, &[0, 100_000]).await?;

	let late = plant
		.settle_until(id, "arrears", |billing| billing.ledger.arrears == 70 * KWH)
		.await?;
	assert_eq!((late.ledger.paid, late.ledger.security), (30 * KWH, 60 * KWH));
	assert!(late.since.is_some() && !late.delinquent);
	cli.refused(&format!("ppa withdraw {id} 1KWH --as Charlie"), "holds less")?;

	// The grace ends: the security pays interest first, then arrears, and has to be filled up again.
	let default = plant.settle_until(id, "default", |billing| billing.delinquent).await?;
	let ledger = default.ledger;
	assert!(ledger.interest_paid > 0);
	assert_eq!(ledger.security, 0);
	assert_eq!(ledger.arrears, 70 * KWH - (60 * KWH - ledger.interest_paid));
	assert!(default.topup_by.is_some());

	// The seller may suspend alone now, but not end it before its lender has had time.
	assert_eq!(cli.run(&format!("ppa suspend {id} --as Bob"))?["made"], true);
	cli.refused(&format!("ppa terminate {id} buyer-default --as Bob"), "lender")?;
	cli.run(&format!("ppa notify-lender {id} --as Bob"))?;
	insist(&plant, &format!("ppa terminate {id} buyer-default --as Bob"), "lender").await?;

	// It ends with this month; 12 of the 21 months left count: 12 x 60 kWh x 1 KWH/kWh x 50 %.
	let ended = plant
		.settle_until(id, "termination sum due", |billing| billing.ledger.arrears > 360 * KWH)
		.await?;
	assert_eq!((ended.reason, ended.end), (Some(Ending::Seller), 3));
	assert_eq!(ended.ledger.accrued, 460 * KWH);
	let statement = plant.statement(id, 2).await?;
	assert_eq!(amount(&statement["bill"]["amount"])?, 100 * KWH);
	assert_eq!(amount(&statement["balances"]["arrears"])?, ended.ledger.arrears);
	// The sum of the end is newer than the bill, of which the security has paid its part.
	assert_eq!(
		amount(&statement["bill"]["in_arrears"])?,
		ended.ledger.arrears - 360 * KWH
	);

	// Whoever pays later pays everything, interest first.
	cli.run(&format!("ppa fund {id} 500KWH --as Charlie"))?;
	let paid = plant
		.settle_until(id, "all paid", |billing| !billing.ledger.overdue())
		.await?;
	let ledger = paid.ledger;
	assert_eq!(ledger.paid, 460 * KWH);
	assert_eq!(ledger.escrow, (30 + 60 + 500 - 460) * KWH - ledger.interest_paid);
	assert!(!paid.delinquent && paid.since.is_none());
	// What the seller suspended alone, for a default that is cured, either of them ends alone.
	assert_eq!(cli.run(&format!("ppa resume {id} --as Charlie"))?["made"], true);
	let suspensions = plant.view(id).await?.billing.map(|billing| billing.suspensions);
	let suspensions = suspensions.unwrap_or_default();
	assert!(
		suspensions.iter().all(|suspension| suspension.until.is_some()),
		"{suspensions:?}"
	);
	plant.explained(id).await
}

/// 12 months of 10 kWh at 1 KWH/kWh, times 50 %.
pub async fn buyer_should_pay_to_leave(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(1, 24)
		.expecting("10 kWh")
		.with_number("termination", "months", 12)
		.with("termination", "buyout", "50 %");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa fund {id} 59KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	cli.refused(&format!("ppa buy-out {id} --as Charlie"), "holds less")?;
	plant.explained(id).await?;
	cli.run(&format!("ppa fund {id} 11KWH --as Charlie"))?;
	cli.refused(&format!("ppa buy-out {id} --as Bob"), "party")?;
	cli.run(&format!("ppa buy-out {id} --as Charlie"))?;
	let left = plant
		.settle_until(id, "bought out", |billing| billing.ledger.paid > 0)
		.await?;
	assert_eq!((left.reason, left.ledger.paid), (Some(Ending::Buyout), 60 * KWH));
	// Last month and this one are still to be billed; what they do not need the buyer may have back.
	cli.run(&format!("ppa withdraw {id} 10KWH --as Charlie"))?;
	plant.explained(id).await?;
	cli.refused(&format!("ppa terminate {id} buyout --as Charlie"), "ends early already")?;
	Ok(())
}

//! The seller delivers too little, too late, or does not pay.

use anyhow::Result;
use baseload_client::{
	billing::{Ending, Month},
	units, Chain,
};
use baseload_primitives::{AgreementStatus, DAY, HOUR, SECOND};
use baseload_tests::ppa::{amount, Draft, Plant, KWH};

use super::insist;

/// 200 kWh were guaranteed, 110 came: damages of 90 KWH, capped at 80. The last bill of 50 is set off, the bond of 20 pays what it
/// can, and 10 stay recorded.
pub async fn damages_should_be_set_off_then_taken_from_the_bond_when_too_little_comes(
	chain: &Chain,
	url: String,
) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(2, 2)
		.with("conditions", "bond", "20 KWH")
		.with("volume", "quantity", "1200 kWh")
		.with("volume", "guarantee", "100 %")
		.with("volume", "damages", "1 KWH/kWh")
		.with("volume", "damages-cap", "80 KWH");
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa bond {id} 20KWH --as Bob"))?;
	cli.run(&format!("ppa fund {id} 100KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	plant.read_months(1, &[0, 60_000]).await?;
	let first = plant
		.settle_until(id, "first bill paid", |billing| billing.ledger.paid == 60 * KWH)
		.await?;
	assert_eq!((first.ledger.bond, first.ledger.damages), (20 * KWH, 0));

	plant.read_months(0, &[110_000]).await?;
	let closed = plant
		.settle_until(id, "closed", |billing| billing.next == 2 && billing.ledger.to_buyer > 0)
		.await?;
	let ledger = closed.ledger;
	assert_eq!((ledger.accrued, ledger.damages), (110 * KWH, 80 * KWH));
	assert_eq!(
		(ledger.setoff, ledger.bond_paid, ledger.seller_owes),
		(50 * KWH, 20 * KWH, 10 * KWH)
	);
	// The escrow that was left, and the bond.
	assert_eq!((ledger.to_buyer, ledger.to_seller), (60 * KWH, 0));
	assert_eq!(ledger.pot(), Ok(0));
	let view = plant.view(id).await?;
	assert_eq!(view.status, AgreementStatus::Completed);
	let statement = plant.statement(id, 1).await?;
	assert_eq!(amount(&statement["bill"]["damages"])?, 80 * KWH);
	assert_eq!(amount(&statement["bill"]["amount"])?, 50 * KWH);
	Ok(())
}

/// A draft that starts with operation, proven by 10 kWh, due so long ago at 3 KWH a day.
fn with_operation(plant: &Plant, target_ago: u64, longstop_in: u64) -> Draft {
	plant
		.draft(0, 12)
		.without("term", Some("start"))
		.with("operation", "register", "export")
		.with("operation", "reaches", "10 kWh")
		.with("operation", "target", &units::format_time(plant.now - target_ago))
		.with("operation", "longstop", &units::format_time(plant.now + longstop_in))
		.with("operation", "delay-per-day", "3 KWH")
		.with("operation", "delay-cap", "100 KWH")
		.with("conditions", "bond", "10 KWH")
}

/// Three and a half days late are four days begun: 12 KWH, of which the bond has 10.
pub async fn delay_should_cost_the_bond_when_operation_is_late(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let id = plant.sign(&with_operation(&plant, 5 * DAY + 12 * HOUR, DAY))?;
	let cli = &plant.cli;
	cli.run(&format!("ppa bond {id} 10KWH --as Bob"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	assert_eq!(cli.run(&format!("ppa show {id}"))?["status"], "waiting");
	let proven = plant.now - 2 * DAY;
	plant.read(&[(plant.now - 10 * DAY, 0), (proven, 10_000)]).await?;
	let started = plant
		.settle_until(id, "the bond has paid", |billing| billing.ledger.bond_paid > 0)
		.await?;
	let ledger = started.ledger;
	assert_eq!(started.first_month, Some(Month::at_or_after(proven)));
	assert_eq!((ledger.damages, ledger.credited), (12 * KWH, 12 * KWH));
	assert_eq!((ledger.bond, ledger.escrow, ledger.seller_owes), (0, 10 * KWH, 2 * KWH));
	// A new bond pays the rest at once.
	cli.run(&format!("ppa bond {id} 5KWH --as Bob"))?;
	let paid = plant
		.settle_until(id, "all paid", |billing| billing.ledger.seller_owes == 0)
		.await?;
	assert_eq!((paid.ledger.bond, paid.ledger.escrow), (3 * KWH, 12 * KWH));
	assert_eq!(plant.view(id).await?.status, AgreementStatus::Active);
	Ok(())
}

/// Two and a half days late are three days begun.
pub async fn buyer_should_leave_when_operation_is_not_proven_at_the_longstop(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let id = plant.sign(&with_operation(&plant, 2 * DAY + 12 * HOUR, 30 * SECOND))?;
	let cli = &plant.cli;
	cli.run(&format!("ppa bond {id} 10KWH --as Bob"))?;
	cli.run(&format!("ppa fund {id} 7KWH --as Charlie"))?;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	let leave = format!("ppa terminate {id} longstop --as Charlie");
	insist(&plant, &leave, "condition for this is not met").await?;
	let closed = plant
		.settle_until(id, "closed", |billing| billing.ledger.to_buyer > 0)
		.await?;
	let ledger = closed.ledger;
	assert_eq!((closed.reason, ledger.damages), (Some(Ending::Longstop), 9 * KWH));
	assert_eq!(
		(ledger.bond_paid, ledger.to_buyer, ledger.to_seller),
		(9 * KWH, 16 * KWH, KWH)
	);
	assert_eq!(plant.view(id).await?.status, AgreementStatus::Terminated);
	Ok(())
}

/// A price below zero makes the seller owe; without a bond its debt is past due, and the buyer may end it: 12 months of 10 kWh
/// at 1 KWH/kWh, times 25 %.
pub async fn buyer_should_end_it_when_the_sellers_debt_is_past_due(chain: &Chain, url: String) -> Result<()> {
	let plant = Plant::build(chain, url).await?;
	let draft = plant
		.draft(2, 24)
		.expecting("10 kWh")
		.with_number("termination", "months", 12)
		.with("termination", "seller", "25 %")
		.with_list("tariff.fixed", "prices", &["-1 KWH/kWh"]);
	let id = plant.sign(&draft)?;
	let cli = &plant.cli;
	cli.run(&format!("ppa activate {id} --as Ferdie"))?;
	plant.read_months(1, &[0, 100_000]).await?;
	plant
		.settle_until(id, "the seller owes", |billing| {
			billing.credits.first().is_some_and(|credit| credit.called)
		})
		.await?;
	cli.refused(&format!("ppa terminate {id} seller-default --as Bob"), "party")?;
	cli.run(&format!("ppa terminate {id} seller-default --as Charlie"))?;
	let ended = plant
		.settle_until(id, "ended", |billing| billing.reason.is_some())
		.await?;
	assert_eq!(
		(ended.reason, ended.ledger.seller_owes),
		(Some(Ending::Buyer), 130 * KWH)
	);

	// What it owes its bond pays into the escrow as it falls due, and that is the buyer's.
	cli.run(&format!("ppa bond {id} 131KWH --as Bob"))?;
	let paid = plant
		.settle_until(id, "all paid", |billing| billing.ledger.seller_owes == 0)
		.await?;
	assert_eq!((paid.ledger.bond_paid, paid.ledger.escrow), (130 * KWH, 130 * KWH));
	cli.run(&format!("ppa withdraw {id} 130KWH --as Charlie"))?;
	plant.explained(id).await
}

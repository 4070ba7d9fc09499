//! The backstop pool: deposit, notice, withdrawal.

use anyhow::Result;
use baseload_client::Chain;
use baseload_primitives::KWH;
use baseload_tests::Cli;

use super::{count, feed, holds, open_market, units};

/// Leaves 1000 KWH of Dave's in the pool, which count.
pub async fn depositor_should_leave_with_everything(cli: &Cli, chain: &Chain) -> Result<()> {
	for (line, why) in [
		(
			"pool deposit 0.5 --as Dave",
			"0.5 KWH is less than the least that a pool takes, 1 KWH",
		),
		("pool notice 500 --as Dave", "has nothing in this pool"),
		("pool withdraw --as Dave", "has nothing in this pool"),
		("pool claim --as Dave", "has nothing in this pool"),
		("pool show --account Dave", "has nothing in this pool"),
		("pool show --token USD", "no collateral here"),
	] {
		cli.refused(line, why)?;
	}
	open_market(cli, chain).await?;
	let (eve, _) = holds(chain, "Eve").await?;
	let round = count(&cli.run("pool show")?["round"])?;
	let deposited = cli.run("pool deposit 1000 --as Dave")?;
	assert_eq!(units(&deposited["amount"])?, 1_000 * KWH);
	assert_eq!(count(&deposited["counts_from"])?, round + 2);
	let mut fees = units(&cli.run("pool deposit 500 --as Eve")?["fee"])?;
	cli.refused(
		"pool notice 500 --as Dave",
		&format!(
			"nothing of your deposit counts yet, so there is nothing to give notice of: it counts from price {} on, and the last price \
			 is number {round}",
			round + 2
		),
	)?;
	assert_eq!(units(&cli.run("pool show")?["waiting"])?, 1_500 * KWH);

	// Two prices: now it counts.
	feed(cli, "0.14")?;
	let round = count(&cli.run("pool show")?["round"])?;
	let pool = cli.run("pool show --account Dave")?;
	assert_eq!(
		(
			units(&pool["active"])?,
			units(&pool["waiting"])?,
			units(&pool["counting"])?,
			units(&pool["claimable"])?
		),
		(1_500 * KWH, 0, 1_000 * KWH, 0)
	);
	cli.refused("pool withdraw --as Eve", "no notice was given of a withdrawal")?;
	cli.refused(
		"pool claim --as Dave",
		"your deposit has earned nothing that was not claimed",
	)?;
	let notice = cli.run("pool notice 500 --as Eve")?;
	fees += units(&notice["fee"])?;
	assert_eq!(
		(
			units(&notice["amount"])?,
			count(&notice["opens"])?,
			count(&notice["lapses"])?
		),
		(500 * KWH, round + 4, round + 52)
	);
	cli.refused(
		"pool withdraw --as Eve",
		&format!("it is too early: the notice opens at price {}", round + 4),
	)?;

	// Four prices: now it is open. All of it leaves, and the deposit is gone.
	feed(cli, "0.14")?;
	feed(cli, "0.14")?;
	let withdrawn = cli.run("pool withdraw --as Eve")?;
	fees += units(&withdrawn["fee"])?;
	assert_eq!(
		(units(&withdrawn["amount"])?, units(&withdrawn["counting"])?),
		(500 * KWH, 0)
	);
	assert_eq!(holds(chain, "Eve").await?.0, eve - fees);
	cli.refused("pool withdraw --as Eve", "has nothing in this pool")?;
	assert_eq!(units(&cli.run("pool show")?["active"])?, 1_000 * KWH);
	Ok(())
}

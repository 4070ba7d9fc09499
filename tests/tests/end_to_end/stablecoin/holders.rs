//! Redemption: what is refused, what is owed, and what the quote warns of.

use std::process::Command;

use anyhow::Result;
use baseload_client::Chain;
use baseload_primitives::KWH;
use baseload_tests::{cli_program, Cli, Said};

use super::{count, feed, holds, is_empty, issuer_does, reserve, units};

pub fn quote_should_say_what_is_wrong_before_prices_are_asked_for(cli: &Cli) -> Result<()> {
	for (line, why) in [
		("redeem 0 --quote", "0 KWH is less than the least redemption, 1 KWH"),
		(
			"redeem 0.5 --max-fee 1% --yes --as Dave",
			"0.5 KWH is less than the least redemption, 1 KWH",
		),
		(
			"redeem 99999999999 --quote",
			"99999999999 KWH is more than all KWH in existence",
		),
		("redeem 250 --quote", "there is no price now"),
		("redeem follow 999", "this chain has no redemption 999 that waits"),
		(
			"redeem follow 999 --from 1",
			"this chain has no redemption 999 that waits, or that ended in block 1 or later",
		),
		("redeem cancel 999 --as Dave", "(PowerStablecoin.UnknownRedemption)"),
		("redeem claim --as Dave", "(PowerStablecoin.NothingOwed)"),
		("redeem work --as Dave", "(PowerStablecoin.NothingDue)"),
	] {
		cli.refused(line, why)?;
	}
	Ok(())
}

/// What 250 KWH pay at a price of 0.14 and a fee of half a percent and a little, in base units of the reserve token.
fn is_worth_250_kwh(paid: u128) -> bool {
	let par = 250 * KWH * 10 / 14 / 1_000_000;
	(par * 994 / 1_000..par * 995 / 1_000).contains(&paid)
}

pub async fn payout_should_be_owed_when_the_account_cannot_receive_it(cli: &Cli, chain: &Chain) -> Result<()> {
	issuer_does(chain, "block", "Dave").await?;
	let (kwh, tokens) = holds(chain, "Dave").await?;
	let asked = cli.run("redeem 250 --max-fee 1% --no-follow --yes --as Dave")?;
	let (request, block) = (count(&asked["request"])?, count(&asked["block_number"])?);
	// It waits for a price that is observed later; until then there is nothing to work on.
	cli.refused("redeem work --as Eve", "(PowerStablecoin.NothingDue)")?;
	feed(cli, "0.14")?;

	let follow = format!("redeem follow {request} --from {block}");
	let ended = cli.run(&follow)?;
	assert_eq!(ended["reason"], "done", "{ended}");
	assert_eq!((units(&ended["burnt"])?, units(&ended["released"])?), (250 * KWH, 0));
	let owed = reserve(&ended["owed"])?;
	assert!(is_empty(&ended["out"]) && is_worth_250_kwh(owed), "{ended}");
	assert_eq!(
		holds(chain, "Dave").await?,
		(kwh - 250 * KWH - units(&asked["fee"])?, tokens)
	);
	// People are told what takes it.
	let people = Said::by(
		Command::new(cli_program()?)
			.args(follow.split(' '))
			.args(["--url", cli.url()]),
	)?;
	assert!(
		people
			.out
			.contains("which the account could not receive: claim by \"baseload redeem claim --token RSV\""),
		"{people:?}"
	);
	// Later than it ended there is nothing to follow.
	let late = count(&ended["executed_in"])? + 1;
	cli.refused(
		&format!("redeem follow {request} --from {late}"),
		&format!("this chain has no redemption {request} that waits, or that ended in block {late} or later"),
	)?;

	cli.refused("redeem claim --as Dave", "failed:")?;
	issuer_does(chain, "thaw", "Dave").await?;
	assert_eq!(units(&cli.run("redeem claim --as Dave")?["amount"])?, owed);
	assert_eq!(holds(chain, "Dave").await?.1, tokens + owed);
	cli.refused("redeem claim --as Dave", "(PowerStablecoin.NothingOwed)")?;

	// Half of the fee stayed in the vault, the other half is revenue.
	let swept = units(&cli.run("params sweep-revenue RSV --as Dave")?["amount"])?;
	let half = (250 * KWH * 10 / 14 / 1_000_000 - owed) / 2;
	assert!(swept.abs_diff(half) <= 1, "{swept} of {half}");
	cli.refused("params sweep-revenue RSV --as Dave", "(PowerStablecoin.NoRevenue)")
}

pub fn quote_should_warn_of_a_price_that_is_not_confirmed(cli: &Cli) -> Result<()> {
	assert!(is_empty(&cli.run("redeem 250 --quote")?["unconfirmed"]));
	let round = count(&cli.run("pool show")?["round"])?;
	feed(cli, "0.07")?;
	let quote = cli.run("redeem 250 --quote")?;
	let warning = quote["unconfirmed"][0].as_str().unwrap_or_default();
	assert!(
		warning.starts_with("the price of RSV moved from 0.14 to 0.07 and is not confirmed yet"),
		"{quote}"
	);
	// The higher of both prices: what would be worth half of the KWH.
	assert!(is_worth_250_kwh(reserve(&quote["out"])?), "{quote}");
	assert_eq!(
		count(&cli.run("pool show")?["round"])?,
		round,
		"the pool stands still meanwhile"
	);
	feed(cli, "0.14")?;
	let quote = cli.run("redeem 250 --quote")?;
	assert!(is_empty(&quote["unconfirmed"]), "{quote}");
	Ok(())
}

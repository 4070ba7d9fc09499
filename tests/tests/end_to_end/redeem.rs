//! Redemption as a holder sees it: quote, request, the next price, what came out; and an auditor who trusts raw storage only.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use baseload_client::{keys::Key, Chain, H256, RESERVE_TOKEN};
use baseload_primitives::{views::ProofOfBacking, Balance, Price, KWH};
use baseload_tests::{cli_program, repository_file, start_node, Cli, Said};
use serde_json::Value;

fn units(value: &Value) -> Result<Balance> {
	Ok(value.as_str().context("base units are a text")?.parse()?)
}

/// Two operators of three report the same prices; that is a price.
fn feed(cli: &Cli, collateral: &str) -> Result<()> {
	for feeder in ["Alice", "Bob"] {
		cli.run(&format!(
			"price feed --reference 0.1 --collateral {collateral} --as {feeder}"
		))?;
	}
	Ok(())
}

/// What the account of that name holds: KWH and reserve tokens.
async fn holds(chain: &Chain, name: &str) -> Result<(Balance, Balance)> {
	let account = Key::dev(name)?.account();
	let at = chain.best().await?;
	let kwh = at.kwh(&account).await?;
	Ok((kwh.free + kwh.held, at.asset_balance(RESERVE_TOKEN, &account).await?))
}

#[tokio::test]
async fn holder_should_get_what_was_quoted_when_the_next_price_is_the_same() -> Result<()> {
	let mut node = start_node().await?;
	let cli = Cli::new(node.url());
	let chain = Chain::connect(&node.url()).await?;
	cli.refused("redeem 250 --max-fee 0.7% --as Dave", "no price")?;
	feed(&cli, "0.14")?;

	let quote = cli.run("redeem 250 --quote --as Dave")?;
	let (amount, quoted) = (250 * KWH, units(&quote["out"][0]["amount"])?);
	// At par a KWH is worth 10/14 RSV of 6 decimals; half a percent and a little is the fee.
	let par = amount * 10 / 14 / 1_000_000;
	assert!(
		quoted < par * 995 / 1_000 && quoted > par * 994 / 1_000,
		"{quoted} of {par}"
	);
	for (line, why) in [
		("redeem 250 --as Dave", "highest fee"),
		("redeem 250 --max-fee 0.5% --as Dave", "above your --max-fee"),
		(
			"redeem 250 --max-fee 0.7% --min-out 0.72RSV --as Dave",
			"below your --min-out",
		),
		(
			"redeem 250 --max-fee 0.7% --min-out 0.72USD --as Dave",
			"no collateral here",
		),
		("redeem 9000000 --max-fee 5% --yes --as Dave", "unavailable"),
	] {
		cli.refused(line, why)?;
	}

	let (kwh, reserve) = holds(&chain, "Dave").await?;
	let burnt = chain.best().await?.proof_of_backing().await?.burnt;
	let waiting = Command::new(cli_program()?)
		.args(["redeem", "250", "--max-fee", "0.7%", "--min-out", "0.7RSV", "--yes"])
		.args(["--as", "Dave", "--json", "--url", cli.url()])
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()?;
	while cli.run("redeem list")?["redemptions"].as_array().map(Vec::len) != Some(1) {
		chain.wait_for_block(std::time::Duration::from_secs(30)).await?;
	}
	feed(&cli, "0.14")?;
	let paid = Said::from(waiting.wait_with_output()?).json()?;

	assert_eq!(paid["reason"], "done", "{paid}");
	assert_eq!(
		(units(&paid["burnt"])?, units(&paid["released"])?),
		(amount, 0),
		"{paid}"
	);
	assert_eq!(units(&paid["out"][0]["amount"])?, quoted, "{paid}");
	let (kwh_after, reserve_after) = holds(&chain, "Dave").await?;
	assert_eq!(reserve_after - reserve, quoted);
	assert_eq!(kwh - kwh_after, amount + units(&paid["fee"])?);
	assert_eq!(chain.best().await?.proof_of_backing().await?.burnt - burnt, amount);

	request_should_give_all_back_when_cancelled(&cli, &chain).await?;
	auditor_should_find_the_same_backing_in_raw_storage(&cli, &chain).await?;
	node.stop().await
}

async fn request_should_give_all_back_when_cancelled(cli: &Cli, chain: &Chain) -> Result<()> {
	let (kwh, reserve) = holds(chain, "Eve").await?;
	let asked = cli.run("redeem 100 --max-fee 1% --no-follow --yes --as Eve")?;
	let request = &asked["request"];
	cli.refused(&format!("redeem cancel {request} --as Dave"), "somebody else's")?;
	let cancelled = cli.run(&format!("redeem cancel {request} --as Eve"))?;
	let fees = units(&asked["fee"])? + units(&cancelled["fee"])?;
	assert_eq!(holds(chain, "Eve").await?, (kwh - fees, reserve));
	assert_eq!(cli.run("redeem list")?["redemptions"].as_array().map(Vec::len), Some(0));
	Ok(())
}

async fn auditor_should_find_the_same_backing_in_raw_storage(cli: &Cli, chain: &Chain) -> Result<()> {
	let before = chain.best().await?.proof_of_backing().await?;
	cli.run("pool deposit 1000 --token RSV --as Dave")?;
	for token in ["BLD", "RSV"] {
		let vault = &cli.run(&format!("vault open --token {token} --as Bob"))?["vault"];
		cli.run(&format!("vault deposit {vault} 12.5 --wait final --as Bob"))?;
	}
	let behind = |backing: &ProofOfBacking| backing.types.iter().map(|kind| kind.behind).collect::<Vec<_>>();
	let said = audited(cli, chain).await?;
	assert_eq!(behind(&said), behind(&before));
	for kind in &said.types {
		// What nobody drew on is its owner's.
		let (undrawn, pooled) = match kind.token {
			RESERVE_TOKEN => (12_500_000, 1_000 * KWH),
			_ => (12_500_000_000_000, 0),
		};
		assert_eq!(kind.collateral - kind.behind, undrawn, "token {}", kind.token);
		assert_eq!(kind.pool_kwh, pooled, "token {}", kind.token);
	}

	// At the end what exceeds the debts is the owners', and holders have par.
	feed(cli, "0.14")?;
	cli.run("shutdown begin --sudo --wait final --as Alice")?;
	let said = audited(cli, chain).await?;
	let ratio = said.collateral_ratio.context("prices are frozen")?;
	let par = Price::from_u32(1);
	assert!(
		ratio >= par && ratio < par + Price::from_rational(1, 1_000_000),
		"{ratio:?}"
	);
	Ok(())
}

/// What the chain says of its backing at a final block, if the script finds the same there.
async fn audited(cli: &Cli, chain: &Chain) -> Result<ProofOfBacking> {
	let found = Said::by(
		Command::new("python3")
			.arg(repository_file("docs/backing.py"))
			.arg(cli.url().replace("ws://", "http://")),
	)
	.context("this test needs Python 3.8 or newer")?
	.json()?;

	let block: H256 = found["block"].as_str().context("a hash")?.parse()?;
	let said = chain.at(block).await?.proof_of_backing().await?;
	assert_eq!(units(&found["supply"])?, said.supply);
	let types = found["types"].as_array().context("a list")?;
	assert_eq!(types.len(), said.types.len());
	for kind in &said.types {
		let token = kind.token.to_string();
		let found = types.iter().find(|found| found["token"].as_str() == Some(&token));
		let found = found.with_context(|| format!("token {} is missing", kind.token))?;
		for (name, expected) in [
			("debt", kind.debt),
			("shortfall", kind.shortfall),
			("collateral", kind.collateral),
			("behind", kind.behind),
			("reserve", kind.reserve),
			("revenue", kind.revenue),
			("pool_kwh", kind.pool_kwh),
			("pool_collateral", kind.pool_collateral),
		] {
			assert_eq!(units(&found[name])?, expected, "{name} of token {}", kind.token);
		}
	}
	Ok(said)
}

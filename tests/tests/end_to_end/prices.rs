//! Prices as people give them: live from a file on a development network, and of a token that is to become collateral.

use std::{
	fs,
	path::Path,
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{keys::Key, units, Call, Chain, Wait, RESERVE_TOKEN};
use baseload_primitives::{TokenId, BLD_TOKEN, FIRST_INDEX_FEED};
use baseload_tests::{demo_program, start_node, Cli};
use codec::Compact;
use subxt::utils::MultiAddress;

/// How long a price may take to be on the chain.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that runs until this is dropped.
struct Running(Child);

impl Drop for Running {
	fn drop(&mut self) {
		// It may have ended by itself; then nothing is left to do
		let _ = self.0.kill();
		let _ = self.0.wait();
	}
}

/// Feeds a node from the file.
fn feed(url: &str, file: &Path) -> Result<Running> {
	let child = Command::new(demo_program()?)
		.arg("prices")
		.arg(file)
		.args(["--url", url, "--every", "1s"])
		.stdout(Stdio::null())
		.spawn()?;
	Ok(Running(child))
}

/// Waits until the chain has the reference price, and these of tokens.
async fn until(chain: &Chain, prices: [(TokenId, &str); 2]) -> Result<()> {
	let deadline = Instant::now() + PATIENCE;
	loop {
		let at = chain.best().await?;
		let (reference, _) = at.prices().await?;
		let types = at.collateral_types().await?;
		let is = |token, price: &str| -> Result<bool> {
			let kind = types.iter().find(|kind| kind.token == token);
			Ok(kind.context("there is no such type")?.price == Some(units::parse_price(price)?))
		};
		let [(a, price_a), (b, price_b)] = prices;
		if reference.is_some() && is(a, price_a)? && is(b, price_b)? {
			return Ok(());
		}
		ensure!(Instant::now() < deadline, "waited for {prices:?}: {types:?}");
		tokio::time::sleep(Duration::from_millis(500)).await;
	}
}

#[tokio::test]
async fn prices_should_follow_the_file_when_it_is_edited() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let folder = tempfile::tempdir()?;
	let file = folder.path().join("prices.json");

	let feeder = feed(&node.url(), &file)?;
	until(&chain, [(RESERVE_TOKEN, "0.14"), (BLD_TOKEN, "0.05")]).await?;
	fs::write(&file, r#"{ "reference": 0.10, "BLD": "0.12", "1": 0.07 }"#)?;
	until(&chain, [(RESERVE_TOKEN, "0.07"), (BLD_TOKEN, "0.12")]).await?;
	// While it is half written it counts for nothing, and the last prices stand
	fs::write(&file, r#"{ "reference": 0.10, "#)?;
	until(&chain, [(RESERVE_TOKEN, "0.07"), (BLD_TOKEN, "0.12")]).await?;
	fs::write(&file, r#"{ "reference": 0.10, "BLD": 0.12, "1": 0.08 }"#)?;
	until(&chain, [(RESERVE_TOKEN, "0.08"), (BLD_TOKEN, "0.12")]).await?;
	drop(feeder);
	node.stop().await
}

/// Bob issues a token, and has a hundred of it.
async fn issue(chain: &Chain, id: TokenId, symbol: &str) -> Result<()> {
	let bob = Key::dev("Bob")?;
	let to = || MultiAddress::<_, ()>::Id(bob.account());
	let id = || Compact(id);
	let calls = [
		Call::new("Assets", "create").with(id()).with(to()).with_amount(10_000),
		Call::new("Assets", "set_metadata")
			.with(id())
			.with(symbol.as_bytes().to_vec())
			.with(symbol.as_bytes().to_vec())
			.with(6u8),
		Call::new("Assets", "mint")
			.with(id())
			.with(to())
			.with_amount(100_000_000),
	];
	for call in calls {
		chain.submit(&call, &bob, Wait::InBlock).await?;
	}
	Ok(())
}

#[tokio::test]
async fn token_should_become_collateral_when_it_has_a_price_and_the_vaults_account_has_some() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let cli = Cli::new(node.url());
	cli.refused("price feed --token 7 1.02 --as Alice", "there is no token 7")?;
	issue(&chain, 7, "EURX").await?;
	issue(&chain, FIRST_INDEX_FEED, "LATE").await?;

	for feeder in ["Alice", "Bob"] {
		cli.run(&format!(
			"price feed --reference 0.1 --token EURX 1.02 --token BLD 0.05 --as {feeder}"
		))?;
	}
	for (line, why) in [
		(
			"price feed --token 7 1.02 --token eurx 1 --as Alice",
			"there is no token called eurx",
		),
		(
			"price feed --token 7 1.02 --token EURX 1 --as Alice",
			"the price of 1 EURX is given twice",
		),
		("price feed --token 7 0 --as Alice", "more than zero"),
		("price feed --token 7 --as Alice", "2 values required"),
		(
			"price feed --token LATE 1 --as Alice",
			"can have no price, nor be collateral",
		),
	] {
		cli.refused(line, why)?;
	}

	let numbers =
		"--mint 150% --liquidation 130% --penalty 10% --interest 2% --ceiling 1000 --refill 1000 --max-share 10%";
	let add = |token| format!("params add {token} {numbers} --sudo --as Alice");
	cli.refused(&add("LATE"), "can have no price, so it cannot be collateral")?;
	let funded = cli.run("vault account --token 7")?;
	assert_eq!(funded["holds"], "0");
	let account = funded["account"].as_str().context("an account is a text")?;
	cli.refused(&add("7"), account)?;
	cli.run(&format!("transfer {account} 0.01 --token 7 --as Bob"))?;
	assert_eq!(cli.run("vault account --token EURX")?["holds"], "10000");
	cli.run(&add("7"))?;

	let prices = cli.run("price show")?;
	let of = |name: &str| {
		let mut rows = prices["prices"].as_array().into_iter().flatten();
		rows.find(|row| row["of"] == name).map(|row| row["price"].clone())
	};
	assert_eq!(of("1 EURX"), Some("1.02".into()), "{prices}");
	assert_eq!(of("1 BLD"), Some("0.05".into()), "{prices}");
	let vault = cli.run("vault open --token EURX --as Bob")?;
	cli.run(&format!("vault deposit {} 50 --as Bob", vault["vault"]))?;
	node.stop().await
}

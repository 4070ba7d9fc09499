//! What owners, depositors, holders and the council do with the stablecoin by the command line on a real node: every number that
//! is printed, and every refusal that people meet.

mod brakes;
mod end;
mod fall;
mod holders;
mod pool;
mod types;
mod vaults;

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use baseload_client::{keys::Key, Call, Chain, Wait, RESERVE_TOKEN};
use baseload_primitives::{Balance, KWH};
use baseload_tests::{start_node, Cli};
use serde_json::Value;

/// More than an hour's interest on all that is owed, which may come at any moment.
const INTEREST: Balance = 25 * KWH;

#[tokio::test]
async fn owners_and_council_should_be_told_what_they_did_when_prices_hold() -> Result<()> {
	let mut node = start_node().await?;
	let cli = Cli::new(node.url());
	let chain = Chain::connect(&node.url()).await?;
	vaults::owner_should_deposit_draw_repay_and_close(&cli, &chain).await?;
	brakes::brakes_should_stop_what_adds_risk(&cli)?;
	types::numbers_should_stay_within_their_bounds(&cli)?;
	types::new_type_should_need_a_token_and_all_of_its_numbers(&cli)?;
	end::holders_should_be_paid_at_par_when_shut_down(&cli, &chain).await?;
	node.stop().await
}

#[tokio::test]
async fn depositors_and_holders_should_be_told_what_they_got_when_prices_fall() -> Result<()> {
	let mut node = start_node().await?;
	let cli = Cli::new(node.url());
	let chain = Chain::connect(&node.url()).await?;
	holders::quote_should_say_what_is_wrong_before_prices_are_asked_for(&cli)?;
	pool::depositor_should_leave_with_everything(&cli, &chain).await?;
	holders::payout_should_be_owed_when_the_account_cannot_receive_it(&cli, &chain).await?;
	holders::quote_should_warn_of_a_price_that_is_not_confirmed(&cli)?;
	fall::depositor_should_get_the_collateral_of_the_liquidated(&cli, &chain).await?;
	end::payout_should_be_owed_when_shut_down(&cli, &chain).await?;
	node.stop().await
}

/// A number of base units, as the command line gives it to programs.
fn units(value: &Value) -> Result<Balance> {
	let text = value
		.as_str()
		.with_context(|| format!("base units are a text: {value}"))?;
	Ok(text.parse()?)
}

/// A count, as the command line gives it to programs.
fn count(value: &Value) -> Result<u64> {
	value.as_u64().with_context(|| format!("a count: {value}"))
}

/// The amount in a list that holds reserve tokens alone.
fn reserve(value: &Value) -> Result<Balance> {
	let list = value.as_array().with_context(|| format!("a list: {value}"))?;
	ensure!(
		list.len() == 1 && list[0]["token"] == "RSV",
		"reserve tokens alone: {value}"
	);
	units(&list[0]["amount"])
}

/// Whether a list is empty.
fn is_empty(value: &Value) -> bool {
	value.as_array().is_some_and(Vec::is_empty)
}

/// Two operators of three report the same prices, one block after the other: each is a price that is newer.
fn feed(cli: &Cli, collateral: &str) -> Result<()> {
	for feeder in ["Alice", "Bob"] {
		cli.run(&format!(
			"price feed --reference 0.1 --collateral {collateral} --as {feeder}"
		))?;
	}
	Ok(())
}

/// Feeds the first prices and waits until vaults are liquidated: they are not for as long as there was no price, and the pool stands
/// still meanwhile.
async fn open_market(cli: &Cli, chain: &Chain) -> Result<()> {
	feed(cli, "0.14")?;
	while cli.run("brake show")?["types"][0]["liquidation_in"] != 0 {
		chain.wait_for_block(Duration::from_secs(30)).await?;
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

/// Has the issuer of the reserve token `block` an account, which then cannot receive it, or `thaw` it again.
async fn issuer_does(chain: &Chain, what: &'static str, name: &str) -> Result<()> {
	let address = (0u8, Key::dev(name)?.account().0);
	let call = Call::new("Assets", what)
		.with_amount(RESERVE_TOKEN.into())
		.with(address);
	chain.submit(&call, &Key::dev("Alice")?, Wait::InBlock).await?;
	Ok(())
}

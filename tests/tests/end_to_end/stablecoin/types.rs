//! The types of collateral and the numbers that they are governed by.

use anyhow::Result;
use baseload_client::{calls, keys::Key, AccountId, Call, Chain, Wait};
use baseload_tests::Cli;

/// The second token of the assets pallet.
const GOLD: u32 = 2;

pub fn numbers_should_stay_within_their_bounds(cli: &Cli) -> Result<()> {
	let shown = cli.run("params show")?;
	let reserve = &shown["types"][0];
	assert_eq!(
		(&reserve["token"], &reserve["mint_ratio"], &reserve["interest"]),
		(&"RSV".into(), &"1.5".into(), &20_000.into())
	);
	let numbers = shown["numbers"].as_array().map(Vec::len);
	assert_eq!(numbers, Some(7), "{shown}");
	assert_eq!(shown["numbers"][0]["option"], "--mint");
	assert_eq!(shown["numbers"][0]["step"], "5 % up or down");

	for (line, why) in [
		("params set RSV --sudo --as Alice", "say what to change"),
		(
			"params set RSV --mint 160% --sudo --as Alice",
			"--mint 160 % is too far from 150 %: one change may lead to 145 % to 155 %",
		),
		(
			"params set RSV --liquidation 149% --sudo --as Alice",
			"--liquidation 149 % is out of its bounds beside the other numbers: 110 % to 145 %",
		),
		(
			"params set BLD --max-share 11% --sudo --as Alice",
			"--max-share 11 % is out of its bounds beside the other numbers: 0 % to 10 %",
		),
		("params set RSV --interest 3% --as Dave", "administrators"),
		("params set USD --interest 3% --sudo --as Alice", "no collateral here"),
		("params sweep-revenue RSV --as Dave", "(PowerStablecoin.NoRevenue)"),
	] {
		cli.refused(line, why)?;
	}
	assert_eq!(cli.run("params set RSV --interest 3% --sudo --as Alice")?["token"], 1);
	assert_eq!(cli.run("params show")?["types"][0]["interest"], 30_000);
	cli.refused(
		"params set RSV --interest 4% --sudo --as Alice",
		"(PowerStablecoin.ChangedTooSoon)",
	)
}

/// The account that keeps all collateral: derived from the name of its pallet.
fn vaults_account() -> AccountId {
	let mut bytes = [0; 32];
	bytes[..12].copy_from_slice(b"modlbl/vault");
	AccountId(bytes)
}

pub async fn token_should_become_a_type(cli: &Cli, chain: &Chain) -> Result<()> {
	let bob = Key::dev("Bob")?;
	let numbers =
		"--mint 150% --liquidation 130% --penalty 10% --interest 2% --ceiling 1000 --refill 10KWH --max-share 10%";
	let add = |token: u32| format!("params add {token} {numbers} --sudo --as Alice");
	cli.refused(&add(GOLD), "there is no asset 2")?;
	cli.refused(&add(1), "(PowerStablecoin.TypeExists)")?;
	cli.refused(
		"params add 1 --mint 150% --sudo --as Alice",
		"a new type needs all of its parameters",
	)?;

	let address = |account: AccountId| (0u8, account.0);
	let create = Call::new("Assets", "create")
		.with_amount(GOLD.into())
		.with(address(bob.account()))
		.with_amount(1);
	let describe = Call::new("Assets", "set_metadata")
		.with_amount(GOLD.into())
		.with(b"Gold".to_vec())
		.with(b"GLD".to_vec())
		.with(3u8);
	chain
		.submit(&calls::batch_all([create, describe]), &bob, Wait::InBlock)
		.await?;
	// The vaults' account must have the least balance of its own first.
	cli.refused(&add(GOLD), "(PowerStablecoin.AccountNotFunded)")?;
	let fund = Call::new("Assets", "mint")
		.with_amount(GOLD.into())
		.with(address(vaults_account()))
		.with_amount(1);
	chain.submit(&fund, &bob, Wait::InBlock).await?;

	assert_eq!(cli.run(&add(GOLD))?["token"], GOLD);
	let types = &cli.run("params show")?["types"];
	assert_eq!(
		(&types[2]["token"], types.as_array().map(Vec::len)),
		(&"GLD".into(), Some(3))
	);
	assert_eq!(cli.run("pool show --token GLD")?["round"], 0);
	Ok(())
}

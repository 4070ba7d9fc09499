//! An owner's commands, from the first to the last.

use anyhow::{Context, Result};
use baseload_client::Chain;
use baseload_primitives::{Balance, VaultId, KWH};
use baseload_tests::Cli;

use super::{holds, open_market, units, INTEREST};

/// What the genesis vault owes.
async fn owed(chain: &Chain) -> Result<Balance> {
	let vault = chain.best().await?.vault(VaultId(0)).await?;
	Ok(vault.context("the genesis vault")?.debt)
}

pub async fn owner_should_deposit_draw_repay_and_close(cli: &Cli, chain: &Chain) -> Result<()> {
	cli.refused("vault draw 0 1000 --as Alice", "(PowerStablecoin.NoPrice)")?;
	open_market(cli, chain).await?;
	vault_without_energy_should_be_for_collateral_only(cli, chain).await?;

	// Anybody may repay anybody's debt.
	let (before, (kwh, _)) = (owed(chain).await?, holds(chain, "Bob").await?);
	let repaid = cli.run("vault repay 0 100000 --as Bob")?;
	assert_eq!(units(&repaid["amount"])?, 100_000 * KWH);
	let left = units(&repaid["debt"])?;
	let expected = before - 100_000 * KWH;
	assert!((expected..expected + INTEREST).contains(&left), "{left} of {before}");
	let (kwh_after, _) = holds(chain, "Bob").await?;
	assert_eq!(kwh - kwh_after, 100_000 * KWH + units(&repaid["fee"])?);

	// With seven days' interest on top: 19.16 KWH.
	let drawn = cli.run("vault draw 0 50000 --as Alice")?;
	assert_eq!(units(&drawn["amount"])?, 50_000 * KWH);
	let more = units(&drawn["debt"])? - left;
	let expected = 50_019 * KWH;
	assert!((expected..expected + INTEREST).contains(&more), "{more}");

	let withdrawn = cli.run("vault withdraw 0 1000 --as Alice")?;
	assert_eq!(
		(units(&withdrawn["amount"])?, units(&withdrawn["collateral"])?),
		(1_000_000_000, 11_999_000_000_000)
	);
	for (line, why) in [
		("vault draw 0 1000000 --as Alice", "(PowerStablecoin.FuseBlown)"),
		(
			"vault withdraw 0 2000000 --as Alice",
			"(PowerStablecoin.CollateralTooLow)",
		),
		("vault close 0 --as Alice", "(PowerStablecoin.DebtOutstanding)"),
		("vault liquidate --as Dave", "(PowerStablecoin.NothingUnsafe)"),
		("vault check-cover 0 --as Dave", "(PowerStablecoin.CoverHolds)"),
		("vault check-cover 7 --as Dave", "(PowerStablecoin.UnknownVault)"),
	] {
		cli.refused(line, why)?;
	}
	assert_eq!(cli.run("vault show 0")?["health"], "covered");
	assert_eq!(cli.run("vault list")?["vaults"].as_array().map(Vec::len), Some(1));
	Ok(())
}

async fn vault_without_energy_should_be_for_collateral_only(cli: &Cli, chain: &Chain) -> Result<()> {
	let (_, before) = holds(chain, "Bob").await?;
	let vault = &cli.run("vault open --token RSV --as Bob")?["vault"];
	let put = cli.run(&format!("vault deposit {vault} 12.5 --as Bob"))?;
	assert_eq!(
		(units(&put["amount"])?, units(&put["collateral"])?),
		(12_500_000, 12_500_000)
	);
	// Anybody may add to it.
	let put = cli.run(&format!("vault deposit {vault} 0.5RSV --as Dave"))?;
	assert_eq!(
		(units(&put["amount"])?, units(&put["collateral"])?),
		(500_000, 13_000_000)
	);
	for (line, why) in [
		(
			format!("vault draw {vault} 1000 --as Bob"),
			"(PowerStablecoin.CollateralTooLow)",
		),
		(
			format!("vault draw {vault} 5 --as Bob"),
			"(PowerStablecoin.EnergyTooLow)",
		),
		(
			format!("vault draw {vault} 0.5 --as Bob"),
			"the least debt is 1 KWH: failed:",
		),
		(format!("vault draw {vault} 5 --as Dave"), "(PowerStablecoin.NotOwner)"),
		(format!("vault repay {vault} 5 --as Bob"), "(PowerStablecoin.NoDebt)"),
		(
			format!("vault withdraw {vault} 20 --as Bob"),
			"(PowerStablecoin.NotEnoughCollateral)",
		),
	] {
		cli.refused(&line, why)?;
	}
	let taken = cli.run(&format!("vault withdraw {vault} 3 --as Bob"))?;
	assert_eq!(
		(units(&taken["amount"])?, units(&taken["collateral"])?),
		(3_000_000, 10_000_000)
	);
	assert_eq!(&cli.run(&format!("vault close {vault} --as Bob"))?["vault"], vault);
	cli.refused(&format!("vault show {vault}"), "there is no open vault")?;
	// All came back, with what Dave had added.
	assert_eq!(holds(chain, "Bob").await?.1, before + 500_000);
	Ok(())
}

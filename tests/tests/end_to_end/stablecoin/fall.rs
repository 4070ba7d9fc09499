//! A fall of the collateral's price: a vault is liquidated, and the pool's depositors get its collateral.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use baseload_client::Chain;
use baseload_primitives::{VaultId, KWH};
use baseload_tests::{cli_program, Cli, Said};

use super::{feed, holds, units, INTEREST};

/// Expects 1000 KWH of Dave's in the pool, and nobody else's.
pub async fn depositor_should_get_the_collateral_of_the_liquidated(cli: &Cli, chain: &Chain) -> Result<()> {
	// Each step is within the tenth that is believed at once.
	for price in ["0.129", "0.119", "0.11"] {
		feed(cli, price)?;
	}
	cli.refused("vault liquidate --as Eve", "(PowerStablecoin.NothingUnsafe)")?;
	let supply = chain.best().await?.kwh_supply().await?;

	// Twelve million tokens for a debt of ten million KWH: 122 %.
	cli.run("price feed --reference 0.1 --collateral 0.102 --as Alice")?;
	let feeding = Command::new(cli_program()?)
		.args("price feed --reference 0.1 --collateral 0.102 --as Bob --json".split(' '))
		.args(["--url", cli.url()])
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()?;
	let called = cli.said("vault liquidate --as Eve")?;
	Said::from(feeding.wait_with_output()?).json()?;
	// The call does it if it is in the block of the price, behind it; any other block does it by itself.
	match called.success {
		true => assert_eq!(called.json()?["liquidated"], 1),
		false => assert!(called.err.contains("(PowerStablecoin.NothingUnsafe)"), "{called:?}"),
	}
	cli.refused("vault liquidate --as Eve", "(PowerStablecoin.NothingUnsafe)")?;

	let at = chain.best().await?;
	let vault = at.vault(VaultId(0)).await?.context("the genesis vault")?;
	assert_eq!((vault.debt, vault.drawn), (0, 0));
	let backing = at.proof_of_backing().await?;
	// The pool burnt all but its last unit; the rest is owed by nobody, with no other vault to take it over.
	assert_eq!((backing.debt, backing.shortfall), (0, backing.supply));
	assert!((supply + 1 - 1_000 * KWH..supply + INTEREST - 1_000 * KWH).contains(&backing.supply));

	// A KWH and a tenth of it as penalty, in tokens at 0.102.
	let (_, tokens) = holds(chain, "Dave").await?;
	let claimed = units(&cli.run("pool claim --as Dave")?["amount"])?;
	assert!((1_078_431_370..=1_078_431_372).contains(&claimed), "{claimed}");
	assert_eq!(holds(chain, "Dave").await?.1, tokens + claimed);
	cli.refused("pool claim --as Dave", "nothing")?;

	// What exceeded debt and penalty stayed the owner's.
	let (_, tokens) = holds(chain, "Alice").await?;
	cli.run("vault close 0 --as Alice")?;
	assert_eq!(holds(chain, "Alice").await?.1, tokens + vault.collateral);
	Ok(())
}

//! The shutdown: vaults are swept, and holders paid out.

use anyhow::Result;
use baseload_client::Chain;
use baseload_primitives::KWH;
use baseload_tests::Cli;

use super::{holds, is_empty, issuer_does, reserve, units};

/// Begins the shutdown, and checks what it ends.
fn shut_down(cli: &Cli) -> Result<()> {
	for (line, why) in [
		("shutdown begin --as Dave", "administrators"),
		("shutdown sweep --as Dave", "(PowerStablecoin.NotShutDown)"),
		("shutdown cash-out 250 --as Dave", "(PowerStablecoin.NotShutDown)"),
	] {
		cli.refused(line, why)?;
	}
	assert_eq!(cli.run("shutdown begin --sudo --as Alice")?["shut_down"], true);
	assert!(cli.run("brake show")?["shut_down"].is_number());
	for (line, why) in [
		("shutdown begin --sudo --as Alice", "(PowerStablecoin.ShutDown)"),
		("redeem 250 --quote", "the system was shut down at 20"),
		(
			"redeem 250 --max-fee 1% --yes --as Dave",
			"the system was shut down at 20",
		),
		("pool deposit 10 --as Dave", "(PowerStablecoin.ShutDown)"),
		// The block of the shutdown has swept what owed anything.
		("shutdown sweep --as Dave", "(PowerStablecoin.AllSwept)"),
	] {
		cli.refused(line, why)?;
	}
	Ok(())
}

/// At a price of 0.14, with a vault that owes less than it has.
pub async fn holders_should_be_paid_at_par_when_shut_down(cli: &Cli, chain: &Chain) -> Result<()> {
	shut_down(cli)?;
	cli.refused("vault draw 0 100 --as Alice", "(PowerStablecoin.ShutDown)")?;
	let (kwh, tokens) = holds(chain, "Dave").await?;
	let paid = cli.run("shutdown cash-out 250 --as Dave")?;
	// 250 KWH of 0.10 each.
	assert_eq!(
		(units(&paid["burnt"])?, reserve(&paid["out"])?),
		(250 * KWH, 178_571_428)
	);
	assert!(is_empty(&paid["owed"]), "{paid}");
	assert_eq!(
		holds(chain, "Dave").await?,
		(kwh - 250 * KWH - units(&paid["fee"])?, tokens + 178_571_428)
	);
	cli.run("vault close 0 --as Alice")?;
	Ok(())
}

/// At a price of 0.102, with all that was seized in the reserve.
pub async fn payout_should_be_owed_when_shut_down(cli: &Cli, chain: &Chain) -> Result<()> {
	shut_down(cli)?;
	issuer_does(chain, "block", "Dave").await?;
	let (_, tokens) = holds(chain, "Dave").await?;
	let paid = cli.run("shutdown cash-out 250 --as Dave")?;
	assert_eq!(
		(units(&paid["burnt"])?, reserve(&paid["owed"])?),
		(250 * KWH, 245_098_039)
	);
	assert!(is_empty(&paid["out"]), "{paid}");
	issuer_does(chain, "thaw", "Dave").await?;
	assert_eq!(units(&cli.run("redeem claim --as Dave")?["amount"])?, 245_098_039);
	assert_eq!(holds(chain, "Dave").await?.1, tokens + 245_098_039);

	let paid = cli.run("shutdown cash-out 100 --as Eve")?;
	assert_eq!(reserve(&paid["out"])?, 98_039_215);
	assert!(is_empty(&paid["owed"]), "{paid}");
	Ok(())
}

//! The guardian stops what adds risk and can start nothing; administrators can.

use anyhow::Result;
use baseload_tests::Cli;

pub fn brakes_should_stop_what_adds_risk(cli: &Cli) -> Result<()> {
	let safety = cli.run("brake show")?;
	assert_eq!((&safety["level"], &safety["shut_down"]), (&"all".into(), &().into()));
	assert!(safety["types"][0]["liquidation_in"].is_number(), "{safety}");
	for (line, why) in [
		("brake tighten no-new-debt --as Dave", "administrators"),
		(
			"brake tighten all --sudo --as Alice",
			"(PowerStablecoin.WrongDirection)",
		),
		("brake loosen all --sudo --as Alice", "(PowerStablecoin.WrongDirection)"),
		("brake restore RSV --sudo --as Alice", "(PowerStablecoin.NotImpaired)"),
	] {
		cli.refused(line, why)?;
	}

	// One member of three is a third of the council.
	let moved = cli.run("brake tighten no-new-debt --council 1 --as Bob")?;
	assert_eq!(moved["level"], "no-new-debt");
	assert_eq!(cli.run("brake show")?["level"], "no-new-debt");
	cli.refused("brake loosen all --council 1 --as Bob", "administrators")?;
	cli.refused("vault draw 0 100 --as Alice", "(PowerStablecoin.BreakerOpen)")?;
	cli.run("vault withdraw 0 1 --as Alice")?;

	assert_eq!(
		cli.run("brake tighten exit-only --sudo --as Alice")?["level"],
		"exit-only"
	);
	for line in [
		"vault withdraw 0 1 --as Alice",
		"vault liquidate --as Dave",
		"pool deposit 10 --as Dave",
	] {
		cli.refused(line, "(PowerStablecoin.BreakerOpen)")?;
	}
	assert!(cli.run("brake show")?["types"][0]["liquidation_in"].is_null());
	cli.run("vault repay 0 10 --as Dave")?;
	assert_eq!(cli.run("brake loosen all --sudo --as Alice")?["level"], "all");
	assert_eq!(cli.run("brake show")?["level"], "all");

	impaired_type_should_neither_be_drawn_on_nor_redeemed_against(cli)
}

fn impaired_type_should_neither_be_drawn_on_nor_redeemed_against(cli: &Cli) -> Result<()> {
	cli.refused("brake impair RSV --as Dave", "administrators")?;
	assert_eq!(cli.run("brake impair RSV --council 1 --as Bob")?["token"], 1);
	for (line, why) in [
		("brake impair RSV --council 1 --as Bob", "(PowerStablecoin.Impaired)"),
		("vault draw 0 100 --as Alice", "(PowerStablecoin.Impaired)"),
		("pool deposit 10 --as Dave", "(PowerStablecoin.Impaired)"),
		("redeem 250 --quote", "is marked as impaired"),
	] {
		cli.refused(line, why)?;
	}
	// Administrators confirm the guardian's mark by the same call, once.
	cli.run("brake impair RSV --sudo --as Alice")?;
	cli.refused("brake impair RSV --sudo --as Alice", "(PowerStablecoin.Impaired)")?;
	let types = cli.run("params show")?;
	assert_eq!(
		(&types["types"][0]["impaired"], &types["types"][1]["impaired"]),
		(&true.into(), &false.into())
	);
	assert_eq!(cli.run("brake restore RSV --sudo --as Alice")?["token"], 1);
	cli.run("redeem 250 --quote")?;
	Ok(())
}

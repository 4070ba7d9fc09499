//! The types of collateral and the numbers that they are governed by.

use anyhow::Result;
use baseload_tests::Cli;

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

pub fn new_type_should_need_a_token_and_all_of_its_numbers(cli: &Cli) -> Result<()> {
	let numbers =
		"--mint 150% --liquidation 130% --penalty 10% --interest 2% --ceiling 1000 --refill 10KWH --max-share 10%";
	let dear = numbers.replace("--penalty 10%", "--penalty 21%");
	for (line, why) in [
		(format!("params add 7 {numbers} --sudo --as Alice"), "there is no"),
		(
			format!("params add 1 {numbers} --sudo --as Alice"),
			"(PowerStablecoin.TypeExists)",
		),
		(
			format!("params add 1 {dear} --sudo --as Alice"),
			"--penalty 21 % is out of its bounds beside the other numbers: 0 % to 20 %",
		),
		(
			"params add 1 --mint 150% --sudo --as Alice".into(),
			"a new type needs all of its parameters",
		),
	] {
		cli.refused(&line, why)?;
	}
	Ok(())
}

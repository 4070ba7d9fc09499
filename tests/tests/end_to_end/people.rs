//! Accounts, sites, vaults and agreements by the command line on a real node, from the first look to the last exit.

use anyhow::{Context, Result};
use baseload_client::{billing::Month, keys::DeviceSecret};
use baseload_primitives::MeterId;
use baseload_tests::{
	ppa::{Draft, People},
	start_node, Cli,
};
use serde_json::Value;

/// A number of base units, as the command line gives it to programs.
fn units(value: &Value) -> Result<u128> {
	Ok(value.as_str().context("base units are a text")?.parse()?)
}

#[tokio::test]
async fn money_should_go_all_its_ways_when_people_use_the_command_line() -> Result<()> {
	let mut node = start_node().await?;
	let cli = Cli::new(node.url());
	tokens_should_be_sent(&cli)?;
	plant_should_be_registered_and_certified(&cli)?;
	vault_should_be_opened_and_closed(&cli)?;
	agreement_should_be_accepted_funded_and_given_up(&cli)?;
	council_should_act_as_root(&cli)?;
	node.stop().await
}

fn tokens_should_be_sent(cli: &Cli) -> Result<()> {
	let status = cli.run("status")?;
	assert_eq!((&status["kind"], &status["sites"]), (&"development".into(), &0.into()));
	let before = cli.run("account Ferdie")?;
	cli.run("transfer Ferdie 1.5 --as Alice")?;
	cli.run("transfer Ferdie 2 --token BLD --as Alice")?;
	cli.run("transfer Ferdie 5RSV --as Alice")?;
	cli.run("transfer Ferdie 0.25 --token 1 --as Alice")?;
	let after = cli.run("account Ferdie")?;
	for (holding, sent) in [
		("/kwh_free", 1_500_000_000_000),
		("/bld_free", 2_000_000_000_000),
		("/tokens/0/balance", 5_250_000),
	] {
		let held = |account: &Value| units(account.pointer(holding).context("a holding")?);
		assert_eq!(held(&after)? - held(&before)?, sent, "{holding}");
	}
	cli.refused("transfer Ferdie 1 --token EUR --as Alice", "no token called EUR")?;
	cli.refused("transfer Ferdie 0.0000001RSV --as Alice", "more than 6 decimals")?;
	cli.refused("transfer Ferdie 1e30 --as Alice", "1e30")
}

fn plant_should_be_registered_and_certified(cli: &Cli) -> Result<()> {
	cli.run(
		"site register --technology solar --zone DE-LU --connection-point CP1 --nameplate 6kW --commissioned 2024-01-01 --as Bob",
	)?;
	let folder = tempfile::tempdir()?;
	let key = folder.path().join("device");
	DeviceSecret::create(&key)?;
	let key = key.to_str().context("a plain path")?;
	cli.run(&format!(
		"meter register 0 --register export,import --device-file {key} --as Bob"
	))?;
	cli.refused(
		&format!("meter register 0 --register export --device-file {key} --as Bob"),
		"registered before",
	)?;
	cli.refused("site certify 0 0 --as Bob", "administrators")?;
	// The registrar is half of the council, or root.
	carry(
		cli,
		"site certify 0 0 --council 2 --as Alice",
		["Alice", "Bob"],
		|cli| {
			assert!(cli.run("site show 0")?["revenue_meter"].is_null(), "only proposed");
			Ok(())
		},
	)?;
	assert_eq!(cli.run("site show 0")?["revenue_meter"], 0);
	cli.run("site revoke 0 --sudo --as Alice")?;
	assert!(cli.run("site show 0")?["revenue_meter"].is_null());
	cli.run("site certify 0 0 --sudo --as Alice")?;
	assert_eq!(cli.run("site list")?["sites"].as_array().map(Vec::len), Some(1));
	assert_eq!(cli.run("meter list")?["meters"].as_array().map(Vec::len), Some(1));
	assert_eq!(units(&cli.run("site cover 0 --at 2030-01-01")?["cover_wh"])?, 0);
	cli.refused("site cover 0 --at 2024-01-01", "is past")
}

/// Proposes with the command `line`, looks whether nothing has come of it yet, has the two members vote and somebody else close.
fn carry(cli: &Cli, line: &str, ayes: [&str; 2], before: impl FnOnce(&Cli) -> Result<()>) -> Result<Value> {
	let motion = &cli.run(line)?["motion"];
	cli.refused(&format!("council close {motion} --as Dave"), "too early")?;
	before(cli)?;
	for (count, member) in (1..).zip(ayes) {
		let voted = cli.run(&format!("council vote {motion} aye --as {member}"))?;
		assert_eq!((&voted["ayes"], &voted["threshold"]), (&count.into(), &2.into()));
	}
	let closed = cli.run(&format!("council close {motion} --as Dave"))?;
	assert_eq!(closed["carried_out"], true);
	cli.refused(&format!("council show {motion}"), "no open motion")?;
	Ok(closed)
}

fn council_should_act_as_root(cli: &Cli) -> Result<()> {
	assert_eq!(cli.run("council members")?["members"].as_array().map(Vec::len), Some(3));
	cli.refused("council spend Ferdie 3 --council 1 --as Alice", "administrators")?;
	cli.refused("council spend Ferdie 3 --as Alice", "administrators")?;
	let ferdie = cli.run("account Ferdie")?;
	let name = ferdie["account"].as_str().context("a text")?;
	carry(
		cli,
		"council spend Ferdie 3 --council 2 --as Charlie",
		["Bob", "Charlie"],
		|cli| {
			let motions = cli.run("council list")?;
			let call = motions["motions"][0]["call"].as_str().context("a text")?;
			for part in ["dispatch_as_fallible", "transfer_keep_alive", name, "3000000000000"] {
				assert!(call.contains(part), "no {part} in {call}");
			}
			cli.refused("council vote 99 aye --as Alice", "no open motion 99")
		},
	)?;
	let received = units(&cli.run("account Ferdie")?["kwh_free"])? - units(&ferdie["kwh_free"])?;
	assert_eq!(received, 3_000_000_000_000);

	let folder = tempfile::tempdir()?;
	let code = folder.path().join("runtime");
	std::fs::write(&code, b"\0asm and no runtime")?;
	let code = code.to_str().context("a plain path")?;
	cli.refused(&format!("council apply-upgrade {code} --as Dave"), "authorized")?;
	let permit = format!("council authorize-upgrade {code} --council 2 --as Alice");
	carry(cli, &permit, ["Alice", "Bob"], |_| Ok(()))?;
	cli.refused(
		&format!("council apply-upgrade {code} --as Dave"),
		"FailedToExtractRuntimeVersion",
	)?;

	carry(
		cli,
		"council set-members Bob Dave --council 2 --as Alice",
		["Alice", "Bob"],
		|_| Ok(()),
	)?;
	assert_eq!(cli.run("council members")?["members"].as_array().map(Vec::len), Some(2));
	cli.refused("council spend Ferdie 3 --council 2 --as Alice", "not a member")
}

fn vault_should_be_opened_and_closed(cli: &Cli) -> Result<()> {
	for feeder in ["Alice", "Bob", "Charlie"] {
		cli.run(&format!("price feed --reference 0.1 --collateral 0.14 --as {feeder}"))?;
	}
	cli.refused("vault open --token USD --as Bob", "no collateral here")?;
	let vault = &cli.run("vault open --token RSV --as Bob")?["vault"];
	cli.run(&format!("vault deposit {vault} 2 --as Bob"))?;
	cli.run(&format!("vault pledge {vault} 0 --as Bob"))?;
	let shown = cli.run(&format!("vault show {vault}"))?;
	assert_eq!(
		(units(&shown["collateral"])?, units(&shown["drawable"])?),
		(2_000_000, 0)
	);
	// Collateral alone is not enough: no energy is attested yet.
	cli.refused(&format!("vault draw {vault} 1 --as Bob"), "energy")?;
	cli.refused(&format!("vault withdraw {vault} 1 --as Charlie"), "owner")?;
	let backing = cli.run("backing")?;
	assert_eq!(
		units(&backing["supply"])?,
		units(&backing["debt"])? + units(&backing["shortfall"])?
	);
	assert!(cli.run("vault list")?["vaults"]
		.as_array()
		.is_some_and(|vaults| vaults.len() == 2));
	cli.run(&format!("vault withdraw {vault} 1 --as Bob"))?;
	cli.run(&format!("vault release {vault} 0 --as Bob"))?;
	cli.run(&format!("vault close {vault} --as Bob"))?;
	cli.refused(&format!("vault show {vault}"), "no open vault")
}

fn agreement_should_be_accepted_funded_and_given_up(cli: &Cli) -> Result<()> {
	let before = units(&cli.run("account Charlie")?["kwh_free"])?;
	let now = cli.run("status")?["time"].as_u64().context("a time")?;
	let next = Month::of(now).plus(1);
	let folder = tempfile::tempdir()?;
	let file = folder.path().join("agreement.toml");
	let draft = Draft::new(People::BOB_TO_CHARLIE, MeterId(0), next, 12, now)
		.with("conditions", "escrow", "10 KWH")
		.with_number("term", "months", 24);
	std::fs::write(&file, draft.text())?;
	let file = file.to_str().context("a plain path")?;

	let shown = cli.run(&format!("ppa propose --file {file} --dry-run"))?;
	let proposed = cli.run(&format!("ppa propose --file {file} --as Bob"))?;
	let agreement = &proposed["agreement"];
	assert_eq!(shown["contract_hash"], proposed["contract_hash"]);
	let shown = cli.run(&format!("ppa show {agreement}"))?;
	assert_eq!((&shown["status"], &shown["months"]), (&"proposed".into(), &24.into()));
	assert_eq!(shown["contract_hash"], proposed["contract_hash"]);
	let fee = (units(&shown["attestor_fee"])?, &shown["attestor_cap_ppm"]);
	assert_eq!(fee, (1_000_000_000_000, &10_000.into()));
	let hash = shown["contract_hash"].as_str().context("a text")?;
	let other = "0x".to_owned() + &"00".repeat(32);
	cli.refused(
		&format!("ppa accept {agreement} --hash {other} --as Charlie"),
		"has the terms with the hash",
	)?;
	cli.refused(&format!("ppa accept {agreement} --hash {hash} --as Bob"), "")?;
	let accepted = cli.run(&format!("ppa accept {agreement} --hash {hash} --as Charlie"))?;
	assert_eq!(
		(&accepted["prices"][0], &accepted["contract_hash"]),
		(&"2.8.0 1 KWH/kWh".into(), &hash.into())
	);
	let funded = cli.run(&format!("ppa fund {agreement} 12 --as Charlie"))?;
	assert_eq!(units(&funded["escrow"])?, 12_000_000_000_000);
	assert_eq!(
		cli.run("ppa list --party Charlie")?["agreements"]
			.as_array()
			.map(Vec::len),
		Some(1)
	);
	// Neither side alone can give it up.
	let asked = cli.run(&format!("ppa give-up {agreement} --as Bob"))?;
	assert_eq!(asked["made"], false);
	let change = asked["change_hash"].as_str().context("a text")?;
	let agreed = cli.run(&format!("ppa agree {agreement} --hash {change} --as Charlie"))?;
	assert_eq!((&agreed["made"], &agreed["status"]), (&true.into(), &"gone".into()));
	cli.refused(&format!("ppa show {agreement}"), "there is no agreement")?;
	// All but the fees came back.
	let paid = before - units(&cli.run("account Charlie")?["kwh_free"])?;
	assert!(paid < 1_000_000_000_000, "{paid}");
	Ok(())
}

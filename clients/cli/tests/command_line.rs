//! The command line as people meet it, without a node.

#![allow(clippy::unwrap_used)]

use std::{
	fs,
	os::unix::fs::PermissionsExt,
	process::{Command, Output, Stdio},
};

/// A key that is valid: the base point of the curve.
const KEY: &str = "ed25519:0x5866666666666666666666666666666666666666666666666666666666666666";
const HASH: &str = "0x0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";

/// Nobody listens on this port.
const NOBODY: &str = "ws://127.0.0.1:9";

fn baseload(arguments: &[&str]) -> Command {
	let mut command = Command::new(env!("CARGO_BIN_EXE_baseload"));
	command
		.args(arguments)
		.env_remove("BASELOAD_URL")
		.env_remove("BASELOAD_SECRET_URI");
	command
}

fn run(arguments: &[&str]) -> Output {
	baseload(arguments).output().unwrap()
}

fn error(output: &Output) -> String {
	assert!(output.stdout.is_empty(), "errors go to standard error only");
	String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_group_should_say_that_no_node_answers_when_the_node_is_away() {
	for arguments in [
		&["status"][..],
		&["account", "Alice"],
		&["transfer", "Bob", "1"],
		&["site", "list"],
		&["meter", "list"],
		&["meter", "watch", "0"],
		&["attestor", "show"],
		&["vault", "list"],
		&["backing"],
		&["redeem", "250", "--max-fee", "0.7%"],
		&["pool", "show"],
		&["params", "show"],
		&["brake", "show"],
		&["ppa", "list"],
		&["validator", "list"],
		&["council", "list"],
		&["price", "feed", "--reference", "0.1"],
	] {
		let output = run(&[arguments, &["--url", NOBODY, "--as", "Alice"]].concat());
		assert_eq!(output.status.code(), Some(1), "{arguments:?}");
		let error = error(&output);
		assert!(
			error.starts_with("error: no node answers at ws://127.0.0.1:9: is it running?"),
			"{error}"
		);
		assert_eq!(error.lines().count(), 1, "{error}");
	}
}

#[test]
fn address_of_the_node_should_come_from_the_environment_when_not_given() {
	let output = baseload(&["status"])
		.env("BASELOAD_URL", "ws://127.0.0.1:7")
		.output()
		.unwrap();
	assert!(error(&output).contains("ws://127.0.0.1:7"));
}

#[test]
fn address_should_be_refused_when_not_a_websocket() {
	for url in ["http://127.0.0.1:9944", "127.0.0.1:9944", ""] {
		let output = run(&["status", "--url", url]);
		assert_eq!(output.status.code(), Some(1));
		assert!(error(&output).contains("must begin with ws:// or wss://"), "{url}");
	}
	assert_eq!(run(&["status", "--url", "ws://"]).status.code(), Some(1));
}

#[test]
fn every_call_should_be_understood_when_written_as_documented() {
	let folder = tempfile::tempdir().unwrap();
	let file = |name: &str, text: &str| {
		let path = folder.path().join(name);
		fs::write(&path, text).unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
		path.to_str().unwrap().to_string()
	};
	let device = &file("device", &"07".repeat(32));
	let ocmf = &file("record", "OCMF|{}|{}\n");
	let wasm = &file("runtime", "\0asm");
	let template = run(&["ppa", "template", "hydro-take-or-pay"]).stdout;
	let agreement = &file("agreement", std::str::from_utf8(&template).unwrap());
	let signature = &format!("ed25519:0x{}", "07".repeat(64));
	let row = &file(
		"row",
		&format!(
			r#"{{"meter":0,"sequence":1,"measured_at":0,"clock":"synchronised","quality":"measured","registers":[1],"signature":"{signature}"}}"#
		),
	);
	for line in [
		&format!("meter register 0 --register export,import --device-file {device}"),
		&format!("meter register 0 --register export --device-key {KEY} --proof {signature}"),
		&format!("meter register 0 --register export --device-key {KEY} --approved"),
		"meter register-committee 0 --register export",
		&format!("meter approve-key 0 {KEY} --sudo"),
		&format!("meter approve-key 0 {KEY} --ocmf-serial 1EM --pages fiscal"),
		&format!("meter rotate-key 0 --device-file {device} --new-device-file {device}"),
		&format!("meter rotate-key 0 --consent {signature} --new-key {KEY} --proof {signature}"),
		&format!("meter replace-device 0 {KEY} --opening export=0Wh,import=3kWh --sudo"),
		"meter policy 0",
		"meter policy 0 --window 1h --vote-period 3d --max-power 5MW --gap-after 2h --frozen-after 1d",
		"meter policy 0 --clock mark --estimated hold --frozen reject --gap hold --check 1 --check-tolerance 1% --sudo",
		"meter policy 0 --no-check",
		"meter committee 0 --member Alice Bob Charlie --quorum 2 --sudo",
		"meter committee 0 --none",
		"meter report 0 --sequence 1 --measured-at 2026-01-31T12:00:00Z --count export=1kWh --count import=0Wh",
		&format!("meter submit-ocmf 0 {ocmf}"),
		&format!("meter relay {row}"),
		"meter disputes 0",
		"meter months 0 --year 2026",
		"transfer Bob 5RSV",
		"transfer Bob 5 --token RSV",
		"site cover 0 --at 2026-12-24",
		"site certify 0 0 --council 2",
		"council members",
		"council show 0",
		"council vote 0 aye",
		"council close 0",
		"council set-members Alice Bob --council 2",
		"council spend Bob 5 --token BLD --council 2",
		"council spend Bob 5RSV --sudo",
		&format!("council authorize-upgrade {wasm} --council 2"),
		&format!("council apply-upgrade {wasm}"),
		"attestor bond 1000BLD",
		"attestor unbond",
		"attestor withdraw",
		"attestor claim",
		&format!("ppa propose --file {agreement}"),
		&format!("ppa propose --file {agreement} --dry-run"),
		&format!("ppa accept 0 --hash {HASH}"),
		"ppa cancel 0",
		"ppa fund 0 10KWH",
		"ppa secure 0 10KWH",
		"ppa bond 0 10KWH",
		"ppa activate 0",
		"ppa settle 0",
		"ppa settle 0 --steps 8 --once",
		"ppa withdraw 0 10",
		"ppa dispute 0 1 5.5KWH",
		"ppa resolve 0 1 30%",
		"ppa declare 0 deemed 5MWh --month 2026-11",
		"ppa declare 0 excused 5MWh --month 2026-11",
		"ppa suspend 0",
		"ppa resume 0",
		"ppa amend 0 --from 2027-07 --price 0.06KWH/kWh,-0.01KWH/kWh --quantity 5GWh --payee Dave --no-resolver",
		"ppa amend 0 --from 2027-07 --price -0.01KWH/kWh",
		"ppa amend 0 --from 2027-07 --resolver Eve",
		"ppa give-up 0",
		&format!("ppa agree 0 --hash {HASH}"),
		"ppa drop-request 0",
		"ppa terminate 0 buyer-default",
		"ppa terminate 0 seller-default",
		"ppa terminate 0 longstop",
		"ppa buy-out 0",
		"ppa notify-lender 0",
		"ppa assign 0 Dave",
		"ppa discharge 0",
		"ppa step-in 0 --operator Dave --payee Eve",
		"ppa claim 0",
		"ppa fix-index 0",
		"ppa forget 0 --bills 8",
		"ppa show 0",
		"ppa list --party Bob",
		"ppa list --meter 0",
		"ppa bills 0",
		"ppa next-bill 0",
		"ppa shares 0 --month 2026-11",
		"ppa statement 0 --month 2026-11 --csv s.csv --html s.html --json-file s.json",
		"ppa feed show 0 --month 2026-11",
		"ppa feed report 0 -0.05",
		"ppa feed observe 0",
		"ppa feed publish 0 --month 2026-11 -0.05KWH/kWh --sudo",
		"attestor show Bob",
		&format!("attestor dispute 0 1 --evidence {row}"),
		&format!("attestor dispute 0 1 --evidence-hash {HASH}"),
		"attestor vote 0 1 stands",
		"attestor decide 0 1 wrong --sudo",
		"attestor close-dispute 0 1",
		&format!("attestor vouch {row} {row}.voucher"),
		&format!("attestor report-equivocation 0 {row} {ocmf} --device-key {KEY}"),
		"vault open --token BLD",
		"vault liquidate --token RSV --vaults 3",
		"vault check-cover 0",
		"redeem 250 --max-fee 0.7% --min-out 0.7RSV --min-out 2BLD --yes",
		"redeem 250KWH --quote",
		"redeem 250 --max-fee 0.7% --no-follow",
		"redeem list",
		"redeem cancel 0",
		"redeem follow 0 --from 12",
		"redeem claim --token BLD",
		"redeem work 5",
		"pool show --token BLD --account Bob",
		"pool deposit 10 --token BLD",
		"pool notice 10KWH",
		"pool withdraw",
		"pool claim",
		"params add 7 --mint 150% --liquidation 130% --penalty 10% --interest 2% --ceiling 1000 --refill 10KWH --max-share 10% --sudo",
		"params set RSV --interest 3% --sudo",
		"params sweep-revenue RSV",
		"brake tighten no-new-debt --sudo",
		"brake loosen all",
		"brake impair RSV",
		"brake restore RSV",
		"shutdown begin --sudo",
		"shutdown sweep 5",
		"shutdown cash-out 250KWH",
		"price show",
		"price feed --bond 0.05",
		"price feed --token 7 1.02 --token RSV 0.14",
		"vault account --token 7",
	] {
		let arguments: Vec<&str> = line.split(' ').chain(["--url", NOBODY, "--as", "Alice"]).collect();
		let output = run(&arguments);
		let error = error(&output);
		assert!(error.starts_with("error: no node answers"), "{line}: {error}");
	}
}

#[test]
fn file_should_be_refused_before_anything_is_sent_when_it_does_not_hold_what_is_wanted() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("file");
	let file = path.to_str().unwrap();
	for (text, arguments, said) in [
		(
			"{}",
			&["meter", "relay", file][..],
			"file: line 1: \"{}\" is no row: missing field",
		),
		("\n", &["meter", "relay", file], "holds no row"),
		("", &["meter", "submit-ocmf", "0", file], "is no row"),
		("{}", &["attestor", "vouch", file, "voucher"], "is no row"),
		("{}", &["attestor", "report-equivocation", "0", file, file], "is no row"),
		("{}", &["attestor", "report-false-vouch", file], "is no voucher"),
	] {
		fs::write(&path, text).unwrap();
		let output = run(&[arguments, &["--url", NOBODY, "--as", "Alice"]].concat());
		assert_eq!(output.status.code(), Some(1), "{arguments:?}");
		let error = error(&output);
		assert!(error.contains(said), "{error}");
	}
}

#[test]
fn template_should_be_listed_printed_and_written_once() {
	let listed = run(&["ppa", "template", "--json"]);
	let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
	let names: Vec<_> = listed["templates"]
		.as_array()
		.unwrap()
		.iter()
		.map(|row| row["template"].as_str().unwrap())
		.collect();
	assert_eq!(
		names,
		[
			"utility-solar",
			"wind-cfd",
			"corporate-vppa",
			"hydro-take-or-pay",
			"datacentre-baseload",
			"time-of-use"
		]
	);
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("agreement.toml");
	let file = path.to_str().unwrap();
	let printed = run(&["ppa", "template", "wind-cfd"]);
	assert!(run(&["ppa", "template", "wind-cfd", "--write", file]).status.success());
	assert_eq!(fs::read(&path).unwrap(), printed.stdout);
	let object = run(&["ppa", "template", "wind-cfd", "--json"]);
	let object: serde_json::Value = serde_json::from_slice(&object.stdout).unwrap();
	assert_eq!(object["text"].as_str().unwrap().as_bytes(), printed.stdout);
	assert!(error(&run(&["ppa", "template", "wind-cfd", "--write", file])).contains("cannot be written"));
	assert!(error(&run(&["ppa", "template", "coal"])).contains("one of utility-solar, wind-cfd"));
}

#[test]
fn agreement_should_be_refused_with_its_place_before_a_node_is_asked() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("agreement.toml");
	let file = path.to_str().unwrap();
	let text = String::from_utf8(run(&["ppa", "template", "wind-cfd"]).stdout).unwrap();
	let line = 1 + text.lines().position(|line| line.starts_with("strike")).unwrap();
	fs::write(
		&path,
		text.replace("strike = \"0.075 KWH/kWh\"", "strike = \"0.075\" # KWH/MWh?\nstrik = 1"),
	)
	.unwrap();
	let output = run(&["ppa", "propose", "--file", file, "--url", NOBODY, "--as", "Bob"]);
	assert_eq!(output.status.code(), Some(1));
	let said = error(&output);
	assert!(
		said.contains(&format!("agreement.toml:{}:1: unknown field `strik`", line + 1)),
		"{said}"
	);
	assert!(said.contains("strik = 1\n"), "{said}");
	let missing = run(&[
		"ppa",
		"propose",
		"--file",
		"nowhere.toml",
		"--url",
		NOBODY,
		"--as",
		"Bob",
	]);
	assert!(error(&missing).contains("the agreement nowhere.toml cannot be read"));
}

#[test]
fn nonsense_should_be_refused_with_code_2() {
	for arguments in [
		&[][..],
		&["nonsense"],
		&["transfer", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQX", "1"],
		&["site", "register", "--technology", "coal"],
		&["site", "show", "-1"],
		&["site", "show", "4294967296"],
		&["vault", "draw", "0", "1 BLD"],
		&["vault", "draw", "0", "0.0000000000001"],
		&["meter", "register", "0", "--register", "export"],
		&["meter", "register", "0", "--register", "export", "--device-key", "00"],
		&["meter", "register", "0", "--register", "export", "--device-key", KEY],
		&[
			"meter",
			"register",
			"0",
			"--register",
			"export",
			"--device-file",
			"f",
			"--approved",
		],
		&["meter", "register-committee", "0"],
		&["meter", "approve-key", "0"],
		&["meter", "approve-key", "0", KEY, "--ocmf-serial", "1EM"],
		&["meter", "rotate-key", "0", "--device-file", "f"],
		&["meter", "rotate-key", "0", "--new-device-file", "f"],
		&["meter", "replace-device", "0", KEY],
		&["meter", "replace-device", "0", KEY, "--opening", "export"],
		&["meter", "policy", "0", "--window", "1"],
		&["meter", "policy", "0", "--max-power", "5 MWh"],
		&["meter", "policy", "0", "--gap", "ignore"],
		&["meter", "committee", "0"],
		&["meter", "report", "0", "--sequence", "1", "--count", "export=1kWh"],
		&["meter", "submit-ocmf", "0"],
		&["meter", "relay"],
		&["meter", "months", "0", "--year", "1969"],
		&["site", "cover", "0"],
		&["site", "cover", "0", "--at", "Christmas"],
		&["attestor", "bond", "1 KWH"],
		&["attestor", "dispute", "0", "1"],
		&[
			"attestor",
			"dispute",
			"0",
			"1",
			"--evidence",
			"f",
			"--evidence-hash",
			HASH,
		],
		&["attestor", "dispute", "0", "1", "--evidence-hash", "0x12"],
		&["attestor", "vote", "0", "1", "perhaps"],
		&["attestor", "decide", "0", "1"],
		&["attestor", "close-dispute", "0"],
		&["attestor", "report-equivocation", "0", "one"],
		&["attestor", "report-false-vouch"],
		&["meter", "window", "one hour"],
		&["ppa", "propose"],
		&["ppa", "accept", "0"],
		&["ppa", "accept", "0", "--hash", "0x12"],
		&["ppa", "fund", "0", "5 BLD"],
		&["ppa", "settle", "0", "--steps", "65"],
		&["ppa", "settle", "0", "--steps", "0"],
		&["ppa", "resolve", "0", "1", "101 %"],
		&["ppa", "declare", "0", "wished", "5MWh", "--month", "2026-11"],
		&["ppa", "declare", "0", "deemed", "5MWh", "--month", "2026-13"],
		&["ppa", "amend", "0"],
		&[
			"ppa",
			"amend",
			"0",
			"--from",
			"2027-07",
			"--resolver",
			"Eve",
			"--no-resolver",
		],
		&["ppa", "terminate", "0"],
		&["ppa", "terminate", "0", "boredom"],
		&["ppa", "step-in", "0"],
		&["ppa", "statement", "0"],
		&["ppa", "template", "--write", "f"],
		&["price", "feed"],
		&["redeem", "250 BLD"],
		&["redeem", "250", "--max-fee", "0.7"],
		&["redeem", "250", "list"],
		&["redeem", "cancel"],
		&["pool", "deposit", "1 BLD"],
		&["pool"],
		&["params", "set", "RSV", "--mint", "150"],
		&["params", "set", "RSV", "--ceiling", "0.5"],
		&["params", "add"],
		&["brake", "tighten", "everything"],
		&["validator", "set-max", "-3"],
		&["validator", "set-max", "3", "--council", "0"],
		&["validator", "set-max", "3", "--council"],
		&["validator", "set-max", "3", "--council", "2", "--sudo"],
		&["council", "vote", "0", "perhaps"],
		&["council", "set-members", "--council", "2"],
		&["status", "--wait", "forever"],
		&["status", "--as", "Alice", "--key-file", "key"],
	] {
		assert_eq!(run(arguments).status.code(), Some(2), "{arguments:?}");
	}
}

#[test]
fn key_should_be_refused_before_anything_is_sent() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("key");
	fs::write(&path, "//Alice").unwrap();
	fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
	let path = path.to_str().unwrap();

	let output = run(&["account", "--key-file", path, "--url", NOBODY]);
	assert_eq!(output.status.code(), Some(1));
	assert!(error(&output).contains("chmod 600"));

	let output = run(&["account", "--as", "Mallory", "--url", NOBODY]);
	assert!(error(&output).contains("there is no development key \"Mallory\""));

	let output = run(&["account", "--url", NOBODY]);
	assert!(error(&output).contains("no key to sign with"));

	let output = baseload(&["account", "--url", NOBODY])
		.env("BASELOAD_SECRET_URI", "hunter2")
		.output()
		.unwrap();
	let error = error(&output);
	assert!(
		error.contains("BASELOAD_SECRET_URI") && !error.contains("hunter2"),
		"{error}"
	);
}

#[test]
fn amount_should_be_refused_when_of_another_token() {
	let output = run(&[
		"transfer", "Bob", "1 BLD", "--token", "KWH", "--as", "Alice", "--url", NOBODY,
	]);
	assert_eq!(output.status.code(), Some(1));
	assert!(error(&output).contains("\"1 BLD\" is not an amount of KWH"));
}

#[test]
fn help_should_be_there_for_every_group() {
	for group in [
		"site",
		"meter",
		"attestor",
		"vault",
		"redeem",
		"pool",
		"params",
		"brake",
		"shutdown",
		"ppa",
		"validator",
		"council",
		"price",
	] {
		let output = run(&[group, "--help"]);
		assert!(output.status.success());
		assert!(String::from_utf8(output.stdout).unwrap().contains("Usage: baseload"));
	}
}

#[test]
fn help_should_not_panic_when_nobody_reads_it() {
	let mut child = baseload(&["--help"])
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	drop(child.stdout.take());
	let output = child.wait_with_output().unwrap();
	assert_ne!(output.status.code(), Some(101));
	assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

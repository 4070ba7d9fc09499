//! The command line as people meet it, without a node.

#![allow(clippy::unwrap_used)]

use std::{
	fs,
	os::unix::fs::PermissionsExt,
	process::{Command, Output, Stdio},
};

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
		&["vault", "backing"],
		&["ppa", "list"],
		&["validator", "list"],
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
fn nonsense_should_be_refused_with_code_2() {
	for arguments in [
		&[][..],
		&["nonsense"],
		&["transfer", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQX", "1"],
		&["transfer", "Bob", "1", "--token", "EUR"],
		&["site", "register", "--technology", "coal"],
		&["site", "show", "-1"],
		&["site", "show", "4294967296"],
		&["vault", "draw", "0", "1 BLD"],
		&["vault", "draw", "0", "0.0000000000001"],
		&["meter", "register", "0", "--register", "export"],
		&["meter", "register", "0", "--register", "export", "--device-key", "00"],
		&["meter", "window", "one hour"],
		&["ppa", "accept", "0"],
		&["ppa", "accept", "0", "--terms-hash", "0x12"],
		&["price", "feed"],
		&["validator", "set-max", "-3"],
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
	let output = run(&["transfer", "Bob", "1 BLD", "--as", "Alice", "--url", NOBODY]);
	assert_eq!(output.status.code(), Some(1));
	assert!(error(&output).contains("\"1 BLD\" is not an amount of KWH"));
}

#[test]
fn help_should_be_there_for_every_group() {
	for group in ["site", "meter", "vault", "ppa", "validator", "price"] {
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

//! The command `ocmf`, run as people run it.

use std::{
	fs,
	path::Path,
	process::{Command, Output},
};

use serde_json::Value;

use crate::ocmf::{corpus, xml, Record};

fn run(arguments: &[&str], file: &Path) -> Output {
	Command::new(env!("CARGO_BIN_EXE_baseload-gateway"))
		.args(arguments)
		.arg(file)
		.output()
		.unwrap()
}

fn verified() -> Vec<Record> {
	let mut records = corpus();
	records.retain(|record| record.openssl_verified == Some(true));
	records
}

#[test]
fn command_should_succeed_only_if_all_records_verify() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("session.xml");
	fs::write(&file, xml(&verified())).unwrap();
	let output = run(&["--json", "ocmf"], &file);
	assert!(output.status.success(), "{output:?}");
	let said: Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!((&said["verified"], &said["total"]), (&247.into(), &247.into()));
	let first = &said["records"][0];
	assert_eq!(first["verdict"], "verified");
	assert_eq!(
		(&first["meter"], &first["page"], &first["curve"]),
		(&"17619300".into(), &"T32".into(), &"secp256r1".into())
	);
	let reading = &first["readings"][0];
	assert_eq!(reading["time_ms"], 1_565_690_595_000u64);
	assert_eq!(
		(&reading["clock"], &reading["obis"]),
		(&"informative".into(), &"1-b:1.8.0".into())
	);
	assert_eq!((&reading["value"], &reading["wh"]), (&"0.2596 kWh".into(), &259.into()));

	fs::write(&file, xml(&corpus())).unwrap();
	let output = run(&["--json", "ocmf"], &file);
	assert!(!output.status.success());
	let said: Value = serde_json::from_slice(&output.stdout).unwrap();
	assert_eq!((&said["verified"], &said["total"]), (&247.into(), &256.into()));
}

#[test]
fn command_should_say_per_record_what_it_found_and_why() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("meter.ocmf");
	let records = verified();
	let record = &records[0].record;
	fs::write(
		&file,
		format!("{record}\n{}\nnonsense\n", record.replace("0.2596", "0.2595")),
	)
	.unwrap();
	let key = records[0].key.clone().unwrap();
	let output = run(&["ocmf", "--key", &key], &file);
	assert!(!output.status.success());
	let said = String::from_utf8(output.stdout).unwrap();
	for expected in [
		"meter.ocmf:1: VERIFIED: meter 17619300, page T32, secp256r1: the signature is the key's over exactly these bytes",
		"  2019-08-13T10:03:15Z clock informative, import (1-b:1.8.0): 0.2596 kWh",
		"meter.ocmf:2: NOT VERIFIED: meter 17619300, page T32, secp256r1: the signature is not the key's over these bytes",
		"meter.ocmf:3: UNKNOWN: meter -, page -, -: the record is not OCMF",
		"1 of 3 records verify",
	] {
		assert!(said.contains(expected), "{said}");
	}
	let without = String::from_utf8(run(&["ocmf"], &file).stdout).unwrap();
	assert!(without.contains("no public key is given"), "{without}");
	let output = run(&["ocmf", "--key", "no key!"], &file);
	assert!(String::from_utf8(output.stderr)
		.unwrap()
		.contains("--key: the key is neither hexadecimal nor Base64"));
	assert!(!run(&["ocmf"], Path::new("/nonexistent.xml")).status.success());
	fs::write(&file, "").unwrap();
	assert!(
		!run(&["ocmf"], &file).status.success(),
		"no record at all is no success"
	);
}

//! `baseload-gateway ocmf --submit`, as people run it on files that a meter wrote, against a real node.

use std::{
	fs,
	path::Path,
	process::{Command, Output},
};

use anyhow::{ensure, Context, Result};
use baseload_client::Chain;
use baseload_demo::plant_day;
use baseload_primitives::{DeviceKey, MeterId, Pages, MINUTE};
use baseload_tests::{gateway_program, repository_file, start_node};
use p256::ecdsa::SigningKey;
use serde_json::Value;

use super::gateway_records::{carried, device_key, record, register_with};

/// A meter on a node, and the key by which its records are judged.
struct Meter<'c> {
	chain: &'c Chain,
	id: MeterId,
	key: String,
}

impl Meter<'_> {
	/// The command about a file of these lines, with more arguments before it.
	fn ocmf(&self, file: &Path, lines: &[&str], json: bool) -> Result<Output> {
		fs::write(file, lines.join("\n"))?;
		let mut command = Command::new(gateway_program()?);
		if json {
			command.arg("--json");
		}
		command
			.args(["ocmf", "--submit", "--meter", &self.id.to_string(), "--key", &self.key])
			.args(["--url", self.chain.url()])
			.arg(file);
		Ok(command.output()?)
	}
}

fn json(output: &Output) -> Result<Value> {
	serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))
}

/// What the chain said of a record, and whether it has it.
fn said(report: &Value, at: usize) -> (bool, String) {
	let chain = &report["records"][at]["chain"];
	(
		chain["accepted"].as_bool().unwrap_or_default(),
		chain["said"].as_str().unwrap_or_default().to_owned(),
	)
}

#[tokio::test(flavor = "multi_thread")]
async fn records_should_be_on_the_chain_once_when_submitted_by_hand() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let signer = SigningKey::from_slice(&[6; 32])?;
	let key = signer.verifying_key().to_encoded_point(false);
	let meter = Meter {
		chain: &chain,
		id: register_with(&chain, device_key(&signer)?, "EMH0001", Pages::Fiscal).await?,
		key: key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
	};
	let from = chain.best_number().await?;
	let began = plant_day::chain_time(&chain).await? - 60 * MINUTE;
	let at = |place: u64| began + place * 5 * MINUTE;
	let first = record(&signer, "F7", at(0), "12.0");
	let second = record(&signer, "F9", at(1), "12.1");
	let third = record(&signer, "F11", at(2), "12.2");
	let folder = tempfile::tempdir()?;
	let file = folder.path().join("session.ocmf");

	let output = meter.ocmf(&file, &[&first, &second], true)?;
	let report = json(&output)?;
	assert_eq!(output.status.code(), Some(0), "{output:?}");
	assert_eq!((&report["verified"], &report["total"]), (&2.into(), &2.into()));
	for place in 0..2 {
		assert_eq!(report["records"][place]["verdict"], "verified");
		let (accepted, said) = said(&report, place);
		assert!(accepted && said.starts_with("in final block "), "{report}");
	}
	let view = chain.finalized().await?.meter(meter.id).await?.context("registered")?;
	let newest = view.newest.context("it has a reading")?;
	assert_eq!((newest.sequence, newest.registers), (9, vec![12_100]));

	// Again: nothing is sent twice, and that is no failure
	let output = meter.ocmf(&file, &[&first, &second], true)?;
	assert_eq!(output.status.code(), Some(0), "{output:?}");
	for place in 0..2 {
		let (accepted, said) = said(&json(&output)?, place);
		assert!(accepted && said.contains("as new as this one"), "{said}");
	}

	// One that somebody changed is not sent, one whose register fell is refused; what is good goes all the same
	let forged = third.replace("12.2", "99.9");
	let fallen = record(&signer, "F10", at(2) - 2 * MINUTE, "3.5");
	let output = meter.ocmf(&file, &[&forged, &fallen, &third], false)?;
	let text = String::from_utf8_lossy(&output.stdout);
	assert_eq!(output.status.code(), Some(1), "{text}");
	for line in [
		"NOT VERIFIED",
		"chain: not sent, since it does not verify",
		"a register fell",
		"chain: in final block ",
		"2 of 3 records verify",
	] {
		ensure!(text.contains(line), "{line} in\n{text}");
	}
	assert_eq!(carried(&chain, from).await?, [first, second, third]);
	node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn real_record_should_be_verified_and_refused_by_the_chain_when_it_is_years_old() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let corpus = fs::read_to_string(repository_file("pallets/ocmf/tests/corpus/records.json"))?;
	let corpus: Value = serde_json::from_str(&corpus)?;
	// A KEBA charger's of 2019, with its own key
	let entry = &corpus["entries"][0];
	let (real, key) = entry["record"].as_str().zip(entry["key"].as_str()).context("both")?;
	let meter = Meter {
		chain: &chain,
		id: register_with(&chain, of_spki(key)?, "17619300", Pages::Transaction).await?,
		key: key.to_owned(),
	};
	let from = chain.best_number().await?;
	let folder = tempfile::tempdir()?;
	let output = meter.ocmf(&folder.path().join("keba.ocmf"), &[real], true)?;
	let report = json(&output)?;
	assert_eq!(output.status.code(), Some(1), "{output:?}");
	assert_eq!(report["records"][0]["verdict"], "verified");
	let (accepted, said) = said(&report, 0);
	assert!(!accepted && said.contains("more than 400 days ago"), "{said}");
	assert!(carried(&chain, from).await?.is_empty());
	node.stop().await
}

/// The key of a SubjectPublicKeyInfo in hex: its last 65 bytes are the uncompressed point.
fn of_spki(hex: &str) -> Result<DeviceKey> {
	let point = hex.get(hex.len() - 128..).context("a point")?;
	let bytes = (0..64)
		.map(|at| u8::from_str_radix(&point[2 * at..2 * at + 2], 16))
		.collect::<Result<Vec<u8>, _>>()?;
	let mut key = vec![2 + bytes[63] % 2];
	key.extend(&bytes[..32]);
	Ok(DeviceKey::P256(key.as_slice().try_into()?))
}

//! The dumps of real meters that the package sml-rs carries: every one is read, and what its registers are is the table of
//! `docs/gateway-sources.md`.

use std::{fs, path::PathBuf, process::Command};

use baseload_client::{primitives::WattHours, units};
use baseload_gateway::source::sml::telegram::{Telegram, Telegrams};
use serde_json::Value;

/// Where the package was unpacked.
fn package() -> PathBuf {
	let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
		.args(["metadata", "--format-version", "1", "--offline", "--locked"])
		.current_dir(env!("CARGO_MANIFEST_DIR"))
		.output()
		.unwrap();
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
	let packages = metadata["packages"].as_array().unwrap();
	let package = packages.iter().find(|package| package["name"] == "sml-rs").unwrap();
	PathBuf::from(package["manifest_path"].as_str().unwrap())
		.parent()
		.unwrap()
		.into()
}

/// All dumps, by name.
fn dumps() -> Vec<(String, Vec<u8>)> {
	let folder = package().join("tests/libsml-testing");
	let mut dumps: Vec<_> = fs::read_dir(folder)
		.unwrap()
		.map(|file| file.unwrap().path())
		.filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
		.map(|path| {
			(
				path.file_stem().unwrap().to_string_lossy().into_owned(),
				fs::read(path).unwrap(),
			)
		})
		.collect();
	dumps.sort_unstable();
	dumps
}

/// What a dump holds: whole telegrams, and pieces that are none.
fn read(bytes: &[u8]) -> (Vec<Telegram>, usize) {
	let mut telegrams = Telegrams::default();
	let (mut good, mut bad) = (Vec::new(), 0);
	for telegram in bytes.iter().filter_map(|byte| telegrams.push(*byte)) {
		match telegram {
			Ok(telegram) => good.push(telegram),
			Err(_) => bad += 1,
		}
	}
	(good, bad)
}

/// A row of the table in the docs.
fn row(name: &str, bytes: &[u8]) -> String {
	let (good, _) = read(bytes);
	let registers = good.last().map_or(Ok(Vec::new()), Telegram::registers);
	let shown: Vec<_> = registers
		.expect("meters tell their energy")
		.iter()
		.map(|(register, wh)| {
			format!(
				"{} {}",
				units::format_register(*register),
				units::format_energy(WattHours(*wh))
			)
		})
		.collect();
	let shown = if shown.is_empty() { "-".into() } else { shown.join(", ") };
	format!("| {name} | {} | {shown} |", good.len())
}

#[test]
fn dumps_should_be_read_as_the_docs_say() {
	let docs = include_str!("../../../../docs/gateway-sources.md");
	let dumps = dumps();
	assert_eq!(dumps.len(), 37);
	let missing: Vec<_> = dumps
		.iter()
		.map(|(name, bytes)| row(name, bytes))
		.filter(|row| !docs.contains(row.as_str()))
		.collect();
	assert!(missing.is_empty(), "the docs lack:\n{}", missing.join("\n"));
}

#[test]
fn registers_should_never_fall_within_a_dump() {
	for (name, bytes) in dumps() {
		let (good, _) = read(&bytes);
		for pair in good.windows(2) {
			let (Ok(before), Ok(after)) = (pair[0].registers(), pair[1].registers()) else {
				continue;
			};
			for ((one, before), (two, after)) in before.into_iter().zip(after) {
				assert!(one == two && before <= after, "{name}");
			}
		}
	}
}

#[test]
fn telegrams_should_be_read_when_dumps_are_cut_anywhere() {
	for (name, bytes) in dumps() {
		let bytes = &bytes[..bytes.len().min(1_500)];
		for from in (0..bytes.len()).step_by(97) {
			let (good, bad) = read(&bytes[from..]);
			assert!(good.len() + bad <= bytes.len(), "{name}");
		}
	}
}

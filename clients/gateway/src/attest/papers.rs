//! Evidence and vouchers as files: written whole, or not at all.

use std::{
	fs,
	io::Write,
	path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use baseload_client::{
	calls::evidence_hash,
	files::{format_voucher, SignedVoucher},
	units::{format_register, format_time},
	AcceptedReading, H256,
};
use baseload_primitives::MeterId;
use serde_json::{json, Map, Value};

use super::{
	compare::{Difference, Rule},
	own::Point,
};

/// The most observations that evidence shows: the last ones up to the reading and the one after it.
const MOST_SHOWN: usize = 200;

/// What a committee reads about a dispute: a JSON text, whose Blake2b-256 hash goes on chain.
pub fn evidence(
	genesis: H256,
	meter: MeterId,
	reading: &AcceptedReading,
	difference: &Difference,
	rule: &Rule,
	points: &[Point],
) -> String {
	let after = points.partition_point(|point| point.at <= reading.measured_at);
	let first = points.partition_point(|point| point.at < difference.since.at);
	let last = (after + 1).min(points.len());
	let first = first.saturating_sub(1).max(last.saturating_sub(MOST_SHOWN));
	let shown: Vec<Value> = points[first.min(last)..last].iter().map(observation).collect();
	let text = json!({
		"genesis": format!("{genesis:?}"),
		"meter": meter.0,
		"sequence": reading.sequence,
		"measured_at": format_time(reading.measured_at),
		"registers": reading.registers,
		"register": format_register(difference.register),
		"since": {
			"measured_at": format_time(difference.since.at),
			"registers": difference.since.registers,
		},
		"rise": difference.rise,
		"own_rise": {
			"least": difference.own.least,
			"likely": difference.own.likely,
			"most": difference.own.most,
		},
		"allowed": difference.allowed,
		"tolerance_ppm": rule.parts_per_million,
		"slack": rule.slack,
		"observations": shown,
	});
	format!("{text:#}\n")
}

fn observation(point: &Point) -> Value {
	let counts: Map<String, Value> = point
		.counts
		.iter()
		.map(|(register, count)| (format_register(*register), json!(count)))
		.collect();
	json!({ "at": format_time(point.at), "synchronised": point.synchronised, "counts": counts })
}

/// Writes evidence into its folder, under its hash, and returns that.
pub fn write_evidence(folder: &Path, text: &str) -> Result<H256> {
	let hash = evidence_hash(text.as_bytes());
	write(&folder.join(format!("{hash:?}.json")), text)?;
	Ok(hash)
}

/// Writes down two rows that say different things of one sequence, and returns where, for
/// `baseload attestor report-equivocation`.
pub fn write_fraud(folder: &Path, meter: MeterId, sequence: u64, rows: &[String; 2]) -> Result<[PathBuf; 2]> {
	let path = |name| folder.join(format!("meter-{meter}-sequence-{sequence}-{name}.json"));
	let paths = ["first", "second"].map(path);
	for (path, row) in paths.iter().zip(rows) {
		write(path, &format!("{row}\n"))?;
	}
	Ok(paths)
}

/// Where the voucher for a reading stands.
pub fn voucher_path(folder: &Path, meter: MeterId, sequence: u64) -> PathBuf {
	folder.join(format!("meter-{meter}-reading-{sequence}.voucher"))
}

/// Writes a voucher into its folder, as `baseload attestor report-false-vouch` reads it.
pub fn write_voucher(folder: &Path, meter: MeterId, sequence: u64, voucher: &SignedVoucher) -> Result<()> {
	let text = format!("{}\n", format_voucher(voucher));
	write(&voucher_path(folder, meter, sequence), &text)
}

/// Removes the vouchers of a meter's readings up to `settled`: they are final, and need nobody's word any more.
pub fn remove_vouchers(folder: &Path, meter: MeterId, settled: u64) -> Result<()> {
	let start = format!("meter-{meter}-reading-");
	let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
	for entry in entries {
		let entry = entry.with_context(|| folder.display().to_string())?;
		let name = entry.file_name();
		let sequence = name
			.to_str()
			.and_then(|name| name.strip_prefix(&start)?.strip_suffix(".voucher")?.parse::<u64>().ok());
		if sequence.is_some_and(|sequence| sequence <= settled) {
			fs::remove_file(entry.path()).with_context(|| entry.path().display().to_string())?;
		}
	}
	Ok(())
}

/// Writes a file so that it is there whole, and stays there when the power goes.
fn write(path: &Path, text: &str) -> Result<()> {
	let told = || path.display().to_string();
	let folder = path.parent().with_context(told)?;
	fs::create_dir_all(folder).with_context(told)?;
	let unfinished = path.with_extension("unfinished");
	let mut file = fs::File::create(&unfinished).with_context(told)?;
	file.write_all(text.as_bytes()).with_context(told)?;
	file.sync_all().with_context(told)?;
	fs::rename(&unfinished, path).with_context(told)?;
	fs::File::open(folder)
		.and_then(|folder| folder.sync_all())
		.with_context(told)
}

#[cfg(test)]
mod tests {
	use super::{
		super::{
			compare::Stand,
			own::{tests::points, Bounds},
		},
		*,
	};
	use baseload_primitives::{Flags, Register, MINUTE};

	fn evidence_of(points: &[Point]) -> String {
		let reading = AcceptedReading {
			sequence: 7,
			measured_at: 30 * MINUTE,
			registers: vec![900],
			flags: Flags::NONE,
		};
		let difference = Difference {
			register: Register::Export,
			since: Stand {
				at: 0,
				registers: vec![0],
			},
			rise: 900,
			own: Bounds {
				least: 100,
				likely: 200,
				most: 300,
			},
			allowed: 10,
		};
		let rule = Rule {
			parts_per_million: 10_000,
			slack: 1,
			registers: Vec::new(),
		};
		evidence(H256::repeat_byte(1), MeterId(3), &reading, &difference, &rule, points)
	}

	#[test]
	fn evidence_should_show_both_sides_and_stand_under_its_hash() {
		let folder = tempfile::tempdir().unwrap();
		let text = evidence_of(&points(&[(0, 0), (20, 100), (40, 300), (60, 400)]));
		let seen: Value = serde_json::from_str(&text).unwrap();
		assert_eq!((&seen["rise"], &seen["own_rise"]["most"]), (&json!(900), &json!(300)));
		assert_eq!(seen["observations"].as_array().map(Vec::len), Some(3));
		assert_eq!(seen["measured_at"], "1970-01-01T00:30:00Z");
		let inner = folder.path().join("evidence");
		let hash = write_evidence(&inner, &text).unwrap();
		assert_eq!(hash, evidence_hash(text.as_bytes()));
		assert_eq!(fs::read_to_string(inner.join(format!("{hash:?}.json"))).unwrap(), text);
		// The same again, from the same data
		assert_eq!(write_evidence(&inner, &text).unwrap(), hash);
		assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
	}

	#[test]
	fn evidence_should_stay_small_when_observations_are_many() {
		let many: Vec<(u64, u64)> = (0..1_000).map(|n| (n, n)).collect();
		let seen: Value = serde_json::from_str(&evidence_of(&points(&many))).unwrap();
		assert_eq!(seen["observations"].as_array().map(Vec::len), Some(32));
		let dense: Vec<Point> = (0..10_000)
			.map(|n| Point {
				at: n * 1_000,
				synchronised: true,
				counts: Vec::new(),
			})
			.collect();
		let seen: Value = serde_json::from_str(&evidence_of(&dense)).unwrap();
		assert_eq!(seen["observations"].as_array().map(Vec::len), Some(MOST_SHOWN));
	}

	#[test]
	fn vouchers_should_be_removed_when_their_readings_are_final() {
		let folder = tempfile::tempdir().unwrap();
		let path = |meter, sequence| voucher_path(folder.path(), MeterId(meter), sequence);
		for (meter, sequence) in [(3, 1), (3, 2), (3, 30), (33, 1)] {
			write(&path(meter, sequence), "word").unwrap();
		}
		write(&folder.path().join("notes.txt"), "mine").unwrap();
		remove_vouchers(folder.path(), MeterId(3), 2).unwrap();
		assert!(!path(3, 1).exists() && !path(3, 2).exists());
		assert!(path(3, 30).exists() && path(33, 1).exists() && folder.path().join("notes.txt").exists());
	}
}

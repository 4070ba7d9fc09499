//! Prints how fast Baseload's calls are, each beside a peer that is measured in the same run. `make bench` runs it.
//!
//! A call's cost is the shortest time that it took in the wasm runtime, plus its reads and writes at ParityDB's prices. Whatever
//! else the machine does can only add to a time, and it adds to some rows and not to others. Times depend on the machine; ratios
//! hardly do.

use std::{
	error::Error,
	process::{Command, Stdio},
};

use serde::Deserialize;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Price of a read and of a write, in nanoseconds: `frame_support::weights::constants::ParityDbWeight`.
const READ_NS: f64 = 8_000.0;
const WRITE_NS: f64 = 50_000.0;

/// Readings that wait at a meter that is read as often as its window is long: one, which is final when the next one comes.
const STEADY: u32 = 1;

/// Readings that a meter with a long past has sent.
const MANY: u32 = 1_000;

/// Bytes of the OCMF record, with all that a record may hold.
const RECORD: u32 = 1_792;

/// Readings in the largest backlog.
const BACKLOG: u32 = 256;

/// How many vaults there are beside the one that is touched: few, and many.
const VAULTS: [u32; 2] = [10, 100_000];

const METERS: &str = "pallet_meter_attestation";
const AGREEMENTS: &str = "pallet_ppa_escrow";

/// Readings of a month that is billed: one every four minutes and a half.
const MONTH: u32 = 10_000;
const STABLECOIN: &str = "pallet_power_stablecoin";

#[derive(Deserialize)]
struct Batch {
	time_results: Vec<Sample>,
	db_results: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
	extrinsic_time: u64,
	reads: u32,
	writes: u32,
}

/// Measures one benchmark with its components fixed. Returns what a call of it costs, in nanoseconds.
fn cost(pallet: &str, benchmark: &str, components: &[u32]) -> Result<f64> {
	shortest(pallet, benchmark, components, 40)
}

/// The same, as the shortest of so many times: fewer where it takes long to set them up.
fn shortest(pallet: &str, benchmark: &str, components: &[u32], repeats: u32) -> Result<f64> {
	let folder = tempfile::tempdir()?;
	let results = folder.path().join("results.json");
	// The tool sets up its log once per process, so that each measurement needs one of its own.
	let mut tool = Command::new(std::env::current_exe()?.with_file_name("baseload-weights-bencher"));
	tool.args(["--quiet", "--extra", "--no-storage-info", "--no-median-slopes", "--no-min-squares"])
		.args([
			"--steps",
			"2",
			"--repeat",
			&repeats.to_string(),
			"--pallet",
			pallet,
			"--extrinsic",
			benchmark,
		])
		.arg("--json-file")
		.arg(&results)
		.stdout(Stdio::null());
	if !components.is_empty() {
		let fixed: Vec<_> = components.iter().map(u32::to_string).collect();
		let fixed = fixed.join(",");
		tool.args(["--low", &fixed, "--high", &fixed]);
	}
	if !tool.status()?.success() {
		return Err(format!("{benchmark} of {pallet} was not measured").into());
	}
	let batches: Vec<Batch> = serde_json::from_slice(&std::fs::read(&results)?)?;
	let batch = batches
		.first()
		.ok_or_else(|| format!("{pallet} has no benchmark {benchmark}"))?;
	let times = batch.time_results.iter().map(|sample| sample.extrinsic_time);
	let time = times.min().ok_or_else(|| format!("{benchmark} was not measured"))?;
	let most = |count: fn(&Sample) -> u32| f64::from(batch.db_results.iter().map(count).max().unwrap_or(0));
	Ok(time as f64 + most(|sample| sample.reads) * READ_NS + most(|sample| sample.writes) * WRITE_NS)
}

/// What it costs to have one Ed25519 reading judged and recorded, with `pending` readings waiting.
fn reading(pending: u32) -> Result<f64> {
	Ok(cost(METERS, "authorize_submit_reading", &[pending])? + cost(METERS, "submit_reading", &[pending])?)
}

/// Prints one row: a cost beside its peer's.
fn row(what: &str, cost: f64, peer: &str, peer_cost: f64, target: &str) {
	let us = |ns: f64| format!("{:.1}", ns / 1_000.0);
	let ratio = cost / peer_cost;
	println!(
		"{what:<50} {:>9}   {peer:<38} {:>9}   {ratio:>6.2}   {target}",
		us(cost),
		us(peer_cost)
	);
}

fn main() -> Result<()> {
	println!(
		"{:<50} {:>9}   {:<38} {:>9}   {:>6}   target",
		"what", "us", "peer", "us", "ratio"
	);
	let steady = reading(STEADY)?;
	let transfer = cost("pallet_balances", "transfer_keep_alive", &[])?;
	// What each weighs in a block: the check of one signature, the account's or in its place the device's, is in the base weight
	// of every transaction.
	let device = cost(METERS, "verify_ed25519", &[])?;
	row(
		"accept one Ed25519 reading, beyond the base weight",
		steady - device,
		"balances.transfer_keep_alive, likewise",
		transfer,
		"<= 1.00",
	);
	row(
		"accept one Ed25519 reading, signature and all",
		steady,
		"balances.transfer_keep_alive alone",
		transfer,
		"-",
	);
	let signature = cost(METERS, "verify_sr25519", &[])?;
	row(
		"accept one Ed25519 reading, signature and all",
		steady,
		"the same and its Sr25519 signature",
		transfer + signature,
		"-",
	);
	let fee = cost("pallet_transaction_payment", "charge_transaction_payment", &[])?;
	row(
		"accept one Ed25519 reading, signature and all",
		steady,
		"the same and its fee",
		transfer + signature + fee,
		"-",
	);

	let feed = cost("pallet_oracle", "feed_values", &[1])?;
	row(
		"accept one Ed25519 reading",
		steady,
		"oracle.feed_values, one value",
		feed,
		"-",
	);

	let record = cost(METERS, "authorize_submit_ocmf", &[RECORD, STEADY])?
		+ cost(METERS, "read_ocmf", &[RECORD])?
		+ cost(METERS, "submit_reading", &[STEADY])?;
	let bare = cost(METERS, "verify_p256", &[])?;
	row(
		"accept one OCMF record, P-256",
		record,
		"the bare P-256 verification",
		bare,
		"<= 1.15",
	);

	let backlog =
		cost(METERS, "authorize_submit_backlog", &[BACKLOG, STEADY])? + cost(METERS, "submit_backlog", &[BACKLOG, STEADY])?;
	let each = backlog / f64::from(BACKLOG);
	row(
		"one reading of a backlog of 256",
		each,
		"accept one Ed25519 reading",
		steady,
		"<= 0.80",
	);

	row(
		"record a reading after 1,000 others",
		cost(METERS, "submit_after", &[MANY])?,
		"record one after a single other",
		cost(METERS, "submit_after", &[1])?,
		"1.00",
	);

	row(
		"settle an agreement's month of 10,000 readings",
		cost(AGREEMENTS, "settle_over", &[MONTH])?,
		"settle one of a single reading",
		cost(AGREEMENTS, "settle_over", &[1])?,
		"<= 1.05",
	);
	row(
		"settle an agreement's month, pay everybody",
		cost(AGREEMENTS, "settle", &[1])?,
		"balances.transfer_keep_alive",
		transfer,
		"-",
	);
	row(
		"poke an agreement of which nothing is due",
		cost(AGREEMENTS, "poke", &[])?,
		"balances.transfer_keep_alive",
		transfer,
		"-",
	);
	for (what, benchmark) in [
		("draw", "draw_among"),
		("repay", "repay_among"),
		("redeem from one vault", "redeem_among"),
		("liquidate one vault", "liquidate_among"),
	] {
		let [few, many] = VAULTS;
		let (beside_few, beside_many) = (
			shortest(STABLECOIN, benchmark, &[few], 20)?,
			shortest(STABLECOIN, benchmark, &[many], 5)?,
		);
		row(
			&format!("{what} beside 100,000 vaults"),
			beside_many,
			"the same beside 10",
			beside_few,
			"<= 1.10",
		);
		row(&format!("{what} beside 10"), beside_few, "balances.transfer_keep_alive alone", transfer, "-");
	}
	for call in ["pool_deposit", "pool_withdraw"] {
		row(
			call,
			cost(STABLECOIN, call, &[])?,
			"balances.transfer_keep_alive alone",
			transfer,
			"-",
		);
	}
	Ok(())
}

//! Measuring a benchmark in the tool's own process.

use std::{
	error::Error,
	process::{Command, Stdio},
};

use serde::Deserialize;

/// What can go wrong: the tool fails, or says nothing of the benchmark.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Price of a read and of a write, in nanoseconds: `frame_support::weights::constants::ParityDbWeight`.
const READ_NS: f64 = 8_000.0;
const WRITE_NS: f64 = 50_000.0;

/// For how long, in seconds, a benchmark is measured again and again whose start is made in no time.
const SECONDS: u32 = 10;

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

/// A benchmark with its components fixed, and how it is measured.
pub struct Bench {
	pallet: &'static str,
	name: &'static str,
	components: Vec<u32>,
	repeats: u32,
	seconds: u32,
	peer: bool,
	verify: bool,
}

impl Bench {
	/// A benchmark without components, measured again and again.
	pub fn new(pallet: &'static str, name: &'static str) -> Self {
		Self {
			pallet,
			name,
			components: Vec::new(),
			repeats: 40,
			seconds: SECONDS,
			peer: false,
			verify: true,
		}
	}

	/// With its components at these values.
	pub fn at(self, components: &[u32]) -> Self {
		Self {
			components: components.to_vec(),
			..self
		}
	}

	/// Measured only so often at each of the tool's points, of which there are two for each component. A row whose two sides take
	/// more and less long to set up needs that: the shortest of many times is shorter than the shortest of few.
	pub fn only(self, repeats: u32) -> Self {
		Self {
			repeats,
			seconds: 0,
			..self
		}
	}

	/// Of the peers' runtime.
	pub fn of_peer(self) -> Self {
		Self { peer: true, ..self }
	}

	/// Without the run that checks what the benchmark did: it was checked at smaller values.
	pub fn unchecked(self) -> Self {
		Self { verify: false, ..self }
	}

	/// What it costs, in nanoseconds.
	pub fn cost(&self) -> Result<f64> {
		let folder = tempfile::tempdir()?;
		let results = folder.path().join("results.json");
		// The tool sets up its log once per process, so that each measurement needs one of its own.
		let mut tool = Command::new(std::env::current_exe()?.with_file_name("baseload-weights-bencher"));
		if self.peer {
			tool.arg("--peer");
		}
		tool.args([
			"--quiet",
			"--extra",
			"--no-storage-info",
			"--no-median-slopes",
			"--no-min-squares",
		])
		// No node of this chain records proofs when it executes a block.
		.arg("--disable-proof-recording")
		.args(["--steps", "2", "--repeat", &self.repeats.to_string()])
		.args(["--min-duration", &self.seconds.to_string()])
		.args(["--pallet", self.pallet, "--extrinsic", self.name, "--json-file"])
		.arg(&results)
		.stdout(Stdio::null());
		if !self.verify {
			tool.arg("--no-verify");
		}
		if !self.components.is_empty() {
			let fixed: Vec<_> = self.components.iter().map(u32::to_string).collect();
			let fixed = fixed.join(",");
			tool.args(["--low", &fixed, "--high", &fixed]);
		}
		if !tool.status()?.success() {
			return Err(format!("{} of {} was not measured", self.name, self.pallet).into());
		}
		let batches: Vec<Batch> = serde_json::from_slice(&std::fs::read(&results)?)?;
		let batch = batches
			.first()
			.ok_or_else(|| format!("{} has no benchmark {}", self.pallet, self.name))?;
		let times = batch.time_results.iter().map(|sample| sample.extrinsic_time);
		let time = times.min().ok_or_else(|| format!("{} was not measured", self.name))?;
		let most = |count: fn(&Sample) -> u32| f64::from(batch.db_results.iter().map(count).max().unwrap_or(0));
		Ok(time as f64 + most(|sample| sample.reads) * READ_NS + most(|sample| sample.writes) * WRITE_NS)
	}
}

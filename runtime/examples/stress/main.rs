//! The stablecoin under stress: the real runtime, in memory, through named scenarios.
//!
//! `stress FOLDER [SCENARIO...]` runs all of them, or these; prints for each what became of the backing, and what holders, owners and
//! depositors got; and writes a plot of each to the folder. Fails if an invariant does not hold, or if a scenario ends as it must
//! not. Nothing is random: two runs print the same.

mod chain;
mod genesis;
mod plot;
mod pool;
mod report;
mod scenarios;
mod world;

use std::{
	fs,
	path::{Path, PathBuf},
	process::ExitCode,
	time::Instant,
};

/// Why a scenario failed.
pub type Failure = String;

fn main() -> ExitCode {
	let mut arguments = std::env::args().skip(1);
	let Some(folder) = arguments.next().map(PathBuf::from) else {
		eprintln!("usage: stress FOLDER [SCENARIO...]");
		return ExitCode::from(2);
	};
	let wanted: Vec<String> = arguments.collect();
	let unknown = wanted
		.iter()
		.find(|name| scenarios::ALL.iter().all(|scenario| scenario.name != *name));
	if let Some(name) = unknown {
		let names: Vec<_> = scenarios::ALL.iter().map(|scenario| scenario.name).collect();
		eprintln!("there is no scenario \"{name}\"; there is {}", names.join(", "));
		return ExitCode::from(2);
	}
	match run(&folder, &wanted) {
		Ok(()) => ExitCode::SUCCESS,
		Err(failure) => {
			eprintln!("stress: {failure}");
			ExitCode::FAILURE
		}
	}
}

fn run(folder: &Path, wanted: &[String]) -> Result<(), Failure> {
	fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
	for scenario in scenarios::ALL {
		if !wanted.is_empty() && !wanted.iter().any(|name| name == scenario.name) {
			continue;
		}
		let started = Instant::now();
		println!("== {}: {}", scenario.name, scenario.what);
		let named = |failure: Failure| format!("{}: {failure}", scenario.name);
		let mut world = (scenario.run)().map_err(named)?;
		let depositors = pool::outcome(&mut world).map_err(named)?;
		report::print(&world, &depositors);
		let path = folder.join(format!("{}.svg", scenario.name));
		plot::write(&path, scenario, &world.samples)
			.map_err(|error| format!("cannot plot {}: {error}", path.display()))?;
		println!(
			"  plot        {} ({:.1} s)\n",
			path.display(),
			started.elapsed().as_secs_f64()
		);
	}
	Ok(())
}

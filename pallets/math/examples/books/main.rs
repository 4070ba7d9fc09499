//! Replays scenarios of the stablecoin's books from JSON, so that any implementation can be checked against any other.
//!
//! ```text
//! books FILE...           replay; the exit code is 0 only if every result and every state match
//! books --record FILE     replay the operations and print the file with their results and states filled in
//! ```
//!
//! The first difference is named by scenario, operation, field, what the file says and what came out.
//!
//! # The format
//!
//! `{version, constants, scenarios: [{name, why, config, ops: [{op, args, result | refused, state}]}]}`. Every integer is a
//! decimal string, ids too. A scenario starts from empty books at a price of 1/1 in round 0. A refused operation must fail, for
//! whatever reason, and leave the state as it was. What the file says beyond the format is passed over, except:
//!
//! * a constant that is known here must have the value it has here;
//! * an amount above 2^128 - 1 is more than there can be of anything, as 2^128 - 1 is;
//! * a switch of the configuration that is not true (or `"carry"`, for `interest`) asks for books with a rule left out, which
//!   these are not: the file is refused.
//!
//! Four things are not held against the file, which the states tell or which have no bearing on them: a result that it leaves out or
//! gives as null; what `a` is in a vault without shares; whether a depositor who has nothing is listed; the id that the reserve goes
//! by among the steps of a redemption, and whether it is listed there.

mod ledger;
mod operation;
mod record;
mod replay;
mod scenario;

use serde_json::Value;
use std::{error::Error, fs, process::ExitCode};

fn main() -> ExitCode {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	let done = match arguments.as_slice() {
		[flag, path] if flag == "--record" => vec![print_recorded(path)],
		paths if paths.is_empty() || paths.iter().any(|path| path.starts_with('-')) => {
			vec![Err("usage: books FILE... | books --record FILE".into())]
		}
		paths => paths.iter().map(|path| replay_file(path)).collect(),
	};
	let mut exit = ExitCode::SUCCESS;
	for error in done.into_iter().filter_map(Result::err) {
		eprintln!("{error}");
		exit = ExitCode::FAILURE;
	}
	exit
}

fn read(path: &str) -> Result<Value, Box<dyn Error>> {
	let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
	Ok(serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?)
}

fn replay_file(path: &str) -> Result<(), Box<dyn Error>> {
	let counted = replay::file(&read(path)?).map_err(|error| format!("{path}: {error}"))?;
	println!(
		"{path}: {} scenarios, {} operations match",
		counted.scenarios, counted.operations
	);
	Ok(())
}

fn print_recorded(path: &str) -> Result<(), Box<dyn Error>> {
	let recorded = record::file(read(path)?).map_err(|error| format!("{path}: {error}"))?;
	println!("{}", record::text(&recorded));
	Ok(())
}

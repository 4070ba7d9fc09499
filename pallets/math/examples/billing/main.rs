//! Replays billing scenarios: `cargo run -p baseload-math --example billing -- FILE...`
//!
//! Succeeds only if every state of every file matches, and names the first difference otherwise. With `--record` it writes
//! into the files the states that their operations lead to.

mod parse;
mod replay;
mod state;
mod world;

use std::{env, error::Error, fs, process::ExitCode};

use serde_json::Value;

fn main() -> ExitCode {
	let mut files: Vec<_> = env::args().skip(1).collect();
	let record = files.first().is_some_and(|first| first == "--record");
	if record {
		files.remove(0);
	}
	if files.is_empty() {
		eprintln!("usage: billing [--record] FILE...");
		return ExitCode::FAILURE;
	}
	for path in files {
		match handle(&path, record) {
			Ok(count) => println!("{path}: {count} scenarios match"),
			Err(error) => {
				eprintln!("{path}: {error}");
				return ExitCode::FAILURE;
			}
		}
	}
	ExitCode::SUCCESS
}

fn handle(path: &str, record: bool) -> Result<usize, Box<dyn Error>> {
	let mut file: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
	if record {
		replay::record(&mut file).map_err(|difference| difference.to_string())?;
		fs::write(path, lines(&file))?;
	}
	Ok(replay::file(&file).map_err(|difference| difference.to_string())?)
}

/// The file with one line per operation, so that changes can be reviewed.
fn lines(file: &Value) -> String {
	let mut text = format!(
		"{{\"version\": {}, \"defaults\": {},\n\"scenarios\": [",
		file["version"], file["defaults"]
	);
	for (position, scenario) in file["scenarios"].as_array().into_iter().flatten().enumerate() {
		text += if position == 0 { "\n" } else { ",\n" };
		text += &format!(
			"{{\"name\": {}, \"why\": {}, \"ops\": [\n",
			scenario["name"], scenario["why"]
		);
		let ops = scenario["ops"].as_array().into_iter().flatten();
		text += &ops.map(Value::to_string).collect::<Vec<_>>().join(",\n");
		text += "\n]}";
	}
	text + "\n]}\n"
}

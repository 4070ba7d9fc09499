//! Replaying a scenario file: after every operation, settle everything and compare the state; then again without those
//! settles, comparing the last state only.
//!
//! States decide. Words that the format leaves to its writer are compared for what they say: any status but `active` and
//! `closed` is that of an agreement that waits for operation, any unknown reason is one, and of corrections it is their
//! number that counts.

use std::fmt;

use serde_json::{json, Value};

use crate::{
	parse, state,
	world::{Op, World},
};

/// The first difference between a file and its replay.
#[derive(Debug)]
pub struct Difference {
	scenario: String,
	/// Position of the operation, from 0, and what it does.
	op: Option<(usize, String)>,
	without_settles: bool,
	field: String,
	expected: String,
	got: String,
}

impl fmt::Display for Difference {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "scenario '{}'", self.scenario)?;
		if let Some((index, name)) = &self.op {
			write!(f, ", op {index} ({name})")?;
		}
		if self.without_settles {
			write!(f, ", replayed without settles in between")?;
		}
		write!(f, ": {}: expected {}, got {}", self.field, self.expected, self.got)
	}
}

/// One step of a scenario, read.
struct Step<'a> {
	at: u64,
	name: &'a str,
	op: Op,
	state: &'a Value,
}

/// Replays all scenarios of a file and returns how many there are.
pub fn file(file: &Value) -> Result<usize, Box<Difference>> {
	let scenarios = scenarios(file).map_err(|error| malformed("", None, error))?;
	for scenario in scenarios {
		let name = scenario["name"].as_str().unwrap_or("without a name");
		let steps = steps(scenario, &file["defaults"]).map_err(|(op, error)| malformed(name, op, error))?;
		let mut world = World::default();
		for (index, step) in steps.iter().enumerate() {
			let note = happen(&mut world, step, true);
			compare_states(name, &steps, index, &world, false, note)?;
		}
		let Some(last) = steps.len().checked_sub(1) else {
			continue;
		};
		let mut world = World::default();
		let notes: Vec<_> = steps.iter().map(|step| happen(&mut world, step, false)).collect();
		let settled = world
			.settle_all(steps[last].at)
			.err()
			.map(|refused| refused.to_string());
		let note = settled.or_else(|| notes.into_iter().next_back().flatten());
		compare_states(name, &steps, last, &world, true, note)?;
	}
	Ok(scenarios.len())
}

/// Writes into a file the states that its operations lead to.
pub fn record(file: &mut Value) -> Result<(), Box<Difference>> {
	let defaults = file["defaults"].clone();
	let Some(scenarios) = file["scenarios"].as_array_mut() else {
		return Err(malformed("", None, "no scenarios".into()));
	};
	for scenario in scenarios {
		let name = scenario["name"].as_str().unwrap_or("without a name").to_string();
		let steps = steps(scenario, &defaults).map_err(|(op, error)| malformed(&name, op, error))?;
		let mut world = World::default();
		let mut outcomes = Vec::new();
		for step in &steps {
			let refused = happen(&mut world, step, true);
			outcomes.push((
				refused,
				state::of(&world).map_err(|error| malformed(&name, None, error))?,
			));
		}
		let ops = scenario["ops"].as_array_mut().into_iter().flatten();
		for (op, (refused, state)) in ops.zip(outcomes) {
			let key = if refused.is_some() { "refused" } else { "result" };
			*op = json!({ "at": op["at"], "op": op["op"], "args": op["args"], key: refused, "state": state });
		}
	}
	Ok(())
}

/// Lets one step happen. Returns why it was refused, if it was.
fn happen(world: &mut World, step: &Step, settle: bool) -> Option<String> {
	let applied = world.apply(step.at, &step.op);
	let settled = if settle { world.settle_all(step.at) } else { Ok(()) };
	applied.and(settled).err().map(|refused| refused.to_string())
}

fn scenarios(file: &Value) -> Result<&Vec<Value>, String> {
	if parse::number::<u32>(&json!(file["version"].to_string().trim_matches('"')))? != 1 {
		return Err(format!("version {} is not known", file["version"]));
	}
	file["scenarios"].as_array().ok_or_else(|| "no scenarios".into())
}

type Misread = (Option<(usize, String)>, String);

fn steps<'a>(scenario: &'a Value, defaults: &Value) -> Result<Vec<Step<'a>>, Misread> {
	let ops = scenario["ops"].as_array().ok_or_else(|| (None, "no ops".to_string()))?;
	let read = |(index, step): (usize, &'a Value)| {
		let name = parse::text(&step["op"]).map_err(|error| (Some((index, "?".into())), error))?;
		let misread = |error| (Some((index, name.to_string())), error);
		let args = step["args"].as_array().map_or(&[][..], Vec::as_slice);
		Ok(Step {
			at: parse::number(&step["at"]).map_err(misread)?,
			name,
			op: parse::op(name, args, defaults).map_err(misread)?,
			state: &step["state"],
		})
	};
	ops.iter().enumerate().map(read).collect()
}

fn malformed(scenario: &str, op: Option<(usize, String)>, error: String) -> Box<Difference> {
	Box::new(Difference {
		scenario: scenario.into(),
		op,
		without_settles: false,
		field: "the file".into(),
		expected: "something readable".into(),
		got: error,
	})
}

fn compare_states(
	scenario: &str,
	steps: &[Step],
	index: usize,
	world: &World,
	without_settles: bool,
	note: Option<String>,
) -> Result<(), Box<Difference>> {
	let step = &steps[index];
	let op = Some((index, step.name.to_string()));
	let got = state::of(world).map_err(|error| malformed(scenario, op.clone(), error))?;
	let Some((field, expected, got)) = first_difference("state", step.state, &got) else {
		return Ok(());
	};
	let note = note.map(|refused| format!(" (refused: {refused})")).unwrap_or_default();
	Err(Box::new(Difference {
		scenario: scenario.into(),
		op,
		without_settles,
		field,
		expected,
		got: got + &note,
	}))
}

/// Path, expected and got value of the first place where two states differ.
fn first_difference(path: &str, expected: &Value, got: &Value) -> Option<(String, String, String)> {
	if let (Value::Object(expected), Value::Object(got)) = (expected, got) {
		let missing = |key: &String| !expected.contains_key(key);
		let surplus = got
			.keys()
			.filter(|key| missing(key))
			.map(|key| (key, &Value::Null, &got[key]));
		let common = expected
			.iter()
			.map(|(key, value)| (key, value, got.get(key).unwrap_or(&Value::Null)));
		return common.chain(surplus).find_map(|(key, expected, got)| {
			let path = format!("{path}.{key}");
			if says_the_same(key, expected, got) {
				return None;
			}
			first_difference(&path, expected, got)
		});
	}
	(expected != got).then(|| (path.into(), expected.to_string(), got.to_string()))
}

/// True if a word of the writer's own says the same as ours.
fn says_the_same(key: &str, expected: &Value, got: &Value) -> bool {
	let known = |words: &[&str]| expected.as_str().is_some_and(|word| words.contains(&word));
	match key {
		"status" => got == "waiting" && expected.is_string() && !known(&["closed"]),
		"reason" => got.is_string() && expected.is_string() && !known(&["seller", "buyer", "buyout", "longstop"]),
		"fix" => matches!((expected, got), (Value::Array(expected), Value::Array(got)) if expected.len() == got.len()),
		_ => false,
	}
}

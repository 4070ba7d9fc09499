//! Replays the scenarios of a file and names the first difference.

use crate::scenario::{self, Scenario};
use serde_json::{Map, Value};

/// How much was replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
	pub scenarios: usize,
	pub operations: usize,
}

/// Replays a whole file. The error names the first difference.
pub fn file(file: &Value) -> Result<Counted, String> {
	let mut counted = Counted::default();
	for scenario in scenario::scenarios(file)? {
		counted.scenarios += 1;
		counted.operations += scenario.ops.len();
		let name = scenario.name;
		replay(scenario).map_err(|difference| format!("scenario \"{name}\", {difference}"))?;
	}
	Ok(counted)
}

fn replay(scenario: Scenario) -> Result<(), String> {
	let mut ledger = scenario.ledger;
	for (position, entry) in scenario.ops.iter().enumerate() {
		let at = |difference| {
			format!(
				"op {position} ({}): {difference}",
				entry["op"].as_str().unwrap_or("none")
			)
		};
		let outcome = ledger.apply(&scenario::op(entry).map_err(at)?);
		let refused = entry.get("refused").filter(|why| !why.is_null());
		match (&outcome, refused) {
			(Ok(_), Some(why)) => return Err(at(format!("refused: expected {why}, got no refusal"))),
			(Err(refusal), None) => return Err(at(format!("refused: expected no refusal, got {refusal:?}"))),
			(Ok(outcome), None) => compare_result(entry.get("result"), &scenario::result(outcome)).map_err(at)?,
			(Err(_), Some(_)) => {}
		}
		let expected = entry.get("state").ok_or_else(|| at("no state".into()))?;
		compare_state(expected, &scenario::state(&ledger).map_err(at)?).map_err(at)?;
	}
	Ok(())
}

/// A result that the file leaves out is not compared: the state tells.
fn compare_result(expected: Option<&Value>, got: &Value) -> Result<(), String> {
	let Some(expected) = expected.filter(|expected| !expected.is_null()) else {
		return Ok(());
	};
	let mut got = got.clone();
	if let (Some(listed), Some(steps)) = (expected.get("steps"), got.get_mut("steps")) {
		name_reserve(listed, steps);
	}
	compare("result", expected, &got)
}

/// Lets the reserve go by the name that the file gives it, or be left out as there.
fn name_reserve(listed: &Value, steps: &mut Value) {
	let (Some(listed), Some(steps)) = (listed.as_array(), steps.as_array_mut()) else {
		return;
	};
	if steps.first().is_none_or(|step| step["id"] != scenario::RESERVE) {
		return;
	}
	match listed.first() {
		Some(first) if first["asked"] == steps[0]["asked"] => steps[0]["id"] = first["id"].clone(),
		_ if listed.len() < steps.len() => {
			steps.remove(0);
		}
		_ => {}
	}
}

fn compare_state(expected: &Value, got: &Value) -> Result<(), String> {
	let (mut expected, mut got) = (expected.clone(), got.clone());
	for state in [&mut expected, &mut got] {
		if let Some(vaults) = state.get_mut("vaults").and_then(Value::as_object_mut) {
			vaults
				.values_mut()
				.filter(|vault| vault["n"] == "0")
				.for_each(forget_snapshot);
		}
		if let Some(deposits) = state.pointer_mut("/pool/deposits").and_then(Value::as_object_mut) {
			deposits.retain(|_, deposit| !is_empty(deposit));
		}
	}
	same_ids("vaults", expected.get("vaults"), got.get("vaults"))?;
	same_ids(
		"pool.deposits",
		expected.pointer("/pool/deposits"),
		got.pointer("/pool/deposits"),
	)?;
	compare("state", &expected, &got)
}

fn forget_snapshot(vault: &mut Value) {
	if let Some(vault) = vault.as_object_mut() {
		vault.insert("a".into(), Value::Null);
	}
}

fn is_empty(deposit: &Value) -> bool {
	["value", "claimable", "waiting"]
		.iter()
		.all(|amount| deposit[amount] == "0")
}

/// Nobody is listed on one side only.
fn same_ids(field: &str, expected: Option<&Value>, got: Option<&Value>) -> Result<(), String> {
	let ids = |listed: Option<&Value>| -> Vec<String> {
		let listed = listed.and_then(Value::as_object);
		listed.map_or_else(Vec::new, |listed| listed.keys().cloned().collect())
	};
	let (expected, got) = (ids(expected), ids(got));
	if expected != got {
		return Err(format!("{field}: expected {expected:?}, got {got:?}"));
	}
	Ok(())
}

/// Every field of `got` must be in `expected`, and equal.
fn compare(field: &str, expected: &Value, got: &Value) -> Result<(), String> {
	match (expected, got) {
		(Value::Object(expected), Value::Object(got)) => compare_fields(field, expected, got),
		(Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => expected
			.iter()
			.zip(got)
			.enumerate()
			.try_for_each(|(position, (expected, got))| compare(&format!("{field}[{position}]"), expected, got)),
		_ if expected == got => Ok(()),
		_ => Err(format!("{field}: expected {expected}, got {got}")),
	}
}

fn compare_fields(field: &str, expected: &Map<String, Value>, got: &Map<String, Value>) -> Result<(), String> {
	for (name, got) in got {
		let field = format!("{field}.{name}");
		match expected.get(name) {
			Some(expected) => compare(&field, expected, got)?,
			None => return Err(format!("{field}: expected nothing, got {got}")),
		}
	}
	Ok(())
}

//! Fills in what the operations of a file result in.

use crate::scenario;
use serde_json::{Map, Value};

/// The file with the results, refusals and states of its operations.
pub fn file(mut file: Value) -> Result<Value, String> {
	let mut recorded = Vec::new();
	for scenario in scenario::scenarios(&file)? {
		let mut ledger = scenario.ledger;
		let mut ops = Vec::new();
		for entry in scenario.ops {
			let mut filled = Map::new();
			filled.insert("op".into(), entry["op"].clone());
			filled.insert("args".into(), entry["args"].clone());
			let op =
				scenario::op(entry).map_err(|error| format!("scenario \"{}\", {entry}: {error}", scenario.name))?;
			match ledger.apply(&op) {
				Ok(outcome) => filled.insert("result".into(), scenario::result(&outcome)),
				Err(refusal) => filled.insert("refused".into(), Value::String(format!("{refusal:?}"))),
			};
			filled.insert("state".into(), scenario::state(&ledger)?);
			ops.push(Value::Object(filled));
		}
		recorded.push(Value::Array(ops));
	}
	let scenarios = file
		.get_mut("scenarios")
		.and_then(Value::as_array_mut)
		.ok_or("no scenarios")?;
	for (scenario, ops) in scenarios.iter_mut().zip(recorded) {
		scenario["ops"] = ops;
	}
	Ok(file)
}

/// The file as text, an operation to a line.
pub fn text(file: &Value) -> String {
	let scenarios = file["scenarios"].as_array().into_iter().flatten().map(|scenario| {
		let ops = scenario["ops"].as_array().into_iter().flatten().map(Value::to_string);
		let head = format!(
			"{{\"name\": {}, \"why\": {}, \"config\": {}, \"ops\": [\n",
			scenario["name"], scenario["why"], scenario["config"]
		);
		head + &ops.collect::<Vec<_>>().join(",\n") + "\n]}"
	});
	format!(
		"{{\"version\": {}, \"constants\": {}, \"scenarios\": [\n{}\n]}}",
		file["version"],
		file["constants"],
		scenarios.collect::<Vec<_>>().join(",\n")
	)
}

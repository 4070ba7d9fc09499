//! The fixtures replay, and a replay notices what is wrong.

use serde_json::{json, Value};

use crate::replay;

const FILES: [&str; 2] = [
	include_str!("../../fixtures/billing-scenarios.json"),
	include_str!("../../fixtures/billing-more-scenarios.json"),
];

fn file(position: usize) -> Value {
	serde_json::from_str(FILES[position]).unwrap()
}

#[test]
fn scenarios_should_match_when_replayed_with_and_without_settles() {
	for position in 0..FILES.len() {
		let file = file(position);
		match replay::file(&file) {
			Ok(count) => assert_eq!(count, file["scenarios"].as_array().unwrap().len()),
			Err(difference) => panic!("{difference}"),
		}
	}
}

#[test]
fn recording_should_change_nothing_when_the_states_match() {
	for position in 0..FILES.len() {
		let mut file = file(position);
		let before = file.clone();
		replay::record(&mut file).unwrap();
		for (scenario, recorded) in before["scenarios"]
			.as_array()
			.unwrap()
			.iter()
			.zip(file["scenarios"].as_array().unwrap())
		{
			for (op, recorded) in scenario["ops"]
				.as_array()
				.unwrap()
				.iter()
				.zip(recorded["ops"].as_array().unwrap())
			{
				assert_eq!(op.get("refused").is_some(), recorded.get("refused").is_some(), "{op}");
				assert_eq!(op["state"], recorded["state"]);
			}
		}
	}
}

#[test]
fn replay_should_name_scenario_operation_and_field_when_a_state_differs() {
	let mut file = file(0);
	file["scenarios"][0]["ops"][7]["state"]["agreements"]["1"]["rem"] = json!("691244285468213252");
	let difference = replay::file(&file).unwrap_err().to_string();
	assert_eq!(
		difference,
		"scenario '01 fixed, interpolated, remainder carried', op 7 (settle): state.agreements.1.rem: \
		 expected \"691244285468213252\", got \"691244285468213251\""
	);
}

#[test]
fn replay_should_fail_when_a_field_is_missing_or_unknown() {
	for field in ["rem", "no such field"] {
		let mut file = file(0);
		let agreement = file["scenarios"][0]["ops"][2]["state"]["agreements"]["1"]
			.as_object_mut()
			.unwrap();
		if agreement.remove(field).is_none() {
			agreement.insert(field.into(), json!("1"));
		}
		assert!(replay::file(&file)
			.unwrap_err()
			.to_string()
			.contains(&format!("op 2 (agree): state.agreements.1.{field}")));
	}
}

#[test]
fn replay_should_fail_when_an_operation_cannot_be_read() {
	let mut file = file(0);
	file["scenarios"][5]["ops"][1]["args"][1] = json!(50);
	let difference = replay::file(&file).unwrap_err().to_string();
	assert!(difference.contains("op 1 (project_flow): the file"), "{difference}");
	file["version"] = json!(2);
	assert!(replay::file(&file).is_err());
}

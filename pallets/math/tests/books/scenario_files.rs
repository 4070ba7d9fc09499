//! The scenario files: replayed as they stand, and once more with everything checked.

use crate::{ledger::Ledger, replay, scenario, watched::Watched};
use serde_json::{json, Value};

const GIVEN: &str = include_str!("../../fixtures/books-scenarios.json");
const RECORDED: &str = include_str!("../../fixtures/books-more-scenarios.json");

fn parsed(text: &str) -> Value {
	serde_json::from_str(text).unwrap()
}

#[test]
fn given_scenarios_should_match_when_replayed() {
	let counted = replay::file(&parsed(GIVEN)).unwrap();
	assert_eq!((counted.scenarios, counted.operations), (4, 74));
}

#[test]
fn recorded_scenarios_should_match_when_replayed() {
	let counted = replay::file(&parsed(RECORDED)).unwrap();
	assert!(counted.scenarios >= 10);
}

#[test]
fn scenarios_should_keep_every_invariant_and_follow_the_model() {
	for file in [parsed(GIVEN), parsed(RECORDED)] {
		for scenario in scenario::scenarios(&file).unwrap() {
			let Ledger { config, .. } = scenario.ledger;
			let mut watched = Watched::new(config);
			for entry in scenario.ops {
				let refused = watched.apply(scenario::op(entry).unwrap()).is_err();
				assert_eq!(refused, entry.get("refused").is_some(), "{}: {entry}", scenario.name);
			}
		}
	}
}

#[test]
fn replay_should_name_the_first_difference_when_a_state_is_wrong() {
	let mut file = parsed(GIVEN);
	file["scenarios"][1]["ops"][13]["state"]["pool"]["P"] = json!("7");
	file["scenarios"][1]["ops"][14]["state"]["D"] = json!("7");
	assert_eq!(
		replay::file(&file).unwrap_err(),
		"scenario \"04 redemption from the riskiest up\", op 13 (redeem): \
		 state.pool.P: expected \"7\", got \"1000000000000000000000000000000000000\"",
	);
}

#[test]
fn replay_should_fail_when_a_result_a_refusal_or_an_id_is_wrong() {
	let wrong = |pointer: &str, value: Value| {
		let mut file = parsed(GIVEN);
		*file.pointer_mut(pointer).unwrap() = value;
		replay::file(&file).unwrap_err()
	};
	assert!(wrong("/scenarios/0/ops/8/result", json!("12")).contains("op 8 (repay): result"));
	assert!(wrong("/scenarios/0/ops/3", {
		let mut entry = parsed(GIVEN)["scenarios"][0]["ops"][3].clone();
		entry["refused"] = json!("");
		entry
	})
	.contains("op 3 (draw): refused"));
	assert!(wrong("/scenarios/0/ops/1/state/vaults", json!({})).contains("op 1 (open): vaults"));
	assert!(wrong("/scenarios/0/config/draw_waits", json!(false)).contains("config draw_waits"));
	assert!(wrong("/constants/NEW_DEBT_BITS", json!("25")).contains("constant NEW_DEBT_BITS"));
}

#[test]
fn replay_should_refuse_a_file_without_scenarios() {
	assert_eq!(replay::file(&json!({ "scenarios": [] })).unwrap_err(), "no scenarios");
}

#[test]
fn replay_should_take_null_for_no_refusal_and_more_than_fits_for_more_than_there_is() {
	let mut file = parsed(GIVEN);
	let ops = file["scenarios"][0]["ops"].as_array_mut().unwrap();
	ops[0]["refused"] = Value::Null;
	let mut beyond = ops[0].clone();
	beyond["op"] = json!("draw");
	beyond["args"] = json!(["7", "340282366920938463463374607431768211456"]);
	beyond["refused"] = json!("there is no such vault");
	ops.insert(1, beyond);
	assert_eq!(replay::file(&file).unwrap().operations, 75);
}

#[test]
fn replay_should_pass_over_fields_that_are_unknown() {
	let mut file = parsed(GIVEN);
	file["author"] = json!("someone");
	file["scenarios"][0]["ops"][0]["state"]["weather"] = json!("fair");
	file["scenarios"][0]["config"]["colour"] = json!("green");
	assert!(replay::file(&file).is_ok());
}

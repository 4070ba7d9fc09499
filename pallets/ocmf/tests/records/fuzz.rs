//! Arbitrary and damaged input: always a record or an error, never a panic, and never a record that is not JSON.

use std::sync::LazyLock;

use baseload_ocmf::{Record, Unit, MAX_READINGS, MAX_RECORD_BYTES};
use proptest::prelude::*;
use serde::de::IgnoredAny;

use crate::fixture;

static RECORDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
	fixture::corpus()
		.into_iter()
		.map(|entry| entry.record.into_bytes())
		.collect()
});

/// The fuzz target: reads `data` with all that the crate offers, and checks what must hold whatever it is.
fn fuzz(data: &[u8]) {
	let record = match Record::parse(data) {
		Ok(record) => record,
		Err(error) => return assert!(!error.explain().is_empty()),
	};
	assert!(data.len() <= MAX_RECORD_BYTES);
	let sections: Vec<_> = data.split(|byte| *byte == b'|').collect();
	assert_eq!(sections[0], b"OCMF");
	assert_eq!(sections[1], record.signed_bytes());
	for section in &sections[1..] {
		serde_json::from_slice::<IgnoredAny>(section).expect("what is read is JSON to other readers too");
	}
	assert!((1..=MAX_READINGS).contains(&record.readings().len()));
	for reading in record.readings() {
		let _ = reading.register();
		if let Ok(wh) = reading.wh() {
			let value = reading.value.expect("energy has a value");
			let approximate: f64 = value.as_str().parse().expect("a number to other readers too");
			let scale = if reading.unit == Some(Unit::KilowattHour) {
				1e3
			} else {
				1.0
			};
			assert!((approximate * scale - wh as f64).abs() <= 1.0 + approximate * scale * 1e-9);
		}
	}
}

/// One piece of damage, at a place given as a share of the length.
#[derive(Clone, Debug)]
enum Damage {
	Replace(u16, u8),
	Insert(u16, Vec<u8>),
	Remove(u16, u8),
	Repeat(u16, u8),
	Truncate(u16),
	Graft(u16, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
	let character = prop_oneof![
		any::<u8>(),
		(b' '..=b'~'),
		proptest::sample::select(b"{}[]\",:|\\-+.eE0189 ".to_vec())
	];
	let token = proptest::sample::select(vec![
		"\"RD\":[",
		"\"RV\":",
		"\"RV\":-0e-9,",
		"\"TM\":null,",
		"\"PG\":\"F1\",",
		"\\u0052",
		"1e400",
		"[[[[[[[[[",
		"{},",
		"99999999999999999999",
		"\"EF\":\"Et\"",
		"\"ST\":\"E\"",
		"\"SA\":\"ECDSA-secp256k1-SHA256\",",
		"é",
		"\0",
	]);
	let piece = prop_oneof![
		character.clone().prop_map(|byte| vec![byte]),
		token.prop_map(|token| token.as_bytes().to_vec())
	];
	prop_oneof![
		4 => (any::<u16>(), character).prop_map(|(at, byte)| Damage::Replace(at, byte)),
		4 => (any::<u16>(), piece).prop_map(|(at, piece)| Damage::Insert(at, piece)),
		2 => (any::<u16>(), 1..=40u8).prop_map(|(at, count)| Damage::Remove(at, count)),
		2 => (any::<u16>(), any::<u8>()).prop_map(|(at, count)| Damage::Repeat(at, count)),
		1 => any::<u16>().prop_map(Damage::Truncate),
		1 => (any::<u16>(), any::<usize>()).prop_map(|(at, other)| Damage::Graft(at, other)),
	]
}

fn apply(mut data: Vec<u8>, damage: &Damage) -> Vec<u8> {
	let place = |at: u16, length: usize| usize::from(at) * length / usize::from(u16::MAX);
	let length = data.len();
	match damage {
		Damage::Replace(at, byte) => {
			if let Some(old) = data.get_mut(place(*at, length)) {
				*old = *byte;
			}
		}
		Damage::Insert(at, piece) => {
			let at = place(*at, length);
			data.splice(at..at, piece.iter().copied());
		}
		Damage::Remove(at, count) => {
			let at = place(*at, length);
			data.drain(at..length.min(at + usize::from(*count)));
		}
		Damage::Repeat(at, count) => {
			let at = place(*at, length);
			data.extend_from_within(at..length.min(at + usize::from(*count)));
		}
		Damage::Truncate(at) => data.truncate(place(*at, length)),
		Damage::Graft(at, other) => {
			data.truncate(place(*at, length));
			let other = &RECORDS[*other % RECORDS.len()];
			data.extend_from_slice(&other[place(*at, other.len())..]);
		}
	}
	data
}

#[test]
fn target_should_hold_when_records_are_whole() {
	RECORDS.iter().for_each(|record| fuzz(record));
}

#[test]
fn target_should_hold_when_a_record_is_cut_anywhere() {
	for record in RECORDS.iter().step_by(37) {
		(0..record.len()).for_each(|end| fuzz(&record[..end]));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(500))]

	#[test]
	fn target_should_hold_when_bytes_are_arbitrary(data in proptest::collection::vec(any::<u8>(), 0..5_000)) {
		fuzz(&data);
	}

	#[test]
	fn target_should_hold_when_sections_are_arbitrary(payload in ".{0,200}", signature in "[\\PC\\\\]{0,80}") {
		fuzz(format!("OCMF|{payload}|{signature}").as_bytes());
	}

}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_000))]

	#[test]
	fn target_should_hold_when_a_record_is_damaged(
		record in 0..256usize, damages in proptest::collection::vec(damage(), 1..6),
	) {
		fuzz(&damages.iter().fold(RECORDS[record].clone(), apply));
	}

	#[test]
	fn target_should_hold_when_readings_hold_any_value(
		whole in "[0-9]{1,25}|-?0{0,6}[1-9][0-9]{0,6}", fraction in "([.][0-9]{1,25})?", exponent in "([eE][+-]?[0-9]{1,3})?",
		unit in "k?Wh", quote in "\"?",
	) {
		let value = format!("{quote}{whole}{fraction}{exponent}{quote}");
		let record = String::from_utf8(RECORDS[0].clone()).expect("text");
		fuzz(record.replace("0.2596", &value).replace("kWh", &unit).as_bytes());
	}
}

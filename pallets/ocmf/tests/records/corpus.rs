//! What the reader makes of 256 real records, against OpenSSL's verdict on each signature.

use std::collections::BTreeMap;

use baseload_ocmf::{Curve, OcmfError, Reading, Record, Register, Status};
use baseload_primitives::{DeviceKey, DeviceSignature};

use crate::fixture::{corpus, Entry};

/// SubjectPublicKeyInfo of an uncompressed point, up to the point: id-ecPublicKey and the curve.
const SPKI_P256: &str = "3059301306072A8648CE3D020106082A8648CE3D030107034200";
const SPKI_SECP256K1: &str = "3056301006072A8648CE3D020106052B8104000A034200";

/// The signature algorithm as the record names it.
fn algorithm(entry: &Entry) -> String {
	let section = entry.record.rsplit('|').next().expect("a split has a part");
	let section: serde_json::Value = serde_json::from_str(section).expect("JSON");
	section["SA"].as_str().unwrap_or("ECDSA-secp256r1-SHA256").to_owned()
}

/// Capital hexadecimal digits of a key in hexadecimal or Base64; nothing if it is neither.
fn key_digits(entry: &Entry) -> String {
	let key = entry.key.clone().unwrap_or_default();
	if key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
		return key.to_ascii_uppercase();
	}
	const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	let bits: Option<String> = key
		.trim_end_matches('=')
		.chars()
		.map(|digit| DIGITS.find(digit).map(|value| format!("{value:06b}")))
		.collect();
	let bits = bits.unwrap_or_default();
	let bytes = bits
		.as_bytes()
		.chunks_exact(8)
		.map(|byte| std::str::from_utf8(byte).expect("ASCII"));
	bytes
		.map(|byte| format!("{:02X}", u8::from_str_radix(byte, 2).expect("binary")))
		.collect()
}

/// The key's point in SEC1 form, if the key is one of the curve.
fn point(entry: &Entry, curve: Curve) -> Option<Vec<u8>> {
	let digits = key_digits(entry);
	let spki = match curve {
		Curve::P256 => SPKI_P256,
		Curve::Secp256k1 => SPKI_SECP256K1,
	};
	let point = match digits.strip_prefix(spki) {
		Some(point) => point.to_owned(),
		// Isabellenhütte's keys are bare coordinates.
		None if digits.len() == 128 => format!("04{digits}"),
		None => return None,
	};
	(0..point.len())
		.step_by(2)
		.map(|at| u8::from_str_radix(point.get(at..at + 2)?, 16).ok())
		.collect()
}

/// Whether the signature is the key's over the signed bytes, in the chain's own judgement. None without a key of the record's
/// curve.
fn verified(entry: &Entry, record: &Record) -> Option<bool> {
	let [_, coordinates @ ..]: [u8; 65] = point(entry, record.curve())?.try_into().ok()?;
	let (x, y) = coordinates.split_at(32);
	let mut compressed = [2 + y[31] % 2; 33];
	compressed[1..].copy_from_slice(x);
	let signature = record.signature();
	let (key, signature) = match record.curve() {
		Curve::P256 => (DeviceKey::P256(compressed), DeviceSignature::P256(signature)),
		Curve::Secp256k1 => (DeviceKey::Secp256k1(compressed), DeviceSignature::Secp256k1(signature)),
	};
	Some(key.verify(record.signed_bytes(), &signature))
}

/// The records that are read, with their entries.
fn for_each_record(mut look: impl FnMut(&Entry, &Record)) {
	for entry in corpus() {
		if let Ok(record) = Record::parse(entry.record.as_bytes()) {
			look(&entry, &record);
		}
	}
}

#[test]
fn verdicts_should_be_those_of_openssl_when_the_curve_is_supported() {
	let mut judged = 0;
	for entry in corpus() {
		let Some(expected) = entry.openssl_verified else {
			continue;
		};
		match Record::parse(entry.record.as_bytes()) {
			// A key of another curve verifies nothing.
			Ok(record) => {
				assert_eq!(verified(&entry, &record).unwrap_or(false), expected, "{}", entry.source);
				judged += 1;
			}
			Err(error) => assert_eq!(error, OcmfError::UnsupportedAlgorithm, "{}", entry.source),
		}
	}
	assert_eq!(judged, 243);
}

#[test]
fn records_should_not_verify_when_openssl_has_no_verdict() {
	let outcomes: Vec<_> = corpus()
		.iter()
		.filter(|entry| entry.openssl_verified.is_none())
		.map(|entry| {
			let outcome = Record::parse(entry.record.as_bytes()).map(|record| verified(entry, &record));
			(entry.source.clone(), outcome)
		})
		.collect();
	let expected = [
		("log4j_test1.xml", Ok(None)),
		("log4j_test2.xml", Ok(None)),
		("log4j_test3.xml", Err(OcmfError::BadSignature)),
		("xml/signature_16955306_ALL.xml", Ok(None)),
		("xml/signature_16955306_ALL.xml", Ok(None)),
	];
	assert_eq!(outcomes, expected.map(|(source, outcome)| (source.to_owned(), outcome)));
}

#[test]
fn counts_should_be_the_documented_table() {
	let mut counts = BTreeMap::<_, u32>::new();
	for entry in corpus() {
		let outcome = match Record::parse(entry.record.as_bytes()) {
			Ok(_) => "read",
			Err(error) => error.explain(),
		};
		*counts
			.entry((algorithm(&entry), entry.openssl_verified, outcome))
			.or_default() += 1;
	}
	let unsupported = OcmfError::UnsupportedAlgorithm.explain();
	let expected = [
		("ECDSA-brainpoolP256r1-SHA256", Some(true), unsupported, 2),
		("ECDSA-secp192k1-SHA256", Some(true), unsupported, 2),
		("ECDSA-secp192r1-SHA256", Some(true), unsupported, 2),
		("ECDSA-secp256k1-SHA256", Some(false), "read", 1),
		("ECDSA-secp256k1-SHA256", Some(true), "read", 6),
		("ECDSA-secp256r1-SHA256", None, "read", 4),
		("ECDSA-secp256r1-SHA256", None, OcmfError::BadSignature.explain(), 1),
		("ECDSA-secp256r1-SHA256", Some(false), "read", 3),
		("ECDSA-secp256r1-SHA256", Some(true), "read", 233),
		("ECDSA-secp384r1-SHA256", Some(true), unsupported, 2),
	];
	for ((algorithm, verdict, outcome), count) in &counts {
		println!("{algorithm:30} OpenSSL {verdict:12?} {count:4} {outcome}");
	}
	let counts: Vec<_> = counts
		.iter()
		.map(|((algorithm, verdict, outcome), count)| (algorithm.as_str(), *verdict, *outcome, *count))
		.collect();
	assert_eq!(counts, expected);
}

#[test]
fn signed_bytes_should_be_those_between_the_pipes() {
	for_each_record(|entry, record| {
		let sections: Vec<_> = entry.record.split('|').collect();
		assert_eq!(record.signed_bytes(), sections[1].as_bytes(), "{}", entry.source);
	});
}

#[test]
fn registers_should_be_told_apart_by_their_codes() {
	let mut counts = BTreeMap::<_, u32>::new();
	for_each_record(|_, record| {
		for reading in record.readings() {
			let code = reading.obis.expect("every reading of the corpus has a code");
			*counts
				.entry((format!("{:?}", reading.register()), code.to_owned()))
				.or_default() += 1;
		}
	});
	let counts: Vec<_> = counts
		.iter()
		.map(|((register, code), count)| (register.as_str(), code.as_str(), *count))
		.collect();
	let expected = [
		("Export", "1-0:2.8.0", 2),
		("Export", "1-0:2.8.0.FF", 2),
		("Import", "01-00:01.08.00.FF", 6),
		("Import", "1-0:1.8.0", 4),
		("Import", "1-b:1.8.0", 460),
		("Other", "01-00:00.08.06.FF", 2),
		("Other", "1-b:1.8.e", 6),
		("Other", "1-b:2.8.e", 3),
		("Session", "1-0:1.8.0*198", 4),
		("Session", "1-0:98.8.0.FF", 2),
		("Session", "1-b:1.9.0", 200),
	];
	assert_eq!(counts, expected);
}

#[test]
fn session_value_should_be_the_rise_of_the_total_when_a_record_has_both() {
	let mut compared = 0;
	for_each_record(|entry, record| {
		if let [opening, closing, session] = record.readings() {
			if session.register() == Register::Session {
				assert_eq!(
					(opening.register(), closing.register()),
					(Register::Import, Register::Import)
				);
				let values = [opening, closing, session].map(|reading| reading.wh().expect("good"));
				// Each is rounded down by itself.
				assert!(
					values[2].abs_diff(values[1] - values[0]) <= 1,
					"{}: {values:?}",
					entry.source
				);
				compared += 1;
			}
		}
	});
	assert_eq!(compared, 200);
}

#[test]
fn energy_should_be_refused_only_when_the_meter_or_the_unit_says_so() {
	let mut refusals = BTreeMap::<_, u32>::new();
	for_each_record(|entry, record| {
		for reading in record.readings() {
			if let Err(error) = reading.wh() {
				assert_eq!(
					error == OcmfError::MeterNotGood,
					reading.status != Status::Good,
					"{}",
					entry.source
				);
				*refusals.entry(error.explain()).or_default() += 1;
			}
		}
	});
	let expected = [
		(OcmfError::MeterNotGood.explain(), 11),
		(OcmfError::NotEnergy.explain(), 2),
	];
	assert_eq!(refusals.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn registers_should_never_fall_within_a_record() {
	for_each_record(|entry, record| {
		let import = |reading: &&Reading| reading.register() == Register::Import;
		let wh: Vec<_> = record
			.readings()
			.iter()
			.filter(import)
			.map(|reading| (reading.time, reading.wh()))
			.collect();
		assert!(
			wh.is_sorted_by_key(|(time, wh)| (*time, wh.ok())),
			"{}: {wh:?}",
			entry.source
		);
	});
}

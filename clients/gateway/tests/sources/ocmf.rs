//! Every record of the reference corpus, by itself and wrapped as S.A.F.E. transparency XML, gets OpenSSL's verdict.

use std::collections::BTreeMap;

use base64::{engine::general_purpose::STANDARD, Engine};
use baseload_gateway::ocmf::{
	document::{entries, Entry},
	judge::{judge, Verdict},
};
use serde::Deserialize;

/// One record of the corpus.
#[derive(Deserialize)]
pub struct Record {
	/// The test resource that it was cut from.
	pub source: String,
	/// The record.
	pub record: String,
	/// The public key as it came with the record.
	pub key: Option<String>,
	/// OpenSSL's verdict; none where it could not read the key or the signature.
	pub openssl_verified: Option<bool>,
}

/// All records of the corpus.
pub fn corpus() -> Vec<Record> {
	#[derive(Deserialize)]
	struct Corpus {
		entries: Vec<Record>,
	}
	let text = include_str!("../../../../pallets/ocmf/tests/corpus/records.json");
	let corpus: Corpus = serde_json::from_str(text).unwrap();
	assert_eq!(corpus.entries.len(), 256);
	corpus.entries
}

fn expected(record: &Record) -> Verdict {
	match record.openssl_verified {
		Some(true) => Verdict::Verified,
		Some(false) => Verdict::NotVerified,
		None => Verdict::Unknown,
	}
}

#[test]
fn verdict_should_be_openssls_for_every_record() {
	let mut counts = BTreeMap::<_, u32>::new();
	for record in corpus() {
		let judged = judge(record.record.as_bytes(), record.key.as_deref());
		assert_eq!(judged.verdict, expected(&record), "{}: {}", record.source, judged.why);
		let curve = judged.curve.map_or("none", |curve| curve.name());
		*counts.entry((curve, judged.verdict == Verdict::Verified)).or_default() += 1;
	}
	println!("{counts:?}");
	let counts: Vec<_> = counts.into_iter().collect();
	let expected = [
		(("brainpoolP256r1", true), 2),
		(("none", false), 1),
		(("secp192k1", true), 2),
		(("secp192r1", true), 2),
		(("secp256k1", false), 1),
		(("secp256k1", true), 6),
		(("secp256r1", false), 7),
		(("secp256r1", true), 233),
		(("secp384r1", true), 2),
	];
	assert_eq!(counts, expected);
}

/// The corpus as one transparency file, its records and keys in turn plain, in hex and in Base64.
pub fn xml(records: &[Record]) -> String {
	let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
	let values: String = (0..)
		.zip(records)
		.map(|(number, record)| {
			let (encoding, text) = match number % 3 {
				0 => ("plain", escape(&record.record)),
				1 => ("hex", hex::encode_upper(&record.record)),
				_ => ("base64", STANDARD.encode(&record.record)),
			};
			let key = record.key.as_deref().map_or(String::new(), |key| {
				format!("<publicKey encoding=\"plain\">{}</publicKey>", escape(key))
			});
			format!(
				"<value transactionId=\"{number}\"><signedData format=\"OCMF\" encoding=\"{encoding}\">{text}</signedData>{key}</value>\n"
			)
		})
		.collect();
	format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<values>\n{values}</values>\n")
}

#[test]
fn verdict_should_be_openssls_when_records_come_as_transparency_xml() {
	let records = corpus();
	let entries = entries("corpus.xml", xml(&records).as_bytes()).unwrap();
	assert_eq!(entries.len(), records.len());
	for (record, entry) in records.iter().zip(entries) {
		let Entry { record: bytes, key, .. } = entry.unwrap();
		assert_eq!(bytes, record.record.trim().as_bytes(), "{}", record.source);
		assert_eq!(
			judge(&bytes, key.as_deref()).verdict,
			expected(record),
			"{}",
			record.source
		);
	}
}

#[test]
fn verdict_should_turn_when_a_single_digit_changes() {
	let mut changed = 0;
	for record in corpus()
		.iter()
		.filter(|record| record.openssl_verified == Some(true))
		.step_by(7)
	{
		let payload = record.record.find("\"RV\"").unwrap() + 4;
		let digit = record.record[payload..].find(|c: char| c.is_ascii_digit()).unwrap() + payload;
		let other = if record.record[digit..].starts_with('9') {
			"8"
		} else {
			"9"
		};
		let mut forged = record.record.clone();
		forged.replace_range(digit..=digit, other);
		let verdict = judge(forged.as_bytes(), record.key.as_deref()).verdict;
		assert_ne!(verdict, Verdict::Verified, "{}", record.source);
		changed += 1;
	}
	assert!(changed > 30);
}

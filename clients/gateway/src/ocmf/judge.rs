//! The verdict on one record.

use base64::{engine::general_purpose::STANDARD, Engine};
use baseload_ocmf::{ClockStatus, Context, OcmfError, Record, Register, Unit};
use serde::Deserialize;

use super::{
	curve::{Curve, Signature},
	key::{KeyProblem, PublicKey},
};

/// What became of a record's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It is the key's, over exactly these bytes.
	Verified,
	/// It is not.
	NotVerified,
	/// Nobody can say: no key, an unreadable key, no record.
	Unknown,
}

/// What a record says, and what its signature is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
	/// Serial number of the meter, or of the device that signs for it, if stated.
	pub meter: Option<String>,
	/// The record's number: `T32`.
	pub page: Option<String>,
	/// The curve of its signature.
	pub curve: Option<Curve>,
	/// What it reads.
	pub readings: Vec<Reading>,
	/// The verdict.
	pub verdict: Verdict,
	/// The reason, half a sentence.
	pub why: String,
	/// Whether the chain could take it, its verdict aside.
	pub is_for_chain: bool,
}

/// One reading of one register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
	/// Unix milliseconds.
	pub time: u64,
	/// What the meter says about its clock.
	pub clock: &'static str,
	/// What the register counts.
	pub register: String,
	/// The OBIS code as written.
	pub obis: Option<String>,
	/// The value and its unit as written.
	pub value: Option<String>,
	/// Whole Wh, rounded down; or why they do not count.
	pub wh: Result<u64, OcmfError>,
}

impl Judged {
	/// A record of which nothing can be said, and why.
	pub fn unknown(why: impl Into<String>) -> Self {
		Self {
			meter: None,
			page: None,
			curve: None,
			readings: Vec::new(),
			verdict: Verdict::Unknown,
			why: why.into(),
			is_for_chain: false,
		}
	}
}

/// Judges a record by a key, if there is one.
pub fn judge(record: &[u8], key: Option<&str>) -> Judged {
	match Record::parse(record) {
		Ok(read) => {
			let mut judged = describe(&read);
			judged.is_for_chain = true;
			let curve = match read.curve() {
				baseload_ocmf::Curve::P256 => Curve::P256,
				baseload_ocmf::Curve::Secp256k1 => Curve::Secp256k1,
			};
			judged.with_verdict(curve, read.signed_bytes(), &read.signature(), key)
		}
		Err(OcmfError::UnsupportedAlgorithm) => judge_foreign(record, key),
		Err(error) => Judged::unknown(error.explain()),
	}
}

/// The signature section of a record on a curve that the chain does not take.
#[derive(Deserialize)]
struct Section {
	#[serde(rename = "SA")]
	algorithm: String,
	#[serde(rename = "SE")]
	encoding: Option<String>,
	#[serde(rename = "SD")]
	data: String,
}

/// A signature section that the strict reader takes; what it says is never looked at.
const STAND_IN: &str = r#"{"SD":"3006020101020101"}"#;

/// Judges a record on another curve. Its payload is read as strictly as the chain's reader does it, under a stand-in for the
/// signature that this reader does not know.
fn judge_foreign(record: &[u8], key: Option<&str>) -> Judged {
	let unread = || Judged::unknown(OcmfError::UnsupportedAlgorithm.explain());
	let Some((payload, section)) = sections(record) else {
		return unread();
	};
	let Ok(section) = serde_json::from_str::<Section>(section) else {
		return unread();
	};
	let Some(curve) = Curve::of_algorithm(&section.algorithm) else {
		return unread();
	};
	let rebuilt = format!("OCMF|{payload}|{STAND_IN}");
	let judged = match Record::parse(rebuilt.as_bytes()) {
		Ok(read) => describe(&read),
		Err(error) => return Judged::unknown(error.explain()),
	};
	let signature = match section.encoding.as_deref() {
		None | Some("hex") => hex::decode(&section.data).ok(),
		Some("base64") => STANDARD.decode(&section.data).ok(),
		Some(_) => return judged.because(Verdict::Unknown, OcmfError::UnsupportedEncoding.explain()),
	};
	match signature {
		Some(signature) => judged.with_verdict(curve, payload.as_bytes(), &signature, key),
		None => judged.because(Verdict::Unknown, OcmfError::BadSignature.explain()),
	}
}

/// The payload and the signature section.
fn sections(record: &[u8]) -> Option<(&str, &str)> {
	let text = std::str::from_utf8(record).ok()?;
	text.strip_prefix("OCMF|")?.split_once('|')
}

impl Judged {
	fn because(self, verdict: Verdict, why: impl Into<String>) -> Self {
		Self {
			verdict,
			why: why.into(),
			..self
		}
	}

	fn with_verdict(mut self, curve: Curve, message: &[u8], signature: &[u8], key: Option<&str>) -> Self {
		self.curve = Some(curve);
		let Some(key) = key else {
			return self.because(Verdict::Unknown, "no public key is given");
		};
		let Some(signature) = Signature::read(curve, signature) else {
			return self.because(Verdict::Unknown, OcmfError::BadSignature.explain());
		};
		match PublicKey::parse(key).and_then(|key| key.point(curve)) {
			Ok(point) if curve.verify(&point, message, &signature) => {
				self.because(Verdict::Verified, "the signature is the key's over exactly these bytes")
			}
			Ok(_) => self.because(Verdict::NotVerified, "the signature is not the key's over these bytes"),
			Err(problem @ KeyProblem::OfCurve(_)) => self.because(
				Verdict::NotVerified,
				format!("{problem}, the record is signed on {}", curve.name()),
			),
			Err(problem) => self.because(Verdict::Unknown, problem.to_string()),
		}
	}
}

/// What a record says, without a verdict.
fn describe(record: &Record) -> Judged {
	let page = record.pagination();
	let letter = match page.context {
		Context::Transaction => 'T',
		Context::Fiscal => 'F',
	};
	Judged {
		meter: record.meter_serial().or(record.gateway_serial()).map(Into::into),
		page: Some(format!("{letter}{}", page.number)),
		readings: record.readings().iter().map(reading).collect(),
		..Judged::unknown("")
	}
}

fn reading(reading: &baseload_ocmf::Reading) -> Reading {
	let unit = match reading.unit {
		Some(Unit::KilowattHour) => " kWh",
		Some(Unit::WattHour) => " Wh",
		Some(Unit::Other) | None => "",
	};
	Reading {
		time: reading.time,
		clock: match reading.clock {
			ClockStatus::Unknown => "unknown",
			ClockStatus::Informative => "informative",
			ClockStatus::Synchronised => "synchronised",
			ClockStatus::Relative => "relative",
		},
		register: match reading.register() {
			Register::Import => "import".into(),
			Register::ImportBand(band) => format!("import, tariff {band}"),
			Register::Export => "export".into(),
			Register::ExportBand(band) => format!("export, tariff {band}"),
			Register::DeviceImport => "import at the device".into(),
			Register::DeviceExport => "export at the device".into(),
			Register::Session => "one session".into(),
			Register::Other => "other".into(),
		},
		obis: reading.obis.map(Into::into),
		value: reading.value.map(|value| format!("{}{unit}", value.as_str())),
		wh: reading.wh(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const RECORD: &str = r#"OCMF|{"FV":"1.0","PG":"T32","GS":"17619300","RD":[{"TM":"2019-08-13T10:03:15,000+0000 I","RV":0.2596,"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}]}|{"SD":"3006020101020101"}"#;

	#[test]
	fn record_should_be_described_when_there_is_no_key() {
		let judged = judge(RECORD.as_bytes(), None);
		assert_eq!(
			(judged.verdict, judged.why.as_str()),
			(Verdict::Unknown, "no public key is given")
		);
		assert_eq!(
			(judged.meter.as_deref(), judged.page.as_deref()),
			(Some("17619300"), Some("T32"))
		);
		assert_eq!((judged.curve, judged.is_for_chain), (Some(Curve::P256), true));
		let reading = &judged.readings[0];
		assert_eq!((reading.clock, reading.register.as_str()), ("informative", "import"));
		assert_eq!((reading.value.as_deref(), &reading.wh), (Some("0.2596 kWh"), &Ok(259)));
	}

	#[test]
	fn record_should_be_unknown_when_it_is_damaged_or_of_an_unknown_algorithm() {
		let with = |signature: &str| RECORD.replace(r#"{"SD":"3006020101020101"}"#, signature);
		for (record, said) in [
			("hello".to_owned(), "not OCMF"),
			(RECORD.replace("T32", "32"), "pagination"),
			(
				with(r#"{"SA":"ECDSA-secp521r1-SHA256","SD":"00"}"#),
				"P-256 or secp256k1",
			),
			(with(r#"{"SA":"ECDSA-secp384r1-SHA256","SD":"zz"}"#), "damaged"),
			(
				with(r#"{"SA":"ECDSA-secp384r1-SHA256","SE":"rot13","SD":"00"}"#),
				"hexadecimal or Base64",
			),
			(with(r#"{"SA":"ECDSA-secp384r1-SHA256"}"#), "P-256 or secp256k1"),
			(
				with(r#"{"SA":"ECDSA-secp384r1-SHA256","SD":"00"}"#).replace("T32", "32"),
				"pagination",
			),
		] {
			let judged = judge(record.as_bytes(), Some("04"));
			assert_eq!(judged.verdict, Verdict::Unknown, "{record}");
			assert!(judged.why.contains(said), "{}", judged.why);
			assert!(!judged.is_for_chain);
		}
	}

	#[test]
	fn record_should_not_verify_when_the_key_is_of_another_curve() {
		let generator = "3056301006072A8648CE3D020106052B8104000A0342000479BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8";
		let judged = judge(RECORD.as_bytes(), Some(generator));
		assert_eq!(judged.verdict, Verdict::NotVerified);
		assert_eq!(
			judged.why,
			"the key is of the curve secp256k1, the record is signed on secp256r1"
		);
	}

	proptest! {
		#[test]
		fn judge_should_never_panic_when_bytes_are_random(
			bytes in prop::collection::vec(any::<u8>(), 0..300), section in "\\PC{0,60}", key in prop::option::of("\\PC{0,60}"),
		) {
			let _ = judge(&bytes, key.as_deref());
			let payload = RECORD.split('|').nth(1).unwrap();
			let _ = judge(format!("OCMF|{payload}|{section}").as_bytes(), key.as_deref());
			let named = format!(r#"OCMF|{payload}|{{"SA":"ECDSA-secp192k1-SHA256","SD":"{section}"}}"#);
			let _ = judge(named.as_bytes(), key.as_deref());
		}
	}
}

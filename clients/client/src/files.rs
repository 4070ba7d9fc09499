//! How readings, evidence and vouchers stand in files.
//!
//! A *row* is one signed reading of one meter, a JSON object on one line. Times are Unix milliseconds, registers whole Wh in the
//! order the meter declared them, keys and signatures as in [`crate::device`]:
//!
//! ```json
//! {"meter":0,"sequence":7,"measured_at":1769860800000,"clock":"synchronised","quality":"measured",
//!  "registers":[12345,20],"signature":"ed25519:0x…"}
//! ```
//!
//! *Evidence* is a row or an OCMF record. A *voucher* is an attestor's word for a row, with the key that the device is said to
//! have signed with: `{"attestor":"5…","key":"ed25519:0x…","row":{…},"signature":"sr25519:0x…"}`.

use baseload_primitives::{
	ClockStatus, Evidence, MeterId, Moment, OcmfRecord, Quality, Reading, Registers, SignedReading, Voucher,
};
use serde::{de::DeserializeOwned, Deserialize, Serialize};

use crate::{
	device::{format_device_key, format_device_signature, parse_device_key, parse_device_signature},
	units::ParseError,
	AccountId, AccountSignature,
};

/// How every OCMF record begins.
const OCMF: &[u8] = b"OCMF|";

/// How much of a text that cannot be read an error quotes, in characters.
const QUOTED: usize = 60;

/// A signed reading, and whose it is.
pub type Row = (MeterId, SignedReading);

/// An attestor's word for a reading, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedVoucher {
	/// Whose word it is.
	pub attestor: AccountId,
	/// What it says.
	pub voucher: Voucher,
	/// The attestor's signature over [`Voucher::payload`].
	pub signature: AccountSignature,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText {
	meter: MeterId,
	sequence: u64,
	measured_at: Moment,
	clock: ClockText,
	quality: QualityText,
	registers: Vec<u64>,
	signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClockText {
	Synchronised,
	Unsynchronised,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum QualityText {
	Measured,
	Estimated,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VoucherText {
	attestor: String,
	key: String,
	row: RowText,
	signature: String,
}

impl RowText {
	fn new(meter: MeterId, signed: &SignedReading) -> Self {
		let reading = &signed.reading;
		Self {
			meter,
			sequence: reading.sequence,
			measured_at: reading.measured_at,
			clock: match reading.clock {
				ClockStatus::Synchronised => ClockText::Synchronised,
				ClockStatus::Unsynchronised => ClockText::Unsynchronised,
			},
			quality: match reading.quality {
				Quality::Measured => QualityText::Measured,
				Quality::Estimated => QualityText::Estimated,
			},
			registers: reading.registers.to_vec(),
			signature: format_device_signature(signed.signature),
		}
	}

	fn row(self) -> Result<Row, ParseError> {
		let count = self.registers.len();
		let reading = Reading {
			sequence: self.sequence,
			measured_at: self.measured_at,
			clock: match self.clock {
				ClockText::Synchronised => ClockStatus::Synchronised,
				ClockText::Unsynchronised => ClockStatus::Unsynchronised,
			},
			quality: match self.quality {
				QualityText::Measured => Quality::Measured,
				QualityText::Estimated => Quality::Estimated,
			},
			registers: Registers::try_from(self.registers)
				.map_err(|_| ParseError::new(&count.to_string(), "registers are more than a meter can have"))?,
		};
		let signature = parse_device_signature(&self.signature)?;
		Ok((self.meter, SignedReading { reading, signature }))
	}
}

/// Reads a row.
pub fn parse_row(text: &str) -> Result<Row, ParseError> {
	from_json::<RowText>(text, "no row")?.row()
}

/// Writes a row, on one line.
pub fn format_row(meter: MeterId, signed: &SignedReading) -> String {
	to_json(&RowText::new(meter, signed))
}

/// Reads what a device signed, a row or an OCMF record, and the meter if it is said. Blanks around it do not count.
pub fn parse_evidence(bytes: &[u8]) -> Result<(Option<MeterId>, Evidence), ParseError> {
	let bytes = bytes.trim_ascii();
	if bytes.starts_with(OCMF) {
		let record = OcmfRecord::try_from(bytes.to_vec());
		let record = record.map_err(|bytes| {
			ParseError::new(&bytes.len().to_string(), "bytes are more than an OCMF record can have")
		})?;
		return Ok((None, Evidence::Ocmf(record)));
	}
	let (meter, signed) = parse_row(&String::from_utf8_lossy(bytes))?;
	Ok((Some(meter), Evidence::Reading(signed.reading, signed.signature)))
}

/// Reads a voucher.
pub fn parse_voucher(text: &str) -> Result<SignedVoucher, ParseError> {
	let written: VoucherText = from_json(text, "no voucher")?;
	let attestor = written
		.attestor
		.parse()
		.map_err(|_| ParseError::new(&written.attestor, "is not an SS58 address"))?;
	let (meter, SignedReading { reading, signature }) = written.row.row()?;
	Ok(SignedVoucher {
		attestor,
		voucher: Voucher {
			meter,
			key: parse_device_key(&written.key)?,
			reading,
			signature,
		},
		signature: parse_account_signature(&written.signature)?,
	})
}

/// Writes a voucher, on one line.
pub fn format_voucher(signed: &SignedVoucher) -> String {
	let voucher = &signed.voucher;
	let reading = SignedReading {
		reading: voucher.reading.clone(),
		signature: voucher.signature,
	};
	to_json(&VoucherText {
		attestor: signed.attestor.to_string(),
		key: format_device_key(voucher.key),
		row: RowText::new(voucher.meter, &reading),
		signature: format_account_signature(&signed.signature),
	})
}

fn format_account_signature(signature: &AccountSignature) -> String {
	let (kind, bytes): (_, &[u8]) = match signature {
		AccountSignature::Ed25519(bytes) => ("ed25519", bytes),
		AccountSignature::Sr25519(bytes) => ("sr25519", bytes),
		AccountSignature::Ecdsa(bytes) => ("ecdsa", bytes),
	};
	format!("{kind}:0x{}", hex::encode(bytes))
}

fn parse_account_signature(text: &str) -> Result<AccountSignature, ParseError> {
	let signature = text.split_once(":0x").and_then(|(kind, digits)| {
		let bytes = hex::decode(digits).ok()?;
		match kind {
			"ed25519" => bytes.try_into().ok().map(AccountSignature::Ed25519),
			"sr25519" => bytes.try_into().ok().map(AccountSignature::Sr25519),
			"ecdsa" => bytes.try_into().ok().map(AccountSignature::Ecdsa),
			_ => None,
		}
	});
	signature.ok_or_else(|| ParseError::new(text, "is no account's signature, such as sr25519:0x and 128 hex digits"))
}

fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, ParseError> {
	serde_json::from_str(text).map_err(|error| {
		let start: String = text.chars().take(QUOTED).collect();
		ParseError::new(&start, format_args!("is {what}: {error}"))
	})
}

fn to_json(written: &impl Serialize) -> String {
	serde_json::to_string(written).expect("no map has keys that are not text; qed")
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{DeviceKey, DeviceSignature};

	fn signed() -> SignedReading {
		SignedReading {
			reading: Reading {
				sequence: 7,
				measured_at: 1_769_860_800_000,
				clock: ClockStatus::Synchronised,
				quality: Quality::Estimated,
				registers: vec![12_345, u64::MAX].try_into().unwrap(),
			},
			signature: DeviceSignature::P256([7; 64]),
		}
	}

	#[test]
	fn row_should_come_back_when_written() {
		let text = format_row(MeterId(3), &signed());
		assert!(text.starts_with(
			r#"{"meter":3,"sequence":7,"measured_at":1769860800000,"clock":"synchronised","quality":"estimated","registers":[12345,18446744073709551615],"signature":"p256:0x0707"#
		));
		assert_eq!(parse_row(&text), Ok((MeterId(3), signed())));
	}

	#[test]
	fn row_should_be_refused_when_something_is_missing_unknown_or_too_much() {
		let good = format_row(MeterId(3), &signed());
		for (wrong, said) in [
			(good.replace("\"meter\":3,", ""), "missing field `meter`"),
			(good.replace("\"meter\"", "\"metre\""), "unknown field `metre`"),
			(good.replace("estimated", "guessed"), "unknown variant `guessed`"),
			(good.replace("12345", "1.5"), "is no row"),
			(good.replace("12345", "1,2,3,4,5,6,7,8"), "\"9\" registers"),
			(good.replace("p256:", "p521:"), "begin with its kind"),
			(String::new(), "is no row"),
		] {
			let error = parse_row(&wrong).unwrap_err().to_string();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn evidence_should_be_a_row_or_an_ocmf_record() {
		let row = format!("{}\n", format_row(MeterId(3), &signed()));
		let SignedReading { reading, signature } = signed();
		let evidence = Evidence::Reading(reading, signature);
		assert_eq!(parse_evidence(row.as_bytes()), Ok((Some(MeterId(3)), evidence)));
		assert_eq!(
			parse_evidence(b" OCMF|{}|{}\r\n"),
			Ok((None, Evidence::Ocmf(OcmfRecord::truncate_from(b"OCMF|{}|{}".to_vec()))))
		);
		let long = [b"OCMF|".to_vec(), vec![b' '; 5_000], b"|".to_vec()].concat();
		let error = parse_evidence(&long).unwrap_err().to_string();
		assert!(error.contains("\"5006\" bytes"), "{error}");
		assert!(parse_evidence(b"").is_err());
		assert!(parse_evidence(&[0xff]).is_err());
	}

	#[test]
	fn voucher_should_come_back_when_written() {
		let SignedReading { reading, signature } = signed();
		for of_account in [
			AccountSignature::Ed25519([1; 64]),
			AccountSignature::Sr25519([2; 64]),
			AccountSignature::Ecdsa([3; 65]),
		] {
			let signed = SignedVoucher {
				attestor: AccountId([9; 32]),
				voucher: Voucher {
					meter: MeterId(3),
					key: DeviceKey::Ed25519([5; 32]),
					reading: reading.clone(),
					signature,
				},
				signature: of_account,
			};
			assert_eq!(parse_voucher(&format_voucher(&signed)), Ok(signed));
		}
	}

	#[test]
	fn voucher_should_be_refused_when_attestor_or_signature_is_mistyped() {
		let SignedReading { reading, signature } = signed();
		let good = format_voucher(&SignedVoucher {
			attestor: AccountId([9; 32]),
			voucher: Voucher {
				meter: MeterId(3),
				key: DeviceKey::Ed25519([5; 32]),
				reading,
				signature,
			},
			signature: AccountSignature::Sr25519([2; 64]),
		});
		for wrong in [
			good.replace("sr25519:0x02", "sr25519:0x"),
			good.replace("sr25519:0x02", "ecdsa:0x02"),
			good.replace(&AccountId([9; 32]).to_string(), "nobody"),
			good.replace("\"row\"", "\"rows\""),
		] {
			assert!(parse_voucher(&wrong).is_err(), "{wrong}");
		}
	}
}

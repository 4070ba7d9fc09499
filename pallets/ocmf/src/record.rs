//! The record: its sections, its pagination, who made it.

use alloc::vec::Vec;

use crate::{
	json::{set, Scanner},
	reading, signature, Curve, OcmfError, Reading,
};

/// The longest record that is read, in bytes. The longest in the reference corpus is 1,105.
pub const MAX_RECORD_BYTES: usize = 4_096;

/// Which of a meter's two counters numbers a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
	/// `T`: readings that belong to a transaction.
	Transaction,
	/// `F`: readings at set times.
	Fiscal,
}

/// A record's place in the stream of its meter: `PG`. Each context counts up on its own, by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
	/// Which counter.
	pub context: Context,
	/// Its value.
	pub number: u64,
}

impl Pagination {
	fn parse(text: &str) -> Result<Self, OcmfError> {
		let (context, digits) = if let Some(digits) = text.strip_prefix('T') {
			(Context::Transaction, digits)
		} else if let Some(digits) = text.strip_prefix('F') {
			(Context::Fiscal, digits)
		} else {
			return Err(OcmfError::BadPagination);
		};
		let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
		let number = digits.parse().ok().filter(|_| is_plain);
		number
			.map(|number| Self { context, number })
			.ok_or(OcmfError::BadPagination)
	}
}

/// One OCMF record, its signature not yet checked. It borrows all text from its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
	payload: &'a str,
	curve: Curve,
	signature: [u8; 64],
	pagination: Pagination,
	meter_serial: Option<&'a str>,
	gateway_serial: Option<&'a str>,
	readings: Vec<Reading<'a>>,
}

impl<'a> Record<'a> {
	/// Reads `OCMF|payload|signature`. The format forbids a pipe within a section, so there are exactly two. JSON whitespace
	/// may stand around each object; nothing else may.
	///
	/// # Errors
	///
	/// All but those of [`Reading::wh`].
	pub fn parse(bytes: &'a [u8]) -> Result<Self, OcmfError> {
		if bytes.len() > MAX_RECORD_BYTES {
			return Err(OcmfError::TooLong);
		}
		let text = core::str::from_utf8(bytes).map_err(|_| OcmfError::NotUtf8)?;
		let mut sections = text.split('|');
		let (Some("OCMF"), Some(payload), Some(signature), None) =
			(sections.next(), sections.next(), sections.next(), sections.next())
		else {
			return Err(OcmfError::BadSections);
		};
		let (curve, signature) = signature::parse(signature)?;

		let (mut version, mut pagination, mut readings) = (None, None, None);
		let (mut meter_serial, mut gateway_serial) = (None, None);
		let mut scanner = Scanner::new(payload);
		scanner.object(|scanner, key| match key {
			"FV" => set(&mut version, scanner.number_or_string()?),
			"PG" => set(&mut pagination, Pagination::parse(scanner.string()?)?),
			"MS" => set(&mut meter_serial, scanner.string()?),
			"GS" => set(&mut gateway_serial, scanner.string()?),
			"RD" => set(&mut readings, reading::parse_all(scanner)?),
			_ => scanner.skip(),
		})?;
		scanner.end()?;
		// A new major version means a format that is no longer compatible.
		if version.is_some_and(|version| version.split('.').next() != Some("1")) {
			return Err(OcmfError::UnsupportedVersion);
		}
		Ok(Self {
			payload,
			curve,
			signature,
			pagination: pagination.ok_or(OcmfError::MissingField)?,
			meter_serial: meter_serial.filter(|serial| !serial.is_empty()),
			gateway_serial: gateway_serial.filter(|serial| !serial.is_empty()),
			readings: readings.ok_or(OcmfError::MissingField)?,
		})
	}

	/// What the meter signed: the payload section exactly as it stands in the input.
	pub fn signed_bytes(&self) -> &'a [u8] {
		self.payload.as_bytes()
	}

	/// The curve of the signature.
	pub fn curve(&self) -> Curve {
		self.curve
	}

	/// r and s, 32 bytes each, big-endian. A high s is as valid as a low one: a signature is malleable and identifies
	/// nothing.
	pub fn signature(&self) -> [u8; 64] {
		self.signature
	}

	/// The number that identifies the record among those of its meter.
	pub fn pagination(&self) -> Pagination {
		self.pagination
	}

	/// `MS`: the meter's serial number, if stated and not empty.
	pub fn meter_serial(&self) -> Option<&'a str> {
		self.meter_serial
	}

	/// `GS`: the serial number of the device that signs, if stated and not empty.
	pub fn gateway_serial(&self) -> Option<&'a str> {
		self.gateway_serial
	}

	/// `RD`: 1 to [`MAX_READINGS`](crate::MAX_READINGS) readings, in the record's order.
	pub fn readings(&self) -> &[Reading<'a>] {
		&self.readings
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{format, string::String};

	const PAYLOAD: &str = r#"{"FV":"1.0","PG":"T32","MS":"m","RD":[{"TM":"2018-07-24T13:22:04,000+0200 S","RV":1,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}]}"#;
	const SIGNATURE: &str = r#"{"SD":"3006020101020102"}"#;

	fn with(payload: &str) -> String {
		format!("OCMF|{payload}|{SIGNATURE}")
	}

	fn error(record: &str) -> Option<OcmfError> {
		Record::parse(record.as_bytes()).err()
	}

	#[test]
	fn signed_bytes_should_be_the_payload_section_with_all_its_whitespace() {
		let payload = format!(" {}\n", PAYLOAD.replace(",\"", " ,\r\n\t\""));
		let text = format!("OCMF|{payload}| {SIGNATURE}\n");
		let record = Record::parse(text.as_bytes()).expect("valid");
		assert_eq!(record.signed_bytes(), payload.as_bytes());
		assert_eq!(record.meter_serial(), Some("m"));
		assert_eq!(record.gateway_serial(), None);
	}

	#[test]
	fn sections_should_be_refused_when_there_are_not_three() {
		for text in [
			String::new(),
			"OCMF".into(),
			format!("OCMF|{PAYLOAD}"),
			format!("OCMF|{PAYLOAD}|{SIGNATURE}|"),
			format!("OCMF|{}|{SIGNATURE}", PAYLOAD.replace("\"m\"", "\"a|b\"")),
			format!("ocmf|{PAYLOAD}|{SIGNATURE}"),
			format!(" OCMF|{PAYLOAD}|{SIGNATURE}"),
			format!("\u{feff}OCMF|{PAYLOAD}|{SIGNATURE}"),
		] {
			assert_eq!(error(&text), Some(OcmfError::BadSections), "{text}");
		}
		assert_eq!(
			error(&format!("OCMF|{PAYLOAD}|{SIGNATURE}\0")),
			Some(OcmfError::BadJson)
		);
		assert_eq!(
			error(&format!("OCMF|{PAYLOAD}{PAYLOAD}|{SIGNATURE}")),
			Some(OcmfError::BadJson)
		);
		assert_eq!(error(&format!("OCMF||{SIGNATURE}")), Some(OcmfError::BadJson));
	}

	#[test]
	fn input_should_be_refused_when_too_long_or_not_text() {
		let padded = |length: usize| format!("{:<length$}", with(PAYLOAD));
		assert_eq!(error(&padded(MAX_RECORD_BYTES)), None);
		assert_eq!(error(&padded(MAX_RECORD_BYTES + 1)), Some(OcmfError::TooLong));
		assert_eq!(
			Record::parse(b"OCMF|{\"MS\":\"\xff\"}|{}").err(),
			Some(OcmfError::NotUtf8)
		);
	}

	#[test]
	fn pagination_should_be_a_letter_and_a_plain_number() {
		let pagination = |text: &str| Pagination::parse(text).map(|page| (page.context, page.number));
		assert_eq!(pagination("T0"), Ok((Context::Transaction, 0)));
		assert_eq!(pagination("F18446744073709551615"), Ok((Context::Fiscal, u64::MAX)));
		for text in [
			"",
			"T",
			"32",
			"t32",
			"X1",
			"T01",
			"T00",
			"T+1",
			"T-1",
			"T 1",
			"T1 ",
			"T1.0",
			"T18446744073709551616",
			"T١",
		] {
			assert_eq!(pagination(text), Err(OcmfError::BadPagination), "{text}");
		}
	}

	#[test]
	fn payload_should_be_refused_when_a_field_is_missing_doubled_or_from_another_version() {
		assert_eq!(
			error(&with(&PAYLOAD.replace("\"PG\"", "\"XG\""))),
			Some(OcmfError::MissingField)
		);
		assert_eq!(
			error(&with(&PAYLOAD.replace("\"RD\"", "\"XD\""))),
			Some(OcmfError::MissingField)
		);
		assert_eq!(
			error(&with(&PAYLOAD.replace("\"MS\":\"m\"", "\"PG\":\"T33\""))),
			Some(OcmfError::DuplicateField)
		);
		assert_eq!(
			error(&with(&PAYLOAD.replace("\"MS\":\"m\"", "\"\\u0050G\":\"T33\""))),
			Some(OcmfError::EscapedText)
		);
		assert_eq!(
			error(&with(&PAYLOAD.replace("\"MS\":\"m\"", "\"ID\":1,\"ID\":\"\\u00e4\""))),
			None
		);
		for (version, expected) in [
			("1.4", None),
			("\"1\"", None),
			("\"0.4\"", Some(OcmfError::UnsupportedVersion)),
			("\"2.0\"", Some(OcmfError::UnsupportedVersion)),
			("10.0", Some(OcmfError::UnsupportedVersion)),
			("null", Some(OcmfError::BadJson)),
		] {
			assert_eq!(
				error(&with(&PAYLOAD.replace("\"1.0\"", version))),
				expected,
				"{version}"
			);
		}
	}
}

//! Why a record, or a reading in it, is refused.

use core::fmt;

/// Why a record, or a reading in it, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcmfError {
	/// More than [`MAX_RECORD_BYTES`](crate::MAX_RECORD_BYTES).
	TooLong,
	/// Not UTF-8.
	NotUtf8,
	/// Not `OCMF|payload|signature`.
	BadSections,
	/// A section is not one JSON object, or a field has another type than the format gives it.
	BadJson,
	/// Nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
	TooDeep,
	/// A backslash in a key, or in a value that is read.
	EscapedText,
	/// A field that is read occurs twice in one object.
	DuplicateField,
	/// A field that the format demands is missing.
	MissingField,
	/// The format version `FV` is not 1.x.
	UnsupportedVersion,
	/// The pagination `PG` is not `T` or `F` and a number without leading zeros below 2^64.
	BadPagination,
	/// `RD` has no entry.
	NoReadings,
	/// `RD` has more than [`MAX_READINGS`](crate::MAX_READINGS) entries.
	TooManyReadings,
	/// The time `TM` is not `YYYY-MM-DDThh:mm:ss,mmm+hhmm` and a clock letter, or is before 1970.
	BadTime,
	/// The transaction letter `TX` is not in the format's table.
	BadTransaction,
	/// The status letter `ST` is not in the format's table.
	BadStatus,
	/// The error flags `EF` hold something else than `E` and `t`.
	BadErrorFlags,
	/// The value `RV` is not a decimal number.
	BadNumber,
	/// One of `RI` and `RU` without the other.
	UnpairedUnit,
	/// The signature algorithm `SA` is not ECDSA with SHA-256 on P-256 or secp256k1.
	UnsupportedAlgorithm,
	/// The signature's encoding `SE` or type `SM` is not in the format's tables.
	UnsupportedEncoding,
	/// The signature `SD` is not two integers of at most 32 bytes.
	BadSignature,
	/// The reading reports an event only: it has no value.
	NoValue,
	/// The reading's unit is not one of energy.
	NotEnergy,
	/// The meter's status is not good.
	MeterNotGood,
	/// The meter itself declares the energy unusable.
	EnergyUnusable,
	/// The value is negative; no register is.
	NegativeValue,
	/// The value exceeds 64 bits of Wh, or 128 bits of digits.
	ValueTooLarge,
}

impl OcmfError {
	/// One plain sentence for people.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::TooLong => "the record is longer than 4096 bytes",
			Self::NotUtf8 => "the record is not UTF-8 text",
			Self::BadSections => "the record is not OCMF, a payload and a signature with a pipe between each",
			Self::BadJson => "a section is not a valid JSON object, or a field in it has the wrong type",
			Self::TooDeep => "the record nests objects or arrays too deeply",
			Self::EscapedText => "a field that is read contains a backslash escape",
			Self::DuplicateField => "a field occurs twice in the same object",
			Self::MissingField => "a field that every record must have is missing",
			Self::UnsupportedVersion => "the record's format version is not 1",
			Self::BadPagination => "the pagination is not T or F followed by a plain number",
			Self::NoReadings => "the record has no reading",
			Self::TooManyReadings => "the record has more than 16 readings",
			Self::BadTime => "a reading's time is not a real date and time since 1970 with zone and clock status",
			Self::BadTransaction => "a reading's transaction letter is unknown",
			Self::BadStatus => "a reading's meter status is unknown",
			Self::BadErrorFlags => "a reading's error flags are unknown",
			Self::BadNumber => "a reading's value is not a decimal number",
			Self::UnpairedUnit => "a reading names a register without its unit, or a unit without its register",
			Self::UnsupportedAlgorithm => "the signature is not ECDSA with SHA-256 on P-256 or secp256k1",
			Self::UnsupportedEncoding => "the signature is not encoded as hexadecimal or Base64 DER",
			Self::BadSignature => "the signature is damaged: it is not two integers of at most 32 bytes",
			Self::NoValue => "the reading reports an event and has no value",
			Self::NotEnergy => "the reading is not in kWh or Wh",
			Self::MeterNotGood => "the meter reports that it is not in good order",
			Self::EnergyUnusable => "the meter declares this reading's energy unusable for billing",
			Self::NegativeValue => "the reading is negative, which no register can be",
			Self::ValueTooLarge => "the reading is too large, or has too many digits, to be read exactly",
		}
	}
}

impl fmt::Display for OcmfError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(self.explain())
	}
}

impl core::error::Error for OcmfError {}

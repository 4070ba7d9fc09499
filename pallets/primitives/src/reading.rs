//! What a meter says and how it signs it.
//!
//! A reading carries *cumulative registers*, never interval values: a lost reading costs resolution, not money.
//!
//! # The signed payload, to the byte
//!
//! The device signs the SCALE encoding of `(READING_DOMAIN, genesis_hash, meter_id, reading)`; whether that is hashed first is
//! a matter of the key's kind ([`DeviceKey`](crate::DeviceKey)):
//!
//! | bytes | content |
//! |---|---|
//! | 19 | the ASCII text `baseload/reading/v1` |
//! | 32 | hash of block 0 of the chain |
//! | 4 | meter id, little-endian |
//! | 8 | sequence, little-endian |
//! | 8 | `measured_at`, Unix milliseconds, little-endian |
//! | 1 | clock status: 0 synchronised, 1 unsynchronised |
//! | 1 | quality: 0 measured, 1 estimated |
//! | 1 | number of registers times 4 (SCALE compact length; at most 8 registers) |
//! | 8 each | the registers in the order the meter declared them, little-endian |
//!
//! The domain and the genesis hash keep a signature from meaning anything on another chain or in another place; the meter
//! id keeps it from meaning anything for another meter.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::{DeviceSignature, MeterId, Moment};

/// First bytes of every signed reading.
pub const READING_DOMAIN: [u8; 19] = *b"baseload/reading/v1";

/// The most registers a meter may declare.
pub type MaxRegisters = ConstU32<8>;

/// The counts of a meter's registers, in the order it declared them, each in the unit of its register (Wh for energy).
pub type Registers = BoundedVec<u64, MaxRegisters>;

/// What a register counts. Energy registers follow the OBIS codes of IEC 62056-6-1; services have no such codes.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Register {
	/// Active energy export, OBIS 2.8.0, in Wh.
	#[codec(index = 0)]
	Export,
	/// Active energy import, OBIS 1.8.0, in Wh.
	#[codec(index = 1)]
	Import,
	/// Active energy export in tariff band `t`, 1 to 63, OBIS 2.8.t, in Wh.
	#[codec(index = 2)]
	ExportBand(u8),
	/// Active energy import in tariff band `t`, 1 to 63, OBIS 1.8.t, in Wh.
	#[codec(index = 3)]
	ImportBand(u8),
	/// Units of a service that were delivered.
	#[codec(index = 4)]
	Service(ServiceUnit),
}

/// What computing and model services are sold by.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ServiceUnit {
	/// Calls of an interface.
	#[codec(index = 0)]
	ApiCall,
	/// Tokens that a model read.
	#[codec(index = 1)]
	InputToken,
	/// Tokens that a model wrote.
	#[codec(index = 2)]
	OutputToken,
	/// Gigabytes (10^9 bytes) stored for an hour.
	#[codec(index = 3)]
	GigabyteHour,
	/// Seconds of a graphics processor.
	#[codec(index = 4)]
	GpuSecond,
}

impl Register {
	/// The tariff bands of OBIS: 0 is the total, which has a name of its own here.
	pub const BANDS: core::ops::RangeInclusive<u8> = 1..=63;

	/// False for a band that there is not.
	pub fn is_valid(&self) -> bool {
		match self {
			Self::Export | Self::Import | Self::Service(_) => true,
			Self::ExportBand(band) | Self::ImportBand(band) => Self::BANDS.contains(band),
		}
	}

	/// True for a register of a tariff band: a part of what a total counts.
	pub fn is_band(&self) -> bool {
		matches!(self, Self::ExportBand(_) | Self::ImportBand(_))
	}

	/// True for a register that counts units of a service, not Wh.
	pub fn is_service(&self) -> bool {
		matches!(self, Self::Service(_))
	}
}

/// Whether the meter's clock was synchronised when it measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ClockStatus {
	/// Synchronised to a reference.
	#[codec(index = 0)]
	Synchronised,
	/// Free running; the time is the device's best guess.
	#[codec(index = 1)]
	Unsynchronised,
}

/// Whether the registers were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Quality {
	/// Counted by the meter.
	#[codec(index = 0)]
	Measured,
	/// Estimated. Never counts as energy cover.
	#[codec(index = 1)]
	Estimated,
}

/// One reading of all registers of a meter.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reading {
	/// Grows with every reading of the meter. (meter, sequence) is a reading's identity; its signature never is.
	pub sequence: u64,
	/// When the registers were read.
	pub measured_at: Moment,
	/// State of the device's clock.
	pub clock: ClockStatus,
	/// How the registers came about.
	pub quality: Quality,
	/// The counts.
	pub registers: Registers,
}

impl Reading {
	/// The bytes that the device signs; see the module's table.
	pub fn signed_payload(&self, genesis: H256, meter: MeterId) -> Vec<u8> {
		(READING_DOMAIN, genesis, meter, self).encode()
	}
}

/// A reading and its device signature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SignedReading {
	/// What was read.
	pub reading: Reading,
	/// Over [`Reading::signed_payload`].
	pub signature: DeviceSignature,
}

/// Why a reading is refused before it enters a block. The number is what the transaction pool reports as
/// `InvalidTransaction::Custom`, and the first byte of its SCALE encoding; it never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[repr(u8)]
pub enum Refusal {
	/// No such meter.
	UnknownMeter = 1,
	/// The meter is suspended.
	Suspended = 2,
	/// The call is paused, or the chain is in safe mode.
	Paused = 3,
	/// The signature is not the meter's over these bytes on this chain.
	BadSignature = 4,
	/// The sequence is not above the last accepted one.
	StaleSequence = 5,
	/// The sequence is further ahead than the limit.
	SequenceTooFarAhead = 6,
	/// The number of registers is not what the meter declared.
	WrongRegisters = 7,
	/// Measured in the future, beyond the permitted clock skew.
	FutureTime = 8,
	/// Measured less than the minimum interval after the last accepted reading.
	TooSoon = 9,
	/// A register fell.
	FallingRegister = 10,
	/// A register rose by more than the site can have produced or drawn in the time.
	ImpossibleIncrease = 11,
	/// Too many readings wait for their challenge window to end.
	PendingFull = 12,
	/// A backlog without readings.
	EmptyBacklog = 13,
	/// Measured longer ago than the chain accepts.
	TooOld = 14,
	/// The meter signs another format, or nothing at all.
	WrongFormat = 15,
	/// The bytes are no OCMF record.
	BadRecord = 16,
	/// The record is signed on a curve that is not the meter's key's.
	WrongCurve = 17,
	/// The record names another meter's serial number.
	WrongSerial = 18,
	/// The record lacks a cumulative register that the meter declares, or the meter reports a fault in it.
	MissingRegister = 19,
	/// What is unusual about the reading is severe enough, by the meter's policy, to refuse it.
	Implausible = 20,
}

impl Refusal {
	/// Every refusal, in order of its number.
	pub const ALL: [Self; 20] = [
		Self::UnknownMeter,
		Self::Suspended,
		Self::Paused,
		Self::BadSignature,
		Self::StaleSequence,
		Self::SequenceTooFarAhead,
		Self::WrongRegisters,
		Self::FutureTime,
		Self::TooSoon,
		Self::FallingRegister,
		Self::ImpossibleIncrease,
		Self::PendingFull,
		Self::EmptyBacklog,
		Self::TooOld,
		Self::WrongFormat,
		Self::BadRecord,
		Self::WrongCurve,
		Self::WrongSerial,
		Self::MissingRegister,
		Self::Implausible,
	];

	/// The refusal that a pool's custom code stands for.
	pub fn from_code(code: u8) -> Option<Self> {
		Self::ALL.into_iter().find(|refusal| *refusal as u8 == code)
	}

	/// One plain sentence for people.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::UnknownMeter => "no such meter is registered",
			Self::Suspended => "the meter is suspended",
			Self::Paused => "readings are paused on this chain",
			Self::BadSignature => "the signature is not this meter's over this reading on this chain",
			Self::StaleSequence => "the sequence is not above the last accepted one (a replay, or out of order)",
			Self::SequenceTooFarAhead => "the sequence is too far ahead of the last accepted one",
			Self::WrongRegisters => "the number of registers is not what the meter declared",
			Self::FutureTime => "the reading was measured in the future",
			Self::TooSoon => "the reading is closer to the last one than the minimum interval",
			Self::FallingRegister => "a register fell; cumulative registers only grow",
			Self::ImpossibleIncrease => "a register rose by more than the site can produce or draw in the time",
			Self::PendingFull => "too many of the meter's readings wait for their challenge window; try again later",
			Self::EmptyBacklog => "the backlog holds no reading",
			Self::TooOld => "the reading was measured more than 400 days ago",
			Self::WrongFormat => "the meter signs another format",
			Self::BadRecord => "the bytes are no OCMF record that this chain accepts",
			Self::WrongCurve => "the record is signed on another curve than the meter's key",
			Self::WrongSerial => "the record names another meter's serial number",
			Self::MissingRegister => "the record lacks a register that the meter declares, or reports a fault in it",
			Self::Implausible => "the reading is unusual in a way that the meter's policy refuses",
		}
	}
}

impl From<Refusal> for sp_runtime::transaction_validity::TransactionValidityError {
	fn from(refusal: Refusal) -> Self {
		sp_runtime::transaction_validity::InvalidTransaction::Custom(refusal as u8).into()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{possession_payload, DeviceKey, SiteId};
	use sp_core::{ed25519, Pair};

	fn reading() -> Reading {
		Reading {
			sequence: 7,
			measured_at: 1_700_000_000_000,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			registers: Registers::truncate_from(alloc::vec![1_234, 5]),
		}
	}

	#[test]
	fn payload_should_match_the_documented_bytes() {
		let payload = reading().signed_payload(H256::repeat_byte(9), MeterId(3));
		let mut expected = b"baseload/reading/v1".to_vec();
		expected.extend([9u8; 32]);
		expected.extend(3u32.to_le_bytes());
		expected.extend(7u64.to_le_bytes());
		expected.extend(1_700_000_000_000u64.to_le_bytes());
		expected.extend([0, 0, 2 * 4]);
		expected.extend(1_234u64.to_le_bytes());
		expected.extend(5u64.to_le_bytes());
		assert_eq!(payload, expected);
	}

	#[test]
	fn signature_should_fail_when_chain_meter_or_reading_differs() {
		let pair = ed25519::Pair::from_seed(&[1; 32]);
		let key = DeviceKey::Ed25519(pair.public().0);
		let sign = |message: &[u8]| DeviceSignature::Ed25519(pair.sign(message).0);
		let genesis = H256::repeat_byte(9);
		let signature = sign(&reading().signed_payload(genesis, MeterId(3)));
		assert!(key.verify(&reading().signed_payload(genesis, MeterId(3)), &signature));
		assert!(!key.verify(&reading().signed_payload(H256::zero(), MeterId(3)), &signature));
		assert!(!key.verify(&reading().signed_payload(genesis, MeterId(4)), &signature));
		let mut other = reading();
		other.registers[0] += 1;
		assert!(!key.verify(&other.signed_payload(genesis, MeterId(3)), &signature));
		assert!(!key.verify(&possession_payload(genesis, SiteId(3)), &signature));
	}

	#[test]
	fn refusals_should_keep_their_numbers() {
		for (position, refusal) in Refusal::ALL.into_iter().enumerate() {
			assert_eq!(refusal as usize, position + 1);
			assert_eq!(Refusal::from_code(refusal as u8), Some(refusal));
		}
		assert_eq!(Refusal::from_code(0), None);
		assert_eq!(Refusal::from_code(21), None);
	}
}

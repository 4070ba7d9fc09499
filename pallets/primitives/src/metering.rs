//! What meters are registered and judged with, and what devices are held to: the arguments of calls, as the chain and people's
//! tools know them alike.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;
pub use sp_runtime::Permill;

use crate::{DeviceSignature, MeterId, Moment, Reading, Register, Severities, DAY, HOUR};

/// Voting period of a new meter, in milliseconds of open time.
pub const DEFAULT_VOTE_PERIOD: Moment = 3 * DAY;

/// Silence after which a new meter's reading is flagged as a gap.
pub const DEFAULT_GAP: Moment = 2 * HOUR;

/// Time without movement after which a new meter's reading is flagged as frozen: a photovoltaic meter may rest a night.
pub const DEFAULT_FROZEN: Moment = DAY;

/// Units an hour that a service register of a new meter is believed to count: a thousand million a second.
pub const DEFAULT_SERVICE_RATE: u64 = 3_600_000_000_000;

/// The largest tolerance of a check meter: calibrated meters are ten times as exact.
pub const MAX_CHECK_TOLERANCE: Permill = Permill::from_percent(10);

/// A meter's serial number as its OCMF records carry it, 64 bytes at most.
pub type Serial = BoundedVec<u8, ConstU32<64>>;

/// What a meter's OCMF records look like.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Ocmf {
	/// The meter's serial number as they carry it.
	pub serial: Serial,
	/// Which of the meter's two page counters is the sequence. Records of the other are refused.
	pub pages: Pages,
}

/// The page counters of OCMF, of which each counts on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Pages {
	/// `T`: readings of transactions.
	#[codec(index = 0)]
	Transaction,
	/// `F`: readings at set times.
	#[codec(index = 1)]
	Fiscal,
}

/// The bytes of an OCMF record.
pub type OcmfRecord = BoundedVec<u8, ConstU32<4_096>>;

/// How a meter's readings are judged and when they are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Policy {
	/// Challenge window of readings accepted from now on, in milliseconds of open time.
	pub window: Moment,
	/// How long a dispute or a hold waits for a verdict, in milliseconds of open time.
	pub vote_period: Moment,
	/// The most power that any energy register can move with, in W. At most the site's nameplate power.
	pub max_w: u64,
	/// The most units an hour that any service register can count.
	pub max_units: u64,
	/// Silence, in milliseconds, after which a reading is flagged as a gap.
	pub gap_after: Moment,
	/// Time without any register moving, in milliseconds, after which a reading is flagged as frozen.
	pub frozen_after: Moment,
	/// How severe each flag is.
	pub severities: Severities,
	/// The independent meter whose agreement makes a reading final at once.
	pub check: Option<Check>,
}

impl Policy {
	/// What a new meter starts with.
	pub fn of_new(window: Moment, nameplate_w: u64) -> Self {
		Self {
			window,
			vote_period: DEFAULT_VOTE_PERIOD,
			max_w: nameplate_w,
			max_units: DEFAULT_SERVICE_RATE,
			gap_after: DEFAULT_GAP,
			frozen_after: DEFAULT_FROZEN,
			severities: Severities::default(),
			check: None,
		}
	}
}

/// An independent meter that measures the same energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Check {
	/// Which one.
	pub meter: MeterId,
	/// How far the two may be apart, as a share of the larger rise. At most [`MAX_CHECK_TOLERANCE`].
	pub tolerance: Permill,
}

/// How a site's owner shows that a device key may be registered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Proof {
	/// The device's signature over [`possession_payload`](crate::possession_payload) of this chain and site.
	#[codec(index = 0)]
	Possession(DeviceSignature),
	/// The registrar has seen the device and approved its key: for meters that sign only their own format.
	#[codec(index = 1)]
	Approval,
}

/// Something a device signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Evidence {
	/// A reading over this chain's own payload.
	#[codec(index = 0)]
	Reading(Reading, DeviceSignature),
	/// An OCMF record.
	#[codec(index = 1)]
	Ocmf(OcmfRecord),
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Severity;

	#[test]
	fn policy_should_have_these_bytes() {
		let policy = Policy {
			window: 1,
			vote_period: 2,
			max_w: 3,
			max_units: 4,
			gap_after: 5,
			frozen_after: 6,
			severities: Severities {
				clock: Severity::Mark,
				estimated: Severity::Hold,
				frozen: Severity::Reject,
				gap: Severity::Mark,
			},
			check: Some(Check {
				meter: MeterId(7),
				tolerance: Permill::from_parts(10_000),
			}),
		};
		let mut expected: alloc::vec::Vec<u8> = (1..=6u64).flat_map(u64::to_le_bytes).collect();
		expected.extend([0, 1, 2, 0]);
		expected.push(1);
		expected.extend(7u32.to_le_bytes());
		expected.extend(10_000u32.to_le_bytes());
		assert_eq!(policy.encode(), expected);
	}

	#[test]
	fn proof_and_ocmf_should_have_these_bytes() {
		let proof = Proof::Possession(DeviceSignature::P256([9; 64]));
		assert_eq!(proof.encode(), [&[0, 3][..], &[9; 64]].concat());
		assert_eq!(Proof::Approval.encode(), [1]);
		let ocmf = Ocmf {
			serial: Serial::truncate_from(b"1EM".to_vec()),
			pages: Pages::Fiscal,
		};
		assert_eq!(Some(&ocmf).encode(), [1, 3 * 4, b'1', b'E', b'M', 1]);
	}

	#[test]
	fn evidence_should_have_these_bytes() {
		let record = OcmfRecord::truncate_from(b"OC".to_vec());
		assert_eq!(Evidence::Ocmf(record).encode(), [1, 2 * 4, b'O', b'C']);
		let reading = Reading {
			sequence: 1,
			measured_at: 2,
			clock: crate::ClockStatus::Synchronised,
			quality: crate::Quality::Measured,
			registers: crate::Registers::truncate_from(alloc::vec![3]),
		};
		let signature = DeviceSignature::Ed25519([7; 64]);
		let expected = [&[0][..], &reading.encode(), &[0], &[7; 64]].concat();
		assert_eq!(Evidence::Reading(reading, signature).encode(), expected);
	}
}

/// A count of a meter's register that is watched for.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Threshold {
	/// The register.
	pub register: Register,
	/// Wh, or units of service.
	pub count: u64,
}

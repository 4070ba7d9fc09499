//! What is unusual about a reading, and what follows from it.
//!
//! Meter data management calls it validation, estimation and editing. A reading that contradicts itself or physics is refused.
//! One that is only unusual is *flagged*, and the meter's policy says for each flag how severe that is.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::{DeviceKey, DeviceSignature, MeterId, Reading};

/// What is unusual about a reading: a set of flags.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Flags(u8);

impl Flags {
	/// Nothing is.
	pub const NONE: Self = Self(0);
	/// The meter's clock was not synchronised.
	pub const CLOCK: Self = Self(1);
	/// The registers were estimated.
	pub const ESTIMATED: Self = Self(1 << 1);
	/// No register has moved for longer than the meter's policy expects.
	pub const FROZEN: Self = Self(1 << 2);
	/// The meter was silent for longer than its policy expects.
	pub const GAP: Self = Self(1 << 3);
	/// It was held or disputed, and nobody decided in time: what it says counts as an estimate.
	pub const UNCONFIRMED: Self = Self(1 << 4);
	/// A committee agreed on it; no device signed it.
	pub const COMMITTEE: Self = Self(1 << 5);

	const NAMES: [(Self, &'static str); 6] = [
		(Self::CLOCK, "clock"),
		(Self::ESTIMATED, "estimated"),
		(Self::FROZEN, "frozen"),
		(Self::GAP, "gap"),
		(Self::UNCONFIRMED, "unconfirmed"),
		(Self::COMMITTEE, "committee"),
	];

	/// Both sets together.
	#[must_use]
	pub const fn and(self, other: Self) -> Self {
		Self(self.0 | other.0)
	}

	/// These flags if `condition` holds, else none.
	#[must_use]
	pub const fn when(self, condition: bool) -> Self {
		if condition {
			self
		} else {
			Self::NONE
		}
	}

	/// True if all of `other` are among these.
	pub const fn has(self, other: Self) -> bool {
		self.0 & other.0 == other.0
	}

	/// True if the reading is no measurement: it never counts as energy cover, and is billed only provisionally.
	pub const fn is_estimate(self) -> bool {
		self.has(Self::ESTIMATED) || self.has(Self::UNCONFIRMED)
	}

	/// The names of the flags, in order.
	pub fn names(self) -> impl Iterator<Item = &'static str> {
		Self::NAMES
			.into_iter()
			.filter(move |(flag, _)| self.has(*flag))
			.map(|(_, name)| name)
	}
}

/// What follows from a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Severity {
	/// The reading is accepted, and carries the flag.
	#[codec(index = 0)]
	Mark,
	/// The reading is accepted, but becomes final as measured only if the committee confirms it. Otherwise it ends as an
	/// estimate.
	#[codec(index = 1)]
	Hold,
	/// The reading is refused.
	#[codec(index = 2)]
	Reject,
}

/// How severe each flag is at a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Severities {
	/// Of [`Flags::CLOCK`].
	pub clock: Severity,
	/// Of [`Flags::ESTIMATED`].
	pub estimated: Severity,
	/// Of [`Flags::FROZEN`].
	pub frozen: Severity,
	/// Of [`Flags::GAP`].
	pub gap: Severity,
}

impl Default for Severities {
	/// Everything is marked: registers are cumulative, so that the next good reading sets right what a strange one blurred.
	fn default() -> Self {
		Self {
			clock: Severity::Mark,
			estimated: Severity::Mark,
			frozen: Severity::Mark,
			gap: Severity::Mark,
		}
	}
}

impl Severities {
	/// True if `flags` have one of this severity.
	pub fn any(&self, flags: Flags, severity: Severity) -> bool {
		[
			(Flags::CLOCK, self.clock),
			(Flags::ESTIMATED, self.estimated),
			(Flags::FROZEN, self.frozen),
			(Flags::GAP, self.gap),
		]
		.into_iter()
		.any(|(flag, of)| of == severity && flags.has(flag))
	}
}

/// What a committee member says about a disputed or held reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Verdict {
	/// It is what the meter measured.
	#[codec(index = 0)]
	Stands,
	/// It is not.
	#[codec(index = 1)]
	Wrong,
}

/// First bytes of an attestor's word for a reading.
pub const VOUCHER_DOMAIN: [u8; 19] = *b"baseload/voucher/v1";

/// An attestor's word, given off chain, that a device signed a reading: for those who act on it before the chain has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Voucher {
	/// The meter.
	pub meter: MeterId,
	/// The key that it is said to have signed with.
	pub key: DeviceKey,
	/// What it is said to have signed.
	pub reading: Reading,
	/// Its signature over [`Reading::signed_payload`].
	pub signature: DeviceSignature,
}

impl Voucher {
	/// The bytes that the attestor's account signs: the SCALE encoding of `(VOUCHER_DOMAIN, genesis hash, voucher)`.
	pub fn payload(&self, genesis: H256) -> Vec<u8> {
		(VOUCHER_DOMAIN, genesis, self).encode()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn flags_should_name_what_they_hold() {
		let flags = Flags::GAP.and(Flags::CLOCK.when(true)).and(Flags::FROZEN.when(false));
		assert_eq!(flags.names().collect::<alloc::vec::Vec<_>>(), ["clock", "gap"]);
		assert!(flags.has(Flags::GAP) && !flags.has(Flags::FROZEN) && !flags.is_estimate());
		assert!(Flags::ESTIMATED.is_estimate() && Flags::UNCONFIRMED.is_estimate());
	}

	#[test]
	fn severities_should_tell_when_a_flag_holds_or_rejects() {
		let severities = Severities {
			gap: Severity::Hold,
			frozen: Severity::Reject,
			..Severities::default()
		};
		assert!(severities.any(Flags::GAP.and(Flags::CLOCK), Severity::Hold));
		assert!(!severities.any(Flags::GAP, Severity::Reject));
		assert!(severities.any(Flags::FROZEN, Severity::Reject));
		assert!(!severities.any(Flags::NONE, Severity::Mark));
	}
}

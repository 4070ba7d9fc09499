//! What the pallet stores and shows.

use alloc::vec::Vec;
use baseload_primitives::Balance;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Perbill;
use sp_staking::SessionIndex;

/// An account that wants a seat.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Candidate<AccountId> {
	/// Who.
	pub who: AccountId,
	/// Its active bond, in BLD base units.
	pub bond: Balance,
}

impl<AccountId: Ord> Candidate<AccountId> {
	/// Whether this one ranks before `other`: by larger bond, then by lower account.
	pub fn ranks_before(&self, other: &Self) -> bool {
		(other.bond, &self.who) < (self.bond, &other.who)
	}
}

/// A part of a bond on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Chunk {
	/// How much, in BLD base units.
	pub amount: Balance,
	/// The first session in which it can be withdrawn.
	pub unlock: SessionIndex,
}

/// What an account lost for its offences in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Punishment {
	/// The largest fraction reported.
	pub fraction: Perbill,
	/// The stake, active and unbonding, when the first report came, in BLD base units.
	pub base: Balance,
	/// What was slashed so far, in BLD base units.
	pub taken: Balance,
}

/// What stands to a validator's or candidate's name at the block asked for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ValidatorView<AccountId> {
	/// Who.
	pub who: AccountId,
	/// Active bond in BLD base units; zero if it is no candidate.
	pub bond: Balance,
	/// What unbonds, the next to unlock first.
	pub unbonding: Vec<Chunk>,
	/// Whether its seat is reserved.
	pub reserved: bool,
	/// Whether it has session keys registered. Without them a candidate gets no seat.
	pub has_keys: bool,
	/// Whether it serves in the current session.
	pub serving: bool,
	/// Whether it serves in the next session.
	pub queued: bool,
	/// Whether it committed an offence and has not left the set yet.
	pub convicted: bool,
}

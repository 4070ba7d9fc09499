//! What an agreement says, and where it stands.

use baseload_primitives::{AgreementStatus, Balance, MeterId, Moment, Price, Register, VaultId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	Permill,
};

use crate::{books::Books, service::Service};

/// Part of every payment that retires debt of one of the seller's vaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct CashSweep {
	/// Whose debt. Belongs to the seller when the agreement is proposed.
	pub vault: VaultId,
	/// How much of all that the agreement has paid, less the attestors' part, by cumulative floors.
	pub ratio: Permill,
}

/// What the meter's attestors are paid for their service, out of the bills: flat, never by the reading or by what they approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AttestorFee {
	/// For every UTC month that is billed, wholly or in part, in KWH base units: all who serve the meter share it.
	pub monthly: Balance,
	/// The most that they take of one payment, rounded up. What that leaves is due with the next ones.
	pub cap: Permill,
}

/// All that seller and buyer agree on. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Terms<AccountId> {
	/// Who delivers: the owner of the meter's site.
	pub seller: AccountId,
	/// Who takes the energy and pays for it.
	pub buyer: AccountId,
	/// Whose register is billed.
	pub meter: MeterId,
	/// Which register is billed.
	pub register: Register,
	/// Fixed tariff, in KWH base units per Wh. More than zero.
	pub price: Price,
	/// Who receives what attestors and sweep leave. Need not be the seller: lenders like to be paid first.
	pub payee: AccountId,
	/// What retires the seller's debt before the payee is paid.
	pub sweep: Option<CashSweep>,
	/// What the meter's attestors are paid before all others. Without attestors it costs nothing.
	pub attestor_fee: AttestorFee,
	/// Escrow without which billing does not begin, in KWH base units.
	pub min_escrow: Balance,
	/// Open time between a party's notice and the end, in milliseconds.
	pub notice: Moment,
}

impl<AccountId: Encode + PartialEq> Terms<AccountId> {
	/// Blake2-256 of the SCALE encoding of all terms: what the counterparty names when accepting.
	pub fn hash(&self) -> H256 {
		BlakeTwo256::hash_of(self)
	}

	/// Which side `who` is on; `None` for a stranger.
	pub fn party(&self, who: &AccountId) -> Option<Party> {
		if *who == self.seller {
			Some(Party::Seller)
		} else if *who == self.buyer {
			Some(Party::Buyer)
		} else {
			None
		}
	}

	/// The account of one side.
	pub fn account(&self, party: Party) -> &AccountId {
		match party {
			Party::Seller => &self.seller,
			Party::Buyer => &self.buyer,
		}
	}
}

/// One side of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Party {
	/// Delivers.
	#[codec(index = 0)]
	Seller,
	/// Pays.
	#[codec(index = 1)]
	Buyer,
}

/// How far the register is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Billing {
	/// Where the final register stood when billing began, in Wh.
	pub opening: u64,
	/// Up to where it is billed, in Wh.
	pub billed: u64,
	/// Billed, but less than a base unit: in 10^-18 base units, less than 10^18. Carried into the next bill.
	pub rem: u64,
	/// What the escrow could not pay when the agreement was closed, in base units. Zero until then.
	pub unpaid: Balance,
	/// What the meter's attestors earn by it.
	pub service: Service,
}

/// An agreement as stored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Agreement<AccountId> {
	/// What was agreed.
	pub terms: Terms<AccountId>,
	/// Who proposed it, and gets the deposit and the reserve back.
	pub proposer: Party,
	/// Where it stands.
	pub status: AgreementStatus,
	/// The proposer's KWH on hold, in base units; zero once released.
	pub deposit: Balance,
	/// Set when billing begins.
	pub billing: Option<Billing>,
	/// Open time from which anyone may close it; set by a notice.
	pub closes_at: Option<Moment>,
	/// Whose the tokens in the agreement's account are.
	pub books: Books,
}

impl<AccountId> Agreement<AccountId> {
	/// Whether its bills follow the meter now.
	pub fn bills(&self) -> bool {
		matches!(self.status, AgreementStatus::Active | AgreementStatus::Ending)
	}
}

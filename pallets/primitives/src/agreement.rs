//! What the parties of a power purchase agreement sign, and how they change it: the arguments of calls, as the chain and
//! people's tools know them alike. The clauses themselves are [`baseload_math::billing::Terms`].
//!
//! Money is in KWH base units, energy in Wh, times in milliseconds. A moment is on the open clock, counted on from the Unix
//! time of the chain's first block: it lags behind the calendar by all the time that the chain stood still.

use baseload_math::billing::{
	shares::Take,
	terms::{Prices, Tariff},
	DeclaredAs, Month, Period, Terms,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_io::hashing::blake2_256;

use crate::{Balance, FeedId, MeterId, Moment, VaultId};

/// The whole of an agreement, as proposed and accepted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Contract<AccountId> {
	/// Delivers, and owns the meter.
	pub seller: AccountId,
	/// Takes the energy and pays for it.
	pub buyer: AccountId,
	/// Receives what the seller is paid: the seller itself, or a project's account.
	pub payee: AccountId,
	/// Decides disputes, and declares energy and suspensions alone. `None`: whom the chain appoints.
	pub resolver: Option<AccountId>,
	/// Whose registers are billed.
	pub meter: MeterId,
	/// Which part of the billed registers is this agreement's.
	pub share: Take,
	/// The index that the tariff follows, if it follows one.
	pub feed: Option<FeedId>,
	/// The seller's vault that the sweep retires debt of, if there is a sweep.
	pub vault: Option<VaultId>,
	/// What has to be paid in before billing begins.
	pub conditions: Conditions,
	/// What a lender of the seller may do, should one be assigned.
	pub lender: LenderClause,
	/// The clauses.
	pub terms: Terms,
}

impl<AccountId: Encode> Contract<AccountId> {
	/// What the counterparty accepts: Blake2-256 over the SCALE encoding of the whole.
	pub fn hash(&self) -> H256 {
		blake2_256(&self.encode()).into()
	}
}

/// Conditions precedent: what has to be paid in, by when, before an agreement binds. In base units.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Conditions {
	/// The least escrow.
	pub escrow: Balance,
	/// The least security of the buyer.
	pub security: Balance,
	/// The least bond of the seller.
	pub bond: Balance,
	/// The longstop: once it is past and the agreement is not active, anyone may cancel it.
	pub by: Moment,
}

/// What a lender of the seller may do, should one be assigned. In milliseconds.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct LenderClause {
	/// From the notice to the lender to the earliest end of the agreement for a default: the time to cure it.
	pub notice: Moment,
	/// By how much a step-in of the lender extends that, once.
	pub step_in: Moment,
}

/// One of the two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Side {
	/// Who delivers.
	#[codec(index = 0)]
	Seller,
	/// Who pays.
	#[codec(index = 1)]
	Buyer,
}

/// Something that takes the consent of both parties, or the resolver's word. What can take income from the seller's lender, should
/// there be one, takes its consent beside theirs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Change<AccountId> {
	/// Declares energy of a period that is not billed yet. Takes the lender's consent too.
	#[codec(index = 0)]
	Declare {
		/// Billed as if delivered, or counted for neither side.
		kind: DeclaredAs,
		/// The period.
		period: Period,
		/// In Wh; adds to what was declared before.
		wh: u64,
	},
	/// Nothing is delivered from the next month start on. Takes the lender's consent too; the seller may have it alone while the
	/// buyer is in default.
	#[codec(index = 1)]
	Suspend,
	/// Delivery goes on from the next month start on. What the seller alone suspended it may end alone, and so may the buyer once
	/// it is in default no more.
	#[codec(index = 2)]
	Resume,
	/// Changes clauses. Takes the lender's consent too; the resolver cannot do it.
	#[codec(index = 3)]
	Amend(Amendment<AccountId>),
	/// Gives up an agreement that is not active yet. The resolver cannot do it.
	#[codec(index = 4)]
	Cancel,
}

impl<AccountId: Encode> Change<AccountId> {
	/// What the other side agrees to: Blake2-256 over the SCALE encoding.
	pub fn hash(&self) -> H256 {
		blake2_256(&self.encode()).into()
	}
}

/// New clauses. `None` leaves one as it is. Nothing that is billed changes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Amendment<AccountId> {
	/// The first month that the new prices, quantity and expected energy hold for. It must not have begun.
	pub from: Month,
	/// Prices of the first contract year, from which they are escalated: one per register of a fixed tariff; for a contract for
	/// difference one, the strike. The formula of an indexed tariff stays.
	pub prices: Option<Prices>,
	/// Contracted Wh per contract year. `from` must start one.
	pub quantity: Option<u64>,
	/// Energy that each calendar month is expected to bring, in Wh, January first.
	pub expected: Option<[u64; 12]>,
	/// Who receives what the seller is paid, from now on, what it could not be paid yet included.
	pub payee: Option<AccountId>,
	/// Who decides disputes from now on; `Some(None)`: whom the chain appoints.
	pub resolver: Option<Option<AccountId>>,
}

impl<AccountId> Amendment<AccountId> {
	/// Puts the new prices, quantity and expected energy into `terms`. The formula of an indexed tariff stays.
	pub fn change(&self, terms: &mut Terms) {
		if let Some(prices) = &self.prices {
			match &mut terms.tariff {
				Tariff::Fixed { prices: old } => *old = prices.clone(),
				Tariff::Cfd { strike, .. } => *strike = prices.first().copied().unwrap_or(*strike),
				Tariff::Indexed { .. } => (),
			}
		}
		if let Some(quantity) = self.quantity {
			terms.volume.quantity = quantity;
		}
		if let Some(expected) = self.expected {
			terms.expected = expected;
		}
	}
}

/// Where an agreement stands. Delinquency, suspension and disputes are states of an active one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum AgreementStatus {
	/// One party proposed it; the other has not accepted it yet.
	#[codec(index = 0)]
	Proposed,
	/// Both parties agreed; the conditions are not met yet.
	#[codec(index = 1)]
	Accepted,
	/// It binds; operation is not proven yet.
	#[codec(index = 2)]
	Waiting,
	/// It bills.
	#[codec(index = 3)]
	Active,
	/// It ran its term.
	#[codec(index = 4)]
	Completed,
	/// It ended before its term.
	#[codec(index = 5)]
	Terminated,
	/// It ended before it bound.
	#[codec(index = 6)]
	Cancelled,
}

/// Tokens paid in before an agreement is active, in base units.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Deposits {
	/// The buyer's escrow.
	pub escrow: Balance,
	/// The buyer's security.
	pub security: Balance,
	/// The seller's bond.
	pub bond: Balance,
}

/// Amounts by where they go, in base units.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Totals {
	/// To those who attest the meter's readings.
	pub attestors: Balance,
	/// Burnt, to retire the vault's debt.
	pub burnt: Balance,
	/// To the payee.
	pub payee: Balance,
	/// Back to the buyer.
	pub buyer: Balance,
	/// Back to the seller.
	pub seller: Balance,
}

/// What left the buckets of an agreement, and how far it arrived.
///
/// Sum of `seen` = sum of `paid` + sum of `due`. Line by line they can differ: what no attestor serves for and what no vault
/// owes any more goes to the payee.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Payouts {
	/// What left the buckets, as the ledger says.
	pub seen: Totals,
	/// Of that, what could not be paid yet and is claimable.
	pub due: Totals,
	/// Of that, what was paid.
	pub paid: Totals,
}

//! Agreements, their bills, and the feeds that prices follow.

use alloc::vec::Vec;
use baseload_math::billing::{shares::Take, Agreement, Invoice, Month, Price};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::{
	AgreementId, AgreementStatus, Amendment, Balance, Change, Contract, Deposits, FeedId, Moment, Payouts, Side,
};

/// An agreement as of now. Money is KWH base units.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AgreementView<AccountId> {
	/// What was proposed, with all amendments since.
	pub contract: Contract<AccountId>,
	/// Its hash.
	pub hash: H256,
	/// Who proposed it.
	pub proposer: Side,
	/// Where it stands.
	pub status: AgreementStatus,
	/// The account that holds its tokens.
	pub account: AccountId,
	/// Now, on the clock of its dues.
	pub now: Moment,
	/// On hold of the proposer's, for what the agreement and its bills take in storage.
	pub deposit: Balance,
	/// The existential deposit of its account, the proposer's.
	pub reserve: Balance,
	/// What was paid in before it was active; nothing from then on.
	pub deposits: Deposits,
	/// The whole state of billing, once it is active, settled up to its own clock.
	pub billing: Option<Agreement>,
	/// What left the buckets.
	pub payouts: Payouts,
	/// The seller's lender.
	pub lender: Option<LenderView<AccountId>>,
	/// Who acts for the seller: the seller, or whom the lender named when it stepped in.
	pub operator: AccountId,
	/// What one side asks for and not all have agreed to.
	pub request: Option<RequestView<AccountId>>,
	/// What was agreed for months to come.
	pub amendment: Option<Amendment<AccountId>>,
	/// What the security has to be now; zero if nothing was agreed.
	pub security_target: Balance,
	/// When it closed.
	pub closed_at: Option<Moment>,
}

/// The seller's lender, and what it was told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LenderView<AccountId> {
	/// Who it is.
	pub account: AccountId,
	/// Who said last that it wants to end the agreement, and since when the lender knows.
	pub notified: Option<(Side, Moment)>,
	/// When it, or a lender before it, stepped in.
	pub stepped_in_at: Option<Moment>,
}

/// A change that waits for consent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RequestView<AccountId> {
	/// What is asked for.
	pub change: Change<AccountId>,
	/// Its hash, which whoever agrees names.
	pub hash: H256,
	/// The seller, or who acts for it, has agreed.
	pub by_seller: bool,
	/// The buyer has agreed.
	pub by_buyer: bool,
	/// The lender has agreed.
	pub by_lender: bool,
}

/// A bill as it was issued, and its correction.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct BillRecord {
	/// What it is made of.
	pub invoice: Invoice,
	/// Its number; `None` if nothing was to be paid.
	pub number: Option<u32>,
	/// When it was issued.
	pub issued_at: Moment,
	/// When it was due.
	pub due: Moment,
	/// Billed, in base units.
	pub amount: Balance,
	/// Owed by the seller instead, in base units.
	pub credited: Balance,
	/// Of that, damages.
	pub damages: Balance,
	/// Of the amount, paid at once out of what was reserved for the month's estimate.
	pub reserved: Balance,
	/// Billed later, when the true index was known, in base units.
	pub corrected_up: Balance,
	/// Owed by the seller since the true index was known, in base units.
	pub corrected_down: Balance,
}

/// The next bill as if its month ended now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct NextBillView {
	/// The bill so far.
	pub bill: BillRecord,
	/// The newest final reading, up to which energy is counted.
	pub measured_at: Moment,
	/// What the escrow would hold after all open bills and this one; nothing if they are more.
	pub escrow_after: Balance,
}

/// One agreement's part of a meter in a month.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ShareView {
	/// The agreement.
	pub agreement: AgreementId,
	/// Positions of the registers that it shares in.
	pub registers: Vec<u8>,
	/// What it takes of them.
	pub take: Take,
	/// The first month; `None` if operation is not proven yet.
	pub from: Option<Month>,
	/// The first month after it; `None` if operation is not proven yet.
	pub until: Option<Month>,
	/// True if it is in force in the month asked for.
	pub in_force: bool,
}

/// A feed that prices follow.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FeedView {
	/// Which one.
	pub feed: FeedId,
	/// When it was last observed, Unix milliseconds.
	pub observed_at: Moment,
	/// What it showed then, in 10^-18 base units per Wh.
	pub value: Price,
}

/// The mean of a feed over a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct IndexView {
	/// The month.
	pub month: Month,
	/// The mean, in 10^-18 base units per Wh.
	pub value: Price,
	/// When it became known, on the clock of dues.
	pub known: Moment,
}

//! What is stored of an agreement.

use baseload_math::billing::{
	agreement::{Agreement, Status},
	shares::Take,
	Month, Terms,
};
use baseload_primitives::{
	AgreementStatus, Amendment, Balance, Change, Conditions, Contract, Deposits, FeedId, LenderClause, MeterId, Moment,
	Payouts, Side, VaultId,
};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// A [`Contract`] without its terms, which the stage holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Deal<AccountId> {
	/// Delivers, and owns the meter.
	pub seller: AccountId,
	/// Takes the energy and pays for it.
	pub buyer: AccountId,
	/// Receives what the seller is paid.
	pub payee: AccountId,
	/// Decides disputes; `None`: whom the chain appoints.
	pub resolver: Option<AccountId>,
	/// Whose registers are billed.
	pub meter: MeterId,
	/// Which part of them.
	pub share: Take,
	/// The index that the tariff follows.
	pub feed: Option<FeedId>,
	/// The vault that the sweep retires debt of.
	pub vault: Option<VaultId>,
	/// What has to be paid in first.
	pub conditions: Conditions,
	/// What a lender may do.
	pub lender: LenderClause,
}

impl<AccountId> Deal<AccountId> {
	/// Takes a contract apart.
	pub fn of(contract: Contract<AccountId>) -> (Self, Terms) {
		let Contract {
			seller,
			buyer,
			payee,
			resolver,
			meter,
			share,
			feed,
			vault,
			conditions,
			lender,
			terms,
		} = contract;
		let deal = Self {
			seller,
			buyer,
			payee,
			resolver,
			meter,
			share,
			feed,
			vault,
			conditions,
			lender,
		};
		(deal, terms)
	}

	/// Puts it together again.
	pub fn contract(self, terms: Terms) -> Contract<AccountId> {
		let Self {
			seller,
			buyer,
			payee,
			resolver,
			meter,
			share,
			feed,
			vault,
			conditions,
			lender,
		} = self;
		Contract {
			seller,
			buyer,
			payee,
			resolver,
			meter,
			share,
			feed,
			vault,
			conditions,
			lender,
			terms,
		}
	}
}

/// How far an agreement has come, and what that stage needs.
// Nearly all stored agreements run, so that the large variant is the usual one.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Stage {
	/// Waits for the counterparty.
	#[codec(index = 0)]
	Proposed(Terms),
	/// Waits for its conditions, with what was paid in so far.
	#[codec(index = 1)]
	Accepted(Terms, Deposits),
	/// Binds: bills, or waits for operation, or is closed.
	#[codec(index = 2)]
	Running(Agreement),
	/// Ended before it bound, and owes somebody something still.
	#[codec(index = 3)]
	Cancelled(Terms),
}

/// A notice to the lender that a party may end the agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Notice {
	/// When the lender was told.
	pub at: Moment,
	/// Since when the other party is in default: a notice counts while that, or what else was past due then, is not cured.
	pub default_since: Moment,
}

/// The newest notice that each side gave, in a slot of its own, so that neither overwrites the other's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Notices {
	/// The seller's, about the buyer's default.
	pub seller: Option<Notice>,
	/// The buyer's, about the seller's default.
	pub buyer: Option<Notice>,
}

impl Notices {
	/// The slot of a side.
	pub fn by(&mut self, side: Side) -> &mut Option<Notice> {
		match side {
			Side::Seller => &mut self.seller,
			Side::Buyer => &mut self.buyer,
		}
	}

	/// The newer one, and who gave it.
	pub fn newest(&self) -> Option<(Side, Moment)> {
		let slots = [(Side::Seller, self.seller), (Side::Buyer, self.buyer)];
		let given = slots.into_iter().filter_map(|(side, notice)| Some((side, notice?.at)));
		given.max_by_key(|(_, at)| *at)
	}
}

/// A change that waits for consent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Request<AccountId> {
	/// What is asked for.
	pub change: Change<AccountId>,
	/// The seller, or who acts for it, has agreed.
	pub by_seller: bool,
	/// The buyer has agreed.
	pub by_buyer: bool,
	/// The lender has agreed.
	pub by_lender: bool,
}

/// An agreement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Record<AccountId> {
	/// Who, where, and around the terms.
	pub deal: Deal<AccountId>,
	/// How far it has come.
	pub stage: Stage,
	/// Who proposed it.
	pub proposer: Side,
	/// On hold of the proposer's, in base units.
	pub deposit: Balance,
	/// The existential deposit of its account, the proposer's, in base units.
	pub reserve: Balance,
	/// What left its buckets, and how far it arrived.
	pub payouts: Payouts,
	/// Who acts for the seller since the lender stepped in.
	pub operator: Option<AccountId>,
	/// The seller's lender.
	pub lender: Option<AccountId>,
	/// What the lender was told. It outlives a discharge: the time of a notice runs on for the next lender.
	pub notices: Notices,
	/// When a lender stepped in, which one does once. It outlives a discharge too.
	pub stepped_in_at: Option<Moment>,
	/// A change that waits for consent.
	pub request: Option<Request<AccountId>>,
	/// Clauses of months to come.
	pub amendment: Option<Amendment<AccountId>>,
	/// True while delivery is suspended by the seller alone.
	pub suspended_by_seller: bool,
	/// What an early end was billed at, in base units.
	pub termination_bill: Balance,
	/// When it closed.
	pub closed_at: Option<Moment>,
}

impl<AccountId: Clone + PartialEq + Encode> Record<AccountId> {
	/// The terms as they are now.
	pub fn terms(&self) -> &Terms {
		match &self.stage {
			Stage::Proposed(terms) | Stage::Accepted(terms, _) | Stage::Cancelled(terms) => terms,
			Stage::Running(billing) => &billing.terms,
		}
	}

	/// What was proposed, with all amendments since.
	pub fn contract(&self) -> Contract<AccountId> {
		self.deal.clone().contract(self.terms().clone())
	}

	/// Hash of the whole.
	pub fn hash(&self) -> H256 {
		self.contract().hash()
	}

	/// The account of a party.
	pub fn account(&self, side: Side) -> &AccountId {
		match side {
			Side::Seller => &self.deal.seller,
			Side::Buyer => &self.deal.buyer,
		}
	}

	/// Who acts for the seller.
	pub fn operator(&self) -> &AccountId {
		self.operator.as_ref().unwrap_or(&self.deal.seller)
	}

	/// Which side `who` acts for.
	pub fn side(&self, who: &AccountId) -> Option<Side> {
		if who == self.operator() {
			return Some(Side::Seller);
		}
		(*who == self.deal.buyer).then_some(Side::Buyer)
	}

	/// True for the seller's lender.
	pub fn is_lender(&self, who: &AccountId) -> bool {
		self.lender.as_ref() == Some(who)
	}

	/// The state of billing, once the agreement binds.
	pub fn billing(&self) -> Option<&Agreement> {
		match &self.stage {
			Stage::Running(billing) => Some(billing),
			_ => None,
		}
	}

	/// Where it stands.
	pub fn status(&self) -> AgreementStatus {
		match &self.stage {
			Stage::Proposed(_) => AgreementStatus::Proposed,
			Stage::Accepted(..) => AgreementStatus::Accepted,
			Stage::Cancelled(_) => AgreementStatus::Cancelled,
			Stage::Running(billing) => match (billing.status, billing.reason) {
				(Status::Waiting, _) => AgreementStatus::Waiting,
				(Status::Active, _) => AgreementStatus::Active,
				(Status::Closed, None) => AgreementStatus::Completed,
				(Status::Closed, Some(_)) => AgreementStatus::Terminated,
			},
		}
	}

	/// True once nothing can be billed any more.
	pub fn is_over(&self) -> bool {
		matches!(
			self.status(),
			AgreementStatus::Completed | AgreementStatus::Terminated | AgreementStatus::Cancelled
		)
	}

	/// The first month after the agreement, as far as it is known.
	pub fn end(&self) -> Option<Month> {
		let billing = self.billing()?;
		billing.month(billing.end)
	}
}

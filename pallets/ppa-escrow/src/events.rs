//! What the pallet tells the world.

use frame_support::pallet_macros::pallet_section;

/// What the pallet tells the world.
#[pallet_section]
mod events {
	/// What happened. Money is KWH base units; a moment is on the clock of dues.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An agreement is on the table.
		Proposed {
			/// Its id.
			agreement: AgreementId,
			/// Who proposed it.
			by: Side,
			/// Who would deliver.
			seller: T::AccountId,
			/// Who would take and pay.
			buyer: T::AccountId,
			/// Hash of the whole.
			hash: H256,
		},
		/// The counterparty accepted it.
		Accepted {
			/// Which agreement.
			agreement: AgreementId,
			/// Who accepted.
			by: Side,
		},
		/// The escrow was paid into.
		Funded {
			/// Which agreement.
			agreement: AgreementId,
			/// Who paid.
			from: T::AccountId,
			/// How much.
			amount: Balance,
			/// What the escrow holds, arrears paid.
			escrow: Balance,
		},
		/// The security was paid into.
		Secured {
			/// Which agreement.
			agreement: AgreementId,
			/// Who paid.
			from: T::AccountId,
			/// How much.
			amount: Balance,
			/// What the security holds, arrears paid.
			security: Balance,
		},
		/// The seller's bond was paid into.
		BondPosted {
			/// Which agreement.
			agreement: AgreementId,
			/// Who paid.
			from: T::AccountId,
			/// How much.
			amount: Balance,
			/// What the bond holds, called debts paid.
			bond: Balance,
		},
		/// The conditions are met: the agreement binds.
		Activated {
			/// Which agreement.
			agreement: AgreementId,
			/// The first month; `None`: with operation.
			first_month: Option<Month>,
		},
		/// The meter has proven operation.
		OperationProven {
			/// Which agreement.
			agreement: AgreementId,
			/// The first month.
			first_month: Option<Month>,
			/// What the seller owes for delay.
			damages: Balance,
		},
		/// A period was billed.
		Billed {
			/// Which agreement.
			agreement: AgreementId,
			/// The period.
			period: Period,
			/// Its month.
			month: Month,
			/// The bill's number; `None` if nothing is to be paid.
			number: Option<u32>,
			/// Energy at the price and at the excess price, in Wh.
			wh: u64,
			/// Billed.
			amount: Balance,
			/// Owed by the seller.
			credited: Balance,
			/// Of that, damages.
			damages: Balance,
			/// When it is due.
			due: Moment,
		},
		/// A bill that used an earlier index was corrected, or its index became final.
		Corrected {
			/// Which agreement.
			agreement: AgreementId,
			/// The period.
			period: Period,
			/// Billed in addition.
			amount: Balance,
			/// Owed by the seller.
			credited: Balance,
		},
		/// The meter is silent: a period was estimated.
		Estimated {
			/// Which agreement.
			agreement: AgreementId,
			/// The period.
			period: Period,
			/// How much.
			amount: Balance,
			/// When it is reserved.
			due: Moment,
		},
		/// Escrow was reserved for an estimate.
		Reserved {
			/// Which agreement.
			agreement: AgreementId,
			/// The period.
			period: Period,
			/// How much.
			amount: Balance,
		},
		/// A bill fell due.
		BillDue {
			/// Which agreement.
			agreement: AgreementId,
			/// The bill's number.
			number: u32,
			/// Paid at that moment.
			paid: Balance,
			/// What the buyer is late with now.
			arrears: Balance,
		},
		/// Something that the seller owes fell due.
		CreditDue {
			/// Which agreement.
			agreement: AgreementId,
			/// Paid by the bond.
			from_bond: Balance,
			/// What the seller still owes, due or not.
			seller_owes: Balance,
		},
		/// A dispute is over.
		DisputeEnded {
			/// Which agreement.
			agreement: AgreementId,
			/// The bill's number.
			number: u32,
			/// The seller's share, in parts per million.
			seller_share: Ppm,
			/// True if nobody resolved it.
			timed_out: bool,
		},
		/// The buyer's grace is over: it is in default.
		BuyerDefaulted {
			/// Which agreement.
			agreement: AgreementId,
			/// What is left of its arrears, the security drawn.
			arrears: Balance,
			/// Interest on them.
			interest: Balance,
		},
		/// An agreement is over.
		Closed {
			/// Which agreement.
			agreement: AgreementId,
			/// Back to the buyer.
			to_buyer: Balance,
			/// Back to the seller.
			to_seller: Balance,
			/// What the buyer did not pay.
			arrears: Balance,
			/// What the seller did not pay.
			seller_owes: Balance,
		},
		/// Tokens left an agreement's account.
		PaidOut {
			/// Which agreement.
			agreement: AgreementId,
			/// To the payee.
			payee: Balance,
			/// Burnt, to retire the vault's debt.
			burnt: Balance,
			/// To the meter's attestors.
			attestors: Balance,
			/// To the buyer.
			buyer: Balance,
			/// To the seller.
			seller: Balance,
		},
		/// Somebody cannot receive what is theirs; anyone can have it paid later.
		LeftClaimable {
			/// Which agreement.
			agreement: AgreementId,
			/// The payee's.
			payee: Balance,
			/// The buyer's.
			buyer: Balance,
			/// The seller's.
			seller: Balance,
		},
		/// What had been left claimable was paid.
		Claimed {
			/// Which agreement.
			agreement: AgreementId,
			/// To the payee.
			payee: Balance,
			/// To the buyer.
			buyer: Balance,
			/// To the seller.
			seller: Balance,
		},
		/// The buyer took back escrow.
		Withdrawn {
			/// Which agreement.
			agreement: AgreementId,
			/// How much.
			amount: Balance,
			/// What the escrow holds.
			escrow: Balance,
		},
		/// The buyer disputes part of a bill.
		Disputed {
			/// Which agreement.
			agreement: AgreementId,
			/// The bill's number.
			number: u32,
			/// How much of it.
			amount: Balance,
			/// The buyer's bond.
			bond: Balance,
			/// When it resolves itself.
			until: Moment,
		},
		/// One side asks for a change.
		Requested {
			/// Which agreement.
			agreement: AgreementId,
			/// Who asks.
			by: Side,
			/// Hash of the change.
			hash: H256,
		},
		/// Somebody agreed to a change.
		Agreed {
			/// Which agreement.
			agreement: AgreementId,
			/// Who agreed.
			by: T::AccountId,
			/// Hash of the change.
			hash: H256,
		},
		/// A change is asked for no more.
		RequestDropped {
			/// Which agreement.
			agreement: AgreementId,
			/// Who dropped it.
			by: Side,
		},
		/// A change took effect; new clauses hold from their month on.
		Changed {
			/// Which agreement.
			agreement: AgreementId,
			/// Hash of the change.
			hash: H256,
		},
		/// A party ended an agreement early.
		TerminationDeclared {
			/// Which agreement.
			agreement: AgreementId,
			/// Why.
			ending: Ending,
			/// The number of periods that it has now.
			end: Period,
			/// Billed to the buyer for it.
			billed: Balance,
			/// Owed by the seller for it.
			credited: Balance,
		},
		/// The lender was told that a party may end the agreement.
		LenderNotified {
			/// Which agreement.
			agreement: AgreementId,
			/// Who may end it.
			by: Side,
			/// Until when it cannot, unless the lender steps in.
			until: Moment,
		},
		/// The seller assigned its rights to a lender.
		Assigned {
			/// Which agreement.
			agreement: AgreementId,
			/// The lender.
			lender: T::AccountId,
		},
		/// The lender gave its rights up.
		Discharged {
			/// Which agreement.
			agreement: AgreementId,
		},
		/// The lender stepped in for the seller.
		SteppedIn {
			/// Which agreement.
			agreement: AgreementId,
			/// Who acts for the seller now.
			operator: T::AccountId,
			/// Who is paid now.
			payee: T::AccountId,
		},
		/// An agreement ended before it bound.
		Cancelled {
			/// Which agreement.
			agreement: AgreementId,
			/// What the buyer gets back.
			to_buyer: Balance,
			/// What the seller gets back.
			to_seller: Balance,
		},
		/// A feed was sampled.
		Observed {
			/// Which feed.
			feed: FeedId,
			/// When, Unix milliseconds.
			observed_at: Moment,
			/// What it showed, in 10^-18 base units per Wh.
			value: Price,
		},
		/// The index of a month is known.
		IndexKnown {
			/// Which feed.
			feed: FeedId,
			/// The month.
			month: Month,
			/// The mean, in 10^-18 base units per Wh.
			value: Price,
		},
		/// An agreement goes on with another index for want of the month's own.
		IndexFixed {
			/// Which agreement.
			agreement: AgreementId,
			/// The month.
			month: Month,
			/// In 10^-18 base units per Wh.
			value: Price,
		},
		/// The records of an agreement that closed long ago are gone.
		Forgotten {
			/// Which agreement.
			agreement: AgreementId,
		},
	}
}

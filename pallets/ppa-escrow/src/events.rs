//! What the pallet tells the world.

use frame_support::pallet_macros::pallet_section;

/// What the pallet tells the world.
#[pallet_section]
mod events {
	/// What happened. Amounts are KWH base units, registers are Wh.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A party proposed an agreement.
		Proposed {
			/// Its id.
			agreement: AgreementId,
			/// Who proposed it.
			by: Party,
			/// Who would deliver.
			seller: T::AccountId,
			/// Who would pay.
			buyer: T::AccountId,
			/// What the other side has to name.
			terms_hash: H256,
		},
		/// The other side accepted.
		Accepted {
			/// Which agreement.
			agreement: AgreementId,
			/// Who accepted it.
			by: Party,
		},
		/// Somebody paid into the escrow for the buyer.
		Funded {
			/// Which agreement.
			agreement: AgreementId,
			/// Who paid.
			from: T::AccountId,
			/// How much.
			amount: Balance,
			/// The escrow before.
			old_escrow: Balance,
			/// The escrow after.
			new_escrow: Balance,
		},
		/// Billing began.
		Activated {
			/// Which agreement.
			agreement: AgreementId,
			/// Who started it.
			by: Party,
			/// Where the register stood.
			opening_register: u64,
		},
		/// Energy was billed and paid for out of the escrow.
		Settled {
			/// Which agreement.
			agreement: AgreementId,
			/// Up to where the register was billed before.
			old_register: u64,
			/// Up to where it is billed now.
			new_register: u64,
			/// What was paid.
			amount: Balance,
			/// The part of it that the meter's attestors got.
			attestors: Balance,
			/// The part of it that retired vault debt. The rest is the payee's.
			swept: Balance,
			/// The escrow before.
			old_escrow: Balance,
			/// The escrow after.
			new_escrow: Balance,
		},
		/// Somebody could not receive what is theirs; it can be claimed later.
		LeftClaimable {
			/// Which agreement.
			agreement: AgreementId,
			/// What the payee can claim in all.
			seller: Balance,
			/// What the buyer can claim in all.
			buyer: Balance,
		},
		/// A party gave notice.
		NoticeGiven {
			/// Which agreement.
			agreement: AgreementId,
			/// Who gave it.
			by: Party,
			/// Open time from which anyone may close the agreement.
			closes_at: Moment,
		},
		/// An agreement that billed is over.
		Closed {
			/// Which agreement.
			agreement: AgreementId,
			/// What was paid for energy in all.
			paid: Balance,
			/// What the escrow could not pay of the last bill.
			unpaid: Balance,
			/// What the buyer got back.
			refunded: Balance,
		},
		/// What had been left claimable was paid.
		Claimed {
			/// Which agreement.
			agreement: AgreementId,
			/// To the payee.
			to_payee: Balance,
			/// To the buyer.
			to_buyer: Balance,
			/// Deposit and reserve, back to the proposer.
			to_proposer: Balance,
		},
		/// An agreement ended before it billed.
		Cancelled {
			/// Which agreement.
			agreement: AgreementId,
			/// Who ended it.
			by: Party,
			/// What the buyer got back.
			refunded: Balance,
		},
	}
}

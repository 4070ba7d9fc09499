//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// Why a call fails.
#[pallet_section]
mod errors {
	/// Why a call failed. A failed call changes nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such agreement.
		UnknownAgreement,
		/// The caller is neither seller nor buyer.
		NotParty,
		/// The proposer cannot accept its own proposal.
		NotCounterparty,
		/// Only the proposer can withdraw a proposal.
		NotProposer,
		/// The agreement is not at a stage where this is possible.
		WrongStatus,
		/// Seller and buyer are the same account.
		SelfDealing,
		/// The price is zero, or so high that a bill could overflow.
		BadPrice,
		/// The notice is shorter or longer than permitted.
		BadNotice,
		/// The attestors' fee, or their largest share of a payment, is out of the chain's bounds.
		BadAttestorFee,
		/// The payee is the account of an agreement, from which nobody could take the money.
		BadPayee,
		/// The meter is unknown, or its site is not the seller's.
		NotMeterOwner,
		/// The meter has no such register.
		UnknownRegister,
		/// The vault to sweep into is unknown or not the seller's.
		NotVaultOwner,
		/// All ids are used up.
		IdsExhausted,
		/// The hash is not that of the proposed terms.
		TermsMismatch,
		/// Nothing to pay in.
		ZeroAmount,
		/// The escrow is below the agreed minimum.
		EscrowBelowMinimum,
		/// The meter has no final reading yet.
		NoFinalReading,
		/// Another agreement bills this register.
		RegisterBilled,
		/// The final register has not moved since the last bill, and no other month has begun.
		NothingToSettle,
		/// The escrow does not hold the whole bill. Nothing was billed; all of it can be settled after a top-up.
		EscrowShort,
		/// The notice is not over yet.
		NoticeRunning,
		/// Nobody has anything to claim.
		NothingToClaim,
		/// Those who have something to claim still cannot receive it.
		CannotReceive,
	}
}

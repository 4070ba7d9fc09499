//! # Power purchase agreements
//!
//! A generator sells the energy that its meter counts; a buyer pays per watt-hour, in KWH, out of money set aside before.
//! Nobody invoices and nobody approves a payment: the bill is the difference of two final meter registers times the agreed
//! price, and anyone may have it paid.
//!
//! ## The life of an agreement
//!
//! 1. **Proposed.** Seller or buyer puts the [`Terms`] on the table, with a deposit and the existential deposit of the
//!    agreement's own account (the *reserve*); both come back at the end.
//! 2. **Accepted.** The other side names the hash of exactly these terms. From here anyone can pay into the escrow for the
//!    buyer.
//! 3. **Active.** Once the escrow holds the agreed minimum and the meter has a final reading, either side starts billing
//!    from where the register stands. At most one agreement bills a register of a meter at a time, so each of its Wh is
//!    billed at most once. (Bands and totals are registers of their own: a Wh counted by both can be sold as both.)
//! 4. **Ending.** Either side gives notice. Billing goes on while the notice runs, in open time.
//! 5. **Closed.** Anyone closes it once the notice is over: what is final by then is billed; the rest of the escrow goes
//!    back to the buyer. What the escrow cannot pay is recorded as unpaid, for the parties to pursue. A notice longer than
//!    the meter's challenge window makes sure that all energy measured before the notice is billed.
//!
//! Before billing begins, the proposer can withdraw a proposal, and either side can cancel what was accepted.
//!
//! ## A bill
//!
//! ```text
//! advance      = final register - billed register                      Wh
//! amount, rem  = divmod(advance x price + rem, 10^18)                   base units, 10^-18 base units
//! due         += fee, for each UTC month that it is the first bill of   if attestors serve the meter
//! attestors    = min(due, ceil(cap x amount))                           in equal shares; what does not divide stays due
//! sweep        = floor(ratio x all net so far) - the same before        of net = amount - attestors; at most the vault's debt
//! payee        = amount - attestors - sweep
//! ```
//!
//! The remainder is carried, months count once however they are billed, and the sweep is cut from the running total. So
//! settling a thousand times bills and pays, to the unit, what settling once does, and the attestors earn the same. Only from
//! which payments their fee is taken follows the settling: from those after it is earned, of each at most its share. If the
//! escrow does not hold the whole bill, nothing is paid and nothing is billed: all of it can be settled after a top-up. The
//! sweep burns KWH of the agreement's account and retires debt of the seller's vault by as much; a sweep that fails is left
//! out and the payee gets it all. Attestors who cannot be paid now are paid later: the fee stays due.
//!
//! Fee and cap are terms of the agreement, within the chain's bounds: whoever finances a plant can tell what attestation will
//! ever cost. The fee is the same for one attestor and for sixteen, so that a larger committee is no dearer.
//!
//! ## Whose the money is
//!
//! Each agreement has an account of its own, and [`Books`] that say whose every unit in it is. Tokens move only in from a
//! funder and out to the attestors, the payee, the buyer, the vault's debt and, at the end, the proposer. An account that
//! cannot receive (an amount below the existential deposit to an account that does not exist) keeps a claim that
//! [`Pallet::claim`] pays later and that joins the next payment; it holds up nobody else.
//!
//! ## Invariants
//!
//! Checked by `do_try_state` after every test and every fuzz step, and by `try-runtime`:
//!
//! 1. The account of an agreement holds at least escrow + claimables + reserve. (A donation is nobody's.)
//! 2. deposited = escrow + paid + claimable by the buyer + refunded.
//! 3. paid = to attestors + swept + paid out + claimable by the seller.
//! 4. (billed - opening register) x price = (paid + unpaid) x 10^18 + rem, exactly, and rem < 10^18. Nothing is paid before
//!    billing begins, and nothing is unpaid before the end.
//! 5. The register index names exactly the agreements that bill, each once.
//! 6. No register is billed beyond its final reading.
//! 7. KWH on hold for proposals = sum of the deposits of all agreements, for each proposer.
//! 8. Status fits content: escrow only between acceptance and end; registers exactly from the start of billing; a closing
//!    time from the notice on; deposit and reserve gone only after the end, and then nothing is claimable; ids are below
//!    the next one.
//! 9. fee x months earned = paid to attestors + due to them; no more months earned the fee than were billed, and where energy
//!    is billed, so is a month.

#![cfg_attr(not(feature = "std"), no_std)]

mod billing;
mod books;
mod config;
mod errors;
mod escrow;
mod events;
mod lifecycle;
mod service;
mod types;
mod views;

pub mod weights;

#[cfg(any(feature = "try-runtime", test))]
mod invariants;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;

#[cfg(test)]
mod mock;

#[cfg(test)]
mod tests;

pub use books::Books;
pub use pallet::*;
pub use service::Service;
pub use types::{Agreement, AttestorFee, Billing, CashSweep, Party, Terms};
pub use weights::WeightInfo;

use frame_support::pallet_macros::import_section;

/// The pallet's items.
#[import_section(config::config)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use baseload_primitives::{
		views::AgreementView, AgreementId, AttestorPay, Balance, DebtSweep, MeterId, Moment, OpenTime, Register,
		RegisterSource,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{hold, Mutate},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::{traits::AccountIdConversion, Permill};

	use crate::{Agreement, Party, Terms, WeightInfo};

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Why this pallet holds KWH.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of an agreement's proposer.
		#[codec(index = 0)]
		Proposal,
	}

	/// The id of the next agreement. Ids are never used again.
	#[pallet::storage]
	pub type NextAgreement<T> = StorageValue<_, AgreementId, ValueQuery>;

	/// All agreements, closed ones included unless they never billed and hold nothing any more.
	#[pallet::storage]
	pub type Agreements<T: Config> = StorageMap<_, Blake2_128Concat, AgreementId, Agreement<T::AccountId>>;

	/// The one agreement that bills a register of a meter.
	#[pallet::storage]
	pub type BilledBy<T> = StorageMap<_, Blake2_128Concat, (MeterId, Register), AgreementId>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MinNotice::get() > 0, "the notice cannot be zero");
			assert!(
				T::MinNotice::get() <= T::MaxNotice::get(),
				"the shortest notice is longer than the longest"
			);
			assert!(
				T::MinAttestorFee::get() <= T::MaxAttestorFee::get()
					&& T::MinAttestorCap::get() <= T::MaxAttestorCap::get(),
				"attestors' least fee or share is more than the most"
			);
			let last: Option<T::AccountId> = T::PalletId::get().try_into_sub_account(AgreementId(u32::MAX));
			assert!(last.is_some(), "accounts of agreements would not be distinct");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Proposes an agreement.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the seller or the buyer.
		///
		/// ## Details
		///
		/// Puts [`Config::ProposalDeposit`] of the caller's KWH on hold and moves one existential deposit to the agreement's
		/// account as its reserve. Both come back when the agreement ends.
		///
		/// ## Errors
		///
		/// [`Error::NotParty`], [`Error::SelfDealing`], [`Error::BadPrice`], [`Error::BadNotice`],
		/// [`Error::BadAttestorFee`], [`Error::BadPayee`], [`Error::NotMeterOwner`], [`Error::UnknownRegister`],
		/// [`Error::NotVaultOwner`], [`Error::IdsExhausted`]; errors of the currency if the caller cannot afford deposit and
		/// reserve.
		///
		/// ## Events
		///
		/// [`Event::Proposed`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::propose())]
		pub fn propose(origin: OriginFor<T>, terms: Terms<T::AccountId>) -> DispatchResult {
			Self::do_propose(ensure_signed(origin)?, terms)
		}

		/// Accepts a proposal.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the party that did not propose.
		///
		/// ## Details
		///
		/// `terms_hash` is Blake2-256 over the SCALE encoding of the terms: whoever accepts says what they have read.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::NotCounterparty`],
		/// [`Error::TermsMismatch`].
		///
		/// ## Events
		///
		/// [`Event::Accepted`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::accept())]
		pub fn accept(origin: OriginFor<T>, agreement: AgreementId, terms_hash: H256) -> DispatchResult {
			Self::do_accept(ensure_signed(origin)?, agreement, terms_hash)
		}

		/// Pays into the escrow, for the buyer.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone. What is left at the end goes to the buyer, whoever paid it in.
		///
		/// ## Details
		///
		/// Moves `amount` base units of KWH from the caller, who stays alive, to the agreement's account. Possible from the
		/// acceptance to the end.
		///
		/// ## Errors
		///
		/// [`Error::ZeroAmount`], [`Error::UnknownAgreement`], [`Error::WrongStatus`]; errors of the currency if the caller
		/// has not that much to spare.
		///
		/// ## Events
		///
		/// [`Event::Funded`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::fund())]
		pub fn fund(origin: OriginFor<T>, agreement: AgreementId, amount: Balance) -> DispatchResult {
			Self::do_fund(ensure_signed(origin)?, agreement, amount)
		}

		/// Begins billing, from where the final register stands.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the seller or the buyer.
		///
		/// ## Details
		///
		/// Needs the agreed escrow, a final reading, and a register that no other agreement bills. The meter must still be
		/// the seller's.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`], [`Error::EscrowBelowMinimum`],
		/// [`Error::NotMeterOwner`], [`Error::UnknownRegister`], [`Error::RegisterBilled`], [`Error::NoFinalReading`].
		///
		/// ## Events
		///
		/// [`Event::Activated`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::activate())]
		pub fn activate(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			Self::do_activate(ensure_signed(origin)?, agreement)
		}

		/// Bills and pays all energy that became final since the last bill, which may be none if another month has begun.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// All or nothing: see the pallet's overview for the arithmetic. How often and when this is called changes nothing
		/// in what is billed and paid, nor in what the attestors earn. Also pays what the payee could not receive before.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::WrongStatus`], [`Error::NothingToSettle`], [`Error::EscrowShort`].
		///
		/// ## Events
		///
		/// [`Event::Settled`]; [`Event::LeftClaimable`] if the payee cannot receive.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::settle())]
		pub fn settle(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_settle(agreement)
		}

		/// Gives notice: the agreement can be closed once the agreed open time has passed.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the seller or the buyer.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::WrongStatus`].
		///
		/// ## Events
		///
		/// [`Event::NoticeGiven`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::give_notice())]
		pub fn give_notice(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			Self::do_give_notice(ensure_signed(origin)?, agreement)
		}

		/// Ends an agreement whose notice is over.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone.
		///
		/// ## Details
		///
		/// Bills what is final, as far as the escrow goes; the rest is recorded as unpaid. Gives the rest of the escrow back
		/// to the buyer, and deposit and reserve to the proposer. Who cannot receive keeps a claim and holds up nobody;
		/// while there is one, deposit and reserve stay.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::WrongStatus`], [`Error::NoticeRunning`].
		///
		/// ## Events
		///
		/// [`Event::Settled`] if there was something to bill; [`Event::LeftClaimable`] if somebody cannot receive;
		/// [`Event::Closed`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::close())]
		pub fn close(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close(agreement)
		}

		/// Pays what somebody could not receive before to whom it belongs.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anyone: an account that does not exist yet could not pay for its own claim.
		///
		/// ## Details
		///
		/// Tries payee and buyer, each independently of the other. Once an ended agreement owes neither, returns deposit and
		/// reserve to the proposer.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::NothingToClaim`], [`Error::CannotReceive`].
		///
		/// ## Events
		///
		/// [`Event::Claimed`]; [`Event::LeftClaimable`] if one side still cannot receive.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(agreement)
		}

		/// Ends an agreement before it bills.
		///
		/// ## Dispatch Origin
		///
		/// Signed: a proposal by its proposer, an accepted agreement by either party.
		///
		/// ## Details
		///
		/// Gives the escrow back to the buyer, and deposit and reserve to the proposer.
		///
		/// ## Errors
		///
		/// [`Error::UnknownAgreement`], [`Error::NotParty`], [`Error::NotProposer`], [`Error::WrongStatus`].
		///
		/// ## Events
		///
		/// [`Event::Cancelled`]; [`Event::LeftClaimable`] if the buyer cannot receive.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, agreement: AgreementId) -> DispatchResult {
			Self::do_cancel(ensure_signed(origin)?, agreement)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An agreement as of now. `None` if there is none, or if it ended before it billed and holds nothing any more.
		pub fn agreement(id: AgreementId) -> Option<AgreementView<T::AccountId>> {
			Self::view(id)
		}

		/// The id that the next proposal gets: all ids below it were given out.
		pub fn next_agreement() -> AgreementId {
			NextAgreement::<T>::get()
		}

		/// The agreement that bills a register of a meter now.
		pub fn billed_by(meter: MeterId, register: Register) -> Option<AgreementId> {
			BilledBy::<T>::get((meter, register))
		}
	}
}

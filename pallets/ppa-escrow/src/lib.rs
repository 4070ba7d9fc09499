//! # Power purchase agreements
//!
//! A generator sells the energy that its meter counts; a buyer pays for it, in KWH, out of money set aside before. Nobody
//! invoices and nobody approves a payment: each UTC month is billed from the meter's final registers at its ends, by the
//! clauses that both parties signed, and anyone may have it done.
//!
//! What a bill is, when it is due, who is late and what that costs is the business of [`baseload_math::billing`], a pure
//! function of what the parties did and of what was known when. This pallet gives it hands: it holds contracts and tokens,
//! tells billing what the meters and feeds say and on which clock ([`sources`]), makes sure that no Wh is billed twice
//! ([`shares`]), settles in what is left of each block ([`settlement`]) and keeps a record of every bill ([`records`]).
//!
//! ## The life of an agreement
//!
//! 1. **Proposed.** Seller or buyer puts the whole [`Contract`](baseload_primitives::Contract) on the table. Clauses that
//!    contradict each other are refused, by name.
//! 2. **Accepted.** The other side names the hash of exactly this contract. Anyone can now pay into the escrow, the
//!    security and the bond.
//! 3. **Active**, once the conditions are met: it has its share in the meter and binds. If they are not met by the longstop,
//!    anyone can cancel it, and everybody gets back what they paid in. It may first wait for the reading that proves operation.
//! 4. **Delinquent, suspended, disputed** are states of an active agreement, which ends by themselves or by the parties.
//! 5. **Completed or terminated.** Once all is billed and nothing is open it closes by itself: escrow and security go back to the
//!    buyer, the bond to the seller. What was not paid stays recorded.
//!
//! Every wait is bounded, so that none of these states lasts for ever: conditions and the target of operation lie at most five
//! years ahead, what never begins can be ended by the buyer at its longstop and a good year later by anyone, a
//! dispute times out, a silent meter's month is billed without energy in the end, and an index that never comes is replaced
//! ([`feeds`]).
//!
//! ## Whose the money is
//!
//! Each agreement has an account of its own. Billing's ledger says whose every unit in it is; `payout` follows what left the
//! ledger until it has arrived. The account holds at least both and the reserve, and what anybody sends it beyond that is
//! nobody's. Who cannot receive keeps a claim and holds up nobody else.
//!
//! ## Invariants
//!
//! Checked by `do_try_state` after every test and every fuzz step, and by `try-runtime`:
//!
//! 1. The account of an agreement holds at least its buckets + what is due + its reserve. (A donation is nobody's.)
//! 2. What left the buckets = what was paid + what is due; once an agreement binds it is what its ledger says.
//! 3. The invariants of billing hold: tokens in = out + buckets; billed = paid + set off + held + in arrears + waived + open; and
//!    so on.
//! 4. Bills, their corrections and the price of an early end add up to what was ever billed; every billed period has a record, and
//!    no other.
//! 5. Agreements that bind and are not closed, and no others, are settled, and each has exactly one share in its meter.
//! 6. Shares of the same registers never exceed the whole in any month, and other registers of other agreements never count the
//!    same energy.
//! 7. All that agreements billed of a register, deemed energy apart, is at most what the meter finally counted.
//! 8. KWH on hold for proposals = sum of the deposits of all agreements, for each proposer.
//! 9. Stage fits content: ids are below the next one; a closing time exactly after the close; a reserve until it; a request or an
//!    amendment only where it could take effect.
//! 10. Means of feeds exist only for months that have ended. Feeds are sampled that agreements follow which bind and are not
//!     closed, and no others; each knows how many.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod calls;
mod changes;
mod config;
mod disputes;
mod ending;
mod errors;
mod events;
mod funds;
mod payout;
mod proposal;
mod session;
mod storage;
mod types;
mod views;

pub mod feeds;
pub mod records;
pub mod settlement;
pub mod shares;
pub mod sources;
pub mod weights;

#[cfg(any(feature = "try-runtime", test))]
mod invariants;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;

#[cfg(test)]
mod mock;

#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Deal, Notice, Notices, Record, Request, Stage};
pub use weights::WeightInfo;

use frame_support::pallet_macros::import_section;

/// The pallet's items.
#[import_section(calls::calls)]
#[import_section(config::config)]
#[import_section(storage::storage)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::{boxed::Box, vec::Vec};
	use baseload_math::billing::{agreement::Ending, sources::Index, Month, Period, Ppm, Price, Refusal};
	use baseload_primitives::{
		views::{AgreementView, BillRecord, FeedView, IndexView, NextBillView, ShareView},
		AgreementId, AttestorPay, Balance, Change, Contract, DebtSweep, FeedId, IndexSource, MeterId, Moment, OpenTime,
		RegisterSource, Side,
	};
	use frame_support::{
		pallet_prelude::*,
		storage::{with_transaction, TransactionOutcome},
		traits::{
			fungible::{hold, Mutate},
			Time,
		},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::{traits::AccountIdConversion, Permill};

	use crate::{
		feeds::Feed, funds::Bucket, records::MAX_FORGET, session::CATCH_UP, settlement::MAX_STEPS, shares::Book,
		Record, WeightInfo,
	};

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

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::settle_idly(remaining)
		}

		fn integrity_test() {
			assert!(
				T::MinAttestorFee::get() <= T::MaxAttestorFee::get()
					&& T::MinAttestorCap::get() <= T::MaxAttestorCap::get(),
				"attestors' least fee or share is more than the most"
			);
			assert!(T::MaxFeeds::get() > 0, "agreements must be able to follow a feed");
			let last: Option<T::AccountId> = T::PalletId::get().try_into_sub_account(AgreementId(u32::MAX));
			assert!(last.is_some(), "accounts of agreements would not be distinct");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An agreement, settled up to its own clock. `None` if there is none, or it is forgotten.
		pub fn agreement(id: AgreementId) -> Option<AgreementView<T::AccountId>> {
			Self::agreement_view(id)
		}

		/// The id that the next agreement gets: every agreement has a lower one.
		pub fn next_agreement() -> AgreementId {
			NextAgreement::<T>::get()
		}

		/// The next bill as if its month ended now, at the newest final registers. `None` if the agreement bills nothing more or
		/// nothing yet.
		pub fn next_bill(id: AgreementId) -> Option<NextBillView> {
			// Playing what is due changes state, of which a view keeps nothing.
			let view = || TransactionOutcome::Rollback(Ok::<_, DispatchError>(Self::next_bill_view(id)));
			with_transaction(view).ok().flatten()
		}

		/// For how many days the escrow, all open bills paid, lasts at the rate of the last three bills. `None` before the first
		/// bill, and if they cost nothing.
		pub fn runway(id: AgreementId) -> Option<u64> {
			Self::runway_view(id)
		}

		/// The bill of a period.
		pub fn bill(id: AgreementId, period: Period) -> Option<BillRecord> {
			Bills::<T>::get(id, period)
		}

		/// The bills of at most `count` periods from `from` on, 120 at most.
		pub fn bills(id: AgreementId, from: Period, count: u32) -> Vec<BillRecord> {
			Self::bills_view(id, from, count)
		}

		/// The shares in a meter, and which of them are in force in a month (12 x year + month - 1).
		pub fn shares(meter: MeterId, month: u32) -> Vec<ShareView> {
			Self::shares_view(meter, month)
		}

		/// All agreements on a meter that are stored, in the order of their ids.
		pub fn agreements_of(meter: MeterId) -> Vec<AgreementId> {
			Self::agreements_of_view(meter)
		}

		/// What a feed showed last. `None` if no agreement follows it, or it was not sampled yet.
		pub fn feed(id: FeedId) -> Option<FeedView> {
			Self::feed_view(id)
		}

		/// The mean of a feed over a month (12 x year + month - 1), once it is known.
		pub fn month_index(feed: FeedId, month: u32) -> Option<IndexView> {
			Self::index_view(feed, month)
		}
	}
}

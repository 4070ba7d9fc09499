//! # Meter attestation
//!
//! What electricity was really metered, and from when on nobody can change it: the ground on which bills and vaults stand.
//!
//! ## Overview
//!
//! * A **site** is one connection point to the grid. Its owner registers it; the registrar certifies it and names the one
//!   meter at the connection point whose net counts, the *revenue meter*, so that a check meter never counts twice. No two
//!   certified sites share a connection point.
//! * A **meter** stands at a site and declares up to 8 cumulative registers. It owns a device key (registered once, ever) of
//!   one of four kinds and signs either this chain's own payload or OCMF records; or, if it cannot sign, a committee reads it.
//! * A **reading** carries all registers, signed by the device. Anybody may relay it, free of charge and without an account.
//!   It must be plausible: sequence and time go up, no register falls, none rises by more than the power that the meter's
//!   policy allows could have moved it in the time. What is merely unusual is flagged ([`Flags`](baseload_primitives::Flags)),
//!   and the policy decides whether the flag marks the reading, holds it, or refuses it.
//! * An accepted reading is *provisional*. It becomes **final** once its challenge window is over, or at once when the meter's
//!   independent check meter agrees. Windows are counted in *open time*, which stands still while the chain is halted, in safe
//!   mode or migrating. Finality needs no transaction: what has matured counts as final in every read, and is written down at the
//!   meter's next reading or change.
//! * An **attestor** bonds BLD and may *dispute* a provisional reading. The meter's **committee**, a few attestors named by the
//!   registrar, votes; the loser is slashed, part of it for the winner. Some frauds prove themselves and slash without a vote.
//! * **Energy cover** of a site is what its revenue meter attests now: the lesser of the last 30 days and a twelfth of the
//!   last 365, export less import, each capped by nameplate power, the technology's capacity factor and the window. It
//!   expires by itself when the meter falls silent. A vault may *pledge* a certified site to draw KWH against its cover.
//!
//! * Attestors are **paid** a flat fee, in KWH, out of the bills of the meters on whose committees they sit; never by the
//!   reading or by what they approve. What they have earned waits for them in the pallet's account.
//!
//! Other pallets see this one as [`RegisterSource`](baseload_primitives::RegisterSource),
//! [`EnergyCover`](baseload_primitives::EnergyCover), [`AttestorPay`](baseload_primitives::AttestorPay) and
//! [`OpenTime`](baseload_primitives::OpenTime).
//!
//! ## Measured and estimated
//!
//! Bills and cover follow *measured* final readings only. An estimate, whether the device calls it so or nobody confirmed a
//! held or disputed reading in time, takes its place in the meter's history, but moves nothing: the next measured reading
//! is judged and counted from the last measured one, for registers are cumulative.
//!
//! ## Disputes and holds
//!
//! A dispute can be opened until the reading's own window ends, never after, and never for two reasons at once. The reading
//! and those after it wait; the readings before it, and other meters, do not. Window, voting period, quorum and membership
//! are those of the moment when the reading was accepted. A quorum of the committee decides:
//!
//! * *Stands*: the reading waits for the rest of its own window, which no committee can shorten. The disputing attestor loses its
//!   stake; the site's owner is the winner.
//! * *Wrong*: the reading and those after it are dropped and the meter is suspended until the registrar resumes it. Half of its
//!   deposit is slashed; the disputing attestor is the winner.
//! * **Nobody decides in time**: the reading ends as an *estimate*, neither believed nor struck out; the attestor gets its stake
//!   back less a fee, so that disputes are not a free way to blur a meter. The registrar may decide at any time before, which
//!   is also how a meter without a committee gets a verdict.
//!
//! A reading *held* by its own flags waits likewise, without a stake, until its voting period is over.
//! While a reading of the revenue meter is disputed by an attestor and can still be decided, cover does not decay.
//!
//! ## What counts as cover
//!
//! The interval between two consecutive measured final readings of the revenue meter is booked when the later one becomes
//! final while the site is certified, spread evenly over its measurement time ([`baseload_math::cover`]). Only the part after
//! the certificate's date counts, and only as much as falls into the windows.
//!
//! ## Thresholds
//!
//! A site's owner may have a count of a register watched for, such as the energy that proves commercial operation. The first
//! final measured reading at or beyond it is kept for ever, with the time at which it became known; where the register stands
//! beyond the count already, the newest final one. A meter has [`MAX_THRESHOLDS`] in its life.
//!
//! ## Removal
//!
//! An owner removes a meter that has been suspended for [`Config::MeterNotice`] and that nobody depends on, and a site without
//! meters and pledge; the deposits go back. A removed meter's history and key stay known for ever.
//!
//! ## Feeless calls
//!
//! [`Pallet::submit_reading`], [`Pallet::submit_backlog`] and [`Pallet::submit_ocmf`] are general transactions without
//! signer, nonce or fee. All that can refuse one is checked before it enters a block, cheapest first and signatures last; the
//! [`Refusal`](baseload_primitives::Refusal) is the transaction pool's custom error code. Once let in, the dispatch has no way
//! to fail: it always advances the meter's sequence, so that no accepted transaction is valid twice. Pausing them is
//! therefore part of the check too ([`Config::Gate`]); a call filter that closes them must close the gate as well.
//!
//! ## Invariants
//!
//! Numbered in the code of `do_try_state`, and checked after every test and at every step of the fuzz test:
//!
//! 1. A meter's key is registered for it and nobody else; every id given out is below the next one, also of a key's meter.
//! 2. Every meter stands at a site; a site's number of meters is what it says, and within the bound.
//! 3. Along final and pending readings of a meter, sequence and time strictly increase; along the measured ones, no register
//!    falls; each has as many registers as declared.
//! 4. No reading waits for longer than the longest window and vote together.
//! 5. A certified site's revenue meter stands at it, has an export and an import register and a ring; no other meter there is
//!    certified, and no other site at the same connection point.
//! 6. Days and spans of a cover ring agree, and each window's sum is within what the meter has counted in its life.
//! 7. Per account, the deposits of sites and meters are exactly what is on hold.
//! 8. Reports, committees and disputes belong to known meters, month starts and first readings to known or removed ones; a check
//!    meter knows whom it checks.
//! 9. No more open time has passed than time.
//! 10. Per attestor, the bond is exactly what is on hold, stakes are those of its open disputes and within the bond, and seats
//!     are those of the committees of new readings.
//! 11. Nothing measured is newer than the newest final reading, and a final reading was known after the one before it.
//! 12. Month starts of a meter only go up, in registers and in the time when they became known.
//! 13. Thresholds are of declared registers; what is watched for is above the newest final measured reading; watched and reached
//!     ones together are as many as the meter counts, within the bound; none was known before it was measured to be final.
//! 14. The pay account holds all that attestors can claim, and its own existential deposit once anybody has earned something.
//!     (A donation is nobody's.)
//! 15. A removed meter is no meter any more, and what is kept of it is whole: its site's id, its own key, the first and the newest
//!     measured final reading, and no month start and no threshold beyond the newest.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;

// What the pallet declares
mod calls;
mod config;
mod errors;
mod events;
mod storage;
mod types;

// What it does
mod attestors;
mod checks;
mod clock;
mod committees;
mod cover;
mod disputes;
mod finality;
mod frauds;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod meters;
mod ocmf;
mod pay;
mod policy;
mod readings;
mod relay;
mod removal;
mod sites;
mod source;
mod thresholds;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Name of [`Pallet::submit_reading`] at [`Config::Gate`].
pub const SUBMIT_READING: &str = "submit_reading";
/// Name of [`Pallet::submit_backlog`] at [`Config::Gate`].
pub const SUBMIT_BACKLOG: &str = "submit_backlog";
/// Name of [`Pallet::submit_ocmf`] at [`Config::Gate`].
pub const SUBMIT_OCMF: &str = "submit_ocmf";
/// Name of the open-time clock at [`Config::Gate`].
pub const CLOCK: &str = "clock";

use frame_support::pallet_macros::import_section;

#[import_section(calls::calls)]
#[import_section(config::config)]
#[import_section(storage::storage)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use baseload_math::calendar::Month;
	use baseload_primitives::{
		views::{AttestorView, DisputeView, EarningsView, MeterView, RemovedMeterView, SiteView, ThresholdView},
		Balance, ConnectionPoint, DeviceKey, DeviceSignature, Flags, MaxRegisters, MeterId, MeterUse, Moment, Reading,
		Refusal, Register, Registers, SignedReading, SiteDetails, SiteId, Threshold, VaultId, Verdict, Voucher,
		WattHours, Zone,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Contains, Time},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::{
		traits::{IdentifyAccount, Verify},
		Permill,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Genesis settings.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Challenge window in milliseconds; the runtime's default if none is given.
		pub challenge_window: Option<Moment>,
		/// Not a setting.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			if let Some(window) = self.challenge_window {
				assert!(
					CHALLENGE_WINDOWS.contains(&window),
					"challenge window out of bounds: {window} ms"
				);
				ChallengeWindow::<T>::put(window);
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			// The clock is read so often that no benchmark counts it; what it costs is counted here, once per block.
			T::WeightInfo::on_finalize().saturating_add(T::DbWeight::get().reads_writes(1, 1))
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			Self::tick();
		}

		fn integrity_test() {
			assert!(T::MaxBacklog::get() > 0, "a backlog must hold at least one reading");
			assert!(
				T::MaxBacklog::get() <= T::MaxPending::get(),
				"a backlog must fit the pending readings"
			);
			assert!(T::MinInterval::get() > 0, "measurement times must strictly increase");
			assert!(T::MaxSequenceAhead::get() > 0, "sequences must be able to increase");
			assert!(T::MaxOpenStep::get() > 0, "open time must be able to pass");
			assert!(T::MaxMetersPerSite::get() > 0, "a site must be able to have a meter");
			assert!(
				T::DisputeStake::get() <= T::MinAttestorBond::get(),
				"the least bond must allow a dispute"
			);
			assert!(
				T::AttestorNotice::get() > CHALLENGE_WINDOWS.end() + VOTE_PERIODS.end(),
				"no attestor may leave before what it did can be judged"
			);
			assert!(
				T::MeterNotice::get() > CHALLENGE_WINDOWS.end() + VOTE_PERIODS.end(),
				"no meter may leave before what it said can be judged"
			);
			assert!(
				CHALLENGE_WINDOWS.contains(&T::DefaultChallengeWindow::get()),
				"default challenge window out of bounds"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A site as of now; `None` if there is no such site.
		pub fn site(id: SiteId) -> Option<SiteView<T::AccountId>> {
			Self::site_view(id)
		}

		/// A meter as of now; `None` if there is no such meter.
		pub fn meter(id: MeterId) -> Option<MeterView<T::AccountId>> {
			Self::meter_view(id)
		}

		/// What stays known of a meter that was removed; `None` of any other, and of one that was never finally read.
		pub fn removed_meter(id: MeterId) -> Option<RemovedMeterView> {
			Self::removed_meter_view(id)
		}

		/// Cover of a site at Unix time `at`, now or later, if its meter says nothing more; `None` if there is no such site.
		pub fn cover_at(id: SiteId, at: Moment) -> Option<WattHours> {
			Self::cover_view(id, at)
		}

		/// Registers of a meter, removed or not, at the start of a UTC month (12 x year + month - 1), once they are known.
		pub fn month_start(id: MeterId, month: Month) -> Option<Vec<u64>> {
			Self::month_view(id, month)
		}

		/// Thresholds of a meter: the reached ones, then those that are watched for. Of a removed one, the reached ones.
		pub fn thresholds(id: MeterId) -> Vec<ThresholdView> {
			Self::threshold_views(id)
		}

		/// An attestor's standing; `None` if the account is none.
		pub fn attestor(who: T::AccountId) -> Option<AttestorView> {
			Self::attestor_view(who)
		}

		/// What an account has earned as an attestor, leaving or gone included; nothing if it never was one.
		pub fn attestor_pay(who: T::AccountId) -> EarningsView {
			Self::earnings_view(who)
		}

		/// Readings of a meter that wait for a verdict, oldest first.
		pub fn disputes(id: MeterId) -> Vec<DisputeView<T::AccountId>> {
			Self::dispute_views(id)
		}

		/// The id that the next site gets: every site has a lower one.
		pub fn next_site() -> SiteId {
			NextSite::<T>::get()
		}

		/// The id that the next meter gets: every meter has a lower one.
		pub fn next_meter() -> MeterId {
			NextMeter::<T>::get()
		}

		/// Challenge window of meters registered from now on, in milliseconds of open time.
		pub fn challenge_window() -> Moment {
			ChallengeWindow::<T>::get()
		}
	}
}

//! # Validator set
//!
//! Who makes Baseload's blocks, and what they stand to lose.
//!
//! A validator locks BLD, the bond token. The lock is what makes its signature worth something: whoever signs two blocks for
//! one slot, or two contradicting finality votes, loses a part of the bond to the treasury and the seat with it. This pallet
//! keeps the bonds, fills the seats, and does the slashing; block production (BABE), finality (GRANDPA) and the checking of
//! evidence belong to other pallets.
//!
//! ## Terms
//!
//! * **Bond**: BLD held of an account because it is, or wants to be, a validator. In base units, 12 decimals.
//! * **Candidate**: an account with an active bond of at least [`Config::MinBond`]. Candidates rank by bond, the larger first;
//!   of two equal bonds the lower account ranks first.
//! * **Seat**: a place in the validator set. There are [`Seats`] of them.
//! * **Reserved seat**: one that the administering origin keeps for a named account. The account must bond like everybody
//!   else, but needs not outbid anybody.
//! * **Session**: the period, one BABE epoch long, for which a validator set stands. The set of a session is planned when the
//!   session before it starts, so each change takes effect one to two sessions later.
//! * **Unbonding**: a bond on its way back. It stays locked and slashable for [`Config::UnbondingDelay`] sessions.
//! * **Convict**: an account that committed an offence and still serves, because its session, or the next one, had been
//!   planned already. It is disabled for as long, and cannot become a candidate before it is out.
//!
//! ## A validator's life
//!
//! 1. It registers its session keys with the session pallet and calls [`bond`](Call::bond).
//! 2. At each session start the seats are filled: reserved accounts first, then open candidates by rank. Only candidates with
//!    session keys count.
//! 3. It may raise its bond at any time, lower it down to the minimum, or leave. Whatever goes out unbonds first. A candidate
//!    who loses the candidacy to a higher bond because the list is full unbonds as well.
//! 4. After the delay it takes the BLD back with [`withdraw_unbonded`](Call::withdraw_unbonded).
//! 5. Once out of the set it may take its session keys back with [`release_keys`](Call::release_keys). Before, keys can only be
//!    replaced: the runtime filters the session pallet's own `purge_keys`, with which those who serve could empty the set.
//!
//! ## Why nobody can run from a slash
//!
//! Evidence about session `s` can be proven while the root of session `s` is kept: [`Config::EvidenceWindow`] sessions after
//! `s` has ended. Who leaves in session `u` serves at most until session `u + 1` ends, as that one is planned already. An
//! unbonding delay of at least the window plus two therefore outlasts all evidence; the pallet's integrity test insists on it.
//!
//! ## Slashing
//!
//! The offence pallets compute the fraction, min((3 k / n)^2, 1) for `k` offenders at once among `n` validators. It applies to
//! the whole stake, active and unbonding, at once, **rounded up**. As `k` grows with later reports, earlier offenders are
//! reported again with a larger fraction: for each session an account loses the largest fraction reported, once, of the stake
//! it had when first reported. What would be paid out first pays first, so that the rest stays slashable longest.
//! An offence of fraction zero costs the seat but not the bond.
//!
//! ## A set that does not change is not announced
//!
//! The session manager returns `None` when neither the set nor any of its keys changes. Announcing the same set again would
//! re-enable every disabled validator and begin a new GRANDPA set each session.
//!
//! ## Never too few
//!
//! Nobody with session keys may leave if fewer electable candidates than the minimum ([`MinValidators`]) would stay. When offences
//! or withdrawn session keys leave fewer all the same, the seats up to that minimum go to those who serve now, convicts last:
//! a chain that stops helps nobody. Whoever is kept on this way stays slashable with whatever stake is left.
//!
//! ## Invariants
//!
//! Checked by `try_state`, and by the pallet's tests after every test and every step of a random sequence:
//!
//! 1. Candidates stand in strict order of rank, and each account stands there once.
//! 2. Every candidate has at least the minimum bond, and no convict is a candidate.
//! 3. An account's BLD on hold for a bond is exactly its active bond plus all that is unbonding.
//! 4. Unbonding chunks are more than zero, their unlock sessions strictly rise, and none is further away than the delay counted
//!    from the next session.
//! 5. No account has two reserved seats; the number of seats is between the minimum, at least one, and the maximum.
//! 6. Every convict serves now or is queued to serve.
//! 7. What an account lost for one session is at most the recorded fraction of the recorded stake, and no record is older than
//!    the evidence window.
//! 8. Who serves without being a candidate, and still has a stake, has a part of it locked beyond the evidence window.
//! 9. The slot duration is even and between 500 ms and 60 s.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use selection::UnitIdentification;
pub use slots::MinimumPeriod;
pub use types::{Candidate, Chunk, Punishment, ValidatorView};
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod candidacy;
mod genesis;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod offences;
mod selection;
mod slots;
#[cfg(test)]
mod tests;
pub mod types;
mod unbonding;
mod views;
pub mod weights;

/// Declares the pallet: what it is configured with, what it stores, reports and can be called for.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use baseload_primitives::{Balance, Moment};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, OnUnbalanced},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::Perbill;
	use sp_staking::SessionIndex;

	use crate::{Candidate, Chunk, Punishment, ValidatorView, WeightInfo};

	/// What the runtime decides for this pallet.
	///
	/// In the runtime's list of pallets this one stands before `pallet_session`, whose genesis asks for the first set.
	#[pallet::config]
	pub trait Config:
		frame_system::Config
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_session::historical::Config<FullIdentification = ()>
	{
		/// The bond token, BLD.
		type Bond: fungible::MutateHold<
				<Self as frame_system::Config>::AccountId,
				Reason = Self::RuntimeHoldReason,
				Balance = Balance,
			> + fungible::BalancedHold<<Self as frame_system::Config>::AccountId>;

		/// The runtime's reasons to hold a balance.
		type RuntimeHoldReason: From<HoldReason>;

		/// Where slashed BLD goes. It must take any amount: what it cannot take is burnt.
		type Slash: OnUnbalanced<fungible::Credit<<Self as frame_system::Config>::AccountId, Self::Bond>>;

		/// Who sets the number of seats and reserves some of them.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The most validators ever: the bound of the consensus pallets.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The fewest validators that the set of a network may shrink to whose genesis names no number. At least 1.
		#[pallet::constant]
		type DefaultMinValidators: Get<u32>;

		/// The most candidates, those with a seat included. At least `MaxValidators`.
		#[pallet::constant]
		type MaxCandidates: Get<u32>;

		/// The least active bond of a candidate, in BLD base units. More than zero. Raising it takes a migration.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// How many ended sessions evidence can be about: so many historical session roots are kept.
		#[pallet::constant]
		type EvidenceWindow: Get<SessionIndex>;

		/// For how many sessions a bond unbonds. At least `EvidenceWindow + 2`.
		#[pallet::constant]
		type UnbondingDelay: Get<SessionIndex>;

		/// The most unbonding chunks of one account. At least 1.
		#[pallet::constant]
		type MaxUnbonding: Get<u32>;

		/// The slot duration of a network whose genesis names none, in milliseconds. Even, 500 to 60 000.
		#[pallet::constant]
		type DefaultSlotDuration: Get<Moment>;

		/// Weights of this pallet's calls.
		type WeightInfo: WeightInfo;
	}

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Why this pallet holds BLD.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of a validator or candidate, active or unbonding.
		#[codec(index = 0)]
		Bond,
	}

	/// All candidates by rank: the largest bond first, of equal bonds the lower account first.
	#[pallet::storage]
	pub type Candidates<T: Config> =
		StorageValue<_, BoundedVec<Candidate<T::AccountId>, <T as Config>::MaxCandidates>, ValueQuery>;

	/// Bonds on their way back, by account: the next to unlock first. Never an empty list.
	#[pallet::storage]
	pub type Unbonding<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<Chunk, <T as Config>::MaxUnbonding>, ValueQuery>;

	/// Accounts with a reserved seat, in the order in which they are seated.
	#[pallet::storage]
	pub type Reserved<T: Config> = StorageValue<_, BoundedVec<T::AccountId, <T as Config>::MaxValidators>, ValueQuery>;

	/// Number of seats. [`Config::MaxValidators`] until the administering origin sets it.
	#[pallet::storage]
	pub type Seats<T: Config> = StorageValue<_, u32, ValueQuery, <T as Config>::MaxValidators>;

	/// Offenders that still serve or are queued to, with the largest fraction they were reported with.
	#[pallet::storage]
	pub type Convicts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Perbill, OptionQuery>;

	/// What an account lost for offences in a session, while evidence about that session can still come.
	#[pallet::storage]
	pub type Punishments<T: Config> =
		StorageDoubleMap<_, Twox64Concat, SessionIndex, Blake2_128Concat, T::AccountId, Punishment, OptionQuery>;

	/// Length of a slot in milliseconds. Written by genesis and never again: slot numbers are time divided by it.
	#[pallet::storage]
	pub type SlotDuration<T: Config> = StorageValue<_, Moment, ValueQuery, <T as Config>::DefaultSlotDuration>;

	/// The fewest validators that the set may shrink to. Written by genesis and never again: what a network was founded on.
	#[pallet::storage]
	pub type MinValidators<T: Config> = StorageValue<_, u32, ValueQuery, <T as Config>::DefaultMinValidators>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account became a candidate (`old` is zero) or raised its bond.
		Bonded {
			/// The candidate.
			who: T::AccountId,
			/// Active bond before.
			old: Balance,
			/// Active bond now.
			new: Balance,
		},
		/// A candidate lowered its bond; the difference unbonds.
		BondReduced {
			/// The candidate.
			who: T::AccountId,
			/// Active bond before.
			old: Balance,
			/// Active bond now.
			new: Balance,
			/// First session in which the difference can be withdrawn.
			unlock: SessionIndex,
		},
		/// A candidate left; its bond unbonds.
		Left {
			/// Who left.
			who: T::AccountId,
			/// The bond that unbonds.
			bond: Balance,
			/// First session in which it can be withdrawn.
			unlock: SessionIndex,
		},
		/// The list of candidates was full and a better candidate took this one's place; its bond unbonds.
		Outbid {
			/// Who lost the candidacy.
			who: T::AccountId,
			/// The bond that unbonds.
			bond: Balance,
			/// First session in which it can be withdrawn.
			unlock: SessionIndex,
		},
		/// A candidate was dropped for an offence; what is left of its bond unbonds.
		Dropped {
			/// Who lost the candidacy.
			who: T::AccountId,
			/// The bond that unbonds, after the slash.
			bond: Balance,
			/// First session in which it can be withdrawn.
			unlock: SessionIndex,
		},
		/// Unbonded BLD is free again.
		Withdrawn {
			/// Whose.
			who: T::AccountId,
			/// What was released.
			amount: Balance,
			/// What still unbonds.
			remaining: Balance,
		},
		/// A stake was slashed.
		Slashed {
			/// Whose.
			who: T::AccountId,
			/// Session of the offence.
			session: SessionIndex,
			/// The largest fraction reported for that session.
			fraction: Perbill,
			/// Stake before, active and unbonding.
			old: Balance,
			/// Stake now.
			new: Balance,
		},
		/// Other accounts have reserved seats now.
		ReservedChanged {
			/// Reserved before.
			old: BoundedVec<T::AccountId, <T as Config>::MaxValidators>,
			/// Reserved now.
			new: BoundedVec<T::AccountId, <T as Config>::MaxValidators>,
		},
		/// The number of seats changed.
		SeatsChanged {
			/// Seats before.
			old: u32,
			/// Seats now.
			new: u32,
		},
		/// An account took its session keys back.
		KeysReleased {
			/// Whose keys.
			who: T::AccountId,
		},
		/// There were too few electable candidates for the session, so validators were kept on.
		MinimumKept {
			/// The session planned.
			session: SessionIndex,
			/// Electable candidates.
			elected: u32,
			/// Validators kept on besides them.
			kept: u32,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The amount is zero.
		ZeroAmount,
		/// The account has no session keys registered.
		NoSessionKeys,
		/// The active bond would be below the minimum.
		BelowMinBond,
		/// The list of candidates is full, and the bond is not larger than the smallest one in it.
		TooManyCandidates,
		/// The account is no candidate.
		NotCandidate,
		/// Fewer electable candidates than the minimum would stay.
		TooFewValidators,
		/// No chunk of this account has unlocked.
		NothingToWithdraw,
		/// An account is listed twice.
		DuplicateAccount,
		/// The number of seats is below the minimum or above the maximum.
		SeatsOutOfRange,
		/// The account committed an offence and has not left the validator set yet.
		Convicted,
		/// The account is a candidate, serves, or is queued to serve.
		KeysInUse,
	}

	/// The first validators, and the numbers that a network keeps for good.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Accounts that start as candidates, with their bonds in BLD base units. Each must have that much BLD free, and
		/// session keys. The list may be empty only if the session pallet has no keys either, and the chain makes no blocks.
		pub validators: Vec<(T::AccountId, Balance)>,
		/// Length of a slot in milliseconds, even, 500 to 60 000. [`Config::DefaultSlotDuration`] if absent.
		pub slot_duration: Option<Moment>,
		/// The fewest validators that the set may shrink to: 1 to [`Config::MaxValidators`], and at most as many as start.
		/// [`Config::DefaultMinValidators`] if absent.
		pub min_validators: Option<u32>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.set_numbers();
			self.bond_validators();
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Locks `amount` more BLD: makes the caller a candidate, or raises its bond.
		///
		/// ## Dispatch Origin
		///
		/// Signed.
		///
		/// ## Details
		///
		/// A new candidate needs session keys. If the list of candidates is full it takes the place of the lowest-ranking
		/// candidate without a reserved seat, whose bond must be smaller, unless the newcomer's seat is reserved. A stake that
		/// unbonds already does not count and cannot be bonded again before it is withdrawn.
		///
		/// ## Errors
		///
		/// [`ZeroAmount`](Error::ZeroAmount), [`NoSessionKeys`](Error::NoSessionKeys), [`Convicted`](Error::Convicted),
		/// [`BelowMinBond`](Error::BelowMinBond), [`TooManyCandidates`](Error::TooManyCandidates); an error of the bond token if
		/// the caller has not that much to lock.
		///
		/// ## Events
		///
		/// [`Outbid`](Event::Outbid) if another candidate made room; [`Bonded`](Event::Bonded).
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::bond())]
		pub fn bond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(who, amount)
		}

		/// Lowers the caller's active bond by `amount`, which unbonds.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by a candidate.
		///
		/// ## Details
		///
		/// At least the minimum bond must stay. If the caller has as many unbonding chunks as allowed, the newest one takes the
		/// amount in and starts its delay anew.
		///
		/// ## Errors
		///
		/// [`ZeroAmount`](Error::ZeroAmount), [`NotCandidate`](Error::NotCandidate), [`BelowMinBond`](Error::BelowMinBond).
		///
		/// ## Events
		///
		/// [`BondReduced`](Event::BondReduced).
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::reduce_bond())]
		pub fn reduce_bond(origin: OriginFor<T>, #[pallet::compact] amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reduce_bond(who, amount)
		}

		/// Ends the caller's candidacy. The whole bond unbonds.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by a candidate.
		///
		/// ## Details
		///
		/// A validator goes on serving until the sessions planned already are over; keep the node running for so long. A reserved
		/// seat stays reserved.
		///
		/// ## Errors
		///
		/// [`NotCandidate`](Error::NotCandidate); [`TooFewValidators`](Error::TooFewValidators) if the caller has session keys and
		/// fewer other candidates with keys than the minimum would stay.
		///
		/// ## Events
		///
		/// [`Left`](Event::Left).
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::leave())]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_leave(who)
		}

		/// Frees all of the caller's BLD that has unlocked.
		///
		/// ## Dispatch Origin
		///
		/// Signed.
		///
		/// ## Errors
		///
		/// [`NothingToWithdraw`](Error::NothingToWithdraw); an error of the bond token if the caller has no free BLD and would
		/// have less than the existential deposit after the call.
		///
		/// ## Events
		///
		/// [`Withdrawn`](Event::Withdrawn).
		#[pallet::call_index(3)]
		#[pallet::weight(<T as Config>::WeightInfo::withdraw_unbonded())]
		pub fn withdraw_unbonded(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_unbonded(who)
		}

		/// Says whose seats are reserved, in the order in which they are seated.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// The accounts need not be candidates yet: a reserved seat of an account without a bond or without session keys goes to
		/// the next in rank. Takes effect with the next session planned.
		///
		/// ## Errors
		///
		/// [`DuplicateAccount`](Error::DuplicateAccount).
		///
		/// ## Events
		///
		/// [`ReservedChanged`](Event::ReservedChanged).
		#[pallet::call_index(4)]
		#[pallet::weight(<T as Config>::WeightInfo::set_reserved())]
		pub fn set_reserved(
			origin: OriginFor<T>,
			accounts: BoundedVec<T::AccountId, <T as Config>::MaxValidators>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_reserved(accounts)
		}

		/// Sets the number of seats.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		///
		/// Takes effect with the next session planned. Who loses a seat this way stays a candidate, bonded, until it leaves.
		///
		/// ## Errors
		///
		/// [`SeatsOutOfRange`](Error::SeatsOutOfRange) unless [`MinValidators`] `<= seats <=` [`Config::MaxValidators`].
		///
		/// ## Events
		///
		/// [`SeatsChanged`](Event::SeatsChanged).
		#[pallet::call_index(5)]
		#[pallet::weight(<T as Config>::WeightInfo::set_max_validators())]
		pub fn set_max_validators(origin: OriginFor<T>, seats: u32) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_seats(seats)
		}

		/// Takes the caller's session keys off the chain, and frees the deposit for them if there is one.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by an account that is no candidate and neither serves nor is queued to.
		///
		/// ## Errors
		///
		/// [`NoSessionKeys`](Error::NoSessionKeys), [`KeysInUse`](Error::KeysInUse).
		///
		/// ## Events
		///
		/// [`KeysReleased`](Event::KeysReleased).
		#[pallet::call_index(6)]
		#[pallet::weight(<T as Config>::WeightInfo::release_keys())]
		pub fn release_keys(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_release_keys(who)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The validators of the current session, in the session's order.
		pub fn validators() -> Vec<ValidatorView<T::AccountId>> {
			Self::view_validators()
		}

		/// All candidates by rank.
		pub fn candidates() -> Vec<ValidatorView<T::AccountId>> {
			Self::view_candidates()
		}

		/// What stands to an account's name; `None` if it neither serves nor has a stake.
		pub fn candidate(account: T::AccountId) -> Option<ValidatorView<T::AccountId>> {
			Self::view_candidate(account)
		}
	}
}

//! # Meter attestation
//!
//! What electricity was really metered, and from when on nobody can change it: the ground on which bills and vaults stand.
//!
//! ## Overview
//!
//! * A **site** is one connection point to the grid. Its owner registers it; the registrar certifies it and names the one
//!   meter at the connection point whose net counts, the *revenue meter*, so that a check meter never counts twice.
//! * A **meter** stands at a site, owns a device key (registered once, ever) and declares up to 8 cumulative registers.
//! * A **reading** carries all registers, signed by the device. Anybody may relay it, free of charge and without an account.
//!   It must be plausible: sequence and time go up, no register falls, none rises by more than the site's nameplate power
//!   could have moved it in the time.
//! * An accepted reading is *provisional*. It becomes **final** once its challenge window is over. Windows are counted in
//!   *open time*, which stands still while the chain is halted or in safe mode. Finality needs no transaction: what has
//!   matured counts as final in every read, and is written down at the meter's next reading or change of status.
//! * **Energy cover** of a site is what its revenue meter attests now: the lesser of the last 30 days and a twelfth of the
//!   last 365, export less import, each capped by nameplate power, the technology's capacity factor and the window. It
//!   expires by itself when the meter falls silent. A vault may *pledge* a certified site to draw KWH against its cover.
//!
//! Other pallets see this one as [`RegisterSource`](baseload_primitives::RegisterSource),
//! [`EnergyCover`](baseload_primitives::EnergyCover) and [`OpenTime`](baseload_primitives::OpenTime).
//!
//! ## What counts as cover
//!
//! The interval between two consecutive final readings of the revenue meter is booked when its closing reading becomes
//! final while the site is certified, spread evenly over its measurement time ([`baseload_math::cover`]). Only the part after
//! the certificate was issued counts. If the closing reading is *estimated*, its export is not booked but its import is, so
//! that an estimate can only lower cover. An unsynchronised clock does not matter: the chain bounds every measurement time
//! from both sides.
//!
//! ## Feeless calls
//!
//! [`Pallet::submit_reading`] and [`Pallet::submit_backlog`] are general transactions without signer, nonce or fee. All
//! that can refuse one is checked before it enters a block, cheapest first and signatures last; the
//! [`Refusal`](baseload_primitives::Refusal) is the transaction pool's custom error code. Once let in, the dispatch has no way
//! to fail: it always advances the meter's sequence, so that no accepted transaction is valid twice. Pausing them is
//! therefore part of the check too ([`Config::Gate`]); a call filter that closes them must close the gate as well.
//!
//! ## Invariants
//!
//! Numbered in the code of `do_try_state`, and checked after every test and at every step of the fuzz test:
//!
//! 1. A device key belongs to exactly one meter, and a meter has exactly one; every id given out is below the next one.
//! 2. Every meter stands at a site; a site's number of meters is what it says, and within the bound.
//! 3. Along final and pending readings of a meter, sequence and time strictly increase, no register falls, and there are as
//!    many registers as declared.
//! 4. Pending readings are bounded, and their windows end in order.
//! 5. A certified site's revenue meter stands at it, has an export register, and is the one its cover ring follows.
//! 6. Days and spans of a cover ring agree, and each window's sum is within what the revenue meter has counted in its life.
//! 7. Per owner, the deposits of sites and meters are exactly what is on hold.
//! 8. Readings and rings belong to known meters and sites.
//! 9. No more open time has passed than time.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod clock;
mod cover;
mod finality;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod meters;
mod readings;
mod sites;
mod source;
mod types;
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
/// Name of the open-time clock at [`Config::Gate`].
pub const CLOCK: &str = "clock";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use baseload_primitives::{
		views::{MeterView, SiteView},
		Balance, DeviceKey, DeviceSignature, MaxRegisters, MeterId, Moment, Reading, Register, Registers,
		SignedReading, SiteDetails, SiteId, VaultId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Contains, Time},
	};
	use frame_system::pallet_prelude::*;
	use sp_core::H256;
	use sp_runtime::Permill;

	/// Why KWH of an account is on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a site.
		#[codec(index = 0)]
		Site,
		/// Deposit for a meter.
		#[codec(index = 1)]
		Meter,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256, RuntimeEvent: From<Event<Self>>> {
		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// KWH, in which deposits are held.
		type Currency: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// Deposit for a site, in base units of KWH.
		#[pallet::constant]
		type SiteDeposit: Get<Balance>;

		/// Deposit for a meter, in base units of KWH.
		#[pallet::constant]
		type MeterDeposit: Get<Balance>;

		/// Who certifies sites and resumes meters.
		type RegistrarOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who sets the challenge window.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The block's time, in Unix milliseconds; 0 before the first block has set it.
		type Time: Time<Moment = Moment>;

		/// What is open: [`SUBMIT_READING`] and [`SUBMIT_BACKLOG`] unless paused or filtered, [`CLOCK`] unless the chain is in
		/// safe mode. A call that is filtered here must not be let through by the gate, or it could be replayed free.
		type Gate: Contains<&'static str>;

		/// Challenge window until an admin sets another, in milliseconds of open time.
		#[pallet::constant]
		type DefaultChallengeWindow: Get<Moment>;

		/// The most readings of one meter that may wait for their challenge window to end.
		#[pallet::constant]
		type MaxPending: Get<u32>;

		/// The most readings in one backlog. At most [`Config::MaxPending`].
		#[pallet::constant]
		type MaxBacklog: Get<u32>;

		/// How far a meter's clock may be ahead of the block's time, in milliseconds.
		#[pallet::constant]
		type MaxClockSkew: Get<Moment>;

		/// Least time between two readings of a meter, in milliseconds. More than zero.
		#[pallet::constant]
		type MinInterval: Get<Moment>;

		/// How far a sequence may be ahead of the last accepted one. More than zero.
		#[pallet::constant]
		type MaxSequenceAhead: Get<u64>;

		/// By how much a register may rise beyond nameplate power x time.
		#[pallet::constant]
		type Tolerance: Get<Permill>;

		/// The most open time that one block adds, in milliseconds. More than zero.
		#[pallet::constant]
		type MaxOpenStep: Get<Moment>;

		/// The most meters at one site.
		#[pallet::constant]
		type MaxMetersPerSite: Get<u32>;

		/// Sets what benchmarks need and only the runtime can.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper;

		/// Weights of this pallet's calls.
		type WeightInfo: WeightInfo;
	}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// Id of the next site to be registered.
	#[pallet::storage]
	pub type NextSite<T: Config> = StorageValue<_, SiteId, ValueQuery>;

	/// Sites.
	#[pallet::storage]
	pub type Sites<T: Config> = StorageMap<_, Blake2_128Concat, SiteId, Site<T::AccountId>>;

	/// Attested energy of every site that was ever certified.
	#[pallet::storage]
	pub type SiteCovers<T: Config> = StorageMap<_, Blake2_128Concat, SiteId, SiteCover>;

	/// Id of the next meter to be registered.
	#[pallet::storage]
	pub type NextMeter<T: Config> = StorageValue<_, MeterId, ValueQuery>;

	/// Meters.
	#[pallet::storage]
	pub type Meters<T: Config> = StorageMap<_, Blake2_128Concat, MeterId, Meter>;

	/// The meter of every device key ever registered.
	#[pallet::storage]
	pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, DeviceKey, MeterId>;

	/// Readings of every meter: the newest final one, and those that wait.
	#[pallet::storage]
	pub type MeterStates<T: Config> = StorageMap<_, Blake2_128Concat, MeterId, MeterState<T::MaxPending>, ValueQuery>;

	/// Challenge window of readings accepted from now on, in milliseconds of open time.
	#[pallet::storage]
	pub type ChallengeWindow<T: Config> = StorageValue<_, Moment, ValueQuery, T::DefaultChallengeWindow>;

	/// The open-time clock. Written in every block.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type OpenClock<T: Config> = StorageValue<_, ClockState, ValueQuery>;

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

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A site was registered.
		SiteRegistered {
			/// Its id.
			site: SiteId,
			/// Who owns it.
			owner: T::AccountId,
		},
		/// A site was certified.
		SiteCertified {
			/// The site.
			site: SiteId,
			/// The revenue meter before, if the site was certified already.
			old: Option<MeterId>,
			/// The revenue meter from now on.
			new: MeterId,
		},
		/// A site's certificate was revoked: its cover is zero.
		CertificateRevoked {
			/// The site.
			site: SiteId,
			/// Its revenue meter until now.
			old: MeterId,
		},
		/// A meter was registered.
		MeterRegistered {
			/// Its id.
			meter: MeterId,
			/// Where it stands.
			site: SiteId,
			/// Its public key.
			key: DeviceKey,
		},
		/// A meter was suspended: no reading is accepted and none becomes final.
		MeterSuspended {
			/// The meter.
			meter: MeterId,
		},
		/// A meter was resumed.
		MeterResumed {
			/// The meter.
			meter: MeterId,
		},
		/// A reading was accepted.
		ReadingAccepted {
			/// The meter.
			meter: MeterId,
			/// Its sequence.
			sequence: u64,
			/// When it was measured.
			measured_at: Moment,
			/// Open time at which it becomes final.
			final_at: Moment,
		},
		/// A backlog was accepted.
		BacklogAccepted {
			/// The meter.
			meter: MeterId,
			/// Number of readings.
			count: u32,
			/// First sequence.
			first: u64,
			/// Last sequence.
			last: u64,
			/// Open time at which they become final.
			final_at: Moment,
		},
		/// Readings became final. Written at the meter's next reading or change of status, however many they are.
		RegistersFinal {
			/// The meter.
			meter: MeterId,
			/// Sequence of the newest final reading.
			sequence: u64,
			/// When it was measured.
			measured_at: Moment,
			/// Its registers.
			registers: Registers,
		},
		/// Another challenge window applies to readings accepted from now on.
		ChallengeWindowChanged {
			/// Milliseconds before.
			old: Moment,
			/// Milliseconds from now on.
			new: Moment,
		},
		/// A site was pledged to a vault.
		SitePledged {
			/// The site.
			site: SiteId,
			/// The vault.
			vault: VaultId,
		},
		/// A site is no longer pledged to a vault.
		SiteReleased {
			/// The site.
			site: SiteId,
			/// The vault.
			vault: VaultId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No such site.
		UnknownSite,
		/// No such meter.
		UnknownMeter,
		/// Only the owner of the site may do this.
		NotOwner,
		/// A site needs nameplate power.
		ZeroNameplate,
		/// All ids are used up.
		IdsExhausted,
		/// A meter needs at least one register.
		NoRegisters,
		/// A register is declared twice.
		DuplicateRegister,
		/// The site has as many meters as it may have.
		TooManyMeters,
		/// The device key was registered before; it cannot be registered again.
		KeyTaken,
		/// The signature does not prove possession of the device key.
		BadProof,
		/// The meter stands at another site.
		MeterElsewhere,
		/// The meter has no export register.
		NoExportRegister,
		/// The site is certified with this revenue meter already.
		AlreadyCertified,
		/// The certificate's date is later than now.
		CertificateInFuture,
		/// The certificate's date is earlier than the site's commissioning.
		CertificateBeforeCommissioning,
		/// The site is not certified.
		NotCertified,
		/// The meter is suspended already.
		AlreadySuspended,
		/// The meter is not suspended.
		NotSuspended,
		/// The challenge window is out of bounds.
		WindowOutOfBounds,
		/// The site is pledged already.
		AlreadyPledged,
		/// The site is not pledged to this vault.
		NotPledged,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::on_finalize()
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
				CHALLENGE_WINDOWS.contains(&T::DefaultChallengeWindow::get()),
				"default challenge window out of bounds"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a site, owned by the caller.
		///
		/// ## Dispatch Origin
		/// Signed.
		///
		/// ## Details
		/// Holds [`Config::SiteDeposit`] of the caller's KWH. The site has no cover until the registrar certifies it.
		///
		/// ## Errors
		/// [`Error::ZeroNameplate`], [`Error::IdsExhausted`], and the currency's if the deposit cannot be held.
		///
		/// ## Events
		/// [`Event::SiteRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_site())]
		pub fn register_site(origin: OriginFor<T>, details: SiteDetails) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_site(owner, details)
		}

		/// Certifies a site and names its revenue meter, the one at the connection point whose net counts as cover.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// Energy measured from `since` on counts, as far as it is not final yet: the date from which the registrar vouches for
		/// the installation, Unix milliseconds. Attested energy is kept if the site was certified with the same meter before;
		/// with another meter it starts from zero.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::UnknownMeter`], [`Error::MeterElsewhere`], [`Error::NoExportRegister`],
		/// [`Error::AlreadyCertified`], [`Error::CertificateInFuture`], [`Error::CertificateBeforeCommissioning`].
		///
		/// ## Events
		/// [`Event::SiteCertified`], and [`Event::RegistersFinal`] if readings of the meter have matured.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::certify_site())]
		pub fn certify_site(
			origin: OriginFor<T>,
			site: SiteId,
			revenue_meter: MeterId,
			since: Moment,
		) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_certify_site(site, revenue_meter, since)
		}

		/// Revokes a site's certificate: its cover is zero at once.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// A pledge stays: what follows for the vault is the vault's affair.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::NotCertified`].
		///
		/// ## Events
		/// [`Event::CertificateRevoked`], and [`Event::RegistersFinal`] if readings of the meter have matured.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::revoke_certificate())]
		pub fn revoke_certificate(origin: OriginFor<T>, site: SiteId) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_revoke_certificate(site)
		}

		/// Registers a meter at a site.
		///
		/// ## Dispatch Origin
		/// Signed by the site's owner.
		///
		/// ## Details
		/// `registers` is what the meter's registers count, in the order its readings carry them. `proof` is the device's
		/// signature over [`possession_payload`](baseload_primitives::possession_payload) of this chain and site. Holds
		/// [`Config::MeterDeposit`] of the owner's KWH. A device key is registered once, ever.
		///
		/// ## Errors
		/// [`Error::UnknownSite`], [`Error::NotOwner`], [`Error::NoRegisters`], [`Error::DuplicateRegister`],
		/// [`Error::TooManyMeters`], [`Error::KeyTaken`], [`Error::BadProof`], [`Error::IdsExhausted`], and the currency's if
		/// the deposit cannot be held.
		///
		/// ## Events
		/// [`Event::MeterRegistered`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::register_meter())]
		pub fn register_meter(
			origin: OriginFor<T>,
			site: SiteId,
			key: DeviceKey,
			registers: BoundedVec<Register, MaxRegisters>,
			proof: DeviceSignature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register_meter(who, site, key, registers, proof)
		}

		/// Suspends a meter.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`], or signed by the owner of the meter's site.
		///
		/// ## Details
		/// What has matured by now is final. From now on no reading is accepted, and pending ones stay pending.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotOwner`], [`Error::AlreadySuspended`].
		///
		/// ## Events
		/// [`Event::MeterSuspended`], and [`Event::RegistersFinal`] if readings have matured.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::suspend_meter())]
		pub fn suspend_meter(origin: OriginFor<T>, meter: MeterId) -> DispatchResult {
			match T::RegistrarOrigin::try_origin(origin) {
				Ok(_) => Self::do_suspend_meter(meter, None),
				Err(origin) => Self::do_suspend_meter(meter, Some(ensure_signed(origin)?)),
			}
		}

		/// Resumes a suspended meter.
		///
		/// ## Dispatch Origin
		/// [`Config::RegistrarOrigin`].
		///
		/// ## Details
		/// Pending readings go on; those whose window ended meanwhile are final from now on.
		///
		/// ## Errors
		/// [`Error::UnknownMeter`], [`Error::NotSuspended`].
		///
		/// ## Events
		/// [`Event::MeterResumed`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::resume_meter())]
		pub fn resume_meter(origin: OriginFor<T>, meter: MeterId) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			Self::do_resume_meter(meter)
		}

		/// Records one reading.
		///
		/// ## Dispatch Origin
		/// None: a feeless general transaction, authorised by the device's `signature` over
		/// [`Reading::signed_payload`](baseload_primitives::Reading::signed_payload).
		///
		/// ## Details
		/// Refused before it enters a block, with a [`Refusal`](baseload_primitives::Refusal), or accepted: then it is pending
		/// until the challenge window, as set now, is over. Of a meter's transactions the pool keeps the one with the highest
		/// sequence.
		///
		/// ## Errors
		/// None after authorisation.
		///
		/// ## Events
		/// [`Event::ReadingAccepted`], and [`Event::RegistersFinal`] if earlier readings have matured.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::submit_reading(T::MaxPending::get()))]
		#[pallet::authorize(|_source, meter, reading, signature| Self::authorize_reading(*meter, reading, signature))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_submit_reading(T::MaxPending::get()))]
		pub fn submit_reading(
			origin: OriginFor<T>,
			meter: MeterId,
			reading: Reading,
			signature: DeviceSignature,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			// Verified by `authorize_reading`.
			let _ = signature;
			Ok(Self::accept_reading(meter, reading))
		}

		/// Records consecutive readings of one meter, at once or not at all.
		///
		/// ## Dispatch Origin
		/// None: a feeless general transaction, authorised by the device's signature of every reading.
		///
		/// ## Details
		/// For a gateway that was cut off. Every reading is judged against the one before it. One bad reading refuses the
		/// whole backlog before it enters a block.
		///
		/// ## Errors
		/// None after authorisation.
		///
		/// ## Events
		/// [`Event::BacklogAccepted`], and [`Event::RegistersFinal`] if earlier readings have matured.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::submit_backlog(readings.len() as u32, T::MaxPending::get()))]
		#[pallet::authorize(|_source, meter, readings| Self::authorize_backlog(*meter, readings))]
		#[pallet::weight_of_authorize(
			T::WeightInfo::authorize_submit_backlog(readings.len() as u32, T::MaxPending::get())
		)]
		pub fn submit_backlog(
			origin: OriginFor<T>,
			meter: MeterId,
			readings: BoundedVec<SignedReading, T::MaxBacklog>,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			Ok(Self::accept_backlog(meter, readings))
		}

		/// Sets the challenge window of readings accepted from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// `window` is milliseconds of open time, within [`CHALLENGE_WINDOWS`]. Readings that wait keep their own end; no
		/// reading becomes final before an earlier one.
		///
		/// ## Errors
		/// [`Error::WindowOutOfBounds`].
		///
		/// ## Events
		/// [`Event::ChallengeWindowChanged`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_challenge_window())]
		pub fn set_challenge_window(origin: OriginFor<T>, window: Moment) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_challenge_window(window)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A site as of now; `None` if there is no such site.
		pub fn site(id: SiteId) -> Option<SiteView<T::AccountId>> {
			Self::site_view(id)
		}

		/// A meter as of now; `None` if there is no such meter.
		pub fn meter(id: MeterId) -> Option<MeterView> {
			Self::meter_view(id)
		}

		/// The id that the next site gets: every site has a lower one.
		pub fn next_site() -> SiteId {
			NextSite::<T>::get()
		}

		/// The id that the next meter gets: every meter has a lower one.
		pub fn next_meter() -> MeterId {
			NextMeter::<T>::get()
		}

		/// Challenge window of readings accepted from now on, in milliseconds of open time.
		pub fn challenge_window() -> Moment {
			ChallengeWindow::<T>::get()
		}
	}
}

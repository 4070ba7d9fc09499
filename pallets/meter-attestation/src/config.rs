//! What the pallet needs of the runtime.

use frame_support::pallet_macros::pallet_section;

/// What the pallet needs of the runtime.
#[pallet_section]
mod config {
	/// Why tokens of an account are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a site. Given back with the site's removal.
		#[codec(index = 0)]
		Site,
		/// Deposit for a meter, in KWH. Lost if the device is shown to lie; given back with the meter's removal.
		#[codec(index = 1)]
		Meter,
		/// Bond of an attestor, in BLD.
		#[codec(index = 2)]
		Attestor,
	}

	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256, RuntimeEvent: From<Event<Self>>> {
		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// KWH, in which deposits are held and attestors are paid.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// BLD, in which attestors bond.
		type Bond: fungible::hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// How accounts sign: what an attestor vouches with.
		type Signature: Parameter + Verify<Signer: IdentifyAccount<AccountId = Self::AccountId>>;

		/// Who gets what is slashed and nobody has won, and opens the account of attestors' pay.
		type Treasury: Get<Self::AccountId>;

		/// Where the account that keeps attestors' pay is derived from. Never changes while there is something to claim.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Deposit for a site, in base units of KWH.
		#[pallet::constant]
		type SiteDeposit: Get<Balance>;

		/// Deposit for a meter, in base units of KWH.
		#[pallet::constant]
		type MeterDeposit: Get<Balance>;

		/// Who certifies sites, sets the policies and committees of meters, and decides where no committee can.
		type RegistrarOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who sets the challenge window of new meters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The block's time, in Unix milliseconds; 0 before the first block has set it.
		type Time: Time<Moment = Moment>;

		/// What is open: [`SUBMIT_READING`], [`SUBMIT_BACKLOG`] and [`SUBMIT_OCMF`] unless paused or filtered, [`CLOCK`] unless
		/// nobody can challenge a reading now. A call that is filtered must not be let through by the gate, or it could be replayed free.
		type Gate: Contains<&'static str>;

		/// Challenge window of new meters until an admin sets another, in milliseconds of open time.
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

		/// The most rows in a relayer's batch.
		#[pallet::constant]
		type MaxRelay: Get<u32>;

		/// The least bond of an attestor, in base units of BLD.
		#[pallet::constant]
		type MinAttestorBond: Get<Balance>;

		/// What an attestor puts at stake with a dispute, in base units of BLD. At most the least bond.
		#[pallet::constant]
		type DisputeStake: Get<Balance>;

		/// The part of the stake that a dispute costs if nobody decides it.
		#[pallet::constant]
		type LapseFee: Get<Permill>;

		/// The part of what a loser is slashed that goes to the winner; the rest goes to the treasury.
		#[pallet::constant]
		type WinnerShare: Get<Permill>;

		/// Open time from an attestor's notice until its bond is free, in milliseconds. Longer than any challenge window and
		/// vote together, so that nobody leaves before what it did can be judged.
		#[pallet::constant]
		type AttestorNotice: Get<Moment>;

		/// Open time for which a meter must have been suspended before it can be removed, in milliseconds. Longer than any
		/// challenge window and vote together, so that no deposit is gone before what the device said can be judged.
		#[pallet::constant]
		type MeterNotice: Get<Moment>;

		/// What bills by the meters.
		type Bills: MeterUse;

		/// Sets what benchmarks need and only the runtime can.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId, Self::Signature>;

		/// Weights of this pallet's calls.
		type WeightInfo: WeightInfo;
	}
}

//! What the pallet needs of the runtime.

use frame_support::pallet_macros::pallet_section;

/// What the pallet needs of the runtime.
#[pallet_section]
mod config {
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// KWH.
		type Currency: Mutate<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// Final registers of meters.
		type Registers: RegisterSource<Self::AccountId>;

		/// What indexes show.
		type Indexes: IndexSource;

		/// Retires vault debt.
		type Sweep: DebtSweep<Self::AccountId>;

		/// Pays those who attest the meters' readings.
		type Attestors: AttestorPay<Self::AccountId>;

		/// The clock that dues, graces and timeouts run on.
		type OpenTime: OpenTime;

		/// The calendar: the block's time, in Unix milliseconds.
		type Time: Time<Moment = Moment>;

		/// Who resolves disputes of agreements that name nobody.
		type ResolverOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who publishes the index of a month whose feed has failed.
		type IndexOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Where the accounts of agreements are derived from. Never changes while there are agreements.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Deposit for an agreement, in base units of KWH.
		#[pallet::constant]
		type ProposalDeposit: Get<Balance>;

		/// Deposit for the record of each month's bill, in base units of KWH.
		#[pallet::constant]
		type BillDeposit: Get<Balance>;

		/// How long records stay after the close, in milliseconds of open time.
		#[pallet::constant]
		type Retention: Get<Moment>;

		/// The longest notice to a lender, and its longest extension by a step-in, in milliseconds of open time.
		#[pallet::constant]
		type MaxLenderWait: Get<Moment>;

		/// The most feeds that are sampled.
		#[pallet::constant]
		type MaxFeeds: Get<u32>;

		/// The least fee for attestation, in base units of KWH per month.
		#[pallet::constant]
		type MinAttestorFee: Get<Balance>;

		/// The highest fee for attestation, in base units of KWH per month.
		#[pallet::constant]
		type MaxAttestorFee: Get<Balance>;

		/// The least share of a payment that attestors may take until their fee is paid.
		#[pallet::constant]
		type MinAttestorCap: Get<Permill>;

		/// The largest share of a payment that attestors may take until their fee is paid.
		#[pallet::constant]
		type MaxAttestorCap: Get<Permill>;

		/// Weights of this pallet's calls.
		type WeightInfo: WeightInfo;
	}
}

//! What the pallet needs from the runtime.

use frame_support::pallet_macros::pallet_section;

/// What the pallet needs from the runtime.
#[pallet_section]
mod config {
	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Why the runtime holds KWH.
		type RuntimeHoldReason: From<HoldReason>;

		/// KWH.
		type Currency: Mutate<Self::AccountId, Balance = Balance>
			+ hold::Mutate<Self::AccountId, Reason = Self::RuntimeHoldReason, Balance = Balance>;

		/// The final registers of meters.
		type Registers: RegisterSource<Self::AccountId>;

		/// Retires vault debt.
		type Sweep: DebtSweep<Self::AccountId>;

		/// Pays the meters' attestors.
		type Attestors: AttestorPay<Self::AccountId>;

		/// The clock of notices: stands still while the chain is paused.
		type OpenTime: OpenTime;

		/// Where the accounts of agreements are derived from. Never changes while there are agreements.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// KWH that a proposer has on hold from proposal to end, in base units.
		#[pallet::constant]
		type ProposalDeposit: Get<Balance>;

		/// The shortest notice that parties can agree on, in milliseconds of open time. More than zero.
		#[pallet::constant]
		type MinNotice: Get<Moment>;

		/// The longest notice that parties can agree on, in milliseconds of open time.
		#[pallet::constant]
		type MaxNotice: Get<Moment>;

		/// The least fee for a month of attestors' service that parties can agree on, in base units: attestors do not work for
		/// nothing.
		#[pallet::constant]
		type MinAttestorFee: Get<Balance>;

		/// The highest such fee, in base units.
		#[pallet::constant]
		type MaxAttestorFee: Get<Balance>;

		/// The least that parties can agree on as the most that attestors take of one payment.
		#[pallet::constant]
		type MinAttestorCap: Get<Permill>;

		/// The most of it.
		#[pallet::constant]
		type MaxAttestorCap: Get<Permill>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}
}

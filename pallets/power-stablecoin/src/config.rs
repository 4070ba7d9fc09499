//! What the pallet needs from the runtime.

use frame_support::pallet_macros::pallet_section;

/// What the pallet needs from the runtime.
#[pallet_section]
mod config {
	/// Why this pallet holds KWH.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of an open vault.
		#[codec(index = 0)]
		VaultDeposit,
		/// Locked for redemption.
		#[codec(index = 1)]
		Redemption,
	}

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// KWH, the chain's native currency. Nothing but this pallet may mint or burn it; its dust must go to an account, not
		/// into the void.
		type Kwh: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::hold::Mutate<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

		/// The tokens that can be collateral, BLD among them.
		type Collateral: fungibles::Mutate<Self::AccountId, AssetId = TokenId, Balance = Balance>;

		/// Decimals of a token: 10^this base units make a whole one. Asked once, when it becomes a type of collateral; `None`
		/// for a token that cannot.
		type Decimals: Convert<TokenId, Option<u8>>;

		/// Attested energy of sites.
		type Energy: EnergyCover<Self::AccountId>;

		/// Index prices of one kWh and of one whole token.
		type Prices: PriceSource;

		/// Wall-clock time in Unix milliseconds; zero until it is first set.
		type Time: Time<Moment = Moment>;

		/// The clock of cure and grace periods.
		type OpenTime: OpenTime;

		/// Adds types of collateral, changes what they are governed by, loosens the breaker.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Tightens the breaker and marks types as impaired, and can undo neither.
		type GuardianOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Where interest and fees go. Must exist, or nothing can be minted to it.
		type Revenue: Get<Self::AccountId>;

		/// Share of the attested energy that may be drawn. More than zero.
		#[pallet::constant]
		type AdvanceRate: Get<Permill>;

		/// The smallest debt, in KWH base units, that an owner's action may leave, other than zero.
		#[pallet::constant]
		type MinDebt: Get<Balance>;

		/// The smallest redemption, in KWH base units. More than the least debt that a redemption leaves.
		#[pallet::constant]
		type MinRedemption: Get<Balance>;

		/// KWH base units held while a vault exists. At least the minimum balance of KWH.
		#[pallet::constant]
		type VaultDeposit: Get<Balance>;

		/// What the issuance fuse lets be drawn a day at any supply, in KWH base units.
		#[pallet::constant]
		type FuseFloor: Get<Balance>;

		/// What the issuance fuse lets be drawn a day, as a share of the supply.
		#[pallet::constant]
		type FuseShare: Get<Permill>;

		/// The most sites that one vault may have.
		#[pallet::constant]
		type MaxSites: Get<u32>;

		/// The most types of collateral.
		#[pallet::constant]
		type MaxTypes: Get<u32>;

		/// The most redemptions that may wait; see *The redemption queue* in the crate's documentation for what filling it costs.
		#[pallet::constant]
		type MaxQueue: Get<u32>;

		/// Milliseconds over which energy declared at genesis fades to zero. More than zero.
		#[pallet::constant]
		type DeclaredWindow: Get<Moment>;

		/// Names the account that holds all collateral and the backstop pools.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Makes tokens for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}
}

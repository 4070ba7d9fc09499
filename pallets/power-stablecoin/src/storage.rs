//! Where everything is kept.

use frame_support::pallet_macros::pallet_section;

/// Where everything is kept.
#[pallet_section]
mod storage {
	/// All open vaults.
	#[pallet::storage]
	pub type Vaults<T: Config> = StorageMap<_, Twox64Concat, VaultId, Vault<T>, OptionQuery>;

	/// The id that the next vault gets. Ids are never used again.
	#[pallet::storage]
	pub type NextVault<T: Config> = StorageValue<_, VaultId, ValueQuery>;

	/// Types of collateral.
	#[pallet::storage]
	pub type Types<T: Config> = StorageMap<_, Twox64Concat, TokenId, CollateralType, OptionQuery>;

	/// The tokens that are types of collateral, in the order they were added.
	#[pallet::storage]
	pub type Tokens<T: Config> = StorageValue<_, BoundedVec<TokenId, T::MaxTypes>, ValueQuery>;

	/// The risk index: a place for every indebted vault. Keys are not hashed, so that the state's own order is the order of
	/// risk, and the first key of a type is its riskiest vault.
	#[pallet::storage]
	pub type RiskIndex<T: Config> = StorageDoubleMap<_, Identity, TokenId, Identity, Place, (), OptionQuery>;

	/// What was ever issued and burnt.
	#[pallet::storage]
	pub type Issuance<T: Config> = StorageValue<_, Issued, ValueQuery>;

	/// What the issuance fuse has let through.
	#[pallet::storage]
	pub type Fuse<T: Config> = StorageValue<_, Line, ValueQuery>;

	/// The published price of one kWh as the chain follows it.
	#[pallet::storage]
	pub type ReferencePrice<T: Config> = StorageValue<_, Reference, OptionQuery>;

	/// The closing prices that are in the reference price's yearly sum, by day modulo 365, in units of 10^-18.
	#[pallet::storage]
	pub type Closings<T: Config> = StorageMap<_, Twox64Concat, u32, u128, ValueQuery>;

	/// The last hour, counted from the Unix epoch, of which interest was charged.
	#[pallet::storage]
	pub type ChargedHour<T: Config> = StorageValue<_, u64, OptionQuery>;

	/// The redemption queue.
	#[pallet::storage]
	pub type Redemptions<T: Config> = StorageValue<_, Queue, ValueQuery>;

	/// Redemptions that wait or go on.
	#[pallet::storage]
	pub type Requests<T: Config> = StorageMap<_, Twox64Concat, u64, Request<T>, OptionQuery>;

	/// Collateral that holders were paid and whose accounts could not receive it, in base units.
	#[pallet::storage]
	pub type Owed<T: Config> =
		StorageDoubleMap<_, Twox64Concat, TokenId, Blake2_128Concat, T::AccountId, Balance, ValueQuery>;

	/// Deposits in the backstop pools.
	#[pallet::storage]
	pub type PoolDeposits<T: Config> =
		StorageDoubleMap<_, Twox64Concat, TokenId, Blake2_128Concat, T::AccountId, Deposit, OptionQuery>;

	/// What begins to count in a later round of a pool.
	#[pallet::storage]
	pub type PoolDue<T: Config> = StorageDoubleMap<_, Twox64Concat, TokenId, Twox64Concat, u64, Due, OptionQuery>;

	/// The pools' marks of rounds in which deposits began to count, until each of their depositors has settled them.
	#[pallet::storage]
	pub type PoolRounds<T: Config> = StorageDoubleMap<_, Twox64Concat, TokenId, Twox64Concat, u64, Round, OptionQuery>;

	/// Final sums of the pools' scales that are over.
	#[pallet::storage]
	pub type PoolSums<T: Config> = StorageDoubleMap<_, Twox64Concat, TokenId, Twox64Concat, u32, U256, ValueQuery>;

	/// Vaults whose cure period ended without energy cover, and how fast they are wound down.
	#[pallet::storage]
	pub type WindDowns<T: Config> =
		StorageDoubleMap<_, Twox64Concat, TokenId, Twox64Concat, VaultId, WindDown, OptionQuery>;

	/// The vault of a type that a redemption came to last because it is being wound down. The next one begins behind it.
	#[pallet::storage]
	pub type LastWoundDown<T: Config> = StorageMap<_, Twox64Concat, TokenId, VaultId, OptionQuery>;

	/// The vault whose energy cover blocks looked at last. The next one that they look at is behind it.
	#[pallet::storage]
	pub type LastWatched<T: Config> = StorageValue<_, VaultId, OptionQuery>;

	/// The breaker.
	#[pallet::storage]
	pub type Breaker<T: Config> = StorageValue<_, BreakerLevel, ValueQuery>;

	/// The chain's first timestamp, from which declared energy fades. Unset before it is known.
	#[pallet::storage]
	pub type DeclaredSince<T: Config> = StorageValue<_, Moment, OptionQuery>;

	/// When the system was shut down, in Unix milliseconds.
	#[pallet::storage]
	pub type ShutDown<T: Config> = StorageValue<_, Moment, OptionQuery>;

	/// What KWH were worth at the shutdown, by type: so many collateral base units, for so many KWH base units.
	#[pallet::storage]
	pub type FrozenPrices<T: Config> = StorageMap<_, Twox64Concat, TokenId, (u128, u128), OptionQuery>;
}

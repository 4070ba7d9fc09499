//! Where everything is kept.

use frame_support::pallet_macros::pallet_section;

/// Where everything is kept.
#[pallet_section]
mod storage {
	/// Id of the next site to be registered.
	#[pallet::storage]
	pub type NextSite<T: Config> = StorageValue<_, SiteId, ValueQuery>;

	/// Sites.
	#[pallet::storage]
	pub type Sites<T: Config> = StorageMap<_, Blake2_128Concat, SiteId, Site<T::AccountId>>;

	/// The certified site at every connection point, which a zone and the grid operator's name for it make out.
	#[pallet::storage]
	pub type CertifiedPoints<T: Config> = StorageMap<_, Blake2_128Concat, (Zone, ConnectionPoint), SiteId>;

	/// Id of the next meter to be registered.
	#[pallet::storage]
	pub type NextMeter<T: Config> = StorageValue<_, MeterId, ValueQuery>;

	/// Meters.
	#[pallet::storage]
	pub type Meters<T: Config> = StorageMap<_, Blake2_128Concat, MeterId, Meter<T::MaxPending>>;

	/// Meters that were removed and have a history, which stays for ever: bills of agreements that are closed stand on it.
	#[pallet::storage]
	pub type Retired<T: Config> = StorageMap<_, Blake2_128Concat, MeterId, RetiredMeter>;

	/// Whose every device key is that was ever registered. Stays when the meter is removed.
	#[pallet::storage]
	pub type Keys<T: Config> = StorageMap<_, Blake2_128Concat, DeviceKey, KeyUse>;

	/// Device keys that the registrar has approved and nobody has registered yet.
	#[pallet::storage]
	pub type Approvals<T: Config> = StorageMap<_, Blake2_128Concat, DeviceKey, Approval>;

	/// The first final measured reading of every meter.
	#[pallet::storage]
	pub type Firsts<T: Config> = StorageMap<_, Blake2_128Concat, MeterId, Final>;

	/// Registers of every meter at the start of UTC months, by the month's number. Written once.
	#[pallet::storage]
	pub type MonthStarts<T: Config> = StorageDoubleMap<_, Blake2_128Concat, MeterId, Twox64Concat, Month, MonthStart>;

	/// When thresholds of every meter were reached. Written once.
	#[pallet::storage]
	pub type Thresholds<T: Config> = StorageDoubleMap<_, Blake2_128Concat, MeterId, Twox64Concat, Threshold, Reached>;

	/// Attestors.
	#[pallet::storage]
	pub type Attestors<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Attestor>;

	/// What attestors have earned, those that have left included.
	#[pallet::storage]
	pub type Earnings<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Earned, ValueQuery>;

	/// Committees of every meter, by number: the one of new readings, and the one before it.
	#[pallet::storage]
	pub type Committees<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, MeterId, Twox64Concat, u32, Committee<T::AccountId>>;

	/// What committee members have reported of a meter since its newest reading: a member's place, and what it said.
	#[pallet::storage]
	pub type Reports<T: Config> =
		StorageMap<_, Blake2_128Concat, MeterId, BoundedVec<(u8, Reading), MaxCommittee>, ValueQuery>;

	/// Disputes and votes, by meter and sequence.
	#[pallet::storage]
	pub type Disputes<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, MeterId, Twox64Concat, u64, Dispute<T::AccountId>>;

	/// Challenge window of meters registered from now on, in milliseconds of open time.
	#[pallet::storage]
	pub type ChallengeWindow<T: Config> = StorageValue<_, Moment, ValueQuery, T::DefaultChallengeWindow>;

	/// Time of the chain's first block, Unix milliseconds. Written once.
	#[pallet::storage]
	pub type Began<T: Config> = StorageValue<_, Moment, ValueQuery>;

	/// The open-time clock. Written in every block.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type OpenClock<T: Config> = StorageValue<_, ClockState, ValueQuery>;
}

//! Where everything is kept.

use frame_support::pallet_macros::pallet_section;

/// Where everything is kept.
#[pallet_section]
mod storage {
	/// The id of the next agreement. Ids are never used again.
	#[pallet::storage]
	pub type NextAgreement<T> = StorageValue<_, AgreementId, ValueQuery>;

	/// Agreements, closed ones until they are forgotten.
	#[pallet::storage]
	pub type Agreements<T: Config> = StorageMap<_, Blake2_128Concat, AgreementId, Record<T::AccountId>>;

	/// The agreements that bind and are not closed: what is settled.
	#[pallet::storage]
	pub type Running<T> = StorageMap<_, Twox64Concat, AgreementId, ()>;

	/// The agreement that the chain settled last by itself.
	#[pallet::storage]
	pub type Cursor<T> = StorageValue<_, AgreementId, ValueQuery>;

	/// Every bill, by agreement and period.
	#[pallet::storage]
	pub type Bills<T> = StorageDoubleMap<_, Twox64Concat, AgreementId, Twox64Concat, Period, BillRecord>;

	/// Who has which share in each meter.
	#[pallet::storage]
	pub type Shares<T> = StorageMap<_, Blake2_128Concat, MeterId, Book, ValueQuery>;

	/// The feeds that are sampled.
	#[pallet::storage]
	pub type Feeds<T> = CountedStorageMap<_, Twox64Concat, FeedId, Feed>;

	/// Means of feeds over months. Written once.
	#[pallet::storage]
	pub type Indexes<T> = StorageDoubleMap<_, Twox64Concat, FeedId, Twox64Concat, Month, Index>;

	/// What took the place of an index for one agreement. Written once.
	#[pallet::storage]
	pub type FixedIndexes<T> = StorageDoubleMap<_, Twox64Concat, AgreementId, Twox64Concat, Month, Index>;

	/// When the chain samples the feeds next, Unix milliseconds.
	#[pallet::storage]
	pub type NextSample<T> = StorageValue<_, Moment, ValueQuery>;
}

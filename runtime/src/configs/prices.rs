//! Index prices from several feeders, failing closed.
//!
//! `pallet_oracle`'s own aggregate keeps the last value when feeds run dry; we never read it. A price is the median of the fresh
//! raw feeds of members, if they are a majority of all members, or there is none. Of an even number of feeds both in the middle are
//! reported. Root's feed does not count. A price is as old as the newest moment since which more than half of the fresh feeds came
//! in: older feeds are too few to hold the middle by themselves. How far a price may move, the stablecoin decides.

use alloc::vec::Vec;
use baseload_primitives::{
	feed_of, feed_of_index, FeedId, FeedKey, IndexSource, Moment, Observed, Price, PriceSource, TokenId, HOUR, PAR,
	REFERENCE_FEED,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, SortedMembers, Time},
	PalletId,
};

use sp_core::U256;
use sp_runtime::FixedPointNumber;

use super::governance::AdminOrigin;
use crate::{Oracle, OracleMembership, Runtime, RuntimeEvent, Timestamp};

/// No single feed makes a price, however few members there are.
pub const LEAST_FEEDS: u32 = 2;
/// How long a feed is fresh.
pub const MAX_AGE: Moment = HOUR;

parameter_types! {
	/// Where the account of root's own feed is derived from.
	pub const OracleId: PalletId = PalletId(*b"bl/oracl");
}

impl pallet_membership::Config<pallet_membership::Instance1> for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type AddOrigin = AdminOrigin;
	type RemoveOrigin = AdminOrigin;
	type SwapOrigin = AdminOrigin;
	type ResetOrigin = AdminOrigin;
	type PrimeOrigin = AdminOrigin;
	type MembershipInitialized = ();
	type MembershipChanged = Oracle;
	type MaxMembers = ConstU32<16>;
	type WeightInfo = pallet_membership::weights::SubstrateWeight<Runtime>;
}

impl pallet_oracle::Config for Runtime {
	type OnNewData = ();
	type CombineData = pallet_oracle::DefaultCombineData<Runtime, ConstU32<LEAST_FEEDS>, MaxAge>;
	type Time = Timestamp;
	type OracleKey = FeedKey;
	type OracleValue = u128;
	type PalletId = OracleId;
	type Members = OracleMembership;
	type WeightInfo = pallet_oracle::weights::SubstrateWeight<Runtime>;
	type MaxHasDispatchedSize = ConstU32<17>;
	type MaxFeedValues = ConstU32<16>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FeedsForBenchmarks;
}

parameter_types! {
	/// [`MAX_AGE`] for configs.
	pub const MaxAge: Moment = MAX_AGE;
}

/// The fail-closed view of the feeds.
pub struct FreshPrices;

impl FreshPrices {
	fn median(key: FeedKey) -> Option<Observed> {
		let ([lower, upper], at) = Self::middle(key, |value| Some(value).filter(|value| *value > 0))?;
		Some(Observed {
			lower: Price::from_inner(lower),
			upper: Price::from_inner(upper),
			at,
		})
	}

	/// How many fresh feeds make a price: a majority of `members`, so that those who are silent leave no minority to decide.
	fn quorum(members: usize) -> usize {
		(members / 2 + 1).max(LEAST_FEEDS as usize)
	}

	/// The two in the middle of a feed's fresh values, as far as they mean something, which of an odd number are the same one; and
	/// the newest moment since which more than half of them came in.
	fn middle<Value: Ord + Copy>(
		key: FeedKey,
		meaning: impl Fn(u128) -> Option<Value>,
	) -> Option<([Value; 2], Moment)> {
		let members = OracleMembership::sorted_members();
		let oldest = Timestamp::now().saturating_sub(MAX_AGE);
		let mut fresh: Vec<(Value, Moment)> = members
			.iter()
			.filter_map(|member| Oracle::raw_values(member, &key))
			.filter(|feed| feed.timestamp > oldest)
			.filter_map(|feed| meaning(feed.value).map(|value| (value, feed.timestamp)))
			.collect();
		if fresh.len() < Self::quorum(members.len()) {
			return None;
		}
		fresh.sort_unstable_by_key(|(_, at)| core::cmp::Reverse(*at));
		let (_, at) = *fresh.get(fresh.len() / 2)?;
		fresh.sort_unstable();
		let (lower, _) = *fresh.get((fresh.len() - 1) / 2)?;
		let (upper, _) = *fresh.get(fresh.len() / 2)?;
		Some(([lower, upper], at))
	}
}

/// A feed's price in KWH: what it shows in the quote currency, over the reference price of a kilowatt-hour, of which one KWH
/// is the value. Of two values in the middle, the lower of each; rounded down, toward zero.
impl IndexSource for FreshPrices {
	fn value(feed: FeedId) -> Option<i128> {
		let key = feed_of_index(feed)?;
		let ([shown, _], _) = Self::middle(key, |bits| Some(bits as i128))?;
		let reference = <Self as PriceSource>::reference()?.lower.into_inner();
		// One KWH for a kilowatt-hour is `PAR` base units for a Wh.
		let scaled = U256::from(shown.unsigned_abs()) * U256::from(PAR) * U256::from(Price::DIV);
		let value = u128::try_from(scaled.checked_div(reference.into())?).ok()?;
		let value = i128::try_from(value).ok()?;
		Some(if shown < 0 { -value } else { value })
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_value(feed: FeedId) {
		let reference = Price::from_u32(1).into_inner();
		let key = feed_of_index(feed).expect("benchmarks follow feeds that there are");
		crate::benchmarks::set_feeds(&[(REFERENCE_FEED, reference), (key, reference)]);
	}
}

impl PriceSource for FreshPrices {
	fn reference() -> Option<Observed> {
		Self::median(REFERENCE_FEED)
	}

	fn collateral(token: TokenId) -> Option<Observed> {
		Self::median(feed_of(token)?)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_prices(reference: Price, token: TokenId, collateral: Price) {
		crate::benchmarks::set_feeds(&[
			(REFERENCE_FEED, reference.into_inner()),
			(
				feed_of(token).expect("a collateral has a feed"),
				collateral.into_inner(),
			),
		]);
	}
}

/// Feeds for the oracle's own benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct FeedsForBenchmarks;
#[cfg(feature = "runtime-benchmarks")]
impl pallet_oracle::BenchmarkHelper<FeedKey, u128, ConstU32<16>> for FeedsForBenchmarks {
	fn get_currency_id_value_pairs() -> frame_support::BoundedVec<(FeedKey, u128), ConstU32<16>> {
		(0..16u32)
			.map(|key| (key, 1))
			.collect::<Vec<_>>()
			.try_into()
			.unwrap_or_default()
	}
}

//! Benchmarks of Baseload's own pallets, in the runtime that they run in.

use alloc::{string::String, vec::Vec};
use baseload_primitives::Moment;
use frame_benchmarking::{
	add_benchmark, define_benchmarks, list_benchmark, BenchmarkBatch, BenchmarkConfig, BenchmarkList,
};
use frame_support::traits::{SortedMembers, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use sp_core::storage::TrackedStorageKey;

use crate::{
	configs::prices::FeedKey, AllPalletsWithSystem, MeterAttestation, OracleMembership, PowerStablecoin, PpaEscrow,
	Runtime, ValidatorSet,
};

define_benchmarks!(
	[pallet_balances, crate::Balances]
	[pallet_meter_attestation, MeterAttestation]
	[pallet_power_stablecoin, PowerStablecoin]
	[pallet_ppa_escrow, PpaEscrow]
	[pallet_validator_set, ValidatorSet]
);

/// Sets the clock without a block.
pub struct Clock;

impl pallet_meter_attestation::BenchmarkHelper for Clock {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}
}

/// Feeds `values` in the name of every oracle member, at the time of now. The preset's members make a quorum.
pub fn set_feeds(values: &[(FeedKey, u128)]) {
	let timestamp = pallet_timestamp::Now::<Runtime>::get().max(1);
	for member in OracleMembership::sorted_members() {
		for (key, value) in values {
			let feed = pallet_oracle::TimestampedValue {
				value: *value,
				timestamp,
			};
			pallet_oracle::RawValues::<Runtime>::insert(&member, key, feed);
		}
	}
}

/// What can be measured.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	use frame_benchmarking::Benchmarking;
	let mut list = Vec::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Measures one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	use frame_benchmarking::Benchmarking;
	let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

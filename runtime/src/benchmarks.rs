//! Benchmarks of Baseload's own pallets, in the runtime that they run in.

use alloc::{string::String, vec::Vec};
use frame_benchmarking::{add_benchmark, define_benchmarks, list_benchmark, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{Time, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use sp_core::storage::TrackedStorageKey;

use crate::{
	configs::prices::FeedKey, AllPalletsWithSystem, MeterAttestation, OracleMembership, PowerStablecoin, PpaEscrow,
	Runtime, System, Timestamp, ValidatorSet,
};

impl frame_system_benchmarking::Config for Runtime {}

define_benchmarks!(
	[frame_system, frame_system_benchmarking::Pallet::<Runtime>]
	[pallet_balances, crate::Balances]
	[pallet_meter_attestation, MeterAttestation]
	[pallet_power_stablecoin, PowerStablecoin]
	[pallet_ppa_escrow, PpaEscrow]
	[pallet_validator_set, ValidatorSet]
);

/// Feeds `values` in the name of every oracle member, adding members up to the quorum if there are too few.
pub fn set_feeds(values: &[(FeedKey, u128)]) {
	use frame_support::traits::SortedMembers;
	let members = if OracleMembership::sorted_members().is_empty() {
		let new: Vec<crate::AccountId> =
			(0..16u8).map(|n| crate::AccountId::new([n; 32])).collect();
		for member in &new {
			let _ = OracleMembership::add_member(
				frame_system::RawOrigin::Root.into(),
				sp_runtime::MultiAddress::Id(member.clone()),
			);
		}
		new
	} else {
		OracleMembership::sorted_members()
	};
	for member in members {
		for (key, value) in values {
			pallet_oracle::RawValues::<Runtime>::insert(
				&member,
				key,
				pallet_oracle::TimestampedValue { value: *value, timestamp: Timestamp::now() + 1 },
			);
		}
	}
}

/// What can be measured.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Measures one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

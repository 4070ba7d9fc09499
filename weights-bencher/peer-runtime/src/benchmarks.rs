//! What is measured.

use alloc::{string::String, vec::Vec};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{
	fungible::Mutate,
	fungibles::{metadata::Mutate as MetadataMutate, Create},
	StorageInfo, StorageInfoTrait, WhitelistedStorageKeys,
};

use crate::{AccountId, AllPalletsWithSystem, Assets, Balances, Psm};

define_benchmarks!([pallet_psm, Psm]);

/// What is put down for a token's metadata, and more.
const DEPOSIT: u128 = 1_000_000;

/// Makes coins that can be swapped.
pub struct CoinMaker;

impl pallet_psm::BenchmarkHelper<u32, AccountId> for CoinMaker {
	fn get_asset_id(index: u32) -> u32 {
		index
	}

	fn create_asset(id: u32, owner: &AccountId, decimals: u8) {
		<Balances as Mutate<_>>::mint_into(owner, DEPOSIT).expect("supply is far from its bound");
		<Assets as Create<_>>::create(id, owner.clone(), true, 1).expect("the id is free");
		<Assets as MetadataMutate<_>>::set(id, owner, b"Benchmark".to_vec(), b"BNC".to_vec(), decimals)
			.expect("the owner has the deposit");
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
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

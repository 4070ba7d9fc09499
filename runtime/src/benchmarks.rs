//! Benchmarks of Baseload's own pallets, in the runtime that they run in.

use alloc::{string::String, vec::Vec};
use baseload_primitives::{FeedKey, Moment, TokenId};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::{
	traits::{Get, SortedMembers, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys},
	BoundedVec,
};
use pallet_meter_attestation::{SUBMIT_BACKLOG, SUBMIT_OCMF, SUBMIT_READING};
use sp_core::{crypto::KeyTypeId, storage::TrackedStorageKey};
use sp_io::crypto;
use sp_runtime::{traits::IdentifyAccount, MultiSigner};

use crate::{
	configs::money::RESERVE_TOKEN, AccountId, AllPalletsWithSystem, Balances, MeterAttestation, Oracle,
	OracleMembership, PowerStablecoin, PpaEscrow, Runtime, Signature, TransactionPayment, ValidatorSet,
};

define_benchmarks!(
	[pallet_balances, Balances]
	[pallet_oracle, Oracle]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_meter_attestation, MeterAttestation]
	[pallet_power_stablecoin, PowerStablecoin]
	[pallet_ppa_escrow, PpaEscrow]
	[pallet_validator_set, ValidatorSet]
);

/// A transaction's fee needs nothing set up: without an author all of it goes to the treasury.
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

/// What benchmarks of meters need of this runtime.
pub struct MeterHelper;

impl pallet_meter_attestation::BenchmarkHelper<AccountId, Signature> for MeterHelper {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}

	fn counted_keys() -> Vec<Vec<u8>> {
		// The gate asks what the call filter asks about every transaction, signed or not, which no call's weight counts.
		let paused = |call: &str| {
			let name = |text: &str| BoundedVec::truncate_from(text.as_bytes().to_vec());
			pallet_tx_pause::PausedCalls::<Runtime>::hashed_key_for((name("MeterAttestation"), name(call)))
		};
		let mut keys: Vec<_> = [SUBMIT_READING, SUBMIT_BACKLOG, SUBMIT_OCMF]
			.into_iter()
			.map(paused)
			.collect();
		keys.push(pallet_safe_mode::EnteredUntil::<Runtime>::hashed_key().to_vec());
		// Written by the timestamp inherent at the start of the same block.
		keys.push(pallet_timestamp::Now::<Runtime>::hashed_key().to_vec());
		// The genesis hash: read, and weighed, by the extension `CheckGenesis` of the same transaction.
		keys.push(frame_system::BlockHash::<Runtime>::hashed_key_for(0));
		keys
	}

	fn vouch(payload: &[u8]) -> (AccountId, Signature) {
		const VOUCHER: KeyTypeId = KeyTypeId(*b"blvo");
		let key = crypto::sr25519_generate(VOUCHER, Some(b"//Voucher".to_vec()));
		let signature =
			crypto::sr25519_sign(VOUCHER, &key, payload).expect("the keystore holds the key it has generated");
		(MultiSigner::from(key).into_account(), signature.into())
	}
}

/// What benchmarks of the stablecoin need of this runtime.
pub struct VaultHelper;

impl pallet_power_stablecoin::BenchmarkHelper<AccountId> for VaultHelper {
	fn token() -> TokenId {
		RESERVE_TOKEN
	}

	fn new_token(seed: &AccountId) -> TokenId {
		let token = RESERVE_TOKEN + 1_000;
		let root = frame_system::RawOrigin::Root;
		pallet_assets::Pallet::<Runtime>::force_create(root.clone().into(), token.into(), seed.clone().into(), true, 1)
			.expect("the id is free");
		pallet_assets::Pallet::<Runtime>::force_set_metadata(
			root.into(),
			token.into(),
			b"Benchmark".to_vec(),
			b"BNC".to_vec(),
			12,
			false,
		)
		.expect("the token was just made");
		token
	}

	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}
}

/// Feeds `values` in the name of as many oracle members as there may be, at the time of now.
pub fn set_feeds(values: &[(FeedKey, u128)]) {
	let mut members = OracleMembership::sorted_members();
	let most = <<Runtime as pallet_membership::Config<pallet_membership::Instance1>>::MaxMembers as Get<u32>>::get();
	let more = most.saturating_sub(members.len() as u32);
	members.extend((0..more).map(|n| frame_benchmarking::account::<AccountId>("feeder", n, 0)));
	members.sort();
	let bounded = BoundedVec::try_from(members).expect("no more than there may be");
	pallet_membership::Members::<Runtime, pallet_membership::Instance1>::put(bounded);
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

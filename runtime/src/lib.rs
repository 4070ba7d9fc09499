//! The runtime of the Baseload chain: composition only, no business logic.
//!
//! * [`configs`]: what each pallet is told, one file per concern.
//! * [`apis`]: what the node may ask the runtime.
//! * [`genesis`]: the presets that chain specifications are made from.
//! * [`weights`]: generated weights of Baseload's own pallets.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// The SDK's macros generate public items without docs; everything written here has its own
#![allow(missing_docs)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis;
#[cfg(test)]
mod tests;
pub mod weights;

pub use apis::{RuntimeApi, RUNTIME_API_VERSIONS};
pub use baseload_primitives::Balance;

/// A user's signature: Sr25519, Ed25519 or secp256k1.
pub type Signature = MultiSignature;
/// A user's account: the hash or the bytes of its public key.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How calls name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's height.
pub type BlockNumber = u32;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A hash of the chain.
pub type Hash = sp_core::H256;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A transaction as it arrives.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// The checks that every transaction passes, in order. `AuthorizeCall` comes first, so that a feeless call is recognised before
/// anything asks who pays for it. The order is part of what wallets sign and stays as it is.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// Executes blocks.
pub type Executive =
	frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
	/// The keys with which a validator makes and finalises blocks.
	pub struct SessionKeys {
		/// Signs blocks.
		pub babe: Babe,
		/// Signs votes on finality.
		pub grandpa: Grandpa,
	}
}

/// What this runtime is.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("baseload"),
	impl_name: Cow::Borrowed("baseload"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 0,
	apis: RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// Types for a node, which need not understand calls.
pub mod opaque {
	use super::{generic, BlakeTwo256, BlockNumber};

	/// A header.
	pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
	/// A block whose transactions are bytes.
	pub type Block = generic::Block<Header, sp_runtime::OpaqueExtrinsic>;
}

/// The pallets. Genesis is built and hooks run in order of the index: what mints (the vaults) stands after the clock and
/// after everything that holds value.
#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// The chain
	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;

	// What holds value
	#[runtime::pallet_index(4)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(5)]
	pub type Bonds = pallet_balances<Instance2>;
	#[runtime::pallet_index(6)]
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(7)]
	pub type TransactionPayment = pallet_transaction_payment;

	// Validators
	#[runtime::pallet_index(10)]
	pub type ValidatorSet = pallet_validator_set;
	#[runtime::pallet_index(11)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(12)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(13)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(14)]
	pub type Grandpa = pallet_grandpa;

	// Governance and safety
	#[runtime::pallet_index(20)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(21)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(22)]
	pub type Council = pallet_collective<Instance1>;
	#[runtime::pallet_index(23)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(24)]
	pub type TxPause = pallet_tx_pause;
	#[runtime::pallet_index(25)]
	pub type MultiBlockMigrations = pallet_migrations;
	#[runtime::pallet_index(26)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(27)]
	pub type Whitelist = pallet_whitelist;

	// Conveniences
	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(31)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(32)]
	pub type Proxy = pallet_proxy;

	// Prices
	#[runtime::pallet_index(40)]
	pub type OracleMembership = pallet_membership<Instance1>;
	#[runtime::pallet_index(41)]
	pub type Oracle = pallet_oracle;

	// Electricity and its money
	#[runtime::pallet_index(50)]
	pub type MeterAttestation = pallet_meter_attestation;
	#[runtime::pallet_index(51)]
	pub type PowerStablecoin = pallet_power_stablecoin;
	#[runtime::pallet_index(52)]
	pub type PpaEscrow = pallet_ppa_escrow;
}

/// The `pallet_balances` instance that holds BLD.
pub type BondInstance = pallet_balances::Instance2;

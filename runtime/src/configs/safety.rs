//! Brakes: safe mode, pausing single calls, and migrations that run over several blocks. None of them stops an exit:
//! repaying a debt, closing a vault, settling and closing an agreement, leaving with a bond or a deposit, or claiming what is
//! owed always goes on.

use baseload_primitives::Balance;
use frame_support::{
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{ConstU32, Contains},
	weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_meter_attestation::CLOCK;
use pallet_tx_pause::RuntimeCallNameOf;
use sp_runtime::Perbill;

use super::{governance::AdminOrigin, system::RuntimeBlockWeights};
use crate::{
	AccountId, Balances, BlockNumber, MultiBlockMigrations, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
	SafeMode, TxPause,
};

parameter_types! {
	/// How long one entry into safe mode lasts: six hours.
	pub const SafeModeDuration: BlockNumber = 6 * 600;
	/// Nobody can buy safe mode with a deposit.
	pub const NoDeposit: Option<Balance> = None;
	/// Nor need a deposit be released.
	pub const NoRelease: Option<BlockNumber> = None;
	/// What migrations may use of a block.
	pub MaxMigrationWeight: Weight = Perbill::from_percent(80) * RuntimeBlockWeights::get().max_block;
}

/// Pallets and calls that stay open whatever is paused, by the names in the metadata; an empty call name means all of
/// the pallet's.
pub(crate) const ALWAYS_OPEN: &[(&str, &str)] = &[
	("System", ""),
	("Timestamp", ""),
	("Babe", ""),
	("Grandpa", ""),
	("Session", ""),
	("Sudo", ""),
	("Council", ""),
	("Whitelist", ""),
	("Scheduler", ""),
	("Preimage", ""),
	("SafeMode", ""),
	("TxPause", ""),
	("MultiBlockMigrations", ""),
	// The calls inside pass the filters on their own: these only let an account of several hands go where one may.
	("Utility", ""),
	("Multisig", ""),
	("Proxy", ""),
	// Without fresh prices no collateral can be taken out.
	("Oracle", "feed_values"),
	("MeterAttestation", "close_dispute"),
	("MeterAttestation", "unbond"),
	("MeterAttestation", "withdraw_bond"),
	("MeterAttestation", "claim_pay"),
	("MeterAttestation", "remove_meter"),
	("MeterAttestation", "remove_site"),
	("PowerStablecoin", "repay"),
	("PowerStablecoin", "withdraw"),
	("PowerStablecoin", "close"),
	("PowerStablecoin", "deposit"),
	("PowerStablecoin", "redeem"),
	("PowerStablecoin", "cancel_redemption"),
	("PowerStablecoin", "work_queue"),
	("PowerStablecoin", "claim_payout"),
	("PowerStablecoin", "cash_out"),
	("PowerStablecoin", "sweep_vaults"),
	// Whatever else stands still, risk goes down.
	("PowerStablecoin", "liquidate"),
	("PowerStablecoin", "check_cover"),
	("PowerStablecoin", "pool_notice"),
	("PowerStablecoin", "pool_withdraw"),
	("PowerStablecoin", "pool_claim"),
	// Their origins are councils, and what they do is to brake.
	("PowerStablecoin", "tighten"),
	("PowerStablecoin", "impair"),
	("PpaEscrow", "settle"),
	("PpaEscrow", "withdraw"),
	("PpaEscrow", "resolve"),
	("PpaEscrow", "terminate"),
	("PpaEscrow", "notify_lender"),
	("PpaEscrow", "fix_index"),
	("PpaEscrow", "claim"),
	("PpaEscrow", "cancel"),
	("PpaEscrow", "forget"),
	("ValidatorSet", "leave"),
	("ValidatorSet", "withdraw_unbonded"),
	("ValidatorSet", "release_keys"),
];

fn always_open(pallet: &str, call: &str) -> bool {
	ALWAYS_OPEN
		.iter()
		.any(|(p, c)| *p == pallet && (c.is_empty() || *c == call))
}

/// The calls that no brake stops.
pub struct AlwaysOpen;

impl Contains<RuntimeCall> for AlwaysOpen {
	fn contains(call: &RuntimeCall) -> bool {
		use frame_support::traits::GetCallMetadata;
		let name = call.get_call_metadata();
		always_open(name.pallet_name, name.function_name)
	}
}

/// The calls by which a reading is challenged and judged, and by which the parties of an agreement and the seller's lender keep
/// what they are late for otherwise. They stop in safe mode, and the clock with them, but cannot be paused one by one: a pause
/// has no end, and notices, dues and graces run on the same clock.
const RACES_THE_CLOCK: &[(&str, &str)] = &[
	("MeterAttestation", "dispute"),
	("MeterAttestation", "vote"),
	("MeterAttestation", "decide"),
	("PpaEscrow", "fund"),
	("PpaEscrow", "secure"),
	("PpaEscrow", "post_bond"),
	("PpaEscrow", "dispute"),
	("PpaEscrow", "request"),
	("PpaEscrow", "agree"),
	("PpaEscrow", "drop_request"),
	("PpaEscrow", "step_in"),
	("PpaEscrow", "discharge"),
];

/// The calls that cannot be paused.
pub struct NeverPaused;

impl Contains<RuntimeCallNameOf<Runtime>> for NeverPaused {
	fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
		match (core::str::from_utf8(pallet), core::str::from_utf8(call)) {
			(Ok(pallet), Ok(call)) => always_open(pallet, call) || RACES_THE_CLOCK.contains(&(pallet, call)),
			_ => false,
		}
	}
}

impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = AlwaysOpen;
	type EnterDuration = SafeModeDuration;
	type ExtendDuration = SafeModeDuration;
	type EnterDepositAmount = NoDeposit;
	type ExtendDepositAmount = NoDeposit;
	type ForceEnterOrigin = AdminFor<SafeModeDuration>;
	type ForceExtendOrigin = AdminFor<SafeModeDuration>;
	type ForceExitOrigin = AdminOrigin;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
}

/// The administrators, who enter safe mode for a fixed time.
pub type AdminFor<Duration> = frame_support::traits::MapSuccess<AdminOrigin, sp_runtime::traits::Replace<Duration>>;

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = AdminOrigin;
	type UnpauseOrigin = AdminOrigin;
	type WhitelistedCalls = NeverPaused;
	type MaxNameLen = ConstU32<256>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
}

/// Whether meters are heard: their feeless calls must be refused before a block, not in it. Their clock stands still while
/// nobody can challenge a reading: in safe mode, and during a migration over several blocks.
pub struct MeterGate;

impl Contains<&'static str> for MeterGate {
	fn contains(call: &&'static str) -> bool {
		let open = match *call {
			CLOCK => !MultiBlockMigrations::ongoing(),
			call => !TxPause::is_paused_unbound(b"MeterAttestation".to_vec(), call.as_bytes().to_vec()),
		};
		open && !SafeMode::is_entered()
	}
}

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	type FailedMigrationHandler = frame_support::migrations::FreezeChainOnFailedMigration;
	type MaxServiceWeight = MaxMigrationWeight;
	type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}

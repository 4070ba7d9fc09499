//! Who makes blocks, who finalises them, and what happens to those who cheat.

use baseload_primitives::{Balance, Moment, BLD};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstU32, ConstU64},
};
use pallet_session::historical::NoteHistoricalRoot;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};
use sp_staking::SessionIndex;

use super::{governance::AdminOrigin, money::TreasuryAccount};
use crate::{
	AccountId, Babe, Balances, Bonds, Historical, Offences, Runtime, RuntimeEvent, RuntimeHoldReason, Session,
	SessionKeys, ValidatorSet,
};

/// How BABE draws slot leaders: every slot has a leader, a quarter of them have one chosen by lot.
pub const BABE_GENESIS_EPOCH: sp_consensus_babe::BabeEpochConfiguration = sp_consensus_babe::BabeEpochConfiguration {
	c: (1, 4),
	allowed_slots: sp_consensus_babe::AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

parameter_types! {
	/// Slots of an epoch, which is also a session: one hour of six-second slots.
	pub const EpochDuration: u64 = 600;
	/// Length of a slot, as this network was started with.
	pub ExpectedBlockTime: Moment = ValidatorSet::slot_duration();
	/// Sessions for which an equivocation may still be reported: 28 days.
	pub const EvidenceWindow: SessionIndex = 28 * 24;
	/// The same in blocks.
	pub const ReportLongevity: u64 = EvidenceWindow::get() as u64 * EpochDuration::get();
	/// Sessions until a bond that is leaving is free: a day longer than evidence counts.
	pub const UnbondingDelay: SessionIndex = 29 * 24;
	/// The least bond of a validator.
	pub const MinBond: Balance = 10_000 * BLD;
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = EpochDuration;
	type ExpectedBlockTime = ExpectedBlockTime;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type DisabledValidators = Session;
	type WeightInfo = ();
	type MaxAuthorities = ConstU32<100>;
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem = pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = ConstU32<100>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<{ 29 * 24 }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	type EventHandler = ();
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = NoteHistoricalRoot<Self, ValidatorSet>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = frame_support::traits::ConstU128<{ super::deposit(1, 64) }>;
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = pallet_validator_set::UnitIdentification;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
	type OnOffenceHandler = ValidatorSet;
}

impl pallet_validator_set::Config for Runtime {
	type Bond = Bonds;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slash = ResolveTo<TreasuryAccount, Bonds>;
	type AdminOrigin = AdminOrigin;
	type MaxValidators = ConstU32<100>;
	// The fewest of whom finality survives one that fails; a preset for one machine names its own number.
	type DefaultMinValidators = ConstU32<4>;
	type MaxCandidates = ConstU32<1_000>;
	type MinBond = MinBond;
	type EvidenceWindow = EvidenceWindow;
	type UnbondingDelay = UnbondingDelay;
	type MaxUnbonding = ConstU32<16>;
	type DefaultSlotDuration = ConstU64<6_000>;
	type WeightInfo = crate::weights::pallet_validator_set::WeightInfo<Runtime>;
}

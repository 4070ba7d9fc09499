//! Meters, the stablecoin and power purchase agreements, and how they meet.

use baseload_primitives::{Moment, BLD, DAY, HOUR, KWH, MINUTE};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, ConstU64},
	PalletId,
};
use sp_runtime::Permill;

use super::{
	deposit,
	governance::{AdminOrigin, GuardianOrigin, RegistrarOrigin},
	money::{CollateralTokens, TokenDecimals, TreasuryAccount},
	prices::FreshPrices,
	safety::MeterGate,
};
use crate::{
	weights, Balances, Bonds, MeterAttestation, PowerStablecoin, PpaEscrow, Runtime, RuntimeHoldReason, Signature,
	Timestamp,
};

parameter_types! {
	/// How far above its nameplate a site may appear to run: meters and ratings have tolerances.
	pub const Tolerance: Permill = Permill::from_percent(10);
	/// The longest time that one block adds to open time: ten slots.
	pub const MaxOpenStep: Moment = MINUTE;
	/// A tenth of the stake: what a dispute costs that nobody cared to decide.
	pub const LapseFee: Permill = Permill::from_percent(10);
	/// Where the account that keeps attestors' pay is derived from.
	pub const AttestorPayId: PalletId = PalletId(*b"bl/attpy");
	/// Winner and treasury share equally what the loser is slashed.
	pub const WinnerShare: Permill = Permill::from_percent(50);
}

impl pallet_meter_attestation::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Bond = Bonds;
	type Signature = Signature;
	type Treasury = TreasuryAccount;
	type PalletId = AttestorPayId;
	type SiteDeposit = ConstU128<{ deposit(1, 200) }>;
	type MeterDeposit = ConstU128<{ deposit(4, 3_000) }>;
	type RegistrarOrigin = RegistrarOrigin;
	type AdminOrigin = AdminOrigin;
	type Time = Timestamp;
	type Gate = MeterGate;
	type DefaultChallengeWindow = ConstU64<HOUR>;
	type MaxPending = ConstU32<288>;
	type MaxBacklog = ConstU32<256>;
	type MaxMetersPerSite = ConstU32<16>;
	type MaxRelay = ConstU32<64>;
	type MinAttestorBond = ConstU128<{ 1_000 * BLD }>;
	type DisputeStake = ConstU128<{ 100 * BLD }>;
	type LapseFee = LapseFee;
	type WinnerShare = WinnerShare;
	type AttestorNotice = ConstU64<{ 61 * DAY }>;
	type MeterNotice = ConstU64<{ 61 * DAY }>;
	type Bills = PpaEscrow;
	type MaxClockSkew = ConstU64<MINUTE>;
	type MinInterval = ConstU64<MINUTE>;
	type MaxSequenceAhead = ConstU64<100_000>;
	type Tolerance = Tolerance;
	type MaxOpenStep = MaxOpenStep;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::MeterHelper;
	type WeightInfo = weights::pallet_meter_attestation::WeightInfo<Runtime>;
}

parameter_types! {
	/// Where the account that keeps the vaults' collateral is derived from.
	pub const VaultsId: PalletId = PalletId(*b"bl/vault");
	/// Of a site's attested energy, half may be drawn at par.
	pub const AdvanceRate: Permill = Permill::from_percent(50);
	/// Of the supply, a twentieth may be drawn a day.
	pub const FuseShare: Permill = Permill::from_percent(5);
}

impl pallet_power_stablecoin::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Kwh = Balances;
	type Collateral = CollateralTokens;
	type Decimals = TokenDecimals;
	type Energy = MeterAttestation;
	type Prices = FreshPrices;
	type Time = Timestamp;
	type OpenTime = MeterAttestation;
	type AdminOrigin = AdminOrigin;
	type GuardianOrigin = GuardianOrigin;
	type Revenue = TreasuryAccount;
	type PalletId = VaultsId;
	type AdvanceRate = AdvanceRate;
	type MinDebt = ConstU128<{ KWH }>;
	type MinRedemption = ConstU128<{ KWH }>;
	type VaultDeposit = ConstU128<{ deposit(2, 400) }>;
	type FuseFloor = ConstU128<{ 1_000_000 * KWH }>;
	type FuseShare = FuseShare;
	type MaxSites = ConstU32<16>;
	type MaxTypes = ConstU32<8>;
	type MaxQueue = ConstU32<10_000>;
	type DeclaredWindow = ConstU64<{ 30 * DAY }>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::VaultHelper;
	type WeightInfo = weights::pallet_power_stablecoin::WeightInfo<Runtime>;
}

parameter_types! {
	/// Where the accounts that keep the agreements' tokens are derived from.
	pub const EscrowId: PalletId = PalletId(*b"bl/ppaes");
	/// Attestation never costs a plant more than a twentieth of its revenue, and a small plant's attestors get at least a hundredth
	/// until their fee is paid.
	pub const MinAttestorCap: Permill = Permill::from_percent(1);
	/// See [`MinAttestorCap`].
	pub const MaxAttestorCap: Permill = Permill::from_percent(5);
}

impl pallet_ppa_escrow::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Registers = MeterAttestation;
	type Indexes = FreshPrices;
	type Sweep = PowerStablecoin;
	type Attestors = MeterAttestation;
	type OpenTime = MeterAttestation;
	type Time = Timestamp;
	type ResolverOrigin = RegistrarOrigin;
	type IndexOrigin = AdminOrigin;
	type PalletId = EscrowId;
	type ProposalDeposit = ConstU128<{ deposit(2, 1_200) }>;
	type BillDeposit = ConstU128<{ deposit(1, 400) }>;
	type Retention = ConstU64<{ 366 * DAY }>;
	type MaxLenderWait = ConstU64<{ 366 * DAY }>;
	type MaxFeeds = ConstU32<32>;
	type MinAttestorFee = ConstU128<{ KWH }>;
	type MaxAttestorFee = ConstU128<{ 10_000 * KWH }>;
	type MinAttestorCap = MinAttestorCap;
	type MaxAttestorCap = MaxAttestorCap;
	type WeightInfo = weights::pallet_ppa_escrow::WeightInfo<Runtime>;
}

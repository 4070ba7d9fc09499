//! A runtime of this pallet between the real session, historical and offences pallets. BLD is the second balances instance,
//! as in Baseload's runtime.

#![allow(clippy::unwrap_used)]

use baseload_primitives::{Balance, Moment};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, InspectHold},
		tokens::imbalance::ResolveTo,
		ConstU128, ConstU32, ConstU64, StorageMapShim, VariantCountOf,
	},
};
use frame_system::EnsureRoot;
use pallet_session::{disabling::UpToLimitDisablingStrategy, historical, PeriodicSessions, TestSessionHandler};
use sp_runtime::{
	testing::UintAuthorityId,
	traits::{ConvertInto, OpaqueKeys},
	BuildStorage, Perbill, RuntimeAppPublic,
};
use sp_staking::{
	offence::{Kind, Offence, ReportOffence},
	SessionIndex,
};

use crate::{self as pallet_validator_set, Chunk};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		Bonds: pallet_balances::<Instance2>,
		ValidatorSet: pallet_validator_set,
		Offences: pallet_offences,
		Historical: historical,
		Session: pallet_session,
	}
);

pub(crate) const ED: Balance = 1;
pub(crate) const MIN_BOND: Balance = 100;
pub(crate) const FUNDS: Balance = 10_000;
pub(crate) const TREASURY: u64 = 1_000;
pub(crate) const WINDOW: SessionIndex = 3;
pub(crate) const DELAY: SessionIndex = 5;
pub(crate) const MAX_VALIDATORS: u32 = 6;
pub(crate) const MAX_CANDIDATES: u32 = 8;
pub(crate) const MAX_UNBONDING: u32 = 3;
pub(crate) const MIN_VALIDATORS: u32 = 2;

parameter_types! {
	pub const TreasuryAccount: u64 = TREASURY;
	pub static DefaultSlotDuration: Moment = 6_000;
	pub static UnbondingDelay: SessionIndex = DELAY;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

impl pallet_timestamp::Config for Test {
	type Moment = Moment;
	type OnTimestampSet = ();
	type MinimumPeriod = crate::MinimumPeriod<Test>;
	type WeightInfo = ();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
}

impl pallet_balances::Config<pallet_balances::Instance2> for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = ();
	type Balance = Balance;
	type DustRemoval = ResolveTo<TreasuryAccount, Bonds>;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = StorageMapShim<
		pallet_balances::Account<Test, pallet_balances::Instance2>,
		u64,
		pallet_balances::AccountData<Balance>,
	>;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<10>;
	type MaxReserves = ConstU32<10>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

impl crate::Config for Test {
	type Bond = Bonds;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Slash = ResolveTo<TreasuryAccount, Bonds>;
	type AdminOrigin = EnsureRoot<u64>;
	type MaxValidators = ConstU32<MAX_VALIDATORS>;
	type DefaultMinValidators = ConstU32<MIN_VALIDATORS>;
	type MaxCandidates = ConstU32<MAX_CANDIDATES>;
	type MinBond = ConstU128<MIN_BOND>;
	type EvidenceWindow = ConstU32<WINDOW>;
	type UnbondingDelay = UnbondingDelay;
	type MaxUnbonding = ConstU32<MAX_UNBONDING>;
	type DefaultSlotDuration = DefaultSlotDuration;
	type WeightInfo = ();
}

impl pallet_offences::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = historical::IdentificationTuple<Test>;
	type OnOffenceHandler = ValidatorSet;
}

impl historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = crate::UnitIdentification;
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = u64;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = PeriodicSessions<ConstU64<10>, ConstU64<0>>;
	type NextSessionRotation = PeriodicSessions<ConstU64<10>, ConstU64<0>>;
	type SessionManager = historical::NoteHistoricalRoot<Test, ValidatorSet>;
	type SessionHandler = TestSessionHandler;
	type Keys = UintAuthorityId;
	type DisablingStrategy = UpToLimitDisablingStrategy;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<0>;
}

/// An equivocation of one or more validators in one slot.
pub(crate) struct Equivocation {
	pub(crate) session: SessionIndex,
	pub(crate) slot: u64,
	pub(crate) offenders: Vec<u64>,
	pub(crate) validators: u32,
}

impl Offence<(u64, ())> for Equivocation {
	const ID: Kind = *b"test:equivocatio";
	type Slot = u64;

	fn offenders(&self) -> Vec<(u64, ())> {
		self.offenders.iter().map(|who| (*who, ())).collect()
	}

	fn session_index(&self) -> SessionIndex {
		self.session
	}

	fn validator_set_count(&self) -> u32 {
		self.validators
	}

	fn slot(&self) -> u64 {
		self.slot
	}

	fn slash_fraction(&self, offenders: u32) -> Perbill {
		Perbill::from_rational(3 * offenders, self.validators).square()
	}
}

/// Accounts 1 to 20 have BLD and KWH, 1 to 15 have session keys: the account's own number. `validators` start bonded.
pub(crate) struct ExtBuilder {
	pub(crate) validators: Vec<(u64, Balance)>,
	pub(crate) slot_duration: Option<Moment>,
	pub(crate) min_validators: Option<u32>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self {
			validators: vec![(1, 1_000), (2, 900), (3, 800), (4, 700)],
			slot_duration: None,
			min_validators: None,
		}
	}
}

impl ExtBuilder {
	pub(crate) fn validators(mut self, validators: &[(u64, Balance)]) -> Self {
		self.validators = validators.to_vec();
		self
	}

	pub(crate) fn slot_duration(mut self, slot_duration: Moment) -> Self {
		self.slot_duration = Some(slot_duration);
		self
	}

	pub(crate) fn min_validators(mut self, min_validators: u32) -> Self {
		self.min_validators = Some(min_validators);
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let funded: Vec<_> = (1..=20).chain([TREASURY]).map(|who| (who, FUNDS)).collect();
		let keys = |who: u64| (who, who, UintAuthorityId(who));
		let first: Vec<_> = self.validators.iter().map(|(who, _)| *who).collect();
		let others = (1..=15).filter(|who| !first.contains(who)).map(keys).collect();
		let first: Vec<_> = first.into_iter().filter(|who| *who <= 15).collect();
		let mut storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: funded.clone(),
				..Default::default()
			},
			bonds: pallet_balances::GenesisConfig {
				balances: funded,
				..Default::default()
			},
			validator_set: crate::GenesisConfig {
				validators: self.validators,
				slot_duration: self.slot_duration,
				min_validators: self.min_validators,
			},
			session: pallet_session::GenesisConfig {
				keys: first.into_iter().map(keys).collect(),
				non_authority_keys: others,
			},
			..Default::default()
		}
		.build_storage()
		.unwrap();
		frame_system::GenesisConfig::<Test>::default()
			.assimilate_storage(&mut storage)
			.unwrap();
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs a test and checks all invariants after it.
	pub(crate) fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}
}

/// Runs a test on the default network of four validators and checks all invariants after it.
pub(crate) fn run(test: impl FnOnce()) {
	ExtBuilder::default().run(test);
}

/// Checks all invariants.
pub(crate) fn check() {
	ValidatorSet::do_try_state().unwrap();
}

/// Goes to the next session.
pub(crate) fn next_session() {
	Session::rotate_session();
	check();
}

/// Goes on by `count` sessions.
pub(crate) fn sessions(count: u32) {
	(0..count).for_each(|_| next_session());
}

pub(crate) fn set_keys(who: u64) {
	assert_ok!(Session::set_keys(
		RuntimeOrigin::signed(who),
		UintAuthorityId(who),
		vec![]
	));
}

pub(crate) fn purge_keys(who: u64) {
	assert_ok!(Session::purge_keys(RuntimeOrigin::signed(who)));
}

pub(crate) fn bond(who: u64, amount: Balance) {
	assert_ok!(ValidatorSet::bond(RuntimeOrigin::signed(who), amount));
}

pub(crate) fn leave(who: u64) {
	assert_ok!(ValidatorSet::leave(RuntimeOrigin::signed(who)));
}

/// Reports that `offenders` equivocated together in `slot` of the current session of `validators`.
pub(crate) fn report(offenders: &[u64], slot: u64, validators: u32) {
	report_in(Session::current_index(), offenders, slot, validators);
}

pub(crate) fn report_in(session: SessionIndex, offenders: &[u64], slot: u64, validators: u32) {
	let offence = Equivocation {
		session,
		slot,
		offenders: offenders.to_vec(),
		validators,
	};
	assert_ok!(Offences::report_offence(vec![], offence));
}

/// Active bond.
pub(crate) fn active(who: u64) -> Option<Balance> {
	ValidatorSet::active_bond(&who)
}

/// What unbonds, as (amount, unlock session).
pub(crate) fn chunks(who: u64) -> Vec<(Balance, SessionIndex)> {
	crate::Unbonding::<Test>::get(who)
		.into_iter()
		.map(|Chunk { amount, unlock }| (amount, unlock))
		.collect()
}

/// BLD that can be spent, the existential deposit included.
pub(crate) fn free(who: u64) -> Balance {
	Bonds::balance(&who)
}

pub(crate) fn held(who: u64) -> Balance {
	Bonds::total_balance_on_hold(&who)
}

/// The validators queued for the next session.
pub(crate) fn queued() -> Vec<u64> {
	Session::queued_keys().into_iter().map(|(who, _)| who).collect()
}

/// The accounts disabled in the current session.
pub(crate) fn disabled() -> Vec<u64> {
	let validators = Session::validators();
	Session::disabled_validators()
		.into_iter()
		.map(|index| validators[index as usize])
		.collect()
}

/// The key type of the mock's session keys.
pub(crate) fn key_type() -> sp_runtime::KeyTypeId {
	assert_eq!(UintAuthorityId::key_ids(), [UintAuthorityId::ID]);
	UintAuthorityId::ID
}

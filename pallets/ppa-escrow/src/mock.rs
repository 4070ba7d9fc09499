//! A chain with KWH, agreements, and stand-ins for meters, feeds, vaults and clocks.
//!
//! The stand-ins live in storage, so that a failed call undoes what it did to them too.

use std::collections::BTreeMap;

use baseload_math::calendar::{month_of, month_start};
use baseload_primitives::{
	AgreementId, AttestorPay, Balance, DebtSweep, FeedId, FinalReading, Flags, IndexSource, MeterHistory, MeterId,
	Moment, Register, RegisterSource, Registers, Threshold, VaultId, DAY,
};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::Mutate,
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU32, ConstU64, Time,
	},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use sp_runtime::{
	traits::{Dispatchable, IdentityLookup},
	AccountId32, BuildStorage, DispatchError, DispatchResult, Permill,
};

use crate::{Agreements, Call, Record};

pub type AccountId = AccountId32;
type Block = frame_system::mocking::MockBlock<Test>;

/// Owner of all meters and vaults.
pub const SELLER: AccountId = AccountId32::new([1; 32]);
pub const BUYER: AccountId = AccountId32::new([2; 32]);
/// Pays for others, settles, relays.
pub const ANYONE: AccountId = AccountId32::new([3; 32]);
pub const RESOLVER: AccountId = AccountId32::new([4; 32]);
pub const LENDER: AccountId = AccountId32::new([5; 32]);
/// Does not exist at first, so it cannot receive less than the existential deposit.
pub const GHOST: AccountId = AccountId32::new([6; 32]);
/// Keeps what attestors are paid.
pub const POT: AccountId = AccountId32::new([7; 32]);
/// Buys too.
pub const OTHER_BUYER: AccountId = AccountId32::new([8; 32]);

/// January 2027.
pub const FIRST_MONTH: u32 = 24_324;

/// Existential deposit.
pub const ED: Balance = 10;
pub const DEPOSIT: Balance = 100;
pub const BILL_DEPOSIT: Balance = 3;
pub const RICH: Balance = 1_000_000_000_000;
pub const WINDOW: Moment = 3_600_000;
pub const RETENTION: Moment = 100 * DAY;
pub const VAULT: VaultId = VaultId(7);
pub const METER: MeterId = MeterId(0);
pub const OTHER_METER: MeterId = MeterId(1);
pub const CHECK_METER: MeterId = MeterId(2);
pub const FEED: FeedId = FeedId(3);

/// Registers of every meter.
pub const REGISTERS: [Register; 4] = [
	Register::Export,
	Register::Import,
	Register::ExportBand(1),
	Register::ExportBand(2),
];

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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type PpaEscrow = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
}

/// A final reading.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Reading {
	pub measured_at: Moment,
	pub registers: Vec<u64>,
	/// In open time.
	pub known_at: Moment,
}

parameter_types! {
	pub const MinAttestorCap: Permill = Permill::from_percent(0);
	pub const MaxAttestorCap: Permill = Permill::from_percent(20);
	pub const EscrowId: PalletId = PalletId(*b"bl/ppaes");
	/// What meters have finally counted, oldest first.
	pub storage Meters: BTreeMap<u32, Vec<Reading>> = BTreeMap::new();
	/// What is watched for.
	pub storage Watched: Vec<(u32, Register, u64)> = Vec::new();
	/// What feeds show.
	pub storage Shown: BTreeMap<u32, i128> = BTreeMap::new();
	/// How many attestors serve the meters.
	pub storage Serving: u32 = 0;
	/// 0: attestors are paid. 1: they take the KWH and then fail. 2: they take one unit more than they were offered.
	pub storage PayMode: u8 = 0;
	/// What vaults owe.
	pub storage Debts: BTreeMap<u32, Balance> = BTreeMap::new();
	/// 0: sweeps work. 1: they burn the KWH and then fail. 2: they burn one unit more than they were offered.
	pub storage SweepMode: u8 = 0;
	/// The calendar.
	pub storage Unix: Moment = 0;
	/// How long the chain stood still.
	pub storage Halted: Moment = 0;
}

pub struct MockHistory(u32);

impl MockHistory {
	fn readings(&self) -> Vec<Reading> {
		Meters::get().remove(&self.0).unwrap_or_default()
	}
}

impl MeterHistory for MockHistory {
	fn month_start(&self, month: u32) -> Option<(Registers, Moment)> {
		let (readings, at) = (self.readings(), month_start(month));
		let place = readings.iter().position(|reading| reading.measured_at >= at)?;
		let after = &readings[place];
		let Some(before) = place.checked_sub(1).map(|before| &readings[before]) else {
			return Some((Registers::truncate_from(after.registers.clone()), after.known_at));
		};
		let (span, passed) = (after.measured_at - before.measured_at, at - before.measured_at);
		let registers = before.registers.iter().zip(&after.registers).map(|(before, after)| {
			before + (u128::from(after - before) * u128::from(passed) / u128::from(span)) as u64
		});
		Some((Registers::truncate_from(registers.collect()), after.known_at))
	}

	fn reached(&self, threshold: Threshold) -> Option<(Moment, Moment)> {
		let watched = Watched::get().contains(&(self.0, threshold.register, threshold.count));
		let position = REGISTERS.iter().position(|register| *register == threshold.register)?;
		let readings = self.readings();
		let mut reaching = readings
			.iter()
			.filter(|reading| reading.registers[position] >= threshold.count);
		reaching
			.next()
			.filter(|_| watched)
			.map(|reading| (reading.measured_at, reading.known_at))
	}

	fn newest(&self) -> Option<FinalReading> {
		let newest = self.readings().pop()?;
		Some(FinalReading {
			sequence: 0,
			measured_at: newest.measured_at,
			registers: Registers::truncate_from(newest.registers),
			flags: Flags::NONE,
		})
	}
}

pub struct MockRegisters;

impl RegisterSource<AccountId> for MockRegisters {
	type History = MockHistory;

	fn owner(meter: MeterId) -> Option<AccountId> {
		Meters::get().contains_key(&meter.0).then_some(SELLER)
	}

	fn registers(meter: MeterId) -> Option<Vec<Register>> {
		Meters::get().contains_key(&meter.0).then(|| REGISTERS.to_vec())
	}

	fn is_check(meter: MeterId) -> bool {
		meter == CHECK_METER
	}

	fn window(meter: MeterId) -> Option<Moment> {
		Meters::get().contains_key(&meter.0).then_some(WINDOW)
	}

	fn history(meter: MeterId) -> Option<MockHistory> {
		Meters::get().contains_key(&meter.0).then_some(MockHistory(meter.0))
	}

	fn watch(meter: MeterId, threshold: Threshold) -> DispatchResult {
		let mut watched = Watched::get();
		watched.push((meter.0, threshold.register, threshold.count));
		Watched::set(&watched);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_months(meter: MeterId, _owner: &AccountId, from: u32, counts: &[u64]) {
		let readings = (from..).zip(counts).map(|(month, count)| Reading {
			measured_at: month_start(month),
			registers: vec![*count; 4],
			known_at: 0,
		});
		let mut meters = Meters::get();
		meters.insert(meter.0, readings.collect());
		Meters::set(&meters);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_read(meter: MeterId, owner: &AccountId, month: u32, _readings: u32) {
		Self::set_months(meter, owner, month, &[0, 1_000_000]);
	}
}

pub struct MockIndexes;

impl IndexSource for MockIndexes {
	fn value(feed: FeedId) -> Option<i128> {
		Shown::get().get(&feed.0).copied()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_value(feed: FeedId) {
		show(feed, Some(1));
	}
}

pub struct MockSweep;

impl DebtSweep<AccountId> for MockSweep {
	fn owner(vault: VaultId) -> Option<AccountId> {
		Debts::get().contains_key(&vault.0).then_some(SELLER)
	}

	fn debt(vault: VaultId) -> Balance {
		Debts::get().get(&vault.0).copied().unwrap_or(0)
	}

	fn retire(vault: VaultId, from: &AccountId, amount: Balance) -> Result<Balance, DispatchError> {
		let burnt = match SweepMode::get() {
			2 => amount + 1,
			_ => amount.min(Self::debt(vault)),
		};
		Balances::burn_from(from, burnt, Preservation::Preserve, Precision::Exact, Fortitude::Polite)?;
		if SweepMode::get() == 1 {
			return Err(DispatchError::Unavailable);
		}
		set_debt(vault, Self::debt(vault).saturating_sub(burnt));
		Ok(burnt)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_debt(vault: VaultId, _owner: &AccountId, debt: Balance) {
		set_debt(vault, debt);
	}
}

pub struct MockAttestors;

impl AttestorPay<AccountId> for MockAttestors {
	fn is_served(_meter: MeterId) -> bool {
		Serving::get() > 0
	}

	fn pay(_meter: MeterId, from: &AccountId, amount: Balance) -> Result<Balance, DispatchError> {
		let Some(rest) = amount.checked_rem(Serving::get().into()) else {
			return Ok(0);
		};
		let taken = match PayMode::get() {
			2 => amount + 1,
			_ => amount - rest,
		};
		Balances::transfer(from, &POT, taken, Preservation::Preserve)?;
		if PayMode::get() == 1 {
			return Err(DispatchError::Unavailable);
		}
		Ok(taken)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_served(_meter: MeterId) {
		Serving::set(&1);
	}
}

pub struct MockClock;

impl Time for MockClock {
	type Moment = Moment;
	fn now() -> Moment {
		Unix::get()
	}
}

impl baseload_primitives::OpenTime for MockClock {
	fn now() -> Moment {
		Unix::get() - Halted::get() - BEGAN
	}
	fn began() -> Moment {
		BEGAN
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_now(now: Moment) {
		Unix::set(&now);
	}
}

/// When the chain began: 2026-12-01.
pub const BEGAN: Moment = 1_796_083_200_000;

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Registers = MockRegisters;
	type Indexes = MockIndexes;
	type Sweep = MockSweep;
	type Attestors = MockAttestors;
	type OpenTime = MockClock;
	type Time = MockClock;
	type ResolverOrigin = EnsureRoot<AccountId>;
	type IndexOrigin = EnsureRoot<AccountId>;
	type PalletId = EscrowId;
	type ProposalDeposit = ConstU128<DEPOSIT>;
	type BillDeposit = ConstU128<BILL_DEPOSIT>;
	type Retention = ConstU64<RETENTION>;
	type MaxLenderWait = ConstU64<{ 366 * DAY }>;
	type MaxFeeds = ConstU32<2>;
	type MinAttestorFee = ConstU128<0>;
	type MaxAttestorFee = ConstU128<1_000>;
	type MinAttestorCap = MinAttestorCap;
	type MaxAttestorCap = MaxAttestorCap;
	type WeightInfo = MockWeights;
}

/// Weights to count with: ten for a call, three for a look, and a hundred for each event.
pub struct MockWeights;

macro_rules! weights {
	($($call:ident: $weight:expr),* $(,)?) => {
		$(fn $call() -> Weight {
			Weight::from_parts($weight, 0)
		})*
	};
}

impl crate::WeightInfo for MockWeights {
	weights! {
		propose: 10, accept: 10, fund: 10, activate: 10, poke: 3, withdraw: 10, dispute: 10, resolve: 10, request: 10, agree: 10,
		drop_request: 10, terminate: 10, notify_lender: 10, assign: 10, discharge: 10, step_in: 10, claim: 10, cancel: 10,
		observe: 5, publish_index: 10, fix_index: 10, idle: 1, closing: 20,
	}
	fn settle(steps: u32) -> Weight {
		Weight::from_parts(100 * u64::from(steps), 0)
	}
	fn forget(bills: u32) -> Weight {
		Weight::from_parts(u64::from(bills), 0)
	}
}

/// When a period of agreements that start in [`FIRST_MONTH`] starts.
pub fn start(period: u32) -> Moment {
	month_start(FIRST_MONTH + period)
}

/// So many days after the start of a period.
pub fn day(period: u32, days: u64) -> Moment {
	start(period) + days * DAY
}

/// Lets the calendar come to `at`, the chain running.
pub fn at(at: Moment) {
	assert!(at >= Unix::get(), "time goes on");
	Unix::set(&at);
	System::set_block_number(System::block_number() + 1);
}

/// The chain stands still for so long.
pub fn halt(time: Moment) {
	Halted::set(&(Halted::get() + time));
	at(Unix::get() + time);
}

/// A final reading of a meter whose export and first band stand at `export`, measured and known now.
pub fn read(meter: MeterId, export: u64) {
	read_all(meter, Unix::get(), vec![export, 0, export, 0]);
}

/// A final reading, known now.
pub fn read_all(meter: MeterId, measured_at: Moment, registers: Vec<u64>) {
	let mut meters = Meters::get();
	let readings = meters.entry(meter.0).or_default();
	readings.push(Reading {
		measured_at,
		registers,
		known_at: <MockClock as baseload_primitives::OpenTime>::now(),
	});
	Meters::set(&meters);
}

/// What a feed shows from now on; `None`: it is down.
pub fn show(feed: FeedId, value: Option<i128>) {
	let mut shown = Shown::get();
	match value {
		Some(value) => shown.insert(feed.0, value),
		None => shown.remove(&feed.0),
	};
	Shown::set(&shown);
}

pub fn set_debt(vault: VaultId, debt: Balance) {
	let mut debts = Debts::get();
	debts.insert(vault.0, debt);
	Debts::set(&debts);
}

/// Dispatches a call the way a transaction does: undone as a whole if it fails.
pub fn dispatch_as(origin: RuntimeOrigin, call: Call<Test>) -> DispatchResult {
	match RuntimeCall::PpaEscrow(call).dispatch(origin) {
		Ok(_) => Ok(()),
		Err(failure) => Err(failure.error),
	}
}

/// The same, signed.
pub fn dispatch(who: &AccountId, call: Call<Test>) -> DispatchResult {
	dispatch_as(RuntimeOrigin::signed(who.clone()), call)
}

pub fn record(id: AgreementId) -> Record<AccountId> {
	Agreements::<Test>::get(id).expect("the agreement is stored")
}

/// Meters of the seller's without a reading, and a vault of the seller's that owes nothing. It is two days before
/// [`FIRST_MONTH`].
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("a sound genesis");
	pallet_balances::GenesisConfig::<Test> {
		balances: [SELLER, BUYER, ANYONE, RESOLVER, LENDER, OTHER_BUYER]
			.map(|who| (who, RICH))
			.into_iter()
			.chain([(POT, ED)])
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("a sound genesis");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		assert_eq!(month_of(BEGAN), FIRST_MONTH - 1);
		Unix::set(&(start(0) - 2 * DAY));
		let meters = [METER, OTHER_METER, CHECK_METER].map(|meter| (meter.0, Vec::new()));
		Meters::set(&BTreeMap::from(meters));
		set_debt(VAULT, 0);
	});
	ext
}

/// Runs a test and checks all invariants after it.
pub fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		PpaEscrow::do_try_state().expect("all invariants hold");
	});
}

//! A chain with KWH, agreements, and stand-ins for meters, vaults and the open clock.
//!
//! The stand-ins live in storage, so that a failed call undoes what it did to them too.

use std::collections::BTreeMap;

use baseload_primitives::{
	AgreementId, AttestorPay, Balance, DebtSweep, FinalReading, Flags, MeterId, Moment, Register, RegisterSource,
	Registers, VaultId,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::Mutate,
		tokens::{Fortitude, Precision, Preservation},
		ConstU128, ConstU64,
	},
	PalletId,
};
use sp_runtime::{
	traits::{Dispatchable, IdentityLookup},
	AccountId32, BuildStorage, DispatchError, DispatchResult, Permill,
};

use crate::{Agreement, Agreements, Call};

pub type AccountId = AccountId32;
type Block = frame_system::mocking::MockBlock<Test>;

/// Owner of all meters and vaults.
pub const SELLER: AccountId = AccountId32::new([1; 32]);
pub const BUYER: AccountId = AccountId32::new([2; 32]);
/// Pays for others.
pub const FUNDER: AccountId = AccountId32::new([3; 32]);
pub const STRANGER: AccountId = AccountId32::new([4; 32]);
/// Does not exist at first, so it cannot receive less than the existential deposit.
pub const GHOST: AccountId = AccountId32::new([5; 32]);
/// Another that does not exist at first.
pub const PHANTOM: AccountId = AccountId32::new([6; 32]);

/// Keeps what attestors are paid.
pub const POT: AccountId = AccountId32::new([7; 32]);

/// The beginning of 2024, UTC.
pub const JANUARY: Moment = 1_704_067_200_000;

/// Existential deposit.
pub const ED: Balance = 10;
pub const DEPOSIT: Balance = 100;
pub const RICH: Balance = 1_000_000_000;
pub const NOTICE: Moment = 1_000;
pub const VAULT: VaultId = VaultId(7);
pub const METER: MeterId = MeterId(0);
pub const OTHER_METER: MeterId = MeterId(1);

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

parameter_types! {
	pub const MinAttestorCap: Permill = Permill::from_percent(1);
	pub const MaxAttestorCap: Permill = Permill::from_percent(20);
	pub const EscrowId: PalletId = PalletId(*b"bl/ppaes");
	/// What meters have finally counted, export and import in Wh, and when: `None` before the first final reading.
	pub storage Meters: BTreeMap<u32, Option<(u64, u64, Moment)>> = BTreeMap::new();
	/// When the next reading is measured.
	pub storage MeasuredAt: Moment = JANUARY;
	/// How many attestors serve the meters.
	pub storage Serving: u32 = 0;
	/// 0: attestors are paid. 1: they take the KWH and then fail. 2: they take one unit more than they were offered.
	pub storage PayMode: u8 = 0;
	/// What vaults owe.
	pub storage Debts: BTreeMap<u32, Balance> = BTreeMap::new();
	/// 0: sweeps work. 1: they burn the KWH and then fail. 2: they burn one unit more than they were offered.
	pub storage SweepMode: u8 = 0;
	/// The open clock.
	pub storage Now: Moment = 0;
}

pub struct MockRegisters;

impl RegisterSource<AccountId> for MockRegisters {
	fn owner(meter: MeterId) -> Option<AccountId> {
		Meters::get().contains_key(&meter.0).then_some(SELLER)
	}

	fn position(meter: MeterId, register: Register) -> Option<u32> {
		let registers = [Register::Export, Register::Import];
		Meters::get().get(&meter.0)?;
		registers
			.iter()
			.position(|declared| *declared == register)
			.map(|position| position as u32)
	}

	fn final_reading(meter: MeterId) -> Option<FinalReading> {
		let (export, import, measured_at) = Meters::get().get(&meter.0).copied().flatten()?;
		Some(FinalReading {
			sequence: export,
			measured_at,
			registers: Registers::truncate_from(vec![export, import]),
			flags: Flags::NONE,
		})
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_final_reading(meter: MeterId, _owner: &AccountId, wh: u64) {
		set_registers(meter, wh, 0);
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
		Serving::set(&16);
	}
}

pub struct MockClock;

impl baseload_primitives::OpenTime for MockClock {
	fn now() -> Moment {
		Now::get()
	}
}

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Registers = MockRegisters;
	type Sweep = MockSweep;
	type Attestors = MockAttestors;
	type OpenTime = MockClock;
	type PalletId = EscrowId;
	type ProposalDeposit = ConstU128<DEPOSIT>;
	type MinNotice = ConstU64<10>;
	type MaxNotice = ConstU64<100_000>;
	type MinAttestorFee = ConstU128<5>;
	type MaxAttestorFee = ConstU128<50>;
	type MinAttestorCap = MinAttestorCap;
	type MaxAttestorCap = MaxAttestorCap;
	type WeightInfo = ();
}

/// Makes the registers of `meter` stand at these, finally.
pub fn set_registers(meter: MeterId, export: u64, import: u64) {
	let measured_at = MeasuredAt::get() + 1;
	MeasuredAt::set(&measured_at);
	let mut meters = Meters::get();
	meters.insert(meter.0, Some((export, import, measured_at)));
	Meters::set(&meters);
}

pub fn set_debt(vault: VaultId, debt: Balance) {
	let mut debts = Debts::get();
	debts.insert(vault.0, debt);
	Debts::set(&debts);
}

/// Dispatches a call the way a transaction does: undone as a whole if it fails.
pub fn dispatch(who: &AccountId, call: Call<Test>) -> DispatchResult {
	match RuntimeCall::PpaEscrow(call).dispatch(RuntimeOrigin::signed(who.clone())) {
		Ok(_) => Ok(()),
		Err(failure) => Err(failure.error),
	}
}

pub fn agreement(id: AgreementId) -> Agreement<AccountId> {
	Agreements::<Test>::get(id).expect("the agreement is stored")
}

/// Two meters of the seller's without a reading, and a vault of the seller's that owes nothing.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("a sound genesis");
	pallet_balances::GenesisConfig::<Test> {
		balances: [SELLER, BUYER, FUNDER, STRANGER]
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
		Meters::set(&BTreeMap::from([(METER.0, None), (OTHER_METER.0, None)]));
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

//! A chain with balances, time and this pallet, and people and meters to use it.

use baseload_primitives::{
	possession_payload, Balance, ClockStatus, ConnectionPoint, DeviceKey, DeviceSignature, MeterId, Moment, Quality,
	Reading, Register, Registers, SignedReading, SiteDetails, SiteId, Technology, Zone, DAY, HOUR, MINUTE, SECOND,
};
use frame_support::{
	assert_ok, derive_impl,
	dispatch::{Pays, RawOrigin},
	pallet_prelude::{TransactionSource, TransactionValidityError, ValidTransaction},
	parameter_types,
	traits::{Authorize, ConstU128, ConstU32, ConstU64, Contains, Hooks},
};
use sp_core::{ed25519, Pair};
use sp_runtime::{
	generic,
	testing::UintAuthorityId,
	traits::{BlakeTwo256, Dispatchable},
	BoundedVec, BuildStorage, Permill,
};

use crate as pallet_meter_attestation;
use crate::{Pending, CLOCK, SUBMIT_BACKLOG, SUBMIT_READING};

pub type Extension = (frame_system::AuthorizeCall<Test>,);
pub type Extrinsic = generic::UncheckedExtrinsic<u64, RuntimeCall, UintAuthorityId, Extension>;
type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

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
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(3)]
	pub type MeterAttestation = pallet_meter_attestation;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

impl pallet_timestamp::Config for Test {
	type Moment = Moment;
	type OnTimestampSet = ();
	type MinimumPeriod = ConstU64<1>;
	type WeightInfo = ();
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

pub const OWNER: u64 = 1;
pub const OTHER: u64 = 2;
pub const REGISTRAR: u64 = 99;
pub const RICH: Balance = 1_000_000;
pub const SITE_DEPOSIT: Balance = 100;
pub const METER_DEPOSIT: Balance = 10;
pub const WINDOW: Moment = HOUR;
pub const STEP: Moment = 10 * MINUTE;
pub const SKEW: Moment = MINUTE;
/// A midnight, and the beginning of a 5-day span.
pub const START: Moment = 20_000 * DAY;
pub const NAMEPLATE_W: u64 = 1_000_000;

frame_support::ord_parameter_types! {
	pub const Registrar: u64 = REGISTRAR;
}

parameter_types! {
	pub static Closed: Vec<&'static str> = Vec::new();
	pub const Tolerance: Permill = Permill::from_percent(5);
}

pub struct Gate;
impl Contains<&'static str> for Gate {
	fn contains(name: &&'static str) -> bool {
		!Closed::get().contains(name)
	}
}

impl pallet_meter_attestation::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type SiteDeposit = ConstU128<SITE_DEPOSIT>;
	type MeterDeposit = ConstU128<METER_DEPOSIT>;
	type RegistrarOrigin = frame_system::EnsureSignedBy<Registrar, u64>;
	type AdminOrigin = frame_system::EnsureRoot<u64>;
	type Time = Timestamp;
	type Gate = Gate;
	type DefaultChallengeWindow = ConstU64<WINDOW>;
	type MaxPending = ConstU32<8>;
	type MaxBacklog = ConstU32<6>;
	type MaxClockSkew = ConstU64<SKEW>;
	type MinInterval = ConstU64<SECOND>;
	type MaxSequenceAhead = ConstU64<100>;
	type Tolerance = Tolerance;
	type MaxOpenStep = ConstU64<STEP>;
	type MaxMetersPerSite = ConstU32<3>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
	type WeightInfo = ();
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for Helper {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Test>::put(now);
	}
}

/// Runs a test at [`START`], with rich people, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	run_with(None, test);
}

/// The same with a challenge window of the genesis config's.
pub fn run_with(challenge_window: Option<Moment>, test: impl FnOnce()) {
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(OWNER, RICH), (OTHER, RICH)],
			..Default::default()
		},
		meter_attestation: crate::GenesisConfig {
			challenge_window,
			..Default::default()
		},
		..Default::default()
	};
	let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis config is sound"));
	ext.execute_with(|| {
		Closed::set(Vec::new());
		System::set_block_number(1);
		frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(7));
		block(START);
		test();
		assert_ok!(MeterAttestation::do_try_state());
	});
}

/// One block with this time. Ends with the clock moved, so that what follows sees the block's open time.
pub fn block(now: Moment) {
	System::set_block_number(System::block_number() + 1);
	MeterAttestation::on_initialize(System::block_number());
	Timestamp::set_timestamp(now);
	MeterAttestation::on_finalize(System::block_number());
}

pub fn now() -> Moment {
	pallet_timestamp::Now::<Test>::get()
}

/// Lets time pass in blocks that are short enough for all of it to be open time.
pub fn pass(mut time: Moment) {
	while time > 0 {
		let step = time.min(STEP);
		block(now() + step);
		time -= step;
	}
}

pub fn details(technology: Technology) -> SiteDetails {
	SiteDetails {
		technology,
		zone: Zone::truncate_from(b"DE-LU".to_vec()),
		connection_point: ConnectionPoint::truncate_from(b"DE0001".to_vec()),
		nameplate_w: NAMEPLATE_W,
		commissioned_at: 0,
	}
}

/// A site of the owner's.
pub fn site() -> SiteId {
	let id = MeterAttestation::next_site();
	assert_ok!(MeterAttestation::register_site(
		RuntimeOrigin::signed(OWNER),
		details(Technology::Firm)
	));
	id
}

pub fn device(seed: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[seed; 32])
}

pub fn key(device: &ed25519::Pair) -> DeviceKey {
	DeviceKey::Ed25519(device.public().0)
}

pub fn sign(device: &ed25519::Pair, message: &[u8]) -> DeviceSignature {
	DeviceSignature::Ed25519(device.sign(message).0)
}

pub fn possession(device: &ed25519::Pair, site: SiteId) -> DeviceSignature {
	sign(device, &possession_payload(MeterAttestation::genesis_hash(), site))
}

/// A meter and its device.
pub struct Device {
	pub id: MeterId,
	pub pair: ed25519::Pair,
}

/// A meter at `site` with these registers.
pub fn meter_with(site: SiteId, registers: &[Register]) -> Device {
	let id = MeterAttestation::next_meter();
	let pair = device(id.0 as u8 + 1);
	assert_ok!(MeterAttestation::register_meter(
		RuntimeOrigin::signed(OWNER),
		site,
		key(&pair),
		BoundedVec::truncate_from(registers.to_vec()),
		possession(&pair, site),
	));
	Device { id, pair }
}

/// A meter at `site` with export and import.
pub fn meter(site: SiteId) -> Device {
	meter_with(site, &[Register::Export, Register::Import])
}

/// A certified site and its revenue meter.
pub fn plant() -> (SiteId, Device) {
	let site = site();
	let meter = meter(site);
	certify(site, meter.id);
	(site, meter)
}

pub fn certify(site: SiteId, meter: MeterId) {
	assert_ok!(MeterAttestation::certify_site(
		RuntimeOrigin::signed(REGISTRAR),
		site,
		meter,
		now()
	));
}

/// A measured reading at `measured_at`.
pub fn reading_at(measured_at: Moment, sequence: u64, registers: &[u64]) -> Reading {
	Reading {
		sequence,
		measured_at,
		clock: ClockStatus::Synchronised,
		quality: Quality::Measured,
		registers: Registers::truncate_from(registers.to_vec()),
	}
}

/// A measured reading of now.
pub fn reading(sequence: u64, registers: &[u64]) -> Reading {
	reading_at(now(), sequence, registers)
}

impl Device {
	pub fn sign(&self, reading: Reading) -> SignedReading {
		let payload = reading.signed_payload(MeterAttestation::genesis_hash(), self.id);
		SignedReading {
			reading,
			signature: sign(&self.pair, &payload),
		}
	}

	pub fn call(&self, reading: Reading) -> RuntimeCall {
		let SignedReading { reading, signature } = self.sign(reading);
		crate::Call::submit_reading {
			meter: self.id,
			reading,
			signature,
		}
		.into()
	}

	pub fn backlog_call(&self, readings: Vec<Reading>) -> RuntimeCall {
		let readings = readings.into_iter().map(|reading| self.sign(reading)).collect();
		crate::Call::submit_backlog {
			meter: self.id,
			readings: BoundedVec::truncate_from(readings),
		}
		.into()
	}

	/// Submits a reading as the pool and a block would.
	pub fn submit(&self, reading: Reading) -> Result<ValidTransaction, TransactionValidityError> {
		submit(self.call(reading))
	}

	/// Submits a backlog likewise.
	pub fn submit_backlog(&self, readings: Vec<Reading>) -> Result<ValidTransaction, TransactionValidityError> {
		submit(self.backlog_call(readings))
	}

	/// Submits a reading of now that must be accepted.
	pub fn report(&self, sequence: u64, registers: &[u64]) {
		assert_ok!(self.submit(reading(sequence, registers)));
	}

	pub fn pending(&self) -> Vec<Pending> {
		crate::MeterStates::<Test>::get(self.id).pending.into_inner()
	}
}

/// Authorises a call and, if it is let in, dispatches it, which must succeed, cost nobody anything, and make the very same
/// call invalid.
pub fn submit(call: RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
	let (valid, _) = call
		.authorize(TransactionSource::External)
		.expect("the call is authorised by itself")?;
	let post = call
		.clone()
		.dispatch(RawOrigin::Authorized.into())
		.expect("nothing fails after authorisation");
	assert_eq!(post.pays_fee, Pays::No);
	assert!(
		call.authorize(TransactionSource::External).expect("as before").is_err(),
		"an accepted call can be replayed"
	);
	Ok(valid)
}

pub fn close_gates() {
	Closed::set(vec![SUBMIT_READING, SUBMIT_BACKLOG, CLOCK]);
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}

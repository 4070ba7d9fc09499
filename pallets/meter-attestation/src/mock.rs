//! A chain with balances, time and this pallet, and people and meters to use it.

use baseload_primitives::{
	possession_payload, Balance, ClockStatus, ConnectionPoint, DeviceKey, DeviceSignature, Flags, MeterId, MeterUse,
	Moment, Quality, Reading, Register, RegisterSource, Registers, SignedReading, SiteDetails, SiteId, Technology,
	Verdict, Zone, DAY, HOUR, MINUTE, SECOND,
};
use frame_support::{
	assert_ok, derive_impl,
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays, RawOrigin},
	pallet_prelude::{TransactionSource, TransactionValidityError, ValidTransaction},
	parameter_types,
	traits::{Authorize, ConstU128, ConstU32, ConstU64, Contains, Hooks, StorageMapShim},
	PalletId,
};
use sp_core::{ed25519, Pair, H256};
use sp_runtime::{
	generic,
	testing::UintAuthorityId,
	traits::{BlakeTwo256, Dispatchable},
	BoundedVec, BuildStorage, Permill,
};

use crate as pallet_meter_attestation;
use crate::{Meter, Pending, Policy, Proof, CLOCK, SUBMIT_BACKLOG, SUBMIT_OCMF, SUBMIT_READING};

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
	pub type Bonds = pallet_balances<Instance2>;
	#[runtime::pallet_index(4)]
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
	type ExistentialDeposit = KwhDeposit;
	type AccountStore = System;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config<pallet_balances::Instance2> for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<BLD_DEPOSIT>;
	type AccountStore = StorageMapShim<
		pallet_balances::Account<Test, pallet_balances::Instance2>,
		u64,
		pallet_balances::AccountData<Balance>,
	>;
}

pub const OWNER: u64 = 1;
pub const OTHER: u64 = 2;
pub const REGISTRAR: u64 = 99;
/// Attestors, rich in BLD.
pub const ATTESTORS: [u64; 5] = [11, 12, 13, 14, 15];
/// Those that [`run_bonded`] bonds, with [`BOND`] each.
pub const BONDED: [u64; 4] = [ATTESTORS[0], ATTESTORS[1], ATTESTORS[2], ATTESTORS[3]];
/// Rich in BLD, but not bonded.
pub const NEWCOMER: u64 = ATTESTORS[4];
pub const TREASURY: u64 = 98;
pub const MIN_BOND: Balance = 1_000;
pub const BOND: Balance = 1_500;
pub const STAKE: Balance = 400;
pub const EVIDENCE: H256 = H256::repeat_byte(3);
pub const NOTICE: Moment = 61 * DAY;
/// How long a meter is suspended before it can be removed.
pub const METER_NOTICE: Moment = 62 * DAY;
/// Existential deposit of BLD.
pub const BLD_DEPOSIT: Balance = 10;
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
	pub const Treasury: u64 = TREASURY;
}

parameter_types! {
	pub static Closed: Vec<&'static str> = Vec::new();
	pub static Billed: Vec<MeterId> = Vec::new();
	/// Existential deposit of KWH.
	pub static KwhDeposit: Balance = 1;
	pub const PayId: PalletId = PalletId(*b"bl/attpy");
	pub const Tolerance: Permill = Permill::from_percent(5);
	pub const LapseFee: Permill = Permill::from_percent(10);
	pub const WinnerShare: Permill = Permill::from_percent(25);
}

pub struct Gate;
impl Contains<&'static str> for Gate {
	fn contains(name: &&'static str) -> bool {
		!Closed::get().contains(name)
	}
}

pub struct Bills;
impl MeterUse for Bills {
	fn is_billed(meter: MeterId) -> bool {
		Billed::get().contains(&meter)
	}
}

impl pallet_meter_attestation::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Bond = Bonds;
	type Signature = sp_runtime::testing::TestSignature;
	type Treasury = Treasury;
	type PalletId = PayId;
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
	type MaxRelay = ConstU32<5>;
	type MinAttestorBond = ConstU128<MIN_BOND>;
	type DisputeStake = ConstU128<STAKE>;
	type LapseFee = LapseFee;
	type WinnerShare = WinnerShare;
	type AttestorNotice = ConstU64<NOTICE>;
	type MeterNotice = ConstU64<METER_NOTICE>;
	type Bills = Bills;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
	type WeightInfo = ();
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<u64, sp_runtime::testing::TestSignature> for Helper {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Test>::put(now);
	}

	fn counted_keys() -> Vec<Vec<u8>> {
		Vec::new()
	}

	fn vouch(payload: &[u8]) -> (u64, sp_runtime::testing::TestSignature) {
		(OTHER, sp_runtime::testing::TestSignature(OTHER, payload.to_vec()))
	}
}

/// An empty chain whose host holds the keys that benchmarks sign with.
#[cfg(feature = "runtime-benchmarks")]
pub fn with_keystore() -> sp_io::TestExternalities {
	let genesis = RuntimeGenesisConfig::default();
	let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis config is sound"));
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext
}

/// Runs a test at [`START`], with rich people, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	run_with(None, test);
}

/// The same with a challenge window of the genesis config's.
pub fn run_with(challenge_window: Option<Moment>, test: impl FnOnce()) {
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(OWNER, RICH), (OTHER, RICH), (TREASURY, RICH)],
			..Default::default()
		},
		bonds: pallet_balances::GenesisConfig {
			balances: ATTESTORS
				.into_iter()
				.chain([OWNER, TREASURY])
				.map(|who| (who, RICH))
				.collect(),
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
		Billed::set(Vec::new());
		KwhDeposit::set(1);
		System::set_block_number(1);
		frame_system::BlockHash::<Test>::insert(0, sp_core::H256::repeat_byte(7));
		block(START);
		test();
		assert_ok!(MeterAttestation::do_try_state());
	});
}

/// The same with attestors that have bonded.
pub fn run_bonded(test: impl FnOnce()) {
	run(|| {
		for who in BONDED {
			assert_ok!(MeterAttestation::bond(RuntimeOrigin::signed(who), BOND));
		}
		test();
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

/// Lets open time pass without a block, as many blocks would.
pub fn rest(time: Moment) {
	block(now());
	crate::OpenClock::<Test>::mutate(|clock| {
		clock.last += time;
		clock.open += time;
	});
	block(now() + time);
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

/// A site of the owner's, at a connection point of its own.
pub fn site() -> SiteId {
	let id = MeterAttestation::next_site();
	site_at(&format!("DE{id}"))
}

/// A site of the owner's at this connection point.
pub fn site_at(point: &str) -> SiteId {
	let id = MeterAttestation::next_site();
	assert_ok!(MeterAttestation::register_site(
		RuntimeOrigin::signed(OWNER),
		details_at(point)
	));
	id
}

pub fn details_at(point: &str) -> SiteDetails {
	SiteDetails {
		connection_point: ConnectionPoint::truncate_from(point.into()),
		..details(Technology::Firm)
	}
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
		Proof::Possession(possession(&pair, site)),
	));
	Device { id, pair }
}

/// A meter at `site` with export and import.
pub fn meter(site: SiteId) -> Device {
	meter_with(site, &[Register::Export, Register::Import])
}

/// A meter at `site` with export and import that a committee reads.
pub fn committee_meter(site: SiteId) -> MeterId {
	let id = MeterAttestation::next_meter();
	assert_ok!(MeterAttestation::register_committee_meter(
		RuntimeOrigin::signed(OWNER),
		site,
		BoundedVec::truncate_from(vec![Register::Export, Register::Import]),
	));
	id
}

/// Changes a meter's policy as the registrar.
pub fn set_policy(meter: MeterId, change: impl FnOnce(&mut Policy)) -> DispatchResult {
	let new = || Policy::of_new(WINDOW, NAMEPLATE_W);
	let mut policy = crate::Meters::<Test>::get(meter).map_or_else(new, |meter| meter.policy);
	change(&mut policy);
	MeterAttestation::set_policy(RuntimeOrigin::signed(REGISTRAR), meter, policy)
}

/// Names a meter's committee as the registrar.
pub fn panel(meter: MeterId, members: &[u64], quorum: u32) -> DispatchResult {
	let members = BoundedVec::truncate_from(members.to_vec());
	MeterAttestation::set_committee(RuntimeOrigin::signed(REGISTRAR), meter, members, quorum)
}

pub fn dispute(who: u64, meter: MeterId, sequence: u64) -> DispatchResult {
	MeterAttestation::dispute(RuntimeOrigin::signed(who), meter, sequence, EVIDENCE)
}

pub fn vote(who: u64, meter: MeterId, sequence: u64, verdict: Verdict) -> DispatchResultWithPostInfo {
	MeterAttestation::vote(RuntimeOrigin::signed(who), meter, sequence, verdict)
}

/// Decides as the registrar.
pub fn decide(meter: MeterId, sequence: u64, verdict: Verdict) -> DispatchResult {
	MeterAttestation::decide(RuntimeOrigin::signed(REGISTRAR), meter, sequence, verdict)
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

	/// The same after some time.
	pub fn report_after(&self, time: Moment, sequence: u64, registers: &[u64]) {
		pass(time);
		self.report(sequence, registers);
	}

	/// Sequence of the newest measured final reading.
	pub fn measured(&self) -> Option<u64> {
		<MeterAttestation as RegisterSource<u64>>::final_reading(self.id).map(|reading| reading.sequence)
	}

	/// Sequence and flags of the newest final reading, measured or not.
	pub fn newest_final(&self) -> Option<(u64, Flags)> {
		let newest = MeterAttestation::meter(self.id)
			.expect("it is registered")
			.newest_final?;
		Some((newest.sequence, newest.flags))
	}

	/// The record as stored.
	pub fn record(&self) -> Meter<ConstU32<8>> {
		crate::Meters::<Test>::get(self.id).expect("it is registered")
	}

	pub fn pending(&self) -> Vec<Pending> {
		self.record().pending.into_inner()
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
	Closed::set(vec![SUBMIT_READING, SUBMIT_BACKLOG, SUBMIT_OCMF, CLOCK]);
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}

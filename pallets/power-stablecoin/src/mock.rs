//! A chain with KWH, BLD, a reserve token, a clock, and stand-ins for sites and price feeds.
//!
//! The stand-ins live in storage, so that a failed call undoes what it did to them too.

#![allow(clippy::unwrap_used)]

use alloc::collections::BTreeMap;
use baseload_primitives::{
	Balance, EnergyCover, Moment, Observed, OpenTime, Price, PriceSource, SiteId, TokenId, TypeParams, VaultId,
	WattHours, BLD_TOKEN, DAY, KWH,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungible::UnionOf,
		fungibles::{metadata::Inspect as _, Inspect as _},
		tokens::imbalance::ResolveTo,
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU64, Hooks, StorageMapShim, VariantCountOf,
	},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned, EnsureSignedBy};
use sp_runtime::{traits::Convert, BuildStorage, DispatchError, DispatchResult, Either, Permill};

use crate::{GenesisType, GenesisVault};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlock<Test>;

/// One whole reserve token: 6 decimals.
pub const RESERVE: Balance = 1_000_000;
/// Minimum balance of KWH.
pub const KWH_MIN: Balance = KWH / 1_000;
/// Minimum balance of the reserve token.
pub const RESERVE_MIN: Balance = 100;
pub const DEPOSIT: Balance = 5 * KWH;
pub const MIN_DEBT: Balance = 100 * KWH;
pub const CEILING: Balance = 50_000 * KWH;
pub const FUSE: Balance = 45_000 * KWH;
/// When tests begin.
pub const START: Moment = 20_000 * DAY;
/// The reserve token.
pub const RSV: TokenId = 1;
pub const WINDOW: Moment = 30 * DAY;

/// Owner of the genesis vault.
pub const BANK: AccountId = 1;
pub const ALICE: AccountId = 2;
pub const BOB: AccountId = 3;
/// May brake.
pub const GUARD: AccountId = 8;
pub const TREASURY: AccountId = 9;
/// The genesis vault.
pub const GENESIS: VaultId = VaultId(0);
/// The first vault that a test opens.
pub const FIRST: VaultId = VaultId(1);

pub type BondInstance = pallet_balances::Instance2;

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
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(5)]
	pub type PowerStablecoin = crate;
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

parameter_types! {
	pub const Treasury: AccountId = TREASURY;
}

impl pallet_balances::Config for Test {
	type MaxLocks = ConstU32<1>;
	type MaxReserves = ();
	type ReserveIdentifier = [u8; 8];
	type Balance = Balance;
	type RuntimeEvent = RuntimeEvent;
	type DustRemoval = ResolveTo<Treasury, Balances>;
	type ExistentialDeposit = ConstU128<KWH_MIN>;
	type AccountStore = System;
	type WeightInfo = ();
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type DoneSlashHandler = ();
}

impl pallet_balances::Config<BondInstance> for Test {
	type MaxLocks = ConstU32<1>;
	type MaxReserves = ();
	type ReserveIdentifier = [u8; 8];
	type Balance = Balance;
	type RuntimeEvent = RuntimeEvent;
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<KWH_MIN>;
	type AccountStore =
		StorageMapShim<pallet_balances::Account<Test, BondInstance>, AccountId, pallet_balances::AccountData<Balance>>;
	type WeightInfo = ();
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type DoneSlashHandler = ();
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type AssetId = u32;
	type AssetIdParameter = u32;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type Freezer = ();
	type Holder = ();
	type CallbackHandle = ();
}

parameter_types! {
	// A test of the configuration changes these.
	pub static AdvanceRate: Permill = Permill::from_percent(50);
	pub static LeastDebt: Balance = MIN_DEBT;
	pub static MinRedemption: Balance = KWH;
	pub static VaultDeposit: Balance = DEPOSIT;
	pub static FadesOver: Moment = WINDOW;
	pub static MaxTypes: u32 = 3;
	pub const FuseShare: Permill = Permill::from_percent(5);
	pub const VaultsId: PalletId = PalletId(*b"bl/vault");
	/// Price of one kWh.
	pub storage FedReference: Option<Price> = Some(Price::from_rational(1, 10));
	/// Prices of whole tokens.
	pub storage FedPrices: BTreeMap<TokenId, Price> = [(RSV, Price::from_u32(1)), (BLD_TOKEN, Price::from_u32(1))].into();
	/// What half of the feeds say instead, if it is more.
	pub storage FedUpper: Option<Price> = None;
	/// When they were fed.
	pub storage FedAt: Moment = START;
	/// Each site's owner, energy, and the vault it is pledged to. All sites are certified.
	pub storage Sites: BTreeMap<SiteId, (AccountId, WattHours, Option<VaultId>)> = BTreeMap::new();
}

frame_support::ord_parameter_types! {
	pub const Guard: AccountId = GUARD;
}

pub struct Energy;
impl Energy {
	fn change_pledge(site: SiteId, from: Option<VaultId>, to: Option<VaultId>) -> DispatchResult {
		let mut sites = Sites::get();
		let (_, _, pledged) = sites.get_mut(&site).ok_or(DispatchError::Other("unknown site"))?;
		frame_support::ensure!(*pledged == from, DispatchError::Other("pledge"));
		*pledged = to;
		Sites::set(&sites);
		Ok(())
	}
}
impl EnergyCover<AccountId> for Energy {
	fn owner(site: SiteId) -> Option<AccountId> {
		Sites::get().get(&site).map(|(owner, _, _)| *owner)
	}
	fn cover(site: SiteId) -> WattHours {
		Sites::get().get(&site).map_or(WattHours(0), |(_, cover, _)| *cover)
	}
	fn pledge(site: SiteId, vault: VaultId) -> DispatchResult {
		Self::change_pledge(site, None, Some(vault))
	}
	fn release(site: SiteId, vault: VaultId) -> DispatchResult {
		Self::change_pledge(site, Some(vault), None)
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn set_cover(site: SiteId, owner: &AccountId, wh: WattHours) {
		set_site(site, *owner, wh);
	}
}

pub struct Prices;
impl PriceSource for Prices {
	fn reference() -> Option<Observed> {
		observed(FedReference::get())
	}
	fn collateral(token: TokenId) -> Option<Observed> {
		observed(FedPrices::get().get(&token).copied())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn set_prices(reference: Price, token: TokenId, collateral: Price) {
		set_prices(Some(reference), None);
		feed(token, collateral);
	}
}

fn observed(price: Option<Price>) -> Option<Observed> {
	let at = FedAt::get();
	price.filter(|price| *price > Price::default()).map(|price| Observed {
		lower: price,
		upper: FedUpper::get().unwrap_or(price).max(price),
		at,
	})
}

/// The open clock is the clock.
pub struct Clock;
impl OpenTime for Clock {
	fn now() -> Moment {
		pallet_timestamp::Now::<Test>::get()
	}
	fn began() -> Moment {
		0
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn set_now(now: Moment) {
		set_time(now);
	}
}

pub struct WhichToken;
impl Convert<TokenId, Either<(), u32>> for WhichToken {
	fn convert(token: TokenId) -> Either<(), u32> {
		match token {
			BLD_TOKEN => Either::Left(()),
			id => Either::Right(id),
		}
	}
}

pub struct Decimals;
impl Convert<TokenId, Option<u8>> for Decimals {
	fn convert(token: TokenId) -> Option<u8> {
		match token {
			BLD_TOKEN => Some(12),
			id => Assets::asset_exists(id).then(|| Assets::decimals(id)),
		}
	}
}

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Kwh = Balances;
	type Collateral = UnionOf<Bonds, Assets, WhichToken, TokenId, AccountId>;
	type Decimals = Decimals;
	type Energy = Energy;
	type Prices = Prices;
	type Time = Timestamp;
	type OpenTime = Clock;
	type AdminOrigin = EnsureRoot<AccountId>;
	type GuardianOrigin = EnsureSignedBy<Guard, AccountId>;
	type Revenue = Treasury;
	type AdvanceRate = AdvanceRate;
	type MinDebt = LeastDebt;
	type MinRedemption = MinRedemption;
	type VaultDeposit = VaultDeposit;
	type FuseFloor = ConstU128<FUSE>;
	type FuseShare = FuseShare;
	type MaxSites = ConstU32<4>;
	type MaxTypes = MaxTypes;
	type MaxQueue = ConstU32<8>;
	type DeclaredWindow = FadesOver;
	type PalletId = VaultsId;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
	type WeightInfo = ();
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;
#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Helper {
	fn token() -> TokenId {
		RSV
	}
	fn new_token(seed: &AccountId) -> TokenId {
		Assets::force_create(RuntimeOrigin::root(), 77, *seed, true, 1).unwrap();
		Assets::force_set_metadata(RuntimeOrigin::root(), 77, b"B".to_vec(), b"B".to_vec(), 12, false).unwrap();
		77
	}
	fn set_time(now: Moment) {
		set_time(now);
	}
}

/// Feeds the reference price and that of the reserve token, both believed at once, as if nothing had been known before.
pub fn set_prices(reference: Option<Price>, collateral: Option<Price>) {
	FedReference::set(&reference);
	let mut prices = FedPrices::get();
	match collateral {
		Some(price) => prices.insert(RSV, price),
		None => prices.remove(&RSV),
	};
	FedPrices::set(&prices);
	crate::ReferencePrice::<Test>::kill();
	crate::Types::<Test>::mutate(RSV, |kind| {
		if let Some(kind) = kind {
			kind.market = Default::default();
		}
	});
}

/// Feeds the price of a token, observed now.
pub fn feed(token: TokenId, price: Price) {
	let mut prices = FedPrices::get();
	prices.insert(token, price);
	FedPrices::set(&prices);
	FedAt::set(&Timestamp::get());
}

/// The price of a token is fed no longer.
pub fn unfeed(token: TokenId) {
	let mut prices = FedPrices::get();
	prices.remove(&token);
	FedPrices::set(&prices);
}

/// Goes on by `time`, feeds the prices anew, and runs what blocks do by themselves.
pub fn pass(time: Moment) {
	set_time(Timestamp::get() + time);
	FedAt::set(&Timestamp::get());
	next_block();
}

/// Runs what blocks do by themselves.
pub fn next_block() {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	PowerStablecoin::on_initialize(number);
	PowerStablecoin::on_idle(number, Weight::MAX);
}

/// What the types of the tests are governed by.
pub fn params() -> TypeParams {
	TypeParams {
		mint_bp: 15_000,
		liquidation_bp: 13_000,
		penalty_bp: 1_000,
		interest: Permill::zero(),
		ceiling: 50_000,
		refill: 45_000,
		max_share: Permill::one(),
	}
}

/// Makes a site, or changes what it attests; a pledge stays.
pub fn set_site(site: SiteId, owner: AccountId, cover: WattHours) {
	let mut sites = Sites::get();
	let pledged = sites.get(&site).and_then(|(_, _, pledged)| *pledged);
	sites.insert(site, (owner, cover, pledged));
	Sites::set(&sites);
}

/// Energy that covers exactly `kwh` KWH of debt at the mock's advance rate of a half.
pub fn energy_for(kwh: u64) -> WattHours {
	WattHours(kwh * 1_000 * 2)
}

pub fn set_time(now: Moment) {
	pallet_timestamp::Now::<Test>::put(now);
}

/// Genesis, and a run in it that ends with all invariants checked.
pub struct ExtBuilder {
	pub types: Vec<GenesisType>,
	pub vaults: Vec<GenesisVault<AccountId>>,
	pub reference_price: Price,
	/// KWH that no vault owes, as a mistaken genesis config could have it.
	pub stray: Vec<(AccountId, Balance)>,
}

impl Default for ExtBuilder {
	/// One vault, whose collateral is worth three times its debt (3,000 tokens at 1.00, 10,000 KWH at 0.10), and
	/// accounts with KWH and reserve tokens.
	fn default() -> Self {
		Self {
			types: [RSV, BLD_TOKEN]
				.map(|token| GenesisType {
					token,
					params: TypeParams {
						max_share: Permill::from_percent(if token == RSV { 100 } else { 10 }),
						..params()
					},
					price: Price::from_u32(1),
				})
				.to_vec(),
			vaults: vec![genesis_vault()],
			reference_price: Price::from_rational(1, 10),
			stray: vec![],
		}
	}
}

/// Owes 10,000 KWH, of which others get 3,002.
pub fn genesis_vault() -> GenesisVault<AccountId> {
	GenesisVault {
		owner: BANK,
		token: RSV,
		collateral: 3_000 * RESERVE,
		debt: 10_000 * KWH,
		energy: energy_for(10_000),
		pay_out: vec![
			(TREASURY, KWH),
			(ALICE, 2_000 * KWH),
			(BOB, 1_000 * KWH),
			(PowerStablecoin::account(), KWH),
		],
	}
}

impl ExtBuilder {
	pub fn build(self) -> sp_io::TestExternalities {
		let people = [BANK, ALICE, BOB, 4];
		let mut bonds: Vec<_> = people.iter().map(|who| (*who, 100_000 * KWH)).collect();
		bonds.push((PowerStablecoin::account(), KWH_MIN));
		let mut reserves: Vec<_> = people.iter().map(|who| (RSV, *who, 100_000 * RESERVE)).collect();
		reserves.push((RSV, PowerStablecoin::account(), RESERVE_MIN));
		let config = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: self.stray,
				dev_accounts: None,
			},
			bonds: pallet_balances::GenesisConfig {
				balances: bonds,
				dev_accounts: None,
			},
			assets: pallet_assets::GenesisConfig {
				assets: vec![(RSV, BANK, true, RESERVE_MIN)],
				metadata: vec![(RSV, b"Reserve".to_vec(), b"RSV".to_vec(), 6)],
				accounts: reserves,
				next_asset_id: None,
				reserves: vec![],
			},
			power_stablecoin: crate::GenesisConfig {
				types: self.types,
				vaults: self.vaults,
				reference_price: self.reference_price,
			},
			..Default::default()
		};
		let mut ext = sp_io::TestExternalities::new(config.build_storage().unwrap());
		ext.execute_with(|| {
			System::set_block_number(1);
			set_time(START);
		});
		ext
	}

	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			PowerStablecoin::do_try_state().unwrap();
		});
	}
}

/// Runs a test on the default genesis, and checks all invariants after it.
pub fn run(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(test);
}

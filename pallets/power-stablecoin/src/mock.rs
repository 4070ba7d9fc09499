//! A chain with KWH, a reserve token, a clock, and stand-ins for sites and price feeds.
//!
//! The stand-ins live in storage, so that a failed call undoes what it did to them too.

#![allow(clippy::unwrap_used)]

use alloc::collections::BTreeMap;
use baseload_primitives::{Balance, EnergyCover, Moment, Price, PriceSource, SiteId, VaultId, WattHours, DAY, KWH};
use frame_support::{
	derive_impl, parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstU128, ConstU32, ConstU64, ConstU8, StorageMapShim, VariantCountOf},
	PalletId,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Permill};

use crate::GenesisVault;

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
pub const WINDOW: Moment = 30 * DAY;

/// Owner of the genesis vault.
pub const BANK: AccountId = 1;
pub const ALICE: AccountId = 2;
pub const BOB: AccountId = 3;
pub const TREASURY: AccountId = 9;
/// The genesis vault.
pub const GENESIS: VaultId = VaultId(0);
/// The first vault that a test opens.
pub const FIRST: VaultId = VaultId(1);

pub type ReserveInstance = pallet_balances::Instance2;

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
	pub type Reserve = pallet_balances<Instance2>;
	#[runtime::pallet_index(4)]
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

pub struct Treasury;
impl sp_runtime::traits::TypedGet for Treasury {
	type Type = AccountId;
	fn get() -> AccountId {
		TREASURY
	}
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

impl pallet_balances::Config<ReserveInstance> for Test {
	type MaxLocks = ConstU32<1>;
	type MaxReserves = ();
	type ReserveIdentifier = [u8; 8];
	type Balance = Balance;
	type RuntimeEvent = RuntimeEvent;
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<RESERVE_MIN>;
	type AccountStore = StorageMapShim<
		pallet_balances::Account<Test, ReserveInstance>,
		AccountId,
		pallet_balances::AccountData<Balance>,
	>;
	type WeightInfo = ();
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type DoneSlashHandler = ();
}

parameter_types! {
	pub MintRatio: Price = Price::from_rational(150, 100);
	pub const AdvanceRate: Permill = Permill::from_percent(50);
	pub const VaultsId: PalletId = PalletId(*b"bl/vault");
	/// Price of one kWh.
	pub storage ReferencePrice: Option<Price> = Some(Price::from_rational(1, 10));
	/// Price of one whole reserve token.
	pub storage CollateralPrice: Option<Price> = Some(Price::from_u32(1));
	/// Each site's owner, energy, and the vault it is pledged to. All sites are certified.
	pub storage Sites: BTreeMap<SiteId, (AccountId, WattHours, Option<VaultId>)> = BTreeMap::new();
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
	fn reference() -> Option<Price> {
		ReferencePrice::get()
	}
	fn collateral() -> Option<Price> {
		CollateralPrice::get()
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn set_prices(reference: Price, collateral: Price) {
		set_prices(Some(reference), Some(collateral));
	}
}

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Kwh = Balances;
	type Collateral = Reserve;
	type CollateralDecimals = ConstU8<6>;
	type Energy = Energy;
	type Prices = Prices;
	type Time = Timestamp;
	type MintRatio = MintRatio;
	type AdvanceRate = AdvanceRate;
	type MinDebt = ConstU128<MIN_DEBT>;
	type DebtCeiling = ConstU128<CEILING>;
	type VaultDeposit = ConstU128<DEPOSIT>;
	type MaxSites = ConstU32<4>;
	type DeclaredWindow = ConstU64<WINDOW>;
	type PalletId = VaultsId;
	type WeightInfo = ();
}

pub fn set_prices(reference: Option<Price>, collateral: Option<Price>) {
	ReferencePrice::set(&reference);
	CollateralPrice::set(&collateral);
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
	pub vaults: Vec<GenesisVault<AccountId>>,
	pub reference_price: Price,
	pub collateral_price: Price,
	/// KWH that no vault owes, as a mistaken genesis config could have it.
	pub stray: Vec<(AccountId, Balance)>,
}

impl Default for ExtBuilder {
	/// One vault, whose collateral is worth three times its debt (3,000 tokens at 1.00, 10,000 KWH at 0.10), and
	/// accounts with KWH and reserve tokens.
	fn default() -> Self {
		Self {
			vaults: vec![genesis_vault()],
			reference_price: Price::from_rational(1, 10),
			collateral_price: Price::from_u32(1),
			stray: vec![],
		}
	}
}

/// Owes 10,000 KWH, of which others get 3,001.
pub fn genesis_vault() -> GenesisVault<AccountId> {
	GenesisVault {
		owner: BANK,
		collateral: 3_000 * RESERVE,
		debt: 10_000 * KWH,
		energy: energy_for(10_000),
		pay_out: vec![(TREASURY, KWH), (ALICE, 2_000 * KWH), (BOB, 1_000 * KWH)],
	}
}

impl ExtBuilder {
	pub fn build(self) -> sp_io::TestExternalities {
		let config = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: self.stray,
				dev_accounts: None,
			},
			reserve: pallet_balances::GenesisConfig {
				balances: [BANK, ALICE, BOB].map(|who| (who, 100_000 * RESERVE)).to_vec(),
				dev_accounts: None,
			},
			power_stablecoin: crate::GenesisConfig {
				vaults: self.vaults,
				reference_price: self.reference_price,
				collateral_price: self.collateral_price,
			},
			..Default::default()
		};
		let mut ext = sp_io::TestExternalities::new(config.build_storage().unwrap());
		ext.execute_with(|| System::set_block_number(1));
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

//! Benchmarks: the worst case of every call.
//!
//! They need the collateral token to exist, as it does in a genesis preset.

use baseload_primitives::{Balance, EnergyCover, Price, PriceSource, SiteId, VaultId, WattHours, KWH, PAR};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	Get,
};
use frame_system::RawOrigin;
use sp_runtime::{traits::One, SaturatedConversion};

use crate::{Call, Config, NextVault, Pallet, Vaults};

/// Collateral worth four times the KWH, at equal prices of one whole token each.
fn collateral_for<T: Config>(kwh: Balance) -> Balance {
	let unit = 10u128.pow(T::CollateralDecimals::get().into());
	(kwh / KWH + 1) * 4 * unit + T::Collateral::minimum_balance()
}

/// The debt that benchmarks draw first.
fn debt<T: Config>() -> Balance {
	T::MinDebt::get().max(T::Kwh::minimum_balance())
}

/// An account with KWH for the deposit and reserve tokens for twice [`collateral_for`] everything it draws.
fn funded<T: Config>(name: &'static str) -> T::AccountId {
	let who: T::AccountId = account(name, 0, 0);
	let kwh = T::VaultDeposit::get() + T::Kwh::minimum_balance() * 10;
	T::Kwh::mint_into(&who, kwh).expect("KWH can be minted in a benchmark");
	let reserve = collateral_for::<T>(debt::<T>() * 4) * 2 + T::Collateral::minimum_balance() * 10;
	T::Collateral::mint_into(&who, reserve).expect("the collateral token exists");
	who
}

/// A vault without collateral or sites.
fn empty_vault<T: Config>() -> (T::AccountId, VaultId) {
	T::Prices::set_prices(Price::one(), Price::one());
	let owner = funded::<T>("owner");
	let vault = NextVault::<T>::get();
	Pallet::<T>::do_open(owner.clone()).expect("the owner has the deposit");
	(owner, vault)
}

/// A vault with `sites` sites, each of which covers everything that benchmarks draw, and with enough collateral.
fn full_vault<T: Config>(sites: u32) -> (T::AccountId, VaultId) {
	let (owner, vault) = empty_vault::<T>();
	let collateral = collateral_for::<T>(debt::<T>() * 4);
	Pallet::<T>::do_deposit(&owner, vault, collateral).expect("the owner has the collateral");
	for n in 0..sites {
		pledge::<T>(&owner, vault, n);
	}
	(owner, vault)
}

fn covered_site<T: Config>(owner: &T::AccountId, n: u32) -> SiteId {
	let site = SiteId(1_000 + n);
	let at_par = T::AdvanceRate::get().saturating_reciprocal_mul_ceil(debt::<T>() * 4);
	let wh = WattHours((at_par / PAR + 1).saturated_into());
	T::Energy::set_cover(site, owner, wh);
	site
}

fn pledge<T: Config>(owner: &T::AccountId, vault: VaultId, n: u32) -> SiteId {
	let site = covered_site::<T>(owner, n);
	Pallet::<T>::do_pledge_site(owner, vault, site).expect("the site is certified and the owner's");
	site
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		let owner = funded::<T>("owner");
		let vault = NextVault::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner));

		assert!(Vaults::<T>::contains_key(vault));
	}

	#[benchmark]
	fn deposit() {
		let (_, vault) = empty_vault::<T>();
		let from = funded::<T>("from");
		let amount = collateral_for::<T>(debt::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(from), vault, amount);

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.collateral), Some(amount));
	}

	#[benchmark]
	fn pledge_site() {
		let last = T::MaxSites::get() - 1;
		let (owner, vault) = full_vault::<T>(last);
		let site = covered_site::<T>(&owner, last);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, site);

		assert_eq!(
			Vaults::<T>::get(vault).map(|vault| vault.sites.len() as u32),
			Some(last + 1)
		);
	}

	#[benchmark]
	fn release_site(s: Linear<2, { T::MaxSites::get() }>) {
		let (owner, vault) = full_vault::<T>(s);
		Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");
		let site = SiteId(1_000);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, site);

		assert_eq!(
			Vaults::<T>::get(vault).map(|vault| vault.sites.len() as u32),
			Some(s - 1)
		);
	}

	#[benchmark]
	fn draw(s: Linear<1, { T::MaxSites::get() }>) {
		let (owner, vault) = full_vault::<T>(s);
		let amount = debt::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, amount);

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.debt), Some(amount));
	}

	#[benchmark]
	fn repay() {
		let (owner, vault) = full_vault::<T>(T::MaxSites::get());
		let amount = debt::<T>();
		Pallet::<T>::do_draw(&owner, vault, amount * 2).expect("both covers hold");

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, amount);

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.debt), Some(amount));
	}

	#[benchmark]
	fn withdraw() {
		let (owner, vault) = full_vault::<T>(T::MaxSites::get());
		Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");
		let amount = collateral_for::<T>(debt::<T>());
		let before = Vaults::<T>::get(vault).map_or(0, |vault| vault.collateral);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, amount);

		assert_eq!(
			Vaults::<T>::get(vault).map(|vault| vault.collateral),
			Some(before - amount)
		);
	}

	#[benchmark]
	fn close(s: Linear<0, { T::MaxSites::get() }>) {
		let (owner, vault) = full_vault::<T>(s);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault);

		assert!(!Vaults::<T>::contains_key(vault));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}

//! The benchmarks.

use alloc::vec::Vec;

use baseload_primitives::{BreakerLevel, Moment, Price, SiteId, DAY, HOUR};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::{Inspect as _, Mutate as _},
		tokens::Preservation,
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_runtime::{traits::One, Permill, Perquintill};

use super::{crowds::*, state::*, BenchmarkHelper};
use crate::{
	entry::Entry, Call, ChargedHour, Config, FrozenPrices, LastWatched, NextVault, Owed, Pallet, PoolDeposits,
	Redemptions, Reference, ReferencePrice, Requests, Tokens, Types, Vaults, MAX_STEPS,
};

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		begin::<T>();
		let owner = funded::<T>("owner", 0);
		let vault = NextVault::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), token::<T>());

		assert!(Vaults::<T>::contains_key(vault));
	}

	#[benchmark]
	fn deposit() {
		begin::<T>();
		let (_, vault) = indebted_vault::<T>(0, 1);
		let from = funded::<T>("from", 0);
		let amount = collateral_for::<T>(debt::<T>());
		let before = Entry::<T>::existing(vault).map_or(0, |entry| entry.vault.books.collateral);

		#[extrinsic_call]
		_(RawOrigin::Signed(from), vault, amount);

		assert!(Vaults::<T>::get(vault).is_some_and(|vault| vault.books.collateral == before + amount));
	}

	#[benchmark]
	fn pledge_site() {
		begin::<T>();
		let last = T::MaxSites::get() - 1;
		let (owner, vault) = full_vault::<T>(0, last);
		let site = covered_site::<T>(&owner, last);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, site);

		assert!(Vaults::<T>::get(vault).is_some_and(|vault| vault.sites.len() as u32 == last + 1));
	}

	#[benchmark]
	fn release_site(s: Linear<2, { T::MaxSites::get() }>) {
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, s);
		let site = SiteId(100_000);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, site);

		assert!(Vaults::<T>::get(vault).is_some_and(|vault| vault.sites.len() as u32 == s - 1));
	}

	#[benchmark]
	fn draw(s: Linear<1, { T::MaxSites::get() }>) {
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, s);
		let amount = debt::<T>();
		let before = Vaults::<T>::get(vault).map_or(0, |vault| vault.drawn);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, amount);

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.drawn), Some(before + amount));
	}

	#[benchmark]
	fn repay() {
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, 1);
		let amount = debt::<T>();
		Pallet::<T>::do_draw(&owner, vault, amount).expect("both covers hold");

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, amount);

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.drawn), Some(amount));
	}

	#[benchmark]
	fn withdraw() {
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, 1);
		let amount = collateral_for::<T>(debt::<T>());
		let before = Vaults::<T>::get(vault).map_or(0, |vault| vault.books.collateral);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, amount);

		assert!(Vaults::<T>::get(vault).is_some_and(|vault| vault.books.collateral == before - amount));
	}

	#[benchmark]
	fn close(s: Linear<0, { T::MaxSites::get() }>) {
		begin::<T>();
		let (owner, vault) = full_vault::<T>(0, s);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault);

		assert!(!Vaults::<T>::contains_key(vault));
	}

	#[benchmark]
	fn add_type() -> Result<(), BenchmarkError> {
		let owner: T::AccountId = account("issuer", 0, 0);
		let token = T::BenchmarkHelper::new_token(&owner);
		T::Collateral::mint_into(token, &Pallet::<T>::account(), 1).expect("the token exists");
		let params = Types::<T>::get(super::token::<T>())
			.expect("the token is a type")
			.params;
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, token, params);

		assert!(Types::<T>::contains_key(token));
		Ok(())
	}

	#[benchmark]
	fn set_params() -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::set_time(NOW);
		let mut params = Types::<T>::get(token::<T>()).expect("the token is a type").params;
		params.interest = Permill::from_parts(params.interest.deconstruct() / 2);
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, token::<T>(), params);

		assert_eq!(Types::<T>::get(token::<T>()).map(|kind| kind.params), Some(params));
		Ok(())
	}

	#[benchmark]
	fn redeem() {
		begin::<T>();
		let who = funded::<T>("holder", 0);
		fill_types::<T>(T::MaxTypes::get());
		let limits: alloc::vec::Vec<_> = Tokens::<T>::get().into_iter().map(|token| (token, 1)).collect();
		let limits = BoundedVec::try_from(limits).expect("no more than there are types");
		let amount = debt::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), amount, Perquintill::one(), limits);

		assert_eq!(Redemptions::<T>::get().locked, amount);
	}

	#[benchmark]
	fn cancel_redemption() {
		begin::<T>();
		let who = request::<T>(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), 0);

		assert!(!Requests::<T>::contains_key(0));
	}

	#[benchmark]
	fn work_queue(n: Linear<1, MAX_STEPS>) {
		begin::<T>();
		for index in 0..MAX_STEPS + 1 {
			indebted_vault::<T>(index, 1);
		}
		// Its part of the first type empties them all.
		request::<T>(MAX_STEPS * T::MaxTypes::get());
		prices::<T>(NOW + HOUR, Price::one());
		fill_types::<T>(T::MaxTypes::get());
		let before = Redemptions::<T>::get().locked;
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), n);

		assert!(Redemptions::<T>::get().locked < before);
	}

	#[benchmark]
	fn liquidate(n: Linear<1, MAX_STEPS>) {
		begin::<T>();
		for index in 0..n + 1 {
			indebted_vault::<T>(index, 1);
		}
		depositor::<T>();
		// Twenty times the debt is unsafe at a sixteenth of the price.
		prices::<T>(NOW + 5 * HOUR, Price::from_rational(1, 16));
		let (_, first) = Pallet::<T>::front(token::<T>()).expect("vaults owe something");
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), token::<T>(), n);

		assert!(Vaults::<T>::get(first).is_some_and(|vault| vault.books.shares.is_zero()));
	}

	#[benchmark]
	fn pool_deposit() {
		begin::<T>();
		let who = depositor::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), token::<T>(), debt::<T>());

		assert!(PoolDeposits::<T>::contains_key(token::<T>(), who));
	}

	#[benchmark]
	fn pool_notice() {
		begin::<T>();
		let who = depositor::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), token::<T>(), debt::<T>());

		assert!(PoolDeposits::<T>::get(token::<T>(), who).is_some_and(|own| own.notice().is_some()));
	}

	#[benchmark]
	fn pool_withdraw() {
		begin::<T>();
		indebted_vault::<T>(0, 1);
		let who = depositor::<T>();
		give_notice::<T>(core::slice::from_ref(&who));
		let before = T::Kwh::balance(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), token::<T>());

		assert!(T::Kwh::balance(&who) > before);
	}

	#[benchmark]
	fn pool_claim() {
		begin::<T>();
		let who = depositor::<T>();
		pool_gain::<T>();
		let before = T::Collateral::balance(token::<T>(), &who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), token::<T>());

		assert!(T::Collateral::balance(token::<T>(), &who) > before);
	}

	#[benchmark]
	fn claim_payout() {
		begin::<T>();
		let who = funded::<T>("holder", 0);
		let amount = collateral_for::<T>(debt::<T>());
		T::Collateral::mint_into(token::<T>(), &Pallet::<T>::account(), amount).expect("the collateral token exists");
		Types::<T>::mutate(token::<T>(), |kind| {
			kind.as_mut().expect("the token is a type").owed = amount;
		});
		Owed::<T>::insert(token::<T>(), &who, amount);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), token::<T>());

		assert!(!Owed::<T>::contains_key(token::<T>(), who));
	}

	#[benchmark]
	fn sweep_revenue() {
		begin::<T>();
		let amount = collateral_for::<T>(debt::<T>());
		T::Collateral::mint_into(token::<T>(), &Pallet::<T>::account(), amount).expect("the collateral token exists");
		Types::<T>::mutate(token::<T>(), |kind| {
			kind.as_mut().expect("the token is a type").books.revenue += amount;
		});
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), token::<T>());

		assert_eq!(Types::<T>::get(token::<T>()).map(|kind| kind.books.revenue), Some(0));
	}

	#[benchmark]
	fn tighten() -> Result<(), BenchmarkError> {
		begin::<T>();
		fill_types::<T>(T::MaxTypes::get());
		let origin = T::GuardianOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, BreakerLevel::ExitOnly);

		assert!(Pallet::<T>::exits_only());
		Ok(())
	}

	#[benchmark]
	fn loosen() -> Result<(), BenchmarkError> {
		begin::<T>();
		fill_types::<T>(T::MaxTypes::get());
		Pallet::<T>::do_tighten(BreakerLevel::ExitOnly).expect("it was open");
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, BreakerLevel::All);

		assert!(!Pallet::<T>::exits_only());
		Ok(())
	}

	#[benchmark]
	fn check_cover(s: Linear<1, { T::MaxSites::get() }>) {
		begin::<T>();
		let (_, vault) = indebted_vault::<T>(0, s);
		Vaults::<T>::mutate(vault, |vault| {
			vault.as_mut().expect("it was made above").cure_until = Some(Moment::MAX);
		});
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), vault);

		assert_eq!(Vaults::<T>::get(vault).and_then(|vault| vault.cure_until), None);
	}

	#[benchmark]
	fn watch_cover() {
		begin::<T>();
		let (_, vault) = indebted_vault::<T>(0, T::MaxSites::get());
		Vaults::<T>::mutate(vault, |vault| {
			vault.as_mut().expect("it was made above").cure_until = Some(Moment::MAX);
		});
		// It comes first, and behind the last one there is none: the next key is sought twice.
		let others: Vec<_> = Vaults::<T>::iter_keys().filter(|id| *id != vault).collect();
		others.into_iter().for_each(Vaults::<T>::remove);
		LastWatched::<T>::put(vault);

		#[block]
		{
			Pallet::<T>::watch_cover();
		}

		assert_eq!(Vaults::<T>::get(vault).and_then(|vault| vault.cure_until), None);
	}

	#[benchmark]
	fn impair() -> Result<(), BenchmarkError> {
		begin::<T>();
		// In both rounds to come deposits wait to count.
		depositor::<T>();
		let origin = T::GuardianOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, token::<T>());

		assert!(Types::<T>::get(token::<T>()).is_some_and(|kind| kind.impaired_until.is_some()));
		Ok(())
	}

	#[benchmark]
	fn restore() -> Result<(), BenchmarkError> {
		Pallet::<T>::do_impair(token::<T>(), true).expect("it was not impaired");
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, token::<T>());

		assert!(Types::<T>::get(token::<T>()).is_some_and(|kind| kind.impaired_until.is_none()));
		Ok(())
	}

	#[benchmark]
	fn shut_down() -> Result<(), BenchmarkError> {
		begin::<T>();
		indebted_vault::<T>(0, 1);
		depositor::<T>();
		Pallet::<T>::follow_reference(NOW);
		fill_types::<T>(T::MaxTypes::get());
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin);

		assert!(Pallet::<T>::is_shut_down());
		Ok(())
	}

	#[benchmark]
	fn sweep_vaults(n: Linear<1, MAX_STEPS>) {
		begin::<T>();
		for index in 0..n + 1 {
			indebted_vault::<T>(index, 1);
		}
		Pallet::<T>::do_shut_down().expect("there is a price");
		let (_, first) = Pallet::<T>::front(token::<T>()).expect("vaults owe something");
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), n);

		assert!(Vaults::<T>::get(first).is_some_and(|vault| vault.books.shares.is_zero()));
	}

	#[benchmark]
	fn cash_out() {
		begin::<T>();
		let who = funded::<T>("holder", 0);
		indebted_vault::<T>(0, 1);
		Pallet::<T>::do_shut_down().expect("there is a price");
		Pallet::<T>::do_sweep_vaults(u32::MAX).expect("vaults can be swept");
		// All types pay; those of tokens that do not exist come to owe it.
		fill_types::<T>(T::MaxTypes::get());
		for token in Tokens::<T>::get() {
			FrozenPrices::<T>::insert(token, (1, 1));
		}
		let amount = debt::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who), amount);

		assert!(Owed::<T>::iter().next().is_some());
	}

	#[benchmark]
	fn charge_hours(t: Linear<1, { T::MaxTypes::get() }>) {
		begin::<T>();
		indebted_vault::<T>(0, 1);
		fill_types::<T>(t);
		ChargedHour::<T>::put(NOW / HOUR - 168);
		// Seven days close too, in a full year.
		ReferencePrice::<T>::put(Reference {
			price: Price::one(),
			at: NOW - 7 * DAY,
			sum: Price::one().into_inner() * 365,
			days: 365,
		});

		#[block]
		{
			Pallet::<T>::charge_hours();
		}

		assert_eq!(ChargedHour::<T>::get(), Some(NOW / HOUR));
	}

	#[benchmark]
	fn look() {
		#[block]
		{
			let _ = (Tokens::<T>::get(), Redemptions::<T>::get());
		}
	}

	#[benchmark]
	fn observe() {
		begin::<T>();
		indebted_vault::<T>(0, 1);
		depositor::<T>();
		let before = Types::<T>::get(token::<T>()).map_or(0, |kind| kind.round);

		#[block]
		{
			let mut kind = Types::<T>::get(token::<T>()).expect("the token is a type");
			if let Some(quote) = Pallet::<T>::observe(token::<T>(), &mut kind) {
				let _ = Pallet::<T>::front_is_unsafe(token::<T>(), &kind, &quote);
			}
			Types::<T>::insert(token::<T>(), kind);
		}

		assert_eq!(Types::<T>::get(token::<T>()).map(|kind| kind.round), Some(before + 1));
	}

	/// `n` transfers of KWH, which ask for no vault, beside `v` vaults.
	#[benchmark(extra)]
	fn transfer_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v);
		let from = funded::<T>("owner", 0);

		#[block]
		{
			for to in (0..n).map(|index| account("to", index, 0)) {
				T::Kwh::transfer(&from, &to, part::<T>(1), Preservation::Preserve).expect("the sender has the KWH");
			}
		}
	}

	/// `n` draws from one vault beside `v` others.
	#[benchmark(extra)]
	fn draw_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v);
		let (owner, vault) = indebted_vault::<T>(0, 1);

		#[block]
		{
			for _ in 0..n {
				Pallet::<T>::do_draw(&owner, vault, part::<T>(1)).expect("both covers hold");
			}
		}

		assert!(Vaults::<T>::get(vault).is_some_and(|vault| vault.drawn == debt::<T>() + part::<T>(n)));
	}

	/// `n` repayments to one vault beside `v` others.
	#[benchmark(extra)]
	fn repay_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v);
		let (owner, vault) = indebted_vault::<T>(0, 1);
		Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");

		#[block]
		{
			for _ in 0..n {
				Pallet::<T>::do_repay(owner.clone(), vault, part::<T>(1)).expect("the owner has the KWH");
			}
		}

		assert!(Vaults::<T>::get(vault).is_some_and(|vault| vault.drawn == debt::<T>() * 2 - part::<T>(n)));
	}

	/// `n` steps of `work_queue`, each of which empties a vault, beside `v` others.
	#[benchmark(extra)]
	fn redeem_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v + n);
		request::<T>(n);
		prices::<T>(NOW + HOUR, Price::one());
		let before = Redemptions::<T>::get().locked;

		#[block]
		{
			Pallet::<T>::do_work_queue(n).expect("a redemption is due");
		}

		assert!(Redemptions::<T>::get().locked + all_debts::<T>(n) <= before);
	}

	/// `n` vaults liquidated at once beside `v` others.
	#[benchmark(extra)]
	fn liquidate_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v + n);
		depositors::<T>(n);
		prices::<T>(NOW + 5 * HOUR, Price::from_rational(1, 16));

		#[block]
		{
			assert_eq!(Pallet::<T>::do_liquidate(token::<T>(), n), Ok(n));
		}
	}

	/// `n` deposits of one depositor in the pool beside `v` others, and as many vaults.
	#[benchmark(extra)]
	fn pool_deposit_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v);
		savers::<T>(v);
		let who = depositor::<T>();
		give_kwh::<T>(&who, all_debts::<T>(n));

		#[block]
		{
			for _ in 0..n {
				Pallet::<T>::do_pool_deposit(&who, token::<T>(), debt::<T>()).expect("the depositor has the KWH");
			}
		}

		assert!(PoolDeposits::<T>::get(token::<T>(), who).is_some_and(|own| own.waiting().len() == 2));
	}

	/// `n` depositors withdraw from the pool beside `v` others, and as many vaults.
	#[benchmark(extra)]
	fn pool_withdraw_among(v: Linear<10, 100>, n: Linear<1, IN_A_ROW>) {
		crowd::<T>(v);
		savers::<T>(v);
		let leaving = depositors::<T>(n);
		give_notice::<T>(&leaving);
		let before = T::Kwh::balance(&Pallet::<T>::account());

		#[block]
		{
			for who in &leaving {
				Pallet::<T>::do_pool_withdraw(who, token::<T>()).expect("the notice is over");
			}
		}

		assert_eq!(T::Kwh::balance(&Pallet::<T>::account()), before - all_debts::<T>(n));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}

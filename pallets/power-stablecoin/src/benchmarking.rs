//! Benchmarks: the worst case of every call, and of what blocks do by themselves.
//!
//! They need a type of collateral without vaults but those of a genesis preset, whose account holds its own.

use baseload_math::books::{
	self,
	terms::{Price as BooksPrice, Terms},
};
use baseload_primitives::{
	Balance, BreakerLevel, EnergyCover, Moment, Price, PriceSource, SiteId, TokenId, TypeParams, VaultId, WattHours,
	DAY, HOUR, KWH, PAR,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::{Inspect as _, Mutate as _},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_core::U256;
use sp_runtime::{traits::One, Permill, Perquintill, SaturatedConversion};

use crate::{
	entry::Entry, Call, ChargedHour, Config, FrozenPrices, NextVault, Owed, Pallet, PoolDeposits, Redemptions,
	Reference, ReferencePrice, Requests, Tokens, Types, Vault, Vaults, MAX_STEPS,
};

/// What the runtime does for benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// A token that is a type of collateral, whose prices can be set.
	fn token() -> TokenId;
	/// A new token with twelve decimals, whose minimum balance is 1 and whose owner is `owner`; it is no type yet.
	fn new_token(owner: &AccountId) -> TokenId;
	/// Sets the clock.
	fn set_time(now: Moment);
}

/// When benchmarks begin: long after any genesis.
const NOW: Moment = 20_000 * DAY;

fn token<T: Config>() -> TokenId {
	T::BenchmarkHelper::token()
}

/// Prices of one each, observed at `now`; the market forgets what it knew.
fn prices<T: Config>(now: Moment, collateral: Price) {
	T::BenchmarkHelper::set_time(now);
	T::Prices::set_prices(Price::one(), token::<T>(), collateral);
	ReferencePrice::<T>::kill();
	Types::<T>::mutate(token::<T>(), |kind| {
		let kind = kind.as_mut().expect("the token is a type");
		kind.market = Default::default();
		kind.params = TypeParams {
			ceiling: u64::MAX,
			refill: u64::MAX,
			max_share: Permill::one(),
			..kind.params
		};
	});
}

/// Prices of one each; and the vaults of genesis get so much collateral that nothing comes to them.
fn begin<T: Config>() {
	prices::<T>(NOW, Price::one());
	let donor: T::AccountId = account("donor", 0, 0);
	for id in Vaults::<T>::iter_keys().collect::<alloc::vec::Vec<_>>() {
		let owed = Entry::<T>::existing(id).and_then(|entry| entry.debt()).unwrap_or(0);
		let amount = collateral_for::<T>(owed) * 100;
		T::Collateral::mint_into(token::<T>(), &donor, amount * 2).expect("the collateral token exists");
		Pallet::<T>::do_deposit(&donor, id, amount).expect("the donor has the collateral");
	}
}

/// As many types as there may be, `most` at most, all like the first and without prices; what the others owe is nobody's.
fn fill_types<T: Config>(most: u32) {
	let model = Types::<T>::get(token::<T>()).expect("the token is a type");
	for other in Tokens::<T>::get() {
		Types::<T>::remove(other);
	}
	let others = (1..most).map(|n| 1_000_000 + n);
	let tokens: alloc::vec::Vec<TokenId> = core::iter::once(token::<T>()).chain(others).collect();
	for token in &tokens {
		Types::<T>::insert(token, model.clone());
	}
	Tokens::<T>::put(BoundedVec::try_from(tokens).expect("no more than there may be"));
}

/// `count` more vaults of one owner that each owe [`debt`], every one a little safer than the one before. Made without calls: as
/// many would take minutes.
fn crowd<T: Config>(count: u32) {
	let owner: T::AccountId = account("crowd", 0, 0);
	let token = token::<T>();
	let mut kind = Types::<T>::get(token).expect("the token is a type");
	let first = NextVault::<T>::get();
	let shares = U256::from(debt::<T>()) * kind.books.shares / U256::from(kind.books.debt);
	for n in 0..count {
		let id = VaultId(first.0 + n);
		let books = books::totals::Vault {
			shares,
			collateral: collateral_for::<T>(debt::<T>() * 4) + Balance::from(n),
			handed_out: kind.books.handed_out,
		};
		Pallet::<T>::move_place(token, id, None, books.key());
		kind.books.debt += debt::<T>();
		kind.books.shares += shares;
		kind.books.collateral += books.collateral;
		let vault = Vault {
			owner: owner.clone(),
			token,
			books,
			drawn: debt::<T>(),
			sites: Default::default(),
			deposit: 0,
			declared: WattHours(0),
			cure_until: None,
		};
		Vaults::<T>::insert(id, vault);
	}
	NextVault::<T>::put(VaultId(first.0 + count));
	let (drawn, deposited) = (debt::<T>() * Balance::from(count), kind.books.collateral);
	Types::<T>::insert(token, kind);
	Pallet::<T>::mint(&owner, drawn).expect("KWH can be minted in a benchmark");
	T::Collateral::mint_into(token, &Pallet::<T>::account(), deposited).expect("the collateral token exists");
}

/// Collateral worth four times the KWH, at equal prices of one whole token each.
fn collateral_for<T: Config>(kwh: Balance) -> Balance {
	let decimals = Types::<T>::get(token::<T>()).map_or(0, |kind| kind.decimals);
	(kwh / KWH + 1) * 4 * 10u128.pow(decimals.into()) + T::Collateral::minimum_balance(token::<T>())
}

/// The debt that benchmarks draw first.
fn debt<T: Config>() -> Balance {
	T::MinDebt::get()
		.max(T::Kwh::minimum_balance())
		.max(T::MinRedemption::get())
}

/// Mints KWH as if a vault had drawn them, so that supply and debt agree: the shortfall of the type grows.
fn give_kwh<T: Config>(who: &T::AccountId, amount: Balance) {
	Pallet::<T>::mint(who, amount).expect("KWH can be minted in a benchmark");
	Types::<T>::mutate(token::<T>(), |kind| {
		kind.as_mut().expect("the token is a type").books.shortfall += amount;
	});
}

/// An account with KWH for deposits and repayments and reserve tokens for everything it draws.
fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who: T::AccountId = account(name, index, 0);
	give_kwh::<T>(
		&who,
		T::VaultDeposit::get() + T::Kwh::minimum_balance() * 10 + debt::<T>() * 8,
	);
	let reserve = collateral_for::<T>(debt::<T>() * 16);
	T::Collateral::mint_into(token::<T>(), &who, reserve).expect("the collateral token exists");
	who
}

/// A vault without collateral or sites.
fn empty_vault<T: Config>(index: u32) -> (T::AccountId, VaultId) {
	let owner = funded::<T>("owner", index);
	let vault = NextVault::<T>::get();
	Pallet::<T>::do_open(owner.clone(), token::<T>()).expect("the owner has the deposit");
	(owner, vault)
}

/// A vault with `sites` sites, each of which covers everything that benchmarks draw, and with enough collateral.
fn full_vault<T: Config>(index: u32, sites: u32) -> (T::AccountId, VaultId) {
	let (owner, vault) = empty_vault::<T>(index);
	Pallet::<T>::do_deposit(&owner, vault, collateral_for::<T>(debt::<T>() * 4)).expect("the owner has the collateral");
	for n in 0..sites {
		pledge::<T>(&owner, vault, index * 100 + n);
	}
	(owner, vault)
}

/// A vault that owes [`debt`].
fn indebted_vault<T: Config>(index: u32, sites: u32) -> (T::AccountId, VaultId) {
	let (owner, vault) = full_vault::<T>(index, sites.max(1));
	Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");
	(owner, vault)
}

fn covered_site<T: Config>(owner: &T::AccountId, n: u32) -> SiteId {
	let site = SiteId(100_000 + n);
	let at_par = T::AdvanceRate::get().saturating_reciprocal_mul_ceil(debt::<T>() * 8);
	T::Energy::set_cover(site, owner, WattHours((at_par / PAR + 1).saturated_into()));
	site
}

fn pledge<T: Config>(owner: &T::AccountId, vault: VaultId, n: u32) -> SiteId {
	let site = covered_site::<T>(owner, n);
	Pallet::<T>::do_pledge_site(owner, vault, site).expect("the site is certified and the owner's");
	site
}

/// A deposit in the pool that counts, and another that begins to with the next look at the price.
fn depositor<T: Config>() -> T::AccountId {
	let who = funded::<T>("depositor", 0);
	for round in 1..=3 {
		prices::<T>(NOW + round * HOUR, Price::one());
		Pallet::<T>::do_pool_deposit(&who, token::<T>(), debt::<T>()).expect("the depositor has the KWH");
	}
	prices::<T>(NOW + 4 * HOUR, Price::one());
	who
}

/// Collateral for the pool's depositors, as if a liquidation had brought it.
fn pool_gain<T: Config>() {
	let gain = collateral_for::<T>(debt::<T>());
	let account = Pallet::<T>::account();
	T::Collateral::mint_into(token::<T>(), &account, gain).expect("the collateral token exists");
	Types::<T>::mutate(token::<T>(), |kind| {
		let kind = kind.as_mut().expect("the token is a type");
		let (pool, _) = kind.pool.offset(0, gain).expect("the pool holds something");
		kind.pool = pool;
	});
}

/// A redemption of as much as `vaults` vaults owe, due now.
fn request<T: Config>(vaults: u32) -> T::AccountId {
	let who: T::AccountId = account("holder", 0, 0);
	let amount = debt::<T>() * Balance::from(vaults.max(1)) * 2;
	give_kwh::<T>(&who, amount + T::Kwh::minimum_balance());
	// What was minted for the benchmark is no one's to redeem from.
	Pallet::<T>::do_redeem(who.clone(), amount, Perquintill::one(), BoundedVec::new()).expect("the holder has the KWH");
	who
}

/// Gives `vault`, of `owner`, a debt of `debt`, and `owner` the KWH drawn, whatever covers and limits say.
pub(crate) fn set_debt<T: Config>(id: VaultId, owner: &T::AccountId, debt: Balance) {
	let next = id.next().expect("benchmarks use small ids");
	NextVault::<T>::mutate(|known| *known = next.max(*known));
	let kind = Types::<T>::get(token::<T>()).expect("the token is a type");
	let vault = Vaults::<T>::get(id).unwrap_or_else(|| Vault {
		owner: owner.clone(),
		token: token::<T>(),
		books: kind.books.open(),
		drawn: 0,
		sites: Default::default(),
		deposit: 0,
		declared: WattHours(0),
		cure_until: None,
	});
	let mut entry = Entry::<T> { id, vault, kind };
	entry.vault.owner = owner.clone();
	let anything = Terms {
		hourly_rate: 0,
		mint_bp: 0,
		minimum_debt: 0,
		..entry.terms()
	};
	let price = BooksPrice::new(1, 1).expect("neither is zero");
	let step = entry
		.kind
		.books
		.draw(&entry.vault.books, debt, None, &price, &anything)
		.expect("nothing is in the way");
	entry.apply(step);
	entry.store();
	Pallet::<T>::mint(owner, debt).expect("a benchmark's debt is mintable");
}

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

		assert_eq!(
			Vaults::<T>::get(vault).map(|vault| vault.books.collateral),
			Some(before + amount)
		);
	}

	#[benchmark]
	fn pledge_site() {
		begin::<T>();
		let last = T::MaxSites::get() - 1;
		let (owner, vault) = full_vault::<T>(0, last);
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
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, s);
		let site = SiteId(100_000);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), vault, site);

		assert_eq!(
			Vaults::<T>::get(vault).map(|vault| vault.sites.len() as u32),
			Some(s - 1)
		);
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

		assert_eq!(
			Vaults::<T>::get(vault).map(|vault| vault.books.collateral),
			Some(before - amount)
		);
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
		request::<T>(MAX_STEPS);
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

		assert!(PoolDeposits::<T>::get(token::<T>(), who).is_some_and(|deposit| deposit.notice().is_some()));
	}

	#[benchmark]
	fn pool_withdraw() {
		begin::<T>();
		indebted_vault::<T>(0, 1);
		let who = depositor::<T>();
		Pallet::<T>::do_pool_notice(&who, token::<T>(), debt::<T>()).expect("a deposit counts");
		Pallet::<T>::do_pool_deposit(&who, token::<T>(), debt::<T>()).expect("the depositor has the KWH");
		for round in 5..9 {
			prices::<T>(NOW + round * HOUR, Price::one());
			Types::<T>::mutate(token::<T>(), |kind| {
				Pallet::<T>::observe(token::<T>(), kind.as_mut().expect("the token is a type"))
			});
		}
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
	fn impair() -> Result<(), BenchmarkError> {
		let origin = T::GuardianOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, token::<T>());

		assert_eq!(Types::<T>::get(token::<T>()).map(|kind| kind.impaired), Some(true));
		Ok(())
	}

	#[benchmark]
	fn restore() -> Result<(), BenchmarkError> {
		Pallet::<T>::do_set_impaired(token::<T>(), true).expect("it was not impaired");
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, token::<T>());

		assert_eq!(Types::<T>::get(token::<T>()).map(|kind| kind.impaired), Some(false));
		Ok(())
	}

	#[benchmark]
	fn shut_down() -> Result<(), BenchmarkError> {
		begin::<T>();
		indebted_vault::<T>(0, 1);
		depositor::<T>();
		Pallet::<T>::follow_reference();
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
		while Pallet::<T>::sweep_front().expect("vaults can be swept") {}
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

	/// `draw` beside `v` other vaults.
	#[benchmark(extra)]
	fn draw_among(v: Linear<10, 100_000>) {
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, 1);
		crowd::<T>(v);

		#[block]
		{
			Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");
		}

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.drawn), Some(debt::<T>() * 2));
	}

	/// `repay` beside `v` other vaults.
	#[benchmark(extra)]
	fn repay_among(v: Linear<10, 100_000>) {
		begin::<T>();
		let (owner, vault) = indebted_vault::<T>(0, 1);
		Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");
		crowd::<T>(v);

		#[block]
		{
			Pallet::<T>::do_repay(owner, vault, debt::<T>()).expect("the owner has the KWH");
		}

		assert_eq!(Vaults::<T>::get(vault).map(|vault| vault.drawn), Some(debt::<T>()));
	}

	/// A step of `work_queue`, which empties one of `v` vaults.
	#[benchmark(extra)]
	fn redeem_among(v: Linear<10, 100_000>) {
		begin::<T>();
		crowd::<T>(v);
		request::<T>(1);
		prices::<T>(NOW + HOUR, Price::one());
		let before = Redemptions::<T>::get().locked;

		#[block]
		{
			Pallet::<T>::do_work_queue(1).expect("a redemption is due");
		}

		assert!(Redemptions::<T>::get().locked < before);
	}

	/// `liquidate` the riskiest of `v` vaults.
	#[benchmark(extra)]
	fn liquidate_among(v: Linear<10, 100_000>) {
		begin::<T>();
		crowd::<T>(v);
		depositor::<T>();
		prices::<T>(NOW + 5 * HOUR, Price::from_rational(1, 16));

		#[block]
		{
			Pallet::<T>::do_liquidate(token::<T>(), 1).expect("a vault is unsafe");
		}
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}

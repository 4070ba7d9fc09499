//! What benchmarks start from.

use alloc::vec::Vec;

use baseload_math::books::terms::{Price as BooksPrice, Terms};
use baseload_primitives::{
	Balance, EnergyCover, Moment, Price, PriceSource, SiteId, TokenId, TypeParams, VaultId, WattHours, DAY, HOUR, KWH,
	PAR,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::Inspect,
		fungibles::{Inspect as _, Mutate as _},
		Get,
	},
	BoundedVec,
};
use sp_runtime::{traits::One, Permill, Perquintill, SaturatedConversion};

use super::BenchmarkHelper;
use crate::{entry::Entry, Config, NextVault, Pallet, PoolDue, ReferencePrice, Tokens, Types, Vault, Vaults};

/// When benchmarks begin: long after any genesis.
pub(super) const NOW: Moment = 20_000 * DAY;

pub(super) fn token<T: Config>() -> TokenId {
	T::BenchmarkHelper::token()
}

/// Prices of one each, observed at `now`; the market forgets what it knew.
pub(super) fn prices<T: Config>(now: Moment, collateral: Price) {
	T::BenchmarkHelper::set_time(now);
	T::Prices::set_prices(Price::one(), token::<T>(), collateral);
	ReferencePrice::<T>::kill();
	Types::<T>::mutate(token::<T>(), |kind| {
		let kind = kind.as_mut().expect("the token is a type");
		kind.market = Default::default();
		// The longest record; the open clock that a raised ratio asks for is in memory in every block.
		kind.raised = Some((kind.params.liquidation_bp, Moment::MAX));
		kind.params = TypeParams {
			ceiling: u64::MAX,
			refill: u64::MAX,
			max_share: Permill::one(),
			..kind.params
		};
	});
}

/// Prices of one each; and the vaults of genesis get so much collateral that nothing comes to them.
pub(super) fn begin<T: Config>() {
	prices::<T>(NOW, Price::one());
	let donor: T::AccountId = account("donor", 0, 0);
	for id in Vaults::<T>::iter_keys().collect::<Vec<_>>() {
		let owed = Entry::<T>::existing(id).and_then(|entry| entry.debt()).unwrap_or(0);
		let amount = collateral_for::<T>(owed) * 100;
		T::Collateral::mint_into(token::<T>(), &donor, amount * 2).expect("the collateral token exists");
		Pallet::<T>::do_deposit(&donor, id, amount).expect("the donor has the collateral");
	}
}

/// As many types as there may be, `most` at most, all like the first, what its pool waits for and its price included; what the
/// others owe is nobody's.
pub(super) fn fill_types<T: Config>(most: u32) {
	let model = Types::<T>::get(token::<T>()).expect("the token is a type");
	for other in Tokens::<T>::get() {
		Types::<T>::remove(other);
	}
	let others = (1..most).map(|n| 1_000_000 + n);
	let tokens: Vec<TokenId> = core::iter::once(token::<T>()).chain(others).collect();
	let due: Vec<_> = PoolDue::<T>::iter_prefix(token::<T>()).collect();
	for token in &tokens {
		Types::<T>::insert(token, model.clone());
		for (round, due) in &due {
			PoolDue::<T>::insert(token, round, due);
		}
		// The first has its own price.
		if *token != tokens[0] {
			T::Prices::set_prices(Price::one(), *token, Price::one());
		}
	}
	Tokens::<T>::put(BoundedVec::try_from(tokens).expect("no more than there may be"));
}

/// Collateral worth four times the KWH, at equal prices of one whole token each.
pub(super) fn collateral_for<T: Config>(kwh: Balance) -> Balance {
	let decimals = Types::<T>::get(token::<T>()).map_or(0, |kind| kind.decimals);
	(kwh / KWH + 1) * 4 * 10u128.pow(decimals.into()) + T::Collateral::minimum_balance(token::<T>())
}

/// The debt that benchmarks draw first.
pub(super) fn debt<T: Config>() -> Balance {
	T::MinDebt::get()
		.max(T::Kwh::minimum_balance())
		.max(T::MinRedemption::get())
}

/// Mints KWH as if a vault had drawn them, so that supply and debt agree: the shortfall of the type grows.
pub(super) fn give_kwh<T: Config>(who: &T::AccountId, amount: Balance) {
	Pallet::<T>::mint(who, amount).expect("KWH can be minted in a benchmark");
	Types::<T>::mutate(token::<T>(), |kind| {
		kind.as_mut().expect("the token is a type").books.shortfall += amount;
	});
}

/// An account with KWH for deposits and repayments and reserve tokens for everything it draws.
pub(super) fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
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
pub(super) fn empty_vault<T: Config>(index: u32) -> (T::AccountId, VaultId) {
	let owner = funded::<T>("owner", index);
	let vault = NextVault::<T>::get();
	Pallet::<T>::do_open(owner.clone(), token::<T>()).expect("the owner has the deposit");
	(owner, vault)
}

/// A vault with `sites` sites, each of which covers everything that benchmarks draw, and with enough collateral.
pub(super) fn full_vault<T: Config>(index: u32, sites: u32) -> (T::AccountId, VaultId) {
	let (owner, vault) = empty_vault::<T>(index);
	Pallet::<T>::do_deposit(&owner, vault, collateral_for::<T>(debt::<T>() * 4)).expect("the owner has the collateral");
	for n in 0..sites {
		pledge::<T>(&owner, vault, index * 100 + n);
	}
	(owner, vault)
}

/// A vault that owes [`debt`].
pub(super) fn indebted_vault<T: Config>(index: u32, sites: u32) -> (T::AccountId, VaultId) {
	let (owner, vault) = full_vault::<T>(index, sites.max(1));
	Pallet::<T>::do_draw(&owner, vault, debt::<T>()).expect("both covers hold");
	(owner, vault)
}

pub(super) fn covered_site<T: Config>(owner: &T::AccountId, n: u32) -> SiteId {
	let site = SiteId(100_000 + n);
	let at_par = T::AdvanceRate::get().saturating_reciprocal_mul_ceil(debt::<T>() * 8);
	T::Energy::set_cover(site, owner, WattHours((at_par / PAR + 1).saturated_into()));
	site
}

pub(super) fn pledge<T: Config>(owner: &T::AccountId, vault: VaultId, n: u32) -> SiteId {
	let site = covered_site::<T>(owner, n);
	Pallet::<T>::do_pledge_site(owner, vault, site).expect("the site is certified and the owner's");
	site
}

/// `count` accounts that each have a deposit in the pool that counts, and another that begins to with the next look at the price.
pub(super) fn depositors<T: Config>(count: u32) -> Vec<T::AccountId> {
	let all: Vec<_> = (0..count).map(|index| funded::<T>("depositor", index)).collect();
	for round in 1..=3 {
		prices::<T>(NOW + round * HOUR, Price::one());
		for who in &all {
			Pallet::<T>::do_pool_deposit(who, token::<T>(), debt::<T>()).expect("the depositor has the KWH");
		}
	}
	prices::<T>(NOW + 4 * HOUR, Price::one());
	all
}

/// One of them.
pub(super) fn depositor<T: Config>() -> T::AccountId {
	depositors::<T>(1).remove(0)
}

/// Has them give notice, and deposit once more, so long ago that they can withdraw.
pub(super) fn give_notice<T: Config>(depositors: &[T::AccountId]) {
	for who in depositors {
		Pallet::<T>::do_pool_notice(who, token::<T>(), debt::<T>()).expect("a deposit counts");
		Pallet::<T>::do_pool_deposit(who, token::<T>(), debt::<T>()).expect("the depositor has the KWH");
	}
	for round in 5..9 {
		prices::<T>(NOW + round * HOUR, Price::one());
		Types::<T>::mutate(token::<T>(), |kind| {
			Pallet::<T>::observe(token::<T>(), kind.as_mut().expect("the token is a type"))
		});
	}
}

/// Collateral for the pool's depositors, as if a liquidation had brought it.
pub(super) fn pool_gain<T: Config>() {
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
pub(super) fn request<T: Config>(vaults: u32) -> T::AccountId {
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

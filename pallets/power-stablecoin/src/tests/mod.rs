//! One file per capability. Every test ends with all invariants checked, see [`crate::mock::run`].

#![allow(clippy::unwrap_used)]

mod brakes;
mod collateral;
mod cover_loss;
mod debt;
mod declared;
mod fuzz;
mod genesis;
mod governance;
mod interest;
mod invariants;
mod liquidation;
mod pool;
mod prices;
mod redemption;
mod shutdown;
mod sites;
mod vaults;
mod views;

use baseload_primitives::{Balance, SiteId, TokenId, VaultId};
use frame_support::assert_ok;

use crate::{entry::Entry, mock::*, CollateralType, Types, Vault, Vaults};

/// The site that [`ready`] pledges.
const SITE: SiteId = SiteId(7);

fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn vault(id: VaultId) -> Vault<Test> {
	Vaults::<Test>::get(id).unwrap()
}

fn kwh(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

fn reserve(who: AccountId) -> Balance {
	Assets::balance(RSV, who)
}

fn kind(token: TokenId) -> CollateralType {
	Types::<Test>::get(token).unwrap()
}

fn debt(id: VaultId) -> Balance {
	Entry::<Test>::existing(id).unwrap().debt().unwrap()
}

fn collateral(id: VaultId) -> Balance {
	Entry::<Test>::existing(id).unwrap().collateral().unwrap()
}

/// All events of the pallet so far that `pick` picks.
fn events<Picked>(pick: impl Fn(crate::Event<Test>) -> Option<Picked>) -> Vec<Picked> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::PowerStablecoin(event) => pick(event),
			_ => None,
		})
		.collect()
}

/// A vault of `who`'s with so many whole reserve tokens, and a unit, that owes so many whole KWH, with energy enough. The unit: a
/// vault that meets a ratio to the last digit counts as below it.
fn indebted(who: AccountId, tokens: Balance, owed: Balance) -> VaultId {
	let id = crate::NextVault::<Test>::get();
	assert_ok!(PowerStablecoin::open(origin(who), RSV));
	assert_ok!(PowerStablecoin::deposit(origin(who), id, tokens * RESERVE + 1));
	let site = SiteId(1_000 + id.0);
	set_site(site, who, energy_for(1_000_000));
	assert_ok!(PowerStablecoin::pledge_site(origin(who), id, site));
	assert_ok!(PowerStablecoin::draw(origin(who), id, owed * baseload_primitives::KWH));
	id
}

fn last_event() -> crate::Event<Test> {
	let ours = System::events()
		.into_iter()
		.rev()
		.find_map(|record| match record.event {
			RuntimeEvent::PowerStablecoin(event) => Some(event),
			_ => None,
		});
	ours.unwrap()
}

/// What [`ready`] deposits: 150 tokens, and a unit, because a vault that meets a ratio to the last digit counts as below it.
const COLLATERAL: Balance = 150 * RESERVE + 1;

/// What the unit is good for, at the first prices and the mint ratio: KWH base units.
const UNIT: Balance = 6_666_666;

/// Alice's vault, with energy for 1,000 KWH: both covers end there.
fn ready() {
	assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
	assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, COLLATERAL));
	set_site(SITE, ALICE, energy_for(1_000));
	assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SITE));
}

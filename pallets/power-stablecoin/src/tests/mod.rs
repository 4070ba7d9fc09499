//! One file per capability. Every test ends with all invariants checked, see [`crate::mock::run`].

#![allow(clippy::unwrap_used)]

mod collateral;
mod debt;
mod declared;
mod fuzz;
mod genesis;
mod invariants;
mod sites;
mod vaults;
mod views;

use baseload_primitives::{Balance, SiteId, VaultId};
use frame_support::assert_ok;

use crate::{mock::*, Vault, Vaults};

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
	Reserve::free_balance(who)
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

/// Alice's vault: 150 tokens and energy for 1,000 KWH, so that both covers end at exactly 1,000 KWH.
fn ready() {
	assert_ok!(PowerStablecoin::open(origin(ALICE)));
	assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 150 * RESERVE));
	set_site(SITE, ALICE, energy_for(1_000));
	assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SITE));
}

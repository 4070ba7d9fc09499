//! Pledging and releasing sites.

use baseload_primitives::{SiteId, VaultId, WattHours, KWH};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use super::*;
use crate::{Error, Event};

#[test]
fn pledge_should_count_the_sites_energy_when_vault_and_site_are_the_owners() {
	run(|| {
		ready();
		assert_eq!(
			last_event(),
			Event::SitePledged {
				vault: FIRST,
				site: SITE
			}
		);
		assert_eq!(vault(FIRST).sites.to_vec(), vec![SITE]);
		assert_eq!(Sites::get()[&SITE].2, Some(FIRST));
		assert_eq!(PowerStablecoin::energy_limit(&vault(FIRST)), 1_000 * KWH);
	});
}

#[test]
fn pledge_should_fail_when_vault_or_site_is_not_the_signers() {
	run(|| {
		ready();
		let pledge = |who, vault, site| PowerStablecoin::pledge_site(origin(who), vault, site);
		set_site(SiteId(8), BOB, energy_for(1));
		assert_noop!(pledge(ALICE, VaultId(9), SITE), Error::<Test>::UnknownVault);
		assert_noop!(pledge(BOB, FIRST, SiteId(8)), Error::<Test>::NotOwner);
		assert_noop!(pledge(ALICE, FIRST, SiteId(8)), Error::<Test>::NotSiteOwner);
		assert_noop!(pledge(ALICE, FIRST, SiteId(9)), Error::<Test>::UnknownSite);
	});
}

#[test]
fn pledge_should_fail_when_the_site_is_pledged_already() {
	run(|| {
		ready();
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		for vault in [FIRST, VaultId(2)] {
			assert_noop!(
				PowerStablecoin::pledge_site(origin(ALICE), vault, SITE),
				DispatchError::Other("pledge")
			);
		}
	});
}

#[test]
fn pledge_should_fail_when_the_vault_has_all_the_sites_it_may_have() {
	run(|| {
		ready();
		for n in 10..14 {
			set_site(SiteId(n), ALICE, energy_for(1));
		}
		for n in 10..13 {
			assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SiteId(n)));
		}
		assert_noop!(
			PowerStablecoin::pledge_site(origin(ALICE), FIRST, SiteId(13)),
			Error::<Test>::TooManySites
		);
	});
}

#[test]
fn release_should_stop_when_what_remains_does_not_cover_the_debt() {
	run(|| {
		ready();
		let other = SiteId(8);
		set_site(other, ALICE, energy_for(300));
		assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, other));
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 300 * KWH + 1));
		let release = |site| PowerStablecoin::release_site(origin(ALICE), FIRST, site).map(|_| ());
		assert_noop!(release(SITE), Error::<Test>::EnergyTooLow);
		assert_ok!(PowerStablecoin::repay(origin(BOB), FIRST, 1));
		// Energy is no question of price.
		set_prices(None, None);
		assert_ok!(release(SITE));
		assert_eq!(
			last_event(),
			Event::SiteReleased {
				vault: FIRST,
				site: SITE
			}
		);
		assert_eq!(Sites::get()[&SITE].2, None);
		assert_noop!(release(SITE), Error::<Test>::SiteNotPledged);
		assert_noop!(release(other), Error::<Test>::EnergyTooLow);
	});
}

#[test]
fn release_should_pass_when_there_is_no_debt_and_no_energy() {
	run(|| {
		ready();
		set_site(SITE, ALICE, WattHours(0));
		let release = |who, vault| PowerStablecoin::release_site(origin(who), vault, SITE).map(|_| ());
		assert_noop!(release(BOB, FIRST), Error::<Test>::NotOwner);
		assert_noop!(release(ALICE, VaultId(9)), Error::<Test>::UnknownVault);
		assert_ok!(release(ALICE, FIRST));
		assert!(vault(FIRST).sites.is_empty());
	});
}

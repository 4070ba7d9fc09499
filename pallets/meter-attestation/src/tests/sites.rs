use baseload_primitives::{MeterId, Register, SiteId, Technology, HOUR};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{InspectHold, Mutate},
};
use sp_runtime::{traits::BadOrigin, TokenError};

use crate::{mock::*, Error, Event, HoldReason, Sites};

fn held(who: u64) -> u128 {
	Balances::balance_on_hold(&HoldReason::Site.into(), &who)
}

#[test]
fn register_site_should_hold_the_deposit_when_owner_can_pay() {
	run(|| {
		assert_eq!(site(), SiteId(0));
		assert_eq!(site(), SiteId(1));
		assert_eq!(held(OWNER), 2 * SITE_DEPOSIT);
		assert_eq!(MeterAttestation::next_site(), SiteId(2));
		assert_eq!(
			events().last(),
			Some(&Event::SiteRegistered {
				site: SiteId(1),
				owner: OWNER
			})
		);
		let view = MeterAttestation::site(SiteId(0)).expect("registered");
		assert_eq!((view.owner, view.details), (OWNER, details_at("DE0")));
		assert_eq!((view.revenue_meter, view.pledged_to, view.cover.0), (None, None, 0));
		assert_eq!(MeterAttestation::site(SiteId(2)), None);
	});
}

#[test]
fn register_site_should_fail_when_power_or_deposit_is_missing() {
	run(|| {
		let origin = RuntimeOrigin::signed(OWNER);
		let mut none = details(Technology::Solar);
		none.nameplate_w = 0;
		assert_noop!(
			MeterAttestation::register_site(origin, none),
			Error::<Test>::ZeroNameplate
		);
		assert_noop!(
			MeterAttestation::register_site(RuntimeOrigin::signed(77), details(Technology::Solar)),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			MeterAttestation::register_site(RuntimeOrigin::root(), details(Technology::Solar)),
			BadOrigin
		);
	});
}

#[test]
fn register_site_should_fail_when_ids_are_exhausted() {
	run(|| {
		crate::NextSite::<Test>::put(SiteId(u32::MAX));
		let origin = RuntimeOrigin::signed(OWNER);
		assert_noop!(
			MeterAttestation::register_site(origin, details(Technology::Solar)),
			Error::<Test>::IdsExhausted
		);
	});
}

#[test]
fn register_site_should_fail_when_the_deposit_would_leave_dust() {
	run(|| {
		let poor = 77;
		let register = || MeterAttestation::register_site(RuntimeOrigin::signed(poor), details(Technology::Firm));
		Balances::set_balance(&poor, SITE_DEPOSIT);
		assert_noop!(register(), TokenError::FundsUnavailable);
		Balances::set_balance(&poor, SITE_DEPOSIT + 1);
		assert_ok!(register());
	});
}

#[test]
fn certify_site_should_name_the_revenue_meter_when_registrar_calls() {
	run(|| {
		let site = site();
		let (first, second) = (meter(site), meter(site));
		certify(site, first.id);
		assert_eq!(
			events().last(),
			Some(&Event::SiteCertified {
				site,
				old: None,
				new: first.id
			})
		);
		certify(site, second.id);
		assert_eq!(
			events().last(),
			Some(&Event::SiteCertified {
				site,
				old: Some(first.id),
				new: second.id
			})
		);
		assert_eq!(
			Sites::<Test>::get(site).and_then(|site| site.revenue_meter),
			Some(second.id)
		);
		assert_eq!(
			(first.record().certified_since, second.record().certified_since),
			(None, Some(now()))
		);
	});
}

#[test]
fn certify_site_should_fail_when_meter_does_not_qualify() {
	run(|| {
		let (here, elsewhere) = (site(), site());
		let export = meter(here);
		let import = meter_with(here, &[Register::Import, Register::ExportBand(1)]);
		let one_way = meter_with(here, &[Register::Export]);
		let registrar = || RuntimeOrigin::signed(REGISTRAR);
		assert_noop!(
			MeterAttestation::certify_site(registrar(), SiteId(9), export.id, now()),
			Error::<Test>::UnknownSite
		);
		assert_noop!(
			MeterAttestation::certify_site(registrar(), here, MeterId(9), now()),
			Error::<Test>::UnknownMeter
		);
		assert_noop!(
			MeterAttestation::certify_site(registrar(), elsewhere, export.id, now()),
			Error::<Test>::MeterElsewhere
		);
		assert_noop!(
			MeterAttestation::certify_site(registrar(), here, import.id, now()),
			Error::<Test>::MissingEnergyRegister
		);
		// What is drawn must be known, or a store behind the meter would sell the grid's own energy as its own.
		assert_noop!(
			MeterAttestation::certify_site(registrar(), here, one_way.id, now()),
			Error::<Test>::MissingEnergyRegister
		);
		certify(here, export.id);
		assert_noop!(
			MeterAttestation::certify_site(registrar(), here, export.id, now()),
			Error::<Test>::AlreadyCertified
		);
		assert_noop!(
			MeterAttestation::certify_site(RuntimeOrigin::signed(OWNER), here, export.id, now()),
			BadOrigin
		);
	});
}

#[test]
fn certify_site_should_fail_when_another_site_is_certified_at_the_connection_point() {
	run(|| {
		let [first, second] = [(); 2].map(|()| site_at("DE0001"));
		let [one, two] = [first, second].map(meter);
		certify(first, one.id);
		let certify_second = || MeterAttestation::certify_site(RuntimeOrigin::signed(REGISTRAR), second, two.id, now());
		assert_noop!(certify_second(), Error::<Test>::PointTaken);
		// The same site may change its meter.
		certify(first, meter(first).id);
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			first
		));
		assert_ok!(certify_second());
	});
}

#[test]
fn certify_site_should_fail_when_the_date_is_out_of_bounds() {
	run(|| {
		let site = site();
		let meter = meter(site);
		Sites::<Test>::mutate(site, |site| {
			site.as_mut().expect("registered").details.commissioned_at = now() - HOUR
		});
		let certify = |since| MeterAttestation::certify_site(RuntimeOrigin::signed(REGISTRAR), site, meter.id, since);
		assert_noop!(certify(now() + 1), Error::<Test>::CertificateInFuture);
		assert_noop!(certify(now() - HOUR - 1), Error::<Test>::CertificateBeforeCommissioning);
		assert_ok!(certify(now() - HOUR));
	});
}

#[test]
fn revoke_certificate_should_fail_when_site_is_not_certified() {
	run(|| {
		let site = site();
		let registrar = || RuntimeOrigin::signed(REGISTRAR);
		assert_noop!(
			MeterAttestation::revoke_certificate(registrar(), site),
			Error::<Test>::NotCertified
		);
		assert_noop!(
			MeterAttestation::revoke_certificate(registrar(), SiteId(9)),
			Error::<Test>::UnknownSite
		);
		assert_noop!(
			MeterAttestation::revoke_certificate(RuntimeOrigin::signed(OWNER), site),
			BadOrigin
		);
		let meter = meter(site);
		certify(site, meter.id);
		assert_ok!(MeterAttestation::revoke_certificate(registrar(), site));
		assert_eq!(
			events().last(),
			Some(&Event::CertificateRevoked { site, old: meter.id })
		);
	});
}

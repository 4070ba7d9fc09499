use baseload_primitives::{EnergyCover, Quality, Reading, SiteId, Technology, VaultId, DAY, HOUR, MINUTE};
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Error, Event, Sites};

fn cover(site: SiteId) -> u64 {
	<MeterAttestation as EnergyCover<u64>>::cover(site).0
}

/// (30 days, 365 days, cover) as the view shows them.
fn shown(site: SiteId) -> (u64, u64, u64) {
	let view = MeterAttestation::site(site).expect("registered");
	assert_eq!(view.cover.0, cover(site));
	(view.last_30_days.0, view.last_365_days.0, view.cover.0)
}

/// Reports once an hour and lets the last reading become final.
fn generate(meter: &Device, from: Reading, hours: u64, export: u64, import: u64) -> Reading {
	let mut last = from;
	for _ in 0..hours {
		pass(HOUR);
		last = reading(
			last.sequence + 1,
			&[last.registers[0] + export, last.registers[1] + import],
		);
		assert_ok!(meter.submit(last.clone()));
	}
	pass(WINDOW);
	last
}

#[test]
fn cover_should_be_a_twelfth_of_net_export_when_site_is_new() {
	run(|| {
		let (site, meter) = plant();
		let first = reading(1, &[1_000_000, 50]);
		assert_ok!(meter.submit(first.clone()));
		generate(&meter, first, 24, 500_000, 20_000);
		assert_eq!(shown(site), (24 * 480_000, 24 * 480_000, 2 * 480_000));
	});
}

#[test]
fn cover_should_be_zero_when_import_exceeds_export() {
	run(|| {
		let (site, meter) = plant();
		let first = reading(1, &[0, 0]);
		assert_ok!(meter.submit(first.clone()));
		generate(&meter, first, 3, 1_000, 2_000);
		assert_eq!(shown(site), (0, 0, 0));
	});
}

#[test]
fn cover_should_count_only_final_readings_when_some_are_pending() {
	run(|| {
		let (site, meter) = plant();
		meter.report(1, &[0, 0]);
		pass(HOUR);
		meter.report(2, &[1_000_000, 0]);
		pass(WINDOW - 1);
		assert_eq!(shown(site), (0, 0, 0));
		pass(1);
		assert_eq!(shown(site).0, 1_000_000);
	});
}

#[test]
fn cover_should_not_depend_on_when_it_is_recorded() {
	run(|| {
		let (site, meter) = plant();
		meter.report(1, &[0, 0]);
		pass(HOUR);
		meter.report(2, &[1_000_000, 0]);
		pass(WINDOW);
		let before = shown(site);
		let booked = || meter.record().ring.map(|ring| ring.last_30_days(now()));
		assert_eq!(booked(), Some(0));
		meter.report(3, &[1_000_000, 0]);
		assert_eq!(booked(), Some(1_000_000));
		assert_eq!(shown(site), before);
	});
}

#[test]
fn cover_should_decay_to_zero_when_meter_is_silent() {
	run(|| {
		let (site, meter) = plant();
		let first = reading(1, &[0, 0]);
		assert_ok!(meter.submit(first.clone()));
		generate(&meter, first, 12, 120_000, 0);
		assert_eq!(shown(site), (1_440_000, 1_440_000, 120_000));
		block(START + 30 * DAY - 1);
		assert_eq!(shown(site), (1_440_000, 1_440_000, 120_000));
		block(START + 30 * DAY);
		assert_eq!(shown(site), (0, 1_440_000, 0));
		block(START + 365 * DAY);
		assert_eq!(shown(site), (0, 0, 0));
	});
}

#[test]
fn cover_should_count_from_one_measured_reading_to_the_next_when_an_estimate_is_between() {
	run(|| {
		let (site, meter) = plant();
		meter.report(1, &[0, 0]);
		pass(HOUR);
		let estimate = Reading {
			quality: Quality::Estimated,
			..reading(2, &[400_000, 30_000])
		};
		assert_ok!(meter.submit(estimate));
		pass(WINDOW);
		assert_eq!(shown(site), (0, 0, 0));
		meter.report(3, &[900_000, 40_000]);
		pass(WINDOW);
		assert_eq!(shown(site).0, 900_000 - 40_000);
	});
}

#[test]
fn cover_should_be_capped_by_technology_when_meter_says_more() {
	run(|| {
		let site = SiteId(0);
		assert_ok!(MeterAttestation::register_site(
			RuntimeOrigin::signed(OWNER),
			details(Technology::Solar)
		));
		let meter = meter(site);
		certify(site, meter.id);
		meter.report(1, &[0, 0]);
		block(START + 30 * DAY);
		meter.report(2, &[720 * NAMEPLATE_W, 0]);
		pass(WINDOW);
		let (month, year, _) = shown(site);
		// 30 % of 720 h, although 29 to 30 days at full power were metered.
		assert_eq!(month, 216 * NAMEPLATE_W);
		assert_eq!(year, 720 * NAMEPLATE_W);
	});
}

#[test]
fn check_meter_should_not_count_when_another_is_the_revenue_meter() {
	run(|| {
		let (site, revenue) = plant();
		let check = meter(site);
		for meter in [&revenue, &check] {
			meter.report(1, &[0, 0]);
		}
		pass(HOUR);
		for meter in [&revenue, &check] {
			meter.report(2, &[1_000_000, 0]);
		}
		pass(WINDOW);
		assert_eq!(shown(site).0, 1_000_000);
	});
}

#[test]
fn energy_before_the_certificate_should_not_count() {
	run(|| {
		let site = site();
		let meter = meter(site);
		meter.report(1, &[0, 0]);
		pass(HOUR);
		meter.report(2, &[1_000_000, 0]);
		pass(30 * MINUTE);
		certify(site, meter.id);
		pass(30 * MINUTE);
		// Half of the last hour was metered under the certificate.
		meter.report(3, &[1_800_000, 0]);
		pass(WINDOW);
		assert_eq!(shown(site).0, 400_000);
	});
}

#[test]
fn cover_should_be_zero_when_certificate_is_revoked_and_come_back_without_the_time_between() {
	run(|| {
		let (site, meter) = plant();
		meter.report(1, &[0, 0]);
		pass(HOUR);
		meter.report(2, &[120_000, 0]);
		pass(WINDOW);
		assert_eq!(cover(site), 10_000);
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			site
		));
		assert_eq!(shown(site), (0, 0, 0));
		pass(HOUR);
		meter.report(3, &[1_120_000, 0]);
		pass(WINDOW);
		certify(site, meter.id);
		assert_eq!(shown(site), (120_000, 120_000, 10_000));
		// Of the two hours up to sequence 4, one is under the new certificate.
		pass(HOUR);
		meter.report(4, &[1_420_000, 0]);
		pass(WINDOW);
		assert_eq!(shown(site).0, 120_000 + 150_000);
	});
}

#[test]
fn cover_should_be_each_meters_own_when_another_is_certified() {
	run(|| {
		let (site, old) = plant();
		old.report(1, &[0, 0]);
		pass(HOUR);
		old.report(2, &[120_000, 0]);
		pass(WINDOW);
		assert_eq!(cover(site), 10_000);
		let new = meter(site);
		certify(site, new.id);
		assert_eq!(shown(site), (0, 0, 0));
		certify(site, old.id);
		assert_eq!(shown(site), (120_000, 120_000, 10_000));
	});
}

#[test]
fn pledge_should_mark_the_site_when_it_is_certified_and_free() {
	run(|| {
		let (id, vault, other) = (site(), VaultId(3), VaultId(4));
		let pledge = |site, vault| <MeterAttestation as EnergyCover<u64>>::pledge(site, vault);
		let release = |site, vault| <MeterAttestation as EnergyCover<u64>>::release(site, vault);
		assert_noop!(pledge(SiteId(9), vault), Error::<Test>::UnknownSite);
		assert_noop!(pledge(id, vault), Error::<Test>::NotCertified);
		assert_noop!(release(id, vault), Error::<Test>::NotPledged);
		let meter = meter(id);
		certify(id, meter.id);
		assert_ok!(pledge(id, vault));
		assert_eq!(events().last(), Some(&Event::SitePledged { site: id, vault }));
		assert_noop!(pledge(id, other), Error::<Test>::AlreadyPledged);
		assert_noop!(release(id, other), Error::<Test>::NotPledged);
		// Losing the certificate does not lose the pledge, nor bar its release.
		assert_ok!(MeterAttestation::revoke_certificate(
			RuntimeOrigin::signed(REGISTRAR),
			id
		));
		assert_eq!(Sites::<Test>::get(id).and_then(|site| site.pledged_to), Some(vault));
		assert_ok!(release(id, vault));
		assert_eq!(events().last(), Some(&Event::SiteReleased { site: id, vault }));
		assert_noop!(release(SiteId(9), vault), Error::<Test>::UnknownSite);
		assert_eq!(<MeterAttestation as EnergyCover<u64>>::owner(id), Some(OWNER));
		assert_eq!(<MeterAttestation as EnergyCover<u64>>::owner(SiteId(9)), None);
		assert_eq!(cover(SiteId(9)), 0);
	});
}

use baseload_primitives::{ClockStatus, Flags, MeterId, Quality, Reading, Register, Severity, Verdict, HOUR, MINUTE};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::Permill;

use crate::{checks::SAME_TIME, mock::*, Check, Error, Event, Meters};

const TOLERANCE: Permill = Permill::from_percent(1);

fn check_by(meter: MeterId, check: Option<MeterId>) -> frame_support::dispatch::DispatchResult {
	set_policy(meter, |policy| {
		policy.check = check.map(|meter| Check {
			meter,
			tolerance: TOLERANCE,
		})
	})
}

/// A revenue meter and its check meter.
fn pair() -> (Device, Device) {
	let (site, meter) = plant();
	let check = crate::mock::meter(site);
	assert_ok!(check_by(meter.id, Some(check.id)));
	(meter, check)
}

/// The same, where both were read once: from there on rises are compared.
fn based() -> (Device, Device) {
	let (meter, check) = pair();
	meter.report(1, &[1_000, 0]);
	check.report(1, &[50, 7]);
	(meter, check)
}

/// Both meters, both read again half an hour after the first time; they rose by this much.
fn both_rose(ours: [u64; 2], theirs: [u64; 2]) -> (Device, Device) {
	let (meter, check) = based();
	pass(30 * MINUTE);
	meter.report(2, &[1_000 + ours[0], ours[1]]);
	check.report(2, &[50 + theirs[0], 7 + theirs[1]]);
	(meter, check)
}

fn agreements() -> usize {
	events()
		.iter()
		.filter(|event| matches!(event, Event::ChecksAgree { .. }))
		.count()
}

#[test]
fn readings_should_be_final_at_once_when_both_meters_rose_by_the_same() {
	for check_is_first in [false, true] {
		run(|| {
			let (meter, check) = based();
			pass(30 * MINUTE);
			let ours = reading(2, &[201_000, 10]);
			let theirs = reading(2, &[200_050, 17]);
			if check_is_first {
				assert_ok!(check.submit(theirs));
				assert_eq!((meter.measured(), agreements()), (None, 0));
				assert_ok!(meter.submit(ours));
			} else {
				assert_ok!(meter.submit(ours));
				assert_eq!((meter.measured(), agreements()), (None, 0));
				assert_ok!(check.submit(theirs));
			}
			assert_eq!(meter.measured(), Some(2));
			let agree = Event::ChecksAgree {
				meter: meter.id,
				check: check.id,
				sequence: 2,
			};
			assert!(events().contains(&agree));
			assert_eq!(agreements(), 1);
			// The check meter's own readings wait as ever.
			assert_eq!(check.measured(), None);
			let site = MeterAttestation::site(meter.record().site).expect("registered");
			assert_eq!(site.last_30_days.0, 200_000 - 10);
		});
	}
}

#[test]
fn first_common_time_should_only_set_where_the_comparison_starts() {
	run(|| {
		let (meter, check) = pair();
		meter.report(1, &[1_000, 0]);
		assert_eq!(meter.record().agreed, None);
		check.report(1, &[50, 7]);
		let base = meter.record().agreed.expect("both were read");
		assert_eq!(base.at, START);
		assert_eq!(
			(base.meter.to_vec(), base.check.to_vec()),
			(vec![1_000, 0], vec![50, 7])
		);
		assert_eq!(meter.measured(), None);
		// Nor does it when it is the newest common time again.
		meter.report_after(MINUTE, 2, &[1_000, 0]);
		check.report_after(MINUTE, 2, &[50, 7]);
		assert_eq!((meter.measured(), agreements()), (None, 0));
		assert_eq!(meter.record().agreed, Some(base));
	});
}

#[test]
fn suspended_check_meter_should_vouch_for_nothing() {
	run(|| {
		let (meter, check) = based();
		pass(30 * MINUTE);
		check.report(2, &[1_050, 7]);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), check.id));
		meter.report(2, &[2_000, 0]);
		assert_eq!((meter.measured(), agreements()), (None, 0));
	});
}

#[test]
fn readings_should_wait_when_the_rises_differ_until_they_agree_again() {
	run(|| {
		let (meter, check) = both_rose([1_000, 0], [2_000, 0]);
		assert_eq!((meter.measured(), agreements()), (None, 0));
		assert_eq!(meter.record().agreed.map(|base| base.at), Some(START));
		pass(MINUTE);
		meter.report(3, &[6_000, 0]);
		check.report(3, &[5_050, 7]);
		assert_eq!((meter.measured(), agreements()), (Some(3), 1));
	});
}

#[test]
fn rises_should_agree_up_to_the_tolerance_of_the_larger_and_the_resolution() {
	// One percent of the larger, rounded down, and 2 Wh.
	for (ours, theirs, agree) in [
		(10_000, 10_103, true),
		(10_000, 10_104, false),
		(10_103, 10_000, true),
		(10_104, 10_000, false),
		(0, 2, true),
		(0, 3, false),
		(0, 0, true),
	] {
		for place in [0, 1] {
			run(|| {
				let (mut our_rises, mut their_rises) = ([0, 0], [0, 0]);
				our_rises[place] = ours;
				their_rises[place] = theirs;
				let (meter, _) = both_rose(our_rises, their_rises);
				let expected = agree.then_some(2);
				assert_eq!(meter.measured(), expected, "{ours} and {theirs} in register {place}");
			});
		}
	}
}

#[test]
fn times_should_be_the_same_up_to_a_second_apart() {
	for (apart, agree) in [(SAME_TIME, true), (SAME_TIME + 1, false)] {
		for check_is_late in [false, true] {
			run(|| {
				let (meter, check) = based();
				pass(30 * MINUTE);
				let (late, early) = (now(), now() - apart);
				let (our_time, their_time) = if check_is_late { (early, late) } else { (late, early) };
				assert_ok!(meter.submit(reading_at(our_time, 2, &[1_000, 0])));
				assert_ok!(check.submit(reading_at(their_time, 2, &[50, 7])));
				assert_eq!(meter.measured(), agree.then_some(2));
			});
		}
	}
}

#[test]
fn totals_should_be_found_wherever_they_stand_and_only_those_of_both_count() {
	let with_check = |registers: &[Register], rises: &[u64]| {
		let (site, meter) = plant();
		let check = meter_with(site, registers);
		assert_ok!(check_by(meter.id, Some(check.id)));
		meter.report(1, &[0, 0]);
		check.report(1, &vec![0; rises.len()]);
		pass(30 * MINUTE);
		meter.report(2, &[5_000, 40]);
		check.report(2, rises);
		meter.measured()
	};
	run(|| assert_eq!(with_check(&[Register::Import, Register::Export], &[40, 5_000]), Some(2)));
	run(|| assert_eq!(with_check(&[Register::Import], &[40]), Some(2)));
	run(|| assert_eq!(with_check(&[Register::Import], &[5_000]), None));
	run(|| assert_eq!(with_check(&[Register::ExportBand(1)], &[5_000]), None));
}

#[test]
fn all_readings_up_to_the_common_time_should_be_final_and_none_after_it() {
	run(|| {
		let (meter, check) = based();
		for sequence in 2..=4 {
			meter.report_after(5 * MINUTE, sequence, &[1_000 * sequence, 0]);
		}
		// At the time of sequence 3.
		assert_ok!(check.submit(reading_at(now() - 5 * MINUTE, 2, &[2_050, 7])));
		assert_eq!(meter.measured(), Some(3));
		pass(WINDOW);
		assert_eq!(meter.measured(), Some(4));
	});
}

#[test]
fn flags_should_not_hold_readings_when_the_meters_agree() {
	run(|| {
		let (meter, check) = based();
		assert_ok!(set_policy(meter.id, |policy| policy.severities.gap = Severity::Hold));
		pass(3 * HOUR);
		meter.report(2, &[6_000, 0]);
		assert!(meter.pending()[0].hold.is_some());
		check.report(2, &[5_050, 7]);
		assert_eq!(meter.newest_final(), Some((2, Flags::GAP)));
		assert_eq!(meter.measured(), Some(2));
	});
}

#[test]
fn dispute_should_go_on_when_the_meters_agree() {
	run_bonded(|| {
		let (meter, check) = based();
		meter.report_after(STEP, 2, &[2_000, 0]);
		meter.report_after(STEP, 3, &[3_000, 0]);
		assert_ok!(dispute(BONDED[0], meter.id, 2));
		check.report(2, &[2_050, 7]);
		assert_eq!((meter.measured(), agreements()), (Some(1), 1));
		check.report_after(STEP, 3, &[2_050, 7]);
		pass(WINDOW);
		assert_eq!((meter.measured(), agreements()), (Some(1), 1));
		assert_ok!(decide(meter.id, 2, Verdict::Stands));
		assert_eq!(meter.measured(), Some(3));
	});
}

#[test]
fn doubtful_readings_should_not_be_compared() {
	// An estimate of either meter, and what the check meter's own flags hold or an attestor disputes.
	let estimate = |reading| Reading {
		quality: Quality::Estimated,
		..reading
	};
	run(|| {
		let (meter, check) = based();
		pass(30 * MINUTE);
		assert_ok!(meter.submit(estimate(reading(2, &[2_000, 0]))));
		check.report(2, &[1_050, 7]);
		assert_eq!(meter.newest_final(), None);
	});
	run(|| {
		let (meter, check) = based();
		pass(30 * MINUTE);
		meter.report(2, &[2_000, 0]);
		assert_ok!(check.submit(estimate(reading(2, &[1_050, 7]))));
		assert_eq!(meter.newest_final(), None);
	});
	run(|| {
		let (meter, check) = based();
		assert_ok!(set_policy(check.id, |policy| policy.severities.clock = Severity::Hold));
		pass(30 * MINUTE);
		assert_ok!(check.submit(Reading {
			clock: ClockStatus::Unsynchronised,
			..reading(2, &[1_050, 7])
		}));
		meter.report(2, &[2_000, 0]);
		assert_eq!(meter.newest_final(), None);
	});
	run_bonded(|| {
		let (meter, check) = based();
		pass(30 * MINUTE);
		check.report(2, &[1_050, 7]);
		assert_ok!(dispute(BONDED[0], check.id, 2));
		meter.report(2, &[2_000, 0]);
		assert_eq!(meter.newest_final(), None);
	});
}

#[test]
fn comparison_should_use_the_check_meters_final_reading_when_it_is_still_the_newest() {
	run(|| {
		let (meter, check) = based();
		let at = now() + 30 * MINUTE;
		pass(30 * MINUTE);
		check.report(2, &[1_050, 7]);
		pass(WINDOW);
		assert_eq!(check.measured(), Some(2));
		// The meter's gateway was cut off.
		assert_ok!(meter.submit(reading_at(at, 2, &[2_000, 0])));
		assert_eq!(meter.measured(), Some(2));
	});
}

#[test]
fn comparison_should_start_anew_when_what_it_started_from_was_dropped() {
	run(|| {
		let (meter, check) = pair();
		meter.report(1, &[1_000, 0]);
		pass(WINDOW);
		meter.report_after(MINUTE, 2, &[9_000, 0]);
		check.report(1, &[50, 7]);
		assert_eq!(meter.record().agreed.map(|base| base.meter[0]), Some(9_000));
		// Struck out, and the meter goes on below it.
		let mut record = meter.record();
		assert_eq!(MeterAttestation::drop_from(&mut record, 0), 1);
		Meters::<Test>::insert(meter.id, record);
		pass(MINUTE);
		meter.report(3, &[1_500, 0]);
		check.report(2, &[550, 7]);
		assert_eq!(meter.record().agreed.map(|base| base.meter[0]), Some(1_500));
		pass(MINUTE);
		meter.report(4, &[2_500, 0]);
		check.report(3, &[1_550, 7]);
		assert_eq!(meter.measured(), Some(4));
	});
}

#[test]
fn agreement_should_wait_for_the_registrar_when_the_meter_is_suspended() {
	run(|| {
		let (meter, check) = based();
		pass(30 * MINUTE);
		meter.report(2, &[2_000, 0]);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		check.report(2, &[1_050, 7]);
		assert_eq!(meter.measured(), None);
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		assert_eq!(meter.measured(), Some(2));
	});
}

#[test]
fn check_meter_should_be_refused_when_its_word_is_not_anothers() {
	run(|| {
		let (here, elsewhere) = (site(), site());
		let [a, b, c] = [meter(here).id, meter(here).id, meter(here).id];
		let unread = committee_meter(elsewhere);
		for bad in [a, MeterId(9), unread] {
			assert_noop!(check_by(a, Some(bad)), Error::<Test>::BadCheck);
		}
		assert_ok!(check_by(a, Some(b)));
		// It checks another already; it is checked itself; the checked one checks another.
		assert_noop!(check_by(c, Some(b)), Error::<Test>::BadCheck);
		assert_noop!(check_by(c, Some(a)), Error::<Test>::BadCheck);
		assert_noop!(check_by(b, Some(c)), Error::<Test>::BadCheck);
		assert_noop!(check_by(b, Some(a)), Error::<Test>::BadCheck);
		// Free again, it may be checked itself.
		assert_ok!(check_by(a, Some(c)));
		assert_ok!(check_by(a, None));
		assert_ok!(check_by(b, Some(a)));
	});
}

#[test]
fn check_meter_should_be_refused_when_agreements_bill_by_it() {
	run(|| {
		let [a, b] = [meter(site()).id, meter(site()).id];
		Billed::set(vec![b]);
		assert_noop!(check_by(a, Some(b)), Error::<Test>::CheckIsBilled);
		// The one that is checked is the one to bill by.
		assert_ok!(check_by(b, Some(a)));
		Billed::set(vec![]);
		assert_ok!(check_by(b, None));
		assert_ok!(check_by(a, Some(b)));
	});
}

#[test]
fn comparison_should_start_anew_when_the_check_meter_is_another_but_not_when_only_the_tolerance_is() {
	run(|| {
		let (meter, check) = based();
		let base = meter.record().agreed;
		assert!(base.is_some());
		let third = crate::mock::meter(meter.record().site);
		assert_ok!(set_policy(meter.id, |policy| {
			policy.check = Some(Check {
				meter: check.id,
				tolerance: Permill::zero(),
			})
		}));
		assert_eq!(meter.record().agreed, base);
		assert_ok!(check_by(meter.id, Some(third.id)));
		assert_eq!(meter.record().agreed, None);
		assert_eq!((check.record().checks, third.record().checks), (None, Some(meter.id)));
		pass(30 * MINUTE);
		meter.report(2, &[2_000, 0]);
		check.report(2, &[1_050, 7]);
		assert_eq!(meter.measured(), None, "it asks nobody but the third");
	});
}

use baseload_math::calendar::{month_of, month_start, Month};
use baseload_primitives::{MeterHistory, MeterId, Quality, Reading, RegisterSource, Registers, DAY, HOUR};
use frame_support::assert_ok;

use crate::{mock::*, Firsts, MonthStart, MonthStarts};

/// October 2024, in which [`START`] is the fourth day.
const OCTOBER: Month = 12 * 2024 + 9;

fn shown(meter: &Device, month: Month) -> Option<Vec<u64>> {
	MeterAttestation::month_start(meter.id, month)
}

fn stored(meter: &Device) -> Vec<Month> {
	let mut months: Vec<_> = MonthStarts::<Test>::iter_key_prefix(meter.id).collect();
	months.sort();
	months
}

/// Reports at `at`, and lets that become final.
fn settle(meter: &Device, at: u64, sequence: u64, registers: &[u64]) {
	block(at);
	meter.report(sequence, registers);
	pass(WINDOW);
}

#[test]
fn month_start_should_be_interpolated_between_the_readings_around_it_and_rounded_down() {
	run(|| {
		assert_eq!(month_of(START), OCTOBER);
		let november = month_start(OCTOBER + 1);
		let meter = meter(site());
		settle(&meter, november - 2 * DAY, 1, &[1_000, 7]);
		settle(&meter, november + DAY, 2, &[1_301, 8]);
		// Two thirds of 301, and of 1.
		assert_eq!(shown(&meter, OCTOBER + 1), Some(vec![1_200, 7]));
		assert_eq!(shown(&meter, OCTOBER + 2), None);
	});
}

#[test]
fn month_start_should_be_the_reading_itself_when_one_was_taken_at_that_instant() {
	run(|| {
		let november = month_start(OCTOBER + 1);
		let meter = meter(site());
		settle(&meter, november - HOUR, 1, &[0, 0]);
		block(november + 2 * HOUR);
		let rows = [(0, 2, 500), (HOUR, 3, 900)];
		let rows = rows.map(|(after, sequence, export)| reading_at(november + after, sequence, &[export, 0]));
		assert_ok!(meter.submit_backlog(rows.to_vec()));
		pass(WINDOW);
		assert_eq!(shown(&meter, OCTOBER + 1), Some(vec![500, 0]));
		// The interval after it starts at this instant and does not settle it again.
		settle(&meter, month_start(OCTOBER + 2), 4, &[1_000, 0]);
		assert_eq!(shown(&meter, OCTOBER + 1), Some(vec![500, 0]));
		assert_eq!(shown(&meter, OCTOBER + 2), Some(vec![1_000, 0]));
	});
}

#[test]
fn every_month_of_a_gap_should_have_its_start() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		let days = |month| (month_start(month) - START) / DAY;
		let total = days(OCTOBER + 4);
		settle(&meter, START + total * DAY, 2, &[24_000 * total, 48 * total]);
		for month in 1..=4 {
			let passed = days(OCTOBER + month);
			assert_eq!(shown(&meter, OCTOBER + month), Some(vec![24_000 * passed, 48 * passed]));
		}
	});
}

#[test]
fn gap_should_settle_at_most_the_newest_24_months() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		settle(&meter, month_start(OCTOBER + 30) + DAY, 2, &[1_000_000, 0]);
		for (month, known) in [(6, false), (7, true), (30, true), (31, false)] {
			assert_eq!(shown(&meter, OCTOBER + month).is_some(), known, "{month}");
		}
		meter.report(3, &[1_000_000, 0]);
		assert_eq!(stored(&meter), (OCTOBER + 7..=OCTOBER + 30).collect::<Vec<_>>());
	});
}

#[test]
fn month_start_should_be_the_first_reading_when_that_came_later() {
	run(|| {
		let meter = meter(site());
		assert_eq!(shown(&meter, OCTOBER), None);
		meter.report(1, &[1_000, 7]);
		assert_eq!(shown(&meter, OCTOBER), None, "it is not final");
		pass(WINDOW);
		let first = Some(vec![1_000, 7]);
		for month in [0, OCTOBER - 1, OCTOBER] {
			assert_eq!(shown(&meter, month), first);
		}
		assert_eq!(shown(&meter, OCTOBER + 1), None);
		assert_eq!(Firsts::<Test>::get(meter.id), None, "nothing is written yet");
		meter.report(2, &[1_001, 7]);
		pass(WINDOW);
		meter.report(3, &[1_002, 7]);
		assert_eq!(shown(&meter, OCTOBER), first);
		assert_eq!(
			Firsts::<Test>::get(meter.id).map(|first| (first.reading.sequence, first.known_at)),
			Some((1, WINDOW))
		);
		assert_eq!(MeterAttestation::month_start(MeterId(9), OCTOBER), None);
	});
}

#[test]
fn month_starts_should_not_depend_on_when_they_are_recorded() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		let at = month_start(OCTOBER + 2) + DAY;
		settle(&meter, at, 2, &[58_000, 0]);
		let known_at = crate::OpenClock::<Test>::get().open;
		let before: Vec<_> = (0..4).map(|month| shown(&meter, OCTOBER + month)).collect();
		assert_eq!(stored(&meter), [0; 0]);
		pass(HOUR);
		meter.report(3, &[58_000, 0]);
		assert_eq!(stored(&meter), [OCTOBER + 1, OCTOBER + 2]);
		let after: Vec<_> = (0..4).map(|month| shown(&meter, OCTOBER + month)).collect();
		assert_eq!(after, before);
		let start = MonthStart {
			registers: Registers::truncate_from(before[1].clone().expect("known")),
			known_at,
		};
		assert_eq!(MonthStarts::<Test>::get(meter.id, OCTOBER + 1), Some(start));
	});
}

#[test]
fn month_start_should_follow_measured_readings_only() {
	run(|| {
		let november = month_start(OCTOBER + 1);
		let meter = meter(site());
		settle(&meter, november - 2 * DAY, 1, &[0, 0]);
		block(november + DAY);
		let estimate = Reading {
			quality: Quality::Estimated,
			..reading(2, &[3_000, 0])
		};
		assert_ok!(meter.submit(estimate));
		pass(WINDOW);
		assert_eq!(shown(&meter, OCTOBER + 1), None);
		settle(&meter, november + 2 * DAY, 3, &[8_000, 0]);
		assert_eq!(shown(&meter, OCTOBER + 1), Some(vec![4_000, 0]));
	});
}

/// Export at the start of a month as bills see it, and since when.
fn billed(meter: &Device, month: Month) -> Option<(u64, u64)> {
	let history = <MeterAttestation as RegisterSource<u64>>::history(meter.id)?;
	history
		.month_start(month)
		.map(|(registers, known)| (registers[0], known))
}

#[test]
fn bills_should_see_a_start_of_every_month_when_a_silence_was_too_long_to_settle_all() {
	for silence in [25, 30, 70, 200] {
		run(|| {
			let meter = meter(site());
			meter.report(1, &[7, 0]);
			settle(&meter, month_start(OCTOBER + silence) + DAY, 2, &[1_000_000, 0]);
			let first = shown(&meter, OCTOBER + silence - 23).expect("settled")[0];
			assert_eq!(billed(&meter, OCTOBER), Some((7, WINDOW)));
			for month in [1, 2, silence - 24] {
				let (export, known) = billed(&meter, OCTOBER + month).expect("follows from the months after it");
				assert_eq!((export, known), (first, crate::OpenClock::<Test>::get().open));
			}
			assert_eq!(billed(&meter, OCTOBER + silence + 1), None);
			assert!(<MeterAttestation as RegisterSource<u64>>::history(MeterId(9)).is_none());
		});
	}
}

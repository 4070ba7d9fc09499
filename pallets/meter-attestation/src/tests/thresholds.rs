use baseload_primitives::{views::ThresholdView, Quality, Reading, Register, Threshold};
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Error, Event, Thresholds, MAX_THRESHOLDS};

fn export(count: u64) -> Threshold {
	Threshold {
		register: Register::Export,
		count,
	}
}

fn watch(meter: &Device, threshold: Threshold) {
	assert_ok!(MeterAttestation::watch_threshold(
		RuntimeOrigin::signed(OWNER),
		meter.id,
		threshold
	));
}

/// A sequence, and when it was measured and known.
type Proof = (u64, u64, u64);

/// What proves each of the meter's thresholds.
fn proofs(meter: &Device) -> Vec<(u64, Option<Proof>)> {
	let proof = |view: ThresholdView| {
		let proof = view.sequence.zip(view.measured_at).zip(view.known_at);
		let proof = proof.map(|((sequence, measured_at), known_at)| (sequence, measured_at, known_at));
		(view.threshold.count, proof)
	};
	MeterAttestation::thresholds(meter.id).into_iter().map(proof).collect()
}

#[test]
fn threshold_should_be_proven_by_the_first_final_reading_at_or_beyond_it() {
	run(|| {
		let meter = meter(site());
		watch(&meter, export(1_000));
		meter.report(1, &[999, 0]);
		meter.report_after(WINDOW / 2, 2, &[1_000, 0]);
		let second_at = now();
		meter.report_after(WINDOW / 2, 3, &[1_001, 0]);
		// The first is final, the second not yet.
		assert_eq!(proofs(&meter), [(1_000, None)]);
		pass(WINDOW / 2);
		let known = proofs(&meter);
		let [(1_000, Some((2, measured_at, known_at)))] = known[..] else {
			panic!("{known:?}")
		};
		assert_eq!(measured_at, second_at);
		// It is known from when its window was over, not from when somebody looked or wrote it down.
		pass(10 * WINDOW);
		assert_eq!(proofs(&meter), known);
		assert_eq!(Thresholds::<Test>::iter_prefix(meter.id).count(), 0);
		meter.report(4, &[5_000, 0]);
		System::assert_has_event(
			Event::ThresholdReached {
				meter: meter.id,
				threshold: export(1_000),
				measured_at,
				known_at,
			}
			.into(),
		);
		assert_eq!(proofs(&meter), known);
	});
}

#[test]
fn threshold_should_be_proven_at_once_when_the_register_stands_beyond_it() {
	run(|| {
		let meter = meter(site());
		for (sequence, wh) in [(1, 2_000), (2, 3_000)] {
			meter.report(sequence, &[wh, 0]);
			pass(WINDOW);
		}
		let at = now();
		watch(&meter, export(1_500));
		let known = proofs(&meter);
		assert_eq!(known[0].1.map(|(sequence, _, _)| sequence), Some(2), "{known:?}");
		assert!(known[0].1.is_some_and(|(_, measured_at, _)| measured_at < at));
		assert_eq!(Thresholds::<Test>::iter_prefix(meter.id).count(), 1);
	});
}

#[test]
fn threshold_should_not_be_proven_when_the_reading_is_an_estimate_or_dropped() {
	run(|| {
		let meter = meter(site());
		watch(&meter, export(1_000));
		meter.report(1, &[0, 0]);
		block(now() + WINDOW);
		let estimate = Reading {
			quality: Quality::Estimated,
			..reading(2, &[1_000, 0])
		};
		assert_ok!(meter.submit(estimate));
		pass(WINDOW);
		assert_eq!(proofs(&meter), [(1_000, None)]);
		meter.report(3, &[1_000, 0]);
		pass(WINDOW);
		assert_eq!(proofs(&meter)[0].1.map(|(sequence, _, _)| sequence), Some(3));
	});
}

#[test]
fn watch_threshold_should_fail_when_it_may_not() {
	run(|| {
		let meter = meter(site());
		let watch_as =
			|who, threshold| MeterAttestation::watch_threshold(RuntimeOrigin::signed(who), meter.id, threshold);
		let unknown = baseload_primitives::MeterId(99);
		assert_noop!(
			MeterAttestation::watch_threshold(RuntimeOrigin::signed(OWNER), unknown, export(1)),
			Error::<Test>::UnknownMeter
		);
		assert_noop!(watch_as(OTHER, export(1)), Error::<Test>::NotOwner);
		let undeclared = Threshold {
			register: Register::ExportBand(1),
			count: 1,
		};
		assert_noop!(watch_as(OWNER, undeclared), Error::<Test>::UndeclaredRegister);
		for count in 1..=u64::from(MAX_THRESHOLDS) {
			assert_ok!(watch_as(OWNER, export(count)));
		}
		assert_noop!(watch_as(OWNER, export(1)), Error::<Test>::AlreadyWatched);
		assert_noop!(watch_as(OWNER, export(100)), Error::<Test>::TooManyThresholds);
		meter.report(1, &[4, 0]);
		pass(WINDOW);
		// What was reached makes no room: it stays known for ever.
		assert_noop!(watch_as(OWNER, export(1)), Error::<Test>::AlreadyWatched);
		assert_noop!(watch_as(OWNER, export(100)), Error::<Test>::TooManyThresholds);
		let reached = proofs(&meter).iter().filter(|(_, proof)| proof.is_some()).count();
		assert_eq!(reached, 4);
	});
}

#[test]
fn others_should_watch_what_is_watched_and_read_what_was_reached() {
	use baseload_primitives::{MeterHistory, MeterId, RegisterSource};
	type Source = MeterAttestation;
	run(|| {
		let meter = meter(site());
		for _ in 0..2 {
			assert_ok!(<Source as RegisterSource<u64>>::watch(meter.id, export(1_000)));
		}
		assert_noop!(
			<Source as RegisterSource<u64>>::watch(MeterId(9), export(1)),
			Error::<Test>::UnknownMeter
		);
		let reached = || {
			let history = <Source as RegisterSource<u64>>::history(meter.id).expect("registered");
			(history.reached(export(1_000)), history.reached(export(2_000)))
		};
		meter.report(1, &[1_500, 0]);
		let at = now();
		assert_eq!(reached(), (None, None));
		pass(WINDOW);
		assert_eq!(reached(), (Some((at, WINDOW)), None));
		meter.report(2, &[1_600, 0]);
		assert_eq!(reached(), (Some((at, WINDOW)), None), "written down");
		assert_ok!(<Source as RegisterSource<u64>>::watch(meter.id, export(1_000)));
	});
}

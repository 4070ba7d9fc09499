use baseload_primitives::{
	views::ReadingView, FinalReading, Flags, MeterId, Moment, Refusal, RegisterSource, Registers, DAY, HOUR, MINUTE,
	SECOND,
};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::traits::BadOrigin;

use crate::{mock::*, Error, Event};

fn final_sequence(meter: MeterId) -> Option<u64> {
	<MeterAttestation as RegisterSource<u64>>::final_reading(meter).map(|reading| reading.sequence)
}

/// Gives a meter another challenge window.
fn set_window(meter: &Device, window: Moment) {
	assert_ok!(set_policy(meter.id, |policy| policy.window = window));
}

#[test]
fn reading_should_be_final_without_a_transaction_when_its_window_is_over() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[5, 6]);
		pass(WINDOW - 1);
		assert_eq!(final_sequence(meter.id), None);
		assert_eq!(
			MeterAttestation::meter(meter.id).map(|view| (view.pending, view.final_in)),
			Some((1, 1))
		);
		block(now() + 1);
		let expected = FinalReading {
			sequence: 1,
			measured_at: START,
			registers: Registers::truncate_from(vec![5, 6]),
			flags: Flags::NONE,
		};
		assert_eq!(
			<MeterAttestation as RegisterSource<u64>>::final_reading(meter.id),
			Some(expected)
		);
		// Nothing was written.
		assert_eq!(meter.record().measured, None);
		let view = MeterAttestation::meter(meter.id).expect("registered");
		let point = Some(ReadingView {
			sequence: 1,
			measured_at: START,
			registers: vec![5, 6],
			flags: Flags::NONE,
		});
		assert_eq!(
			(view.newest, view.newest_final, view.pending, view.final_in),
			(point.clone(), point, 0, 0)
		);
	});
}

#[test]
fn final_reading_should_be_none_when_meter_is_unknown() {
	run(|| {
		assert_eq!(final_sequence(MeterId(0)), None);
		assert_eq!(<MeterAttestation as RegisterSource<u64>>::owner(MeterId(0)), None);
	});
}

#[test]
fn matured_readings_should_be_recorded_once_when_meter_reports_again() {
	run(|| {
		let meter = meter(site());
		for sequence in 1..=3 {
			meter.report(sequence, &[sequence, 0]);
			block(now() + MINUTE);
		}
		pass(WINDOW);
		meter.report(4, &[4, 0]);
		let settled: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::ReadingAccepted { sequence, settled, .. } => Some((sequence, settled)),
				_ => None,
			})
			.collect();
		let third = Some((3, START + 2 * MINUTE));
		assert_eq!(settled, [(1, None), (2, None), (3, None), (4, third)]);
		assert_eq!(meter.pending().len(), 1);
		assert_eq!(final_sequence(meter.id), Some(3));
	});
}

#[test]
fn window_should_not_run_out_when_chain_is_halted_or_paused() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		block(now() + 10 * DAY);
		assert_eq!(final_sequence(meter.id), None);
		close_gates();
		pass(2 * WINDOW);
		assert_eq!(final_sequence(meter.id), None);
		Closed::set(vec![]);
		pass(WINDOW - STEP);
		assert_eq!(final_sequence(meter.id), Some(1));
	});
}

#[test]
fn challenge_window_should_be_that_of_new_meters_when_it_is_set() {
	run(|| {
		let site = site();
		let old = meter(site);
		assert_ok!(MeterAttestation::set_challenge_window(RuntimeOrigin::root(), 2 * HOUR));
		assert_eq!(
			events().last(),
			Some(&Event::ChallengeWindowChanged {
				old: WINDOW,
				new: 2 * HOUR
			})
		);
		assert_eq!(MeterAttestation::challenge_window(), 2 * HOUR);
		let new = meter(site);
		for meter in [&old, &new] {
			meter.report(1, &[0, 0]);
		}
		pass(WINDOW);
		assert_eq!((final_sequence(old.id), final_sequence(new.id)), (Some(1), None));
		pass(WINDOW);
		assert_eq!(final_sequence(new.id), Some(1));
	});
}

#[test]
fn windows_should_be_fixed_when_reading_is_accepted() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		set_window(&meter, 2 * HOUR);
		block(now() + MINUTE);
		meter.report(2, &[0, 0]);
		pass(WINDOW - MINUTE);
		assert_eq!(final_sequence(meter.id), Some(1));
		pass(WINDOW + MINUTE);
		assert_eq!(final_sequence(meter.id), Some(2));
	});
}

#[test]
fn reading_should_not_be_final_before_an_earlier_one_when_window_is_shortened() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		set_window(&meter, SECOND);
		block(now() + MINUTE);
		meter.report(2, &[0, 0]);
		assert_eq!(meter.pending()[1].final_at, WINDOW);
		pass(HOUR - 2 * MINUTE);
		assert_eq!(final_sequence(meter.id), None);
		pass(MINUTE);
		assert_eq!(final_sequence(meter.id), Some(2));
		meter.report(3, &[0, 0]);
		pass(SECOND);
		assert_eq!(final_sequence(meter.id), Some(3));
	});
}

#[test]
fn set_challenge_window_should_fail_when_out_of_bounds() {
	run(|| {
		for window in [0, SECOND - 1, 30 * DAY + 1] {
			assert_noop!(
				MeterAttestation::set_challenge_window(RuntimeOrigin::root(), window),
				Error::<Test>::WindowOutOfBounds
			);
		}
		assert_noop!(
			MeterAttestation::set_challenge_window(RuntimeOrigin::signed(REGISTRAR), HOUR),
			BadOrigin
		);
		assert_ok!(MeterAttestation::set_challenge_window(RuntimeOrigin::root(), 30 * DAY));
	});
}

#[test]
fn genesis_should_set_the_window_when_one_is_given() {
	run_with(Some(5 * SECOND), || {
		assert_eq!(MeterAttestation::challenge_window(), 5 * SECOND)
	});
	run(|| assert_eq!(MeterAttestation::challenge_window(), WINDOW));
}

#[test]
#[should_panic(expected = "challenge window out of bounds")]
fn genesis_should_panic_when_window_is_out_of_bounds() {
	run_with(Some(0), || ());
}

#[test]
fn nothing_should_move_when_meter_is_suspended() {
	run(|| {
		let (site, meter) = plant();
		meter.report(1, &[0, 0]);
		pass(30 * MINUTE);
		meter.report(2, &[500_000, 0]);
		pass(30 * MINUTE);
		assert_eq!(final_sequence(meter.id), Some(1));
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		// What everybody could read as final stays final.
		assert_eq!(final_sequence(meter.id), Some(1));
		pass(2 * HOUR);
		assert_eq!(final_sequence(meter.id), Some(1));
		assert_eq!(MeterAttestation::site(site).map(|view| view.last_30_days.0), Some(0));
		assert_noop!(meter.submit(reading(3, &[500_000, 0])), Refusal::Suspended);
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		assert_eq!(final_sequence(meter.id), Some(2));
		assert_eq!(
			MeterAttestation::site(site).map(|view| view.last_30_days.0),
			Some(500_000)
		);
	});
}

/// Bytes of all that the pallet stores.
fn stored() -> usize {
	let prefix = sp_io::hashing::twox_128(b"MeterAttestation").to_vec();
	let mut key = prefix.clone();
	let mut bytes = 0;
	while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&prefix)) {
		bytes += next.len() + sp_io::storage::get(&next).map_or(0, |value| value.len());
		key = next;
	}
	bytes
}

#[test]
fn storage_of_a_meter_should_not_grow_with_its_past() {
	run(|| {
		let (_, meter) = plant();
		let mut sequence = 0;
		// Within one month, for a month's start is kept for ever.
		let mut read_for = |hours| {
			for _ in 0..hours {
				sequence += 1;
				meter.report_after(HOUR, sequence, &[sequence * 1_000, sequence]);
			}
			stored()
		};
		let before = read_for(3);
		assert_eq!(read_for(300), before);
	});
}

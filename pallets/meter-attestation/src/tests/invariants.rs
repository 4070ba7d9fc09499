//! That the invariants notice what they are for: each test breaks one behind the pallet's back.

use baseload_primitives::{DeviceKey, MeterId, SiteId, MINUTE};
use frame_support::traits::{fungible::MutateHold, tokens::Precision};

use crate::{mock::*, HoldReason, Keys, MeterStates, NextMeter, OpenClock, SiteCovers, Sites};

/// Breaks something in a plant with a final and two pending readings, and expects the invariant of this number to fail.
fn broken(number: char, break_it: impl FnOnce(SiteId, MeterId)) {
	run(|| {
		let outcome = frame_support::storage::with_transaction(|| {
			let (site, meter) = plant();
			meter.report(1, &[0, 0]);
			pass(WINDOW);
			for sequence in 2..=3 {
				meter.report(sequence, &[sequence, 0]);
				block(now() + MINUTE);
			}
			assert_eq!(MeterAttestation::do_try_state(), Ok(()));
			break_it(site, meter.id);
			let found = MeterAttestation::do_try_state();
			sp_runtime::TransactionOutcome::Rollback(Ok::<_, sp_runtime::DispatchError>(found))
		});
		match outcome {
			Ok(Err(sp_runtime::TryRuntimeError::Other(message))) => assert!(message.starts_with(number), "{message}"),
			other => panic!("{other:?}"),
		}
	});
}

#[test]
fn invariant_1_should_fail_when_a_key_is_lost_or_too_many() {
	broken('1', |_, meter| {
		Keys::<Test>::remove(crate::Meters::<Test>::get(meter).expect("registered").key);
	});
	broken('1', |_, meter| Keys::<Test>::insert(DeviceKey::Ed25519([1; 32]), meter));
	broken('1', |_, _| NextMeter::<Test>::put(MeterId(0)));
}

#[test]
fn invariant_2_should_fail_when_a_site_miscounts() {
	broken('2', |site, _| {
		Sites::<Test>::mutate(site, |site| site.as_mut().expect("registered").meters += 1)
	});
}

#[test]
fn invariant_3_should_fail_when_readings_go_down() {
	broken('3', |_, meter| {
		MeterStates::<Test>::mutate(meter, |state| state.pending[1].reading.sequence = 2)
	});
	broken('3', |_, meter| {
		MeterStates::<Test>::mutate(meter, |state| state.pending[0].reading.registers[0] = 9)
	});
	broken('3', |_, meter| {
		MeterStates::<Test>::mutate(meter, |state| state.pending[0].reading.registers.truncate(1))
	});
}

#[test]
fn invariant_4_should_fail_when_windows_end_out_of_order() {
	broken('4', |_, meter| {
		MeterStates::<Test>::mutate(meter, |state| state.pending[1].final_at = 0)
	});
}

#[test]
fn invariant_5_should_fail_when_ring_or_meter_are_anothers() {
	broken('5', |site, _| SiteCovers::<Test>::remove(site));
	broken('5', |site, _| {
		Sites::<Test>::mutate(site, |site| {
			site.as_mut().expect("registered").revenue_meter = Some(MeterId(7));
		});
	});
}

#[test]
fn invariant_6_should_fail_when_more_is_booked_than_counted() {
	broken('6', |site, _| {
		SiteCovers::<Test>::mutate(site, |cover| {
			let interval = baseload_math::cover::Interval {
				from: START - 1,
				to: START,
				export: 1,
				import: 0,
			};
			cover.as_mut().expect("certified").ring.book(&interval, 0);
		});
	});
}

#[test]
fn invariant_7_should_fail_when_a_deposit_is_not_held() {
	broken('7', |_, _| {
		let released = Balances::release(&HoldReason::Meter.into(), &OWNER, 1, Precision::Exact);
		assert_eq!(released, Ok(1));
	});
}

#[test]
fn invariant_8_should_fail_when_readings_are_nobodys() {
	broken('8', |_, meter| {
		MeterStates::<Test>::insert(MeterId(7), MeterStates::<Test>::get(meter))
	});
}

#[test]
fn invariant_9_should_fail_when_open_time_runs_ahead() {
	broken('9', |_, _| {
		OpenClock::<Test>::mutate(|clock| clock.open = clock.last + 1)
	});
}

use baseload_primitives::{MeterId, Quality, Reading, Refusal, Severity, SignedReading, HOUR, MINUTE, SECOND};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResultWithPostInfo, Pays},
};
use sp_runtime::{
	traits::{BadOrigin, Dispatchable},
	BoundedVec,
};

use crate::{mock::*, Event, MAX_AGE};

type Row = (MeterId, SignedReading);

fn row(meter: &Device, reading: Reading) -> Row {
	(meter.id, meter.sign(reading))
}

fn relay_from(origin: RuntimeOrigin, rows: Vec<Row>) -> DispatchResultWithPostInfo {
	let rows = BoundedVec::try_from(rows).expect("they fit");
	RuntimeCall::from(crate::Call::relay { rows }).dispatch(origin)
}

fn relay(rows: Vec<Row>) -> DispatchResultWithPostInfo {
	relay_from(RuntimeOrigin::signed(OTHER), rows)
}

/// Relays a batch and returns which of its rows were refused, and why.
fn refused(rows: Vec<Row>) -> Vec<(u32, Refusal)> {
	System::reset_events();
	assert_ok!(relay(rows));
	events()
		.into_iter()
		.find_map(|event| match event {
			Event::RowsRefused { rows } => Some(rows),
			_ => None,
		})
		.unwrap_or_default()
}

fn sequences(meter: &Device) -> Vec<u64> {
	meter.pending().iter().map(|pending| pending.reading.sequence).collect()
}

#[test]
fn good_rows_should_be_recorded_when_others_are_bad() {
	run(|| {
		let site = site();
		let (one, two) = (meter(site), meter(site));
		let mut forged = row(&two, reading(1, &[0, 0]));
		forged.1.reading.registers[0] = 1;
		let rows = vec![
			(MeterId(9), forged.1.clone()),
			row(&one, reading(1, &[5, 5])),
			forged,
			row(&two, reading(1, &[7, 7])),
		];
		let post = relay(rows).expect("it never fails");
		assert_eq!(post.pays_fee, Pays::Yes);
		assert_eq!((sequences(&one), sequences(&two)), (vec![1], vec![1]));
		let accepted = |meter: &Device| Event::ReadingAccepted {
			meter: meter.id,
			sequence: 1,
			measured_at: START,
			flags: Default::default(),
			final_at: WINDOW,
			settled: None,
		};
		let reported = [
			accepted(&one),
			accepted(&two),
			Event::RowsRefused {
				rows: vec![(0, Refusal::UnknownMeter), (2, Refusal::BadSignature)],
			},
		];
		assert!(events().ends_with(&reported));
	});
}

#[test]
fn rows_should_be_judged_after_the_rows_before_them() {
	run(|| {
		let meter = meter(site());
		let at = |second, sequence| row(&meter, reading_at(START + second * SECOND, sequence, &[sequence, 0]));
		assert_eq!(refused(vec![at(1, 1), at(2, 2), at(3, 3)]), []);
		assert_eq!(sequences(&meter), [1, 2, 3]);
		let repeated = vec![at(5, 5), at(4, 4), at(5, 5), at(6, 6)];
		assert_eq!(
			refused(repeated),
			[(1, Refusal::StaleSequence), (2, Refusal::StaleSequence)]
		);
		assert_eq!(sequences(&meter), [1, 2, 3, 5, 6]);
	});
}

#[test]
fn empty_batch_should_do_nothing() {
	run(|| {
		System::reset_events();
		assert_noop!(relay_from(RuntimeOrigin::root(), vec![]), BadOrigin);
		assert_ok!(relay(vec![]));
		assert_eq!(events(), []);
	});
}

#[test]
fn rows_should_be_refused_for_what_the_pool_refuses() {
	run(|| {
		let site = site();
		let (plain, committee) = (meter(site), committee_meter(site));
		let of_suspended = meter(site);
		assert_ok!(MeterAttestation::suspend_meter(
			RuntimeOrigin::signed(OWNER),
			of_suspended.id
		));
		assert_ok!(set_policy(plain.id, |policy| policy.severities.estimated = Severity::Reject));
		plain.report(10, &[100, 0]);
		pass(HOUR);
		let estimate = Reading {
			quality: Quality::Estimated,
			..reading(11, &[100, 0])
		};
		let cases = [
			(row(&of_suspended, reading(1, &[0, 0])), Refusal::Suspended),
			((committee, plain.sign(reading(1, &[0, 0]))), Refusal::WrongFormat),
			(row(&plain, reading(111, &[100, 0])), Refusal::SequenceTooFarAhead),
			(row(&plain, reading(11, &[100])), Refusal::WrongRegisters),
			(
				row(&plain, reading_at(now() + SKEW + 1, 11, &[100, 0])),
				Refusal::FutureTime,
			),
			(
				row(&plain, reading_at(now() - MAX_AGE - 1, 11, &[100, 0])),
				Refusal::TooOld,
			),
			(row(&plain, reading_at(START, 11, &[100, 0])), Refusal::TooSoon),
			(row(&plain, reading(11, &[99, 0])), Refusal::FallingRegister),
			(row(&plain, reading(11, &[1_050_101, 0])), Refusal::ImpossibleIncrease),
			(row(&plain, estimate), Refusal::Implausible),
		];
		let before = plain.record();
		for (row, refusal) in cases {
			assert_eq!(refused(vec![row]), [(0, refusal)]);
		}
		assert_eq!(plain.record(), before);
	});
}

#[test]
fn rows_should_be_refused_when_no_more_can_wait() {
	run(|| {
		let meter = meter(site());
		for sequence in 1..=7 {
			meter.report_after(MINUTE, sequence, &[0, 0]);
		}
		let at = |sequence| row(&meter, reading_at(now() + sequence * SECOND, sequence, &[0, 0]));
		assert_eq!(refused(vec![at(8), at(9)]), [(1, Refusal::PendingFull)]);
	});
}

#[test]
fn batch_should_be_recorded_when_feeless_calls_are_closed() {
	run(|| {
		let meter = meter(site());
		close_gates();
		assert_eq!(refused(vec![row(&meter, reading(1, &[0, 0]))]), []);
		assert_eq!(sequences(&meter), [1]);
	});
}

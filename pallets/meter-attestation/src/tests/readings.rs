use baseload_primitives::{ClockStatus, Flags, Quality, Reading, Refusal, Register, DAY, HOUR, MINUTE, SECOND};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::GetDispatchInfo,
	pallet_prelude::{InvalidTransaction, TransactionSource},
	traits::Authorize,
};
use sp_runtime::traits::{Applyable, BadOrigin, Checkable, Dispatchable};

use crate::{mock::*, Event, MAX_AGE, SUBMIT_BACKLOG, SUBMIT_READING};

#[test]
fn submit_reading_should_be_accepted_when_plausible() {
	run(|| {
		let meter = meter(site());
		meter.report(5, &[1_000, 10]);
		pass(15 * MINUTE);
		let next = reading(6, &[251_000, 10]);
		let valid = meter.submit(next.clone()).expect("plausible");
		assert_eq!(valid.priority, 6);
		assert_eq!(valid.provides, vec![codec::Encode::encode(&("meter", meter.id))]);
		assert!(valid.requires.is_empty() && valid.propagate);
		assert_eq!(valid.longevity, 64);
		let final_at = 15 * MINUTE + WINDOW;
		let accepted = Event::ReadingAccepted {
			meter: meter.id,
			sequence: 6,
			measured_at: now(),
			flags: Flags::NONE,
			final_at,
			settled: None,
		};
		assert_eq!(events().last(), Some(&accepted));
		assert_eq!(
			meter.pending()[1],
			crate::Pending {
				reading: crate::Accepted {
					sequence: 6,
					measured_at: now(),
					registers: next.registers,
					flags: Flags::NONE,
					moved_at: now(),
				},
				final_at,
				vote_period: crate::DEFAULT_VOTE_PERIOD,
				committee: 0,
				hold: None,
			}
		);
	});
}

#[test]
fn first_reading_should_set_the_baseline_when_it_has_any_sequence_and_registers() {
	run(|| {
		let meter = meter(site());
		meter.report(1 << 40, &[u64::MAX, 0]);
		assert_eq!(meter.pending().len(), 1);
	});
}

#[test]
fn submit_reading_should_be_refused_when_it_cannot_be_true() {
	run(|| {
		let meter = meter(site());
		meter.report(10, &[1_000, 100]);
		pass(HOUR);
		// One hour at 1 MW and 5 % tolerance.
		let most = 1_050_000;
		let cases: &[(Reading, Refusal)] = &[
			(reading(10, &[1_000, 100]), Refusal::StaleSequence),
			(reading(9, &[1_000, 100]), Refusal::StaleSequence),
			(reading(111, &[1_000, 100]), Refusal::SequenceTooFarAhead),
			(reading(11, &[1_000]), Refusal::WrongRegisters),
			(reading(11, &[1_000, 100, 0]), Refusal::WrongRegisters),
			(reading_at(now() + SKEW + 1, 11, &[1_000, 100]), Refusal::FutureTime),
			(reading_at(now() - MAX_AGE - 1, 11, &[1_000, 100]), Refusal::TooOld),
			(
				reading_at(now() - HOUR + SECOND - 1, 11, &[1_000, 100]),
				Refusal::TooSoon,
			),
			(reading_at(now() - 2 * HOUR, 11, &[1_000, 100]), Refusal::TooSoon),
			(reading(11, &[999, 100]), Refusal::FallingRegister),
			(reading(11, &[1_000, 99]), Refusal::FallingRegister),
			(reading(11, &[1_001 + most, 100]), Refusal::ImpossibleIncrease),
			(reading(11, &[1_000, 101 + most]), Refusal::ImpossibleIncrease),
		];
		for (reading, refusal) in cases {
			assert_noop!(meter.submit(reading.clone()), *refusal);
			assert_noop!(meter.submit_backlog(vec![reading.clone()]), *refusal);
		}
		assert_eq!(meter.pending().len(), 1);
		assert_ok!(meter.submit(reading_at(now() + SKEW, 110, &[1_000 + most, 100 + most])));
	});
}

#[test]
fn first_reading_should_be_accepted_when_it_is_just_young_enough() {
	run(|| {
		let meter = meter(site());
		assert_noop!(
			meter.submit(reading_at(now() - MAX_AGE - 1, 1, &[0, 0])),
			Refusal::TooOld
		);
		assert_ok!(meter.submit(reading_at(now() - MAX_AGE, 1, &[0, 0])));
	});
}

#[test]
fn submit_reading_should_be_refused_when_signature_is_of_another_meter_chain_or_reading() {
	run(|| {
		let site = site();
		let (meter, other) = (meter(site), meter(site));
		let good = meter.sign(reading(1, &[0, 0]));
		let call = |id, reading, signature| crate::Call::<Test>::submit_reading {
			meter: id,
			reading,
			signature,
		};
		let refused = |call: crate::Call<Test>| {
			assert_noop!(submit(call.into()), Refusal::BadSignature);
		};
		refused(call(other.id, good.reading.clone(), good.signature));
		refused(call(meter.id, reading(1, &[1, 0]), good.signature));
		let payload = good.reading.signed_payload(sp_core::H256::zero(), meter.id);
		refused(call(meter.id, good.reading.clone(), sign(&meter.pair, &payload)));
		assert_ok!(submit(call(meter.id, good.reading, good.signature).into()));
	});
}

#[test]
fn submit_reading_should_be_refused_when_meter_is_unknown_or_suspended() {
	run(|| {
		let mut meter = meter(site());
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		assert_noop!(meter.submit(reading(1, &[0, 0])), Refusal::Suspended);
		assert_noop!(meter.submit_backlog(vec![reading(1, &[0, 0])]), Refusal::Suspended);
		meter.id = baseload_primitives::MeterId(7);
		assert_noop!(meter.submit(reading(1, &[0, 0])), Refusal::UnknownMeter);
	});
}

#[test]
fn submissions_should_be_refused_when_their_gate_is_closed() {
	run(|| {
		let meter = meter(site());
		Closed::set(vec![SUBMIT_READING]);
		assert_noop!(meter.submit(reading(1, &[0, 0])), Refusal::Paused);
		Closed::set(vec![SUBMIT_BACKLOG]);
		assert_noop!(meter.submit_backlog(vec![reading(1, &[0, 0])]), Refusal::Paused);
		meter.report(1, &[0, 0]);
	});
}

#[test]
fn submit_reading_should_be_refused_when_pending_is_full_until_one_matures() {
	run(|| {
		let meter = meter(site());
		for sequence in 0..8 {
			meter.report(sequence, &[0, 0]);
			block(now() + MINUTE);
		}
		assert_noop!(meter.submit(reading(8, &[0, 0])), Refusal::PendingFull);
		pass(WINDOW - 8 * MINUTE);
		meter.report(8, &[0, 0]);
		assert_eq!(meter.pending().len(), 8);
		assert_noop!(
			meter.submit(reading_at(now() + SECOND, 9, &[0, 0])),
			Refusal::PendingFull,
		);
	});
}

#[test]
fn submit_backlog_should_be_accepted_when_every_reading_follows_the_one_before() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(HOUR - MINUTE);
		let rows = (1..=6)
			.map(|at| reading_at(START + at * 9 * MINUTE, 1 + 10 * at, &[at * 150_000, at]))
			.collect();
		let valid = meter.submit_backlog(rows).expect("plausible");
		assert_eq!(valid.priority, 61);
		assert_eq!(valid.provides, vec![codec::Encode::encode(&("meter", meter.id))]);
		let final_at = HOUR - MINUTE + WINDOW;
		let accepted = Event::BacklogAccepted {
			meter: meter.id,
			count: 6,
			first: 11,
			last: 61,
			final_at,
			settled: None,
		};
		assert_eq!(events().last(), Some(&accepted));
		assert_eq!(meter.pending().len(), 7);
	});
}

#[test]
fn submit_backlog_should_be_refused_as_a_whole_when_one_reading_is_bad() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(HOUR);
		let at = |minute: u64, sequence, export| reading_at(START + minute * MINUTE, sequence, &[export, 0]);
		assert_noop!(meter.submit_backlog(vec![]), Refusal::EmptyBacklog);
		let cases = [
			(vec![at(10, 2, 0), at(20, 2, 0)], Refusal::StaleSequence),
			(vec![at(10, 2, 0), at(20, 103, 0)], Refusal::SequenceTooFarAhead),
			(vec![at(10, 2, 0), at(10, 3, 0)], Refusal::TooSoon),
			(vec![at(10, 2, 9), at(20, 3, 8)], Refusal::FallingRegister),
			(vec![at(10, 2, 0), at(11, 3, 200_000)], Refusal::ImpossibleIncrease),
			(vec![at(10, 2, 0), at(62, 3, 0)], Refusal::FutureTime),
		];
		for (rows, refusal) in cases {
			assert_noop!(meter.submit_backlog(rows), refusal);
		}
		assert_eq!(meter.pending().len(), 1);
		// The last signature is another reading's.
		let mut rows: Vec<_> = [at(10, 2, 0), at(20, 3, 0)]
			.into_iter()
			.map(|reading| meter.sign(reading))
			.collect();
		rows[1].signature = rows[0].signature;
		let readings = sp_runtime::BoundedVec::truncate_from(rows);
		let call = crate::Call::<Test>::submit_backlog {
			meter: meter.id,
			readings,
		};
		assert_noop!(submit(call.into()), Refusal::BadSignature);
	});
}

#[test]
fn submit_backlog_should_be_refused_when_it_does_not_fit_the_pending_readings() {
	run(|| {
		let meter = meter(site());
		for sequence in 0..3 {
			meter.report(sequence, &[0, 0]);
			block(now() + MINUTE);
		}
		let rows = |count: u64| {
			(1..=count)
				.map(|at| reading_at(now() + at * SECOND, 10 + at, &[0, 0]))
				.collect()
		};
		assert_noop!(meter.submit_backlog(rows(6)), Refusal::PendingFull);
		assert_ok!(meter.submit_backlog(rows(5)));
		assert_eq!(meter.pending().len(), 8);
	});
}

#[test]
fn readings_should_be_accepted_when_estimated_or_unsynchronised() {
	run(|| {
		let meter = meter(site());
		let mut first = reading(1, &[0, 0]);
		first.clock = ClockStatus::Unsynchronised;
		assert_ok!(meter.submit(first));
		pass(MINUTE);
		let mut second = reading(2, &[0, 0]);
		second.quality = Quality::Estimated;
		assert_ok!(meter.submit(second));
	});
}

#[test]
fn calls_should_fail_when_dispatched_without_authorisation() {
	run(|| {
		let meter = meter(site());
		for origin in [
			RuntimeOrigin::signed(OWNER),
			RuntimeOrigin::root(),
			RuntimeOrigin::none(),
		] {
			assert_noop!(meter.call(reading(1, &[0, 0])).dispatch(origin.clone()), BadOrigin);
			assert_noop!(
				meter.backlog_call(vec![reading(1, &[0, 0])]).dispatch(origin),
				BadOrigin
			);
		}
	});
}

#[test]
fn other_calls_should_not_be_authorised_when_nobody_signs() {
	run(|| {
		let call: RuntimeCall = crate::Call::set_challenge_window { window: SECOND }.into();
		assert!(call.authorize(TransactionSource::External).is_none());
	});
}

/// Applies a call as a general transaction through the extension pipeline.
fn apply(call: RuntimeCall) -> Result<(), InvalidTransaction> {
	let extrinsic = Extrinsic::new_transaction(call, (frame_system::AuthorizeCall::new(),));
	let info = extrinsic.get_dispatch_info();
	let length = codec::Encode::encoded_size(&extrinsic);
	let checked = extrinsic
		.check(&frame_system::ChainContext::<Test>::default())
		.expect("nothing to check");
	match checked.apply::<Test>(&info, length) {
		Ok(dispatched) => {
			assert_ok!(dispatched);
			Ok(())
		}
		Err(sp_runtime::transaction_validity::TransactionValidityError::Invalid(invalid)) => Err(invalid),
		Err(other) => panic!("{other:?}"),
	}
}

#[test]
fn transaction_should_not_enter_a_block_again_when_it_was_accepted() {
	run(|| {
		let meter = meter(site());
		let calls = [
			meter.call(reading(1, &[0, 0])),
			meter.backlog_call(vec![reading_at(now() + SECOND, 2, &[0, 0])]),
		];
		for call in calls {
			assert_eq!(apply(call.clone()), Ok(()));
			for _ in 0..3 {
				assert_eq!(
					apply(call.clone()),
					Err(InvalidTransaction::Custom(Refusal::StaleSequence as u8))
				);
				pass(WINDOW);
			}
		}
	});
}

#[test]
fn bands_should_be_judged_like_any_register() {
	run(|| {
		let meter = meter_with(site(), &[Register::ExportBand(1), Register::ImportBand(2)]);
		meter.report(1, &[7, 7]);
		pass(DAY);
		assert_noop!(meter.submit(reading(2, &[6, 7])), Refusal::FallingRegister);
		meter.report(2, &[8, 8]);
	});
}

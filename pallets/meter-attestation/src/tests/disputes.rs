use baseload_primitives::{Flags, MeterId, MeterStatus, Moment, OpenTime, Verdict, DAY, HOUR};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, traits::fungible::InspectHold};

use crate::{mock::*, Attestors, Error, Event, HoldReason, DEFAULT_VOTE_PERIOD};

pub(super) const JUDGES: [u64; 3] = [BONDED[0], BONDED[1], BONDED[2]];
pub(super) const VOTE_PERIOD: Moment = DEFAULT_VOTE_PERIOD;
const LAPSE_FEE: u128 = STAKE / 10;
pub(super) const DISPUTER: u64 = BONDED[3];

/// A meter of the owner's with three judges, two of them being a quorum.
pub(super) fn judged() -> Device {
	let meter = meter(site());
	assert_ok!(panel(meter.id, &JUDGES, 2));
	meter
}

pub(super) fn close(meter: MeterId, sequence: u64) -> DispatchResultWithPostInfo {
	MeterAttestation::close_dispute(RuntimeOrigin::signed(OTHER), meter, sequence)
}

pub(super) fn status(meter: &Device) -> MeterStatus {
	meter.record().status()
}

pub(super) fn sequences(meter: &Device) -> Vec<u64> {
	meter.pending().iter().map(|pending| pending.reading.sequence).collect()
}

/// Free and held BLD.
pub(super) fn bld(who: u64) -> (u128, u128) {
	(
		Bonds::free_balance(who),
		Bonds::balance_on_hold(&HoldReason::Attestor.into(), &who),
	)
}

/// Stake, disputes won and lost.
pub(super) fn record(who: u64) -> (u128, u32, u32) {
	let attestor = Attestors::<Test>::get(who).expect("bonded");
	(attestor.staked, attestor.won, attestor.lost)
}

#[test]
fn dispute_should_hold_its_reading_and_those_after_it_but_nothing_else() {
	run_bonded(|| {
		let (meter, other) = (judged(), judged());
		for sequence in 1..=3 {
			meter.report(sequence, &[sequence, 0]);
			other.report(sequence, &[sequence, 0]);
			pass(STEP);
		}
		let before = bld(DISPUTER);
		assert_ok!(dispute(DISPUTER, meter.id, 2));
		let until = 3 * STEP + VOTE_PERIOD;
		assert_eq!(
			events().last(),
			Some(&Event::Disputed {
				meter: meter.id,
				sequence: 2,
				by: DISPUTER,
				evidence: EVIDENCE,
				until
			})
		);
		assert_eq!(record(DISPUTER), (STAKE, 0, 0));
		assert_eq!(bld(DISPUTER), before, "a stake is a part of the bond");
		assert_eq!(meter.record().disputed_at(0), Some(now()));
		pass(WINDOW);
		assert_eq!((meter.measured(), other.measured()), (Some(1), Some(3)));
	});
}

#[test]
fn dispute_should_be_refused_when_the_window_is_over() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[0, 0]);
		meter.report_after(STEP, 2, &[0, 0]);
		pass(WINDOW - STEP - 1);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		pass(STEP);
		assert_ok!(dispute(BONDED[0], meter.id, 2));
		pass(1);
		// Both still wait, but only for the verdicts.
		assert_noop!(dispute(BONDED[1], meter.id, 1), Error::<Test>::WindowOver);
		assert_noop!(dispute(BONDED[1], meter.id, 2), Error::<Test>::WindowOver);

		let settled = judged();
		settled.report(1, &[0, 0]);
		pass(WINDOW);
		assert_noop!(dispute(DISPUTER, settled.id, 1), Error::<Test>::NotPending);
	});
}

#[test]
fn dispute_should_be_refused_when_an_undisputed_reading_waits_only_for_an_earlier_one() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[0, 0]);
		meter.report_after(STEP, 2, &[0, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		pass(WINDOW);
		assert_eq!(sequences(&meter), [1, 2]);
		assert_noop!(dispute(DISPUTER, meter.id, 2), Error::<Test>::WindowOver);
	});
}

#[test]
fn dispute_should_fail_when_a_rule_is_broken() {
	run_bonded(|| {
		let meter = judged();
		for sequence in 1..=8 {
			meter.report_after(1_000, sequence, &[0, 0]);
		}
		assert_noop!(dispute(DISPUTER, MeterId(9), 1), Error::<Test>::UnknownMeter);
		assert_noop!(dispute(DISPUTER, meter.id, 9), Error::<Test>::NotPending);
		assert_noop!(dispute(OTHER, meter.id, 1), Error::<Test>::NotAttestor);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_noop!(dispute(BONDED[0], meter.id, 1), Error::<Test>::AlreadyDisputed);
		let affordable = BOND / STAKE;
		for sequence in 2..=affordable as u64 {
			assert_ok!(dispute(DISPUTER, meter.id, sequence));
		}
		assert_noop!(
			dispute(DISPUTER, meter.id, affordable as u64 + 1),
			Error::<Test>::StakeTooHigh
		);
		assert_ok!(MeterAttestation::bond(RuntimeOrigin::signed(NEWCOMER), MIN_BOND));
		assert_ok!(MeterAttestation::unbond(RuntimeOrigin::signed(NEWCOMER)));
		assert_noop!(dispute(NEWCOMER, meter.id, 8), Error::<Test>::AttestorLeaving);
		MeterAttestation::slash_attestor(&BONDED[0], BOND, None);
		assert_noop!(dispute(BONDED[0], meter.id, 8), Error::<Test>::BelowMinBond);
	});
}

#[test]
fn reading_should_end_as_an_estimate_when_nobody_votes() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		meter.report_after(STEP, 2, &[6, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_ok!(vote(BONDED[0], meter.id, 1, Verdict::Wrong));
		let before = (bld(DISPUTER), bld(TREASURY));
		pass(VOTE_PERIOD - 1);
		assert_eq!(meter.newest_final(), None);
		assert_noop!(close(meter.id, 1), Error::<Test>::DisputeOpen);
		pass(1);
		assert_noop!(vote(BONDED[1], meter.id, 1, Verdict::Wrong), Error::<Test>::NotPending);
		assert_noop!(decide(meter.id, 1, Verdict::Wrong), Error::<Test>::NotPending);
		let current = MeterAttestation::current(meter.id).expect("registered").meter;
		assert_eq!(current.measured.map(|newest| newest.reading.sequence), Some(2));
		assert_ok!(close(meter.id, 1));
		assert_eq!(
			events().last(),
			Some(&Event::DisputeClosed {
				meter: meter.id,
				sequence: 1,
				fee: LAPSE_FEE
			})
		);
		let ((free, bond), treasury) = before;
		assert_eq!(bld(DISPUTER), (free, bond - LAPSE_FEE));
		assert_eq!(bld(TREASURY).0, treasury.0 + LAPSE_FEE);
		assert_eq!(record(DISPUTER), (0, 0, 0));
		assert_noop!(close(meter.id, 1), Error::<Test>::NoDispute);
	});
}

#[test]
fn dispute_should_not_make_a_reading_final_before_its_own_window_is_over() {
	run_bonded(|| {
		let meter = judged();
		assert_ok!(set_policy(meter.id, |policy| policy.vote_period = STEP));
		meter.report(1, &[5, 0]);
		let final_at = meter.pending()[0].final_at;
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_eq!(meter.pending()[0].due(), final_at);
	});
}

#[test]
fn cover_should_decay_again_when_a_dispute_has_lapsed_at_a_suspended_meter() {
	run_bonded(|| {
		let (site, meter) = plant();
		let cover = || MeterAttestation::site(site).expect("registered").last_30_days.0;
		let later = |time| MeterAttestation::cover_at(site, now() + time).expect("registered").0;
		meter.report(1, &[0, 0]);
		pass(HOUR);
		meter.report(2, &[900_000, 0]);
		pass(WINDOW);
		meter.report(3, &[900_000, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 3));
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		assert_eq!(cover(), 900_000);
		// Nobody knows how it ends, but it ends with its voting period.
		assert!(later(VOTE_PERIOD / 2) > 0);
		assert_eq!(later(400 * DAY), 0);
		for _ in 0..35 {
			pass(DAY);
		}
		assert_eq!(cover(), 0);
	});
}

#[test]
fn verdict_should_be_when_the_reading_became_known() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		pass(WINDOW + STEP);
		let decided = <MeterAttestation as OpenTime>::now();
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		let current = MeterAttestation::current(meter.id).expect("registered").meter;
		assert_eq!(current.measured.map(|newest| newest.known_at), Some(decided));
	});
}

#[test]
fn reading_that_matured_at_a_suspended_meter_should_be_known_when_it_is_resumed() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		meter.report_after(STEP, 2, &[6, 0]);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		pass(2 * WINDOW);
		let resumed = <MeterAttestation as OpenTime>::now();
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		pass(STEP);
		let current = MeterAttestation::current(meter.id).expect("registered");
		let known = current
			.meter
			.measured
			.as_ref()
			.map(|newest| (newest.reading.sequence, newest.known_at));
		assert_eq!(known, Some((2, resumed)));
		assert_eq!(current.first().map(|first| first.known_at), Some(resumed));
	});
}

#[test]
fn lapsed_reading_should_be_unconfirmed() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		pass(VOTE_PERIOD);
		assert_eq!(meter.newest_final(), Some((1, Flags::UNCONFIRMED)));
		assert_eq!(meter.measured(), None);
	});
}

#[test]
fn dispute_should_lapse_when_the_meter_is_suspended() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		pass(VOTE_PERIOD);
		assert_noop!(
			vote(BONDED[0], meter.id, 1, Verdict::Wrong),
			Error::<Test>::NothingToDecide
		);
		assert_noop!(decide(meter.id, 1, Verdict::Stands), Error::<Test>::NothingToDecide);
		assert_ok!(close(meter.id, 1));
		assert_eq!(record(DISPUTER), (0, 0, 0));
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		assert_eq!(meter.newest_final(), Some((1, Flags::UNCONFIRMED)));
	});
}

#[test]
fn vote_should_fail_when_a_rule_is_broken() {
	run_bonded(|| {
		let meter = judged();
		let [a, b, c, d] = BONDED;
		meter.report(1, &[0, 0]);
		meter.report_after(STEP, 2, &[0, 0]);
		let wrong = |who, sequence| vote(who, meter.id, sequence, Verdict::Wrong);
		assert_noop!(vote(a, MeterId(9), 1, Verdict::Wrong), Error::<Test>::UnknownMeter);
		assert_noop!(wrong(a, 3), Error::<Test>::NotPending);
		assert_noop!(wrong(a, 1), Error::<Test>::NothingToDecide);
		assert_ok!(dispute(a, meter.id, 1));
		assert_noop!(wrong(OTHER, 1), Error::<Test>::NotAttestor);
		assert_noop!(wrong(d, 1), Error::<Test>::NotMember);
		assert_noop!(wrong(a, 1), Error::<Test>::OwnDispute);
		assert_ok!(wrong(b, 1));
		assert_noop!(wrong(b, 1), Error::<Test>::AlreadyVoted);
		assert_noop!(vote(b, meter.id, 1, Verdict::Stands), Error::<Test>::AlreadyVoted);
		MeterAttestation::slash_attestor(&c, BOND, None);
		assert_noop!(wrong(c, 1), Error::<Test>::BelowMinBond);
	});
}

/// A dispute of reading 2, which is dropped with reading 1.
fn dropped_with_another() -> Device {
	let meter = judged();
	meter.report(1, &[0, 0]);
	meter.report_after(STEP, 2, &[0, 0]);
	assert_ok!(dispute(BONDED[0], meter.id, 1));
	assert_ok!(dispute(DISPUTER, meter.id, 2));
	assert_noop!(close(meter.id, 2), Error::<Test>::DisputeOpen);
	assert_ok!(decide(meter.id, 1, Verdict::Wrong));
	assert_noop!(decide(meter.id, 2, Verdict::Wrong), Error::<Test>::NotPending);
	meter
}

fn fee_when_closed_after(time: Moment) -> u128 {
	let meter = dropped_with_another();
	pass(time);
	let before = bld(DISPUTER).1;
	assert_ok!(close(meter.id, 2));
	assert_eq!(record(DISPUTER), (0, 0, 0));
	before - bld(DISPUTER).1
}

#[test]
fn dispute_should_be_free_when_its_reading_was_dropped_and_it_is_closed_in_time() {
	run_bonded(|| assert_eq!(fee_when_closed_after(VOTE_PERIOD - 1), 0));
	run_bonded(|| assert_eq!(fee_when_closed_after(VOTE_PERIOD), LAPSE_FEE));
}

#[test]
fn close_dispute_should_fail_when_there_is_none() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[0, 0]);
		assert_noop!(close(MeterId(9), 1), Error::<Test>::UnknownMeter);
		assert_noop!(close(meter.id, 1), Error::<Test>::NoDispute);
	});
}

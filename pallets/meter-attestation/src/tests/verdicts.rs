use baseload_primitives::{Flags, MeterId, MeterStatus, Refusal, Severity, Verdict, HOUR};
use frame_support::{assert_noop, assert_ok, dispatch::Pays, traits::fungible::InspectHold};
use sp_runtime::traits::BadOrigin;

use super::disputes::{bld, close, judged, record, sequences, status, DISPUTER, JUDGES, VOTE_PERIOD};
use crate::{mock::*, Attestors, Disputes, Error, Event, HoldReason};

/// A meter with judges, and a reading after too long a silence that waits for their confirmation.
fn held() -> Device {
	let meter = judged();
	assert_ok!(set_policy(meter.id, |policy| policy.severities.gap = Severity::Hold));
	meter.report(1, &[0, 0]);
	pass(3 * HOUR);
	meter.report(2, &[5, 0]);
	assert!(meter.pending()[0].hold.is_some(), "the gap is held");
	meter
}

#[test]
fn verdict_that_it_stands_should_make_the_reading_final_and_cost_the_stake() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		let before = [DISPUTER, OWNER, TREASURY].map(bld);
		let post = vote(BONDED[0], meter.id, 1, Verdict::Stands).expect("a good vote");
		assert_eq!(post.pays_fee, Pays::No);
		assert_eq!(
			events().last(),
			Some(&Event::Voted {
				meter: meter.id,
				sequence: 1,
				who: BONDED[0],
				verdict: Verdict::Stands
			})
		);
		assert_ok!(vote(BONDED[1], meter.id, 1, Verdict::Wrong));
		assert_eq!(meter.measured(), None);
		assert_ok!(vote(BONDED[2], meter.id, 1, Verdict::Stands));
		assert_eq!(status(&meter), MeterStatus::Active);
		let won = STAKE / 4;
		let after = [
			(before[0].0, before[0].1 - STAKE),
			(before[1].0 + won, before[1].1),
			(before[2].0 + STAKE - won, before[2].1),
		];
		assert_eq!([DISPUTER, OWNER, TREASURY].map(bld), after);
		assert_eq!(record(DISPUTER), (0, 0, 1));
		assert_eq!(Disputes::<Test>::get(meter.id, 1), None);
		let slashed = Event::AttestorSlashed {
			who: DISPUTER,
			amount: STAKE,
			winner: Some((OWNER, won)),
		};
		let decided = Event::Decided {
			meter: meter.id,
			sequence: 1,
			verdict: Verdict::Stands,
			dropped: 0,
		};
		assert!(events().ends_with(&[slashed, decided]));
		let votes = JUDGES
			.iter()
			.map(|who| Attestors::<Test>::get(who).expect("bonded").votes);
		assert_eq!(votes.sum::<u32>(), 3);
		pass(WINDOW);
		assert_eq!(meter.newest_final(), Some((1, Flags::NONE)));
		assert_eq!(meter.measured(), Some(1));
	});
}

#[test]
fn verdict_should_not_end_the_challenge_window_early() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[5, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		pass(WINDOW - 1);
		assert_eq!(meter.measured(), None);
		// Somebody else may still know better, at a stake of its own.
		assert_ok!(dispute(BONDED[0], meter.id, 1));
		pass(2 * STEP);
		assert_eq!(meter.measured(), None);
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		// Final from the verdict on, as its own window is over.
		assert_eq!(meter.measured(), Some(1));
	});
}

#[test]
fn reading_should_wait_for_those_before_it_when_it_stands() {
	run_bonded(|| {
		let meter = judged();
		meter.report(1, &[0, 0]);
		meter.report_after(STEP, 2, &[0, 0]);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_ok!(dispute(BONDED[0], meter.id, 2));
		assert_ok!(decide(meter.id, 2, Verdict::Stands));
		pass(WINDOW + STEP);
		assert_eq!(meter.measured(), None);
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		assert_eq!(meter.measured(), Some(2));
	});
}

#[test]
fn verdict_that_it_is_wrong_should_drop_suspend_and_cost_half_the_deposit() {
	run_bonded(|| {
		let meter = judged();
		for sequence in 1..=4 {
			meter.report_after(STEP, sequence, &[0, 0]);
		}
		assert_ok!(dispute(DISPUTER, meter.id, 2));
		assert_ok!(vote(BONDED[0], meter.id, 2, Verdict::Wrong));
		let before = [DISPUTER, OWNER, TREASURY].map(Balances::free_balance);
		let bond = bld(DISPUTER);
		assert_ok!(vote(BONDED[1], meter.id, 2, Verdict::Wrong));
		assert_eq!(sequences(&meter), [1]);
		let (lost, won) = (METER_DEPOSIT / 2, METER_DEPOSIT / 8);
		assert_eq!(
			[DISPUTER, OWNER, TREASURY].map(Balances::free_balance),
			[before[0] + won, before[1], before[2] + lost - won]
		);
		let on_hold = Balances::balance_on_hold(&HoldReason::Meter.into(), &OWNER);
		assert_eq!(on_hold, METER_DEPOSIT - lost);
		assert_eq!(meter.record().deposit, on_hold);
		assert_eq!((bld(DISPUTER), record(DISPUTER)), (bond, (0, 1, 0)));
		let slashed = Event::DepositSlashed {
			meter: meter.id,
			amount: lost,
			winner: Some((DISPUTER, won)),
		};
		let suspended = Event::MeterSuspended { meter: meter.id };
		let decided = Event::Decided {
			meter: meter.id,
			sequence: 2,
			verdict: Verdict::Wrong,
			dropped: 3,
		};
		assert!(events().ends_with(&[slashed, suspended, decided]));
		assert_eq!(status(&meter), MeterStatus::Suspended);
		// Resuming the meter makes its deposit whole.
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		assert_eq!(
			Balances::balance_on_hold(&HoldReason::Meter.into(), &OWNER),
			METER_DEPOSIT
		);
	});
}

#[test]
fn nobody_should_win_from_itself_when_the_owner_disputes() {
	run_bonded(|| {
		let meter = judged();
		assert_ok!(MeterAttestation::bond(RuntimeOrigin::signed(OWNER), BOND));
		meter.report(1, &[0, 0]);
		meter.report_after(STEP, 2, &[0, 0]);
		let before = (bld(OWNER), Balances::free_balance(OWNER));
		assert_ok!(dispute(OWNER, meter.id, 1));
		assert_ok!(dispute(OWNER, meter.id, 2));
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		assert_ok!(decide(meter.id, 2, Verdict::Wrong));
		assert_eq!(bld(OWNER), (before.0 .0, before.0 .1 - STAKE));
		assert_eq!(Balances::free_balance(OWNER), before.1);
		assert_eq!(record(OWNER), (0, 1, 1));
	});
}

#[test]
fn registrar_should_decide_when_there_is_no_committee() {
	run_bonded(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		let by_owner = MeterAttestation::decide(RuntimeOrigin::signed(OWNER), meter.id, 1, Verdict::Stands);
		assert_noop!(by_owner, BadOrigin);
		assert_noop!(decide(MeterId(9), 1, Verdict::Stands), Error::<Test>::UnknownMeter);
		assert_noop!(decide(meter.id, 2, Verdict::Stands), Error::<Test>::NotPending);
		assert_noop!(decide(meter.id, 1, Verdict::Stands), Error::<Test>::NothingToDecide);
		assert_ok!(dispute(DISPUTER, meter.id, 1));
		assert_noop!(vote(BONDED[0], meter.id, 1, Verdict::Stands), Error::<Test>::NotMember);
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		assert_eq!(record(DISPUTER), (0, 0, 1));
		pass(WINDOW);
		assert_eq!(meter.measured(), Some(1));
	});
}

#[test]
fn held_reading_should_be_measured_when_the_committee_confirms_it() {
	run_bonded(|| {
		let meter = held();
		assert_ok!(vote(BONDED[0], meter.id, 2, Verdict::Stands));
		assert_ok!(vote(BONDED[1], meter.id, 2, Verdict::Stands));
		assert_eq!(Disputes::<Test>::get(meter.id, 2), None);
		pass(WINDOW);
		assert_eq!(meter.newest_final(), Some((2, Flags::GAP)));
	});
}

#[test]
fn held_reading_should_cost_nobody_when_it_is_wrong() {
	run_bonded(|| {
		let meter = held();
		assert_ok!(vote(BONDED[0], meter.id, 2, Verdict::Wrong));
		let replay = meter.call(reading(2, &[5, 0]));
		assert_ok!(vote(BONDED[1], meter.id, 2, Verdict::Wrong));
		assert_noop!(submit(replay), Refusal::StaleSequence);
		assert_eq!(meter.measured(), Some(1));
		assert_eq!((sequences(&meter), status(&meter)), (vec![], MeterStatus::Active));
		assert_eq!(
			Balances::balance_on_hold(&HoldReason::Meter.into(), &OWNER),
			METER_DEPOSIT
		);
	});
}

#[test]
fn held_reading_should_end_as_an_estimate_when_nobody_decides() {
	run_bonded(|| {
		let meter = held();
		assert_ok!(vote(BONDED[0], meter.id, 2, Verdict::Stands));
		pass(WINDOW + VOTE_PERIOD - 1);
		assert_eq!(meter.newest_final().map(|(sequence, _)| sequence), Some(1));
		assert_noop!(close(meter.id, 2), Error::<Test>::DisputeOpen);
		pass(1);
		assert_eq!(meter.newest_final(), Some((2, Flags::GAP.and(Flags::UNCONFIRMED))));
		let closed = close(meter.id, 2).expect("lapsed");
		assert_eq!(closed.pays_fee, Pays::No, "nobody's stake was bound");
		assert_eq!(
			events().last(),
			Some(&Event::DisputeClosed {
				meter: meter.id,
				sequence: 2,
				fee: 0
			})
		);
	});
}

#[test]
fn dispute_of_a_held_reading_should_keep_votes_and_the_later_end() {
	run_bonded(|| {
		let meter = held();
		let held_until = meter.pending()[0].hold.expect("held").until;
		assert_ok!(vote(BONDED[0], meter.id, 2, Verdict::Wrong));
		// Who has judged is no party.
		assert_noop!(dispute(BONDED[0], meter.id, 2), Error::<Test>::AlreadyVoted);
		assert_ok!(dispute(DISPUTER, meter.id, 2));
		let hold = meter.pending()[0].hold.expect("held");
		assert_eq!((hold.until, hold.disputed_at), (held_until, Some(now())));
		assert_ok!(vote(BONDED[1], meter.id, 2, Verdict::Wrong));
		assert_eq!(status(&meter), MeterStatus::Suspended);
		assert_eq!(record(DISPUTER), (0, 1, 0));
	});
}

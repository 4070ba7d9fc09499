use frame_support::{assert_noop, assert_ok};
use sp_runtime::Perbill;
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

use crate::{mock::*, Convicts, Error, Event, Punishments};

/// Ten equal validators would need more candidates than the mock allows, so most tests say how many validators there were.
const MANY: u32 = 30;

fn handle(who: u64, fraction: Perbill, session: u32) {
	ValidatorSet::on_offence(
		&[OffenceDetails {
			offender: (who, ()),
			reporters: vec![],
		}],
		&[fraction],
		session,
	);
}

#[test]
fn offence_should_slash_drop_and_disable_when_reported() {
	run(|| {
		// (3 * 1 / 30)^2 = 1 %
		report(&[1], 7, MANY);
		assert_eq!((active(1), chunks(1), held(1)), (None, vec![(990, DELAY)], 990));
		assert_eq!((free(TREASURY), free(1)), (FUNDS + 10, FUNDS - 1_000));
		assert_eq!(disabled(), [1]);
		System::assert_has_event(
			Event::Slashed {
				who: 1,
				session: 0,
				fraction: Perbill::from_percent(1),
				old: 1_000,
				new: 990,
			}
			.into(),
		);
		System::assert_has_event(
			Event::Dropped {
				who: 1,
				bond: 990,
				unlock: DELAY,
			}
			.into(),
		);
	});
}

#[test]
fn slash_should_round_up() {
	run(|| {
		handle(1, Perbill::from_parts(1), 0);
		assert_eq!(held(1), 999);
	});
}

#[test]
fn slash_should_take_all_when_a_third_equivocates() {
	run(|| {
		report(&[1, 2], 7, 6);
		assert_eq!((held(1), held(2)), (0, 0));
		assert_eq!(free(TREASURY), FUNDS + 1_900);
		assert_eq!((chunks(1), active(1)), (vec![], None));
	});
}

#[test]
fn slash_should_reach_what_unbonds_when_somebody_left_before_the_report() {
	run(|| {
		leave(1);
		sessions(2);
		assert_eq!(Session::validators(), [2, 3, 4]);
		report_in(1, &[1], 7, 6);
		assert_eq!(
			(chunks(1), held(1), free(TREASURY)),
			(vec![(750, DELAY)], 750, FUNDS + 250)
		);
		assert!(!Convicts::<Test>::contains_key(1));
		assert!(disabled().is_empty());
	});
}

#[test]
fn slash_should_take_first_what_would_leave_first() {
	run(|| {
		assert_ok!(ValidatorSet::reduce_bond(RuntimeOrigin::signed(1), 100));
		next_session();
		assert_ok!(ValidatorSet::reduce_bond(RuntimeOrigin::signed(1), 300));
		handle(1, Perbill::from_percent(25), 0);
		// 250 of 1000: the chunk of 100, then 150 of that of 300; the rest of the bond joins the newest chunk
		assert_eq!(chunks(1), [(750, DELAY + 1)]);
	});
}

#[test]
fn slash_should_grow_when_more_offenders_are_reported_for_the_same_slot() {
	run(|| {
		report(&[1], 7, MANY);
		assert_eq!(held(1), 990);
		// Two offenders: 4 % of each stake as it was at first, of which 1 lost 1 % before
		report(&[2], 7, MANY);
		assert_eq!((held(1), held(2)), (960, 864));
		assert_eq!(free(TREASURY), FUNDS + 40 + 36);
	});
}

#[test]
fn slash_should_count_the_largest_fraction_once_when_there_are_many_offences_in_a_session() {
	run(|| {
		for slot in 0..20 {
			report(&[1], slot, MANY);
		}
		assert_eq!(held(1), 990);
		next_session();
		report(&[1], 30, MANY);
		// Another session, another slash: 1 % of 990, rounded up
		assert_eq!(held(1), 980);
		handle(1, Perbill::zero(), 0);
		assert_eq!(held(1), 980);
	});
}

#[test]
fn zero_fraction_should_cost_the_seat_but_not_the_bond() {
	run(|| {
		handle(1, Perbill::zero(), 0);
		assert_eq!((active(1), held(1), free(TREASURY)), (None, 1_000, FUNDS));
		assert_eq!(disabled(), [1]);
	});
}

#[test]
fn offender_should_be_out_and_free_to_return_when_planned_sessions_are_over() {
	run(|| {
		report(&[1], 7, MANY);
		assert_noop!(
			ValidatorSet::bond(RuntimeOrigin::signed(1), 500),
			Error::<Test>::Convicted
		);
		next_session();
		assert_eq!((Session::validators(), queued()), (vec![1, 2, 3, 4], vec![2, 3, 4]));
		assert_eq!(disabled(), [1]);
		assert_noop!(
			ValidatorSet::bond(RuntimeOrigin::signed(1), 500),
			Error::<Test>::Convicted
		);
		next_session();
		assert_eq!(Session::validators(), [2, 3, 4]);
		assert!(disabled().is_empty());
		bond(1, 500);
		assert_eq!((active(1), held(1)), (Some(500), 1_490));
	});
}

#[test]
fn offender_should_stay_disabled_when_another_change_enables_everybody() {
	run(|| {
		bond(5, 600);
		next_session();
		report(&[1], 7, MANY);
		// The set with 5 in it starts now, still with 1 in it
		next_session();
		assert_eq!(Session::validators(), [1, 2, 3, 4, 5]);
		assert_eq!(disabled(), [1]);
		next_session();
		assert_eq!(Session::validators(), [2, 3, 4, 5]);
		assert!(disabled().is_empty());
	});
}

#[test]
fn offender_should_keep_a_new_seat_when_an_old_report_is_repeated() {
	run(|| {
		report(&[1], 7, MANY);
		sessions(2);
		bond(1, 500);
		// A second offender of that slot raises what 1 owes, of the stake it had, but 1 has lost its seat for it once
		report_in(0, &[2], 7, MANY);
		assert_eq!((active(1), held(1)), (Some(500), 960 + 500));
		assert_eq!(active(2), None);
	});
}

#[test]
fn offender_should_lose_a_new_seat_when_a_repeated_report_leaves_too_little() {
	run(|| {
		handle(1, Perbill::from_percent(95), 0);
		sessions(2);
		bond(1, MIN_BOND);
		handle(1, Perbill::one(), 0);
		// 50 more of the first 1000, from the chunk of 50 that still unbonds; nothing of the new bond is owed
		assert_eq!((active(1), held(1)), (Some(MIN_BOND), MIN_BOND));

		handle(1, Perbill::from_percent(1), 1);
		assert_eq!((active(1), held(1)), (None, MIN_BOND - 1));
	});
}

#[test]
fn validators_should_be_kept_on_when_all_of_them_offend() {
	run(|| {
		report(&[1, 2, 3, 4], 7, 4);
		assert!((1..=4).all(|who| held(who) == 0 && active(who).is_none()));
		next_session();
		// The minimum serves on, without a bond, until others come
		assert_eq!(queued(), [1, 2]);
		sessions(3);
		assert_eq!(Session::validators(), [1, 2]);
		bond(5, MIN_BOND);
		bond(6, MIN_BOND);
		sessions(2);
		assert_eq!(Session::validators(), [5, 6]);
		assert_eq!(Convicts::<Test>::iter().count(), 0);
	});
}

#[test]
fn leavers_should_be_kept_on_before_convicts_when_too_few_are_left() {
	run(|| {
		leave(4);
		report(&[1, 2], 7, 4);
		next_session();
		assert_eq!(queued(), [3, 4]);
	});
}

#[test]
fn records_should_be_pruned_when_evidence_can_no_longer_come() {
	run(|| {
		report(&[1], 7, MANY);
		sessions(WINDOW);
		assert!(Punishments::<Test>::contains_key(0, 1));
		assert!(Historical::historical_root(0).is_some());
		next_session();
		assert_eq!(Punishments::<Test>::iter().count(), 0);
		assert_eq!(Historical::historical_root(0), None);
		assert!(Historical::historical_root(1).is_some());
	});
}

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Error, Event};

fn reduce(who: u64, amount: u128) {
	assert_ok!(ValidatorSet::reduce_bond(RuntimeOrigin::signed(who), amount));
}

fn withdraw(who: u64) {
	assert_ok!(ValidatorSet::withdraw_unbonded(RuntimeOrigin::signed(who)));
}

#[test]
fn withdraw_should_release_when_the_delay_is_over() {
	run(|| {
		reduce(1, 300);
		sessions(DELAY - 1);
		assert_noop!(
			ValidatorSet::withdraw_unbonded(RuntimeOrigin::signed(1)),
			Error::<Test>::NothingToWithdraw
		);
		next_session();
		withdraw(1);
		assert_eq!((held(1), free(1), chunks(1)), (700, FUNDS - 700, vec![]));
		System::assert_last_event(
			Event::Withdrawn {
				who: 1,
				amount: 300,
				remaining: 0,
			}
			.into(),
		);
		assert_noop!(
			ValidatorSet::withdraw_unbonded(RuntimeOrigin::signed(1)),
			Error::<Test>::NothingToWithdraw
		);
	});
}

#[test]
fn withdraw_should_leave_locked_chunks_when_only_some_have_unlocked() {
	run(|| {
		reduce(1, 300);
		sessions(2);
		reduce(1, 200);
		sessions(DELAY - 2);
		withdraw(1);
		assert_eq!((held(1), chunks(1)), (700, vec![(200, DELAY + 2)]));
		System::assert_last_event(
			Event::Withdrawn {
				who: 1,
				amount: 300,
				remaining: 200,
			}
			.into(),
		);
	});
}

#[test]
fn unbonding_should_use_one_chunk_when_in_one_session() {
	run(|| {
		reduce(1, 300);
		reduce(1, 200);
		assert_eq!(chunks(1), [(500, DELAY)]);
		leave(1);
		assert_eq!(chunks(1), [(1_000, DELAY)]);
	});
}

#[test]
fn unbonding_should_prolong_the_newest_chunk_when_all_are_in_use() {
	run(|| {
		for amount in [100, 200, 300] {
			reduce(1, amount);
			next_session();
		}
		assert_eq!(chunks(1), [(100, DELAY), (200, DELAY + 1), (300, DELAY + 2)]);
		// Neither lowering a bond nor leaving can be blocked
		leave(1);
		assert_eq!(chunks(1), [(100, DELAY), (200, DELAY + 1), (700, DELAY + 3)]);
	});
}

#[test]
fn bond_should_stand_apart_from_what_unbonds_when_bonded_again() {
	run(|| {
		leave(4);
		next_session();
		bond(4, 150);
		assert_eq!((active(4), chunks(4), held(4)), (Some(150), vec![(700, DELAY)], 850));
		sessions(DELAY);
		withdraw(4);
		assert_eq!((active(4), held(4)), (Some(150), 150));
	});
}

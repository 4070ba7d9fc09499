use frame_support::{assert_ok, BoundedVec};
use pallet_session::{historical, SessionManager};
use sp_runtime::testing::UintAuthorityId;

use crate::{mock::*, Event};

fn reserve(accounts: &[u64]) {
	assert_ok!(ValidatorSet::set_reserved(
		RuntimeOrigin::root(),
		BoundedVec::truncate_from(accounts.to_vec())
	));
}

fn seats(count: u32) {
	assert_ok!(ValidatorSet::set_max_validators(RuntimeOrigin::root(), count));
}

/// What the session manager plans as things stand.
fn plan() -> Option<Vec<u64>> {
	<ValidatorSet as SessionManager<u64>>::new_session(Session::current_index() + 1)
}

fn announced() -> bool {
	pallet_session::QueuedChanged::<Test>::get()
}

#[test]
fn plan_should_be_none_when_nothing_changed() {
	run(|| {
		assert_eq!(plan(), None);
		for _ in 0..5 {
			next_session();
			assert!(!announced());
			assert_eq!(Session::validators(), [1, 2, 3, 4]);
		}
	});
}

#[test]
fn plan_should_be_none_when_only_ranks_change() {
	run(|| {
		bond(4, 5_000);
		assert_eq!(plan(), None);
	});
}

#[test]
fn plan_should_take_effect_one_session_later_when_the_set_changes() {
	run(|| {
		bond(5, 300);
		assert_eq!(plan(), Some(vec![1, 2, 3, 4, 5]));
		next_session();
		assert_eq!(
			(Session::validators(), queued()),
			(vec![1, 2, 3, 4], vec![1, 2, 3, 4, 5])
		);
		next_session();
		assert_eq!(Session::validators(), [1, 2, 3, 4, 5]);
		assert!(!announced());
	});
}

#[test]
fn plan_should_announce_when_only_a_key_changes() {
	run(|| {
		let before = Historical::historical_root(1);
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(2), UintAuthorityId(77), vec![]));
		assert_eq!(plan(), Some(vec![1, 2, 3, 4]));
		next_session();
		// The root of the session with the new key is a new one, so that evidence against the new key can be proven
		assert_ne!(
			Historical::historical_root(2).map(|(root, _)| root),
			before.map(|(root, _)| root)
		);
		assert!(announced());
		next_session();
		assert!(!announced());
	});
}

#[test]
fn plan_should_be_the_same_for_the_historical_manager() {
	run(|| {
		bond(5, 300);
		let historical = <ValidatorSet as historical::SessionManager<u64, ()>>::new_session(1);
		assert_eq!(
			historical.map(|set| set.into_iter().map(|(who, ())| who).collect()),
			plan()
		);
	});
}

#[test]
fn election_should_seat_by_bond_when_seats_are_few() {
	run(|| {
		seats(3);
		assert_eq!(plan(), Some(vec![1, 2, 3]));
		bond(9, 950);
		assert_eq!(plan(), Some(vec![1, 2, 9]));
		bond(4, 1_000);
		assert_eq!(plan(), Some(vec![1, 4, 9]));
	});
}

#[test]
fn election_should_seat_reserved_first_when_they_are_bonded() {
	run(|| {
		seats(3);
		bond(9, MIN_BOND);
		reserve(&[9, 10, 4]);
		// 10 is not bonded, so its seat goes to the best of the others
		assert_eq!(plan(), Some(vec![1, 4, 9]));
		bond(10, MIN_BOND);
		assert_eq!(plan(), Some(vec![4, 9, 10]));
		seats(2);
		assert_eq!(plan(), Some(vec![9, 10]));
	});
}

#[test]
fn election_should_skip_candidates_when_their_keys_are_gone() {
	run(|| {
		reserve(&[2]);
		purge_keys(2);
		assert_eq!(plan(), Some(vec![1, 3, 4]));
		set_keys(2);
		assert_eq!(plan(), None);
	});
}

#[test]
fn minimum_should_be_kept_when_keys_are_withdrawn() {
	run(|| {
		leave(4);
		leave(3);
		next_session();
		assert_eq!(queued(), [1, 2]);
		// Before 3 and 4 are out, 2 withdraws its keys: one electable candidate is left of the two that the chain needs
		next_session();
		assert_eq!(Session::validators(), [1, 2]);
		bond(5, MIN_BOND);
		next_session();
		assert_eq!((Session::validators(), queued()), (vec![1, 2], vec![1, 2, 5]));
		next_session();
		leave(5);
		purge_keys(2);
		next_session();
		assert_eq!(queued(), [1, 5]);
		System::assert_has_event(
			Event::MinimumKept {
				session: Session::current_index() + 1,
				elected: 1,
				kept: 1,
			}
			.into(),
		);
		// 5 serves on, so its bond unbonds for a full delay after the session it is kept for
		assert_eq!(chunks(5), [(MIN_BOND, Session::current_index() + 1 + DELAY)]);
		next_session();
		assert_eq!(chunks(5), [(MIN_BOND, Session::current_index() + 1 + DELAY)]);

		set_keys(2);
		sessions(2);
		assert_eq!(Session::validators(), [1, 2]);
	});
}

#[test]
fn plan_should_be_none_when_nobody_has_keys() {
	run(|| {
		(1..=4).for_each(purge_keys);
		assert_eq!(plan(), None);
	});
}

use baseload_primitives::Balance;
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate, BoundedVec};
use sp_runtime::{traits::BadOrigin, TokenError};

use crate::{mock::*, Candidates, Error, Event, Reserved, Seats};

fn ranking() -> Vec<u64> {
	Candidates::<Test>::get()
		.into_iter()
		.map(|candidate| candidate.who)
		.collect()
}

#[test]
fn bond_should_hold_and_rank_when_keys_are_registered() {
	run(|| {
		bond(5, 850);
		assert_eq!(ranking(), [1, 2, 5, 3, 4]);
		assert_eq!((held(5), free(5)), (850, FUNDS - 850));
		System::assert_last_event(
			Event::Bonded {
				who: 5,
				old: 0,
				new: 850,
			}
			.into(),
		);
	});
}

#[test]
fn bond_should_raise_when_candidate_already() {
	run(|| {
		bond(4, 250);
		assert_eq!(ranking(), [1, 4, 2, 3]);
		assert_eq!(held(4), 950);
		System::assert_last_event(
			Event::Bonded {
				who: 4,
				old: 700,
				new: 950,
			}
			.into(),
		);
	});
}

#[test]
fn bond_should_rank_lower_account_first_when_bonds_are_equal() {
	run(|| {
		bond(6, 800);
		bond(5, 800);
		assert_eq!(ranking(), [1, 2, 3, 5, 6, 4]);
	});
}

#[test]
fn bond_should_fail_when_it_may_not_or_cannot() {
	run(|| {
		let signed = RuntimeOrigin::signed;
		assert_noop!(ValidatorSet::bond(RuntimeOrigin::root(), MIN_BOND), BadOrigin);
		assert_noop!(ValidatorSet::bond(signed(5), 0), Error::<Test>::ZeroAmount);
		assert_noop!(ValidatorSet::bond(signed(5), MIN_BOND - 1), Error::<Test>::BelowMinBond);
		assert_noop!(ValidatorSet::bond(signed(16), MIN_BOND), Error::<Test>::NoSessionKeys);
		assert_noop!(ValidatorSet::bond(signed(5), FUNDS + 1), TokenError::FundsUnavailable);
	});
}

#[test]
fn bond_should_succeed_when_keys_are_registered_later() {
	run(|| {
		set_keys(16);
		bond(16, MIN_BOND);
		assert_eq!(active(16), Some(MIN_BOND));
	});
}

#[test]
fn bond_should_take_the_last_place_when_the_list_is_full() {
	run(|| {
		(5..=8).for_each(|who| bond(who, 100 + Balance::from(who)));
		assert_eq!(ranking(), [1, 2, 3, 4, 8, 7, 6, 5]);
		assert_noop!(
			ValidatorSet::bond(RuntimeOrigin::signed(9), 105),
			Error::<Test>::TooManyCandidates
		);

		bond(9, 106);
		assert_eq!(ranking(), [1, 2, 3, 4, 8, 7, 6, 9]);
		assert_eq!((active(5), chunks(5)), (None, vec![(105, DELAY)]));
		System::assert_has_event(
			Event::Outbid {
				who: 5,
				bond: 105,
				unlock: DELAY,
			}
			.into(),
		);

		// Raising needs no room
		bond(9, 1);
		assert_eq!(ranking(), [1, 2, 3, 4, 8, 7, 9, 6]);
	});
}

#[test]
fn bond_should_leave_the_outbid_alone_when_the_newcomer_cannot_pay() {
	run(|| {
		(5..=8).for_each(|who| bond(who, 100));
		assert_ok!(Bonds::burn_from(
			&9,
			FUNDS - 149,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Fortitude::Polite,
		));
		assert_noop!(
			ValidatorSet::bond(RuntimeOrigin::signed(9), 150),
			TokenError::FundsUnavailable
		);
		assert_eq!(ranking().len() as u32, MAX_CANDIDATES);
	});
}

#[test]
fn bond_should_spare_reserved_candidates_when_the_list_is_full() {
	run(|| {
		(5..=8).for_each(|who| bond(who, 100));
		assert_ok!(ValidatorSet::set_reserved(
			RuntimeOrigin::root(),
			BoundedVec::truncate_from(vec![8, 9])
		));
		// The lowest open candidate is 7, and a reserved newcomer needs not outbid it
		bond(9, 100);
		assert_eq!((active(7), active(8), active(9)), (None, Some(100), Some(100)));
	});
}

#[test]
fn reduce_bond_should_unbond_the_difference_when_enough_stays() {
	run(|| {
		assert_ok!(ValidatorSet::reduce_bond(RuntimeOrigin::signed(1), 850));
		assert_eq!(ranking(), [2, 3, 4, 1]);
		assert_eq!((active(1), chunks(1), held(1)), (Some(150), vec![(850, DELAY)], 1_000));
		System::assert_last_event(
			Event::BondReduced {
				who: 1,
				old: 1_000,
				new: 150,
				unlock: DELAY,
			}
			.into(),
		);
	});
}

#[test]
fn reduce_bond_should_fail_when_it_may_not() {
	run(|| {
		let signed = RuntimeOrigin::signed;
		assert_noop!(ValidatorSet::reduce_bond(signed(1), 0), Error::<Test>::ZeroAmount);
		assert_noop!(ValidatorSet::reduce_bond(signed(1), 901), Error::<Test>::BelowMinBond);
		assert_noop!(ValidatorSet::reduce_bond(signed(1), 1_001), Error::<Test>::BelowMinBond);
		assert_noop!(ValidatorSet::reduce_bond(signed(5), 1), Error::<Test>::NotCandidate);
		assert_ok!(ValidatorSet::reduce_bond(signed(1), 900));
	});
}

#[test]
fn leave_should_unbond_everything_when_enough_others_stay() {
	run(|| {
		leave(4);
		assert_eq!((active(4), chunks(4), held(4)), (None, vec![(700, DELAY)], 700));
		System::assert_last_event(
			Event::Left {
				who: 4,
				bond: 700,
				unlock: DELAY,
			}
			.into(),
		);
		assert_noop!(
			ValidatorSet::leave(RuntimeOrigin::signed(4)),
			Error::<Test>::NotCandidate
		);
	});
}

#[test]
fn leave_should_fail_when_too_few_electable_candidates_would_stay() {
	run(|| {
		leave(4);
		purge_keys(3);
		// 1 and 2 are the minimum; 3 is no help without keys, and free to go
		assert_noop!(
			ValidatorSet::leave(RuntimeOrigin::signed(1)),
			Error::<Test>::TooFewValidators
		);
		leave(3);
		bond(5, MIN_BOND);
		leave(1);
	});
}

#[test]
fn keys_should_be_released_when_a_validator_is_out() {
	run(|| {
		let release = || ValidatorSet::release_keys(RuntimeOrigin::signed(4));
		assert_noop!(release(), Error::<Test>::KeysInUse);
		leave(4);
		// Two sessions are planned with it
		assert_noop!(release(), Error::<Test>::KeysInUse);
		next_session();
		assert_noop!(release(), Error::<Test>::KeysInUse);
		next_session();
		assert_ok!(release());
		System::assert_last_event(Event::KeysReleased { who: 4 }.into());
		assert_noop!(release(), Error::<Test>::NoSessionKeys);
		assert_noop!(
			ValidatorSet::bond(RuntimeOrigin::signed(4), MIN_BOND),
			Error::<Test>::NoSessionKeys
		);
	});
}

#[test]
fn set_reserved_should_store_when_accounts_are_distinct() {
	run(|| {
		let accounts = |list: &[u64]| BoundedVec::truncate_from(list.to_vec());
		assert_noop!(
			ValidatorSet::set_reserved(RuntimeOrigin::signed(1), accounts(&[1])),
			BadOrigin
		);
		assert_noop!(
			ValidatorSet::set_reserved(RuntimeOrigin::root(), accounts(&[9, 1, 9])),
			Error::<Test>::DuplicateAccount
		);
		assert_ok!(ValidatorSet::set_reserved(RuntimeOrigin::root(), accounts(&[9, 1])));
		System::assert_last_event(
			Event::ReservedChanged {
				old: accounts(&[]),
				new: accounts(&[9, 1]),
			}
			.into(),
		);
		assert_eq!(Reserved::<Test>::get(), accounts(&[9, 1]));
	});
}

#[test]
fn set_max_validators_should_store_when_in_range() {
	run(|| {
		assert_noop!(ValidatorSet::set_max_validators(RuntimeOrigin::signed(1), 3), BadOrigin);
		for seats in [0, MIN_VALIDATORS - 1, MAX_VALIDATORS + 1] {
			assert_noop!(
				ValidatorSet::set_max_validators(RuntimeOrigin::root(), seats),
				Error::<Test>::SeatsOutOfRange
			);
		}
		assert_ok!(ValidatorSet::set_max_validators(RuntimeOrigin::root(), 3));
		System::assert_last_event(
			Event::SeatsChanged {
				old: MAX_VALIDATORS,
				new: 3,
			}
			.into(),
		);
		assert_eq!(Seats::<Test>::get(), 3);
	});
}

#[test]
fn views_should_show_stake_and_standing() {
	run(|| {
		bond(5, 300);
		leave(4);
		assert_eq!(
			ValidatorSet::validators()
				.iter()
				.map(|view| view.who)
				.collect::<Vec<_>>(),
			[1, 2, 3, 4]
		);
		assert_eq!(
			ValidatorSet::candidates()
				.iter()
				.map(|view| view.who)
				.collect::<Vec<_>>(),
			[1, 2, 3, 5]
		);
		assert_eq!(ValidatorSet::candidate(10), None);
		let left = ValidatorSet::candidate(4).unwrap();
		assert_eq!(
			(left.bond, left.unbonding.len(), left.serving, left.queued),
			(0, 1, true, true)
		);
		let waiting = ValidatorSet::candidate(5).unwrap();
		assert_eq!(
			(waiting.bond, waiting.has_keys, waiting.serving, waiting.queued),
			(300, true, false, false)
		);
		assert!(!waiting.reserved && !waiting.convicted);
	});
}

//! Each invariant must be able to fail.

use frame_support::BoundedVec;
use sp_runtime::{Perbill, TryRuntimeError};

use crate::{
	mock::*, Candidates, Chunk, Convicts, MinValidators, Punishment, Punishments, Reserved, Seats, SlotDuration,
	Unbonding,
};

fn broken(number: &str, damage: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		check();
		damage();
		match ValidatorSet::do_try_state() {
			Err(TryRuntimeError::Other(message)) => assert!(message.starts_with(number), "{number}: {message}"),
			other => panic!("{number}: {other:?}"),
		}
	});
}

fn unbond(who: u64, list: &[(u128, u32)]) {
	let chunks = list
		.iter()
		.map(|(amount, unlock)| Chunk {
			amount: *amount,
			unlock: *unlock,
		})
		.collect();
	Unbonding::<Test>::insert(who, BoundedVec::truncate_from(chunks));
}

#[test]
fn try_state_should_fail_when_an_invariant_is_broken() {
	broken("1: candidates", || {
		Candidates::<Test>::mutate(|list| list.as_mut().swap(0, 1))
	});
	broken("2: a candidate", || {
		Candidates::<Test>::mutate(|list| list[3].bond = MIN_BOND - 1)
	});
	broken("2: a convict", || Convicts::<Test>::insert(1, Perbill::one()));
	broken("3:", || Candidates::<Test>::mutate(|list| list[0].bond += 1));
	broken("3:", || unbond(9, &[(1, DELAY)]));
	broken("4: an empty list", || unbond(9, &[]));
	broken("4: an empty unbonding", || unbond(9, &[(0, DELAY)]));
	broken("4: unlock", || {
		leave(4);
		unbond(4, &[(300, DELAY), (400, DELAY)]);
	});
	broken("4: a chunk", || {
		leave(4);
		unbond(4, &[(700, DELAY + 2)]);
	});
	broken("5: an account", || {
		Reserved::<Test>::put(BoundedVec::truncate_from(vec![1, 1]))
	});
	broken("5: the number", || Seats::<Test>::put(MIN_VALIDATORS - 1));
	broken("5: the minimum", || MinValidators::<Test>::put(0));
	broken("6:", || Convicts::<Test>::insert(9, Perbill::one()));
	let record = |taken| Punishment {
		fraction: Perbill::from_percent(10),
		base: 99,
		taken,
	};
	broken("7: more", || Punishments::<Test>::insert(0, 1, record(11)));
	broken("7: a punishment", || {
		sessions(WINDOW + 1);
		Punishments::<Test>::insert(0, 1, record(10));
	});
	broken("8:", || {
		leave(4);
		unbond(4, &[(700, WINDOW)]);
	});
	broken("9:", || SlotDuration::<Test>::put(501));
}

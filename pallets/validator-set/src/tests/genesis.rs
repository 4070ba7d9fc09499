use frame_support::traits::{Get, Hooks};
use sp_runtime::BuildStorage;

use crate::{mock::*, MinValidators, MinimumPeriod, SlotDuration};

#[test]
fn genesis_should_hold_bonds_and_seat_validators_when_they_have_keys() {
	run(|| {
		assert_eq!(Session::validators(), [1, 2, 3, 4]);
		assert_eq!(queued(), [1, 2, 3, 4]);
		assert_eq!((held(1), free(1)), (1_000, FUNDS - 1_000));
		assert!(Historical::historical_root(0).is_some());
		assert!(Historical::historical_root(1).is_some());
	});
}

#[test]
#[should_panic(expected = "genesis has session keys, but no bonded validator")]
fn genesis_should_panic_when_there_are_keys_but_nobody_is_bonded() {
	ExtBuilder::default().validators(&[]).build();
}

#[test]
fn genesis_should_build_when_there_are_neither_validators_nor_keys() {
	let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		assert!(Session::validators().is_empty());
		check();
	});
}

#[test]
#[should_panic(expected = "genesis validator 16 has no session keys")]
fn genesis_should_panic_when_keys_are_missing() {
	ExtBuilder::default()
		.validators(&[(1, 1_000), (2, 900), (16, 800)])
		.build();
}

#[test]
#[should_panic(expected = "genesis validator 2 is listed twice")]
fn genesis_should_panic_when_a_validator_is_listed_twice() {
	ExtBuilder::default().validators(&[(2, 1_000), (2, 900)]).build();
}

#[test]
#[should_panic(expected = "genesis validator 2 bonds 99, less than the minimum")]
fn genesis_should_panic_when_a_bond_is_below_the_minimum() {
	ExtBuilder::default().validators(&[(1, 1_000), (2, 99)]).build();
}

#[test]
#[should_panic(expected = "genesis validator 2 cannot bond 10001")]
fn genesis_should_panic_when_a_bond_is_not_funded() {
	ExtBuilder::default().validators(&[(1, 1_000), (2, FUNDS + 1)]).build();
}

#[test]
#[should_panic(expected = "genesis has 1 validators, fewer than the minimum of 2")]
fn genesis_should_panic_when_there_are_too_few() {
	ExtBuilder::default().validators(&[(1, 1_000)]).build();
}

#[test]
fn minimum_should_be_the_networks_own_when_genesis_names_it() {
	run(|| assert_eq!(MinValidators::<Test>::get(), MIN_VALIDATORS));
	let network = || ExtBuilder::default().validators(&[(1, 1_000)]).min_validators(1);
	network().run(|| {
		assert_eq!(MinValidators::<Test>::get(), 1);
		sessions(2);
		assert_eq!(Session::validators(), [1]);
	});
}

#[test]
fn minimum_should_be_refused_when_out_of_range_or_above_the_first_set() {
	for (least, why) in [
		(0, "min_validators is 0: it must be 1 to 6"),
		(MAX_VALIDATORS + 1, "min_validators is 7: it must be 1 to 6"),
		(5, "genesis has 4 validators, fewer than the minimum of 5"),
	] {
		let refused = std::panic::catch_unwind(|| ExtBuilder::default().min_validators(least).build())
			.err()
			.unwrap();
		assert_eq!(refused.downcast_ref::<String>().map(String::as_str), Some(why));
	}
	ExtBuilder::default().min_validators(4).run(|| {});
}

#[test]
fn slot_duration_should_be_stored_when_genesis_names_none() {
	run(|| {
		assert!(SlotDuration::<Test>::exists());
		assert_eq!(ValidatorSet::slot_duration(), 6_000);
		// The default of a later runtime does not change a running network
		DefaultSlotDuration::set(4_000);
		assert_eq!(ValidatorSet::slot_duration(), 6_000);
	});
}

#[test]
fn minimum_period_should_be_half_a_slot() {
	ExtBuilder::default().slot_duration(500).run(|| {
		assert_eq!(ValidatorSet::slot_duration(), 500);
		assert_eq!(<MinimumPeriod<Test> as Get<u64>>::get(), 250);
		assert_eq!(<Test as pallet_timestamp::Config>::MinimumPeriod::get(), 250);
	});
}

#[test]
fn slot_duration_should_be_refused_when_odd_or_out_of_range() {
	for slot_duration in [0, 1, 498, 501, 60_001, 60_002] {
		let built = std::panic::catch_unwind(|| ExtBuilder::default().slot_duration(slot_duration).build());
		assert!(built.is_err(), "{slot_duration}");
	}
	for slot_duration in [500, 502, 60_000] {
		ExtBuilder::default().slot_duration(slot_duration).run(|| {});
	}
}

#[test]
fn integrity_test_should_pass_when_the_mock_is_configured() {
	<ValidatorSet as Hooks<u64>>::integrity_test();
}

#[test]
#[should_panic(expected = "UnbondingDelay must be at least EvidenceWindow + 2")]
fn integrity_test_should_panic_when_a_validator_could_outrun_evidence() {
	UnbondingDelay::set(WINDOW + 1);
	<ValidatorSet as Hooks<u64>>::integrity_test();
}

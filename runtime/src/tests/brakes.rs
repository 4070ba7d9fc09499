//! What stops and what never does.

use super::*;
use crate::{configs::safety, RuntimeCall, RuntimeOrigin};
use frame_support::{
	assert_noop, assert_ok,
	traits::{Contains, GetCallMetadata},
};
use sp_runtime::traits::Dispatchable;

#[test]
fn names_that_stay_open_should_exist_when_looked_up() {
	for (pallet, call) in safety::ALWAYS_OPEN {
		assert!(RuntimeCall::get_module_names().contains(pallet), "no pallet {pallet}");
		if !call.is_empty() {
			assert!(
				RuntimeCall::get_call_names(pallet).contains(call),
				"no call {pallet}::{call}"
			);
		}
	}
}

#[test]
fn exits_should_stay_open_when_in_safe_mode() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		assert_ok!(crate::SafeMode::force_enter(RuntimeOrigin::root()));
		let alice = RuntimeOrigin::signed(account(Sr25519Keyring::Alice));
		let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
			dest: account(Sr25519Keyring::Bob).into(),
			value: 1_000_000_000_000,
		});
		assert_noop!(
			transfer.dispatch(alice.clone()),
			frame_system::Error::<Runtime>::CallFiltered
		);
		let repay = RuntimeCall::PowerStablecoin(pallet_power_stablecoin::Call::repay {
			vault: baseload_primitives::VaultId(0),
			amount: 1_000_000_000_000,
		});
		assert_ok!(repay.dispatch(alice));
		assert!(!safety::MeterGate::contains(&"submit_reading"));
	});
}

#[test]
fn meter_gate_should_close_when_the_call_is_paused() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		assert!(safety::MeterGate::contains(&"submit_reading"));
		let name = |text: &str| text.as_bytes().to_vec().try_into().expect("short");
		assert_ok!(crate::TxPause::pause(
			RuntimeOrigin::root(),
			(name("MeterAttestation"), name("submit_reading"))
		));
		assert!(!safety::MeterGate::contains(&"submit_reading"));
		assert!(safety::MeterGate::contains(&"submit_backlog"));
	});
}

#[test]
fn several_hands_should_reach_an_exit_when_in_safe_mode() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		assert_ok!(crate::SafeMode::force_enter(RuntimeOrigin::root()));
		let alice = RuntimeOrigin::signed(account(Sr25519Keyring::Alice));
		let batch = |call: RuntimeCall| {
			RuntimeCall::Utility(pallet_utility::Call::batch_all { calls: vec![call] }).dispatch(alice.clone())
		};
		assert_ok!(batch(RuntimeCall::PowerStablecoin(
			pallet_power_stablecoin::Call::repay {
				vault: baseload_primitives::VaultId(0),
				amount: 1_000_000_000_000,
			}
		)));
		// What is closed stays closed inside.
		let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
			dest: account(Sr25519Keyring::Bob).into(),
			value: 1_000_000_000_000,
		});
		let refused = batch(transfer).map_err(|refused| refused.error);
		assert_eq!(refused.err(), Some(frame_system::Error::<Runtime>::CallFiltered.into()));
	});
}

#[test]
fn proxy_should_not_touch_a_bond_when_it_may_not_transfer() {
	use crate::configs::system::ProxyType;
	use frame_support::traits::InstanceFilter;
	let call = |call: pallet_meter_attestation::Call<Runtime>| RuntimeCall::MeterAttestation(call);
	let bond = call(pallet_meter_attestation::Call::bond { amount: 1 });
	let suspend = call(pallet_meter_attestation::Call::suspend_meter {
		meter: baseload_primitives::MeterId(0),
	});
	assert!(!ProxyType::NonTransfer.filter(&bond));
	assert!(ProxyType::NonTransfer.filter(&suspend));
	assert!(ProxyType::Operations.filter(&bond));
}

#[test]
fn clock_should_stand_still_when_readings_cannot_be_challenged() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let runs = || safety::MeterGate::contains(&pallet_meter_attestation::CLOCK);
		assert!(runs());
		for call in ["dispute", "vote", "decide"] {
			let name = |text: &str| text.as_bytes().to_vec().try_into().expect("short");
			assert_noop!(
				crate::TxPause::pause(RuntimeOrigin::root(), (name("MeterAttestation"), name(call))),
				pallet_tx_pause::Error::<Runtime>::Unpausable
			);
		}
		pallet_migrations::Cursor::<Runtime>::put(pallet_migrations::MigrationCursor::Stuck);
		assert!(!runs(), "a migration goes on");
		pallet_migrations::Cursor::<Runtime>::kill();
		assert!(runs());
		assert_ok!(crate::SafeMode::force_enter(RuntimeOrigin::root()));
		assert!(!runs());
	});
}

#[test]
fn session_keys_should_stay_when_a_validator_would_purge_them() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let validator = || RuntimeOrigin::signed(crate::Session::validators()[0].clone());
		assert_noop!(
			RuntimeCall::Session(pallet_session::Call::purge_keys {}).dispatch(validator()),
			frame_system::Error::<Runtime>::CallFiltered
		);
		assert_noop!(
			RuntimeCall::ValidatorSet(pallet_validator_set::Call::release_keys {}).dispatch(validator()),
			pallet_validator_set::Error::<Runtime>::KeysInUse
		);
	});
}

#[test]
fn kwh_should_not_burn_when_a_user_asks() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let burn = RuntimeCall::Balances(pallet_balances::Call::burn {
			value: 1,
			keep_alive: true,
		});
		assert_eq!(burn.get_call_metadata().function_name, "burn");
		assert_noop!(
			burn.dispatch(RuntimeOrigin::signed(account(Sr25519Keyring::Alice))),
			frame_system::Error::<Runtime>::CallFiltered
		);
	});
}

#[test]
fn party_should_not_be_made_late_when_calls_are_paused() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let pause = |call: &str| {
			let name = |text: &str| text.as_bytes().to_vec().try_into().expect("short");
			crate::TxPause::pause(RuntimeOrigin::root(), (name("PpaEscrow"), name(call)))
		};
		let kept = [
			"fund",
			"secure",
			"post_bond",
			"dispute",
			"request",
			"agree",
			"drop_request",
			"step_in",
			"discharge",
		];
		for call in kept {
			assert!(
				RuntimeCall::get_call_names("PpaEscrow").contains(&call),
				"no call {call}"
			);
			assert_noop!(pause(call), pallet_tx_pause::Error::<Runtime>::Unpausable);
		}
		assert_ok!(pause("propose"));
		assert_ok!(pause("activate"));
	});
}

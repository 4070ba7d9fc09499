//! Device keys of every kind, and what they sign.
//!
//! Most are held by the benchmark host's keystore: deriving keys in the runtime would cost the runtime its size. No host knows
//! P-256, so that one is computed here, outside of what is measured.

use alloc::{vec, vec::Vec};

use baseload_primitives::{DeviceKey, DeviceSignature};
use p256::ecdsa::{signature::hazmat::PrehashSigner, Signature, SigningKey};
use sp_core::crypto::KeyTypeId;
use sp_io::{crypto, hashing::sha2_256};

const DEVICE: KeyTypeId = KeyTypeId(*b"bldv");

const HOLDS: &str = "the keystore holds the key that it has generated";

fn seed() -> Option<Vec<u8>> {
	Some(b"//Device".to_vec())
}

/// An Ed25519 key and its signature over `message`.
pub fn ed25519(message: &[u8]) -> (DeviceKey, DeviceSignature) {
	let key = crypto::ed25519_generate(DEVICE, seed());
	let signature = crypto::ed25519_sign(DEVICE, &key, message).expect(HOLDS);
	(DeviceKey::Ed25519(key.0), DeviceSignature::Ed25519(signature.0))
}

/// An Sr25519 key and its signature over `message`.
pub fn sr25519(message: &[u8]) -> (DeviceKey, DeviceSignature) {
	let key = crypto::sr25519_generate(DEVICE, seed());
	let signature = crypto::sr25519_sign(DEVICE, &key, message).expect(HOLDS);
	(DeviceKey::Sr25519(key.0), DeviceSignature::Sr25519(signature.0))
}

/// A secp256k1 key and a signature that is not its own and takes four recoveries to find out, the most there can be: 2 is a
/// coordinate of a point, and so is 2 plus the order of the curve.
pub fn forged_secp256k1() -> (DeviceKey, DeviceSignature) {
	let key = crypto::ecdsa_generate(DEVICE, seed());
	let mut signature = [0; 64];
	(signature[31], signature[63]) = (2, 1);
	(DeviceKey::Secp256k1(key.0), DeviceSignature::Secp256k1(signature))
}

/// The P-256 key of `device`, a number above 0, and its signature over `message`.
pub fn p256(device: u8, message: &[u8]) -> (DeviceKey, DeviceSignature) {
	let key = SigningKey::from_bytes(&[device; 32].into()).expect("above 0 and below the order of the curve");
	let signature: Signature = key.sign_prehash(&sha2_256(message)).expect("a hash can be signed");
	let point = key.verifying_key().to_encoded_point(true);
	let point = point.as_bytes().try_into().expect("a compressed point has 33 bytes");
	(
		DeviceKey::P256(point),
		DeviceSignature::P256(signature.to_bytes().into()),
	)
}

/// The P-256 key of `device`: the kind that is dearest to verify.
pub fn dearest(device: u8) -> DeviceKey {
	p256(device, b"").0
}

/// A message of the length that verification is weighed with.
pub fn message() -> Vec<u8> {
	vec![0; 256]
}

//! ECDSA over the two 256-bit curves that meters use, from r and s alone.
//!
//! A key is a compressed SEC1 point: 2 or 3 for an even or odd y, then x, big-endian. A signature is r then s, 32 bytes
//! each, big-endian, both from 1 up to the order n of the curve less 1. The digest is the 32-byte hash of what was signed.
//!
//! Signatures are malleable: with (r, s) also (r, n - s) is valid, and anybody can make one from the other. Both are
//! accepted, because a signer that does not take care to avoid it gives an s above n / 2 half of the time.

use p256::ecdsa::{signature::hazmat::PrehashVerifier, Signature, VerifyingKey};
use sp_core::ecdsa;

/// A compressed SEC1 point.
pub type Point = [u8; 33];

/// r then s.
pub type RawSignature = [u8; 64];

/// True if `signature` is `key`'s over `digest` on secp256k1 (SEC 2, section 2.4.1).
///
/// The node's host function recovers a key from a signature. For that it wants to know which of the points that fit r the
/// signer met: the parity of its y, and whether its x was r + n rather than r. Neither r nor s says, so all four cases are
/// tried until one recovers `key`. A good signature costs one or two recoveries, a forged one two, as the host turns away
/// at once an r + n that is no coordinate; only an r below 2^129 can cost four. The host refuses an r or s of zero or from
/// n up, and accepts s on either side of n / 2.
pub fn verify_secp256k1(key: &Point, digest: &[u8; 32], signature: &RawSignature) -> bool {
	let key = ecdsa::Public::from_raw(*key);
	let mut recoverable = [0; 65];
	recoverable[..64].copy_from_slice(signature);
	(0..4).any(|recovery_id| {
		recoverable[64] = recovery_id;
		sp_io::crypto::ecdsa_verify_prehashed(&ecdsa::Signature::from_raw(recoverable), digest, &key)
	})
}

/// True if `signature` is `key`'s over `digest` on P-256, also called secp256r1 (FIPS 186-5, SP 800-186).
///
/// No host function knows this curve, so it is verified inside the runtime.
pub fn verify_p256(key: &Point, digest: &[u8; 32], signature: &RawSignature) -> bool {
	let Some(key) = decode_p256(key) else { return false };
	Signature::from_slice(signature).is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
}

/// True if `key` is a point of secp256k1.
pub fn is_on_secp256k1(key: &Point) -> bool {
	is_compressed(key) && k256::PublicKey::from_sec1_bytes(key).is_ok()
}

/// True if `key` is a point of P-256.
pub fn is_on_p256(key: &Point) -> bool {
	decode_p256(key).is_some()
}

fn decode_p256(key: &Point) -> Option<VerifyingKey> {
	if !is_compressed(key) {
		return None;
	}
	VerifyingKey::from_sec1_bytes(key).ok()
}

/// The decoders also read the compact form, 5 and x, in 33 bytes: a key has one encoding only.
fn is_compressed(key: &Point) -> bool {
	matches!(key[0], 2 | 3)
}

//! The keys that meters sign with.
//!
//! | kind | index | key, bytes | signature, bytes | what is signed | standard |
//! |---|---|---|---|---|---|
//! | Ed25519 | 0 | 32: the encoded point | 64: R, then S little-endian | the message | RFC 8032, verified by the rules of ZIP 215 |
//! | Sr25519 | 1 | 32: the encoded ristretto255 point | 64: R, then s little-endian with its top bit set | the message, in the context `substrate` | schnorrkel |
//! | secp256k1 | 2 | 33: 2 or 3, then x big-endian | 64: r, then s, each big-endian | SHA-256 of the message | ECDSA, SEC 1 and SEC 2 |
//! | P-256 | 3 | 33: 2 or 3, then x big-endian | 64: r, then s, each big-endian | SHA-256 of the message | ECDSA, FIPS 186-5 |
//!
//! On the wire and in storage a key or a signature is its index in one byte, then its bytes.
//!
//! # A signature is never an identity
//!
//! Whoever sees one valid ECDSA signature can make a second: with (r, s) also (r, n - s) is valid, and both are accepted
//! because half of what honest meters sign has the larger s. And the holder of a key of any kind can sign the same message
//! again with other bytes. So neither a signature nor its hash tells whether something was seen before; a reading's
//! identity is its meter and sequence.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{ed25519, sr25519, H256};

use crate::{
	ecdsa::{self, Point, RawSignature},
	MeterId, SiteId,
};

/// First bytes of a device key's proof that its holder registers it.
pub const POSSESSION_DOMAIN: [u8; 22] = *b"baseload/possession/v1";

/// The bytes that a device signs to show that whoever registers its key at `site` holds it. Without this proof anybody could
/// register somebody else's public key first and lock the device out for ever.
pub fn possession_payload(genesis: H256, site: SiteId) -> Vec<u8> {
	(POSSESSION_DOMAIN, genesis, site).encode()
}

/// First bytes of a device's consent to another key.
pub const ROTATION_DOMAIN: [u8; 20] = *b"baseload/rotation/v1";

/// The bytes that a meter's device signs with its old key to hand over to `key`.
pub fn rotation_payload(genesis: H256, meter: MeterId, key: &DeviceKey) -> Vec<u8> {
	(ROTATION_DOMAIN, genesis, meter, key).encode()
}

/// A meter's public key; see the module for its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DeviceKey {
	/// Ed25519.
	#[codec(index = 0)]
	Ed25519([u8; 32]),
	/// Schnorr signatures over ristretto255: what the accounts of this chain use.
	#[codec(index = 1)]
	Sr25519([u8; 32]),
	/// ECDSA over secp256k1.
	#[codec(index = 2)]
	Secp256k1(Point),
	/// ECDSA over P-256, also called secp256r1: what secure elements and DLMS security suite 1 use.
	#[codec(index = 3)]
	P256(Point),
}

/// A meter's signature, of the kind of its key; see the module for its bytes. Never an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DeviceSignature {
	/// Ed25519.
	#[codec(index = 0)]
	Ed25519([u8; 64]),
	/// Schnorr signature over ristretto255.
	#[codec(index = 1)]
	Sr25519([u8; 64]),
	/// ECDSA over secp256k1 and SHA-256.
	#[codec(index = 2)]
	Secp256k1(RawSignature),
	/// ECDSA over P-256 and SHA-256.
	#[codec(index = 3)]
	P256(RawSignature),
}

impl DeviceKey {
	/// True if `signature` is of this key's kind and is its over exactly `message`.
	pub fn verify(&self, message: &[u8], signature: &DeviceSignature) -> bool {
		match (self, signature) {
			(Self::Ed25519(key), DeviceSignature::Ed25519(signature)) => verify_ed25519(key, message, signature),
			(Self::Sr25519(key), DeviceSignature::Sr25519(signature)) => sp_io::crypto::sr25519_verify(
				&sr25519::Signature::from_raw(*signature),
				message,
				&sr25519::Public::from_raw(*key),
			),
			(Self::Secp256k1(key), DeviceSignature::Secp256k1(signature)) => {
				ecdsa::verify_secp256k1(key, &sp_io::hashing::sha2_256(message), signature)
			}
			(Self::P256(key), DeviceSignature::P256(signature)) => {
				ecdsa::verify_p256(key, &sp_io::hashing::sha2_256(message), signature)
			}
			_ => false,
		}
	}

	/// False if the key must not be registered: an ECDSA key that is no point of its curve, or an Ed25519 or Sr25519 key
	/// of small order, under which anybody can sign anything.
	///
	/// An Ed25519 or Sr25519 key that is no point at all passes here and verifies no signature, so it fails at the proof of
	/// possession.
	pub fn is_valid(&self) -> bool {
		match self {
			Self::Ed25519(key) => !is_small_order_ed25519(key),
			// ristretto255 has prime order and one encoding of each point: only the identity is weak
			Self::Sr25519(key) => *key != [0; 32],
			Self::Secp256k1(key) => ecdsa::is_on_secp256k1(key),
			Self::P256(key) => ecdsa::is_on_p256(key),
		}
	}
}

fn verify_ed25519(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
	sp_io::crypto::ed25519_verify(
		&ed25519::Signature::from_raw(*signature),
		message,
		&ed25519::Public::from_raw(*key),
	)
}

/// With R the identity and S = 0, what ZIP 215 checks, `[8][S]B = [8]R + [8][k]A`, holds if and only if the key A has small
/// order (or the hash k is a multiple of the group's order, which nobody can bring about).
fn is_small_order_ed25519(key: &[u8; 32]) -> bool {
	let mut neutral = [0; 64];
	neutral[0] = 1; // the identity has y = 1
	verify_ed25519(key, b"", &neutral)
}

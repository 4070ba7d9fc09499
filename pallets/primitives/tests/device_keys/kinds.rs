//! What holds for all kinds of keys.

use ::p256::ecdsa::{signature::Signer, Signature, SigningKey};
use baseload_primitives::{possession_payload, DeviceKey, DeviceSignature, SiteId};
use codec::{Decode, Encode, MaxEncodedLen};
use sp_core::{ecdsa, ed25519, sr25519, Pair, H256};

const MESSAGE: &[u8] = b"what the meter says";

/// One device of every kind, in the order of their indices: its key, and its signature over [`MESSAGE`].
fn devices() -> [(DeviceKey, DeviceSignature); 4] {
	let ed25519 = ed25519::Pair::from_seed(&[1; 32]);
	let sr25519 = sr25519::Pair::from_seed(&[1; 32]);
	let secp256k1 = ecdsa::Pair::from_seed(&[1; 32]);
	let digest = sp_io::hashing::sha2_256(MESSAGE);
	let recoverable = secp256k1.sign_prehashed(&digest).0;
	let p256 = SigningKey::from_slice(&[1; 32]).unwrap();
	let signature: Signature = p256.sign(MESSAGE);
	let point = p256.verifying_key().to_encoded_point(true);
	[
		(
			DeviceKey::Ed25519(ed25519.public().0),
			DeviceSignature::Ed25519(ed25519.sign(MESSAGE).0),
		),
		(
			DeviceKey::Sr25519(sr25519.public().0),
			DeviceSignature::Sr25519(sr25519.sign(MESSAGE).0),
		),
		(
			DeviceKey::Secp256k1(secp256k1.public().0),
			DeviceSignature::Secp256k1(recoverable[..64].try_into().unwrap()),
		),
		(
			DeviceKey::P256(point.as_bytes().try_into().unwrap()),
			DeviceSignature::P256(signature.to_bytes().into()),
		),
	]
}

#[test]
fn signature_should_verify_when_key_message_and_kind_are_its_own() {
	let devices = devices();
	for (at, (key, _)) in devices.iter().enumerate() {
		assert!(key.is_valid());
		for (other, (_, signature)) in devices.iter().enumerate() {
			assert_eq!(key.verify(MESSAGE, signature), at == other);
			assert!(!key.verify(b"", signature));
		}
	}
}

#[test]
fn key_and_signature_should_be_index_and_bytes_when_encoded() {
	for (index, (key, signature)) in devices().into_iter().enumerate() {
		let (encoded_key, encoded_signature) = (key.encode(), signature.encode());
		let length = if index < 2 { 33 } else { 34 };
		assert_eq!((usize::from(encoded_key[0]), encoded_key.len()), (index, length));
		assert_eq!(
			(usize::from(encoded_signature[0]), encoded_signature.len()),
			(index, 65)
		);
		assert_eq!(DeviceKey::decode(&mut &encoded_key[..]), Ok(key));
		assert_eq!(DeviceSignature::decode(&mut &encoded_signature[..]), Ok(signature));
	}
	assert_eq!(
		(DeviceKey::max_encoded_len(), DeviceSignature::max_encoded_len()),
		(34, 65)
	);
	assert!(DeviceKey::decode(&mut &[4; 40][..]).is_err());
}

#[test]
fn signature_should_fail_when_any_byte_differs() {
	for (key, signature) in devices() {
		for at in 0..64 {
			let mut encoded = signature.encode();
			encoded[1 + at] ^= 1;
			let other = DeviceSignature::decode(&mut &encoded[..]).unwrap();
			assert!(!key.verify(MESSAGE, &other), "byte {at} of {signature:?}");
		}
	}
}

/// n - s of a curve of order n: the other s that is valid for the same r.
fn other_s(signature: [u8; 64], order: &str) -> [u8; 64] {
	let order: [u8; 32] = hex::decode(order).unwrap().try_into().unwrap();
	let s: [u8; 32] = signature[32..].try_into().unwrap();
	let other = sp_core::U256::from_big_endian(&order) - sp_core::U256::from_big_endian(&s);
	let mut other_signature = signature;
	other_signature[32..].copy_from_slice(&other.to_big_endian());
	other_signature
}

#[test]
fn ecdsa_signature_should_verify_when_s_is_high_or_low() {
	let secp256k1 = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
	let p256 = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	let mut found = 0;
	for (key, signature) in devices() {
		let other = match signature {
			DeviceSignature::Secp256k1(raw) => DeviceSignature::Secp256k1(other_s(raw, secp256k1)),
			DeviceSignature::P256(raw) => DeviceSignature::P256(other_s(raw, p256)),
			_ => continue,
		};
		assert_ne!(other, signature);
		assert!(key.verify(MESSAGE, &other));
		found += 1;
	}
	assert_eq!(found, 2);
}

/// Over enough keys that both parities of the signer's point come up.
#[test]
fn secp256k1_signature_should_verify_when_recovery_id_is_unknown() {
	let mut seen = [0; 4];
	for seed in 1..=32 {
		let pair = ecdsa::Pair::from_seed(&[seed; 32]);
		let recoverable = pair.sign_prehashed(&sp_io::hashing::sha2_256(MESSAGE)).0;
		seen[usize::from(recoverable[64])] += 1;
		let signature = DeviceSignature::Secp256k1(recoverable[..64].try_into().unwrap());
		assert!(DeviceKey::Secp256k1(pair.public().0).verify(MESSAGE, &signature));
	}
	assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn ecdsa_key_should_be_invalid_when_it_is_no_compressed_point() {
	for (key, _) in devices() {
		let (with, point): (fn([u8; 33]) -> DeviceKey, _) = match key {
			DeviceKey::Secp256k1(point) => (DeviceKey::Secp256k1, point),
			DeviceKey::P256(point) => (DeviceKey::P256, point),
			_ => continue,
		};
		for tag in (0..=255).filter(|tag| *tag != 2 && *tag != 3) {
			let mut other = point;
			other[0] = tag;
			assert!(!with(other).is_valid(), "tag {tag}");
		}
		// half of all x belong to no point; an x from the field's prime up is no coordinate
		let off_the_curve = (0..=255).filter(|low| {
			let mut other = point;
			other[32] = *low;
			!with(other).is_valid()
		});
		assert!((64..192).contains(&off_the_curve.count()));
		let mut beyond = [0xff; 33];
		beyond[0] = 2;
		assert!(!with(beyond).is_valid());
	}
}

/// Encodings of the eight points of small order, and the six more that ZIP 215 takes for them: y plus the field's prime, or
/// the sign of an x of zero.
const SMALL_ORDER: [&str; 14] = [
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

#[test]
fn ed25519_key_should_be_invalid_when_its_order_is_small() {
	let mut forged = [0; 64];
	forged[0] = 1;
	for encoding in SMALL_ORDER {
		let key = DeviceKey::Ed25519(hex::decode(encoding).unwrap().try_into().unwrap());
		assert!(
			key.verify(b"anything", &DeviceSignature::Ed25519(forged)),
			"{encoding} is why it is refused"
		);
		assert!(!key.is_valid(), "{encoding}");
	}
}

#[test]
fn sr25519_key_should_be_invalid_when_it_is_the_identity() {
	let mut forged = [0; 64];
	forged[63] = 0x80;
	let key = DeviceKey::Sr25519([0; 32]);
	assert!(key.verify(b"anything", &DeviceSignature::Sr25519(forged)));
	assert!(!key.is_valid());
}

#[test]
fn possession_payload_should_be_domain_genesis_and_site() {
	let mut expected = b"baseload/possession/v1".to_vec();
	expected.extend([9; 32]);
	expected.extend(3u32.to_le_bytes());
	assert_eq!(possession_payload(H256::repeat_byte(9), SiteId(3)), expected);
}

//! How people write and read device keys and signatures: the kind, a colon and the bytes in hex, as `ed25519:0x…`,
//! `sr25519:0x…`, `secp256k1:0x…` or `p256:0x…`. The bytes are those of [`baseload_primitives::device`].

use baseload_primitives::{DeviceKey, DeviceSignature};

use crate::units::ParseError;

/// Writes a key.
pub fn format_device_key(key: DeviceKey) -> String {
	match key {
		DeviceKey::Ed25519(bytes) => format!("ed25519:0x{}", hex::encode(bytes)),
		DeviceKey::Sr25519(bytes) => format!("sr25519:0x{}", hex::encode(bytes)),
		DeviceKey::Secp256k1(bytes) => format!("secp256k1:0x{}", hex::encode(bytes)),
		DeviceKey::P256(bytes) => format!("p256:0x{}", hex::encode(bytes)),
	}
}

/// Reads a key. Refused if it may not be registered: [`DeviceKey::is_valid`].
pub fn parse_device_key(text: &str) -> Result<DeviceKey, ParseError> {
	let key = match split(text)? {
		("ed25519", digits) => DeviceKey::Ed25519(bytes(text, digits)?),
		("sr25519", digits) => DeviceKey::Sr25519(bytes(text, digits)?),
		("secp256k1", digits) => DeviceKey::Secp256k1(bytes(text, digits)?),
		("p256", digits) => DeviceKey::P256(bytes(text, digits)?),
		_ => return Err(unknown_kind(text)),
	};
	if !key.is_valid() {
		return Err(ParseError::new(text, "is not the public key of anybody"));
	}
	Ok(key)
}

/// Writes a signature.
pub fn format_device_signature(signature: DeviceSignature) -> String {
	let (kind, bytes) = match signature {
		DeviceSignature::Ed25519(bytes) => ("ed25519", bytes),
		DeviceSignature::Sr25519(bytes) => ("sr25519", bytes),
		DeviceSignature::Secp256k1(bytes) => ("secp256k1", bytes),
		DeviceSignature::P256(bytes) => ("p256", bytes),
	};
	format!("{kind}:0x{}", hex::encode(bytes))
}

/// Reads a signature.
pub fn parse_device_signature(text: &str) -> Result<DeviceSignature, ParseError> {
	match split(text)? {
		("ed25519", digits) => bytes(text, digits).map(DeviceSignature::Ed25519),
		("sr25519", digits) => bytes(text, digits).map(DeviceSignature::Sr25519),
		("secp256k1", digits) => bytes(text, digits).map(DeviceSignature::Secp256k1),
		("p256", digits) => bytes(text, digits).map(DeviceSignature::P256),
		_ => Err(unknown_kind(text)),
	}
}

fn split(text: &str) -> Result<(&str, &str), ParseError> {
	text.split_once(':').ok_or_else(|| unknown_kind(text))
}

fn unknown_kind(text: &str) -> ParseError {
	ParseError::new(
		text,
		"does not begin with its kind: write ed25519:, sr25519:, secp256k1: or p256: and the bytes in hex",
	)
}

fn bytes<const N: usize>(text: &str, digits: &str) -> Result<[u8; N], ParseError> {
	let mut bytes = [0; N];
	hex::decode_to_slice(digits.strip_prefix("0x").unwrap_or(digits), &mut bytes)
		.map_err(|_| ParseError::new(text, format!("does not have {} hex digits", 2 * N)))?;
	Ok(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The base points of the curves: keys that are valid, in the order of the kinds.
	const KEYS: [&str; 4] = [
		"ed25519:0x5866666666666666666666666666666666666666666666666666666666666666",
		"sr25519:0xe2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
		"secp256k1:0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
		"p256:0x036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
	];

	#[test]
	fn key_should_come_back_when_written() {
		for text in KEYS {
			assert_eq!(format_device_key(parse_device_key(text).unwrap()), text);
			let bare = text.replace("0x", "");
			assert_eq!(parse_device_key(&bare), parse_device_key(text));
		}
	}

	#[test]
	fn key_should_be_refused_when_kind_length_or_point_is_wrong() {
		let no_point = format!("p256:0x05{}", &KEYS[3][9..]);
		let nobody = format!("ed25519:0x{}", "00".repeat(32));
		for (text, said) in [
			(&KEYS[0][8..], "kind"),
			("ed448:0x00", "kind"),
			("", "kind"),
			(&KEYS[0][..72], "64 hex digits"),
			("p256:0x6b", "66 hex digits"),
			(&no_point, "anybody"),
			(&nobody, "anybody"),
		] {
			let error = parse_device_key(text).unwrap_err().to_string();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn signature_should_be_read_and_written_when_of_any_kind() {
		let digits = "07".repeat(64);
		for (kind, signature) in [
			("ed25519", DeviceSignature::Ed25519([7; 64])),
			("sr25519", DeviceSignature::Sr25519([7; 64])),
			("secp256k1", DeviceSignature::Secp256k1([7; 64])),
			("p256", DeviceSignature::P256([7; 64])),
		] {
			let text = format!("{kind}:0x{digits}");
			assert_eq!(parse_device_signature(&text), Ok(signature));
			assert_eq!(format_device_signature(signature), text);
			assert!(parse_device_signature(&format!("{kind}:0x07")).is_err());
		}
		assert!(parse_device_signature(&digits).is_err());
	}
}

//! A meter's public key, in the forms in which files and people carry it.

use base64::{engine::general_purpose::STANDARD, Engine};
use spki::SubjectPublicKeyInfoRef;

use super::curve::{Curve, Point};

/// The longest key text that is read.
const MAX_TEXT: usize = 4_096;

/// A public key as its holder wrote it: SPKI, a point in SEC 1 form or its bare coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

/// Why a key does not serve to judge a record. Its text is half a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
	/// Neither hex nor Base64, or too long.
	Unreadable,
	/// Its curve is none that the format names.
	UnknownCurve,
	/// It is a key of this other curve.
	OfCurve(Curve),
	/// It is neither SPKI nor a point of the record's curve.
	NoPoint,
}

impl std::fmt::Display for KeyProblem {
	fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
		match self {
			Self::Unreadable => f.write_str("the key is neither hexadecimal nor Base64"),
			Self::UnknownCurve => f.write_str("the key is of a curve or kind that OCMF does not know"),
			Self::OfCurve(curve) => write!(f, "the key is of the curve {}", curve.name()),
			Self::NoPoint => f.write_str("the key is neither SPKI nor a point of the record's curve"),
		}
	}
}

impl PublicKey {
	/// Reads hexadecimal digits in either case, or Base64. White space is passed over.
	pub fn parse(text: &str) -> Result<Self, KeyProblem> {
		if text.len() > MAX_TEXT {
			return Err(KeyProblem::Unreadable);
		}
		let text: String = text
			.chars()
			.filter(|character| !character.is_ascii_whitespace())
			.collect();
		let digits = text.strip_prefix("0x").unwrap_or(&text);
		let bytes = hex::decode(digits).ok().or_else(|| STANDARD.decode(&text).ok());
		match bytes {
			Some(bytes) if !bytes.is_empty() => Ok(Self(bytes)),
			_ => Err(KeyProblem::Unreadable),
		}
	}

	/// The point, for a record of this curve.
	pub fn point(&self, curve: Curve) -> Result<Point, KeyProblem> {
		let Ok(info) = SubjectPublicKeyInfoRef::try_from(&self.0[..]) else {
			return Point::read(curve, &self.0).ok_or(KeyProblem::NoPoint);
		};
		let named = info
			.algorithm
			.parameters_oid()
			.ok()
			.filter(|_| info.algorithm.oid.to_string() == ID_EC_PUBLIC_KEY)
			.and_then(|oid| Curve::of_oid(&oid.to_string()))
			.ok_or(KeyProblem::UnknownCurve)?;
		if named != curve {
			return Err(KeyProblem::OfCurve(named));
		}
		let point = info.subject_public_key.as_bytes().ok_or(KeyProblem::NoPoint)?;
		Point::read(curve, point).ok_or(KeyProblem::NoPoint)
	}
}

/// Object identifier of a key on an elliptic curve (RFC 5480).
const ID_EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// A P-256 key of the reference corpus.
	const SPKI: &str = "3059301306072A8648CE3D020106082A8648CE3D030107034200043AEEB45C392357820A58FDFB0857BD77ADA31585C61C430531DFA53B440AFBFDD95AC887C658EA55260F808F55CA948DF235C2108A0D6DC7D4AB1A5E1A7955BE";

	#[test]
	fn key_should_be_the_same_in_every_form() {
		let point = PublicKey::parse(SPKI).unwrap().point(Curve::P256).unwrap();
		let bytes = hex::decode(SPKI).unwrap();
		let compressed = [&[2 + bytes[90] % 2], &bytes[27..59]].concat();
		for form in [
			SPKI.to_lowercase(),
			format!("0x{SPKI}"),
			format!(" {}\n{} ", &SPKI[..40], &SPKI[40..]),
			STANDARD.encode(&bytes),
			hex::encode(&bytes[26..]),
			hex::encode(&bytes[27..]),
			STANDARD.encode(&bytes[27..]),
			hex::encode(compressed),
		] {
			assert_eq!(
				PublicKey::parse(&form).unwrap().point(Curve::P256),
				Ok(point.clone()),
				"{form}"
			);
		}
	}

	#[test]
	fn key_should_be_refused_when_it_is_another_or_none() {
		for text in ["", "  ", "${jndi:ldap://x}", "zz", "abc"] {
			assert_eq!(PublicKey::parse(text), Err(KeyProblem::Unreadable), "{text}");
		}
		assert_eq!(PublicKey::parse(&"00".repeat(MAX_TEXT)), Err(KeyProblem::Unreadable));
		let key = PublicKey::parse(SPKI).unwrap();
		assert_eq!(key.point(Curve::Secp256k1), Err(KeyProblem::OfCurve(Curve::P256)));
		let foreign = SPKI.replace("2A8648CE3D030107", "2A8648CE3D030109");
		assert_eq!(
			PublicKey::parse(&foreign).unwrap().point(Curve::P256),
			Err(KeyProblem::UnknownCurve)
		);
		let rsa = SPKI.replace("2A8648CE3D0201", "2A8648CE3D0209");
		assert_eq!(
			PublicKey::parse(&rsa).unwrap().point(Curve::P256),
			Err(KeyProblem::UnknownCurve)
		);
		assert_eq!(
			PublicKey::parse("0400").unwrap().point(Curve::P256),
			Err(KeyProblem::NoPoint)
		);
	}

	proptest! {
		#[test]
		fn parse_should_never_panic_when_text_is_random(text in "[0-9A-Fa-f+/= ]{0,300}|\\PC{0,50}") {
			if let Ok(key) = PublicKey::parse(&text) {
				for curve in Curve::all() {
					let _ = key.point(curve);
				}
			}
		}
	}
}

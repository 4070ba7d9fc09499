//! The signature section: `SA`, `SE`, `SM` and `SD`.

use crate::{
	encoding::Bytes,
	json::{set, Scanner},
	OcmfError,
};

/// The elliptic curve of a record's signature, which is ECDSA over the SHA-256 digest of the payload section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
	/// NIST P-256, secp256r1: `ECDSA-secp256r1-SHA256`, and what a record means that names no algorithm.
	P256,
	/// `ECDSA-secp256k1-SHA256`.
	Secp256k1,
}

/// Reads the signature section: the curve, and r and s of 32 bytes each, big-endian.
///
/// # Errors
///
/// [`OcmfError::UnsupportedAlgorithm`] for every other algorithm; [`OcmfError::UnsupportedEncoding`];
/// [`OcmfError::BadSignature`]; and those of the scanner.
pub(crate) fn parse(section: &str) -> Result<(Curve, [u8; 64]), OcmfError> {
	let (mut algorithm, mut encoding, mut mime_type, mut data) = (None, None, None, None);
	let mut scanner = Scanner::new(section);
	scanner.object(|scanner, key| match key {
		"SA" => set(&mut algorithm, scanner.string()?),
		"SE" => set(&mut encoding, scanner.string()?),
		"SM" => set(&mut mime_type, scanner.string()?),
		"SD" => set(&mut data, scanner.string()?),
		_ => scanner.skip(),
	})?;
	scanner.end()?;
	let curve = match algorithm {
		None | Some("ECDSA-secp256r1-SHA256") => Curve::P256,
		Some("ECDSA-secp256k1-SHA256") => Curve::Secp256k1,
		Some(_) => return Err(OcmfError::UnsupportedAlgorithm),
	};
	if !matches!(mime_type, None | Some("application/x-der")) {
		return Err(OcmfError::UnsupportedEncoding);
	}
	let data = data.ok_or(OcmfError::MissingField)?;
	let bytes = match encoding {
		None | Some("hex") => Bytes::from_hex(data),
		Some("base64") => Bytes::from_base64(data),
		Some(_) => return Err(OcmfError::UnsupportedEncoding),
	};
	let signature = bytes.as_ref().map(Bytes::as_slice).and_then(|bytes| {
		// Isabellenhütte's meters write r and s bare. A bare signature that happens to be valid DER is read as DER and fails
		// verification; the odds are below 2^-40.
		from_der(bytes).or_else(|| bytes.try_into().ok())
	});
	Ok((curve, signature.ok_or(OcmfError::BadSignature)?))
}

/// r and s out of `SEQUENCE { INTEGER r, INTEGER s }` in strict DER, which is all that OpenSSL verifies: shortest lengths,
/// shortest integers, both positive, nothing after them. Whether they are below the order of the curve, the verifier says.
fn from_der(der: &[u8]) -> Option<[u8; 64]> {
	let (content, rest) = element(0x30, der)?;
	let (r, content) = element(0x02, content)?;
	let (s, content) = element(0x02, content)?;
	if !(rest.is_empty() && content.is_empty()) {
		return None;
	}
	let mut signature = [0; 64];
	place(r, &mut signature[..32])?;
	place(s, &mut signature[32..])?;
	Some(signature)
}

/// Splits off the content of an element with this tag and a length of one byte: 70 is the most that occurs.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
	match der {
		[first, length @ 0..0x80, rest @ ..] if *first == tag => rest.split_at_checked(usize::from(*length)),
		_ => None,
	}
}

/// Writes a positive integer in its shortest form to the end of `target`.
fn place(integer: &[u8], target: &mut [u8]) -> Option<()> {
	let magnitude = match integer {
		// A zero in front keeps a high bit from meaning a negative number, and has no other use.
		[0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => rest,
		[1..0x80, ..] => integer,
		_ => return None,
	};
	let empty = target.len().checked_sub(magnitude.len())?;
	target[empty..].copy_from_slice(magnitude);
	Some(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{format, string::String, vec::Vec};
	use proptest::prelude::*;

	const SHORT: &str = "3006020101020102";

	fn signature(fields: &str) -> Result<Curve, OcmfError> {
		parse(&format!("{{{fields}}}")).map(|(curve, _)| curve)
	}

	#[test]
	fn curve_should_be_p256_when_no_algorithm_is_named() {
		assert_eq!(signature(&format!(r#""SD":"{SHORT}""#)), Ok(Curve::P256));
		assert_eq!(
			signature(&format!(r#""SD":"{SHORT}","SA":"ECDSA-secp256r1-SHA256""#)),
			Ok(Curve::P256)
		);
		assert_eq!(
			signature(&format!(r#""SA":"ECDSA-secp256k1-SHA256","SD":"{SHORT}""#)),
			Ok(Curve::Secp256k1)
		);
		assert_eq!(
			signature(&format!(
				r#""SM":"application/x-der","SE":"hex","SD":"{SHORT}","XY":[1]"#
			)),
			Ok(Curve::P256)
		);
		assert_eq!(signature(r#""SE":"base64","SD":"MAYCAQECAQI=""#), Ok(Curve::P256));
	}

	#[test]
	fn other_algorithms_and_encodings_should_be_unsupported() {
		for algorithm in [
			"ECDSA-secp384r1-SHA256",
			"ECDSA-brainpool256r1-SHA256",
			"ecdsa-secp256r1-sha256",
			"ECDSA-secp256r1-SHA384",
			"",
		] {
			let fields = format!(r#""SA":"{algorithm}","SD":"{SHORT}""#);
			assert_eq!(signature(&fields), Err(OcmfError::UnsupportedAlgorithm), "{algorithm}");
		}
		assert_eq!(
			signature(&format!(r#""SE":"HEX","SD":"{SHORT}""#)),
			Err(OcmfError::UnsupportedEncoding)
		);
		assert_eq!(
			signature(&format!(r#""SM":"text/plain","SD":"{SHORT}""#)),
			Err(OcmfError::UnsupportedEncoding)
		);
	}

	#[test]
	fn damaged_sections_should_be_refused() {
		assert_eq!(signature(""), Err(OcmfError::MissingField));
		assert_eq!(signature(r#""SD":12"#), Err(OcmfError::BadJson));
		assert_eq!(
			signature(&format!(r#""SD":"{SHORT}","SD":"{SHORT}""#)),
			Err(OcmfError::DuplicateField)
		);
		assert_eq!(parse(&format!(r#"{{"SD":"{SHORT}"}}x"#)), Err(OcmfError::BadJson));
		assert_eq!(
			signature(r#""SE":"base64","SD":"MAYCAQECAQI""#),
			Err(OcmfError::BadSignature)
		);
	}

	#[test]
	fn der_should_be_refused_when_it_is_not_strict() {
		for der in [
			"",
			"30",
			"3000",
			"3003020101",
			"3106020101020102",
			"3006030101020102",
			// Length in long form, too long, too short; bytes after the sequence, after the integers.
			"308106020101020102",
			"3007020101020102",
			"3005020101020102",
			"300602010102010200",
			"300702010102010200",
			// Empty, zero, negative, padded integers; one of 33 bytes.
			"30050200020102",
			"3006020100020102",
			"3006020180020102",
			"300702020001020102",
		] {
			let fields = format!(r#""SD":"{der}""#);
			assert_eq!(signature(&fields), Err(OcmfError::BadSignature), "{der}");
		}
		let long = format!(r#""SD":"302602{:02x}01{}020102""#, 33, "00".repeat(32));
		assert_eq!(signature(&long), Err(OcmfError::BadSignature));
	}

	#[test]
	fn bare_integers_should_be_taken_as_they_are() {
		let bare: Vec<u8> = (1..=64).collect();
		let text: String = bare.iter().map(|byte| format!("{byte:02X}")).collect();
		let (curve, signature) = parse(&format!(r#"{{"SD":"{text}"}}"#)).expect("64 bytes");
		assert_eq!((curve, signature.to_vec()), (Curve::P256, bare));
		assert_eq!(parse(&format!(r#"{{"SD":"{text}00"}}"#)), Err(OcmfError::BadSignature));
	}

	proptest! {
		#[test]
		fn der_should_decode_to_what_p256_encoded(r in any::<[u8; 32]>(), s in any::<[u8; 32]>(), short in 0usize..31) {
			let mut r = r;
			r[..short].fill(0);
			if let Ok(signature) = p256::ecdsa::Signature::from_scalars(r, s) {
				prop_assert_eq!(from_der(signature.to_der().as_bytes()), Some(signature.to_bytes().into()));
			}
		}
	}
}

//! The DER form of an ECDSA signature, which most published vectors have: a sequence of the integers r and s.

/// r then s, 32 bytes each; `None` if the encoding is not DER to the bit or a number needs more than 32 bytes.
pub fn decode(signature: &[u8]) -> Option<[u8; 64]> {
	let (content, rest) = element(signature, 0x30)?;
	let (r, content) = element(content, 0x02)?;
	let (s, content) = element(content, 0x02)?;
	if !rest.is_empty() || !content.is_empty() {
		return None;
	}
	let mut raw = [0; 64];
	raw[..32].copy_from_slice(&unsigned(r)?);
	raw[32..].copy_from_slice(&unsigned(s)?);
	Some(raw)
}

/// Splits off an element with this tag and a length in the one-byte form: nothing here is longer.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
	let (&[found, length], rest) = bytes.split_first_chunk()?;
	(found == tag && length < 0x80).then(|| rest.split_at_checked(length.into()))?
}

/// A non-negative integer in its shortest form.
fn unsigned(integer: &[u8]) -> Option<[u8; 32]> {
	let magnitude = match integer {
		[0, rest @ ..] if rest.first().is_some_and(|first| first & 0x80 != 0) => rest,
		[0] => &[],
		[first, ..] if *first != 0 && first & 0x80 == 0 => integer,
		_ => return None,
	};
	let mut number = [0; 32];
	number[32usize.checked_sub(magnitude.len())?..].copy_from_slice(magnitude);
	Some(number)
}

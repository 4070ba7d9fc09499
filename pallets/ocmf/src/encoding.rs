//! Hexadecimal and Base64 into a buffer of fixed size.

/// The most bytes a signature takes: two DER integers of 33 bytes, each with its head, in a sequence with its own.
pub(crate) const CAPACITY: usize = 72;

/// Decoded bytes.
pub(crate) struct Bytes {
	buffer: [u8; CAPACITY],
	length: usize,
}

impl Bytes {
	/// Decodes pairs of hexadecimal digits in either case. `None` if `text` is anything else or too long.
	pub(crate) fn from_hex(text: &str) -> Option<Self> {
		let mut bytes = Self::empty();
		let pairs = text.as_bytes().chunks_exact(2);
		if !pairs.remainder().is_empty() {
			return None;
		}
		for pair in pairs {
			bytes.push(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)?;
		}
		Some(bytes)
	}

	/// Decodes Base64 (RFC 4648, section 4): whole groups of four, padded at the end, with no bits left over. `None` if
	/// `text` is anything else or too long.
	pub(crate) fn from_base64(text: &str) -> Option<Self> {
		let mut bytes = Self::empty();
		let digits = text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text);
		if !text.len().is_multiple_of(4) || digits.len() % 4 == 1 {
			return None;
		}
		let (mut pending, mut bits) = (0u32, 0);
		for digit in digits.bytes() {
			pending = pending << 6 | base64_digit(digit)?;
			bits += 6;
			if bits >= 8 {
				bits -= 8;
				bytes.push((pending >> bits) as u8)?;
				pending &= (1 << bits) - 1;
			}
		}
		(pending == 0).then_some(bytes)
	}

	/// What was decoded.
	pub(crate) fn as_slice(&self) -> &[u8] {
		&self.buffer[..self.length]
	}

	fn empty() -> Self {
		Self {
			buffer: [0; CAPACITY],
			length: 0,
		}
	}

	fn push(&mut self, byte: u8) -> Option<()> {
		*self.buffer.get_mut(self.length)? = byte;
		self.length += 1;
		Some(())
	}
}

fn hex_digit(digit: u8) -> Option<u8> {
	Some(match digit {
		b'0'..=b'9' => digit - b'0',
		b'a'..=b'f' => digit - b'a' + 10,
		b'A'..=b'F' => digit - b'A' + 10,
		_ => return None,
	})
}

fn base64_digit(digit: u8) -> Option<u32> {
	Some(u32::from(match digit {
		b'A'..=b'Z' => digit - b'A',
		b'a'..=b'z' => digit - b'a' + 26,
		b'0'..=b'9' => digit - b'0' + 52,
		b'+' => 62,
		b'/' => 63,
		_ => return None,
	}))
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{format, string::String, vec::Vec};
	use proptest::prelude::*;

	fn hex(text: &str) -> Option<Vec<u8>> {
		Bytes::from_hex(text).map(|bytes| bytes.as_slice().to_vec())
	}

	fn base64(text: &str) -> Option<Vec<u8>> {
		Bytes::from_base64(text).map(|bytes| bytes.as_slice().to_vec())
	}

	#[test]
	fn from_hex_should_refuse_when_text_is_odd_foreign_or_long() {
		assert_eq!(hex("00fFA9"), Some(Vec::from([0, 255, 0xa9])));
		assert_eq!(hex(&"00".repeat(CAPACITY)), Some(Vec::from([0; CAPACITY])));
		for text in ["0", "0g", " 00", "00 ", "0x00", "é"] {
			assert_eq!(hex(text), None, "{text}");
		}
		assert_eq!(hex(&"00".repeat(CAPACITY + 1)), None);
	}

	#[test]
	fn from_base64_should_give_the_vectors_of_rfc_4648() {
		for (text, bytes) in [
			("", ""),
			("Zg==", "f"),
			("Zm8=", "fo"),
			("Zm9v", "foo"),
			("Zm9vYg==", "foob"),
		] {
			assert_eq!(base64(text), Some(bytes.as_bytes().to_vec()), "{text}");
		}
		assert_eq!(base64("+/+/"), Some(Vec::from([0xfb, 0xff, 0xbf])));
	}

	#[test]
	fn from_base64_should_refuse_when_text_is_not_canonical() {
		for text in [
			"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v\n", "Zm-_", "Z=g=", "Zm8=Zm8=",
		] {
			assert_eq!(base64(text), None, "{text}");
		}
		assert_eq!(base64(&"AAAA".repeat(CAPACITY / 3 + 1)), None);
	}

	proptest! {
		#[test]
		fn decoding_should_undo_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..=CAPACITY)) {
			let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
			prop_assert_eq!(hex(&text), Some(bytes.clone()));
			prop_assert_eq!(hex(&text.to_ascii_uppercase()), Some(bytes));
		}
	}
}

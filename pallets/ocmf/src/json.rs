//! A pull scanner for the strict JSON (RFC 8259) that OCMF sections consist of.
//!
//! It builds no tree: the caller is shown one member or element at a time and takes it or skips it. Strings that are taken
//! are slices of the input. To take one with a backslash escape is an error, since two readers that disagree on escapes
//! would read different registers from the same signed bytes. For the same reason no key may have one, not even a
//! skipped key: it could spell a field.

use crate::OcmfError;

/// How deep objects and arrays may nest. The format itself needs 3 levels: payload, `RD`, reading.
pub const MAX_DEPTH: u8 = 8;

/// Where a section has been read to.
pub(crate) struct Scanner<'a> {
	text: &'a str,
	at: usize,
	depth: u8,
}

impl<'a> Scanner<'a> {
	/// At the start of `text`.
	pub(crate) fn new(text: &'a str) -> Self {
		Self { text, at: 0, depth: 0 }
	}

	/// Takes an object: `member` is called with each key and has to take or skip its value.
	pub(crate) fn object(
		&mut self,
		mut member: impl FnMut(&mut Self, &'a str) -> Result<(), OcmfError>,
	) -> Result<(), OcmfError> {
		self.list(b'{', b'}', |scanner| {
			let key = scanner.string()?;
			scanner.expect(b':')?;
			member(scanner, key)
		})
	}

	/// Takes an array: `element` is called before each element and has to take or skip it.
	pub(crate) fn array(&mut self, element: impl FnMut(&mut Self) -> Result<(), OcmfError>) -> Result<(), OcmfError> {
		self.list(b'[', b']', element)
	}

	/// Takes a string without escapes.
	pub(crate) fn string(&mut self) -> Result<&'a str, OcmfError> {
		self.expect(b'"')?;
		let start = self.at;
		loop {
			match self.next()? {
				b'"' => return self.slice(start, self.at - 1),
				b'\\' => return Err(OcmfError::EscapedText),
				0..0x20 => return Err(OcmfError::BadJson),
				_ => {}
			}
		}
	}

	/// Takes a number's text, or a string's: some meters quote numbers.
	pub(crate) fn number_or_string(&mut self) -> Result<&'a str, OcmfError> {
		if self.peek() == Some(b'"') {
			self.string()
		} else {
			self.number()
		}
	}

	/// Passes over a value of any type.
	pub(crate) fn skip(&mut self) -> Result<(), OcmfError> {
		match self.peek() {
			Some(b'{') => self.object(|scanner, _| scanner.skip()),
			Some(b'[') => self.array(Self::skip),
			Some(b'"') => self.skip_string(),
			Some(b't') => self.word("true"),
			Some(b'f') => self.word("false"),
			Some(b'n') => self.word("null"),
			_ => self.number().map(|_| ()),
		}
	}

	/// Checks that only whitespace is left.
	pub(crate) fn end(mut self) -> Result<(), OcmfError> {
		match self.peek() {
			None => Ok(()),
			Some(_) => Err(OcmfError::BadJson),
		}
	}

	fn list(
		&mut self,
		open: u8,
		close: u8,
		mut item: impl FnMut(&mut Self) -> Result<(), OcmfError>,
	) -> Result<(), OcmfError> {
		self.expect(open)?;
		if self.depth == MAX_DEPTH {
			return Err(OcmfError::TooDeep);
		}
		self.depth += 1;
		if !self.take(close) {
			loop {
				item(self)?;
				if self.take(close) {
					break;
				}
				self.expect(b',')?;
			}
		}
		self.depth -= 1;
		Ok(())
	}

	fn number(&mut self) -> Result<&'a str, OcmfError> {
		self.peek();
		let start = self.at;
		self.take_here(b'-');
		// No leading zeros: 0 stands alone.
		if !self.take_here(b'0') {
			self.digits()?;
		}
		if self.take_here(b'.') {
			self.digits()?;
		}
		if self.take_here(b'e') || self.take_here(b'E') {
			let _sign = self.take_here(b'+') || self.take_here(b'-');
			self.digits()?;
		}
		self.slice(start, self.at)
	}

	/// One digit or more.
	fn digits(&mut self) -> Result<(), OcmfError> {
		let rest = &self.text.as_bytes()[self.at..];
		let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
		self.at += count;
		if count == 0 {
			return Err(OcmfError::BadJson);
		}
		Ok(())
	}

	fn skip_string(&mut self) -> Result<(), OcmfError> {
		self.expect(b'"')?;
		loop {
			match self.next()? {
				b'"' => return Ok(()),
				b'\\' => match self.next()? {
					b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
					b'u' => {
						for _ in 0..4 {
							if !self.next()?.is_ascii_hexdigit() {
								return Err(OcmfError::BadJson);
							}
						}
					}
					_ => return Err(OcmfError::BadJson),
				},
				0..0x20 => return Err(OcmfError::BadJson),
				_ => {}
			}
		}
	}

	fn word(&mut self, word: &str) -> Result<(), OcmfError> {
		if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
			return Err(OcmfError::BadJson);
		}
		self.at += word.len();
		Ok(())
	}

	/// The next byte after whitespace, which is passed over.
	fn peek(&mut self) -> Option<u8> {
		loop {
			match self.text.as_bytes().get(self.at) {
				Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
				other => return other.copied(),
			}
		}
	}

	/// Takes the next byte, whatever it is.
	fn next(&mut self) -> Result<u8, OcmfError> {
		let byte = self.text.as_bytes().get(self.at).ok_or(OcmfError::BadJson)?;
		self.at += 1;
		Ok(*byte)
	}

	/// Takes `byte` if it is next after whitespace.
	fn take(&mut self, byte: u8) -> bool {
		self.peek();
		self.take_here(byte)
	}

	/// Takes `byte` if it is next.
	fn take_here(&mut self, byte: u8) -> bool {
		let found = self.text.as_bytes().get(self.at) == Some(&byte);
		self.at += usize::from(found);
		found
	}

	fn expect(&mut self, byte: u8) -> Result<(), OcmfError> {
		if self.take(byte) {
			Ok(())
		} else {
			Err(OcmfError::BadJson)
		}
	}

	/// A part of the text whose ends are beside ASCII bytes.
	fn slice(&self, start: usize, end: usize) -> Result<&'a str, OcmfError> {
		self.text.get(start..end).ok_or(OcmfError::BadJson)
	}
}

/// Puts the value of a field into its place, which must still be empty.
pub(crate) fn set<T>(place: &mut Option<T>, value: T) -> Result<(), OcmfError> {
	match place.replace(value) {
		None => Ok(()),
		Some(_) => Err(OcmfError::DuplicateField),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::string::String;

	fn skip(text: &str) -> Result<(), OcmfError> {
		let mut scanner = Scanner::new(text);
		scanner.skip()?;
		scanner.end()
	}

	#[test]
	fn skip_should_accept_what_the_grammar_allows() {
		for text in [
			"{}",
			" [ ] ",
			"[1, -0.5, 0, 10e3, 1E-2, 0e+1]",
			"{\"a\" : [true, false, null], \"b\":{\"c\":\"\\u00e4\\n\\/\"}}",
			"\"|ä€\"",
		] {
			assert_eq!(skip(text), Ok(()), "{text}");
		}
	}

	#[test]
	fn skip_should_refuse_what_the_grammar_forbids() {
		for text in [
			"",
			" ",
			"{",
			"{]",
			"[1,]",
			"[,1]",
			"[1 2]",
			"{\"a\"}",
			"{\"a\":}",
			"{\"a\":1,}",
			"{a:1}",
			"{'a':1}",
			"01",
			"-",
			"+1",
			".5",
			"1.",
			"1e",
			"1e+",
			"0x10",
			"NaN",
			"tru",
			"truex",
			"nul",
			"\"a",
			"\"\n\"",
			"\"\\x\"",
			"\"\\u12g4\"",
			"\"\\u12",
			"{} {}",
			"[1]]",
			"/* */1",
			"1 //",
			"\u{feff}1",
		] {
			assert_eq!(skip(text), Err(OcmfError::BadJson), "{text}");
		}
	}

	#[test]
	fn skip_should_refuse_when_nested_deeper_than_the_bound() {
		let nested = |depth: usize| -> String { ["[".repeat(depth), "]".repeat(depth)].concat() };
		assert_eq!(skip(&nested(8)), Ok(()));
		assert_eq!(skip(&nested(9)), Err(OcmfError::TooDeep));
		assert_eq!(skip(&"[{\"a\":".repeat(600)), Err(OcmfError::TooDeep));
	}

	#[test]
	fn depth_should_count_levels_not_siblings() {
		assert_eq!(skip(&["[", &"[[]],".repeat(100), "[]]"].concat()), Ok(()));
	}

	#[test]
	fn string_should_refuse_an_escape_when_taken_but_not_when_skipped() {
		assert_eq!(Scanner::new("\"a\\u0062\"").string(), Err(OcmfError::EscapedText));
		assert_eq!(skip("\"a\\u0062\""), Ok(()));
		assert_eq!(skip("{\"R\\u0044\":1}"), Err(OcmfError::EscapedText));
	}

	#[test]
	fn number_should_keep_its_text() {
		assert_eq!(Scanner::new(" 2935.600,").number_or_string(), Ok("2935.600"));
		assert_eq!(Scanner::new("\" 9.038\"").number_or_string(), Ok(" 9.038"));
		assert_eq!(Scanner::new("true").number_or_string(), Err(OcmfError::BadJson));
	}
}

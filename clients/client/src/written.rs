//! Values that stand in files as texts: each says what it expected when it finds something else, and serde adds where.

use std::{fmt, marker::PhantomData};

use serde::de::{self, Deserializer, Visitor};

/// Something written as a text.
pub trait Text: Sized {
	/// What is expected: `a duration like "15m"`.
	const EXPECTED: &'static str;

	/// Reads it; the error quotes the text and says what is expected.
	fn parse(text: &str) -> Result<Self, String>;
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: Text> Visitor<'_> for TextVisitor<T> {
	type Value = T;

	fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(T::EXPECTED)
	}

	fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
		T::parse(text).map_err(E::custom)
	}
}

/// Reads a text and nothing else; [`Text::parse`] says what is wrong with it.
pub fn read<'de, T: Text, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
	deserializer.deserialize_str(TextVisitor::<T>(PhantomData))
}

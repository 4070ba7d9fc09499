//! Takes a file of records apart: lines of `OCMF|…|…`, or the transparency XML of S.A.F.E. e.V.
//!
//! ```xml
//! <values>
//!   <value>
//!     <signedData format="OCMF" encoding="plain">OCMF|{…}|{…}</signedData>
//!     <publicKey encoding="plain">3059…</publicKey>
//!   </value>
//! </values>
//! ```
//!
//! A record is handed on byte for byte as it stands between its tags or on its line. Only white space around it is not its
//! own, and entities (`&quot;`, `&lt;`) stand for their characters, as XML demands.

use base64::{engine::general_purpose::STANDARD, Engine};
use roxmltree::{Document, Node, ParsingOptions};

use crate::source::Malformed;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The most XML nodes in a file.
const MAX_NODES: u32 = 500_000;

/// A record in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
	/// Where it stands, for people.
	pub place: String,
	/// The record.
	pub record: Vec<u8>,
	/// The public key that the file gives with it, as written. Whoever can change the record can change this too.
	pub key: Option<String>,
}

/// What a file holds: each a record, or why it cannot be taken out.
pub type Entries = Vec<Result<Entry, Malformed>>;

/// Takes a file apart; `name` is used in places. Fails if it is no file of records at all.
pub fn entries(name: &str, bytes: &[u8]) -> Result<Entries, Malformed> {
	let malformed = |what: String| Malformed {
		place: name.into(),
		what,
	};
	if bytes.len() as u64 > MAX_BYTES {
		return Err(malformed(format!("larger than {MAX_BYTES} bytes; split it")));
	}
	let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
	let is_xml = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
	if !is_xml {
		return Ok(lines(name, bytes));
	}
	let text = std::str::from_utf8(bytes).map_err(|_| malformed("XML that is not UTF-8".into()))?;
	xml(name, text)
}

/// One record a line; empty lines and those that begin with a hash are passed over.
fn lines(name: &str, bytes: &[u8]) -> Entries {
	let entry = |(number, line): (usize, &[u8])| {
		let line = line.trim_ascii();
		let is_record = !line.is_empty() && !line.starts_with(b"#");
		is_record.then(|| {
			Ok(Entry {
				place: format!("{name}:{number}"),
				record: line.to_vec(),
				key: None,
			})
		})
	};
	(1..)
		.zip(bytes.split(|byte| *byte == b'\n'))
		.filter_map(entry)
		.collect()
}

fn xml(name: &str, text: &str) -> Result<Entries, Malformed> {
	let malformed = |line: Option<u32>, what: String| Malformed {
		place: line.map_or(name.into(), |line| format!("{name}:{line}")),
		what,
	};
	// No document types: without them no entity can grow, and nothing is fetched
	let options = ParsingOptions {
		nodes_limit: MAX_NODES,
		..ParsingOptions::default()
	};
	let document = Document::parse_with_options(text, options)
		.map_err(|error| malformed(Some(error.pos().row), format!("not the XML that is expected: {error}")))?;
	let line = |node: Node| document.text_pos_at(node.range().start).row;
	let root = document.root_element();
	if root.tag_name().name() != "values" {
		let found = crate::source::shown(root.tag_name().name());
		let what = format!("the root element is {found}; expected `values`, as in S.A.F.E. transparency XML");
		return Err(malformed(Some(line(root)), what));
	}
	let values = root.children().filter(Node::is_element);
	let entries = (1..).zip(values).map(|(number, value)| {
		let place = format!("{name}:{} (value {number})", line(value));
		entry(&place, value).map_err(|what| Malformed { place, what })
	});
	Ok(entries.collect())
}

/// The record and key of an element `value`.
fn entry(place: &str, value: Node) -> Result<Entry, String> {
	if value.tag_name().name() != "value" {
		let found = crate::source::shown(value.tag_name().name());
		return Err(format!("the element is {found}; expected `value`"));
	}
	let signed = only(value, "signedData")?.ok_or("no element `signedData`; expected the record in it")?;
	if let Some(format) = signed.attribute("format").filter(|format| *format != "OCMF") {
		return Err(format!(
			"the format is {}; only OCMF is read",
			crate::source::shown(format)
		));
	}
	let key = only(value, "publicKey")?;
	Ok(Entry {
		place: place.into(),
		record: decoded(signed)?,
		key: key.map(text).transpose()?.filter(|key| !key.trim().is_empty()),
	})
}

/// The child of this name; there may not be two.
fn only<'a, 'input>(value: Node<'a, 'input>, name: &str) -> Result<Option<Node<'a, 'input>>, String> {
	let mut found = value.children().filter(|child| child.tag_name().name() == name);
	match (found.next(), found.next()) {
		(first, None) => Ok(first),
		(_, Some(_)) => Err(format!("two elements `{name}`; expected one")),
	}
}

/// All text of an element that has nothing else in it.
fn text(node: Node) -> Result<String, String> {
	if node.children().any(|child| child.is_element()) {
		return Err(format!("elements within `{}`; expected text", node.tag_name().name()));
	}
	let texts = node.children().filter(Node::is_text).filter_map(|child| child.text());
	Ok(texts.collect())
}

/// The bytes of a record, as its `encoding` says: plain, which is also meant if nothing is said, hex or Base64.
fn decoded(node: Node) -> Result<Vec<u8>, String> {
	let text = text(node)?;
	let text = text.trim();
	let encoding = node.attribute("encoding").unwrap_or("plain");
	let bytes = match encoding {
		"plain" => Some(text.as_bytes().to_vec()),
		"hex" => hex::decode(without_space(text)).ok(),
		"base64" => STANDARD.decode(without_space(text)).ok(),
		other => {
			return Err(format!(
				"the encoding is {}; expected plain, hex or base64",
				crate::source::shown(other)
			))
		}
	};
	bytes.ok_or_else(|| format!("the record is not {encoding}, as its encoding says"))
}

fn without_space(text: &str) -> String {
	text.chars()
		.filter(|character| !character.is_ascii_whitespace())
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const RECORD: &str = r#"OCMF|{"PG":"T1"}|{"SD":"00"}"#;

	fn document(value: &str) -> String {
		format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<values>\n{value}\n</values>\n")
	}

	fn value(record: &str) -> String {
		format!("<value transactionId=\"3\"><signedData format=\"OCMF\">{record}</signedData><publicKey encoding=\"plain\">04</publicKey></value>")
	}

	fn one(text: &str) -> Result<Entry, String> {
		let mut all = entries("x", text.as_bytes()).map_err(|malformed| malformed.to_string())?;
		assert_eq!(all.len(), 1);
		all.remove(0).map_err(|malformed| malformed.to_string())
	}

	#[test]
	fn records_should_be_taken_from_lines() {
		let text = format!("\u{feff}# a comment\n{RECORD}\r\n\n  {RECORD} \nnonsense");
		let all = entries("f", text.as_bytes()).unwrap();
		let places: Vec<_> = all.iter().map(|entry| entry.as_ref().unwrap().place.as_str()).collect();
		assert_eq!(places, ["f:2", "f:4", "f:5"]);
		let records: Vec<_> = all.iter().map(|entry| entry.as_ref().unwrap().record.clone()).collect();
		assert_eq!(records, [RECORD.as_bytes(), RECORD.as_bytes(), b"nonsense"]);
		assert_eq!(entries("f", b"").unwrap(), []);
	}

	#[test]
	fn record_should_come_out_byte_for_byte_in_every_encoding() {
		let plain = one(&document(&value(RECORD))).unwrap();
		assert_eq!(
			(plain.record, plain.key.as_deref()),
			(RECORD.as_bytes().to_vec(), Some("04"))
		);
		assert_eq!(plain.place, "x:3 (value 1)");
		let escaped = value(&RECORD.replace('"', "&quot;"));
		assert_eq!(one(&document(&escaped)).unwrap().record, RECORD.as_bytes());
		let section = value(&format!("<![CDATA[{RECORD}]]>"));
		assert_eq!(one(&document(&section)).unwrap().record, RECORD.as_bytes());
		for (encoding, text) in [("hex", hex::encode_upper(RECORD)), ("base64", STANDARD.encode(RECORD))] {
			let halves = format!("\n{}\n {}", &text[..7], &text[7..]);
			let value = value(&halves).replace("format=\"OCMF\"", &format!("format=\"OCMF\" encoding=\"{encoding}\""));
			assert_eq!(one(&document(&value)).unwrap().record, RECORD.as_bytes(), "{encoding}");
		}
	}

	#[test]
	fn value_should_be_refused_by_itself_when_it_is_wrong() {
		let good = value(RECORD);
		for (bad, said) in [
			(good.replace("signedData", "data"), "no element `signedData`"),
			(good.replace("OCMF\"", "EDL_40_P\""), "\"EDL_40_P\"; only OCMF is read"),
			(
				good.replace("format=\"OCMF\"", "encoding=\"hex\""),
				"the record is not hex",
			),
			(
				good.replace("format=\"OCMF\"", "encoding=\"base64\""),
				"the record is not base64",
			),
			(
				good.replace("format=\"OCMF\"", "encoding=\"rot13\""),
				"expected plain, hex or base64",
			),
			(
				good.replace("</value>", "<publicKey/></value>"),
				"two elements `publicKey`",
			),
			(good.replace("OCMF|", "<b/>OCMF|"), "elements within `signedData`"),
			(good.replace("value", "item"), "\"item\"; expected `value`"),
		] {
			let text = document(&format!("{good}{bad}{good}"));
			let all = entries("x", text.as_bytes()).unwrap();
			assert_eq!(all.iter().filter(|entry| entry.is_ok()).count(), 2);
			let error = all[1].as_ref().unwrap_err();
			assert!(error.what.contains(said), "{error}");
			assert!(error.place.starts_with("x:3 (value 2)"), "{error}");
		}
	}

	#[test]
	fn document_should_be_refused_when_it_is_no_transparency_xml() {
		let bomb = "<!DOCTYPE v [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><values>&b;</values>";
		let nodes = format!("<values>{}</values>", "<value/>".repeat(MAX_NODES as usize));
		let deep = "<values>".repeat(100_000);
		for (text, said) in [
			(&document(&value(RECORD))[..90], "not the XML that is expected"),
			("<values><value></values>", "not the XML that is expected"),
			("<html/>", "the root element is \"html\"; expected `values`"),
			(bomb, "not the XML that is expected"),
			(&nodes, "not the XML that is expected"),
			(&deep, "not the XML that is expected"),
		] {
			let error = entries("x", text.as_bytes()).unwrap_err();
			assert!(error.what.contains(said) && error.place.starts_with("x:"), "{error}");
		}
		assert!(entries("x", b"<values>\xff</values>").is_err());
		assert!(entries("x", &vec![b' '; MAX_BYTES as usize + 1]).is_err());
	}

	proptest! {
		#[test]
		fn entries_should_never_panic_when_bytes_are_random(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			let _ = entries("x", &bytes);
			let _ = entries("x", &[b"<", &bytes[..]].concat());
		}

		#[test]
		fn entries_should_never_panic_when_xml_is_damaged(at in 0usize..300, with in "[<>/&;a-z\"= ]{0,6}", cut in 0usize..12) {
			let mut text = document(&value(RECORD));
			let at = at.min(text.len());
			let end = (at + cut).min(text.len());
			text.replace_range(at..end, &with);
			let _ = entries("x", text.as_bytes());
		}
	}
}

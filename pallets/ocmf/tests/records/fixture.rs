//! The reference corpus: real records, their public keys, and what OpenSSL says of each signature.

use serde::Deserialize;

/// One record of the corpus.
#[derive(Deserialize)]
pub struct Entry {
	/// The test resource that it was cut from.
	pub source: String,
	/// The record.
	pub record: String,
	/// The public key in hexadecimal or Base64, DER or bare, or none.
	pub key: Option<String>,
	/// OpenSSL's verdict; none where it could not read the key or the signature.
	pub openssl_verified: Option<bool>,
}

/// All records of the corpus, in its order.
pub fn corpus() -> Vec<Entry> {
	#[derive(Deserialize)]
	struct Corpus {
		entries: Vec<Entry>,
	}
	let corpus: Corpus = serde_json::from_str(include_str!("../corpus/records.json")).expect("the fixture is valid");
	corpus.entries
}

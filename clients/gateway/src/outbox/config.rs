//! `[outbox]`: where what is not final yet is kept.

use serde::Deserialize;
use toml::Spanned;

use crate::config::{
	values::{Bytes, FilePath},
	Problem,
};

/// The least size that makes sense: the file takes some of it empty.
const LEAST: Bytes = Bytes(16 << 20);

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
	/// Where it is. Made at the first start.
	pub path: FilePath,
	/// How large it may grow. When it is full, sources wait until readings are final.
	#[serde(default = "half_a_gibibyte")]
	pub max_size: Spanned<Bytes>,
}

impl Config {
	/// What is wrong with it although each value is well formed.
	pub fn problems(&self) -> Vec<Problem> {
		if *self.max_size.get_ref() >= LEAST {
			return Vec::new();
		}
		vec![Problem::new(
			self.max_size.span(),
			"the outbox could hold almost nothing: 16 MiB or more is expected".to_string(),
		)]
	}
}

fn half_a_gibibyte() -> Spanned<Bytes> {
	Spanned::new(0..0, Bytes(512 << 20))
}

//! The gateway's one configuration file.
//!
//! TOML, read strictly: an unknown name, a value of another kind or a rule that is broken is refused with file, line, column,
//! what was found and what was expected. Each part of the gateway declares its own section beside its code; this module
//! puts them together and checks what concerns several. `deploy/gateway.toml` shows every setting.

pub mod values;

use std::{
	collections::BTreeMap,
	ops::Range,
	path::{Path, PathBuf},
	sync::Arc,
};

use anyhow::{ensure, Context};
use baseload_client::keys::{DeviceSecret, Passphrase};
pub use baseload_client::problem::{Errors, Problem, SourceText};
use baseload_primitives::{MeterId, MINUTE, SECOND};
use codec::Encode;
use serde::Deserialize;
use toml::Spanned;

use values::{FilePath, Filter, Hash, Listen, Millis, NodeUrl};

use crate::{attest, feed, outbox, source::config::SourceConfig};

/// No configuration file is longer than this, in bytes: ten thousand meters need a tenth of it.
const LONGEST: u64 = 32 << 20;

/// A meter is read at least this rarely, in milliseconds.
const SHORTEST_PERIOD: u64 = SECOND;

/// Everything that the file says.
#[derive(Clone, Debug)]
pub struct Config {
	/// `[chain]`: which chain, and where.
	pub chain: Chain,
	/// `[keys]`: what meters' encrypted keys are opened with.
	pub keys: Keys,
	/// `[outbox]`: what is on disk until it is final. There if there are meters.
	pub outbox: Option<outbox::config::Config>,
	/// `[metrics]`: where the gateway tells how it is doing; not at all if it is left out.
	pub metrics: Option<Metrics>,
	/// `[log]`: what it writes to standard error.
	pub log: Log,
	/// `[[meter]]`: what it reads. No meter is there twice.
	pub meters: Vec<Meter>,
	/// `[attest]`: what it watches as an attestor.
	pub attest: Option<attest::config::Config>,
	/// `[feed]`: which prices it reports as an oracle operator.
	pub feed: Option<feed::config::Config>,
	source: Arc<SourceText>,
}

/// Which chain, and where.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
	/// The node.
	pub url: NodeUrl,
	/// Hash of the chain's block 0. Nothing is signed for or sent to any other chain.
	pub genesis: Hash,
}

/// What meters' encrypted keys are opened with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
	/// The file with the passphrase. Needed if a key is encrypted.
	pub passphrase_file: Option<Spanned<FilePath>>,
}

/// Where the gateway tells how it is doing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
	/// Address and port that `/metrics` and `/status` are served at, unencrypted and to everybody who can reach them.
	pub listen: Listen,
	/// Whether `/metrics` has series of each single meter. Left out, it has if there are at most
	/// [`Metrics::MANY_METERS`].
	pub per_meter: Option<bool>,
}

impl Metrics {
	/// From so many meters on their single series are too many for most Prometheus servers.
	pub const MANY_METERS: usize = 1_000;
}

/// What the gateway writes to standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
	/// How an event is written.
	pub format: LogFormat,
	/// Which events.
	pub level: Filter,
}

impl Default for Log {
	fn default() -> Self {
		Self {
			format: LogFormat::Text,
			level: Filter("info".into()),
		}
	}
}

/// How an event is written: one line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
	/// For people.
	Text,
	/// An object for programs.
	Json,
}

/// One meter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
	/// Its number on the chain.
	pub id: Spanned<MeterId>,
	/// The file with its key; none if the meter signs by itself.
	pub key: Option<Spanned<FilePath>>,
	/// How often it is read, at least once a second.
	#[serde(default = "quarter_of_an_hour")]
	pub every: Spanned<Millis>,
	/// Where it is read.
	pub source: SourceConfig,
	/// What takes over when the chain says so: another key, and maybe another device.
	pub next: Option<Next>,
}

/// The key that a meter's signature changes to, by rotation or with another device.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
	/// The file with that key.
	pub key: Spanned<FilePath>,
	/// Where the meter is read from then on; left out, where it was.
	pub source: Option<SourceConfig>,
}

/// The keys that the gateway holds for a meter.
#[derive(Debug)]
pub struct MeterKeys {
	/// The present one.
	pub present: DeviceSecret,
	/// The next one.
	pub next: Option<DeviceSecret>,
}

fn quarter_of_an_hour() -> Spanned<Millis> {
	Spanned::new(0..0, Millis(15 * MINUTE))
}

/// The file as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
	chain: Chain,
	#[serde(default)]
	keys: Keys,
	outbox: Option<outbox::config::Config>,
	metrics: Option<Metrics>,
	#[serde(default)]
	log: Log,
	#[serde(default, rename = "meter")]
	meters: Vec<Meter>,
	attest: Option<attest::config::Config>,
	feed: Option<feed::config::Config>,
}

/// Reads a configuration file. An error about what it says is an [`Errors`].
pub fn load(path: &Path) -> anyhow::Result<Config> {
	let named = || format!("the configuration {} cannot be read", path.display());
	let size = std::fs::metadata(path).with_context(named)?.len();
	ensure!(
		size <= LONGEST,
		"the configuration {} has {size} bytes: more than {LONGEST} are not read",
		path.display()
	);
	let text = std::fs::read_to_string(path).with_context(named)?;
	Ok(Config::parse(path.into(), text)?)
}

impl Config {
	/// Reads the text of a configuration file; `path` is what errors call it.
	pub fn parse(path: PathBuf, text: String) -> Result<Self, Errors> {
		let source = Arc::new(SourceText { path, text });
		let file: File = toml::from_str(&source.text).map_err(|error| Errors::refused(&source, &error))?;
		let config = Self {
			chain: file.chain,
			keys: file.keys,
			outbox: file.outbox,
			metrics: file.metrics,
			log: file.log,
			meters: file.meters,
			attest: file.attest,
			feed: file.feed,
			source,
		};
		match Errors::of(&config.source, config.problems()) {
			Some(errors) => Err(errors),
			None => Ok(config),
		}
	}

	/// The file that it was read from.
	pub fn path(&self) -> &Path {
		&self.source.path
	}

	/// Whether `/metrics` has series of each single meter.
	pub fn per_meter_metrics(&self) -> bool {
		let asked = self.metrics.as_ref().and_then(|metrics| metrics.per_meter);
		asked.unwrap_or(self.meters.len() <= Metrics::MANY_METERS)
	}

	/// Opens the keys of all meters that have one. Fails with every key that is missing, open to others, encrypted without
	/// a passphrase or with another one, or used twice.
	pub fn open_keys(&self) -> Result<BTreeMap<MeterId, MeterKeys>, Errors> {
		let mut problems = Vec::new();
		let mut failed = |span: Range<usize>, reason: String| problems.push(Problem::new(span, reason));
		let passphrase = self.keys.passphrase_file.as_ref().and_then(|file| {
			Passphrase::from_file(file.get_ref())
				.map_err(|error| failed(file.span(), error.to_string()))
				.ok()
		});
		let mut keys = BTreeMap::new();
		let mut owners = BTreeMap::new();
		for meter in &self.meters {
			let Some(file) = &meter.key else { continue };
			let id = *meter.id.get_ref();
			let mut open = |file: &Spanned<FilePath>| match DeviceSecret::open(file.get_ref(), passphrase.as_ref()) {
				Ok(key) => {
					if let Some(other) = owners.insert(key.public().encode(), id) {
						failed(
							file.span(),
							format!("this is the key of meter {other} already: each device has its own"),
						);
					}
					Some(key)
				}
				Err(error) => {
					failed(file.span(), error.to_string());
					None
				}
			};
			let (present, next) = (open(file), meter.next.as_ref().and_then(|next| open(&next.key)));
			keys.extend(present.map(|present| (id, MeterKeys { present, next })));
		}
		match Errors::of(&self.source, problems) {
			Some(errors) => Err(errors),
			None => Ok(keys),
		}
	}

	/// What breaks a rule that no single value breaks.
	fn problems(&self) -> Vec<Problem> {
		let mut problems = Vec::new();
		let mut seen: BTreeMap<MeterId, usize> = BTreeMap::new();
		for meter in &self.meters {
			let (id, span) = (*meter.id.get_ref(), meter.id.span());
			match seen.get(&id) {
				Some(first) => problems.push(Problem::new(
					span.clone(),
					format!(
						"meter {id} is there twice: it has its section in line {} already",
						self.source.position(*first).0
					),
				)),
				None => {
					seen.insert(id, span.start);
				}
			}
			problems.extend(meter.key_problem(span));
			if meter.every.get_ref().0 < SHORTEST_PERIOD {
				problems.push(Problem::new(
					meter.every.span(),
					"a meter is read at most once a second: 1s or more is expected",
				));
			}
			problems.extend(meter.source.problems());
			problems.extend(meter.next_problem());
			let next = meter.next.as_ref().and_then(|next| next.source.as_ref());
			problems.extend(next.into_iter().flat_map(SourceConfig::problems));
		}
		problems.extend(self.outbox.iter().flat_map(outbox::config::Config::problems));
		problems.extend(self.attest.iter().flat_map(attest::config::Config::problems));
		problems.extend(self.feed.iter().flat_map(feed::config::Config::problems));
		if self.outbox.is_none() && !self.meters.is_empty() {
			problems.push(Problem::new(
				0..0,
				"[outbox] is missing: meters need a place on disk for readings that are not final yet",
			));
		}
		if self.meters.is_empty() && self.attest.is_none() && self.feed.is_none() {
			problems.push(Problem::new(
				0..0,
				"there is nothing to do: at least one [[meter]], [attest] or [feed] is expected",
			));
		}
		problems
	}
}

impl Meter {
	/// Only what the gateway signs can be signed with another key.
	fn next_problem(&self) -> Option<Problem> {
		let next = self.next.as_ref()?;
		let signed = |source: &SourceConfig| source.is_signed_by_the_meter();
		(signed(&self.source) || next.source.as_ref().is_some_and(signed)).then(|| {
			Problem::new(
				next.key.span(),
				"a meter that signs its records itself has no key here, present or next: leave next out, and let its records follow",
			)
		})
	}

	/// A reading is signed once: by the meter, or with the gateway's key.
	fn key_problem(&self, id: Range<usize>) -> Option<Problem> {
		match (&self.key, self.source.is_signed_by_the_meter()) {
			(Some(key), true) => Some(Problem::new(
				key.span(),
				"this source gives records that the meter signed: leave the key out",
			)),
			(None, false) => Some(Problem::new(
				id,
				"this meter has no key: its source is not signed, so key = \"FILE\" is expected (baseload-gateway key new makes one)",
			)),
			_ => None,
		}
	}
}

#[cfg(test)]
mod tests;

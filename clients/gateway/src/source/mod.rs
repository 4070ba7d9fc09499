//! What meters say, wherever it stands: each kind of source has a module, and all are asked in the same way.
//!
//! * [`csv`]: a growing file of power or register values.
//! * [`ocmf`]: records that the meter signed itself, as lines or as S.A.F.E. transparency XML.
//! * [`sunspec`]: inverters and meters that speak SunSpec over Modbus TCP.
//! * [`sml`]: meters that speak SML, from a serial line, a TCP stream or a file.
//! * [`config`]: the section of the gateway's file that says which one a meter has.
//! * [`series`]: power samples of one whole file, for the commands `submit` and `verify`.
//!
//! A source neither numbers nor signs. It remembers nothing: where it stands is in its [`Cursor`], which whoever asks keeps
//! together with what was observed, so that nothing is lost or seen twice however often the program dies. Nothing that a
//! file or a device says makes a source panic, and what it reads at once is bounded ([`MAX_POLL_BYTES`]).
//!
//! `docs/gateway-sources.md` says for each kind what is read and what is refused.

pub mod config;
pub mod csv;
pub mod ocmf;
pub mod series;
pub mod sml;
pub mod sunspec;
mod tail;

use std::{
	fmt,
	time::{SystemTime, UNIX_EPOCH},
};

use baseload_primitives::{ClockStatus, Moment, Quality, Register};
use codec::{Decode, DecodeAll, Encode};
use futures::future::BoxFuture;

use config::SourceConfig;
pub use series::{Sample, Series};

/// The most bytes of a file or stream that one poll reads; what is beyond waits for the next.
pub const MAX_POLL_BYTES: u64 = 4 * 1024 * 1024;

/// What a source saw of a meter at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
	/// Cumulative counts, which the gateway will sign.
	Counts {
		/// When they were read, Unix milliseconds.
		measured_at: Moment,
		/// State of the clock that said so.
		clock: ClockStatus,
		/// How they came about.
		quality: Quality,
		/// Each register once, in no special order, with its absolute count in its unit: whole Wh rounded down, or units of
		/// service. There may be more registers than the meter declares on the chain.
		counts: Vec<(Register, u64)>,
	},
	/// A record that the meter signed, byte for byte.
	Ocmf(Vec<u8>),
}

/// Where a source stands. Opaque, at most 1 KiB, and to be stored in the same transaction as the observations that led to it.
/// Empty at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// What a kind of source stores about where it stands.
trait Place: Encode + Decode + Default {
	/// Tells it from those of other kinds.
	const KIND: u8;
}

impl Cursor {
	fn of<P: Place>(place: &P) -> Self {
		Self((P::KIND, place).encode())
	}

	/// What was stored; the default at the start, and after a source of another kind, whose place means nothing to this one.
	fn read<P: Place>(&self) -> P {
		match <(u8, P)>::decode_all(&mut &self.0[..]) {
			Ok((kind, place)) if kind == P::KIND => place,
			_ => P::default(),
		}
	}
}

/// What a poll brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
	/// What is new, oldest first.
	pub observations: Vec<Observation>,
	/// Lines or records that were passed over because they cannot be read. To be reported once, and never lost silently.
	pub refused: Vec<Malformed>,
	/// Where the source stands after these.
	pub cursor: Cursor,
	/// More can be had at once.
	pub more: bool,
}

/// Something that is not as it must be, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
	/// A file and line, a record of a file, a device's address.
	pub place: String,
	/// What is wrong, and what was expected. Texts that were read are shortened and escaped.
	pub what: String,
}

impl fmt::Display for Malformed {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "{}: {}", self.place, self.what)
	}
}

/// Why nothing could be read. The cursor stays where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
	/// Worth asking again later: the device is silent, the file is not there yet.
	Temporary(String),
	/// Asking again brings the same until somebody mends the file, the device or the configuration.
	Malformed(Malformed),
}

impl SourceError {
	fn malformed(place: impl fmt::Display, what: impl fmt::Display) -> Self {
		Self::Malformed(Malformed {
			place: place.to_string(),
			what: what.to_string(),
		})
	}
}

impl fmt::Display for SourceError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::Temporary(what) => f.write_str(what),
			Self::Malformed(malformed) => malformed.fmt(f),
		}
	}
}

impl std::error::Error for SourceError {}

/// A meter's readings, as they come.
pub trait Source: Send {
	/// What is new since `cursor`, oldest first, at most `limit` (2 or more) observations. If the cursor that comes back is
	/// stored together with the observations, none is lost and none comes twice, whatever happens between.
	fn poll<'a>(&'a mut self, cursor: &'a Cursor, limit: usize) -> BoxFuture<'a, Result<Polled, SourceError>>;

	/// Asks the device or file whether it can be read. Returns a line for people.
	fn check(&mut self) -> BoxFuture<'_, Result<String, SourceError>>;
}

/// The source that a meter's section describes. Touches neither files nor devices; the first poll does.
pub fn open(config: &SourceConfig) -> Box<dyn Source> {
	match config {
		SourceConfig::Csv(config) => Box::new(csv::CsvSource::new(config.clone())),
		SourceConfig::Ocmf(config) => Box::new(ocmf::OcmfSource::new(config.clone())),
		SourceConfig::Sunspec(config) => Box::new(sunspec::SunspecSource::new(config.clone())),
		SourceConfig::Sml(config) => Box::new(sml::SmlSource::new(config.clone())),
	}
}

/// This machine's time in Unix milliseconds, cut to the second, as meters tell theirs.
fn now() -> Result<Moment, SourceError> {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map(|since| since.as_secs() * baseload_primitives::SECOND)
		.map_err(|_| SourceError::Temporary("this machine's clock stands before 1970".into()))
}

/// A text from outside, fit to be printed: short, and with everything unprintable escaped.
pub(crate) fn shown(text: &str) -> String {
	const LONGEST: usize = 40;
	let start: String = text.chars().take(LONGEST).collect();
	let dots = if start.len() < text.len() { "..." } else { "" };
	format!("{start:?}{dots}")
}

/// [`shown`] for bytes that may be no text.
fn shown_bytes(bytes: &[u8]) -> String {
	shown(&String::from_utf8_lossy(&bytes[..bytes.len().min(400)]))
}

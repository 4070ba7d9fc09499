//! Kinds of values.

use std::{net::SocketAddr, ops::Deref, path::Path, path::PathBuf};

use baseload_client::{
	units,
	written::{self, Text},
	H256,
};
use baseload_primitives::{Moment, Register};
use serde::{Deserialize, Deserializer};
use tracing_subscriber::EnvFilter;
use url::Url;

macro_rules! texts {
	($($name:ident),*) => {$(
		impl<'de> Deserialize<'de> for $name {
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				written::read(deserializer)
			}
		}
	)*};
}

texts!(
	Millis,
	Bytes,
	FilePath,
	NodeUrl,
	HttpUrl,
	RegisterName,
	Hash,
	Listen,
	Filter
);

/// A duration in milliseconds, above zero: "15m".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub Moment);

impl Millis {
	/// As the standard library has it.
	pub fn duration(self) -> std::time::Duration {
		std::time::Duration::from_millis(self.0)
	}
}

impl Text for Millis {
	const EXPECTED: &'static str = "a duration like \"15m\"";

	fn parse(text: &str) -> Result<Self, String> {
		match units::parse_duration(text) {
			Ok(0) => Err(format!("\"{text}\" is no time at all: a duration like 15m is expected")),
			Ok(duration) => Ok(Self(duration)),
			Err(error) => Err(error.to_string()),
		}
	}
}

/// A size in bytes: "512 MiB".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const SIZES: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

impl Text for Bytes {
	const EXPECTED: &'static str = "a size like \"512 MiB\"";

	fn parse(text: &str) -> Result<Self, String> {
		let malformed = || format!("\"{text}\" is not a size in KiB, MiB, GiB or TiB like 512 MiB");
		let trimmed = text.trim();
		let (unit, shift) = SIZES
			.iter()
			.find(|(unit, _)| trimmed.ends_with(unit))
			.ok_or_else(malformed)?;
		let number = trimmed[..trimmed.len() - unit.len()].trim_end();
		if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
			return Err(malformed());
		}
		number
			.parse::<u64>()
			.ok()
			.and_then(|number| number.checked_mul(1u64 << shift))
			.map(Self)
			.ok_or_else(|| format!("\"{text}\" is too large"))
	}
}

/// The path of a file or folder, absolute: the same wherever the program is started.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePath(PathBuf);

impl Deref for FilePath {
	type Target = Path;

	fn deref(&self) -> &Path {
		&self.0
	}
}

impl Text for FilePath {
	const EXPECTED: &'static str = "the absolute path of a file like \"/etc/baseload/meter-7.key\"";

	fn parse(text: &str) -> Result<Self, String> {
		let path = PathBuf::from(text);
		match path.is_absolute() {
			true => Ok(Self(path)),
			false => Err(format!(
				"\"{text}\" is not an absolute path: it would mean another file in another folder; begin it with /"
			)),
		}
	}
}

/// Where a node answers: ws:// or wss://.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeUrl(String);

impl Deref for NodeUrl {
	type Target = str;

	fn deref(&self) -> &str {
		&self.0
	}
}

impl Text for NodeUrl {
	const EXPECTED: &'static str = "a node's address like \"ws://127.0.0.1:9944\"";

	fn parse(text: &str) -> Result<Self, String> {
		address(text, ["ws", "wss"], "a node's address like ws://127.0.0.1:9944").map(Self)
	}
}

/// Where a web server answers: http:// or https://.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
	/// The address without what may be secret in it, for logs and people: a user's name and password, and all after `?` or `#`.
	pub fn shown(&self) -> String {
		let Ok(mut url) = Url::parse(&self.0) else {
			return "an address".into();
		};
		let rest = if url.query().is_some() { "?..." } else { "" };
		url.set_query(None);
		url.set_fragment(None);
		// An address of the web can have both set
		let _ = (url.set_username(""), url.set_password(None));
		format!("{url}{rest}")
	}
}

impl Deref for HttpUrl {
	type Target = str;

	fn deref(&self) -> &str {
		&self.0
	}
}

impl Text for HttpUrl {
	const EXPECTED: &'static str = "an address like \"https://example.org/price.json\"";

	fn parse(text: &str) -> Result<Self, String> {
		address(
			text,
			["http", "https"],
			"an address like https://example.org/price.json",
		)
		.map(Self)
	}
}

/// What a meter counts: export or 2.8.0, import or 1.8.0, a tariff band like 2.8.1, or a service like gpu-seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterName(pub Register);

impl Text for RegisterName {
	const EXPECTED: &'static str = "a register like \"2.8.0\", \"import\" or \"gpu-seconds\"";

	fn parse(text: &str) -> Result<Self, String> {
		units::parse_register(text).map(Self).map_err(|error| error.to_string())
	}
}

/// A 32-byte hash: 0x and 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub H256);

impl Text for Hash {
	const EXPECTED: &'static str = "a hash: \"0x\" and 64 hex digits";

	fn parse(text: &str) -> Result<Self, String> {
		let mut bytes = [0; 32];
		text.strip_prefix("0x")
			.and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
			.map(|()| Self(H256(bytes)))
			.ok_or_else(|| format!("\"{text}\" is not a hash: 0x and 64 hex digits"))
	}
}

/// An address and port of this machine to answer at: "127.0.0.1:9945".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl Text for Listen {
	const EXPECTED: &'static str = "an address and port like \"127.0.0.1:9945\"";

	fn parse(text: &str) -> Result<Self, String> {
		text.parse()
			.map(Self)
			.map_err(|_| format!("\"{text}\" is not an address and port like 127.0.0.1:9945"))
	}
}

/// Which events are logged: a level, or directives as `RUST_LOG` has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(pub String);

impl Text for Filter {
	const EXPECTED: &'static str = "a level: \"error\", \"warn\", \"info\", \"debug\" or \"trace\"";

	fn parse(text: &str) -> Result<Self, String> {
		match EnvFilter::try_new(text) {
			Ok(_) if !text.trim().is_empty() => Ok(Self(text.into())),
			_ => Err(format!(
				"\"{text}\" is not a level (error, warn, info, debug or trace) or a filter like info,baseload_gateway=debug"
			)),
		}
	}
}

fn address(text: &str, schemes: [&str; 2], expected: &str) -> Result<String, String> {
	match Url::parse(text) {
		Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => Ok(text.into()),
		Ok(url) => Err(format!(
			"\"{text}\" begins with {}:, not with {}:// or {}://: {expected} is expected",
			url.scheme(),
			schemes[0],
			schemes[1]
		)),
		Err(error) => Err(format!("\"{text}\" is no address ({error}): {expected} is expected")),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fmt;

	#[test]
	fn values_should_be_read_when_well_formed() {
		assert_eq!(Millis::parse("1h30m").unwrap().duration().as_secs(), 5_400);
		assert_eq!(Bytes::parse("512 MiB"), Ok(Bytes(512 << 20)));
		assert_eq!(Bytes::parse("1GiB"), Ok(Bytes(1 << 30)));
		assert_eq!(&*FilePath::parse("/a/b").unwrap(), Path::new("/a/b"));
		assert_eq!(
			&*NodeUrl::parse("wss://node.example:443/x").unwrap(),
			"wss://node.example:443/x"
		);
		assert_eq!(&*HttpUrl::parse("http://[::1]:8/x").unwrap(), "http://[::1]:8/x");
		assert_eq!(RegisterName::parse("1.8.0"), Ok(RegisterName(Register::Import)));
		assert_eq!(
			Hash::parse(&format!("0x{}", "07".repeat(32))),
			Ok(Hash(H256::repeat_byte(7)))
		);
		assert_eq!(Listen::parse("[::]:80").unwrap().0.port(), 80);
		assert_eq!(
			Filter::parse("info,baseload_gateway=debug").unwrap().0,
			"info,baseload_gateway=debug"
		);
	}

	fn said<T: Text + fmt::Debug>(text: &str) -> String {
		T::parse(text).unwrap_err()
	}

	#[test]
	fn values_should_quote_what_was_found_and_say_what_is_expected() {
		for text in ["15", "a while", "", "-1s", "1.5h"] {
			assert!(said::<Millis>(text).contains(&format!("\"{text}\" is not a duration like")));
		}
		assert!(said::<Millis>("0s").contains("no time at all"));
		for text in ["512", "MiB", "1.5 GiB", "5 MB", "-1 KiB", "1 mib"] {
			assert!(said::<Bytes>(text).contains("like 512 MiB"), "{text}");
		}
		assert!(said::<Bytes>("99999999999 TiB").contains("too large"));
		assert!(said::<FilePath>("meter.key").contains("not an absolute path"));
		assert!(said::<FilePath>("").contains("not an absolute path"));
		assert!(said::<NodeUrl>("http://127.0.0.1:9944").contains("not with ws:// or wss://"));
		assert!(said::<NodeUrl>("127.0.0.1:9944").contains("ws://127.0.0.1:9944 is expected"));
		assert!(said::<NodeUrl>("ws://").contains("no address"));
		assert!(said::<HttpUrl>("ftp://x/y").contains("begins with ftp:"));
		assert!(said::<RegisterName>("sun").contains("not a register"));
		assert!(said::<Hash>("0x12").contains("64 hex digits"));
		assert!(said::<Hash>(&"07".repeat(32)).contains("0x and"));
		assert!(said::<Listen>("localhost").contains("like 127.0.0.1:9945"));
		assert!(said::<Listen>("127.0.0.1:99999").contains("like 127.0.0.1:9945"));
		assert!(said::<Filter>("").contains("not a level"));
		assert!(said::<Filter>("info,x=loud").contains("not a level"));
	}
}

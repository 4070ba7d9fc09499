//! The section of a meter's source: `[meter.source.csv]`, `[meter.source.ocmf]`, `[meter.source.sunspec]` or
//! `[meter.source.sml]`.

use std::fmt;

use baseload_client::units;
use baseload_primitives::{ClockStatus, Moment, SECOND};
use serde::{de::Error as _, Deserialize, Deserializer};

use crate::config::{
	values::{FilePath, Millis},
	Problem,
};

/// The longest wait for a device's answer that makes sense, in milliseconds.
const MAX_TIMEOUT: Moment = 60 * SECOND;

/// Where a meter's readings come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceConfig {
	/// A growing file of power or register values.
	Csv(CsvConfig),
	/// Records that the meter signs.
	Ocmf(OcmfConfig),
	/// SunSpec over Modbus TCP.
	Sunspec(SunspecConfig),
	/// Smart Message Language.
	Sml(SmlConfig),
}

impl SourceConfig {
	/// What no single value shows to be wrong.
	pub fn problems(&self) -> Vec<Problem> {
		let (timeout, name) = match self {
			Self::Csv(_) | Self::Ocmf(_) => return Vec::new(),
			Self::Sunspec(config) => (&config.timeout, "sunspec"),
			Self::Sml(config) => (&config.timeout, "sml"),
		};
		let wait = timeout.get_ref().0;
		if wait <= MAX_TIMEOUT {
			return Vec::new();
		}
		let found = units::format_duration(wait);
		vec![Problem::new(
			timeout.span(),
			format!("the {name} timeout is {found}; expected at most 1m"),
		)]
	}

	/// True if the meter signs its readings itself, so that the gateway needs no key for it.
	pub fn is_signed_by_the_meter(&self) -> bool {
		matches!(self, Self::Ocmf(_))
	}
}

/// A CSV file to which a data logger appends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvConfig {
	/// The file.
	pub path: FilePath,
	/// Power samples only: for how long each sample's power was held, up to its time.
	#[serde(default = "a_quarter")]
	pub step: Millis,
	/// Power samples only: where the registers stand before the first sample.
	#[serde(default)]
	pub start: Start,
}

/// Where the registers of a meter that only knows power begin.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
	/// Energy delivered before.
	#[serde(default)]
	pub export: Energy,
	/// Energy drawn before.
	#[serde(default)]
	pub import: Energy,
}

/// Records that the meter signs, in a file or a folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcmfConfig {
	/// A file of lines to which records are appended, or a folder in which files of lines or of transparency XML appear.
	pub path: FilePath,
}

/// An inverter or meter that speaks SunSpec over Modbus TCP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SunspecConfig {
	/// Where it answers.
	pub address: Address,
	/// The Modbus unit.
	#[serde(default = "first_unit")]
	pub unit: u8,
	/// The model to read, if the device has several that count energy; else the first of those.
	pub model: Option<u16>,
	/// The device's serial number, as the device tells it. To be changed when the device is: a device with another serial
	/// number is refused.
	pub serial: Option<String>,
	/// The most power that can flow, delivered or drawn: tells a roll-over from a fault.
	pub max_power: Power,
	/// How long to wait for an answer.
	#[serde(default = "five_seconds")]
	pub timeout: toml::Spanned<Millis>,
	/// This machine's clock, by which readings are timed.
	#[serde(default)]
	pub clock: HostClock,
}

/// A meter that speaks SML.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmlConfig {
	/// Where its telegrams are.
	pub input: SmlInput,
	/// The meter's server id in hex: telegrams of another are refused.
	pub server_id: Option<ServerId>,
	/// How long to wait for a telegram.
	#[serde(default = "ten_seconds")]
	pub timeout: toml::Spanned<Millis>,
	/// This machine's clock, by which readings are timed.
	#[serde(default)]
	pub clock: HostClock,
}

/// Where SML telegrams are.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SmlInput {
	/// A serial line or a named pipe, on which the meter sends of its own accord.
	Device(FilePath),
	/// A file whose last telegram counts, as of when the file was last written.
	File(FilePath),
	/// A serial line behind a TCP server.
	Tcp(Address),
}

/// Whether this machine's clock is kept right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostClock {
	/// By NTP or the like.
	#[default]
	Synchronised,
	/// By nothing.
	Unsynchronised,
}

impl From<HostClock> for ClockStatus {
	fn from(clock: HostClock) -> Self {
		match clock {
			HostClock::Synchronised => Self::Synchronised,
			HostClock::Unsynchronised => Self::Unsynchronised,
		}
	}
}

/// An energy, written with its unit: "12.345 kWh".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Energy {
	/// In Wh.
	pub wh: u64,
}

impl<'de> Deserialize<'de> for Energy {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		let energy = units::parse_energy(&text).map_err(D::Error::custom)?;
		Ok(Self { wh: energy.0 })
	}
}

/// A power, written with its unit: "50 kW". Not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power {
	/// In W.
	pub watts: u64,
}

impl<'de> Deserialize<'de> for Power {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		match units::parse_power(&text).map_err(D::Error::custom)? {
			0 => Err(D::Error::custom("the power is zero; expected more, such as 50 kW")),
			watts => Ok(Self { watts }),
		}
	}
}

/// A host and a port: `192.168.1.20:502`, `meter.example:502` or `[fe80::1]:502`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
	/// An address, if it is one.
	pub fn parse(text: &str) -> Result<Self, String> {
		let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
		match text.rsplit_once(':') {
			Some((host, port)) if is_port(port) && is_host(host) => Ok(Self(text.into())),
			_ => Err(format!(
				"\"{text}\" is not a host and a port; expected for example 192.168.1.20:502"
			)),
		}
	}

	/// As it is written.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

fn is_host(host: &str) -> bool {
	match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
		Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
		None => {
			!host.is_empty()
				&& host
					.bytes()
					.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
		}
	}
}

impl fmt::Display for Address {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(&self.0)
	}
}

impl<'de> Deserialize<'de> for Address {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
	}
}

/// Which SML meter: its server id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerId(pub Vec<u8>);

impl<'de> Deserialize<'de> for ServerId {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		match hex::decode(&text) {
			Ok(id) if !id.is_empty() => Ok(Self(id)),
			_ => Err(D::Error::custom(format!(
				"\"{text}\" is not a server id; expected hex digits such as 0a01454d480000b46ba5"
			))),
		}
	}
}

fn a_quarter() -> Millis {
	Millis(15 * baseload_primitives::MINUTE)
}

fn first_unit() -> u8 {
	1
}

fn five_seconds() -> toml::Spanned<Millis> {
	toml::Spanned::new(0..0, Millis(5 * SECOND))
}

fn ten_seconds() -> toml::Spanned<Millis> {
	toml::Spanned::new(0..0, Millis(10 * SECOND))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn source(text: &str) -> Result<SourceConfig, String> {
		toml::from_str(text).map_err(|error| error.to_string())
	}

	#[test]
	fn sources_should_be_read_when_written_as_documented() {
		let SourceConfig::Csv(csv) = source("[csv]\npath = \"/var/log/plant.csv\"").unwrap() else {
			panic!("a CSV source");
		};
		assert_eq!((csv.step.0, csv.start.export.wh), (900_000, 0));
		let text = "[csv]\npath = \"/x.csv\"\nstep = \"5m\"\nstart = { export = \"12.345 kWh\" }";
		let SourceConfig::Csv(csv) = source(text).unwrap() else {
			panic!("a CSV source");
		};
		assert_eq!((csv.step.0, csv.start.export.wh), (300_000, 12_345));
		assert!(source("[ocmf]\npath = \"/x\"").unwrap().is_signed_by_the_meter());
		let text = "[sunspec]\naddress = \"10.0.0.5:502\"\nmax-power = \"5 kW\"";
		assert!(source(text).is_err(), "fields are written with underscores");
		let text = "[sunspec]\naddress = \"10.0.0.5:502\"\nmax_power = \"5 kW\"";
		let SourceConfig::Sunspec(sunspec) = source(text).unwrap() else {
			panic!("a SunSpec source");
		};
		assert_eq!(
			(sunspec.unit, sunspec.max_power.watts, sunspec.clock),
			(1, 5_000, HostClock::Synchronised)
		);
		let text = "[sml]\ninput = { device = \"/dev/ttyUSB0\" }\nserver_id = \"0a01\"\nclock = \"unsynchronised\"";
		let SourceConfig::Sml(sml) = source(text).unwrap() else {
			panic!("an SML source");
		};
		assert_eq!(
			(sml.server_id, sml.clock),
			(Some(ServerId(vec![10, 1])), HostClock::Unsynchronised)
		);
	}

	#[test]
	fn error_should_say_line_and_expectation_when_a_value_is_wrong() {
		for (text, said) in [
			("[sunspec]\naddress = \"10.0.0.5\"\nmax_power = \"5 kW\"", "line 2"),
			(
				"[sunspec]\naddress = \"10.0.0.5\"\nmax_power = \"5 kW\"",
				"expected for example 192.168.1.20:502",
			),
			(
				"[sunspec]\naddress = \"a:502\"\nmax_power = \"0 W\"",
				"the power is zero",
			),
			("[sunspec]\naddress = \"a:502\"\nmax_power = \"5 kWh\"", "line 3"),
			("[sunspec]\naddress = \"a:502\"", "missing field `max_power`"),
			(
				"[sml]\ninput = { serial = \"/dev/ttyUSB0\" }",
				"unknown variant `serial`",
			),
			(
				"[sml]\ninput = { tcp = \"a:1\" }\nserver_id = \"0x1\"",
				"is not a server id",
			),
			("[csv]\npath = \"/x\"\nstart = { export = \"5\" }", "is not an energy"),
			("[csv]\npath = \"/x\"\nstop = 1", "unknown field `stop`"),
			("[dlms]\npath = \"/x\"", "unknown variant `dlms`"),
		] {
			let error = source(text).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn problem_should_be_found_when_a_timeout_is_out_of_range() {
		let with = |timeout: &str| {
			let text = format!("[sml]\ninput = {{ tcp = \"a:1\" }}\ntimeout = \"{timeout}\"");
			source(&text).unwrap().problems().len()
		};
		assert_eq!([with("1s"), with("1m"), with("2m")], [0, 0, 1]);
	}

	#[test]
	fn address_should_be_refused_when_host_or_port_is_missing() {
		for good in ["a:1", "192.168.1.20:502", "plant-7.example:65535", "[::1]:502"] {
			assert!(Address::parse(good).is_ok(), "{good}");
		}
		for bad in [
			"",
			"a",
			"a:",
			":502",
			"a:0",
			"a:65536",
			"a b:1",
			"::1:502",
			"[x]:1",
			"http://a:1",
		] {
			assert!(Address::parse(bad).is_err(), "{bad}");
		}
	}
}

//! The section `[attest]`: with which key, about which meters, by which rules.

use baseload_client::units;
use baseload_primitives::{MeterId, HOUR, MINUTE};
use serde::{de::Error as _, Deserialize, Deserializer};
use toml::Spanned;

use crate::{
	config::{
		values::{FilePath, Millis, RegisterName},
		Problem,
	},
	source::config::{Energy, SourceConfig},
};

/// The shortest time between two reports of a meter: the chain takes none that are closer.
const SHORTEST_GRID: u64 = MINUTE;

/// What an attestor does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
	/// The file with the account's key. The account should do nothing else.
	pub key: FilePath,
	/// What was seen and said; made if there is none. One running copy at a time can have it open.
	pub journal: FilePath,
	/// The folder into which evidence is written before a dispute.
	pub evidence: FilePath,
	/// The folder into which vouchers are written; without it none are given.
	pub vouchers: Option<FilePath>,
	/// How often the own sources are asked.
	#[serde(default = "a_minute")]
	pub every: Millis,
	/// The meters, each with the attestor's own source.
	#[serde(rename = "meter")]
	pub meters: Vec<Meter>,
}

/// A meter, the attestor's own source about it, and how far the two may be apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
	/// Its number on the chain.
	pub id: Spanned<MeterId>,
	/// Where the attestor has its own knowledge from. Must not be what the meter's own gateway reads.
	pub source: SourceConfig,
	/// How far the rises of a register may be apart, as a share of the larger one.
	#[serde(default = "two_percent")]
	pub tolerance: Share,
	/// How far they may be apart whatever the rise.
	#[serde(default)]
	pub slack: Energy,
	/// Across a longer silence of the own source nothing is concluded, unless its registers did not move.
	#[serde(default = "an_hour")]
	pub max_gap: Millis,
	/// The registers that are compared; all of the meter's if none are named.
	#[serde(default)]
	pub registers: Vec<RegisterName>,
	/// For a meter that cannot sign: report it at every whole multiple of this time that the own source has a reading of.
	pub report: Option<Spanned<Millis>>,
}

impl Config {
	/// What no single value shows to be wrong.
	pub fn problems(&self) -> Vec<Problem> {
		let mut problems = Vec::new();
		for (place, meter) in self.meters.iter().enumerate() {
			let id = meter.id.get_ref();
			if self.meters[..place].iter().any(|before| before.id.get_ref() == id) {
				let text = format!("meter {id} is here a second time; expected each meter once");
				problems.push(Problem::new(meter.id.span(), text));
			}
			if let Some(report) = meter.report.as_ref().filter(|every| every.get_ref().0 < SHORTEST_GRID) {
				let found = units::format_duration(report.get_ref().0);
				let text = format!("{found} between two reports; expected 1m or more, as the chain takes them");
				problems.push(Problem::new(report.span(), text));
			}
			problems.extend(meter.source.problems());
		}
		problems
	}
}

/// A share, written "2 %".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	/// In parts per million; at most a million as it is read.
	pub parts_per_million: u32,
}

impl<'de> Deserialize<'de> for Share {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		let parts_per_million = units::parse_share(&text).map_err(D::Error::custom)?;
		Ok(Self { parts_per_million })
	}
}

fn a_minute() -> Millis {
	Millis(MINUTE)
}

fn an_hour() -> Millis {
	Millis(HOUR)
}

fn two_percent() -> Share {
	Share {
		parts_per_million: 20_000,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::Register;

	const HEAD: &str = "key = \"/k\"\njournal = \"/j\"\nevidence = \"/e\"\n";

	fn config(meters: &str) -> Result<Config, String> {
		toml::from_str(&format!("{HEAD}{meters}")).map_err(|error| error.to_string())
	}

	#[test]
	fn meter_should_have_defaults_when_only_its_source_is_given() {
		let read = config("[[meter]]\nid = 7\nsource = { csv = { path = \"/x.csv\" } }").unwrap();
		let meter = &read.meters[0];
		assert_eq!((*meter.id.get_ref(), read.every.0), (MeterId(7), MINUTE));
		assert_eq!(
			(meter.tolerance.parts_per_million, meter.slack.wh, meter.max_gap.0),
			(20_000, 0, HOUR)
		);
		assert!(meter.registers.is_empty() && meter.report.is_none() && read.problems().is_empty());
	}

	#[test]
	fn rule_should_be_read_when_written_with_units() {
		let rule =
			"tolerance = \"0.5 %\"\nslack = \"1.2 kWh\"\nmax_gap = \"2h\"\nregisters = [\"export\"]\nreport = \"15m\"";
		let read = config(&format!(
			"[[meter]]\nid = 7\n{rule}\nsource = {{ csv = {{ path = \"/x\" }} }}"
		))
		.unwrap();
		let meter = &read.meters[0];
		assert_eq!((meter.tolerance.parts_per_million, meter.slack.wh), (5_000, 1_200));
		assert_eq!(meter.registers[0].0, Register::Export);
		assert_eq!(meter.report.as_ref().unwrap().get_ref().0, 15 * MINUTE);
	}

	#[test]
	fn error_should_say_what_was_expected_when_a_value_is_wrong() {
		let source = "source = { csv = { path = \"/x\" } }";
		for (text, said) in [
			(format!("[[meter]]\n{source}"), "missing field `id`"),
			("[[meter]]\nid = 7".into(), "missing field `source`"),
			(String::new(), "missing field `meter`"),
			(
				format!("[[meter]]\nid = 7\n{source}\ntolerance = \"2\""),
				"is not a share in %",
			),
			(
				format!("[[meter]]\nid = 7\n{source}\ntolerance = \"200 %\""),
				"more than 100 %",
			),
			(
				format!("[[meter]]\nid = 7\n{source}\ntolerence = \"2 %\""),
				"unknown field `tolerence`",
			),
			(format!("[[meter]]\nid = -7\n{source}"), "line 5"),
		] {
			let error = config(&text).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn problem_should_be_found_when_meters_repeat_or_reports_are_too_close() {
		let one = "[[meter]]\nid = 7\nsource = { csv = { path = \"/x\" } }\n";
		assert!(config(&format!("{one}{one}")).unwrap().problems()[0]
			.message()
			.contains("meter 7 is here a second time"));
		let close = config(&format!("{one}report = \"30s\"")).unwrap().problems();
		assert!(close[0].message().contains("expected 1m or more"), "{close:?}");
	}
}

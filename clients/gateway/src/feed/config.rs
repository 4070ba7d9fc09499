//! The section `[feed]`: which prices, from where, and what is not believed.

use std::fmt;

use baseload_client::{calls::Quote, units};
use baseload_primitives::{Moment, Price, TokenId, BLD_TOKEN, HOUR, MINUTE};
use serde::{
	de::{Error as _, Unexpected, Visitor},
	Deserialize, Deserializer,
};
use toml::Spanned;

use crate::{
	attest::config::Share,
	config::{
		values::{FilePath, HttpUrl, Millis},
		Problem,
	},
};

/// How long the chain counts a report, from the block that it is in.
pub const FRESH: Moment = HOUR;

/// The longest time between two reports, so that one that fails can be repeated before the last is stale.
const LONGEST_PERIOD: Moment = FRESH / 2;

/// The highest price that can be allowed: beyond it, comparing shares of prices would need more than 128 bits.
const HIGHEST: u32 = 1_000_000_000;

/// What an oracle operator does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
	/// The file with the account's key.
	pub key: FilePath,
	/// How often prices are reported.
	#[serde(default = "ten_minutes")]
	pub every: Spanned<Millis>,
	/// The prices.
	#[serde(rename = "price")]
	pub prices: Vec<PriceConfig>,
}

/// One price.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
	/// Of what.
	pub of: Spanned<Of>,
	/// Answers below are not believed.
	pub min: Spanned<PriceText>,
	/// Answers above are not believed.
	pub max: Spanned<PriceText>,
	/// The largest move since this operator's last report on the chain.
	#[serde(default = "ten_percent")]
	pub max_move: Share,
	/// How many inputs must agree.
	#[serde(default = "one")]
	pub quorum: Spanned<usize>,
	/// How far from the median an input may be and still agree.
	#[serde(default = "two_percent")]
	pub agree_within: Share,
	/// Answers observed longer ago do not count.
	#[serde(default = "half_an_hour")]
	pub max_age: Millis,
	/// Who is asked.
	#[serde(rename = "input")]
	pub inputs: Vec<Input>,
}

/// Who is asked for a price, and where it stands in the answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
	/// What it is called in logs.
	pub name: Spanned<String>,
	/// Where it is.
	pub source: Place,
	/// Where the value stands in the JSON text: a pointer after RFC 6901 such as "/data/0/price".
	pub value: Pointer,
	/// What the value counts.
	pub unit: Spanned<Unit>,
	/// Where the time of observation stands: Unix seconds or milliseconds, or a UTC date and time. Left out: when the file was
	/// written, or when the server answered.
	pub observed_at: Option<Pointer>,
}

/// Where a JSON text is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
	/// In a file.
	File(FilePath),
	/// At a web server.
	Http(HttpUrl),
}

/// What a price is of: one kWh, or one whole token that is collateral, or may become it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Of {
	quote: Quote,
	token: Option<TokenId>,
	name: String,
}

impl Of {
	/// One kWh.
	pub fn reference() -> Self {
		Self {
			quote: Quote::REFERENCE,
			token: None,
			name: "reference".into(),
		}
	}

	/// One BLD.
	pub fn bld() -> Self {
		Self {
			quote: Quote::BLD,
			token: Some(BLD_TOKEN),
			name: "BLD".into(),
		}
	}

	/// One whole token of the assets pallet. `None` if no feed can have its price: its id is 0, or 2^31 or more.
	pub fn asset(id: TokenId) -> Option<Self> {
		Some(Self {
			quote: Quote::token(id).filter(|_| id != BLD_TOKEN)?,
			token: Some(id),
			name: format!("token {id}"),
		})
	}

	/// As the chain's client calls it.
	pub fn quote(&self) -> Quote {
		self.quote
	}

	/// The token; `None` for a kWh.
	pub fn token(&self) -> Option<TokenId> {
		self.token
	}

	/// As logs, `status` and metrics call it.
	pub fn name(&self) -> &str {
		&self.name
	}
}

impl<'de> Deserialize<'de> for Of {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct OfVisitor;
		impl Visitor<'_> for OfVisitor {
			type Value = Of;

			fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
				f.write_str("\"reference\", \"BLD\" or the id of a token, such as 1")
			}

			fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Of, E> {
				match text {
					"reference" => Ok(Of::reference()),
					"BLD" => Ok(Of::bld()),
					_ => Err(E::invalid_value(Unexpected::Str(text), &self)),
				}
			}

			fn visit_i64<E: serde::de::Error>(self, id: i64) -> Result<Of, E> {
				let of = TokenId::try_from(id).ok().and_then(Of::asset);
				of.ok_or_else(|| {
					E::custom(format!(
						"no token {id} has a price: expected an id from 1 to 2147483647"
					))
				})
			}
		}
		deserializer.deserialize_any(OfVisitor)
	}
}

/// What a value counts, in the quote currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Unit {
	/// Whole units of the currency per kWh.
	#[serde(rename = "per kWh")]
	PerKilowattHour,
	/// Whole units of the currency per MWh.
	#[serde(rename = "per MWh")]
	PerMegawattHour,
	/// Hundredths of the currency per kWh.
	#[serde(rename = "cents per kWh")]
	CentsPerKilowattHour,
	/// Whole units of the currency per whole token.
	#[serde(rename = "per token")]
	PerToken,
}

impl Unit {
	/// By how many decimal places a value is moved to be a price.
	pub const fn shift(self) -> i32 {
		match self {
			Self::PerKilowattHour | Self::PerToken => 0,
			Self::PerMegawattHour => -3,
			Self::CentsPerKilowattHour => -2,
		}
	}

	fn is_of(self, of: &Of) -> bool {
		matches!(self, Self::PerToken) == of.token().is_some()
	}
}

/// An index price: a plain decimal number as text, so that it is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceText(pub Price);

impl<'de> Deserialize<'de> for PriceText {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		units::parse_price(&text).map(Self).map_err(D::Error::custom)
	}
}

/// A JSON pointer; empty for the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
	/// As it is written.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

impl fmt::Display for Pointer {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(&self.0)
	}
}

impl<'de> Deserialize<'de> for Pointer {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		match text.is_empty() || text.starts_with('/') {
			true => Ok(Self(text)),
			false => Err(D::Error::custom(format!(
				"\"{text}\" is no JSON pointer; expected one that begins with a slash, such as /data/0/price"
			))),
		}
	}
}

impl Config {
	/// What no single value shows to be wrong.
	pub fn problems(&self) -> Vec<Problem> {
		let mut problems = Vec::new();
		if self.every.get_ref().0 > LONGEST_PERIOD {
			let found = units::format_duration(self.every.get_ref().0);
			let text =
				format!("{found} between two reports; expected 30m or less, since the chain forgets a report after 1h");
			problems.push(Problem::new(self.every.span(), text));
		}
		for (place, price) in self.prices.iter().enumerate() {
			let of = price.of.get_ref();
			if self.prices[..place].iter().any(|before| before.of.get_ref() == of) {
				let text = format!("the {} price is here a second time; expected it once", of.name());
				problems.push(Problem::new(price.of.span(), text));
			}
			problems.extend(price.problems());
		}
		problems
	}
}

impl PriceConfig {
	fn problems(&self) -> Vec<Problem> {
		let mut problems = Vec::new();
		let mut problem = |span, text: String| problems.push(Problem::new(span, text));
		let (min, max) = (self.min.get_ref().0, self.max.get_ref().0);
		if min == Price::from_inner(0) {
			problem(self.min.span(), "a price of 0 is none; expected more".into());
		}
		if max < min || max > Price::from_u32(HIGHEST) {
			problem(self.max.span(), format!("expected min or more, and at most {HIGHEST}"));
		}
		let (quorum, inputs) = (*self.quorum.get_ref(), self.inputs.len());
		if quorum == 0 || quorum > inputs {
			let text = format!("{quorum} of {inputs} inputs cannot agree; expected 1 to {inputs}");
			problem(self.quorum.span(), text);
		}
		for (place, input) in self.inputs.iter().enumerate() {
			let name = input.name.get_ref();
			if self.inputs[..place].iter().any(|before| before.name.get_ref() == name) {
				problem(
					input.name.span(),
					format!("an input \"{name}\" is here already; expected another name"),
				);
			}
			if !input.unit.get_ref().is_of(self.of.get_ref()) {
				let expected = match self.of.get_ref().token() {
					None => "\"per kWh\", \"per MWh\" or \"cents per kWh\"",
					Some(_) => "\"per token\"",
				};
				problem(input.unit.span(), format!("no unit of this price; expected {expected}"));
			}
		}
		problems
	}
}

fn ten_minutes() -> Spanned<Millis> {
	Spanned::new(0..0, Millis(10 * MINUTE))
}

fn half_an_hour() -> Millis {
	Millis(30 * MINUTE)
}

fn ten_percent() -> Share {
	Share {
		parts_per_million: 100_000,
	}
}

fn two_percent() -> Share {
	Share {
		parts_per_million: 20_000,
	}
}

fn one() -> Spanned<usize> {
	Spanned::new(0..0, 1)
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;

	/// A configuration with one reference price of these settings and inputs.
	pub fn config(settings: &str, inputs: &str) -> Result<Config, String> {
		let text =
			format!("key = \"/k\"\n[[price]]\nof = \"reference\"\nmin = \"0.01\"\nmax = \"1\"\n{settings}\n{inputs}");
		toml::from_str(&text).map_err(|error| error.to_string())
	}

	/// An input that is a file.
	pub fn input(name: &str, path: &str, unit: &str) -> String {
		format!(
			"[[price.input]]\nname = \"{name}\"\nsource = {{ file = \"{path}\" }}\nvalue = \"/price\"\nunit = \"{unit}\"\n"
		)
	}

	#[test]
	fn price_should_have_defaults_when_only_bounds_and_an_input_are_given() {
		let read = config("", &input("a", "/a.json", "per MWh")).unwrap();
		assert!(read.problems().is_empty());
		let price = &read.prices[0];
		assert_eq!((read.every.get_ref().0, price.max_age.0), (10 * MINUTE, 30 * MINUTE));
		assert_eq!(
			(
				price.max_move.parts_per_million,
				price.agree_within.parts_per_million,
				*price.quorum.get_ref()
			),
			(100_000, 20_000, 1)
		);
		assert_eq!(
			(price.of.get_ref().name(), price.inputs[0].unit.get_ref().shift()),
			("reference", -3)
		);
	}

	#[test]
	fn price_should_be_of_a_kwh_or_of_any_token_that_can_have_one() {
		let read = |of: &str| {
			let input = input("a", "/a.json", "per token");
			let text = format!("key = \"/k\"\n[[price]]\nof = {of}\nmin = \"1\"\nmax = \"1\"\n{input}");
			let read: Result<Config, _> = toml::from_str(&text);
			read.map(|read| read.prices[0].of.get_ref().clone())
				.map_err(|error| error.to_string())
		};
		for (of, key, token, name) in [
			("\"reference\"", 0, None, "reference"),
			("\"BLD\"", u32::MAX, Some(BLD_TOKEN), "BLD"),
			("1", 1, Some(1), "token 1"),
			("2147483647", 2_147_483_647, Some(2_147_483_647), "token 2147483647"),
		] {
			let read = read(of).unwrap();
			assert_eq!((read.quote().key(), read.token(), read.name()), (key, token, name));
		}
		for (of, said) in [
			("\"collateral\"", "expected \"reference\", \"BLD\" or the id of a token"),
			("true", "expected \"reference\", \"BLD\" or the id of a token"),
			("0", "no token 0 has a price"),
			("-1", "no token -1 has a price"),
			("2147483648", "expected an id from 1 to 2147483647"),
		] {
			let error = read(of).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn error_should_say_what_was_expected_when_a_value_is_wrong() {
		let good = input("a", "/a.json", "per kWh");
		for (settings, inputs, said) in [
			("", "", "missing field `input`"),
			("", "[[price.input]]\nname = \"a\"", "missing field `source`"),
			("", &good.replace("per kWh", "per Wh"), "unknown variant `per Wh`"),
			("", &good.replace("\"/price\"", "\"price\""), "is no JSON pointer"),
			(
				"",
				&good.replace("{ file = \"/a.json\" }", "{ http = \"ftp://x\" }"),
				"begins with ftp:",
			),
			("max_move = \"ten\"", &good, "is not a share in %"),
			("maximum = \"1\"", &good, "unknown field `maximum`"),
			("quorum = -1", &good, "line 6"),
		] {
			let error = config(settings, inputs).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
		assert!(toml::from_str::<Config>("key = \"/k\"")
			.unwrap_err()
			.to_string()
			.contains("missing field `price`"));
	}

	#[test]
	fn problems_should_be_found_when_values_do_not_fit_each_other() {
		let good = input("a", "/a.json", "per kWh");
		let said = |settings: &str, inputs: &str| {
			let problems = config(settings, inputs).unwrap().problems();
			problems
				.iter()
				.map(|problem| problem.message().to_owned())
				.collect::<Vec<_>>()
		};
		assert!(said("", &good).is_empty());
		assert!(said("quorum = 2", &good)[0].contains("2 of 1 inputs cannot agree"));
		assert!(said("quorum = 0", &good)[0].contains("expected 1 to 1"));
		assert!(said("", &format!("{good}{good}"))[0].contains("an input \"a\" is here already"));
		assert!(said("", &input("a", "/a", "per token"))[0].contains("expected \"per kWh\""));
		let text = format!("key = \"/k\"\nevery = \"2h\"\n[[price]]\nof = 1\nmin = \"0\"\nmax = \"0\"\n{good}");
		let read: Config = toml::from_str(&text).unwrap();
		let said: Vec<_> = read
			.problems()
			.iter()
			.map(|problem| problem.message().to_owned())
			.collect();
		assert!(
			said[0].contains("expected 30m or less") && said[1].contains("a price of 0"),
			"{said:?}"
		);
		assert!(said[2].contains("\"per token\""), "{said:?}");
	}
}

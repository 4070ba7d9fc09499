//! Live prices for a development network, from one file: the network's three operators, each the gateway's own `feed`.
//!
//! ```json
//! { "reference": 0.10, "BLD": 0.05, "1": 0.14 }
//! ```
//!
//! are the prices of one kWh, of one BLD, and of one token of the assets pallet by its number. The file is read again at every report;
//! what is added to it is fed from then on. Real operators ask several inputs, and believe no leap: see `docs/gateway-feed.md`.

use std::{
	collections::BTreeMap,
	convert::Infallible,
	fs,
	path::{Path, PathBuf},
	time::Duration,
};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{units, Chain, ChainType};
use baseload_gateway::{
	config::Config,
	feed::{self, config::Of},
	state::Shared,
	stop::Stop,
};
use baseload_primitives::Moment;
use serde_json::{json, Map, Value};
use tempfile::TempDir;

use crate::plant_day::say;

/// The prices that come with this crate.
pub const SHIPPED: &str = include_str!("../data/prices.json");

/// The network's operators.
const OPERATORS: [&str; 3] = ["Alice", "Bob", "Charlie"];

/// How often it is looked whether something was added to the file, and what has been reported.
const LOOK: Duration = Duration::from_secs(3);

/// Makes the file with the prices that ship, unless there is one.
pub fn provide(file: &Path) -> Result<()> {
	if !file.exists() {
		fs::write(file, SHIPPED).with_context(|| format!("cannot write {}", file.display()))?;
	}
	Ok(())
}

/// Feeds what the file says, at least so often, as long as it is waited for. Ends only if that can never succeed.
pub async fn feed(url: &str, file: &Path, every: Moment) -> Result<()> {
	let chain = Chain::connect(url).await?;
	ensure!(
		*chain.chain_type() == ChainType::Development,
		"the chain \"{}\" is not a development chain; this uses keys that everybody knows",
		chain.name()
	);
	let file = fs::canonicalize(file).with_context(|| format!("cannot find {}", file.display()))?;
	let keys = Keys::new()?;
	let mut fed = names(&file)?;
	loop {
		let config = |operator| {
			let text = configuration(&chain, &keys.of(operator), &file, every, &fed);
			let mut config = Config::parse(file.clone(), text)?;
			for price in config.feed.iter_mut().flat_map(|feed| &mut feed.prices) {
				// Whoever edits the file means it.
				price.max_move.parts_per_million = u32::MAX;
			}
			anyhow::Ok(config)
		};
		let [a, b, c] = OPERATORS.map(config);
		let (a, b, c) = (a?, b?, c?);
		let shared = Shared::new();
		fed = tokio::select! {
			ended = operate(&a, shared.clone()) => return ended,
			ended = operate(&b, Shared::new()) => return ended,
			ended = operate(&c, Shared::new()) => return ended,
			never = tell(&shared) => match never {},
			others = others_named(&file, &fed) => others,
		};
	}
}

/// One operator.
async fn operate(config: &Config, shared: Shared) -> Result<()> {
	let section = config.feed.as_ref().context("the configuration has no prices")?;
	feed::run(section, &config.chain, shared, Stop::default()).await
}

/// Says what is reported when it changes, and why something is not.
async fn tell(shared: &Shared) -> Infallible {
	let mut told = BTreeMap::new();
	loop {
		tokio::time::sleep(LOOK).await;
		for feed in shared.status().feeds {
			let now = (feed.last.map(|(price, _)| price), feed.error.map(|fault| fault.text));
			if told.get(&feed.price) == Some(&now) {
				continue;
			}
			match &now {
				(_, Some(why)) => say(&format!("Price of {}", feed.price), &format!("not reported: {why}")),
				(Some(price), None) => say(&format!("Price of {}", feed.price), price),
				(None, None) => (),
			}
			told.insert(feed.price, now);
		}
	}
}

/// Waits until the file has prices of other things than these, and says what is wrong with it meanwhile.
async fn others_named(file: &Path, fed: &[String]) -> Vec<String> {
	let mut told = String::new();
	loop {
		tokio::time::sleep(LOOK).await;
		match names(file) {
			Ok(names) if names != fed => return names,
			Ok(_) => told.clear(),
			Err(why) => {
				let why = format!("{why:#}");
				if why != told {
					say("Prices", &why);
				}
				told = why;
			}
		}
	}
}

/// What the file has prices of, in its order.
fn names(file: &Path) -> Result<Vec<String>> {
	let named = || format!("{} cannot be used", file.display());
	let text = fs::read_to_string(file).with_context(named)?;
	let prices: Map<String, Value> = serde_json::from_str(&text).with_context(named)?;
	for name in prices.keys() {
		let has_price = match name.as_str() {
			"reference" | "BLD" => true,
			// Two ways to write a number would be two prices of one token.
			id => id
				.parse()
				.ok()
				.filter(|number: &u32| number.to_string() == id)
				.and_then(Of::asset)
				.is_some(),
		};
		if !has_price {
			bail!(
				"{} has a price of \"{name}\"; expected \"reference\", \"BLD\" or the number of a token, such as \"1\"",
				file.display()
			);
		}
	}
	ensure!(!prices.is_empty(), "{} has no prices", file.display());
	Ok(prices.keys().cloned().collect())
}

/// The configuration of an operator. A file counts until it is edited, however long that is.
fn configuration(chain: &Chain, key: &Path, file: &Path, every: Moment, fed: &[String]) -> String {
	let mut text = format!(
		"[chain]\nurl = {}\ngenesis = \"{:?}\"\n[feed]\nkey = {}\nevery = \"{}\"\n",
		json!(chain.url()),
		chain.genesis_hash(),
		json!(key.to_string_lossy()),
		units::format_duration(every)
	);
	for name in fed {
		let (of, unit) = match name.as_str() {
			"reference" => (json!(name), "per kWh"),
			"BLD" => (json!(name), "per token"),
			id => (Value::from(id.parse::<u32>().ok()), "per token"),
		};
		text += &format!(
			"[[feed.price]]\nof = {of}\nmin = \"0.000000001\"\nmax = \"1000000000\"\nmax_age = \"36500d\"\n\
			 [[feed.price.input]]\nname = \"file\"\nsource = {{ file = {} }}\nvalue = \"/{name}\"\nunit = \"{unit}\"\n",
			json!(file.to_string_lossy())
		);
	}
	text
}

/// The operators' key files, for as long as this lives.
struct Keys(TempDir);

impl Keys {
	fn new() -> Result<Self> {
		use std::{io::Write, os::unix::fs::OpenOptionsExt};
		let folder = tempfile::Builder::new().prefix("baseload-prices-").tempdir()?;
		let keys = Self(folder);
		for operator in OPERATORS {
			let mut file = fs::OpenOptions::new()
				.write(true)
				.create_new(true)
				.mode(0o600)
				.open(keys.of(operator))?;
			writeln!(file, "//{operator}")?;
		}
		Ok(keys)
	}

	fn of(&self, operator: &str) -> PathBuf {
		self.0.path().join(operator)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::plant_day::Plan;

	fn file(text: &str) -> (TempDir, PathBuf) {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("prices.json");
		fs::write(&path, text).unwrap();
		(folder, path)
	}

	#[test]
	fn shipped_prices_should_be_those_that_the_day_begins_with() {
		let (_folder, path) = file(SHIPPED);
		let mut named = names(&path).unwrap();
		named.sort();
		assert_eq!(named, ["1", "BLD", "reference"]);
		let prices: Value = serde_json::from_str(SHIPPED).unwrap();
		let price = |name: &str| units::parse_price(&prices[name].to_string()).unwrap();
		assert_eq!((price("reference"), price("1")), Plan::default().prices);
	}

	#[test]
	fn file_should_be_refused_when_it_names_what_has_no_price() {
		for (text, said) in [
			("{ \"RSV\": 1 }", "has a price of \"RSV\"; expected"),
			("{ \"-1\": 1 }", "has a price of \"-1\""),
			("{ \"0\": 1 }", "has a price of \"0\""),
			("{ \"1\": 1, \"01\": 1 }", "has a price of \"01\""),
			("{}", "has no prices"),
			("[1]", "cannot be used"),
			("", "cannot be used"),
		] {
			let (_folder, path) = file(text);
			let error = format!("{:#}", names(&path).unwrap_err());
			assert!(error.contains(said), "{error}");
		}
	}

	#[test]
	fn file_of_ones_own_should_be_kept() {
		let (folder, path) = file("{ \"BLD\": 1 }");
		provide(&path).unwrap();
		assert_eq!(names(&path).unwrap(), ["BLD"]);
		let new = folder.path().join("new.json");
		provide(&new).unwrap();
		assert_eq!(fs::read_to_string(new).unwrap(), SHIPPED);
	}
}

//! What a command found out or did, for people and for programs.

use std::io::{self, Write};

use baseload_client::{units, AccountId, TokenInfo, Unbonding};
use baseload_primitives::{Balance, Moment, Price, Register, WattHours};
use serde_json::{json, Map, Value};

use crate::arguments;

/// One value, as people read it and as programs do.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
	human: String,
	json: Value,
}

impl Cell {
	fn new(human: impl Into<String>, json: Value) -> Self {
		Self {
			human: human.into(),
			json,
		}
	}

	/// Words.
	pub fn text(text: impl Into<String>) -> Self {
		let text = text.into();
		Self {
			json: json!(text),
			human: text,
		}
	}

	/// A count or an id.
	pub fn number(number: impl Into<u64>) -> Self {
		let number = number.into();
		Self::new(number.to_string(), json!(number))
	}

	/// Yes or no.
	pub fn flag(flag: bool) -> Self {
		Self::new(if flag { "yes" } else { "no" }, json!(flag))
	}

	/// Several words.
	pub fn list(words: Vec<String>) -> Self {
		let human = if words.is_empty() { "-".into() } else { words.join(", ") };
		Self::new(human, json!(words))
	}

	/// Several ids.
	pub fn ids(ids: impl IntoIterator<Item = u32>) -> Self {
		let ids: Vec<u32> = ids.into_iter().collect();
		let words = ids.iter().map(u32::to_string).collect();
		Self {
			json: json!(ids),
			..Self::list(words)
		}
	}

	/// What unbonds, as of a session.
	pub fn unbonding(chunks: &[Unbonding], session: u32) -> Self {
		let human = chunks.iter().map(|chunk| match chunk.unlock.saturating_sub(session) {
			0 => format!("{} now", units::format_bld(chunk.amount)),
			sessions => format!("{} in {sessions} sessions", units::format_bld(chunk.amount)),
		});
		let json = chunks
			.iter()
			.map(|chunk| json!({ "amount": chunk.amount.to_string(), "unlock_session": chunk.unlock }));
		Self {
			json: json.collect(),
			..Self::list(human.collect())
		}
	}

	/// Something that may be absent.
	pub fn option<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
		value.map_or_else(|| Self::new("-", Value::Null), cell)
	}

	/// An account.
	pub fn account(account: &AccountId) -> Self {
		Self::text(account.to_string())
	}

	/// KWH.
	pub fn kwh(amount: Balance) -> Self {
		Self::new(units::format_kwh(amount), json!(amount.to_string()))
	}

	/// BLD.
	pub fn bld(amount: Balance) -> Self {
		Self::new(units::format_bld(amount), json!(amount.to_string()))
	}

	/// A token of the assets pallet.
	pub fn token(amount: Balance, token: &TokenInfo) -> Self {
		let human = format!("{} {}", units::format_units(amount, token.decimals), token.symbol);
		Self::new(human, json!(amount.to_string()))
	}

	/// Energy.
	pub fn energy(energy: WattHours) -> Self {
		Self::new(units::format_energy(energy), json!(energy.0.to_string()))
	}

	/// Power.
	pub fn power(watts: u64) -> Self {
		Self::new(units::format_power(watts), json!(watts.to_string()))
	}

	/// A tariff.
	pub fn tariff(price: Price) -> Self {
		let human = units::format_tariff(price);
		let number = human.trim_end_matches(" KWH/kWh").to_string();
		Self::new(human, json!(number))
	}

	/// An index price.
	pub fn price(price: Price) -> Self {
		Self::text(units::format_price(price))
	}

	/// A ratio, for people in percent with two decimals, rounded down.
	pub fn ratio(ratio: Price) -> Self {
		let hundredths = ratio.into_inner() / 10u128.pow(14);
		Self::new(
			format!("{} %", units::format_units(hundredths, 2)),
			json!(units::format_price(ratio)),
		)
	}

	/// A share in parts per million.
	pub fn share(parts: u32) -> Self {
		Self::new(units::format_share(parts), json!(parts))
	}

	/// A time.
	pub fn time(moment: Moment) -> Self {
		Self::new(units::format_time(moment), json!(moment))
	}

	/// A duration.
	pub fn duration(duration: Moment) -> Self {
		Self::new(units::format_duration(duration), json!(duration))
	}

	/// A register's OBIS code.
	pub fn register(register: Register) -> Self {
		Self::text(arguments::obis(register))
	}
}

/// What a command prints.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
	/// One thing: a label for people, a key for programs, a value. An empty label or key leaves it out for them.
	Record(Vec<(&'static str, &'static str, Cell)>),
	/// Several things of one kind.
	Table {
		/// The list's key for programs.
		name: &'static str,
		/// For each column a label for people and a key for programs.
		columns: Vec<(&'static str, &'static str)>,
		/// As many cells as columns each.
		rows: Vec<Vec<Cell>>,
	},
}

impl Report {
	/// One thing, of which nothing is known so far.
	pub fn record() -> Self {
		Self::Record(Vec::new())
	}

	/// Adds to a record; a table stays as it is.
	pub fn with(mut self, label: &'static str, key: &'static str, cell: Cell) -> Self {
		if let Self::Record(fields) = &mut self {
			fields.push((label, key, cell));
		}
		self
	}

	/// Prints it.
	pub fn print(&self, json: bool, out: &mut impl Write) -> io::Result<()> {
		match json {
			true => writeln!(out, "{}", self.json())?,
			false => self.print_human(out)?,
		}
		out.flush()
	}

	fn json(&self) -> Value {
		fn object<'a>(fields: impl Iterator<Item = (&'a str, &'a Cell)>) -> Value {
			let fields: Map<_, _> = fields
				.filter(|(key, _)| !key.is_empty())
				.map(|(key, cell)| (key.to_string(), cell.json.clone()))
				.collect();
			Value::Object(fields)
		}
		match self {
			Self::Record(fields) => object(fields.iter().map(|(_, key, cell)| (*key, cell))),
			Self::Table { name, columns, rows } => {
				let keys = || columns.iter().map(|(_, key)| *key);
				let rows: Vec<_> = rows.iter().map(|row| object(keys().zip(row))).collect();
				json!({ *name: rows })
			}
		}
	}

	fn print_human(&self, out: &mut impl Write) -> io::Result<()> {
		match self {
			Self::Record(fields) => {
				let shown = || fields.iter().filter(|(label, _, _)| !label.is_empty());
				let width = shown()
					.map(|(label, _, _)| label.chars().count())
					.max()
					.unwrap_or_default();
				for (label, _, cell) in shown() {
					writeln!(out, "{label:width$}  {}", cell.human)?;
				}
				Ok(())
			}
			Self::Table { columns, rows, .. } => {
				let head = columns.iter().map(|(label, _)| label.to_string()).collect::<Vec<_>>();
				let body = rows
					.iter()
					.map(|row| row.iter().map(|cell| cell.human.clone()).collect());
				let lines: Vec<Vec<String>> = core::iter::once(head).chain(body).collect();
				let widths: Vec<usize> = (0..columns.len())
					.map(|column| {
						lines
							.iter()
							.filter_map(|line| line.get(column))
							.map(|cell| cell.chars().count())
							.max()
							.unwrap_or_default()
					})
					.collect();
				for line in lines {
					let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
					writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
				}
				Ok(())
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::KWH;

	fn printed(report: &Report, json: bool) -> String {
		let mut out = Vec::new();
		report.print(json, &mut out).unwrap();
		String::from_utf8(out).unwrap()
	}

	#[test]
	fn record_should_be_aligned_for_people_and_exact_for_programs() {
		let report = Report::record()
			.with("supply", "supply", Cell::kwh(3 * KWH / 2))
			.with("", "hash", Cell::text("0x00"))
			.with("collateral ratio", "ratio", Cell::ratio(Price::from_rational(4, 3)))
			.with("price", "price", Cell::option(None, Cell::price));
		assert_eq!(
			printed(&report, false),
			"supply            1.5 KWH\ncollateral ratio  133.33 %\nprice             -\n"
		);
		assert_eq!(
			serde_json::from_str::<Value>(&printed(&report, true)).unwrap(),
			json!({ "supply": "1500000000000", "hash": "0x00", "ratio": "1.333333333333333333", "price": null })
		);
	}

	#[test]
	fn unbonding_should_tell_how_long_it_takes() {
		let chunks = [Unbonding { amount: KWH, unlock: 5 }, Unbonding { amount: 1, unlock: 9 }];
		let report = Report::record().with("unbonding", "unbonding", Cell::unbonding(&chunks, 5));
		assert_eq!(
			printed(&report, false),
			"unbonding  1 BLD now, 0.000000000001 BLD in 4 sessions\n"
		);
		assert_eq!(
			serde_json::from_str::<Value>(&printed(&report, true)).unwrap()["unbonding"][1],
			json!({ "amount": "1", "unlock_session": 9 })
		);
	}

	#[test]
	fn table_should_be_aligned_for_people_and_one_object_for_programs() {
		let report = Report::Table {
			name: "sites",
			columns: vec![("site", "site"), ("nameplate", "nameplate_w")],
			rows: vec![
				vec![Cell::number(0u32), Cell::power(5_000_000)],
				vec![Cell::number(10u32), Cell::power(1)],
			],
		};
		assert_eq!(printed(&report, false), "site  nameplate\n0     5 MW\n10    1 W\n");
		assert_eq!(
			serde_json::from_str::<Value>(&printed(&report, true)).unwrap(),
			json!({ "sites": [{ "site": 0, "nameplate_w": "5000000" }, { "site": 10, "nameplate_w": "1" }] })
		);
	}
}

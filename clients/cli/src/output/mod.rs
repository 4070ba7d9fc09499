//! What a command found out or did, for people and for programs.

mod bar;
mod cell;

use std::io::{self, Write};

use serde_json::{json, Map, Value};

pub use bar::Bar;
pub use cell::Cell;

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
	/// Several of these: for people one below the other, for programs one object with the keys of all.
	Several(Vec<Report>),
}

impl Report {
	/// One thing, of which nothing is known so far.
	pub fn record() -> Self {
		Self::Record(Vec::new())
	}

	/// Adds to a record; anything else stays as it is.
	pub fn with(mut self, label: &'static str, key: &'static str, cell: Cell) -> Self {
		if let Self::Record(fields) = &mut self {
			fields.push((label, key, cell));
		}
		self
	}

	/// Prints it. A record of nothing leaves no trace: its command has printed what happened, as it happened.
	pub fn print(&self, json: bool, out: &mut impl Write) -> io::Result<()> {
		let nothing = matches!(self, Self::Record(fields) if fields.is_empty());
		match json {
			_ if nothing => (),
			true => writeln!(out, "{}", self.json())?,
			false => self.print_human(out)?,
		}
		out.flush()
	}

	/// As one JSON object.
	pub fn json(&self) -> Value {
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
			Self::Several(reports) => {
				let objects = reports.iter().filter_map(|report| match report.json() {
					Value::Object(fields) => Some(fields),
					_ => None,
				});
				Value::Object(objects.flatten().collect())
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
					writeln!(out, "{label:width$}  {}", cell.human())?;
				}
				Ok(())
			}
			Self::Table { columns, rows, .. } => {
				let head = columns.iter().map(|(label, _)| label.to_string()).collect::<Vec<_>>();
				let body = rows
					.iter()
					.map(|row| row.iter().map(|cell| cell.human().to_string()).collect());
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
			Self::Several(reports) => {
				for (position, report) in reports.iter().enumerate() {
					if position > 0 {
						writeln!(out)?;
					}
					report.print_human(out)?;
				}
				Ok(())
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{Price, KWH};

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

	#[test]
	fn several_should_be_one_below_the_other_for_people_and_one_object_for_programs() {
		let report = Report::Several(vec![
			Report::record().with("supply", "supply", Cell::kwh(KWH)),
			Report::Table {
				name: "types",
				columns: vec![("token", "token")],
				rows: vec![vec![Cell::text("RSV")]],
			},
		]);
		assert_eq!(printed(&report, false), "supply  1 KWH\n\ntoken\nRSV\n");
		assert_eq!(
			serde_json::from_str::<Value>(&printed(&report, true)).unwrap(),
			json!({ "supply": "1000000000000", "types": [{ "token": "RSV" }] })
		);
	}
}

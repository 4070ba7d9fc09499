//! An invoice as text, comma-separated values, a page to print, and JSON: the same sections each time.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::Section;
use crate::output::Report;

/// For a terminal.
pub fn text(title: &str, sections: &[Section], out: &mut impl Write) -> io::Result<()> {
	writeln!(out, "{title}")?;
	for section in sections {
		writeln!(out, "\n{}", section.title)?;
		section.report.print(false, out)?;
	}
	Ok(())
}

/// One JSON object, a field for each section, on one line.
pub fn json(title: &str, sections: &[Section]) -> String {
	let mut object = Map::new();
	object.insert("title".into(), title.into());
	for section in sections {
		let value = section.report.json();
		// A list stands under its section's name, not under its own once more.
		let value = match &section.report {
			Report::Table { name, .. } => value.get(*name).cloned().unwrap_or_default(),
			Report::Record(_) | Report::Several(_) => value,
		};
		object.insert(section.key.into(), value);
	}
	format!("{}\n", Value::Object(object))
}

/// Comma-separated values after RFC 4180: each section under a row with its name.
pub fn csv(title: &str, sections: &[Section]) -> String {
	let mut rows = vec![vec![title.to_string()]];
	for section in sections {
		rows.push(Vec::new());
		rows.push(vec![section.title.to_string()]);
		rows.extend(rows_of(&section.report));
	}
	let line = |row: &Vec<String>| {
		let cells: Vec<_> = row.iter().map(|cell| quoted(cell)).collect();
		cells.join(",") + "\r\n"
	};
	rows.iter().map(line).collect()
}

fn rows_of(report: &Report) -> Vec<Vec<String>> {
	match report {
		Report::Record(fields) => fields
			.iter()
			.filter(|(label, _, _)| !label.is_empty())
			.map(|(label, _, cell)| vec![label.trim().to_string(), cell.human().to_string()])
			.collect(),
		Report::Table { columns, rows, .. } => {
			let head = columns.iter().map(|(label, _)| label.to_string()).collect();
			let body = rows
				.iter()
				.map(|row| row.iter().map(|cell| cell.human().to_string()).collect());
			std::iter::once(head).chain(body).collect()
		}
		Report::Several(reports) => reports.iter().flat_map(rows_of).collect(),
	}
}

/// A cell, in quotation marks if it has to be. What a spreadsheet would take for a formula becomes a text.
fn quoted(cell: &str) -> String {
	let starts_formula =
		cell.starts_with(['=', '+', '@']) || (cell.starts_with('-') && cell.len() > 1 && !is_number(cell));
	let cell = if starts_formula {
		format!("'{cell}")
	} else {
		cell.to_string()
	};
	match cell.contains([',', '"', '\n', '\r']) {
		true => format!("\"{}\"", cell.replace('"', "\"\"")),
		false => cell,
	}
}

fn is_number(cell: &str) -> bool {
	cell.chars().nth(1).is_some_and(|second| second.is_ascii_digit())
}

const STYLE: &str = "body{font:10pt/1.45 sans-serif;max-width:52em;margin:2em auto;color:#111}\
h1{font-size:15pt;border-bottom:2px solid #111}h2{font-size:11pt;margin:1.6em 0 .3em}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.15em .6em .15em 0;border-bottom:1px solid #ddd;\
vertical-align:top;overflow-wrap:anywhere}@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}";

/// A page without scripts or anything from elsewhere, to read and to print.
pub fn html(title: &str, sections: &[Section]) -> String {
	let mut page = format!(
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{0}</title><style>{STYLE}</style></head>\n\
		 <body>\n<h1>{0}</h1>\n",
		escaped(title)
	);
	for section in sections {
		page += &format!("<h2>{}</h2>\n{}", escaped(section.title), table_of(&section.report));
	}
	page + "</body>\n</html>\n"
}

fn table_of(report: &Report) -> String {
	let rows: String = match report {
		Report::Record(fields) => fields
			.iter()
			.filter(|(label, _, _)| !label.is_empty())
			.map(|(label, _, cell)| {
				format!(
					"<tr><th>{}</th><td>{}</td></tr>\n",
					escaped(label.trim()),
					escaped(cell.human())
				)
			})
			.collect(),
		Report::Table { columns, rows, .. } => {
			let head: String = columns
				.iter()
				.map(|(label, _)| format!("<th>{}</th>", escaped(label)))
				.collect();
			let body = rows.iter().map(|row| {
				let cells = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell.human())));
				format!("<tr>{}</tr>\n", cells.collect::<String>())
			});
			format!("<tr>{head}</tr>\n{}", body.collect::<String>())
		}
		Report::Several(reports) => return reports.iter().map(table_of).collect(),
	};
	format!("<table>\n{rows}</table>\n")
}

fn escaped(text: &str) -> String {
	text.replace('&', "&amp;")
		.replace('<', "&lt;")
		.replace('>', "&gt;")
		.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::output::Cell;

	fn sections() -> Vec<Section> {
		vec![
			Section {
				title: "Bill",
				key: "bill",
				report: Report::record()
					.with("billed", "amount", Cell::kwh(1_500_000_000_000))
					.with("", "hidden", Cell::text("0x00"))
					.with("note", "note", Cell::text("a \"b\", <c>")),
			},
			Section {
				title: "Charges",
				key: "charges",
				report: Report::Table {
					name: "charges",
					columns: vec![("what", "what"), ("price", "price")],
					rows: vec![vec![Cell::text("=1+1"), Cell::signed_tariff(-10i128.pow(25))]],
				},
			},
		]
	}

	#[test]
	fn csv_should_quote_what_it_must_and_hold_no_formula() {
		assert_eq!(
			csv("T", &sections()),
			"T\r\n\r\nBill\r\nbilled,1.5 KWH\r\nnote,\"a \"\"b\"\", <c>\"\r\n\r\nCharges\r\nwhat,price\r\n'=1+1,-0.01 KWH/kWh\r\n"
		);
	}

	#[test]
	fn page_should_escape_what_it_shows() {
		let page = html("T & U", &sections());
		assert!(page.contains("<title>T &amp; U</title>"), "{page}");
		assert!(
			page.contains("<tr><th>note</th><td>a &quot;b&quot;, &lt;c&gt;</td></tr>"),
			"{page}"
		);
		assert!(page.contains("<tr><td>=1+1</td><td>-0.01 KWH/kWh</td></tr>"), "{page}");
		assert!(!page.contains("<script") && !page.contains("http"), "{page}");
	}

	#[test]
	fn json_should_have_a_field_for_each_section() {
		let read: Value = serde_json::from_str(&json("T", &sections())).unwrap();
		assert_eq!(read["bill"]["amount"], "1500000000000");
		assert_eq!(read["bill"]["hidden"], "0x00");
		assert_eq!(read["charges"][0]["price"], "-0.01");
	}

	#[test]
	fn text_should_name_each_section() {
		let mut out = Vec::new();
		text("T", &sections(), &mut out).unwrap();
		let out = String::from_utf8(out).unwrap();
		assert!(out.starts_with("T\n\nBill\nbilled  1.5 KWH\n"), "{out}");
	}
}

//! The numbers in `docs/ppa-examples.md`, which were computed by hand, against the chain's own billing under the templates.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use baseload_client::{
	agreements::{AgreementFile, Attestors, Kwh, Share, TEMPLATES},
	billing::{
		calendar::DAY_MS,
		events::Event,
		invoice::Line,
		shares::{ShareRow, ShareTable},
		sources::{Boundary, Index, Proof, Registers},
		Agreement, Ending, Input, Moment, Month, Sources, Terms,
	},
	units, AccountId,
};
use baseload_primitives::Register;

const DOCS: &str = include_str!("../../../docs/ppa-examples.md");

/// How long after a month's end its registers are final, and its index known.
const READ: Moment = DAY_MS;

/// A row of a table, by the names of its columns.
type Row = BTreeMap<&'static str, &'static str>;

/// What meter, feed and share table say in an example.
struct Known {
	boundaries: BTreeMap<Month, Boundary>,
	indexes: BTreeMap<Month, Index>,
	shares: ShareTable,
}

impl Sources for Known {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		self.boundaries.get(&month).cloned()
	}

	fn index(&self, month: Month) -> Option<Index> {
		self.indexes.get(&month).copied()
	}

	fn first_reaching(&self, _: u8, _: u64) -> Option<Proof> {
		None
	}

	fn shares(&self, _: Month) -> Option<ShareTable> {
		Some(self.shares.clone())
	}
}

/// The text of a section of the page, and the rows of its table.
fn example(name: &str) -> (&'static str, Vec<Row>) {
	let text = DOCS.split(&format!("## `{name}`\n")).nth(1).unwrap();
	let text = text.split("\n## ").next().unwrap();
	let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim);
	let mut table = text.lines().filter(|line| line.starts_with('|'));
	let names: Vec<_> = cells(table.next().unwrap()).collect();
	table.next().unwrap();
	let rows: Vec<Row> = table
		.map(|line| names.iter().copied().zip(cells(line)).collect())
		.collect();
	assert!(rows.len() >= 4, "{name}");
	(text, rows)
}

fn month(row: &Row) -> Month {
	units::parse_month(row["month"]).unwrap()
}

fn wh(text: &str) -> u64 {
	units::parse_energy(text).unwrap().0
}

fn kwh(text: &str) -> i128 {
	let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
	sign * units::parse_kwh(text).unwrap() as i128
}

/// The template's terms, its share of the meter, and the registers that it bills.
fn template(name: &str) -> (Terms, ShareTable, Vec<Register>) {
	let template = TEMPLATES.iter().find(|template| template.name == name).unwrap();
	let file = AgreementFile::parse(template.name.into(), template.text.into()).unwrap();
	let declared = match name {
		"time-of-use" => vec![Register::ExportBand(1), Register::ExportBand(2)],
		_ => vec![Register::Export],
	};
	let least = Attestors {
		monthly: Kwh(0),
		cap: Share(0),
	};
	let contract = file.contract(&declared, least, |_| Ok(AccountId([1; 32]))).unwrap();
	let row = ShareRow {
		agreement: 1,
		take: contract.share,
	};
	(contract.terms, ShareTable::new(&[row]).unwrap(), declared)
}

/// What the meter and the feed say, from the table's columns.
fn known(rows: &[Row], shares: ShareTable, declared: &[Register]) -> Known {
	let mut stands = Registers::try_from(vec![0; declared.len()]).unwrap();
	let boundary = |month: Month, registers: &Registers| {
		let registers = registers.clone();
		let known = month.start() + READ;
		(month, Boundary { registers, known })
	};
	let mut known = Known {
		boundaries: BTreeMap::from([boundary(month(&rows[0]), &stands)]),
		indexes: BTreeMap::new(),
		shares,
	};
	for row in rows {
		let next = month(row).plus(1);
		for (stand, register) in stands.iter_mut().zip(declared) {
			*stand += wh(row[units::format_register(*register).as_str()]);
		}
		known.boundaries.extend([boundary(next, &stands)]);
		if let Some(index) = row.get("index") {
			let (value, late) = index.split_once(" on ").unwrap_or((index, ""));
			let index = Index {
				value: units::parse_signed_tariff(value).unwrap(),
				known: units::parse_time(late).unwrap_or(next.start() + READ),
			};
			known.indexes.insert(month(row), index);
		}
	}
	known
}

/// Issues the next bill, compares it with a row, and returns what its correction has to come to.
fn check(agreement: &mut Agreement, known: &Known, row: &Row) -> i128 {
	let issued = loop {
		let next = agreement.next_event(known).unwrap();
		if next.event == Event::Bill {
			break next.at;
		}
		agreement.step(known, Moment::MAX).unwrap();
	};
	let invoice = agreement.invoice(known, issued).unwrap();
	let before = agreement.ledger;
	agreement.step(known, Moment::MAX).unwrap();
	let after = agreement.ledger;
	assert_eq!(invoice.month, month(row));
	let sum = |of: fn(&Line) -> u64| i128::from(invoice.lines.iter().map(of).sum::<u64>());
	for (column, cell) in row {
		let energy = || i128::from(wh(cell));
		let (found, expected) = match *column {
			"bill" => ((after.accrued - before.accrued) as i128, kwh(cell)),
			"owed" => ((after.credited - before.credited) as i128, kwh(cell)),
			"price" => (invoice.lines[0].price, units::parse_signed_tariff(cell).unwrap()),
			"beyond" => (sum(|line| line.over), energy()),
			"made up" => (sum(|line| line.free), energy()),
			"not taken" => (invoice.short.into(), energy()),
			"share" => (sum(|line| line.normal + line.over + line.free), energy()),
			// What the bill is computed from, and what comes later.
			_ => continue,
		};
		assert_eq!(found, expected, "{column} of {}", row["month"]);
	}
	assert_eq!(agreement.broken_invariant(), Ok(None));
	row.get("corrected").map_or(0, |cell| kwh(cell))
}

#[test]
fn bills_should_be_what_the_page_computes_when_templates_are_driven_through_it() {
	for name in TEMPLATES.iter().map(|template| template.name) {
		let (text, rows) = example(name);
		let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
		let (terms, shares, declared) = template(name);
		let known = known(&rows, shares, &declared);
		let mut agreement = Agreement::new(1, terms, month(&rows[0]).start()).unwrap();
		let says = |what: String| assert!(text.contains(&what), "{name}: {what}");
		says(format!("Security: {}", units::format_kwh(agreement.target().unwrap())));

		let corrected: i128 = rows.iter().map(|row| check(&mut agreement, &known, row)).sum();
		let before = agreement.ledger;
		let later = month(rows.last().unwrap()).end() + 25 * DAY_MS;
		assert!(agreement.advance(&known, later, u32::MAX).unwrap().done);
		let after = agreement.ledger;
		let found = (after.accrued - before.accrued) as i128 - (after.credited - before.credited) as i128;
		assert_eq!(found, corrected, "{name}");

		let funds = Input::Fund(u128::from(u64::MAX));
		agreement.apply(&known, later, u32::MAX, funds).unwrap();
		let before = agreement.ledger.accrued;
		let leave = Input::Terminate(Ending::Buyout);
		agreement.apply(&known, later, u32::MAX, leave).unwrap();
		says(format!(
			"Leaving: {}",
			units::format_kwh(agreement.ledger.accrued - before)
		));
	}
}

#[test]
fn supply_should_be_that_of_the_real_day_when_the_page_says_so() {
	let day = include_str!("../../gateway/data/serf-east-2016-10-04.csv");
	let watts = |line: &str| line.split_once(',')?.1.parse::<f64>().ok();
	// Each sample is the mean power of the quarter of an hour that it ends.
	let export: f64 = day.lines().filter_map(watts).filter(|watts| *watts > 0.0).sum();
	assert_eq!((export / 4.0) as u64, 39_522);
	for name in ["utility-solar", "corporate-vppa"] {
		let (_, rows) = example(name);
		assert_eq!(wh(rows[0]["2.8.0"]), 39_522_000 * 31, "{name}");
	}
}

//! What waits for a verdict, what was at the start of months, and when thresholds were reached.

use anyhow::Result;
use baseload_client::{calls, DisputeView};
use baseload_math::calendar::{month_of, Month};
use baseload_primitives::{views::ThresholdView, MeterId, Register, Threshold};
use clap::Args;

use super::{known_registers, view};
use crate::{
	arguments::registers,
	context::Context,
	output::{Cell, Report},
};

/// Lists what waits for a verdict.
#[derive(Args)]
pub struct Disputes {
	/// The meter.
	meter: MeterId,
}

impl Disputes {
	/// `baseload meter disputes`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let at = context.chain().await?.best().await?;
		view(&at, self.meter).await?;
		Ok(disputes(&at.disputes(self.meter).await?))
	}
}

fn disputes(waiting: &[DisputeView]) -> Report {
	let rows = waiting.iter().map(|dispute| {
		let by = dispute.by.as_ref();
		vec![
			Cell::number(dispute.sequence),
			Cell::flags(dispute.flags),
			Cell::duration(dispute.ends_in),
			Cell::number(dispute.stands),
			Cell::number(dispute.wrong),
			Cell::number(dispute.quorum),
			Cell::option(by, |(who, _)| Cell::account(who)),
			Cell::option(by, |(_, stake)| Cell::bld(*stake)),
			Cell::option(by, |_| Cell::text(format!("{:?}", dispute.evidence))),
		]
	});
	Report::Table {
		name: "disputes",
		columns: vec![
			("sequence", "sequence"),
			("flags", "flags"),
			("ends in", "ends_in"),
			("stands", "stands"),
			("wrong", "wrong"),
			("quorum", "quorum"),
			("disputed by", "by"),
			("stake", "stake"),
			("evidence", "evidence"),
		],
		rows: rows.collect(),
	}
}

/// Shows registers at the start of months.
#[derive(Args)]
pub struct Months {
	/// The meter.
	meter: MeterId,
	/// The year; the chain's present one if not given.
	#[arg(long, value_parser = clap::value_parser!(u32).range(1970..=9999))]
	year: Option<u32>,
}

impl Months {
	/// `baseload meter months`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let at = context.chain().await?.best().await?;
		let registers = known_registers(&at, self.meter).await?;
		let year = match self.year {
			Some(year) => year,
			None => month_of(at.timestamp().await?) / 12,
		};
		let mut starts = Vec::new();
		// The year ends where the next one starts.
		for month in 12 * year..=12 * year + 12 {
			starts.push((month, at.month_start(self.meter, month).await?));
		}
		Ok(months(&registers, &starts))
	}
}

fn months(registers: &[Register], starts: &[(Month, Option<Vec<u64>>)]) -> Report {
	let rows = starts.iter().map(|(month, counts)| {
		vec![
			Cell::text(format!("{}-{:02}", month / 12, month % 12 + 1)),
			Cell::option(counts.as_ref(), |counts| Cell::counts(registers, counts)),
		]
	});
	Report::Table {
		name: "months",
		columns: vec![("month", "month"), ("at its start", "registers")],
		rows: rows.collect(),
	}
}

/// Shows the thresholds of a meter, or has one watched for.
#[derive(Args)]
pub struct Thresholds {
	/// The meter.
	meter: MeterId,
	/// Watch for a register to reach a count, such as export=1.5MWh or gpu-seconds=3600. For the site's owner; a meter has at most
	/// 8 thresholds in its life.
	#[arg(long, value_name = "REGISTER=COUNT", value_parser = registers::count)]
	watch: Option<(Register, u64)>,
}

impl Thresholds {
	/// `baseload meter thresholds`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let Some((register, count)) = self.watch else {
			let at = chain.best().await?;
			known_registers(&at, self.meter).await?;
			return Ok(thresholds(&at.thresholds(self.meter).await?));
		};
		let threshold = Threshold { register, count };
		let sent = context
			.send(&chain, calls::watch_threshold(self.meter, threshold))
			.await?;
		Ok(sent
			.with("meter", "meter", Cell::number(self.meter.0))
			.with("register", "register", Cell::register(register))
			.with("watched for", "count", Cell::count(register, count))
			.report())
	}
}

fn thresholds(all: &[ThresholdView]) -> Report {
	let rows = all.iter().map(|view| {
		let Threshold { register, count } = view.threshold;
		vec![
			Cell::register(register),
			Cell::count(register, count),
			Cell::option(view.sequence, Cell::number),
			Cell::option(view.measured_at, Cell::time),
		]
	});
	Report::Table {
		name: "thresholds",
		columns: vec![
			("register", "register"),
			("count", "count"),
			("reached by reading", "sequence"),
			("measured at", "measured_at"),
		],
		rows: rows.collect(),
	}
}

#[cfg(test)]
mod tests {
	use super::{
		super::show::tests::{json, printed},
		*,
	};
	use baseload_client::{AccountId, H256};
	use baseload_primitives::{Flags, BLD, HOUR};
	use serde_json::{json, Value};

	#[test]
	fn disputes_should_tell_who_disputes_and_how_the_vote_stands() {
		let held = DisputeView {
			sequence: 41,
			by: None,
			evidence: H256::zero(),
			flags: Flags::FROZEN,
			ends_in: HOUR,
			stands: 1,
			wrong: 0,
			quorum: 2,
		};
		let disputed = DisputeView {
			by: Some((AccountId([1; 32]), 100 * BLD)),
			evidence: H256::repeat_byte(9),
			..held.clone()
		};
		let report = disputes(&[held, disputed]);
		let text = printed(&report, false);
		assert!(text
			.lines()
			.nth(1)
			.unwrap()
			.ends_with("2       -                                                 -        -"));
		assert!(text.contains("100 BLD"));
		let json = json(&report);
		let [held, disputed] = [&json["disputes"][0], &json["disputes"][1]];
		assert_eq!((&held["by"], &held["evidence"]), (&Value::Null, &Value::Null));
		assert_eq!(disputed["stake"], json!((100 * BLD).to_string()));
		assert_eq!(disputed["evidence"], json!(format!("0x{}", "09".repeat(32))));
		assert_eq!((&disputed["stands"], &disputed["quorum"]), (&json!(1), &json!(2)));
	}

	#[test]
	fn thresholds_should_tell_what_proves_them() {
		let threshold = |register, count| Threshold { register, count };
		let open = ThresholdView {
			threshold: threshold(Register::Import, 1_500_000),
			sequence: None,
			measured_at: None,
			known_at: None,
		};
		let reached = ThresholdView {
			threshold: threshold(Register::Export, 12_345),
			sequence: Some(41),
			measured_at: Some(1_700_000_000_000),
			known_at: Some(HOUR),
		};
		let report = thresholds(&[reached, open]);
		let text = printed(&report, false);
		assert!(text.lines().nth(1).unwrap().contains("12.345 kWh  41"), "{text}");
		assert!(text.lines().nth(1).unwrap().contains("2023-11-14T22:13:20Z"), "{text}");
		let json = json(&report);
		assert_eq!(json["thresholds"][0]["sequence"], json!(41));
		assert_eq!(json["thresholds"][1]["measured_at"], Value::Null);
	}

	#[test]
	fn months_should_be_named_and_empty_while_unknown() {
		let january = 12 * 2026;
		let report = months(
			&[Register::Export],
			&[
				(january, Some(vec![12_345])),
				(january + 11, None),
				(january + 12, None),
			],
		);
		assert_eq!(
			printed(&report, false),
			"month    at its start\n2026-01  2.8.0 12.345 kWh\n2026-12  -\n2027-01  -\n"
		);
		let json = json(&report);
		assert_eq!(json["months"][0], json!({ "month": "2026-01", "registers": ["12345"] }));
		assert_eq!(json["months"][1]["registers"], Value::Null);
	}
}

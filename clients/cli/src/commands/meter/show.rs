//! What is known of meters.

use anyhow::Result;
use baseload_client::{device::format_device_key, units::format_register, AccountId, MeterView};
use baseload_primitives::{
	views::{ReadingView, RemovedMeterView},
	MeterId, MeterStatus, Register, SiteId,
};
use clap::Args;

use crate::{
	context::Context,
	output::{Cell, Report},
};

/// Lists meters.
#[derive(Args)]
pub struct List {
	/// Only those at this site.
	#[arg(long)]
	site: Option<SiteId>,
}

impl List {
	/// `baseload meter list`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let at = context.chain().await?.best().await?;
		let mut rows = Vec::new();
		for meter in (0..at.next_meter().await?.0).map(MeterId) {
			let Some(view) = at.meter(meter).await? else { continue };
			if self.site.is_none_or(|site| site == view.site) {
				rows.push(row(meter, &view));
			}
		}
		Ok(table(rows))
	}
}

fn row(meter: MeterId, view: &MeterView) -> Vec<Cell> {
	vec![
		Cell::number(meter.0),
		Cell::number(view.site.0),
		status(view.status),
		registers(&view.registers),
		Cell::option(view.newest.as_ref(), |newest| Cell::number(newest.sequence)),
		Cell::option(view.newest_final.as_ref(), |newest| Cell::number(newest.sequence)),
		Cell::number(view.pending),
		Cell::number(view.held),
		Cell::number(view.disputed),
		Cell::option(view.newest.as_ref(), |newest| Cell::time(newest.measured_at)),
	]
}

fn table(rows: Vec<Vec<Cell>>) -> Report {
	Report::Table {
		name: "meters",
		columns: vec![
			("meter", "meter"),
			("site", "site"),
			("status", "status"),
			("registers", "registers"),
			("newest", "newest_sequence"),
			("final", "final_sequence"),
			("pending", "pending"),
			("held", "held"),
			("disputed", "disputed"),
			("measured at", "measured_at"),
		],
		rows,
	}
}

/// Keys of the newest final reading that was measured.
const MEASURED: [&str; 4] = [
	"measured_sequence",
	"measured_at",
	"measured_registers",
	"measured_flags",
];

/// All that is known of a meter.
pub fn record(meter: MeterId, view: &MeterView) -> Report {
	let serial = |serial: &Vec<u8>| Cell::text(String::from_utf8_lossy(serial).escape_debug().to_string());
	let committee = view.committee.as_ref();
	let report = Report::record()
		.with("meter", "meter", Cell::number(meter.0))
		.with("site", "site", Cell::number(view.site.0))
		.with(
			"device key",
			"device_key",
			Cell::option(view.key, |key| Cell::text(format_device_key(key))),
		)
		.with(
			"OCMF serial",
			"ocmf_serial",
			Cell::option(view.ocmf_serial.as_ref(), serial),
		)
		.with("status", "status", status(view.status))
		.with("deposit", "deposit", Cell::kwh(view.deposit))
		.with(
			"can be removed in",
			"removable_in",
			Cell::option(view.removable_in, Cell::duration),
		)
		.with("registers", "registers", registers(&view.registers))
		.with("challenge window", "window", Cell::duration(view.policy.window))
		.with("most power", "max_w", Cell::power(view.policy.max_w))
		.with(
			"check meter",
			"check",
			Cell::option(view.policy.check, |check| Cell::number(check.meter.0)),
		)
		.with(
			"committee",
			"committee",
			Cell::option(committee, |committee| {
				Cell::list(committee.members.iter().map(AccountId::to_string).collect())
			}),
		)
		.with(
			"quorum",
			"quorum",
			Cell::option(committee, |committee| Cell::number(committee.quorum)),
		);
	let report = with_reading(
		report,
		"newest sequence",
		[
			"newest_sequence",
			"newest_measured_at",
			"newest_registers",
			"newest_flags",
		],
		&view.registers,
		view.newest.as_ref(),
	);
	let report = with_reading(
		report,
		"final sequence",
		["final_sequence", "final_measured_at", "final_registers", "final_flags"],
		&view.registers,
		view.newest_final.as_ref(),
	);
	let report = with_reading(
		report,
		"final and measured",
		MEASURED,
		&view.registers,
		view.newest_measured.as_ref(),
	);
	report
		.with("pending", "pending", Cell::number(view.pending))
		.with("held", "held", Cell::number(view.held))
		.with("disputed", "disputed", Cell::number(view.disputed))
		.with("all final in", "final_in", Cell::duration(view.final_in))
}

/// All that stays known of a meter that was removed, but for its month starts and thresholds.
pub fn removed(meter: MeterId, kept: &RemovedMeterView) -> Report {
	let report = Report::record()
		.with("meter", "meter", Cell::number(meter.0))
		.with("site", "site", Cell::number(kept.site.0))
		.with(
			"device key",
			"device_key",
			Cell::option(kept.key, |key| Cell::text(format_device_key(key))),
		)
		.with("status", "status", Cell::text("removed"))
		.with("registers", "registers", registers(&kept.registers));
	with_reading(
		report,
		"final and measured",
		MEASURED,
		&kept.registers,
		Some(&kept.newest_measured),
	)
}

/// Adds a point of the meter's history; `keys` are those of its sequence, time, counts and flags.
fn with_reading(
	report: Report,
	label: &'static str,
	keys: [&'static str; 4],
	registers: &[Register],
	reading: Option<&ReadingView>,
) -> Report {
	let [sequence, measured_at, counts, flags] = keys;
	report
		.with(
			label,
			sequence,
			Cell::option(reading, |reading| Cell::number(reading.sequence)),
		)
		.with(
			"  measured at",
			measured_at,
			Cell::option(reading, |reading| Cell::time(reading.measured_at)),
		)
		.with(
			"  counts",
			counts,
			Cell::option(reading, |reading| Cell::counts(registers, &reading.registers)),
		)
		.with(
			"  flags",
			flags,
			Cell::option(reading, |reading| Cell::flags(reading.flags)),
		)
}

/// Whether the readings of a meter are accepted.
pub fn status(status: MeterStatus) -> Cell {
	Cell::text(match status {
		MeterStatus::Active => "active",
		MeterStatus::Suspended => "suspended",
	})
}

fn registers(registers: &[Register]) -> Cell {
	Cell::list(registers.iter().copied().map(format_register).collect())
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use baseload_client::CommitteeView;
	use baseload_primitives::{Check, DeviceKey, Flags, Permill, Policy, HOUR, KWH};
	use serde_json::{json, Value};

	pub fn meter() -> MeterView {
		let reading = |sequence, wh, flags| {
			Some(ReadingView {
				sequence,
				measured_at: 1_769_860_800_000,
				registers: vec![wh, 20],
				flags,
			})
		};
		MeterView {
			site: SiteId(1),
			key: Some(DeviceKey::Ed25519([7; 32])),
			ocmf_serial: Some(b"1EM\x1b".to_vec()),
			registers: vec![Register::Export, Register::Import],
			status: MeterStatus::Active,
			removable_in: None,
			deposit: 10 * KWH,
			policy: Policy {
				check: Some(Check {
					meter: MeterId(4),
					tolerance: Permill::from_percent(1),
				}),
				..Policy::of_new(HOUR, 5_000_000)
			},
			committee: Some(CommitteeView {
				members: vec![AccountId([1; 32])],
				quorum: 1,
			}),
			newest: reading(42, 12_345, Flags::GAP),
			newest_final: reading(40, 12_100, Flags::UNCONFIRMED),
			newest_measured: reading(39, 12_000, Flags::NONE),
			pending: 2,
			held: 1,
			disputed: 0,
			final_in: HOUR,
		}
	}

	pub fn printed(report: &Report, json: bool) -> String {
		let mut out = Vec::new();
		report.print(json, &mut out).unwrap();
		String::from_utf8(out).unwrap()
	}

	pub fn json(report: &Report) -> Value {
		serde_json::from_str(&printed(report, true)).unwrap()
	}

	#[test]
	fn meter_should_be_shown_with_final_and_measured_apart() {
		let shown = record(MeterId(3), &meter());
		let text = printed(&shown, false);
		for line in [
			"OCMF serial         1EM\\u{1b}",
			"deposit             10 KWH",
			"  counts            2.8.0 12.345 kWh, 1.8.0 20 Wh",
			"  flags             unconfirmed",
			"all final in        1h",
		] {
			assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
		}
		let json = json(&shown);
		assert_eq!(
			(
				&json["newest_sequence"],
				&json["final_sequence"],
				&json["measured_sequence"]
			),
			(&json!(42), &json!(40), &json!(39))
		);
		assert_eq!(json["newest_registers"], json!(["12345", "20"]));
		assert_eq!(json["final_flags"], json!(["unconfirmed"]));
		assert_eq!(json["max_w"], json!("5000000"));
		assert_eq!((&json["check"], &json["quorum"]), (&json!(4), &json!(1)));
	}

	#[test]
	fn meter_should_be_shown_when_nothing_is_known_of_it() {
		let empty = MeterView {
			key: None,
			ocmf_serial: None,
			policy: Policy::of_new(HOUR, 5_000_000),
			committee: None,
			newest: None,
			newest_final: None,
			newest_measured: None,
			..meter()
		};
		let json = json(&record(MeterId(3), &empty));
		for key in [
			"device_key",
			"ocmf_serial",
			"check",
			"committee",
			"quorum",
			"newest_flags",
		] {
			assert_eq!(json[key], Value::Null, "{key}");
		}
	}

	#[test]
	fn removed_meter_should_be_shown_with_what_stays_known() {
		let kept = RemovedMeterView {
			site: SiteId(1),
			key: None,
			registers: vec![Register::Export, Register::Import],
			newest_measured: meter().newest_measured.unwrap(),
		};
		let shown = removed(MeterId(3), &kept);
		assert_eq!(
			printed(&shown, false),
			"meter               3\nsite                1\ndevice key          -\nstatus              removed\n\
			 registers           2.8.0, 1.8.0\nfinal and measured  39\n  measured at       2026-01-31T12:00:00Z\n  counts            2.8.0 12 kWh, \
			 1.8.0 20 Wh\n  flags             -\n"
		);
		let json = json(&shown);
		assert_eq!(
			(&json["status"], &json["measured_sequence"]),
			(&json!("removed"), &json!(39))
		);
	}

	#[test]
	fn suspended_meter_should_tell_when_it_can_be_removed() {
		let suspended = MeterView {
			status: MeterStatus::Suspended,
			removable_in: Some(61 * 24 * HOUR),
			..meter()
		};
		let shown = record(MeterId(3), &suspended);
		assert!(printed(&shown, false).contains("can be removed in   61d\n"));
		assert_eq!(json(&shown)["removable_in"], json!(61 * 24 * HOUR));
		assert_eq!(json(&record(MeterId(3), &meter()))["removable_in"], Value::Null);
	}

	#[test]
	fn meters_should_be_listed() {
		let list = table(vec![row(MeterId(3), &meter())]);
		assert_eq!(
			printed(&list, false),
			"meter  site  status  registers     newest  final  pending  held  disputed  measured at\n\
			 3      1     active  2.8.0, 1.8.0  42      40     2        1     0         2026-01-31T12:00:00Z\n"
		);
		assert_eq!(json(&list)["meters"][0]["held"], json!(1));
	}
}

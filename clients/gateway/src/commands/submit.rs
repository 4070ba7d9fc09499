//! `submit`: one file of power samples to the chain, once, without an outbox.

use std::{
	path::PathBuf,
	time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use baseload_client::{keys::DeviceSecret, units, Chain};
use baseload_gateway::{
	backlog,
	source::{csv, Series},
	submit::{Gateway, Step},
};
use baseload_primitives::{MeterId, Moment, WattHours, MINUTE, SECOND};
use serde_json::json;

use super::Outcome;

/// What to send, and where.
#[derive(clap::Args)]
pub struct Args {
	/// Power samples: columns time_utc,power_w
	#[arg(long, value_name = "FILE")]
	csv: PathBuf,
	/// The meter's number on the chain
	#[arg(long, value_name = "ID")]
	meter: MeterId,
	/// The meter's key file, see `key new`
	#[arg(long, value_name = "FILE")]
	device_key: PathBuf,
	/// The node
	#[arg(long, default_value = "ws://127.0.0.1:9944")]
	url: String,
	/// Move the samples in time so that the last one is now: for trying things out with recorded data
	#[arg(long)]
	shift_to_now: bool,
	/// Return when the readings are in final blocks, without waiting for their challenge window to end
	#[arg(long)]
	no_wait: bool,
}

/// Sends what the chain does not have of the file.
pub async fn run(args: Args, quiet: bool) -> Result<Outcome> {
	let series = csv::read(&args.csv)?;
	let series = if args.shift_to_now {
		shifted_to_now(&series)?
	} else {
		series
	};
	let device = DeviceSecret::from_file(&args.device_key)?;
	let chain = Chain::connect(&args.url).await?;
	let gateway = Gateway::new(chain, args.meter, device).await?;
	let newest = gateway.newest().await?;
	let readings = backlog::readings(&series, newest.as_ref(), gateway.layout())?;

	let (Some(first), Some(last)) = (readings.first().cloned(), readings.last().cloned()) else {
		return Ok(Outcome::new(
			"nothing to submit: the chain has a reading of this meter as new as the last sample",
			json!({ "meter": args.meter.0, "readings": 0 }),
		));
	};
	let count = readings.len();
	let mut tell = |step| {
		if !quiet {
			eprintln!("{}", describe(step));
		}
	};
	gateway.send(readings, &mut tell).await?;
	if !args.no_wait {
		gateway.wait_until_final(last.sequence, &mut tell).await?;
	}
	let registers = gateway
		.layout()
		.split(&last.registers)
		.context("a reading of ours has two registers")?;
	let [export, import] = [registers.0, registers.1].map(|wh| units::format_energy(WattHours(wh)));
	let state = if args.no_wait { "in final blocks" } else { "final" };
	Ok(Outcome::new(
		format!(
			"{count} readings {state}, sequences {} to {}, {} to {}; registers: export {export}, import {import}",
			first.sequence,
			last.sequence,
			units::format_time(first.measured_at),
			units::format_time(last.measured_at)
		),
		json!({
			"meter": args.meter.0,
			"readings": count,
			"first_sequence": first.sequence,
			"last_sequence": last.sequence,
			"first_ms": first.measured_at,
			"last_ms": last.measured_at,
			"export_wh": registers.0,
			"import_wh": registers.1,
			"final": !args.no_wait,
		}),
	))
}

fn shifted_to_now(series: &Series) -> Result<Series> {
	let now = SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.context("this machine's clock stands before 1970")?;
	series.shifted_to_end_at(now.as_secs() * SECOND)
}

fn describe(step: Step) -> String {
	match step {
		Step::Sent { count, first, last } => format!("sent {count} readings, sequences {first} to {last}"),
		Step::InBlock => "in a block".into(),
		Step::BlockFinal(number) => format!("block {number} is final"),
		Step::WaitsForRoom { pending, left } => format!(
			"the chain takes no more until {pending} pending readings are final, in about {}",
			about(left)
		),
		Step::WaitsForFinality { left } => format!("the challenge window runs for about {}", about(left)),
	}
}

/// A duration, rounded up to what a person wants to know.
fn about(duration: Moment) -> String {
	let unit = if duration < 2 * MINUTE { SECOND } else { MINUTE };
	units::format_duration(duration.div_ceil(unit) * unit)
}

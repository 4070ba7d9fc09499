//! Carries meter readings from a power log to a Baseload chain. See `baseload-gateway --help`.

use std::{
	path::{Path, PathBuf},
	process::ExitCode,
	time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use baseload_client::{device::format_device_key, keys::DeviceSecret, units, Chain};
use baseload_gateway::{
	backlog,
	source::{csv, Series},
	submit::{Gateway, Step},
};
use baseload_primitives::{MeterId, Moment, WattHours, MINUTE, SECOND};
use clap::{Parser, Subcommand};
use serde_json::{json, Value};

/// Carries meter readings from a power log to a Baseload chain: needs a device key, but no account and no fee.
#[derive(Parser)]
#[command(name = "baseload-gateway", version)]
struct Args {
	/// Print the result as one JSON object, for machines
	#[arg(long, global = true)]
	json: bool,
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Turn a file of power samples into signed readings, send them, and wait until they are final
	Submit(Submit),
	/// Check a file of power samples, and print the registers that it leads to
	Verify {
		/// Power samples: columns time_utc,power_w
		#[arg(long, value_name = "FILE")]
		csv: PathBuf,
	},
	/// A meter's signing key
	#[command(subcommand)]
	Key(Key),
}

#[derive(clap::Args)]
struct Submit {
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

#[derive(Subcommand)]
enum Key {
	/// Make a key and print its public part
	New {
		/// Where to put it; must not exist
		#[arg(long)]
		file: PathBuf,
	},
	/// Print the public part of a key
	Show {
		/// Where it is
		#[arg(long)]
		file: PathBuf,
	},
}

#[tokio::main]
async fn main() -> ExitCode {
	let args = Args::parse();
	let result = match args.command {
		Command::Submit(command) => submit(command, args.json).await,
		Command::Verify { csv } => verify(&csv),
		Command::Key(Key::New { file }) => DeviceSecret::create(&file).map_err(Into::into).map(shown),
		Command::Key(Key::Show { file }) => DeviceSecret::from_file(&file).map_err(Into::into).map(shown),
	};
	match result {
		Ok(outcome) if args.json => println!("{}", outcome.json),
		Ok(outcome) => println!("{}", outcome.text),
		Err(error) => {
			match args.json {
				true => eprintln!("{}", json!({ "error": format!("{error:#}") })),
				false => eprintln!("baseload-gateway: {error:#}"),
			}
			return ExitCode::FAILURE;
		}
	}
	ExitCode::SUCCESS
}

/// What a command found or did, for people and for machines.
struct Outcome {
	text: String,
	json: Value,
}

fn shown(device: DeviceSecret) -> Outcome {
	let key = format_device_key(device.public());
	Outcome {
		json: json!({ "public_key": key }),
		text: key,
	}
}

fn verify(path: &Path) -> Result<Outcome> {
	let series = csv::read(path)?;
	let totals = backlog::totals(&series)?;
	let [from, to] = [series.start(), series.end()].map(units::format_time);
	let [export, import] = [totals.export_wh(), totals.import_wh()].map(|wh| units::format_energy(WattHours(wh)));
	let count = series.samples().len();
	let step = units::format_duration(series.step());
	Ok(Outcome {
		text: format!(
			"{count} samples, one every {step}, {from} to {to}\nexport register +{export}\nimport register +{import}"
		),
		json: json!({
			"samples": count,
			"step_ms": series.step(),
			"from_ms": series.start(),
			"to_ms": series.end(),
			"export_wh": totals.export_wh(),
			"import_wh": totals.import_wh(),
		}),
	})
}

async fn submit(command: Submit, quiet: bool) -> Result<Outcome> {
	let series = csv::read(&command.csv)?;
	let series = if command.shift_to_now {
		shifted_to_now(&series)?
	} else {
		series
	};
	let device = DeviceSecret::from_file(&command.device_key)?;
	let chain = Chain::connect(&command.url).await?;
	let gateway = Gateway::new(chain, command.meter, device).await?;
	let newest = gateway.newest().await?;
	let readings = backlog::readings(&series, newest.as_ref(), gateway.layout())?;

	let (Some(first), Some(last)) = (readings.first().cloned(), readings.last().cloned()) else {
		return Ok(Outcome {
			text: "nothing to submit: the chain has a reading of this meter as new as the last sample".into(),
			json: json!({ "meter": command.meter.0, "readings": 0 }),
		});
	};
	let count = readings.len();
	let mut tell = |step| {
		if !quiet {
			eprintln!("{}", describe(step));
		}
	};
	gateway.send(readings, &mut tell).await?;
	if !command.no_wait {
		gateway.wait_until_final(last.sequence, &mut tell).await?;
	}
	let registers = gateway
		.layout()
		.split(&last.registers)
		.context("a reading of ours has two registers")?;
	let [export, import] = [registers.0, registers.1].map(|wh| units::format_energy(WattHours(wh)));
	let state = if command.no_wait { "in final blocks" } else { "final" };
	Ok(Outcome {
		text: format!(
			"{count} readings {state}, sequences {} to {}, {} to {}; registers: export {export}, import {import}",
			first.sequence,
			last.sequence,
			units::format_time(first.measured_at),
			units::format_time(last.measured_at)
		),
		json: json!({
			"meter": command.meter.0,
			"readings": count,
			"first_sequence": first.sequence,
			"last_sequence": last.sequence,
			"first_ms": first.measured_at,
			"last_ms": last.measured_at,
			"export_wh": registers.0,
			"import_wh": registers.1,
			"final": !command.no_wait,
		}),
	})
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

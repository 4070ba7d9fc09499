//! `aside`: readings that the chain refused for good, which the outbox keeps until somebody has looked at them.

use std::path::PathBuf;

use anyhow::{ensure, Context, Result};
use baseload_client::units::{format_register, format_time};
use baseload_gateway::{
	config,
	outbox::{Book, Change, Outbox, Parcel, SetAside, MAX_ASIDE},
};
use baseload_primitives::MeterId;
use serde_json::{json, Value};

use super::{table::table, Outcome};

/// Of which gateway and meter, and whether they may go.
#[derive(clap::Args)]
pub struct Args {
	/// The gateway's configuration. The gateway must not be running: one program at a time has the outbox
	#[arg(long, value_name = "FILE", default_value = "/etc/baseload/gateway.toml")]
	config: PathBuf,
	/// Of this meter only
	#[arg(long, value_name = "ID")]
	meter: Option<MeterId>,
	/// Print them and then forget them, so that there is room for others
	#[arg(long, requires = "meter")]
	forget: bool,
}

/// Prints what was set aside, and forgets it if asked to.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let config = config::load(&args.config)?;
	let outbox = config.outbox.as_ref().context("the configuration has no [outbox]")?;
	ensure!(
		outbox.path.exists(),
		"there is no outbox {} yet: the gateway makes it at its first start",
		outbox.path.display()
	);
	let outbox = Outbox::open(outbox, config.chain.genesis.0)?;
	let (mut rows, mut list) = (Vec::new(), Vec::new());
	let meters = config.meters.iter().map(|meter| *meter.id.get_ref());
	for meter in meters.filter(|id| args.meter.is_none_or(|only| only == *id)) {
		let Some(book) = outbox.book(meter)? else { continue };
		for aside in outbox.set_aside(meter)? {
			rows.push(row(meter, &book, &aside));
			list.push(object(meter, &book, &aside));
		}
		if args.forget {
			outbox.change(meter, Change::Forget).await?;
		}
	}
	let done = match (rows.len(), args.forget) {
		(0, _) => "nothing was set aside".into(),
		(count, true) => format!("{count} set aside, and forgotten now"),
		(count, false) => format!("{count} set aside; of a meter {MAX_ASIDE} are kept, then it waits"),
	};
	let text = match rows.is_empty() {
		true => done,
		false => format!(
			"{}\n\n{done}",
			table(&["meter", "sequence", "what it says", "why"], &rows)
		),
	};
	Ok(Outcome::new(
		text,
		json!({ "set_aside": list, "forgotten": args.forget }),
	))
}

fn row(meter: MeterId, book: &Book, aside: &SetAside) -> Vec<String> {
	let says = match &aside.parcel {
		Parcel::Reading(reading) => {
			let names = book.card.registers.iter().map(|register| format_register(*register));
			let counts: Vec<_> = names
				.zip(&reading.registers)
				.map(|(name, count)| format!("{name} {count}"))
				.collect();
			format!("{} {}", format_time(reading.measured_at), counts.join(", "))
		}
		Parcel::Ocmf(record) => String::from_utf8_lossy(record).escape_debug().to_string(),
	};
	vec![meter.to_string(), aside.sequence.to_string(), says, aside.why.clone()]
}

fn object(meter: MeterId, book: &Book, aside: &SetAside) -> Value {
	let says = match &aside.parcel {
		Parcel::Reading(reading) => {
			let names = book.card.registers.iter().map(|register| format_register(*register));
			let counts: serde_json::Map<_, _> = names.zip(reading.registers.iter().map(|count| json!(count))).collect();
			json!({ "measured_at": reading.measured_at, "registers": counts })
		}
		Parcel::Ocmf(record) => json!({ "record": String::from_utf8_lossy(record) }),
	};
	json!({ "meter": meter, "sequence": aside.sequence, "why": aside.why, "says": says })
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_gateway::outbox::{Card, Format, Queued};
	use baseload_primitives::{ClockStatus, DeviceKey, Quality, Reading, Register, Registers, MINUTE};
	use std::{fs, path::Path};

	const KEY: DeviceKey = DeviceKey::Ed25519([1; 32]);

	fn configured(folder: &Path) -> PathBuf {
		let path = folder.join("gateway.toml");
		let text = format!(
			"[chain]\nurl = \"ws://127.0.0.1:1\"\ngenesis = \"0x{}\"\n[outbox]\npath = \"{1}/outbox\"\n\
			 [[meter]]\nid = 7\nkey = \"{1}/key\"\nsource = {{ csv = {{ path = \"{1}/plant.csv\" }} }}\n",
			"07".repeat(32),
			folder.display()
		);
		fs::write(&path, text).unwrap();
		path
	}

	/// Two readings of meter 7, of which the chain refused the second.
	async fn fill(config: &Path) {
		let config = config::load(config).unwrap();
		let outbox = Outbox::open(config.outbox.as_ref().unwrap(), config.chain.genesis.0).unwrap();
		let card = Card {
			registers: vec![Register::Export],
			key: KEY,
			format: Format::Baseload,
			device: 0,
			offset: 0,
			min_interval: MINUTE,
		};
		let queued = |sequence: u64| Queued {
			sequence,
			measured_at: sequence * MINUTE,
			parcel: Parcel::Reading(Reading {
				sequence,
				measured_at: sequence * MINUTE,
				clock: ClockStatus::Synchronised,
				quality: Quality::Measured,
				registers: Registers::truncate_from(vec![10 * sequence]),
			}),
		};
		for change in [
			Change::Bind {
				card,
				given: None,
				last: None,
				rewind: false,
			},
			Change::Append {
				key: KEY,
				readings: vec![queued(1), queued(2)],
				cursor: Vec::new(),
			},
			Change::SetAside {
				sequence: 2,
				why: "a register fell".into(),
			},
		] {
			outbox.change(MeterId(7), change).await.unwrap();
		}
	}

	/// The file is closed a moment after its last user is gone.
	async fn said(config: &Path, forget: bool) -> Outcome {
		for _ in 0..100 {
			let args = Args {
				config: config.into(),
				meter: forget.then_some(MeterId(7)),
				forget,
			};
			match run(args, false).await {
				Err(error) if error.to_string().contains("another gateway uses") => {
					tokio::time::sleep(std::time::Duration::from_millis(20)).await;
				}
				said => return said.unwrap(),
			}
		}
		panic!("the file stays in use");
	}

	#[tokio::test]
	async fn what_was_set_aside_should_be_shown_until_it_is_forgotten() {
		let folder = tempfile::tempdir().unwrap();
		let config = configured(folder.path());
		let args = Args {
			config: config.clone(),
			meter: None,
			forget: false,
		};
		let Err(none) = run(args, false).await else {
			panic!("there is no outbox");
		};
		assert!(none.to_string().contains("yet"), "{none}");
		fill(&config).await;
		for forget in [false, true] {
			let shown = said(&config, forget).await;
			assert!(
				shown
					.text
					.contains("7      2         1970-01-01T00:02:00Z 2.8.0 20  a register fell"),
				"{}",
				shown.text
			);
			assert_eq!(shown.json["set_aside"][0]["says"]["registers"]["2.8.0"], 20);
		}
		assert_eq!(said(&config, false).await.text, "nothing was set aside");
	}
}

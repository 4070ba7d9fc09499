//! `ocmf`: tells which records of files are genuine, offline; and sends those on request.

use std::{fs, path::PathBuf};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{calls, units, Chain, Error, Wait};
use baseload_gateway::ocmf::{
	document::{self, Entry},
	judge::{judge, Judged, Reading, Verdict},
	key::PublicKey,
};
use baseload_primitives::{MeterId, Refusal};
use serde_json::{json, Value};

use super::Outcome;

/// What to judge, by which key, and whether to send it.
#[derive(clap::Args)]
pub struct Args {
	/// Files of OCMF records: one record a line, or S.A.F.E. transparency XML
	#[arg(required = true, value_name = "FILE")]
	files: Vec<PathBuf>,
	/// The meter's public key in hex or Base64, SPKI or bare point. Without it a record is judged by the key that its file
	/// gives, which shows that the record is whole, not whose it is
	#[arg(long, value_name = "KEY")]
	key: Option<String>,
	/// Send the records that verify to the chain, in the order of the files
	#[arg(long, requires = "meter")]
	submit: bool,
	/// The meter's number on the chain
	#[arg(long, value_name = "ID", requires = "submit")]
	meter: Option<MeterId>,
	/// The node
	#[arg(long, default_value = "ws://127.0.0.1:9944")]
	url: String,
}

/// A record and what was found.
struct Found {
	place: String,
	record: Vec<u8>,
	judged: Judged,
}

/// Judges every record. Succeeds only if there is one and all verify (and, with `--submit`, all are on the chain).
pub async fn run(args: Args, quiet: bool) -> Result<Outcome> {
	if let Some(key) = &args.key {
		PublicKey::parse(key).map_err(|problem| anyhow::anyhow!("--key: {problem}"))?;
	}
	let mut all = Vec::new();
	for file in &args.files {
		all.extend(read(file, args.key.as_deref())?);
	}
	let sent = match args.meter.filter(|_| args.submit) {
		Some(meter) => submit(&args.url, meter, &all, quiet).await?,
		None => Vec::new(),
	};
	let verified = all
		.iter()
		.filter(|found| found.judged.verdict == Verdict::Verified)
		.count();
	let mut lines: Vec<String> = Vec::new();
	let mut rows: Vec<Value> = Vec::new();
	for (at, found) in all.iter().enumerate() {
		lines.push(text(found));
		let mut row = row(found);
		if let Some(sent) = sent.get(at) {
			lines.push(format!("  chain: {}", sent.text));
			row["chain"] = json!({ "accepted": sent.accepted, "said": sent.text });
		}
		rows.push(row);
	}
	lines.push(format!("{verified} of {} records verify", all.len()));
	Ok(Outcome {
		text: lines.join("\n"),
		json: json!({ "records": rows, "verified": verified, "total": all.len() }),
		success: verified == all.len() && !all.is_empty() && sent.iter().all(|sent| sent.accepted),
	})
}

fn read(file: &PathBuf, key: Option<&str>) -> Result<Vec<Found>> {
	let name = file.display().to_string();
	let size = fs::metadata(file).with_context(|| name.clone())?.len();
	ensure!(
		size <= document::MAX_BYTES,
		"{name}: larger than {} bytes; split it",
		document::MAX_BYTES
	);
	let bytes = fs::read(file).with_context(|| name.clone())?;
	let entries = document::entries(&name, &bytes).map_err(|malformed| anyhow::anyhow!("{malformed}"))?;
	let found = entries.into_iter().map(|entry| match entry {
		Ok(Entry {
			place,
			record,
			key: own,
		}) => Found {
			judged: judge(&record, key.or(own.as_deref())),
			place,
			record,
		},
		Err(malformed) => Found {
			judged: Judged::unknown(malformed.what),
			place: malformed.place,
			record: Vec::new(),
		},
	});
	Ok(found.collect())
}

fn verdict(verdict: Verdict) -> &'static str {
	match verdict {
		Verdict::Verified => "verified",
		Verdict::NotVerified => "not verified",
		Verdict::Unknown => "unknown",
	}
}

/// What people read of a record: one line for it, and one for each of its readings.
fn text(found: &Found) -> String {
	let judged = &found.judged;
	let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
	let head = format!(
		"{}: {}: meter {}, page {}, {}: {}",
		found.place,
		verdict(judged.verdict).to_uppercase(),
		or_dash(&judged.meter),
		or_dash(&judged.page),
		judged.curve.map_or("-", |curve| curve.name()),
		judged.why
	);
	let readings = judged.readings.iter().map(|reading| {
		format!(
			"  {} clock {}, {} ({}): {}",
			units::format_time(reading.time),
			reading.clock,
			reading.register,
			or_dash(&reading.obis),
			energy(reading)
		)
	});
	std::iter::once(head).chain(readings).collect::<Vec<_>>().join("\n")
}

fn energy(reading: &Reading) -> String {
	let written = reading.value.clone().unwrap_or_else(|| "no value".into());
	match &reading.wh {
		Ok(_) => written,
		Err(error) => format!("{written}, which does not count: {error}"),
	}
}

/// What machines read of a record.
fn row(found: &Found) -> Value {
	let judged = &found.judged;
	let readings: Vec<Value> = judged
		.readings
		.iter()
		.map(|reading| {
			json!({
				"time_ms": reading.time,
				"clock": reading.clock,
				"register": reading.register,
				"obis": reading.obis,
				"value": reading.value,
				"wh": reading.wh.as_ref().ok(),
				"problem": reading.wh.as_ref().err().map(ToString::to_string),
			})
		})
		.collect();
	json!({
		"place": found.place,
		"verdict": verdict(judged.verdict),
		"why": judged.why,
		"meter": judged.meter,
		"page": judged.page,
		"curve": judged.curve.map(|curve| curve.name()),
		"readings": readings,
	})
}

/// What the chain said of a record.
struct Sent {
	accepted: bool,
	text: String,
}

/// Sends the records that verify, one after the other, each when the one before is in a final block.
async fn submit(url: &str, meter: MeterId, all: &[Found], quiet: bool) -> Result<Vec<Sent>> {
	let chain = Chain::connect(url).await?;
	let mut sent = Vec::new();
	for (number, found) in (1..).zip(all) {
		let judged = &found.judged;
		let outcome = if judged.verdict != Verdict::Verified {
			refused("not sent, since it does not verify".into())
		} else if !judged.is_for_chain {
			refused("not sent, since the chain takes secp256r1 and secp256k1 only".into())
		} else {
			send(&chain, meter, &found.record).await?
		};
		if !quiet {
			eprintln!("{number} of {}: {}: {}", all.len(), found.place, outcome.text);
		}
		sent.push(outcome);
	}
	Ok(sent)
}

fn refused(text: String) -> Sent {
	Sent { accepted: false, text }
}

async fn send(chain: &Chain, meter: MeterId, record: &[u8]) -> Result<Sent> {
	let call = calls::submit_ocmf(meter, record);
	// Asked first, since a node bans for a while what it once refused
	let sent = match chain.check_feeless(&call).await {
		Ok(_) => chain.submit_feeless(&call, Wait::Finalized).await,
		Err(error) => Err(error),
	};
	match sent {
		Ok(receipt) => Ok(Sent {
			accepted: true,
			text: format!("in final block {}", receipt.block_number),
		}),
		Err(error) if error.refusal() == Some(Refusal::StaleSequence) => Ok(Sent {
			accepted: true,
			text: "the chain has a record of this meter as new as this one".into(),
		}),
		Err(Error::Refused(reason)) => Ok(refused(reason.to_string())),
		Err(error) => bail!(error),
	}
}

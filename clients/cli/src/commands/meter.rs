//! Meters.

use std::path::PathBuf;

use anyhow::{bail, Context as _, Result};
use baseload_client::{calls, keys::DeviceSecret, units};
use baseload_primitives::{
	possession_payload,
	views::{MeterView, ReadingView},
	DeviceKey, DeviceSignature, MeterId, MeterStatus, Moment, Register, SiteId,
};
use clap::Subcommand;

use crate::{
	arguments::{device_key, device_signature, obis, register},
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Meters and their readings.
#[derive(Subcommand)]
pub enum Meter {
	/// Register a meter at a site of yours. Holds a deposit.
	Register {
		/// The site.
		site: SiteId,
		/// What it counts, in the order in which it sends it: export, import, or OBIS codes. Repeat or separate by commas.
		#[arg(long = "register", value_name = "REGISTER", value_parser = register, value_delimiter = ',', required = true)]
		registers: Vec<Register>,
		/// The file with the device's secret key, to make the proof of possession with.
		#[arg(long, value_name = "FILE", conflicts_with_all = ["device_key", "proof"], required_unless_present = "proof")]
		device_file: Option<PathBuf>,
		/// The device's public key in hex, together with --proof.
		#[arg(long, value_name = "HEX", value_parser = device_key, requires = "proof")]
		device_key: Option<DeviceKey>,
		/// The device's signature over the possession payload, in hex.
		#[arg(long, value_name = "HEX", value_parser = device_signature, requires = "device_key")]
		proof: Option<DeviceSignature>,
	},
	/// Suspend a meter: no reading is accepted. For the registrar or the site's owner.
	Suspend {
		/// The meter.
		meter: MeterId,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Resume a suspended meter. For the registrar.
	Resume {
		/// The meter.
		meter: MeterId,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Show one meter.
	Show {
		/// The meter.
		meter: MeterId,
	},
	/// List all meters.
	List {
		/// Only those at this site.
		#[arg(long)]
		site: Option<SiteId>,
	},
	/// Show the challenge window, or set it. Setting is for administrators.
	Window {
		/// How long readings accepted from now on wait before they are final, such as 1h.
		#[arg(value_parser = units::parse_duration)]
		window: Option<Moment>,
		#[command(flatten)]
		root: AsRoot,
	},
}

impl Meter {
	/// `baseload meter`
	pub async fn run(self, context: &Context) -> Result<Report> {
		match self {
			Self::Register {
				site,
				registers,
				device_file,
				device_key,
				proof,
			} => {
				let device = device_file.map(|path| DeviceSecret::from_file(&path)).transpose()?;
				let chain = context.chain().await?;
				let genesis = chain.genesis_hash();
				let (key, proof) = match device {
					Some(device) => (device.public(), device.prove_possession(genesis, site)),
					None => device_key
						.zip(proof)
						.context("give --device-file, or --device-key and --proof")?,
				};
				if !key.verify(&possession_payload(genesis, site), &proof) {
					bail!("the proof is not the device's signature for site {site} on this chain");
				}
				let sent = context
					.send(&chain, calls::register_meter(site, key, &registers, proof))
					.await?;
				let meter: Option<MeterId> = sent.receipt.event("MeterAttestation", "MeterRegistered");
				Ok(sent
					.with("meter", "meter", Cell::option(meter, |meter| Cell::number(meter.0)))
					.with("at site", "site", Cell::number(site.0))
					.report())
			}
			Self::Suspend { meter, root } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, root.wrap(calls::suspend_meter(meter))).await?;
				Ok(sent.with("suspended meter", "meter", Cell::number(meter.0)).report())
			}
			Self::Resume { meter, root } => {
				let chain = context.chain().await?;
				let sent = context.send(&chain, root.wrap(calls::resume_meter(meter))).await?;
				Ok(sent.with("resumed meter", "meter", Cell::number(meter.0)).report())
			}
			Self::Show { meter } => {
				let at = context.chain().await?.best().await?;
				match at.meter(meter).await? {
					Some(view) => Ok(show(meter, &view)),
					None => bail!("there is no meter {meter}"),
				}
			}
			Self::List { site } => list(context, site).await,
			Self::Window { window: None, .. } => {
				let at = context.chain().await?.best().await?;
				let window = at.challenge_window().await?;
				Ok(Report::record().with("challenge window", "challenge_window", Cell::duration(window)))
			}
			Self::Window {
				window: Some(window),
				root,
			} => {
				let chain = context.chain().await?;
				let sent = context
					.send(&chain, root.wrap(calls::set_challenge_window(window)))
					.await?;
				Ok(sent
					.with("challenge window", "challenge_window", Cell::duration(window))
					.report())
			}
		}
	}
}

async fn list(context: &Context, site: Option<SiteId>) -> Result<Report> {
	let at = context.chain().await?.best().await?;
	let mut rows = Vec::new();
	for meter in (0..at.next_meter().await?.0).map(MeterId) {
		let Some(view) = at.meter(meter).await? else { continue };
		if site.is_some_and(|site| site != view.site) {
			continue;
		}
		rows.push(vec![
			Cell::number(meter.0),
			Cell::number(view.site.0),
			status(view.status),
			registers(&view.registers),
			Cell::option(view.newest.as_ref(), |newest| Cell::number(newest.sequence)),
			Cell::option(view.newest_final.as_ref(), |newest| Cell::number(newest.sequence)),
			Cell::number(view.pending),
			Cell::option(view.newest.as_ref(), |newest| Cell::time(newest.measured_at)),
		]);
	}
	Ok(Report::Table {
		name: "meters",
		columns: vec![
			("meter", "meter"),
			("site", "site"),
			("status", "status"),
			("registers", "registers"),
			("newest", "newest_sequence"),
			("final", "final_sequence"),
			("pending", "pending"),
			("measured at", "measured_at"),
		],
		rows,
	})
}

fn status(status: MeterStatus) -> Cell {
	Cell::text(match status {
		MeterStatus::Active => "active",
		MeterStatus::Suspended => "suspended",
	})
}

fn registers(registers: &[Register]) -> Cell {
	Cell::list(registers.iter().copied().map(obis).collect())
}

/// The counts of a reading, each behind its register's OBIS code.
fn counts(registers: &[Register], reading: &ReadingView) -> Cell {
	let counts = registers.iter().zip(&reading.registers).map(|(register, count)| {
		format!(
			"{} {}",
			obis(*register),
			units::format_energy(baseload_primitives::WattHours(*count))
		)
	});
	Cell::text(counts.collect::<Vec<_>>().join(", "))
}

fn show(meter: MeterId, view: &MeterView) -> Report {
	let DeviceKey::Ed25519(key) = view.key;
	let (newest, newest_final) = (view.newest.as_ref(), view.newest_final.as_ref());
	let raw = |reading: &ReadingView| Cell::list(reading.registers.iter().map(u64::to_string).collect());
	Report::record()
		.with("meter", "meter", Cell::number(meter.0))
		.with("site", "site", Cell::number(view.site.0))
		.with(
			"device key",
			"device_key",
			Cell::text(format!("0x{}", hex::encode(key))),
		)
		.with("status", "status", status(view.status))
		.with("registers", "registers", registers(&view.registers))
		.with(
			"newest sequence",
			"newest_sequence",
			Cell::option(newest, |newest| Cell::number(newest.sequence)),
		)
		.with(
			"measured at",
			"newest_measured_at",
			Cell::option(newest, |newest| Cell::time(newest.measured_at)),
		)
		.with(
			"counts",
			"",
			Cell::option(newest, |newest| counts(&view.registers, newest)),
		)
		.with("", "newest_registers", Cell::option(newest, raw))
		.with(
			"final sequence",
			"final_sequence",
			Cell::option(newest_final, |newest| Cell::number(newest.sequence)),
		)
		.with(
			"measured at",
			"final_measured_at",
			Cell::option(newest_final, |newest| Cell::time(newest.measured_at)),
		)
		.with(
			"counts",
			"",
			Cell::option(newest_final, |newest| counts(&view.registers, newest)),
		)
		.with("", "final_registers", Cell::option(newest_final, raw))
		.with("pending", "pending", Cell::number(view.pending))
		.with("all final in", "final_in", Cell::duration(view.final_in))
}

//! Meters and their keys, before the first reading.

use std::path::PathBuf;

use anyhow::{ensure, Context as _, Result};
use baseload_client::{
	calls,
	device::{format_device_key, parse_device_key, parse_device_signature},
	keys::DeviceSecret,
	units::parse_register,
};
use baseload_primitives::{possession_payload, DeviceKey, DeviceSignature, MeterId, Ocmf, Proof, Serial, SiteId};
use clap::Args;

use crate::{
	arguments::PagesName,
	context::{AsRoot, Context, Sent},
	output::{Cell, Report},
};

/// Registers a meter with a device key.
#[derive(Args)]
pub struct Register {
	/// The site.
	site: SiteId,
	/// What it counts, in the order in which it sends it: export, import, or OBIS codes. Repeat or separate by commas.
	#[arg(long = "register", value_name = "REGISTER", value_parser = parse_register, value_delimiter = ',', required = true)]
	registers: Vec<baseload_primitives::Register>,
	/// The file with the device's secret key, to make the proof of possession with.
	#[arg(
		long,
		value_name = "FILE",
		conflicts_with_all = ["device_key", "proof", "approved"],
		required_unless_present = "device_key"
	)]
	device_file: Option<PathBuf>,
	/// The device's public key, as ed25519:0x…, sr25519:0x…, secp256k1:0x… or p256:0x…, with --proof or --approved.
	#[arg(long, value_name = "KEY", value_parser = parse_device_key)]
	device_key: Option<DeviceKey>,
	/// The device's signature over the possession payload, written like the key.
	#[arg(
		long,
		value_name = "SIGNATURE",
		value_parser = parse_device_signature,
		requires = "device_key",
		required_unless_present_any = ["device_file", "approved"]
	)]
	proof: Option<DeviceSignature>,
	/// The registrar has approved the key: no proof is needed.
	#[arg(long, requires = "device_key", conflicts_with = "proof")]
	approved: bool,
}

impl Register {
	/// `baseload meter register`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let device = self
			.device_file
			.map(|path| DeviceSecret::from_file(&path))
			.transpose()?;
		let site = self.site;
		let chain = context.chain().await?;
		let genesis = chain.genesis_hash();
		let given = || self.device_key.context("give --device-file or --device-key");
		let (key, proof) = match (device, self.proof) {
			(Some(device), _) => (
				device.public(),
				Proof::Possession(device.prove_possession(genesis, site)),
			),
			(None, Some(proof)) => (given()?, Proof::Possession(proof)),
			(None, None) => (given()?, Proof::Approval),
		};
		if let Proof::Possession(signature) = &proof {
			ensure!(
				key.verify(&possession_payload(genesis, site), signature),
				"the proof is not the device's signature for site {site} on this chain"
			);
		}
		let sent = context
			.send(&chain, calls::register_meter(site, key, &self.registers, proof))
			.await?;
		Ok(registered(sent, site))
	}
}

/// Registers a meter without a device.
#[derive(Args)]
pub struct RegisterCommittee {
	/// The site.
	site: SiteId,
	/// What it counts: export, import, or OBIS codes. Repeat or separate by commas.
	#[arg(long = "register", value_name = "REGISTER", value_parser = parse_register, value_delimiter = ',', required = true)]
	registers: Vec<baseload_primitives::Register>,
}

impl RegisterCommittee {
	/// `baseload meter register-committee`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let call = calls::register_committee_meter(self.site, &self.registers);
		Ok(registered(context.send(&chain, call).await?, self.site))
	}
}

fn registered(sent: Sent, site: SiteId) -> Report {
	let meter: Option<MeterId> = sent.receipt.event("MeterAttestation", "MeterRegistered");
	sent.with("meter", "meter", Cell::option(meter, |meter| Cell::number(meter.0)))
		.with("at site", "site", Cell::number(site.0))
		.report()
}

/// Approves a device key.
#[derive(Args)]
pub struct ApproveKey {
	/// Where the device stands.
	site: SiteId,
	/// Its public key, as ed25519:0x…, sr25519:0x…, secp256k1:0x… or p256:0x….
	#[arg(value_parser = parse_device_key)]
	key: DeviceKey,
	/// The meter's serial number in its OCMF records. Without it the device signs this chain's own payload.
	#[arg(long, value_name = "SERIAL", requires = "pages")]
	ocmf_serial: Option<String>,
	/// Which page counter of its OCMF records is the sequence.
	#[arg(long, value_enum, requires = "ocmf_serial")]
	pages: Option<PagesName>,
	#[command(flatten)]
	root: AsRoot,
}

impl ApproveKey {
	/// `baseload meter approve-key`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let ocmf = self.ocmf_serial.zip(self.pages).map(|(serial, pages)| {
			let serial = Serial::try_from(serial.into_bytes()).ok();
			let serial = serial.context("the serial number is longer than 64 bytes")?;
			let pages = pages.into();
			anyhow::Ok(Ocmf { serial, pages })
		});
		let ocmf = ocmf.transpose()?;
		let chain = context.chain().await?;
		let call = calls::approve_key(self.site, self.key, ocmf.as_ref());
		let sent = context.send(&chain, self.root.wrap(call)).await?;
		Ok(sent
			.with("approved key", "device_key", Cell::text(format_device_key(self.key)))
			.with("for site", "site", Cell::number(self.site.0))
			.report())
	}
}

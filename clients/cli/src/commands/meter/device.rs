//! Another key, or another device.

use std::path::PathBuf;

use anyhow::{ensure, Context as _, Result};
use baseload_client::{
	calls,
	device::{format_device_key, parse_device_key, parse_device_signature},
	keys::DeviceSecret,
};
use baseload_primitives::{possession_payload, rotation_payload, DeviceKey, DeviceSignature, MeterId, Register};
use clap::Args;

use super::view;
use crate::{
	arguments::registers::{count, in_order},
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Gives a meter's device another key.
#[derive(Args)]
pub struct RotateKey {
	/// The meter.
	meter: MeterId,
	/// The file with the device's present secret key, to consent with.
	#[arg(
		long,
		value_name = "FILE",
		conflicts_with = "consent",
		required_unless_present = "consent"
	)]
	device_file: Option<PathBuf>,
	/// The present key's signature over the rotation payload.
	#[arg(long, value_name = "SIGNATURE", value_parser = parse_device_signature)]
	consent: Option<DeviceSignature>,
	/// The file with the new secret key, to make the proof of possession with.
	#[arg(
		long,
		value_name = "FILE",
		conflicts_with_all = ["new_key", "proof"],
		required_unless_present = "new_key"
	)]
	new_device_file: Option<PathBuf>,
	/// The new public key, together with --proof.
	#[arg(long, value_name = "KEY", value_parser = parse_device_key, requires = "proof")]
	new_key: Option<DeviceKey>,
	/// The new key's signature over the possession payload of the meter's site.
	#[arg(long, value_name = "SIGNATURE", value_parser = parse_device_signature, requires = "new_key")]
	proof: Option<DeviceSignature>,
}

impl RotateKey {
	/// `baseload meter rotate-key`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let secret = |path: Option<PathBuf>| path.map(|path| DeviceSecret::from_file(&path)).transpose();
		let (old, new) = (secret(self.device_file)?, secret(self.new_device_file)?);
		let meter = self.meter;
		let chain = context.chain().await?;
		let genesis = chain.genesis_hash();
		let view = view(&chain.best().await?, meter).await?;
		let present = view
			.key
			.with_context(|| format!("meter {meter} has no device: a committee reads it"))?;

		let (key, proof) = match new {
			Some(device) => (device.public(), device.prove_possession(genesis, view.site)),
			None => self
				.new_key
				.zip(self.proof)
				.context("give --new-device-file, or --new-key and --proof")?,
		};
		let consent = match old {
			Some(device) => device.consent(genesis, meter, &key),
			None => self.consent.context("give --device-file or --consent")?,
		};
		ensure!(
			key.verify(&possession_payload(genesis, view.site), &proof),
			"the proof is not the new key's signature for site {} on this chain",
			view.site
		);
		ensure!(
			present.verify(&rotation_payload(genesis, meter, &key), &consent),
			"the consent is not that of the key {}",
			format_device_key(present)
		);
		let sent = context
			.send(&chain, calls::rotate_key(meter, key, proof, consent))
			.await?;
		Ok(sent
			.with("meter", "meter", Cell::number(meter.0))
			.with("old key", "old_key", Cell::text(format_device_key(present)))
			.with("device key", "device_key", Cell::text(format_device_key(key)))
			.report())
	}
}

/// Records that a device was replaced.
#[derive(Args)]
pub struct ReplaceDevice {
	/// The meter, which must be suspended.
	meter: MeterId,
	/// The new device's public key, which must be approved for the meter's site.
	#[arg(value_parser = parse_device_key)]
	key: DeviceKey,
	/// What a register of the new device shows when it takes over, such as export=0Wh. Repeat for each register.
	#[arg(long = "opening", value_name = "REGISTER=COUNT", value_parser = count, value_delimiter = ',', required = true)]
	opening: Vec<(Register, u64)>,
	#[command(flatten)]
	root: AsRoot,
}

impl ReplaceDevice {
	/// `baseload meter replace-device`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let view = view(&chain.best().await?, self.meter).await?;
		let opening = in_order(&view.registers, &self.opening)?;
		let call = calls::replace_device(self.meter, self.key, &opening);
		let sent = context.send(&chain, self.root.wrap(call)).await?;
		Ok(sent
			.with("meter", "meter", Cell::number(self.meter.0))
			.with("device key", "device_key", Cell::text(format_device_key(self.key)))
			.with("opening", "opening_registers", Cell::counts(&view.registers, &opening))
			.report())
	}
}

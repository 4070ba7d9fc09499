//! Words given for readings, and frauds that prove themselves.

use std::{fs, path::PathBuf};

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{
	calls,
	device::{format_device_key, parse_device_key},
	files::{format_voucher, parse_evidence, parse_row, parse_voucher, SignedVoucher},
	AccountId, Chain,
};
use baseload_primitives::{Balance, DeviceKey, Evidence, MeterId, Voucher};
use clap::Args;

use super::PALLET;
use crate::{
	commands::meter::view,
	context::{Context, Sent},
	output::{Cell, Report},
};

/// Gives the signer's word for a reading.
#[derive(Args)]
pub struct Vouch {
	/// The file with the signed reading: one row as `baseload meter relay` takes it.
	row: PathBuf,
	/// Where to put the voucher; must not exist.
	voucher: PathBuf,
	/// The key that the device signed with, if it is no longer the meter's.
	#[arg(long, value_name = "KEY", value_parser = parse_device_key)]
	device_key: Option<DeviceKey>,
}

impl Vouch {
	/// `baseload attestor vouch`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let text = fs::read_to_string(&self.row).with_context(|| self.row.display().to_string())?;
		let (meter, signed) = parse_row(text.trim()).with_context(|| self.row.display().to_string())?;
		let key = context.key()?;
		let chain = context.chain().await?;
		let device = device_of(&chain, meter, self.device_key).await?;
		let payload = signed.reading.signed_payload(chain.genesis_hash(), meter);
		ensure!(
			device.verify(&payload, &signed.signature),
			"{} did not sign this reading of meter {meter} on this chain: do not vouch for it",
			format_device_key(device)
		);
		let voucher = Voucher {
			meter,
			key: device,
			reading: signed.reading,
			signature: signed.signature,
		};
		let signature = key.vouch(&chain, &voucher)?;
		let sequence = voucher.reading.sequence;
		let signed = SignedVoucher {
			attestor: key.account(),
			voucher,
			signature,
		};
		ensure!(!self.voucher.exists(), "{} exists already", self.voucher.display());
		fs::write(&self.voucher, format_voucher(&signed) + "\n").with_context(|| self.voucher.display().to_string())?;
		Ok(Report::record()
			.with("attestor", "attestor", Cell::account(&signed.attestor))
			.with("meter", "meter", Cell::number(meter.0))
			.with("sequence", "sequence", Cell::number(sequence))
			.with("voucher", "voucher", Cell::text(self.voucher.display().to_string())))
	}
}

/// Shows two readings of one sequence.
#[derive(Args)]
pub struct ReportEquivocation {
	/// The meter.
	meter: MeterId,
	/// A file with what the device signed: a row as `baseload meter relay` takes it, or an OCMF record.
	first: PathBuf,
	/// Another.
	second: PathBuf,
	/// The key that the device signed with, if it is no longer the meter's.
	#[arg(long, value_name = "KEY", value_parser = parse_device_key)]
	device_key: Option<DeviceKey>,
}

impl ReportEquivocation {
	/// `baseload attestor report-equivocation`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let read = |path: &PathBuf| {
			let bytes = fs::read(path).with_context(|| path.display().to_string())?;
			evidence_of(self.meter, &bytes).with_context(|| path.display().to_string())
		};
		let (first, second) = (read(&self.first)?, read(&self.second)?);
		let chain = context.chain().await?;
		let key = device_of(&chain, self.meter, self.device_key).await?;
		let sent = context
			.send(&chain, calls::report_equivocation(self.meter, key, &first, &second))
			.await?;
		let slashed: Option<(MeterId, Slashed)> = sent.receipt.event(PALLET, "DepositSlashed");
		let sent = sent.with("meter", "meter", Cell::number(self.meter.0));
		Ok(with_slash(sent, slashed.map(|(_, slashed)| slashed), Cell::kwh))
	}
}

/// The key that is given, or else the meter's.
async fn device_of(chain: &Chain, meter: MeterId, given: Option<DeviceKey>) -> Result<DeviceKey> {
	if let Some(key) = given {
		return Ok(key);
	}
	let view = view(&chain.best().await?, meter).await?;
	view.key
		.with_context(|| format!("meter {meter} has no device: a committee reads it"))
}

/// What a device signed, which must be that of `meter` if it says whose it is.
fn evidence_of(meter: MeterId, bytes: &[u8]) -> Result<Evidence> {
	match parse_evidence(bytes)? {
		(Some(of), _) if of != meter => bail!("it is a reading of meter {of}, not of meter {meter}"),
		(_, evidence) => Ok(evidence),
	}
}

/// Shows a false voucher.
#[derive(Args)]
pub struct ReportFalseVouch {
	/// The file with the voucher, as `baseload attestor vouch` writes it.
	file: PathBuf,
}

impl ReportFalseVouch {
	/// `baseload attestor report-false-vouch`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let path = self.file.display().to_string();
		let text = fs::read_to_string(&self.file).with_context(|| path.clone())?;
		let SignedVoucher {
			attestor,
			voucher,
			signature,
		} = parse_voucher(text.trim()).context(path)?;
		let chain = context.chain().await?;
		let call = calls::report_false_vouch(attestor, &voucher, &signature);
		let sent = context.send(&chain, call).await?;
		let slashed: Option<(AccountId, Slashed)> = sent.receipt.event(PALLET, "AttestorSlashed");
		let sent = sent.with("attestor", "attestor", Cell::account(&attestor));
		Ok(with_slash(sent, slashed.map(|(_, slashed)| slashed), Cell::bld))
	}
}

/// How much was slashed, and who won how much of it.
type Slashed = (Balance, Option<(AccountId, Balance)>);

/// Adds what was slashed, and the part of it that the winner got.
fn with_slash(sent: Sent, slashed: Option<Slashed>, amount: fn(Balance) -> Cell) -> Report {
	let won = slashed.and_then(|(_, winner)| winner);
	sent.with(
		"slashed",
		"slashed",
		Cell::option(slashed, |(slashed, _)| amount(slashed)),
	)
	.with("won", "won", Cell::option(won, |(_, won)| amount(won)))
	.report()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn evidence_should_be_refused_when_of_another_meter() {
		let row = format!(
			r#"{{"meter":1,"sequence":5,"measured_at":0,"clock":"synchronised","quality":"measured","registers":[1],"signature":"ed25519:0x{}"}}"#,
			"07".repeat(64)
		);
		assert!(matches!(
			evidence_of(MeterId(1), row.as_bytes()),
			Ok(Evidence::Reading(..))
		));
		let error = evidence_of(MeterId(2), row.as_bytes()).unwrap_err().to_string();
		assert_eq!(error, "it is a reading of meter 1, not of meter 2");
		assert!(matches!(evidence_of(MeterId(2), b"OCMF|{}|{}"), Ok(Evidence::Ocmf(_))));
	}
}

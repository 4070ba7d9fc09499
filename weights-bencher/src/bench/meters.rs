//! Readings.

use crate::{
	measure::{Bench, Result},
	table::row,
};

const METERS: &str = "pallet_meter_attestation";

/// Readings that a meter has sent before: one, or many.
const ONE: u32 = 1;
const MANY: u32 = 1_000;

/// How often a reading after so many is measured at each point.
const REPEATS: u32 = 20;

/// Readings that wait at a meter that was silent for a month: one, which is final when the next one comes.
const WAITING: u32 = 1;

/// Bytes of the OCMF record, with all that a record may hold.
const RECORD: u32 = 1_792;

/// Readings in the largest backlog.
const BACKLOG: u32 = 256;

/// Prints the rows; a transfer costs `transfer`.
pub fn rows(transfer: f64) -> Result<()> {
	let meters = |name| Bench::new(METERS, name);
	// Check and dispatch in one block, as they are in every other. Of a meter that is read as often as its window is long, so that
	// each reading is final when the next one comes.
	let after = |past, others| meters("accept_after").at(&[past, others]);
	let steady = after(ONE, 0).cost()?;
	// What each weighs in a block: the check of one signature, the account's or in its place the device's, is in the base weight
	// of every transaction.
	let device = meters("verify_ed25519").cost()?;
	row(
		"accept one Ed25519 reading, beyond the base weight",
		steady - device,
		"balances.transfer_keep_alive, likewise",
		transfer,
		"<= 1.00",
	);
	row(
		"the same after a month's silence",
		meters("accept_reading").at(&[WAITING]).cost()? - device,
		"balances.transfer_keep_alive, likewise",
		transfer,
		"-",
	);
	row(
		"the same after 1,000 others",
		after(MANY, 0).only(REPEATS).cost()? - device,
		"the same after one, and 999 of another meter",
		after(ONE, MANY - ONE).only(REPEATS).cost()? - device,
		"1.00",
	);
	let signed = transfer + meters("verify_sr25519").cost()?;
	let paid = signed + Bench::new("pallet_transaction_payment", "charge_transaction_payment").cost()?;
	for (peer, cost) in [
		("balances.transfer_keep_alive alone", transfer),
		("the same and its Sr25519 signature", signed),
		("the same and its fee", paid),
	] {
		row("accept one Ed25519 reading, signature and all", steady, peer, cost, "-");
	}
	let feed = Bench::new("pallet_oracle", "feed_values").at(&[1]).cost()?;
	row(
		"accept one Ed25519 reading, signature and all",
		steady,
		"oracle.feed_values, one value",
		feed,
		"-",
	);

	row(
		"accept one OCMF record, P-256",
		meters("accept_ocmf").at(&[RECORD, WAITING]).cost()?,
		"the bare P-256 verification",
		meters("verify_p256").cost()?,
		"<= 1.15",
	);
	row(
		"one reading of a backlog of 256",
		meters("accept_backlog").at(&[BACKLOG, WAITING]).cost()? / f64::from(BACKLOG),
		"accept one Ed25519 reading, signature and all",
		steady,
		"<= 0.80",
	);
	Ok(())
}

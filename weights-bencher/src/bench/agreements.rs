//! Power purchase agreements.

use crate::{
	measure::{Bench, Result},
	table::row,
};

const AGREEMENTS: &str = "pallet_ppa_escrow";

/// Readings of a month that is billed: one every four minutes and a half.
const MONTH: u32 = 10_000;

/// How often a month of so many readings is settled at each point: it takes a second to set up.
const REPEATS: u32 = 10;

/// Prints the rows; a transfer costs `transfer`.
pub fn rows(transfer: f64) -> Result<()> {
	let agreements = |name| Bench::new(AGREEMENTS, name);
	row(
		"settle an agreement's month of 10,000 readings",
		agreements("settle_over").at(&[MONTH, 0]).only(REPEATS).cost()?,
		"one of a single reading, 9,999 of another meter",
		agreements("settle_over").at(&[1, MONTH - 1]).only(REPEATS).cost()?,
		"<= 1.05",
	);
	row(
		"settle an agreement's month, pay everybody",
		agreements("settle").at(&[1]).cost()?,
		"balances.transfer_keep_alive alone",
		transfer,
		"-",
	);
	row(
		"poke an agreement of which nothing is due",
		agreements("poke").cost()?,
		"balances.transfer_keep_alive alone",
		transfer,
		"-",
	);
	Ok(())
}

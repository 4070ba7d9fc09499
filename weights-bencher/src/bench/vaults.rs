//! The stablecoin.

use crate::{
	measure::{Bench, Result},
	table::row,
};

const STABLECOIN: &str = "pallet_power_stablecoin";
const PSM: &str = "pallet_psm";

/// How many vaults, and depositors in the pool, there are beside the one that is touched.
const FEW: u32 = 10;
const MANY: u32 = 100_000;

/// Calls in one block: the first, which finds nothing in memory, and ten more.
const FIRST: u32 = 1;
const ROW: u32 = 11;

/// How often at each point: so many vaults take long to make.
const REPEATS: u32 = 2;

/// What a benchmark that makes `calls` calls in a block costs beside `others`.
fn among(name: &'static str, others: u32, calls: u32) -> Result<f64> {
	let bench = Bench::new(STABLECOIN, name).at(&[others, calls]).only(REPEATS);
	let bench = if others == MANY { bench.unchecked() } else { bench };
	bench.cost()
}

/// Prints what a call costs beside many and beside few: the first in its block, and each of ten after it, for which `target` holds.
/// Returns what the first costs beside few.
fn growth(what: &str, name: &'static str, target: &str) -> Result<f64> {
	let [few, many] = [FEW, MANY].map(|others| among(name, others, FIRST));
	let (few, many) = (few?, many?);
	row(
		&format!("{what} beside 100,000, the first in its block"),
		many,
		"the same beside 10",
		few,
		"-",
	);
	let each = |all: f64, first: f64| (all - first) / f64::from(ROW - FIRST);
	row(
		&format!("{what} beside 100,000, each of ten after it"),
		each(among(name, MANY, ROW)?, many),
		"the same beside 10",
		each(among(name, FEW, ROW)?, few),
		target,
	);
	Ok(few)
}

/// Prints the rows; a transfer costs `transfer`.
pub fn rows(transfer: f64) -> Result<()> {
	let mint = Bench::new(PSM, "mint").at(&[1]).of_peer().cost()?;
	let redeem = Bench::new(PSM, "redeem").of_peer().cost()?;
	growth("a KWH transfer", "transfer_among", "-")?;
	for (what, benchmark, peer) in [
		("draw", "draw_among", ("psm.mint", mint)),
		("repay", "repay_among", ("psm.redeem", redeem)),
		("redeem from one vault", "redeem_among", ("psm.redeem", redeem)),
		("liquidate one vault", "liquidate_among", ("psm.redeem", redeem)),
		("pool deposit", "pool_deposit_among", ("psm.mint", mint)),
		("pool withdrawal", "pool_withdraw_among", ("psm.redeem", redeem)),
	] {
		let few = growth(what, benchmark, "<= 1.10")?;
		for (peer, cost) in [("balances.transfer_keep_alive alone", transfer), peer] {
			row(&format!("{what} beside 10"), few, peer, cost, "-");
		}
	}
	Ok(())
}

//! Prints how fast Baseload's calls are, each beside a peer that is measured in the same run. `make bench` runs it;
//! docs/speed.md explains.
//!
//! * [`meters`], [`agreements`], [`vaults`]: the rows. As arguments these names choose what is printed.
//! * [`measure`]: one benchmark.
//! * [`table`]: what is printed.
//!
//! A call's cost is the shortest time that it took in the wasm runtime, plus its reads and writes at ParityDB's prices. Whatever
//! else the machine does can only add to a time, and it adds to some rows and not to others. Times depend on the machine; ratios
//! hardly do.

mod agreements;
mod measure;
mod meters;
mod table;
mod vaults;

use measure::{Bench, Result};

/// The rows by name. Each kind is given the cost of a transfer, in nanoseconds.
type Rows = fn(f64) -> Result<()>;
const ROWS: [(&str, Rows); 3] = [
	("meters", meters::rows),
	("agreements", agreements::rows),
	("vaults", vaults::rows),
];

fn main() -> Result<()> {
	let chosen: Vec<_> = std::env::args().skip(1).collect();
	if let Some(unknown) = chosen.iter().find(|name| ROWS.iter().all(|(known, _)| known != name)) {
		return Err(format!("no rows are called {unknown}: there are meters, agreements and vaults").into());
	}
	table::head();
	let transfer = Bench::new("pallet_balances", "transfer_keep_alive").cost()?;
	for (name, rows) in ROWS {
		if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
			rows(transfer)?;
		}
	}
	Ok(())
}

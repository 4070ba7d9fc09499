//! The table.

/// Prints the heads of the columns.
pub fn head() {
	println!(
		"{:<58} {:>9}   {:<46} {:>9}   {:>6}   target",
		"what", "us", "peer", "us", "ratio"
	);
}

/// Prints one row: a cost beside its peer's, both in nanoseconds.
pub fn row(what: &str, cost: f64, peer: &str, peer_cost: f64, target: &str) {
	let us = |ns: f64| format!("{:.1}", ns / 1_000.0);
	let ratio = cost / peer_cost;
	println!(
		"{what:<58} {:>9}   {peer:<46} {:>9}   {ratio:>6.2}   {target}",
		us(cost),
		us(peer_cost)
	);
}

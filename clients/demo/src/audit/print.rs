//! A settlement, for people.

use baseload_client::{
	primitives::views::ProofOfBacking,
	units::{format_energy, format_kwh, format_price, format_signed_tariff},
};
use baseload_primitives::WattHours;

use super::{Moved, Snapshot};
use crate::plant_day::{percent, say};

/// Prints what a settlement moved, and what stands behind all KWH after it.
pub(super) fn settlement(before: &Snapshot, after: &Snapshot, price: i128, moved: &Moved) {
	let ledger = &after.ledger;
	say("Energy billed", &format_energy(WattHours(after.wh)));
	say(
		"Paid",
		&format!("{} at {}", format_kwh(ledger.paid), format_signed_tariff(price)),
	);
	say(
		"  to the attestors",
		&format!(
			"{} in {} equal shares; {} stays due",
			format_kwh(ledger.to_attestors),
			after.attestors,
			format_kwh(ledger.attestor_due)
		),
	);
	say("  retired debt", &format_kwh(ledger.swept));
	say("  to the producer", &format_kwh(moved.received));
	say(
		"Escrow left",
		&format!("{} of {}", format_kwh(ledger.escrow), format_kwh(ledger.paid_in)),
	);
	say(
		"Vault debt",
		&format!(
			"{}, was {}",
			format_kwh(after.vault.debt),
			format_kwh(before.vault.debt)
		),
	);
	say(
		"Energy cover",
		&format!("{} of site {}", format_energy(after.cover), after.site),
	);
	backing(&after.backing);
}

fn backing(backing: &ProofOfBacking) {
	let ratio = |ratio: Option<_>| ratio.map_or_else(|| "unknown".into(), percent);
	let price = |price: Option<_>| price.map_or_else(|| "unknown".into(), format_price);
	say(
		"Proof of backing",
		&format!("{} in existence", format_kwh(backing.supply)),
	);
	say("  owed by vaults", &format_kwh(backing.debt));
	say(
		"  collateral",
		&format!(
			"{} of the supply, 1 kWh at {}",
			ratio(backing.collateral_ratio),
			price(backing.reference_price)
		),
	);
	say(
		"  attested energy",
		&format!(
			"{}, {} of the debt",
			format_energy(backing.energy),
			ratio(backing.energy_ratio)
		),
	);
	say(
		"  declared energy",
		&format!(
			"{}, which no meter has read and which fades",
			format_energy(backing.declared)
		),
	);
}

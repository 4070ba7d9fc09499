//! Recomputes a settlement from what the chain says before and after it, to the last unit.

use anyhow::{bail, Context, Result};
use baseload_client::{
	primitives::views::ProofOfBacking,
	units::{format_energy, format_kwh, format_price, format_tariff},
	AgreementView, At, VaultView, H256,
};
use baseload_primitives::{Balance, SiteId, WattHours};

use crate::plant_day::{percent, say, World};

/// Parts of a whole in parts per million.
const MILLION: Balance = 1_000_000;

/// Inner units of a price: 18 decimals.
const PRICE_UNIT: Balance = 1_000_000_000_000_000_000;

/// What the chain says about a plant's contract, vault and money at one block.
pub struct Snapshot {
	/// The contract.
	pub agreement: AgreementView,
	/// The producer's vault.
	pub vault: VaultView,
	/// What stands behind all KWH.
	pub backing: ProofOfBacking,
	/// KWH in existence by the ledger's own count.
	pub issuance: Balance,
	/// What the producer can spend, in KWH base units.
	pub producer: Balance,
	/// What the contract's account holds, in KWH base units.
	pub account: Balance,
	/// What the plant's energy counts as cover.
	pub cover: WattHours,
	/// The plant.
	pub site: SiteId,
}

impl Snapshot {
	/// Everything at one block.
	pub async fn take(world: &World, at: &At) -> Result<Self> {
		let agreement = at.agreement(world.agreement).await?.context("the agreement is gone")?;
		Ok(Self {
			vault: at.vault(world.vault).await?.context("the vault is gone")?,
			backing: at.proof_of_backing().await?,
			issuance: at.kwh_supply().await?,
			producer: at.kwh(&world.cast.producer.account()).await?.free,
			account: at.kwh(&agreement.account).await?.free,
			cover: at.site(world.site).await?.context("the site is gone")?.cover,
			site: world.site,
			agreement,
		})
	}

	/// Everything before and after a block.
	pub async fn around(world: &World, block: H256) -> Result<(Self, Self)> {
		let after = world.chain.at(block).await?;
		let parent = after
			.number()
			.checked_sub(1)
			.context("nothing is before the first block")?;
		let parent = world
			.chain
			.block_hash(parent)
			.await?
			.context("the node no longer has the block before")?;
		let before = world.chain.at(parent).await?;
		Ok((Self::take(world, &before).await?, Self::take(world, &after).await?))
	}
}

/// Two amounts that must be equal.
struct Check {
	what: &'static str,
	expected: Balance,
	found: Balance,
}

/// Prints a settlement, and fails if it does not add up. `metered_wh`: what the plant exported since the contract
/// became active, by the gateway's own count.
pub fn settlement(world: &World, before: &Snapshot, after: &Snapshot, metered_wh: u64) -> Result<()> {
	let agreement = &after.agreement;
	let opening = agreement
		.opening_register
		.context("the agreement has no opening register")?;
	let billed = agreement
		.billed_register
		.and_then(|register| register.checked_sub(opening))
		.context("nothing is billed")?;
	let paid = Balance::from(billed)
		.checked_mul(agreement.price.into_inner())
		.context("the bill is beyond what this check can compute")?
		/ PRICE_UNIT;
	let share = |paid: Balance| {
		let parts = paid
			.checked_mul(world.plan.sweep.into())
			.context("the share is beyond what this check can compute")?;
		anyhow::Ok(parts / MILLION)
	};
	let swept = difference(share(paid)?, share(before.agreement.paid)?);

	say("Energy billed", &format_energy(WattHours(billed)));
	say(
		"Paid",
		&format!("{} at {}", format_kwh(agreement.paid), format_tariff(agreement.price)),
	);
	say("  retired debt", &format_kwh(agreement.swept));
	say(
		"  to the producer",
		&format_kwh(difference(after.producer, before.producer)),
	);
	say(
		"Escrow left",
		&format!(
			"{} of {}",
			format_kwh(agreement.escrow),
			format_kwh(agreement.deposited)
		),
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
	print_backing(&after.backing);

	let checks = [
		Check {
			what: "Wh billed = Wh metered",
			expected: metered_wh.into(),
			found: billed.into(),
		},
		Check {
			what: "paid = Wh billed x tariff",
			expected: paid,
			found: agreement.paid,
		},
		Check {
			what: "swept = share of what was paid, at most the debt",
			expected: swept.min(before.vault.debt),
			found: difference(agreement.swept, before.agreement.swept),
		},
		Check {
			what: "paid = swept + paid out",
			expected: difference(agreement.paid, before.agreement.paid),
			found: difference(agreement.swept, before.agreement.swept)
				.wrapping_add(difference(after.producer, before.producer)),
		},
		Check {
			what: "nothing is left claimable",
			expected: 0,
			found: agreement.claimable,
		},
		Check {
			what: "deposited = paid + escrow + refunded",
			expected: agreement.deposited,
			found: agreement
				.paid
				.wrapping_add(agreement.escrow)
				.wrapping_add(agreement.refunded),
		},
		Check {
			what: "the contract's account paid what was paid",
			expected: difference(agreement.paid, before.agreement.paid),
			found: difference(before.account, after.account),
		},
		Check {
			what: "debt retired = swept",
			expected: difference(agreement.swept, before.agreement.swept),
			found: difference(before.vault.debt, after.vault.debt),
		},
		Check {
			what: "KWH burnt = swept",
			expected: difference(agreement.swept, before.agreement.swept),
			found: difference(before.issuance, after.issuance),
		},
	];
	let failed = failures(checks.into_iter().chain(backing_checks(after)));
	if !failed.is_empty() {
		bail!("the day does not add up:\n{}", failed.join("\n"));
	}
	say(
		"It adds up",
		"billed x tariff = paid = swept + paid out; debt retired = swept; supply = debt",
	);
	Ok(())
}

/// Fails unless all KWH in existence is somebody's debt.
pub fn backing(snapshot: &Snapshot) -> Result<()> {
	let failed = failures(backing_checks(snapshot));
	if !failed.is_empty() {
		bail!("KWH is not what vaults owe:\n{}", failed.join("\n"));
	}
	Ok(())
}

fn backing_checks(snapshot: &Snapshot) -> impl Iterator<Item = Check> {
	let backing = &snapshot.backing;
	let flow = backing.genesis.wrapping_add(backing.minted).wrapping_sub(backing.burnt);
	[
		Check {
			what: "supply = debt",
			expected: backing.debt,
			found: backing.supply,
		},
		Check {
			what: "supply = genesis + minted - burnt",
			expected: flow,
			found: backing.supply,
		},
		Check {
			what: "supply = the ledger's issuance",
			expected: snapshot.issuance,
			found: backing.supply,
		},
	]
	.into_iter()
}

fn failures(checks: impl Iterator<Item = Check>) -> Vec<String> {
	checks
		.filter(|check| check.expected != check.found)
		.map(|check| format!("  {}: expected {}, found {}", check.what, check.expected, check.found))
		.collect()
}

/// `a - b`. What should never be negative wraps to a number that no check expects, so that it shows.
fn difference(a: Balance, b: Balance) -> Balance {
	a.wrapping_sub(b)
}

fn print_backing(backing: &ProofOfBacking) {
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
			"{} of the debt, at {}",
			ratio(backing.collateral_ratio),
			price(backing.collateral_price)
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
}

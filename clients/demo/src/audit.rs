//! Recomputes a settlement from what the chain says before and after it, to the last unit.

mod print;

use anyhow::{bail, Context, Result};
use baseload_client::{
	billing::{ledger::Ledger, terms::Tariff},
	primitives::{views::ProofOfBacking, Totals},
	units::{format_energy, format_kwh, format_signed_tariff},
	AgreementView, At, VaultView,
};
use baseload_primitives::{Balance, SiteId, WattHours};

use crate::plant_day::{say, World};

/// Parts of a whole in parts per million.
const MILLION: Balance = 1_000_000;

/// Inner units of a price: 18 decimals.
const PRICE_UNIT: Balance = 1_000_000_000_000_000_000;

/// What the chain says about a plant's contract, vault and money at one block.
pub struct Snapshot {
	/// The contract, and its state of billing.
	pub agreement: AgreementView,
	/// Its tokens.
	pub ledger: Ledger,
	/// What it has billed in all, in Wh.
	pub wh: u64,
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
	/// How many attestors sit on the meter's committee.
	pub attestors: u32,
	/// What they have earned in all, claimed or not, in KWH base units.
	pub earned: Balance,
	/// What the plant's energy counts as cover.
	pub cover: WattHours,
	/// The plant.
	pub site: SiteId,
}

impl Snapshot {
	/// Everything at one block, at which the contract is active.
	pub async fn take(world: &World, at: &At) -> Result<Self> {
		let agreement = at.agreement(world.agreement).await?.context("the agreement is gone")?;
		let billing = agreement.billing.as_ref().context("the agreement is not active")?;
		let (ledger, wh) = (billing.ledger, billing.wh);
		let committee = at.meter(world.meter).await?.context("the meter is gone")?.committee;
		let attestors = committee.map_or_else(Vec::new, |committee| committee.members);
		let mut earned: Balance = 0;
		for attestor in &attestors {
			let pay = at.attestor_pay(attestor).await?;
			earned = earned.wrapping_add(pay.claimable).wrapping_add(pay.claimed);
		}
		Ok(Self {
			vault: at.vault(world.vault).await?.context("the vault is gone")?,
			backing: at.proof_of_backing().await?,
			issuance: at.kwh_supply().await?,
			producer: at.kwh(&world.cast.producer.account()).await?.free,
			account: at.kwh(&agreement.account).await?.free,
			attestors: attestors.len() as u32,
			earned,
			cover: at.site(world.site).await?.context("the site is gone")?.cover,
			site: world.site,
			ledger,
			wh,
			agreement,
		})
	}

	/// What was paid out of the contract's account in all.
	fn paid(&self) -> &Totals {
		&self.agreement.payouts.paid
	}
}

/// Two amounts that must be equal.
struct Check {
	what: &'static str,
	expected: Balance,
	found: Balance,
}

/// What a settlement moved, by itself.
struct Moved {
	/// Paid for bills.
	payment: Balance,
	/// Of it, to the attestors, as the ledger says.
	attestors: Balance,
	/// Of it, to retire debt.
	swept: Balance,
	/// Received by the producer's account.
	received: Balance,
	/// Gone from the contract's account.
	gone: Balance,
}

/// Prints a settlement, and fails if it does not add up. `metered_wh`: what the plant exported in the month that was billed,
/// by the gateway's own count.
pub fn settlement(before: &Snapshot, after: &Snapshot, metered_wh: u64) -> Result<()> {
	let terms = &after.agreement.contract.terms;
	let Tariff::Fixed { prices } = &terms.tariff else {
		bail!("this check computes fixed tariffs only");
	};
	let price = prices.first().copied().context("the contract has no price")?;
	let billed = after.wh;
	let owed = Balance::from(billed)
		.checked_mul(price.unsigned_abs())
		.context("the bill is beyond what this check can compute")?
		/ PRICE_UNIT;
	let moved = Moved {
		payment: difference(after.ledger.paid, before.ledger.paid),
		attestors: difference(after.ledger.to_attestors, before.ledger.to_attestors),
		swept: difference(after.ledger.swept, before.ledger.swept),
		received: difference(after.producer, before.producer),
		gone: difference(before.account, after.account),
	};
	print::settlement(before, after, price, &moved);
	let checks = [
		Check {
			what: "Wh billed = Wh metered",
			expected: metered_wh.into(),
			found: billed.into(),
		},
		Check {
			what: "billed = Wh billed x tariff",
			expected: owed,
			found: after.ledger.accrued,
		},
		Check {
			what: "paid = billed",
			expected: after.ledger.accrued,
			found: after.ledger.paid,
		},
	];
	let checks = checks.into_iter().chain(shares(before, after, &moved)?);
	let failed = failures(checks.chain(tokens(before, after, &moved)).chain(backing_checks(after)));
	if !failed.is_empty() {
		bail!("the day does not add up:\n{}", failed.join("\n"));
	}
	say(
		"It adds up",
		&format!(
			"{} x {} = {} = {} + {} + {}",
			format_energy(WattHours(billed)),
			format_signed_tariff(price),
			format_kwh(after.ledger.paid),
			format_kwh(moved.attestors),
			format_kwh(moved.swept),
			format_kwh(moved.received)
		),
	);
	say(
		"",
		"paid = attestors + debt retired + paid out, supply = what vaults owe, to the last unit",
	);
	Ok(())
}

/// Who should have got which part of the payment.
fn shares(before: &Snapshot, after: &Snapshot, moved: &Moved) -> Result<[Check; 4]> {
	let cuts = &after.agreement.contract.terms.cuts;
	let too_large = || "the shares are beyond what this check can compute";
	let in_all = |ledger: &Ledger| ledger.to_attestors.wrapping_add(ledger.attestor_due);
	let earned_now = difference(in_all(&after.ledger), in_all(&before.ledger));
	let cap = moved
		.payment
		.checked_mul(cuts.attestor_cap.into())
		.with_context(too_large)?;
	let attestors = before
		.ledger
		.attestor_due
		.wrapping_add(earned_now)
		.min(cap.div_ceil(MILLION));
	let share = |net: Balance| {
		let parts = net.checked_mul(cuts.sweep.into()).with_context(too_large)?;
		anyhow::Ok(parts / MILLION)
	};
	let swept = difference(share(after.ledger.net)?, share(before.ledger.net)?);
	Ok([
		Check {
			what: "attestors earn whole months",
			expected: 0,
			found: earned_now.checked_rem(cuts.attestor_fee).unwrap_or(0),
		},
		Check {
			what: "attestors got what was due, at most their share of the payment",
			expected: attestors,
			found: moved.attestors,
		},
		Check {
			what: "swept = share of what attestors left, at most the debt",
			expected: swept.min(before.vault.debt),
			found: moved.swept,
		},
		Check {
			what: "paid = to attestors + swept + to the payee",
			expected: moved.payment,
			found: difference(after.ledger.to_payee, before.ledger.to_payee)
				.wrapping_add(moved.attestors)
				.wrapping_add(moved.swept),
		},
	])
}

/// Whether the tokens went where the ledger says.
fn tokens(before: &Snapshot, after: &Snapshot, moved: &Moved) -> [Check; 10] {
	let ledger = &after.ledger;
	let minted = difference(after.backing.minted, before.backing.minted);
	let due = &after.agreement.payouts.due;
	let claimable = [due.attestors, due.burnt, due.payee, due.buyer, due.seller];
	let paid = |of: fn(&Totals) -> Balance| difference(of(after.paid()), of(before.paid()));
	let out = [
		ledger.to_attestors,
		ledger.swept,
		ledger.to_payee,
		ledger.to_buyer,
		ledger.to_seller,
	];
	let kept = [
		ledger.escrow,
		ledger.security,
		ledger.bond,
		ledger.held,
		ledger.dispute_bond,
		ledger.provisional,
		ledger.claimable,
	];
	let sum = |amounts: &[Balance]| amounts.iter().fold(0, |sum: Balance, amount| sum.wrapping_add(*amount));
	[
		Check {
			what: "paid in = paid out + buckets",
			expected: ledger.paid_in,
			found: sum(&out).wrapping_add(sum(&kept)),
		},
		Check {
			what: "nothing is left claimable",
			expected: 0,
			found: sum(&claimable),
		},
		Check {
			what: "attestors have what was paid to them",
			expected: paid(|totals| totals.attestors),
			found: difference(after.earned, before.earned),
		},
		Check {
			what: "what attestors cannot divide is less than one unit each",
			expected: 0,
			found: difference(moved.attestors, paid(|totals| totals.attestors)) / Balance::from(after.attestors.max(1)),
		},
		Check {
			what: "the producer has what was paid to it",
			expected: paid(|totals| totals.payee),
			found: moved.received,
		},
		Check {
			what: "the contract's account paid what was paid",
			expected: moved.payment,
			found: moved.gone,
		},
		Check {
			what: "all of it arrived",
			expected: moved.payment,
			found: paid(|totals| totals.attestors)
				.wrapping_add(paid(|totals| totals.burnt))
				.wrapping_add(paid(|totals| totals.payee)),
		},
		Check {
			what: "KWH burnt = swept",
			expected: moved.swept,
			found: difference(after.backing.burnt, before.backing.burnt),
		},
		Check {
			what: "debt of all vaults = debt before + interest minted - swept",
			expected: difference(before.backing.debt.wrapping_add(minted), moved.swept),
			found: after.backing.debt,
		},
		Check {
			what: "the producer's debt fell by what was swept, within a unit and interest",
			expected: 0,
			found: moved
				.swept
				.abs_diff(difference(before.vault.debt, after.vault.debt))
				.saturating_sub(minted.wrapping_add(1)),
		},
	]
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
			what: "supply = debt + shortfall",
			expected: backing.debt.wrapping_add(backing.shortfall),
			found: backing.supply,
		},
		Check {
			what: "debt = sum of the types' debts",
			expected: backing.types.iter().map(|kind| kind.debt).sum(),
			found: backing.debt,
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

#[cfg(test)]
mod tests;

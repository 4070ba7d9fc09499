//! Recomputes a settlement from what the chain says before and after it, to the last unit.

use anyhow::{bail, Context, Result};
use baseload_client::{
	calls::AttestorFee,
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
	/// What the contract pays the meter's attestors.
	pub fee: AttestorFee,
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
	/// Everything at one block.
	pub async fn take(world: &World, at: &At) -> Result<Self> {
		let agreement = at.agreement(world.agreement).await?.context("the agreement is gone")?;
		let terms = at.terms(world.agreement).await?.context("the agreement is gone")?;
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
			fee: terms.attestor_fee,
			attestors: attestors.len() as u32,
			earned,
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

/// Prints a settlement, and fails if it does not add up. `sweep`: the contract's share for the producer's debt, in parts
/// per million. `metered_wh`: what the plant exported since the contract became active, by the gateway's own count.
pub fn settlement(sweep: u32, before: &Snapshot, after: &Snapshot, metered_wh: u64) -> Result<()> {
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
			.checked_mul(sweep.into())
			.context("the share is beyond what this check can compute")?;
		anyhow::Ok(parts / MILLION)
	};
	let payment = difference(agreement.paid, before.agreement.paid);
	let attestors = attestors_part(before, after, payment)?;
	let to_attestors = difference(agreement.to_attestors, before.agreement.to_attestors);
	let net_before = difference(before.agreement.paid, before.agreement.to_attestors);
	let swept = difference(
		share(difference(agreement.paid, agreement.to_attestors))?,
		share(net_before)?,
	);
	let received = difference(after.producer, before.producer);
	let minted = difference(after.backing.minted, before.backing.minted);

	say("Energy billed", &format_energy(WattHours(billed)));
	say(
		"Paid",
		&format!("{} at {}", format_kwh(agreement.paid), format_tariff(agreement.price)),
	);
	say(
		"  to the attestors",
		&format!(
			"{} in {} equal shares; {} stays due",
			format_kwh(agreement.to_attestors),
			after.attestors,
			format_kwh(agreement.attestor_due)
		),
	);
	say("  retired debt", &format_kwh(agreement.swept));
	say("  to the producer", &format_kwh(received));
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
			what: "attestors earn whole months",
			expected: 0,
			found: earned_now(before, after).checked_rem(after.fee.monthly).unwrap_or(0),
		},
		Check {
			what: "attestors got what was due, at most their share of the payment",
			expected: attestors,
			found: to_attestors,
		},
		Check {
			what: "attestors have what they got",
			expected: to_attestors,
			found: difference(after.earned, before.earned),
		},
		Check {
			what: "swept = share of what attestors left, at most the debt",
			expected: swept.min(before.vault.debt),
			found: difference(agreement.swept, before.agreement.swept),
		},
		Check {
			what: "paid = to attestors + swept + paid out",
			expected: payment,
			found: difference(agreement.swept, before.agreement.swept)
				.wrapping_add(to_attestors)
				.wrapping_add(received),
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
			expected: payment,
			found: difference(before.account, after.account),
		},
		Check {
			what: "KWH burnt = swept",
			expected: difference(agreement.swept, before.agreement.swept),
			found: difference(after.backing.burnt, before.backing.burnt),
		},
		Check {
			what: "debt of all vaults = debt before + interest minted - swept",
			expected: difference(
				before.backing.debt.wrapping_add(minted),
				difference(agreement.swept, before.agreement.swept),
			),
			found: after.backing.debt,
		},
		Check {
			what: "the producer's debt fell by what was swept, within a unit and interest",
			expected: 0,
			found: difference(agreement.swept, before.agreement.swept)
				.abs_diff(difference(before.vault.debt, after.vault.debt))
				.saturating_sub(minted.wrapping_add(1)),
		},
	];
	let failed = failures(checks.into_iter().chain(backing_checks(after)));
	if !failed.is_empty() {
		bail!("the day does not add up:\n{}", failed.join("\n"));
	}
	say(
		"It adds up",
		&format!(
			"{} x {} = {} = {} + {} + {}",
			format_energy(WattHours(billed)),
			format_tariff(agreement.price),
			format_kwh(agreement.paid),
			format_kwh(agreement.to_attestors),
			format_kwh(agreement.swept),
			format_kwh(received)
		),
	);
	say(
		"",
		"paid = attestors + debt retired + paid out, supply = what vaults owe, to the last unit",
	);
	Ok(())
}

/// What attestors have earned between two blocks, paid or still due.
fn earned_now(before: &Snapshot, after: &Snapshot) -> Balance {
	let in_all = |agreement: &AgreementView| agreement.to_attestors.wrapping_add(agreement.attestor_due);
	difference(in_all(&after.agreement), in_all(&before.agreement))
}

/// What the attestors should have got of a payment: what was due by then, at most their share rounded up, in equal parts.
fn attestors_part(before: &Snapshot, after: &Snapshot, payment: Balance) -> Result<Balance> {
	let due = before.agreement.attestor_due.wrapping_add(earned_now(before, after));
	let share = payment
		.checked_mul(after.fee.cap.into())
		.context("the attestors' share is beyond what this check can compute")?
		.div_ceil(MILLION);
	let part = due.min(share);
	Ok(part - part.checked_rem(after.attestors.into()).unwrap_or(part))
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
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::{AccountId, RESERVE_TOKEN};
	use baseload_primitives::{views::TypeBacking, AgreementStatus, MeterId, Price, Register};

	/// 10 Wh at 7 units per Wh. Two attestors earn 9 and get a tenth at most, a tenth of the rest is swept: 70 = 6 + 6 + 58.
	const SWEEP: u32 = 100_000;

	fn kind(debt: Balance) -> TypeBacking {
		TypeBacking {
			token: RESERVE_TOKEN,
			debt,
			shortfall: 0,
			collateral: 0,
			reserve: 0,
			revenue: 0,
			pool_kwh: 0,
			pool_collateral: 0,
			price: None,
			collateral_ratio: None,
		}
	}

	fn snapshots() -> (Snapshot, Snapshot) {
		let nobody = AccountId([0; 32]);
		let snapshot = |billed: u64, paid: Balance, to_attestors: Balance, swept: Balance| Snapshot {
			agreement: AgreementView {
				seller: nobody,
				buyer: nobody,
				meter: MeterId(0),
				register: Register::Export,
				price: Price::from_u32(7),
				terms_hash: H256::zero(),
				status: AgreementStatus::Active,
				opening_register: Some(5),
				billed_register: Some(billed),
				final_register: Some(15),
				account: nobody,
				deposited: 100,
				escrow: 100 - paid,
				paid,
				to_attestors,
				attestor_due: to_attestors / 2,
				swept,
				claimable: 0,
				claimable_buyer: 0,
				unpaid: 0,
				closes_in: None,
				refunded: 0,
			},
			vault: VaultView {
				owner: nobody,
				token: RESERVE_TOKEN,
				collateral: 0,
				debt: 20 - swept,
				drawn: 20 - swept,
				sites: vec![],
				energy: WattHours(0),
				energy_limit: 0,
				collateral_ratio: None,
				mint_ratio: Price::from_u32(2),
				liquidation_ratio: Price::from_u32(1),
				drawable: None,
				cure_until: None,
			},
			backing: ProofOfBacking {
				supply: 1_000 - swept,
				genesis: 900,
				minted: 100,
				burnt: swept,
				debt: 1_000 - swept,
				shortfall: 0,
				reference_price: None,
				types: vec![kind(1_000 - swept)],
				collateral_ratio: None,
				energy: WattHours(0),
				energy_ratio: None,
			},
			issuance: 1_000 - swept,
			producer: 500 + paid - to_attestors - swept,
			account: 101 - paid,
			fee: AttestorFee {
				monthly: 9,
				cap: 100_000,
			},
			attestors: 2,
			earned: 11 + to_attestors,
			cover: WattHours(0),
			site: SiteId(0),
		};
		(snapshot(5, 0, 0, 0), snapshot(15, 70, 6, 6))
	}

	#[test]
	fn settlement_should_pass_when_it_adds_up() {
		let (before, after) = snapshots();
		settlement(SWEEP, &before, &after, 10).unwrap();
	}

	#[test]
	fn settlement_should_fail_when_one_number_is_off_by_one() {
		type Spoil = fn(&mut Snapshot);
		let cases: [(Spoil, &str); 15] = [
			(
				|after| after.agreement.billed_register = Some(16),
				"Wh billed = Wh metered",
			),
			(|after| after.agreement.paid += 1, "paid = Wh billed x tariff"),
			(|after| after.agreement.swept += 1, "swept = share"),
			(|after| after.agreement.attestor_due += 1, "attestors earn whole months"),
			(|after| after.agreement.to_attestors += 2, "attestors got what was due"),
			(|after| after.earned -= 1, "attestors have what they got"),
			(|after| after.producer -= 1, "paid = to attestors + swept + paid out"),
			(|after| after.agreement.claimable += 1, "nothing is left claimable"),
			(
				|after| after.agreement.escrow -= 1,
				"deposited = paid + escrow + refunded",
			),
			(|after| after.account += 1, "the contract's account paid"),
			(|after| after.vault.debt += 2, "the producer's debt fell"),
			(|after| after.backing.burnt += 1, "KWH burnt = swept"),
			(|after| after.issuance += 1, "supply = the ledger's issuance"),
			(|after| after.backing.debt += 1, "supply = debt + shortfall"),
			(|after| after.backing.types[0].debt += 1, "debt = sum of the types"),
		];
		for (spoil, expected) in cases {
			let (before, mut after) = snapshots();
			spoil(&mut after);
			let error = settlement(SWEEP, &before, &after, 10).unwrap_err().to_string();
			assert!(error.contains(expected), "{expected}: {error}");
		}
	}

	#[test]
	fn backing_should_fail_when_supply_did_not_come_from_vaults() {
		let (_, mut after) = snapshots();
		backing(&after).unwrap();
		after.backing.minted += 1;
		assert!(backing(&after)
			.unwrap_err()
			.to_string()
			.contains("supply = genesis + minted - burnt"));
	}
}

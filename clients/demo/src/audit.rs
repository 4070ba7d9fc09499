//! Recomputes a settlement from what the chain says before and after it, to the last unit.

use anyhow::{bail, Context, Result};
use baseload_client::{
	billing::{ledger::Ledger, terms::Tariff},
	primitives::{views::ProofOfBacking, Totals},
	units::{format_energy, format_kwh, format_price, format_signed_tariff},
	AgreementView, At, VaultView,
};
use baseload_primitives::{Balance, SiteId, WattHours};

use crate::plant_day::{percent, say, World};

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
	print(before, after, price, &moved);
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

fn print(before: &Snapshot, after: &Snapshot, price: i128, moved: &Moved) {
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
	print_backing(&after.backing);
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
	use crate::{contract::terms, plant_day::Plan};
	use baseload_client::RESERVE_TOKEN;
	use baseload_client::{
		agreements::{Attestors, Kwh, Share},
		billing::{shares::Take, Month},
		primitives::{Contract, Payouts, Side},
		AccountId, H256,
	};
	use baseload_primitives::{views::TypeBacking, AgreementStatus, MeterId, Price};

	/// Spoils one number.
	type Spoil = fn(&mut Snapshot);

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

	/// 10 Wh at 7 units per Wh. Two attestors earn 9 and get a tenth at most, a tenth of the rest is swept: 70 = 7 + 6 + 57, of
	/// which one that two attestors cannot divide goes to the payee.
	fn snapshots() -> (Snapshot, Snapshot) {
		let paid = Totals {
			attestors: 6,
			burnt: 6,
			payee: 58,
			..Default::default()
		};
		let ledger = Ledger {
			escrow: 30,
			paid_in: 100,
			accrued: 70,
			paid: 70,
			to_attestors: 7,
			swept: 6,
			to_payee: 57,
			attestor_due: 2,
			vault_debt: 14,
			net: 63,
			..Default::default()
		};
		let before = Ledger {
			escrow: 100,
			paid_in: 100,
			vault_debt: 20,
			..Default::default()
		};
		(snapshot(before, Totals::default(), 0), snapshot(ledger, paid, 10))
	}

	fn snapshot(ledger: Ledger, paid: Totals, wh: u64) -> Snapshot {
		let seen = Totals {
			attestors: ledger.to_attestors,
			burnt: ledger.swept,
			payee: ledger.to_payee,
			..Default::default()
		};
		Snapshot {
			agreement: view(Payouts {
				seen,
				due: Totals::default(),
				paid,
			}),
			vault: VaultView {
				owner: AccountId([0; 32]),
				token: RESERVE_TOKEN,
				collateral: 0,
				debt: 20 - ledger.swept,
				drawn: 20 - ledger.swept,
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
				supply: 1_000 - ledger.swept,
				genesis: 900,
				minted: 100,
				burnt: ledger.swept,
				debt: 1_000 - ledger.swept,
				shortfall: 0,
				reference_price: None,
				types: vec![kind(1_000 - ledger.swept)],
				collateral_ratio: None,
				energy: WattHours(0),
				energy_ratio: None,
			},
			issuance: 1_000 - ledger.swept,
			producer: 500 + paid.payee,
			account: 101 - ledger.paid,
			attestors: 2,
			earned: 11 + paid.attestors,
			cover: WattHours(0),
			site: SiteId(0),
			ledger,
			wh,
		}
	}

	fn view(payouts: Payouts) -> AgreementView {
		let nobody = AccountId([0; 32]);
		let plan = Plan {
			tariff: Price::from_u32(7),
			sweep: 100_000,
			..Plan::default()
		};
		let fee = Attestors {
			monthly: Kwh(9),
			cap: Share(100_000),
		};
		AgreementView {
			contract: Contract {
				seller: nobody,
				buyer: nobody,
				payee: nobody,
				resolver: None,
				meter: MeterId(0),
				share: Take::Percent(1_000_000),
				feed: None,
				vault: None,
				conditions: Default::default(),
				lender: Default::default(),
				terms: terms(&plan, Month::new(24_324).unwrap(), fee).unwrap(),
			},
			hash: H256::zero(),
			proposer: Side::Seller,
			status: AgreementStatus::Active,
			account: nobody,
			now: 0,
			deposit: 0,
			reserve: 0,
			deposits: Default::default(),
			billing: None,
			payouts,
			lender: None,
			operator: nobody,
			request: None,
			amendment: None,
			security_target: 0,
			closed_at: None,
		}
	}

	#[test]
	fn settlement_should_pass_when_it_adds_up() {
		let (before, after) = snapshots();
		settlement(&before, &after, 10).unwrap();
	}

	#[test]
	fn settlement_should_fail_when_one_number_is_off_by_one() {
		let cases: [(Spoil, &str); 16] = [
			(|after| after.wh += 1, "Wh billed = Wh metered"),
			(|after| after.ledger.accrued += 1, "billed = Wh billed x tariff"),
			(|after| after.ledger.paid -= 1, "paid = billed"),
			(|after| after.ledger.attestor_due += 1, "attestors earn whole months"),
			(|after| after.ledger.to_attestors += 2, "attestors got what was due"),
			(|after| after.ledger.swept += 1, "swept = share"),
			(|after| after.ledger.to_payee -= 1, "paid = to attestors + swept"),
			(|after| after.ledger.escrow -= 1, "paid in = paid out + buckets"),
			(|after| after.earned -= 1, "attestors have what was paid to them"),
			(|after| after.producer -= 1, "the producer has what was paid to it"),
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
			let error = settlement(&before, &after, 10).unwrap_err().to_string();
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

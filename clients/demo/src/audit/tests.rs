//! One number off by one is found.

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
		behind: 0,
		value: None,
		revenue: 0,
		pool_kwh: 0,
		pool_collateral: 0,
		price: None,
		collateral_ratio: None,
		impaired: false,
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
			declared: WattHours(0),
			energy_limit: 0,
			collateral_ratio: None,
			mint_ratio: Price::from_u32(2),
			liquidation_ratio: Price::from_u32(1),
			raised: None,
			drawable: None,
			cure_in: None,
			winding_down: None,
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
			declared: WattHours(0),
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

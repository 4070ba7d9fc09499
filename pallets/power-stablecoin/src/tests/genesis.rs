//! The vaults with which the chain begins.

use baseload_primitives::{Price, KWH};

use super::*;
use crate::{GenesisVault, Issuance, Issued};

fn build(change: impl FnOnce(&mut ExtBuilder)) {
	let mut builder = ExtBuilder::default();
	change(&mut builder);
	builder.build_and_execute(|| ());
}

#[test]
fn genesis_should_owe_all_kwh_when_built() {
	run(|| {
		let vault = vault(GENESIS);
		assert_eq!(
			(vault.owner, vault.token, debt(GENESIS), collateral(GENESIS)),
			(BANK, RSV, 10_000 * KWH, 3_000 * RESERVE)
		);
		assert_eq!(vault.drawn, 10_000 * KWH);
		assert_eq!((vault.deposit, vault.declared), (DEPOSIT, energy_for(10_000)));
		assert_eq!(Balances::total_issuance(), 10_000 * KWH);
		assert_eq!(
			Issuance::<Test>::get(),
			Issued {
				genesis: 10_000 * KWH,
				minted: 0,
				burnt: 0
			}
		);
		assert_eq!(kind(RSV).books.debt, 10_000 * KWH);
		assert_eq!(kind(RSV).books.collateral, 3_000 * RESERVE);
		assert_eq!([kwh(TREASURY), kwh(ALICE), kwh(BOB)], [KWH, 2_000 * KWH, 1_000 * KWH]);
		assert_eq!(kwh(BANK), 10_000 * KWH - 3_002 * KWH - DEPOSIT);
		assert_eq!(reserve(PowerStablecoin::account()), 3_000 * RESERVE + RESERVE_MIN);
		assert_eq!(reserve(BANK), 97_000 * RESERVE);
	});
}

#[test]
fn genesis_should_build_several_vaults_when_each_is_covered() {
	let second = GenesisVault {
		owner: ALICE,
		debt: MIN_DEBT,
		energy: energy_for(100),
		..genesis_vault()
	};
	let second = GenesisVault {
		// Collateral that meets the ratio to the last digit would be too little.
		collateral: 15 * RESERVE + 1,
		pay_out: vec![(ALICE, KWH), (ALICE, KWH)],
		..second
	};
	let builder = ExtBuilder {
		vaults: vec![genesis_vault(), second],
		..Default::default()
	};
	builder.build_and_execute(|| {
		assert_eq!(vault(FIRST).owner, ALICE);
		assert_eq!(Issuance::<Test>::get().genesis, 10_000 * KWH + MIN_DEBT);
		assert_eq!(kwh(ALICE), 2_000 * KWH + MIN_DEBT - DEPOSIT);
	});
}

#[test]
fn genesis_should_need_no_price_when_there_are_no_vaults() {
	build(|builder| {
		builder.vaults.clear();
		builder.reference_price = Price::from_inner(0);
	});
}

#[test]
#[should_panic(expected = "KWH exist that no vault owes")]
fn genesis_should_fail_when_kwh_exist_already() {
	build(|builder| builder.stray = vec![(ALICE, KWH)]);
}

#[test]
#[should_panic(expected = "referencePrice must be set")]
fn genesis_should_fail_when_the_reference_price_is_missing() {
	build(|builder| builder.reference_price = Price::from_inner(0));
}

#[test]
#[should_panic(expected = "the price of vault 0's type must be set")]
fn genesis_should_fail_when_a_price_is_missing() {
	build(|builder| builder.types[0].price = Price::from_inner(0));
}

#[test]
#[should_panic(expected = "vault 0 is of no type")]
fn genesis_should_fail_when_a_vault_is_of_no_type() {
	build(|builder| builder.vaults[0].token = 7);
}

#[test]
#[should_panic(expected = "token 1 cannot be a type: Module")]
fn genesis_should_fail_when_a_type_is_named_twice() {
	build(|builder| {
		let again = builder.types[0].clone();
		builder.types.push(again);
	});
}

#[test]
#[should_panic(expected = "no vault pays the vaults' account")]
fn genesis_should_fail_when_the_account_gets_nothing_of_its_own() {
	build(|builder| {
		builder.vaults[0].pay_out.pop();
	});
}

#[test]
#[should_panic(expected = "declared energy of vault 0 does not cover its debt")]
fn genesis_should_fail_when_energy_is_short() {
	build(|builder| builder.vaults[0].energy.0 -= 1);
}

#[test]
#[should_panic(expected = "collateral of vault 0 does not cover its debt at the mint ratio")]
fn genesis_should_fail_when_collateral_is_short() {
	build(|builder| builder.vaults[0].collateral = 1_500 * RESERVE - 1);
}

#[test]
#[should_panic(expected = "owner of vault 0 has not its collateral")]
fn genesis_should_fail_when_the_owner_lacks_the_tokens() {
	build(|builder| builder.vaults[0].collateral = 100_001 * RESERVE);
}

#[test]
#[should_panic(expected = "debt of vault 0 is below the minimum debt")]
fn genesis_should_fail_when_debt_is_dust() {
	build(|builder| {
		builder.vaults[0].pay_out.clear();
		builder.vaults[0].debt = MIN_DEBT - 1;
	});
}

#[test]
#[should_panic(expected = "vault 0 pays out more than its debt")]
fn genesis_should_fail_when_it_pays_out_more_than_the_debt() {
	build(|builder| builder.vaults[0].pay_out[0].1 = 7_000 * KWH + 1);
}

#[test]
#[should_panic(expected = "owner of vault 0 cannot spare the deposit")]
fn genesis_should_fail_when_the_owner_keeps_too_little() {
	build(|builder| builder.vaults[0].pay_out[0].1 = 6_999 * KWH);
}

#[test]
#[should_panic(expected = "genesis: vault 0 cannot pay 1 to 5")]
fn genesis_should_fail_when_a_payment_is_dust() {
	build(|builder| builder.vaults[0].pay_out.push((5, 1)));
}

#[test]
fn config_should_round_trip_when_written_as_json() {
	let config = crate::GenesisConfig::<Test> {
		types: ExtBuilder::default().types,
		vaults: vec![genesis_vault()],
		reference_price: Price::from_rational(1, 10),
	};
	let json = serde_json::to_value(&config).unwrap();
	assert_eq!(json["vaults"][0]["payOut"][0][0], TREASURY);
	let read: crate::GenesisConfig<Test> = serde_json::from_value(json).unwrap();
	assert_eq!((read.types, read.vaults), (config.types, config.vaults));
}

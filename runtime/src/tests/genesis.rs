//! KWH exists only as the debt of genesis vaults.

use super::*;
use crate::{configs::money::TreasuryAccount, Balances, Bonds, PowerStablecoin, Session, ValidatorSet};
use baseload_primitives::KWH;
use sp_runtime::traits::Zero;

#[test]
fn presets_should_back_every_kwh_with_debt_when_built() {
	for preset in ["development", "local_testnet"] {
		chain(preset).execute_with(|| {
			let proof = PowerStablecoin::proof_of_backing();
			assert_eq!(proof.supply, Balances::total_issuance());
			assert_eq!(proof.supply, proof.debt);
			assert_eq!(proof.supply, proof.genesis);
			assert_eq!(proof.supply, 10_000_000 * KWH);
			assert!((proof.minted, proof.burnt) == (0, 0));
			assert!(!proof.types[0].collateral.is_zero());
			assert_eq!(proof.shortfall, 0);
		});
	}
}

#[test]
fn presets_should_fund_people_and_treasury_when_built() {
	chain("development").execute_with(|| {
		for key in [Sr25519Keyring::Alice, Sr25519Keyring::Ferdie] {
			assert!(Balances::free_balance(account(key)) >= 500_000 * KWH);
			assert!(Bonds::free_balance(account(key)) > 0);
		}
		assert!(!Balances::free_balance(TreasuryAccount::get()).is_zero());
		assert!(!Bonds::free_balance(TreasuryAccount::get()).is_zero());
	});
}

#[test]
fn presets_should_differ_in_tempo_and_validators_when_built() {
	chain("development").execute_with(|| {
		assert_eq!(Session::validators().len(), 1);
		assert_eq!(pallet_validator_set::MinValidators::<Runtime>::get(), 1);
		assert_eq!(ValidatorSet::slot_duration(), 1_000);
	});
	chain("local_testnet").execute_with(|| {
		assert_eq!(Session::validators().len(), 4);
		assert_eq!(pallet_validator_set::MinValidators::<Runtime>::get(), 3);
		assert_eq!(ValidatorSet::slot_duration(), 6_000);
	});
}

#[test]
fn genesis_should_be_refused_when_the_treasury_is_not_funded() {
	let without = |list: &[serde_json::Value]| {
		let treasury = serde_json::to_value(TreasuryAccount::get()).expect("an account serialises");
		let others: serde_json::Value = list.iter().filter(|entry| entry[0] != treasury).cloned().collect();
		assert_ne!(others, serde_json::Value::from(list), "the treasury is in the list");
		others
	};
	let preset = crate::genesis::get_preset(&PresetId::from("development")).expect("the preset exists");
	let preset: serde_json::Value = serde_json::from_slice(&preset).expect("the preset is JSON");

	let bonds = without(preset["bonds"]["balances"].as_array().expect("a list"));
	let refused = changed_chain("development", serde_json::json!({ "bonds": { "balances": bonds } }));
	assert!(refused.is_err_and(|why| why.contains("0x6d6f646c626c2f74727372") && why.contains("deposit in BLD")));

	// What the vault pays out is its debt, so the treasury's part goes to somebody else.
	let mut vaults = preset["powerStablecoin"]["vaults"].clone();
	for entry in vaults[0]["payOut"].as_array_mut().expect("a list") {
		if entry[0] == serde_json::to_value(TreasuryAccount::get()).expect("an account serialises") {
			entry[0] = serde_json::to_value(AccountId::new([7; 32])).expect("an account serialises");
		}
	}
	let refused = changed_chain(
		"development",
		serde_json::json!({ "powerStablecoin": { "vaults": vaults } }),
	);
	assert!(refused.is_err_and(|why| why.contains("deposit in KWH")));
}

#[test]
fn unknown_preset_should_be_none_when_asked_for() {
	assert_eq!(crate::genesis::get_preset(&PresetId::from("mainnet")), None);
	assert!(crate::genesis::preset_names()
		.iter()
		.all(|name| crate::genesis::get_preset(name).is_some()));
}

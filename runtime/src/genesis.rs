//! How a network begins: the state that a genesis configuration makes, and the presets.
//!
//! `development`: one validator and quick blocks. `local_testnet`: four validators and the production block time. Both use
//! well-known keys and a superuser, and are for one machine only.

use alloc::{format, vec, vec::Vec};
use baseload_primitives::{Balance, Moment, Price, TypeParams, WattHours, BLD, BLD_TOKEN, HOUR, KWH, SECOND};
use frame_support::{build_struct_json_patch, genesis_builder_helper::build_state, traits::fungible::Inspect};
use pallet_power_stablecoin::{GenesisType, GenesisVault};
use serde_json::Value;
use sp_core::hexdisplay::HexDisplay;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Permill;

use crate::{
	configs::{
		consensus::BABE_GENESIS_EPOCH,
		money::{TreasuryAccount, EXISTENTIAL_DEPOSIT, RESERVE_DECIMALS, RESERVE_TOKEN},
	},
	AccountId, AssetsConfig, BabeConfig, Balances, Bonds, BondsConfig, CouncilConfig, MeterAttestationConfig,
	OracleMembershipConfig, PowerStablecoin, PowerStablecoinConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
	SudoConfig, ValidatorSetConfig,
};

/// One whole reserve token in base units.
const RESERVE: Balance = (10 as Balance).pow(RESERVE_DECIMALS as u32);

/// KWH that exist at genesis: the debt of the genesis vault.
const GENESIS_DEBT: Balance = 10_000_000 * KWH;
/// Its collateral: at the genesis prices below, 168 % of the debt.
const GENESIS_COLLATERAL: Balance = 12_000_000 * RESERVE;
/// Its declared energy: half of it, the advance rate, covers the debt. It expires within thirty days.
const GENESIS_ENERGY: WattHours = WattHours(20_000_000_000);

/// What each well-known account is given: KWH and BLD.
const ENDOWMENT: Balance = 500_000;
/// What each well-known account is given of the reserve token.
const RESERVE_ENDOWMENT: Balance = 1_000_000 * RESERVE;
/// The least balance of the reserve token, in base units.
const RESERVE_MINIMUM: Balance = 1;
/// What the treasury is given, so that it can receive dust and fees.
const TREASURY_ENDOWMENT: Balance = 1_000;
/// The bond of each genesis validator.
const BOND: Balance = 100_000 * BLD;

/// Price of one kWh in the quote currency when the chain begins: 0.10.
const REFERENCE_PRICE: Price = Price::from_rational(10, 100);
/// Price of one reserve token in the quote currency when the chain begins: 0.14.
const COLLATERAL_PRICE: Price = Price::from_rational(14, 100);

/// Price of one BLD in the quote currency when the chain begins: 0.05.
const BLD_PRICE: Price = Price::from_rational(5, 100);

/// What the reserve token is governed by: a stable token of an issuer.
const RESERVE_PARAMS: TypeParams = TypeParams {
	mint_bp: 15_000,
	liquidation_bp: 13_000,
	penalty_bp: 1_000,
	interest: Permill::from_percent(2),
	ceiling: 1_000_000_000,
	refill: 5_000_000,
	max_share: Permill::one(),
};

/// What BLD is governed by: it swings, and it also secures the chain.
const BLD_PARAMS: TypeParams = TypeParams {
	mint_bp: 25_000,
	liquidation_bp: 20_000,
	penalty_bp: 1_300,
	interest: Permill::from_percent(4),
	ceiling: 10_000_000,
	refill: 100_000,
	max_share: Permill::from_percent(10),
};

/// What a network keeps for good.
struct Nature {
	/// Length of a slot; `None` for the production length.
	slot: Option<Moment>,
	/// How long a reading can be challenged.
	challenge_window: Moment,
	/// The fewest validators that the set may shrink to.
	min_validators: u32,
}

fn accounts(keys: &[Sr25519Keyring]) -> Vec<AccountId> {
	keys.iter().map(|key| key.to_account_id()).collect()
}

fn session_keys(key: Sr25519Keyring, finality: Ed25519Keyring) -> SessionKeys {
	SessionKeys {
		babe: key.public().into(),
		grandpa: finality.public().into(),
	}
}

fn preset(validators: &[(Sr25519Keyring, Ed25519Keyring)], nature: Nature) -> Value {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};
	let people = accounts(&[Alice, Bob, Charlie, Dave, Eve, Ferdie]);
	let treasury = TreasuryAccount::get();
	let issuer = Alice.to_account_id();
	let vaults = PowerStablecoin::account();

	let mut pay_out: Vec<_> = people.iter().map(|who| (who.clone(), ENDOWMENT * KWH)).collect();
	pay_out.push((treasury.clone(), TREASURY_ENDOWMENT * KWH));
	// What the vaults' account keeps of its own of each currency.
	pay_out.push((vaults.clone(), EXISTENTIAL_DEPOSIT));
	let mut bonds: Vec<_> = people.iter().map(|who| (who.clone(), ENDOWMENT * BLD)).collect();
	bonds.push((treasury, TREASURY_ENDOWMENT * BLD));
	bonds.push((vaults.clone(), EXISTENTIAL_DEPOSIT));
	let mut reserves: Vec<_> = people
		.iter()
		.map(|who| {
			(
				RESERVE_TOKEN,
				who.clone(),
				RESERVE_ENDOWMENT + if *who == issuer { GENESIS_COLLATERAL } else { 0 },
			)
		})
		.collect();
	reserves.push((RESERVE_TOKEN, vaults, RESERVE_MINIMUM));

	build_struct_json_patch!(RuntimeGenesisConfig {
		bonds: BondsConfig { balances: bonds },
		assets: AssetsConfig {
			assets: vec![(RESERVE_TOKEN, issuer.clone(), true, RESERVE_MINIMUM)],
			metadata: vec![(RESERVE_TOKEN, b"Reserve".to_vec(), b"RSV".to_vec(), RESERVE_DECIMALS)],
			accounts: reserves,
			next_asset_id: Some(RESERVE_TOKEN + 1),
		},
		validator_set: ValidatorSetConfig {
			validators: validators
				.iter()
				.map(|(key, _)| (key.to_account_id(), BOND))
				.collect::<Vec<_>>(),
			slot_duration: nature.slot,
			min_validators: Some(nature.min_validators),
		},
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|(key, finality)| (key.to_account_id(), key.to_account_id(), session_keys(*key, *finality)))
				.collect::<Vec<_>>(),
		},
		babe: BabeConfig {
			epoch_config: BABE_GENESIS_EPOCH
		},
		council: CouncilConfig {
			members: accounts(&[Alice, Bob, Charlie])
		},
		oracle_membership: OracleMembershipConfig {
			members: accounts(&[Alice, Bob, Charlie])
				.try_into()
				.expect("three members are within the limit of sixteen"),
		},
		sudo: SudoConfig {
			key: Some(issuer.clone())
		},
		meter_attestation: MeterAttestationConfig {
			challenge_window: Some(nature.challenge_window)
		},
		power_stablecoin: PowerStablecoinConfig {
			types: vec![
				GenesisType {
					token: RESERVE_TOKEN,
					params: RESERVE_PARAMS,
					price: COLLATERAL_PRICE,
				},
				GenesisType {
					token: BLD_TOKEN,
					params: BLD_PARAMS,
					price: BLD_PRICE,
				},
			],
			vaults: vec![GenesisVault {
				owner: issuer,
				token: RESERVE_TOKEN,
				collateral: GENESIS_COLLATERAL,
				debt: GENESIS_DEBT,
				energy: GENESIS_ENERGY,
				pay_out,
			}],
			reference_price: REFERENCE_PRICE,
		},
	})
}

fn development() -> Value {
	let nature = Nature {
		slot: Some(SECOND),
		challenge_window: 10 * SECOND,
		min_validators: 1,
	};
	preset(&[(Sr25519Keyring::Alice, Ed25519Keyring::Alice)], nature)
}

fn local_testnet() -> Value {
	use Ed25519Keyring as Finality;
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave};
	preset(
		&[
			(Alice, Finality::Alice),
			(Bob, Finality::Bob),
			(Charlie, Finality::Charlie),
			(Dave, Finality::Dave),
		],
		Nature {
			slot: None,
			challenge_window: HOUR,
			// One of the four may leave.
			min_validators: 3,
		},
	)
}

/// Makes the genesis state of a network from its whole configuration, as JSON.
///
/// # Errors
///
/// Says what is wrong with the JSON; or that the treasury's account would not exist in KWH or in BLD. What cannot be paid into it
/// would be burnt: fees and dust, of which every unit is somebody's debt, and slashed bonds. Panics as the pallets' genesis does.
pub fn build(config: Vec<u8>) -> sp_genesis_builder::Result {
	build_state::<RuntimeGenesisConfig>(config)?;
	let treasury = TreasuryAccount::get();
	for (symbol, exists) in [
		("KWH", Balances::balance(&treasury) >= Balances::minimum_balance()),
		("BLD", Bonds::balance(&treasury) >= Bonds::minimum_balance()),
	] {
		if !exists {
			let account: &[u8; 32] = treasury.as_ref();
			return Err(format!(
				"genesis gives the treasury, account 0x{}, less than the existential deposit in {symbol}: what is paid to it \
				 would be burnt",
				HexDisplay::from(account),
			));
		}
	}
	Ok(())
}

/// The preset of that name as JSON, or `None` if there is none.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		_ => return None,
	};
	Some(serde_json::to_vec(&patch).expect("a JSON value of plain structs and strings serialises; qed"))
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![
		PresetId::from(DEV_RUNTIME_PRESET),
		PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
	]
}

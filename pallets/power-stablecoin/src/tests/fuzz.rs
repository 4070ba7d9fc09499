//! Random histories against a naive model that keeps everything in maps and adds up by hand.
//!
//! After every step: the pallet did what the model says or failed and changed not one byte, all invariants hold, and every
//! balance, vault and view is what the model has.

mod model;

use baseload_primitives::{DebtSweep, Moment, Price, SiteId, VaultId, WattHours, DAY, KWH};
use frame_support::{
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation},
};
use proptest::prelude::*;
use sp_runtime::{DispatchError, StateVersion};

use super::*;
use crate::DeclaredSince;
use model::{Model, Must};

const ACCOUNTS: [AccountId; 4] = [BANK, ALICE, BOB, 4];
const SITES: u32 = 6;
const START: Moment = 1_000;
/// Thousandths per price of one.
const MILLI: u128 = 1_000;

#[derive(Clone, Debug)]
enum Op {
	Open(AccountId),
	Deposit(AccountId, u32, Balance),
	Pledge(AccountId, u32, u32),
	Release(AccountId, u32, u32),
	Draw(AccountId, u32, Balance),
	Repay(AccountId, u32, Balance),
	Withdraw(AccountId, u32, Balance),
	Close(AccountId, u32),
	Retire(AccountId, u32, Balance),
	/// What a site attests.
	Attest(u32, u64),
	/// Prices in thousandths.
	Prices(Option<u16>, Option<u16>),
	Wait(Moment),
	SendKwh(AccountId, AccountId, Balance),
	Donate(AccountId, Balance),
}

impl Op {
	/// The vault it is about.
	fn vault(&self) -> Option<u32> {
		match self {
			Op::Deposit(_, id, _) | Op::Draw(_, id, _) | Op::Repay(_, id, _) | Op::Withdraw(_, id, _) => Some(*id),
			Op::Pledge(_, id, _) | Op::Release(_, id, _) | Op::Retire(_, id, _) | Op::Close(_, id) => Some(*id),
			_ => None,
		}
	}
}

/// A transfer that leaves no dust.
fn send<Token: Mutate<AccountId, Balance = Balance>>(
	from: AccountId,
	to: AccountId,
	amount: Balance,
) -> Result<(), DispatchError> {
	let preservation = if Token::balance(&from) == amount {
		Preservation::Expendable
	} else {
		Preservation::Preserve
	};
	with_storage_layer(|| Token::transfer(&from, &to, amount, preservation).map(|_| ()))
}

fn execute(op: &Op) -> Result<(), DispatchError> {
	let refunded =
		|result: frame_support::dispatch::DispatchResultWithPostInfo| result.map(|_| ()).map_err(|failed| failed.error);
	match op.clone() {
		Op::Open(who) => PowerStablecoin::open(origin(who), RSV),
		Op::Deposit(who, id, amount) => PowerStablecoin::deposit(origin(who), VaultId(id), amount),
		Op::Pledge(who, id, site) => PowerStablecoin::pledge_site(origin(who), VaultId(id), SiteId(site)),
		Op::Release(who, id, site) => refunded(PowerStablecoin::release_site(origin(who), VaultId(id), SiteId(site))),
		Op::Draw(who, id, amount) => refunded(PowerStablecoin::draw(origin(who), VaultId(id), amount)),
		Op::Repay(who, id, amount) => PowerStablecoin::repay(origin(who), VaultId(id), amount),
		Op::Withdraw(who, id, amount) => PowerStablecoin::withdraw(origin(who), VaultId(id), amount),
		Op::Close(who, id) => refunded(PowerStablecoin::close(origin(who), VaultId(id))),
		// No storage layer around this one: it has to undo its own failure.
		Op::Retire(who, id, amount) => PowerStablecoin::retire(VaultId(id), &who, amount).map(|_| ()),
		Op::Attest(site, wh) => {
			set_site(SiteId(site), Sites::get()[&SiteId(site)].0, WattHours(wh));
			Ok(())
		}
		Op::Prices(reference, collateral) => {
			let price = |given: Option<u16>| given.map(|milli| Price::from_rational(milli.into(), MILLI));
			set_prices(price(reference), price(collateral));
			Ok(())
		}
		Op::Wait(time) => {
			set_time(pallet_timestamp::Now::<Test>::get() + time);
			Ok(())
		}
		Op::SendKwh(from, to, amount) => send::<Balances>(from, to, amount),
		Op::Donate(who, amount) => send::<Reserve>(who, PowerStablecoin::account(), amount),
	}
}

fn accounts() -> impl Strategy<Value = AccountId> {
	proptest::sample::select(&ACCOUNTS[..])
}

/// Amounts around every limit: tiny, near a whole number of tokens, and more than anybody has.
fn amounts(unit: u128, min: u128) -> impl Strategy<Value = Balance> {
	prop_oneof![
		2 => 0..3u128,
		2 => (0..3u128).prop_map(move |n| min - 1 + n),
		8 => (1..40u128, 0..3u128).prop_map(move |(n, off)| 25 * n * unit - 1 + off),
		8 => (1..1_500u128).prop_map(move |n| n * unit),
		1 => Just(Balance::MAX),
	]
}

fn ops() -> impl Strategy<Value = Op> {
	let vaults = || 0..4u32;
	let sites = || 0..SITES;
	let kwh = || amounts(KWH, KWH_MIN);
	let reserve = || amounts(RESERVE, RESERVE_MIN);
	let milli = || prop_oneof![6 => (1..2_000u16).prop_map(Some), 1 => Just(None), 1 => Just(Some(0))];
	prop_oneof![
		2 => accounts().prop_map(Op::Open),
		5 => (accounts(), vaults(), reserve()).prop_map(|(who, id, amount)| Op::Deposit(who, id, amount)),
		4 => (accounts(), vaults(), sites()).prop_map(|(who, id, site)| Op::Pledge(who, id, site)),
		3 => (accounts(), vaults(), sites()).prop_map(|(who, id, site)| Op::Release(who, id, site)),
		6 => (accounts(), vaults(), kwh()).prop_map(|(who, id, amount)| Op::Draw(who, id, amount)),
		5 => (accounts(), vaults(), kwh()).prop_map(|(who, id, amount)| Op::Repay(who, id, amount)),
		4 => (accounts(), vaults(), reserve()).prop_map(|(who, id, amount)| Op::Withdraw(who, id, amount)),
		2 => (accounts(), vaults()).prop_map(|(who, id)| Op::Close(who, id)),
		3 => (accounts(), vaults(), kwh()).prop_map(|(who, id, amount)| Op::Retire(who, id, amount)),
		4 => (sites(), 0..4_000_000u64).prop_map(|(site, wh)| Op::Attest(site, wh)),
		2 => (milli(), milli()).prop_map(|(reference, collateral)| Op::Prices(reference, collateral)),
		2 => (0..10 * DAY).prop_map(Op::Wait),
		2 => (accounts(), accounts(), kwh()).prop_map(|(from, to, amount)| Op::SendKwh(from, to, amount)),
		1 => (accounts(), reserve()).prop_map(|(who, amount)| Op::Donate(who, amount)),
	]
}

/// Two vaults that can draw.
fn beginning() -> Vec<Op> {
	let mut ops = vec![];
	for (id, who, site) in [(1, ALICE, 1), (2, BOB, 2)] {
		ops.extend([
			Op::Open(who),
			Op::Deposit(who, id, 1_000 * RESERVE),
			Op::Attest(site, energy_for(2_000).0),
			Op::Pledge(who, id, site),
		]);
	}
	ops
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn pallet_should_match_the_model_when_anything_happens(
		ops in proptest::collection::vec((0..10u8, ops()), 30..90),
	) {
		ExtBuilder::default().build_and_execute(|| {
			set_time(START);
			DeclaredSince::<Test>::put(START);
			let mut model = Model::new();
			for (site, (owner, _, _)) in &model.sites {
				set_site(SiteId(*site), *owner, WattHours(0));
			}
			for (aim, op) in beginning().into_iter().map(|op| (0, op)).chain(ops) {
				let op = if aim == 0 { op } else { model.aim(op, aim > 5) };
				let must = model.judge(&op);
				let before = sp_io::storage::root(StateVersion::V1);
				match execute(&op) {
					Ok(()) => {
						assert_ne!(must, Must::Fail, "passed: {op:?}");
						model.apply(&op);
					},
					Err(error) => {
						assert_ne!(must, Must::Pass, "{error:?}: {op:?}");
						assert_eq!(before, sp_io::storage::root(StateVersion::V1), "changed: {op:?}");
					},
				}
				PowerStablecoin::do_try_state().unwrap();
				model.compare();
			}
		});
	}
}

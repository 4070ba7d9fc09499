//! Random histories of owners, holders, depositors, keepers and administrators.
//!
//! After every step: a call that failed has changed not one byte; all invariants hold, of the state and of the step; and what the
//! pallet has told in its events adds up, in a naive model that knows nothing but them, to what every account holds and every
//! vault owes.

mod model;
mod steps;

use baseload_primitives::{
	BreakerLevel, DebtSweep, Moment, Price, SiteId, TokenId, TypeParams, VaultId, WattHours, BLD_TOKEN, DAY, HOUR, KWH,
	MINUTE,
};
use frame_support::{
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
};
use proptest::prelude::*;
use sp_runtime::{DispatchError, Permill, Perquintill, StateVersion};

use super::*;
use model::Model;
use steps::Before;

const ACCOUNTS: [AccountId; 4] = [BANK, ALICE, BOB, 4];
const SITES: u32 = 6;
/// A token like the reserve token, which becomes a type on the way.
const LATER: TokenId = 2;

#[derive(Clone, Debug)]
enum Op {
	Open(AccountId, TokenId),
	Deposit(AccountId, u32, Balance),
	Pledge(u32, u32),
	Release(u32, u32),
	Draw(u32, Balance),
	/// All that the view says can be drawn, and so much more.
	DrawAll(u32, Balance),
	Repay(AccountId, u32, Balance),
	Retire(AccountId, u32, Balance),
	Withdraw(u32, Balance),
	Close(u32),
	Redeem(AccountId, Balance, u32, Option<Balance>),
	Cancel(AccountId, u64),
	WorkQueue(u32),
	Liquidate(TokenId, u32),
	PoolDeposit(AccountId, TokenId, Balance),
	PoolNotice(AccountId, TokenId, Balance),
	PoolWithdraw(AccountId, TokenId),
	PoolClaim(AccountId, TokenId),
	ClaimPayout(AccountId, TokenId),
	SweepRevenue(TokenId),
	Tighten(BreakerLevel),
	Loosen(BreakerLevel),
	CheckCover(u32),
	/// By an administrator, or by a guardian.
	Impair(TokenId, bool),
	Restore(TokenId),
	AddType(TokenId, Moves),
	SetParams(TokenId, Moves),
	ShutDown,
	SweepVaults(u32),
	CashOut(AccountId, Balance),
	/// What a site attests.
	Attest(u32, u64),
	/// A token's price in percent of what it is at first.
	Feed(TokenId, u32),
	NoPrice(TokenId),
	Reference(Option<u32>),
	/// Time passes; with fresh feeds or without; and a block does what blocks do.
	Pass(Moment, bool),
	SendKwh(AccountId, AccountId, Balance),
	Donate(AccountId, Balance),
	/// The reserve token's issuer blocks an account, or lets it go.
	Block(AccountId, bool),
}

/// How far each parameter moves; the limits move to a number.
#[derive(Clone, Debug)]
struct Moves {
	mint: i32,
	liquidation: i32,
	penalty: i32,
	interest: i32,
	share: i32,
	ceiling: u64,
	refill: u64,
}

impl Moves {
	fn from(&self, old: TypeParams) -> TypeParams {
		let part = |old: Permill, by| Permill::from_parts(old.deconstruct().saturating_add_signed(by));
		TypeParams {
			mint_bp: old.mint_bp.saturating_add_signed(self.mint),
			liquidation_bp: old.liquidation_bp.saturating_add_signed(self.liquidation),
			penalty_bp: old.penalty_bp.saturating_add_signed(self.penalty),
			interest: part(old.interest, self.interest),
			ceiling: self.ceiling,
			refill: self.refill,
			max_share: part(old.max_share, self.share),
		}
	}
}

/// A transfer that leaves no dust.
fn send(from: AccountId, to: AccountId, amount: Balance) -> Result<(), DispatchError> {
	let preservation = if Balances::free_balance(from) == amount {
		Preservation::Expendable
	} else {
		Preservation::Preserve
	};
	with_storage_layer(|| <Balances as Mutate<_>>::transfer(&from, &to, amount, preservation).map(|_| ()))
}

/// The vault that a number means: one of those there are.
fn aim(number: u32) -> (AccountId, VaultId) {
	let mut ids: Vec<VaultId> = Vaults::<Test>::iter_keys().collect();
	ids.sort();
	match ids.get(number as usize % ids.len().max(1)) {
		Some(id) => (vault(*id).owner, *id),
		None => (ALICE, VaultId(number)),
	}
}

fn execute(op: &Op) -> Result<(), DispatchError> {
	let plain =
		|result: frame_support::dispatch::DispatchResultWithPostInfo| result.map(|_| ()).map_err(|failed| failed.error);
	let root = RuntimeOrigin::root;
	match op.clone() {
		Op::Open(who, token) => PowerStablecoin::open(origin(who), token),
		Op::Deposit(who, at, amount) => PowerStablecoin::deposit(origin(who), aim(at).1, amount),
		Op::Pledge(at, site) => {
			let (owner, id) = aim(at);
			PowerStablecoin::pledge_site(origin(owner), id, SiteId(site))
		}
		Op::Release(at, site) => {
			let (owner, id) = aim(at);
			plain(PowerStablecoin::release_site(origin(owner), id, SiteId(site)))
		}
		Op::Draw(at, amount) => {
			let (owner, id) = aim(at);
			plain(PowerStablecoin::draw(origin(owner), id, amount))
		}
		Op::DrawAll(at, more) => {
			let (owner, id) = aim(at);
			let most = PowerStablecoin::vault(id).and_then(|view| view.drawable);
			let most = most.ok_or(DispatchError::Unavailable)?;
			let drawn = plain(PowerStablecoin::draw(origin(owner), id, most + more));
			assert_eq!(drawn.is_ok(), most > 0 && more == 0, "{most} + {more}: {drawn:?}");
			drawn
		}
		Op::Repay(who, at, amount) => PowerStablecoin::repay(origin(who), aim(at).1, amount),
		// No storage layer around this one: it has to undo its own failure.
		Op::Retire(who, at, amount) => PowerStablecoin::retire(aim(at).1, &who, amount).map(|_| ()),
		Op::Withdraw(at, amount) => {
			let (owner, id) = aim(at);
			PowerStablecoin::withdraw(origin(owner), id, amount)
		}
		Op::Close(at) => {
			let (owner, id) = aim(at);
			plain(PowerStablecoin::close(origin(owner), id))
		}
		Op::Redeem(who, amount, fee, least) => {
			let limits = least.map(|least| (RSV, least)).into_iter().collect::<Vec<_>>();
			PowerStablecoin::redeem(
				origin(who),
				amount,
				Perquintill::from_percent(fee.into()),
				limits.try_into().unwrap(),
			)
		}
		Op::Cancel(who, id) => PowerStablecoin::cancel_redemption(origin(who), id),
		Op::WorkQueue(steps) => PowerStablecoin::work_queue(origin(BOB), steps),
		Op::Liquidate(token, most) => plain(PowerStablecoin::liquidate(origin(BOB), token, most)),
		Op::PoolDeposit(who, token, amount) => PowerStablecoin::pool_deposit(origin(who), token, amount),
		Op::PoolNotice(who, token, amount) => PowerStablecoin::pool_notice(origin(who), token, amount),
		Op::PoolWithdraw(who, token) => PowerStablecoin::pool_withdraw(origin(who), token),
		Op::PoolClaim(who, token) => PowerStablecoin::pool_claim(origin(who), token),
		Op::ClaimPayout(who, token) => PowerStablecoin::claim_payout(origin(who), token),
		Op::SweepRevenue(token) => PowerStablecoin::sweep_revenue(origin(BOB), token),
		Op::Tighten(level) => PowerStablecoin::tighten(origin(GUARD), level),
		Op::Loosen(level) => PowerStablecoin::loosen(root(), level),
		Op::CheckCover(at) => PowerStablecoin::check_cover(origin(BOB), aim(at).1),
		Op::Impair(token, true) => PowerStablecoin::impair(root(), token),
		Op::Impair(token, false) => PowerStablecoin::impair(origin(GUARD), token),
		Op::Restore(token) => PowerStablecoin::restore(root(), token),
		Op::AddType(token, moves) => PowerStablecoin::add_type(root(), token, moves.from(params())),
		Op::SetParams(token, moves) => {
			let old = Types::<Test>::get(token).map_or_else(params, |kind| kind.params);
			PowerStablecoin::set_params(root(), token, moves.from(old))
		}
		Op::ShutDown => PowerStablecoin::shut_down(root()),
		Op::SweepVaults(most) => plain(PowerStablecoin::sweep_vaults(origin(BOB), most)),
		Op::CashOut(who, amount) => PowerStablecoin::cash_out(origin(who), amount),
		Op::Attest(site, wh) => {
			set_site(SiteId(site), ACCOUNTS[site as usize % 3], WattHours(wh));
			Ok(())
		}
		Op::Feed(token, percent) => {
			feed(token, Price::from_rational(percent.into(), 100));
			Ok(())
		}
		Op::NoPrice(token) => {
			let mut prices = FedPrices::get();
			prices.remove(&token);
			FedPrices::set(&prices);
			Ok(())
		}
		Op::Reference(percent) => {
			FedReference::set(&percent.map(|percent| Price::from_rational(percent.into(), 1_000)));
			Ok(())
		}
		Op::Pass(time, fresh) => {
			if fresh {
				pass(time);
			} else {
				set_time(Timestamp::get() + time);
				next_block();
			}
			Ok(())
		}
		Op::SendKwh(from, to, amount) => send(from, to, amount),
		Op::Donate(who, amount) => Assets::transfer_keep_alive(origin(who), RSV, PowerStablecoin::account(), amount),
		Op::Block(who, true) => Assets::block(origin(BANK), RSV, who),
		Op::Block(who, false) => Assets::thaw(origin(BANK), RSV, who),
	}
}

fn accounts() -> impl Strategy<Value = AccountId> {
	proptest::sample::select(&ACCOUNTS[..])
}

/// Amounts around every limit: tiny, near a whole number of tokens, and more than anybody has.
fn amounts(unit: u128) -> impl Strategy<Value = Balance> {
	prop_oneof![
		2 => 0..3u128,
		8 => (1..40u128, 0..3u128).prop_map(move |(n, off)| 25 * n * unit - 1 + off),
		8 => (1..1_500u128).prop_map(move |n| n * unit),
		1 => Just(Balance::MAX),
	]
}

fn tokens() -> impl Strategy<Value = TokenId> {
	prop_oneof![10 => Just(RSV), 2 => Just(BLD_TOKEN), 2 => Just(LATER), 1 => Just(9)]
}

fn moves() -> impl Strategy<Value = Moves> {
	let ratio = || prop_oneof![3 => Just(0), 3 => -300..300i32, 1 => -600..600i32];
	let interest = prop_oneof![2 => Just(0), 3 => -10_000..10_000i32];
	let share = prop_oneof![3 => Just(0), 2 => -90_000..0i32, 1 => 0..90_000i32];
	let limits = (10_000..120_000u64, 1_000..60_000u64);
	(ratio(), ratio(), ratio(), interest, share, limits).prop_map(
		|(mint, liquidation, penalty, interest, share, (ceiling, refill))| Moves {
			mint,
			liquidation,
			penalty,
			interest,
			share,
			ceiling,
			refill,
		},
	)
}

fn levels() -> impl Strategy<Value = BreakerLevel> {
	prop_oneof![
		Just(BreakerLevel::All),
		Just(BreakerLevel::NoNewDebt),
		Just(BreakerLevel::ExitOnly)
	]
}

/// What owners do.
fn owners() -> impl Strategy<Value = Op> {
	let vaults = || 0..8u32;
	prop_oneof![
		3 => (accounts(), tokens()).prop_map(|(who, token)| Op::Open(who, token)),
		6 => (accounts(), vaults(), amounts(RESERVE)).prop_map(|(who, at, amount)| Op::Deposit(who, at, amount)),
		4 => (vaults(), 0..SITES).prop_map(|(at, site)| Op::Pledge(at, site)),
		2 => (vaults(), 0..SITES).prop_map(|(at, site)| Op::Release(at, site)),
		6 => (vaults(), amounts(KWH)).prop_map(|(at, amount)| Op::Draw(at, amount)),
		4 => (vaults(), 0..2u128).prop_map(|(at, more)| Op::DrawAll(at, more)),
		4 => (accounts(), vaults(), amounts(KWH)).prop_map(|(who, at, amount)| Op::Repay(who, at, amount)),
		3 => (accounts(), vaults(), amounts(KWH)).prop_map(|(who, at, amount)| Op::Retire(who, at, amount)),
		4 => (vaults(), amounts(RESERVE)).prop_map(|(at, amount)| Op::Withdraw(at, amount)),
		2 => vaults().prop_map(Op::Close),
	]
}

/// What holders, depositors and keepers do.
fn others() -> impl Strategy<Value = Op> {
	let least = || prop_oneof![2 => Just(None), 1 => (0..120_000u128).prop_map(Some)];
	prop_oneof![
		5 => (accounts(), amounts(KWH), 0..7u32, least())
			.prop_map(|(who, amount, fee, least)| Op::Redeem(who, amount, fee, least)),
		1 => (accounts(), 0..10u64).prop_map(|(who, id)| Op::Cancel(who, id)),
		2 => (0..5u32).prop_map(Op::WorkQueue),
		2 => (tokens(), 0..4u32).prop_map(|(token, most)| Op::Liquidate(token, most)),
		4 => (accounts(), tokens(), amounts(KWH)).prop_map(|(who, token, amount)| Op::PoolDeposit(who, token, amount)),
		2 => (accounts(), tokens(), amounts(KWH)).prop_map(|(who, token, amount)| Op::PoolNotice(who, token, amount)),
		3 => (accounts(), tokens()).prop_map(|(who, token)| Op::PoolWithdraw(who, token)),
		2 => (accounts(), tokens()).prop_map(|(who, token)| Op::PoolClaim(who, token)),
		1 => (accounts(), tokens()).prop_map(|(who, token)| Op::ClaimPayout(who, token)),
		1 => tokens().prop_map(Op::SweepRevenue),
		2 => (accounts(), accounts(), amounts(KWH)).prop_map(|(from, to, amount)| Op::SendKwh(from, to, amount)),
		1 => (accounts(), amounts(RESERVE)).prop_map(|(who, amount)| Op::Donate(who, amount)),
	]
}

/// What administrators, guardians, issuers, meters, feeds and time do.
fn world() -> impl Strategy<Value = Op> {
	let passing = prop_oneof![3 => Just(MINUTE), 3 => Just(HOUR), 1 => 0..10 * DAY];
	prop_oneof![
		1 => levels().prop_map(Op::Tighten),
		3 => levels().prop_map(Op::Loosen),
		2 => (0..8u32).prop_map(Op::CheckCover),
		1 => (tokens(), proptest::bool::weighted(0.2)).prop_map(|(token, admin)| Op::Impair(token, admin)),
		2 => tokens().prop_map(Op::Restore),
		3 => (tokens(), moves()).prop_map(|(token, moves)| Op::SetParams(token, moves)),
		2 => (tokens(), moves()).prop_map(|(token, moves)| Op::AddType(token, moves)),
		3 => (0..SITES, 0..4_000_000u64).prop_map(|(site, wh)| Op::Attest(site, wh)),
		6 => (prop_oneof![5 => Just(RSV), 1 => Just(BLD_TOKEN), 1 => Just(LATER)], 40..130u32)
			.prop_map(|(token, to)| Op::Feed(token, to)),
		1 => tokens().prop_map(Op::NoPrice),
		1 => proptest::option::weighted(0.8, 50..200u32).prop_map(Op::Reference),
		9 => (passing, proptest::bool::weighted(0.9)).prop_map(|(time, fresh)| Op::Pass(time, fresh)),
		1 => (accounts(), proptest::bool::weighted(0.3)).prop_map(|(who, block)| Op::Block(who, block)),
	]
}

/// What happens after a shutdown.
fn afterwards() -> impl Strategy<Value = Op> {
	prop_oneof![
		2 => (0..4u32).prop_map(Op::SweepVaults),
		3 => (accounts(), amounts(KWH)).prop_map(|(who, amount)| Op::CashOut(who, amount)),
		2 => (accounts(), tokens()).prop_map(|(who, token)| Op::PoolWithdraw(who, token)),
		1 => owners(),
		1 => others(),
		1 => world(),
	]
}

/// Everybody gets some of the token that becomes a type later, the pallet's account too.
fn later_token() {
	assert_ok!(Assets::force_create(
		RuntimeOrigin::root(),
		LATER,
		BANK,
		true,
		RESERVE_MIN
	));
	assert_ok!(Assets::force_set_metadata(
		RuntimeOrigin::root(),
		LATER,
		b"Later".to_vec(),
		b"LTR".to_vec(),
		6,
		false
	));
	for who in ACCOUNTS {
		assert_ok!(Assets::mint(origin(BANK), LATER, who, 100_000 * RESERVE));
	}
	assert_ok!(Assets::mint(
		origin(BANK),
		LATER,
		PowerStablecoin::account(),
		RESERVE_MIN
	));
	feed(LATER, Price::from_u32(1));
}

/// Three vaults that owe, and a pool.
fn beginning() -> Vec<Op> {
	let mut ops = vec![];
	for (at, who, site) in [(1, ALICE, 1), (2, BOB, 2)] {
		ops.extend([
			Op::Attest(site, energy_for(2_000).0),
			Op::Open(who, RSV),
			Op::Deposit(who, at, 120 * RESERVE),
			Op::Pledge(at, site),
			Op::Draw(at, 600 * KWH),
		]);
	}
	ops.extend([
		Op::PoolDeposit(ALICE, RSV, 300 * KWH),
		Op::Pass(HOUR, true),
		Op::Pass(HOUR, true),
	]);
	ops
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(192))]

	#[test]
	fn pallet_should_match_the_model_when_anything_happens(
		interest in prop_oneof![Just(0u32), 1..200_000u32],
		ops in proptest::collection::vec(prop_oneof![4 => owners(), 3 => others(), 4 => world()], 40..120),
		end in proptest::option::weighted(0.3, proptest::collection::vec(afterwards(), 10..40)),
	) {
		let end = end.into_iter().flat_map(|after| std::iter::once(Op::ShutDown).chain(after));
		let mut builder = ExtBuilder::default();
		builder.types[0].params.interest = Permill::from_parts(interest);
		builder.build_and_execute(|| {
			for site in 0..SITES {
				set_site(SiteId(site), ACCOUNTS[site as usize % 3], WattHours(0));
			}
			later_token();
			next_block();
			let mut model = Model::new();
			for (turn, op) in beginning().into_iter().chain(ops).chain(end).enumerate() {
				System::reset_events();
				let root = sp_io::storage::root(StateVersion::V1);
				let before = Before::new();
				match execute(&op) {
					Ok(()) => model.follow(&op),
					Err(_) => assert_eq!(root, sp_io::storage::root(StateVersion::V1), "changed: {op:?}"),
				}
				if let Err(broken) = PowerStablecoin::do_try_state() {
					panic!("{op:?}: {broken:?}");
				}
				model.compare(&op);
				steps::no_dust_is_left(&op);
				before.others_lose_nothing(&op);
				steps::exits_pass(turn);
			}
		});
	}
}

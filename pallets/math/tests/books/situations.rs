//! Situations that have broken other systems.

use crate::{
	ledger::Past,
	operation::{Config, Id, Op, Outcome, Redemption, Refusal},
	profile::CONFIG,
	watched::Watched,
};
use baseload_math::books::{
	depositor::{Deposit, PoolTerms},
	pool::Pool,
	Error,
};

/// One KWH, or one whole token of collateral.
const ONE: u128 = 1_000_000_000_000;

/// A ledger at a price of one.
fn at_par(config: Config) -> Watched {
	let mut watched = Watched::new(config);
	watched.must(Op::Price(1, 1));
	watched
}

fn indebted(watched: &mut Watched, id: Id, collateral: u128, draw: u128) {
	watched.must(Op::Open(id));
	watched.must(Op::Deposit(id, collateral));
	watched.must(Op::Draw(id, draw));
}

fn redeem(watched: &mut Watched, amount: u128) -> Redemption {
	match watched.must(Op::Redeem(amount)) {
		Outcome::Redemption(redemption) => redemption,
		other => panic!("{other:?}"),
	}
}

fn debt(watched: &Watched, id: Id) -> u128 {
	let ledger = &watched.ledger;
	ledger.books.debt_of(&ledger.vaults[&id]).unwrap()
}

fn claimable(watched: &Watched, id: Id) -> u128 {
	let ledger = &watched.ledger;
	let deposit = ledger.deposit_of(id).unwrap();
	deposit.claimable(&ledger.pool, &ledger.past).unwrap()
}

#[test]
fn pool_should_live_on_when_a_product_without_scales_dies_after_ten_offsets() {
	let terms = PoolTerms {
		delay: 1,
		..CONFIG.pool
	};
	let mut without_scales = 10u128.pow(27);
	let (mut pool, mut past) = (Pool::default(), Past::default());
	for round in 1..=20 {
		// A new depositor of 1,000 KWH joins what is left of the others, and 99.9 % of all burns.
		let (with, deposit, _) = Deposit::default().add(&pool, 1_000 * ONE, round - 1, &terms).unwrap();
		past.marks.insert(round, with.marks);
		let active = with.activate(1_000 * ONE).unwrap();
		let burnt = active.active / 1_000 * 999;
		let (after, finished) = active.offset(burnt, burnt * 2).unwrap();
		past.sums
			.extend(finished.map(|finished| (finished.scale, finished.sum)));
		without_scales /= 1_000;
		assert_eq!(without_scales == 0, round >= 10);

		let deposit = deposit.settled(round, &past).unwrap();
		let value = deposit.value(&after).unwrap();
		assert!(value.abs_diff(ONE) <= ONE / 1_000, "worth {value} in round {round}");
		let gain = deposit.claimable(&after, &past).unwrap();
		let exact = burnt * 2 * (1_000 * ONE) / active.active;
		assert!(
			gain <= exact && exact - gain <= 1,
			"gained {gain} of {exact} in round {round}"
		);
		pool = after;
	}
	assert!(pool.marks.scale >= 6);
}

#[test]
fn books_should_start_again_when_a_redemption_takes_everything() {
	let mut watched = at_par(CONFIG);
	indebted(&mut watched, 1, 200 * ONE, 100 * ONE);
	indebted(&mut watched, 2, 300 * ONE, 100 * ONE);
	let revenue = watched.ledger.revenue;
	watched.must(Op::SpendRevenue(revenue));
	let all = watched.ledger.supply();
	assert_eq!(redeem(&mut watched, all).burnt, all);
	assert_eq!(watched.ledger.supply(), 0);

	assert_eq!(watched.apply(Op::Redeem(1)), Err(Refusal::Funds));
	assert_eq!(watched.apply(Op::Liquidate(1)), Err(Error::Safe.into()));
	watched.must(Op::Accrue(1_000));
	watched.must(Op::Price(2, 1));
	watched.must(Op::Withdraw(1, 1));
	indebted(&mut watched, 3, 400 * ONE, 100 * ONE);
	watched.must(Op::Close(1));
	assert_eq!(watched.ledger.books.debt, debt(&watched, 3));
}

#[test]
fn books_should_stay_exact_when_one_owner_draws_and_redeems_two_hundred_times() {
	let mut watched = at_par(CONFIG);
	indebted(&mut watched, 1, 1_000_000 * ONE, 1_000 * ONE);
	let bystander = debt(&watched, 1);
	watched.must(Op::Open(2));
	for _ in 0..200 {
		watched.must(Op::Deposit(2, 150_000 * ONE));
		watched.must(Op::Draw(2, 99_000 * ONE));
		let nearly_all = (debt(&watched, 2) / 1_000 * 999).min(watched.ledger.wallets);
		let redeemed = redeem(&mut watched, nearly_all);
		assert_eq!(redeemed.vaults.len(), 1);
		assert_eq!(redeemed.vaults[0].0, 2);
	}
	assert_eq!(debt(&watched, 1), bystander);
	let books = &watched.ledger.books;
	assert_eq!(books.debt, watched.ledger.supply());
	// A unit still has the shares it began with, but for what the rounding gave to those who stayed.
	let per_unit = books.shares / books.debt;
	assert!(per_unit >> 63 == 2.into() && per_unit >> 40 == (1u128 << 24).into());
}

/// What a depositor gains who stood behind the pool, and one nine times larger who came when the next price was foreseen.
fn gains_of_the_patient_and_the_late(delay: u64) -> (u128, u128) {
	let mut config = CONFIG;
	config.pool.delay = delay;
	let mut watched = at_par(config);
	indebted(&mut watched, 1, 1_600 * ONE, 1_000 * ONE);
	indebted(&mut watched, 2, 100_000 * ONE, 20_000 * ONE);
	watched.must(Op::PoolDeposit(1, 1_100 * ONE));
	watched.must(Op::Price(1, 1));
	watched.must(Op::Price(1, 1));
	watched.must(Op::PoolDeposit(2, 9_900 * ONE));
	watched.must(Op::Price(130, 100));
	watched.must(Op::Liquidate(1));
	(claimable(&watched, 1), claimable(&watched, 2))
}

#[test]
fn just_in_time_deposit_should_gain_nothing_when_deposits_count_from_the_second_price() {
	let (patient, late) = gains_of_the_patient_and_the_late(1);
	assert!(
		late / patient == 9 || late / patient == 8,
		"from the first price it took 90 %"
	);
	let (patient, late) = gains_of_the_patient_and_the_late(2);
	assert!(patient > 1_300 * ONE);
	assert_eq!(late, 0);
}

#[test]
fn redeemers_should_get_over_95_percent_of_par_when_liquidation_is_paused_and_the_front_is_under_water() {
	let mut watched = at_par(CONFIG);
	for id in 1..=3 {
		indebted(&mut watched, id, 1_550 * ONE, 1_000 * ONE);
	}
	for id in 4..=8 {
		indebted(&mut watched, id, 6_000 * ONE, 1_000 * ONE);
	}
	// Nobody liquidates: the first three are worth half of what they owe, the others twice.
	watched.must(Op::Price(31, 10));
	assert_eq!(watched.apply(Op::Draw(8, ONE)), Err(Error::UnsafeFront.into()));
	for _ in 0..10 {
		let redeemed = redeem(&mut watched, 400 * ONE);
		assert_eq!(redeemed.burnt, 400 * ONE);
		assert!(redeemed.vaults.iter().all(|(id, _)| *id > 3));
		let par = redeemed.burnt * 31 / 10;
		assert!(redeemed.out * 100 > par * 95 - 100, "{} of {par}", redeemed.out);
		watched.must(Op::Accrue(100));
	}
}

#[test]
fn liquidated_owner_should_keep_the_surplus_when_the_price_is_bad() {
	let mut watched = at_par(CONFIG);
	indebted(&mut watched, 1, 1_600 * ONE, 1_000 * ONE);
	indebted(&mut watched, 2, 9_000 * ONE, 1_000 * ONE);
	watched.must(Op::Price(130, 100));
	watched.must(Op::Liquidate(1));
	watched.must(Op::Price(100, 1));
	let ledger = &watched.ledger;
	let surplus = ledger.books.collateral_of(&ledger.vaults[&1]).unwrap();
	assert!(surplus > 150 * ONE);
	watched.must(Op::Withdraw(1, surplus));
	assert_eq!(watched.apply(Op::Withdraw(2, 1)), Err(Error::BelowMintRatio.into()));
}

#[test]
fn owner_should_only_repay_all_or_add_collateral_when_a_redemption_left_dust() {
	let mut config = CONFIG;
	config.terms.minimum_debt = 100 * ONE;
	let mut watched = at_par(config);
	indebted(&mut watched, 1, 1_000 * ONE, 200 * ONE);
	redeem(&mut watched, 150 * ONE);
	assert_eq!(watched.apply(Op::Withdraw(1, 1)), Err(Error::BelowMinimumDebt.into()));
	assert_eq!(watched.apply(Op::Repay(1, 1)), Err(Error::BelowMinimumDebt.into()));
	watched.must(Op::Deposit(1, 1));
	let revenue = watched.ledger.revenue;
	watched.must(Op::SpendRevenue(revenue));
	watched.must(Op::Repay(1, 200 * ONE));
	watched.must(Op::Withdraw(1, 1));
}

#[test]
fn redemption_should_pass_over_a_vault_when_the_floor_leaves_nothing_to_redeem() {
	let mut config = CONFIG;
	config.terms.minimum_debt = ONE;
	config.terms.redemption_floor = 50 * ONE;
	let mut watched = at_par(config);
	indebted(&mut watched, 1, 80 * ONE, 40 * ONE);
	indebted(&mut watched, 2, 800 * ONE, 200 * ONE);
	let redeemed = redeem(&mut watched, 30 * ONE);
	assert_eq!(redeemed.vaults.len(), 1);
	assert_eq!((redeemed.vaults[0].0, redeemed.burnt), (2, 30 * ONE));
}

//! Prices: bounded moves, confirmation, the slow reference and its mean.

use baseload_primitives::{Observed, Price, DAY, HOUR, KWH, MINUTE};
use frame_support::{assert_noop, assert_ok};

use super::*;
use crate::{prices::CONFIRMATION, Error, Market, Reference, ReferencePrice};

fn percent(of: u32) -> Price {
	Price::from_rational(of.into(), 100)
}

fn seen(of: u32, at: u64) -> Observed {
	split(of, of, at)
}

fn split(lower: u32, upper: u32, at: u64) -> Observed {
	Observed {
		lower: percent(lower),
		upper: percent(upper),
		at,
	}
}

#[test]
fn market_should_believe_neither_half_of_the_feeds_when_they_are_apart() {
	let (market, ..) = Market::default().after(seen(100, MINUTE));
	let at = 2 * MINUTE + CONFIRMATION;
	let (market, low, high) = market.after(split(10, 100, 2 * MINUTE));
	assert_eq!((low, high), (percent(10), percent(100)));
	// However long it lasts.
	let (market, low, high) = market.after(split(10, 100, at));
	assert_eq!(
		(market.confirmed, low, high),
		(Some(percent(100)), percent(10), percent(100))
	);
	// What one half said before does not count for the other.
	let (market, low, high) = market.after(seen(10, at + MINUTE));
	assert_eq!(
		(market.confirmed, low, high),
		(Some(percent(100)), percent(10), percent(100))
	);
	let (market, low, high) = market.after(seen(10, at + CONFIRMATION));
	assert_eq!((market.moved, low, high), (None, percent(10), percent(10)));
}

#[test]
fn market_should_give_both_when_the_halves_are_within_the_band() {
	let (market, ..) = Market::default().after(seen(100, MINUTE));
	let (market, low, high) = market.after(split(98, 103, 2 * MINUTE));
	assert_eq!((market.moved, low, high), (None, percent(98), percent(103)));
	// Nor is a first price believed that half of the feeds do not see.
	let (market, low, high) = Market::default().after(split(50, 100, MINUTE));
	assert_eq!((market.confirmed, low, high), (None, percent(50), percent(100)));
}

#[test]
fn half_of_the_feeds_should_neither_liquidate_nor_let_anybody_draw() {
	run(|| {
		let id = indebted(ALICE, 150, 900);
		feed(RSV, percent(10));
		FedUpper::set(&Some(percent(100)));
		for _ in 0..30 {
			pass(MINUTE);
		}
		assert_eq!(debt(id), 900 * KWH);
		let draw = || PowerStablecoin::draw(origin(ALICE), id, KWH).map_err(|failed| failed.error);
		assert_noop!(draw(), Error::<Test>::CollateralTooLow);
		// Half of them saying too much lends nothing either.
		feed(RSV, percent(100));
		FedUpper::set(&Some(percent(900)));
		pass(MINUTE);
		assert_noop!(
			PowerStablecoin::draw(origin(ALICE), id, 200 * KWH).map_err(|failed| failed.error),
			Error::<Test>::CollateralTooLow
		);
	});
}

#[test]
fn market_should_believe_a_move_within_the_band_at_once() {
	let (market, low, high) = Market::default().after(seen(100, 1));
	assert_eq!(
		(market.confirmed, low, high),
		(Some(percent(100)), percent(100), percent(100))
	);
	let (market, low, high) = market.after(seen(110, 2));
	assert_eq!(
		(market.confirmed, low, high),
		(Some(percent(110)), percent(110), percent(110))
	);
}

#[test]
fn market_should_show_two_prices_until_a_larger_move_is_confirmed() {
	let (market, ..) = Market::default().after(seen(100, MINUTE));
	let (market, low, high) = market.after(seen(80, 2 * MINUTE));
	assert_eq!(
		(market.confirmed, low, high),
		(Some(percent(100)), percent(80), percent(100))
	);
	// It goes on moving a little: the wait goes on.
	let (market, low, high) = market.after(seen(78, 2 * MINUTE + CONFIRMATION - 1));
	assert_eq!((low, high), (percent(78), percent(100)));
	let (market, low, high) = market.after(seen(78, 2 * MINUTE + CONFIRMATION));
	assert_eq!(
		(market.confirmed, low, high),
		(Some(percent(78)), percent(78), percent(78))
	);
}

#[test]
fn market_should_wait_anew_when_it_moves_again() {
	let (market, ..) = Market::default().after(seen(100, 0));
	let (market, ..) = market.after(seen(80, MINUTE));
	let (market, low, high) = market.after(seen(60, MINUTE + CONFIRMATION));
	assert_eq!(
		(market.moved, low, high),
		(Some((percent(60), MINUTE + CONFIRMATION)), percent(60), percent(100))
	);
	// Back within the band: as if nothing had been.
	let (market, low, high) = market.after(seen(95, 2 * CONFIRMATION));
	assert_eq!((market.moved, low, high), (None, percent(95), percent(95)));
}

#[test]
fn operations_should_go_by_the_worse_price_when_there_are_two() {
	run(|| {
		let id = indebted(ALICE, 150, 900);
		pass(MINUTE);
		feed(RSV, percent(70));
		pass(MINUTE);
		// Not liquidated at the lower price, and nothing drawn at the higher.
		assert_eq!(debt(id), 900 * KWH);
		let draw = || PowerStablecoin::draw(origin(ALICE), id, KWH).map_err(|failed| failed.error);
		assert_noop!(draw(), Error::<Test>::CollateralTooLow);
		feed(RSV, percent(140));
		pass(MINUTE);
		assert_ok!(draw());
		assert_noop!(
			PowerStablecoin::draw(origin(ALICE), id, 100 * KWH).map_err(|failed| failed.error),
			Error::<Test>::CollateralTooLow
		);
	});
}

#[test]
fn reference_should_follow_its_feeds_by_a_hundredth_a_day() {
	run(|| {
		pass(HOUR);
		pass(HOUR);
		let from = PowerStablecoin::reference().unwrap();
		assert_eq!(from, Price::from_rational(1, 10));
		FedReference::set(&Some(Price::from_u32(5)));
		// Read at once and an hour later, the day's hundredth is there in parts.
		assert_eq!(PowerStablecoin::reference(), Some(from));
		pass(12 * HOUR);
		assert_eq!(PowerStablecoin::reference(), Some(Price::from_rational(1_005, 10_000)));
		FedReference::set(&Some(Price::from_inner(1)));
		pass(24 * HOUR);
		let lower = PowerStablecoin::reference().unwrap();
		assert_eq!(lower, Price::from_rational(99_495, 1_000_000));
	});
}

#[test]
fn reference_should_not_fall_below_its_floor() {
	run(|| {
		set_prices(Some(Price::from_inner(1)), Some(percent(100)));
		assert_eq!(PowerStablecoin::reference(), Some(Price::from_rational(1, 1_000)));
	});
}

#[test]
fn new_debt_should_be_valued_at_the_yearly_mean_when_that_is_higher() {
	run(|| {
		ready();
		pass(HOUR);
		pass(HOUR);
		pass(2 * DAY);
		ReferencePrice::<Test>::mutate(|reference| {
			reference.as_mut().unwrap().price = Price::from_rational(1, 20);
		});
		FedReference::set(&Some(Price::from_rational(1, 20)));
		let mean = ReferencePrice::<Test>::get().unwrap().mean();
		assert_eq!(mean, Price::from_rational(1, 10));
		// 150 tokens would cover 2,000 KWH at the price of now.
		set_site(SITE, ALICE, energy_for(5_000));
		let draw = |amount| PowerStablecoin::draw(origin(ALICE), FIRST, amount).map_err(|failed| failed.error);
		assert_noop!(draw(1_000 * KWH + UNIT + 1), Error::<Test>::CollateralTooLow);
		assert_ok!(draw(1_000 * KWH + UNIT));
	});
}

#[test]
fn mean_should_be_of_a_year_of_days_when_more_have_closed() {
	run(|| {
		pass(HOUR);
		pass(HOUR);
		for day in 0..400u32 {
			let price = if day < 100 { 1 } else { 2 };
			ReferencePrice::<Test>::mutate(|reference| {
				reference.as_mut().unwrap().price = Price::from_rational(price, 10);
			});
			FedReference::set(&Some(Price::from_rational(price, 10)));
			pass(DAY);
		}
		let reference: Reference = ReferencePrice::<Test>::get().unwrap();
		assert_eq!(reference.days, 365);
		// 65 days at 0.1 are left, and 300 at 0.2.
		assert_eq!(reference.sum, 65 * 10u128.pow(17) + 300 * 2 * 10u128.pow(17));
	});
}

#[test]
fn rounds_should_count_new_prices_only() {
	run(|| {
		next_block();
		assert_eq!(kind(RSV).round, 1);
		next_block();
		set_time(START + MINUTE);
		next_block();
		assert_eq!(kind(RSV).round, 1);
		pass(MINUTE);
		assert_eq!(kind(RSV).round, 2);
	});
}

#[test]
fn reference_should_close_seven_days_a_block_when_the_chain_stood_still_for_longer() {
	run(|| {
		pass(HOUR);
		pass(HOUR);
		let days = || ReferencePrice::<Test>::get().unwrap().days;
		let before = days();
		set_time(pallet_timestamp::Now::<Test>::get() + 70 * DAY);
		for block in 1..=10 {
			next_block();
			assert_eq!(days(), before + 7 * block);
		}
		next_block();
		assert_eq!(days(), before + 70);
	});
}

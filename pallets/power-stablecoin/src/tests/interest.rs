//! Interest.

use baseload_primitives::{TypeParams, DAY, HOUR, KWH};
use frame_support::assert_ok;
use sp_runtime::Permill;

use super::*;
use crate::{ChargedHour, Event};

/// Two percent a year.
fn with_interest(test: impl FnOnce()) {
	let mut builder = ExtBuilder::default();
	builder.types[0].params = TypeParams {
		interest: Permill::from_percent(2),
		..params()
	};
	builder.build_and_execute(test);
}

#[test]
fn interest_should_be_minted_to_revenue_when_an_hour_is_over() {
	with_interest(|| {
		next_block();
		let before = kwh(TREASURY);
		set_time(START + HOUR - 1);
		next_block();
		assert_eq!(debt(GENESIS), 10_000 * KWH);
		set_time(START + HOUR);
		next_block();
		// 10,000 x 0.02 / 8,766
		let hour = 22_815_423_226_100_844 / 1_000_000;
		assert_eq!(kind(RSV).books.debt - 10_000 * KWH, hour);
		assert_eq!(kwh(TREASURY) - before, hour);
		assert_eq!(
			last_event(),
			Event::InterestCharged {
				token: RSV,
				hours: 1,
				amount: hour,
				minted: hour
			}
		);
		// Nothing is drawn by it.
		assert_eq!(vault(GENESIS).drawn, 10_000 * KWH);
	});
}

#[test]
fn interest_should_be_the_same_when_blocks_are_few() {
	let after = |blocks: u64| {
		let mut owed = 0;
		with_interest(|| {
			next_block();
			for block in 1..=blocks {
				set_time(START + block * 5 * DAY / blocks);
				next_block();
			}
			owed = kind(RSV).books.debt;
		});
		owed
	};
	assert_eq!(after(1), after(120));
}

#[test]
fn hours_should_be_caught_up_when_the_chain_stood_still_for_weeks() {
	with_interest(|| {
		next_block();
		set_time(START + 15 * DAY);
		next_block();
		assert_eq!(ChargedHour::<Test>::get(), Some((START + 7 * DAY) / HOUR));
		next_block();
		next_block();
		assert_eq!(ChargedHour::<Test>::get(), Some((START + 15 * DAY) / HOUR));
	});
}

#[test]
fn draw_should_cost_a_week_of_interest_when_drawn() {
	with_interest(|| {
		ready();
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, RESERVE));
		let before = (kwh(ALICE), kwh(TREASURY));
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 900 * KWH));
		// 900 x 0.02 x 168 / 8,766, rounded up.
		let fee = 344_969_199_179;
		assert_eq!((kwh(ALICE) - before.0, kwh(TREASURY) - before.1), (900 * KWH, fee));
		assert_eq!((debt(FIRST), vault(FIRST).drawn), (900 * KWH + fee, 900 * KWH));
	});
}

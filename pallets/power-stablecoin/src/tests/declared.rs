//! Declared energy and how it fades.

use baseload_primitives::{WattHours, KWH};
use frame_support::{assert_noop, assert_ok, traits::Hooks};

use super::*;
use crate::{DeclaredSince, Error, Event};

fn begin_block(number: u64) {
	System::set_block_number(number);
	PowerStablecoin::on_initialize(number);
}

fn left() -> u64 {
	PowerStablecoin::declared_energy(&vault(GENESIS)).0
}

#[test]
fn window_should_start_at_the_first_timestamp_when_one_is_known() {
	run(|| {
		set_time(0);
		begin_block(1);
		assert_eq!(DeclaredSince::<Test>::get(), None);
		assert_eq!(left(), energy_for(10_000).0);
		set_time(5_000);
		begin_block(2);
		assert_eq!(DeclaredSince::<Test>::get(), Some(5_000));
		assert_eq!(last_event(), Event::DeclaredEnergyFades { since: 5_000 });
		set_time(START);
		begin_block(3);
		assert_eq!(DeclaredSince::<Test>::get(), Some(5_000));
	});
}

#[test]
fn declared_energy_should_fade_in_a_straight_line_when_time_passes() {
	run(|| {
		set_time(5_000);
		begin_block(2);
		let all = energy_for(10_000).0;
		assert_eq!(left(), all);
		set_time(5_000 + WINDOW / 4);
		assert_eq!(left(), all / 4 * 3);
		set_time(5_000 + WINDOW / 4 + 1);
		assert_eq!(left(), all / 4 * 3 - 1);
		// 20 MWh over 30 days: the last whole Wh goes 129.6 ms before the end.
		set_time(5_000 + WINDOW - 130);
		assert_eq!(left(), 1);
		set_time(5_000 + WINDOW - 129);
		assert_eq!(left(), 0);
		for after in [WINDOW, WINDOW + 1, u64::MAX - 5_000] {
			set_time(5_000 + after);
			assert_eq!(left(), 0);
		}
	});
}

#[test]
fn draw_should_fail_when_declared_energy_has_faded() {
	run(|| {
		let draw = |amount| PowerStablecoin::draw(origin(BANK), GENESIS, amount).map_err(|failed| failed.error);
		assert_ok!(PowerStablecoin::repay(origin(BANK), GENESIS, 5_000 * KWH));
		set_time(5_000);
		begin_block(2);
		set_time(5_000 + WINDOW / 2);
		assert_noop!(draw(1), Error::<Test>::EnergyTooLow);
		set_site(SITE, BANK, energy_for(100));
		assert_ok!(PowerStablecoin::pledge_site(origin(BANK), GENESIS, SITE));
		assert_noop!(draw(100 * KWH + 1), Error::<Test>::EnergyTooLow);
		assert_ok!(draw(100 * KWH));
	});
}

#[test]
fn vault_should_have_no_declared_energy_when_opened_later() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		assert_eq!(vault(FIRST).declared, WattHours(0));
		assert_eq!(PowerStablecoin::energy_limit(&vault(FIRST)), 0);
	});
}

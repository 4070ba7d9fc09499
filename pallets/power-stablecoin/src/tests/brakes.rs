//! The breaker, ceilings that refill, and the issuance fuse.

use baseload_primitives::{BreakerLevel, DAY, KWH};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use super::*;
use crate::{Error, Event};

fn draw(id: VaultId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::draw(origin(ALICE), id, amount)
		.map(|_| ())
		.map_err(|failed| failed.error)
}

#[test]
fn guardian_should_only_tighten_and_administrator_only_loosen() {
	run(|| {
		let tighten = |level| PowerStablecoin::tighten(origin(GUARD), level);
		let loosen = |level| PowerStablecoin::loosen(RuntimeOrigin::root(), level);
		assert_noop!(tighten(BreakerLevel::All), Error::<Test>::WrongDirection);
		assert_ok!(tighten(BreakerLevel::NoNewDebt));
		assert_eq!(
			last_event(),
			Event::BreakerMoved {
				old: BreakerLevel::All,
				new: BreakerLevel::NoNewDebt
			}
		);
		assert_noop!(tighten(BreakerLevel::NoNewDebt), Error::<Test>::WrongDirection);
		assert_noop!(
			PowerStablecoin::loosen(origin(GUARD), BreakerLevel::All),
			DispatchError::BadOrigin
		);
		assert_noop!(
			PowerStablecoin::tighten(origin(ALICE), BreakerLevel::ExitOnly),
			DispatchError::BadOrigin
		);
		assert_noop!(loosen(BreakerLevel::ExitOnly), Error::<Test>::WrongDirection);
		assert_ok!(loosen(BreakerLevel::All));
		assert_noop!(PowerStablecoin::restore(origin(GUARD), RSV), DispatchError::BadOrigin);
	});
}

#[test]
fn breaker_should_stop_what_adds_risk_and_nothing_else() {
	run(|| {
		ready();
		assert_ok!(draw(FIRST, 500 * KWH));
		let withdraw = |amount| PowerStablecoin::withdraw(origin(ALICE), FIRST, amount);
		assert_ok!(PowerStablecoin::tighten(origin(GUARD), BreakerLevel::NoNewDebt));
		assert_noop!(draw(FIRST, KWH), Error::<Test>::BreakerOpen);
		assert_ok!(withdraw(RESERVE));
		assert_ok!(PowerStablecoin::tighten(origin(GUARD), BreakerLevel::ExitOnly));
		assert_noop!(withdraw(RESERVE), Error::<Test>::BreakerOpen);
		assert_ok!(PowerStablecoin::deposit(origin(BOB), FIRST, RESERVE));
		assert_ok!(PowerStablecoin::repay(origin(ALICE), FIRST, Balance::MAX));
		// Without debt it is an exit.
		assert_ok!(withdraw(RESERVE));
		assert_ok!(PowerStablecoin::close(origin(ALICE), FIRST)
			.map(|_| ())
			.map_err(|failed| failed.error));
	});
}

#[test]
fn ceiling_should_refill_over_a_day_when_it_was_used_up() {
	let mut builder = ExtBuilder::default();
	builder.types[0].params.refill = 1_000;
	builder.build_and_execute(|| {
		let id = indebted(ALICE, 10_000, 600);
		assert_noop!(draw(id, 400 * KWH + 1), Error::<Test>::NotRefilled);
		assert_eq!(PowerStablecoin::vault(id).unwrap().drawable, Some(400 * KWH));
		assert_ok!(draw(id, 400 * KWH));
		pass(DAY / 4);
		assert_noop!(draw(id, 250 * KWH + 1), Error::<Test>::NotRefilled);
		assert_ok!(draw(id, 250 * KWH));
		// What is repaid may be drawn again.
		assert_ok!(PowerStablecoin::repay(origin(BOB), id, 100 * KWH));
		assert_ok!(draw(id, 100 * KWH));
		assert_noop!(draw(id, 1), Error::<Test>::NotRefilled);
		pass(10 * DAY);
		assert_noop!(draw(id, 1_000 * KWH + 1), Error::<Test>::NotRefilled);
	});
}

#[test]
fn fuse_should_bind_all_types_together() {
	let mut builder = ExtBuilder::default();
	builder.types[0].params.ceiling = 1_000_000;
	builder.types[0].params.refill = 1_000_000;
	builder.build_and_execute(|| {
		let id = indebted(ALICE, 50_000, 40_000);
		assert_noop!(draw(id, 5_000 * KWH + 1), Error::<Test>::FuseBlown);
		assert_eq!(PowerStablecoin::safety().fuse_room, 5_000 * KWH);
		assert_ok!(draw(id, 5_000 * KWH));
		pass(DAY / 2);
		assert_noop!(draw(id, 22_500 * KWH + 1), Error::<Test>::FuseBlown);
		assert_ok!(draw(id, 22_500 * KWH));
	});
}

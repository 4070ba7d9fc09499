//! Types of collateral and their parameters.

use baseload_primitives::{TypeParams, BLD_TOKEN, DAY};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, Permill};

use super::*;
use crate::{governance::UNCONFIRMED, Error, Event, Tokens};

fn add(token: TokenId, params: TypeParams) -> sp_runtime::DispatchResult {
	PowerStablecoin::add_type(RuntimeOrigin::root(), token, params)
}

fn set(token: TokenId, params: TypeParams) -> sp_runtime::DispatchResult {
	PowerStablecoin::set_params(RuntimeOrigin::root(), token, params)
}

/// A token of Alice's with so many decimals, of which the pallet's account has its own.
fn token(id: TokenId, decimals: u8) {
	assert_ok!(Assets::force_create(RuntimeOrigin::root(), id, ALICE, true, 10));
	assert_ok!(Assets::force_set_metadata(
		RuntimeOrigin::root(),
		id,
		b"T".to_vec(),
		b"T".to_vec(),
		decimals,
		false
	));
	assert_ok!(Assets::mint(origin(ALICE), id, PowerStablecoin::account(), 10));
}

#[test]
fn type_should_be_added_when_everything_is_in_order() {
	run(|| {
		token(2, 18);
		assert_noop!(
			PowerStablecoin::add_type(origin(GUARD), 2, params()),
			DispatchError::BadOrigin
		);
		assert_ok!(add(2, params()));
		assert_eq!(
			last_event(),
			Event::TypeAdded {
				token: 2,
				params: params()
			}
		);
		assert_eq!(Tokens::<Test>::get().to_vec(), [RSV, BLD_TOKEN, 2]);
		assert_eq!(kind(2).decimals, 18);
		// Its issuer cannot change what was read once.
		assert_ok!(Assets::force_set_metadata(
			RuntimeOrigin::root(),
			2,
			b"T".to_vec(),
			b"T".to_vec(),
			6,
			false
		));
		assert_eq!(kind(2).decimals, 18);
		token(3, 6);
		assert_noop!(add(3, params()), Error::<Test>::TooManyTypes);
	});
}

#[test]
fn type_should_be_refused_when_token_or_parameters_are_unsound() {
	run(|| {
		assert_noop!(add(RSV, params()), Error::<Test>::TypeExists);
		assert_noop!(add(7, params()), Error::<Test>::UnknownToken);
		token(2, 25);
		assert_noop!(add(2, params()), Error::<Test>::UnknownToken);
		assert_ok!(Assets::force_create(RuntimeOrigin::root(), 3, ALICE, true, 10));
		assert_noop!(add(3, params()), Error::<Test>::AccountNotFunded);
		let unsound = TypeParams {
			penalty_bp: 2_001,
			..params()
		};
		assert_noop!(add(3, unsound), Error::<Test>::ParamsOutOfBounds);
	});
}

#[test]
fn parameters_should_change_by_a_step_a_day() {
	run(|| {
		let next = TypeParams {
			mint_bp: 15_500,
			interest: Permill::from_percent(1),
			..params()
		};
		// What genesis has set may be changed at once.
		assert_ok!(set(RSV, next));
		assert_eq!(
			last_event(),
			Event::ParamsChanged {
				token: RSV,
				old: params(),
				new: next
			}
		);
		assert_noop!(set(RSV, params()), Error::<Test>::ChangedTooSoon);
		pass(DAY);
		let far = TypeParams {
			mint_bp: 16_001,
			..next
		};
		assert_noop!(set(RSV, far), Error::<Test>::StepTooLong);
		let unsound = TypeParams {
			liquidation_bp: 15_500,
			..next
		};
		assert_noop!(set(RSV, unsound), Error::<Test>::ParamsOutOfBounds);
		assert_noop!(set(9, next), Error::<Test>::UnknownType);
		assert_ok!(set(RSV, params()));
		let share = TypeParams {
			max_share: Permill::from_percent(11),
			..params()
		};
		assert_noop!(set(BLD_TOKEN, share), Error::<Test>::ParamsOutOfBounds);
	});
}

#[test]
fn impaired_type_should_take_no_new_debt_and_give_the_old_back() {
	run(|| {
		ready();
		assert_ok!(
			PowerStablecoin::draw(origin(ALICE), FIRST, 500 * baseload_primitives::KWH)
				.map(|_| ())
				.map_err(|failed| failed.error)
		);
		assert_ok!(PowerStablecoin::impair(origin(GUARD), RSV));
		assert_noop!(PowerStablecoin::impair(origin(GUARD), RSV), Error::<Test>::NothingToDo);
		assert_noop!(
			PowerStablecoin::draw(origin(ALICE), FIRST, 1).map_err(|failed| failed.error),
			Error::<Test>::Impaired
		);
		assert_ok!(PowerStablecoin::repay(origin(ALICE), FIRST, Balance::MAX));
		assert_ok!(PowerStablecoin::restore(RuntimeOrigin::root(), RSV));
		assert_eq!(
			last_event(),
			Event::ImpairmentChanged {
				token: RSV,
				impaired: false
			}
		);
	});
}

#[test]
fn mark_of_a_guardian_should_lapse_and_not_be_renewed_when_nobody_confirms_it() {
	run(|| {
		let impaired = || PowerStablecoin::is_impaired(&kind(RSV));
		let mark = || PowerStablecoin::impair(origin(GUARD), RSV);
		assert_ok!(mark());
		pass(UNCONFIRMED - 1);
		assert!(impaired());
		pass(1);
		assert!(!impaired());
		assert_noop!(mark(), Error::<Test>::MarkLapsed);
		assert_ok!(PowerStablecoin::restore(RuntimeOrigin::root(), RSV));
		assert_ok!(mark());
		// What administrators confirm stays.
		assert_ok!(PowerStablecoin::impair(RuntimeOrigin::root(), RSV));
		assert_noop!(
			PowerStablecoin::impair(RuntimeOrigin::root(), RSV),
			Error::<Test>::NothingToDo
		);
		pass(10 * UNCONFIRMED);
		assert!(impaired());
	});
}

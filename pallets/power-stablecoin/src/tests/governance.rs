//! Types of collateral and their parameters.

use baseload_primitives::{Price, TypeParams, BLD_TOKEN, DAY, MINUTE};
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
		assert_noop!(add(3, unsound), Error::<Test>::PenaltyOutOfBounds);
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
		assert_noop!(set(RSV, far), Error::<Test>::RatioStepTooLong);
		let unsound = TypeParams {
			liquidation_bp: 15_500,
			..next
		};
		assert_noop!(set(RSV, unsound), Error::<Test>::RatiosTooClose);
		assert_noop!(set(9, next), Error::<Test>::UnknownType);
		assert_ok!(set(RSV, params()));
		let share = TypeParams {
			max_share: Permill::from_percent(11),
			..params()
		};
		assert_noop!(set(BLD_TOKEN, share), Error::<Test>::ShareOutOfBounds);
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
		assert_noop!(PowerStablecoin::impair(origin(GUARD), RSV), Error::<Test>::Impaired);
		assert_noop!(
			PowerStablecoin::restore(RuntimeOrigin::root(), BLD_TOKEN),
			Error::<Test>::NotImpaired
		);
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
			Error::<Test>::Impaired
		);
		pass(10 * UNCONFIRMED);
		assert!(impaired());
	});
}

#[test]
fn old_liquidation_ratio_should_stay_in_force_for_a_day_when_it_is_raised() {
	run(|| {
		let [weak, strong] = [150, 156].map(|tokens| indebted(ALICE, tokens, 1_000));
		// At 86 their ratios are 129 % and 134 %.
		pass(MINUTE);
		feed(RSV, Price::from_rational(93, 100));
		pass(MINUTE);
		let higher = TypeParams {
			liquidation_bp: 13_500,
			..params()
		};
		assert_ok!(set(RSV, higher));
		feed(RSV, Price::from_rational(86, 100));
		next_block();
		// What was unsafe is liquidated as ever, and nothing else is.
		let ratio = || PowerStablecoin::vault(strong).unwrap().liquidation_ratio;
		assert_eq!(ratio(), Price::from_rational(13, 10));
		assert_eq!(debt(weak), 0);
		pass(DAY - 1);
		assert!(debt(strong) > 0);
		pass(1);
		assert_eq!(ratio(), Price::from_rational(135, 100));
		assert_eq!(debt(strong), 0);
	});
}

#[test]
fn old_liquidation_ratio_should_stay_in_force_when_it_is_raised_again_or_lowered() {
	run(|| {
		let to = |bp| {
			let moved = TypeParams {
				liquidation_bp: bp,
				..params()
			};
			assert_ok!(set(RSV, moved));
			PowerStablecoin::liquidation_bp(&kind(RSV))
		};
		assert_eq!(to(13_400), 13_000);
		assert_eq!(PowerStablecoin::collateral_types()[0].raise_in, Some(DAY));
		pass(DAY);
		assert_eq!(to(13_500), 13_400);
		// A lower one is in force at once.
		pass(DAY);
		assert_eq!(to(13_200), 13_200);
		pass(DAY);
		assert_eq!(to(13_300), 13_200);
		assert_eq!(kind(RSV).liquidation_from, 0);
	});
}

#[test]
fn liquidation_ratio_should_not_rise_further_when_a_raise_waits() {
	run(|| {
		let to = |bp| {
			let moved = TypeParams {
				liquidation_bp: bp,
				..params()
			};
			set(RSV, moved)
		};
		assert_ok!(to(13_400));
		pass(DAY);
		// As after a halt of the chain, which open time does not count.
		Types::<Test>::mutate(RSV, |kind| kind.as_mut().unwrap().raised.as_mut().unwrap().1 += MINUTE);
		assert_noop!(to(13_500), Error::<Test>::ChangedTooSoon);
		assert_ok!(to(13_300));
	});
}

/// What the check of the configuration says with a number of it changed.
fn refusal(change: impl FnOnce()) -> String {
	change();
	let refused = std::panic::catch_unwind(PowerStablecoin::check_config).unwrap_err();
	for restore in [
		|| AdvanceRate::set(Permill::from_percent(50)),
		|| LeastDebt::set(MIN_DEBT),
		|| MinRedemption::set(baseload_primitives::KWH),
		|| VaultDeposit::set(DEPOSIT),
		|| FadesOver::set(WINDOW),
		|| MaxTypes::set(3),
	] {
		restore();
	}
	refused.downcast_ref::<&str>().unwrap().to_string()
}

#[test]
fn configuration_should_be_refused_when_a_number_of_it_is_out_of_bounds() {
	use crate::entry::REDEMPTION_FLOOR;
	PowerStablecoin::check_config();
	assert!(refusal(|| AdvanceRate::set(Permill::zero())).starts_with("AdvanceRate"));
	assert!(refusal(|| FadesOver::set(0)).starts_with("DeclaredWindow"));
	assert!(refusal(|| MaxTypes::set(0)).starts_with("MaxTypes"));
	assert!(refusal(|| VaultDeposit::set(KWH_MIN - 1)).starts_with("VaultDeposit"));
	assert!(refusal(|| MinRedemption::set(REDEMPTION_FLOOR)).starts_with("MinRedemption"));
	assert!(refusal(|| LeastDebt::set(REDEMPTION_FLOOR)).starts_with("MinDebt"));
	PowerStablecoin::check_config();
}

//! Redemption: the queue, and what comes out of it.

use baseload_primitives::{BreakerLevel, Price, BLD_TOKEN, HOUR, KWH, MINUTE};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{Perquintill, TokenError};

use super::*;
use crate::{EndReason, Error, Event, Owed, Redemptions, Requests};

fn redeem(who: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
	PowerStablecoin::redeem(origin(who), amount, Perquintill::one(), Default::default())
}

/// Asks for at least `least` units of the reserve token per whole KWH.
fn redeem_for(who: AccountId, amount: Balance, least: Balance) -> sp_runtime::DispatchResult {
	let min_out = vec![(RSV, least)].try_into().unwrap();
	PowerStablecoin::redeem(origin(who), amount, Perquintill::one(), min_out)
}

fn ended() -> Vec<(u64, Balance, EndReason)> {
	events(|event| match event {
		Event::RedemptionEnded {
			request,
			released,
			reason,
			..
		} => Some((request, released, reason)),
		_ => None,
	})
}

/// Vaults that paid, and what left them.
fn payers() -> Vec<(VaultId, Balance, Balance)> {
	events(|event| match event {
		Event::VaultRedeemed {
			vault,
			burnt,
			collateral,
		} => Some((vault, burnt, collateral)),
		_ => None,
	})
}

#[test]
fn redemption_should_execute_at_the_first_price_after_it_when_requested() {
	run(|| {
		let (before, supply) = (reserve(BOB), Balances::total_issuance());
		assert_ok!(redeem(BOB, 500 * KWH));
		assert_eq!(kwh(BOB), 500 * KWH);
		// The price of now is as old as the request.
		next_block();
		assert_noop!(PowerStablecoin::work_queue(origin(ALICE), 5), Error::<Test>::NothingDue);
		pass(MINUTE);
		// 500 of 10,000 cost 0.5 % and half of 5 %: 3 % of 50 tokens, half of which stays with the vault.
		assert_eq!(reserve(BOB), before + 48_500_000);
		assert_eq!((debt(GENESIS), collateral(GENESIS)), (9_500 * KWH, 2_950_750_000));
		assert_eq!(kind(RSV).books.revenue, 750_000);
		assert_eq!(Balances::total_issuance(), supply - 500 * KWH);
		assert_eq!(ended(), [(0, 0, EndReason::Done)]);
		assert_eq!(vault(GENESIS).drawn, 9_500 * KWH);
		assert_ok!(PowerStablecoin::sweep_revenue(origin(BOB), RSV));
		assert_eq!(reserve(TREASURY), 750_000);
		assert_noop!(
			PowerStablecoin::sweep_revenue(origin(BOB), RSV),
			Error::<Test>::NoRevenue
		);
	});
}

#[test]
fn redemption_should_be_refused_when_amount_funds_or_limits_are_wrong() {
	run(|| {
		assert_noop!(redeem(BOB, KWH - 1), Error::<Test>::RedemptionTooSmall);
		assert_noop!(redeem(BOB, 1_000 * KWH), TokenError::FundsUnavailable);
		let limits = |limits: Vec<(TokenId, Balance)>| {
			PowerStablecoin::redeem(origin(BOB), KWH, Perquintill::one(), limits.try_into().unwrap())
		};
		assert_noop!(limits(vec![(9, 1)]), Error::<Test>::UnknownType);
		assert_noop!(limits(vec![(RSV, 1), (RSV, 2)]), Error::<Test>::DuplicateToken);
		for _ in 0..8 {
			assert_ok!(redeem(BOB, KWH));
		}
		assert_noop!(redeem(BOB, KWH), Error::<Test>::QueueFull);
	});
}

#[test]
fn redemption_should_give_everything_back_when_cancelled() {
	run(|| {
		let before = kwh(BOB);
		assert_ok!(redeem(BOB, 500 * KWH));
		assert_ok!(redeem(BOB, 100 * KWH));
		let cancel = |who, id| PowerStablecoin::cancel_redemption(origin(who), id);
		assert_noop!(cancel(ALICE, 0), Error::<Test>::UnknownRedemption);
		assert_ok!(cancel(BOB, 0));
		assert_noop!(cancel(BOB, 0), Error::<Test>::UnknownRedemption);
		assert_eq!(ended(), [(0, 500 * KWH, EndReason::Cancelled)]);
		// The next one has its turn.
		pass(MINUTE);
		assert_eq!((kwh(BOB), debt(GENESIS)), (before - 100 * KWH, 9_900 * KWH));
		assert_eq!(
			(Redemptions::<Test>::get().head, Requests::<Test>::iter().count()),
			(2, 0)
		);
	});
}

#[test]
fn redemption_should_end_when_the_fee_is_more_than_it_accepts() {
	run(|| {
		let before = kwh(BOB);
		let fee = Perquintill::from_rational(3u64, 100u64);
		let below = Perquintill::from_parts(fee.deconstruct() - 1);
		assert_ok!(PowerStablecoin::redeem(
			origin(BOB),
			500 * KWH,
			below,
			Default::default()
		));
		pass(MINUTE);
		assert_eq!(ended(), [(0, 500 * KWH, EndReason::FeeTooHigh)]);
		assert_eq!(kwh(BOB), before);
		assert_ok!(PowerStablecoin::redeem(origin(BOB), 500 * KWH, fee, Default::default()));
		pass(MINUTE);
		assert_eq!(kwh(BOB), before - 500 * KWH);
	});
}

#[test]
fn redemption_should_end_when_a_vault_pays_less_than_it_accepts() {
	run(|| {
		let before = (kwh(BOB), reserve(BOB));
		// It will pay 0.097 tokens per KWH.
		assert_ok!(redeem_for(BOB, 500 * KWH, 97_001));
		pass(MINUTE);
		assert_eq!(ended(), [(0, 500 * KWH, EndReason::OutTooLow)]);
		assert_eq!((kwh(BOB), reserve(BOB)), before);
		assert_ok!(redeem_for(BOB, 500 * KWH, 97_000));
		pass(MINUTE);
		assert_eq!(reserve(BOB), before.1 + 48_500_000);
	});
}

#[test]
fn redemption_should_come_to_the_riskiest_vault_first_when_all_can_pay_par() {
	run(|| {
		let second = indebted(ALICE, 200, 1_000);
		let riskiest = indebted(ALICE, 150, 1_000);
		assert_ok!(redeem(ALICE, 1_500 * KWH));
		pass(MINUTE);
		let burnt: Vec<_> = payers().into_iter().map(|(vault, burnt, _)| (vault, burnt)).collect();
		assert_eq!(burnt, [(riskiest, 1_000 * KWH), (second, 500 * KWH)]);
		assert_eq!(
			(debt(riskiest), debt(second), debt(GENESIS)),
			(0, 500 * KWH, 10_000 * KWH)
		);
		// What is left over is the owner's: 150 tokens less par, and half the fee of 5 %.
		assert_eq!(collateral(riskiest), COLLATERAL - 97_500_000);
		assert_ok!(PowerStablecoin::close(origin(ALICE), riskiest).map(|_| ()));
	});
}

#[test]
fn redemption_should_be_carried_over_when_steps_run_out() {
	run(|| {
		let vaults: Vec<_> = (0..4).map(|_| indebted(ALICE, 15, 100)).collect();
		assert_ok!(redeem(ALICE, 400 * KWH));
		set_time(START + MINUTE);
		feed(RSV, Price::from_u32(1));
		assert_ok!(PowerStablecoin::work_queue(origin(BOB), 1));
		assert_eq!((debt(vaults[0]), debt(vaults[1])), (0, 100 * KWH));
		assert_noop!(
			PowerStablecoin::cancel_redemption(origin(ALICE), 0),
			Error::<Test>::RedemptionBegun
		);
		PowerStablecoin::do_try_state().unwrap();
		assert_ok!(PowerStablecoin::work_queue(origin(BOB), 2));
		assert_eq!((debt(vaults[2]), debt(vaults[3])), (0, 100 * KWH));
		next_block();
		assert_eq!(debt(vaults[3]), 0);
		assert_eq!(ended(), [(0, 0, EndReason::Done)]);
	});
}

#[test]
fn redemption_should_be_split_in_proportion_to_debt_when_there_are_several_types() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), BLD_TOKEN));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 500 * KWH));
		set_site(SITE, ALICE, energy_for(1_000));
		assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SITE));
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 1_000 * KWH));
		assert_ok!(redeem(BOB, 110 * KWH));
		let before = (Bonds::free_balance(BOB), reserve(BOB));
		pass(MINUTE);
		assert_eq!((debt(FIRST), debt(GENESIS)), (990 * KWH, 9_900 * KWH));
		// One percent of the supply costs 0.5 % + 0.5 %.
		assert_eq!(reserve(BOB) - before.1, 9_900_000);
		assert_eq!(Bonds::free_balance(BOB) - before.0, 990_000_000_000);
		// An impaired type is left out.
		assert_ok!(PowerStablecoin::impair(origin(GUARD), BLD_TOKEN));
		assert_ok!(redeem(BOB, 100 * KWH));
		pass(MINUTE);
		assert_eq!((debt(FIRST), debt(GENESIS)), (990 * KWH, 9_800 * KWH));
	});
}

#[test]
fn redemption_should_pay_over_95_percent_of_par_when_the_front_is_under_water_and_liquidation_stopped() {
	run(|| {
		let riskiest = indebted(ALICE, 150, 1_000);
		assert_ok!(PowerStablecoin::tighten(origin(GUARD), BreakerLevel::ExitOnly));
		// A fall by two fifths, in steps that are believed at once: 150 tokens are worth 0.9 of the debt.
		for percents in [92, 84, 77, 70, 64, 60] {
			feed(RSV, Price::from_rational(percents, 100));
			pass(HOUR);
		}
		assert_eq!(debt(riskiest), 1_000 * KWH);
		let before = reserve(BOB);
		assert_ok!(redeem(BOB, 500 * KWH));
		pass(MINUTE);
		// At par 500 KWH are 50 / 0.6 tokens.
		assert!(reserve(BOB) - before >= 83_333_333 * 95 / 100);
		assert_eq!((debt(riskiest), debt(GENESIS)), (1_000 * KWH, 9_500 * KWH));
	});
}

#[test]
fn payout_should_be_owed_when_the_account_cannot_receive_it() {
	run(|| {
		assert_ok!(redeem(BOB, 500 * KWH));
		assert_ok!(Assets::block(origin(BANK), RSV, BOB));
		pass(MINUTE);
		assert_eq!(ended(), [(0, 0, EndReason::Done)]);
		assert_eq!((Owed::<Test>::get(RSV, BOB), kind(RSV).owed), (48_500_000, 48_500_000));
		assert_eq!(PowerStablecoin::owed(BOB), [(RSV, 48_500_000)]);
		assert_eq!(PowerStablecoin::owed(ALICE), []);
		let owed = events(|event| match event {
			Event::PayoutOwed { who, redemption, .. } => Some((who, redemption)),
			_ => None,
		});
		assert_eq!(owed, [(BOB, Some(0))]);
		assert!(PowerStablecoin::claim_payout(origin(BOB), RSV).is_err());
		assert_ok!(Assets::thaw(origin(BANK), RSV, BOB));
		let before = reserve(BOB);
		assert_ok!(PowerStablecoin::claim_payout(origin(BOB), RSV));
		assert_eq!(reserve(BOB), before + 48_500_000);
		assert_noop!(
			PowerStablecoin::claim_payout(origin(BOB), RSV),
			Error::<Test>::NothingOwed
		);
	});
}

#[test]
fn redemption_should_wait_when_there_is_no_price() {
	run(|| {
		assert_ok!(redeem(BOB, 500 * KWH));
		set_prices(Some(Price::from_rational(1, 10)), None);
		pass(MINUTE);
		assert_eq!(ended(), []);
		assert_eq!(PowerStablecoin::redemptions().len(), 1);
		feed(RSV, Price::from_u32(1));
		next_block();
		assert_eq!(ended(), [(0, 0, EndReason::Done)]);
	});
}

#[test]
fn fee_should_rise_with_redemptions_and_halve_in_six_hours() {
	run(|| {
		assert_ok!(redeem(BOB, 500 * KWH));
		pass(MINUTE);
		let raised = Redemptions::<Test>::get().base_rate;
		// 500 / (2 x 10,000)
		assert_eq!(raised, 25_000_000_000_000_000);
		pass(6 * HOUR);
		let halved = Redemptions::<Test>::get().base_rate;
		assert!(raised / 2 - halved < 10, "{halved}");
	});
}

#[test]
fn quote_should_be_what_comes_out_when_nothing_changes() {
	run(|| {
		indebted(ALICE, 150, 1_000);
		let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
		let quote = PowerStablecoin::redemption_quote(900 * KWH).unwrap();
		assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
		let [(token, burnt, out)] = quote.outs[..] else {
			panic!("one type has debt")
		};
		assert_eq!((token, burnt), (RSV, 900 * KWH));
		assert_ok!(redeem(ALICE, 900 * KWH));
		let held = reserve(ALICE);
		pass(MINUTE);
		assert_eq!(reserve(ALICE) - held, out);
		set_prices(None, None);
		assert_eq!(PowerStablecoin::redemption_quote(900 * KWH), None);
	});
}

#[test]
fn books_should_stay_exact_when_one_owner_draws_and_redeems_two_hundred_times() {
	run(|| {
		let id = indebted(ALICE, 1_000, 5_000);
		// The other vault's energy does not fade, or it would be wound down.
		let (site, owner) = (SiteId(1), vault(GENESIS).owner);
		set_site(site, owner, energy_for(1_000_000));
		assert_ok!(PowerStablecoin::pledge_site(origin(owner), GENESIS, site));
		for _ in 0..200 {
			assert_ok!(redeem(ALICE, debt(id) / 1_000 * 999));
			pass(HOUR);
			PowerStablecoin::do_try_state().unwrap();
			assert_eq!(debt(GENESIS), 10_000 * KWH);
			let spent = 1_000 * RESERVE - collateral(id);
			assert_ok!(PowerStablecoin::deposit(origin(ALICE), id, spent));
			pass(24 * HOUR);
			assert_ok!(PowerStablecoin::draw(origin(ALICE), id, 5_000 * KWH - debt(id)));
			assert_eq!((debt(id), collateral(id)), (5_000 * KWH, 1_000 * RESERVE));
		}
	});
}

/// So many vaults that owe a KWH each and own nothing: the riskiest there are.
fn naked(count: u32) {
	use baseload_math::books::terms::{Price as BooksPrice, Terms};
	for _ in 0..count {
		let id = crate::NextVault::<Test>::get();
		assert_ok!(PowerStablecoin::open(origin(ALICE), RSV));
		let mut entry = crate::entry::Entry::<Test>::existing(id).unwrap();
		let anything = Terms {
			hourly_rate: 0,
			mint_bp: 0,
			minimum_debt: 0,
			..entry.terms()
		};
		let price = BooksPrice::new(1, 1).unwrap();
		let books = entry.kind.books;
		let step = books.draw(&entry.vault.books, KWH, None, &price, &anything).unwrap();
		entry.apply(step);
		entry.store();
		PowerStablecoin::mint(&ALICE, KWH).unwrap();
	}
}

#[test]
fn redemption_should_come_past_vaults_that_pay_nothing_when_they_are_more_than_a_block_has_steps() {
	run(|| {
		let (first, count) = (crate::NextVault::<Test>::get(), crate::MAX_STEPS + 8);
		naked(count);
		assert_ok!(PowerStablecoin::tighten(origin(GUARD), BreakerLevel::ExitOnly));
		// Nobody can pay par: 3,000 tokens for more than 10,000 KWH.
		let mut price = 100;
		while price > 25 {
			price = price * 92 / 100;
			feed(RSV, Price::from_rational(price, 100));
			pass(HOUR);
		}
		assert_ok!(redeem(BOB, 500 * KWH));
		set_time(pallet_timestamp::Now::<Test>::get() + MINUTE);
		feed(RSV, Price::from_rational(price, 100));
		let work = || PowerStablecoin::work_queue(origin(ALICE), crate::MAX_STEPS);
		assert_ok!(work());
		assert_eq!((ended(), debt(GENESIS)), (vec![], 10_000 * KWH));
		assert_ok!(work());
		assert_eq!(debt(GENESIS), 9_500 * KWH);
		assert_eq!(ended(), [(0, 0, EndReason::Done)]);
		let rest = (0..count).map(|n| debt(VaultId(first.0 + n)));
		assert!(rest.into_iter().all(|owed| owed == KWH));
	});
}

#[test]
fn redemption_should_end_when_its_rest_is_worth_nothing() {
	run(|| {
		// All would be asked for the last unit, and none would pay for it.
		for _ in 0..crate::MAX_STEPS + 2 {
			indebted(ALICE, 15, 100);
		}
		assert_ok!(redeem(ALICE, 100 * KWH + 1));
		set_time(START + MINUTE);
		feed(RSV, Price::from_u32(1));
		assert_ok!(PowerStablecoin::work_queue(origin(BOB), 2));
		assert_eq!(ended(), [(0, 1, EndReason::Done)]);
	});
}

#[test]
fn redemption_should_go_on_with_other_types_when_one_loses_its_price() {
	run(|| {
		assert_ok!(PowerStablecoin::open(origin(ALICE), BLD_TOKEN));
		assert_ok!(PowerStablecoin::deposit(origin(ALICE), FIRST, 500 * KWH));
		set_site(SITE, ALICE, energy_for(1_000));
		assert_ok!(PowerStablecoin::pledge_site(origin(ALICE), FIRST, SITE));
		assert_ok!(PowerStablecoin::draw(origin(ALICE), FIRST, 1_000 * KWH));
		assert_ok!(redeem(BOB, 110 * KWH));
		set_time(START + MINUTE);
		feed(RSV, Price::from_u32(1));
		feed(BLD_TOKEN, Price::from_u32(1));
		assert_ok!(PowerStablecoin::work_queue(origin(BOB), 1));
		let paid = (10_000 * KWH - debt(GENESIS)) + (1_000 * KWH - debt(FIRST));
		assert!(paid == 100 * KWH || paid == 10 * KWH);
		// Whichever comes second has no price any more: its part is released.
		let second = if debt(FIRST) < 1_000 * KWH { RSV } else { BLD_TOKEN };
		unfeed(second);
		next_block();
		assert_eq!(ended(), [(0, 110 * KWH - paid, EndReason::Done)]);
	});
}

#[test]
fn queue_should_not_be_full_when_requests_were_cancelled() {
	run(|| {
		assert_ok!(redeem(BOB, KWH));
		for id in 1..20 {
			assert_ok!(redeem(BOB, KWH));
			assert_ok!(PowerStablecoin::cancel_redemption(origin(BOB), id));
		}
		assert_eq!(Redemptions::<Test>::get().waiting, 1);
		let least = Perquintill::from_parts(5_000_000_000_000_000);
		let below = Perquintill::from_parts(least.deconstruct() - 1);
		let redeem = |max_fee| PowerStablecoin::redeem(origin(BOB), KWH, max_fee, Default::default());
		assert_noop!(redeem(below), Error::<Test>::MaxFeeTooLow);
		assert_ok!(redeem(least));
	});
}

#[test]
fn looking_at_prices_should_take_steps_when_a_call_does_it_again() {
	run(|| {
		// What every redemption costs besides leaves no room under the least fee: each of these looks at both types, and ends.
		for _ in 0..5 {
			let least = Perquintill::from_parts(5_000_000_000_000_000);
			assert_ok!(PowerStablecoin::redeem(origin(BOB), KWH, least, Default::default()));
		}
		set_time(START + MINUTE);
		FedAt::set(&(START + MINUTE));
		let waiting = || Redemptions::<Test>::get().waiting;
		// The first look is in the call's own weight, the second takes two of the four steps.
		assert_ok!(PowerStablecoin::work_queue(origin(ALICE), 4));
		assert_eq!(waiting(), 3);
		assert_ok!(PowerStablecoin::work_queue(origin(ALICE), 1));
		assert_eq!(waiting(), 2);
		// A block with weight does all.
		pass(MINUTE);
		assert_eq!(waiting(), 0);
	});
}

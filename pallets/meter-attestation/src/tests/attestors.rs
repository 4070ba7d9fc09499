use baseload_primitives::{Verdict, MINUTE};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::TokenError;

use crate::{mock::*, Attestor, Attestors, Error, Event, HoldReason};

fn bond(who: u64, amount: u128) -> frame_support::dispatch::DispatchResult {
	MeterAttestation::bond(RuntimeOrigin::signed(who), amount)
}

fn unbond(who: u64) -> frame_support::dispatch::DispatchResult {
	MeterAttestation::unbond(RuntimeOrigin::signed(who))
}

fn withdraw(who: u64) -> frame_support::dispatch::DispatchResult {
	MeterAttestation::withdraw_bond(RuntimeOrigin::signed(who))
}

fn on_hold(who: u64) -> u128 {
	Bonds::balance_on_hold(&HoldReason::Attestor.into(), &who)
}

#[test]
fn bond_should_be_held_when_it_is_given_and_raised() {
	run(|| {
		assert_ok!(bond(NEWCOMER, MIN_BOND));
		assert_ok!(bond(NEWCOMER, 1));
		assert_eq!(on_hold(NEWCOMER), MIN_BOND + 1);
		assert_eq!(
			Attestors::<Test>::get(NEWCOMER),
			Some(Attestor {
				bond: MIN_BOND + 1,
				..Attestor::default()
			})
		);
		assert_eq!(
			events(),
			vec![
				Event::Bonded {
					who: NEWCOMER,
					old: 0,
					new: MIN_BOND
				},
				Event::Bonded {
					who: NEWCOMER,
					old: MIN_BOND,
					new: MIN_BOND + 1
				}
			]
		);
	});
}

#[test]
fn bond_should_fail_when_a_rule_is_broken() {
	run(|| {
		assert_noop!(bond(NEWCOMER, 0), Error::<Test>::ZeroAmount);
		assert_noop!(bond(NEWCOMER, MIN_BOND - 1), Error::<Test>::BelowMinBond);
		assert_noop!(bond(NEWCOMER, RICH + 1), TokenError::FundsUnavailable);
		assert_ok!(bond(NEWCOMER, MIN_BOND));
		assert_noop!(bond(NEWCOMER, u128::MAX), sp_runtime::ArithmeticError::Overflow);
		assert_ok!(unbond(NEWCOMER));
		assert_noop!(bond(NEWCOMER, 1), Error::<Test>::AttestorLeaving);
	});
}

#[test]
fn bond_should_be_free_when_the_notice_is_over() {
	run(|| {
		assert_noop!(withdraw(NEWCOMER), Error::<Test>::NotAttestor);
		assert_noop!(unbond(NEWCOMER), Error::<Test>::NotAttestor);
		assert_ok!(bond(NEWCOMER, MIN_BOND));
		assert_noop!(withdraw(NEWCOMER), Error::<Test>::NotLeaving);
		assert_ok!(unbond(NEWCOMER));
		let free_at = NOTICE;
		assert_eq!(events().last(), Some(&Event::Leaving { who: NEWCOMER, free_at }));
		assert_noop!(unbond(NEWCOMER), Error::<Test>::AttestorLeaving);
		// The notice is open time: a halt of the chain is no part of it.
		block(now() + 10 * NOTICE);
		pass(NOTICE - STEP - 1);
		assert_noop!(withdraw(NEWCOMER), Error::<Test>::BondNotFree);
		pass(1);
		assert_ok!(withdraw(NEWCOMER));
		assert_eq!(
			events().last(),
			Some(&Event::Left {
				who: NEWCOMER,
				bond: MIN_BOND
			})
		);
		assert_eq!((on_hold(NEWCOMER), Bonds::free_balance(NEWCOMER)), (0, RICH));
		assert_eq!(Attestors::<Test>::get(NEWCOMER), None);
		assert_ok!(bond(NEWCOMER, MIN_BOND));
	});
}

#[test]
fn attestor_should_leave_when_the_registrar_keeps_it_seated() {
	run_bonded(|| {
		let meter = meter(site());
		let [judge, disputer, ..] = BONDED;
		assert_ok!(panel(meter.id, &[judge], 1));
		assert_ok!(unbond(judge));
		// It has its voice until it withdraws, and takes no other seat.
		assert_noop!(panel(meter.id, &[judge, disputer], 2), Error::<Test>::BadCommittee);
		pass(NOTICE - STEP);
		meter.report(1, &[0, 0]);
		assert_ok!(dispute(disputer, meter.id, 1));
		assert_ok!(vote(judge, meter.id, 1, Verdict::Stands));
		pass(STEP);
		assert_ok!(withdraw(judge));
		assert_eq!(on_hold(judge), 0);
		let record = Attestors::<Test>::get(judge).expect("it has a seat");
		assert_eq!((record.bond, record.seats, record.free_at), (0, 1, None));
		meter.report(2, &[0, 0]);
		assert_ok!(dispute(disputer, meter.id, 2));
		assert_noop!(vote(judge, meter.id, 2, Verdict::Stands), Error::<Test>::BelowMinBond);
		// Bonded again it has the voice that its seat gives.
		assert_ok!(bond(judge, MIN_BOND));
		assert_ok!(vote(judge, meter.id, 2, Verdict::Stands));
		assert_ok!(panel(meter.id, &[], 0));
		assert_eq!(Attestors::<Test>::get(judge).map(|record| record.seats), Some(0));
	});
}

#[test]
fn unbond_should_fail_when_attestor_has_a_stake() {
	run_bonded(|| {
		let meter = meter(site());
		let [judge, ..] = BONDED;
		meter.report(1, &[0, 0]);
		assert_ok!(dispute(judge, meter.id, 1));
		assert_noop!(unbond(judge), Error::<Test>::AttestorEngaged);
		assert_ok!(decide(meter.id, 1, Verdict::Stands));
		assert_ok!(unbond(judge));
	});
}

#[test]
fn attestor_should_do_nothing_when_its_bond_is_slashed_below_the_least_until_it_is_raised() {
	run_bonded(|| {
		let meter = meter(site());
		let who = NEWCOMER;
		assert_ok!(bond(who, MIN_BOND));
		meter.report(1, &[0, 0]);
		assert_eq!(MeterAttestation::slash_attestor(&who, 1, None), 1);
		assert_noop!(dispute(who, meter.id, 1), Error::<Test>::BelowMinBond);
		assert_ok!(bond(who, 1));
		assert_ok!(dispute(who, meter.id, 1));
	});
}

#[test]
fn slash_should_pay_winner_its_share_rounded_down_and_treasury_the_rest() {
	run_bonded(|| {
		let (who, winner) = (BONDED[0], BONDED[1]);
		let before = [who, winner, TREASURY].map(Bonds::free_balance);
		assert_eq!(MeterAttestation::slash_attestor(&who, 101, Some(&winner)), 101);
		let attestor = Attestors::<Test>::get(who).expect("bonded");
		assert_eq!((attestor.bond, attestor.slashed), (BOND - 101, 101));
		assert_eq!(on_hold(who), BOND - 101);
		assert_eq!(
			[who, winner, TREASURY].map(Bonds::free_balance),
			[before[0], before[1] + 25, before[2] + 76]
		);
		assert_eq!(
			events().last(),
			Some(&Event::AttestorSlashed {
				who,
				amount: 101,
				winner: Some((winner, 25))
			})
		);
	});
}

#[test]
fn slash_should_go_to_treasury_when_nobody_else_can_have_it() {
	run_bonded(|| {
		let who = BONDED[0];
		let poor = 77;
		// The share would not keep the winner's account alive, there is no share of one unit, and nobody wins from itself.
		for (amount, winner) in [
			(BLD_DEPOSIT, Some(&poor)),
			(1, Some(&OWNER)),
			(40, Some(&who)),
			(40, None),
		] {
			let before = (Bonds::free_balance(TREASURY), on_hold(who));
			assert_eq!(MeterAttestation::slash_attestor(&who, amount, winner), amount);
			assert_eq!(
				(Bonds::free_balance(TREASURY), on_hold(who)),
				(before.0 + amount, before.1 - amount)
			);
			let slashed = Event::AttestorSlashed {
				who,
				amount,
				winner: None,
			};
			assert_eq!(events().last(), Some(&slashed));
		}
		assert_eq!(Bonds::free_balance(poor), 0);
	});
}

#[test]
fn slash_should_take_what_is_there_when_it_is_more_than_the_bond() {
	run_bonded(|| {
		let who = BONDED[0];
		assert_eq!(MeterAttestation::slash_attestor(&who, BOND + 1, Some(&OWNER)), BOND);
		assert_eq!(MeterAttestation::slash_attestor(&who, 1, None), 0);
		assert_eq!(MeterAttestation::slash_attestor(&OTHER, 1, None), 0);
		assert_eq!(on_hold(who), 0);
		let slashes = events()
			.into_iter()
			.filter(|event| matches!(event, Event::AttestorSlashed { .. }));
		assert_eq!(slashes.count(), 1);
		// Nothing is left to withdraw, but the record goes.
		assert_ok!(unbond(who));
		pass(NOTICE + MINUTE);
		assert_ok!(withdraw(who));
		assert_eq!(events().last(), Some(&Event::Left { who, bond: 0 }));
		assert_eq!(Attestors::<Test>::get(who), None);
	});
}

use baseload_primitives::{views::EarningsView, AttestorPay, Balance, MeterId};
use frame_support::{assert_noop, assert_ok, assert_storage_noop, dispatch::DispatchResult};
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event};

/// Pays for a meter's service out of somebody's KWH.
const PAYER: u64 = OTHER;

fn pay(meter: MeterId, amount: Balance) -> Result<Balance, sp_runtime::DispatchError> {
	<MeterAttestation as AttestorPay<u64>>::pay(meter, &PAYER, amount)
}

fn is_served(meter: MeterId) -> bool {
	<MeterAttestation as AttestorPay<u64>>::is_served(meter)
}

fn claim(who: u64) -> DispatchResult {
	MeterAttestation::claim_pay(RuntimeOrigin::signed(who))
}

fn claimable(who: u64) -> Balance {
	MeterAttestation::attestor_pay(who).claimable
}

fn pot() -> Balance {
	Balances::free_balance(MeterAttestation::pay_account())
}

/// A meter with the first three bonded attestors as its committee.
fn served() -> MeterId {
	let meter = meter(site()).id;
	assert_ok!(panel(meter, &BONDED[..3], 2));
	meter
}

#[test]
fn pay_should_be_shared_equally_and_leave_what_does_not_divide() {
	run_bonded(|| {
		let meter = served();
		let payer = Balances::free_balance(PAYER);
		assert_eq!(pay(meter, 100), Ok(99));
		assert_eq!(Balances::free_balance(PAYER), payer - 99);
		assert_eq!(BONDED.map(claimable), [33, 33, 33, 0]);
		let event = Event::AttestorsPaid {
			meter,
			share: 33,
			attestors: 3,
		};
		assert_eq!(events().last(), Some(&event));
		// Less than a unit for each is nothing.
		assert_storage_noop!(assert_eq!(pay(meter, 2), Ok(0)));
		assert_storage_noop!(assert_eq!(pay(meter, 0), Ok(0)));
	});
}

#[test]
fn pay_should_take_nothing_when_nobody_serves_the_meter() {
	run_bonded(|| {
		let served = served();
		let unserved = meter(site()).id;
		assert!(is_served(served));
		for nobody in [unserved, MeterId(9)] {
			assert!(!is_served(nobody));
			assert_storage_noop!(assert_eq!(pay(nobody, 100), Ok(0)));
		}
		// The committee before is kept for the readings it judges. It serves no more.
		assert_ok!(panel(served, &[], 0));
		assert!(!is_served(served));
		assert_storage_noop!(assert_eq!(pay(served, 100), Ok(0)));
	});
}

#[test]
fn pay_should_go_to_those_in_good_standing_when_others_were_slashed() {
	run_bonded(|| {
		let meter = served();
		let [slashed, ..] = BONDED;
		assert_eq!(pay(meter, 30), Ok(30));
		MeterAttestation::slash_attestor(&slashed, BOND, None);
		assert_eq!(pay(meter, 30), Ok(30));
		assert_eq!(BONDED.map(claimable), [10, 25, 25, 0]);
		// What it earned before is its own.
		assert_ok!(claim(slashed));
		for who in &BONDED[1..3] {
			MeterAttestation::slash_attestor(who, BOND, None);
		}
		assert!(!is_served(meter));
		assert_eq!(pay(meter, 30), Ok(0));
	});
}

#[test]
fn pay_should_go_to_the_committee_of_that_moment() {
	run_bonded(|| {
		let meter = served();
		assert_eq!(pay(meter, 30), Ok(30));
		assert_ok!(panel(meter, &BONDED[2..], 2));
		assert_eq!(pay(meter, 30), Ok(30));
		assert_eq!(BONDED.map(claimable), [10, 10, 25, 15]);
	});
}

#[test]
fn pay_should_fail_and_change_nothing_when_the_payer_cannot_spare_it() {
	run_bonded(|| {
		let meter = served();
		let more = Balances::free_balance(PAYER) + 3;
		assert_noop!(pay(meter, more), TokenError::FundsUnavailable);
		assert_eq!(pot(), 0);
	});
}

#[test]
fn pay_should_wait_when_the_treasury_cannot_open_the_account() {
	run_bonded(|| {
		let meter = served();
		KwhDeposit::set(RICH);
		assert!(pay(meter, 30).is_err());
		assert_eq!((pot(), claimable(BONDED[0])), (0, 0));
		KwhDeposit::set(1);
		assert_eq!(pay(meter, 30), Ok(30));
		assert_eq!(pot(), 30 + 1);
	});
}

#[test]
fn claim_should_pay_all_that_was_earned_and_keep_the_account_alive() {
	run_bonded(|| {
		KwhDeposit::set(10);
		let meter = served();
		let treasury = Balances::free_balance(TREASURY);
		for _ in 0..2 {
			assert_eq!(pay(meter, 30), Ok(30));
		}
		assert_eq!(Balances::free_balance(TREASURY), treasury - 10);
		assert_eq!(pot(), 60 + 10);
		for (number, who) in BONDED[..3].iter().enumerate() {
			assert_ok!(claim(*who));
			assert_eq!(events().last(), Some(&Event::PayClaimed { who: *who, amount: 20 }));
			assert_eq!(Balances::free_balance(who), 20);
			assert_eq!(pot(), 60 + 10 - 20 * (number as Balance + 1));
		}
		assert_noop!(claim(BONDED[0]), Error::<Test>::NothingToClaim);
		assert_noop!(claim(OWNER), Error::<Test>::NothingToClaim);
		assert_eq!(
			MeterAttestation::attestor_pay(BONDED[0]),
			EarningsView {
				claimable: 0,
				claimed: 20
			}
		);
		// The account lives on: the smallest share can be kept.
		assert_eq!(pay(meter, 3), Ok(3));
		assert_eq!(pot(), 3 + 10);
	});
}

#[test]
fn claim_should_stay_when_it_would_not_keep_the_account_alive() {
	run_bonded(|| {
		KwhDeposit::set(10);
		let meter = served();
		let [poor, rich, ..] = BONDED;
		assert_eq!(pay(meter, 27), Ok(27));
		assert_noop!(claim(poor), TokenError::BelowMinimum);
		// Nobody else waits for it, and it joins what is earned later.
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), rich, 10));
		assert_ok!(claim(rich));
		assert_eq!(pay(meter, 3), Ok(3));
		assert_ok!(claim(poor));
		assert_eq!(Balances::free_balance(poor), 10);
	});
}

#[test]
fn claim_should_work_when_the_attestor_has_left() {
	run_bonded(|| {
		let meter = served();
		let [who, ..] = BONDED;
		assert_eq!(pay(meter, 30), Ok(30));
		assert_ok!(panel(meter, &BONDED[1..3], 2));
		assert_ok!(MeterAttestation::unbond(RuntimeOrigin::signed(who)));
		pass(NOTICE);
		assert_ok!(MeterAttestation::withdraw_bond(RuntimeOrigin::signed(who)));
		assert_eq!(MeterAttestation::attestor(who), None);
		assert_eq!(claimable(who), 10);
		assert_ok!(claim(who));
		assert_eq!(Balances::free_balance(who), 10);
	});
}

#[test]
fn donation_should_be_nobodys_when_it_is_sent_to_the_pay_account() {
	run_bonded(|| {
		let meter = served();
		let account = MeterAttestation::pay_account();
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), account, 7));
		assert_eq!(pay(meter, 30), Ok(30));
		for who in &BONDED[..3] {
			assert_ok!(claim(*who));
		}
		assert_eq!(pot(), 7);
	});
}

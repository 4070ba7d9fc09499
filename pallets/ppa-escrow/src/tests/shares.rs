use baseload_math::billing::{shares::Take, terms::Operation};

use super::*;
use crate::Shares;

/// A contract of another buyer's for part of the meter.
fn share(take: Take) -> Contract<AccountId> {
	let mut contract = Contract {
		buyer: OTHER_BUYER,
		share: take,
		..contract()
	};
	contract.conditions.by = day(50, 0);
	contract
}

/// Why the agreement cannot be activated.
fn refused(contract: Contract<AccountId>, why: Error<Test>) {
	let id = accepted(contract);
	assert_noop!(activate(id), why);
}

fn percent(ratio: u32) -> Take {
	Take::Percent(ratio)
}

/// What agreements bill of 1,000 Wh in the first month.
fn billed(ids: &[AgreementId]) -> Vec<Balance> {
	at(start(0));
	read(METER, 0);
	at(start(1));
	read(METER, 1_000);
	at(day(1, 1));
	ids.iter()
		.map(|id| {
			let _ = settle(*id);
			billing(*id).ledger.accrued
		})
		.collect()
}

#[test]
fn agreements_should_share_a_meter_by_percent_and_priority() {
	run(|| {
		let ids = [Take::Priority(100), percent(333_333), percent(500_000)].map(|take| active(share(take), 0));
		assert_eq!(billed(&ids), [100, 299, 450]);
		refused(share(percent(166_668)), Error::SharesExceedWhole);
	});
}

#[test]
fn share_should_be_refused_when_it_exceeds_the_whole_in_any_month() {
	run(|| {
		active(share(percent(600_000)), 0);
		let mut later = share(percent(500_000));
		later.terms.start = Start::Month(month(10));
		let later = accepted(later);
		assert_noop!(activate(later), Error::<Test>::SharesExceedWhole);
		let mut after = share(percent(500_000));
		after.terms.start = Start::Month(month(24));
		assert_ok!(activate(accepted(after)));
		let mut across = share(percent(450_000));
		across.terms.start = Start::Month(month(12));
		// 1,050,000 where the two overlap with it, one after the other.
		refused(across, Error::SharesExceedWhole);
	});
}

#[test]
fn total_and_band_should_never_both_be_billed() {
	run(|| {
		active(share(percent(100_000)), 0);
		let mut bands = share(percent(100_000));
		bands.terms.registers = vec![2, 3].try_into().expect("two");
		bands.terms.tariff = Tariff::Fixed {
			prices: prices(&[UNIT, UNIT]),
		};
		refused(bands.clone(), Error::RegistersOverlap);
		let mut import = share(percent(1_000_000));
		import.terms.registers = vec![1].try_into().expect("one");
		assert_ok!(activate(accepted(import)));
		bands.meter = OTHER_METER;
		assert_ok!(activate(accepted(bands.clone())));
		bands.terms.registers = vec![3].try_into().expect("one");
		bands.terms.tariff = Tariff::Fixed {
			prices: prices(&[UNIT]),
		};
		refused(bands, Error::RegistersOverlap);
	});
}

#[test]
fn month_should_not_be_sold_again_when_its_agreement_is_over() {
	run(|| {
		let mut first = contract();
		first.terms.months = 1;
		assert!(!PpaEscrow::is_billed(METER));
		let first = metered(first, 1_000, 700);
		assert!(PpaEscrow::is_billed(METER));
		at(day(1, 20));
		assert_ok!(settle(first));
		assert!(Shares::<Test>::get(METER).rows.is_empty());
		assert!(!PpaEscrow::is_billed(METER));
		refused(share(percent(10)), Error::MonthBilled);
		let mut next = share(percent(1_000_000));
		next.terms.start = Start::Month(month(1));
		let next = active(next, 0);
		at(start(2));
		read(METER, 9_000);
		at(day(2, 1));
		assert_ok!(settle(next));
		assert_eq!(billing(next).ledger.accrued, 9_000 - 1_700);
	});
}

#[test]
fn past_month_should_be_sold_when_both_sign_it_and_nobody_else_has_it() {
	run(|| {
		at(start(0));
		read(METER, 100);
		at(start(1));
		read(METER, 600);
		at(day(1, 5));
		let mut contract = contract();
		contract.conditions.by = day(2, 0);
		let id = active(contract, 1_000);
		at(day(1, 6));
		assert_ok!(settle(id));
		assert_eq!(billing(id).ledger.accrued, 500);
	});
}

#[test]
fn share_should_go_to_others_when_an_agreement_ends_early() {
	run(|| {
		let mut leaving = share(percent(1_000_000));
		leaving.terms.expected = [1; 12];
		let leaving = active(leaving, 0);
		let mut next = share(percent(1_000_000));
		next.terms.start = Start::Month(month(3));
		let next = accepted(next);
		assert_noop!(activate(next), Error::<Test>::SharesExceedWhole);
		at(day(2, 3));
		assert_ok!(terminate(&OTHER_BUYER, leaving, Ending::Buyout));
		assert_ok!(activate(next));
	});
}

#[test]
fn waiting_agreement_should_take_its_share_from_operation_on() {
	run(|| {
		let mut waiting = share(percent(400_000));
		waiting.terms.start = Start::Operation(Operation {
			register: 0,
			wh: 1_500,
			target: day(0, 0),
			longstop: day(5, 0),
			delay_per_day: 0,
			delay_cap: 0,
		});
		let waiting = active(waiting, 0);
		let other = active(share(percent(600_000)), 0);
		for period in 0..4 {
			at(start(period));
			read(METER, 1_000 * u64::from(period));
		}
		at(day(3, 1));
		for id in [waiting, other] {
			assert_ok!(settle(id));
		}
		// Proven at the start of period 2, so that its one month is period 2.
		assert_eq!(
			(billing(waiting).ledger.accrued, billing(other).ledger.accrued),
			(400, 3 * 600)
		);
	});
}

#[test]
fn meter_should_be_shared_by_sixteen_at_most() {
	run(|| {
		for _ in 0..16 {
			active(share(percent(1_000)), 0);
		}
		refused(share(percent(1_000)), Error::TooManyShares);
	});
}

#[test]
fn priority_should_be_refused_when_it_takes_from_those_with_percentages() {
	run(|| {
		let mut first = share(Take::Priority(100));
		first.terms.months = 6;
		active(first, 0);
		active(share(percent(400_000)), 0);
		// Beside them, from a month that has not begun, and while one of them only waits for operation.
		refused(share(Take::Priority(u64::MAX)), Error::PriorityTakes);
		let mut later = share(Take::Priority(1));
		later.terms.start = Start::Month(month(23));
		refused(later.clone(), Error::PriorityTakes);
		later.terms.start = Start::Month(month(24));
		assert_ok!(activate(accepted(later)));
		let mut waiting = share(percent(1_000));
		waiting.meter = OTHER_METER;
		waiting.terms.start = operation(1_500);
		active(waiting, 0);
		let mut beside = share(Take::Priority(1));
		beside.meter = OTHER_METER;
		refused(beside, Error::PriorityTakes);
	});
}

#[test]
fn priority_should_stand_behind_earlier_ones_when_it_begins_in_the_past() {
	run(|| {
		let first = active(share(Take::Priority(700)), 0);
		at(start(0));
		read(METER, 0);
		at(start(1));
		read(METER, 1_000);
		at(day(1, 1));
		let second = active(share(Take::Priority(700)), 0);
		at(day(1, 2));
		for id in [second, first] {
			assert_ok!(settle(id));
		}
		assert_eq!(
			(billing(first).ledger.accrued, billing(second).ledger.accrued),
			(700, 300)
		);
	});
}

fn operation(wh: u64) -> Start {
	Start::Operation(Operation {
		register: 0,
		wh,
		target: day(0, 10),
		longstop: day(4, 0),
		delay_per_day: 0,
		delay_cap: 0,
	})
}

#[test]
fn registers_should_stay_free_when_an_agreement_ends_before_its_start() {
	run(|| {
		let mut far = share(percent(1_000_000));
		far.terms.expected = [1; 12];
		far.terms.start = Start::Month(month(100));
		let far = active(far, 0);
		assert_ok!(terminate(&OTHER_BUYER, far, Ending::Buyout));
		at(day(101, 0));
		assert_ok!(settle(far));
		assert_eq!(Shares::<Test>::get(METER), crate::shares::Book::default());
		let mut next = share(percent(1_000_000));
		next.terms.start = Start::Month(month(99));
		next.conditions.by = day(102, 0);
		assert_ok!(activate(accepted(next)));
	});
}

#[test]
fn registers_should_stay_free_when_a_longstop_exit_is_settled_after_the_proof() {
	run(|| {
		let mut waiting = share(percent(1_000_000));
		waiting.terms.start = operation(500);
		let waiting = active(waiting, 0);
		at(day(4, 1));
		assert_ok!(terminate(&OTHER_BUYER, waiting, Ending::Longstop));
		read(METER, 600);
		at(day(4, 2));
		let _ = settle(waiting);
		assert!(record(waiting).is_over());
		assert_eq!(Shares::<Test>::get(METER), crate::shares::Book::default());
	});
}

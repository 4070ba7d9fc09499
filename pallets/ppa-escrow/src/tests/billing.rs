use baseload_primitives::AgreementStatus;

use super::*;
use crate::Bills;

#[test]
fn month_should_be_billed_and_paid_when_it_is_due() {
	run(|| {
		let id = metered(contract(), 5_000, 700);
		assert_ok!(settle(id));
		let bill = Bills::<Test>::get(id, 0).expect("billed");
		assert_eq!((bill.amount, bill.number, bill.issued_at), (700, Some(1), start(1)));
		assert_eq!((bill.invoice.opening[0], bill.invoice.closing[0]), (1_000, 1_700));
		assert_eq!((gained(&SELLER) + 172 + ED as i128, pot(id)), (0, 5_000 + ED));
		assert!(has_event(Event::Billed {
			agreement: id,
			period: 0,
			month: month(0),
			number: Some(1),
			wh: 700,
			amount: 700,
			credited: 0,
			damages: 0,
			due: day(1, 15),
		}));
		at(day(1, 15) + 1);
		assert_ok!(settle(id));
		assert_eq!((gained(&SELLER) + 172 + ED as i128, pot(id)), (700, 4_300 + ED));
		assert!(has_event(Event::PaidOut {
			agreement: id,
			payee: 700,
			burnt: 0,
			attestors: 0,
			buyer: 0,
			seller: 0,
		}));
	});
}

#[test]
fn poke_should_be_refused_when_it_would_change_nothing() {
	run(|| {
		let id = metered(contract(), 5_000, 700);
		assert_ok!(settle(id));
		let before = record(id);
		at(day(1, 5));
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
		assert_eq!(record(id), before);
		assert_noop!(
			dispatch(
				&ANYONE,
				Call::settle {
					agreement: id,
					steps: 0
				}
			),
			Error::<Test>::BadSteps
		);
		assert_noop!(
			dispatch(
				&ANYONE,
				Call::settle {
					agreement: id,
					steps: 65
				}
			),
			Error::<Test>::BadSteps
		);
	});
}

#[test]
fn state_should_be_the_same_however_often_it_is_settled() {
	let story = |settles: bool| {
		let mut end = None;
		run(|| {
			let mut terms = terms();
			terms.payment.late_rate = 90_000_000_000_000_000;
			terms.months = 6;
			let id = metered(with(terms), 1_000, 700);
			for period in 1..7 {
				for days in [2, 9, 16, 17, 25] {
					at(day(period, days));
					if settles {
						let _ = settle(id);
					}
				}
				at(start(period + 1));
				let wh = 1_000 + 700 * u64::from(period + 1);
				read(METER, wh);
				if period == 4 {
					assert_ok!(fund(id, 1_500));
				}
			}
			at(day(9, 0));
			while settle(id).is_ok() {}
			let record = record(id);
			end = Some((
				record.billing().cloned(),
				record.payouts,
				gained(&SELLER),
				gained(&BUYER),
			));
		});
		end.expect("it ran")
	};
	let (often, once) = (story(true), story(false));
	assert_eq!(often, once);
	assert!(once.0.expect("it binds").ledger.interest_paid > 0);
}

#[test]
fn dues_should_wait_while_the_chain_stands_still() {
	run(|| {
		let id = metered(contract(), 0, 700);
		assert_ok!(settle(id));
		halt(60 * DAY);
		// Due on day 15, of which a day had passed; the grace is 20 days.
		at(day(1, 61 + 14));
		assert_noop!(settle(id), Error::<Test>::NothingToSettle);
		at(day(1, 61 + 14) + 1);
		assert_ok!(settle(id));
		assert_eq!((billing(id).ledger.arrears, billing(id).delinquent), (700, false));
		assert_ok!(fund(id, 700));
		assert_eq!(billing(id).since, None);
	});
}

#[test]
fn silent_meter_should_be_estimated_reserved_and_trued_up() {
	run(|| {
		let mut terms = terms();
		terms.expected = [1_000; 12];
		terms.outage.estimate = 800_000;
		terms.outage.max_estimates = 2;
		let id = active(with(terms), 2_000);
		at(start(0));
		read(METER, 1_000);
		at(day(1, 26));
		assert_ok!(settle(id));
		let ledger = billing(id).ledger;
		assert_eq!((ledger.provisional, ledger.escrow, ledger.to_payee), (800, 1_200, 0));
		read_all(METER, start(1), vec![1_500, 0, 1_500, 0]);
		at(day(1, 27));
		assert_ok!(settle(id));
		let ledger = billing(id).ledger;
		assert_eq!((ledger.provisional, ledger.escrow, ledger.to_payee), (0, 1_500, 500));
		assert_eq!(Bills::<Test>::get(id, 0).map(|bill| bill.reserved), Some(500));
	});
}

#[test]
fn dark_meter_should_not_hold_the_agreement_up_for_ever() {
	run(|| {
		let mut terms = terms();
		terms.months = 1;
		let id = active(with(terms), 2_000);
		at(day(1, 121));
		assert_ok!(settle(id));
		assert_eq!(record(id).status(), AgreementStatus::Completed);
		assert_eq!(
			(gained(&BUYER), Bills::<Test>::get(id, 0).map(|bill| bill.amount)),
			(2_000, Some(0))
		);
		assert_noop!(fund(id, 100), Error::<Test>::Closed);
	});
}

#[test]
fn catch_up_should_be_bounded_and_resumable() {
	run(|| {
		let id = metered(contract(), 100_000, 700);
		for period in 2..=24 {
			at(start(period));
			read(METER, 1_000 + 700 * u64::from(period));
		}
		at(day(25, 0));
		assert_noop!(fund(id, 1), Error::<Test>::Behind);
		let mut calls = 0;
		while dispatch(
			&ANYONE,
			Call::settle {
				agreement: id,
				steps: 7,
			},
		)
		.is_ok()
		{
			calls += 1;
		}
		// 24 bills, 24 dues and the close.
		assert_eq!((calls, record(id).status()), (7, AgreementStatus::Completed));
		assert_eq!(billing(id).ledger.paid, 24 * 700);
	});
}

#[test]
fn time_of_use_should_bill_each_band_at_its_price() {
	run(|| {
		let mut terms = terms();
		terms.registers = vec![2, 3].try_into().expect("two");
		terms.tariff = Tariff::Fixed {
			prices: prices(&[UNIT, 3 * UNIT]),
		};
		let id = active(with(terms), 10_000);
		at(start(0));
		read_all(METER, start(0), vec![0, 0, 0, 0]);
		at(start(1));
		read_all(METER, start(1), vec![100, 0, 60, 40]);
		at(day(1, 1));
		assert_ok!(settle(id));
		assert_eq!(billing(id).ledger.accrued, 60 + 3 * 40);
	});
}

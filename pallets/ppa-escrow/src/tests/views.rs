use baseload_math::billing::shares::Take;
use baseload_primitives::MeterId;

use super::*;

#[test]
fn next_bill_should_show_the_month_so_far_and_change_nothing() {
	run(|| {
		let id = metered(contract(), 5_000, 700);
		at(day(1, 10));
		read(METER, 1_950);
		let before = record(id);
		let next = PpaEscrow::next_bill(id).expect("it bills");
		assert_eq!(
			(next.bill.invoice.period, next.bill.amount, next.measured_at),
			(1, 250, day(1, 10))
		);
		// The first bill of 700 is open, though nobody has settled it.
		assert_eq!(next.escrow_after, 5_000 - 700 - 250);
		assert_eq!(record(id), before);
		assert_eq!(PpaEscrow::bills(id, 0, 9), []);
	});
}

#[test]
fn runway_should_be_the_days_that_the_escrow_lasts_at_the_trailing_rate() {
	run(|| {
		let id = metered(contract(), 5_000, 620);
		assert_eq!(PpaEscrow::runway(id), None);
		assert_ok!(settle(id));
		// 620 in 31 days; 4,380 are free.
		assert_eq!(PpaEscrow::runway(id), Some(219));
		assert_eq!(PpaEscrow::runway(AgreementId(9)), None);
	});
}

#[test]
fn shares_should_be_listed_with_their_months() {
	run(|| {
		let mut half = contract();
		half.share = Take::Percent(500_000);
		let (first, mut later) = (active(half.clone(), 0), half);
		later.terms.start = Start::Month(month(3));
		let later = active(later, 0);
		let shares = PpaEscrow::shares(METER, FIRST_MONTH + 1);
		let shown: Vec<_> = shares
			.iter()
			.map(|share| (share.agreement, share.from, share.until, share.in_force))
			.collect();
		assert_eq!(
			shown,
			[
				(first, Some(month(0)), Some(month(24)), true),
				(later, Some(month(3)), Some(month(27)), false)
			]
		);
		assert_eq!(PpaEscrow::agreements_of(METER), [first, later]);
		assert_eq!(PpaEscrow::agreements_of(MeterId(9)), []);
	});
}

#[test]
fn agreement_should_be_shown_as_a_whole() {
	run(|| {
		let mut terms = terms();
		terms.expected = [120; 12];
		terms.payment.security_periods = 3;
		let id = metered(with(terms.clone()), 5_000, 700);
		assert_ok!(settle(id));
		let view = PpaEscrow::agreement(id).expect("stored");
		assert_eq!(
			(view.contract, view.now, view.security_target),
			(with(terms), day(1, 1), 360)
		);
		assert_eq!(
			(view.account.clone(), view.operator),
			(PpaEscrow::account_of(id), SELLER)
		);
		assert_eq!(view.billing.map(|billing| billing.ledger.accrued), Some(700));
		assert_eq!(PpaEscrow::agreement(AgreementId(9)), None);
		assert_eq!(PpaEscrow::next_agreement(), AgreementId(1));
	});
}

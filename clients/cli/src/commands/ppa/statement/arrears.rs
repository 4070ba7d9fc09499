//! Whose the arrears are. The chain keeps one sum of them and pays the oldest bill first, so that they are the newest bills' of
//! those that fell due.

use std::collections::BTreeSet;

use baseload_client::{
	billing::{Agreement, Money},
	primitives::views::BillRecord,
};

/// What a bill left to be paid when due: an estimate's reserve had paid its part, and damages of the same moment were taken off.
pub fn payable(bill: &BillRecord) -> Money {
	bill.amount.saturating_sub(bill.reserved).saturating_sub(bill.credited)
}

/// What is held of a bill in an open dispute.
pub fn held(billing: &Agreement, number: u32) -> Money {
	let dispute = billing.disputes.iter().find(|dispute| dispute.number == number);
	dispute.map_or(0, |dispute| dispute.held)
}

/// What bills newer than `bill` that fell due already can have added to the arrears: all that was payable of them but what is held.
/// `bills` are those of all months.
pub fn newer_due(billing: &Agreement, bills: &[BillRecord], bill: &BillRecord) -> Money {
	let is_due = |number: u32| !billing.bills.iter().any(|open| open.number == number);
	let of_months = bills.iter().filter_map(|other| Some((other.number?, payable(other))));
	of_months
		.chain(of_no_month(billing, bills))
		.filter(|(number, _)| Some(*number) > bill.number && is_due(*number))
		.map(|(number, payable)| payable.saturating_sub(held(billing, number)))
		.fold(0, Money::saturating_add)
}

/// Numbers and amounts of the bills that are no month's: corrections, and the price of an early end.
///
/// The chain keeps what they came to, and not which of the numbers that no month's bill has is whose. Corrections come in the order of
/// their months; the price of an early end is taken for the last.
fn of_no_month(billing: &Agreement, bills: &[BillRecord]) -> Vec<(u32, Money)> {
	let taken: BTreeSet<u32> = bills.iter().filter_map(|bill| bill.number).collect();
	let numbers = (1..=billing.issued).filter(|number| !taken.contains(number));
	let corrections = bills.iter().map(|bill| bill.corrected_up).filter(|amount| *amount > 0);
	let known = bills
		.iter()
		.map(|bill| bill.amount.saturating_add(bill.corrected_up))
		.fold(0, Money::saturating_add);
	let early_end = billing.ledger.accrued.saturating_sub(known);
	numbers.zip(corrections.chain([early_end])).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::{
		agreements::{template, AgreementFile, Attestors, Kwh, Share},
		billing::{
			agreement::{Dispute, OpenBill},
			Invoice,
		},
		AccountId,
	};
	use baseload_primitives::Register;

	/// An agreement and its months' bills, of these numbers and amounts, all of them due.
	fn billed(bills: &[(u32, Money)]) -> (Agreement, Vec<BillRecord>) {
		let text = template("hydro-take-or-pay").unwrap().text;
		let file = AgreementFile::parse("hydro.toml".into(), text.into()).unwrap();
		let fee = Attestors {
			monthly: Kwh(0),
			cap: Share(0),
		};
		let contract = file
			.contract(&[Register::Export], fee, |_| Ok(AccountId([0; 32])))
			.unwrap();
		let mut agreement = Agreement::new(1, contract.terms, 0).unwrap();
		let first = agreement.first_month.unwrap();
		let record = |(period, (number, amount)): (u32, &(u32, Money))| BillRecord {
			invoice: Invoice {
				period,
				month: first.plus(period),
				since: period,
				opening: Default::default(),
				closing: Default::default(),
				lines: Default::default(),
				deemed: 0,
				excused: 0,
				index: None,
				short: 0,
				short_price: 0,
			},
			number: Some(*number),
			issued_at: 0,
			due: 0,
			amount: *amount,
			credited: 0,
			damages: 0,
			reserved: 0,
			corrected_up: 0,
			corrected_down: 0,
		};
		let records = (0u32..).zip(bills).map(record).collect();
		agreement.issued = bills.iter().map(|(number, _)| *number).max().unwrap();
		agreement.ledger.accrued = bills.iter().map(|(_, amount)| *amount).sum();
		(agreement, records)
	}

	fn newer(agreement: &Agreement, bills: &[BillRecord]) -> Vec<Money> {
		bills.iter().map(|bill| newer_due(agreement, bills, bill)).collect()
	}

	#[test]
	fn price_of_an_early_end_should_be_in_arrears_before_older_bills_when_it_is_due() {
		let (mut agreement, bills) = billed(&[(1, 100), (2, 100), (3, 50)]);
		assert_eq!(newer(&agreement, &bills), [150, 50, 0]);
		agreement.issued = 4;
		agreement.ledger.accrued += 1_000;
		assert_eq!(newer(&agreement, &bills), [1_150, 1_050, 1_000]);
		let open = OpenBill {
			due: 9,
			number: 4,
			open: 1_000,
		};
		agreement.bills.try_push(open).unwrap();
		assert_eq!(newer(&agreement, &bills), [150, 50, 0]);
	}

	#[test]
	fn correction_should_stand_between_bills_when_it_was_issued_between_them() {
		let (mut agreement, mut bills) = billed(&[(1, 100), (3, 50)]);
		bills[0].corrected_up = 7;
		agreement.ledger.accrued += 7;
		assert_eq!(newer(&agreement, &bills), [57, 0]);
		agreement.issued = 4;
		agreement.ledger.accrued += 1_000;
		assert_eq!(newer(&agreement, &bills), [1_057, 1_000]);
	}

	#[test]
	fn held_part_should_be_in_no_arrears_when_a_newer_bill_is_disputed() {
		let (mut agreement, bills) = billed(&[(1, 100), (2, 100)]);
		let dispute = Dispute {
			number: 2,
			timeout: 9,
			held: 40,
			bond: 1,
		};
		agreement.disputes.try_push(dispute).unwrap();
		assert_eq!(newer(&agreement, &bills), [60, 0]);
	}
}

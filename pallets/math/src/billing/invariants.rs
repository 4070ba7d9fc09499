//! What is true of an agreement at all times, numbered.
//!
//! 1. Tokens that came in = tokens that went out + the buckets.
//! 2. Billed = paid + set off + disputed + in arrears + waived + open.
//! 3. Owed by the seller = set off, against bills and interest + taken from the bond + still owed.
//! 4. While the buyer is late with anything, its escrow is empty.
//! 5. The lists and the buckets agree: disputes with `held` and `dispute_bond`, estimates with `provisional`, debts of the
//!    seller with what it owes.
//! 6. Remainders are below a unit. Bills and debts stand in the order of their due dates.
//! 7. The buyer is in default only while it is late, and late since a date while it owes anything.
//! 8. No more periods are billed than there are, and what is declared, estimated or to be corrected fits to that.
//!
//! Two more are properties of the whole history, not of a state: all energy bills less what was credited for energy are
//! the exact sum rounded down, and shares of a month never exceed its advance.

use super::{agreement::Agreement, agreement::Status, arrears::INTEREST_UNIT, ledger::total, Refusal};
use crate::tariff::SCALE;

impl Agreement {
	/// The number of the first invariant that does not hold, if any. `Overflow` if a sum does not fit, which is a breach too.
	pub fn broken_invariant(&self) -> Result<Option<u8>, Refusal> {
		let ledger = &self.ledger;
		let open = total(self.bills.iter().map(|bill| bill.open))?;
		let settled = [
			ledger.paid,
			ledger.setoff,
			ledger.held,
			ledger.arrears,
			ledger.waived,
			open,
		];
		let credits = [
			// Set-offs against bills and interest come out of nothing else than what the seller owes.
			ledger.setoff,
			ledger.interest_setoff,
			ledger.bond_paid,
			ledger.seller_owes,
		];
		let lists = [
			(total(self.disputes.iter().map(|dispute| dispute.held))?, ledger.held),
			(
				total(self.disputes.iter().map(|dispute| dispute.bond))?,
				ledger.dispute_bond,
			),
			(
				total(self.estimates.iter().filter_map(|estimate| estimate.reserved))?,
				ledger.provisional,
			),
			(
				total(self.credits.iter().map(|credit| credit.amount))?,
				ledger.seller_owes,
			),
		];
		let closed = self.status == Status::Closed;
		let holds = [
			ledger.paid_in == total([ledger.out()?, ledger.pot()?])?,
			ledger.accrued == total(settled)?,
			ledger.credited == total(credits)?,
			!ledger.overdue() || ledger.escrow == 0,
			lists.iter().all(|(list, bucket)| list == bucket),
			self.rem < SCALE
				&& ledger.interest_rem < INTEREST_UNIT
				&& self.bills.is_sorted_by_key(|bill| (bill.due, bill.number))
				&& self.credits.is_sorted_by_key(|credit| (!credit.called, credit.due)),
			(!self.delinquent || self.since.is_some()) && self.since.is_some() == ledger.overdue(),
			self.unbilled <= self.next
				&& (self.next <= self.end || closed)
				&& self.declared.iter().all(|declared| declared.period >= self.next)
				&& self.estimates.iter().all(|estimate| estimate.period >= self.next)
				&& self.corrections.iter().all(|correction| correction.period < self.next),
		];
		Ok((1..).zip(holds).find(|(_, holds)| !holds).map(|(number, _)| number))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		agreement::OpenBill,
		example::{agreement, terms},
	};

	/// An invariant's number, and what breaks it.
	type Break = (u8, fn(&mut Agreement));

	#[test]
	fn each_invariant_should_be_noticed_when_it_breaks() {
		let breaks: [Break; 10] = [
			(1, |agreement| agreement.ledger.escrow += 1),
			(2, |agreement| agreement.ledger.accrued += 1),
			(3, |agreement| agreement.ledger.bond_paid += 1),
			(4, |agreement| agreement.ledger.interest += 1),
			(5, |agreement| {
				agreement.ledger.provisional += 1;
				agreement.ledger.paid_in += 1;
			}),
			(6, |agreement| agreement.rem = SCALE),
			(6, |agreement| {
				let bill = |due| OpenBill {
					due,
					number: 1,
					open: 0,
				};
				agreement.bills = vec![bill(2), bill(1)].try_into().unwrap();
			}),
			(7, |agreement| agreement.delinquent = true),
			(7, |agreement| agreement.since = Some(1)),
			(8, |agreement| agreement.unbilled = 1),
		];
		for (number, breaks) in breaks {
			let mut agreement = agreement(terms(), 7);
			assert_eq!(agreement.broken_invariant(), Ok(None));
			breaks(&mut agreement);
			assert_eq!(agreement.broken_invariant(), Ok(Some(number)));
		}
	}
}

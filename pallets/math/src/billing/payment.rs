//! Who pays what when: due bills, arrears, and what the seller owes.
//!
//! When a bill is due, what the seller owes is set off against it and the rest becomes arrears; arrears are paid at once,
//! interest before them, out of the escrow, and out of the security too while the buyer is in default. As every deposit
//! does the same, escrow and arrears never stand side by side, and the oldest is paid first by construction. Nothing is
//! paid before it is due.
//!
//! What the seller comes to owe is taken off the bill of that moment, then off interest, then off arrears. The rest is a
//! debt with a due date of its own: then the bond pays it into the escrow, and what the bond cannot pay waits for bills
//! that fall due and for new bonds.

use super::{
	agreement::{Agreement, Credit},
	ledger::{add, shift, take, total, Ledger},
	Money, Refusal,
};

impl Agreement {
	/// The oldest open bill is due.
	pub(super) fn bill_due(&mut self) -> Result<(), Refusal> {
		if self.bills.is_empty() {
			return Ok(());
		}
		let bill = self.bills.remove(0);
		let set_off = bill.open.min(self.ledger.seller_owes);
		self.reduce_credits(set_off)?;
		add(&mut self.ledger.setoff, set_off)?;
		let rest = bill.open - set_off;
		add(&mut self.ledger.arrears, rest)?;
		if rest > 0 {
			self.since.get_or_insert(bill.due);
		}
		self.pay_arrears()
	}

	/// Pays interest, then arrears, as far as the buyer's tokens reach.
	pub(super) fn pay_arrears(&mut self) -> Result<(), Refusal> {
		self.pay_from_bucket(|ledger| &mut ledger.escrow)?;
		if self.delinquent && self.pay_from_bucket(|ledger| &mut ledger.security)? > 0 {
			self.topup_by = Some(self.clock.saturating_add(self.terms.payment.topup));
		}
		if !self.ledger.overdue() {
			self.since = None;
			self.delinquent = false;
		}
		Ok(())
	}

	/// Pays interest, then arrears, out of one bucket. Returns how much.
	fn pay_from_bucket(&mut self, bucket: impl Fn(&mut Ledger) -> &mut Money) -> Result<Money, Refusal> {
		let ledger = &mut self.ledger;
		let available = *bucket(ledger);
		let interest = ledger.interest.min(available);
		let arrears = ledger.arrears.min(available - interest);
		take(bucket(ledger), interest + arrears)?;
		shift(&mut ledger.interest, &mut ledger.interest_paid, interest)?;
		shift(&mut ledger.arrears, &mut ledger.paid, arrears)?;
		ledger.pay_seller(interest + arrears, &self.terms.cuts, self.blocked)?;
		Ok(interest + arrears)
	}

	/// Pays `amount` of a bill out of what was reserved for it.
	pub(super) fn pay_bill_from_reserved(&mut self, amount: Money) -> Result<(), Refusal> {
		shift(&mut self.ledger.provisional, &mut self.ledger.paid, amount)?;
		self.ledger.pay_seller(amount, &self.terms.cuts, self.blocked)
	}

	/// The seller owes `amount` from now on. It is taken off `open`, what is left of the bill of this moment, then off what
	/// the buyer is late with; the rest becomes a debt.
	pub(super) fn owe(&mut self, amount: Money, open: &mut Money) -> Result<(), Refusal> {
		let ledger = &mut self.ledger;
		add(&mut ledger.credited, amount)?;
		let mut left = amount;
		let mut set_off = |claim: &mut Money, settled: &mut Money| {
			let part = left.min(*claim);
			left -= part;
			shift(claim, settled, part)
		};
		set_off(open, &mut ledger.setoff)?;
		set_off(&mut ledger.interest, &mut ledger.interest_setoff)?;
		set_off(&mut ledger.arrears, &mut ledger.setoff)?;
		self.pay_arrears()?;
		if left == 0 {
			return Ok(());
		}
		add(&mut self.ledger.seller_owes, left)?;
		let credit = Credit {
			due: self.clock.saturating_add(self.terms.payment.due),
			amount: left,
			called: false,
		};
		self.join_called_credits()?;
		self.credits.try_push(credit).map_err(|_| Refusal::Full)
	}

	/// Joins the two oldest debts when there is no place for another. Both having fallen due, they are treated alike.
	fn join_called_credits(&mut self) -> Result<(), Refusal> {
		let both_called = self.credits.get(1).is_some_and(|second| second.called);
		if self.credits.is_full() && both_called {
			let oldest = self.credits.remove(0);
			add(&mut self.credits[0].amount, oldest.amount)?;
			self.credits[0].due = oldest.due;
		}
		Ok(())
	}

	/// The oldest debt of the seller that was not yet called is due.
	pub(super) fn credit_due(&mut self) -> Result<(), Refusal> {
		if let Some(credit) = self.credits.iter_mut().find(|credit| !credit.called) {
			credit.called = true;
		}
		self.call_bond()
	}

	/// Pays what the seller owes and is due out of its bond into the escrow.
	pub(super) fn call_bond(&mut self) -> Result<(), Refusal> {
		let called = self.credits.iter().filter(|credit| credit.called);
		self.pay_from_bond(total(called.map(|credit| credit.amount))?)
	}

	/// Pays up to `amount` of what the seller owes out of its bond into the escrow.
	pub(super) fn pay_from_bond(&mut self, amount: Money) -> Result<(), Refusal> {
		let paid = amount.min(self.ledger.bond);
		shift(&mut self.ledger.bond, &mut self.ledger.escrow, paid)?;
		self.reduce_credits(paid)?;
		add(&mut self.ledger.bond_paid, paid)?;
		self.pay_arrears()
	}

	/// Takes `amount` off what the seller owes, oldest first.
	fn reduce_credits(&mut self, amount: Money) -> Result<(), Refusal> {
		take(&mut self.ledger.seller_owes, amount)?;
		let mut left = amount;
		for credit in self.credits.iter_mut() {
			let reduced = left.min(credit.amount);
			credit.amount -= reduced;
			left -= reduced;
		}
		self.credits.retain(|credit| credit.amount > 0);
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{act, agreement, day, settle, terms, Known},
		Input,
	};

	fn late(escrow: Money) -> (Agreement, Known) {
		let mut agreement = agreement(terms(), escrow);
		let known = Known::registers(&[0, 100]);
		settle(&mut agreement, &known, day(1, 17));
		(agreement, known)
	}

	#[test]
	fn due_bill_should_leave_arrears_when_the_escrow_is_short() {
		let (mut agreement, known) = late(30);
		let ledger = &agreement.ledger;
		assert_eq!((ledger.to_payee, ledger.arrears, ledger.escrow), (30, 70, 0));
		assert_eq!(agreement.since, Some(day(1, 16)));
		act(&mut agreement, &known, day(1, 18), Input::Fund(100));
		let ledger = &agreement.ledger;
		assert_eq!((ledger.to_payee, ledger.arrears, ledger.escrow), (100, 0, 30));
		assert_eq!(agreement.since, None);
	}

	#[test]
	fn debt_should_be_taken_off_bill_interest_arrears_in_this_order() {
		let (mut agreement, _) = late(30);
		agreement.ledger.interest = 5;
		let mut open = 10;
		agreement.owe(12, &mut open).unwrap();
		assert_eq!((open, agreement.ledger.interest, agreement.ledger.arrears), (0, 3, 70));
		agreement.owe(80, &mut open).unwrap();
		assert_eq!(
			(
				agreement.ledger.interest,
				agreement.ledger.arrears,
				agreement.ledger.seller_owes
			),
			(0, 0, 7)
		);
		assert_eq!((agreement.ledger.setoff, agreement.ledger.interest_setoff), (80, 5));
		assert_eq!((agreement.since, agreement.credits.len()), (None, 1));
	}

	#[test]
	fn bond_should_pay_when_a_debt_is_due_and_whenever_it_grows_later() {
		let known = Known::registers(&[0]);
		let mut agreement = agreement(terms(), 0);
		agreement.owe(50, &mut 0).unwrap();
		act(&mut agreement, &known, day(0, 0), Input::PostBond(20));
		assert_eq!(agreement.ledger.bond, 20);
		settle(&mut agreement, &known, day(0, 20));
		assert_eq!(
			(
				agreement.ledger.bond,
				agreement.ledger.escrow,
				agreement.ledger.seller_owes
			),
			(0, 20, 30)
		);
		act(&mut agreement, &known, day(0, 21), Input::PostBond(40));
		assert_eq!(
			(
				agreement.ledger.bond,
				agreement.ledger.escrow,
				agreement.ledger.seller_owes
			),
			(10, 50, 0)
		);
	}

	#[test]
	fn oldest_debts_should_be_joined_when_there_is_no_place() {
		let known = Known::registers(&[0]);
		let mut agreement = agreement(terms(), 0);
		for days in 0..70 {
			settle(&mut agreement, &known, day(0, days));
			agreement.owe(1, &mut 0).unwrap();
		}
		assert_eq!((agreement.credits.len(), agreement.ledger.seller_owes), (64, 70));
		assert_eq!((agreement.credits[0].amount, agreement.credits[0].due), (7, day(0, 15)));
		assert_eq!(agreement.broken_invariant(), Ok(None));
	}
}

//! Disputes of a bill before its due date.
//!
//! The buyer moves the disputed part of a bill from its escrow to `held` and adds a bond in proportion; the rest of the
//! bill takes its course. A resolution gives the seller a share of both, rounded down; the rest of both goes to the
//! escrow, and the disputed part that the seller does not get is waived. A dispute that nobody resolves ends by itself
//! with the agreed share. A bill has one dispute at a time.

use super::{
	agreement::{Agreement, Dispute},
	ledger::{add, shift, take, total},
	wide::{part, part_up},
	Money, Ppm, Refusal, MILLION,
};

impl Agreement {
	/// Disputes `amount` of the open bill `number`. `NoSuchBill` if it is not open, `Disputed` if it already is, `Short` if
	/// the bill or the escrow is less than the amount. Its bond comes on top, as a deposit.
	pub(super) fn dispute(&mut self, number: u32, amount: Money) -> Result<(), Refusal> {
		if self.disputes.iter().any(|dispute| dispute.number == number) {
			return Err(Refusal::Disputed);
		}
		let bill = self
			.bills
			.iter_mut()
			.find(|bill| bill.number == number)
			.ok_or(Refusal::NoSuchBill)?;
		if amount == 0 {
			return Err(Refusal::Nothing);
		}
		take(&mut bill.open, amount)?;
		shift(&mut self.ledger.escrow, &mut self.ledger.held, amount)?;
		let bond = part_up(amount, self.terms.dispute.bond)?;
		add(&mut self.ledger.paid_in, bond)?;
		add(&mut self.ledger.dispute_bond, bond)?;
		let dispute = Dispute {
			number,
			timeout: self.clock.saturating_add(self.terms.dispute.timeout),
			held: amount,
			bond,
		};
		self.disputes.try_push(dispute).map_err(|_| Refusal::Full)
	}

	/// The oldest dispute times out.
	pub(super) fn dispute_timeout(&mut self) -> Result<(), Refusal> {
		let oldest = self.disputes.first().map(|dispute| dispute.number);
		oldest.map_or(Ok(()), |number| self.resolve(number, self.terms.dispute.default))
	}

	/// Ends the dispute of bill `number`, the seller getting the share `ratio`. `NoSuchBill` if it is not disputed,
	/// `BadRatio` if the share is more than the whole.
	pub(super) fn resolve(&mut self, number: u32, ratio: Ppm) -> Result<(), Refusal> {
		if u128::from(ratio) > MILLION {
			return Err(Refusal::BadRatio);
		}
		let position = self.disputes.iter().position(|dispute| dispute.number == number);
		let dispute = self.disputes.remove(position.ok_or(Refusal::NoSuchBill)?);
		let (of_bill, of_bond) = (part(dispute.held, ratio)?, part(dispute.bond, ratio)?);

		let ledger = &mut self.ledger;
		take(&mut ledger.held, dispute.held)?;
		take(&mut ledger.dispute_bond, dispute.bond)?;
		add(&mut ledger.paid, of_bill)?;
		add(&mut ledger.waived, dispute.held - of_bill)?;
		ledger.pay_seller(total([of_bill, of_bond])?, &self.terms.cuts, self.blocked)?;
		add(&mut ledger.escrow, dispute.held - of_bill)?;
		add(&mut ledger.escrow, dispute.bond - of_bond)?;
		self.pay_arrears()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{act, agreement, day, settle, terms, Known},
		Input,
	};

	fn billed(escrow: Money) -> (Agreement, Known) {
		let mut terms = terms();
		terms.dispute.bond = 100_001;
		let mut agreement = agreement(terms, escrow);
		let known = Known::registers(&[0, 100]);
		settle(&mut agreement, &known, day(1, 2));
		(agreement, known)
	}

	#[test]
	fn dispute_should_hold_only_the_disputed_part() {
		let (mut agreement, known) = billed(120);
		act(&mut agreement, &known, day(1, 3), Input::Dispute(1, 40));
		let ledger = &agreement.ledger;
		assert_eq!(
			(ledger.held, ledger.dispute_bond, ledger.escrow, ledger.paid_in),
			(40, 5, 80, 125)
		);
		settle(&mut agreement, &known, day(1, 17));
		assert_eq!((agreement.ledger.paid, agreement.ledger.arrears), (60, 0));
		act(&mut agreement, &known, day(1, 18), Input::Resolve(1, 333_333));
		let ledger = &agreement.ledger;
		// floor(13.3) of the bill, floor(1.7) of the bond.
		assert_eq!(
			(ledger.paid, ledger.waived, ledger.to_payee, ledger.escrow),
			(73, 27, 74, 20 + 27 + 4)
		);
	}

	#[test]
	fn dispute_should_end_by_itself_when_nobody_resolves_it() {
		let (mut agreement, known) = billed(100);
		act(&mut agreement, &known, day(1, 16), Input::Dispute(1, 100));
		assert_eq!(agreement.bills[0].open, 0);
		settle(&mut agreement, &known, day(1, 46));
		assert_eq!((agreement.ledger.held, agreement.ledger.paid), (100, 0));
		settle(&mut agreement, &known, day(1, 47));
		assert_eq!(
			(agreement.ledger.held, agreement.ledger.paid, agreement.ledger.waived),
			(0, 50, 50)
		);
	}

	#[test]
	fn dispute_should_be_refused_when_it_does_not_fit() {
		let (mut agreement, known) = billed(50);
		let mut refused = |at, input| agreement.apply(&known, at, 9, input).unwrap_err();
		assert_eq!(refused(day(1, 3), Input::Dispute(1, 51)), Refusal::Short);
		assert_eq!(refused(day(1, 3), Input::Dispute(1, 101)), Refusal::Short);
		assert_eq!(refused(day(1, 3), Input::Dispute(1, 0)), Refusal::Nothing);
		assert_eq!(refused(day(1, 3), Input::Dispute(2, 1)), Refusal::NoSuchBill);
		assert_eq!(refused(day(1, 3), Input::Resolve(1, 0)), Refusal::NoSuchBill);
		assert_eq!(refused(day(1, 3), Input::Resolve(1, 1_000_001)), Refusal::BadRatio);
		agreement.apply(&known, day(1, 3), 9, Input::Dispute(1, 10)).unwrap();
		let mut refused = |at, input| agreement.apply(&known, at, 9, input).unwrap_err();
		assert_eq!(refused(day(1, 3), Input::Dispute(1, 10)), Refusal::Disputed);
		assert_eq!(refused(day(1, 16) + 1, Input::Dispute(1, 10)), Refusal::Disputed);
		agreement.apply(&known, day(1, 17), 9, Input::Resolve(1, 0)).unwrap();
		let refused = agreement.apply(&known, day(1, 17), 9, Input::Dispute(1, 10));
		assert_eq!(refused, Err(Refusal::NoSuchBill));
	}
}

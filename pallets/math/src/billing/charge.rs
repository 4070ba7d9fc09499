//! From what energy cost to a bill, or to a debt of the seller.
//!
//! Amounts are whole base units: what a cost leaves below one is carried to the next, so that all bills together are the
//! exact sum rounded down once. A cost below zero, and damages, are owed by the seller and taken off the bill of that
//! moment first. What is left of a bill is listed until its due date.

use sp_core::U256;

use super::{
	agreement::{Agreement, OpenBill},
	ledger::{add, shift},
	wide::I256,
	Money, Period, Refusal,
};
use crate::tariff::SCALE;

impl Agreement {
	/// Turns `cost` (10^-18 base units) and the carried remainder into a bill, if positive, or a debt of the seller. What is
	/// reserved for `period` pays its bill now. `damages` are owed by the seller at the same moment, off the bill first.
	pub(super) fn charge(&mut self, cost: I256, period: Option<Period>, damages: Money) -> Result<(), Refusal> {
		let (mut open, owed, rem) = self.whole_units(cost)?;
		self.rem = rem;
		let billed = self.accrue(open)?;
		if let Some(period) = period {
			open = self.use_reserved(period, open)?;
		}
		if owed > 0 {
			self.owe(owed, &mut open)?;
		}
		add(&mut self.ledger.damages, damages)?;
		self.owe(damages, &mut open)?;
		self.present(billed, open)
	}

	/// What `cost` (10^-18 base units) and the carried remainder make: what is billed, or what the seller owes instead, in base
	/// units, and the remainder that is carried on.
	pub(super) fn whole_units(&self, cost: I256) -> Result<(Money, Money, u64), Refusal> {
		let (amount, rem) = cost.plus(I256::from(u128::from(self.rem)))?.divide(U256::from(SCALE))?;
		let distance = amount.distance()?;
		let (billed, owed) = if amount.is_negative() {
			(0, distance)
		} else {
			(distance, 0)
		};
		Ok((billed, owed, rem.low_u64()))
	}

	/// Issues a bill of `amount` that is payable in full.
	pub(super) fn issue(&mut self, amount: Money) -> Result<(), Refusal> {
		let number = self.accrue(amount)?;
		self.present(number, amount)
	}

	/// Counts `amount` as billed and returns the bill's number. Nothing is no bill: it gets the last number.
	fn accrue(&mut self, amount: Money) -> Result<u32, Refusal> {
		add(&mut self.ledger.accrued, amount)?;
		if amount > 0 {
			self.issued = self.issued.checked_add(1).ok_or(Refusal::Overflow)?;
		}
		Ok(self.issued)
	}

	/// Lists what is `open` of bill `number` until its due date.
	fn present(&mut self, number: u32, open: Money) -> Result<(), Refusal> {
		if open == 0 {
			return Ok(());
		}
		let due = self.clock.saturating_add(self.terms.payment.due);
		self.bills
			.try_push(OpenBill { due, number, open })
			.map_err(|_| Refusal::Full)
	}

	/// Ends the estimate of `period`: what was reserved for it pays up to `amount`, the rest of it returns to the escrow.
	/// Returns what is left to pay.
	fn use_reserved(&mut self, period: Period, amount: Money) -> Result<Money, Refusal> {
		let reserved = self.estimates.iter().find(|estimate| estimate.period == period);
		let reserved = reserved.and_then(|estimate| estimate.reserved).unwrap_or_default();
		self.estimates.retain(|estimate| estimate.period != period);
		let used = reserved.min(amount);
		self.pay_bill_from_reserved(used)?;
		shift(&mut self.ledger.provisional, &mut self.ledger.escrow, reserved - used)?;
		self.pay_arrears()?;
		Ok(amount - used)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{agreement, day, settle, terms, Known},
		terms::Tariff,
		Price,
	};

	const UNIT: Price = SCALE as Price;

	#[test]
	fn negative_price_should_make_the_seller_owe_and_the_next_bill_smaller() {
		let mut terms = terms();
		terms.tariff = Tariff::Fixed {
			prices: vec![-UNIT].try_into().unwrap(),
		};
		let mut agreement = agreement(terms, 0);
		settle(&mut agreement, &Known::registers(&[0, 100]), day(1, 2));
		assert_eq!(
			(agreement.ledger.seller_owes, agreement.credits[0].due),
			(100, day(1, 16))
		);
		let terms = &mut agreement.terms;
		terms.tariff = Tariff::Fixed {
			prices: vec![UNIT].try_into().unwrap(),
		};
		settle(&mut agreement, &Known::registers(&[0, 100, 250]), day(2, 17));
		assert_eq!((agreement.ledger.setoff, agreement.ledger.arrears), (100, 50));
	}

	#[test]
	fn cost_below_a_unit_should_round_down_and_carry_the_rest() {
		let mut agreement = agreement(terms(), 0);
		agreement.charge(I256::from(-UNIT / 4), None, 0).unwrap();
		assert_eq!((agreement.ledger.seller_owes, agreement.rem), (1, SCALE / 4 * 3));
		agreement.charge(I256::from(UNIT / 4), None, 0).unwrap();
		assert_eq!((agreement.ledger.accrued, agreement.rem), (1, 0));
	}

	#[test]
	fn damages_should_be_taken_off_the_bill_of_that_moment() {
		let mut agreement = agreement(terms(), 0);
		agreement.charge(I256::from(10 * UNIT), None, 4).unwrap();
		assert_eq!(
			(
				agreement.bills[0].open,
				agreement.ledger.setoff,
				agreement.ledger.damages
			),
			(6, 4, 4)
		);
		agreement.charge(I256::from(10 * UNIT), None, 13).unwrap();
		assert_eq!(
			(agreement.bills.len(), agreement.issued, agreement.ledger.seller_owes),
			(1, 2, 3)
		);
		assert_eq!(agreement.broken_invariant(), Ok(None));
	}
}

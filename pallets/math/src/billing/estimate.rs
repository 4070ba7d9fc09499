//! Estimates of periods whose registers are late.
//!
//! An estimate is not a bill: it is not accrued, carries no remainder, makes no arrears and pays nobody. When it is due,
//! the escrow reserves what it can for it; the bill, when the registers return, is paid from there first and sends the rest
//! back.

use sp_core::U256;

use super::{
	agreement::{Agreement, Estimate},
	ledger::{shift, total},
	sources::Sources,
	wide::I256,
	Money, Period, Refusal, MILLION,
};
use crate::tariff::SCALE;

impl Agreement {
	/// Estimates `period`: its expected energy times the agreed share times the price of the first register, rounded down
	/// once, at least nothing.
	pub(super) fn estimate(&mut self, period: Period, sources: &impl Sources) -> Result<(), Refusal> {
		let month = self.month(period).ok_or(Refusal::NotActive)?;
		let price = self.price_by_now(period, sources)?;
		let cost = I256::product(price.max(0), self.terms.expected_in(month).into());
		let cost = cost.times(self.terms.outage.estimate.into())?;
		let (amount, _) = cost.divide(U256::from(MILLION) * U256::from(SCALE))?;
		let estimate = Estimate {
			period,
			due: self.clock.saturating_add(self.terms.payment.due),
			amount: amount.distance()?,
			reserved: None,
		};
		self.estimates.try_push(estimate).map_err(|_| Refusal::Full)
	}

	/// Reserves what the escrow can for the estimate of `period`.
	pub(super) fn estimate_due(&mut self, period: Period) -> Result<(), Refusal> {
		let ledger = &mut self.ledger;
		if let Some(estimate) = self.estimates.iter_mut().find(|estimate| estimate.period == period) {
			let reserved = estimate.amount.min(ledger.escrow);
			estimate.reserved = Some(reserved);
			shift(&mut ledger.escrow, &mut ledger.provisional, reserved)?;
		}
		Ok(())
	}

	/// What the escrow will be asked for by estimates that are not yet due.
	pub(super) fn estimated(&self) -> Result<Money, Refusal> {
		let waiting = self.estimates.iter().filter(|estimate| estimate.reserved.is_none());
		total(waiting.map(|estimate| estimate.amount))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{act, agreement, day, settle, terms, Known},
		Input,
	};

	fn estimated(escrow: Money) -> (Agreement, Known) {
		let mut terms = terms();
		terms.expected = [101; 12];
		terms.outage.estimate = 500_000;
		let mut agreement = agreement(terms, escrow);
		let known = Known::registers(&[0]);
		settle(&mut agreement, &known, day(1, 11));
		assert_eq!(agreement.estimates[0].amount, 50);
		(agreement, known)
	}

	#[test]
	fn estimate_should_reserve_what_is_there_when_it_is_due() {
		let (mut agreement, known) = estimated(30);
		assert_eq!(agreement.ledger.escrow, 30);
		settle(&mut agreement, &known, day(1, 26));
		assert_eq!(
			(
				agreement.ledger.escrow,
				agreement.ledger.provisional,
				agreement.ledger.arrears
			),
			(0, 30, 0)
		);
	}

	#[test]
	fn bill_should_be_paid_from_the_reserve_and_send_back_the_rest() {
		let (mut agreement, mut known) = estimated(80);
		settle(&mut agreement, &known, day(1, 26));
		known.register(1, 40, day(1, 27));
		settle(&mut agreement, &known, day(1, 28));
		let ledger = &agreement.ledger;
		assert_eq!((ledger.to_payee, ledger.provisional, ledger.escrow), (40, 0, 40));
		assert!(agreement.bills.is_empty());
	}

	#[test]
	fn bill_should_be_open_for_what_the_reserve_lacks() {
		let (mut agreement, mut known) = estimated(80);
		settle(&mut agreement, &known, day(1, 26));
		known.register(1, 60, day(1, 27));
		settle(&mut agreement, &known, day(1, 28));
		assert_eq!((agreement.ledger.paid, agreement.bills[0].open), (50, 10));
	}

	#[test]
	fn escrow_for_estimates_should_not_be_withdrawn() {
		let (mut agreement, known) = estimated(80);
		let refused = agreement.apply(&known, day(1, 12), 9, Input::Withdraw(31));
		assert_eq!(refused, Err(Refusal::Short));
		act(&mut agreement, &known, day(1, 12), Input::Withdraw(30));
	}

	#[test]
	fn estimates_should_stop_at_their_number() {
		let (mut agreement, known) = estimated(0);
		settle(&mut agreement, &known, day(4, 20));
		assert_eq!(
			agreement
				.estimates
				.iter()
				.map(|estimate| estimate.period)
				.collect::<Vec<_>>(),
			[0, 1, 2]
		);
	}
}

//! A late buyer: interest, grace, default, and the security.
//!
//! Interest is simple, runs on arrears by the millisecond, and carries what does not make a base unit; there is none on
//! interest and none on what the seller owes. It ends when the agreement closes. The buyer is *delinquent* from the end of
//! the grace, which starts at the first unpaid due date, until everything is paid. Only then is the security drawn, and a
//! draw sets the date by which it has to be full again.

use sp_core::{U256, U512};

use super::{
	agreement::Agreement,
	calendar::DAY_MS,
	ledger::{add, total},
	wide::I256,
	Moment, Money, Refusal,
};
use crate::tariff::SCALE;

/// What makes a base unit of interest: 365 days in ms x 10^18.
pub const INTEREST_UNIT: u128 = 365 * DAY_MS as u128 * SCALE as u128;

impl Agreement {
	/// Lets interest run for `ms` milliseconds on the arrears.
	pub(super) fn accrue_interest(&mut self, ms: Moment) -> Result<(), Refusal> {
		let ledger = &mut self.ledger;
		if ledger.arrears == 0 {
			return Ok(());
		}
		let held = U256::from(ledger.arrears) * U256::from(ms);
		// 192 bits times 64, and a remainder of 95.
		let run = held.full_mul(U256::from(self.terms.payment.late_rate)) + U512::from(ledger.interest_rem);
		let (interest, rem) = run.div_mod(U512::from(INTEREST_UNIT));
		add(
			&mut ledger.interest,
			interest.try_into().map_err(|_| Refusal::Overflow)?,
		)?;
		ledger.interest_rem = rem.try_into().map_err(|_| Refusal::Overflow)?;
		Ok(())
	}

	/// The grace is over: the buyer is in default, and its security pays.
	pub(super) fn default_on_payment(&mut self) -> Result<(), Refusal> {
		self.delinquent = true;
		self.pay_arrears()
	}

	/// What the security should hold: so many months of the expected energy at the highest price of the contract year that
	/// the clock stands in, rounded up.
	pub fn target(&self) -> Result<Money, Refusal> {
		let price = self.terms.highest_price(self.year_at(self.clock))?;
		let energy = self.terms.expected_in_a_year() * u128::from(self.terms.payment.security_periods);
		let value = I256::from(price.max(0)).times(energy.into())?;
		let (down, rest) = value.divide(U256::from(SCALE) * U256::from(12))?;
		total([down.distance()?, Money::from(!rest.is_zero())])
	}

	/// Takes a deposit into the security, which may end a top-up notice.
	pub(super) fn secure(&mut self, amount: Money) -> Result<(), Refusal> {
		add(&mut self.ledger.security, amount)?;
		self.pay_arrears()?;
		if self.ledger.security >= self.target()? {
			self.topup_by = None;
		}
		Ok(())
	}

	/// True if the security was drawn and not filled up in time.
	pub fn is_topup_late(&self) -> Result<bool, Refusal> {
		Ok(self.topup_by.is_some_and(|by| by < self.clock) && self.ledger.security < self.target()?)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{act, agreement, day, settle, terms, Known},
		Input,
	};

	fn in_default(security: Money) -> (Agreement, Known) {
		let mut terms = terms();
		terms.expected = [90; 12];
		terms.payment.security_periods = 1;
		let mut agreement = agreement(terms, 0);
		let known = Known::registers(&[0, 100]);
		act(&mut agreement, &known, day(0, 1), Input::Secure(security));
		// Due on day 16, grace of 20 days.
		settle(&mut agreement, &known, day(1, 36));
		assert!(!agreement.delinquent);
		assert_eq!(agreement.ledger.security, security);
		settle(&mut agreement, &known, day(1, 37));
		(agreement, known)
	}

	#[test]
	fn interest_should_be_the_same_however_the_time_is_cut() {
		let mut terms = terms();
		terms.payment.late_rate = SCALE / 10;
		let mut whole = agreement(terms, 0);
		whole.ledger.arrears = 1_000_003;
		let mut cut = whole.clone();
		whole.accrue_interest(365 * DAY_MS).unwrap();
		assert_eq!(
			(whole.ledger.interest, whole.ledger.interest_rem),
			(100_000, INTEREST_UNIT * 3 / 10)
		);
		(0..365).for_each(|_| cut.accrue_interest(DAY_MS).unwrap());
		assert_eq!(cut, whole);
		whole.ledger.arrears = Money::MAX;
		assert_eq!(whole.accrue_interest(u64::MAX), Err(Refusal::Overflow));
	}

	#[test]
	fn security_should_pay_only_after_the_grace_and_call_for_a_topup() {
		let (agreement, _) = in_default(130);
		assert_eq!((agreement.ledger.security, agreement.ledger.to_payee), (30, 100));
		assert_eq!((agreement.delinquent, agreement.since), (false, None));
		assert_eq!(agreement.topup_by, Some(day(1, 46)));
	}

	#[test]
	fn buyer_should_stay_in_default_until_everything_is_paid() {
		let (mut agreement, known) = in_default(60);
		assert_eq!((agreement.delinquent, agreement.ledger.arrears), (true, 40));
		act(&mut agreement, &known, day(1, 38), Input::Secure(39));
		assert_eq!((agreement.delinquent, agreement.ledger.arrears), (true, 1));
		act(&mut agreement, &known, day(1, 39), Input::Fund(1));
		assert_eq!((agreement.delinquent, agreement.ledger.arrears), (false, 0));
	}

	#[test]
	fn topup_should_be_over_when_the_security_is_full() {
		let (mut agreement, known) = in_default(130);
		assert_eq!(agreement.target(), Ok(90));
		act(&mut agreement, &known, day(1, 40), Input::Secure(59));
		assert_eq!(
			(agreement.topup_by, agreement.is_topup_late()),
			(Some(day(1, 46)), Ok(false))
		);
		settle(&mut agreement, &known, day(1, 47));
		assert_eq!(agreement.is_topup_late(), Ok(true));
		act(&mut agreement, &known, day(1, 47), Input::Secure(1));
		assert_eq!((agreement.topup_by, agreement.is_topup_late()), (None, Ok(false)));
	}

	#[test]
	fn target_should_round_up_and_follow_the_year() {
		let mut terms = terms();
		terms.expected[0] = 7;
		terms.escalator = 1_000_000;
		terms.payment.security_periods = 3;
		let mut agreement = agreement(terms, 0);
		// 3 x 7 / 12 = 1.75, in the second year 3.5
		assert_eq!(agreement.target(), Ok(2));
		agreement.clock = day(12, 0);
		assert_eq!(agreement.target(), Ok(4));
	}
}

//! How an agreement starts late, ends early, and closes.
//!
//! **Operation** is proven by the first final reading at which a register reaches its mark; billing starts at the first
//! month start at or after it. Each day begun after the target costs the seller, up to a cap.
//!
//! **An early end** takes effect at the next month start. Its price is the energy of the months left, at most so many, at
//! the reference price of the contract year of the first of them, times the ratio of whoever caused it, rounded down:
//!
//! | by | if | costs |
//! |---|---|---|
//! | the seller | the buyer is delinquent, or its top-up late | the buyer, as a bill |
//! | the buyer | a debt of the seller is past due | the seller; and what the make-up bank was paid with |
//! | the buyer, buying itself out | the escrow covers it | the buyer, as a bill |
//! | the buyer, at the longstop | operation is still not proven | the seller, the delay alone |
//!
//! Before operation there is no other end than the longstop, and a buyer that ends the agreement then ends it so.
//!
//! **The close.** The bond pays what the seller owes, as far as it reaches. Then the buyer's buckets go back to the buyer
//! and the bond to the seller. Claims that nothing was left for stay recorded.

use sp_core::U256;

use super::{
	agreement::{Agreement, Ending, Status},
	calendar::DAY_MS,
	ledger::{add, shift, total},
	sources::Sources,
	terms::{Operation, Start},
	volume::worth,
	wide::I256,
	Moment, Money, Month, Period, Ppm, Refusal, MILLION,
};
use crate::tariff::SCALE;

impl Operation {
	/// What operation proven at `at` costs for delay: every day begun after the target, up to the cap.
	fn delay_damages(&self, at: Moment) -> Money {
		let days = Money::from(at.saturating_sub(self.target).div_ceil(DAY_MS));
		// A product beyond 128 bits is above every cap.
		self.delay_cap.min(days.saturating_mul(self.delay_per_day))
	}
}

impl Agreement {
	/// Starts billing, operation being proven.
	pub(super) fn prove_operation(&mut self, sources: &impl Sources) -> Result<(), Refusal> {
		let Start::Operation(operation) = self.terms.start else {
			return Ok(());
		};
		let proof = sources
			.first_reaching(operation.register, operation.wh)
			.ok_or(Refusal::NotActive)?;
		self.first_month = Some(Month::at_or_after(proof.measured_at));
		self.status = Status::Active;
		self.owe_damages(operation.delay_damages(proof.measured_at))
	}

	fn owe_damages(&mut self, amount: Money) -> Result<(), Refusal> {
		add(&mut self.ledger.damages, amount)?;
		self.owe(amount, &mut 0)
	}

	/// Ends the agreement early, with the start of `month`. `NotEntitled` if the condition is not met, `Ended` if it already ends
	/// early, `Short` if the escrow does not cover a buy-out.
	pub(super) fn terminate(&mut self, ending: Ending, month: Month) -> Result<(), Refusal> {
		if self.reason.is_some() {
			return Err(Refusal::Ended);
		}
		let clause = self.terms.termination;
		match ending {
			Ending::Longstop => self.stop_long(),
			Ending::Buyer if self.first_month.is_none() => self.stop_long(),
			Ending::Seller => {
				let entitled = self.delinquent || self.is_topup_late()?;
				let sum = self.end_early(ending, month, entitled, clause.buyer)?;
				self.issue(sum)
			}
			Ending::Buyer => {
				let entitled = self.credits.iter().any(|credit| credit.due < self.clock);
				let sum = self.end_early(ending, month, entitled, clause.seller)?;
				let paid_ahead = worth(&self.bank)?;
				self.bank.clear();
				self.owe(total([sum, paid_ahead])?, &mut 0)
			}
			Ending::Buyout => {
				let sum = self.end_early(ending, month, true, clause.buyout)?;
				if sum > self.ledger.escrow {
					return Err(Refusal::Short);
				}
				self.issue(sum)
			}
		}
	}

	/// Cuts the term at the start of `month` and returns what the rest is worth at `ratio`.
	fn end_early(&mut self, ending: Ending, month: Month, entitled: bool, ratio: Ppm) -> Result<Money, Refusal> {
		let first = self.first_month.ok_or(Refusal::NotActive)?;
		if !entitled {
			return Err(Refusal::NotEntitled);
		}
		let end = month.since(first).min(self.end);
		let sum = self.termination_sum(end, ratio)?;
		self.end = end;
		self.reason = Some(ending);
		Ok(sum)
	}

	fn termination_sum(&self, end: Period, ratio: Ppm) -> Result<Money, Refusal> {
		let left = (self.end - end).min(self.terms.termination.months);
		let energy = match self.terms.volume.quantity {
			0 => self.terms.expected_in_a_year(),
			quantity => quantity.into(),
		};
		let price = self.terms.reference_price(end / 12)?;
		let value = I256::from(price.max(0))
			.times(U256::from(energy) * U256::from(left))?
			.times(ratio.into())?;
		value.divide(U256::from(12 * MILLION) * U256::from(SCALE))?.0.distance()
	}

	fn stop_long(&mut self) -> Result<(), Refusal> {
		let (Start::Operation(operation), None) = (self.terms.start, self.first_month) else {
			return Err(Refusal::NotEntitled);
		};
		if operation.longstop == 0 || self.clock < operation.longstop {
			return Err(Refusal::NotEntitled);
		}
		self.end = 0;
		self.reason = Some(Ending::Longstop);
		self.owe_damages(operation.delay_damages(self.clock))
	}

	/// Closes the agreement.
	pub(super) fn close(&mut self) -> Result<(), Refusal> {
		self.pay_from_bond(self.ledger.seller_owes)?;
		let ledger = &mut self.ledger;
		for bucket in [&mut ledger.escrow, &mut ledger.security, &mut ledger.provisional] {
			let all = *bucket;
			shift(bucket, &mut ledger.to_buyer, all)?;
		}
		let bond = ledger.bond;
		shift(&mut ledger.bond, &mut ledger.to_seller, bond)?;
		self.estimates.clear();
		self.status = Status::Closed;
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::{
		example::{act, agreement, day, month, settle, start, terms, Known},
		sources::Proof,
		terms::Termination,
		Input, Terms,
	};

	fn with_sums() -> Terms {
		let mut terms = terms();
		terms.volume.quantity = 1_200;
		terms.termination = Termination {
			months: 6,
			buyer: 500_000,
			seller: 250_000,
			buyout: 100_000,
		};
		terms
	}

	fn waiting() -> Terms {
		let mut terms = terms();
		terms.start = Start::Operation(Operation {
			register: 0,
			wh: 50,
			target: start(0),
			longstop: day(2, 0),
			delay_per_day: 10,
			delay_cap: 95,
		});
		terms
	}

	#[test]
	fn billing_should_start_with_the_month_after_the_proof_and_delay_cost_days_begun() {
		let mut agreement = agreement(waiting(), 0);
		let proof = Some(Proof {
			measured_at: day(0, 2) + 1,
			known: day(0, 5),
		});
		let known = Known {
			proof,
			..Default::default()
		};
		settle(&mut agreement, &known, day(0, 5));
		assert_eq!((agreement.status, agreement.first_month), (Status::Waiting, None));
		settle(&mut agreement, &known, day(0, 6));
		assert_eq!(
			(agreement.status, agreement.first_month),
			(Status::Active, Some(month(1)))
		);
		assert_eq!((agreement.ledger.damages, agreement.credits[0].due), (30, day(0, 20)));
	}

	#[test]
	fn delay_should_cost_nothing_in_time_and_no_more_than_its_cap() {
		let Start::Operation(operation) = waiting().start else {
			unreachable!()
		};
		let damages = [0, DAY_MS, DAY_MS + 1, u64::MAX - start(0)].map(|late| operation.delay_damages(start(0) + late));
		assert_eq!(damages, [0, 10, 20, 95]);
	}

	#[test]
	fn buyer_should_leave_at_the_longstop_with_the_delay_alone() {
		let known = Known::default();
		let mut agreement = agreement(waiting(), 40);
		let early = agreement.apply(&known, day(2, 0) - 1, 9, Input::Terminate(Ending::Longstop));
		assert_eq!(early, Err(Refusal::NotEntitled));
		act(&mut agreement, &known, day(2, 0), Input::PostBond(100));
		act(&mut agreement, &known, day(2, 0), Input::Terminate(Ending::Buyer));
		assert_eq!(
			(agreement.reason, agreement.ledger.seller_owes),
			(Some(Ending::Longstop), 95)
		);
		settle(&mut agreement, &known, day(2, 1));
		assert_eq!(
			(agreement.status, agreement.ledger.to_buyer, agreement.ledger.to_seller),
			(Status::Closed, 135, 5)
		);
	}

	#[test]
	fn seller_should_end_only_a_defaulted_agreement() {
		let known = Known::registers(&[0, 100]);
		let mut agreement = agreement(with_sums(), 0);
		let early = agreement.apply(&known, day(1, 30), 9, Input::Terminate(Ending::Seller));
		assert_eq!(early, Err(Refusal::NotEntitled));
		act(&mut agreement, &known, day(1, 40), Input::Terminate(Ending::Seller));
		// Ends with March; 6 of the months left count: 1,200 x 6 / 12 x 0.5.
		assert_eq!(
			(agreement.end, agreement.bills.last().map(|bill| bill.open)),
			(3, Some(300))
		);
		let again = agreement.apply(&known, day(1, 40), 9, Input::Terminate(Ending::Seller));
		assert_eq!(again, Err(Refusal::Ended));
	}

	#[test]
	fn buyer_should_end_when_the_sellers_debt_is_past_due_and_get_the_bank_back() {
		let known = Known::registers(&[0]);
		let mut agreement = agreement(with_sums(), 0);
		agreement.owe(8, &mut 0).unwrap();
		let entry = crate::billing::volume::BankEntry {
			through: 1,
			wh: 33,
			price: SCALE as i128,
		};
		agreement.bank = vec![entry].try_into().unwrap();
		let due = agreement.credits[0].due;
		let early = agreement.apply(&known, due, 9, Input::Terminate(Ending::Buyer));
		assert_eq!(early, Err(Refusal::NotEntitled));
		act(&mut agreement, &known, due + 1, Input::Terminate(Ending::Buyer));
		assert_eq!(
			(agreement.end, agreement.bank.len(), agreement.ledger.seller_owes),
			(1, 0, 8 + 150 + 33)
		);
	}

	#[test]
	fn buyout_should_be_refused_when_the_escrow_does_not_cover_it() {
		let known = Known::registers(&[0]);
		let mut agreement = agreement(with_sums(), 59);
		let before = agreement.clone();
		let short = agreement.apply(&known, before.clock, 9, Input::Terminate(Ending::Buyout));
		assert_eq!((short, &agreement), (Err(Refusal::Short), &before));
		act(&mut agreement, &known, day(0, 3), Input::Fund(1));
		act(&mut agreement, &known, day(0, 3), Input::Terminate(Ending::Buyout));
		settle(&mut agreement, &known, day(0, 20));
		assert_eq!((agreement.ledger.paid, agreement.ledger.escrow), (60, 0));
	}

	#[test]
	fn close_should_leave_claims_recorded_when_nothing_is_left() {
		let mut terms = terms();
		terms.months = 1;
		let mut agreement = agreement(terms, 30);
		let known = Known::registers(&[0, 100]);
		settle(&mut agreement, &known, day(1, 36));
		assert_eq!(agreement.status, Status::Active);
		settle(&mut agreement, &known, day(1, 37));
		assert_eq!((agreement.status, agreement.ledger.arrears), (Status::Closed, 70));
	}
}

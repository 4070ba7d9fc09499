//! What parties do to an agreement.
//!
//! An input at T first advances the agreement to T, then applies: inputs at T come before events at T. A refused input
//! leaves the agreement as the advance left it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use super::{
	agreement::{Agreement, Declared, Ending, Status, Suspension},
	ledger::{add, shift, take, total},
	sources::Sources,
	Moment, Money, Month, Period, Ppm, Refusal,
};

/// What energy is declared to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DeclaredAs {
	/// Billed as if delivered.
	#[codec(index = 0)]
	Deemed,
	/// Counted for neither side.
	#[codec(index = 1)]
	Excused,
}

/// One thing that a party, or the chain for it, does. Who may do what is for the caller to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
	/// The buyer pays into the escrow.
	Fund(Money),
	/// The buyer pays into the security.
	Secure(Money),
	/// The seller pays into its bond.
	PostBond(Money),
	/// The buyer takes back escrow beyond what is billed or estimated.
	Withdraw(Money),
	/// Adds to the energy declared for a period whose bill is still to come.
	Declare(DeclaredAs, Period, u64),
	/// The buyer disputes part of an open bill, by its number.
	Dispute(u32, Money),
	/// The resolver gives the seller its share of a dispute, by the bill's number.
	Resolve(u32, Ppm),
	/// A party ends the agreement early.
	Terminate(Ending),
	/// Nothing is delivered from the next month start on.
	Suspend,
	/// Delivery resumes with the next month start.
	Resume,
	/// What the vault owes now.
	VaultDebt(Money),
	/// Whether the payee cannot receive.
	SetBlocked(bool),
	/// The payee, able to receive again, takes what was kept for it.
	Claim,
}

impl Agreement {
	/// Advances to `now`, then applies `input`.
	///
	/// `Behind` if more than `bound` events have to be played first: advance, then try again. Whatever else the refusal is,
	/// the input has changed nothing.
	pub fn apply(&mut self, sources: &impl Sources, now: Moment, bound: u32, input: Input) -> Result<(), Refusal> {
		if !self.advance(sources, now, bound)?.done {
			return Err(Refusal::Behind);
		}
		let mut next = self.clone();
		next.take_in(input, sources.month_of(now).plus(1))?;
		*self = next;
		Ok(())
	}

	/// Applies `input`; what takes effect at a month start does so at that of `month`.
	fn take_in(&mut self, input: Input, month: Month) -> Result<(), Refusal> {
		let outlives_the_close = matches!(input, Input::VaultDebt(_) | Input::SetBlocked(_) | Input::Claim);
		if self.status == Status::Closed && !outlives_the_close {
			return Err(Refusal::Closed);
		}
		match input {
			Input::Fund(amount) => {
				add(&mut self.ledger.paid_in, amount)?;
				add(&mut self.ledger.escrow, amount)?;
				self.pay_arrears()
			}
			Input::Secure(amount) => {
				add(&mut self.ledger.paid_in, amount)?;
				self.secure(amount)
			}
			Input::PostBond(amount) => {
				add(&mut self.ledger.paid_in, amount)?;
				add(&mut self.ledger.bond, amount)?;
				self.call_bond()
			}
			Input::Withdraw(amount) => self.withdraw(amount),
			Input::Declare(kind, period, wh) => self.declare(kind, period, wh),
			Input::Dispute(number, amount) => self.dispute(number, amount),
			Input::Resolve(number, ratio) => self.resolve(number, ratio),
			Input::Terminate(ending) => self.terminate(ending, month),
			Input::Suspend => self.suspend(month),
			Input::Resume => self.resume(month),
			Input::VaultDebt(amount) => {
				self.ledger.vault_debt = amount;
				Ok(())
			}
			Input::SetBlocked(blocked) => {
				self.blocked = blocked;
				Ok(())
			}
			Input::Claim => self.claim(),
		}
	}

	fn withdraw(&mut self, amount: Money) -> Result<(), Refusal> {
		let mut free = self.ledger.escrow;
		take(&mut free, total([self.claimed()?, amount])?)?;
		shift(&mut self.ledger.escrow, &mut self.ledger.to_buyer, amount)
	}

	/// What the escrow will be asked for by bills not yet due and by estimates that nothing is reserved for.
	pub fn claimed(&self) -> Result<Money, Refusal> {
		let billed = total(self.bills.iter().map(|bill| bill.open))?;
		total([billed, self.estimated()?])
	}

	fn declare(&mut self, kind: DeclaredAs, period: Period, wh: u64) -> Result<(), Refusal> {
		if !(self.next..self.end).contains(&period) {
			return Err(Refusal::NoSuchPeriod);
		}
		let position = match self.declared.iter().position(|declared| declared.period == period) {
			Some(position) => position,
			None => {
				let empty = Declared {
					period,
					deemed: 0,
					excused: 0,
				};
				self.declared.try_push(empty).map_err(|_| Refusal::Full)?;
				self.declared.len() - 1
			}
		};
		let declared = &mut self.declared[position];
		let count = match kind {
			DeclaredAs::Deemed => &mut declared.deemed,
			DeclaredAs::Excused => &mut declared.excused,
		};
		// A period counts no more than fits, whatever is declared.
		*count = count.saturating_add(wh);
		Ok(())
	}

	/// Suspends delivery from the start of a month on. `Suspended` if it is.
	fn suspend(&mut self, from: Month) -> Result<(), Refusal> {
		if self.suspensions.last().is_some_and(|last| last.until.is_none()) {
			return Err(Refusal::Suspended);
		}
		// Suspensions that are billed have done their work.
		if let Some(unbilled) = self.month(self.unbilled) {
			self.suspensions
				.retain(|suspension| suspension.until.is_none_or(|until| until > unbilled));
		}
		self.suspensions
			.try_push(Suspension { from, until: None })
			.map_err(|_| Refusal::Full)
	}

	/// Resumes delivery from the start of a month on. `NotSuspended` if it is not suspended.
	fn resume(&mut self, until: Month) -> Result<(), Refusal> {
		let open = self.suspensions.last_mut().filter(|last| last.until.is_none());
		open.ok_or(Refusal::NotSuspended)?.until = Some(until);
		Ok(())
	}

	/// Pays out what was kept for the payee. `Blocked` if it still cannot receive, `Nothing` if there is nothing.
	fn claim(&mut self) -> Result<(), Refusal> {
		if self.blocked {
			return Err(Refusal::Blocked);
		}
		let claimable = self.ledger.claimable;
		if claimable == 0 {
			return Err(Refusal::Nothing);
		}
		shift(&mut self.ledger.claimable, &mut self.ledger.to_payee, claimable)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::billing::example::{act, agreement, day, month, settle, terms, Known};

	fn refused(agreement: &mut Agreement, at: Moment, input: Input) -> Refusal {
		let known = Known::registers(&[0, 100]);
		agreement.apply(&known, at, 99, input).unwrap_err()
	}

	#[test]
	fn input_should_wait_when_events_before_it_do_not_fit_the_bound() {
		let known = Known::registers(&[0, 100]);
		let mut agreement = agreement(terms(), 100);
		let input = Input::Fund(1);
		assert_eq!(agreement.apply(&known, day(1, 17), 1, input), Err(Refusal::Behind));
		assert_eq!((agreement.next, agreement.ledger.paid_in), (1, 100));
		assert_eq!(agreement.apply(&known, day(1, 17), 1, input), Ok(()));
		assert_eq!((agreement.ledger.paid, agreement.ledger.paid_in), (100, 101));
	}

	#[test]
	fn withdrawal_should_leave_what_is_billed() {
		let known = Known::registers(&[0, 100]);
		let mut agreement = agreement(terms(), 130);
		assert_eq!(refused(&mut agreement, day(1, 2), Input::Withdraw(31)), Refusal::Short);
		act(&mut agreement, &known, day(1, 2), Input::Withdraw(30));
		assert_eq!((agreement.ledger.escrow, agreement.ledger.to_buyer), (100, 30));
	}

	#[test]
	fn declaration_should_be_refused_when_the_period_is_billed_or_beyond_the_term() {
		let mut agreement = agreement(terms(), 0);
		let declare = |period| Input::Declare(DeclaredAs::Excused, period, 5);
		assert_eq!(refused(&mut agreement, day(1, 2), declare(0)), Refusal::NoSuchPeriod);
		assert_eq!(refused(&mut agreement, day(1, 2), declare(24)), Refusal::NoSuchPeriod);
		act(&mut agreement, &Known::default(), day(1, 2), declare(1));
		act(&mut agreement, &Known::default(), day(1, 2), declare(1));
		assert_eq!(agreement.declared[0].excused, 10);
	}

	#[test]
	fn suspension_should_start_and_end_at_month_starts() {
		let mut agreement = agreement(terms(), 0);
		assert_eq!(refused(&mut agreement, day(0, 5), Input::Resume), Refusal::NotSuspended);
		act(&mut agreement, &Known::default(), day(0, 5), Input::Suspend);
		assert_eq!(refused(&mut agreement, day(0, 6), Input::Suspend), Refusal::Suspended);
		assert!(!agreement.is_suspended(month(0)) && agreement.is_suspended(month(1)));
		act(&mut agreement, &Known::default(), day(3, 0), Input::Resume);
		assert!(agreement.is_suspended(month(3)) && !agreement.is_suspended(month(4)));
	}

	#[test]
	fn claim_should_wait_until_the_payee_can_receive() {
		let known = Known::registers(&[0, 100]);
		let mut terms = terms();
		terms.months = 1;
		let mut agreement = agreement(terms, 100);
		act(&mut agreement, &known, day(0, 1), Input::SetBlocked(true));
		settle(&mut agreement, &known, day(1, 20));
		assert_eq!((agreement.status, agreement.ledger.claimable), (Status::Closed, 100));
		assert_eq!(refused(&mut agreement, day(1, 21), Input::Fund(1)), Refusal::Closed);
		assert_eq!(refused(&mut agreement, day(1, 21), Input::Claim), Refusal::Blocked);
		act(&mut agreement, &known, day(1, 22), Input::SetBlocked(false));
		act(&mut agreement, &known, day(1, 22), Input::Claim);
		assert_eq!(refused(&mut agreement, day(1, 22), Input::Claim), Refusal::Nothing);
		assert_eq!((agreement.ledger.claimable, agreement.ledger.to_payee), (0, 100));
	}

	#[test]
	fn sweep_should_stop_at_what_the_vault_owes() {
		let known = Known::registers(&[0, 100]);
		let mut terms = terms();
		terms.cuts.sweep = 500_000;
		let mut agreement = agreement(terms, 100);
		act(&mut agreement, &known, day(0, 1), Input::VaultDebt(20));
		settle(&mut agreement, &known, day(1, 20));
		let ledger = &agreement.ledger;
		assert_eq!((ledger.swept, ledger.vault_debt, ledger.to_payee), (20, 0, 80));
	}
}

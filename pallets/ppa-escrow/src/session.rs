//! Playing what is due, and what parties do on top of it.
//!
//! A session is one agreement in the hands of one call: it plays the events that are due one by one, tells the world what
//! each did, keeps a record of every bill, takes the call's input, and at last moves the tokens and stores the agreement.

use baseload_math::billing::{
	agreement::{Agreement, Status},
	events::{Event as Due, Scheduled},
	ledger::Ledger,
	Input, Invoice,
};
use baseload_primitives::{views::BillRecord, AgreementId, Balance, Moment};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	sources::View,
	types::{Record, Stage},
	Agreements, Bills, Config, Error, Event, Pallet, Running, Shares,
};

/// The most events that a call of a party plays before its own input. If there are more, somebody settles first.
pub const CATCH_UP: u32 = 16;

/// An agreement that binds, in the hands of one call.
pub(crate) struct Session<T: Config> {
	/// Which one.
	pub id: AgreementId,
	/// The agreement.
	pub record: Record<T::AccountId>,
	/// What it sees.
	pub view: View<T>,
	/// Now, on the clock of dues.
	pub now: Moment,
	/// How many events were played.
	pub played: u32,
}

/// What an event is told from: how things stood before it.
struct Before {
	at: Moment,
	ledger: Ledger,
	issued: u32,
	invoice: Option<Invoice>,
	/// Reserved for the period that is billed.
	reserved: Balance,
	/// The bill, dispute, estimate or correction that comes first: its number or period.
	first: u32,
}

impl<T: Config> Pallet<T> {
	/// Takes agreement `id` in hand. `WrongStatus` unless it binds.
	pub(crate) fn open(id: AgreementId) -> Result<Session<T>, DispatchError> {
		Session::of(id, Self::find(id)?)
	}
}

impl<T: Config> Session<T> {
	/// Takes an agreement in hand. `WrongStatus` unless it binds.
	pub fn of(id: AgreementId, record: Record<T::AccountId>) -> Result<Self, DispatchError> {
		record.billing().ok_or(Error::<T>::WrongStatus)?;
		let view = View::new(id, record.deal.meter, record.deal.feed);
		Ok(Self {
			id,
			record,
			view,
			now: Pallet::<T>::now(),
			played: 0,
		})
	}

	/// The state of billing.
	pub fn billing(&mut self) -> Result<&mut Agreement, DispatchError> {
		match &mut self.record.stage {
			Stage::Running(billing) => Ok(billing),
			_ => Err(Error::<T>::WrongStatus.into()),
		}
	}

	/// Plays the events before now, at most `bound` of them in all. Returns whether none is left.
	pub fn play(&mut self, bound: u32) -> Result<bool, DispatchError> {
		loop {
			self.take_up_amendment()?;
			let Some(next) = self.next_event() else {
				return Ok(true);
			};
			if self.played == bound {
				return Ok(false);
			}
			let before = self.before(next)?;
			let now = self.now;
			let Stage::Running(billing) = &mut self.record.stage else {
				return Err(Error::<T>::WrongStatus.into());
			};
			let stepped = billing.step(&self.view, now).map_err(Error::<T>::from)?;
			self.played += 1;
			if let Some(scheduled) = stepped {
				self.tell(scheduled.event, before)?;
			}
		}
	}

	/// Plays all events before now. `Behind` if there are too many.
	pub fn catch_up(&mut self) -> DispatchResult {
		if self.play(CATCH_UP)? {
			Ok(())
		} else {
			Err(Error::<T>::Behind.into())
		}
	}

	/// Plays all events before now, and then the input. `Behind` if there are too many.
	pub fn apply(&mut self, input: Input) -> DispatchResult {
		self.catch_up()?;
		let now = self.now;
		let Stage::Running(billing) = &mut self.record.stage else {
			return Err(Error::<T>::WrongStatus.into());
		};
		billing
			.apply(&self.view, now, 0, input)
			.map_err(|refusal| Error::<T>::from(refusal).into())
	}

	/// Moves the tokens and stores the agreement. Returns how many events were played.
	pub fn finish(mut self) -> Result<u32, DispatchError> {
		Pallet::<T>::pay_out(self.id, &mut self.record)?;
		Agreements::<T>::insert(self.id, self.record);
		Ok(self.played)
	}

	/// Puts amended clauses in force once the first month that they hold for is the next to be billed. That depends on the
	/// state alone, so it does not matter who settles when.
	fn take_up_amendment(&mut self) -> DispatchResult {
		let Some(amendment) = &self.record.amendment else {
			return Ok(());
		};
		let Stage::Running(billing) = &mut self.record.stage else {
			return Ok(());
		};
		let is_next = billing.month(billing.next).is_some_and(|next| next >= amendment.from);
		if !is_next {
			return Ok(());
		}
		amendment.change(&mut billing.terms);
		self.record.amendment = None;
		Ok(())
	}

	/// The next event, if it is before now.
	fn next_event(&self) -> Option<Scheduled> {
		let next = self.record.billing()?.next_event(&self.view);
		next.filter(|next| next.at < self.now)
	}

	/// How things stand before the next event.
	fn before(&self, next: Scheduled) -> Result<Before, DispatchError> {
		let billing = self.record.billing().ok_or(Error::<T>::WrongStatus)?;
		let invoice = match next.event {
			Due::Bill => Some(billing.invoice(&self.view, next.at).map_err(Error::<T>::from)?),
			_ => None,
		};
		let reserved = billing
			.estimates
			.iter()
			.find(|estimate| estimate.period == billing.next);
		let first = match next.event {
			Due::BillDue => billing.bills.first().map(|bill| bill.number),
			Due::DisputeTimeout => billing.disputes.first().map(|dispute| dispute.number),
			Due::Correction => billing.corrections.first().map(|correction| correction.period),
			_ => None,
		};
		Ok(Before {
			at: next.at,
			ledger: billing.ledger,
			issued: billing.issued,
			invoice,
			reserved: reserved.and_then(|estimate| estimate.reserved).unwrap_or_default(),
			first: first.unwrap_or_default(),
		})
	}

	/// Tells the world what an event did, and records bills.
	fn tell(&mut self, event: Due, before: Before) -> DispatchResult {
		let agreement = self.id;
		let Stage::Running(billing) = &self.record.stage else {
			return Ok(());
		};
		let ledger = &billing.ledger;
		let rose = |of: fn(&Ledger) -> Balance| of(ledger).saturating_sub(of(&before.ledger));
		let event = match event {
			Due::Operation => Event::OperationProven {
				agreement,
				first_month: billing.first_month,
				damages: rose(|ledger| ledger.damages),
			},
			Due::Bill => {
				let Some(invoice) = before.invoice else {
					return Ok(());
				};
				let amount = rose(|ledger| ledger.accrued);
				let number = (billing.issued > before.issued).then_some(billing.issued);
				let (period, month) = (invoice.period, invoice.month);
				let wh = invoice
					.lines
					.iter()
					.map(|line| u128::from(line.normal) + u128::from(line.over));
				let wh = u64::try_from(wh.sum::<u128>()).unwrap_or(u64::MAX);
				let bill = BillRecord {
					invoice,
					number,
					issued_at: before.at,
					due: before.at.saturating_add(billing.terms.payment.due),
					amount,
					credited: rose(|ledger| ledger.credited),
					damages: rose(|ledger| ledger.damages),
					reserved: before.reserved.min(amount),
					corrected_up: 0,
					corrected_down: 0,
				};
				let event = Event::Billed {
					agreement,
					period,
					month,
					number,
					wh,
					amount,
					credited: bill.credited,
					damages: bill.damages,
					due: bill.due,
				};
				Bills::<T>::insert(agreement, period, bill);
				event
			}
			Due::Correction => {
				let (period, amount) = (before.first, rose(|ledger| ledger.accrued));
				let credited = rose(|ledger| ledger.credited);
				if let Some(mut bill) = Bills::<T>::get(agreement, period) {
					bill.corrected_up = amount;
					bill.corrected_down = credited;
					Bills::<T>::insert(agreement, period, bill);
				}
				Event::Corrected {
					agreement,
					period,
					amount,
					credited,
				}
			}
			Due::Estimate(period) => {
				let made = billing.estimates.iter().find(|estimate| estimate.period == period);
				Event::Estimated {
					agreement,
					period,
					amount: made.map_or(0, |estimate| estimate.amount),
					due: made.map_or(0, |estimate| estimate.due),
				}
			}
			Due::EstimateDue(period) => Event::Reserved {
				agreement,
				period,
				amount: rose(|ledger| ledger.provisional),
			},
			Due::BillDue => Event::BillDue {
				agreement,
				number: before.first,
				paid: rose(|ledger| ledger.paid),
				arrears: ledger.arrears,
			},
			Due::CreditDue => Event::CreditDue {
				agreement,
				from_bond: rose(|ledger| ledger.bond_paid),
				seller_owes: ledger.seller_owes,
			},
			Due::DisputeTimeout => Event::DisputeEnded {
				agreement,
				number: before.first,
				seller_share: billing.terms.dispute.default,
				timed_out: true,
			},
			Due::GraceOver => Event::BuyerDefaulted {
				agreement,
				arrears: ledger.arrears,
				interest: ledger.interest,
			},
			Due::Close => Event::Closed {
				agreement,
				to_buyer: rose(|ledger| ledger.to_buyer),
				to_seller: rose(|ledger| ledger.to_seller),
				arrears: ledger.arrears,
				seller_owes: ledger.seller_owes,
			},
		};
		let is_closed = billing.status == Status::Closed;
		Pallet::<T>::deposit_event(event);
		if is_closed && self.record.closed_at.is_none() {
			self.record.closed_at = Some(before.at);
			self.leave_the_meter();
		}
		Ok(())
	}

	/// A closed agreement is settled no more, gives its share up and follows its feed no more.
	fn leave_the_meter(&mut self) {
		let has_billed = self.record.billing().is_some_and(|billing| billing.next > 0);
		Running::<T>::remove(self.id);
		Shares::<T>::mutate(self.record.deal.meter, |book| {
			book.close(self.id, has_billed, |threshold| self.view.proven(threshold));
		});
		if let Some(feed) = self.record.deal.feed {
			Pallet::<T>::leave_feed(feed);
		}
	}
}

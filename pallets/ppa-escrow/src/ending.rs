//! How an agreement ends before its term, and what the seller's lender has to say.
//!
//! Each party can end an agreement for the other's default, and the buyer can buy itself out or leave at the longstop. A
//! year and the lender's time after that anyone can end what never began, so that nothing waits for a buyer for ever.
//!
//! If the seller has assigned its rights to a lender, no default ends the agreement before the lender was told and had the
//! agreed time to cure it: by posting a bond that pays what the seller owes, as anyone may, or by stepping in, which extends
//! the time of that notice and lets the lender name who acts for the seller and who is paid. A lender steps in once, for a
//! default that is not cured. A notice counts for all that was past due when it was given, until that is cured: paying one of
//! several debts does not end it. The next default takes another notice.
//!
//! None of this is a way to hold the other side up: each side's notice has a slot of its own, notices and the step-in
//! outlive a discharge, so that their time runs on for the next lender, and a seller in default assigns to nobody. Once a lender
//! has stepped in, whom it named assigns, not the seller.

use baseload_math::billing::{agreement::Ending, terms::Start, Agreement, Input, Month};
use baseload_primitives::{AgreementId, Moment, Side, DAY};
use frame_support::ensure;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	session::Session,
	types::{Notice, Record},
	Agreements, Config, Error, Event, Pallet, Shares,
};

/// How long after the longstop, and the lender's time, anyone may end an agreement whose operation was never proven.
pub const ABANDONED: Moment = 366 * DAY;

/// Since when the party other than `side` has been in default, if it is by `now`, all that is due being played.
fn default_since(billing: &Agreement, side: Side, now: Moment) -> Option<Moment> {
	let billing = Agreement {
		clock: now,
		..billing.clone()
	};
	match side {
		Side::Seller => {
			let late = billing.since.filter(|_| billing.delinquent);
			let topup = billing.topup_by.filter(|_| billing.is_topup_late() == Ok(true));
			late.into_iter().chain(topup).min()
		}
		Side::Buyer => {
			let past = billing
				.credits
				.iter()
				.map(|credit| credit.due)
				.filter(|due| *due < billing.clock);
			let longstop = match (billing.terms.start, billing.first_month) {
				(Start::Operation(operation), None) if operation.longstop > 0 => Some(operation.longstop),
				_ => None,
			};
			past.chain(longstop.filter(|longstop| *longstop <= billing.clock)).min()
		}
	}
}

/// Whether an agreement that never began is anybody's to end by `now`: the buyer let the longstop pass long ago.
fn is_abandoned<AccountId>(record: &Record<AccountId>, billing: &Agreement, now: Moment) -> bool {
	let (Start::Operation(operation), None) = (billing.terms.start, billing.first_month) else {
		return false;
	};
	let lender = record.deal.lender;
	let waits = [ABANDONED, lender.notice, lender.step_in];
	let until = waits.into_iter().fold(operation.longstop, Moment::saturating_add);
	now >= until
}

impl<T: Config> Pallet<T> {
	/// Ends an agreement early. Returns how many events were played.
	pub(crate) fn do_terminate(who: T::AccountId, id: AgreementId, ending: Ending) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		let by = match ending {
			Ending::Seller => Side::Seller,
			Ending::Buyer | Ending::Buyout | Ending::Longstop => Side::Buyer,
		};
		session.catch_up()?;
		let now = session.now;
		let billing = session.billing()?.clone();
		let is_abandoned = ending == Ending::Longstop && is_abandoned(&session.record, &billing, now);
		if !is_abandoned {
			ensure!(session.record.side(&who) == Some(by), Error::<T>::NotParty);
		}
		if ending != Ending::Buyout && !is_abandoned {
			Self::ensure_lender_had_time(&session.record, by, now)?;
		}
		let before = billing.ledger;
		session.apply(Input::Terminate(ending))?;
		let billing = session.billing()?;
		if ending == Ending::Buyout {
			// A lender hears nothing of it, so it has to be paid for: what it costs is the newest of the open bills.
			let claimed = billing.claimed().map_err(Error::<T>::from)?;
			let is_covered = claimed <= billing.ledger.escrow && !billing.ledger.overdue();
			ensure!(is_covered, Error::<T>::Short);
		}
		let (end, month, ledger) = (billing.end, billing.month(billing.end), billing.ledger);
		let billed = ledger.accrued.saturating_sub(before.accrued);
		let credited = ledger.credited.saturating_sub(before.credited);
		session.record.termination_bill = billed;
		// Without a first month it has no share in any, whatever the meter shows before it closes.
		let until = month.unwrap_or(Month::of(0));
		Shares::<T>::mutate(session.record.deal.meter, |book| book.end(id, until));
		let played = session.finish()?;
		Self::deposit_event(Event::TerminationDeclared {
			agreement: id,
			ending,
			end,
			billed,
			credited,
		});
		Ok(played)
	}

	/// Whether the lender, if there is one, knew of the default that it is about and the time to cure it is over.
	fn ensure_lender_had_time(record: &Record<T::AccountId>, by: Side, now: Moment) -> DispatchResult {
		let clause = record.deal.lender;
		if record.lender.is_none() {
			return Ok(());
		}
		let notice = Self::notice_of(record, by, now).ok_or(Error::<T>::LenderNotNotified)?;
		let stepped_in = record.stepped_in_at.is_some_and(|at| at >= notice.at);
		let extended = if by == Side::Buyer && stepped_in {
			clause.step_in
		} else {
			0
		};
		let until = notice.at.saturating_add(clause.notice).saturating_add(extended);
		ensure!(now >= until, Error::<T>::LenderNoticeRunning);
		Ok(())
	}

	/// The notice that `by` gave in the default that the other party is in by `now`. What began before the notice and is not
	/// cured has lasted since.
	fn notice_of(record: &Record<T::AccountId>, by: Side, now: Moment) -> Option<Notice> {
		let since = default_since(record.billing()?, by, now)?;
		let mut notices = record.notices;
		notices
			.by(by)
			.filter(|notice| notice.default_since == since || since < notice.at)
	}

	/// Tells the lender that the signer's side may end the agreement. Returns how many events were played.
	pub(crate) fn do_notify_lender(who: T::AccountId, id: AgreementId) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		let by = session.record.side(&who).ok_or(Error::<T>::NotParty)?;
		session.catch_up()?;
		let (now, clause) = (session.now, session.record.deal.lender);
		let default_since = default_since(session.billing()?, by, now).ok_or(Error::<T>::NotEntitled)?;
		ensure!(session.record.lender.is_some(), Error::<T>::NoLender);
		let is_known = Self::notice_of(&session.record, by, now).is_some();
		ensure!(!is_known, Error::<T>::LenderKnows);
		*session.record.notices.by(by) = Some(Notice { at: now, default_since });
		let played = session.finish()?;
		Self::deposit_event(Event::LenderNotified {
			agreement: id,
			by,
			until: now.saturating_add(clause.notice),
		});
		Ok(played)
	}

	/// The seller assigns its rights to a lender. Not while the buyer may end the agreement for its default: that would take
	/// the buyer's exit away. Returns how many events were played.
	pub(crate) fn do_assign(who: T::AccountId, id: AgreementId, lender: T::AccountId) -> Result<u32, DispatchError> {
		let record = Self::find(id)?;
		let deal = &record.deal;
		ensure!(record.side(&who) == Some(Side::Seller), Error::<T>::NotParty);
		ensure!(record.lender.is_none(), Error::<T>::HasLender);
		let others = [
			Some(&who),
			Some(&deal.seller),
			Some(&deal.buyer),
			deal.resolver.as_ref(),
		];
		ensure!(!others.contains(&Some(&lender)), Error::<T>::BadLender);
		let mut session = Session::<T>::of(id, record)?;
		session.catch_up()?;
		ensure!(!session.record.is_over(), Error::<T>::WrongStatus);
		let now = session.now;
		let default_since = default_since(session.billing()?, Side::Buyer, now);
		ensure!(default_since.is_none(), Error::<T>::InDefault);
		session.record.lender = Some(lender.clone());
		let played = session.finish()?;
		Self::deposit_event(Event::Assigned { agreement: id, lender });
		Ok(played)
	}

	/// The lender gives its rights up. Who acts for the seller and who is paid stays as it is.
	pub(crate) fn do_discharge(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let mut record = Self::find(id)?;
		ensure!(record.is_lender(&who), Error::<T>::NotLender);
		record.lender = None;
		// The next lender is asked anew.
		if let Some(request) = &mut record.request {
			request.by_lender = false;
		}
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::Discharged { agreement: id });
		Ok(())
	}

	/// The lender steps in for the seller, who is in a default that the buyer has given notice of. What was due before is paid
	/// to the payee of before, and what the seller has agreed to waits no more. Returns how many events were played.
	pub(crate) fn do_step_in(
		who: T::AccountId,
		id: AgreementId,
		operator: T::AccountId,
		payee: T::AccountId,
	) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		let record = &session.record;
		ensure!(record.is_lender(&who), Error::<T>::NotLender);
		ensure!(operator != record.deal.buyer, Error::<T>::SelfDealing);
		let resolver = record.deal.resolver.as_ref();
		ensure!(
			resolver != Some(&operator) && resolver != Some(&payee),
			Error::<T>::BadResolver
		);
		ensure!(!Self::is_agreement_account(&payee), Error::<T>::BadPayee);
		ensure!(record.stepped_in_at.is_none(), Error::<T>::SteppedInBefore);
		session.catch_up()?;
		let now = session.now;
		ensure!(!session.record.is_over(), Error::<T>::WrongStatus);
		let notice = Self::notice_of(&session.record, Side::Buyer, now);
		ensure!(notice.is_some(), Error::<T>::LenderNotNotified);
		Self::pay_out(id, &mut session.record)?;
		let record = &mut session.record;
		record.stepped_in_at = Some(now);
		record.operator = Some(operator.clone());
		record.deal.payee = payee.clone();
		record.request = None;
		let played = session.finish()?;
		Self::deposit_event(Event::SteppedIn {
			agreement: id,
			operator,
			payee,
		});
		Ok(played)
	}
}

//! How an agreement ends before its term, and what the seller's lender has to say.
//!
//! Each party can end an agreement for the other's default, and the buyer can buy itself out or leave at the longstop. If
//! the seller has assigned its rights to a lender, no default ends the agreement before the lender was told and had the agreed
//! time to cure it: by posting a bond that pays what the seller owes, as anyone may, or by stepping in, which extends the time
//! once and lets the lender name who acts for the seller and who is paid. A notice counts for the default that it was
//! given for: once that is cured, the next one takes another notice.

use baseload_math::billing::{agreement::Ending, terms::Start, Agreement, Input};
use baseload_primitives::{AgreementId, Moment, Side};
use frame_support::ensure;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	types::{Lender, Notice, Record},
	Agreements, Config, Error, Event, Pallet, Shares,
};

/// Since when the party other than `side` has been in default, if it is by `now`, all that is due being played.
fn default_since(billing: &Agreement, side: Side, now: Moment) -> Option<Moment> {
	let billing = Agreement {
		clock: now,
		..billing.clone()
	};
	match side {
		Side::Seller if billing.delinquent => billing.since,
		Side::Seller => billing.topup_by.filter(|_| billing.is_topup_late() == Ok(true)),
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

impl<T: Config> Pallet<T> {
	/// Ends an agreement early. Returns how many events were played.
	pub(crate) fn do_terminate(who: T::AccountId, id: AgreementId, ending: Ending) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		let by = match ending {
			Ending::Seller => Side::Seller,
			Ending::Buyer | Ending::Buyout | Ending::Longstop => Side::Buyer,
		};
		ensure!(session.record.side(&who) == Some(by), Error::<T>::NotParty);
		session.catch_up()?;
		if ending != Ending::Buyout {
			Self::ensure_lender_had_time(&session.record, by, session.now)?;
		}
		let before = session.billing()?.ledger;
		session.apply(Input::Terminate(ending))?;
		let billing = session.billing()?;
		let (end, month, ledger) = (billing.end, billing.month(billing.end), billing.ledger);
		let billed = ledger.accrued.saturating_sub(before.accrued);
		let credited = ledger.credited.saturating_sub(before.credited);
		session.record.termination_bill = billed;
		if let Some(month) = month {
			Shares::<T>::mutate(session.record.deal.meter, |book| book.end(id, month));
		}
		let played = session.played;
		session.finish()?;
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
		let default_since = record.billing().and_then(|billing| default_since(billing, by, now));
		let Some(lender) = &record.lender else {
			return Ok(());
		};
		let notice = lender
			.notice
			.filter(|notice| notice.by == by && Some(notice.default_since) == default_since);
		let notice = notice.ok_or(Error::<T>::LenderNotNotified)?;
		let extended = match (by, lender.stepped_in_at) {
			(Side::Buyer, Some(_)) => clause.step_in,
			_ => 0,
		};
		let until = notice.at.saturating_add(clause.notice).saturating_add(extended);
		ensure!(now >= until, Error::<T>::LenderNoticeRunning);
		Ok(())
	}

	/// Tells the lender that the signer's side may end the agreement. Returns how many events were played.
	pub(crate) fn do_notify_lender(who: T::AccountId, id: AgreementId) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		let by = session.record.side(&who).ok_or(Error::<T>::NotParty)?;
		session.catch_up()?;
		let (now, clause) = (session.now, session.record.deal.lender);
		let default_since = default_since(session.billing()?, by, now).ok_or(Error::<T>::NotEntitled)?;
		let lender = session.record.lender.as_mut().ok_or(Error::<T>::NoLender)?;
		let is_known = lender
			.notice
			.is_some_and(|notice| notice.by == by && notice.default_since == default_since);
		ensure!(!is_known, Error::<T>::LenderKnows);
		lender.notice = Some(Notice {
			by,
			at: now,
			default_since,
		});
		let played = session.played;
		session.finish()?;
		Self::deposit_event(Event::LenderNotified {
			agreement: id,
			by,
			until: now.saturating_add(clause.notice),
		});
		Ok(played)
	}

	/// The seller assigns its rights to a lender.
	pub(crate) fn do_assign(who: T::AccountId, id: AgreementId, lender: T::AccountId) -> DispatchResult {
		let mut record = Self::find(id)?;
		ensure!(record.deal.seller == who, Error::<T>::NotParty);
		ensure!(record.lender.is_none(), Error::<T>::HasLender);
		ensure!(record.billing().is_some() && !record.is_over(), Error::<T>::WrongStatus);
		ensure!(lender != who && lender != record.deal.buyer, Error::<T>::BadLender);
		record.lender = Some(Lender {
			account: lender.clone(),
			notice: None,
			stepped_in_at: None,
		});
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::Assigned { agreement: id, lender });
		Ok(())
	}

	/// The lender gives its rights up. Who acts for the seller and who is paid stays as it is.
	pub(crate) fn do_discharge(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let mut record = Self::find(id)?;
		ensure!(record.is_lender(&who), Error::<T>::NotLender);
		record.lender = None;
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::Discharged { agreement: id });
		Ok(())
	}

	/// The lender steps in for the seller, whose default the buyer has given notice of.
	pub(crate) fn do_step_in(
		who: T::AccountId,
		id: AgreementId,
		operator: T::AccountId,
		payee: T::AccountId,
	) -> DispatchResult {
		let mut record = Self::find(id)?;
		ensure!(record.is_lender(&who), Error::<T>::NotLender);
		ensure!(!record.is_over(), Error::<T>::WrongStatus);
		ensure!(operator != record.deal.buyer, Error::<T>::SelfDealing);
		ensure!(!Self::is_agreement_account(&payee), Error::<T>::BadPayee);
		let now = Self::now();
		let lender = record.lender.as_mut().ok_or(Error::<T>::NoLender)?;
		let is_noticed = lender.notice.is_some_and(|notice| notice.by == Side::Buyer);
		ensure!(is_noticed, Error::<T>::LenderNotNotified);
		ensure!(lender.stepped_in_at.is_none(), Error::<T>::SteppedInBefore);
		lender.stepped_in_at = Some(now);
		record.operator = Some(operator.clone());
		record.deal.payee = payee.clone();
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::SteppedIn {
			agreement: id,
			operator,
			payee,
		});
		Ok(())
	}
}

//! What takes both parties, or the resolver: energy declared, suspension, new clauses, calling an agreement off.
//!
//! One side asks for a change and so agrees to it; it takes effect in the call in which the last of those whose consent it
//! takes agrees. Declared energy and suspensions are facts about the plant and the grid, so that the resolver, say the grid's
//! operator, can state them alone. The seller alone can suspend delivery while the buyer is in default; what it alone
//! began it can end alone, and so can the buyer once it is out of default.
//!
//! What both parties agree to can take income from the seller's lender: clauses, declared energy and a suspension take its
//! consent too, once there is one. Clauses change only so. New prices, quantities and expected energy hold
//! from a month on that has not begun, so that nothing that was or could be billed changes: they replace the old ones at the
//! moment at which that month is the next to be billed. Until it begins both can agree on others in their place. A contracted quantity counts over a contract year and changes with
//! one. The formula of an indexed tariff stays, since bills that wait for their true index are corrected by it.

use baseload_math::billing::{terms::Tariff, Input};
use baseload_primitives::{AgreementId, Amendment, Change, Side};
use frame_support::{ensure, traits::EnsureOrigin};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	session::Session,
	types::{Record, Request, Stage},
	Agreements, Config, Error, Event, Pallet,
};

/// Who speaks in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Voice<AccountId> {
	/// Whom the chain appoints to resolve.
	Chain,
	/// An account.
	Account(AccountId),
}

impl<T: Config> Pallet<T> {
	/// Who speaks: the chain's resolver, or an account.
	pub(crate) fn voice(origin: OriginFor<T>) -> Result<Voice<T::AccountId>, DispatchError> {
		match T::ResolverOrigin::try_origin(origin) {
			Ok(_) => Ok(Voice::Chain),
			Err(origin) => Ok(Voice::Account(ensure_signed(origin)?)),
		}
	}

	/// True for the agreement's resolver.
	pub(crate) fn is_resolver(record: &Record<T::AccountId>, voice: &Voice<T::AccountId>) -> bool {
		match (voice, &record.deal.resolver) {
			(Voice::Chain, None) => true,
			(Voice::Account(who), Some(resolver)) => who == resolver,
			_ => false,
		}
	}

	/// Asks for a change. Returns how many events were played.
	pub(crate) fn do_request(
		voice: Voice<T::AccountId>,
		id: AgreementId,
		change: Change<T::AccountId>,
	) -> Result<u32, DispatchError> {
		let mut record = Self::find(id)?;
		let hash = change.hash();
		if Self::is_resolver(&record, &voice) && !matches!(change, Change::Amend(_) | Change::Cancel) {
			return Self::put_in_force(id, record, change, false);
		}
		let Voice::Account(who) = voice else {
			return Err(Error::<T>::NotParty.into());
		};
		let side = record.side(&who).ok_or(Error::<T>::NotParty)?;
		let mut played = 0;
		if record.billing().is_some() {
			// What a side may have alone depends on what is due by now, not on who settled when.
			let mut session = Session::<T>::of(id, record)?;
			session.catch_up()?;
			if Self::may_alone(&session.record, side, &change) {
				return Self::take_effect(session, change, side == Side::Seller);
			}
			played = session.played;
			Self::pay_out(id, &mut session.record)?;
			record = session.record;
		}
		ensure!(record.request.is_none(), Error::<T>::RequestPending);
		Self::ensure_possible(&record, &change)?;
		record.request = Some(Request {
			change,
			by_seller: side == Side::Seller,
			by_buyer: side == Side::Buyer,
			by_lender: false,
		});
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::Requested {
			agreement: id,
			by: side,
			hash,
		});
		Ok(played)
	}

	/// Agrees to the change that was asked for. Returns how many events were played.
	pub(crate) fn do_agree(who: T::AccountId, id: AgreementId, hash: H256) -> Result<u32, DispatchError> {
		let mut record = Self::find(id)?;
		let (side, is_lender) = (record.side(&who), record.is_lender(&who));
		ensure!(side.is_some() || is_lender, Error::<T>::NotParty);
		let request = record.request.as_mut().ok_or(Error::<T>::NothingRequested)?;
		ensure!(request.change.hash() == hash, Error::<T>::ContractMismatch);
		request.by_seller |= side == Some(Side::Seller);
		request.by_buyer |= side == Some(Side::Buyer);
		request.by_lender |= is_lender;
		// Whatever can take income from the lender.
		let takes_lender = matches!(
			request.change,
			Change::Amend(_) | Change::Declare { .. } | Change::Suspend
		);
		let all = request.by_seller && request.by_buyer;
		let change = request.change.clone();
		let lender_agrees = request.by_lender || record.lender.is_none();
		Self::deposit_event(Event::Agreed {
			agreement: id,
			by: who,
			hash,
		});
		if all && (lender_agrees || !takes_lender) {
			record.request = None;
			return Self::put_in_force(id, record, change, false);
		}
		Agreements::<T>::insert(id, record);
		Ok(0)
	}

	/// Takes back what was asked for, by either side.
	pub(crate) fn do_drop_request(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let mut record = Self::find(id)?;
		let side = record.side(&who).ok_or(Error::<T>::NotParty)?;
		record.request.take().ok_or(Error::<T>::NothingRequested)?;
		Agreements::<T>::insert(id, record);
		Self::deposit_event(Event::RequestDropped {
			agreement: id,
			by: side,
		});
		Ok(())
	}

	/// What a side can have without anybody's consent: the seller, while the buyer is in default, to suspend; and either to
	/// end what the seller alone began, the buyer once it is in default no more.
	fn may_alone(record: &Record<T::AccountId>, side: Side, change: &Change<T::AccountId>) -> bool {
		let in_default = record.billing().is_some_and(|billing| billing.delinquent);
		match (change, side) {
			(Change::Suspend, Side::Seller) => in_default,
			(Change::Resume, Side::Seller) => record.suspended_by_seller,
			(Change::Resume, Side::Buyer) => record.suspended_by_seller && !in_default,
			_ => false,
		}
	}

	/// Whether a change could take effect now. It is asked again when all have agreed.
	fn ensure_possible(record: &Record<T::AccountId>, change: &Change<T::AccountId>) -> DispatchResult {
		match change {
			Change::Cancel => ensure!(matches!(record.stage, Stage::Accepted(..)), Error::<T>::WrongStatus),
			Change::Amend(amendment) => Self::ensure_amendable(record, amendment)?,
			_ => ensure!(record.billing().is_some() && !record.is_over(), Error::<T>::WrongStatus),
		}
		Ok(())
	}

	/// Whether clauses can be changed so.
	fn ensure_amendable(record: &Record<T::AccountId>, amendment: &Amendment<T::AccountId>) -> DispatchResult {
		let billing = record.billing().ok_or(Error::<T>::WrongStatus)?;
		ensure!(!record.is_over(), Error::<T>::WrongStatus);
		ensure!(amendment.from > Self::month(), Error::<T>::MonthBegun);
		if amendment.prices.is_some() || amendment.quantity.is_some() || amendment.expected.is_some() {
			// Clauses agreed on before that hold for a month that has begun stay; others are replaced by the same consents.
			let pending = record.amendment.as_ref();
			let is_replaceable = pending.is_none_or(|pending| pending.from > Self::month());
			ensure!(is_replaceable, Error::<T>::AmendmentPending);
			ensure!(
				record.end().is_none_or(|end| amendment.from < end),
				Error::<T>::NotAmendable
			);
		}
		if amendment.prices.is_some() {
			let is_formula = matches!(billing.terms.tariff, Tariff::Indexed { .. });
			ensure!(!is_formula, Error::<T>::NotAmendable);
		}
		if let (Tariff::Cfd { .. }, Some(prices)) = (&billing.terms.tariff, &amendment.prices) {
			ensure!(prices.len() == 1, Error::<T>::ContradictoryTariff);
		}
		if amendment.quantity.is_some() {
			let first = billing.first_month.ok_or(Error::<T>::NotAmendable)?;
			let starts_a_year = amendment.from >= first && amendment.from.since(first) % 12 == 0;
			ensure!(starts_a_year, Error::<T>::NotAmendable);
		}
		let mut terms = billing.terms.clone();
		amendment.change(&mut terms);
		if let Some(clause) = terms.contradiction() {
			return Err(Error::<T>::from(clause).into());
		}
		if amendment.payee.is_some() || amendment.resolver.is_some() {
			let deal = &record.deal;
			let payee = amendment.payee.as_ref().unwrap_or(&deal.payee);
			let resolver = amendment.resolver.as_ref().unwrap_or(&deal.resolver).as_ref();
			ensure!(!Self::is_agreement_account(payee), Error::<T>::BadPayee);
			Self::ensure_resolver(resolver, [&deal.seller, &deal.buyer, payee])?;
			let acts = |who: &T::AccountId| who == record.operator() || record.is_lender(who);
			ensure!(!resolver.is_some_and(acts), Error::<T>::BadResolver);
		}
		Ok(())
	}

	/// Lets a change take effect. Returns how many events were played.
	fn put_in_force(
		id: AgreementId,
		record: Record<T::AccountId>,
		change: Change<T::AccountId>,
		by_seller_alone: bool,
	) -> Result<u32, DispatchError> {
		if change == Change::Cancel {
			Self::ensure_possible(&record, &change)?;
			Self::call_off(id, record)?;
			return Ok(0);
		}
		Self::take_effect(Session::<T>::of(id, record)?, change, by_seller_alone)
	}

	/// Lets a change of an agreement that binds take effect. Returns how many events were played.
	fn take_effect(
		mut session: Session<T>,
		change: Change<T::AccountId>,
		by_seller_alone: bool,
	) -> Result<u32, DispatchError> {
		let (id, hash) = (session.id, change.hash());
		match change {
			Change::Declare { kind, period, wh } => session.apply(Input::Declare(kind, period, wh))?,
			Change::Suspend => {
				session.apply(Input::Suspend)?;
				session.record.suspended_by_seller = by_seller_alone;
			}
			Change::Resume => {
				session.apply(Input::Resume)?;
				session.record.suspended_by_seller = false;
			}
			Change::Amend(amendment) => {
				session.catch_up()?;
				Self::ensure_amendable(&session.record, &amendment)?;
				// What was due before is the payee's of before.
				Self::pay_out(id, &mut session.record)?;
				let deal = &mut session.record.deal;
				if let Some(payee) = &amendment.payee {
					deal.payee = payee.clone();
				}
				if let Some(resolver) = &amendment.resolver {
					deal.resolver = resolver.clone();
				}
				if amendment.prices.is_some() || amendment.quantity.is_some() || amendment.expected.is_some() {
					session.record.amendment = Some(amendment);
				}
			}
			Change::Cancel => (),
		}
		let played = session.finish()?;
		Self::deposit_event(Event::Changed { agreement: id, hash });
		Ok(played)
	}
}

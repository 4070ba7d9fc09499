//! From a proposal to the end.

use baseload_math::tariff;
use baseload_primitives::{AgreementId, AgreementStatus, DebtSweep, OpenTime, RegisterSource};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate, MutateHold},
		tokens::Preservation,
		Get,
	},
};
use sp_core::H256;
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{
	books::Books,
	service::Service,
	types::{Agreement, Billing, Party, Terms},
	Agreements, BilledBy, Config, Error, Event, HoldReason, NextAgreement, Pallet,
};

impl<T: Config> Pallet<T> {
	/// The agreement `id`, or why there is none.
	pub(crate) fn find(id: AgreementId) -> Result<Agreement<T::AccountId>, DispatchError> {
		Agreements::<T>::get(id).ok_or(Error::<T>::UnknownAgreement.into())
	}

	/// Which side of `agreement` the caller is on, or that it is a stranger.
	fn ensure_party(agreement: &Agreement<T::AccountId>, who: &T::AccountId) -> Result<Party, DispatchError> {
		agreement.terms.party(who).ok_or(Error::<T>::NotParty.into())
	}

	pub(crate) fn do_propose(who: T::AccountId, terms: Terms<T::AccountId>) -> DispatchResult {
		let proposer = terms.party(&who).ok_or(Error::<T>::NotParty)?;
		Self::ensure_sound(&terms)?;

		let id = NextAgreement::<T>::get();
		NextAgreement::<T>::put(id.next().ok_or(Error::<T>::IdsExhausted)?);

		let deposit = T::ProposalDeposit::get();
		T::Currency::hold(&HoldReason::Proposal.into(), &who, deposit)?;
		let reserve = T::Currency::minimum_balance();
		T::Currency::transfer(&who, &Self::account_of(id), reserve, Preservation::Preserve)?;

		Self::deposit_event(Event::Proposed {
			agreement: id,
			by: proposer,
			seller: terms.seller.clone(),
			buyer: terms.buyer.clone(),
			terms_hash: terms.hash(),
		});
		let agreement = Agreement {
			terms,
			proposer,
			status: AgreementStatus::Proposed,
			deposit,
			billing: None,
			closes_at: None,
			books: Books {
				reserve,
				..Books::default()
			},
		};
		Agreements::<T>::insert(id, agreement);
		Ok(())
	}

	/// Whether terms can be agreed on.
	fn ensure_sound(terms: &Terms<T::AccountId>) -> DispatchResult {
		ensure!(terms.seller != terms.buyer, Error::<T>::SelfDealing);
		ensure!(
			(1..=tariff::MAX_PRICE).contains(&terms.price.into_inner()),
			Error::<T>::BadPrice
		);
		ensure!(
			(T::MinNotice::get()..=T::MaxNotice::get()).contains(&terms.notice),
			Error::<T>::BadNotice
		);
		let fee = &terms.attestor_fee;
		ensure!(
			(T::MinAttestorFee::get()..=T::MaxAttestorFee::get()).contains(&fee.monthly)
				&& (T::MinAttestorCap::get()..=T::MaxAttestorCap::get()).contains(&fee.cap),
			Error::<T>::BadAttestorFee
		);
		ensure!(!Self::is_agreement_account(&terms.payee), Error::<T>::BadPayee);
		Self::ensure_meter(terms)?;
		if let Some(sweep) = &terms.sweep {
			ensure!(
				T::Sweep::owner(sweep.vault).as_ref() == Some(&terms.seller),
				Error::<T>::NotVaultOwner
			);
		}
		Ok(())
	}

	/// Whether the meter is the seller's and has the register.
	fn ensure_meter(terms: &Terms<T::AccountId>) -> DispatchResult {
		ensure!(
			T::Registers::owner(terms.meter).as_ref() == Some(&terms.seller),
			Error::<T>::NotMeterOwner
		);
		ensure!(
			T::Registers::position(terms.meter, terms.register).is_some(),
			Error::<T>::UnknownRegister
		);
		Ok(())
	}

	pub(crate) fn do_accept(who: T::AccountId, id: AgreementId, terms_hash: H256) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		let party = Self::ensure_party(&agreement, &who)?;
		ensure!(agreement.status == AgreementStatus::Proposed, Error::<T>::WrongStatus);
		ensure!(party != agreement.proposer, Error::<T>::NotCounterparty);
		ensure!(agreement.terms.hash() == terms_hash, Error::<T>::TermsMismatch);
		agreement.status = AgreementStatus::Accepted;
		Agreements::<T>::insert(id, agreement);
		Self::deposit_event(Event::Accepted {
			agreement: id,
			by: party,
		});
		Ok(())
	}

	pub(crate) fn do_activate(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		let party = Self::ensure_party(&agreement, &who)?;
		ensure!(agreement.status == AgreementStatus::Accepted, Error::<T>::WrongStatus);
		let terms = &agreement.terms;
		ensure!(
			agreement.books.escrow >= terms.min_escrow,
			Error::<T>::EscrowBelowMinimum
		);
		Self::ensure_meter(terms)?;
		let billed_register = (terms.meter, terms.register);
		ensure!(
			!BilledBy::<T>::contains_key(billed_register),
			Error::<T>::RegisterBilled
		);
		let (opening, at) = Self::final_register(terms).ok_or(Error::<T>::NoFinalReading)?;

		BilledBy::<T>::insert(billed_register, id);
		agreement.status = AgreementStatus::Active;
		agreement.billing = Some(Billing {
			opening,
			billed: opening,
			rem: 0,
			unpaid: 0,
			service: Service::since(at),
		});
		Agreements::<T>::insert(id, agreement);
		Self::deposit_event(Event::Activated {
			agreement: id,
			by: party,
			opening_register: opening,
		});
		Ok(())
	}

	pub(crate) fn do_give_notice(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		let party = Self::ensure_party(&agreement, &who)?;
		ensure!(agreement.status == AgreementStatus::Active, Error::<T>::WrongStatus);
		let closes_at = T::OpenTime::now()
			.checked_add(agreement.terms.notice)
			.ok_or(ArithmeticError::Overflow)?;
		agreement.status = AgreementStatus::Ending;
		agreement.closes_at = Some(closes_at);
		Agreements::<T>::insert(id, agreement);
		Self::deposit_event(Event::NoticeGiven {
			agreement: id,
			by: party,
			closes_at,
		});
		Ok(())
	}

	pub(crate) fn do_close(id: AgreementId) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		ensure!(agreement.status == AgreementStatus::Ending, Error::<T>::WrongStatus);
		let over = agreement
			.closes_at
			.is_some_and(|closes_at| T::OpenTime::now() >= closes_at);
		ensure!(over, Error::<T>::NoticeRunning);

		let mut unpaid = 0;
		if let Some(mut bill) = Self::open_bill(&agreement)? {
			let amount = bill.amount.min(agreement.books.escrow);
			unpaid = bill.amount.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
			bill.after.unpaid = unpaid;
			Self::charge(id, &mut agreement, bill.after, amount)?;
		}
		BilledBy::<T>::remove((agreement.terms.meter, agreement.terms.register));
		Self::wind_up(id, &mut agreement)?;
		Self::deposit_event(Event::Closed {
			agreement: id,
			paid: agreement.books.paid,
			unpaid,
			refunded: agreement.books.refunded,
		});
		Self::keep(id, agreement);
		Ok(())
	}

	pub(crate) fn do_cancel(who: T::AccountId, id: AgreementId) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		let party = Self::ensure_party(&agreement, &who)?;
		match agreement.status {
			AgreementStatus::Proposed => ensure!(party == agreement.proposer, Error::<T>::NotProposer),
			AgreementStatus::Accepted => (),
			_ => return Err(Error::<T>::WrongStatus.into()),
		}
		Self::wind_up(id, &mut agreement)?;
		Self::deposit_event(Event::Cancelled {
			agreement: id,
			by: party,
			refunded: agreement.books.refunded,
		});
		Self::keep(id, agreement);
		Ok(())
	}

	/// Ends `agreement`: what is left of the escrow is the buyer's, and everybody gets what they can receive.
	fn wind_up(id: AgreementId, agreement: &mut Agreement<T::AccountId>) -> DispatchResult {
		agreement.status = AgreementStatus::Closed;
		agreement.books.release_escrow()?;
		Self::hand_out(id, agreement)?;
		Ok(())
	}
}

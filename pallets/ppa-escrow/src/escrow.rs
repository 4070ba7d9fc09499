//! Tokens into and out of an agreement's account.

use baseload_primitives::{AgreementId, AgreementStatus, Balance};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Mutate, MutateHold},
		tokens::{Precision, Preservation},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, ArithmeticError, DispatchError, DispatchResult};

use crate::{types::Agreement, Agreements, Config, Error, Event, HoldReason, Pallet};

/// What left an agreement's account, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HandedOut {
	/// To the payee.
	pub payee: Balance,
	/// To the buyer.
	pub buyer: Balance,
	/// To the proposer: deposit and reserve.
	pub proposer: Balance,
}

impl<T: Config> Pallet<T> {
	/// The account that holds the tokens of agreement `id`, and of no other.
	pub fn account_of(id: AgreementId) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating(id)
	}

	/// Whether `account` belongs to some agreement. Nobody can spend what is sent there.
	pub(crate) fn is_agreement_account(account: &T::AccountId) -> bool {
		frame_support::PalletId::try_from_sub_account::<AgreementId>(account)
			.is_some_and(|(pallet, _)| pallet == T::PalletId::get())
	}

	pub(crate) fn do_fund(who: T::AccountId, id: AgreementId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut agreement = Self::find(id)?;
		ensure!(
			matches!(
				agreement.status,
				AgreementStatus::Accepted | AgreementStatus::Active | AgreementStatus::Ending
			),
			Error::<T>::WrongStatus
		);
		let old_escrow = agreement.books.escrow;
		agreement.books.deposit(amount)?;
		T::Currency::transfer(&who, &Self::account_of(id), amount, Preservation::Preserve)?;
		Self::deposit_event(Event::Funded {
			agreement: id,
			from: who,
			amount,
			old_escrow,
			new_escrow: agreement.books.escrow,
		});
		Agreements::<T>::insert(id, agreement);
		Ok(())
	}

	pub(crate) fn do_claim(id: AgreementId) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		ensure!(
			agreement.books.has_claims()
				|| (agreement.status == AgreementStatus::Closed
					&& (agreement.deposit > 0 || agreement.books.reserve > 0)),
			Error::<T>::NothingToClaim
		);
		let handed_out = Self::hand_out(id, &mut agreement)?;
		ensure!(handed_out != HandedOut::default(), Error::<T>::CannotReceive);
		Self::deposit_event(Event::Claimed {
			agreement: id,
			to_payee: handed_out.payee,
			to_buyer: handed_out.buyer,
			to_proposer: handed_out.proposer,
		});
		Self::keep(id, agreement);
		Ok(())
	}

	/// Gives everybody what is theirs, each independently of the others: who cannot receive (the amount would not keep a
	/// new account alive, say) keeps a claim. Once an ended agreement owes nothing, the proposer gets the stake back.
	pub(crate) fn hand_out(
		id: AgreementId,
		agreement: &mut Agreement<T::AccountId>,
	) -> Result<HandedOut, DispatchError> {
		let account = Self::account_of(id);
		let Agreement { terms, books, .. } = agreement;
		let mut handed_out = HandedOut::default();
		if Self::send(&account, &terms.payee, books.claimable_seller, Preservation::Preserve) {
			handed_out.payee = books.claimable_seller;
			books.payee_received()?;
		}
		if Self::send(&account, &terms.buyer, books.claimable_buyer, Preservation::Preserve) {
			handed_out.buyer = books.claimable_buyer;
			books.buyer_received()?;
		}
		if books.has_claims() {
			Self::deposit_event(Event::LeftClaimable {
				agreement: id,
				seller: books.claimable_seller,
				buyer: books.claimable_buyer,
			});
		} else if agreement.status == AgreementStatus::Closed {
			handed_out.proposer = Self::return_stake(&account, agreement)?;
		}
		Ok(handed_out)
	}

	/// Gives the proposer deposit and reserve back. Only for an ended agreement that owes nothing else: without the reserve
	/// its account dies. Returns what was given.
	fn return_stake(account: &T::AccountId, agreement: &mut Agreement<T::AccountId>) -> Result<Balance, DispatchError> {
		let proposer = agreement.terms.account(agreement.proposer);
		let mut returned: Balance = 0;
		if agreement.deposit > 0 {
			let reason = HoldReason::Proposal.into();
			let released = with_storage_layer(|| {
				T::Currency::release(&reason, proposer, agreement.deposit, Precision::BestEffort)
			});
			if let Ok(released) = released {
				returned = returned.checked_add(released).ok_or(ArithmeticError::Overflow)?;
				agreement.deposit = 0;
			}
		}
		if Self::send(account, proposer, agreement.books.reserve, Preservation::Expendable) {
			// Both summands exist as tokens, so their sum fits like the total issuance does.
			returned = returned
				.checked_add(agreement.books.reserve)
				.ok_or(ArithmeticError::Overflow)?;
			agreement.books.reserve = 0;
		}
		Ok(returned)
	}

	/// Sends all of `amount` or nothing. Whether it arrived; `false` for nothing to send.
	fn send(from: &T::AccountId, to: &T::AccountId, amount: Balance, preservation: Preservation) -> bool {
		amount > 0 && with_storage_layer(|| T::Currency::transfer(from, to, amount, preservation)).is_ok()
	}

	/// Stores an agreement that may have ended. One that never billed and holds nothing any more is forgotten: proposing and
	/// cancelling leaves nothing behind.
	pub(crate) fn keep(id: AgreementId, agreement: Agreement<T::AccountId>) {
		let over = agreement.status == AgreementStatus::Closed && agreement.billing.is_none();
		if over && agreement.deposit == 0 && agreement.books.held() == Some(0) {
			Agreements::<T>::remove(id);
		} else {
			Agreements::<T>::insert(id, agreement);
		}
	}
}

//! Tokens out of an agreement's account, to whom the ledger says they belong.
//!
//! Billing only moves amounts between buckets. What left them is followed here until it has arrived: what somebody cannot
//! receive now (the amount would not keep a new account alive, say) stays due to them and holds up nobody else; anyone can
//! have it paid later with [`Pallet::claim`], and every settlement tries again.
//!
//! Two parts of the seller's money may find nobody to take them: the sweep, when the vault owes less than its share or cannot be
//! reached, and the attestors' fee, when nobody serves the meter, or at the close. They go to the payee.

use baseload_math::billing::ledger::Ledger;
use baseload_primitives::{AgreementId, AttestorPay, Balance, DebtSweep, MeterId, Totals, VaultId};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::Mutate,
		tokens::Preservation::{self, Expendable, Preserve},
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, ArithmeticError, DispatchError, DispatchResult};

use crate::{types::Record, Agreements, Config, Error, Event, Pallet, Stage};

/// Adds `amount` to `account`.
pub(crate) fn add(account: &mut Balance, amount: Balance) -> Result<(), ArithmeticError> {
	*account = account.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
	Ok(())
}

/// What left the buckets of a ledger.
pub(crate) fn out_of(ledger: &Ledger) -> Totals {
	Totals {
		attestors: ledger.to_attestors,
		burnt: ledger.swept,
		payee: ledger.to_payee,
		buyer: ledger.to_buyer,
		seller: ledger.to_seller,
	}
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

	/// Takes what left the buckets since the last time for due.
	pub(crate) fn take_note(record: &mut Record<T::AccountId>, out: Totals) -> DispatchResult {
		let payouts = &mut record.payouts;
		let seen = core::mem::replace(&mut payouts.seen, out);
		for (due, out, seen) in [
			(&mut payouts.due.attestors, out.attestors, seen.attestors),
			(&mut payouts.due.burnt, out.burnt, seen.burnt),
			(&mut payouts.due.payee, out.payee, seen.payee),
			(&mut payouts.due.buyer, out.buyer, seen.buyer),
			(&mut payouts.due.seller, out.seller, seen.seller),
		] {
			add(due, out.checked_sub(seen).ok_or(ArithmeticError::Underflow)?)?;
		}
		Ok(())
	}

	/// Pays everybody what is due to them, each independently of the others. Once an agreement that is over owes nothing, its
	/// proposer gets the reserve back.
	pub(crate) fn pay_out(id: AgreementId, record: &mut Record<T::AccountId>) -> DispatchResult {
		let account = Self::account_of(id);
		let is_over = record.is_over();
		if let Stage::Running(billing) = &record.stage {
			let out = out_of(&billing.ledger);
			Self::take_note(record, out)?;
		}
		let (deal, payouts) = (&record.deal, &mut record.payouts);
		let before = payouts.paid;

		let swept = core::mem::take(&mut payouts.due.burnt);
		let burnt = deal.vault.map_or(0, |vault| Self::sweep(vault, &account, swept));
		add(&mut payouts.paid.burnt, burnt)?;
		// A sweep takes no more than it is offered.
		add(&mut payouts.due.payee, swept.saturating_sub(burnt))?;

		if payouts.due.attestors > 0 {
			let paid = Self::pay_attestors(deal.meter, &account, payouts.due.attestors);
			add(&mut payouts.paid.attestors, paid)?;
			payouts.due.attestors = payouts.due.attestors.saturating_sub(paid);
			if is_over || !T::Attestors::is_served(deal.meter) {
				let rest = core::mem::take(&mut payouts.due.attestors);
				add(&mut payouts.due.payee, rest)?;
			}
		}
		for (who, due, paid) in [
			(&deal.payee, &mut payouts.due.payee, &mut payouts.paid.payee),
			(&deal.buyer, &mut payouts.due.buyer, &mut payouts.paid.buyer),
			(&deal.seller, &mut payouts.due.seller, &mut payouts.paid.seller),
		] {
			if Self::send(&account, who, *due, Preserve) {
				add(paid, core::mem::take(due))?;
			}
		}
		if payouts.paid != before {
			Self::deposit_event(Event::PaidOut {
				agreement: id,
				payee: payouts.paid.payee.saturating_sub(before.payee),
				burnt: payouts.paid.burnt.saturating_sub(before.burnt),
				attestors: payouts.paid.attestors.saturating_sub(before.attestors),
				buyer: payouts.paid.buyer.saturating_sub(before.buyer),
				seller: payouts.paid.seller.saturating_sub(before.seller),
			});
		}
		let due = payouts.due;
		if due.payee > 0 || due.buyer > 0 || due.seller > 0 {
			Self::deposit_event(Event::LeftClaimable {
				agreement: id,
				payee: due.payee,
				buyer: due.buyer,
				seller: due.seller,
			});
		} else if is_over && record.reserve > 0 {
			let proposer = record.account(record.proposer);
			if Self::send(&account, proposer, record.reserve, Expendable) {
				record.reserve = 0;
			}
		}
		Ok(())
	}

	/// Retires debt of a vault with at most `amount`. Returns what was burnt: nothing if it cannot be, for trouble with a vault
	/// never holds up a payment.
	fn sweep(vault: VaultId, account: &T::AccountId, amount: Balance) -> Balance {
		if amount == 0 {
			return 0;
		}
		let burnt = with_storage_layer(|| {
			let burnt = T::Sweep::retire(vault, account, amount)?;
			// Whoever takes more than was offered is undone.
			ensure!(burnt <= amount, DispatchError::Corruption);
			Ok::<_, DispatchError>(burnt)
		});
		burnt.unwrap_or(0)
	}

	/// Pays those who serve the meter at most `amount`. Returns what they got, which what does not divide is no part of.
	fn pay_attestors(meter: MeterId, account: &T::AccountId, amount: Balance) -> Balance {
		let paid = with_storage_layer(|| {
			let paid = T::Attestors::pay(meter, account, amount)?;
			ensure!(paid <= amount, DispatchError::Corruption);
			Ok::<_, DispatchError>(paid)
		});
		paid.unwrap_or(0)
	}

	/// Sends all of `amount` or nothing. Whether it arrived; `false` for nothing to send.
	fn send(from: &T::AccountId, to: &T::AccountId, amount: Balance, preservation: Preservation) -> bool {
		amount > 0 && with_storage_layer(|| T::Currency::transfer(from, to, amount, preservation)).is_ok()
	}

	pub(crate) fn do_claim(id: AgreementId) -> DispatchResult {
		let mut record = Self::find(id)?;
		let is_due = record.payouts.due != Totals::default() || (record.is_over() && record.reserve > 0);
		ensure!(is_due, Error::<T>::NothingToClaim);
		let before = (record.payouts, record.reserve);
		Self::pay_out(id, &mut record)?;
		ensure!(before != (record.payouts, record.reserve), Error::<T>::CannotReceive);
		let (paid, before) = (&record.payouts.paid, &before.0.paid);
		Self::deposit_event(Event::Claimed {
			agreement: id,
			payee: paid.payee.saturating_sub(before.payee),
			buyer: paid.buyer.saturating_sub(before.buyer),
			seller: paid.seller.saturating_sub(before.seller),
		});
		Self::keep(id, record)
	}

	/// Stores an agreement. One that was cancelled and owes nothing is forgotten, and its deposit released: proposing and
	/// cancelling leaves nothing behind.
	pub(crate) fn keep(id: AgreementId, mut record: Record<T::AccountId>) -> DispatchResult {
		let is_cancelled = matches!(record.stage, Stage::Cancelled(_));
		if is_cancelled && record.reserve == 0 && record.payouts.due == Totals::default() {
			Self::release_deposit(&mut record)?;
			Agreements::<T>::remove(id);
		} else {
			Agreements::<T>::insert(id, record);
		}
		Ok(())
	}
}

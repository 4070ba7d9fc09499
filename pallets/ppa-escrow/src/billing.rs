//! Bills: from the final register to who gets the money.

use baseload_math::{split, tariff};
use baseload_primitives::{AgreementId, Balance, DebtSweep, Moment, RegisterSource};
use frame_support::{ensure, storage::with_storage_layer};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{
	types::{Agreement, Billing, Terms},
	Agreements, Config, Error, Event, Pallet,
};

/// What the energy since the last bill costs.
pub(crate) struct OpenBill {
	/// In base units.
	pub amount: Balance,
	/// How far the register is billed once this bill is booked.
	pub after: Billing,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_settle(id: AgreementId) -> DispatchResult {
		let mut agreement = Self::find(id)?;
		ensure!(agreement.bills(), Error::<T>::WrongStatus);
		let bill = Self::open_bill(&agreement)?.ok_or(Error::<T>::NothingToSettle)?;
		ensure!(bill.amount <= agreement.books.escrow, Error::<T>::EscrowShort);
		Self::charge(id, &mut agreement, bill.after, bill.amount)?;
		Self::hand_out(id, &mut agreement)?;
		Agreements::<T>::insert(id, agreement);
		Ok(())
	}

	/// Where the billed register finally stands now, in Wh, and when that was measured.
	pub(crate) fn final_register(terms: &Terms<T::AccountId>) -> Option<(u64, Moment)> {
		let position = T::Registers::position(terms.meter, terms.register)?;
		let reading = T::Registers::final_reading(terms.meter)?;
		let register = reading.registers.get(position as usize)?;
		Some((*register, reading.measured_at))
	}

	/// The bill that is open now; `None` if since the last one the final register has not moved and no month has begun.
	///
	/// Cannot overflow: [`tariff::MAX_PRICE`] bounds the price.
	pub(crate) fn open_bill(agreement: &Agreement<T::AccountId>) -> Result<Option<OpenBill>, DispatchError> {
		let Some((billing, (register, at))) = agreement.billing.zip(Self::final_register(&agreement.terms)) else {
			return Ok(None);
		};
		let Some(wh) = register.checked_sub(billing.billed) else {
			return Ok(None);
		};
		// A month without energy has a bill too: the attestors have served.
		if wh == 0 && !billing.service.another_month(at) {
			return Ok(None);
		}
		let tariff::Bill { amount, rem } =
			tariff::bill(wh, agreement.terms.price.into_inner(), billing.rem).ok_or(ArithmeticError::Overflow)?;
		Ok(Some(OpenBill {
			amount,
			after: Billing {
				billed: register,
				rem,
				service: Self::serve(&agreement.terms, billing.service, at)?,
				..billing
			},
		}))
	}

	/// Pays `amount` out of the escrow: first the attestors, then the cash sweep, the rest becomes the payee's. Books the energy
	/// as billed.
	pub(crate) fn charge(
		id: AgreementId,
		agreement: &mut Agreement<T::AccountId>,
		mut after: Billing,
		amount: Balance,
	) -> DispatchResult {
		let old_escrow = agreement.books.escrow;
		let due = &mut after.service.due;
		let attestors = Self::pay_attestors(id, &agreement.terms, *due, amount);
		*due = due.checked_sub(attestors).ok_or(ArithmeticError::Underflow)?;
		let net = amount.checked_sub(attestors).ok_or(ArithmeticError::Underflow)?;
		let swept = Self::sweep(id, agreement, net)?;
		agreement.books.pay(amount, attestors, swept)?;
		let old_register = agreement
			.billing
			.replace(after)
			.map_or(after.opening, |before| before.billed);
		Self::deposit_event(Event::Settled {
			agreement: id,
			old_register,
			new_register: after.billed,
			amount,
			attestors,
			swept,
			old_escrow,
			new_escrow: agreement.books.escrow,
		});
		Ok(())
	}

	/// Retires debt with the agreed share of a payment of `amount`, the attestors' part taken off, at most the vault's debt.
	/// Returns what was burnt.
	///
	/// A sweep that fails is left out: trouble with a vault never holds up a payment.
	fn sweep(
		id: AgreementId,
		agreement: &Agreement<T::AccountId>,
		amount: Balance,
	) -> Result<Balance, ArithmeticError> {
		let Some(sweep) = agreement.terms.sweep else {
			return Ok(0);
		};
		let share = split::share(sweep.ratio, agreement.books.net()?, amount).ok_or(ArithmeticError::Overflow)?;
		if share == 0 {
			return Ok(0);
		}
		let burnt = with_storage_layer(|| {
			let burnt = T::Sweep::retire(sweep.vault, &Self::account_of(id), share)?;
			// Whoever takes more than was offered is undone.
			ensure!(burnt <= share, DispatchError::Corruption);
			Ok::<_, DispatchError>(burnt)
		});
		Ok(burnt.unwrap_or(0))
	}
}

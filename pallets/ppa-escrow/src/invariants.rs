//! What always holds; numbered as in the pallet's overview.

use baseload_math::tariff;
use baseload_primitives::{AgreementId, AgreementStatus, Balance};
use frame_support::{
	ensure,
	traits::fungible::{Inspect, InspectHold},
};
use sp_core::U256;
use sp_runtime::{DispatchError::Other, TryRuntimeError};

use crate::{
	types::{Agreement, Billing},
	Agreements, BilledBy, Config, HoldReason, NextAgreement, Pallet,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet; the error begins with its number.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut billing = 0;
		for (id, agreement) in Agreements::<T>::iter() {
			Self::check_books(id, &agreement)?;
			Self::check_bills(&agreement)?;
			Self::check_status(id, &agreement)?;
			Self::check_deposit(&agreement)?;
			if agreement.bills() {
				let register = (agreement.terms.meter, agreement.terms.register);
				ensure!(
					BilledBy::<T>::get(register) == Some(id),
					Other("5: a billing agreement is not in the index")
				);
				billing += 1;
			}
		}
		ensure!(
			BilledBy::<T>::iter().count() == billing,
			Other("5: the index names an agreement that does not bill")
		);
		Ok(())
	}

	fn check_books(id: AgreementId, agreement: &Agreement<T::AccountId>) -> Result<(), TryRuntimeError> {
		let books = &agreement.books;
		let balance = T::Currency::balance(&Self::account_of(id));
		ensure!(
			books.held().is_some_and(|held| held <= balance),
			Other("1: the account holds less than it owes")
		);
		ensure!(
			sum([books.escrow, books.paid, books.claimable_buyer, books.refunded]) == U256::from(books.deposited),
			Other("2: what came in is not what is left, paid and given back")
		);
		ensure!(
			sum([books.to_attestors, books.swept, books.paid_out, books.claimable_seller]) == U256::from(books.paid),
			Other("3: what was paid is not what attestors got, what was swept, paid out and left claimable")
		);
		Ok(())
	}

	fn check_bills(agreement: &Agreement<T::AccountId>) -> Result<(), TryRuntimeError> {
		let Some(billing) = &agreement.billing else {
			ensure!(agreement.books.paid == 0, Other("4: paid before billing began"));
			return Ok(());
		};
		let wh = billing
			.billed
			.checked_sub(billing.opening)
			.ok_or(Other("4: billed below the opening register"))?;
		let cost = U256::from(wh) * U256::from(agreement.terms.price.into_inner());
		let booked = sum([agreement.books.paid, billing.unpaid]) * U256::from(tariff::SCALE) + U256::from(billing.rem);
		ensure!(cost == booked, Other("4: energy times price is not what was paid"));
		ensure!(
			billing.rem < tariff::SCALE,
			Other("4: a remainder of a base unit or more")
		);
		ensure!(
			billing.unpaid == 0 || agreement.status == AgreementStatus::Closed,
			Other("4: unpaid before the end")
		);
		ensure!(
			Self::final_register(&agreement.terms).is_none_or(|(register, _)| billing.billed <= register),
			Other("6: billed beyond the final register")
		);
		Self::check_service(agreement, billing)
	}

	fn check_service(agreement: &Agreement<T::AccountId>, billing: &Billing) -> Result<(), TryRuntimeError> {
		let service = &billing.service;
		let earned = U256::from(agreement.terms.attestor_fee.monthly) * U256::from(service.earned);
		ensure!(
			earned == sum([agreement.books.to_attestors, service.due]),
			Other("9: what attestors have earned is not what they were paid and what is due")
		);
		let months = service.months();
		ensure!(
			service.earned <= months && (months > 0 || billing.billed == billing.opening),
			Other("9: a fee for a month that was not billed")
		);
		Ok(())
	}

	fn check_status(id: AgreementId, agreement: &Agreement<T::AccountId>) -> Result<(), TryRuntimeError> {
		let Agreement {
			status,
			books,
			billing,
			closes_at,
			..
		} = agreement;
		ensure!(id < NextAgreement::<T>::get(), Other("8: an id that was not given out"));
		let begun = billing.is_some();
		let (may_hold, fits, noticed) = match status {
			AgreementStatus::Proposed => (false, !begun, false),
			AgreementStatus::Accepted => (true, !begun, false),
			AgreementStatus::Active => (true, begun, false),
			AgreementStatus::Ending => (true, begun, true),
			// Cancelled, or closed after a notice.
			AgreementStatus::Closed => (false, true, begun),
		};
		ensure!(
			may_hold || books.escrow == 0,
			Other("8: escrow outside of acceptance and end")
		);
		ensure!(fits, Other("8: billing does not fit the status"));
		ensure!(
			closes_at.is_some() == noticed,
			Other("8: closing time does not fit the status")
		);
		if *status == AgreementStatus::Closed {
			ensure!(
				!books.has_claims() || books.reserve > 0,
				Other("8: claims without a reserve")
			);
			let empty = agreement.deposit == 0 && books.held() == Some(0);
			ensure!(
				begun || !empty,
				Other("8: a cancelled agreement that holds nothing is kept")
			);
		} else {
			ensure!(books.claimable_buyer == 0, Other("8: a refund before the end"));
			ensure!(books.reserve > 0, Other("8: no reserve before the end"));
		}
		Ok(())
	}

	fn check_deposit(agreement: &Agreement<T::AccountId>) -> Result<(), TryRuntimeError> {
		let proposer = agreement.terms.account(agreement.proposer);
		let deposits = Agreements::<T>::iter_values()
			.filter(|other| other.terms.account(other.proposer) == proposer)
			.map(|other| U256::from(other.deposit))
			.fold(U256::zero(), |sum, deposit| sum + deposit);
		let held = T::Currency::balance_on_hold(&HoldReason::Proposal.into(), proposer);
		ensure!(
			deposits == U256::from(held),
			Other("7: deposits are not what is on hold")
		);
		Ok(())
	}
}

fn sum<const N: usize>(amounts: [Balance; N]) -> U256 {
	amounts
		.into_iter()
		.fold(U256::zero(), |sum, amount| sum + U256::from(amount))
}

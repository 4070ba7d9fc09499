//! Pay: what attestors earn by serving a meter.
//!
//! Whoever bills a meter's energy pays a flat fee for its attestors' service, in KWH, by [`AttestorPay`]. Those who serve at
//! that moment share it equally: the members of the meter's committee that are bonded and in good standing, whatever they vote,
//! report or approve. What does not divide stays with the payer, so that shares are exact. A share is kept for its attestor
//! in the pallet's own account until it is claimed, also after the attestor has left or was slashed: nobody who cannot receive
//! it holds up a bill.
//!
//! The account keeps an existential deposit of its own, which the treasury gives it before the first payment, so that it
//! can hold the smallest share and pay out the last one.

use alloc::vec::Vec;

use baseload_primitives::{views::EarningsView, AttestorPay, Balance, MeterId};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect as _, Mutate as _},
		tokens::Preservation::Preserve,
		Get,
	},
};
use sp_runtime::{traits::AccountIdConversion, ArithmeticError, DispatchError, DispatchResult};

use crate::{Committees, Config, Earned, Earnings, Error, Event, Meters, Pallet};

impl<T: Config> Pallet<T> {
	/// The account that keeps what attestors have earned.
	pub fn pay_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Who serves meter `id` now: at most as many as a committee has seats.
	fn serving(id: MeterId) -> Vec<T::AccountId> {
		let committee = Meters::<T>::get(id).and_then(|meter| Committees::<T>::get(id, meter.committee));
		let mut serving = committee.map_or_else(Vec::new, |committee| committee.members.into_inner());
		serving.retain(|who| Self::active(who).is_ok());
		serving
	}

	/// Gives the pay account its existential deposit if it has none.
	fn open_pay_account() -> DispatchResult {
		let (account, deposit) = (Self::pay_account(), T::Currency::minimum_balance());
		if T::Currency::balance(&account) < deposit {
			T::Currency::transfer(&T::Treasury::get(), &account, deposit, Preserve)?;
		}
		Ok(())
	}

	/// Pays `who` all that it has earned.
	pub(crate) fn do_claim_pay(who: T::AccountId) -> DispatchResult {
		let Earned { claimable, claimed } = Earnings::<T>::get(&who);
		ensure!(claimable > 0, Error::<T>::NothingToClaim);
		T::Currency::transfer(&Self::pay_account(), &who, claimable, Preserve)?;
		let claimed = claimed.checked_add(claimable).ok_or(ArithmeticError::Overflow)?;
		Earnings::<T>::insert(&who, Earned { claimable: 0, claimed });
		Self::deposit_event(Event::PayClaimed { who, amount: claimable });
		Ok(())
	}

	/// What `who` has earned.
	pub(crate) fn earnings_view(who: T::AccountId) -> EarningsView {
		let Earned { claimable, claimed } = Earnings::<T>::get(who);
		EarningsView { claimable, claimed }
	}
}

impl<T: Config> AttestorPay<T::AccountId> for Pallet<T> {
	fn is_served(meter: MeterId) -> bool {
		!Self::serving(meter).is_empty()
	}

	fn pay(meter: MeterId, from: &T::AccountId, amount: Balance) -> Result<Balance, DispatchError> {
		let serving = Self::serving(meter);
		let count = serving.len() as Balance;
		let share = amount.checked_div(count).unwrap_or(0);
		if share == 0 {
			return Ok(0);
		}
		// At most `amount`.
		let taken = share * count;
		with_storage_layer(|| {
			Self::open_pay_account()?;
			T::Currency::transfer(from, &Self::pay_account(), taken, Preserve)?;
			serving.iter().try_for_each(|who| {
				Earnings::<T>::try_mutate(who, |earned| {
					earned.claimable = earned.claimable.checked_add(share).ok_or(ArithmeticError::Overflow)?;
					Ok::<_, DispatchError>(())
				})
			})
		})?;
		Self::deposit_event(Event::AttestorsPaid {
			meter,
			share,
			attestors: serving.len() as u32,
		});
		Ok(taken)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_served(meter: MeterId) {
		crate::benchmarking::set_served::<T>(meter);
	}
}

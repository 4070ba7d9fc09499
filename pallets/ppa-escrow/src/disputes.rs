//! Disputes of bills: only what is disputed waits.

use baseload_math::billing::{Input, Ppm};
use baseload_primitives::{AgreementId, Balance};
use frame_support::{
	ensure,
	traits::{fungible::Mutate, tokens::Preservation::Preserve},
};
use sp_runtime::DispatchError;

use crate::{changes::Voice, Config, Error, Event, Pallet};

impl<T: Config> Pallet<T> {
	/// The buyer disputes part of an open bill. Its bond, in proportion, comes from the buyer. Returns how many events were
	/// played.
	pub(crate) fn do_dispute(
		who: T::AccountId,
		id: AgreementId,
		number: u32,
		amount: Balance,
	) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		Self::ensure_buyer(&session.record, &who)?;
		session.apply(Input::Dispute(number, amount))?;
		let disputes = &session.billing()?.disputes;
		let dispute = disputes.iter().find(|dispute| dispute.number == number).copied();
		let dispute = dispute.ok_or(Error::<T>::NoSuchBill)?;
		if dispute.bond > 0 {
			T::Currency::transfer(&who, &Self::account_of(id), dispute.bond, Preserve)?;
		}
		let played = session.finish()?;
		Self::deposit_event(Event::Disputed {
			agreement: id,
			number,
			amount,
			bond: dispute.bond,
			until: dispute.timeout,
		});
		Ok(played)
	}

	/// The resolver gives the seller its share of a disputed amount and of its bond. Returns how many events were played.
	pub(crate) fn do_resolve(
		voice: Voice<T::AccountId>,
		id: AgreementId,
		number: u32,
		seller_share: Ppm,
	) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		ensure!(Self::is_resolver(&session.record, &voice), Error::<T>::NotResolver);
		session.apply(Input::Resolve(number, seller_share))?;
		let played = session.finish()?;
		Self::deposit_event(Event::DisputeEnded {
			agreement: id,
			number,
			seller_share,
			timed_out: false,
		});
		Ok(played)
	}
}

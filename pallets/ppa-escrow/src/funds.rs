//! Tokens into an agreement's account, and what the buyer may take back out of it.

use baseload_math::billing::Input;
use baseload_primitives::{AgreementId, Balance};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResultWithPostInfo,
	traits::{fungible::Mutate, tokens::Preservation::Preserve},
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	payout::add,
	session::Session,
	types::{Record, Stage},
	Agreements, Config, Error, Event, Pallet,
};

/// Which bucket a payment goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
	/// The buyer's, for bills.
	Escrow,
	/// The buyer's, for bills that it defaults on.
	Security,
	/// The seller's, for what it comes to owe.
	Bond,
}

impl Bucket {
	fn input(self, amount: Balance) -> Input {
		match self {
			Self::Escrow => Input::Fund(amount),
			Self::Security => Input::Secure(amount),
			Self::Bond => Input::PostBond(amount),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Pays `amount` of `who`'s into a bucket. Before the agreement binds it is only kept; from then on arrears, or what the
	/// seller owes, are paid out of it at once.
	pub(crate) fn do_pay_in(
		who: T::AccountId,
		id: AgreementId,
		bucket: Bucket,
		amount: Balance,
	) -> Result<u32, DispatchError> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut record = Self::find(id)?;
		T::Currency::transfer(&who, &Self::account_of(id), amount, Preserve)?;
		let (played, holds) = match &mut record.stage {
			Stage::Accepted(_, deposits) => {
				let kept = match bucket {
					Bucket::Escrow => &mut deposits.escrow,
					Bucket::Security => &mut deposits.security,
					Bucket::Bond => &mut deposits.bond,
				};
				add(kept, amount)?;
				let holds = *kept;
				Agreements::<T>::insert(id, record);
				(0, holds)
			}
			Stage::Running(_) => {
				let mut session = Session::<T>::of(id, record)?;
				session.apply(bucket.input(amount))?;
				let ledger = session.billing()?.ledger;
				let played = session.finish()?;
				let holds = match bucket {
					Bucket::Escrow => ledger.escrow,
					Bucket::Security => ledger.security,
					Bucket::Bond => ledger.bond,
				};
				(played, holds)
			}
			Stage::Proposed(_) | Stage::Cancelled(_) => return Err(Error::<T>::WrongStatus.into()),
		};
		Self::deposit_event(match bucket {
			Bucket::Escrow => Event::Funded {
				agreement: id,
				from: who,
				amount,
				escrow: holds,
			},
			Bucket::Security => Event::Secured {
				agreement: id,
				from: who,
				amount,
				security: holds,
			},
			Bucket::Bond => Event::BondPosted {
				agreement: id,
				from: who,
				amount,
				bond: holds,
			},
		});
		Ok(played)
	}

	/// Gives the buyer back what its escrow holds beyond all that is billed or estimated.
	pub(crate) fn do_withdraw(who: T::AccountId, id: AgreementId, amount: Balance) -> Result<u32, DispatchError> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let mut session = Self::open(id)?;
		Self::ensure_buyer(&session.record, &who)?;
		session.apply(Input::Withdraw(amount))?;
		let escrow = session.billing()?.ledger.escrow;
		let played = session.finish()?;
		Self::deposit_event(Event::Withdrawn {
			agreement: id,
			amount,
			escrow,
		});
		Ok(played)
	}

	/// Fails with `NotParty` unless `who` is the buyer.
	pub(crate) fn ensure_buyer(record: &Record<T::AccountId>, who: &T::AccountId) -> DispatchResult {
		ensure!(record.deal.buyer == *who, Error::<T>::NotParty);
		Ok(())
	}

	/// What a call weighed that played so many events besides its own work, whose weight is `own`.
	pub(crate) fn weighed(own: frame_support::weights::Weight, played: u32) -> DispatchResultWithPostInfo {
		Ok(Some(own.saturating_add(Self::events_weight(played))).into())
	}
}

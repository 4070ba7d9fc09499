//! The records of agreements and bills, and when they go.
//!
//! Everything that a statement needs stays in storage while the agreement runs and for [`Config::Retention`] after its close;
//! the proposer's deposit pays for it. Then the proposer can have it forgotten, and gets the deposit back. Events and blocks
//! keep it for whoever wants to know later.

use baseload_primitives::{AgreementId, Totals};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchError;

use crate::{Agreements, Bills, Config, Error, Event, FixedIndexes, Pallet};

/// The most bills that one call forgets.
pub const MAX_FORGET: u32 = 64;

impl<T: Config> Pallet<T> {
	/// Forgets at most `bills` bills of an agreement that closed long ago, and as many indexes that were fixed for it, and then the
	/// agreement. Returns how many, of which there were more.
	pub(crate) fn do_forget(who: T::AccountId, id: AgreementId, bills: u32) -> Result<u32, DispatchError> {
		ensure!((1..=MAX_FORGET).contains(&bills), Error::<T>::BadSteps);
		let mut record = Self::find(id)?;
		ensure!(record.account(record.proposer) == &who, Error::<T>::NotParty);
		let closed_at = record.closed_at.ok_or(Error::<T>::WrongStatus)?;
		let until = closed_at.saturating_add(T::Retention::get());
		ensure!(Self::now() >= until, Error::<T>::TooEarly);
		let is_settled = record.payouts.due == Totals::default() && record.reserve == 0;
		ensure!(is_settled, Error::<T>::StillOwes);
		let indexes = FixedIndexes::<T>::iter_key_prefix(id).take(bills as usize);
		let indexes: alloc::vec::Vec<_> = indexes.collect();
		let periods = Bills::<T>::iter_key_prefix(id).take(bills as usize);
		let periods: alloc::vec::Vec<_> = periods.collect();
		for month in &indexes {
			FixedIndexes::<T>::remove(id, month);
		}
		for period in &periods {
			Bills::<T>::remove(id, period);
		}
		let most = bills as usize;
		if periods.len() < most && indexes.len() < most {
			Self::release_deposit(&mut record)?;
			Agreements::<T>::remove(id);
			Self::deposit_event(Event::Forgotten { agreement: id });
		}
		Ok(periods.len().max(indexes.len()) as u32)
	}
}

//! Filling the seats: the session manager, plain and historical.

use alloc::vec::Vec;

use frame_support::traits::Get;
use pallet_session::historical;
use sp_runtime::traits::Convert;
use sp_staking::{offence::OffenceSeverity, SessionIndex};

use crate::{Candidates, Config, Convicts, Event, Pallet, Punishments, Reserved, Seats};

/// Identifies a validator by its account alone. What it has at stake is looked up when an offence is reported, not recorded
/// in the historical sessions.
pub struct UnitIdentification;

impl<AccountId> Convert<AccountId, Option<()>> for UnitIdentification {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

impl<T: Config> Pallet<T> {
	/// Who takes the seats as things stand: reserved candidates in their order, then open ones by rank, all with session keys.
	pub(crate) fn elect() -> Vec<T::AccountId> {
		let candidates = Candidates::<T>::get();
		let reserved = Reserved::<T>::get();
		let ranked = || candidates.iter().map(|candidate| &candidate.who);
		let seated = reserved.iter().filter(|who| ranked().any(|other| other == *who));
		let open = ranked().filter(|who| !reserved.contains(who));
		seated
			.chain(open)
			.filter(|who| Self::has_keys(who))
			.take(Seats::<T>::get() as usize)
			.cloned()
			.collect()
	}

	/// The set of session `session`, sorted by account so that a change of ranks alone is no change; `None` if neither the set
	/// nor its keys differ from those of the session that has just begun.
	pub(crate) fn plan(session: SessionIndex) -> Option<Vec<T::AccountId>> {
		let mut next = Self::elect();
		Self::keep_minimum(session, &mut next);
		next.sort();
		let now = pallet_session::Pallet::<T>::queued_keys();
		let unchanged = next.len() == now.len()
			&& next.iter().zip(&now).all(|(who, (serving, keys))| {
				who == serving && pallet_session::Pallet::<T>::load_keys(who).as_ref() == Some(keys)
			});
		// An empty set would halt the chain; the session pallet goes on with what it has
		(!unchanged && !next.is_empty()).then_some(next)
	}

	/// Tops `next` up to the minimum with those who serve in the session that has just begun, convicts last. They stay
	/// slashable for a full unbonding delay after `session`.
	fn keep_minimum(session: SessionIndex, next: &mut Vec<T::AccountId>) {
		let missing = (Self::min_validators() as usize).saturating_sub(next.len());
		if missing == 0 {
			return;
		}
		let elected = next.len() as u32;
		let mut serving: Vec<_> = pallet_session::Pallet::<T>::validators()
			.into_iter()
			.filter(|who| !next.contains(who) && Self::has_keys(who))
			.collect();
		serving.sort_by_cached_key(|who| Convicts::<T>::contains_key(who));
		serving.truncate(missing);
		let kept = serving.len() as u32;
		for who in serving {
			Self::prolong_unbonding(&who, session);
			next.push(who);
		}
		Self::deposit_event(Event::MinimumKept { session, elected, kept });
	}

	/// Disables again the convicts who serve in the session that begins, as a changed set has enabled everybody, and forgets
	/// those who are out. Drops what is older than the evidence window.
	fn begin(session: SessionIndex) {
		let serving = pallet_session::Pallet::<T>::validators();
		for (who, severity) in Convicts::<T>::iter().collect::<Vec<_>>() {
			if serving.contains(&who) {
				pallet_session::Pallet::<T>::report_offence(who, OffenceSeverity(severity));
			} else {
				Convicts::<T>::remove(&who);
			}
		}
		if let Some(oldest) = session
			.checked_sub(T::EvidenceWindow::get())
			.filter(|oldest| *oldest > 0)
		{
			historical::Pallet::<T>::prune_up_to(oldest);
			// At most one record for each validator of that session; the sessions before it went the same way
			let _ = Punishments::<T>::clear_prefix(oldest - 1, T::MaxValidators::get(), None);
		}
	}

	/// Whether an account serves in the current session or is queued for the next.
	pub(crate) fn serves(who: &T::AccountId) -> bool {
		pallet_session::Pallet::<T>::validators().contains(who) || Self::queued(who)
	}

	/// Whether an account is queued for the next session.
	pub(crate) fn queued(who: &T::AccountId) -> bool {
		pallet_session::Pallet::<T>::queued_keys()
			.iter()
			.any(|(queued, _)| queued == who)
	}
}

impl<T: Config> pallet_session::SessionManager<T::AccountId> for Pallet<T> {
	fn new_session(new_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::plan(new_index)
	}

	fn new_session_genesis(_: SessionIndex) -> Option<Vec<T::AccountId>> {
		Self::plan_genesis()
	}

	fn start_session(start_index: SessionIndex) {
		Self::begin(start_index);
	}

	fn end_session(_: SessionIndex) {}
}

impl<T: Config> historical::SessionManager<T::AccountId, ()> for Pallet<T> {
	fn new_session(new_index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		Self::plan(new_index).map(identified)
	}

	fn new_session_genesis(_: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		Self::plan_genesis().map(identified)
	}

	fn start_session(start_index: SessionIndex) {
		Self::begin(start_index);
	}

	fn end_session(_: SessionIndex) {}
}

fn identified<AccountId>(validators: Vec<AccountId>) -> Vec<(AccountId, ())> {
	validators.into_iter().map(|who| (who, ())).collect()
}

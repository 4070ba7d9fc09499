//! What an offence costs.

use baseload_primitives::Balance;
use frame_support::{
	traits::{fungible::BalancedHold, tokens::imbalance::Imbalance, DefensiveSaturating, Get, OnUnbalanced},
	weights::Weight,
};
use pallet_session::historical::IdentificationTuple;
use sp_runtime::Perbill;
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

use crate::{Config, Convicts, Event, HoldReason, Pallet, Punishment, Punishments, WeightInfo};

impl<T: Config> OnOffenceHandler<T::AccountId, IdentificationTuple<T>, Weight> for Pallet<T> {
	fn on_offence(
		offenders: &[OffenceDetails<T::AccountId, IdentificationTuple<T>>],
		fractions: &[Perbill],
		session: SessionIndex,
	) -> Weight {
		for (
			OffenceDetails {
				offender: (who, ()), ..
			},
			fraction,
		) in offenders.iter().zip(fractions)
		{
			Self::punish(who, *fraction, session);
		}
		<T as Config>::WeightInfo::on_offence().saturating_mul(offenders.len() as u64)
	}
}

impl<T: Config> Pallet<T> {
	/// Slashes, drops and disables one offender.
	fn punish(who: &T::AccountId, fraction: Perbill, session: SessionIndex) {
		let reported_before = Punishments::<T>::contains_key(session, who);
		Self::slash(who, fraction, session);

		// A report repeated because others offended at the same time takes no new seat from one who has bonded again since,
		// unless it leaves less than a candidate needs
		let too_little = Self::active_bond(who).is_some_and(|bond| bond < T::MinBond::get());
		if reported_before && !too_little && !Convicts::<T>::contains_key(who) {
			return;
		}
		Self::drop_candidate(who);
		if Self::serves(who) {
			let severity = Convicts::<T>::get(who).map_or(fraction, |known| known.max(fraction));
			Convicts::<T>::insert(who, severity);
			pallet_session::Pallet::<T>::report_offence(who.clone(), OffenceSeverity(severity));
		}
	}

	/// Takes what `fraction` of the stake comes to, rounded up, less what was taken for the same session already.
	fn slash(who: &T::AccountId, fraction: Perbill, session: SessionIndex) {
		let old = Self::stake(who);
		let before = Punishments::<T>::get(session, who);
		let mut record = before.unwrap_or(Punishment {
			fraction,
			base: old,
			taken: 0,
		});
		record.fraction = record.fraction.max(fraction);
		let owed = record
			.fraction
			.mul_ceil(record.base)
			.defensive_saturating_sub(record.taken);
		let amount = owed.min(old);
		if amount > 0 {
			record.taken = record.taken.defensive_saturating_add(Self::take_stake(who, amount));
			let new = Self::stake(who);
			Self::deposit_event(Event::Slashed {
				who: who.clone(),
				session,
				fraction: record.fraction,
				old,
				new,
			});
		}
		if before != Some(record) {
			Punishments::<T>::insert(session, who, record);
		}
	}

	/// Moves `amount` of an account's stake to where slashes go. Returns what was moved.
	fn take_stake(who: &T::AccountId, amount: Balance) -> Balance {
		let rest = Self::take_unbonding(who, amount);
		let rest = Self::take_bond(who, rest);
		frame_support::defensive_assert!(rest == 0, "never more than the stake is taken");
		let (credit, missing) = T::Bond::slash(&HoldReason::Bond.into(), who, amount);
		frame_support::defensive_assert!(missing == 0, "the whole stake is on hold");
		let taken = credit.peek();
		T::Slash::on_unbalanced(credit);
		taken
	}
}

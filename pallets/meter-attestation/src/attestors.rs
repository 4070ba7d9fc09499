//! Attestors: the bond that stands behind their word, what of it is at stake, and what a loser pays.
//!
//! An attestor's record and its hold always say the same. What is at stake in a dispute is there for whoever wins it, and no
//! other slash reaches it before. A slash takes what is there and never fails: what a winner cannot receive, because its account
//! would stay below the existential deposit, goes to the treasury, and nobody wins from itself.

use baseload_primitives::{hold_sparing, Balance, OpenTime};
use frame_support::{
	defensive, ensure,
	traits::{
		fungible::hold::Mutate,
		tokens::{Fortitude, Precision, Restriction},
		DefensiveSaturating, Get,
	},
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{Attestor, Attestors, Config, Error, Event, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
	/// Makes `who` an attestor, or raises its bond.
	pub(crate) fn do_bond(who: T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let attestor = Attestors::<T>::get(&who).unwrap_or_default();
		ensure!(attestor.free_at.is_none(), Error::<T>::AttestorLeaving);
		let old = attestor.bond;
		let new = old.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(new >= T::MinAttestorBond::get(), Error::<T>::BelowMinBond);
		hold_sparing::<_, T::Bond>(&HoldReason::Attestor.into(), &who, amount)?;
		Attestors::<T>::insert(&who, Attestor { bond: new, ..attestor });
		Self::deposit_event(Event::Bonded { who, old, new });
		Ok(())
	}

	/// Starts the notice after which `who` can withdraw its bond.
	pub(crate) fn do_unbond(who: T::AccountId) -> DispatchResult {
		let mut attestor = Attestors::<T>::get(&who).ok_or(Error::<T>::NotAttestor)?;
		ensure!(attestor.free_at.is_none(), Error::<T>::AttestorLeaving);
		ensure!(attestor.staked == 0, Error::<T>::AttestorEngaged);
		let free_at = <Self as OpenTime>::now().saturating_add(T::AttestorNotice::get());
		attestor.free_at = Some(free_at);
		Attestors::<T>::insert(&who, attestor);
		Self::deposit_event(Event::Leaving { who, free_at });
		Ok(())
	}

	/// Gives back what is left of the bond after the notice. Whoever is leaving puts nothing at stake, so that nothing can still be
	/// asked of it. A seat that the registrar has not given to another stays, but without a bond it has no voice.
	pub(crate) fn do_withdraw_bond(who: T::AccountId) -> DispatchResult {
		let attestor = Attestors::<T>::get(&who).ok_or(Error::<T>::NotAttestor)?;
		let Attestor { bond, free_at, .. } = attestor;
		let free_at = free_at.ok_or(Error::<T>::NotLeaving)?;
		ensure!(free_at <= <Self as OpenTime>::now(), Error::<T>::BondNotFree);
		T::Bond::release(&HoldReason::Attestor.into(), &who, bond, Precision::Exact)?;
		match attestor.seats {
			0 => Attestors::<T>::remove(&who),
			_ => Attestors::<T>::insert(
				&who,
				Attestor {
					bond: 0,
					free_at: None,
					..attestor
				},
			),
		}
		Self::deposit_event(Event::Left { who, bond });
		Ok(())
	}

	/// The record of `who` if it may vote and report: bonded, and not slashed below the least bond. Whoever is leaving has a voice
	/// until it withdraws.
	pub(crate) fn bonded(who: &T::AccountId) -> Result<Attestor, DispatchError> {
		let attestor = Attestors::<T>::get(who).ok_or(Error::<T>::NotAttestor)?;
		ensure!(attestor.bond >= T::MinAttestorBond::get(), Error::<T>::BelowMinBond);
		Ok(attestor)
	}

	/// The same if it may also dispute and take a seat: it is not leaving.
	pub(crate) fn active(who: &T::AccountId) -> Result<Attestor, DispatchError> {
		let attestor = Self::bonded(who)?;
		ensure!(attestor.free_at.is_none(), Error::<T>::AttestorLeaving);
		Ok(attestor)
	}

	/// Puts `amount` of an active attestor's bond at stake.
	pub(crate) fn stake(who: &T::AccountId, amount: Balance) -> DispatchResult {
		let mut attestor = Self::active(who)?;
		attestor.staked = attestor.staked.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		ensure!(attestor.staked <= attestor.bond, Error::<T>::StakeTooHigh);
		Attestors::<T>::insert(who, attestor);
		Ok(())
	}

	/// Ends a stake of `amount`, and counts how.
	pub(crate) fn unstake(who: &T::AccountId, amount: Balance, count: impl FnOnce(&mut Attestor)) {
		Attestors::<T>::mutate_extant(who, |attestor| {
			attestor.staked = attestor.staked.defensive_saturating_sub(amount);
			count(attestor);
		});
	}

	/// Slashes `amount` of what `who` has bonded and not at stake, or all of it. Returns what was slashed.
	pub(crate) fn slash_attestor(who: &T::AccountId, amount: Balance, winner: Option<&T::AccountId>) -> Balance {
		let Some(mut attestor) = Attestors::<T>::get(who) else {
			return 0;
		};
		let amount = amount.min(attestor.bond.defensive_saturating_sub(attestor.staked));
		let (amount, winner) = Self::forfeit::<T::Bond>(HoldReason::Attestor, who, amount, winner);
		if amount > 0 {
			attestor.bond = attestor.bond.defensive_saturating_sub(amount);
			attestor.slashed = attestor.slashed.defensive_saturating_add(amount);
			Attestors::<T>::insert(who, attestor);
			Self::deposit_event(Event::AttestorSlashed {
				who: who.clone(),
				amount,
				winner,
			});
		}
		amount
	}

	/// Takes `amount` of what `who` has on hold for `reason`, which must be that much: [`Config::WinnerShare`] of it, rounded
	/// down, for the winner, the rest for the treasury. Returns what was taken, and what the winner got of it.
	pub(crate) fn forfeit<C>(
		reason: HoldReason,
		who: &T::AccountId,
		amount: Balance,
		winner: Option<&T::AccountId>,
	) -> (Balance, Option<(T::AccountId, Balance)>)
	where
		C: Mutate<T::AccountId, Reason = T::RuntimeHoldReason, Balance = Balance>,
	{
		let reason = reason.into();
		let pay = |to: &T::AccountId, part| {
			C::transfer_on_hold(
				&reason,
				who,
				to,
				part,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
			.is_ok()
		};
		let share = T::WinnerShare::get().mul_floor(amount);
		let won = match winner {
			Some(winner) if winner != who && share > 0 && pay(winner, share) => Some((winner.clone(), share)),
			_ => None,
		};
		let paid = won.as_ref().map_or(0, |(_, share)| *share);
		let rest = amount.defensive_saturating_sub(paid);
		if rest == 0 || pay(&T::Treasury::get(), rest) {
			(amount, won)
		} else {
			defensive!("the treasury can receive");
			(paid, won)
		}
	}
}

//! The one place where KWH are minted, and the one where they are burnt.

use baseload_primitives::Balance;
use frame_support::traits::{
	fungible::{Inspect, Mutate, MutateHold},
	tokens::{Fortitude, Precision, Preservation},
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{Config, HoldReason, Issuance, Issued, Pallet};

/// Whose KWH are burnt.
pub(crate) enum Source<'a, AccountId> {
	/// What `who` is free to spend. It may be all; otherwise at least the minimum balance stays, so that no remainder goes to
	/// dust.
	Free(&'a AccountId),
	/// What `who` has locked for redemption.
	Locked(&'a AccountId),
	/// What the pallet keeps for the depositors of the backstop pools.
	Pool,
}

impl<T: Config> Pallet<T> {
	/// Mints exactly `amount` to `who`. The caller records it as debt.
	pub(crate) fn mint(who: &T::AccountId, amount: Balance) -> DispatchResult {
		Issuance::<T>::try_mutate(|issued| {
			issued.minted = issued.minted.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			// Refused here, so that `burnt`, which is never more than this sum, cannot overflow: repaying always works.
			issued
				.genesis
				.checked_add(issued.minted)
				.ok_or(ArithmeticError::Overflow)?;
			Ok::<(), DispatchError>(())
		})?;
		T::Kwh::mint_into(who, amount)?;
		Ok(())
	}

	/// Burns exactly `amount` KWH. The caller takes it off a debt or a shortfall.
	pub(crate) fn burn(source: Source<T::AccountId>, amount: Balance) -> DispatchResult {
		Issuance::<T>::try_mutate(|issued| {
			issued.burnt = issued.burnt.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			Ok::<(), DispatchError>(())
		})?;
		let burn = |who: &T::AccountId, preservation| {
			T::Kwh::burn_from(who, amount, preservation, Precision::Exact, Fortitude::Polite)
		};
		match source {
			Source::Free(who) if T::Kwh::balance(who) == amount => burn(who, Preservation::Expendable)?,
			Source::Free(who) => burn(who, Preservation::Preserve)?,
			Source::Pool => burn(&Self::account(), Preservation::Preserve)?,
			Source::Locked(who) => T::Kwh::burn_held(
				&HoldReason::Redemption.into(),
				who,
				amount,
				Precision::Exact,
				Fortitude::Force,
			)?,
		};
		Ok(())
	}

	/// Ends genesis: what was minted so far is what the chain begins with.
	pub(crate) fn seal_genesis() {
		Issuance::<T>::mutate(|issued| {
			*issued = Issued {
				genesis: issued.minted,
				minted: 0,
				burnt: 0,
			}
		});
	}
}

//! The one place where KWH are minted, and the one where they are burnt.

use baseload_primitives::Balance;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	tokens::{Fortitude, Precision, Preservation},
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{Config, Issuance, Issued, Pallet};

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

	/// Burns exactly `amount` of `who`'s KWH. The caller takes it off a debt. `who` may spend all it has; otherwise at least
	/// the minimum balance stays, so that no remainder goes to dust.
	pub(crate) fn burn(who: &T::AccountId, amount: Balance) -> DispatchResult {
		Issuance::<T>::try_mutate(|issued| {
			issued.burnt = issued.burnt.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			Ok::<(), DispatchError>(())
		})?;
		let preservation = if T::Kwh::balance(who) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Kwh::burn_from(who, amount, preservation, Precision::Exact, Fortitude::Polite)?;
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

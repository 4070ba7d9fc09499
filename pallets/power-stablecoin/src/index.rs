//! The risk index: vaults in the order of risk, kept by the state itself.

use baseload_math::books::key::RiskKey;
use baseload_primitives::{TokenId, VaultId};

use crate::{at_place, place, Config, Pallet, Place, RiskIndex};

impl<T: Config> Pallet<T> {
	/// The riskiest vault of a type.
	pub(crate) fn front(token: TokenId) -> Option<(RiskKey, VaultId)> {
		Self::by_risk(token).next()
	}

	/// The vaults of a type, the riskiest first.
	pub(crate) fn by_risk(token: TokenId) -> impl Iterator<Item = (RiskKey, VaultId)> {
		RiskIndex::<T>::iter_key_prefix(token).map(|place| at_place(&place))
	}

	/// The vaults of a type at this place or behind it, the riskiest first.
	pub(crate) fn by_risk_from(token: TokenId, from: Place) -> impl Iterator<Item = (RiskKey, VaultId)> {
		// An iteration starts behind the place that it is given.
		let first = RiskIndex::<T>::contains_key(token, from).then(|| at_place(&from));
		first.into_iter().chain(Self::by_risk_behind(token, from))
	}

	/// The vaults of a type behind this place, the riskiest first.
	pub(crate) fn by_risk_behind(token: TokenId, place: Place) -> impl Iterator<Item = (RiskKey, VaultId)> {
		let behind = RiskIndex::<T>::iter_key_prefix_from(token, RiskIndex::<T>::hashed_key_for(token, place));
		behind.map(|place| at_place(&place))
	}

	/// The riskiest vault of a type when the front has been taken off up to and with the place `last`. To find the first key of a
	/// type, the state passes over each key before it that was removed in the same block, so that taking off one after the
	/// other would take ever longer.
	pub(crate) fn front_behind(token: TokenId, last: Option<Place>) -> Option<(RiskKey, VaultId)> {
		match last {
			Some(place) => Self::by_risk_behind(token, place).next(),
			None => Self::front(token),
		}
	}

	/// Moves a vault from the place of one key to that of another.
	pub(crate) fn move_place(token: TokenId, id: VaultId, old: Option<RiskKey>, new: Option<RiskKey>) {
		if old == new {
			return;
		}
		if let Some(old) = old {
			RiskIndex::<T>::remove(token, place(old, id));
		}
		if let Some(new) = new {
			RiskIndex::<T>::insert(token, place(new, id), ());
		}
	}
}

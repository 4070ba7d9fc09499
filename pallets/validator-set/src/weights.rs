//! What the pallet's calls cost at most.

use frame_support::weights::Weight;

/// Worst-case weights. The runtime provides measured ones.
pub trait WeightInfo {
	/// A newcomer takes the place of the last in a full list.
	fn bond() -> Weight;
	/// Lowering a bond with all unbonding chunks in use.
	fn reduce_bond() -> Weight;
	/// Leaving a full list of which few have session keys.
	fn leave() -> Weight;
	/// Freeing all unbonding chunks.
	fn withdraw_unbonded() -> Weight;
	/// Reserving as many seats as there can be.
	fn set_reserved() -> Weight;
	/// Setting the number of seats.
	fn set_max_validators() -> Weight;
	/// Taking session keys back with as many candidates and validators as there can be.
	fn release_keys() -> Weight;
	/// Slashing, dropping and disabling one offender.
	fn on_offence() -> Weight;
}

/// Everything is free: for mocks only.
impl WeightInfo for () {
	fn bond() -> Weight {
		Weight::zero()
	}
	fn reduce_bond() -> Weight {
		Weight::zero()
	}
	fn leave() -> Weight {
		Weight::zero()
	}
	fn withdraw_unbonded() -> Weight {
		Weight::zero()
	}
	fn set_reserved() -> Weight {
		Weight::zero()
	}
	fn set_max_validators() -> Weight {
		Weight::zero()
	}
	fn release_keys() -> Weight {
		Weight::zero()
	}
	fn on_offence() -> Weight {
		Weight::zero()
	}
}

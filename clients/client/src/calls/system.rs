//! Transfers, validators, and what wraps other calls.

use baseload_primitives::Balance;
use codec::Compact;
use subxt::utils::MultiAddress;

use crate::{AccountId, Call};

fn address(account: AccountId) -> MultiAddress<AccountId, ()> {
	MultiAddress::Id(account)
}

/// Sends KWH, in base units. Fails rather than end the sender's account.
pub fn transfer_kwh(to: AccountId, amount: Balance) -> Call {
	Call::new("Balances", "transfer_keep_alive")
		.with(address(to))
		.with_amount(amount)
}

/// Sends BLD, in base units. Fails rather than end the sender's BLD account.
pub fn transfer_bld(to: AccountId, amount: Balance) -> Call {
	Call::new("Bonds", "transfer_keep_alive")
		.with(address(to))
		.with_amount(amount)
}

/// Sends a token of the assets pallet, in base units. Fails rather than end the sender's account of it.
pub fn transfer_asset(asset: u32, to: AccountId, amount: Balance) -> Call {
	Call::new("Assets", "transfer_keep_alive")
		.with(Compact(asset))
		.with(address(to))
		.with_amount(amount)
}

/// Runs a call as Root. For the sudo key; development and local chains only.
pub fn sudo(call: Call) -> Call {
	Call::new("Sudo", "sudo").with_call(call)
}

/// Runs calls in order; one that fails undoes all.
pub fn batch_all(calls: impl IntoIterator<Item = Call>) -> Call {
	Call::new("Utility", "batch_all").with_calls(calls)
}

/// Session keys of a validator, and its proof that it holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKeys {
	/// The public keys, concatenated in the chain's order.
	pub keys: Vec<u8>,
	/// What `author_rotateKeysWithOwner` returned as proof.
	pub proof: Vec<u8>,
}

/// Announces the signer's session keys.
pub fn set_session_keys(keys: &SessionKeys) -> Call {
	Call::new("Session", "set_keys")
		.with(subxt::utils::Encoded(keys.keys.clone()))
		.with(&keys.proof)
}

const VALIDATORS: &str = "ValidatorSet";

/// Bonds BLD, in base units, on top of what is bonded: makes the signer a candidate.
pub fn bond(amount: Balance) -> Call {
	Call::new(VALIDATORS, "bond").with_amount(amount)
}

/// Starts unbonding a part of the bond.
pub fn reduce_bond(amount: Balance) -> Call {
	Call::new(VALIDATORS, "reduce_bond").with_amount(amount)
}

/// Gives the candidacy up; the whole bond starts unbonding.
pub fn leave_validators() -> Call {
	Call::new(VALIDATORS, "leave")
}

/// Takes out what has finished unbonding.
pub fn withdraw_unbonded() -> Call {
	Call::new(VALIDATORS, "withdraw_unbonded")
}

/// Takes the signer's session keys off the chain. For who is out of the validator set.
pub fn release_session_keys() -> Call {
	Call::new(VALIDATORS, "release_keys")
}

/// Reserves seats. For the administrator.
pub fn set_reserved(accounts: &[AccountId]) -> Call {
	Call::new(VALIDATORS, "set_reserved").with(accounts)
}

/// Sets the number of seats. For the administrator.
pub fn set_max_validators(seats: u32) -> Call {
	Call::new(VALIDATORS, "set_max_validators").with(seats)
}

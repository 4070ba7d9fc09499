//! What the pallet stores.

use alloc::vec::Vec;
use baseload_primitives::{Balance, SiteId, WattHours};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::Config;

/// Collateral, pledged sites, and the KWH drawn against them.
#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Vault<T: Config> {
	/// Who owns it.
	pub owner: T::AccountId,
	/// Reserve tokens in it, in base units. Zero or at least the token's minimum balance.
	pub collateral: Balance,
	/// KWH owed, in base units.
	pub debt: Balance,
	/// Pledged sites, in the order they were pledged.
	pub sites: BoundedVec<SiteId, T::MaxSites>,
	/// KWH of the owner that are on hold while the vault exists, in base units.
	pub deposit: Balance,
	/// Energy declared at genesis, before it fades. Zero for a vault opened later.
	pub declared: WattHours,
}

/// How KWH came and went, in base units. What exists is `genesis + minted - burnt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Issued {
	/// Drawn by the genesis vaults.
	pub genesis: Balance,
	/// Minted since.
	pub minted: Balance,
	/// Burnt since.
	pub burnt: Balance,
}

/// A vault with which the chain begins.
///
/// At genesis its collateral is taken from the owner's reserve tokens, its debt is minted, to `pay_out` first and the rest to
/// the owner, and the owner's vault deposit is put on hold, just as if the vault had been opened and drawn on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisVault<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// Reserve tokens, in base units.
	pub collateral: Balance,
	/// KWH owed, in base units. At least the minimum debt.
	pub debt: Balance,
	/// Declared energy, which fades to zero over the declared window.
	pub energy: WattHours,
	/// Who else receives how much of the KWH drawn, in base units. At most `debt` in all.
	pub pay_out: Vec<(AccountId, Balance)>,
}

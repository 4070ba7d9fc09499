//! What the pallet stores.

use alloc::vec::Vec;
use baseload_math::books::{self, marks::Marks, pool::Pool, totals::TypeBooks};
pub use baseload_primitives::EndReason;
use baseload_primitives::{Balance, Moment, Price, SiteId, TokenId, TypeParams, VaultId, WattHours};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Perquintill;

use crate::Config;

/// Collateral, pledged sites, and the KWH drawn against them.
#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Vault<T: Config> {
	/// Who owns it.
	pub owner: T::AccountId,
	/// Its type of collateral.
	pub token: TokenId,
	/// Its part of the type's books.
	pub books: books::totals::Vault,
	/// KWH that its owner drew and that were not repaid or redeemed, in base units. Interest and debt inherited from others
	/// are no part of it.
	pub drawn: Balance,
	/// Pledged sites, in the order they were pledged.
	pub sites: BoundedVec<SiteId, T::MaxSites>,
	/// KWH of the owner that are on hold while the vault exists, in base units.
	pub deposit: Balance,
	/// Energy declared at genesis, before it fades. Zero for a vault opened later.
	pub declared: WattHours,
	/// Open time at which its cure period ends, if it was found without energy cover.
	pub cure_until: Option<Moment>,
}

/// One type of collateral: what it is governed by, its books, its pool, its price.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CollateralType {
	/// What governance has set.
	pub params: TypeParams,
	/// When it last did, in Unix milliseconds.
	pub params_since: Moment,
	/// What all vaults together owe and own.
	pub books: TypeBooks,
	/// The backstop pool.
	pub pool: Pool,
	/// Collateral that holders were paid and whose accounts could not receive it, in base units.
	pub owed: Balance,
	/// The price as far as it is confirmed.
	pub market: Market,
	/// Prices observed so far; each is a round of the pool.
	pub round: u64,
	/// What may still be drawn under the refilling ceiling.
	pub line: Line,
	/// Decimals of the token when it became a type.
	pub decimals: u8,
	/// Since when, in open time, there is no price or nothing but exits is let through.
	pub stopped_since: Option<Moment>,
	/// Open time before which nothing is liquidated: the owners' grace after a stop.
	pub liquidation_from: Moment,
	/// Until when the type is marked as impaired, in Unix milliseconds; for ever, if administrators confirmed it. A mark that has
	/// lapsed stays until they take it away.
	pub impaired_until: Option<Moment>,
	/// Since when, in open time, a vault is known to await liquidation, or a move of the price confirmation.
	pub unsafe_since: Option<Moment>,
	/// The liquidation ratio before it was raised last, in basis points, and the open time until which it stays in force.
	pub raised: Option<(u32, Moment)>,
}

/// A price that moves within a band, or waits for confirmation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Market {
	/// When the newest price was observed.
	pub at: Moment,
	/// The last price that was within the band, or was confirmed. `None` before the first.
	pub confirmed: Option<Price>,
	/// A price beyond the band, and when it was first observed.
	pub moved: Option<(Price, Moment)>,
}

/// The published price of one kWh: as far as it has followed its feeds, and its mean over a year of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reference {
	/// The price.
	pub price: Price,
	/// When it last moved, in Unix milliseconds.
	pub at: Moment,
	/// Sum of the last days' closing prices, in units of 10^-18.
	pub sum: u128,
	/// How many days are in the sum: at most 365.
	pub days: u32,
}

/// A limit that is used up by draws, given back by repayments and refills with time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Line {
	/// KWH used of it, in base units.
	pub used: Balance,
	/// Up to when the refill is counted, in Unix milliseconds.
	pub since: Moment,
}

/// KWH locked for redemption.
#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Request<T: Config> {
	/// Whose KWH they are.
	pub who: T::AccountId,
	/// KWH on hold, in base units: what was asked for less what was burnt.
	pub locked: Balance,
	/// The highest fee rate accepted.
	pub max_fee: Perquintill,
	/// The least collateral units per whole KWH burnt, by token.
	pub min_out: BoundedVec<(TokenId, Balance), T::MaxTypes>,
	/// When it was made. It executes at the first price observed later.
	pub requested_at: Moment,
	/// Once it has begun: its fee rate, and what is left to redeem of each type.
	pub execution: Option<Execution<T>>,
}

/// A redemption that has begun.
#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Execution<T: Config> {
	/// Its fee rate.
	pub fee: Perquintill,
	/// KWH left to redeem against each type, in base units.
	pub left: BoundedVec<(TokenId, Balance), T::MaxTypes>,
	/// How far it has come in the first of them.
	pub reached: Reached,
	/// True if something of a type was left because a vault would have paid less than is accepted.
	pub too_low: bool,
}

/// How far a redemption has come in a type: what it has passed over it does not come to again, so that vaults which pay nothing
/// hold up nobody for longer than it takes to look at each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Reached {
	/// Not beyond the reserve.
	#[default]
	Reserve,
	/// The vaults that can pay par; the last that paid nothing.
	Solvent(Option<Place>),
	/// The vaults that cannot; the last that paid nothing.
	UnderWater(Option<Place>),
}

/// The pool's marks of a round in which deposits began to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round {
	/// The marks, before the round's liquidations.
	pub marks: Marks,
	/// Depositors who have not settled yet what counts from here.
	pub depositors: u32,
}

/// KWH that begins to count in a round of the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Due {
	/// KWH base units.
	pub amount: Balance,
	/// Whose.
	pub depositors: u32,
}

/// The redemption queue, and how its fee stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Queue {
	/// The first request that is not done. Those before it are gone.
	pub head: u64,
	/// The id that the next request gets.
	pub tail: u64,
	/// Requests that wait or go on. Those that were cancelled before their turn leave gaps between head and tail.
	pub waiting: u32,
	/// KWH locked for all requests, in base units.
	pub locked: Balance,
	/// Base rate of the fee, 18 decimals. Redemptions raise it, and it halves every six hours.
	pub base_rate: u128,
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

/// A type of collateral with which the chain begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisType {
	/// Which token.
	pub token: TokenId,
	/// What it is governed by.
	pub params: TypeParams,
	/// Price of one whole token, to check the vaults' collateral cover with; used for nothing else.
	pub price: Price,
}

/// A vault with which the chain begins.
///
/// At genesis its collateral is taken from the owner's tokens, its debt is minted, to `pay_out` first and the rest to the
/// owner, and the owner's vault deposit is put on hold, just as if the vault had been opened and drawn on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisVault<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// Its type of collateral.
	pub token: TokenId,
	/// Collateral, in base units.
	pub collateral: Balance,
	/// KWH owed, in base units. At least the minimum debt.
	pub debt: Balance,
	/// Declared energy, which fades to zero over the declared window.
	pub energy: WattHours,
	/// Who else receives how much of the KWH drawn, in base units. At most `debt` in all.
	pub pay_out: Vec<(AccountId, Balance)>,
}

/// Place of a vault in the risk index of its type: its key and its id, both big-endian, so that the order of the bytes is the
/// order of risk.
pub type Place = [u8; 36];

/// The place of a vault with this key and id.
pub fn place(key: books::key::RiskKey, id: VaultId) -> Place {
	let mut bytes = [0; 36];
	bytes[..32].copy_from_slice(&key.to_be_bytes());
	bytes[32..].copy_from_slice(&id.0.to_be_bytes());
	bytes
}

/// The key and the id at a place.
pub fn at_place(place: &Place) -> (books::key::RiskKey, VaultId) {
	let (mut key, mut id) = ([0; 32], [0; 4]);
	key.copy_from_slice(&place[..32]);
	id.copy_from_slice(&place[32..]);
	(
		books::key::RiskKey::from_be_bytes(&key),
		VaultId(u32::from_be_bytes(id)),
	)
}

/// How a vault without energy cover is wound down by redemption. Amounts are KWH base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct WindDown {
	/// What is still uncovered, as far as anybody has looked.
	pub left: Balance,
	/// The most that may be redeemed a day: a thirtieth of what was uncovered when the cure period ended.
	pub a_day: Balance,
	/// What was redeemed lately.
	pub line: Line,
}

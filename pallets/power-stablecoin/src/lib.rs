//! # Power stablecoin
//!
//! Issues KWH, the stablecoin whose unit targets the value of one kilowatt-hour, and keeps account of what stands behind it.
//!
//! ## Overview
//!
//! A producer opens a **vault** for one type of collateral, puts tokens into it, pledges its generating sites to it, and may
//! then draw KWH. What is drawn, and the interest on it, is the vault's **debt**: it is owed until KWH of the same amount are
//! burnt. There is no other source of KWH, so every KWH in existence is owed by a vault or counted as shortfall.
//!
//! A vault may draw only while two covers hold at once, both counted after the draw:
//!
//! * **Collateral cover**: value(collateral) >= mint ratio x value(debt).
//! * **Energy cover**: debt <= advance rate x attested energy of the pledged sites, at 1 KWH per kWh, rounded down. What a
//!   site attests is recent, final, metered generation; it fades when the meter falls silent, see
//!   [`EnergyCover`](baseload_primitives::EnergyCover).
//!
//! Attested energy raises a vault's capacity only. It never mints by itself and it is no claim on electricity.
//!
//! The arithmetic of debt, collateral, redemption, liquidation and pools is that of [`baseload_math::books`]; each type of
//! collateral has books and a pool of its own. This pallet keeps what they leave to a caller: accounts and tokens, the risk
//! index, prices, the queue, brakes.
//!
//! ## What happens by itself
//!
//! * When a block begins in a new hour, the interest of the hour is charged to every type's total.
//! * With the weight that a block has left: each type's price is looked at; a new one begins a round, in
//!   which waiting pool deposits begin to count; unsafe vaults are liquidated, the riskiest first; a few vaults, each in its
//!   turn, are looked at for lost energy cover; redemptions are executed.
//!   The same can be done by call when blocks are full.
//!
//! Liquidation does not precede the calls of owners in the block that brings a price, and cannot: a price is read where it is
//! needed, so who sends a call just before the feed, or in the quarter of an hour in which a larger move waits to be confirmed,
//! or who watches the exchanges, is first in any case; and a call that liquidated a bounded number of vaults before it repays
//! would be passed by whoever has more vaults at the front than that. So an owner who repays all and draws again may escape a
//! redistribution. What bounds it is its price: the seven days' interest that a draw costs at once, and that no draw passes while
//! the front of the index is unsafe.
//!
//! To liquidate and to redeem, no healthy vault is read: the risk index is the state's own order of keys, and its first key is the riskiest vault.
//! A removal and an insertion per touched vault keep it. Whoever crafts vaults with keys that share a long beginning deepens the
//! trie under that beginning: by at most 72 levels, the length of a key, and each level takes a vault with its deposit and
//! its minimum debt.
//!
//! ## Prices
//!
//! A price is computed where it is needed, from feeds that are fresh then; without enough of them there is *no price*, and
//! draws, withdrawals from indebted vaults and liquidations wait. A price that leaves the band around the last one is believed
//! only after it has been observed for a while; until then each operation goes by that one of the two which is worse for it. So it
//! does while half of the feeds say one thing and half another.
//! The reference price of a kWh follows its feeds by at most 1 % a day, and new debt is valued at no less than its yearly mean.
//!
//! ## The redemption queue
//!
//! It is bounded: [`Config::MaxQueue`] requests of at least [`Config::MinRedemption`] each. So whoever locks their product, on
//! Baseload 10,000 KWH, in as many calls, whose fees are some 95 KWH, refuses requests to everybody else
//! ([`Error::QueueFull`]). That lasts until the next price, at which the requests begin to execute in their order, at 0.5 % of them at
//! least, or end because they accept no fee so high, and get their KWH back; cancelled in time they cost nothing more. Whoever
//! would go on must fill each free place before anybody else does, and pay the calls' fees anew. The bound itself is what keeps
//! one price from owing more work than blocks can do. A queue that is full stops no other exit: KWH can be sent, and repay debt.
//!
//! ## Impaired types
//!
//! A type whose token its issuer froze or clawed back cannot pay holders, so it is not wound down by redemption: what cannot be moved
//! is worth nothing to them. It takes no new debt, and what it owes ends as its owners repay, to have their collateral back
//! once it moves, or as they are liquidated by the feeds' price, without the pool, onto the type's other vaults.
//!
//! ## Shutdown
//!
//! Administrators can end the system, for good. Prices are frozen; interest, draws, redemptions and liquidations end. Blocks
//! sweep the vaults: a vault's debt becomes shortfall, and the collateral that is worth it the reserve's; what exceeds it is its
//! owner's to take. Once all are swept, every KWH is shortfall, and a holder is paid for it out of all reserves, in proportion
//! and without a fee, also where they are worth less than par. Repaying goes on until the vault is swept; pool deposits leave
//! without notice; redemptions that waited are released.
//!
//! A sweep moves no token: it is bookkeeping, which blocks do by themselves and anybody by call, also of a type that is impaired
//! or frozen. So nobody can hold it up, and there is no deadline to wait for. What a frozen token should pay is owed until it
//! moves again; the other types pay at once.
//!
//! ## Terms
//!
//! * *Minimum debt*: an owner's action leaves a debt of zero or of at least this much, so that no vault is too small to be
//!   worth anybody's attention. A sweep or a redemption may leave less.
//! * *Refilling ceiling*, *issuance fuse*: of what a type, and all types together, may draw, a day's worth is available at most;
//!   draws use it up, repayments give it back, and it refills evenly over a day. They bind draws only.
//! * *Vault deposit*: KWH on hold while a vault exists, given back when it is closed.
//! * *Declared energy*: a genesis vault has no meter readings yet. Its energy is declared in the genesis config, and fades
//!   in a straight line to zero over a window that starts at the chain's first timestamp.
//! * *Seed*: the pallet's account keeps the minimum balance of KWH and of each token of its own. So what it keeps for others
//!   can all leave.
//!
//! ## Rounding
//!
//! Amounts move in base units and are never rounded; what a vault owes is rounded up, what it owns and is paid down, a fee up.
//!
//! ## Invariants
//!
//! Of a state, checked in the order of these numbers by `do_try_state`:
//!
//! 1. KWH in existence = drawn at genesis + minted - burnt.
//! 2. KWH in existence = total debt + shortfall of all types, exactly.
//! 3. Of each type, the vaults' debts exceed the total by at least 0 and at most one unit per indebted vault, and their shares
//!    are all the shares.
//! 4. Of each type, the vaults' collateral is at most the total; total + pool + reserve + revenue + owed, and the minimum
//!    balance, are at most what the pallet's account holds. A donation to that account is nobody's.
//! 5. Of each pool, the deposits are worth at most what is in it, in KWH and in collateral, and what waits is exactly what they
//!    wait for; all pools together, and the minimum balance, are at most the KWH of the pallet's account.
//! 6. A site is pledged to at most one vault, once, and belongs to that vault's owner.
//! 7. For each account, KWH on hold as vault deposits = sum of the deposits of its vaults.
//! 8. The risk index holds every indebted vault exactly once, under its key; and a type has no shares, no debt and no place in
//!    the index all at once or not at all.
//! 9. For each account, KWH on hold for redemption = sum of its requests, and all of them = what the queue says; no request is
//!    outside of head and tail.
//! 10. What accounts are owed sums up to what the type says.
//! 11. The tokens are those of the types; every vault's id is below [`NextVault`], its type exists, and it drew no more than it
//!     owes.
//! 12. A reserve exists only with a shortfall; parameters are within their bounds; a vault is wound down only after its cure.
//! 13. Declared energy starts to fade at a time that is set (not zero) and past; no price and no refill, of a ceiling, of the
//!     fuse or of a wind-down, is from the future.
//!
//! Of a step, checked after each of the random ones (`tests/fuzz/steps.rs`):
//!
//! 14. An owner's draw, repayment or withdrawal leaves a debt of zero or of at least the minimum.
//! 15. Exits pass whatever the brakes are: ceilings, fuse, breaker, impairment and want of a price refuse no repayment, no
//!     added collateral, no request for redemption, no leaving without debt, no notice, no withdrawal from a pool that is open
//!     to it, and after a shutdown no cash-out.
//! 16. A repayment, a redemption or a liquidation takes from no other vault: none loses collateral, and none owes more but by
//!     its share of what a liquidation redistributes, which comes with the same share of what was seized for it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

// What the pallet declares
mod calls;
mod config;
mod errors;
mod events;
mod storage;
pub mod types;

// What it does
mod backing;
mod brakes;
mod collateral;
mod cover_loss;
mod covers;
mod debt;
mod declared;
mod entry;
mod genesis;
mod governance;
mod idle;
mod index;
mod interest;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod invariants;
mod issuance;
mod liquidation;
mod pool;
mod prices;
mod queue;
mod redemption;
mod shutdown;
mod sites;
mod vaults;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// The most vaults that one call liquidates, and the most steps of the queue that it takes.
pub const MAX_STEPS: u32 = 32;

use frame_support::pallet_macros::import_section;

/// The pallet itself; see the crate's documentation.
#[import_section(calls::calls)]
#[import_section(config::config)]
#[import_section(storage::storage)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use baseload_math::books::{self, depositor::Deposit};
	use baseload_primitives::{
		views::{
			PoolDepositView, PoolView, ProofOfBacking, RedemptionQuote, RedemptionView, SafetyView, TypeView, VaultView,
		},
		Balance, BreakerLevel, EnergyCover, LongStep, Moment, OpenTime, Price, PriceSource, SiteId, TokenId,
		TypeParams, Unsound, VaultId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungibles, Time},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_core::U256;
	use sp_runtime::{traits::Convert, Permill, Perquintill};

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The types of collateral and the vaults with which the chain begins. Building fails, and with it the chain spec, if
	/// anything about them does not hold that would have to hold for a draw, prices included; ceilings and the fuse bind
	/// draws only.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Types of collateral. The pallet's account must have the minimum balance of each token, of its own.
		pub types: Vec<GenesisType>,
		/// In the order of their ids. With vaults, the pallet's account must be paid the minimum balance of KWH by them.
		pub vaults: Vec<GenesisVault<T::AccountId>>,
		/// Price of one kWh in the quote currency: where the published price starts from. Not needed without vaults.
		pub reference_price: Price,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(&self.types, &self.vaults, self.reference_price);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::note_first_timestamp().saturating_add(Self::charge_hours())
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::serve(remaining)
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A vault as of now; `None` if it does not exist.
		pub fn vault(id: VaultId) -> Option<VaultView<T::AccountId>> {
			Self::view_vault(id)
		}

		/// What stands behind all KWH, as of now. Goes through all vaults: for use outside of blocks.
		pub fn proof_of_backing() -> ProofOfBacking {
			Self::view_backing()
		}

		/// The id that the next vault gets: every vault there ever was has a lower one.
		pub fn next_vault() -> VaultId {
			NextVault::<T>::get()
		}

		/// All types of collateral, in the order they were added.
		pub fn collateral_types() -> Vec<TypeView> {
			Self::view_types()
		}

		/// What redeeming `amount` base units of KWH would pay now; `None` without a price, or beyond what there is.
		pub fn redemption_quote(amount: Balance) -> Option<RedemptionQuote> {
			Self::view_quote(amount)
		}

		/// The redemptions that wait, first come first.
		pub fn redemptions() -> Vec<RedemptionView<T::AccountId>> {
			Self::view_redemptions()
		}

		/// What an account could not be paid and may claim, by token; nothing of tokens of which it is owed nothing.
		pub fn owed(who: T::AccountId) -> Vec<(TokenId, Balance)> {
			Self::view_owed(&who)
		}

		/// The backstop pool of a type; `None` if there is no such type.
		pub fn pool(token: TokenId) -> Option<PoolView> {
			Self::view_pool(token)
		}

		/// An account's part of a backstop pool; `None` if it has none.
		pub fn pool_deposit_of(token: TokenId, who: T::AccountId) -> Option<PoolDepositView> {
			Self::view_pool_deposit(token, &who)
		}

		/// Brakes and fuses.
		pub fn safety() -> SafetyView {
			Self::view_safety()
		}
	}
}

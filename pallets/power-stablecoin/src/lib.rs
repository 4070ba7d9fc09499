//! # Power stablecoin
//!
//! Issues KWH, the stablecoin whose unit targets the value of one kilowatt-hour, and keeps account of what stands behind it.
//!
//! ## Overview
//!
//! A producer opens a **vault**, puts reserve tokens into it, pledges its generating sites to it, and may then draw KWH.
//! What is drawn is the vault's **debt**: it is owed until KWH of the same amount are burnt. There is no other source of
//! KWH, so every KWH in existence is somebody's vault debt, from the first block on.
//!
//! A vault may draw only while two covers hold at once, both counted after the draw:
//!
//! * **Collateral cover**: value(collateral) >= mint ratio x value(debt), at the index prices of now: so much per whole
//!   reserve token, so much per kWh. Compared exactly, see [`baseload_math::ratio`].
//! * **Energy cover**: debt <= advance rate x attested energy of the pledged sites, at 1 KWH per kWh, rounded down. What a
//!   site attests is recent, final, metered generation; it fades when the meter falls silent, see
//!   [`EnergyCover`](baseload_primitives::EnergyCover).
//!
//! Attested energy raises a vault's capacity only. It never mints by itself and it is no claim on electricity.
//!
//! Anybody may add collateral to a vault or repay its debt. Only its owner draws, withdraws, pledges, releases and closes.
//! A power purchase agreement may sweep part of its revenue into a vault's debt, through
//! [`DebtSweep`](baseload_primitives::DebtSweep); what that pays off can be drawn again.
//!
//! KWH carry no interest here; holders cannot redeem them against collateral, and no vault is liquidated. A vault whose
//! covers are lost after it drew can neither draw nor withdraw collateral until they hold again, and nothing more happens.
//!
//! ## When prices are missing
//!
//! Draw, and withdraw from an indebted vault, need both prices. Everything else goes on without: deposit, repay, sweep,
//! pledge, release, and the withdrawal and closing of a vault without debt.
//!
//! ## Terms
//!
//! * *Minimum debt*: an owner's action leaves a debt of zero or of at least this much, so that no vault is too small to be
//!   worth anybody's attention. A sweep pays whatever it brings in, and may leave less.
//! * *Debt ceiling*: binds draws only. A total above it is no fault of any vault.
//! * *Vault deposit*: KWH on hold while a vault exists, given back when it is closed.
//! * *Declared energy*: a genesis vault has no meter readings yet. Its energy is declared in the genesis config, and fades
//!   in a straight line to zero over a window that starts at the chain's first timestamp.
//!
//! ## Rounding
//!
//! Amounts move in base units and are never rounded. Both limits on debt round down. Token movements leave an account with
//! nothing or with at least the token's minimum balance, so that no remainder is lost as dust.
//!
//! ## Invariants
//!
//! Checked in the order of these numbers by `do_try_state`:
//!
//! 1. KWH in existence = drawn at genesis + minted - burnt.
//! 2. KWH in existence = sum of all vaults' debt = [`TotalDebt`].
//! 3. Sum of all vaults' collateral = [`TotalCollateral`] <= reserve tokens in the pallet's account. A donation to that
//!    account is nobody's.
//! 4. A site is pledged to at most one vault, once, and belongs to that vault's owner.
//! 5. For each owner, KWH on hold as vault deposits = sum of the deposits of its vaults.
//! 6. Every vault's id is below [`NextVault`].
//! 7. Declared energy starts to fade at a time that is set (not zero) and past.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod collateral;
mod covers;
mod debt;
mod declared;
mod genesis;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod issuance;
mod sites;
pub mod types;
mod vaults;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{GenesisVault, Issued, Vault};
pub use weights::WeightInfo;

/// The pallet itself; see the crate's documentation.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use baseload_primitives::{
		views::{ProofOfBacking, VaultView},
		Balance, EnergyCover, Moment, Price, PriceSource, SiteId, VaultId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, Time},
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::{FixedU128, Permill};

	use crate::{GenesisVault, Issued, Vault, WeightInfo};

	/// Why this pallet holds KWH.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of an open vault.
		#[codec(index = 0)]
		VaultDeposit,
	}

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// KWH, the chain's native currency. Nothing but this pallet may mint or burn it; its dust must go to an account, not
		/// into the void.
		type Kwh: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::hold::Mutate<Self::AccountId, Balance = Balance, Reason = Self::RuntimeHoldReason>;

		/// The reserve token that vaults hold as collateral.
		type Collateral: fungible::Mutate<Self::AccountId, Balance = Balance>;

		/// Decimals of the reserve token: 10^this base units make one whole token. At most 38.
		#[pallet::constant]
		type CollateralDecimals: Get<u8>;

		/// Attested energy of sites.
		type Energy: EnergyCover<Self::AccountId>;

		/// Index prices of one kWh and of one whole reserve token.
		type Prices: PriceSource;

		/// Wall-clock time in Unix milliseconds; zero until it is first set.
		type Time: Time<Moment = Moment>;

		/// Required value(collateral) / value(debt). At least 1.
		#[pallet::constant]
		type MintRatio: Get<FixedU128>;

		/// Share of the attested energy that may be drawn. More than zero.
		#[pallet::constant]
		type AdvanceRate: Get<Permill>;

		/// The smallest debt, in KWH base units, that an owner's action may leave, other than zero.
		#[pallet::constant]
		type MinDebt: Get<Balance>;

		/// The most debt of all vaults together, in KWH base units, that a draw may lead to.
		#[pallet::constant]
		type DebtCeiling: Get<Balance>;

		/// KWH base units held while a vault exists. At least the minimum balance of KWH.
		#[pallet::constant]
		type VaultDeposit: Get<Balance>;

		/// The most sites that one vault may have.
		#[pallet::constant]
		type MaxSites: Get<u32>;

		/// Milliseconds over which energy declared at genesis fades to zero. More than zero.
		#[pallet::constant]
		type DeclaredWindow: Get<Moment>;

		/// Names the account that holds all collateral.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// All open vaults.
	#[pallet::storage]
	pub type Vaults<T: Config> = StorageMap<_, Twox64Concat, VaultId, Vault<T>, OptionQuery>;

	/// The id that the next vault gets. Ids are never used again.
	#[pallet::storage]
	pub type NextVault<T: Config> = StorageValue<_, VaultId, ValueQuery>;

	/// Sum of all vaults' debt, in KWH base units.
	#[pallet::storage]
	pub type TotalDebt<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// Sum of all vaults' collateral, in base units of the reserve token.
	#[pallet::storage]
	pub type TotalCollateral<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// What was ever issued and burnt.
	#[pallet::storage]
	pub type Issuance<T: Config> = StorageValue<_, Issued, ValueQuery>;

	/// The chain's first timestamp, from which declared energy fades. Unset before it is known.
	#[pallet::storage]
	pub type DeclaredSince<T: Config> = StorageValue<_, Moment, OptionQuery>;

	/// What happened. Amounts are base units.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A vault was opened.
		VaultOpened {
			/// Its id.
			vault: VaultId,
			/// Who owns it.
			owner: T::AccountId,
			/// KWH put on hold.
			deposit: Balance,
		},
		/// A vault was closed, and what it held was given back to its owner.
		VaultClosed {
			/// Its id.
			vault: VaultId,
			/// Who owned it.
			owner: T::AccountId,
			/// Reserve tokens given back.
			collateral: Balance,
			/// KWH taken off hold.
			deposit: Balance,
		},
		/// Collateral came into a vault.
		CollateralDeposited {
			/// The vault.
			vault: VaultId,
			/// Who paid.
			from: T::AccountId,
			/// The vault's collateral before.
			old: Balance,
			/// The vault's collateral after.
			new: Balance,
		},
		/// The owner took collateral out of a vault.
		CollateralWithdrawn {
			/// The vault.
			vault: VaultId,
			/// The vault's collateral before.
			old: Balance,
			/// The vault's collateral after.
			new: Balance,
		},
		/// A site was pledged to a vault.
		SitePledged {
			/// The vault.
			vault: VaultId,
			/// The site.
			site: SiteId,
		},
		/// A site was released from a vault.
		SiteReleased {
			/// The vault.
			vault: VaultId,
			/// The site.
			site: SiteId,
		},
		/// The owner drew KWH, which were minted.
		Drawn {
			/// The vault.
			vault: VaultId,
			/// KWH minted to the owner.
			amount: Balance,
			/// The vault's debt before.
			old_debt: Balance,
			/// The vault's debt after.
			new_debt: Balance,
		},
		/// Somebody repaid debt; the KWH were burnt.
		Repaid {
			/// The vault.
			vault: VaultId,
			/// Who paid.
			by: T::AccountId,
			/// KWH burnt.
			amount: Balance,
			/// The vault's debt before.
			old_debt: Balance,
			/// The vault's debt after.
			new_debt: Balance,
		},
		/// Revenue retired debt; the KWH were burnt.
		Retired {
			/// The vault.
			vault: VaultId,
			/// Whose KWH were burnt.
			from: T::AccountId,
			/// KWH burnt.
			amount: Balance,
			/// The vault's debt before.
			old_debt: Balance,
			/// The vault's debt after.
			new_debt: Balance,
		},
		/// The chain's first timestamp is known: declared energy fades from here on.
		DeclaredEnergyFades {
			/// That timestamp.
			since: Moment,
		},
	}

	/// Why a call failed. A failed call changes nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// No such vault.
		UnknownVault,
		/// Only the vault's owner may do this.
		NotOwner,
		/// An amount of zero.
		ZeroAmount,
		/// All vault ids are used up.
		TooManyVaults,
		/// The vault's collateral would be neither zero nor at least the reserve token's minimum balance.
		CollateralDust,
		/// The vault has less collateral than that.
		NotEnoughCollateral,
		/// The collateral would be worth less than the mint ratio times the debt.
		CollateralTooLow,
		/// The debt would be more than the advance on the attested energy.
		EnergyTooLow,
		/// A price is missing: too few fresh feeds.
		NoPrice,
		/// The debt would be neither zero nor at least the minimum debt.
		BelowMinDebt,
		/// The debt of all vaults together would exceed the ceiling.
		CeilingReached,
		/// The vault has no debt.
		NoDebt,
		/// The vault has debt; repay it first.
		DebtOutstanding,
		/// No such site.
		UnknownSite,
		/// Only the site's owner may pledge it.
		NotSiteOwner,
		/// The vault has as many sites as it may have.
		TooManySites,
		/// The site is not pledged to this vault.
		SiteNotPledged,
	}

	/// The vaults with which the chain begins. See [`GenesisVault`]. Building fails, and with it the chain spec, if anything
	/// about them does not hold that would have to hold for a draw, prices included; the debt ceiling binds draws only.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// In the order of their ids.
		pub vaults: Vec<GenesisVault<T::AccountId>>,
		/// Price of one kWh in the quote currency, to check the vaults' collateral cover with; used for nothing else. Not
		/// needed without vaults.
		pub reference_price: Price,
		/// Price of one whole reserve token in the same currency, likewise.
		pub collateral_price: Price,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(&self.vaults, self.reference_price, self.collateral_price);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::note_first_timestamp()
		}

		fn integrity_test() {
			use fungible::Inspect;
			assert!(
				T::CollateralDecimals::get() <= 38,
				"CollateralDecimals: 10^39 does not fit a balance"
			);
			assert!(
				T::MintRatio::get() >= FixedU128::from_u32(1),
				"MintRatio: must be at least 1"
			);
			assert!(
				T::AdvanceRate::get() > Permill::zero(),
				"AdvanceRate: must be more than zero"
			);
			assert!(T::DeclaredWindow::get() > 0, "DeclaredWindow: must be more than zero");
			assert!(
				T::VaultDeposit::get() >= T::Kwh::minimum_balance(),
				"VaultDeposit: must be at least the minimum balance, or an empty account could not get it back"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Opens an empty vault.
		///
		/// ## Dispatch Origin
		///
		/// Signed. The signer owns the vault.
		///
		/// ## Details
		///
		/// Puts the vault deposit, in KWH, on hold, and leaves the signer at least the minimum balance besides.
		///
		/// ## Errors
		///
		/// `Token::FundsUnavailable` if the signer cannot spare the deposit; [`Error::TooManyVaults`].
		///
		/// ## Events
		///
		/// [`Event::VaultOpened`], with the new id.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::open())]
		pub fn open(origin: OriginFor<T>) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_open(owner)
		}

		/// Moves `amount` base units of the reserve token into a vault.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anybody, who pays. The tokens become the vault owner's.
		///
		/// ## Details
		///
		/// The payer is left with nothing of the token or with at least its minimum balance.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::ZeroAmount`], [`Error::CollateralDust`]; the token's errors if the payer has not
		/// that much to spend.
		///
		/// ## Events
		///
		/// [`Event::CollateralDeposited`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(origin: OriginFor<T>, vault: VaultId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let from = ensure_signed(origin)?;
			Self::do_deposit(&from, vault, amount)
		}

		/// Pledges a certified site, whose attested energy then counts for the vault.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the owner of both the vault and the site.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::UnknownSite`], [`Error::NotSiteOwner`],
		/// [`Error::TooManySites`]; the site registry's errors if the site is not certified or pledged already.
		///
		/// ## Events
		///
		/// [`Event::SitePledged`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::pledge_site())]
		pub fn pledge_site(origin: OriginFor<T>, vault: VaultId, site: SiteId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_pledge_site(&owner, vault, site)
		}

		/// Releases a pledged site.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the vault's owner.
		///
		/// ## Details
		///
		/// Only while the debt stays within the energy cover of what remains, or without debt. Needs no price.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::SiteNotPledged`], [`Error::EnergyTooLow`].
		///
		/// ## Events
		///
		/// [`Event::SiteReleased`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::release_site(T::MaxSites::get()))]
		pub fn release_site(origin: OriginFor<T>, vault: VaultId, site: SiteId) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let sites = Self::do_release_site(&owner, vault, site)?;
			Ok(Some(T::WeightInfo::release_site(sites)).into())
		}

		/// Draws `amount` base units of KWH against a vault: they are minted to its owner, and owed by the vault.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the vault's owner.
		///
		/// ## Details
		///
		/// Both covers must hold after the draw, and both prices must be known.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::ZeroAmount`], [`Error::BelowMinDebt`],
		/// [`Error::CeilingReached`], [`Error::EnergyTooLow`], [`Error::NoPrice`], [`Error::CollateralTooLow`], checked in this
		/// order.
		///
		/// ## Events
		///
		/// [`Event::Drawn`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::draw(T::MaxSites::get()))]
		pub fn draw(
			origin: OriginFor<T>,
			vault: VaultId,
			#[pallet::compact] amount: Balance,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let sites = Self::do_draw(&owner, vault, amount)?;
			Ok(Some(T::WeightInfo::draw(sites)).into())
		}

		/// Repays up to `amount` base units of a vault's debt out of the signer's KWH, which are burnt.
		///
		/// ## Dispatch Origin
		///
		/// Signed by anybody.
		///
		/// ## Details
		///
		/// Burns min(`amount`, debt), so that too large an amount repays all. What is left is zero or at least the minimum debt.
		/// The payer is left with no free KWH or with at least the minimum balance. Needs no price and no cover.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::ZeroAmount`], [`Error::NoDebt`], [`Error::BelowMinDebt`];
		/// `Token::FundsUnavailable` if the signer has not that much to spend.
		///
		/// ## Events
		///
		/// [`Event::Repaid`], with what was burnt.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::repay())]
		pub fn repay(origin: OriginFor<T>, vault: VaultId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let by = ensure_signed(origin)?;
			Self::do_repay(by, vault, amount)
		}

		/// Takes `amount` base units of the reserve token out of a vault, to its owner.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the vault's owner.
		///
		/// ## Details
		///
		/// With debt, the collateral cover must hold after the withdrawal, and both prices must be known. Without debt anything
		/// may be taken. What stays is nothing or at least the token's minimum balance.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::ZeroAmount`], [`Error::NotEnoughCollateral`],
		/// [`Error::CollateralDust`], [`Error::NoPrice`], [`Error::CollateralTooLow`]; the token's errors if the owner's account
		/// cannot receive it.
		///
		/// ## Events
		///
		/// [`Event::CollateralWithdrawn`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, vault: VaultId, #[pallet::compact] amount: Balance) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_withdraw(&owner, vault, amount)
		}

		/// Closes a vault without debt, and gives back everything it holds.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the vault's owner.
		///
		/// ## Details
		///
		/// Collateral goes to the owner, the sites are released, the deposit comes off hold. Declared energy is given up.
		///
		/// ## Errors
		///
		/// [`Error::UnknownVault`], [`Error::NotOwner`], [`Error::DebtOutstanding`]; the token's errors if the owner's account
		/// cannot receive it.
		///
		/// ## Events
		///
		/// [`Event::SiteReleased`] for each site, [`Event::VaultClosed`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::close(T::MaxSites::get()))]
		pub fn close(origin: OriginFor<T>, vault: VaultId) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let sites = Self::do_close(&owner, vault)?;
			Ok(Some(T::WeightInfo::close(sites)).into())
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
	}
}

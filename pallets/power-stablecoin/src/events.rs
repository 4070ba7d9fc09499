//! What the pallet tells the world.

use frame_support::pallet_macros::pallet_section;

/// What the pallet tells the world.
#[pallet_section]
mod events {
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
			/// Its type of collateral.
			token: TokenId,
			/// KWH put on hold.
			deposit: Balance,
		},
		/// A vault was closed, and what it held was given back to its owner.
		VaultClosed {
			/// Its id.
			vault: VaultId,
			/// Who owned it.
			owner: T::AccountId,
			/// Collateral given back.
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
			/// KWH minted to revenue: seven days' interest. Part of the new debt.
			fee: Balance,
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
		/// Interest of whole hours was charged to all vaults of a type.
		InterestCharged {
			/// The type.
			token: TokenId,
			/// How many hours.
			hours: u32,
			/// KWH added to the debt.
			amount: Balance,
			/// The part of it that was minted to revenue; the rest cancelled shortfall.
			minted: Balance,
		},
		/// KWH were locked for redemption.
		RedemptionRequested {
			/// Its id.
			request: u64,
			/// Whose KWH.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A redemption took collateral out of a type.
		Redeemed {
			/// Its id.
			request: u64,
			/// The type.
			token: TokenId,
			/// KWH burnt.
			burnt: Balance,
			/// Collateral paid to the holder, the fee taken off.
			out: Balance,
			/// The fee rate.
			fee: Perquintill,
		},
		/// A vault paid for a redemption.
		VaultRedeemed {
			/// The vault.
			vault: VaultId,
			/// Debt that the redemption paid off.
			burnt: Balance,
			/// Collateral that left the vault.
			collateral: Balance,
		},
		/// A redemption is over; KWH that were not redeemed are free again.
		RedemptionEnded {
			/// Its id.
			request: u64,
			/// Whose it was.
			who: T::AccountId,
			/// KWH taken off hold without being redeemed.
			released: Balance,
			/// Why it ended.
			reason: EndReason,
		},
		/// Collateral could not be paid to an account; it may claim it.
		PayoutOwed {
			/// The token.
			token: TokenId,
			/// Whose it is.
			who: T::AccountId,
			/// How much.
			amount: Balance,
			/// The redemption that it was to be paid for; `None` for what was cashed out after a shutdown.
			redemption: Option<u64>,
		},
		/// Collateral that was owed to an account was paid.
		PayoutClaimed {
			/// The token.
			token: TokenId,
			/// Whose it was.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// Collateral that fees had earned was paid to revenue.
		RevenueSwept {
			/// The token.
			token: TokenId,
			/// How much.
			amount: Balance,
		},
		/// A vault was liquidated. What it still holds is its owner's.
		Liquidated {
			/// The vault.
			vault: VaultId,
			/// Debt it is rid of.
			debt: Balance,
			/// The part of the debt that the backstop pool burnt.
			offset: Balance,
			/// The part that the other vaults of the type owe now.
			redistributed: Balance,
			/// The part that nobody owes now.
			lost: Balance,
			/// Collateral taken from it.
			seized: Balance,
			/// Collateral left to its owner.
			surplus: Balance,
		},
		/// KWH came into a backstop pool.
		PoolDeposited {
			/// The type.
			token: TokenId,
			/// Whose KWH.
			who: T::AccountId,
			/// How much.
			amount: Balance,
			/// The price from which it counts.
			counts_from: u64,
		},
		/// Notice was given of a withdrawal from a backstop pool.
		PoolNoticeGiven {
			/// The type.
			token: TokenId,
			/// Who gave it.
			who: T::AccountId,
			/// The most that will be withdrawn.
			amount: Balance,
			/// The first price at which it can be.
			opens: u64,
			/// The first price at which it cannot any more.
			lapses: u64,
		},
		/// KWH left a backstop pool.
		PoolWithdrawn {
			/// The type.
			token: TokenId,
			/// Whose KWH.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// Collateral that a pool deposit had earned was paid.
		PoolClaimed {
			/// The type.
			token: TokenId,
			/// Whose deposit.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A token became a type of collateral.
		TypeAdded {
			/// The token.
			token: TokenId,
			/// What it is governed by.
			params: TypeParams,
		},
		/// A type is governed otherwise from now on.
		ParamsChanged {
			/// The type.
			token: TokenId,
			/// How it was governed.
			old: TypeParams,
			/// How it is.
			new: TypeParams,
		},
		/// A type was marked as impaired, or restored.
		ImpairmentChanged {
			/// The type.
			token: TokenId,
			/// Whether it is impaired now.
			impaired: bool,
		},
		/// The breaker moved.
		BreakerMoved {
			/// Where it was.
			old: BreakerLevel,
			/// Where it is.
			new: BreakerLevel,
		},
		/// A vault was found without enough energy cover, or with enough again.
		CoverChecked {
			/// The vault.
			vault: VaultId,
			/// KWH without cover.
			uncovered: Balance,
			/// Open time at which its cure period ends; `None` if it is covered.
			cure_until: Option<Moment>,
		},
		/// A cure period ended: from now on the vault is wound down by redemption.
		WindDownBegun {
			/// The vault.
			vault: VaultId,
			/// KWH without cover.
			uncovered: Balance,
		},
		/// The chain's first timestamp is known: declared energy fades from here on.
		DeclaredEnergyFades {
			/// That timestamp.
			since: Moment,
		},
		/// The system was shut down: prices are frozen, vaults are swept, and then holders are paid out.
		ShutDownBegun {
			/// When.
			at: Moment,
		},
		/// A vault was swept after the shutdown. What it still holds is its owner's.
		VaultSwept {
			/// The vault.
			vault: VaultId,
			/// Debt it is rid of.
			debt: Balance,
			/// Collateral taken from it, for the holders of KWH.
			seized: Balance,
			/// Collateral left to its owner.
			surplus: Balance,
		},
		/// A holder was paid out of one type after the shutdown.
		CashedOut {
			/// Who.
			who: T::AccountId,
			/// The type.
			token: TokenId,
			/// KWH burnt.
			burnt: Balance,
			/// Collateral paid.
			out: Balance,
		},
	}
}

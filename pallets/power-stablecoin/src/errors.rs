//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// Why a call fails.
#[pallet_section]
mod errors {
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
		/// The vault has less collateral than that.
		NotEnoughCollateral,
		/// The collateral would be worth less than the mint ratio times the debt.
		CollateralTooLow,
		/// The debt would be more than the advance on the attested energy.
		EnergyTooLow,
		/// A price is missing: too few fresh feeds.
		NoPrice,
		/// The debt would be neither zero nor at least the minimum debt, or is below it while collateral is to be taken out.
		BelowMinDebt,
		/// The debt of the type would exceed its ceiling, or its share of all debt, or what has refilled.
		CeilingReached,
		/// More would be drawn than the issuance fuse lets through today.
		FuseBlown,
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
		/// The token is no type of collateral.
		UnknownType,
		/// The token is a type of collateral already.
		TypeExists,
		/// There are as many types of collateral as there may be.
		TooManyTypes,
		/// The token has no decimals that are known, or more than 24, or an id of 2^31 or more, which no price feed can have.
		UnknownToken,
		/// The pallet's account does not hold the minimum balance of the token, or of KWH, of its own: send it that first.
		AccountNotFunded,
		/// A parameter is out of bounds.
		ParamsOutOfBounds,
		/// A parameter changes by more than one change may.
		StepTooLong,
		/// The parameters were changed less than a day ago.
		ChangedTooSoon,
		/// The type is impaired.
		Impaired,
		/// The breaker does not let this through now.
		BreakerOpen,
		/// A guardian can only tighten; an administrator can only loosen.
		WrongDirection,
		/// The riskiest vault of the type awaits liquidation, which comes first.
		UnsafeFront,
		/// Nothing is unsafe, or nothing waits.
		NothingToDo,
		/// Nothing is liquidated during the owners' grace after a stop.
		Grace,
		/// Units of debt have too few shares left: the type takes no new debt.
		SharesExhausted,
		/// Less than the smallest redemption.
		RedemptionTooSmall,
		/// As many redemptions wait as may.
		QueueFull,
		/// No such redemption, or it is somebody else's.
		UnknownRedemption,
		/// The redemption has begun to execute.
		RedemptionBegun,
		/// A token is named twice.
		DuplicateToken,
		/// Deposits wait for as many prices as can be remembered; try again after the next.
		TooManyWaiting,
		/// The account has nothing in this pool.
		UnknownDeposit,
		/// No notice was given, it is too early for it, or it has lapsed.
		NoOpenNotice,
		/// A number would leave its width: no amount in practice comes near it.
		BeyondWidth,
		/// The record of a round is missing.
		UnknownRound,
		/// Less than the least fee that there can be, 0.5 %.
		MaxFeeTooLow,
		/// A type's price moved and is not confirmed yet: what is frozen now would be frozen for good.
		PriceMoves,
		/// Less than the least redemption is not taken into a pool.
		PoolDepositTooSmall,
		/// A guardian's mark on the type lapsed; there is no other until administrators have taken it away.
		MarkLapsed,
		/// The system was shut down: this is over.
		ShutDown,
		/// The system was not shut down.
		NotShutDown,
		/// Vaults are still being swept; `sweep_vaults` hastens it.
		NotSwept,
	}

	impl<T> From<books::Error> for Error<T> {
		fn from(error: books::Error) -> Self {
			match error {
				books::Error::NothingToDo => Error::ZeroAmount,
				books::Error::NoDebt => Error::NoDebt,
				books::Error::Insufficient => Error::NotEnoughCollateral,
				books::Error::BelowMinimumDebt => Error::BelowMinDebt,
				books::Error::BelowMintRatio => Error::CollateralTooLow,
				books::Error::UnsafeFront => Error::UnsafeFront,
				books::Error::Safe => Error::NothingToDo,
				books::Error::Overflow => Error::BeyondWidth,
				books::Error::SharesExhausted => Error::SharesExhausted,
				books::Error::TooManyWaiting => Error::TooManyWaiting,
				books::Error::NoOpenNotice => Error::NoOpenNotice,
				books::Error::UnknownRound => Error::UnknownRound,
			}
		}
	}
}

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
		/// The debt would be neither zero nor at least the minimum debt (the constant `MinDebt`, 1 KWH), or is below it while
		/// collateral is to be taken out.
		BelowMinDebt,
		/// The debt of the type would exceed its ceiling.
		CeilingReached,
		/// The type would owe more than its share of all debt.
		ShareReached,
		/// More would be drawn than the type's ceiling has refilled by now; it refills evenly over a day.
		NotRefilled,
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
		/// The mint ratio must be from 110 % to 1000 %.
		MintRatioOutOfBounds,
		/// The liquidation ratio must be from 105 % to 900 %.
		LiquidationRatioOutOfBounds,
		/// The mint ratio must be at least 5 points above the liquidation ratio.
		RatiosTooClose,
		/// The penalty must be at most 20 %, and debt and penalty at most the liquidation ratio.
		PenaltyOutOfBounds,
		/// The interest must be at most 20 % a year.
		InterestOutOfBounds,
		/// BLD may vouch for 10 % of all debt at most.
		ShareOutOfBounds,
		/// A ratio or the penalty may change by at most 5 points at once.
		RatioStepTooLong,
		/// The interest may change by at most 1 point at once.
		InterestStepTooLong,
		/// The share of all debt may change by at most 10 points at once.
		ShareStepTooLong,
		/// A ceiling or a refill may double at most at once, or grow to 1,000,000 KWH.
		LimitStepTooLong,
		/// The parameters were changed less than a day ago, or a liquidation ratio that is to rise further was raised and is not in
		/// force yet.
		ChangedTooSoon,
		/// The type is impaired.
		Impaired,
		/// The type is not marked as impaired.
		NotImpaired,
		/// The breaker does not let this through now.
		BreakerOpen,
		/// A guardian can only tighten; an administrator can only loosen.
		WrongDirection,
		/// The riskiest vault of the type awaits liquidation, which comes first.
		UnsafeFront,
		/// No vault of the type is below the liquidation ratio.
		NothingUnsafe,
		/// No redemption waits, or the first one waits: for a price observed after it, or for a liquidation.
		NothingDue,
		/// The vault's energy cover holds, and no cure period runs that would end.
		CoverHolds,
		/// The vault's cure period is not over, and its energy cover does not hold yet.
		CurePeriodRuns,
		/// The vault is being wound down already, by as much as it lacks now.
		WindDownRuns,
		/// Nothing is liquidated during the owners' grace after a stop.
		Grace,
		/// Units of debt have too few shares left: the type takes no new debt.
		SharesExhausted,
		/// Less than the smallest redemption (the constant `MinRedemption`, 1 KWH).
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
		/// Nothing of the deposit counts: it waits for a price, or it was used up.
		NothingCounts,
		/// The deposit has earned no collateral that was not claimed.
		NothingEarned,
		/// No notice of a withdrawal was given.
		NoOpenNotice,
		/// The notice is not open yet: a withdrawal waits for the fourth price after its notice.
		NoticeTooEarly,
		/// The notice has lapsed, 48 prices after it opened: give notice anew.
		NoticeLapsed,
		/// Nothing is owed to the account in this token.
		NothingOwed,
		/// Fees have earned no collateral of this type that was not swept.
		NoRevenue,
		/// A number would leave its width: no amount in practice comes near it.
		BeyondWidth,
		/// The record of a round is missing.
		UnknownRound,
		/// Less than the least fee that there can be, 0.5 %.
		MaxFeeTooLow,
		/// A type's price moved and is not confirmed yet: what is frozen now would be frozen for good.
		PriceMoves,
		/// Less than the smallest pool deposit: that of the smallest redemption (the constant `MinRedemption`, 1 KWH).
		PoolDepositTooSmall,
		/// A guardian's mark on the type lapsed; there is no other until administrators have taken it away.
		MarkLapsed,
		/// The system was shut down: this is over.
		ShutDown,
		/// The system was not shut down.
		NotShutDown,
		/// Vaults are still being swept; `sweep_vaults` hastens it.
		NotSwept,
		/// All vaults are swept.
		AllSwept,
	}

	impl<T> From<Unsound> for Error<T> {
		fn from(bound: Unsound) -> Self {
			match bound {
				Unsound::MintRatio => Error::MintRatioOutOfBounds,
				Unsound::LiquidationRatio => Error::LiquidationRatioOutOfBounds,
				Unsound::Gap => Error::RatiosTooClose,
				Unsound::Penalty => Error::PenaltyOutOfBounds,
				Unsound::Interest => Error::InterestOutOfBounds,
				Unsound::Share => Error::ShareOutOfBounds,
			}
		}
	}

	impl<T> From<LongStep> for Error<T> {
		fn from(step: LongStep) -> Self {
			match step {
				LongStep::Ratio => Error::RatioStepTooLong,
				LongStep::Interest => Error::InterestStepTooLong,
				LongStep::Share => Error::ShareStepTooLong,
				LongStep::Limit => Error::LimitStepTooLong,
			}
		}
	}

	impl<T> Error<T> {
		/// An error of the books, of which `nothing` says what there is nothing of.
		pub(crate) fn or(nothing: Self) -> impl FnOnce(books::Error) -> Self {
			|error| match error {
				books::Error::NothingToDo => nothing,
				error => error.into(),
			}
		}
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
				books::Error::Safe => Error::NothingUnsafe,
				books::Error::Overflow => Error::BeyondWidth,
				books::Error::SharesExhausted => Error::SharesExhausted,
				books::Error::TooManyWaiting => Error::TooManyWaiting,
				books::Error::NoOpenNotice => Error::NoOpenNotice,
				books::Error::UnknownRound => Error::UnknownRound,
			}
		}
	}
}

//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// Why a call fails.
#[pallet_section]
mod errors {
	/// Why a call failed. A failed call changes nothing.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such agreement.
		UnknownAgreement,
		/// The caller is not the party that may do this.
		NotParty,
		/// The proposer cannot accept its own proposal.
		NotCounterparty,
		/// Only the agreement's resolver may do this.
		NotResolver,
		/// Only the seller's lender may do this.
		NotLender,
		/// The agreement is not at a stage where this is possible.
		WrongStatus,
		/// What is named is not what is on the table: the hash is another one.
		ContractMismatch,
		/// The amount is zero.
		ZeroAmount,
		/// The number of steps is zero or too high.
		BadSteps,
		/// All ids are used up.
		IdsExhausted,

		/// Registers: none is billed, or one is named twice.
		ContradictoryRegisters,
		/// Tariff: not one price per register, a floor above the cap, or a price out of bounds.
		ContradictoryTariff,
		/// Escalator: prices would fall to nothing or grow out of bounds within the term.
		ContradictoryEscalator,
		/// Term: no months, or more than 1,200.
		ContradictoryTerm,
		/// Operation: nothing to prove it by, a longstop before the target or more than five years after it, or a delay with a
		/// price but no cap or a cap but no price.
		ContradictoryOperation,
		/// Excess: a price beyond a contracted quantity, and no quantity.
		ContradictoryExcess,
		/// Take or pay: more than the whole, no contracted quantity, or no reference price.
		ContradictoryTakeOrPay,
		/// Make-up: more than 15 years, or no take or pay.
		ContradictoryMakeUp,
		/// Guarantee: more than the whole, no contracted quantity, damages without a guarantee or a guarantee without damages.
		ContradictoryGuarantee,
		/// Outage: more than 24 estimates, estimates of nothing expected or of more than the whole, what is final before its
		/// grace is over, or a wait of more than five years.
		ContradictoryOutage,
		/// Payment: a wait of more than five years.
		ContradictoryPayment,
		/// Nameplate: more than 10^12 W.
		ContradictoryNameplate,
		/// Security: months of an expected bill, and nothing expected, or more than 1,200 of them.
		ContradictorySecurity,
		/// Dispute: a share of more than the whole, or a timeout of more than five years.
		ContradictoryDispute,
		/// Termination: a share of more than the whole, or a price that no months, no energy or no reference price make
		/// nothing of.
		ContradictoryTermination,
		/// Cuts: a share of more than the whole, or an attestors' fee that nothing may be cut for.
		ContradictoryCuts,

		/// Seller and buyer, or who acts for them, are the same account.
		SelfDealing,
		/// The payee is the account of an agreement, from which nobody could take the money.
		BadPayee,
		/// The resolver is a party, acts or receives for one, or is the lender.
		BadResolver,
		/// The lender is a party or the resolver.
		BadLender,
		/// The longstop of the conditions is past, or more than five years ahead.
		BadConditions,
		/// The lender's notice, or its extension, is longer than permitted.
		BadLenderClause,
		/// The start, or the target of operation, lies too far back or ahead.
		BadStart,
		/// The attestors' fee, or their largest share of a payment, is out of the chain's bounds.
		BadAttestorFee,
		/// The meter does not stand at a site of the seller's.
		NotMeterOwner,
		/// The meter only checks another one, whose energy is the same.
		CheckMeter,
		/// The meter has no such register.
		UnknownRegister,
		/// Two of the registers count the same energy: a total and its tariff band.
		SameEnergyTwice,
		/// Months would be estimated before the meter's readings can be final: the grace is shorter than its challenge window.
		GraceBelowWindow,
		/// The tariff follows an index, and no feed is named.
		FeedMissing,
		/// A feed is named, and the tariff follows none.
		FeedUnused,
		/// There is a sweep, and no vault is named.
		VaultMissing,
		/// The vault is not the seller's.
		NotVaultOwner,

		/// The conditions are not met: escrow, security or bond hold less than agreed.
		ConditionsNotMet,
		/// The longstop of the conditions is not past.
		LongstopNotReached,
		/// The longstop of the conditions is past: the agreement can only be cancelled.
		ConditionsExpired,
		/// The meter has proven operation already, or may yet prove it for a month that lies too far back.
		OperationPast,
		/// Another agreement bills some of these registers together with others, or registers that count the same energy.
		RegistersOverlap,
		/// The agreements on these registers would share more than the whole.
		SharesExceedWhole,
		/// A priority would take from agreements that have a percentage of these registers. Priorities come first.
		PriorityTakes,
		/// The energy of the first months was given to agreements that are over.
		MonthBilled,
		/// The month has begun: what is billed of it cannot change any more.
		MonthBegun,
		/// Too many agreements share the meter.
		TooManyShares,

		/// More events are due than this call plays. Settle first.
		Behind,
		/// Nothing is due.
		NothingToSettle,
		/// A bucket, or the open part of the bill, holds less than that; for a buy-out, the escrow less than it and all that is
		/// open.
		Short,
		/// There is nothing to do this with.
		Nothing,
		/// There is no room for another one.
		Full,
		/// The clock is already further.
		Past,
		/// A month's registers are not known.
		NoBoundary,
		/// The period is billed already, or not of the term.
		NoSuchPeriod,
		/// No such bill is open or disputed.
		NoSuchBill,
		/// The bill is disputed already.
		Disputed,
		/// A share of more than the whole.
		BadRatio,
		/// The agreement is over.
		Closed,
		/// Operation is not proven.
		NotActive,
		/// The agreement ends early already.
		Ended,
		/// The condition for this is not met: the other party is not in default.
		NotEntitled,
		/// Delivery is suspended already.
		Suspended,
		/// Delivery is not suspended.
		NotSuspended,
		/// A number does not fit.
		Overflow,

		/// A change is asked for already; agree to it or drop it first.
		RequestPending,
		/// No change is asked for.
		NothingRequested,
		/// Other clauses were agreed on for a month that has begun and is not billed yet; wait until it is.
		AmendmentPending,
		/// This clause cannot be changed so.
		NotAmendable,

		/// No lender is assigned.
		NoLender,
		/// A lender is assigned already.
		HasLender,
		/// The seller is in default: it cannot assign its rights before that is cured.
		InDefault,
		/// The lender was not told of this default.
		LenderNotNotified,
		/// The lender was told of this default before.
		LenderKnows,
		/// The lender's time to cure the default is not over.
		LenderNoticeRunning,
		/// The lender has stepped in before.
		SteppedInBefore,

		/// Nothing is waiting to be claimed.
		NothingToClaim,
		/// What is waiting still cannot be received.
		CannotReceive,
		/// Something is still due to somebody.
		StillOwes,
		/// It is too early for this.
		TooEarly,

		/// No agreement follows this feed.
		UnknownFeed,
		/// Too many feeds are sampled.
		TooManyFeeds,
		/// The feed has no price now, or one out of bounds.
		NoPrice,
		/// The month is not over, or for less than a day, in which its feed can still tell its index.
		MonthNotOver,
		/// The index of the month is known.
		IndexKnown,
		/// No bill waits for an index.
		IndexNotMissing,
	}

	impl<T> From<Refusal> for Error<T> {
		fn from(refusal: Refusal) -> Self {
			match refusal {
				Refusal::Overflow => Self::Overflow,
				Refusal::Short => Self::Short,
				// The payee's claims are followed outside of billing, which never sees it blocked.
				Refusal::Nothing | Refusal::Blocked => Self::Nothing,
				Refusal::Full => Self::Full,
				Refusal::BadTerms => Self::ContradictoryTariff,
				Refusal::BadShares => Self::SharesExceedWhole,
				Refusal::BadRatio => Self::BadRatio,
				Refusal::OutOfOrder | Refusal::Past => Self::Past,
				Refusal::Behind => Self::Behind,
				Refusal::Closed => Self::Closed,
				Refusal::NotActive => Self::NotActive,
				Refusal::NoBoundary => Self::NoBoundary,
				Refusal::NoSuchPeriod => Self::NoSuchPeriod,
				Refusal::NoSuchBill => Self::NoSuchBill,
				Refusal::Disputed => Self::Disputed,
				Refusal::Ended => Self::Ended,
				Refusal::NotEntitled => Self::NotEntitled,
				Refusal::Suspended => Self::Suspended,
				Refusal::NotSuspended => Self::NotSuspended,
			}
		}
	}
}

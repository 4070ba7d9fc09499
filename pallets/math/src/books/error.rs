//! Why a step on the books is refused.

/// A step was refused. Its inputs are as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
	/// The amount is zero, or nothing would move.
	NothingToDo,
	/// A number would leave its width. The books hold no value near it in practice.
	Overflow,
	/// Nobody owes anything on these books, so there is no ratio to speak of.
	NoDebt,
	/// More collateral, deposit or debt was asked for than there is.
	Insufficient,
	/// The vault would be left with some debt, but less than the least that an owner may owe.
	BelowMinimumDebt,
	/// The vault would be left below the ratio that issuing needs.
	BelowMintRatio,
	/// The riskiest vault awaits liquidation, and what was asked for waits for it.
	UnsafeFront,
	/// The vault is at or above the liquidation ratio.
	Safe,
	/// A unit of debt has too few shares left to be divided further: these books take no new debt.
	SharesExhausted,
	/// The deposit already waits for as many rounds as can be remembered.
	TooManyWaiting,
	/// No notice was given, it is too early for it, or it has lapsed.
	NoOpenNotice,
	/// The pool's record of a round that a deposit waited for is missing.
	UnknownRound,
}

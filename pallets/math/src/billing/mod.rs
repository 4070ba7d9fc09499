//! Billing of a power purchase agreement, in exact integer steps.
//!
//! # In plain words
//!
//! A *seller* delivers energy through a meter, a *buyer* pays for it out of an *escrow*. Every calendar month, in UTC, is a
//! *period*, twelve of them a *contract year*. When the registers at the month's end are known, the month is billed: the
//! agreement's share of what each register rose by ([`shares`]), times a price ([`tariff`]), with the contracted quantities
//! watched over the year ([`volume`]). A bill falls due some days after its issue and is then paid out of the escrow
//! ([`payment`]). Until then the buyer may dispute it ([`dispute`]). If the meter is silent, the month is *estimated*, which
//! only reserves money ([`estimate`]); if a price index is late, an earlier one is used and corrected ([`bill`]).
//!
//! If the escrow is too small, the rest is in *arrears* and bears interest. After a grace the buyer is *delinquent*, and its
//! *security* pays ([`arrears`]). What the seller comes to owe, for energy or delay, is set off against bills, or paid by
//! its *bond*. Either party's default lets the other end the agreement ([`termination`]). At the close everybody gets back
//! what is theirs; a claim that nothing was left for stays recorded.
//!
//! # Nobody gains by settling early, late or often
//!
//! Anyone may settle an agreement at any time. Settling plays the events that were due before now, in one fixed order, on
//! what was known at each one's time ([`events`], [`settle`]). So the result depends only on what the parties did and when,
//! and on the readings and observations and when they became known, never on who settles or how often.
//!
//! # Units and rounding
//!
//! Energy is in whole Wh, money in base units, prices are in 10^-18 base units per Wh and may be negative, ratios in parts
//! per million, times in milliseconds. Divisions round down, toward minus infinity, except fees, dispute bonds, the
//! security's target and days of delay, which round up. Bills carry what does not fill a base unit to the next, so that all
//! bills together are rounded once; interest does the same. Sums that do not fit are refused, and a refused step changes
//! nothing.
//!
//! # Parts
//!
//! * [`calendar`]: UTC months. [`wide`]: products beyond 128 bits.
//! * [`sources`]: what meters and feeds tell, and since when it is known. [`shares`]: whose a meter's month is.
//! * [`terms`]: the clauses. [`clauses`]: which of them contradict each other. [`tariff`]: prices. [`volume`]: quantities,
//!   make-up bank, guarantee.
//! * [`ledger`]: whose the tokens are. [`agreement`]: the whole state. [`input`]: what parties do to it.
//! * [`events`]: what happens next. [`settle`]: playing it. [`bill`], [`charge`], [`estimate`], [`payment`], [`arrears`],
//!   [`dispute`], [`termination`]: what each event does.
//! * [`invoice`]: how a bill comes about, line by line. [`invariants`]: what is true at all times.

pub mod agreement;
pub mod arrears;
pub mod bill;
pub mod calendar;
pub mod charge;
pub mod clauses;
pub mod dispute;
pub mod estimate;
pub mod events;
pub mod input;
pub mod invariants;
pub mod invoice;
pub mod ledger;
pub mod payment;
pub mod settle;
pub mod shares;
pub mod sources;
pub mod tariff;
pub mod termination;
pub mod terms;
pub mod volume;
pub mod wide;

#[cfg(test)]
mod example;

pub use agreement::{Agreement, Ending, Status};
pub use calendar::{Moment, Month};
pub use clauses::Clause;
pub use input::{DeclaredAs, Input};
pub use invoice::Invoice;
pub use settle::Progress;
pub use sources::Sources;
pub use terms::Terms;

/// Base units of the currency.
pub type Money = u128;

/// 10^-18 base units per Wh. Can be negative.
pub type Price = i128;

/// Parts per million.
pub type Ppm = u32;

/// The whole, in parts per million.
pub const MILLION: u128 = 1_000_000;

/// A period's number: months since the agreement's first.
pub type Period = u32;

/// An agreement's name in share tables.
pub type AgreementId = u32;

/// Why something is refused. What is refused changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// A number does not fit.
	Overflow,
	/// There is less than that.
	Short,
	/// There is nothing to do it with.
	Nothing,
	/// No room for another one.
	Full,
	/// The clauses do not make sense together.
	BadTerms,
	/// A table that gives away more than there is.
	BadShares,
	/// A share of more than the whole.
	BadRatio,
	/// Not later than what came before.
	OutOfOrder,
	/// The agreement is already further.
	Past,
	/// Events before now have to be played first.
	Behind,
	/// The agreement is closed.
	Closed,
	/// Operation is not proven.
	NotActive,
	/// A source lacks a boundary that it must have.
	NoBoundary,
	/// The period is billed, or not of the term.
	NoSuchPeriod,
	/// No such bill is open or disputed.
	NoSuchBill,
	/// The bill is already disputed.
	Disputed,
	/// The agreement already ends early.
	Ended,
	/// The condition for ending it is not met.
	NotEntitled,
	/// Already suspended.
	Suspended,
	/// Not suspended.
	NotSuspended,
	/// The payee cannot receive.
	Blocked,
}

//! The books of a type of collateral: who owes how much KWH, what stands behind it, and what becomes of a vault that falls
//! short. Exact integer steps; the caller stores their results.
//!
//! # In a financier's words
//!
//! An owner puts collateral into a *vault* and draws KWH against it; what was drawn, and the interest, is the vault's debt.
//! Every KWH in circulation is owed by some vault, or has been counted as *shortfall*. Four things can happen to a debt:
//!
//! * its owner **repays** it, and takes the collateral back;
//! * a holder of KWH **redeems** against it: the holder's KWH burns, and the riskiest vault that can pays par in collateral, less
//!   a fee that rises with demand. The owner loses nothing but exposure: debt and collateral fall by the same value;
//! * the collateral falls in value, and the vault is **liquidated**: the *backstop pool*'s KWH burns in place of the owner's,
//!   and the depositors get the collateral with a penalty on top. What the pool cannot burn is redistributed to the other
//!   vaults, with the collateral; what they could not bear is shortfall, with its collateral in the *reserve*. The owner keeps
//!   what exceeds debt and penalty;
//! * **interest** accrues to it, which is issued to revenue, or cancels shortfall first.
//!
//! # Table of contents
//!
//! * [`totals`]: a type's totals, a vault's part of them; debt is added and removed.
//! * [`owner`]: deposit, draw, repay, withdraw, close.
//! * [`interest`]: hourly interest with its remainder carried.
//! * [`key`]: the order of the risk index, and whether a vault is below a ratio.
//! * [`redemption`]: one vault, or the reserve, pays a holder.
//! * [`fee`]: the rate of the redemption fee.
//! * [`liquidation`]: one vault's debt to the pool, to the others, to shortfall.
//! * [`pool`]: the backstop pool: what burns, and for what.
//! * [`marks`]: the pool's product and sums, in scales, and what a deposit is worth by them.
//! * [`depositor`]: a part of the pool, from deposit to withdrawal.
//! * [`terms`]: the price and what governance sets.
//! * [`wind_up`]: the end: every vault is swept, and the reserve is paid out to holders.
//! * [`error`]: why a step is refused.
//!
//! # How to drive them
//!
//! Each step takes the totals and one vault (or deposit) by reference and returns both as they are afterwards, or an error;
//! it costs the same however many vaults there are. The caller stores them, moves the vault in its sorted index, and moves
//! tokens by what the step's outcome says. It may run a step for each of a bounded number of vaults in a block; each step
//! leaves the books whole. At one price the order is: pool deposits begin to count, liquidations, redemptions, withdrawals from
//! the pool. Owners act in between, at any time.
//!
//! # What always holds
//!
//! With supply the KWH issued less the KWH burnt, as the outcomes say; the numbers are those of the checks in
//! `tests/books/invariants.rs`. Of a state:
//!
//! 1. supply = total debt + shortfall, exactly.
//! 2. The vaults' debts exceed the total debt by at least 0 and at most one unit for each indebted vault.
//! 3. The vaults' collateral is at most the total; collateral in less collateral out = total + pool + reserve + revenue, exactly;
//!    a reserve exists only with a shortfall.
//! 4. Every KWH is in a wallet, in revenue or in the pool.
//! 5. The deposits' claims, in KWH and in collateral, are at most what the pool holds, and what waits is exactly what they wait
//!    for.
//! 6. The risk index has the order of the exact ratios, and each indebted vault once, under its key.
//! 7. No shares, no debt and an empty index are one condition; the vaults' shares are all the shares.
//! 8. What was handed out per share, and the pool's product, are within their bounds; the pool keeps its last unit.
//!
//! Of a step:
//!
//! 9. A repayment or a redemption lowers the ratio of no other vault, but for the last unit of the books.
//! 10. A redemption leaves a vault no debt or at least the floor; it pays no more than par and than the vault owned, and its fee is
//!     within the cap.
//! 11. A liquidation accounts for all its debt and collateral; redistribution at most doubles what the others owe, and leaves
//!     shares fine enough.
//!
//! Divisions round against whoever gains by them: debts and fees up, claims and payments down. Extremes are errors, and an
//! error changes nothing.

pub mod depositor;
pub mod error;
pub mod fee;
pub mod interest;
pub mod key;
pub mod liquidation;
pub mod marks;
pub mod owner;
pub mod pool;
pub mod redemption;
pub mod terms;
pub mod totals;
mod wide;
pub mod wind_up;

pub use error::Error;

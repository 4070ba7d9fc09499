//! Pure functions of Baseload: integers in, integers out. No FRAME, no storage, no time of its own, so that every rule about
//! energy and money can be tested alone, against a naive model, and reused outside the chain.
//!
//! * [`billing`]: power purchase agreements, from registers to bills, arrears, defaults and the close.
//! * [`books`]: debt and collateral of vaults, redemption, liquidation and the backstop pool.
//! * [`calendar`]: UTC months.
//! * [`cover`]: attested energy of a site in rolling windows.
//! * [`plausibility`]: how far a register can move in a given time.
//! * [`integrator`]: power samples to cumulative registers, with no lost fraction.
//! * [`tariff`]: energy times price, with the sub-unit remainder carried.
//! * [`split`]: shares of a running total, so that many small payments split like one large one; and one amount cut by
//!   weights to the last unit.
//! * [`waterfall`]: who gets a project's revenue, in which order.
//! * [`ratio`]: whether collateral covers debt, decided without a rounded ratio.

#![cfg_attr(not(feature = "std"), no_std)]

pub mod billing;
pub mod books;
pub mod calendar;
pub mod cover;
pub mod integrator;
pub mod plausibility;
pub mod ratio;
pub mod split;
pub mod tariff;
pub mod waterfall;

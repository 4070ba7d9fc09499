//! Tests, one file per capability.

#![allow(clippy::unwrap_used)]

mod bonding;
mod evidence;
mod fuzz;
mod genesis;
mod invariants;
mod offences;
mod selection;
mod unbonding;

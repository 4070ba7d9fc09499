//! Billing as a whole: scenario files, independence of when anybody settles, and an exact model of every bill.

#![allow(clippy::unwrap_used)]

#[path = "../../examples/billing/parse.rs"]
mod parse;
#[path = "../../examples/billing/replay.rs"]
mod replay;
#[path = "../../examples/billing/state.rs"]
mod state;
#[path = "../../examples/billing/world.rs"]
mod world;

mod independence;
mod model;
mod random;
mod scenarios;

//! The stablecoin's books at work: scenarios, named situations, and random operations followed by an exact model.
#![allow(clippy::unwrap_used)]

mod extremes;
mod invariants;
#[path = "../../examples/books/ledger.rs"]
mod ledger;
mod model;
#[path = "../../examples/books/operation.rs"]
mod operation;
mod profile;
mod random;
#[path = "../../examples/books/replay.rs"]
mod replay;
#[path = "../../examples/books/scenario.rs"]
mod scenario;
mod scenario_files;
mod situations;
mod watched;

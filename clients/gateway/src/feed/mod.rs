//! An oracle operator's work: prices from files or web servers onto the chain, on schedule.
//!
//! ```text
//! inputs --values, observation times--> combine (bounds, age, agreement, largest move) --> one transaction
//! ```
//!
//! * [`config`]: the section `[feed]`.
//! * [`decimal`]: the numbers of a JSON text as exact prices.
//! * [`input`], [`web`]: asking one input.
//! * [`combine`]: from several answers to one price, or to why there is none: a pure function.
//! * [`feeder`]: all of it on schedule, until stopped; and which report is stale, the own one or the chain's.
//!
//! `docs/gateway-feed.md` says what the times mean.

pub mod combine;
pub mod config;
pub mod decimal;
pub mod feeder;
pub mod input;
pub mod web;

pub use feeder::run;
pub use input::check;

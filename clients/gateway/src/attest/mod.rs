//! An attestor's work: it compares the provisional readings of its meters with what its own, independent source saw, gives its
//! word for those that agree, disputes those that cannot be right, votes, and reports meters that cannot sign.
//!
//! ```text
//! own source --> journal (observations) --+
//!                                         +--> compare --> decide --> journal (what is about to be said) --> chain, vouchers
//! chain, newest final block --> docket ---+
//! ```
//!
//! * [`config`]: the section `[attest]`.
//! * [`own`]: what the own source saw, and between which counts a register must have stood at any time.
//! * [`compare`]: a reading against that, by rule.
//! * [`docket`]: what a block says about a meter's waiting readings, and what the account has said already.
//! * [`decide`]: from both to what is to be said: a pure function.
//! * [`report`]: what to report of a meter that cannot sign: a pure function too.
//! * [`journal`]: on disk before anything is signed, so that nothing contradictory ever is.
//! * [`papers`]: evidence and vouchers as files.
//! * [`watch`], [`search`]: reading the own sources, and final blocks for what devices signed.
//! * `examine`: one meter in one state; [`attestor`]: all of them, block by block, until stopped.
//!
//! `docs/gateway-attest.md` says what is guaranteed when two copies run, and what is not.

pub mod attestor;
pub mod compare;
pub mod config;
pub mod decide;
pub mod docket;
mod examine;
pub mod journal;
pub mod own;
pub mod papers;
pub mod report;
pub mod search;
pub mod watch;

pub use attestor::run;

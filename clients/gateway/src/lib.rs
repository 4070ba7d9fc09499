//! Carries meter readings to a Baseload chain: the parts of a plant's daemon between its meters and the chain.
//!
//! ```text
//! source --observations--> intake --readings, cursor--> outbox --batches--> courier --> chain
//!                        (signs what the meter does not)       <-- final registers --
//! ```
//!
//! * [`config`]: the one TOML file, read with precise errors.
//! * [`source`]: what meters say: CSV files, OCMF records, SunSpec over Modbus, SML.
//! * [`ocmf`]: records that meters sign, and the verdict on them.
//! * [`intake`]: from a source's observations to numbered, signed readings in the outbox.
//! * [`outbox`]: what is not final on the chain yet, on disk, through any crash.
//! * [`courier`]: carries the outbox to the chain; what it does next is a pure function of what is known.
//! * [`daemon`]: all meters together, until stopped.
//! * [`attest`], [`feed`]: what attestors and oracle operators run.
//! * [`state`], [`metrics`]: how each meter is doing, for `status` and for Prometheus.
//! * [`backlog`], [`submit`]: one file of power samples to the chain, once, without an outbox.
//!
//! A gateway needs no account and no balance.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod attest;
pub mod backlog;
pub mod config;
pub mod courier;
pub mod daemon;
pub mod feed;
pub mod intake;
pub mod logs;
pub mod metrics;
pub mod ocmf;
pub mod outbox;
pub mod source;
pub mod state;
pub mod stop;
pub mod submit;

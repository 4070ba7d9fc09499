//! Tests, one file per capability. The invariants are checked after every one of them.

mod attestors;
mod checks;
mod clock;
mod committees;
mod cover;
mod disputes;
mod finality;
mod flags;
mod frauds;
mod fuzz;
mod invariants;
mod keys;
mod meters;
mod months;
mod ocmf;
mod pay;
mod policy;
mod raw;
mod readings;
mod relay;
mod removal;
mod replacement;
mod services;
mod sites;
mod thresholds;
mod verdicts;

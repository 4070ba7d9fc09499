//! Carries meter readings to a Baseload chain.
//!
//! A plant's data logger says how much *power* flowed; the chain takes signed *cumulative registers*. In between:
//!
//! * [`source`]: reads power samples, strictly, and says file, line and what was expected when it refuses.
//! * [`backlog`]: turns samples into the readings that follow the meter's last one on the chain.
//! * [`submit`]: signs them with the device's key, sends them as feeless calls and waits until they are final.
//!
//! A gateway needs no account and no balance. It keeps nothing between runs: the chain's newest reading of the meter
//! says where to go on. The part of a Wh that a run has not counted by its end is not carried into the next run.

pub mod backlog;
pub mod source;
pub mod submit;

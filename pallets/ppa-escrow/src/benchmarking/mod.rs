//! Benchmarks: every function of [`WeightInfo`](crate::WeightInfo), each at its worst: an agreement as large as it gets, on a meter
//! that as many others share as can, with a full committee of attestors to pay, a cash sweep, and payments that create the
//! accounts they go to.
//!
//! * [`benches`]: the benchmarks, a few lines each. * [`state`]: agreements to start from.

mod benches;
mod state;

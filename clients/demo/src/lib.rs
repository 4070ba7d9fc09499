//! One real day of a photovoltaic plant, from the meter to the paid bill, on a development node.
//!
//! * [`node`]: a node as a child process.
//! * [`plant_day`]: the day in steps; tests take the same steps.
//! * [`prices`]: live prices from a file, for as long as the network serves.
//! * [`audit`]: recomputes what the chain did, from what the chain says, to the last unit.

pub mod audit;
mod contract;
pub mod node;
pub mod plant_day;
pub mod prices;

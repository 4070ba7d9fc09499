//! One constructor per call. Amounts are base units, times Unix milliseconds, prices fixed point with 18 decimals, as in
//! `baseload-primitives`; [`crate::units`] turns what people write into them.

mod agreements;
mod attestors;
mod council;
mod devices;
mod finance;
mod metering;
mod policy;
mod system;
mod vaults;

pub use agreements::*;
pub use attestors::*;
pub use council::*;
pub use devices::*;
pub use finance::*;
pub use metering::*;
pub use policy::*;
pub use system::*;
pub use vaults::*;

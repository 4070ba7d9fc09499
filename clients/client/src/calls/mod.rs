//! One constructor per call. Amounts are base units, times Unix milliseconds, prices fixed point with 18 decimals, as in
//! `baseload-primitives`; [`crate::units`] turns what people write into them.

mod finance;
mod metering;
mod system;

pub use finance::*;
pub use metering::*;
pub use system::*;

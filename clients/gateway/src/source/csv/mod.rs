//! CSV files of power or of register values, read strictly: what is not exactly as expected is refused with file, line and
//! the expected form, never guessed.
//!
//! ```text
//! # lines that begin with a hash are comments
//! time_utc,power_w
//! 2016-10-04T07:00:00Z,-2.6367
//! 2016-10-04T07:15:00Z,-3.0651
//! ```
//!
//! ```text
//! time_utc,export_kwh,import_kwh,clock
//! 2026-06-01T12:00:00Z,10432.5531,120.04,synchronised
//! ```
//!
//! UTF-8; no quoting, no spaces, no empty lines. Times are UTC and increase. A power is the mean of the step that ends at
//! its time, in W with at most six decimals, negative when drawn from the grid. A register's column is its name or OBIS code
//! with `_wh` or `_kwh`, or the name of a service's unit; its values are absolute counts and are rounded down.
//!
//! * [`read`], [`parse`]: one whole file of power samples in even steps, for the commands.
//! * [`CsvSource`]: a file to which a data logger appends; a bad line is passed over and reported.

mod follow;
mod problem;
mod table;
mod whole;

pub use follow::CsvSource;
pub use problem::{CsvError, Problem};
pub use whole::{parse, read, MAX_BYTES};

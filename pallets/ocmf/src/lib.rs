//! A strict reader of OCMF records (Open Charge Metering Format, S.A.F.E. e.V., revision 1): one line of text in which a
//! calibrated meter states its registers and signs them.
//!
//! ```text
//! OCMF|{"PG":"T32","RD":[{"TM":"2019-08-13T10:03:15,000+0000 I","RV":0.2596, ...}]}|{"SD":"3045..."}
//! ```
//!
//! [`Record::parse`] takes such a line apart. It does not check the signature: [`Record::signed_bytes`],
//! [`Record::signature`] and [`Record::curve`] are what a key needs to do that, with SHA-256. Until then nothing that a
//! record says is known to be the meter's.
//!
//! * [`Record`]: the sections, the pagination, the serial numbers. Signed is the payload section byte for byte.
//! * [`Reading`]: one entry of `RD`, with what it inherits from the entry before.
//! * [`Transaction`], [`Unit`], [`Status`], [`ErrorFlags`], [`ClockStatus`]: its letters and words.
//! * [`Register`]: what an OBIS code counts, and above all whether it is a cumulative register.
//! * [`Decimal`]: the meter's own digits, and the whole Wh in them.
//! * [`Curve`]: the two signature algorithms that are supported.
//! * [`OcmfError`]: every reason for a refusal, each with one sentence.
//!
//! Input is bounded ([`MAX_RECORD_BYTES`], [`MAX_READINGS`], [`MAX_DEPTH`]), and the only allocation is the list of
//! readings. Every input gives a record or an error; none gives a panic. `docs/meters-ocmf.md` states which fields are
//! read, what is refused, and how all this was measured against real records.

#![no_std]

extern crate alloc;

mod decimal;
mod encoding;
mod error;
mod json;
mod obis;
mod reading;
mod record;
mod signature;
mod tables;
mod time;

pub use decimal::Decimal;
pub use error::OcmfError;
pub use json::MAX_DEPTH;
pub use obis::Register;
pub use reading::{Reading, MAX_READINGS};
pub use record::{Context, Pagination, Record, MAX_RECORD_BYTES};
pub use signature::Curve;
pub use tables::{ErrorFlags, Status, Transaction, Unit};
pub use time::ClockStatus;

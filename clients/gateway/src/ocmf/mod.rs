//! OCMF records in files, and whether their signatures are their meters'.
//!
//! * [`document`]: takes files apart: one record a line, or S.A.F.E. transparency XML.
//! * [`key`]: a meter's public key, in the forms in which files carry it.
//! * [`curve`]: ECDSA on every curve that the format names.
//! * [`judge`]: the verdict on one record, and why.
//!
//! The chain takes P-256 and secp256k1 only. The other curves are judged for people who want to know whether a record is
//! genuine before they ask the meter's maker for another signature.

pub mod curve;
pub mod document;
pub mod judge;
pub mod key;

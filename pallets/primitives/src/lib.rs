//! The words that the pallets of Baseload share: typed units and ids, the signed reading, and the traits through which
//! pallets meet. No pallet imports another; the runtime wires one pallet's implementation of a trait into another's config.
//!
//! * [`agreement`]: what parties of a power purchase agreement sign, and how they change it.
//! * [`attestation`]: what is unusual about a reading, and what attestors say about it.
//! * [`units`]: money, energy, prices and time, and how they convert.
//! * [`ids`]: one type per kind of id, so that a site cannot be passed for a meter.
//! * [`device`]: the kinds of keys that meters sign with, and what their signatures prove.
//! * [`ecdsa`]: signatures over the two 256-bit curves, without recovery id.
//! * [`hold`]: deposits and bonds that leave no dust behind.
//! * [`metering`]: what meters are registered and judged with.
//! * [`reading`]: what a meter signs, to the byte, and why a reading can be refused.
//! * [`site`]: how a site generates, where a meter stands in its life.
//! * [`traits`]: what one pallet may ask of another.
//! * [`vaults`]: what a type of collateral is governed by, and its bounds.
//! * [`views`]: the records that view functions return to people's tools.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod agreement;
pub mod attestation;
pub mod device;
pub mod ecdsa;
pub mod feeds;
pub mod hold;
pub mod ids;
pub mod metering;
pub mod reading;
pub mod site;
pub mod traits;
pub mod units;
pub mod vaults;
pub mod views;

pub use agreement::*;
pub use attestation::*;
pub use device::*;
pub use feeds::*;
pub use hold::*;
pub use ids::*;
pub use metering::*;
pub use reading::*;
pub use site::*;
pub use traits::*;
pub use units::*;
pub use vaults::*;

//! Benchmarks: every function of [`WeightInfo`](crate::WeightInfo), each at its worst.
//!
//! * [`benches`]: the benchmarks, a few lines each.
//! * [`state`]: sites, meters and readings to start from.
//! * [`people`]: owners, attestors, committees and disputes.
//! * [`feeless`]: the calls that devices and gateways send.
//! * [`keys`]: device keys of every kind, and what they sign.
//! * [`records`]: OCMF records of any length.
//!
//! # What is not counted twice
//!
//! A feeless call is checked and dispatched in one transaction, so that what its check has read costs the dispatch no second
//! read from the disk ([`state::in_memory`]). And some of what it reads was read, and is weighed, elsewhere in the same
//! transaction or block ([`BenchmarkHelper::counted_keys`]).

mod benches;
mod feeless;
mod keys;
mod people;
mod records;
mod state;

use alloc::vec::Vec;

use baseload_primitives::Moment;

pub(crate) use people::set_served;
pub(crate) use state::{set_cover, set_months, set_read};

/// What only the runtime can do.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// Makes [`Config::Time`](crate::Config::Time) return `now`, say by writing the timestamp pallet's storage.
	fn set_time(now: Moment);

	/// Storage keys that the feeless calls read, never write, and that are weighed elsewhere: what the block or the
	/// transaction's own extensions and filters have read before.
	fn counted_keys() -> Vec<Vec<u8>>;

	/// An account, and its signature over `payload`.
	fn vouch(payload: &[u8]) -> (AccountId, Signature);
}

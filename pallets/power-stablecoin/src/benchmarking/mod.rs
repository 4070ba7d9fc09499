//! Benchmarks: the worst case of every call, and of what blocks do by themselves.
//!
//! * [`benches`]: the benchmarks, a few lines each.
//! * [`state`]: prices, vaults and depositors to start from.
//! * [`crowds`]: many vaults and depositors, whose number costs a call nothing.
//!
//! They need a type of collateral without vaults but those of a genesis preset, whose account holds its own.

mod benches;
mod crowds;
mod state;

use baseload_primitives::{Moment, TokenId};

pub(crate) use state::set_debt;

/// What the runtime does for benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// A token that is a type of collateral, whose prices can be set.
	fn token() -> TokenId;
	/// A new token with twelve decimals, whose minimum balance is 1 and whose owner is `owner`; it is no type yet.
	fn new_token(owner: &AccountId) -> TokenId;
	/// Sets the clock.
	fn set_time(now: Moment);
}

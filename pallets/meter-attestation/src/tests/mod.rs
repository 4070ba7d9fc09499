//! Tests, one file per capability. The invariants are checked after every one of them.

mod clock;
mod cover;
mod finality;
mod fuzz;
mod invariants;
mod meters;
mod readings;
mod sites;

use baseload_primitives::Refusal;
use frame_support::pallet_prelude::{TransactionValidityError, ValidTransaction};

/// Asserts that the pool refuses for this reason.
#[track_caller]
fn assert_refused(outcome: Result<ValidTransaction, TransactionValidityError>, refusal: Refusal) {
	assert_eq!(outcome, Err(refusal.into()));
}

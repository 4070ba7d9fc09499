//! What each call costs. The runtime holds the measured weights.

use frame_support::weights::Weight;

/// Worst-case weight of each call.
pub trait WeightInfo {
	/// A proposal with a cash sweep.
	fn propose() -> Weight;
	/// An acceptance.
	fn accept() -> Weight;
	/// A payment into the escrow.
	fn fund() -> Weight;
	/// The beginning of billing.
	fn activate() -> Weight;
	/// A bill with a full committee's fee and a cash sweep, paid to an account that it creates. Does not depend on the number of readings since.
	fn settle() -> Weight;
	/// A notice.
	fn give_notice() -> Weight;
	/// An end with a last bill, a full committee's fee, a sweep, a payment and a refund, both to accounts that they create.
	fn close() -> Weight;
	/// A claim of both sides after the end, to accounts that it creates.
	fn claim() -> Weight;
	/// A cancellation with a refund to an account that it creates.
	fn cancel() -> Weight;
}

/// Weighs nothing: for mocks only.
impl WeightInfo for () {
	fn propose() -> Weight {
		Weight::zero()
	}
	fn accept() -> Weight {
		Weight::zero()
	}
	fn fund() -> Weight {
		Weight::zero()
	}
	fn activate() -> Weight {
		Weight::zero()
	}
	fn settle() -> Weight {
		Weight::zero()
	}
	fn give_notice() -> Weight {
		Weight::zero()
	}
	fn close() -> Weight {
		Weight::zero()
	}
	fn claim() -> Weight {
		Weight::zero()
	}
	fn cancel() -> Weight {
		Weight::zero()
	}
}

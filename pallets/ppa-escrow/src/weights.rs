//! What each call costs. The runtime holds the measured weights.

use frame_support::weights::Weight;

/// Worst-case weight of each call, and of what the chain does by itself.
pub trait WeightInfo {
	/// A proposal of the largest contract, with a vault.
	fn propose() -> Weight;
	/// An acceptance of the largest contract.
	fn accept() -> Weight;
	/// A payment into a bucket, what was due before it apart.
	fn fund() -> Weight;
	/// The beginning of an agreement that waits for operation, on a meter that as many others share as can.
	fn activate() -> Weight;
	/// A settlement that finds nothing due, at an agreement as large as it gets.
	fn poke() -> Weight;
	/// A withdrawal, what was due before it apart.
	fn withdraw() -> Weight;
	/// A dispute, what was due before it apart.
	fn dispute() -> Weight;
	/// A resolution, what was due before it apart.
	fn resolve() -> Weight;
	/// A request that takes effect at once, what was due before it apart.
	fn request() -> Weight;
	/// A consent with which new clauses take effect, what was due before it apart.
	fn agree() -> Weight;
	/// A request dropped.
	fn drop_request() -> Weight;
	/// An early end, what was due before it apart.
	fn terminate() -> Weight;
	/// A notice to the lender, what was due before it apart.
	fn notify_lender() -> Weight;
	/// An assignment.
	fn assign() -> Weight;
	/// A discharge.
	fn discharge() -> Weight;
	/// A step-in.
	fn step_in() -> Weight;
	/// A claim of everybody after the close, to accounts that it creates.
	fn claim() -> Weight;
	/// A cancellation with refunds to accounts that it creates.
	fn cancel() -> Weight;
	/// A sample that ends as many months as one can.
	fn observe() -> Weight;
	/// An index published.
	fn publish_index() -> Weight;
	/// An index replaced by one of a year ago, what was due before it apart.
	fn fix_index() -> Weight;
	/// The chain's look at whose turn it is.
	fn idle() -> Weight;
	/// A settlement of so many events, each a bill, the dearest (a correction reads a bill instead of a month's registers), with
	/// what it moves paid to accounts that it creates, a full committee's fee and a cash sweep. Does not depend on the number of
	/// readings since.
	fn settle(steps: u32) -> Weight;
	/// What a close does beyond that: it gives up the share and the feed.
	fn closing() -> Weight;
	/// So many bills forgotten and as many fixed indexes, and the agreement with them.
	fn forget(bills: u32) -> Weight;
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
	fn poke() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn dispute() -> Weight {
		Weight::zero()
	}
	fn resolve() -> Weight {
		Weight::zero()
	}
	fn request() -> Weight {
		Weight::zero()
	}
	fn agree() -> Weight {
		Weight::zero()
	}
	fn drop_request() -> Weight {
		Weight::zero()
	}
	fn terminate() -> Weight {
		Weight::zero()
	}
	fn notify_lender() -> Weight {
		Weight::zero()
	}
	fn assign() -> Weight {
		Weight::zero()
	}
	fn discharge() -> Weight {
		Weight::zero()
	}
	fn step_in() -> Weight {
		Weight::zero()
	}
	fn claim() -> Weight {
		Weight::zero()
	}
	fn cancel() -> Weight {
		Weight::zero()
	}
	fn observe() -> Weight {
		Weight::zero()
	}
	fn publish_index() -> Weight {
		Weight::zero()
	}
	fn fix_index() -> Weight {
		Weight::zero()
	}
	fn idle() -> Weight {
		Weight::zero()
	}
	fn settle(_: u32) -> Weight {
		Weight::zero()
	}
	fn closing() -> Weight {
		Weight::zero()
	}
	fn forget(_: u32) -> Weight {
		Weight::zero()
	}
}

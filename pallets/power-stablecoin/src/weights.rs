//! What the calls cost. The runtime holds the generated weights.

use frame_support::weights::Weight;

/// Weight of each call.
pub trait WeightInfo {
	/// `open`.
	fn open() -> Weight;
	/// `deposit`, the first into the pallet's account.
	fn deposit() -> Weight;
	/// `pledge_site`, the last one that a vault takes.
	fn pledge_site() -> Weight;
	/// `release_site` from an indebted vault with `s` sites.
	fn release_site(s: u32) -> Weight;
	/// `draw` against a vault with `s` sites.
	fn draw(s: u32) -> Weight;
	/// `repay` a part.
	fn repay() -> Weight;
	/// `withdraw` from an indebted vault.
	fn withdraw() -> Weight;
	/// `close` a vault with `s` sites.
	fn close(s: u32) -> Weight;
}

/// Everything is free: for mocks.
impl WeightInfo for () {
	fn open() -> Weight {
		Weight::zero()
	}
	fn deposit() -> Weight {
		Weight::zero()
	}
	fn pledge_site() -> Weight {
		Weight::zero()
	}
	fn release_site(_: u32) -> Weight {
		Weight::zero()
	}
	fn draw(_: u32) -> Weight {
		Weight::zero()
	}
	fn repay() -> Weight {
		Weight::zero()
	}
	fn withdraw() -> Weight {
		Weight::zero()
	}
	fn close(_: u32) -> Weight {
		Weight::zero()
	}
}

//! How meters are judged, and by whom.

use baseload_primitives::{MeterId, Moment, Severities};
use codec::{Decode, Encode};

use super::metering::PALLET;
use crate::{AccountId, Call};

/// How a meter's readings are judged and when they are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Policy {
	/// Challenge window of readings accepted from now on, in milliseconds of open time.
	pub window: Moment,
	/// How long a dispute or a hold waits for a verdict, in milliseconds of open time.
	pub vote_period: Moment,
	/// The most power that any register can move with, in W.
	pub max_w: u64,
	/// Silence, in milliseconds, after which a reading is flagged as a gap.
	pub gap_after: Moment,
	/// Time without any register moving, in milliseconds, after which a reading is flagged as frozen.
	pub frozen_after: Moment,
	/// How severe each flag is.
	pub severities: Severities,
	/// The independent meter whose agreement makes a reading final at once.
	pub check: Option<Check>,
}

/// An independent meter that measures the same energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Check {
	/// Which one.
	pub meter: MeterId,
	/// How far the two may be apart, in parts per million of the larger rise.
	pub tolerance: u32,
}

/// Sets how a meter's readings are judged from now on. For the registrar.
pub fn set_policy(meter: MeterId, policy: &Policy) -> Call {
	Call::new(PALLET, "set_policy").with(meter).with(policy)
}

/// Names the attestors that decide about a meter's readings from now on, and how many must say the same; nobody and 0 for no
/// committee. For the registrar.
pub fn set_committee(meter: MeterId, members: &[AccountId], quorum: u32) -> Call {
	Call::new(PALLET, "set_committee")
		.with(meter)
		.with(members)
		.with(quorum)
}

/// Sets the challenge window, in milliseconds of open time, of meters registered later. For the administrator.
pub fn set_challenge_window(window: Moment) -> Call {
	Call::new(PALLET, "set_challenge_window").with(window)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::Severity;

	#[test]
	fn policy_should_have_the_bytes_of_the_chain_s() {
		let policy = Policy {
			window: 1,
			vote_period: 2,
			max_w: 3,
			gap_after: 4,
			frozen_after: 5,
			severities: Severities {
				clock: Severity::Mark,
				estimated: Severity::Hold,
				frozen: Severity::Reject,
				gap: Severity::Mark,
			},
			check: Some(Check {
				meter: MeterId(6),
				tolerance: 10_000,
			}),
		};
		let mut expected: Vec<u8> = (1..=5u64).flat_map(u64::to_le_bytes).collect();
		expected.extend([0, 1, 2, 0]);
		expected.push(1);
		expected.extend(6u32.to_le_bytes());
		expected.extend(10_000u32.to_le_bytes());
		assert_eq!(policy.encode(), expected);
	}
}

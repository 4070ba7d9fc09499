//! How meters are judged, and by whom.

use baseload_primitives::{MeterId, Moment, Policy};

use super::metering::PALLET;
use crate::{AccountId, Call};

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

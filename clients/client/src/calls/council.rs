//! The council: motions, and what it has done as root.

use codec::Compact;
use sp_core::H256;
use sp_io::hashing::blake2_256;

use crate::{motions::Motion, AccountId, Call};

const COUNCIL: &str = "Council";
const WHITELIST: &str = "Whitelist";

/// Proposes to the council, as a member of it, to make a call. The motion passes with `threshold` ayes, of which the proposer's is
/// not one yet; with a threshold of 1 it is not a motion: the call is made at once, as by one member.
pub fn propose_motion(threshold: u32, call: Call) -> Call {
	Call::new(COUNCIL, "propose")
		.with(Compact(threshold))
		.with_call(call.clone())
		.with_length_of(call)
}

/// Votes on a motion, as a member of the council.
pub fn vote_on_motion(motion: &Motion, aye: bool) -> Call {
	Call::new(COUNCIL, "vote")
		.with(motion.hash)
		.with(Compact(motion.number))
		.with(aye)
}

/// Closes a motion that has passed, failed or run out; one that has passed is carried out. The weight is what the chain says that
/// carrying it out takes: (execution, proof).
pub(crate) fn close_motion(motion: &Motion, weight: (Compact<u64>, Compact<u64>)) -> Call {
	/// The chain measures the motion as it is stored, with the length of a number in front.
	const STORED: usize = 4;
	Call::new(COUNCIL, "close")
		.with(motion.hash)
		.with(Compact(motion.number))
		.with(weight)
		.with(Compact((motion.call.len() + STORED) as u32))
}

/// Has the council make a call as Root: whitelists it and, in the same motion, has it done. For [`propose_motion`].
pub fn as_root(call: Call) -> Call {
	super::batch_all([
		Call::new(WHITELIST, "whitelist_call").with_hash_of(call.clone()),
		Call::new(WHITELIST, "dispatch_whitelisted_call_with_preimage").with_call(call),
	])
}

/// Sets the members of the council, in place of the `old` many. For Root.
pub fn set_council(members: &[AccountId], old: u32) -> Call {
	Call::new(COUNCIL, "set_members")
		.with(members)
		.with(Option::<AccountId>::None)
		.with(old)
}

/// Makes a call as the treasury, such as a transfer. For Root.
pub fn as_treasury(call: Call) -> Call {
	/// The origin of a signed transaction, as the enum of all origins has it: pallet 0, variant 1.
	const SIGNED: [u8; 2] = [0, 1];
	Call::new("Utility", "dispatch_as_fallible")
		.with((SIGNED, treasury()))
		.with_call(call)
}

/// The treasury's account: fees, dust and slashed bonds are paid to it, and nobody has its key.
pub fn treasury() -> AccountId {
	/// Where it is derived from.
	const SEED: &[u8] = b"modlbl/trsry";
	let mut account = [0; 32];
	account[..SEED.len()].copy_from_slice(SEED);
	AccountId(account)
}

/// Permits an upgrade to the runtime with this wasm code, which anybody may then bring with [`apply_upgrade`]. For Root.
pub fn authorize_upgrade(code: &[u8]) -> Call {
	Call::new("System", "authorize_upgrade").with(H256(blake2_256(code)))
}

/// Upgrades the chain to the runtime with this wasm code, which has been permitted.
pub fn apply_upgrade(code: &[u8]) -> Call {
	Call::new("System", "apply_authorized_upgrade").with(code)
}

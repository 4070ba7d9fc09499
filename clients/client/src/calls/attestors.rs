//! Attestors: their bonds, and what they say about readings.

use baseload_primitives::{Balance, DeviceKey, Evidence, MeterId, Reading, Verdict, Voucher};
use sp_core::H256;
use sp_io::hashing::blake2_256;
use subxt::utils::MultiSignature;

use super::metering::PALLET;
use crate::{AccountId, Call};

/// Bonds BLD, in base units, on top of what is bonded: makes the signer an attestor.
pub fn bond_attestor(amount: Balance) -> Call {
	Call::new(PALLET, "bond").with_amount(amount)
}

/// Starts leaving: the signer's bond is free after the notice.
pub fn unbond_attestor() -> Call {
	Call::new(PALLET, "unbond")
}

/// Takes the signer's bond back after the notice.
pub fn withdraw_attestor_bond() -> Call {
	Call::new(PALLET, "withdraw_bond")
}

/// Takes the pay that the signer has earned as an attestor.
pub fn claim_attestor_pay() -> Call {
	Call::new(PALLET, "claim_pay")
}

/// Reports a reading as a member of the meter's committee. Free of charge when accepted.
pub fn report_reading(meter: MeterId, reading: &Reading) -> Call {
	Call::new(PALLET, "report").with(meter).with(reading)
}

/// What stands on chain for evidence that a committee should read: Blake2b-256.
pub fn evidence_hash(evidence: &[u8]) -> H256 {
	blake2_256(evidence).into()
}

/// Disputes a reading that waits for its challenge window to end; see [`evidence_hash`]. Puts a part of the signer's bond at
/// stake.
pub fn dispute_reading(meter: MeterId, sequence: u64, evidence: H256) -> Call {
	Call::new(PALLET, "dispute").with(meter).with(sequence).with(evidence)
}

/// Votes about a disputed or held reading, as a member of its committee. Free of charge when it counts.
pub fn vote_on_reading(meter: MeterId, sequence: u64, verdict: Verdict) -> Call {
	Call::new(PALLET, "vote").with(meter).with(sequence).with(verdict)
}

/// Decides about a disputed or held reading in the committee's place. For the registrar.
pub fn decide_reading(meter: MeterId, sequence: u64, verdict: Verdict) -> Call {
	Call::new(PALLET, "decide").with(meter).with(sequence).with(verdict)
}

/// Ends a dispute about which nobody decided in time, or whose reading is gone. For anyone.
pub fn close_dispute(meter: MeterId, sequence: u64) -> Call {
	Call::new(PALLET, "close_dispute").with(meter).with(sequence)
}

/// Proves that a meter's device signed two different readings of one sequence with `key`, now or formerly its own. For anyone.
pub fn report_equivocation(meter: MeterId, key: DeviceKey, first: &Evidence, second: &Evidence) -> Call {
	Call::new(PALLET, "report_equivocation")
		.with(meter)
		.with(key)
		.with(first)
		.with(second)
}

/// Proves that `attestor` vouched, with `signature`, for a reading whose device signature fails. For anyone.
pub fn report_false_vouch(attestor: AccountId, voucher: &Voucher, signature: &MultiSignature) -> Call {
	Call::new(PALLET, "report_false_vouch")
		.with(attestor)
		.with(voucher)
		.with(signature)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn evidence_hash_should_be_blake2b_256() {
		let empty = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
		assert_eq!(hex::encode(evidence_hash(b"")), empty);
	}
}

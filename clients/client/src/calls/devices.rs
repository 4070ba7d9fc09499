//! Meters and the devices that sign for them.

use baseload_primitives::{DeviceKey, DeviceSignature, MeterId, Register, Registers, SiteId};
use codec::{Decode, Encode};

use super::metering::PALLET;
use crate::Call;

/// How a site's owner shows that a device key may be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Proof {
	/// The device's signature over `primitives::possession_payload(genesis, site)`.
	#[codec(index = 0)]
	Possession(DeviceSignature),
	/// The registrar has approved the key: [`approve_key`].
	#[codec(index = 1)]
	Approval,
}

/// What the OCMF records of a device look like.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ocmf {
	/// The meter's serial number as they carry it: 64 bytes at most.
	pub serial: Vec<u8>,
	/// Which of its page counters is the sequence.
	pub pages: Pages,
}

/// The page counters of OCMF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Pages {
	/// `T`: readings of transactions.
	#[codec(index = 0)]
	Transaction,
	/// `F`: readings at set times.
	#[codec(index = 1)]
	Fiscal,
}

/// Registers a meter at a site of the signer. Holds the meter deposit.
pub fn register_meter(site: SiteId, key: DeviceKey, registers: &[Register], proof: Proof) -> Call {
	Call::new(PALLET, "register_meter")
		.with(site)
		.with(key)
		.with(registers)
		.with(proof)
}

/// Registers a meter that cannot sign at a site of the signer, to be read by a committee. Holds the meter deposit.
pub fn register_committee_meter(site: SiteId, registers: &[Register]) -> Call {
	Call::new(PALLET, "register_committee_meter").with(site).with(registers)
}

/// Approves a device key for a site. `ocmf`: the device signs OCMF records; `None`: this chain's own payload. For the
/// registrar.
pub fn approve_key(site: SiteId, key: DeviceKey, ocmf: Option<&Ocmf>) -> Call {
	Call::new(PALLET, "approve_key").with(site).with(key).with(ocmf)
}

/// Gives a meter of the signer another key. `proof` is the new key's signature over
/// `primitives::possession_payload(genesis, site)`, `consent` the old key's over
/// `primitives::rotation_payload(genesis, meter, key)`.
pub fn rotate_key(meter: MeterId, key: DeviceKey, proof: DeviceSignature, consent: DeviceSignature) -> Call {
	Call::new(PALLET, "rotate_key")
		.with(meter)
		.with(key)
		.with(proof)
		.with(consent)
}

/// Lets an approved device go on where a suspended meter's last one ended. `opening` is what it shows then. For the
/// registrar.
pub fn replace_device(meter: MeterId, key: DeviceKey, opening: &Registers) -> Call {
	Call::new(PALLET, "replace_device").with(meter).with(key).with(opening)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn proof_and_ocmf_should_have_the_bytes_of_the_chain_s() {
		let proof = Proof::Possession(DeviceSignature::P256([9; 64]));
		assert_eq!(proof.encode(), [&[0, 3][..], &[9; 64]].concat());
		assert_eq!(Proof::Approval.encode(), [1]);
		let ocmf = Ocmf {
			serial: b"1EM".to_vec(),
			pages: Pages::Fiscal,
		};
		assert_eq!(Some(&ocmf).encode(), [1, 3 * 4, b'1', b'E', b'M', 1]);
	}
}

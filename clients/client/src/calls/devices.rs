//! Meters and the devices that sign for them.

use baseload_primitives::{DeviceKey, DeviceSignature, MeterId, Ocmf, Proof, Register, Registers, SiteId};

use super::metering::PALLET;
use crate::Call;

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

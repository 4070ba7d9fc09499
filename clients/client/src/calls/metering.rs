//! Sites, meters and readings.

use baseload_primitives::{
	DeviceKey, DeviceSignature, MeterId, Moment, Reading, Register, SignedReading, SiteDetails, SiteId,
};

use crate::Call;

const PALLET: &str = "MeterAttestation";

/// Registers a site. Holds the site deposit of the signer, who becomes its owner.
pub fn register_site(details: &SiteDetails) -> Call {
	Call::new(PALLET, "register_site").with(details)
}

/// Certifies a site from a date on and names the meter at its connection point. For the registrar.
pub fn certify_site(site: SiteId, revenue_meter: MeterId, since: Moment) -> Call {
	Call::new(PALLET, "certify_site")
		.with(site)
		.with(revenue_meter)
		.with(since)
}

/// Takes a site's certificate back. For the registrar.
pub fn revoke_certificate(site: SiteId) -> Call {
	Call::new(PALLET, "revoke_certificate").with(site)
}

/// Registers a meter at a site of the signer. `proof` is the device's signature over
/// `primitives::possession_payload(genesis, site)`; holds the meter deposit.
pub fn register_meter(site: SiteId, key: DeviceKey, registers: &[Register], proof: DeviceSignature) -> Call {
	Call::new(PALLET, "register_meter")
		.with(site)
		.with(key)
		.with(registers)
		.with(proof)
}

/// Stops a meter's readings. For the registrar or the site's owner.
pub fn suspend_meter(meter: MeterId) -> Call {
	Call::new(PALLET, "suspend_meter").with(meter)
}

/// Accepts a suspended meter's readings again. For the registrar.
pub fn resume_meter(meter: MeterId) -> Call {
	Call::new(PALLET, "resume_meter").with(meter)
}

/// Carries one reading. Send with [`crate::Chain::submit_feeless`]: it needs no account.
pub fn submit_reading(meter: MeterId, signed: &SignedReading) -> Call {
	submit_reading_parts(meter, &signed.reading, signed.signature)
}

/// [`submit_reading`] with the reading and its signature apart.
pub fn submit_reading_parts(meter: MeterId, reading: &Reading, signature: DeviceSignature) -> Call {
	Call::new(PALLET, "submit_reading")
		.with(meter)
		.with(reading)
		.with(signature)
}

/// Carries several readings of one meter, oldest first, accepted or refused as a whole. Send with
/// [`crate::Chain::submit_feeless`].
pub fn submit_backlog(meter: MeterId, readings: &[SignedReading]) -> Call {
	Call::new(PALLET, "submit_backlog").with(meter).with(readings)
}

/// Sets the time for which readings accepted later wait before they are final. For the administrator.
pub fn set_challenge_window(window: Moment) -> Call {
	Call::new(PALLET, "set_challenge_window").with(window)
}

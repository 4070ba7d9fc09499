//! Sites and readings.

use baseload_primitives::{DeviceSignature, MeterId, Moment, Reading, SignedReading, SiteDetails, SiteId, Threshold};

use crate::Call;

/// The pallet of everything about meters.
pub(super) const PALLET: &str = "MeterAttestation";

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

/// Stops a meter's readings. For the registrar or the site's owner.
pub fn suspend_meter(meter: MeterId) -> Call {
	Call::new(PALLET, "suspend_meter").with(meter)
}

/// Accepts a suspended meter's readings again, with its deposit made whole. For the registrar.
pub fn resume_meter(meter: MeterId) -> Call {
	Call::new(PALLET, "resume_meter").with(meter)
}

/// Removes a meter of the signer that has been suspended for the notice and that nobody depends on. Its deposit goes back.
pub fn remove_meter(meter: MeterId) -> Call {
	Call::new(PALLET, "remove_meter").with(meter)
}

/// Removes a site of the signer without meters and pledge. Its deposit goes back.
pub fn remove_site(site: SiteId) -> Call {
	Call::new(PALLET, "remove_site").with(site)
}

/// Has a count of a register of the signer's meter watched for.
pub fn watch_threshold(meter: MeterId, threshold: Threshold) -> Call {
	Call::new(PALLET, "watch_threshold").with(meter).with(threshold)
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

/// Carries one OCMF record, byte for byte as the meter made it. Send with [`crate::Chain::submit_feeless`].
pub fn submit_ocmf(meter: MeterId, record: &[u8]) -> Call {
	Call::new(PALLET, "submit_ocmf").with(meter).with(record)
}

/// Carries readings of any meters for a fee that the signer pays. A refused row does not spoil the others.
pub fn relay(rows: &[(MeterId, SignedReading)]) -> Call {
	Call::new(PALLET, "relay").with(rows)
}

//! How a site generates, and where a meter or an agreement stands in its life.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

use crate::Moment;

/// Bidding zone or grid area, as its operator writes it (UTF-8), 32 bytes at most.
pub type Zone = BoundedVec<u8, ConstU32<32>>;

/// The grid operator's name of a connection point (UTF-8), 64 bytes at most.
pub type ConnectionPoint = BoundedVec<u8, ConstU32<64>>;

/// How a site generates. Bounds what it can produce on average, see `pallet-meter-attestation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Technology {
	/// Photovoltaic.
	#[codec(index = 0)]
	Solar,
	/// Wind turbines.
	#[codec(index = 1)]
	Wind,
	/// Hydro power.
	#[codec(index = 2)]
	Hydro,
	/// Anything that can run at nameplate power all year.
	#[codec(index = 3)]
	Firm,
}

/// What an owner says about a site when registering it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct SiteDetails {
	/// How it generates.
	pub technology: Technology,
	/// Where.
	pub zone: Zone,
	/// Its one connection point to the grid.
	pub connection_point: ConnectionPoint,
	/// Rated AC power in W. More than zero.
	pub nameplate_w: u64,
	/// When it was commissioned.
	pub commissioned_at: Moment,
}

impl SiteDetails {
	/// The connection point and the zone that it is named in.
	pub fn point(&self) -> (Zone, ConnectionPoint) {
		(self.zone.clone(), self.connection_point.clone())
	}
}

/// Whether a meter's readings are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum MeterStatus {
	/// Readings are accepted.
	#[codec(index = 0)]
	Active,
	/// No reading is accepted; what was pending stays pending until the meter is resumed.
	#[codec(index = 1)]
	Suspended,
}

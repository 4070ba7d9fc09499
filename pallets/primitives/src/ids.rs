//! Ids. Each is a plain number on the wire, given out in order from 0 and never used again.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

macro_rules! ids {
	($($(#[$doc:meta])* $name:ident;)*) => {$(
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking,
			MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		#[serde(transparent)]
		pub struct $name(pub u32);

		impl $name {
			/// The id after this one; `None` when all ids are used up.
			pub fn next(self) -> Option<Self> {
				self.0.checked_add(1).map(Self)
			}
		}

		impl core::fmt::Display for $name {
			fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
				self.0.fmt(f)
			}
		}

		impl core::str::FromStr for $name {
			type Err = core::num::ParseIntError;
			fn from_str(s: &str) -> Result<Self, Self::Err> {
				s.parse().map(Self)
			}
		}
	)*};
}

ids! {
	/// A generating or consuming site: one connection point to the grid.
	SiteId;
	/// A meter at a site.
	MeterId;
	/// A vault: collateral, pledged sites, and the KWH drawn against them.
	VaultId;
	/// A power purchase agreement.
	AgreementId;
	/// An index that prices of agreements follow.
	FeedId;
}

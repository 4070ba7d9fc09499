//! The records that view functions return. They are computed at the block asked for and stored nowhere.
//!
//! Those of the stablecoin and of agreements have files of their own.

mod agreement;
mod stablecoin;

pub use agreement::*;
pub use stablecoin::*;

use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_core::H256;

use crate::{
	Balance, DeviceKey, Flags, MeterId, MeterStatus, Moment, Policy, Register, SiteDetails, SiteId, Threshold, VaultId,
	WattHours,
};

/// A site as of now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SiteView<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// What the owner registered.
	pub details: SiteDetails,
	/// The meter at the connection point, once the registrar has certified the site.
	pub revenue_meter: Option<MeterId>,
	/// The vault it is pledged to.
	pub pledged_to: Option<VaultId>,
	/// Attested net energy of the last 30 days, capped by what the technology allows; zero if not certified.
	pub last_30_days: WattHours,
	/// Attested net energy of the last 365 days, capped likewise.
	pub last_365_days: WattHours,
	/// What counts as energy cover: the lesser of the 30-day sum and a twelfth of the 365-day sum, zero if not certified.
	pub cover: WattHours,
}

/// A point of a meter's history.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ReadingView {
	/// The meter's sequence.
	pub sequence: u64,
	/// When it was measured.
	pub measured_at: Moment,
	/// The registers, in the order the meter declared them.
	pub registers: Vec<u64>,
	/// What is unusual about it.
	pub flags: Flags,
}

/// Who decides about a meter's readings.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CommitteeView<AccountId> {
	/// Attestors.
	pub members: Vec<AccountId>,
	/// How many of them must say the same.
	pub quorum: u32,
}

/// A meter as of now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MeterView<AccountId> {
	/// Where it stands.
	pub site: SiteId,
	/// Its public key; `None`: a committee reads it.
	pub key: Option<DeviceKey>,
	/// Its serial number, if it signs OCMF records.
	pub ocmf_serial: Option<Vec<u8>>,
	/// What its registers count.
	pub registers: Vec<Register>,
	/// Whether its readings are accepted.
	pub status: MeterStatus,
	/// Open time left until it can be removed, in milliseconds, unless something else stands against it; `None` unless it is
	/// suspended.
	pub removable_in: Option<Moment>,
	/// KWH of the site owner's on hold for it, in base units.
	pub deposit: Balance,
	/// How readings accepted from now on are judged.
	pub policy: Policy,
	/// Who decides about readings accepted from now on.
	pub committee: Option<CommitteeView<AccountId>>,
	/// The newest accepted reading, final or not.
	pub newest: Option<ReadingView>,
	/// The newest final reading, measured or estimated.
	pub newest_final: Option<ReadingView>,
	/// The newest final reading that was measured: what bills and cover follow.
	pub newest_measured: Option<ReadingView>,
	/// Readings that are not final yet.
	pub pending: u32,
	/// Those of them that their own flags hold.
	pub held: u32,
	/// Those of them that an attestor disputes.
	pub disputed: u32,
	/// Open time left, in milliseconds, until all accepted readings are final without a verdict; zero if they are.
	pub final_in: Moment,
}

/// What stays known of a meter that was removed, beside its month starts and reached thresholds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RemovedMeterView {
	/// Where it stood.
	pub site: SiteId,
	/// Its last public key; `None`: a committee read it.
	pub key: Option<DeviceKey>,
	/// What its registers counted.
	pub registers: Vec<Register>,
	/// The newest final reading that was measured.
	pub newest_measured: ReadingView,
}

/// A count of a register that was watched for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ThresholdView {
	/// What was watched for.
	pub threshold: Threshold,
	/// Sequence of the first final measured reading at or beyond it; `None`: not reached yet.
	pub sequence: Option<u64>,
	/// When that was measured, Unix milliseconds.
	pub measured_at: Option<Moment>,
	/// Open time at which it became final, in milliseconds since the chain's start.
	pub known_at: Option<Moment>,
}

/// An attestor as of now. Amounts are BLD base units.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AttestorView {
	/// On hold.
	pub bond: Balance,
	/// The part of it at stake in open disputes.
	pub staked: Balance,
	/// Open time left until the bond is free, in milliseconds; `None` unless the attestor is leaving.
	pub free_in: Option<Moment>,
	/// Committees of new readings that it sits on.
	pub seats: u32,
	/// Disputes it won.
	pub won: u32,
	/// Disputes it lost.
	pub lost: u32,
	/// Votes it cast.
	pub votes: u32,
	/// What it was slashed in all.
	pub slashed: Balance,
}

/// What an account has earned as an attestor, in KWH base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct EarningsView {
	/// Can be claimed now.
	pub claimable: Balance,
	/// Was claimed, in all.
	pub claimed: Balance,
}

/// A reading that waits for a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DisputeView<AccountId> {
	/// The meter's sequence.
	pub sequence: u64,
	/// Who disputes it, with how much BLD at stake; `None`: its own flags hold it.
	pub by: Option<(AccountId, Balance)>,
	/// Hash of the evidence; zero if nobody disputes it.
	pub evidence: H256,
	/// What is unusual about it.
	pub flags: Flags,
	/// Open time left for a verdict, in milliseconds.
	pub ends_in: Moment,
	/// Votes that it stands.
	pub stands: u32,
	/// Votes that it is wrong.
	pub wrong: u32,
	/// Votes that decide; zero without a committee.
	pub quorum: u32,
}

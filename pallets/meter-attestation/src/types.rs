//! What the pallet stores.

use alloc::boxed::Box;
use core::ops::RangeInclusive;

use baseload_math::cover::CoverRing;
use baseload_primitives::{
	Balance, DeviceKey, Flags, MaxRegisters, MeterId, MeterStatus, Moment, Quality, Register, Registers, SiteDetails,
	SiteId, Technology, VaultId, DAY, SECOND,
};
pub use baseload_primitives::{
	Check, Evidence, Ocmf, OcmfRecord, Pages, Policy, Proof, Serial, Threshold, DEFAULT_FROZEN, DEFAULT_GAP,
	DEFAULT_VOTE_PERIOD, MAX_CHECK_TOLERANCE,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Defensive, Get},
	BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Permill;

/// Challenge windows that may be set, in milliseconds of open time.
pub const CHALLENGE_WINDOWS: RangeInclusive<Moment> = SECOND..=30 * DAY;

/// Voting periods that may be set, in milliseconds of open time.
pub const VOTE_PERIODS: RangeInclusive<Moment> = SECOND..=30 * DAY;

/// How long ago a reading may have been measured: a year and a month.
pub const MAX_AGE: Moment = 400 * DAY;

/// The highest sequence that a device may use: with it used up, there is still room for 65,535 devices after it.
pub const MAX_DEVICE_SEQUENCE: u64 = u64::MAX >> 16;

/// The most thresholds that may be watched for at a meter in its life. What is reached stays known for ever.
pub const MAX_THRESHOLDS: u32 = 8;

/// The most attestors in a committee. A vote is a bit of a `u16`.
pub type MaxCommittee = ConstU32<16>;

/// Highest average power over a cover window, as a share of nameplate power, that is believed of photovoltaic sites.
pub const SOLAR_FACTOR: Permill = Permill::from_percent(30);
/// The same for wind.
pub const WIND_FACTOR: Permill = Permill::from_percent(60);
/// The same for hydro power.
pub const HYDRO_FACTOR: Permill = Permill::from_percent(90);
/// The same for sites that can run at nameplate power all year.
pub const FIRM_FACTOR: Permill = Permill::from_percent(100);

/// The capacity factor that caps the cover of a site of this technology.
pub const fn capacity_factor(technology: Technology) -> Permill {
	match technology {
		Technology::Solar => SOLAR_FACTOR,
		Technology::Wind => WIND_FACTOR,
		Technology::Hydro => HYDRO_FACTOR,
		Technology::Firm => FIRM_FACTOR,
	}
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Site<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// What the owner registered.
	pub details: SiteDetails,
	/// The meter at the connection point, as certified by the registrar. `None`: not certified.
	pub revenue_meter: Option<MeterId>,
	/// The vault it is pledged to.
	pub pledged_to: Option<VaultId>,
	/// Number of meters that stand here.
	pub meters: u32,
	/// KWH of the owner's on hold for it, in base units.
	pub deposit: Balance,
}

/// Where a meter and its check meter stood when they last agreed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Agreed {
	/// When the meter was read.
	pub at: Moment,
	/// Registers of the meter.
	pub meter: Registers,
	/// Registers of its check meter.
	pub check: Registers,
}

/// Where the meter stood when its device was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Replacement {
	/// Closing registers of all devices before.
	pub closing: Registers,
	/// What the new device showed then.
	pub opening: Registers,
	/// The meter's sequence of the new device's 0: a device counts for itself.
	pub sequence: u64,
}

impl Replacement {
	/// The meter's registers when its device shows `shown`; `None` if one fell below the opening or leaves 64 bits.
	pub fn registers(&self, shown: &Registers) -> Option<Registers> {
		let mut registers = shown.clone();
		for ((register, opening), closing) in registers.iter_mut().zip(&self.opening).zip(&self.closing) {
			*register = register.checked_sub(*opening)?.checked_add(*closing)?;
		}
		Some(registers)
	}
}

/// A reading as accepted: the device's numbers carried on across replacements, and what was unusual about them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Accepted {
	/// The meter's sequence.
	pub sequence: u64,
	/// When it was measured.
	pub measured_at: Moment,
	/// The meter's registers.
	pub registers: Registers,
	/// What is unusual about it.
	pub flags: Flags,
	/// When a register last moved, by the meter's readings.
	pub moved_at: Moment,
}

/// An accepted reading that nobody can challenge any more.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Final {
	/// The reading.
	pub reading: Accepted,
	/// Open time at which it became final.
	pub known_at: Moment,
}

/// The first final measured reading at or beyond a threshold since it was watched for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reached {
	/// Its sequence.
	pub sequence: u64,
	/// When it was measured.
	pub measured_at: Moment,
	/// Open time at which it became final.
	pub known_at: Moment,
}

/// Why a pending reading does not become final with its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Hold {
	/// Open time at which it ends as an estimate unless there is a verdict.
	pub until: Moment,
	/// Unix time at which an attestor disputed it; `None` if its flags hold it.
	pub disputed_at: Option<Moment>,
}

/// A reading that waits for its challenge window to end. What was read, its voting period and its committee are fixed when it is
/// accepted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pending {
	/// What was read.
	pub reading: Accepted,
	/// Open time at which its window ends.
	pub final_at: Moment,
	/// How long a dispute of it waits for a verdict, in milliseconds of open time.
	pub vote_period: Moment,
	/// The committee that decides about it; 0: none.
	pub committee: u32,
	/// What keeps it from being final.
	pub hold: Option<Hold>,
}

impl Pending {
	/// Open time from which it is final, if no one before it holds it up.
	pub fn due(&self) -> Moment {
		self.hold.map_or(self.final_at, |hold| hold.until)
	}

	/// Keeps it from being final before open time `open`.
	pub(crate) fn not_due_before(&mut self, open: Moment) {
		let due = self.hold.as_mut().map_or(&mut self.final_at, |hold| &mut hold.until);
		*due = open.max(*due);
	}

	/// As what it becomes final.
	pub(crate) fn mature(self) -> Accepted {
		let mut reading = self.reading;
		reading.flags = reading.flags.and(Flags::UNCONFIRMED.when(self.hold.is_some()));
		reading
	}
}

/// A meter: what it is, how it is judged, and where it stands. One record, so that a reading costs one read and one write.
#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(S))]
#[codec(mel_bound())]
pub struct Meter<S: Get<u32>> {
	/// Where it stands.
	pub site: SiteId,
	/// The device's public key. `None`: a committee reads the meter.
	pub key: Option<DeviceKey>,
	/// What its OCMF records look like. `None`: the device signs this chain's own payload.
	pub ocmf: Option<Ocmf>,
	/// What its registers count.
	pub registers: BoundedVec<Register, MaxRegisters>,
	/// How its readings are judged.
	pub policy: Policy,
	/// Open time at which it was suspended. `None`: it is active, its readings are accepted.
	pub suspended_at: Option<Moment>,
	/// KWH of the site owner's on hold for it, in base units.
	pub deposit: Balance,
	/// The committee of readings accepted from now on, by its number; 0: none.
	pub committee: u32,
	/// The meter that this one checks.
	pub checks: Option<MeterId>,
	/// Where it and its check meter last agreed.
	pub agreed: Option<Agreed>,
	/// Number of its device, counted from 0: how often it was replaced.
	pub device: u32,
	/// The last replacement of its device.
	pub replacement: Option<Replacement>,
	/// Sequences up to here are closed to reports of fraud: one was punished.
	pub punished: Option<u64>,
	/// Sequences up to here do not come again: readings were dropped, and each sequence is judged once.
	pub dropped: Option<u64>,
	/// Thresholds that no final reading has reached yet.
	pub watching: BoundedVec<Threshold, ConstU32<MAX_THRESHOLDS>>,
	/// Number of thresholds that were ever watched for.
	pub thresholds: u32,
	/// The date from which it counts as its site's revenue meter; energy before it is not booked. `None`: it does not.
	pub certified_since: Option<Moment>,
	/// Attested energy of its site, booked while it was the revenue meter. Of all that is here it is by far the largest: kept apart
	/// in memory, it is not copied with the rest. It is stored as if it were not.
	pub ring: Option<Box<CoverRing>>,
	/// The newest final reading that was measured: what bills and cover follow.
	pub measured: Option<Final>,
	/// The newest final reading, if it is newer and an estimate.
	pub estimated: Option<Final>,
	/// Accepted readings after the final ones, oldest first.
	pub pending: BoundedVec<Pending, S>,
}

impl<S: Get<u32>> Meter<S> {
	/// Whether its readings are accepted.
	pub fn status(&self) -> MeterStatus {
		match self.suspended_at {
			None => MeterStatus::Active,
			Some(_) => MeterStatus::Suspended,
		}
	}

	/// Where `register` stands among the meter's registers.
	pub fn position(&self, register: Register) -> Option<usize> {
		self.registers.iter().position(|declared| *declared == register)
	}

	/// The newest final reading, measured or estimated.
	pub fn newest_final(&self) -> Option<&Final> {
		self.estimated.as_ref().or(self.measured.as_ref())
	}

	/// The newest accepted reading, final or not.
	pub fn newest(&self) -> Option<&Accepted> {
		let last = self.pending.last().map(|pending| &pending.reading);
		last.or(self.newest_final().map(|newest| &newest.reading))
	}

	/// Number of pending readings that are final at open time `now`. While the meter is suspended, none becomes so.
	pub fn matured(&self, now: Moment) -> usize {
		match self.status() {
			MeterStatus::Active => self.pending.iter().take_while(|pending| pending.due() <= now).count(),
			MeterStatus::Suspended => 0,
		}
	}

	/// When the oldest dispute that can still be decided at open time `open` began, Unix milliseconds.
	pub fn disputed_at(&self, open: Moment) -> Option<Moment> {
		let holds = self.pending.iter().filter_map(|pending| pending.hold);
		holds
			.filter(|hold| open < hold.until)
			.filter_map(|hold| hold.disputed_at)
			.min()
	}

	/// The newest reading that is a measurement at open time `open`: what registers are judged against. One that its flags or
	/// a dispute held until its time was over has become an estimate.
	pub fn last_measured(&self, open: Moment) -> Option<&Accepted> {
		let matured = self.matured(open);
		let mut pending = self.pending.iter().enumerate();
		let unconfirmed = |place: usize, pending: &Pending| place < matured && pending.hold.is_some();
		pending
			.rfind(|(place, pending)| !pending.reading.flags.is_estimate() && !unconfirmed(*place, pending))
			.map(|(_, pending)| &pending.reading)
			.or(self.measured.as_ref().map(|newest| &newest.reading))
	}

	/// The last sequence that was used up.
	pub(crate) fn last_sequence(&self) -> Option<u64> {
		self.dropped.max(self.newest().map(|newest| newest.sequence))
	}

	/// The meter's sequence when its device says `sequence`; `None` beyond 64 bits.
	pub(crate) fn sequence(&self, sequence: u64) -> Option<u64> {
		let first = self.replacement.as_ref().map_or(0, |replacement| replacement.sequence);
		first.checked_add(sequence)
	}

	/// What the registers are when its device shows `shown`; `None` if one fell below where a replacement began.
	pub(crate) fn carried_on(&self, shown: &Registers) -> Option<Registers> {
		match &self.replacement {
			Some(replacement) => replacement.registers(shown),
			None => Some(shown.clone()),
		}
	}

	/// Adds an accepted reading, final at open time `final_at` or when a verdict says so. `held` keeps it for a vote.
	pub(crate) fn push(&mut self, reading: Accepted, final_at: Moment, held: bool) {
		let vote_period = self.policy.vote_period;
		let pending = Pending {
			reading,
			final_at,
			vote_period,
			committee: self.committee,
			hold: held.then(|| Hold {
				until: final_at.saturating_add(vote_period),
				disputed_at: None,
			}),
		};
		let _ = self
			.pending
			.try_push(pending)
			.defensive_proof("authorisation refuses what does not fit");
	}
}

/// What stays known of a meter that was removed, beside its first final reading, its month starts and its thresholds: what these
/// are read by, and verified with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RetiredMeter {
	/// Where it stood.
	pub site: SiteId,
	/// Its last device's public key. `None`: a committee read it.
	pub key: Option<DeviceKey>,
	/// What its registers counted.
	pub registers: BoundedVec<Register, MaxRegisters>,
	/// The newest final reading that was measured.
	pub measured: Final,
}

/// Registers of a meter at the start of a UTC month.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct MonthStart {
	/// Interpolated between the two adjacent final readings, rounded down.
	pub registers: Registers,
	/// Open time at which they became known.
	pub known_at: Moment,
}

/// Whose a device key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyUse {
	/// The meter.
	pub meter: MeterId,
	/// Which of the meter's devices, counted from 0. A key that was rotated out is still its device's.
	pub device: u32,
}

/// What the registrar has approved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Approval {
	/// Where the device stands.
	pub site: SiteId,
	/// What its OCMF records look like. `None`: it signs this chain's own payload.
	pub ocmf: Option<Ocmf>,
}

/// An attestor's standing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Attestor {
	/// BLD on hold, in base units.
	pub bond: Balance,
	/// The part of it that is at stake in open disputes.
	pub staked: Balance,
	/// Open time from which the bond can be withdrawn; `None` unless the attestor is leaving.
	pub free_at: Option<Moment>,
	/// Committees that it sits on.
	pub seats: u32,
	/// Disputes it won.
	pub won: u32,
	/// Disputes it lost.
	pub lost: u32,
	/// Votes it cast.
	pub votes: u32,
	/// BLD it was slashed, in base units.
	pub slashed: Balance,
}

/// What an attestor has earned by serving meters, in KWH base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Earned {
	/// Kept for it in the pallet's account.
	pub claimable: Balance,
	/// Claimed, in all.
	pub claimed: Balance,
}

/// Who decides about a meter's readings.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Committee<AccountId> {
	/// Attestors.
	pub members: BoundedVec<AccountId, MaxCommittee>,
	/// How many of them must say the same: more than half.
	pub quorum: u32,
}

/// An open dispute, or the votes on a reading that is held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Dispute<AccountId> {
	/// Who disputes, with what at stake (BLD base units). `None`: the reading's own flags hold it.
	pub by: Option<(AccountId, Balance)>,
	/// Hash of the evidence, kept where the committee can read it.
	pub evidence: H256,
	/// Number of the committee that decides.
	pub committee: u32,
	/// Members that said it stands, a bit each.
	pub stands: u16,
	/// Members that said it is wrong, a bit each.
	pub wrong: u16,
	/// Open time until which there can be a verdict.
	pub until: Moment,
}

/// The flag of a reading's own quality.
pub(crate) fn quality_flag(quality: Quality) -> Flags {
	Flags::ESTIMATED.when(quality == Quality::Estimated)
}

/// The open-time clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ClockState {
	/// Time of the last block, Unix milliseconds; 0 before the first.
	pub last: Moment,
	/// Open time passed since the chain's start, milliseconds.
	pub open: Moment,
}

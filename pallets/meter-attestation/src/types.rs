//! What the pallet stores.

use core::ops::RangeInclusive;

use baseload_math::cover::CoverRing;
use baseload_primitives::{
	Balance, MaxRegisters, MeterId, MeterStatus, Moment, Reading, Register, SiteDetails, SiteId, Technology, VaultId,
	DAY, SECOND,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	traits::{Defensive, Get},
	BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use scale_info::TypeInfo;
use sp_runtime::Permill;

/// Challenge windows that an admin may set, in milliseconds of open time.
pub const CHALLENGE_WINDOWS: RangeInclusive<Moment> = SECOND..=30 * DAY;

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

/// Attested energy of a site.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SiteCover {
	/// The meter whose net is booked.
	pub meter: MeterId,
	/// The date from which the newest certificate holds; energy measured before it is not booked from then on.
	pub since: Moment,
	/// Energy by day and by span.
	pub ring: CoverRing,
}

/// A meter.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Meter {
	/// Where it stands.
	pub site: SiteId,
	/// Its public key.
	pub key: baseload_primitives::DeviceKey,
	/// What its registers count.
	pub registers: BoundedVec<Register, MaxRegisters>,
	/// Whether its readings are accepted.
	pub status: MeterStatus,
	/// KWH of the site owner's on hold for it, in base units.
	pub deposit: Balance,
}

impl Meter {
	/// Where `register` stands among the meter's registers.
	pub fn position(&self, register: Register) -> Option<usize> {
		self.registers.iter().position(|declared| *declared == register)
	}
}

/// A reading that waits for its challenge window to end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pending {
	/// What was read.
	pub reading: Reading,
	/// Open time at which it becomes final, fixed when it was accepted.
	pub final_at: Moment,
}

/// Readings of a meter.
#[derive(
	CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, DefaultNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(S))]
#[codec(mel_bound())]
pub struct MeterState<S: Get<u32>> {
	/// The newest reading recorded as final.
	pub newest_final: Option<Reading>,
	/// Accepted readings after it, oldest first.
	pub pending: BoundedVec<Pending, S>,
}

impl<S: Get<u32>> MeterState<S> {
	/// The newest accepted reading, final or not.
	pub fn newest(&self) -> Option<&Reading> {
		self.pending
			.last()
			.map(|pending| &pending.reading)
			.or(self.newest_final.as_ref())
	}

	/// Number of pending readings whose window is over at open time `now`.
	pub fn matured(&self, now: Moment) -> usize {
		self.pending
			.iter()
			.take_while(|pending| pending.final_at <= now)
			.count()
	}

	/// Adds an accepted reading, final at open time `final_at` but not before the one ahead of it. Returns when.
	pub(crate) fn push(&mut self, reading: Reading, final_at: Moment) -> Moment {
		let final_at = self.pending.last().map_or(final_at, |last| final_at.max(last.final_at));
		let _ = self
			.pending
			.try_push(Pending { reading, final_at })
			.defensive_proof("authorisation refuses what does not fit");
		final_at
	}
}

/// The open-time clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ClockState {
	/// Time of the last block, Unix milliseconds; 0 before the first.
	pub last: Moment,
	/// Open time passed since the chain's start, milliseconds.
	pub open: Moment,
}

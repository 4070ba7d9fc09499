//! What one pallet may ask of another. Amounts are base units, times are Unix milliseconds.
//!
//! Under the feature `runtime-benchmarks` each trait also sets up the state that a caller's benchmark needs.

use alloc::vec::Vec;

use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	Balance, FeedId, Flags, MeterId, Moment, Price, Register, Registers, SiteId, Threshold, TokenId, VaultId, WattHours,
};

/// A clock that stands still while the chain is paused, in safe mode or halted, so that no challenge, notice, grace or cure
/// period runs out while nobody can act on it. It moves at most a bounded step per block.
pub trait OpenTime {
	/// Milliseconds of open time since the chain's start.
	fn now() -> Moment;
	/// Unix time at which the chain started. Counted on from here, the open clock can be compared with calendar dates: it is
	/// never ahead of the calendar, and behind it by all the time that the chain stood still.
	fn began() -> Moment;

	/// Makes it `now`, Unix milliseconds, on this clock and on the calendar.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_now(now: Moment);
}

/// A reading that can no longer be challenged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalReading {
	/// The meter's sequence.
	pub sequence: u64,
	/// When it was measured.
	pub measured_at: Moment,
	/// The registers, in the order the meter declared them.
	pub registers: Registers,
	/// What was unusual about it, and yet did not keep it from being final.
	pub flags: Flags,
}

/// The final registers of meters: what billing follows.
pub trait RegisterSource<AccountId> {
	/// A meter's history, read once and asked often.
	type History: MeterHistory;

	/// Owner of the site at which the meter stands; `None` for a meter that is unknown or was removed.
	fn owner(meter: MeterId) -> Option<AccountId>;
	/// What the meter's registers count, in the order it declared them; `None` for a meter that is unknown or was removed.
	fn registers(meter: MeterId) -> Option<Vec<Register>>;
	/// True if the meter only checks another one: their energy is the same.
	fn is_check(meter: MeterId) -> bool;
	/// How long readings accepted from now on can be challenged, in milliseconds of open time; `None` for an unknown meter.
	fn window(meter: MeterId) -> Option<Moment>;
	/// What is final as of now, also of a meter that was removed; `None` for a meter that is unknown or was removed without a
	/// final reading.
	fn history(meter: MeterId) -> Option<Self::History>;
	/// The newest final reading that was measured; `None` before the first.
	fn final_reading(meter: MeterId) -> Option<FinalReading> {
		Self::history(meter)?.newest()
	}
	/// Watches for `threshold`, for ever; does nothing if it is watched for or reached already. Fails if the meter is unknown,
	/// lacks the register, or is watched for too much.
	fn watch(meter: MeterId, threshold: Threshold) -> DispatchResult;

	/// Makes `meter` one of `owner`'s, with an export register at position 0 whose final readings stand, at the start of each
	/// of the months from `from` on (12 x year + month - 1), at these counts.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_months(meter: MeterId, owner: &AccountId, from: u32, counts: &[u64]);
	/// Has a meter of `owner`'s read so often, one after the other, from the start of a month to its end.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_read(meter: MeterId, owner: &AccountId, month: u32, readings: u32);
}

/// What bills by the registers of meters.
pub trait MeterUse {
	/// True if an agreement that binds has a share in the meter's registers. Then the meter cannot be removed.
	fn is_billed(meter: MeterId) -> bool;
}

/// What is final of one meter. Whatever it answers it answers for ever, and nothing becomes known earlier than the block that
/// it came in.
pub trait MeterHistory {
	/// Registers at the start of a UTC month (12 x year + month - 1): on the straight line between the measured final readings
	/// around it, rounded down; the first one's if the month started before it. With it the open time at which they became
	/// known. If a month has registers, so has every earlier one, known no later.
	fn month_start(&self, month: u32) -> Option<(Registers, Moment)>;
	/// The first measured final reading at or beyond a watched `threshold`: when it was measured, Unix, and the open time at
	/// which it became final. `None` if it is not reached or not watched for.
	fn reached(&self, threshold: Threshold) -> Option<(Moment, Moment)>;
	/// The newest final reading that was measured.
	fn newest(&self) -> Option<FinalReading>;
}

/// Prices that agreements follow.
pub trait IndexSource {
	/// What `feed` shows now, in 10^-18 KWH base units per Wh; it can be negative. `None` if too few fresh observations tell:
	/// never an old value.
	fn value(feed: FeedId) -> Option<i128>;

	/// Makes `feed` show something.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_value(feed: FeedId);
}

/// Attested energy of sites: what raises a vault's capacity to draw KWH, for as long as it is recent.
pub trait EnergyCover<AccountId> {
	/// Owner of the site; `None` for an unknown site.
	fn owner(site: SiteId) -> Option<AccountId>;
	/// Attested net energy that counts at this moment: min(30-day sum, 365-day sum / 12), rounded down. Zero for a site
	/// that is unknown or not certified.
	fn cover(site: SiteId) -> WattHours;
	/// Marks the site as pledged to `vault`. Fails if it is unknown, not certified, or pledged already.
	fn pledge(site: SiteId, vault: VaultId) -> DispatchResult;
	/// Takes the pledge to `vault` back. Fails if there is none.
	fn release(site: SiteId, vault: VaultId) -> DispatchResult;

	/// Makes `site` a certified one of `owner`'s with at least `wh` of cover.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_cover(site: SiteId, owner: &AccountId, wh: WattHours);
}

/// An index price as its feeds show it, and since when most of them do.
///
/// Of an even number of feeds two are in the middle. Neither is *the* price: half of the feeds could make it what they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
	/// The lower of the two in the middle, in the quote currency. Never zero.
	pub lower: Price,
	/// The upper of the two; of an odd number of feeds, the same.
	pub upper: Price,
	/// The latest moment since which more than half of the feeds came in.
	pub at: Moment,
}

/// Index prices, from feeds that are fresh now. `None` means *no price*: too few of them. Never an old price, never zero.
pub trait PriceSource {
	/// The published price of one kWh.
	fn reference() -> Option<Observed>;
	/// The price of one whole unit of a token, in the same quote currency.
	fn collateral(token: TokenId) -> Option<Observed>;

	/// Makes both prices available, observed now.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_prices(reference: Price, token: TokenId, collateral: Price);
}

/// Retires a vault's debt out of somebody's KWH.
pub trait DebtSweep<AccountId> {
	/// Owner of the vault; `None` for an unknown vault.
	fn owner(vault: VaultId) -> Option<AccountId>;
	/// What the vault owes, in KWH base units; zero for an unknown vault.
	fn debt(vault: VaultId) -> Balance;
	/// Burns min(`amount`, debt) of `from`'s KWH and lowers the vault's debt by as much, or one unit less if others still owe the
	/// last one. Returns what was burnt.
	/// Fails, changing nothing, if `from` has not that much to spend.
	fn retire(vault: VaultId, from: &AccountId, amount: Balance) -> Result<Balance, DispatchError>;

	/// Gives `vault`, of `owner`, a debt of `debt`, and `owner` the KWH drawn.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_debt(vault: VaultId, owner: &AccountId, debt: Balance);
}

/// Pays those who stand behind a meter's readings: a flat amount for their service, never by the reading or by what they
/// approve.
pub trait AttestorPay<AccountId> {
	/// True if somebody serves the meter now: a member of its committee that is bonded and in good standing.
	fn is_served(meter: MeterId) -> bool;
	/// Takes at most `amount` of `from`'s KWH for those who serve the meter now, in equal shares; what does not divide is left
	/// to `from`. Returns what was taken, zero if nobody serves the meter. Fails, changing nothing, if `from` cannot spare it
	/// or it cannot be kept for them.
	fn pay(meter: MeterId, from: &AccountId, amount: Balance) -> Result<Balance, DispatchError>;

	/// Makes as many attestors serve `meter`, which exists, as can. Nobody was paid before.
	#[cfg(feature = "runtime-benchmarks")]
	fn set_served(meter: MeterId);
}

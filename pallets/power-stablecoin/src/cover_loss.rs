//! Loss of energy cover: a cure period, then a wind-down by redemption at par.
//!
//! Blocks with weight left look at the cover of a few vaults each, one after the other, so that every vault has its turn; whoever
//! sees earlier that a vault has lost it says so by call. The cure period is then counted in open time.

use baseload_primitives::{Balance, Moment, OpenTime, TokenId, VaultId, DAY};
use frame_support::{ensure, traits::Time, weights::WeightMeter};
use sp_runtime::DispatchResult;

use crate::{
	entry::Entry, Config, Error, Event, LastWatched, LastWoundDown, Line, Pallet, Vaults, WeightInfo, WindDown,
	WindDowns, MAX_STEPS,
};

/// Open time that an owner has to restore the energy cover, or to repay what it no longer covers.
pub(crate) const CURE: Moment = 7 * DAY;

/// What is uncovered is wound down in no less than this many days.
const WIND_DOWN_DAYS: Balance = 30;

/// How many vaults a block looks at by itself, at most: of 100,000 each has its turn within two days.
const LOOKS: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Looks at the energy cover of the next few vaults, for as long as there is weight.
	pub(crate) fn watch_covers(meter: &mut WeightMeter) {
		for _ in 0..LOOKS {
			if meter.try_consume(T::WeightInfo::watch_cover()).is_err() || !Self::watch_cover() {
				return;
			}
		}
	}

	/// Looks at the energy cover of the vault behind the one that was looked at last; says whether there was one, or else begins
	/// with the first again.
	pub(crate) fn watch_cover() -> bool {
		let behind = |last| Vaults::<T>::iter_keys_from(Vaults::<T>::hashed_key_for(last)).next();
		let next = LastWatched::<T>::get().and_then(behind);
		if let Some(id) = next.or_else(|| Vaults::<T>::iter_keys().next()) {
			LastWatched::<T>::put(id);
			// Most often there is nothing to do. An error changes nothing, and the vault has its turn again.
			let _ = Self::do_check_cover(id);
		}
		next.is_some()
	}

	pub(crate) fn do_check_cover(id: VaultId) -> DispatchResult {
		let mut entry = Entry::<T>::existing(id)?;
		let token = entry.vault.token;
		let uncovered = Self::uncovered(&entry.vault, entry.debt()?);
		let now = T::OpenTime::now();
		let wound = WindDowns::<T>::get(token, id);
		match (uncovered, entry.vault.cure_until, wound) {
			(0, None, _) => return Err(Error::<T>::CoverHolds.into()),
			(0, Some(_), _) => {
				entry.vault.cure_until = None;
				WindDowns::<T>::remove(token, id);
			}
			(_, None, _) => entry.vault.cure_until = Some(now.saturating_add(CURE)),
			(_, Some(until), None) => {
				ensure!(now >= until, Error::<T>::CurePeriodRuns);
				let begun = WindDown {
					left: uncovered,
					a_day: uncovered.div_ceil(WIND_DOWN_DAYS),
					line: Line::default(),
				};
				WindDowns::<T>::insert(token, id, begun);
				Self::deposit_event(Event::WindDownBegun { vault: id, uncovered });
			}
			(_, Some(_), Some(wound)) => {
				ensure!(wound.left != uncovered, Error::<T>::WindDownRuns);
				// Cover that fades little by little is wound down as fast as if it had gone at once.
				let refreshed = WindDown {
					left: uncovered,
					a_day: wound.a_day.max(uncovered.div_ceil(WIND_DOWN_DAYS)),
					..wound
				};
				WindDowns::<T>::insert(token, id, refreshed);
			}
		}
		Self::deposit_event(Event::CoverChecked {
			vault: id,
			uncovered,
			cure_until: entry.vault.cure_until,
		});
		entry.store();
		Ok(())
	}

	/// Vaults of a type that are being wound down, and the most that a redemption may take from each now. Looks at so many as a
	/// call may have steps, from behind the one that a redemption came to last, so that each has its turn.
	pub(crate) fn wound_down(token: TokenId) -> impl Iterator<Item = (VaultId, Balance)> {
		let now = T::Time::now();
		let last = LastWoundDown::<T>::get(token);
		let behind = last.map(|id| WindDowns::<T>::iter_prefix_from(token, WindDowns::<T>::hashed_key_for(token, id)));
		// What is behind it comes again at the end: only if there are fewer than are looked at, and then its day is used up.
		let all = behind.into_iter().flatten().chain(WindDowns::<T>::iter_prefix(token));
		all.take(MAX_STEPS as usize).map(move |(id, wound)| {
			let room = wound.line.refilled(wound.a_day, now).room(wound.a_day);
			(id, room.min(wound.left))
		})
	}

	/// Counts what was redeemed against a vault that is being wound down.
	pub(crate) fn count_wind_down(entry: &Entry<T>, burnt: Balance) {
		let now = T::Time::now();
		WindDowns::<T>::mutate_exists(entry.vault.token, entry.id, |wound| {
			if let Some(mut some) = wound.take() {
				some.line = some.line.refilled(some.a_day, now);
				some.line.used = some.line.used.saturating_add(burnt);
				some.left = some.left.saturating_sub(burnt).min(entry.vault.drawn);
				*wound = (some.left > 0).then_some(some);
			}
		});
	}
}

//! Brakes: the breaker, the refilling ceilings, the issuance fuse. They stop what adds risk; exits are never stopped.

use baseload_math::books::key::RiskKey;
use baseload_primitives::{Balance, BreakerLevel, Moment, OpenTime, TokenId, DAY, KWH};
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get, Time},
};
use sp_runtime::{ArithmeticError, DispatchResult};

use crate::{prices::Quote, Breaker, CollateralType, Config, Error, Event, Fuse, Line, Pallet, Tokens, Types};

impl Line {
	/// The line after it has refilled until `now`, `a_day` every day, rounded down.
	pub(crate) fn refilled(&self, a_day: Balance, now: Moment) -> Self {
		let elapsed = u128::from(now.saturating_sub(self.since)).min(u128::from(DAY));
		let day = u128::from(DAY);
		// Divided first only where the product would leave its width.
		let refill = a_day
			.checked_mul(elapsed)
			.map_or_else(|| a_day / day * elapsed, |product| product / day);
		// The clock stands while nothing refills, so that many short waits refill as much as a long one.
		let since = if refill == 0 && elapsed < day { self.since } else { now };
		Self {
			used: self.used.saturating_sub(refill),
			since,
		}
	}

	/// What is left of it.
	pub(crate) fn room(&self, a_day: Balance) -> Balance {
		a_day.saturating_sub(self.used)
	}
}

impl<T: Config> Pallet<T> {
	/// Whether the breaker lets nothing but exits through.
	pub(crate) fn exits_only() -> bool {
		Breaker::<T>::get() == BreakerLevel::ExitOnly
	}

	pub(crate) fn do_tighten(level: BreakerLevel) -> DispatchResult {
		let old = Breaker::<T>::get();
		ensure!(level > old, Error::<T>::WrongDirection);
		Self::move_breaker(old, level);
		Ok(())
	}

	pub(crate) fn do_loosen(level: BreakerLevel) -> DispatchResult {
		let old = Breaker::<T>::get();
		ensure!(level < old, Error::<T>::WrongDirection);
		Self::move_breaker(old, level);
		Ok(())
	}

	/// Types begin to stand still, or their grace begins, at once: not when the next block has time to look.
	fn move_breaker(old: BreakerLevel, new: BreakerLevel) {
		Breaker::<T>::put(new);
		for token in Tokens::<T>::get() {
			Types::<T>::mutate(token, |kind| {
				if let Some(kind) = kind {
					Self::observe(token, kind);
				}
			});
		}
		Self::deposit_event(Event::BreakerMoved { old, new });
	}

	/// Whether unsafe vaults of the type are liquidated now. Refused while prices or breaker stop it, and during the grace.
	pub(crate) fn ensure_liquidation(kind: &CollateralType) -> DispatchResult {
		Self::ensure_running()?;
		ensure!(!Self::exits_only(), Error::<T>::BreakerOpen);
		ensure!(
			kind.stopped_since.is_none() && T::OpenTime::now() >= kind.liquidation_from,
			Error::<T>::Grace
		);
		Ok(())
	}

	/// Whether the riskiest vault of the type is below the liquidation ratio.
	pub(crate) fn front_is_unsafe(token: TokenId, kind: &CollateralType, quote: &Quote) -> Result<bool, Error<T>> {
		match Self::front(token) {
			Some((key, _)) => Self::is_unsafe(kind, key, quote),
			None => Ok(false),
		}
	}

	/// Whether a vault with this key is below the liquidation ratio.
	pub(crate) fn is_unsafe(kind: &CollateralType, key: RiskKey, quote: &Quote) -> Result<bool, Error<T>> {
		Ok(kind.books.is_unsafe(key, &quote.exit, &Self::terms(kind))?)
	}

	/// The most that a draw may add to a type's debt now, by its ceiling, its refill, its share of all debt and the fuse.
	pub(crate) fn room(kind: &CollateralType) -> Balance {
		Self::type_room(kind).min(Self::fuse_room())
	}

	fn type_room(kind: &CollateralType) -> Balance {
		Self::ceiling_room(kind)
			.min(Self::refilled_room(kind))
			.min(Self::share_room(kind))
	}

	fn ceiling_room(kind: &CollateralType) -> Balance {
		whole(kind.params.ceiling).saturating_sub(kind.books.debt)
	}

	fn refilled_room(kind: &CollateralType) -> Balance {
		let a_day = whole(kind.params.refill);
		kind.line.refilled(a_day, T::Time::now()).room(a_day)
	}

	/// With share s, debt d of all debt D: d + x <= s (D + x), that is x <= (s D - d) / (1 - s), rounded down.
	fn share_room(kind: &CollateralType) -> Balance {
		let share = u128::from(kind.params.max_share.deconstruct());
		let rest = 1_000_000u128.saturating_sub(share);
		if rest == 0 {
			return Balance::MAX;
		}
		let all = T::Kwh::total_issuance();
		let may = kind.params.max_share.mul_floor(all).saturating_sub(kind.books.debt);
		// Rounded down twice; a product that leaves its width is far beyond any other limit.
		may.checked_mul(1_000_000).map_or(Balance::MAX, |may| may / rest)
	}

	/// What the fuse lets through a day.
	fn fuse_a_day() -> Balance {
		T::FuseFloor::get().max(T::FuseShare::get().mul_floor(T::Kwh::total_issuance()))
	}

	/// What it lets through now.
	pub(crate) fn fuse_room() -> Balance {
		let a_day = Self::fuse_a_day();
		Fuse::<T>::get().refilled(a_day, T::Time::now()).room(a_day)
	}

	/// Uses up `amount` of the type's limits and of the fuse.
	pub(crate) fn use_up(kind: &mut CollateralType, amount: Balance) -> DispatchResult {
		ensure!(amount <= Self::ceiling_room(kind), Error::<T>::CeilingReached);
		ensure!(amount <= Self::share_room(kind), Error::<T>::ShareReached);
		ensure!(amount <= Self::refilled_room(kind), Error::<T>::NotRefilled);
		ensure!(amount <= Self::fuse_room(), Error::<T>::FuseBlown);
		let now = T::Time::now();
		let mut line = kind.line.refilled(whole(kind.params.refill), now);
		line.used = line.used.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		kind.line = line;
		Fuse::<T>::try_mutate(|fuse| {
			*fuse = fuse.refilled(Self::fuse_a_day(), now);
			fuse.used = fuse.used.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})
	}

	/// Gives `amount` back: debt was repaid.
	pub(crate) fn give_back(kind: &mut CollateralType, amount: Balance) {
		kind.line.used = kind.line.used.saturating_sub(amount);
		Fuse::<T>::mutate(|fuse| fuse.used = fuse.used.saturating_sub(amount));
	}
}

/// Whole KWH in base units.
fn whole(kwh: u64) -> Balance {
	Balance::from(kwh) * KWH
}

//! Prices as operations go by them: fail-closed, slow where they must be, and the worse one where there are two.

use baseload_math::{
	books::terms::Price as BooksPrice,
	ratio::{Priced, Quote as Ratios},
};
use baseload_primitives::{Moment, Observed, OpenTime, Price, PriceSource, TokenId, DAY, HOUR, KWH, MINUTE};
use frame_support::traits::Time;

use crate::{
	pool::{LONGEST_WAIT, POOL_TERMS},
	Closings, CollateralType, Config, Due, Market, Pallet, PoolDue, PoolRounds, Reference, ReferencePrice, Round,
};

/// A price within a tenth of the last one is believed at once.
const BAND: u128 = 10;

/// A price beyond the band is believed when it has been observed for this long.
pub(crate) const CONFIRMATION: Moment = 15 * MINUTE;

/// The reference price follows its feeds by at most a hundredth of itself a day.
const DAILY_MOVE: u128 = 100;

/// The reference price never falls below 0.001 of the quote currency: KWH must not become worthless by a feed.
const REFERENCE_FLOOR: u128 = 1_000_000_000_000_000;

/// Days in the yearly mean.
const MEAN_DAYS: u32 = 365;

/// The owners' grace after a stop lasts as long as the stop, but no longer than this.
pub(crate) const GRACE: Moment = HOUR;

/// What one KWH is worth in the collateral of a type, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
	/// For draws and withdrawals: the collateral at the lower of two prices, the debt at the higher.
	pub(crate) mint: BooksPrice,
	/// For liquidations and redemptions: the collateral at the higher of two prices.
	pub(crate) exit: BooksPrice,
	/// Value ratios at the prices of `exit`.
	pub(crate) ratios: Ratios,
	/// What the collateral's price was observed as of.
	pub(crate) at: Moment,
}

fn within_band(a: u128, b: u128) -> bool {
	a.abs_diff(b) <= b / BAND
}

impl Market {
	/// The market after `seen` was observed, and the lower and the higher price to go by. Feeds that are apart by more than the band
	/// are no price that could be believed: as long as half of them say one thing and half another, the wait begins anew.
	pub(crate) fn after(&self, seen: Observed) -> (Self, Price, Price) {
		let at = self.at.max(seen.at);
		let near = |price: Price| {
			let near = |seen: Price| within_band(seen.into_inner(), price.into_inner());
			near(seen.lower) && near(seen.upper)
		};
		let agreed = near(seen.lower);
		let moved = self.moved.filter(|(moved, _)| agreed && near(*moved));
		let moved = moved.unwrap_or((seen.lower, seen.at));
		let confirms = seen.at.saturating_sub(moved.1) >= CONFIRMATION;
		if agreed && (self.confirmed.is_none_or(near) || confirms) {
			let believed = Self {
				at,
				confirmed: Some(seen.lower),
				moved: None,
			};
			return (believed, seen.lower, seen.upper);
		}
		let waiting = Self {
			at,
			confirmed: self.confirmed,
			moved: Some(moved),
		};
		let last = |price: Price| self.confirmed.unwrap_or(price);
		(
			waiting,
			seen.lower.min(last(seen.lower)),
			seen.upper.max(last(seen.upper)),
		)
	}
}

impl Reference {
	/// The price after it followed `seen` until `now`.
	fn followed(&self, seen: Price, now: Moment) -> Price {
		let price = self.price.into_inner();
		// Before the chain's first hour is over, the price of genesis stands.
		let elapsed = match self.at {
			0 => 0,
			at => u128::from(now.saturating_sub(at)),
		};
		let day = u128::from(DAY);
		let step = price / DAILY_MOVE;
		// Divided first only where the product would leave its width.
		let most = step
			.checked_mul(elapsed)
			.map_or_else(|| (step / day).saturating_mul(elapsed), |product| product / day);
		let followed = seen
			.into_inner()
			.clamp(price.saturating_sub(most), price.saturating_add(most));
		Price::from_inner(followed.max(REFERENCE_FLOOR))
	}

	/// The mean of the closing prices of the last year of days; the price before the first day has closed.
	pub(crate) fn mean(&self) -> Price {
		match self.sum.checked_div(self.days.into()) {
			Some(mean) => Price::from_inner(mean),
			None => self.price,
		}
	}
}

/// What one KWH base unit is worth in collateral base units, `None` if a price is zero or beyond all bounds.
pub(crate) fn kwh_in(reference: Price, collateral: Price, decimals: u8) -> Option<BooksPrice> {
	const KWH_DECIMALS: u32 = 12;
	let decimals = u32::from(decimals);
	let power = |digits: u32| 10u128.checked_pow(digits);
	let numerator = reference
		.into_inner()
		.checked_mul(power(decimals.saturating_sub(KWH_DECIMALS))?)?;
	let denominator = collateral
		.into_inner()
		.checked_mul(power(KWH_DECIMALS.saturating_sub(decimals))?)?;
	BooksPrice::new(numerator, denominator)
}

impl<T: Config> Pallet<T> {
	/// The published price of one kWh, now; `None`: no price.
	pub(crate) fn reference() -> Option<Price> {
		let seen = T::Prices::reference()?;
		Some(match ReferencePrice::<T>::get() {
			Some(reference) => reference.followed(seen.lower, T::Time::now()),
			None => Price::from_inner(seen.lower.into_inner().max(REFERENCE_FLOOR)),
		})
	}

	/// The prices of a type, now; `None` if one is missing.
	pub(crate) fn quote(token: TokenId, kind: &CollateralType) -> Option<Quote> {
		Self::look(token, kind).map(|(quote, _)| quote)
	}

	/// The same, and the market after it.
	fn look(token: TokenId, kind: &CollateralType) -> Option<(Quote, Market)> {
		let reference = Self::reference()?;
		let seen = T::Prices::collateral(token)?;
		let (market, low, high) = kind.market.after(seen);
		let mean = ReferencePrice::<T>::get().map_or(reference, |reference| reference.mean());
		let whole = |price, unit| Priced { price, unit };
		let quote = Quote {
			mint: kwh_in(reference.max(mean), low, kind.decimals)?,
			exit: kwh_in(reference, high, kind.decimals)?,
			ratios: Ratios::new(
				whole(high, 10u128.checked_pow(kind.decimals.into())?),
				whole(reference, KWH),
			)?,
			at: seen.at,
		};
		Some((quote, market))
	}

	/// Looks at a type's price. A newer one begins a round: what is due in the pool begins to count. Notes when prices stop and
	/// when they come back. The caller stores the type.
	pub(crate) fn observe(token: TokenId, kind: &mut CollateralType) -> Option<Quote> {
		let seen = Self::look(token, kind);
		Self::note_stop(kind, seen.is_none());
		let quote = seen.map(|(quote, _)| quote);
		let newer = seen.filter(|(quote, _)| quote.at > kind.market.at);
		if let Some((_, market)) = newer {
			kind.market = market;
		}
		Self::note_unsafe(token, kind, quote.as_ref());
		if newer.is_some() {
			// While a move waits for confirmation, in the owners' grace, and in the hour before a raised liquidation ratio is in force,
			// the pool stands still too: nobody joins it, and nobody leaves it, for what everybody knows will happen. It cannot be
			// joined while nothing but exits is let through.
			let moves = kind.market.moved.is_some() && Self::pool_stands(kind);
			let rises = Self::raise_in(kind).is_some_and(|left| left <= GRACE);
			if !moves && !rises && (Self::exits_only() || Self::ensure_liquidation(kind).is_ok()) {
				kind.round = kind.round.saturating_add(1);
				Self::begin_round(token, kind);
			}
		}
		quote
	}

	/// Notes since when a vault is known to await liquidation, or a move of the price confirmation.
	fn note_unsafe(token: TokenId, kind: &mut CollateralType, quote: Option<&Quote>) {
		let waits = kind.market.moved.is_some()
			|| Self::ensure_liquidation(kind).is_ok()
				&& quote.is_some_and(|quote| Self::front_is_unsafe(token, kind, quote).unwrap_or(false));
		kind.unsafe_since = waits.then(|| kind.unsafe_since.unwrap_or_else(T::OpenTime::now));
	}

	/// Whether depositors are kept for what is known to come: not for longer than [`LONGEST_WAIT`].
	pub(crate) fn pool_stands(kind: &CollateralType) -> bool {
		kind.unsafe_since
			.is_some_and(|since| T::OpenTime::now() < since.saturating_add(LONGEST_WAIT))
	}

	/// Lets count in the pool all that waits for a price, without one.
	pub(crate) fn count_all(token: TokenId, kind: &mut CollateralType) {
		for _ in 0..POOL_TERMS.delay {
			kind.round = kind.round.saturating_add(1);
			Self::begin_round(token, kind);
		}
	}

	/// Lets count in the pool what is due.
	pub(crate) fn begin_round(token: TokenId, kind: &mut CollateralType) {
		let Some(Due { amount, depositors }) = PoolDue::<T>::take(token, kind.round) else {
			return;
		};
		let round = Round {
			marks: kind.pool.marks,
			depositors,
		};
		PoolRounds::<T>::insert(token, kind.round, round);
		match kind.pool.activate(amount) {
			Ok(pool) => kind.pool = pool,
			// What is due was added to what waits in the same call; KWH in existence fit a balance.
			Err(error) => {
				frame_support::defensive!("a deposit that waited could not count", error);
			}
		}
	}

	/// Whether a type stands still, for want of a price or by the breaker; and the grace that follows.
	fn note_stop(kind: &mut CollateralType, no_price: bool) {
		let now = T::OpenTime::now();
		let stopped = no_price || Self::exits_only();
		match kind.stopped_since {
			None if stopped => kind.stopped_since = Some(now),
			Some(since) if !stopped => {
				kind.stopped_since = None;
				let grace = now.saturating_sub(since).min(GRACE);
				kind.liquidation_from = kind.liquidation_from.max(now.saturating_add(grace));
			}
			_ => {}
		}
	}

	/// Lets the published price follow its feeds until `now`, and closes the days that are over by then. Once an hour is enough: in
	/// between, what is read follows the feeds from where this left off. After a halt `now` comes nearer by as many hours a time
	/// as interest is charged for, so that no call closes more than seven days.
	pub(crate) fn follow_reference(now: Moment) {
		let seen = T::Prices::reference();
		let Some(mut reference) = ReferencePrice::<T>::get() else {
			if let Some(price) = Self::reference() {
				ReferencePrice::<T>::put(Reference {
					price,
					at: now,
					sum: 0,
					days: 0,
				});
			}
			return;
		};
		if reference.at == 0 {
			reference.at = now;
		}
		let (first, today) = (reference.at / DAY, now / DAY);
		// Days that closed without a price close at the last one.
		for day in first..today {
			Self::close_day(&mut reference, day);
		}
		match seen {
			Some(seen) => (reference.price, reference.at) = (reference.followed(seen.lower, now), now),
			// Without feeds the price stands, and days that are closed must not close again. So what it may follow them by when they
			// are back grows from the last midnight on, and is never more than a day's.
			None if today > first => reference.at = today * DAY,
			None => {}
		}
		ReferencePrice::<T>::put(reference);
	}

	fn close_day(reference: &mut Reference, day: Moment) {
		let price = reference.price.into_inner();
		let slot = u32::try_from(day % u64::from(MEAN_DAYS)).unwrap_or_default();
		let dropped = match reference.days < MEAN_DAYS {
			true => 0,
			false => Closings::<T>::get(slot),
		};
		// Without room in the sum the day is left out of the mean.
		if let Some(sum) = (reference.sum - dropped.min(reference.sum)).checked_add(price) {
			Closings::<T>::insert(slot, price);
			reference.sum = sum;
			reference.days = (reference.days + 1).min(MEAN_DAYS);
		}
	}
}

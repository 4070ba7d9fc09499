//! The feeds that prices follow: what they showed, summed over time, and their mean over each month.
//!
//! A feed is sampled from the runtime's price source, by anyone at any time and by the chain about once an hour. What it
//! shows holds until the next sample; while the source has no price, nothing is sampled. The mean of a month is known, for
//! ever, with the first sample at or beyond its end, if the feed was sampled at or before its start.
//!
//! A feed is sampled as long as an agreement follows it. It is opened only while it has a price, so that none that does not
//! exist takes the place of one that does, and goes with the last agreement; the means of its months stay.
//!
//! Two ways lead out when a feed fails. Administrators can publish the index of a month that has ended without one, as a
//! contract's calculation agent would: not before the feed itself had a day to tell it, so that nobody decides what was
//! measured. And a contract for difference, whose bill waits for its index, need not wait for ever:
//! once `feed_final` has passed since the month's end, anyone can have the latest index of the twelve months before take its
//! place, or the one that the parties agreed for want of any.

use baseload_math::billing::{
	sources::{month_mean, FeedRegister, Index},
	terms::Tariff,
	wide::I256,
	Month, Price, Sources,
};
use baseload_primitives::{AgreementId, FeedId, IndexSource, Moment, DAY};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::{Get, Time},
	weights::WeightMeter,
};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{Config, Error, Event, Feeds, FixedIndexes, Indexes, NextSample, Pallet, WeightInfo};

/// How often the chain samples the feeds by itself, in milliseconds.
pub const SAMPLE_EVERY: Moment = 3_600_000;

/// How long after a month's end its index is the feed's own to tell, if the next sample would: for so many hourly samples.
const FEED_FIRST: Moment = DAY;

/// The most months that one sample settles. A feed that was silent for longer begins anew.
pub const MAX_SILENCE: u32 = 24;

/// The largest value of a feed, above or below zero: that of a price.
const MAX_VALUE: Price = baseload_math::billing::clauses::MAX_PRICE;

/// A feed as it is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feed {
	/// How many agreements that bind and are not closed follow it.
	pub agreements: u32,
	/// The running sum. `None` before the first sample.
	pub register: Option<FeedRegister>,
	/// What it held at the start of the month of the last sample; `None` if it began after that.
	pub opening: Option<I256>,
}

impl Feed {
	/// Whether the next sample, taken after the end of `month`, gives its mean.
	fn will_tell(&self, month: Month) -> bool {
		let Some(register) = self.register else {
			return false;
		};
		let last = Month::of(register.observed_at());
		last < month || (last == month && self.opening.is_some())
	}
}

impl<T: Config> Pallet<T> {
	/// Follows a feed for one more agreement, and begins to sample it with the first one.
	pub(crate) fn follow_feed(id: FeedId) -> DispatchResult {
		let feed = match Feeds::<T>::get(id) {
			Some(feed) => Feed {
				agreements: feed.agreements.saturating_add(1),
				..feed
			},
			None => {
				ensure!(Feeds::<T>::count() < T::MaxFeeds::get(), Error::<T>::TooManyFeeds);
				ensure!(T::Indexes::value(id).is_some(), Error::<T>::NoPrice);
				Feed {
					agreements: 1,
					register: None,
					opening: None,
				}
			}
		};
		Feeds::<T>::insert(id, feed);
		Ok(())
	}

	/// An agreement that followed a feed is closed. Nobody samples a feed that none follows any more.
	pub(crate) fn leave_feed(id: FeedId) {
		let Some(feed) = Feeds::<T>::get(id) else {
			return;
		};
		match feed.agreements.saturating_sub(1) {
			0 => Feeds::<T>::remove(id),
			agreements => Feeds::<T>::insert(id, Feed { agreements, ..feed }),
		}
	}

	/// Samples a feed that an agreement follows.
	pub(crate) fn do_observe(id: FeedId) -> DispatchResult {
		let feed = Feeds::<T>::get(id).ok_or(Error::<T>::UnknownFeed)?;
		let value = T::Indexes::value(id).ok_or(Error::<T>::NoPrice)?;
		ensure!(value.unsigned_abs() <= MAX_VALUE.unsigned_abs(), Error::<T>::NoPrice);
		let at = T::Time::now();
		Feeds::<T>::insert(id, Self::sampled(id, feed, at, value)?);
		Self::deposit_event(Event::Observed {
			feed: id,
			observed_at: at,
			value,
		});
		Ok(())
	}

	/// A feed after a sample, which tells the index of each month that it ends. The first one, or the first after a long silence,
	/// begins the feed anew.
	fn sampled(id: FeedId, mut feed: Feed, at: Moment, value: Price) -> Result<Feed, DispatchError> {
		let month = Month::of(at);
		let goes_on = |register: &FeedRegister| month.since(Month::of(register.observed_at())) <= MAX_SILENCE;
		let Some(mut register) = feed.register.filter(goes_on) else {
			feed.register = Some(FeedRegister::new(at, value));
			feed.opening = (month.start() == at).then(I256::default);
			return Ok(feed);
		};
		let before = register;
		register.observe(at, value).map_err(Error::<T>::from)?;
		let mut ended = Month::of(before.observed_at());
		while ended < month {
			let closing = before.at(ended.end()).map_err(Error::<T>::from)?;
			if let Some(opening) = feed.opening {
				let value = month_mean(ended, opening, closing).map_err(Error::<T>::from)?;
				Self::settle_index(id, ended, value);
			}
			feed.opening = Some(closing);
			ended = ended.plus(1);
		}
		feed.register = Some(register);
		Ok(feed)
	}

	/// Stores the index of a month for ever. One that is there stays.
	fn settle_index(feed: FeedId, month: Month, value: Price) {
		if Indexes::<T>::contains_key(feed, month) {
			return;
		}
		let known = Self::now();
		Indexes::<T>::insert(feed, month, Index { value, known });
		Self::deposit_event(Event::IndexKnown { feed, month, value });
	}

	/// Publishes the index of a month that has ended without one.
	pub(crate) fn do_publish_index(feed: FeedId, month: Month, value: Price) -> DispatchResult {
		let sampled = Feeds::<T>::get(feed).ok_or(Error::<T>::UnknownFeed)?;
		ensure!(!Indexes::<T>::contains_key(feed, month), Error::<T>::IndexKnown);
		ensure!(month < Self::month(), Error::<T>::MonthNotOver);
		let is_over = T::Time::now() >= month.end().saturating_add(FEED_FIRST);
		ensure!(is_over || !sampled.will_tell(month), Error::<T>::MonthNotOver);
		ensure!(value.unsigned_abs() <= MAX_VALUE.unsigned_abs(), Error::<T>::NoPrice);
		Self::settle_index(feed, month, value);
		Ok(())
	}

	/// Gives the bill that a contract for difference waits with another index for want of its own.
	pub(crate) fn do_fix_index(id: AgreementId) -> Result<u32, DispatchError> {
		let mut session = Self::open(id)?;
		session.catch_up()?;
		let now = session.now;
		let billing = session.billing()?.clone();
		let Tariff::Cfd { index0, .. } = billing.terms.tariff else {
			return Err(Error::<T>::IndexNotMissing.into());
		};
		ensure!(billing.next < billing.end, Error::<T>::IndexNotMissing);
		let month = billing.month(billing.next).ok_or(Error::<T>::NotActive)?;
		ensure!(session.view.index(month).is_none(), Error::<T>::IndexNotMissing);
		let from = month.end().saturating_add(billing.terms.outage.feed_final);
		ensure!(from < now, Error::<T>::TooEarly);
		let earlier = (1..=12).find_map(|back| session.view.index(month.minus(back)));
		let value = earlier.map_or(index0, |index| index.value);
		FixedIndexes::<T>::insert(id, month, Index { value, known: now });
		let played = session.finish()?;
		Self::deposit_event(Event::IndexFixed {
			agreement: id,
			month,
			value,
		});
		Ok(played)
	}

	/// Samples all feeds if an hour has passed and there is weight for it.
	pub(crate) fn sample_idly(meter: &mut WeightMeter) {
		let now = T::Time::now();
		if now < NextSample::<T>::get() {
			return;
		}
		let most = T::WeightInfo::observe().saturating_mul(u64::from(Feeds::<T>::count().saturating_add(1)));
		if meter.try_consume(most).is_err() {
			return;
		}
		NextSample::<T>::put(now.saturating_add(SAMPLE_EVERY));
		for feed in Feeds::<T>::iter_keys().collect::<alloc::vec::Vec<_>>() {
			// A feed without a price is tried again in an hour.
			let _ = frame_support::storage::with_storage_layer(|| Self::do_observe(feed));
		}
	}
}

//! Prices.

use baseload_primitives::{feed_of, feed_of_index, FeedId, FeedKey, Price, TokenId, BLD_FEED, REFERENCE_FEED};

use crate::{Call, RESERVE_TOKEN};

/// What an oracle operator can report the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote(FeedKey);

impl Quote {
	/// One kWh, in the quote currency.
	pub const REFERENCE: Self = Self(REFERENCE_FEED);
	/// One BLD, in the quote currency.
	pub const BLD: Self = Self(BLD_FEED);
	/// One whole reserve token of development and local chains, in the quote currency.
	pub const RESERVE: Self = Self(RESERVE_TOKEN);

	/// One whole token, in the quote currency. `None` if no feed can have its price: its id is 2^31 or more.
	pub fn token(token: TokenId) -> Option<Self> {
		feed_of(token).map(Self)
	}

	/// The feed's number on chain.
	pub fn key(self) -> FeedKey {
		self.0
	}
}

/// Reports the price of one kWh at the market that a feed of agreements follows, in the quote currency with 18 decimals, as an
/// oracle operator. It can be negative. `None` if there is no such feed: its number is 2^31 - 1 or more.
pub fn feed_index(feed: FeedId, value: i128) -> Option<Call> {
	// The oracle's values have no sign: the bits carry it.
	feed_of_index(feed).map(|key| Call::new("Oracle", "feed_values").with(vec![(key, value as u128)]))
}

/// Reports prices, as an oracle operator.
pub fn feed_prices(prices: &[(Quote, Price)]) -> Call {
	let values: Vec<(u32, u128)> = prices
		.iter()
		.map(|(quote, price)| (quote.key(), price.into_inner()))
		.collect();
	Call::new("Oracle", "feed_values").with(values)
}

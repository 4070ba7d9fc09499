//! Prices.

use baseload_primitives::{feed_of, FeedId, Price, BLD_TOKEN};

use crate::{Call, RESERVE_TOKEN};

/// What an oracle operator can report the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
	/// One kWh, in the quote currency.
	Reference,
	/// One whole unit of the reserve token, in the quote currency.
	Collateral,
	/// One BLD, in the quote currency.
	Bond,
}

/// The oracle's number of the first feed of agreements.
pub const FIRST_INDEX: u32 = 1_000;

impl Quote {
	/// The feed's number on chain.
	pub fn key(self) -> u32 {
		match self {
			Self::Reference => 0,
			Self::Collateral => feed_of(RESERVE_TOKEN),
			Self::Bond => feed_of(BLD_TOKEN),
		}
	}
}

/// Reports the price of one kWh at the market that a feed of agreements follows, in the quote currency with 18 decimals, as an
/// oracle operator. It can be negative.
pub fn feed_index(feed: FeedId, value: i128) -> Call {
	// The oracle's values have no sign: the bits carry it.
	Call::new("Oracle", "feed_values").with(vec![(FIRST_INDEX.saturating_add(feed.0), value as u128)])
}

/// Reports prices, as an oracle operator.
pub fn feed_prices(prices: &[(Quote, Price)]) -> Call {
	let values: Vec<(u32, u128)> = prices
		.iter()
		.map(|(quote, price)| (quote.key(), price.into_inner()))
		.collect();
	Call::new("Oracle", "feed_values").with(values)
}

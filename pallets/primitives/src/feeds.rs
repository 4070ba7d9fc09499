//! The keys of price feeds. Each feed has its own: a token's price can never be read from the feed of an index, whose values have a
//! sign, nor the other way round.
//!
//! | key | feed |
//! |---|---|
//! | 0 | the reference price |
//! | 1 to 2^31 - 1 | the token of `Assets` with this id |
//! | 2^31 + n | the index feed n of agreements, n up to 2^31 - 2 |
//! | 2^32 - 1 | BLD |

use crate::{FeedId, TokenId, BLD_TOKEN};

/// The key of a price feed.
pub type FeedKey = u32;

/// The feed of the reference price: of one kWh, in the quote currency, 18 decimals.
pub const REFERENCE_FEED: FeedKey = 0;

/// The key of the first index feed. Tokens with an id from here on have no price, so they cannot be collateral.
pub const FIRST_INDEX_FEED: FeedKey = 1 << 31;

/// The feed of BLD's price.
pub const BLD_FEED: FeedKey = FeedKey::MAX;

/// The feed of a token's price: of one whole token, in the quote currency, 18 decimals. A token of `Assets` has the number of
/// its id; none has the id 0. `None` if its id is the key of another feed.
pub const fn feed_of(token: TokenId) -> Option<FeedKey> {
	match token {
		BLD_TOKEN => Some(BLD_FEED),
		id if id < FIRST_INDEX_FEED => Some(id),
		_ => None,
	}
}

/// The feed that power purchase agreements follow under this number: of a kilowatt-hour in the quote currency, 18 decimals, as the
/// bits of an `i128`, since prices of power can be negative. `None` if there is no such number.
pub const fn feed_of_index(feed: FeedId) -> Option<FeedKey> {
	match FIRST_INDEX_FEED.checked_add(feed.0) {
		Some(BLD_FEED) => None,
		key => key,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Numbers at and around every border.
	fn numbers() -> impl Iterator<Item = u32> {
		let borders = [0, 1, 1_000, FIRST_INDEX_FEED, u32::MAX];
		borders
			.into_iter()
			.flat_map(|border| (0..=2u32).flat_map(move |by| [border.wrapping_sub(by), border.wrapping_add(by)]))
	}

	#[test]
	fn keys_should_be_disjoint_whatever_they_are_of() {
		for number in numbers() {
			let token = feed_of(number);
			assert_ne!(token, Some(REFERENCE_FEED));
			for other in numbers() {
				assert!(
					number == other || token.is_none() || token != feed_of(other),
					"{number} {other}"
				);
				let index = feed_of_index(FeedId(other));
				assert!(index.is_none() || index != token, "token {number}, index {other}");
				assert_ne!(index, Some(REFERENCE_FEED));
			}
		}
	}

	#[test]
	fn keys_should_end_where_the_next_begin() {
		assert_eq!(feed_of(FIRST_INDEX_FEED - 1), Some(FIRST_INDEX_FEED - 1));
		assert_eq!((feed_of(FIRST_INDEX_FEED), feed_of(u32::MAX)), (None, None));
		assert_eq!(feed_of_index(FeedId(0)), Some(FIRST_INDEX_FEED));
		assert_eq!(feed_of_index(FeedId(FIRST_INDEX_FEED - 2)), Some(BLD_FEED - 1));
		assert_eq!(feed_of_index(FeedId(FIRST_INDEX_FEED - 1)), None);
		assert_eq!(feed_of_index(FeedId(u32::MAX)), None);
	}
}

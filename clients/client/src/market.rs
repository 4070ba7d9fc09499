//! Prices of collateral that moved further than the chain believes at once.

use baseload_primitives::{Price, TokenId};
use codec::Encode;
use subxt::ext::scale_decode::DecodeAsType;

use crate::At;

const VAULTS: &str = "PowerStablecoin";

/// The price of a token that moved further than is believed at once. Until it has been observed for a quarter of an hour,
/// redemption goes by the higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnconfirmedPrice {
	/// Which token.
	pub token: TokenId,
	/// The last price that was believed, of one whole token in the quote currency; `None` before the first.
	pub believed: Option<Price>,
	/// The price that was observed since.
	pub moved: Price,
}

/// `pallet_power_stablecoin::CollateralType`, the fields that matter, found by their names.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredType {
	market: StoredMarket,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredMarket {
	confirmed: Option<u128>,
	moved: Option<(u128, u64)>,
}

impl At {
	/// The prices of collateral that moved and are not confirmed yet.
	pub async fn unconfirmed_prices(&self) -> crate::Result<Vec<UnconfirmedPrice>> {
		let mut found = Vec::new();
		for kind in self.collateral_types().await? {
			let stored: Option<StoredType> = self.storage_as(VAULTS, "Types", &[kind.token.encode()]).await?;
			let Some(StoredMarket { confirmed, moved }) = stored.map(|stored| stored.market) else {
				continue;
			};
			found.extend(moved.map(|(moved, _)| UnconfirmedPrice {
				token: kind.token,
				believed: confirmed.map(Price::from_inner),
				moved: Price::from_inner(moved),
			}));
		}
		Ok(found)
	}
}

//! Vaults and prices.

use baseload_primitives::{Balance, FeedId, Price, SiteId, VaultId};

use crate::Call;

const VAULTS: &str = "PowerStablecoin";

/// Opens a vault for the signer. Holds the vault deposit.
pub fn open_vault() -> Call {
	Call::new(VAULTS, "open")
}

/// Adds collateral, in base units of the reserve token.
pub fn deposit_collateral(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "deposit").with(vault).with_amount(amount)
}

/// Pledges a site of the signer to a vault of the signer: its attested energy raises what the vault may draw.
pub fn pledge_site(vault: VaultId, site: SiteId) -> Call {
	Call::new(VAULTS, "pledge_site").with(vault).with(site)
}

/// Takes a pledged site back, as far as the vault's debt stays covered.
pub fn release_site(vault: VaultId, site: SiteId) -> Call {
	Call::new(VAULTS, "release_site").with(vault).with(site)
}

/// Draws KWH, in base units, against both covers.
pub fn draw(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "draw").with(vault).with_amount(amount)
}

/// Repays at most the vault's debt with the signer's KWH.
pub fn repay(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "repay").with(vault).with_amount(amount)
}

/// Takes collateral out, in base units of the reserve token.
pub fn withdraw_collateral(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "withdraw").with(vault).with_amount(amount)
}

/// Closes a vault without debt: collateral, sites and deposit go back.
pub fn close_vault(vault: VaultId) -> Call {
	Call::new(VAULTS, "close").with(vault)
}

/// What an oracle operator can report the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
	/// One kWh, in the quote currency.
	Reference,
	/// One whole unit of the reserve token, in the quote currency.
	Collateral,
}

/// The oracle's number of the first feed of agreements.
const FIRST_INDEX: u32 = 1_000;

impl Quote {
	/// The feed's number on chain.
	pub const fn key(self) -> u32 {
		match self {
			Self::Reference => 0,
			Self::Collateral => 1,
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

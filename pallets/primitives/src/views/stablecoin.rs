//! What people's tools are told about KWH, vaults and what stands behind them. KWH in base units, collateral in the base units
//! of its token, ratios of values rounded down.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_runtime::Perquintill;

use crate::{Balance, BreakerLevel, Moment, Price, SiteId, TokenId, TypeParams, WattHours};

/// A vault as of now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct VaultView<AccountId> {
	/// Who owns it.
	pub owner: AccountId,
	/// Its type of collateral.
	pub token: TokenId,
	/// Collateral, what was handed out to it by liquidations included.
	pub collateral: Balance,
	/// KWH owed, interest and inherited debt included, rounded up.
	pub debt: Balance,
	/// KWH that its owner drew and that were not repaid or redeemed: what needs energy cover.
	pub drawn: Balance,
	/// Pledged sites.
	pub sites: Vec<SiteId>,
	/// What covers its debt now: what the pledged sites attest, and what is left of its declared energy.
	pub energy: WattHours,
	/// Of this, what is left of the energy declared at genesis. No meter has read it, and it fades to zero.
	pub declared: WattHours,
	/// The most KWH that this energy covers.
	pub energy_limit: Balance,
	/// value(collateral) / value(debt) at the prices that liquidation goes by; `None` without debt or without a price.
	pub collateral_ratio: Option<Price>,
	/// The least ratio after a draw or a withdrawal.
	pub mint_ratio: Price,
	/// The ratio below which the vault is liquidated.
	pub liquidation_ratio: Price,
	/// A higher one that governance has set and that is not in force yet.
	pub raised: Option<RaiseView>,
	/// KWH that could be drawn now; `None` without a price.
	pub drawable: Option<Balance>,
	/// Milliseconds of open time left to restore the energy cover, if it was lost and somebody has noticed; zero: they are over.
	pub cure_in: Option<Moment>,
	/// How it is wound down by redemption, if they were over when somebody looked.
	pub winding_down: Option<WindDownView>,
}

/// A liquidation ratio that was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RaiseView {
	/// The ratio below which the vault will be liquidated.
	pub ratio: Price,
	/// Milliseconds of open time until then.
	pub force_in: Moment,
}

/// The wind-down of a vault without energy cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct WindDownView {
	/// KWH without cover that are still to be redeemed, as of when somebody last looked.
	pub left: Balance,
	/// The most KWH that are redeemed a day.
	pub a_day: Balance,
}

/// A type of collateral as of now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TypeView {
	/// Which token.
	pub token: TokenId,
	/// What governance has set.
	pub params: TypeParams,
	/// The liquidation ratio in force, in basis points: that of `params`, or, while a raised one waits, the one before.
	pub liquidation_bp: u32,
	/// Milliseconds of open time until a raised one is in force; `None` if none waits.
	pub raise_in: Option<Moment>,
	/// What all vaults of the type owe.
	pub debt: Balance,
	/// Collateral of all vaults of the type.
	pub collateral: Balance,
	/// KWH in circulation that no vault owes any more.
	pub shortfall: Balance,
	/// Price of one whole token in the quote currency; `None`: no price.
	pub price: Option<Price>,
	/// Prices of it so far.
	pub round: u64,
	/// True if the token is frozen or clawed back: no new debt, no redemption.
	pub impaired: bool,
	/// Milliseconds of open time until vaults are liquidated; `None` while liquidation is stopped.
	pub liquidation_in: Option<Moment>,
	/// KWH that its ceilings and the issuance fuse let be drawn now.
	pub room: Balance,
}

/// What stands behind the KWH of one type of collateral.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TypeBacking {
	/// Which token.
	pub token: TokenId,
	/// What all vaults of the type owe, exact.
	pub debt: Balance,
	/// KWH in circulation that no vault owes any more.
	pub shortfall: Balance,
	/// Collateral of all vaults, also of those that owe nothing: their owners may withdraw it at any time.
	pub collateral: Balance,
	/// Collateral seized for the shortfall.
	pub reserve: Balance,
	/// What stands behind the KWH: the collateral of the vaults that owe something, and the reserve. After a shutdown, of a vault that
	/// is not swept yet only what a sweep would take.
	pub behind: Balance,
	/// Value of it in the quote currency, at `price`, rounded down; `None` without a price.
	pub value: Option<Price>,
	/// Collateral earned by fees.
	pub revenue: Balance,
	/// KWH in the backstop pool, what does not count yet included.
	pub pool_kwh: Balance,
	/// Collateral of the pool's depositors.
	pub pool_collateral: Balance,
	/// Price of one whole token in the quote currency; `None`: no price.
	pub price: Option<Price>,
	/// value(behind) / value(debt and shortfall) at `price` and the reference price, after a shutdown at the frozen price; `None`
	/// without debt and shortfall or without a price.
	pub collateral_ratio: Option<Price>,
	/// The token is frozen or clawed back: nothing of it is redeemed until that ends, whatever it is worth.
	pub impaired: bool,
}

/// What stands behind all KWH, as of now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ProofOfBacking {
	/// KWH in existence.
	pub supply: Balance,
	/// KWH drawn when the chain began.
	pub genesis: Balance,
	/// KWH minted since.
	pub minted: Balance,
	/// KWH burnt since.
	pub burnt: Balance,
	/// Sum of all vaults' debt. With `shortfall` it equals `supply`.
	pub debt: Balance,
	/// KWH in circulation that no vault owes any more.
	pub shortfall: Balance,
	/// Price of one kWh in the quote currency; `None`: no price.
	pub reference_price: Option<Price>,
	/// The types of collateral.
	pub types: Vec<TypeBacking>,
	/// Value of what stands behind KWH / value of what is owed: the types' ratios, weighted by debt and shortfall. It can be above one
	/// while a type's is below. `None` if nothing is owed, or if a type that owes something has no price or is impaired.
	pub collateral_ratio: Option<Price>,
	/// Energy that the sites of vaults that owe something attest now.
	pub energy: WattHours,
	/// What is left of the energy declared at genesis for vaults that owe something. No meter has read it, and it fades to zero.
	pub declared: WattHours,
	/// Attested energy at par / debt; `None` without debt.
	pub energy_ratio: Option<Price>,
}

/// What a redemption of some KWH would pay if it were executed now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RedemptionQuote {
	/// The fee.
	pub fee: Perquintill,
	/// Token, KWH burnt for it, and what comes out of it, fee taken off.
	pub outs: Vec<(TokenId, Balance, Balance)>,
}

/// A redemption that waits in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RedemptionView<AccountId> {
	/// Its id.
	pub id: u64,
	/// Whose it is.
	pub who: AccountId,
	/// KWH locked.
	pub amount: Balance,
	/// The highest fee it accepts.
	pub max_fee: Perquintill,
	/// The least collateral units per whole KWH burnt that it accepts, by token.
	pub min_out: Vec<(TokenId, Balance)>,
	/// When it was made. It executes at the first price observed later.
	pub requested_at: Moment,
	/// True once it has begun to execute; then it cannot be cancelled.
	pub begun: bool,
}

/// The backstop pool of a type.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PoolView {
	/// KWH that burn in liquidations.
	pub active: Balance,
	/// KWH that do not count yet.
	pub waiting: Balance,
	/// Collateral earned and not yet claimed.
	pub collateral: Balance,
	/// The number of the last price.
	pub round: u64,
}

/// A depositor's part of a backstop pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PoolDepositView {
	/// KWH that count, rounded down.
	pub counting: Balance,
	/// KWH that do not yet, and the number of the price from which they do.
	pub waiting: Vec<(Balance, u64)>,
	/// Collateral that can be claimed, rounded down.
	pub claimable: Balance,
	/// A withdrawal that notice was given of: KWH, the price from which it can be made, and that from which it cannot any more.
	pub notice: Option<(Balance, u64, u64)>,
}

/// Where brakes and fuses stand.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SafetyView {
	/// The breaker.
	pub level: BreakerLevel,
	/// KWH that the issuance fuse lets be drawn now.
	pub fuse_room: Balance,
	/// When the system was shut down, in Unix milliseconds, if it was.
	pub shut_down: Option<Moment>,
}

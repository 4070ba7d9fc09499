//! Vaults, and what stands behind KWH: types of collateral, redemption, liquidation, the backstop pool, brakes, shutdown.
//!
//! Amounts of collateral are base units of the vault's or the pool's token, see [`crate::At::token`].

use baseload_primitives::{Balance, BreakerLevel, SiteId, TokenId, TypeParams, VaultId};

use crate::Call;

const VAULTS: &str = "PowerStablecoin";

/// Opens a vault for the signer, for collateral of one token. Holds the vault deposit.
pub fn open_vault(token: TokenId) -> Call {
	Call::new(VAULTS, "open").with(token)
}

/// Adds collateral.
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

/// Draws KWH against both covers. Seven days' interest comes on top of the debt.
pub fn draw(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "draw").with(vault).with_amount(amount)
}

/// Repays at most the vault's debt with the signer's KWH. Anybody may, for any vault.
pub fn repay(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "repay").with(vault).with_amount(amount)
}

/// Takes collateral out.
pub fn withdraw_collateral(vault: VaultId, amount: Balance) -> Call {
	Call::new(VAULTS, "withdraw").with(vault).with_amount(amount)
}

/// Closes a vault without debt: collateral, sites and deposit go back.
pub fn close_vault(vault: VaultId) -> Call {
	Call::new(VAULTS, "close").with(vault)
}

/// Makes a token a type of collateral. For the administrator.
pub fn add_type(token: TokenId, params: &TypeParams) -> Call {
	Call::new(VAULTS, "add_type").with(token).with(params)
}

/// Changes a type's parameters, each by one bounded step at most. For the administrator.
pub fn set_params(token: TokenId, params: &TypeParams) -> Call {
	Call::new(VAULTS, "set_params").with(token).with(params)
}

/// Asks for KWH to be redeemed at the next price. They are locked until then.
///
/// `max_fee`: the highest fee rate, 18 decimals. `min_out`: for each token named, the least collateral units for a whole KWH
/// burnt; a step that would pay less ends the request, and the rest of the KWH is released.
pub fn redeem(amount: Balance, max_fee: u64, min_out: &[(TokenId, Balance)]) -> Call {
	Call::new(VAULTS, "redeem")
		.with_amount(amount)
		.with(max_fee)
		.with(min_out)
}

/// Takes back a request for redemption that has not been executed yet.
pub fn cancel_redemption(request: u64) -> Call {
	Call::new(VAULTS, "cancel_redemption").with(request)
}

/// Works off up to `steps` of the queue. For anyone.
pub fn work_queue(steps: u32) -> Call {
	Call::new(VAULTS, "work_queue").with(steps)
}

/// Liquidates up to `vaults` of the riskiest vaults of a type that are below its liquidation ratio. For anyone.
pub fn liquidate(token: TokenId, vaults: u32) -> Call {
	Call::new(VAULTS, "liquidate").with(token).with(vaults)
}

/// Puts KWH into the backstop pool of a type. They count from the second price on.
pub fn pool_deposit(token: TokenId, amount: Balance) -> Call {
	Call::new(VAULTS, "pool_deposit").with(token).with_amount(amount)
}

/// Gives notice of a withdrawal of up to so much from a pool.
pub fn pool_notice(token: TokenId, amount: Balance) -> Call {
	Call::new(VAULTS, "pool_notice").with(token).with_amount(amount)
}

/// Withdraws what notice was given of, while it is open.
pub fn pool_withdraw(token: TokenId) -> Call {
	Call::new(VAULTS, "pool_withdraw").with(token)
}

/// Takes the collateral that a deposit in a pool has earned.
pub fn pool_claim(token: TokenId) -> Call {
	Call::new(VAULTS, "pool_claim").with(token)
}

/// Takes collateral that the signer's account could not receive when it was paid.
pub fn claim_payout(token: TokenId) -> Call {
	Call::new(VAULTS, "claim_payout").with(token)
}

/// Sends a type's revenue in collateral to the treasury. For anyone.
pub fn sweep_revenue(token: TokenId) -> Call {
	Call::new(VAULTS, "sweep_revenue").with(token)
}

/// Lets less through. For the guardian.
pub fn tighten_breaker(level: BreakerLevel) -> Call {
	Call::new(VAULTS, "tighten").with(level)
}

/// Lets more through. For the administrator.
pub fn loosen_breaker(level: BreakerLevel) -> Call {
	Call::new(VAULTS, "loosen").with(level)
}

/// Compares what a vault's owner drew with the energy of its sites, and begins or ends its cure period. For anyone.
pub fn check_cover(vault: VaultId) -> Call {
	Call::new(VAULTS, "check_cover").with(vault)
}

/// Marks a type whose token is frozen or clawed back: no new debt, no redemption against it. For the guardian.
pub fn impair_type(token: TokenId) -> Call {
	Call::new(VAULTS, "impair").with(token)
}

/// Takes that mark away. For the administrator.
pub fn restore_type(token: TokenId) -> Call {
	Call::new(VAULTS, "restore").with(token)
}

/// Shuts the system down, for good. For the administrator.
pub fn shut_down() -> Call {
	Call::new(VAULTS, "shut_down")
}

/// Sweeps up to `vaults` vaults after the shutdown. For anyone.
pub fn sweep_vaults(vaults: u32) -> Call {
	Call::new(VAULTS, "sweep_vaults").with(vaults)
}

/// Exchanges KWH for their part of all that was swept.
pub fn cash_out(amount: Balance) -> Call {
	Call::new(VAULTS, "cash_out").with_amount(amount)
}

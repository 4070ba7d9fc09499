//! Vaults as they are: health, and both covers as bars.

use anyhow::{bail, Result};
use baseload_client::{At, TokenInfo, VaultView};
use baseload_primitives::{Price, VaultId};

use crate::{
	output::{Bar, Cell, Report},
	tokens::{described, Tokens},
};

/// The bar of collateral cover ends at so many mint ratios.
const COLLATERAL_BAR: u32 = 2;

/// A vault that is open.
pub async fn open_vault(at: &At, vault: VaultId) -> Result<VaultView> {
	match at.vault(vault).await? {
		Some(view) => Ok(view),
		None => bail!("there is no open vault {vault}"),
	}
}

/// `baseload vault show`
pub async fn one(at: &At, vault: VaultId) -> Result<Report> {
	let view = open_vault(at, vault).await?;
	let token = described(at, view.token).await?;
	Ok(Report::record()
		.with("vault", "vault", Cell::number(vault.0))
		.with("owner", "owner", Cell::account(&view.owner))
		.with("health", "health", Cell::text(health(&view)))
		.with("collateral", "collateral", Cell::token(view.collateral, &token))
		.with("", "token", Cell::text(token.symbol.clone()))
		.with("debt", "debt", Cell::kwh(view.debt))
		.with("collateral cover", "collateral_ratio", collateral_cover(&view))
		.with("", "mint_ratio", Cell::ratio(view.mint_ratio))
		.with("", "liquidation_ratio", Cell::ratio(view.liquidation_ratio))
		.with("raised", "raised_ratio", raised(&view))
		.with(
			"",
			"raised_in",
			Cell::option(view.raised, |raised| Cell::duration(raised.force_in)),
		)
		.with("energy cover", "energy_limit", energy_cover(&view))
		.with("drawn and not repaid", "drawn", Cell::kwh(view.drawn))
		.with("energy", "energy_wh", Cell::energy(view.energy))
		.with("of it declared", "declared_wh", Cell::energy(view.declared))
		.with("sites", "sites", sites(&view))
		.with("drawable", "drawable", Cell::option(view.drawable, Cell::kwh))
		.with("time to cure", "cure_in", time_to_cure(&view))
		.with("wound down", "wind_down_left", wind_down(&view))
		.with(
			"",
			"wind_down_a_day",
			Cell::option(view.winding_down, |wound| Cell::kwh(wound.a_day)),
		))
}

/// A higher liquidation ratio that waits.
fn raised(view: &VaultView) -> Cell {
	Cell::option(view.raised, |raised| {
		let left = Cell::duration(raised.force_in);
		Cell::ratio(raised.ratio).with_words(&format!(" is the liquidation ratio in {}", left.human()))
	})
}

/// How long an owner has to restore the energy cover.
pub fn time_to_cure(view: &VaultView) -> Cell {
	Cell::option(view.cure_in, |left| match (left, view.winding_down) {
		(0, Some(_)) => Cell::duration(0).with_words(": it is over"),
		(0, None) => Cell::duration(0).with_words(": the wind-down begins when somebody looks, or a block does"),
		(left, _) => Cell::duration(left).with_words(" left; the chain's halts do not count"),
	})
}

/// What is left of a wind-down.
pub fn wind_down(view: &VaultView) -> Cell {
	Cell::option(view.winding_down, |wound| {
		let a_day = Cell::kwh(wound.a_day);
		Cell::kwh(wound.left).with_words(&format!(" are left to redeem at par, at most {} a day", a_day.human()))
	})
}

/// `baseload vault list`
pub async fn all(at: &At) -> Result<Report> {
	let tokens = Tokens::at(at).await?;
	let mut rows = Vec::new();
	for vault in (0..at.next_vault().await?.0).map(VaultId) {
		if let Some(view) = at.vault(vault).await? {
			let token: TokenInfo = tokens.info(view.token);
			rows.push(vec![
				Cell::number(vault.0),
				Cell::token(view.collateral, &token),
				Cell::kwh(view.debt),
				Cell::option(view.collateral_ratio, Cell::ratio),
				Cell::text(health(&view)),
				sites(&view),
				Cell::energy(view.energy),
				Cell::account(&view.owner),
			]);
		}
	}
	Ok(Report::Table {
		name: "vaults",
		columns: vec![
			("vault", "vault"),
			("collateral", "collateral"),
			("debt", "debt"),
			("ratio", "collateral_ratio"),
			("health", "health"),
			("sites", "sites"),
			("energy", "energy_wh"),
			("owner", "owner"),
		],
		rows,
	})
}

/// What the owner has to know first.
fn health(view: &VaultView) -> &'static str {
	match view.collateral_ratio {
		_ if view.debt == 0 => "no debt",
		None => "no price",
		Some(ratio) if ratio < view.liquidation_ratio => "below the liquidation ratio",
		Some(ratio) if view.raised.is_some_and(|raised| ratio < raised.ratio) => "below the raised liquidation ratio",
		Some(_) if view.drawn > view.energy_limit => "energy cover lost",
		Some(ratio) if ratio < view.mint_ratio => "below the mint ratio",
		Some(_) => "covered",
	}
}

fn collateral_cover(view: &VaultView) -> Cell {
	let Some(ratio) = view.collateral_ratio else {
		return Cell::option(None, Cell::ratio);
	};
	let end = Price::from_inner(view.mint_ratio.into_inner().saturating_mul(COLLATERAL_BAR.into()));
	let (liquidated, draws) = (Cell::ratio(view.liquidation_ratio), Cell::ratio(view.mint_ratio));
	let words = format!(
		", liquidated below {}, draws from {}",
		liquidated.human(),
		draws.human()
	);
	Cell::ratio(ratio)
		.with_bar(&Bar::new(ratio, end, &[view.liquidation_ratio, view.mint_ratio]))
		.with_words(&words)
}

/// How much of what the energy covers is drawn.
fn energy_cover(view: &VaultView) -> Cell {
	let part = |amount: u128| Price::from_inner(amount);
	let words = format!(
		" covered, {} of it drawn",
		Cell::kwh(view.drawn.min(view.energy_limit)).human()
	);
	Cell::kwh(view.energy_limit)
		.with_bar(&Bar::new(
			part(view.drawn),
			part(view.energy_limit.max(view.drawn)),
			&[],
		))
		.with_words(&words)
}

fn sites(view: &VaultView) -> Cell {
	Cell::ids(view.sites.iter().map(|site| site.0))
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::AccountId;
	use baseload_primitives::{
		views::{RaiseView, WindDownView},
		WattHours, HOUR, KWH,
	};

	fn vault(percent: Option<u128>, drawn: u128) -> VaultView {
		VaultView {
			owner: AccountId([0; 32]),
			token: 1,
			collateral: 1,
			debt: 2 * KWH,
			drawn,
			sites: vec![],
			energy: WattHours(4_000),
			declared: WattHours(0),
			energy_limit: 2 * KWH,
			collateral_ratio: percent.map(|percent| Price::from_rational(percent, 100)),
			mint_ratio: Price::from_rational(150, 100),
			liquidation_ratio: Price::from_rational(130, 100),
			raised: None,
			drawable: None,
			cure_in: None,
			winding_down: None,
		}
	}

	#[test]
	fn health_should_name_what_is_worst() {
		assert_eq!(health(&vault(Some(160), KWH)), "covered");
		assert_eq!(health(&vault(Some(140), KWH)), "below the mint ratio");
		assert_eq!(health(&vault(Some(140), 3 * KWH)), "energy cover lost");
		assert_eq!(health(&vault(Some(129), 3 * KWH)), "below the liquidation ratio");
		assert_eq!(health(&vault(None, KWH)), "no price");
		let raised = VaultView {
			raised: Some(RaiseView {
				ratio: Price::from_rational(135, 100),
				force_in: 5 * HOUR,
			}),
			..vault(Some(132), KWH)
		};
		assert_eq!(health(&raised), "below the raised liquidation ratio");
		assert_eq!(super::raised(&raised).human(), "135 % is the liquidation ratio in 5h");
		let free = VaultView {
			debt: 0,
			..vault(None, 0)
		};
		assert_eq!(health(&free), "no debt");
	}

	#[test]
	fn lost_cover_should_be_told_as_time_and_kwh_left() {
		let mut lost = vault(Some(160), KWH);
		assert_eq!((time_to_cure(&lost).human(), wind_down(&lost).human()), ("-", "-"));
		lost.cure_in = Some(36 * HOUR);
		assert_eq!(
			time_to_cure(&lost).human(),
			"1d12h left; the chain's halts do not count"
		);
		lost.cure_in = Some(0);
		lost.winding_down = Some(WindDownView {
			left: 300 * KWH,
			a_day: 10 * KWH,
		});
		assert_eq!(time_to_cure(&lost).human(), "0s: it is over");
		assert_eq!(
			wind_down(&lost).human(),
			"300 KWH are left to redeem at par, at most 10 KWH a day"
		);
	}

	#[test]
	fn covers_should_be_bars_for_people() {
		assert_eq!(
			collateral_cover(&vault(Some(160), KWH)).human(),
			"[#############|#|..............] 160 %, liquidated below 130 %, draws from 150 %"
		);
		assert_eq!(
			energy_cover(&vault(Some(160), KWH)).human(),
			"[###############...............] 2 KWH covered, 1 KWH of it drawn"
		);
	}
}

//! The chain at a glance.

use anyhow::Result;
use baseload_client::{At, ChainType, Result as ClientResult, TokenInfo, RESERVE_TOKEN};

use crate::{
	context::Context,
	output::{Cell, Report},
};

/// How the reserve token is written; in base units if the chain does not say.
pub async fn reserve_token(at: &At) -> ClientResult<TokenInfo> {
	let token = at.token(RESERVE_TOKEN).await?;
	Ok(token.unwrap_or_else(|| TokenInfo {
		symbol: "units".into(),
		decimals: 0,
	}))
}

/// Adds what stands behind all KWH.
pub async fn with_backing(report: Report, at: &At) -> ClientResult<Report> {
	let backing = at.proof_of_backing().await?;
	let reserve = reserve_token(at).await?;
	Ok(report
		.with("supply", "supply", Cell::kwh(backing.supply))
		.with("", "genesis", Cell::kwh(backing.genesis))
		.with("", "minted", Cell::kwh(backing.minted))
		.with("", "burnt", Cell::kwh(backing.burnt))
		.with("owed by vaults", "debt", Cell::kwh(backing.debt))
		.with("collateral", "collateral", Cell::token(backing.collateral, &reserve))
		.with(
			"price of 1 kWh",
			"reference_price",
			Cell::option(backing.reference_price, Cell::price),
		)
		.with(
			"price of collateral",
			"collateral_price",
			Cell::option(backing.collateral_price, Cell::price),
		)
		.with(
			"collateral ratio",
			"collateral_ratio",
			Cell::option(backing.collateral_ratio, Cell::ratio),
		)
		.with("attested energy", "energy_wh", Cell::energy(backing.energy))
		.with(
			"energy ratio",
			"energy_ratio",
			Cell::option(backing.energy_ratio, Cell::ratio),
		))
}

/// `baseload status`
pub async fn run(context: &Context) -> Result<Report> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let (peers, syncing) = chain.health().await?;
	let kind = match chain.chain_type() {
		ChainType::Development => "development",
		ChainType::Local => "local",
		ChainType::Live => "live",
	};
	let time = at.timestamp().await?;
	let report = Report::record()
		.with("chain", "chain", Cell::text(chain.name()))
		.with("kind", "kind", Cell::text(kind))
		.with(
			"genesis",
			"genesis_hash",
			Cell::text(format!("{:?}", chain.genesis_hash())),
		)
		.with("runtime", "spec_version", Cell::number(at.spec_version()))
		.with("peers", "peers", Cell::number(peers as u64))
		.with("syncing", "syncing", Cell::flag(syncing))
		.with("height", "height", Cell::number(at.number()))
		.with("final", "finalized", Cell::number(chain.finalized_number().await?))
		.with("time", "time", Cell::option((time > 0).then_some(time), Cell::time))
		.with("sites", "sites", Cell::number(at.next_site().await?.0))
		.with("meters", "meters", Cell::number(at.next_meter().await?.0))
		.with(
			"challenge window",
			"challenge_window",
			Cell::duration(at.challenge_window().await?),
		)
		.with("agreements", "agreements", Cell::number(at.next_agreement().await?.0))
		.with("BLD supply", "bld_supply", Cell::bld(at.bld_supply().await?));
	Ok(with_backing(report, &at).await?)
}

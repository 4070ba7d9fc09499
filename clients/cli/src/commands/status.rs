//! The chain at a glance.

use anyhow::Result;
use baseload_client::ChainType;

use super::backing;
use crate::{
	context::Context,
	output::{Cell, Report},
};

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
	backing::below(report, &at).await
}

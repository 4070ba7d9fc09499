//! What stands behind all KWH.

use anyhow::Result;
use baseload_client::At;
use baseload_primitives::views::{ProofOfBacking, TypeBacking};

use crate::{
	context::Context,
	output::{Cell, Report},
	tokens::described,
};

/// `baseload backing`
pub async fn run(context: &Context) -> Result<Report> {
	let at = context.chain().await?.best().await?;
	let report = Report::record().with("block", "height", Cell::number(at.number()));
	below(report, &at).await
}

/// A record, with what stands behind all KWH added, and the types of collateral below it.
pub async fn below(report: Report, at: &At) -> Result<Report> {
	let backing = at.proof_of_backing().await?;
	let mut rows = Vec::new();
	for kind in &backing.types {
		rows.push(row(at, kind).await?);
	}
	let types = Report::Table {
		name: "types",
		columns: vec![
			("token", "token"),
			("debt", "debt"),
			("collateral", "collateral"),
			("price", "price"),
			("cover", "collateral_ratio"),
			("shortfall", "shortfall"),
			("its reserve", "reserve"),
			("pool", "pool_kwh"),
			("pool's collateral", "pool_collateral"),
			("revenue", "revenue"),
		],
		rows,
	};
	Ok(Report::Several(vec![totals(report, &backing), types]))
}

fn totals(report: Report, backing: &ProofOfBacking) -> Report {
	report
		.with("supply", "supply", Cell::kwh(backing.supply))
		.with("", "genesis", Cell::kwh(backing.genesis))
		.with("", "minted", Cell::kwh(backing.minted))
		.with("", "burnt", Cell::kwh(backing.burnt))
		.with("owed by vaults", "debt", Cell::kwh(backing.debt))
		.with("owed by nobody", "shortfall", Cell::kwh(backing.shortfall))
		.with(
			"price of 1 kWh",
			"reference_price",
			Cell::option(backing.reference_price, Cell::price),
		)
		.with(
			"collateral cover",
			"collateral_ratio",
			Cell::option(backing.collateral_ratio, Cell::ratio),
		)
		.with("attested energy", "energy_wh", Cell::energy(backing.energy))
		.with(
			"energy cover",
			"energy_ratio",
			Cell::option(backing.energy_ratio, Cell::ratio),
		)
}

async fn row(at: &At, kind: &TypeBacking) -> Result<Vec<Cell>> {
	let token = described(at, kind.token).await?;
	let collateral = |amount| Cell::token(amount, &token);
	Ok(vec![
		Cell::text(token.symbol.clone()),
		Cell::kwh(kind.debt),
		collateral(kind.collateral),
		Cell::option(kind.price, Cell::price),
		Cell::option(kind.collateral_ratio, Cell::ratio),
		Cell::kwh(kind.shortfall),
		collateral(kind.reserve),
		Cell::kwh(kind.pool_kwh),
		collateral(kind.pool_collateral),
		collateral(kind.revenue),
	])
}

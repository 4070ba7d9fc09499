//! What stands behind all KWH.

use anyhow::Result;
use baseload_client::{units, At};
use baseload_primitives::{
	views::{ProofOfBacking, TypeBacking},
	Price,
};
use serde_json::json;

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
			("shortfall", "shortfall"),
			("behind both", "behind"),
			("price", "price"),
			("value", "value"),
			("cover", "collateral_ratio"),
			("of it reserve", "reserve"),
			("in all vaults", "collateral"),
			("pool", "pool_kwh"),
			("pool's collateral", "pool_collateral"),
			("revenue", "revenue"),
			("impaired", "impaired"),
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
			"of what vaults owe",
			"energy_ratio",
			Cell::option(backing.energy_ratio, Cell::ratio),
		)
		.with(
			"declared energy",
			"declared_wh",
			Cell::energy(backing.declared).with_words(", which no meter has read and which fades"),
		)
}

async fn row(at: &At, kind: &TypeBacking) -> Result<Vec<Cell>> {
	let token = described(at, kind.token).await?;
	let collateral = |amount| Cell::token(amount, &token);
	Ok(vec![
		Cell::text(token.symbol.clone()),
		Cell::kwh(kind.debt),
		Cell::kwh(kind.shortfall),
		collateral(kind.behind),
		Cell::option(kind.price, Cell::price),
		Cell::option(kind.value, value),
		Cell::option(kind.collateral_ratio, Cell::ratio),
		collateral(kind.reserve),
		collateral(kind.collateral),
		Cell::kwh(kind.pool_kwh),
		collateral(kind.pool_collateral),
		collateral(kind.revenue),
		Cell::flag(kind.impaired),
	])
}

/// A value in the quote currency, for people with two decimals, rounded down.
fn value(value: Price) -> Cell {
	let hundredths = value.into_inner() / 10u128.pow(16);
	Cell::both(units::format_units(hundredths, 2), json!(units::format_price(value)))
}

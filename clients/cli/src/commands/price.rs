//! Index prices.

use anyhow::{ensure, Result};
use baseload_client::{
	calls::{self, Quote},
	units, At,
};
use baseload_primitives::Price;
use clap::Subcommand;

use crate::{
	context::Context,
	output::{Cell, Report},
	tokens::described,
};

/// Index prices.
#[derive(Subcommand)]
pub enum PriceCommand {
	/// Show the prices that vaults are judged by.
	Show,
	/// Report prices, as an oracle operator.
	Feed {
		/// Price of one kWh in the quote currency, such as 0.10.
		#[arg(long, value_parser = units::parse_price, required_unless_present_any = ["collateral", "bond"])]
		reference: Option<Price>,
		/// Price of one whole reserve token in the quote currency, such as 0.14.
		#[arg(long, value_parser = units::parse_price)]
		collateral: Option<Price>,
		/// Price of one BLD in the quote currency, such as 0.05.
		#[arg(long, value_parser = units::parse_price)]
		bond: Option<Price>,
	},
}

impl PriceCommand {
	/// `baseload price`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let (reference, collateral, bond) = match self {
			Self::Show => return show(&context.chain().await?.best().await?).await,
			Self::Feed {
				reference,
				collateral,
				bond,
			} => (reference, collateral, bond),
		};
		let feeds: Vec<_> = [
			(Quote::Reference, reference),
			(Quote::Collateral, collateral),
			(Quote::Bond, bond),
		]
		.into_iter()
		.filter_map(|(quote, price)| Some((quote, price?)))
		.collect();
		ensure!(
			feeds.iter().all(|(_, price)| price.into_inner() > 0),
			"a price must be more than zero"
		);
		let chain = context.chain().await?;
		let mut sent = context.send(&chain, calls::feed_prices(&feeds)).await?;
		for (quote, price) in feeds {
			sent = match quote {
				Quote::Reference => sent.with("fed price of 1 kWh", "reference", Cell::price(price)),
				Quote::Collateral => sent.with("fed price of collateral", "collateral", Cell::price(price)),
				Quote::Bond => sent.with("fed price of BLD", "bond", Cell::price(price)),
			};
		}
		Ok(sent.report())
	}
}

async fn show(at: &At) -> Result<Report> {
	let backing = at.proof_of_backing().await?;
	let mut rows = vec![vec![
		Cell::text("1 kWh"),
		Cell::option(backing.reference_price, Cell::price),
	]];
	for kind in &backing.types {
		let token = described(at, kind.token).await?;
		rows.push(vec![
			Cell::text(format!("1 {}", token.symbol)),
			Cell::option(kind.price, Cell::price),
		]);
	}
	Ok(Report::Table {
		name: "prices",
		columns: vec![("of", "of"), ("price", "price")],
		rows,
	})
}

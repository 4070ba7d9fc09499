//! Index prices.

use anyhow::{ensure, Result};
use baseload_client::{
	calls::{self, Quote},
	units,
};
use baseload_primitives::Price;
use clap::Subcommand;

use crate::{
	context::Context,
	output::{Cell, Report},
};

/// Index prices.
#[derive(Subcommand)]
pub enum PriceCommand {
	/// Report prices, as an oracle operator.
	Feed {
		/// Price of one kWh in the quote currency, such as 0.10.
		#[arg(long, value_parser = units::parse_price, required_unless_present = "collateral")]
		reference: Option<Price>,
		/// Price of one whole reserve token in the quote currency, such as 0.14.
		#[arg(long, value_parser = units::parse_price)]
		collateral: Option<Price>,
	},
}

impl PriceCommand {
	/// `baseload price`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let Self::Feed { reference, collateral } = self;
		let feeds: Vec<_> = [(Quote::Reference, reference), (Quote::Collateral, collateral)]
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
			};
		}
		Ok(sent.report())
	}
}

//! Index prices.

use anyhow::{ensure, Context as _, Result};
use baseload_client::{
	calls::{self, Quote},
	units, At, RESERVE_TOKEN,
};
use baseload_primitives::{Price, BLD_TOKEN};
use clap::Subcommand;
use serde_json::json;

use crate::{
	context::Context,
	output::{Cell, Report},
	tokens::{any, described},
};

/// Index prices.
#[derive(Subcommand)]
pub enum PriceCommand {
	/// Show the prices that vaults are judged by.
	Show,
	/// Report prices, as an oracle operator.
	Feed {
		/// Price of one kWh in the quote currency, such as 0.10.
		#[arg(long, value_parser = units::parse_price, required_unless_present_any = ["collateral", "bond", "tokens"])]
		reference: Option<Price>,
		/// Price of one whole reserve token in the quote currency, such as 0.14.
		#[arg(long, value_parser = units::parse_price)]
		collateral: Option<Price>,
		/// Price of one BLD in the quote currency, such as 0.05.
		#[arg(long, value_parser = units::parse_price)]
		bond: Option<Price>,
		/// Price of one whole token in the quote currency, such as "--token 7 1.02": of any token, by its number or symbol, whether
		/// it is collateral or not yet. As often as wanted.
		#[arg(long = "token", num_args = 2, value_names = ["TOKEN", "PRICE"])]
		tokens: Vec<String>,
	},
}

/// A price, of what, and how that is written.
struct Fed {
	quote: Quote,
	of: String,
	price: Price,
}

impl PriceCommand {
	/// `baseload price`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let (reference, collateral, bond, tokens) = match self {
			Self::Show => return show(&context.chain().await?.best().await?).await,
			Self::Feed {
				reference,
				collateral,
				bond,
				tokens,
			} => (reference, collateral, bond, tokens),
		};
		let mut named = Vec::new();
		for pair in tokens.chunks_exact(2) {
			if let [token, price] = pair {
				named.push((token.as_str(), units::parse_price(price)?));
			}
		}
		let prices = [reference, collateral, bond].into_iter().flatten();
		ensure!(
			prices
				.chain(named.iter().map(|(_, price)| *price))
				.all(|price| price.into_inner() > 0),
			"a price must be more than zero"
		);
		let chain = context.chain().await?;
		let at = chain.best().await?;
		let mut fed = Vec::new();
		if let Some(price) = reference {
			let of = "kWh".into();
			fed.push(Fed {
				quote: Quote::REFERENCE,
				of,
				price,
			});
		}
		for (token, price) in [(RESERVE_TOKEN, collateral), (BLD_TOKEN, bond)] {
			if let Some(price) = price {
				let quote = Quote::token(token).context("every chain's own tokens have feeds")?;
				let of = described(&at, token).await?.symbol;
				fed.push(Fed { quote, of, price });
			}
		}
		for (text, price) in named {
			let (id, token) = any(&at, text).await?;
			let quote = Quote::token(id).with_context(|| {
				format!("token {id} can have no price, nor be collateral: its number is above 2147483647")
			})?;
			fed.push(Fed {
				quote,
				of: token.symbol,
				price,
			});
		}
		for (place, this) in fed.iter().enumerate() {
			let again = fed.iter().take(place).any(|before| before.quote == this.quote);
			ensure!(!again, "the price of 1 {} is given twice", this.of);
		}
		let prices: Vec<_> = fed.iter().map(|fed| (fed.quote, fed.price)).collect();
		let sent = context.send(&chain, calls::feed_prices(&prices)).await?;
		Ok(sent.with("fed prices", "prices", cell(&fed)).report())
	}
}

fn cell(fed: &[Fed]) -> Cell {
	let human: Vec<_> = fed
		.iter()
		.map(|fed| format!("1 {} = {}", fed.of, units::format_price(fed.price)))
		.collect();
	let rows = fed
		.iter()
		.map(|fed| json!({ "of": format!("1 {}", fed.of), "price": units::format_price(fed.price) }));
	Cell::both(human.join(", "), rows.collect())
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

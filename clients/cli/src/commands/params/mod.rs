//! The types of collateral: what governance has set, and within which bounds.

mod numbers;

use anyhow::{ensure, Context as _, Result};
use baseload_client::{calls, units, At};
use baseload_primitives::{feed_of, views::TypeView, Balance, Price, TokenId, TypeParams, BLD_TOKEN, KWH};
use clap::{Args, Subcommand};
use sp_arithmetic::Permill;

use self::numbers::{ensure_reachable, ensure_sound};
use crate::{
	context::{AsRoot, Context},
	output::{Cell, Report},
	tokens::{any, described, vaults_hold, Tokens},
};

/// The types of collateral and their parameters.
#[derive(Subcommand)]
pub enum Params {
	/// Show all types, and each number's bounds and greatest step.
	Show,
	/// Make a token a type of collateral. For administrators.
	Add {
		/// The token: BLD, or another one by its number or symbol.
		token: String,
		#[command(flatten)]
		numbers: Numbers,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Change what is given, each by one bounded step at most. For administrators.
	Set {
		/// The type's token.
		token: String,
		#[command(flatten)]
		numbers: Numbers,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Send the collateral that fees have earned to the treasury. Anybody may.
	SweepRevenue {
		/// The type's token.
		token: String,
	},
}

/// Parameters of a type.
#[derive(Args)]
pub struct Numbers {
	/// Least collateral per debt after a draw, such as 150%.
	#[arg(long, value_parser = basis_points)]
	mint: Option<u32>,
	/// Collateral per debt below which a vault is liquidated, such as 130%.
	#[arg(long, value_parser = basis_points)]
	liquidation: Option<u32>,
	/// What a liquidated owner pays on top of the debt, such as 10%.
	#[arg(long, value_parser = basis_points)]
	penalty: Option<u32>,
	/// Interest a year, such as 2%.
	#[arg(long, value_parser = units::parse_share)]
	interest: Option<u32>,
	/// The most debt of the type that a draw may lead to, in whole KWH.
	#[arg(long, value_parser = whole_kwh)]
	ceiling: Option<u64>,
	/// How much may be drawn a day, net of repayments, in whole KWH.
	#[arg(long, value_parser = whole_kwh)]
	refill: Option<u64>,
	/// The largest share of all debt that the type may be after a draw, such as 10%.
	#[arg(long, value_parser = units::parse_share)]
	max_share: Option<u32>,
}

impl Params {
	/// `baseload params`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let at = chain.best().await?;
		match self {
			Self::Show => show(&at).await,
			Self::Add { token, numbers, root } => {
				let (token, info) = any(&at, &token).await?;
				let params = numbers.complete().context("a new type needs all of its parameters")?;
				ensure_sound(&params, token == BLD_TOKEN, None)?;
				ensure!(
					feed_of(token).is_some(),
					"token {token} can have no price, so it cannot be collateral: its number is above 2147483647"
				);
				let (account, held) = vaults_hold(&at, token).await?;
				ensure!(
					held > 0,
					"the vaults' account, {account}, has no {}: send it the token's least balance first",
					info.symbol
				);
				let sent = context.send(&chain, root.wrap(calls::add_type(token, &params))).await?;
				Ok(sent.with("added", "token", Cell::number(token)).report())
			}
			Self::Set { token, numbers, root } => {
				let token = Tokens::at(&at).await?.find(&token)?;
				let types = at.collateral_types().await?;
				let kind = types.iter().find(|kind| kind.token == token);
				let old = kind.context("the type is gone")?.params;
				let params = numbers.over(&old);
				ensure!(params != old, "say what to change, such as --interest 3%");
				ensure_sound(&params, token == BLD_TOKEN, Some(&old))?;
				ensure_reachable(&old, &params)?;
				let sent = context
					.send(&chain, root.wrap(calls::set_params(token, &params)))
					.await?;
				Ok(sent.with("changed", "token", Cell::number(token)).report())
			}
			Self::SweepRevenue { token } => {
				let tokens = Tokens::at(&at).await?;
				let token = tokens.find(&token)?;
				let sent = context.send(&chain, calls::sweep_revenue(token)).await?;
				let swept: Option<(TokenId, Balance)> = sent.receipt.event("PowerStablecoin", "RevenueSwept");
				let cell = Cell::option(swept, |(_, amount)| Cell::token(amount, &tokens.info(token)));
				Ok(sent.with("swept", "amount", cell).report())
			}
		}
	}
}

impl Numbers {
	/// A new type's parameters; `None` if one is missing.
	fn complete(&self) -> Option<TypeParams> {
		Some(TypeParams {
			mint_bp: self.mint?,
			liquidation_bp: self.liquidation?,
			penalty_bp: self.penalty?,
			interest: Permill::from_parts(self.interest?),
			ceiling: self.ceiling?,
			refill: self.refill?,
			max_share: Permill::from_parts(self.max_share?),
		})
	}

	/// What is given, in place of what was set.
	fn over(&self, old: &TypeParams) -> TypeParams {
		TypeParams {
			mint_bp: self.mint.unwrap_or(old.mint_bp),
			liquidation_bp: self.liquidation.unwrap_or(old.liquidation_bp),
			penalty_bp: self.penalty.unwrap_or(old.penalty_bp),
			interest: self.interest.map_or(old.interest, Permill::from_parts),
			ceiling: self.ceiling.unwrap_or(old.ceiling),
			refill: self.refill.unwrap_or(old.refill),
			max_share: self.max_share.map_or(old.max_share, Permill::from_parts),
		}
	}
}

/// Reads a ratio in percent, of at most two decimals, into basis points.
fn basis_points(text: &str) -> Result<u32, String> {
	let number = text.trim().strip_suffix('%').map(str::trim);
	let parts = number.and_then(|number| units::parse_units(number, 2).ok());
	parts
		.and_then(|parts| u32::try_from(parts).ok())
		.ok_or_else(|| format!("\"{text}\" is not a ratio in %, of two decimals at most"))
}

/// Reads an amount of whole KWH.
fn whole_kwh(text: &str) -> Result<u64, String> {
	let amount = units::parse_kwh(text).map_err(|error| error.to_string())?;
	match u64::try_from(amount / KWH) {
		Ok(whole) if amount.is_multiple_of(KWH) => Ok(whole),
		_ => Err(format!("\"{text}\" is not an amount of whole KWH")),
	}
}

async fn show(at: &At) -> Result<Report> {
	let mut rows = Vec::new();
	for kind in at.collateral_types().await? {
		rows.push(row(at, &kind).await?);
	}
	let types = Report::Table {
		name: "types",
		columns: vec![
			("token", "token"),
			("draws from", "mint_ratio"),
			("liquidated below", "liquidation_ratio"),
			("raised to", "raised_ratio"),
			("penalty", "penalty"),
			("interest a year", "interest"),
			("ceiling", "ceiling"),
			("a day", "refill"),
			("share", "max_share"),
			("owed", "debt"),
			("can be drawn", "room"),
			("price", "price"),
			("impaired", "impaired"),
		],
		rows,
	};
	Ok(Report::Several(vec![types, numbers::table()]))
}

async fn row(at: &At, kind: &TypeView) -> Result<Vec<Cell>> {
	let token = described(at, kind.token).await?;
	let ratio = |bp: u32| Cell::ratio(Price::from_rational(bp.into(), 10_000));
	let whole = |kwh: u64| Cell::kwh(Balance::from(kwh).saturating_mul(KWH));
	let params = &kind.params;
	Ok(vec![
		Cell::text(token.symbol),
		ratio(params.mint_bp),
		ratio(kind.liquidation_bp),
		Cell::option(kind.raise_in, |left| {
			ratio(params.liquidation_bp).with_words(&format!(" in {}", Cell::duration(left).human()))
		}),
		ratio(params.penalty_bp),
		Cell::share(params.interest.deconstruct()),
		whole(params.ceiling),
		whole(params.refill),
		Cell::share(params.max_share.deconstruct()),
		Cell::kwh(kind.debt),
		Cell::kwh(kind.room),
		Cell::option(kind.price, Cell::price),
		Cell::flag(kind.impaired),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn ratio_should_be_read_into_basis_points() {
		assert_eq!(basis_points("150%"), Ok(15_000));
		assert_eq!(basis_points("130.25 %"), Ok(13_025));
		for text in ["150", "1.555%", "-1%", "%", "99999999999%"] {
			assert!(basis_points(text).is_err(), "{text}");
		}
	}

	#[test]
	fn ceiling_should_be_whole_kwh() {
		assert_eq!(whole_kwh("5000 KWH"), Ok(5_000));
		assert_eq!(whole_kwh("0"), Ok(0));
		for text in ["0.5", "5 BLD", "-1"] {
			assert!(whole_kwh(text).is_err(), "{text}");
		}
	}

	#[test]
	fn change_should_keep_what_is_not_given() {
		let numbers = |interest| Numbers {
			mint: Some(15_000),
			liquidation: Some(13_000),
			penalty: Some(1_000),
			interest,
			ceiling: Some(1),
			refill: Some(2),
			max_share: Some(100_000),
		};
		let old = numbers(Some(20_000)).complete().unwrap();
		assert_eq!(numbers(None).complete(), None);
		assert_eq!(numbers(None).over(&old), old);
		assert_eq!(numbers(Some(30_000)).over(&old).interest, Permill::from_percent(3));
	}
}

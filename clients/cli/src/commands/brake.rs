//! The stablecoin's brakes: the breaker, and types of collateral that their issuers have frozen.

use anyhow::Result;
use baseload_client::{calls, Call, Chain};
use baseload_primitives::BreakerLevel;
use clap::{Subcommand, ValueEnum};

use crate::{
	context::{AsRoot, Context},
	output::{Cell, Report},
	tokens::{described, Tokens},
};

/// The stablecoin's brakes.
#[derive(Subcommand)]
pub enum Brake {
	/// Show where brakes and fuses stand.
	Show,
	/// Let less through. For the guardian.
	Tighten {
		/// How much to let through.
		#[arg(value_enum)]
		level: Level,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Let more through. For administrators.
	Loosen {
		/// How much to let through.
		#[arg(value_enum)]
		level: Level,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Mark a type whose token is frozen or clawed back: no new debt, no redemption against it. For the guardian, whose mark
	/// lapses after seven days, and for administrators, who confirm it.
	Impair {
		/// The type's token.
		token: String,
		#[command(flatten)]
		root: AsRoot,
	},
	/// Take that mark away, also one that has lapsed. For administrators.
	Restore {
		/// The type's token.
		token: String,
		#[command(flatten)]
		root: AsRoot,
	},
}

/// How much the breaker lets through.
#[derive(Clone, Copy, ValueEnum)]
pub enum Level {
	/// Everything.
	All,
	/// No new debt.
	NoNewDebt,
	/// Repaying, adding collateral, redeeming, and leaving without debt.
	ExitOnly,
}

impl From<Level> for BreakerLevel {
	fn from(level: Level) -> Self {
		match level {
			Level::All => Self::All,
			Level::NoNewDebt => Self::NoNewDebt,
			Level::ExitOnly => Self::ExitOnly,
		}
	}
}

impl Brake {
	/// `baseload brake`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		match self {
			Self::Show => show(&chain).await,
			Self::Tighten { level, root } => {
				moved(context, &chain, root.wrap(calls::tighten_breaker(level.into())), level).await
			}
			Self::Loosen { level, root } => {
				moved(context, &chain, root.wrap(calls::loosen_breaker(level.into())), level).await
			}
			Self::Impair { token, root } => {
				let token = Tokens::at(&chain.best().await?).await?.find(&token)?;
				let sent = context.send(&chain, root.wrap(calls::impair_type(token))).await?;
				Ok(sent.with("impaired", "token", Cell::number(token)).report())
			}
			Self::Restore { token, root } => {
				let token = Tokens::at(&chain.best().await?).await?.find(&token)?;
				let sent = context.send(&chain, root.wrap(calls::restore_type(token))).await?;
				Ok(sent.with("restored", "token", Cell::number(token)).report())
			}
		}
	}
}

async fn moved(context: &Context, chain: &Chain, call: Call, level: Level) -> Result<Report> {
	let sent = context.send(chain, call).await?;
	Ok(sent
		.with("lets through", "level", Cell::text(words(level.into())))
		.report())
}

async fn show(chain: &Chain) -> Result<Report> {
	let at = chain.best().await?;
	let safety = at.safety().await?;
	let totals = Report::record()
		.with("lets through", "level", Cell::text(words(safety.level)))
		.with("can be drawn under the fuse", "fuse_room", Cell::kwh(safety.fuse_room))
		.with("shut down", "shut_down", Cell::option(safety.shut_down, Cell::time));
	let mut rows = Vec::new();
	for kind in at.collateral_types().await? {
		rows.push(vec![
			Cell::text(described(&at, kind.token).await?.symbol),
			Cell::flag(kind.impaired),
			Cell::option(kind.liquidation_in, Cell::duration),
		]);
	}
	let types = Report::Table {
		name: "types",
		columns: vec![
			("token", "token"),
			("impaired", "impaired"),
			("liquidates in", "liquidation_in"),
		],
		rows,
	};
	Ok(Report::Several(vec![totals, types]))
}

fn words(level: BreakerLevel) -> &'static str {
	match level {
		BreakerLevel::All => "all",
		BreakerLevel::NoNewDebt => "no-new-debt",
		BreakerLevel::ExitOnly => "exit-only",
	}
}

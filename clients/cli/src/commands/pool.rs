//! The backstop pools: KWH that burn in liquidations and earn the collateral.

use anyhow::{bail, Context as _, Result};
use baseload_client::{calls, units, Chain, TokenInfo};
use baseload_primitives::{views::PoolDepositView, Balance, TokenId};
use clap::{Args, Subcommand};

use crate::{
	arguments::Who,
	context::{Context, Sent},
	output::{Cell, Report},
	tokens::Tokens,
};

/// Which pool.
#[derive(Args)]
pub struct Pool {
	/// The token of the type of collateral that the pool stands behind.
	#[arg(long, global = true, default_value = "RSV")]
	token: String,
	#[command(subcommand)]
	command: PoolCommand,
}

/// The backstop pools: KWH that burn in liquidations and earn the collateral.
#[derive(Subcommand)]
enum PoolCommand {
	/// Show a pool, and somebody's part of it.
	Show {
		/// Whose part, besides the whole.
		#[arg(long)]
		account: Option<Who>,
	},
	/// Put KWH in. They count from the second price on.
	Deposit {
		/// How much, such as "250 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Give notice of a withdrawal.
	Notice {
		/// The most to withdraw, such as "250 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Withdraw what notice was given of, while it is open.
	Withdraw,
	/// Take the collateral earned.
	Claim,
}

impl Pool {
	/// `baseload pool`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let tokens = Tokens::at(&chain.best().await?).await?;
		let token = tokens.find(&self.token)?;
		let info = tokens.info(token);
		match self.command {
			PoolCommand::Show { account } => show(context, &chain, token, &info, account).await,
			PoolCommand::Deposit { amount } => {
				let sent = context.send(&chain, calls::pool_deposit(token, amount)).await?;
				let part = part(context, &chain, &sent, token).await?;
				let counts_from = part.waiting.last().map(|(_, round)| *round);
				Ok(sent
					.with("deposited", "amount", Cell::kwh(amount))
					.with(
						"counts from price",
						"counts_from",
						Cell::option(counts_from, Cell::number),
					)
					.report())
			}
			PoolCommand::Notice { amount } => {
				let sent = context.send(&chain, calls::pool_notice(token, amount)).await?;
				let notice = part(context, &chain, &sent, token).await?.notice;
				Ok(sent
					.with("notice of", "amount", Cell::kwh(amount))
					.with(
						"opens at price",
						"opens",
						Cell::option(notice, |(_, opens, _)| Cell::number(opens)),
					)
					.with(
						"lapses at price",
						"lapses",
						Cell::option(notice, |(_, _, lapses)| Cell::number(lapses)),
					)
					.report())
			}
			PoolCommand::Withdraw => {
				let before = own(context, &chain, token).await?.counting;
				let sent = context.send(&chain, calls::pool_withdraw(token)).await?;
				let after = part(context, &chain, &sent, token).await?.counting;
				Ok(sent
					.with("withdrawn", "amount", Cell::kwh(before.saturating_sub(after)))
					.with("left", "counting", Cell::kwh(after))
					.report())
			}
			PoolCommand::Claim => {
				let earned = own(context, &chain, token).await?.claimable;
				let sent = context.send(&chain, calls::pool_claim(token)).await?;
				Ok(sent.with("claimed", "amount", Cell::token(earned, &info)).report())
			}
		}
	}
}

/// The signer's part as the transaction left it.
async fn part(context: &Context, chain: &Chain, sent: &Sent, token: TokenId) -> Result<PoolDepositView> {
	let at = chain.at(sent.receipt.block_hash).await?;
	let part = at.pool_deposit_of(token, &context.key()?.account()).await?;
	part.context("the deposit is gone")
}

/// The signer's part before.
async fn own(context: &Context, chain: &Chain, token: TokenId) -> Result<PoolDepositView> {
	let account = context.key()?.account();
	match chain.best().await?.pool_deposit_of(token, &account).await? {
		Some(part) => Ok(part),
		None => bail!("{account} has nothing in this pool"),
	}
}

async fn show(
	context: &Context,
	chain: &Chain,
	token: TokenId,
	info: &TokenInfo,
	account: Option<Who>,
) -> Result<Report> {
	let at = chain.best().await?;
	let pool = at.pool(token).await?.context("this token has no pool")?;
	let report = Report::record()
		.with("pool for", "token", Cell::text(info.symbol.clone()))
		.with("burns in liquidations", "active", Cell::kwh(pool.active))
		.with("does not count yet", "waiting", Cell::kwh(pool.waiting))
		.with("collateral earned", "collateral", Cell::token(pool.collateral, info))
		.with("price number", "round", Cell::number(pool.round));
	let Some(who) = account else { return Ok(report) };
	let account = context.account(chain, &who)?;
	let Some(part) = at.pool_deposit_of(token, &account).await? else {
		bail!("{account} has nothing in this pool")
	};
	let waiting = part.waiting.iter();
	let waiting = waiting.map(|(amount, round)| format!("{} from price {round}", units::format_kwh(*amount)));
	Ok(report
		.with("account", "account", Cell::account(&account))
		.with("its KWH that count", "counting", Cell::kwh(part.counting))
		.with("its KWH that wait", "own_waiting", Cell::list(waiting.collect()))
		.with("its claim", "claimable", Cell::token(part.claimable, info))
		.with(
			"its notice",
			"notice",
			Cell::option(part.notice, |(amount, opens, lapses)| {
				Cell::kwh(amount).with_words(&format!(", from price {opens} to before price {lapses}"))
			}),
		))
}

//! The backstop pools: KWH that burn in liquidations and earn the collateral.

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{calls, units, AccountId, At, Chain, TokenInfo};
use baseload_primitives::{views::PoolDepositView, Balance, TokenId};
use clap::{Args, Subcommand};

use crate::{
	arguments::Who,
	context::Context,
	output::{Cell, Report},
	tokens::Tokens,
};

const VAULTS: &str = "PowerStablecoin";

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
				let least: Balance = chain.best().await?.constant(VAULTS, "MinRedemption")?;
				ensure!(
					amount >= least,
					"{} is less than the least that a pool takes, {}",
					units::format_kwh(amount),
					units::format_kwh(least)
				);
				let sent = context.send(&chain, calls::pool_deposit(token, amount)).await?;
				let deposited: Option<(TokenId, AccountId, Balance, u64)> = sent.receipt.event(VAULTS, "PoolDeposited");
				let counts_from = Cell::option(deposited, |(.., round)| Cell::number(round));
				Ok(sent
					.with("deposited", "amount", Cell::kwh(amount))
					.with("counts from price", "counts_from", counts_from)
					.report())
			}
			PoolCommand::Notice { amount } => {
				let at = chain.best().await?;
				let part = own(context, &at, token).await?;
				ensure!(
					part.counting > 0,
					"nothing of your deposit counts yet, so there is nothing to give notice of: {}",
					waits(&part, round(&at, token).await?)
				);
				let sent = context.send(&chain, calls::pool_notice(token, amount)).await?;
				let given: Option<(TokenId, AccountId, Balance, u64, u64)> =
					sent.receipt.event(VAULTS, "PoolNoticeGiven");
				Ok(sent
					.with("notice of", "amount", Cell::kwh(amount))
					.with(
						"opens at price",
						"opens",
						Cell::option(given, |(.., opens, _)| Cell::number(opens)),
					)
					.with(
						"lapses at price",
						"lapses",
						Cell::option(given, |(.., lapses)| Cell::number(lapses)),
					)
					.report())
			}
			PoolCommand::Withdraw => {
				let at = chain.best().await?;
				let part = own(context, &at, token).await?;
				if needs_notice(&at, token).await? {
					ensure_open(part.notice, round(&at, token).await?)?;
				}
				let sent = context.send(&chain, calls::pool_withdraw(token)).await?;
				let withdrawn: Option<(TokenId, AccountId, Balance)> = sent.receipt.event(VAULTS, "PoolWithdrawn");
				let at = chain.at(sent.receipt.block_hash).await?;
				let left = at.pool_deposit_of(token, &context.key()?.account()).await?;
				Ok(sent
					.with(
						"withdrawn",
						"amount",
						Cell::option(withdrawn, |(.., amount)| Cell::kwh(amount)),
					)
					// Whoever took all has no deposit any more.
					.with("left", "counting", Cell::kwh(left.map_or(0, |part| part.counting)))
					.report())
			}
			PoolCommand::Claim => {
				let part = own(context, &chain.best().await?, token).await?;
				ensure!(
					part.claimable > 0,
					"your deposit has earned nothing that was not claimed"
				);
				let sent = context.send(&chain, calls::pool_claim(token)).await?;
				let claimed: Option<(TokenId, AccountId, Balance)> = sent.receipt.event(VAULTS, "PoolClaimed");
				let cell = Cell::option(claimed, |(.., amount)| Cell::token(amount, &info));
				Ok(sent.with("claimed", "amount", cell).report())
			}
		}
	}
}

/// The signer's part.
async fn own(context: &Context, at: &At, token: TokenId) -> Result<PoolDepositView> {
	let account = context.key()?.account();
	match at.pool_deposit_of(token, &account).await? {
		Some(part) => Ok(part),
		None => bail!("{account} has nothing in this pool"),
	}
}

/// The number of the pool's last price.
async fn round(at: &At, token: TokenId) -> Result<u64> {
	Ok(at.pool(token).await?.context("this token has no pool")?.round)
}

/// From which price on a deposit counts, in words.
fn waits(part: &PoolDepositView, round: u64) -> String {
	match part.waiting.first() {
		Some((_, from)) => format!("it counts from price {from} on, and the last price is number {round}"),
		None => "it burnt in liquidations".into(),
	}
}

/// Whether a withdrawal takes notice: not after a shutdown, and not while the pool buys nothing.
async fn needs_notice(at: &At, token: TokenId) -> Result<bool> {
	let types = at.collateral_types().await?;
	let impaired = types.iter().any(|kind| kind.token == token && kind.impaired);
	Ok(!impaired && at.safety().await?.shut_down.is_none())
}

/// Refuses a withdrawal that notice was not given of, is too early, or too late.
fn ensure_open(notice: Option<(Balance, u64, u64)>, round: u64) -> Result<()> {
	let Some((_, opens, lapses)) = notice else {
		bail!("no notice was given of a withdrawal: \"baseload pool notice AMOUNT\" gives it");
	};
	ensure!(
		round >= opens,
		"it is too early: the notice opens at price {opens}, and the last price is number {round}"
	);
	ensure!(
		round < lapses,
		"the notice lapsed at price {lapses}, and the last price is number {round}: give notice anew"
	);
	Ok(())
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

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn withdrawal_should_be_refused_with_its_reason_when_no_notice_is_open() {
		let said = |notice, round| ensure_open(notice, round).map_err(|error| error.to_string());
		let notice = Some((1, 7, 55));
		assert!(said(None, 9).unwrap_err().starts_with("no notice was given"));
		assert_eq!(
			said(notice, 6).unwrap_err(),
			"it is too early: the notice opens at price 7, and the last price is number 6"
		);
		assert_eq!((said(notice, 7), said(notice, 54)), (Ok(()), Ok(())));
		assert!(said(notice, 55)
			.unwrap_err()
			.starts_with("the notice lapsed at price 55,"));
	}
}

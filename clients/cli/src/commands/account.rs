//! Accounts and transfers.

use anyhow::Result;
use baseload_client::{calls, units, RESERVE_TOKEN};
use clap::{Args, ValueEnum};

use crate::{
	arguments::Who,
	context::Context,
	output::{Cell, Report},
	tokens::reserve_token,
};

/// Shows what an account holds.
#[derive(Args)]
pub struct Account {
	/// The account; without it, that of the key that would sign.
	account: Option<Who>,
}

impl Account {
	/// `baseload account`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let (chain, account) = context.account_or_own(self.account.as_ref()).await?;
		let at = chain.best().await?;
		let (kwh, bld) = (at.kwh(&account).await?, at.bld(&account).await?);
		let reserve = reserve_token(&at).await?;
		Ok(Report::record()
			.with("account", "account", Cell::account(&account))
			.with("KWH", "kwh_free", Cell::kwh(kwh.free))
			.with("KWH held", "kwh_held", Cell::kwh(kwh.held))
			.with("BLD", "bld_free", Cell::bld(bld.free))
			.with("BLD held", "bld_held", Cell::bld(bld.held))
			.with(
				"reserve tokens",
				"reserve",
				Cell::token(at.asset_balance(RESERVE_TOKEN, &account).await?, &reserve),
			)
			.with("transactions", "nonce", Cell::number(at.nonce(&account).await?)))
	}
}

/// One of the two tokens.
#[derive(Clone, Copy, ValueEnum)]
enum Token {
	/// The power-backed stablecoin.
	#[value(name = "KWH")]
	Kwh,
	/// The bond token.
	#[value(name = "BLD")]
	Bld,
}

/// Sends a token. Never ends the sender's account.
#[derive(Args)]
pub struct Transfer {
	/// Who receives it.
	to: Who,
	/// How much, such as 1.5 or "1.5 KWH".
	amount: String,
	/// Which token.
	#[arg(long, value_enum, default_value = "KWH", ignore_case = true)]
	token: Token,
}

impl Transfer {
	/// `baseload transfer`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let amount = match self.token {
			Token::Kwh => units::parse_kwh(&self.amount)?,
			Token::Bld => units::parse_bld(&self.amount)?,
		};
		let chain = context.chain().await?;
		let to = context.account(&chain, &self.to)?;
		let (call, cell) = match self.token {
			Token::Kwh => (calls::transfer_kwh(to, amount), Cell::kwh(amount)),
			Token::Bld => (calls::transfer_bld(to, amount), Cell::bld(amount)),
		};
		let sent = context.send(&chain, call).await?;
		Ok(sent
			.with("sent", "amount", cell)
			.with("to", "to", Cell::account(&to))
			.report())
	}
}

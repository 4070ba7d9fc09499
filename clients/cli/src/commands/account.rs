//! Accounts and transfers.

use anyhow::Result;
use baseload_client::RESERVE_TOKEN;
use clap::Args;

use crate::{
	arguments::{payment::Amount, Who},
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

/// Sends a token. Never ends the sender's account.
#[derive(Args)]
pub struct Transfer {
	/// Who receives it.
	to: Who,
	#[command(flatten)]
	amount: Amount,
}

impl Transfer {
	/// `baseload transfer`
	pub async fn run(self, context: &Context) -> Result<Report> {
		self.amount.of_known()?;
		let chain = context.chain().await?;
		let to = context.account(&chain, &self.to)?;
		let payment = self.amount.resolve(&chain.best().await?).await?;
		let sent = context.send(&chain, payment.transfer(to)).await?;
		Ok(sent
			.with("sent", "amount", payment.cell())
			.with("to", "to", Cell::account(&to))
			.report())
	}
}

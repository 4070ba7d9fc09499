//! Accounts and transfers.

use anyhow::Result;
use baseload_client::{AccountId, At};
use baseload_primitives::BLD_TOKEN;
use clap::Args;

use crate::{
	arguments::{payment::Amount, Who},
	context::Context,
	output::{Cell, Report},
	tokens::described,
};

/// Shows what an account holds, and what it is owed.
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
		let held = Report::record()
			.with("account", "account", Cell::account(&account))
			.with("KWH", "kwh_free", Cell::kwh(kwh.free))
			.with("KWH held", "kwh_held", Cell::kwh(kwh.held))
			.with("BLD", "bld_free", Cell::bld(bld.free))
			.with("BLD held", "bld_held", Cell::bld(bld.held))
			.with("transactions", "nonce", Cell::number(at.nonce(&account).await?));
		Ok(Report::Several(vec![held, tokens(&at, &account).await?]))
	}
}

/// The tokens that are collateral: what the account has of each, and what it was not paid and may claim.
async fn tokens(at: &At, account: &AccountId) -> Result<Report> {
	let owed = at.owed(account).await?;
	let mut rows = Vec::new();
	for kind in at.collateral_types().await? {
		let token = described(at, kind.token).await?;
		let balance = match kind.token {
			BLD_TOKEN => at.bld(account).await?.free,
			id => at.asset_balance(id, account).await?,
		};
		let claim = owed.iter().find(|(id, _)| *id == kind.token);
		rows.push(vec![
			Cell::text(token.symbol.clone()),
			Cell::token(balance, &token),
			Cell::token(claim.map_or(0, |(_, amount)| *amount), &token),
		]);
	}
	Ok(Report::Table {
		name: "tokens",
		columns: vec![
			("collateral", "token"),
			("balance", "balance"),
			("owed, to be claimed", "owed"),
		],
		rows,
	})
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

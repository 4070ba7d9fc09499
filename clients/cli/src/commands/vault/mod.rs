//! Vaults.

mod show;

use anyhow::{Context as _, Result};
use baseload_client::{calls, units, AccountId, At, Call, Chain, Error, VaultView};
use baseload_primitives::{Balance, Moment, SiteId, VaultId};
use clap::Subcommand;

use crate::{
	context::{Context, Sent},
	output::{Cell, Report},
	tokens::{self, Tokens},
};

const VAULTS: &str = "PowerStablecoin";

/// Vaults: collateral and attested energy in, KWH out.
#[derive(Subcommand)]
pub enum Vault {
	/// Open a vault for collateral of one token. Holds a deposit.
	Open {
		/// The token, such as RSV or BLD.
		#[arg(long, default_value = "RSV")]
		token: String,
	},
	/// Add collateral.
	Deposit {
		/// The vault.
		vault: VaultId,
		/// How many whole tokens, such as 1000 or "0.5 RSV".
		amount: String,
	},
	/// Pledge a site of yours to a vault of yours.
	Pledge {
		/// The vault.
		vault: VaultId,
		/// The site.
		site: SiteId,
	},
	/// Take a pledged site back, as far as the debt stays covered.
	Release {
		/// The vault.
		vault: VaultId,
		/// The site.
		site: SiteId,
	},
	/// Draw KWH against collateral and attested energy. Seven days' interest is added to the debt at once.
	Draw {
		/// The vault.
		vault: VaultId,
		/// How much, such as "250 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Repay debt, of your vault or anybody's, with your KWH.
	Repay {
		/// The vault.
		vault: VaultId,
		/// How much, such as "250 KWH"; more than the debt repays all of it.
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Take collateral out.
	Withdraw {
		/// The vault.
		vault: VaultId,
		/// How many whole tokens.
		amount: String,
	},
	/// Close a vault without debt: collateral, sites and deposit come back.
	Close {
		/// The vault.
		vault: VaultId,
	},
	/// Liquidate the riskiest vaults of a type that are below its liquidation ratio. Anybody may.
	Liquidate {
		/// The type's token.
		#[arg(long, default_value = "RSV")]
		token: String,
		/// The most vaults.
		#[arg(long, default_value = "10")]
		vaults: u32,
	},
	/// Have a vault's energy cover checked: without cover its cure period begins, with cover it ends. Anybody may.
	CheckCover {
		/// The vault.
		vault: VaultId,
	},
	/// Show one vault, with its health and both covers as bars.
	Show {
		/// The vault.
		vault: VaultId,
	},
	/// List all open vaults.
	List,
	/// Show the account that holds all collateral, and what it has. Before a token can become a type of collateral, somebody sends it
	/// the token's least balance.
	Account {
		/// Any token, by its number or symbol.
		#[arg(long, default_value = "RSV")]
		token: String,
	},
}

impl Vault {
	/// `baseload vault`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let sent = match self {
			Self::Open { token } => {
				let token = Tokens::at(&chain.best().await?).await?.find(&token)?;
				let sent = context.send(&chain, calls::open_vault(token)).await?;
				let vault: Option<VaultId> = sent.receipt.event(VAULTS, "VaultOpened");
				sent.with("vault", "vault", Cell::option(vault, |vault| Cell::number(vault.0)))
			}
			Self::Deposit { vault, amount } => {
				let amount = collateral(&chain.best().await?, vault, &amount).await?;
				let sent = context.send(&chain, calls::deposit_collateral(vault, amount)).await?;
				with_collateral(sent, &chain, vault, "deposited", amount).await?
			}
			Self::Pledge { vault, site } => {
				let sent = context.send(&chain, calls::pledge_site(vault, site)).await?;
				sent.with("pledged site", "site", Cell::number(site.0))
					.with("to vault", "vault", Cell::number(vault.0))
			}
			Self::Release { vault, site } => {
				let sent = context.send(&chain, calls::release_site(vault, site)).await?;
				sent.with("released site", "site", Cell::number(site.0)).with(
					"of vault",
					"vault",
					Cell::number(vault.0),
				)
			}
			Self::Draw { vault, amount } => {
				let sent = change_debt(context, &chain, calls::draw(vault, amount)).await?;
				let view = after(&sent, &chain, vault).await?;
				sent.with("drawn", "amount", Cell::kwh(amount))
					.with("debt", "debt", Cell::kwh(view.debt))
			}
			Self::Repay { vault, amount } => {
				let sent = change_debt(context, &chain, calls::repay(vault, amount)).await?;
				let view = after(&sent, &chain, vault).await?;
				let repaid: Option<(VaultId, AccountId, Balance)> = sent.receipt.event(VAULTS, "Repaid");
				sent.with(
					"repaid",
					"amount",
					Cell::option(repaid, |(.., amount)| Cell::kwh(amount)),
				)
				.with("debt", "debt", Cell::kwh(view.debt))
			}
			Self::Withdraw { vault, amount } => {
				let amount = collateral(&chain.best().await?, vault, &amount).await?;
				let sent = change_debt(context, &chain, calls::withdraw_collateral(vault, amount)).await?;
				with_collateral(sent, &chain, vault, "withdrawn", amount).await?
			}
			Self::Close { vault } => {
				let sent = context.send(&chain, calls::close_vault(vault)).await?;
				sent.with("closed vault", "vault", Cell::number(vault.0))
			}
			Self::Liquidate { token, vaults } => {
				let token = Tokens::at(&chain.best().await?).await?.find(&token)?;
				let sent = context.send(&chain, calls::liquidate(token, vaults)).await?;
				let liquidated = sent.receipt.events.iter();
				let liquidated = liquidated.filter(|event| event.pallet == VAULTS && event.name == "Liquidated");
				let count = liquidated.count() as u64;
				sent.with("liquidated vaults", "liquidated", Cell::number(count))
			}
			Self::CheckCover { vault } => {
				let sent = context.send(&chain, calls::check_cover(vault)).await?;
				let checked: Option<(VaultId, Balance, Option<Moment>)> = sent.receipt.event(VAULTS, "CoverChecked");
				let view = after(&sent, &chain, vault).await?;
				sent.with(
					"without cover",
					"uncovered",
					Cell::option(checked, |(_, uncovered, _)| Cell::kwh(uncovered)),
				)
				.with("time to cure", "cure_in", show::time_to_cure(&view))
				.with("wound down", "wind_down_left", show::wind_down(&view))
			}
			Self::Show { vault } => return show::one(&chain.best().await?, vault).await,
			Self::List => return show::all(&chain.best().await?).await,
			Self::Account { token } => return account(&chain.best().await?, &token).await,
		};
		Ok(sent.report())
	}
}

/// Sends a call that may leave too little debt, and then says how much the least is.
async fn change_debt(context: &Context, chain: &Chain, call: Call) -> Result<Sent> {
	let sent = context.send(chain, call).await;
	match sent {
		Err(error)
			if error
				.downcast_ref::<Error>()
				.is_some_and(|error| error.is(VAULTS, "BelowMinDebt")) =>
		{
			let least: Balance = chain.best().await?.constant(VAULTS, "MinDebt")?;
			Err(error.context(format!("the least debt is {}", units::format_kwh(least))))
		}
		sent => sent,
	}
}

/// The account that holds all collateral, and what it has of a token.
async fn account(at: &At, token: &str) -> Result<Report> {
	let (id, token) = tokens::any(at, token).await?;
	let (account, held) = tokens::vaults_hold(at, id).await?;
	Ok(Report::record()
		.with("account", "account", Cell::account(&account))
		.with("holds", "holds", Cell::token(held, &token)))
}

/// Reads an amount of a vault's collateral.
async fn collateral(at: &At, vault: VaultId, text: &str) -> Result<Balance> {
	let view = show::open_vault(at, vault).await?;
	tokens::amount(text, &tokens::described(at, view.token).await?)
}

/// The vault as the transaction left it.
async fn after(sent: &Sent, chain: &Chain, vault: VaultId) -> Result<VaultView> {
	let at = chain.at(sent.receipt.block_hash).await?;
	at.vault(vault).await?.context("the vault is gone")
}

/// Adds what collateral was moved, and what the vault has now.
async fn with_collateral(
	sent: Sent,
	chain: &Chain,
	vault: VaultId,
	done: &'static str,
	amount: Balance,
) -> Result<Sent> {
	let view = after(&sent, chain, vault).await?;
	let token = tokens::described(&chain.best().await?, view.token).await?;
	Ok(sent.with(done, "amount", Cell::token(amount, &token)).with(
		"collateral",
		"collateral",
		Cell::token(view.collateral, &token),
	))
}

//! Vaults.

use anyhow::{bail, ensure, Result};
use baseload_client::{calls, units, AccountId, At, TokenInfo, VaultView};
use baseload_primitives::{Balance, SiteId, VaultId};
use clap::Subcommand;

use super::status::{reserve_token, with_backing};
use crate::{
	context::Context,
	output::{Cell, Report},
};

/// Vaults: collateral and attested energy in, KWH out.
#[derive(Subcommand)]
pub enum Vault {
	/// Open a vault. Holds a deposit.
	Open,
	/// Add reserve tokens as collateral.
	Deposit {
		/// The vault.
		vault: VaultId,
		/// How many whole reserve tokens, such as 1000 or 0.5.
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
	/// Draw KWH against collateral and attested energy.
	Draw {
		/// The vault.
		vault: VaultId,
		/// How much, such as "250 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
	/// Repay debt with your KWH.
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
		/// How many whole reserve tokens.
		amount: String,
	},
	/// Close a vault without debt: collateral, sites and deposit come back.
	Close {
		/// The vault.
		vault: VaultId,
	},
	/// Show one vault.
	Show {
		/// The vault.
		vault: VaultId,
	},
	/// List all open vaults.
	List,
	/// Show what stands behind all KWH.
	Backing,
}

impl Vault {
	/// `baseload vault`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		let sent = match self {
			Self::Open => {
				let sent = context.send(&chain, calls::open_vault()).await?;
				let vault: Option<VaultId> = sent.receipt.event("PowerStablecoin", "VaultOpened");
				sent.with("vault", "vault", Cell::option(vault, |vault| Cell::number(vault.0)))
			}
			Self::Deposit { vault, amount } => {
				let reserve = reserve_token(&chain.best().await?).await?;
				let amount = whole_tokens(&amount, &reserve)?;
				let sent = context.send(&chain, calls::deposit_collateral(vault, amount)).await?;
				let change: Option<(VaultId, AccountId, Balance, Balance)> =
					sent.receipt.event("PowerStablecoin", "CollateralDeposited");
				sent.with("deposited", "amount", Cell::token(amount, &reserve)).with(
					"collateral",
					"collateral",
					Cell::option(change, |(.., new)| Cell::token(new, &reserve)),
				)
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
				let sent = context.send(&chain, calls::draw(vault, amount)).await?;
				let change: Option<(VaultId, Balance, Balance, Balance)> =
					sent.receipt.event("PowerStablecoin", "Drawn");
				sent.with("drawn", "amount", Cell::kwh(amount)).with(
					"debt",
					"debt",
					Cell::option(change, |(.., new)| Cell::kwh(new)),
				)
			}
			Self::Repay { vault, amount } => {
				let sent = context.send(&chain, calls::repay(vault, amount)).await?;
				let change: Option<(VaultId, AccountId, Balance, Balance, Balance)> =
					sent.receipt.event("PowerStablecoin", "Repaid");
				sent.with(
					"repaid",
					"amount",
					Cell::option(change, |(_, _, amount, ..)| Cell::kwh(amount)),
				)
				.with("debt", "debt", Cell::option(change, |(.., new)| Cell::kwh(new)))
			}
			Self::Withdraw { vault, amount } => {
				let reserve = reserve_token(&chain.best().await?).await?;
				let amount = whole_tokens(&amount, &reserve)?;
				let sent = context.send(&chain, calls::withdraw_collateral(vault, amount)).await?;
				let change: Option<(VaultId, Balance, Balance)> =
					sent.receipt.event("PowerStablecoin", "CollateralWithdrawn");
				sent.with("withdrawn", "amount", Cell::token(amount, &reserve)).with(
					"collateral",
					"collateral",
					Cell::option(change, |(.., new)| Cell::token(new, &reserve)),
				)
			}
			Self::Close { vault } => {
				let sent = context.send(&chain, calls::close_vault(vault)).await?;
				sent.with("closed vault", "vault", Cell::number(vault.0))
			}
			Self::Show { vault } => return show(&chain.best().await?, vault).await,
			Self::List => return list(&chain.best().await?).await,
			Self::Backing => return Ok(with_backing(Report::record(), &chain.best().await?).await?),
		};
		Ok(sent.report())
	}
}

/// Reads an amount of the reserve token, with or without its symbol.
fn whole_tokens(text: &str, token: &TokenInfo) -> Result<Balance> {
	let number = text.trim().strip_suffix(token.symbol.as_str()).unwrap_or(text).trim();
	let amount = units::parse_units(number, token.decimals).map_err(|problem| problem.of(text))?;
	ensure!(amount > 0, "\"{text}\" is nothing");
	Ok(amount)
}

async fn show(at: &At, vault: VaultId) -> Result<Report> {
	let Some(view) = at.vault(vault).await? else {
		bail!("there is no open vault {vault}")
	};
	let reserve = reserve_token(at).await?;
	Ok(Report::record()
		.with("vault", "vault", Cell::number(vault.0))
		.with("owner", "owner", Cell::account(&view.owner))
		.with("collateral", "collateral", Cell::token(view.collateral, &reserve))
		.with("debt", "debt", Cell::kwh(view.debt))
		.with(
			"collateral ratio",
			"collateral_ratio",
			Cell::option(view.collateral_ratio, Cell::ratio),
		)
		.with("sites", "sites", sites(&view))
		.with("attested energy", "energy_wh", Cell::energy(view.energy))
		.with("drawable", "drawable", Cell::option(view.drawable, Cell::kwh)))
}

async fn list(at: &At) -> Result<Report> {
	let reserve = reserve_token(at).await?;
	let mut rows = Vec::new();
	for vault in (0..at.next_vault().await?.0).map(VaultId) {
		if let Some(view) = at.vault(vault).await? {
			rows.push(vec![
				Cell::number(vault.0),
				Cell::token(view.collateral, &reserve),
				Cell::kwh(view.debt),
				Cell::option(view.collateral_ratio, Cell::ratio),
				sites(&view),
				Cell::energy(view.energy),
				Cell::account(&view.owner),
			]);
		}
	}
	Ok(Report::Table {
		name: "vaults",
		columns: vec![
			("vault", "vault"),
			("collateral", "collateral"),
			("debt", "debt"),
			("ratio", "collateral_ratio"),
			("sites", "sites"),
			("energy", "energy_wh"),
			("owner", "owner"),
		],
		rows,
	})
}

fn sites(view: &VaultView) -> Cell {
	Cell::ids(view.sites.iter().map(|site| site.0))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn collateral_should_be_read_in_whole_tokens() {
		let token = TokenInfo {
			symbol: "RSV".into(),
			decimals: 6,
		};
		for text in ["1.5", "1.5 RSV", " 1.5RSV "] {
			assert_eq!(whole_tokens(text, &token).unwrap(), 1_500_000, "{text}");
		}
		for text in ["0", "-1", "1.5 KWH", "0.0000001", "RSV", ""] {
			assert!(whole_tokens(text, &token).is_err(), "{text}");
		}
	}
}

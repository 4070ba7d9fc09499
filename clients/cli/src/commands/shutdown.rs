//! The end of the stablecoin: prices are frozen, vaults are swept, holders are paid out.

use anyhow::Result;
use baseload_client::{calls, received, units, AccountId};
use baseload_primitives::{Balance, TokenId};
use clap::Subcommand;

use crate::{
	context::{AsRoot, Context},
	output::{Cell, Report},
	tokens::Tokens,
};

const VAULTS: &str = "PowerStablecoin";

/// The end of the stablecoin.
#[derive(Subcommand)]
pub enum Shutdown {
	/// Shut the system down, for good. For administrators.
	Begin {
		#[command(flatten)]
		root: AsRoot,
	},
	/// Sweep vaults: debt off, collateral that is worth it to the holders. Anybody may; blocks do it by themselves.
	Sweep {
		/// The most vaults.
		#[arg(default_value = "10")]
		vaults: u32,
	},
	/// Exchange KWH for their part of all that was swept.
	CashOut {
		/// How much, such as "250 KWH".
		#[arg(value_parser = units::parse_kwh)]
		amount: Balance,
	},
}

impl Shutdown {
	/// `baseload shutdown`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let chain = context.chain().await?;
		match self {
			Self::Begin { root } => {
				let sent = context.send(&chain, root.wrap(calls::shut_down())).await?;
				Ok(sent.with("shut down", "shut_down", Cell::flag(true)).report())
			}
			Self::Sweep { vaults } => {
				let sent = context.send(&chain, calls::sweep_vaults(vaults)).await?;
				let swept = sent.receipt.events.iter();
				let swept = swept.filter(|event| event.pallet == VAULTS && event.name == "VaultSwept");
				let count = swept.count() as u64;
				Ok(sent.with("swept vaults", "swept", Cell::number(count)).report())
			}
			Self::CashOut { amount } => {
				let tokens = Tokens::at(&chain.best().await?).await?;
				let sent = context.send(&chain, calls::cash_out(amount)).await?;
				let events = &sent.receipt;
				let paid = events.events_named::<(AccountId, TokenId, Balance, Balance)>(VAULTS, "CashedOut");
				let owed = events.events_named::<(TokenId, AccountId, Balance)>(VAULTS, "PayoutOwed");
				let owed: Vec<_> = owed.iter().map(|(token, _, amount)| (*token, *amount)).collect();
				let burnt = paid.iter().map(|(_, _, burnt, _)| burnt).sum();
				let came = received(paid.iter().map(|(_, token, _, out)| (*token, *out)), &owed);
				let (label, waits) = tokens.owed(&owed);
				Ok(sent
					.with("burnt", "burnt", Cell::kwh(burnt))
					.with("received", "out", tokens.cell(&came))
					.with(label, "owed", waits)
					.report())
			}
		}
	}
}

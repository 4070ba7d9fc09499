//! One file per group of commands.

mod account;
mod attestor;
mod backing;
mod brake;
mod council;
mod meter;
mod params;
mod pool;
mod ppa;
mod price;
mod redeem;
mod shutdown;
mod site;
mod status;
mod validator;
mod vault;

use anyhow::Result;
use clap::Subcommand;

use crate::{context::Context, output::Report};

/// What can be asked for.
#[derive(Subcommand)]
pub enum Command {
	/// The chain: height, time, prices, and what backs its money.
	Status,
	/// What an account holds.
	Account(account::Account),
	/// Send KWH, BLD or a reserve token.
	Transfer(account::Transfer),
	/// Sites: where meters stand.
	#[command(subcommand)]
	Site(site::Site),
	/// Meters and their readings.
	#[command(subcommand)]
	Meter(meter::Meter),
	/// Attestors: who stands up for readings and against them.
	#[command(subcommand)]
	Attestor(attestor::Attestor),
	/// Vaults: collateral and attested energy in, KWH out.
	#[command(subcommand)]
	Vault(vault::Vault),
	/// What stands behind all KWH.
	Backing,
	/// Redeem KWH for collateral at the next price.
	Redeem(redeem::Redeem),
	/// The backstop pools: KWH that burn in liquidations and earn the collateral.
	Pool(pool::Pool),
	/// The types of collateral and their parameters.
	#[command(subcommand)]
	Params(params::Params),
	/// The stablecoin's brakes.
	#[command(subcommand)]
	Brake(brake::Brake),
	/// The end of the stablecoin.
	#[command(subcommand)]
	Shutdown(shutdown::Shutdown),
	/// Power purchase agreements.
	#[command(subcommand)]
	Ppa(ppa::Ppa),
	/// Validators and their bonds.
	#[command(subcommand)]
	Validator(validator::Validator),
	/// The council: its members, its motions, and what it has done as Root.
	#[command(subcommand)]
	Council(council::Council),
	/// Index prices.
	#[command(subcommand)]
	Price(price::PriceCommand),
}

impl Command {
	/// Does it.
	pub async fn run(self, context: &Context) -> Result<Report> {
		match self {
			Self::Status => status::run(context).await,
			Self::Account(command) => command.run(context).await,
			Self::Transfer(command) => command.run(context).await,
			Self::Site(command) => command.run(context).await,
			Self::Meter(command) => command.run(context).await,
			Self::Attestor(command) => command.run(context).await,
			Self::Vault(command) => command.run(context).await,
			Self::Backing => backing::run(context).await,
			Self::Redeem(command) => command.run(context).await,
			Self::Pool(command) => command.run(context).await,
			Self::Params(command) => command.run(context).await,
			Self::Brake(command) => command.run(context).await,
			Self::Shutdown(command) => command.run(context).await,
			Self::Ppa(command) => command.run(context).await,
			Self::Validator(command) => command.run(context).await,
			Self::Council(command) => command.run(context).await,
			Self::Price(command) => command.run(context).await,
		}
	}
}

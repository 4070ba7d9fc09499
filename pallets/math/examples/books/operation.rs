//! What can be done with the ledger, and what comes of it.

use baseload_math::books::{
	depositor::PoolTerms, fee::FeeTerms, liquidation::Liquidated, owner::Closed, redemption::Redeemed, terms::Terms,
	Error,
};

/// Number of a vault or of a depositor.
pub type Id = u128;

/// What is set from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
	pub terms: Terms,
	pub fees: FeeTerms,
	pub pool: PoolTerms,
	/// Vaults that one redemption visits at most.
	pub steps: u128,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
	Open(Id),
	Deposit(Id, u128),
	Draw(Id, u128),
	Repay(Id, u128),
	Withdraw(Id, u128),
	Close(Id),
	Accrue(u128),
	Price(u128, u128),
	Redeem(u128),
	Liquidate(u128),
	PoolDeposit(Id, u128),
	PoolNotice(Id, u128),
	PoolWithdraw(Id),
	PoolClaim(Id),
	SpendRevenue(u128),
}

/// What an operation returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	Nothing,
	Amount(u128),
	Closed(Closed),
	Redemption(Redemption),
	Liquidations(Vec<(Id, Liquidated)>),
}

/// A redemption and its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redemption {
	pub burnt: u128,
	pub out: u128,
	pub rate: u128,
	pub reserve: Option<Redeemed>,
	pub vaults: Vec<(Id, Redeemed)>,
}

/// Why an operation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// By the books.
	Books(Error),
	/// There is no such vault or depositor.
	Unknown,
	/// There is a vault with this number.
	Exists,
	/// The wallets, or revenue, hold less KWH.
	Funds,
	/// A price of nothing.
	NoPrice,
}

impl From<Error> for Refusal {
	fn from(error: Error) -> Self {
		Self::Books(error)
	}
}

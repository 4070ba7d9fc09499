//! Agreements and prices.

use baseload_primitives::{feed_of, AgreementId, Balance, MeterId, Moment, Price, Register, VaultId, BLD_TOKEN};
use codec::{Decode, Encode};
use sp_core::H256;
use sp_io::hashing::blake2_256;

use crate::{AccountId, Call, RESERVE_TOKEN};

const AGREEMENTS: &str = "PpaEscrow";

/// What share of a seller's income retires which vault's debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sweep {
	/// The seller's vault.
	pub vault: VaultId,
	/// Parts per million of what attestors leave of each payment.
	pub ratio: u32,
}

/// What the meter's attestors are paid out of the bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AttestorFee {
	/// For every UTC month that is billed, wholly or in part, in KWH base units: all who serve the meter share it.
	pub monthly: Balance,
	/// The most that they take of one payment, in parts per million, rounded up.
	pub cap: u32,
}

/// The terms of an agreement. Their hash is what the other party accepts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
	/// Who delivers: the owner of the meter's site.
	pub seller: AccountId,
	/// Who takes and pays.
	pub buyer: AccountId,
	/// Whose register is billed.
	pub meter: MeterId,
	/// Which of its registers.
	pub register: Register,
	/// Fixed tariff, in KWH base units per Wh.
	pub price: Price,
	/// Who receives what attestors and sweep leave.
	pub payee: AccountId,
	/// Retires vault debt out of the seller's income.
	pub sweep: Option<Sweep>,
	/// What the meter's attestors are paid before all others.
	pub attestor_fee: AttestorFee,
	/// What the escrow must hold before the agreement can start, in KWH base units.
	pub min_escrow: Balance,
	/// Open time between notice and end, in milliseconds.
	pub notice: Moment,
}

impl Terms {
	/// Blake2b-256 of the SCALE encoding.
	pub fn hash(&self) -> H256 {
		blake2_256(&self.encode()).into()
	}
}

/// Proposes an agreement, as its seller or buyer. Holds the proposal deposit.
pub fn propose(terms: &Terms) -> Call {
	Call::new(AGREEMENTS, "propose").with(terms)
}

/// Accepts a proposal whose terms have this hash, as the other party.
pub fn accept(agreement: AgreementId, terms_hash: H256) -> Call {
	Call::new(AGREEMENTS, "accept").with(agreement).with(terms_hash)
}

/// Pays KWH into the escrow, for the buyer.
pub fn fund(agreement: AgreementId, amount: Balance) -> Call {
	Call::new(AGREEMENTS, "fund").with(agreement).with_amount(amount)
}

/// Starts billing at the register's newest final count.
pub fn activate(agreement: AgreementId) -> Call {
	Call::new(AGREEMENTS, "activate").with(agreement)
}

/// Bills what the register advanced since the last bill. For anyone.
pub fn settle(agreement: AgreementId) -> Call {
	Call::new(AGREEMENTS, "settle").with(agreement)
}

/// Gives notice, as a party.
pub fn give_notice(agreement: AgreementId) -> Call {
	Call::new(AGREEMENTS, "give_notice").with(agreement)
}

/// Ends an agreement whose notice is over: last bill, rest to the buyer. For anyone.
pub fn close_agreement(agreement: AgreementId) -> Call {
	Call::new(AGREEMENTS, "close").with(agreement)
}

/// Takes what an agreement could not pay out before.
pub fn claim(agreement: AgreementId) -> Call {
	Call::new(AGREEMENTS, "claim").with(agreement)
}

/// Ends an agreement that never started.
pub fn cancel(agreement: AgreementId) -> Call {
	Call::new(AGREEMENTS, "cancel").with(agreement)
}

/// What an oracle operator can report the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
	/// One kWh, in the quote currency.
	Reference,
	/// One whole unit of the reserve token, in the quote currency.
	Collateral,
	/// One BLD, in the quote currency.
	Bond,
}

impl Quote {
	/// The feed's number on chain.
	pub fn key(self) -> u32 {
		match self {
			Self::Reference => 0,
			Self::Collateral => feed_of(RESERVE_TOKEN),
			Self::Bond => feed_of(BLD_TOKEN),
		}
	}
}

/// Reports prices, as an oracle operator.
pub fn feed_prices(prices: &[(Quote, Price)]) -> Call {
	let values: Vec<(u32, u128)> = prices
		.iter()
		.map(|(quote, price)| (quote.key(), price.into_inner()))
		.collect();
	Call::new("Oracle", "feed_values").with(values)
}

//! Amounts of any token, as people write them.

use anyhow::{Context as _, Result};
use baseload_client::{calls, units, AccountId, At, Call, TokenInfo};
use baseload_primitives::{Balance, BLD_TOKEN};
use clap::Args;

use crate::{output::Cell, tokens::any};

/// How much of what.
#[derive(Args)]
pub struct Amount {
	/// How much, such as "1.5 KWH", "20 BLD" or, of a reserve token, "5 RSV". Without a symbol it is KWH, or what --token says.
	amount: String,
	/// Which token: KWH, BLD, or the symbol or the number of another one.
	#[arg(long)]
	token: Option<String>,
}

impl Amount {
	/// The amount of KWH or BLD, which every chain has; `None` if it is of another token. Refuses what can be no amount before
	/// anybody is asked.
	pub fn of_known(&self) -> Result<Option<Payment>> {
		match self.token() {
			"KWH" => Ok(Some(Payment::Kwh(units::parse_kwh(&self.amount)?))),
			"BLD" => Ok(Some(Payment::Bld(units::parse_bld(&self.amount)?))),
			_ => Ok(None),
		}
	}

	/// The amount of whatever token it is on this chain.
	pub async fn resolve(&self, at: &At) -> Result<Payment> {
		if let Some(known) = self.of_known()? {
			return Ok(known);
		}
		let (id, token) = any(at, self.token())
			.await
			.with_context(|| format!("\"{}\"", self.amount))?;
		let amount = units::parse_token(&self.amount, &token.symbol, token.decimals)?;
		Ok(match id {
			BLD_TOKEN => Payment::Bld(amount),
			_ => Payment::Token { id, token, amount },
		})
	}

	fn token(&self) -> &str {
		match (&self.token, units::symbol_of(&self.amount)) {
			(Some(token), _) => token,
			(None, "") => "KWH",
			(None, symbol) => symbol,
		}
	}
}

/// An amount of a token, in base units.
pub enum Payment {
	/// The power-backed stablecoin.
	Kwh(Balance),
	/// The bond token.
	Bld(Balance),
	/// A token of the assets pallet.
	Token {
		/// Its number.
		id: u32,
		/// How it is written.
		token: TokenInfo,
		/// How much.
		amount: Balance,
	},
}

impl Payment {
	/// The call that sends it. It never ends the sender's account.
	pub fn transfer(&self, to: AccountId) -> Call {
		match *self {
			Self::Kwh(amount) => calls::transfer_kwh(to, amount),
			Self::Bld(amount) => calls::transfer_bld(to, amount),
			Self::Token { id, amount, .. } => calls::transfer_asset(id, to, amount),
		}
	}

	/// How it is shown.
	pub fn cell(&self) -> Cell {
		match self {
			Self::Kwh(amount) => Cell::kwh(*amount),
			Self::Bld(amount) => Cell::bld(*amount),
			Self::Token { token, amount, .. } => Cell::token(*amount, token),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn amount(amount: &str, token: Option<&str>) -> Amount {
		Amount {
			amount: amount.into(),
			token: token.map(Into::into),
		}
	}

	#[test]
	fn token_should_be_what_the_amount_or_the_option_says() {
		for (text, token, expected) in [
			("1.5", None, "KWH"),
			("1.5 KWH", None, "KWH"),
			("1.5BLD", None, "BLD"),
			("5 RSV", None, "RSV"),
			("5", Some("RSV"), "RSV"),
			("5 RSV", Some("1"), "1"),
		] {
			assert_eq!(amount(text, token).token(), expected, "{text}");
		}
		assert!(matches!(
			amount("2", Some("BLD")).of_known(),
			Ok(Some(Payment::Bld(2_000_000_000_000)))
		));
		assert!(matches!(amount("2 RSV", None).of_known(), Ok(None)));
	}

	#[test]
	fn amount_should_be_refused_when_it_contradicts_the_option() {
		let refused = amount("1 BLD", Some("KWH")).of_known().err().unwrap();
		assert!(refused.to_string().contains("\"1 BLD\" is not an amount of KWH"));
		// Energy is no money.
		assert!(matches!(amount("1 kWh", None).of_known(), Ok(None)));
	}
}

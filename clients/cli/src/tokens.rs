//! The tokens of the chain's types of collateral, as people write them.

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{units, AccountId, At, Result as ClientResult, TokenInfo};
use baseload_primitives::{Balance, TokenId, BLD_TOKEN};

use crate::output::Cell;

/// How a token is written; in base units if the chain does not say.
pub async fn described(at: &At, token: TokenId) -> ClientResult<TokenInfo> {
	let info = at.token(token).await?;
	Ok(info.unwrap_or_else(|| TokenInfo {
		symbol: format!("units of token {token}"),
		decimals: 0,
	}))
}

/// A token that people mean, collateral or not: BLD, or one of the assets pallet by its number, or by its symbol if there is only one
/// called so.
pub async fn any(at: &At, text: &str) -> Result<(TokenId, TokenInfo)> {
	let name = text.trim();
	if name.eq_ignore_ascii_case("BLD") {
		return Ok((BLD_TOKEN, described(at, BLD_TOKEN).await?));
	}
	if let Ok(id) = name.parse::<TokenId>() {
		let token = at.token(id).await?;
		return Ok((id, token.with_context(|| format!("there is no token {id}"))?));
	}
	let mut found = at.tokens_called(name).await?;
	match (found.pop(), found.as_slice()) {
		(Some(token), []) => Ok(token),
		(None, _) => bail!("there is no token called {name}"),
		(Some((last, _)), others) => {
			let ids: Vec<_> = others.iter().map(|(id, _)| id.to_string()).collect();
			bail!(
				"several tokens are called {name}: give the number of one ({} or {last}) with --token",
				ids.join(", ")
			)
		}
	}
}

/// The account that holds all collateral, and what it has of a token, in base units.
pub async fn vaults_hold(at: &At, token: TokenId) -> ClientResult<(AccountId, Balance)> {
	let account = at.vaults_account()?;
	let held = match token {
		BLD_TOKEN => at.bld(&account).await?.free,
		id => at.asset_balance(id, &account).await?,
	};
	Ok((account, held))
}

/// The tokens that are collateral, with how they are written.
pub struct Tokens(Vec<(TokenId, TokenInfo)>);

impl Tokens {
	/// Those of the types of collateral at a block.
	pub async fn at(at: &At) -> ClientResult<Self> {
		let mut known = Vec::new();
		for kind in at.collateral_types().await? {
			known.push((kind.token, described(at, kind.token).await?));
		}
		Ok(Self(known))
	}

	/// How a token is written.
	pub fn info(&self, token: TokenId) -> TokenInfo {
		let known = self.0.iter().find(|(id, _)| *id == token);
		known.map_or_else(
			|| TokenInfo {
				symbol: format!("units of token {token}"),
				decimals: 0,
			},
			|(_, info)| info.clone(),
		)
	}

	/// Amounts of several tokens.
	pub fn cell(&self, amounts: &[(TokenId, Balance)]) -> Cell {
		let amounts = amounts.iter().map(|(token, amount)| (self.info(*token), *amount));
		Cell::tokens(&amounts.collect::<Vec<_>>())
	}

	/// Payouts that an account could not receive, and what takes each of them; with a label for people, if there are any.
	pub fn owed(&self, amounts: &[(TokenId, Balance)]) -> (&'static str, Cell) {
		let cell = self.cell(amounts);
		if amounts.is_empty() {
			return ("", cell);
		}
		let commands = amounts.iter().map(|(token, _)| {
			let symbol = self.info(*token).symbol;
			format!("\"baseload redeem claim --token {symbol}\"")
		});
		let words = format!(
			", which the account could not receive: claim by {}",
			commands.collect::<Vec<_>>().join(" and ")
		);
		("only owed", cell.with_words(&words))
	}

	/// The token that people mean: by its symbol, or by its id.
	pub fn find(&self, text: &str) -> Result<TokenId> {
		let named = |(id, info): &&(TokenId, TokenInfo)| {
			info.symbol.eq_ignore_ascii_case(text.trim()) || text.trim().parse() == Ok(*id)
		};
		match self.0.iter().find(named) {
			Some((id, _)) => Ok(*id),
			None => {
				let known: Vec<_> = self.0.iter().map(|(_, info)| info.symbol.as_str()).collect();
				bail!("\"{text}\" is no collateral here; there is {}", known.join(", "))
			}
		}
	}

	/// An amount with its token, such as "0.7 RSV".
	pub fn amount(&self, text: &str) -> Result<(TokenId, Balance)> {
		let text = text.trim();
		let end = text
			.find(|c: char| !(c.is_ascii_digit() || c == '.'))
			.unwrap_or(text.len());
		let token = self.find(&text[end..])?;
		Ok((token, amount(text, &self.info(token))?))
	}
}

/// Reads an amount of a token, with or without its symbol, into base units.
pub fn amount(text: &str, token: &TokenInfo) -> Result<Balance> {
	let number = text.trim().strip_suffix(token.symbol.as_str()).unwrap_or(text).trim();
	let amount = units::parse_units(number, token.decimals).map_err(|problem| problem.of(text))?;
	ensure!(amount > 0, "\"{text}\" is nothing");
	Ok(amount)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn tokens() -> Tokens {
		let info = |symbol: &str, decimals| TokenInfo {
			symbol: symbol.into(),
			decimals,
		};
		Tokens(vec![(0, info("BLD", 12)), (1, info("RSV", 6))])
	}

	#[test]
	fn collateral_should_be_read_in_whole_tokens() {
		let token = tokens().info(1);
		for text in ["1.5", "1.5 RSV", " 1.5RSV "] {
			assert_eq!(amount(text, &token).unwrap(), 1_500_000, "{text}");
		}
		for text in ["0", "-1", "1.5 KWH", "0.0000001", "RSV", ""] {
			assert!(amount(text, &token).is_err(), "{text}");
		}
	}

	#[test]
	fn token_should_be_found_by_symbol_or_id() {
		for (text, id) in [("rsv", 1), (" BLD ", 0), ("1", 1)] {
			assert_eq!(tokens().find(text).unwrap(), id, "{text}");
		}
		let error = tokens().find("USD").unwrap_err().to_string();
		assert_eq!(error, "\"USD\" is no collateral here; there is BLD, RSV");
	}

	#[test]
	fn owed_payout_should_name_the_command_that_takes_it() {
		let (label, cell) = tokens().owed(&[(1, 1_500_000)]);
		assert_eq!(
			(label, cell.human()),
			(
				"only owed",
				"1.5 RSV, which the account could not receive: claim by \"baseload redeem claim --token RSV\""
			)
		);
		assert_eq!(tokens().owed(&[]), ("", Cell::list(vec![])));
	}

	#[test]
	fn amount_should_name_its_token_when_it_could_be_any() {
		assert_eq!(tokens().amount("0.7 RSV").unwrap(), (1, 700_000));
		assert_eq!(tokens().amount("2BLD").unwrap(), (0, 2_000_000_000_000));
		for text in ["0.7", "RSV", "-1 RSV", "1.5.0 RSV", "0 RSV", "1 USD", ""] {
			assert!(tokens().amount(text).is_err(), "{text}");
		}
	}
}

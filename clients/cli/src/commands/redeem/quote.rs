//! What a redemption would pay, shown before anybody signs, and what is refused by it.

use anyhow::{bail, ensure, Context as _, Result};
use baseload_client::{units, At, TokenInfo, UnconfirmedPrice};
use baseload_primitives::{views::RedemptionQuote, Balance, TokenId, KWH};

use super::VAULTS;
use crate::{
	output::{Cell, Report},
	tokens::Tokens,
};

/// Parts per 10^18 in one part per million.
pub const PARTS_PER_MILLIONTH: u64 = 1_000_000_000_000;

/// What redeeming would pay now; or why nothing can be said, the amount first, then what would stop it at any price.
pub async fn quote(at: &At, amount: Balance) -> Result<RedemptionQuote> {
	let least: Balance = at.constant(VAULTS, "MinRedemption")?;
	ensure!(
		amount >= least,
		"{} is less than the least redemption, {}",
		units::format_kwh(amount),
		units::format_kwh(least)
	);
	if let Some(since) = at.safety().await?.shut_down {
		bail!(
			"the system was shut down at {}: nothing is redeemed any more; \"baseload shutdown cash-out\" pays out",
			units::format_time(since)
		);
	}
	let supply = at.kwh_supply().await?;
	ensure!(
		amount <= supply,
		"{} is more than all KWH in existence, {}",
		units::format_kwh(amount),
		units::format_kwh(supply)
	);
	let types = at.collateral_types().await?;
	let owing = || types.iter().filter(|kind| kind.debt > 0 || kind.shortfall > 0);
	ensure!(
		owing().next().is_none() || owing().any(|kind| !kind.impaired),
		"every type of collateral that owes anything is marked as impaired: nothing is redeemed against it"
	);
	let quote = at.redemption_quote(amount).await?;
	quote.context("there is no price now, so nothing can be quoted; a request would wait for the next one")
}

/// A quote, for people before they sign.
pub fn quoted(
	report: Report,
	amount: Balance,
	quote: &RedemptionQuote,
	tokens: &Tokens,
	unconfirmed: &[UnconfirmedPrice],
) -> Report {
	let burnt: Balance = quote.outs.iter().map(|(_, burnt, _)| burnt).sum();
	let moves = unconfirmed
		.iter()
		.filter(|price| quote.outs.iter().any(|(token, ..)| *token == price.token));
	let moves: Vec<_> = moves.map(|price| moved(price, &tokens.info(price.token))).collect();
	let label = if moves.is_empty() { "" } else { "careful" };
	report
		.with("redeem", "amount", Cell::kwh(amount))
		.with(
			"fee now",
			"fee",
			Cell::share(fee_in_millionths(quote.fee.deconstruct())),
		)
		.with("burns now", "burnt", Cell::kwh(burnt))
		.with("pays now", "out", paid(&quote.outs, tokens))
		.with("a KWH pays", "rate", Cell::tokens(&rates(&quote.outs, tokens)))
		.with(label, "unconfirmed", Cell::list(moves))
}

/// What it means for a redemption that a price is not believed yet.
fn moved(price: &UnconfirmedPrice, token: &TokenInfo) -> String {
	let from = price.believed.map_or_else(String::new, |believed| {
		format!(" from {}", units::format_price(believed))
	});
	format!(
		"the price of {symbol} moved{from} to {} and is not confirmed yet: until it has been observed for 15 minutes, a redemption \
		 counts the {symbol} that it pays at the highest of these prices, and may pay less than a kWh is worth for each KWH. Waiting \
		 costs nothing; --min-out refuses too little",
		units::format_price(price.moved),
		symbol = token.symbol,
	)
}

/// A fee of 18 decimals in parts per million, rounded up.
pub fn fee_in_millionths(fee: u64) -> u32 {
	u32::try_from(fee.div_ceil(PARTS_PER_MILLIONTH)).unwrap_or(u32::MAX)
}

fn paid(outs: &[(TokenId, Balance, Balance)], tokens: &Tokens) -> Cell {
	let amounts = outs.iter().map(|(token, _, out)| (*token, *out));
	tokens.cell(&amounts.collect::<Vec<_>>())
}

/// What each token pays for a whole KWH burnt against it, rounded down.
pub fn rates(outs: &[(TokenId, Balance, Balance)], tokens: &Tokens) -> Vec<(TokenInfo, Balance)> {
	let rates = outs
		.iter()
		.filter_map(|(token, burnt, out)| Some((tokens.info(*token), rate(*burnt, *out)?)));
	rates.collect()
}

/// Collateral units per whole KWH, rounded down; `None` if nothing is burnt, or beyond any number.
fn rate(burnt: Balance, out: Balance) -> Option<Balance> {
	// Out of proportion to any real token; exact for all others.
	out.checked_mul(KWH)?.checked_div(burnt)
}

/// A request that could only fail at the present price is not worth a fee.
pub fn refuse_what_is_worse_already(
	quote: &RedemptionQuote,
	max_fee: u64,
	floors: &[(TokenId, Balance)],
	tokens: &Tokens,
) -> Result<()> {
	let fee = quote.fee.deconstruct();
	ensure!(
		fee <= max_fee,
		"the fee is {} now, above your --max-fee",
		Cell::share(fee_in_millionths(fee)).human()
	);
	for (token, least) in floors {
		let Some((_, burnt, out)) = quote.outs.iter().find(|(paying, ..)| paying == token) else {
			continue;
		};
		if let Some(rate) = rate(*burnt, *out).filter(|rate| rate < least) {
			let info = tokens.info(*token);
			bail!(
				"a KWH pays {} now, below your --min-out of {}",
				Cell::token(rate, &info).human(),
				Cell::token(*least, &info).human()
			);
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::Price;

	#[test]
	fn rate_should_be_collateral_for_one_kwh_rounded_down() {
		assert_eq!(rate(2 * KWH, 1_400_001), Some(700_000));
		assert_eq!(rate(0, 5), None);
		assert_eq!(rate(KWH, u128::MAX), None);
	}

	#[test]
	fn quote_should_warn_when_a_price_is_not_confirmed() {
		let price = UnconfirmedPrice {
			token: 1,
			believed: Some(Price::from_rational(14, 100)),
			moved: Price::from_rational(7, 100),
		};
		let token = TokenInfo {
			symbol: "RSV".into(),
			decimals: 6,
		};
		let said = moved(&price, &token);
		assert!(
			said.starts_with("the price of RSV moved from 0.14 to 0.07 and is not confirmed yet: "),
			"{said}"
		);
		let first = UnconfirmedPrice {
			believed: None,
			..price
		};
		assert!(moved(&first, &token).starts_with("the price of RSV moved to 0.07 and"));
	}

	#[test]
	fn fee_should_be_shown_rounded_up() {
		assert_eq!(fee_in_millionths(5_000_000_000_000_000), 5_000);
		assert_eq!(fee_in_millionths(5_000_000_000_000_001), 5_001);
		assert_eq!(fee_in_millionths(0), 0);
	}
}

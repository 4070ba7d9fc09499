//! The oracle operator at work: asks, combines, reports; and says which report is stale, its own or the chain's.

use std::time::Duration;

use anyhow::{bail, Result};
use baseload_client::{
	calls::{self, Quote},
	keys::Key,
	units::{format_duration, format_price},
	AccountId, At, Chain, Error, Wait,
};
use baseload_primitives::{Moment, Price};
use futures::future::join_all;
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{info, warn};

use super::{
	combine::{combine, Limits, Quoted},
	config::{Config, PriceConfig, FRESH},
	input::{ask, now},
	web::Web,
};
use crate::{config::Chain as Node, state::Shared, stop::Stop};

/// For how many blocks a report can enter one: a price that waited longer is not what it was.
const LIFETIME: u64 = 16;
/// How long to wait for a report to enter a block.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the chain is asked what it has.
const LOOK: Duration = Duration::from_secs(15);
/// How long to wait before connecting again, and before repeating a report that was not taken.
const AGAIN: Duration = Duration::from_secs(5);
const REPEAT: Duration = Duration::from_secs(30);

/// Reports prices until stopped. Fails if it cannot begin: no key, another chain.
pub async fn run(config: &Config, node: &Node, shared: Shared, stop: Stop) -> Result<()> {
	let feeder = Feeder {
		config,
		key: Key::from_file(&config.key)?,
		web: Web::new()?,
		shared,
	};
	info!(account = %feeder.key.account(), prices = config.prices.len(), "feeding prices");
	tokio::select! {
		() = stop.requested() => Ok(()),
		result = feeder.serve(node) => result,
	}
}

struct Feeder<'a> {
	config: &'a Config,
	key: Key,
	web: Web,
	shared: Shared,
}

impl Feeder<'_> {
	/// Connects, and connects again. Returns only if there is no sense in going on.
	async fn serve(&self, node: &Node) -> Result<()> {
		let mut due = Instant::now();
		loop {
			let lost = match Chain::connect(&node.url).await {
				Ok(chain) if chain.genesis_hash() != node.genesis.0 => bail!(
					"the node at {} is of a chain that begins with {:?}, not with {:?} as configured",
					chain.url(),
					chain.genesis_hash(),
					node.genesis.0
				),
				Ok(chain) => self.follow(&chain, &mut due).await.err(),
				Err(error @ Error::NotBaseload { .. }) => return Err(error.into()),
				Err(error) => Some(error.into()),
			};
			let text = lost.map_or_else(String::new, |lost| format!("{lost:#}"));
			warn!("{text}; connecting again in {} s", AGAIN.as_secs());
			for price in &self.config.prices {
				let why = format!("the node does not answer ({text}), so nothing can be reported");
				self.shared.feed(price.of.get_ref().name(), |feed| feed.failed(&why));
			}
			self.shared.node_down(text);
			tokio::time::sleep(AGAIN).await;
		}
	}

	/// Reports when it is due, and looks in between, until the connection breaks.
	async fn follow(&self, chain: &Chain, due: &mut Instant) -> Result<()> {
		let mut look = tokio::time::interval(LOOK);
		look.set_missed_tick_behavior(MissedTickBehavior::Delay);
		loop {
			look.tick().await;
			if Instant::now() >= *due {
				let taken = self.report(chain).await?;
				let next = if taken {
					self.config.every.get_ref().duration()
				} else {
					REPEAT
				};
				*due = Instant::now() + next;
			}
			let at = chain.best().await?;
			self.shared.node_up(at.number(), chain.finalized_number().await?);
			self.look(&at).await?;
		}
	}

	/// Asks for all prices and reports those that there are. Returns whether there is nothing to repeat.
	async fn report(&self, chain: &Chain) -> Result<bool> {
		let prices = self.config.prices.iter().map(|price| self.ask(price));
		let answers = join_all(prices).await;
		let at = chain.best().await?;
		let mut found = Vec::new();
		for (price, answers) in self.config.prices.iter().zip(answers) {
			let (of, name) = (price.of.get_ref().quote(), price.of.get_ref().name());
			let last = at.fed_price(&self.key.account(), of).await?.map(|(price, _)| price);
			match combine(&limits(price), &answers, now(), last) {
				Ok(quoted) => {
					for (input, answer) in &answers {
						if let Err(why) = answer {
							warn!(price = name, input, "does not count: {why}");
						}
					}
					found.push((of, name, quoted));
				}
				Err(why) => {
					warn!(price = name, "not reported: {why}");
					self.shared.feed(name, |feed| feed.failed(&why));
				}
			}
		}
		if found.is_empty() {
			return Ok(false);
		}
		let all = found.len() == self.config.prices.len();
		Ok(self.send(chain, &at, &found).await? && all)
	}

	/// Asks all inputs of a price at the same time.
	async fn ask(&self, price: &PriceConfig) -> Vec<(String, Result<Quoted, String>)> {
		let inputs = price.inputs.iter().map(|input| async move {
			let answer = ask(input, &self.web).await;
			(input.name.get_ref().clone(), answer)
		});
		join_all(inputs).await
	}

	/// Reports prices in one transaction. Returns whether it was taken. It counts only if the account has sent nothing since the
	/// block that the last reports were looked up in, so that of two copies one reports.
	async fn send(&self, chain: &Chain, at: &At, found: &[(Quote, &str, Quoted)]) -> Result<bool> {
		let prices: Vec<(Quote, Price)> = found.iter().map(|(of, _, quoted)| (*of, quoted.price)).collect();
		let call = calls::feed_prices(&prices);
		let sent = chain.submit_since(&call, &self.key, at, LIFETIME, Wait::InBlock);
		let error = match tokio::time::timeout(PATIENCE, sent).await {
			Ok(Ok(receipt)) => {
				let time = chain.at(receipt.block_hash).await?.timestamp().await?;
				for (_, name, quoted) in found {
					let price = format_price(quoted.price);
					let age = format_duration(now().saturating_sub(quoted.observed_at));
					info!(
						price = *name,
						value = price,
						block = receipt.block_number,
						"reported, observed {age} ago"
					);
					self.shared.feed(name, |feed| {
						feed.ok();
						feed.fed(&price, time);
					});
				}
				return Ok(true);
			}
			Ok(Err(error)) if error.is_connection() => return Err(error.into()),
			Ok(Err(error)) if error.is("Oracle", "NoPermission") => {
				format!(
					"{} is no oracle operator: its reports are not taken",
					self.key.account()
				)
			}
			Ok(Err(error)) => error.to_string(),
			Err(_) => format!("the report entered no block within {} s", PATIENCE.as_secs()),
		};
		warn!("not reported: {error}");
		for (_, name, _) in found {
			self.shared.feed(name, |feed| feed.failed(&error));
		}
		Ok(false)
	}

	/// Looks whether this operator's reports and the chain's prices are fresh, and says so when that changes.
	async fn look(&self, at: &At) -> Result<()> {
		let time = at.timestamp().await?;
		let (reference, _) = at.prices().await?;
		let types = at.collateral_types().await?;
		let operators: Vec<AccountId> = at.storage_or_default("OracleMembership", "Members", &[]).await?;
		for price in &self.config.prices {
			let of = price.of.get_ref();
			let mut reports = Vec::with_capacity(operators.len());
			for operator in &operators {
				let fed = at.fed_price(operator, of.quote()).await?;
				reports.push((*operator, fed.map(|(_, at)| at)));
			}
			let chain = match of.token() {
				None => Some(reference),
				Some(token) => types.iter().find(|kind| kind.token == token).map(|kind| kind.price),
			};
			let state = freshness(&self.key.account(), &reports, chain, time);
			self.say(of.name(), &state);
			self.shared.feed(of.name(), |feed| {
				feed.stale(state.own_stale, state.chain_stale, &state.why)
			});
		}
		Ok(())
	}

	/// Logs what is stale, when it becomes so and when it ends.
	fn say(&self, name: &str, state: &Freshness) {
		let mut before = None;
		self.shared
			.feed(name, |feed| before = Some((feed.own_stale, feed.chain_stale)));
		if before == Some((state.own_stale, state.chain_stale)) {
			return;
		}
		match state.own_stale || state.chain_stale {
			true => warn!(
				price = name,
				own_stale = state.own_stale,
				chain_stale = state.chain_stale,
				"{}",
				state.why
			),
			false => info!(price = name, "fresh again: {}", state.why),
		}
	}
}

/// Whose report about a price is too old.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Freshness {
	own_stale: bool,
	chain_stale: bool,
	why: String,
}

/// Whether the operator's own report counts at `time`, and whether the chain has a price; `None` if it uses none, since the token is no
/// type of collateral. `reports` are all operators', by when they entered a block.
fn freshness(
	own: &AccountId,
	reports: &[(AccountId, Option<Moment>)],
	chain: Option<Option<Price>>,
	time: Moment,
) -> Freshness {
	// As the runtime counts: not as old as an hour.
	let is_fresh = |at: Moment| at.saturating_add(FRESH) > time;
	let fresh = reports.iter().filter(|(_, at)| at.is_some_and(is_fresh)).count();
	let mine = reports.iter().find(|(operator, _)| operator == own);
	let own_stale = !mine.is_some_and(|(_, at)| at.is_some_and(is_fresh));
	let own_text = match mine {
		None => "this account is no oracle operator".into(),
		Some((_, None)) => "this operator has reported nothing yet".into(),
		Some((_, Some(at))) => {
			let age = format_duration(time.saturating_sub(*at) / 1_000 * 1_000);
			let stale = if own_stale { "stale" } else { "fresh" };
			format!("this operator's report is {stale}, {age} old")
		}
	};
	let chain_text = match chain {
		Some(Some(price)) => format!("the chain's price is {}", format_price(price)),
		Some(None) => "the chain has no price".into(),
		None => "the chain uses no price of it, since it is no type of collateral".into(),
	};
	Freshness {
		own_stale,
		chain_stale: chain == Some(None),
		why: format!(
			"{own_text}; {chain_text}; {fresh} of {} operators' reports are fresh",
			reports.len()
		),
	}
}

fn limits(price: &PriceConfig) -> Limits {
	Limits {
		min: price.min.get_ref().0,
		max: price.max.get_ref().0,
		max_move: price.max_move.parts_per_million,
		quorum: *price.quorum.get_ref(),
		agree_within: price.agree_within.parts_per_million,
		max_age: price.max_age.0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{HOUR, MINUTE};

	const ME: AccountId = AccountId([1; 32]);
	const OTHER: AccountId = AccountId([2; 32]);
	const NOW: Moment = 100 * HOUR;

	fn seen(mine: Option<Moment>, others: Option<Moment>, chain: Option<Price>) -> (bool, bool, String) {
		let state = freshness(&ME, &[(ME, mine), (OTHER, others)], Some(chain), NOW);
		(state.own_stale, state.chain_stale, state.why)
	}

	#[test]
	fn own_report_should_be_stale_when_an_hour_old_or_missing() {
		let price = Some(Price::from_rational(1, 10));
		let (own, chain, why) = seen(Some(NOW - HOUR + 1), Some(NOW), price);
		assert_eq!((own, chain), (false, false));
		assert!(
			why.contains("is fresh, 59m59s old; the chain's price is 0.1; 2 of 2"),
			"{why}"
		);
		let (own, chain, why) = seen(Some(NOW - HOUR), Some(NOW), price);
		assert_eq!((own, chain), (true, false));
		assert!(
			why.contains("is stale, 1h old") && why.contains("1 of 2 operators' reports are fresh"),
			"{why}"
		);
		let (own, _, why) = seen(None, Some(NOW), price);
		assert!(own && why.contains("reported nothing yet"), "{why}");
		let stranger = freshness(&AccountId([3; 32]), &[(ME, Some(NOW))], Some(price), NOW);
		assert!(stranger.own_stale && stranger.why.contains("no oracle operator"));
		let early = freshness(&ME, &[(ME, Some(NOW))], None, NOW);
		assert!(!early.chain_stale && early.why.contains("no type of collateral"));
	}

	#[test]
	fn chain_should_be_the_stale_one_when_others_are_silent() {
		let (own, chain, why) = seen(Some(NOW - MINUTE), Some(NOW - 2 * HOUR), None);
		assert_eq!((own, chain), (false, true));
		assert!(
			why.contains("the chain has no price; 1 of 2 operators' reports are fresh"),
			"{why}"
		);
	}
}

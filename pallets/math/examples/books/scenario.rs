//! The scenario format: configuration and operations in, results and states out.

use crate::{
	ledger::Ledger,
	operation::{Config, Id, Op, Outcome, Redemption},
};
use baseload_math::books::{
	depositor::{PoolTerms, MAX_WAITING},
	fee::FeeTerms,
	liquidation::Liquidated,
	redemption::Redeemed,
	terms::Terms,
};
use serde_json::{json, Map, Value};
use std::num::IntErrorKind;

/// Switches of the configuration, and the only value these books have for them.
const SWITCHES: [&str; 4] = ["skip_underwater", "redeem_reserve", "draw_waits", "redist_guard"];

/// The constants of the format that these books have.
const CONSTANTS: [(&str, &str); 11] = [
	("FR", "192"),
	(
		"BIAS",
		"57896044618658097711785492504343953926634992332820282019728792003956564819968",
	),
	("RAY", "1000000000000000000000000000"),
	("WAD", "1000000000000000000"),
	("BP", "10000"),
	("NEW_DEBT_BITS", "24"),
	("REDIST_BITS", "16"),
	("P_ONE", "1000000000000000000000000000000000000"),
	("SCALE", "1000000000"),
	("SPAN", "4"),
	("DECAY_HOUR", "890898718140339304"),
];

/// A scenario, its operations still in JSON.
pub struct Scenario<'a> {
	pub name: &'a str,
	pub ledger: Ledger,
	pub ops: &'a Vec<Value>,
}

/// The scenarios of a file.
pub fn scenarios(file: &Value) -> Result<Vec<Scenario<'_>>, String> {
	for (name, expected) in CONSTANTS {
		match file.get("constants").and_then(|constants| constants.get(name)) {
			Some(given) if text(given) != expected => {
				return Err(format!("constant {name}: the file says {given}, it is {expected}"))
			}
			_ => {}
		}
	}
	let listed = file.get("scenarios").and_then(Value::as_array);
	let listed = listed.filter(|listed| !listed.is_empty()).ok_or("no scenarios")?;
	listed.iter().map(scenario).collect()
}

fn scenario(scenario: &Value) -> Result<Scenario<'_>, String> {
	let name = scenario
		.get("name")
		.and_then(Value::as_str)
		.ok_or("a scenario without a name")?;
	let inside = |error| format!("scenario \"{name}\": {error}");
	let config = scenario.get("config").ok_or_else(|| inside("no config".into()))?;
	Ok(Scenario {
		name,
		ledger: Ledger::new(self::config(config).map_err(inside)?),
		ops: scenario
			.get("ops")
			.and_then(Value::as_array)
			.ok_or_else(|| inside("no ops".into()))?,
	})
}

fn config(config: &Value) -> Result<Config, String> {
	for switch in SWITCHES {
		if config.get(switch).is_some_and(|value| *value != Value::Bool(true)) {
			return Err(format!("config {switch}: only true is supported"));
		}
	}
	if config.get("interest").is_some_and(|value| *value != json!("carry")) {
		return Err("config interest: only \"carry\" is supported".into());
	}
	let required = |name: &str| {
		let value = config.get(name).ok_or_else(|| format!("config {name}: missing"))?;
		number(value).map_err(|error| format!("config {name}: {error}"))
	};
	let or = |name: &str, default: u128| config.get(name).map_or(Ok(default), |_| required(name));
	let delay = or("delay", 1)?;
	if delay == 0 || delay > u128::from(MAX_WAITING) {
		return Err(format!("config delay: 1 to {MAX_WAITING} are supported"));
	}
	Ok(Config {
		terms: Terms {
			hourly_rate: required("rate")?,
			mint_bp: narrow(required("mint_bp")?)?,
			liquidation_bp: narrow(required("liq_bp")?)?,
			penalty_bp: narrow(required("pen_bp")?)?,
			minimum_debt: required("min_debt")?,
			redemption_floor: or("floor", 1_000_000)?,
			first_share_bits: narrow(or("share0", 64)?)?,
		},
		fees: FeeTerms {
			least: required("fee_min")?,
			cap: required("fee_cap")?,
		},
		pool: PoolTerms {
			delay: narrow(delay)?,
			notice: narrow(or("notice", 1)?)?,
			window: narrow(or("window", 2)?)?,
		},
		steps: or("steps", 16)?,
	})
}

/// The operation of an entry of `ops`.
pub fn op(entry: &Value) -> Result<Op, String> {
	let name = entry.get("op").and_then(Value::as_str).ok_or("no op")?;
	let args = entry.get("args").and_then(Value::as_array).ok_or("no args")?;
	let args = args.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
	Ok(match (name, args.as_slice()) {
		("open", [id]) => Op::Open(*id),
		("deposit", [id, amount]) => Op::Deposit(*id, *amount),
		("draw", [id, amount]) => Op::Draw(*id, *amount),
		("repay", [id, amount]) => Op::Repay(*id, *amount),
		("withdraw", [id, amount]) => Op::Withdraw(*id, *amount),
		("close", [id]) => Op::Close(*id),
		("accrue", [hours]) => Op::Accrue(*hours),
		("price", [numerator, denominator]) => Op::Price(*numerator, *denominator),
		("redeem", [amount]) => Op::Redeem(*amount),
		("liquidate", [limit]) => Op::Liquidate(*limit),
		("pool_deposit", [id, amount]) => Op::PoolDeposit(*id, *amount),
		("pool_notice", [id, amount]) => Op::PoolNotice(*id, *amount),
		("pool_withdraw", [id]) => Op::PoolWithdraw(*id),
		("pool_claim", [id]) => Op::PoolClaim(*id),
		("spend_revenue", [amount]) => Op::SpendRevenue(*amount),
		_ => return Err(format!("no operation \"{name}\" with {} arguments", args.len())),
	})
}

/// The result of an operation; null if it has none.
pub fn result(outcome: &Outcome) -> Value {
	match outcome {
		Outcome::Nothing => Value::Null,
		Outcome::Amount(amount) => string(amount),
		Outcome::Closed(closed) => json!({
			"burnt": string(closed.burnt),
			"collateral": string(closed.collateral),
		}),
		Outcome::Redemption(redemption) => self::redemption(redemption),
		Outcome::Liquidations(liquidated) => liquidated.iter().map(|(id, moved)| liquidation(*id, moved)).collect(),
	}
}

fn redemption(redemption: &Redemption) -> Value {
	let step = |id: Value, paid: &Redeemed| {
		json!({
			"id": id,
			"asked": string(paid.asked),
			"burnt": string(paid.burnt),
			"gross": string(paid.gross),
			"closed": paid.closed,
		})
	};
	let reserve = redemption.reserve.iter().map(|paid| step(RESERVE.into(), paid));
	let vaults = redemption.vaults.iter().map(|(id, paid)| step(string(id), paid));
	json!({
		"burnt": string(redemption.burnt),
		"out": string(redemption.out),
		"rate": string(redemption.rate),
		"steps": reserve.chain(vaults).collect::<Value>(),
	})
}

/// What the reserve goes by among the steps of a redemption.
pub const RESERVE: &str = "reserve";

fn liquidation(id: Id, moved: &Liquidated) -> Value {
	json!({
		"id": string(id),
		"d": string(moved.debt),
		"q": string(moved.offset),
		"r": string(moved.redistributed),
		"lost": string(moved.lost),
		"seized": string(moved.seized),
		"to_pool": string(moved.to_pool),
		"to_rest": string(moved.to_rest),
		"to_reserve": string(moved.to_reserve),
	})
}

/// The whole state.
pub fn state(ledger: &Ledger) -> Result<Value, String> {
	let books = &ledger.books;
	Ok(json!({
		"N": string(books.shares),
		"D": string(books.debt),
		"C": string(books.collateral),
		"A": string(books.handed_out),
		"interest_rem": string(books.interest_remainder),
		"round": string(ledger.round),
		"pn": string(ledger.price.numerator()),
		"pd": string(ledger.price.denominator()),
		"minted": string(ledger.minted),
		"burnt": string(ledger.burnt),
		"supply": string(ledger.supply()),
		"shortfall": string(books.shortfall),
		"reserve": string(books.reserve),
		"revenue": string(ledger.revenue),
		"revenue_collateral": string(books.revenue),
		"held": string(ledger.held),
		"wallets": string(ledger.wallets),
		"base_rate": string(ledger.base_rate),
		"vaults": vaults(ledger)?,
		"index": ledger.index.iter().map(|(_, id)| string(id)).collect::<Value>(),
		"pool": pool(ledger)?,
	}))
}

fn vaults(ledger: &Ledger) -> Result<Map<String, Value>, String> {
	let vaults = ledger.vaults.iter().map(|(id, vault)| {
		let amount = |amount: Result<u128, _>| amount.map(string).map_err(|error| format!("vault {id}: {error:?}"));
		let shown = json!({
			"n": string(vault.shares),
			"c": string(vault.collateral),
			"a": string(vault.handed_out),
			"debt": amount(ledger.books.debt_of(vault))?,
			"collateral": amount(ledger.books.collateral_of(vault))?,
			"key": vault.key().map(|key| key.value().to_string()),
		});
		Ok((id.to_string(), shown))
	});
	vaults.collect()
}

fn pool(ledger: &Ledger) -> Result<Value, String> {
	let marks = &ledger.pool.marks;
	let finished = (0..marks.scale).map(|scale| ledger.past.sums.get(&scale).copied().unwrap_or_default());
	let deposits = ledger.deposits.keys().map(|id| {
		let wrong = |error| format!("depositor {id}: {error:?}");
		let deposit = ledger.deposit_of(*id).map_err(wrong)?;
		let value = deposit.value(&ledger.pool).map_err(|error| wrong(error.into()))?;
		let claimable = deposit
			.claimable(&ledger.pool, &ledger.past)
			.map_err(|error| wrong(error.into()))?;
		let shown = json!({
			"value": string(value),
			"claimable": string(claimable),
			"waiting": string(deposit.waiting().iter().map(|tranche| tranche.amount).sum::<u128>()),
		});
		Ok((id.to_string(), shown))
	});
	Ok(json!({
		"active": string(ledger.pool.active),
		"collateral": string(ledger.pool.collateral),
		"P": string(marks.product),
		"scale": string(marks.scale),
		"S": finished.chain([marks.sum]).map(string).collect::<Value>(),
		"waiting": string(ledger.pool.waiting),
		"deposits": deposits.collect::<Result<Map<_, _>, String>>()?,
	}))
}

fn string(value: impl ToString) -> Value {
	Value::String(value.to_string())
}

/// A number or a string, without quotes.
fn text(value: &Value) -> String {
	value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn number(value: &Value) -> Result<u128, String> {
	let text = text(value);
	text.parse().map_err(|_| format!("{text} is no amount"))
}

/// What is asked for may be more than fits: it is more than there can be.
fn argument(value: &Value) -> Result<u128, String> {
	match text(value).parse::<u128>() {
		Err(error) if *error.kind() == IntErrorKind::PosOverflow => Ok(u128::MAX),
		_ => number(value),
	}
}

fn narrow<T: TryFrom<u128>>(value: u128) -> Result<T, String> {
	T::try_from(value).map_err(|_| format!("{value} is too large"))
}

//! Scenario files to operations: integers are strings, missing terms take the file's defaults.

use std::{fmt::Display, str::FromStr};

use baseload_math::{
	billing::{
		shares::{ShareRow, Take},
		terms::{
			Cuts, DisputeClause, Excess, NegativeIndex, Operation, Outage, Payment, Start, Tariff, Termination, Volume,
		},
		DeclaredAs, Ending, Input, Month, Terms,
	},
	waterfall::{self, Tier, Waterfall},
};
use serde_json::{Map, Value};

use crate::world::Op;

/// Reads one operation. The error says what is wrong with it.
pub fn op(name: &str, args: &[Value], defaults: &Value) -> Result<Op, String> {
	let at = |position: usize| {
		args.get(position)
			.ok_or_else(|| format!("argument {position} is missing"))
	};
	let id = || number::<u32>(at(0)?);
	let amount = |position| number::<u128>(at(position)?);
	let input = |input| Ok(Op::Input(id()?, input));
	match name {
		"reading" => Ok(Op::Reading(id()?, number(at(1)?)?, numbers(at(2)?)?)),
		"observe" => Ok(Op::Observe(id()?, number(at(1)?)?, number(at(2)?)?)),
		"shares" => {
			let rows = list(at(2)?)?.iter().map(share_row).collect::<Result<_, _>>()?;
			Ok(Op::Shares(id()?, month(at(1)?)?, rows))
		}
		"agree" => {
			let given = at(3)?.as_object().ok_or("the terms are no object")?;
			let terms = terms(&Clauses { given, defaults })?;
			Ok(Op::Agree(id()?, number(at(1)?)?, number(at(2)?)?, Box::new(terms)))
		}
		"settle" => Ok(Op::Settle(id()?, args.get(1).map_or(Ok(u32::MAX), number)?)),
		"declare" => {
			let kind = match text(at(1)?)? {
				"deemed" => DeclaredAs::Deemed,
				"excused" => DeclaredAs::Excused,
				other => return Err(format!("no energy is declared {other}")),
			};
			input(Input::Declare(kind, number(at(2)?)?, number(at(3)?)?))
		}
		"dispute" => input(Input::Dispute(number(at(1)?)?, amount(2)?)),
		"resolve" => input(Input::Resolve(number(at(1)?)?, number(at(2)?)?)),
		"terminate" => input(Input::Terminate(match text(at(1)?)? {
			"seller" => Ending::Seller,
			"buyer" => Ending::Buyer,
			"buyout" => Ending::Buyout,
			"longstop" => Ending::Longstop,
			other => return Err(format!("nobody ends an agreement as {other}")),
		})),
		"set_blocked" => input(Input::SetBlocked(flag(at(1)?)?)),
		"fund" => input(Input::Fund(amount(1)?)),
		"secure" => input(Input::Secure(amount(1)?)),
		"post_bond" => input(Input::PostBond(amount(1)?)),
		"withdraw" => input(Input::Withdraw(amount(1)?)),
		"vault_debt" => input(Input::VaultDebt(amount(1)?)),
		"suspend" => input(Input::Suspend),
		"resume" => input(Input::Resume),
		"claim" => input(Input::Claim),
		"project" => Ok(Op::Project(id()?, Box::new(project(at(1)?)?))),
		"project_flow" => Ok(Op::ProjectFlow(id()?, amount(1)?)),
		"project_bill" => {
			let tier = match text(at(1)?)? {
				"om" => Tier::Om,
				"fees" => Tier::Fees,
				"interest" => Tier::Interest,
				"principal" => Tier::Principal,
				other => return Err(format!("no tier is called {other}")),
			};
			Ok(Op::ProjectBill(id()?, tier, number(at(2)?)?, amount(3)?))
		}
		"project_service_due" => Ok(Op::ProjectServiceDue(id()?)),
		"project_test" => Ok(Op::ProjectTest(id()?, amount(1)?, amount(2)?)),
		other => Err(format!("no operation is called {other}")),
	}
}

/// The terms of one agreement over those of the file.
struct Clauses<'a> {
	given: &'a Map<String, Value>,
	defaults: &'a Value,
}

impl Clauses<'_> {
	fn get(&self, name: &str) -> Result<&Value, String> {
		let value = self.given.get(name).or_else(|| self.defaults.get(name));
		value.ok_or_else(|| format!("the term {name} is missing"))
	}

	fn number<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, String> {
		number(self.get(name)?).map_err(|error| format!("{name}: {error}"))
	}

	fn bounded<T: FromStr<Err: Display>, B: TryFrom<Vec<T>>>(&self, name: &str) -> Result<B, String> {
		numbers(self.get(name)?)?
			.try_into()
			.map_err(|_| format!("{name}: too many"))
	}
}

fn terms(clauses: &Clauses) -> Result<Terms, String> {
	let expected: Vec<u64> = numbers(clauses.get("expected")?)?;
	let excess = match flag(clauses.get("excess")?)? {
		true => Some(Excess {
			over: clauses.number("excess_over")?,
			price: clauses.number("excess_price")?,
		}),
		false => None,
	};
	Ok(Terms {
		registers: clauses.bounded("registers")?,
		tariff: tariff(clauses)?,
		escalator: clauses.number("escalator")?,
		months: clauses.number("months")?,
		start: start(clauses)?,
		volume: Volume {
			quantity: clauses.number("q")?,
			excess,
			take_or_pay: clauses.number("top")?,
			makeup_years: clauses.number("makeup_years")?,
			ref_price: clauses.number("ref_price")?,
			guarantee: clauses.number("guarantee")?,
			ld_price: clauses.number("ld_price")?,
			ld_cap: clauses.number("ld_cap")?,
		},
		nameplate_w: clauses.number("nameplate")?,
		expected: expected.try_into().map_err(|_| "expected: not twelve")?,
		outage: Outage {
			estimate: clauses.number("estimate")?,
			max_estimates: clauses.number("max_estimates")?,
			outage_grace: clauses.number("outage_grace")?,
			dark_final: clauses.number("dark_final")?,
			feed_grace: clauses.number("feed_grace")?,
			feed_final: clauses.number("feed_final")?,
		},
		payment: Payment {
			due: clauses.number("due")?,
			late_rate: clauses.number("late_rate")?,
			grace: clauses.number("grace")?,
			topup: clauses.number("topup")?,
			security_periods: clauses.number("security_periods")?,
		},
		dispute: DisputeClause {
			bond: clauses.number("dispute_bond")?,
			timeout: clauses.number("dispute_timeout")?,
			default: clauses.number("dispute_default")?,
		},
		termination: Termination {
			months: clauses.number("term_months")?,
			buyer: clauses.number("term_buyer")?,
			seller: clauses.number("term_seller")?,
			buyout: clauses.number("term_buyout")?,
		},
		cuts: Cuts {
			attestor_fee: clauses.number("attestor_fee")?,
			attestor_cap: clauses.number("attestor_cap")?,
			sweep: clauses.number("sweep")?,
		},
	})
}

fn tariff(clauses: &Clauses) -> Result<Tariff, String> {
	let index0 = || clauses.number("index0");
	match text(clauses.get("kind")?)? {
		"fixed" => Ok(Tariff::Fixed {
			prices: clauses.bounded("prices")?,
		}),
		"indexed" => Ok(Tariff::Indexed {
			base: clauses.number("a")?,
			slope: clauses.number("b")?,
			floor: clauses.number("floor")?,
			cap: clauses.number("cap")?,
			index0: index0()?,
		}),
		"cfd" => Ok(Tariff::Cfd {
			strike: clauses.number("strike")?,
			negative: match text(clauses.get("negative")?)? {
				"cap" => NegativeIndex::Cap,
				"zero" => NegativeIndex::Zero,
				other => return Err(format!("a negative index cannot {other}")),
			},
			index0: index0()?,
		}),
		other => Err(format!("no tariff is called {other}")),
	}
}

fn start(clauses: &Clauses) -> Result<Start, String> {
	let given = clauses.get("start")?;
	if !given.is_null() {
		return Ok(Start::Month(month(given)?));
	}
	Ok(Start::Operation(Operation {
		register: clauses.number("cod_register")?,
		wh: clauses.number("cod_wh")?,
		target: clauses.number("cod_target")?,
		longstop: clauses.number("longstop")?,
		delay_per_day: clauses.number("delay_per_day")?,
		delay_cap: clauses.number("delay_cap")?,
	}))
}

fn project(terms: &Value) -> Result<Waterfall, String> {
	let get = |name: &str| terms.get(name).ok_or_else(|| format!("the term {name} is missing"));
	let due = |name| numbers::<u128>(get(name)?);
	let clauses = waterfall::Terms {
		reserve_target: number(get("dsra_target")?)?,
		sweep: number(get("sweep")?)?,
		lock: number(get("lock_ppm")?)?,
		om_budget: number(get("om_cap")?)?,
	};
	let tiers = [due("om")?, due("fees")?, due("interest")?, due("principal")?];
	let project = Waterfall::new(
		clauses,
		tiers.each_ref().map(Vec::as_slice),
		number(get("vault_debt")?)?,
	);
	project.map_err(|refusal| format!("{refusal:?}"))
}

fn share_row(row: &Value) -> Result<ShareRow, String> {
	let [agreement, kind, value] = list(row)?.as_slice() else {
		return Err("a share row has three columns".into());
	};
	let take = match text(kind)? {
		"priority" => Take::Priority(number(value)?),
		"percent" => Take::Percent(number(value)?),
		other => return Err(format!("no share is called {other}")),
	};
	Ok(ShareRow {
		agreement: number(agreement)?,
		take,
	})
}

fn month(value: &Value) -> Result<Month, String> {
	Month::new(number(value)?).ok_or_else(|| format!("{value} is before 1970"))
}

/// An integer, written as a string.
pub fn number<T: FromStr<Err: Display>>(value: &Value) -> Result<T, String> {
	text(value)?.parse().map_err(|error| format!("{value}: {error}"))
}

fn numbers<T: FromStr<Err: Display>>(value: &Value) -> Result<Vec<T>, String> {
	list(value)?.iter().map(number).collect()
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
	value.as_array().ok_or_else(|| format!("{value} is no list"))
}

fn flag(value: &Value) -> Result<bool, String> {
	value
		.as_bool()
		.ok_or_else(|| format!("{value} is neither true nor false"))
}

/// A string.
pub fn text(value: &Value) -> Result<&str, String> {
	value.as_str().ok_or_else(|| format!("{value} is no string"))
}

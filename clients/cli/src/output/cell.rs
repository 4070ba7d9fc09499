//! One value, as people read it and as programs do.

use baseload_client::{
	billing::{self, Month},
	units, AccountId, TokenInfo, Unbonding,
};
use baseload_primitives::{Balance, Flags, Moment, Price, Register, Verdict, WattHours};
use serde_json::{json, Value};

use super::Bar;
use crate::arguments::registers;

/// One value, as people read it and as programs do.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
	human: String,
	pub(super) json: Value,
}

impl Cell {
	fn new(human: impl Into<String>, json: Value) -> Self {
		Self {
			human: human.into(),
			json,
		}
	}

	/// Something that people read otherwise than programs do.
	pub fn both(human: impl Into<String>, json: Value) -> Self {
		Self::new(human, json)
	}

	/// As people read it.
	pub fn human(&self) -> &str {
		&self.human
	}

	/// Words.
	pub fn text(text: impl Into<String>) -> Self {
		let text = text.into();
		Self {
			json: json!(text),
			human: text,
		}
	}

	/// A count or an id.
	pub fn number(number: impl Into<u64>) -> Self {
		let number = number.into();
		Self::new(number.to_string(), json!(number))
	}

	/// Yes or no.
	pub fn flag(flag: bool) -> Self {
		Self::new(if flag { "yes" } else { "no" }, json!(flag))
	}

	/// Several words.
	pub fn list(words: Vec<String>) -> Self {
		let human = if words.is_empty() { "-".into() } else { words.join(", ") };
		Self::new(human, json!(words))
	}

	/// Several ids.
	pub fn ids(ids: impl IntoIterator<Item = u32>) -> Self {
		let ids: Vec<u32> = ids.into_iter().collect();
		let words = ids.iter().map(u32::to_string).collect();
		Self {
			json: json!(ids),
			..Self::list(words)
		}
	}

	/// What unbonds, as of a session.
	pub fn unbonding(chunks: &[Unbonding], session: u32) -> Self {
		let human = chunks.iter().map(|chunk| match chunk.unlock.saturating_sub(session) {
			0 => format!("{} now", units::format_bld(chunk.amount)),
			sessions => format!("{} in {sessions} sessions", units::format_bld(chunk.amount)),
		});
		let json = chunks
			.iter()
			.map(|chunk| json!({ "amount": chunk.amount.to_string(), "unlock_session": chunk.unlock }));
		Self {
			json: json.collect(),
			..Self::list(human.collect())
		}
	}

	/// Something that may be absent.
	pub fn option<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
		value.map_or_else(|| Self::new("-", Value::Null), cell)
	}

	/// An account.
	pub fn account(account: &AccountId) -> Self {
		Self::text(account.to_string())
	}

	/// KWH.
	pub fn kwh(amount: Balance) -> Self {
		Self::new(units::format_kwh(amount), json!(amount.to_string()))
	}

	/// BLD.
	pub fn bld(amount: Balance) -> Self {
		Self::new(units::format_bld(amount), json!(amount.to_string()))
	}

	/// A token of the assets pallet.
	pub fn token(amount: Balance, token: &TokenInfo) -> Self {
		let human = format!("{} {}", units::format_units(amount, token.decimals), token.symbol);
		Self::new(human, json!(amount.to_string()))
	}

	/// Amounts of several tokens.
	pub fn tokens(amounts: &[(TokenInfo, Balance)]) -> Self {
		let human = amounts.iter().map(|(token, amount)| Self::token(*amount, token).human);
		let json = amounts
			.iter()
			.map(|(token, amount)| json!({ "token": token.symbol, "amount": amount.to_string() }));
		Self {
			json: json.collect(),
			..Self::list(human.collect())
		}
	}

	/// A value with a bar before it, for people.
	pub fn with_bar(self, bar: &Bar) -> Self {
		Self {
			human: format!("{bar} {}", self.human),
			..self
		}
	}

	/// A value with words behind it, for people.
	pub fn with_words(self, words: &str) -> Self {
		Self {
			human: format!("{}{words}", self.human),
			..self
		}
	}

	/// Energy.
	pub fn energy(energy: WattHours) -> Self {
		Self::new(units::format_energy(energy), json!(energy.0.to_string()))
	}

	/// Power.
	pub fn power(watts: u64) -> Self {
		Self::new(units::format_power(watts), json!(watts.to_string()))
	}

	/// A tariff that may be negative.
	pub fn signed_tariff(price: billing::Price) -> Self {
		let human = units::format_signed_tariff(price);
		let number = human.trim_end_matches(" KWH/kWh").to_string();
		Self::new(human, json!(number))
	}

	/// A yearly change in parts per million.
	pub fn change(parts: i32) -> Self {
		Self::new(units::format_change(parts), json!(parts))
	}

	/// A calendar month.
	pub fn month(month: Month) -> Self {
		Self::text(units::format_month(month))
	}

	/// An index price.
	pub fn price(price: Price) -> Self {
		Self::text(units::format_price(price))
	}

	/// A ratio, for people in percent with two decimals, rounded down.
	pub fn ratio(ratio: Price) -> Self {
		let hundredths = ratio.into_inner() / 10u128.pow(14);
		Self::new(
			format!("{} %", units::format_units(hundredths, 2)),
			json!(units::format_price(ratio)),
		)
	}

	/// A share in parts per million.
	pub fn share(parts: u32) -> Self {
		Self::new(units::format_share(parts), json!(parts))
	}

	/// A time.
	pub fn time(moment: Moment) -> Self {
		Self::new(units::format_time(moment), json!(moment))
	}

	/// A duration.
	pub fn duration(duration: Moment) -> Self {
		Self::new(units::format_duration(duration), json!(duration))
	}

	/// A register's OBIS code or name.
	pub fn register(register: Register) -> Self {
		Self::text(units::format_register(register))
	}

	/// What one register counts: Wh, or units of a service.
	pub fn count(register: Register, count: u64) -> Self {
		Self::new(registers::format_count(register, count), json!(count.to_string()))
	}

	/// What a meter's registers count, for people each behind its register.
	pub fn counts(declared: &[Register], counts: &[u64]) -> Self {
		let human = declared.iter().zip(counts).map(|(register, count)| {
			format!(
				"{} {}",
				units::format_register(*register),
				registers::format_count(*register, *count)
			)
		});
		Self {
			json: counts.iter().map(u64::to_string).collect(),
			..Self::list(human.collect())
		}
	}

	/// What is unusual about a reading.
	pub fn flags(flags: Flags) -> Self {
		Self::list(flags.names().map(Into::into).collect())
	}

	/// What a committee says about a reading.
	pub fn verdict(verdict: Verdict) -> Self {
		Self::text(match verdict {
			Verdict::Stands => "stands",
			Verdict::Wrong => "wrong",
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::KWH;

	#[test]
	fn unbonding_should_tell_how_long_it_takes() {
		let cell = Cell::unbonding(
			&[Unbonding { amount: KWH, unlock: 5 }, Unbonding { amount: 1, unlock: 9 }],
			5,
		);
		assert_eq!(cell.human, "1 BLD now, 0.000000000001 BLD in 4 sessions");
		assert_eq!(cell.json[1], json!({ "amount": "1", "unlock_session": 9 }));
	}

	#[test]
	fn counts_should_stand_behind_their_registers() {
		let cell = Cell::counts(&[Register::Export, Register::ImportBand(2)], &[12_345, u64::MAX]);
		assert_eq!(cell.human, "2.8.0 12.345 kWh, 1.8.2 18446744073.709551615 GWh");
		assert_eq!(cell.json, json!(["12345", "18446744073709551615"]));
	}

	#[test]
	fn flags_and_verdicts_should_be_words() {
		let flags = Cell::flags(Flags::GAP.and(Flags::CLOCK));
		assert_eq!(flags, Cell::list(vec!["clock".into(), "gap".into()]));
		assert_eq!(Cell::flags(Flags::NONE), Cell::new("-", json!([])));
		assert_eq!(Cell::verdict(Verdict::Stands), Cell::text("stands"));
		assert_eq!(Cell::verdict(Verdict::Wrong), Cell::text("wrong"));
	}
}

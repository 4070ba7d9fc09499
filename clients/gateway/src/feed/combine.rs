//! From the answers of several inputs to one price, or to why there is none.

use baseload_client::units::{format_duration, format_price, format_share};
use baseload_primitives::{Moment, Price, MINUTE};

/// How far an input's clock may be ahead.
const SKEW: Moment = MINUTE;

/// A value as an input gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
	/// The price, in the quote currency.
	pub price: Price,
	/// When it was observed, Unix milliseconds.
	pub observed_at: Moment,
}

/// What is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Not less than this.
	pub min: Price,
	/// Not more than this.
	pub max: Price,
	/// No larger move than this since the last report, in parts per million of that.
	pub max_move: u32,
	/// So many inputs must agree.
	pub quorum: usize,
	/// Agreeing means not farther from the median than this, in parts per million of it.
	pub agree_within: u32,
	/// Observed not longer ago than this, in milliseconds.
	pub max_age: Moment,
}

impl Limits {
	/// Why an answer does not count; `None` if it does.
	fn refuses(&self, quoted: &Quoted, now: Moment) -> Option<String> {
		let price = format_price(quoted.price);
		if quoted.price < self.min {
			return Some(format!("{price} is below min, {}", format_price(self.min)));
		}
		if quoted.price > self.max {
			return Some(format!("{price} is above max, {}", format_price(self.max)));
		}
		if quoted.observed_at > now.saturating_add(SKEW) {
			let ahead = format_duration(quoted.observed_at - now);
			return Some(format!(
				"observed {ahead} from now: is its clock or this machine's wrong?"
			));
		}
		let age = now.saturating_sub(quoted.observed_at);
		(age > self.max_age).then(|| {
			let most = format_duration(self.max_age);
			format!("observed {} ago, longer than max_age, {most}", format_duration(age))
		})
	}
}

/// The price to report: the median of those inputs that agree with the median of all that count; of an even number the lower
/// middle one, as the chain takes it of its operators. `last` is what this operator reported last. The error says what each input
/// said.
pub fn combine(
	limits: &Limits,
	answers: &[(String, Result<Quoted, String>)],
	now: Moment,
	last: Option<Price>,
) -> Result<Quoted, String> {
	let mut counted = Vec::new();
	let mut said = Vec::new();
	for (name, answer) in answers {
		let why = match answer {
			Ok(quoted) => limits.refuses(quoted, now),
			Err(error) => Some(error.clone()),
		};
		match (answer, why) {
			(Ok(quoted), None) => {
				said.push(format!("{name}: {}", format_price(quoted.price)));
				counted.push(*quoted);
			}
			(_, why) => said.push(format!("{name}: {}", why.unwrap_or_default())),
		}
	}
	let disagreed = |agree: usize| {
		let (needed, asked) = (limits.quorum, answers.len());
		format!(
			"{agree} of {asked} inputs agree, {needed} are needed ({})",
			said.join("; ")
		)
	};
	let middle = median(&counted).ok_or_else(|| disagreed(0))?;
	let agreeing: Vec<Quoted> = counted
		.into_iter()
		.filter(|quoted| is_within(quoted.price, middle, limits.agree_within))
		.collect();
	if agreeing.len() < limits.quorum {
		return Err(disagreed(agreeing.len()));
	}
	let price = median(&agreeing).ok_or_else(|| disagreed(0))?;
	if let Some(last) = last.filter(|last| !is_within(price, *last, limits.max_move)) {
		return Err(format!(
			"{} is more than {} away from {}, which was reported last; if it is right, report it by hand with \
			 `baseload price feed`, and this goes on from there",
			format_price(price),
			format_share(limits.max_move),
			format_price(last)
		));
	}
	let observed_at = agreeing.iter().map(|quoted| quoted.observed_at).min();
	Ok(Quoted {
		price,
		observed_at: observed_at.unwrap_or(now),
	})
}

fn median(quoted: &[Quoted]) -> Option<Price> {
	let mut prices: Vec<Price> = quoted.iter().map(|quoted| quoted.price).collect();
	prices.sort_unstable();
	prices.get(prices.len().checked_sub(1)? / 2).copied()
}

/// Whether two prices are not farther apart than this share of the second; not, if that cannot be told in 128 bits.
fn is_within(price: Price, of: Price, parts_per_million: u32) -> bool {
	let (price, of) = (price.into_inner(), of.into_inner());
	let apart = price.abs_diff(of).checked_mul(1_000_000);
	apart
		.zip(of.checked_mul(parts_per_million.into()))
		.is_some_and(|(apart, allowed)| apart <= allowed)
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_client::units::parse_price;
	use baseload_primitives::HOUR;
	use proptest::prelude::*;

	const NOW: Moment = 1_769_860_800_000;

	fn price(text: &str) -> Price {
		parse_price(text).unwrap()
	}

	fn limits() -> Limits {
		Limits {
			min: price("0.01"),
			max: price("1"),
			max_move: 100_000,
			quorum: 2,
			agree_within: 20_000,
			max_age: HOUR,
		}
	}

	fn answers(texts: &[&str]) -> Vec<(String, Result<Quoted, String>)> {
		let answer = |(place, text): (usize, &&str)| {
			let quoted = match *text {
				"" => Err("silent".to_owned()),
				text => Ok(Quoted {
					price: price(text),
					observed_at: NOW - place as u64,
				}),
			};
			(format!("input {place}"), quoted)
		};
		texts.iter().enumerate().map(answer).collect()
	}

	fn combined(texts: &[&str], last: Option<&str>) -> Result<String, String> {
		combine(&limits(), &answers(texts), NOW, last.map(price)).map(|quoted| format_price(quoted.price))
	}

	#[test]
	fn price_should_be_the_median_of_those_that_agree() {
		assert_eq!(combined(&["0.1", "0.101", "0.102"], None).unwrap(), "0.101");
		assert_eq!(combined(&["0.1", "0.101"], None).unwrap(), "0.1");
		// One that is far off is left out, and one that is silent
		assert_eq!(combined(&["0.1", "0.101", "0.5"], None).unwrap(), "0.1");
		assert_eq!(combined(&["0.1", "", "0.101"], None).unwrap(), "0.1");
	}

	#[test]
	fn price_should_be_as_old_as_the_oldest_answer_that_it_rests_on() {
		let quoted = combine(&limits(), &answers(&["0.1", "0.1", "0.1"]), NOW, None).unwrap();
		assert_eq!(quoted.observed_at, NOW - 2);
	}

	#[test]
	fn nothing_should_be_reported_when_too_few_agree_and_each_should_be_quoted() {
		let error = combined(&["0.1", "0.2", ""], None).unwrap_err();
		assert!(error.starts_with("1 of 3 inputs agree, 2 are needed"), "{error}");
		assert!(
			error.contains("input 1: 0.2") && error.contains("input 2: silent"),
			"{error}"
		);
		assert!(combined(&["", ""], None).unwrap_err().starts_with("0 of 2"));
		assert!(combined(&[], None).unwrap_err().starts_with("0 of 0"));
	}

	#[test]
	fn answers_should_not_count_when_out_of_bounds_or_out_of_date() {
		for (outside, said) in [("0.009", "below min, 0.01"), ("1.01", "above max, 1")] {
			let error = combined(&["0.1", outside], None).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
		let mut old = answers(&["0.1", "0.1"]);
		for (observed_at, said) in [
			(NOW - HOUR - 1, "longer than max_age, 1h"),
			(NOW + SKEW + 1, "from now"),
		] {
			old[0].1.as_mut().unwrap().observed_at = observed_at;
			let error = combine(&limits(), &old, NOW, None).unwrap_err();
			assert!(error.contains(said), "{error}");
		}
		old[0].1.as_mut().unwrap().observed_at = NOW + SKEW;
		assert!(combine(&limits(), &old, NOW, None).is_ok());
	}

	#[test]
	fn move_should_be_refused_when_larger_than_allowed_and_say_how_to_go_on() {
		assert_eq!(combined(&["0.11", "0.11"], Some("0.1")).unwrap(), "0.11");
		assert_eq!(combined(&["0.09", "0.09"], Some("0.1")).unwrap(), "0.09");
		for moved in ["0.1101", "0.0899"] {
			let error = combined(&[moved, moved], Some("0.1")).unwrap_err();
			assert!(
				error.contains("more than 10 % away from 0.1") && error.contains("price feed"),
				"{error}"
			);
		}
	}

	#[test]
	fn nothing_should_overflow_when_the_last_report_is_absurd() {
		let last = Some(Price::from_inner(u128::MAX));
		assert!(combine(&limits(), &answers(&["0.1", "0.1"]), NOW, last).is_err());
	}

	proptest! {
		#[test]
		fn price_should_be_an_answer_within_all_limits(
			inputs in prop::collection::vec(1u32..2_000, 1..8), last in prop::option::of(1u32..2_000),
		) {
			let thousandths = |n: u32| Price::from_rational(n.into(), 1_000);
			let answers: Vec<_> = inputs
				.iter()
				.map(|n| (String::new(), Ok(Quoted { price: thousandths(*n), observed_at: NOW })))
				.collect();
			if let Ok(quoted) = combine(&limits(), &answers, NOW, last.map(thousandths)) {
				prop_assert!(inputs.iter().any(|n| thousandths(*n) == quoted.price));
				prop_assert!(quoted.price >= limits().min && quoted.price <= limits().max);
				if let Some(last) = last {
					prop_assert!(is_within(quoted.price, thousandths(last), limits().max_move));
				}
			}
		}
	}
}

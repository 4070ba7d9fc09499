//! Agreements as files.

use std::collections::BTreeMap;

use baseload_client::{billing::Month, units};
use baseload_primitives::{MeterId, Moment, DAY};

use super::People;

/// An agreement's file, section by section.
#[derive(Clone, Debug)]
pub struct Draft {
	sections: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
}

impl Draft {
	/// They deal at 1 KWH/kWh from `start` on, for so many months. Nothing is expected, guaranteed or secured; bills are due at once.
	pub fn new(people: People, meter: MeterId, start: Month, months: u32, now: Moment) -> Self {
		let mut draft = Self {
			sections: BTreeMap::new(),
		};
		let text = |text: &str| format!("\"{text}\"");
		let zeros = ["\"0 Wh\""; 12].join(", ");
		for (section, key, value) in [
			("parties", "seller", text(people.seller)),
			("parties", "buyer", text(people.buyer)),
			("parties", "resolver", text(people.resolver)),
			("delivery", "meter", meter.to_string()),
			("delivery", "registers", "[\"export\"]".into()),
			("delivery", "nameplate", text("1 MW")),
			("conditions", "by", text(&units::format_time(now + DAY))),
			("term", "start", text(&units::format_month(start))),
			("term", "months", months.to_string()),
			("tariff.fixed", "prices", "[\"1 KWH/kWh\"]".into()),
			("volume", "expected", format!("[{zeros}]")),
			("volume", "reference-price", text("1 KWH/kWh")),
			("outage", "estimate", text("0 %")),
			("outage", "max-estimates", "0".into()),
			("outage", "grace", text("1h")),
			("outage", "dark-final", text("500 days")),
			("payment", "due", text("1s")),
			("payment", "late-interest", text("0 %")),
			("payment", "grace", text("1 day")),
			("payment", "topup", text("1 day")),
			("dispute", "bond", text("0 %")),
			("dispute", "timeout", text("1 day")),
			("dispute", "seller-at-timeout", text("50 %")),
			("termination", "months", "0".into()),
			("termination", "buyer", text("0 %")),
			("termination", "seller", text("0 %")),
			("termination", "buyout", text("0 %")),
		] {
			draft.put(section, key, value);
		}
		draft
	}

	fn put(&mut self, section: &'static str, key: &'static str, value: String) {
		self.sections.entry(section).or_default().insert(key, value);
	}

	/// With another text.
	pub fn with(mut self, section: &'static str, key: &'static str, text: &str) -> Self {
		self.put(section, key, format!("\"{text}\""));
		self
	}

	/// With another number.
	pub fn with_number(mut self, section: &'static str, key: &'static str, number: u32) -> Self {
		self.put(section, key, number.to_string());
		self
	}

	/// With other texts, in a list.
	pub fn with_list(mut self, section: &'static str, key: &'static str, texts: &[&str]) -> Self {
		let texts: Vec<_> = texts.iter().map(|text| format!("\"{text}\"")).collect();
		self.put(section, key, format!("[{}]", texts.join(", ")));
		self
	}

	/// With so much energy expected each month.
	pub fn expecting(mut self, energy: &str) -> Self {
		let months = vec![format!("\"{energy}\""); 12].join(", ");
		self.put("volume", "expected", format!("[{months}]"));
		self
	}

	/// Without a section, or a key of it.
	pub fn without(mut self, section: &'static str, key: Option<&'static str>) -> Self {
		match key {
			Some(key) => {
				self.sections.entry(section).or_default().remove(key);
			}
			None => {
				self.sections.remove(section);
			}
		}
		self
	}

	/// As a file.
	pub fn text(&self) -> String {
		let section = |(name, keys): (&&str, &BTreeMap<&str, String>)| {
			let keys: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
			format!("[{name}]\n{keys}")
		};
		self.sections.iter().map(section).collect()
	}
}

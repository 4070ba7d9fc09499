//! A reading against what the own source saw.
//!
//! Two meters of the same energy began at different counts, so *rises* are compared: from an earlier reading of the meter, which is
//! believed, to the one in question. By how much the own register rose in that time is known within bounds, since it was seen
//! shortly before and after both times. With
//!
//! > allowed = slack + tolerance x the larger of the two rises, rounded up
//!
//! the reading *agrees* if its rise is within `allowed` of the interpolated own rise, and *contradicts* if it lies beyond the
//! bounds by more than `allowed`: no course of the own register could explain it. Between the two nothing is concluded. Each
//! interval may hide a little; therefore readings are also compared over the whole time since an *anchor*, weeks ago, in which
//! many small differences become a large one.

use baseload_client::units::format_register;
use baseload_primitives::{Moment, Register};

use super::own::{Blank, Bounds, Own};

/// How far a meter and the own source may be apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
	/// As a share of the larger rise, in parts per million.
	pub parts_per_million: u32,
	/// Whatever the rise, in the register's unit.
	pub slack: u64,
	/// The registers that are compared; all if there are none.
	pub registers: Vec<Register>,
}

impl Rule {
	fn compares(&self, register: Register) -> bool {
		self.registers.is_empty() || self.registers.contains(&register)
	}

	/// How far these two rises may be apart; saturates, for then nothing contradicts.
	fn allowed(&self, one: u64, other: u64) -> u64 {
		let share = u128::from(one.max(other)) * u128::from(self.parts_per_million);
		let share = u64::try_from(share.div_ceil(1_000_000)).unwrap_or(u64::MAX);
		self.slack.saturating_add(share)
	}
}

/// Where a meter stood at a moment: registers in the order that it declared them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
	/// When, Unix milliseconds.
	pub at: Moment,
	/// What it showed.
	pub registers: Vec<u64>,
}

/// By how much a reading is beyond all that the own source allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
	/// The register.
	pub register: Register,
	/// From when on the rises were compared.
	pub since: Stand,
	/// By how much the meter says that it rose.
	pub rise: u64,
	/// By how much the own register rose.
	pub own: Bounds,
	/// How far they might be apart.
	pub allowed: u64,
}

impl Difference {
	/// One sentence for people.
	pub fn explain(&self) -> String {
		format!(
			"register {} rose by {}, but by the own source by {} to {}, and {} may be missing or too much",
			format_register(self.register),
			self.rise,
			self.own.least,
			self.own.most,
			self.allowed
		)
	}
}

/// What comes of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
	/// All compared registers are within tolerance.
	Agrees,
	/// At least one cannot be right.
	Contradicts(Difference),
	/// The own source does not tell.
	Unclear(Unclear),
}

impl Finding {
	/// A few words for people, without numbers.
	pub const fn label(&self) -> &'static str {
		match self {
			Self::Agrees => "agrees",
			Self::Contradicts(_) => "contradicts",
			Self::Unclear(why) => why.explain(),
		}
	}
}

/// Why nothing is concluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
	/// Of what the own source saw.
	Own(Blank),
	/// The meter said nothing before to compare with.
	NothingBefore,
	/// The difference is beyond the tolerance, but within what may have happened between two observations.
	TooCoarse,
	/// The reading calls itself an estimate: it claims nothing.
	Estimate,
	/// The rule compares none of the meter's registers.
	NoRegister,
}

impl Unclear {
	/// One sentence for people.
	pub const fn explain(self) -> &'static str {
		match self {
			Self::Own(blank) => blank.explain(),
			Self::NothingBefore => "the meter said nothing before that could be compared with",
			Self::TooCoarse => "the own source was read too seldom to tell",
			Self::Estimate => "it is an estimate, and claims nothing",
			Self::NoRegister => "the rule compares none of the meter's registers",
		}
	}
}

/// Compares where a meter says it stands at `reading` with what the own source saw since `since`. `declared` are the meter's
/// registers, in order.
pub fn compare(declared: &[Register], rule: &Rule, own: Own<'_>, since: &Stand, reading: &Stand) -> Finding {
	let mut finding = Finding::Unclear(Unclear::NoRegister);
	let stands = since.registers.iter().zip(&reading.registers);
	for (register, (from, to)) in declared.iter().zip(stands).filter(|(of, _)| rule.compares(**of)) {
		let rise = to.saturating_sub(*from);
		let bounds = match own.rise(*register, since.at, reading.at) {
			Ok(bounds) => bounds,
			Err(blank) => {
				finding = Finding::Unclear(Unclear::Own(blank));
				continue;
			}
		};
		let allowed = rule.allowed(rise, bounds.likely);
		let beyond = rise > bounds.most.saturating_add(allowed) || rise.saturating_add(allowed) < bounds.least;
		if beyond {
			return Finding::Contradicts(Difference {
				register: *register,
				since: since.clone(),
				rise,
				own: bounds,
				allowed,
			});
		}
		if rise.abs_diff(bounds.likely) > allowed {
			finding = Finding::Unclear(Unclear::TooCoarse);
		} else if finding == Finding::Unclear(Unclear::NoRegister) {
			finding = Finding::Agrees;
		}
	}
	finding
}

/// Compares a meter's readings, oldest first, each since `base`, the newest final reading that was measured, and since `anchor`.
/// If the own source does not reach back to the base, the first reading that it knows takes its place, and nothing is concluded
/// about that one. An estimate claims nothing.
pub fn compare_all(
	declared: &[Register],
	rule: &Rule,
	own: Own<'_>,
	base: Option<&Stand>,
	anchor: Option<&Stand>,
	readings: &[(Stand, bool)],
) -> Vec<Finding> {
	let known = |stand: &Stand| {
		let mut compared = declared.iter().filter(|register| rule.compares(**register));
		compared.all(|register| own.at(*register, stand.at).is_ok())
	};
	let mut start = base.filter(|base| known(base)).cloned();
	let mut findings = Vec::with_capacity(readings.len());
	for (reading, is_estimate) in readings {
		if *is_estimate {
			findings.push(Finding::Unclear(Unclear::Estimate));
			continue;
		}
		let finding = match &start {
			Some(start) => compare(declared, rule, own, start, reading),
			None if known(reading) => {
				start = Some(reading.clone());
				Finding::Unclear(Unclear::NothingBefore)
			}
			None => match base {
				Some(base) => compare(declared, rule, own, base, reading),
				None => Finding::Unclear(Unclear::NothingBefore),
			},
		};
		let since_anchor = anchor.map(|anchor| compare(declared, rule, own, anchor, reading));
		findings.push(match since_anchor {
			Some(contradiction @ Finding::Contradicts(_)) => contradiction,
			_ => finding,
		});
	}
	findings
}

#[cfg(test)]
mod tests {
	use super::{
		super::own::{tests::points, Point},
		*,
	};
	use baseload_primitives::MINUTE;

	const EXPORT: &[Register] = &[Register::Export];

	fn rule(parts_per_million: u32, slack: u64) -> Rule {
		Rule {
			parts_per_million,
			slack,
			registers: Vec::new(),
		}
	}

	fn stand(minute: u64, export: u64) -> Stand {
		Stand {
			at: minute * MINUTE,
			registers: vec![export],
		}
	}

	/// What is found about a meter that rose from 0 at minute 0 to `count` at `minute`, if the own source saw this.
	fn found(seen: &[(u64, u64)], rule: &Rule, minute: u64, count: u64) -> Finding {
		let points = points(seen);
		let own = Own::new(&points, 60 * MINUTE);
		compare(EXPORT, rule, own, &stand(0, 0), &stand(minute, count))
	}

	#[test]
	fn reading_should_agree_up_to_slack_and_tolerance_and_not_beyond() {
		let seen = [(0, 5_000), (15, 6_000)];
		for (count, agrees) in [(1_000, true), (1_020, false), (1_011, true), (990, true), (989, false)] {
			let finding = found(&seen, &rule(10_000, 0), 15, count);
			assert_eq!(finding == Finding::Agrees, agrees, "{count}: {finding:?}");
			assert_eq!(
				matches!(finding, Finding::Contradicts(_)),
				!agrees,
				"{count}: {finding:?}"
			);
		}
		assert_eq!(found(&seen, &rule(0, 20), 15, 1_020), Finding::Agrees);
		assert!(matches!(found(&seen, &rule(0, 20), 15, 1_021), Finding::Contradicts(_)));
	}

	#[test]
	fn contradiction_should_need_more_than_any_course_between_observations() {
		// Ten minutes into an interval of 900 Wh: 600 likely, 0 to 900 possible
		let seen = [(0, 0), (15, 900)];
		assert_eq!(found(&seen, &rule(0, 0), 10, 600), Finding::Agrees);
		for count in [0, 599, 900] {
			assert_eq!(
				found(&seen, &rule(0, 0), 10, count),
				Finding::Unclear(Unclear::TooCoarse),
				"{count}"
			);
		}
		let Finding::Contradicts(difference) = found(&seen, &rule(0, 0), 10, 901) else {
			panic!("more than was there");
		};
		assert_eq!(
			(difference.rise, difference.own.most, difference.allowed),
			(901, 900, 0)
		);
		assert!(difference.explain().contains("rose by 901"), "{}", difference.explain());
	}

	#[test]
	fn one_register_should_be_enough_to_contradict_and_all_are_needed_to_agree() {
		let mut seen = points(&[(0, 0), (15, 900)]);
		let declared = [Register::Export, Register::Import];
		let [from, to] = [(0, [0, 0]), (15, [900, 5])].map(|(minute, counts)| Stand {
			at: minute * MINUTE,
			registers: counts.to_vec(),
		});
		let judge =
			|seen: &[Point], rule: &Rule, to: &Stand| compare(&declared, rule, Own::new(seen, MINUTE * 60), &from, to);
		assert_eq!(
			judge(&seen, &rule(0, 0), &to),
			Finding::Unclear(Unclear::Own(Blank::NoSuchRegister))
		);
		let only_export = Rule {
			registers: vec![Register::Export],
			..rule(0, 0)
		};
		assert_eq!(judge(&seen, &only_export, &to), Finding::Agrees);
		let wrong = Stand {
			registers: vec![2_000, 5],
			..to.clone()
		};
		assert!(matches!(judge(&seen, &rule(0, 0), &wrong), Finding::Contradicts(_)));
		seen[0].counts.push((Register::Import, 7));
		seen[1].counts.push((Register::Import, 12));
		assert_eq!(judge(&seen, &rule(0, 0), &to), Finding::Agrees);
		let nothing = Rule {
			registers: vec![Register::ExportBand(1)],
			..rule(0, 0)
		};
		assert_eq!(judge(&seen, &nothing, &to), Finding::Unclear(Unclear::NoRegister));
	}

	#[test]
	fn first_known_reading_should_take_the_bases_place_when_the_own_source_is_younger() {
		let seen = points(&[(20, 0), (40, 2_000), (60, 4_000)]);
		let own = Own::new(&seen, 60 * MINUTE);
		let readings = [10, 20, 40, 60].map(|minute| (stand(minute, minute * 100), false));
		let base = stand(0, 0);
		let findings = compare_all(EXPORT, &rule(0, 0), own, Some(&base), None, &readings);
		assert_eq!(
			findings,
			[
				Finding::Unclear(Unclear::Own(Blank::TooEarly)),
				Finding::Unclear(Unclear::NothingBefore),
				Finding::Agrees,
				Finding::Agrees
			]
		);
		assert_eq!(
			compare_all(EXPORT, &rule(0, 0), own, None, None, &readings[..1]),
			[Finding::Unclear(Unclear::NothingBefore)]
		);
	}

	#[test]
	fn estimate_should_neither_agree_nor_contradict() {
		let seen = points(&[(0, 0), (15, 900)]);
		let own = Own::new(&seen, 60 * MINUTE);
		let readings = [(stand(15, 5_000), true)];
		assert_eq!(
			compare_all(EXPORT, &rule(0, 0), own, Some(&stand(0, 0)), None, &readings),
			[Finding::Unclear(Unclear::Estimate)]
		);
	}

	#[test]
	fn slow_drift_should_contradict_when_compared_since_the_anchor() {
		// 5 Wh too much in every interval, which the slack hides
		let seen = points(&[(0, 0), (15, 1_000), (30, 2_000), (45, 3_000), (60, 4_000)]);
		let own = Own::new(&seen, 60 * MINUTE);
		let drifted = [(stand(60, 4_020), false)];
		let base = stand(45, 3_015);
		let judge = |anchor: Option<&Stand>| compare_all(EXPORT, &rule(0, 10), own, Some(&base), anchor, &drifted);
		assert_eq!(judge(None), [Finding::Agrees]);
		assert!(matches!(judge(Some(&stand(0, 0)))[0], Finding::Contradicts(_)));
	}
}

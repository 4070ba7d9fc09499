//! How a meter's readings are judged.

use anyhow::{bail, Result};
use baseload_client::{calls, units};
use baseload_primitives::{Check, MeterId, Moment, Permill, Policy, Severities, Severity};
use clap::Args;

use super::view;
use crate::{
	arguments::SeverityName,
	context::{AsRoot, Context},
	output::{Cell, Report},
};

/// Shows or changes a meter's policy.
#[derive(Args)]
pub struct PolicyCommand {
	/// The meter.
	meter: MeterId,
	#[command(flatten)]
	change: Change,
	#[command(flatten)]
	root: AsRoot,
}

/// What is to be another.
#[derive(Args, Debug, Default, PartialEq)]
struct Change {
	/// Challenge window of readings accepted from now on, such as 1h.
	#[arg(long, value_name = "DURATION", value_parser = units::parse_duration)]
	window: Option<Moment>,
	/// How long a disputed or held reading waits for a verdict, such as 3d.
	#[arg(long, value_name = "DURATION", value_parser = units::parse_duration)]
	vote_period: Option<Moment>,
	/// The most power that a register can move with, such as 5MW.
	#[arg(long, value_name = "POWER", value_parser = units::parse_power)]
	max_power: Option<u64>,
	/// The most units of a service that a register can count in an hour.
	#[arg(long, value_name = "NUMBER")]
	max_units: Option<u64>,
	/// Silence after which a reading is flagged as a gap, such as 2h.
	#[arg(long, value_name = "DURATION", value_parser = units::parse_duration)]
	gap_after: Option<Moment>,
	/// Time without any register moving after which a reading is flagged as frozen, such as 1d.
	#[arg(long, value_name = "DURATION", value_parser = units::parse_duration)]
	frozen_after: Option<Moment>,
	/// What follows from a clock that is not synchronised.
	#[arg(long, value_enum)]
	clock: Option<SeverityName>,
	/// What follows from an estimate.
	#[arg(long, value_enum)]
	estimated: Option<SeverityName>,
	/// What follows from frozen registers.
	#[arg(long, value_enum)]
	frozen: Option<SeverityName>,
	/// What follows from a gap.
	#[arg(long, value_enum)]
	gap: Option<SeverityName>,
	/// The independent meter whose agreement makes readings final at once.
	#[arg(long, value_name = "METER", conflicts_with = "no_check")]
	check: Option<MeterId>,
	/// How far the two may be apart, such as 1%.
	#[arg(long, value_name = "SHARE", value_parser = units::parse_share, conflicts_with = "no_check")]
	check_tolerance: Option<u32>,
	/// No check meter.
	#[arg(long)]
	no_check: bool,
}

impl Change {
	/// `policy`, with what is given.
	fn apply(&self, policy: Policy) -> Result<Policy> {
		let severity = |name: Option<SeverityName>, old: Severity| name.map_or(old, Into::into);
		let old = policy.severities;
		Ok(Policy {
			window: self.window.unwrap_or(policy.window),
			vote_period: self.vote_period.unwrap_or(policy.vote_period),
			max_w: self.max_power.unwrap_or(policy.max_w),
			max_units: self.max_units.unwrap_or(policy.max_units),
			gap_after: self.gap_after.unwrap_or(policy.gap_after),
			frozen_after: self.frozen_after.unwrap_or(policy.frozen_after),
			severities: Severities {
				clock: severity(self.clock, old.clock),
				estimated: severity(self.estimated, old.estimated),
				frozen: severity(self.frozen, old.frozen),
				gap: severity(self.gap, old.gap),
			},
			check: self.check(policy.check)?,
		})
	}

	fn check(&self, old: Option<Check>) -> Result<Option<Check>> {
		let old = old.filter(|_| !self.no_check);
		let tolerance = self.check_tolerance.map(Permill::from_parts);
		let tolerance = tolerance.or(old.map(|check| check.tolerance));
		match (self.check.or(old.map(|check| check.meter)), tolerance) {
			(Some(meter), Some(tolerance)) => Ok(Some(Check { meter, tolerance })),
			(None, None) => Ok(None),
			(Some(_), None) => bail!("give --check-tolerance: how far the check meter may be apart"),
			(None, Some(_)) => bail!("there is no check meter to be tolerant of: give --check"),
		}
	}
}

impl PolicyCommand {
	/// `baseload meter policy`
	pub async fn run(self, context: &Context) -> Result<Report> {
		let meter = self.meter;
		let chain = context.chain().await?;
		let policy = view(&chain.best().await?, meter).await?.policy;
		let report = |policy: &Policy| {
			fields(policy).into_iter().fold(
				Report::record().with("meter", "meter", Cell::number(meter.0)),
				|report, (label, key, cell)| report.with(label, key, cell),
			)
		};
		if self.change == Change::default() {
			return Ok(report(&policy));
		}
		let policy = self.change.apply(policy)?;
		let sent = context
			.send(&chain, self.root.wrap(calls::set_policy(meter, &policy)))
			.await?;
		let sent = sent.with("meter", "meter", Cell::number(meter.0));
		let sent = fields(&policy)
			.into_iter()
			.fold(sent, |sent, (label, key, cell)| sent.with(label, key, cell));
		Ok(sent.report())
	}
}

fn fields(policy: &Policy) -> [(&'static str, &'static str, Cell); 12] {
	let severities = policy.severities;
	[
		("challenge window", "window", Cell::duration(policy.window)),
		("vote period", "vote_period", Cell::duration(policy.vote_period)),
		("most power", "max_w", Cell::power(policy.max_w)),
		("most units an hour", "max_units", Cell::number(policy.max_units)),
		("gap after", "gap_after", Cell::duration(policy.gap_after)),
		("frozen after", "frozen_after", Cell::duration(policy.frozen_after)),
		("clock", "clock", severity(severities.clock)),
		("estimated", "estimated", severity(severities.estimated)),
		("frozen", "frozen", severity(severities.frozen)),
		("gap", "gap", severity(severities.gap)),
		(
			"check meter",
			"check",
			Cell::option(policy.check, |check| Cell::number(check.meter.0)),
		),
		(
			"check tolerance",
			"check_tolerance",
			Cell::option(policy.check, |check| Cell::share(check.tolerance.deconstruct())),
		),
	]
}

fn severity(severity: Severity) -> Cell {
	Cell::text(match severity {
		Severity::Mark => "mark",
		Severity::Hold => "hold",
		Severity::Reject => "reject",
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{DAY, HOUR};
	use clap::Parser;

	#[derive(Parser)]
	struct Line {
		#[command(flatten)]
		change: Change,
	}

	fn change(arguments: &[&str]) -> Change {
		Line::try_parse_from([&["test"], arguments].concat()).unwrap().change
	}

	const OLD: Policy = Policy {
		window: HOUR,
		vote_period: DAY,
		max_w: 1_000,
		max_units: 500,
		gap_after: HOUR,
		frozen_after: DAY,
		severities: Severities {
			clock: Severity::Mark,
			estimated: Severity::Mark,
			frozen: Severity::Hold,
			gap: Severity::Mark,
		},
		check: None,
	};

	#[test]
	fn policy_should_change_only_where_something_is_given() {
		assert_eq!(change(&[]), Change::default());
		assert_eq!(Change::default().apply(OLD).unwrap(), OLD);
		let changed = change(&[
			"--vote-period",
			"3d",
			"--max-power",
			"5MW",
			"--max-units",
			"60",
			"--gap",
			"reject",
		]);
		let severities = Severities {
			gap: Severity::Reject,
			..OLD.severities
		};
		let expected = Policy {
			vote_period: 3 * DAY,
			max_w: 5_000_000,
			max_units: 60,
			severities,
			..OLD
		};
		assert_eq!(changed.apply(OLD).unwrap(), expected);
		let all = "--window 2h --gap-after 2h --frozen-after 2d --clock hold --estimated reject --frozen mark --check 3 --check-tolerance 1%";
		let changed = change(&all.split(' ').collect::<Vec<_>>()).apply(OLD).unwrap();
		assert_eq!(
			(changed.window, changed.gap_after, changed.frozen_after),
			(2 * HOUR, 2 * HOUR, 2 * DAY)
		);
		let severities = Severities {
			clock: Severity::Hold,
			estimated: Severity::Reject,
			frozen: Severity::Mark,
			gap: Severity::Mark,
		};
		assert_eq!(changed.severities, severities);
		assert_eq!((changed.vote_period, changed.max_w), (OLD.vote_period, OLD.max_w));
	}

	#[test]
	fn check_meter_should_need_a_tolerance_once() {
		let check = |meter, tolerance| {
			Some(Check {
				meter: MeterId(meter),
				tolerance: Permill::from_parts(tolerance),
			})
		};
		let checked = Policy {
			check: check(3, 10_000),
			..OLD
		};
		let apply = |arguments: &[&str], policy| change(arguments).apply(policy).map(|policy| policy.check);
		assert_eq!(
			apply(&["--check", "3", "--check-tolerance", "1%"], OLD).unwrap(),
			checked.check
		);
		assert_eq!(apply(&["--check", "4"], checked).unwrap(), check(4, 10_000));
		assert_eq!(apply(&["--check-tolerance", "2 %"], checked).unwrap(), check(3, 20_000));
		assert_eq!(apply(&["--no-check"], checked).unwrap(), None);
		assert!(apply(&["--check", "3"], OLD).is_err());
		assert!(apply(&["--check-tolerance", "1%"], OLD).is_err());
		assert!(Line::try_parse_from(["test", "--check", "3", "--no-check"]).is_err());
	}

	#[test]
	fn policy_should_be_shown_in_units_of_people() {
		let shown = fields(&Policy {
			check: Some(Check {
				meter: MeterId(3),
				tolerance: Permill::from_parts(10_000),
			}),
			..OLD
		});
		let cell = |key: &str| shown.iter().find(|field| field.1 == key).unwrap().2.clone();
		assert_eq!(cell("window"), Cell::duration(HOUR));
		assert_eq!(cell("max_w"), Cell::power(1_000));
		assert_eq!(cell("frozen"), Cell::text("hold"));
		assert_eq!(cell("check"), Cell::number(3u32));
		assert_eq!(cell("check_tolerance"), Cell::share(10_000));
	}
}

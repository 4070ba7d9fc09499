//! What can happen.

use baseload_primitives::{MeterId, Moment, Severities, Severity, Verdict, DAY, HOUR, SECOND};
use proptest::{prelude::*, sample::Index};
use sp_runtime::Permill;

use super::model::{PLACES, UNREAD};
use crate::{mock::*, Check, Policy};

#[derive(Clone, Debug)]
pub enum Op {
	/// Blocks, each this much after the last.
	Pass {
		blocks: u8,
		step: Moment,
	},
	/// A reading relative to the newest accepted one.
	Submit {
		meter: usize,
		row: Row,
	},
	/// The same rise at the first two meters, which may check each other: `late` ms later, and `more` Wh more, at the second.
	SubmitBoth {
		row: Row,
		late: Moment,
		more: u64,
		second_first: bool,
	},
	/// The newest accepted reading once more.
	Replay {
		meter: usize,
	},
	/// Several readings, each relative to the one before.
	Backlog {
		meter: usize,
		rows: Vec<Row>,
	},
	/// Readings of any meters, each relative to the newest, carried for a fee.
	Relay(Vec<(usize, Row)>),
	/// Some attestors report the same of a meter.
	Report {
		meter: usize,
		row: Row,
		by: Vec<u64>,
	},
	Suspend {
		meter: usize,
		by: u64,
	},
	/// A suspended meter, or one that is not.
	Resume {
		place: Index,
	},
	/// From this long ago on.
	Certify {
		meter: usize,
		ago: Moment,
	},
	Revoke {
		site: usize,
	},
	Policy {
		meter: usize,
		policy: Policy,
	},
	Check {
		meter: usize,
		check: Option<Check>,
	},
	Committee {
		meter: usize,
		members: Vec<u64>,
		quorum: usize,
	},
	Bond {
		who: u64,
		amount: u128,
	},
	Unbond {
		who: u64,
	},
	Withdraw {
		who: u64,
	},
	/// Somebody pays for the service at a meter.
	Pay {
		meter: usize,
		amount: u128,
	},
	ClaimPay {
		who: u64,
	},
	/// An attestor's word for a device's signature, which is good or not.
	Vouch {
		who: u64,
		meter: usize,
		good: bool,
		by: u64,
	},
	/// Any reading that waits, or none.
	Dispute {
		who: u64,
		place: Index,
	},
	/// Any reading that is held or disputed, or none.
	Vote {
		by: Vec<u64>,
		place: Index,
		verdict: Verdict,
	},
	/// The same.
	Decide {
		place: Index,
		verdict: Verdict,
	},
	/// Any dispute, waiting or not, or none.
	Close {
		place: Index,
	},
	/// With any key that the meter ever had.
	Equivocate {
		meter: usize,
		ahead: i64,
		key: Index,
	},
	/// Another key, with the old one's consent or not.
	Rotate {
		meter: usize,
		consents: bool,
	},
	/// Another device that shows this, approved or not.
	Replace {
		meter: usize,
		opening: [u64; 2],
		approved: bool,
	},
	/// A count of a register to be watched for, this much above where it stands.
	Watch {
		meter: usize,
		place: usize,
		ahead: u64,
		by: u64,
	},
	/// So much open time that every notice is over.
	Rest,
	/// An agreement begins or ends to bill by a meter.
	Bill {
		meter: usize,
		billed: bool,
	},
	Remove {
		meter: usize,
		by: u64,
	},
	/// The owner suspends a meter, waits, and removes it.
	Leave {
		meter: usize,
	},
	RemoveSite {
		site: usize,
		by: u64,
	},
	/// A meter, and its site, that was removed, or nothing.
	Register {
		meter: usize,
	},
	Pause(bool),
}

/// How a reading differs from the one before it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
	pub sequence: i64,
	/// Where between the one before and now it was measured, in percent.
	pub elapsed: u64,
	/// Rises as a share of the most that is plausible, in percent.
	pub export: i64,
	pub import: i64,
	pub estimated: bool,
	pub unsynchronised: bool,
	pub forged: bool,
}

fn row() -> impl Strategy<Value = Row> {
	(
		prop_oneof![30 => 1..=3i64, 1 => -1..=0i64, 1 => 99..=102i64],
		prop_oneof![20 => 1..=100u64, 5 => Just(100), 1 => 0..=1u64, 1 => 100..200u64],
		prop_oneof![25 => 0..=100i64, 5 => Just(0), 1 => Just(-1), 1 => 100..=120i64],
		prop_oneof![20 => 0..=10i64, 10 => Just(0), 5 => 0..=100i64, 1 => Just(-1), 1 => 100..=120i64],
		prop::bool::weighted(0.15),
		prop::bool::weighted(0.1),
		prop::bool::weighted(0.02),
	)
		.prop_map(
			|(sequence, elapsed, export, import, estimated, unsynchronised, forged)| Row {
				sequence,
				elapsed,
				export,
				import,
				estimated,
				unsynchronised,
				forged,
			},
		)
}

fn policy() -> impl Strategy<Value = Policy> {
	let severity = || prop_oneof![12 => Just(Severity::Mark), 7 => Just(Severity::Hold), 1 => Just(Severity::Reject)];
	let severities =
		(severity(), severity(), severity(), severity()).prop_map(|(clock, estimated, frozen, gap)| Severities {
			clock,
			estimated,
			frozen,
			gap,
		});
	(
		SECOND..=2 * HOUR,
		SECOND..=3 * HOUR,
		NAMEPLATE_W / 4..=NAMEPLATE_W,
		1..=NAMEPLATE_W,
		HOUR..=4 * DAY,
		HOUR..=4 * DAY,
		severities,
	)
		.prop_map(
			|(window, vote_period, max_w, max_units, gap_after, frozen_after, severities)| Policy {
				window,
				vote_period,
				max_w,
				max_units,
				gap_after,
				frozen_after,
				severities,
				check: None,
			},
		)
}

pub fn op() -> impl Strategy<Value = Op> {
	let meter = || 0..PLACES.len();
	let index = any::<Index>;
	let attestor = || prop::sample::select(ATTESTORS.to_vec());
	let attestors = || prop::sample::subsequence(ATTESTORS.to_vec(), 0..=4);
	let verdict = || prop_oneof![Just(Verdict::Stands), Just(Verdict::Wrong)];
	let step = prop_oneof![8 => SECOND..=HOUR, 3 => HOUR..=2 * DAY, 1 => DAY..=90 * DAY];
	let check = (meter(), 0..=10u32).prop_map(|(meter, percent)| Check {
		meter: MeterId(meter as u32),
		tolerance: Permill::from_percent(percent),
	});
	let readings = prop_oneof![
		12 => (meter(), row()).prop_map(|(meter, row)| Op::Submit { meter, row }),
		8 => (row(), 0..=1_200u64, 0..=50u64, any::<bool>()).prop_map(|(row, late, more, second_first)| Op::SubmitBoth {
			row: Row { elapsed: 100, ..row },
			late,
			more,
			second_first,
		}),
		1 => meter().prop_map(|meter| Op::Replay { meter }),
		5 => (meter(), prop::collection::vec(row(), 0..=4)).prop_map(|(meter, rows)| Op::Backlog { meter, rows }),
		4 => prop::collection::vec((meter(), row()), 0..=4).prop_map(Op::Relay),
		6 => (prop_oneof![3 => Just(UNREAD), 1 => meter()], row(), attestors())
			.prop_map(|(meter, row, by)| Op::Report { meter, row, by }),
	];
	let registrar = prop_oneof![
		1 => (meter(), prop_oneof![Just(OWNER), Just(OTHER), Just(REGISTRAR)])
			.prop_map(|(meter, by)| Op::Suspend { meter, by }),
		5 => index().prop_map(|place| Op::Resume { place }),
		2 => (meter(), 0..=20 * DAY).prop_map(|(meter, ago)| Op::Certify { meter, ago }),
		1 => (0..2usize).prop_map(|site| Op::Revoke { site }),
		3 => (meter(), policy()).prop_map(|(meter, policy)| Op::Policy { meter, policy }),
		1 => (meter(), prop::option::weighted(0.8, check)).prop_map(|(meter, check)| Op::Check { meter, check }),
		1 => Just(first_checked_by_second()),
		3 => (meter(), attestors(), 0..=3usize)
			.prop_map(|(meter, members, quorum)| Op::Committee { meter, members, quorum }),
		1 => prop::bool::weighted(0.2).prop_map(Op::Pause),
		4 => (meter(), 0..3usize, prop_oneof![Just(0), 0..=5_000_000u64], prop_oneof![9 => Just(OWNER), 1 => Just(OTHER)])
			.prop_map(|(meter, place, ahead, by)| Op::Watch { meter, place, ahead, by }),
	];
	let devices = prop_oneof![
		1 => (meter(), prop::bool::weighted(0.8)).prop_map(|(meter, consents)| Op::Rotate { meter, consents }),
		3 => (meter(), prop::array::uniform2(0..=2_000_000u64), prop::bool::weighted(0.9))
			.prop_map(|(meter, opening, approved)| Op::Replace { meter, opening, approved }),
	];
	let owner = || prop_oneof![9 => Just(OWNER), 1 => Just(OTHER)];
	let removals = prop_oneof![
		2 => Just(Op::Rest),
		2 => (meter(), prop::bool::weighted(0.3)).prop_map(|(meter, billed)| Op::Bill { meter, billed }),
		2 => meter().prop_map(|meter| Op::Check { meter, check: None }),
		5 => (meter(), owner()).prop_map(|(meter, by)| Op::Remove { meter, by }),
		10 => meter().prop_map(|meter| Op::Leave { meter }),
		4 => (0..2usize, owner()).prop_map(|(site, by)| Op::RemoveSite { site, by }),
		6 => meter().prop_map(|meter| Op::Register { meter }),
	];
	let judges = prop_oneof![
		1 => (attestor(), 0..=2 * MIN_BOND).prop_map(|(who, amount)| Op::Bond { who, amount }),
		5 => (attestor(), index()).prop_map(|(who, place)| Op::Dispute { who, place }),
		5 => (attestors(), index(), verdict()).prop_map(|(by, place, verdict)| Op::Vote { by, place, verdict }),
		1 => (index(), verdict()).prop_map(|(place, verdict)| Op::Decide { place, verdict }),
		2 => index().prop_map(|place| Op::Close { place }),
		1 => (meter(), -3..=103i64, index()).prop_map(|(meter, ahead, key)| Op::Equivocate { meter, ahead, key }),
		1 => attestor().prop_map(|who| Op::Unbond { who }),
		2 => attestor().prop_map(|who| Op::Withdraw { who }),
		3 => (meter(), 0..40u128).prop_map(|(meter, amount)| Op::Pay { meter, amount }),
		2 => attestor().prop_map(|who| Op::ClaimPay { who }),
		1 => (attestor(), meter(), any::<bool>(), attestor())
			.prop_map(|(who, meter, good, by)| Op::Vouch { who, meter, good, by }),
	];
	prop_oneof![
		450 => (1..6u8, step).prop_map(|(blocks, step)| Op::Pass { blocks, step }),
		// A year and more without a block.
		3 => (300 * DAY..900 * DAY).prop_map(|step| Op::Pass { blocks: 1, step }),
		400 => readings,
		130 => registrar,
		30 => devices,
		70 => removals,
		200 => judges,
	]
}

pub fn first_checked_by_second() -> Op {
	Op::Check {
		meter: 0,
		check: Some(Check {
			meter: MeterId(1),
			tolerance: Permill::from_percent(5),
		}),
	}
}

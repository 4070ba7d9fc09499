//! What is to be said about a meter's readings: a function of one block and of what the own source saw, and of nothing else. Two
//! copies with the same data therefore say the same, and a copy that comes later finds on the chain what was said before.

use std::collections::BTreeSet;

use baseload_primitives::{Moment, Reading, Verdict, SECOND};

use super::{
	compare::{Difference, Finding},
	docket::{Case, Docket, Me},
};

/// How long a committee member waits for somebody else to dispute, times its place counted from 1: who disputes cannot vote, and
/// two cannot dispute one reading.
const PATIENCE: Moment = 30 * SECOND;

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
	/// Sign a voucher: the device signed this, and the own source agrees. Off chain.
	Vouch,
	/// Dispute the reading.
	Dispute(Difference),
	/// Vote about it.
	Vote(Verdict),
	/// End an own dispute that lapsed or has no reading any more, which frees its stake.
	Close,
	/// Report a reading of a meter that cannot sign.
	Report(Reading),
}

impl Step {
	/// What it is called.
	pub const fn name(&self) -> &'static str {
		match self {
			Self::Vouch => "a voucher",
			Self::Dispute(_) => "a dispute",
			Self::Vote(Verdict::Stands) => "a vote that it stands",
			Self::Vote(Verdict::Wrong) => "a vote that it is wrong",
			Self::Close => "the end of a dispute",
			Self::Report(_) => "a report",
		}
	}
}

/// A step, which reading it is about, and how long there is for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
	/// The meter's sequence of the reading.
	pub sequence: u64,
	/// Open time left, in milliseconds: what is most urgent comes first.
	pub left: Moment,
	/// What to do.
	pub step: Step,
}

/// What is to be said now about the readings that wait. `findings` has one for each case of the docket; the readings `judged` are
/// not disputed (again).
pub fn decide(docket: &Docket, findings: &[Finding], me: &Me, judged: &BTreeSet<u64>) -> Vec<Decision> {
	let mut decisions: Vec<Decision> = Vec::new();
	for sequence in &docket.closable {
		decisions.push(Decision {
			sequence: *sequence,
			left: Moment::MAX,
			step: Step::Close,
		});
	}
	if me.silenced().is_some() {
		return decisions;
	}
	let mut contradicted = false;
	for (case, finding) in docket.cases.iter().zip(findings) {
		// Registers are cumulative: what comes after a wrong reading is wrong with it and falls with it.
		let first = matches!(finding, Finding::Contradicts(_)) && !std::mem::replace(&mut contradicted, true);
		let judged = judged.contains(&case.reading.sequence);
		let decided = vote(case, finding).or_else(|| match finding {
			_ if me.is_leaving() => None,
			Finding::Contradicts(difference) if first && !judged => dispute(docket, case, difference, me),
			Finding::Agrees => vouch(docket, case),
			_ => None,
		});
		decisions.extend(decided.map(|(left, step)| Decision {
			sequence: case.reading.sequence,
			left,
			step,
		}));
	}
	decisions
}

/// A vote about a reading that is disputed or held.
fn vote(case: &Case, finding: &Finding) -> Option<(Moment, Step)> {
	let left = case.vote_left.filter(|left| *left > 0)?;
	let seat = case.seat?;
	if seat.voted || case.own_dispute {
		return None;
	}
	match finding {
		Finding::Agrees => Some((left, Step::Vote(Verdict::Stands))),
		Finding::Contradicts(_) => Some((left, Step::Vote(Verdict::Wrong))),
		Finding::Unclear(_) => None,
	}
}

/// A dispute of a reading that nobody disputes and whose window is open.
fn dispute(docket: &Docket, case: &Case, difference: &Difference, me: &Me) -> Option<(Moment, Step)> {
	let left = case.window_left;
	let voted = case.seat.is_some_and(|seat| seat.voted);
	if left == 0 || case.disputed || voted || !me.can_stake() {
		return None;
	}
	let window = docket.view.policy.window;
	let rank = case.seat.map_or(0, |seat| Moment::from(seat.place) + 1);
	let patience = (PATIENCE * rank).min(window / 2);
	let waited = window.saturating_sub(left);
	(waited >= patience).then(|| (left, Step::Dispute(difference.clone())))
}

/// A voucher for a reading that nothing holds, of a device that signs the chain's own payload.
fn vouch(docket: &Docket, case: &Case) -> Option<(Moment, Step)> {
	let signs = docket.view.key.is_some() && docket.view.ocmf_serial.is_none();
	(signs && case.vote_left.is_none()).then_some((case.window_left, Step::Vouch))
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use crate::attest::{
		compare::{Stand, Unclear},
		docket::{Seat, Stored},
		own::{Blank, Bounds},
	};
	use baseload_client::{
		AcceptedReading, AccountId, CommitteeRecord, CommitteeView, DisputeRecord, HoldRecord, MeterRecord, MeterView,
		WaitingReading, H256,
	};
	use baseload_primitives::{
		views::AttestorView, DeviceKey, Flags, MeterId, MeterStatus, Policy, Register, SiteId, BLD, HOUR,
	};

	pub const ME: AccountId = AccountId([1; 32]);
	pub const OTHER: AccountId = AccountId([2; 32]);

	pub fn me() -> Me {
		Me {
			account: ME,
			standing: Some(AttestorView {
				bond: 1_000 * BLD,
				staked: 0,
				free_in: None,
				seats: 0,
				won: 0,
				lost: 0,
				votes: 0,
				slashed: 0,
			}),
			least_bond: 1_000 * BLD,
			stake: 100 * BLD,
		}
	}

	pub fn view() -> MeterView {
		MeterView {
			site: SiteId(1),
			key: Some(DeviceKey::Ed25519([7; 32])),
			ocmf_serial: None,
			registers: vec![Register::Export],
			status: MeterStatus::Active,
			removable_in: None,
			deposit: 0,
			policy: Policy::of_new(HOUR, 1_000),
			committee: None,
			newest: None,
			newest_final: None,
			newest_measured: None,
			pending: 0,
			held: 0,
			disputed: 0,
			final_in: 0,
		}
	}

	pub fn waiting(sequence: u64, final_at: Moment) -> WaitingReading {
		WaitingReading {
			reading: AcceptedReading {
				sequence,
				measured_at: sequence * 1_000,
				registers: vec![sequence * 100],
				flags: Flags::NONE,
			},
			final_at,
			committee: 1,
			hold: None,
		}
	}

	/// A meter with these readings waiting, an hour after the chain began, on whose committee these sit.
	pub fn stored(waiting: Vec<WaitingReading>, members: &[AccountId]) -> Stored {
		let committee = CommitteeRecord {
			members: members.to_vec(),
			quorum: 1,
		};
		Stored {
			open: HOUR,
			record: MeterRecord {
				waiting,
				..MeterRecord::default()
			},
			disputes: Vec::new(),
			committees: [(1, committee)].into(),
			reports: Vec::new(),
		}
	}

	fn docket(stored: Stored) -> Docket {
		Docket::of(MeterId(3), view(), stored, &me())
	}

	fn contradicts() -> Finding {
		Finding::Contradicts(Difference {
			register: Register::Export,
			since: Stand {
				at: 0,
				registers: vec![0],
			},
			rise: 5,
			own: Bounds {
				least: 1,
				likely: 1,
				most: 1,
			},
			allowed: 0,
		})
	}

	const UNCLEAR: Finding = Finding::Unclear(Unclear::Own(Blank::Gap));

	fn held(waiting: WaitingReading, disputed: bool) -> WaitingReading {
		WaitingReading {
			hold: Some(HoldRecord {
				until: 3 * HOUR,
				disputed_at: disputed.then_some(5),
			}),
			..waiting
		}
	}

	fn disputed_by(account: AccountId) -> DisputeRecord {
		DisputeRecord {
			by: Some((account, 100 * BLD)),
			evidence: H256::zero(),
			committee: 1,
			stands: 0,
			wrong: 0,
			until: 3 * HOUR,
		}
	}

	fn steps(docket: &Docket, findings: &[Finding]) -> Vec<(u64, Step)> {
		decisions(docket, findings, &me())
			.into_iter()
			.map(|decision| (decision.sequence, decision.step))
			.collect()
	}

	fn decisions(docket: &Docket, findings: &[Finding], me: &Me) -> Vec<Decision> {
		decide(docket, findings, me, &BTreeSet::new())
	}

	fn is_dispute(step: &Step) -> bool {
		matches!(step, Step::Dispute(_))
	}

	#[test]
	fn agreement_should_be_vouched_for_and_nothing_said_when_unclear() {
		let docket = docket(stored(vec![waiting(5, 2 * HOUR), waiting(6, 2 * HOUR)], &[]));
		assert_eq!(steps(&docket, &[Finding::Agrees, UNCLEAR]), [(5, Step::Vouch)]);
		let mut ocmf = docket.clone();
		ocmf.view.ocmf_serial = Some(b"X".to_vec());
		assert_eq!(steps(&ocmf, &[Finding::Agrees, UNCLEAR]), []);
	}

	#[test]
	fn first_contradicted_reading_alone_should_be_disputed() {
		let all = vec![waiting(5, 2 * HOUR), waiting(6, 2 * HOUR), waiting(7, 2 * HOUR)];
		let said = steps(
			&docket(stored(all, &[])),
			&[Finding::Agrees, contradicts(), contradicts()],
		);
		assert_eq!(said.len(), 2);
		assert!(
			said[0] == (5, Step::Vouch) && said[1].0 == 6 && is_dispute(&said[1].1),
			"{said:?}"
		);
	}

	#[test]
	fn nothing_should_be_disputed_when_somebody_does_or_the_window_is_over_or_no_stake_is_free() {
		let mut others = stored(vec![held(waiting(5, 2 * HOUR), true)], &[OTHER]);
		others.disputes = vec![(5, disputed_by(OTHER))];
		assert_eq!(steps(&docket(others), &[contradicts()]), []);
		// Its flags still hold it
		let over = stored(vec![held(waiting(5, HOUR), false)], &[OTHER]);
		assert_eq!(steps(&docket(over), &[contradicts()]), []);
		let open = docket(stored(vec![waiting(5, 2 * HOUR)], &[]));
		let mut poor = me();
		poor.standing.as_mut().unwrap().staked = 950 * BLD;
		assert_eq!(decisions(&open, &[contradicts()], &poor), []);
		let mut leaving = me();
		leaving.standing.as_mut().unwrap().free_in = Some(1);
		assert_eq!(decisions(&open, &[contradicts()], &leaving), []);
		assert_eq!(decisions(&open, &[Finding::Agrees], &leaving), []);
		let nobody = Me { standing: None, ..me() };
		assert_eq!(decisions(&open, &[contradicts()], &nobody), []);
	}

	#[test]
	fn nothing_should_be_disputed_again_when_it_was_judged() {
		let docket = docket(stored(vec![waiting(5, 2 * HOUR), waiting(6, 2 * HOUR)], &[]));
		let findings = [contradicts(), contradicts()];
		assert_eq!(decide(&docket, &findings, &me(), &BTreeSet::from([5, 6])), []);
		assert_eq!(decide(&docket, &findings, &me(), &BTreeSet::from([6])).len(), 1);
	}

	#[test]
	fn member_should_vote_and_say_nothing_else_when_it_is_leaving() {
		let held = held(waiting(5, 2 * HOUR), false);
		let docket = docket(stored(vec![held, waiting(6, 2 * HOUR)], &[ME]));
		let mut leaving = me();
		leaving.standing.as_mut().unwrap().free_in = Some(1);
		let said = decisions(&docket, &[Finding::Agrees, Finding::Agrees], &leaving);
		assert_eq!(said.len(), 1);
		assert_eq!(said[0].step, Step::Vote(Verdict::Stands));
	}

	#[test]
	fn members_should_dispute_one_after_the_other_when_nobody_else_does() {
		let at = |waited: Moment, members: &[AccountId]| {
			let docket = docket(stored(vec![waiting(5, 2 * HOUR - waited)], members));
			steps(&docket, &[contradicts()]).len()
		};
		assert_eq!([at(0, &[OTHER]), at(0, &[ME])], [1, 0]);
		assert_eq!([at(30 * SECOND, &[ME]), at(30 * SECOND, &[OTHER, ME])], [1, 0]);
		assert_eq!(at(60 * SECOND, &[OTHER, ME]), 1);
	}

	#[test]
	fn member_should_vote_as_its_source_says_when_a_reading_is_disputed_or_held() {
		for disputed in [true, false] {
			let mut stored = stored(vec![held(waiting(5, 2 * HOUR), disputed)], &[OTHER, ME]);
			if disputed {
				stored.disputes = vec![(5, disputed_by(AccountId([3; 32])))];
			}
			let docket = docket(stored);
			let vote = |verdict| vec![(5, Step::Vote(verdict))];
			assert_eq!(steps(&docket, &[Finding::Agrees]), vote(Verdict::Stands));
			assert_eq!(steps(&docket, &[contradicts()]), vote(Verdict::Wrong));
			assert_eq!(steps(&docket, &[UNCLEAR]), []);
		}
	}

	#[test]
	fn nothing_should_be_said_twice_when_the_account_has_spoken_already() {
		// Another copy of this program may have: the chain tells
		let mut stored_own = stored(vec![held(waiting(5, 2 * HOUR), true)], &[ME, OTHER]);
		stored_own.disputes = vec![(5, disputed_by(ME))];
		let own = docket(stored_own);
		assert!(own.cases[0].own_dispute);
		for finding in [Finding::Agrees, contradicts()] {
			assert_eq!(steps(&own, &[finding]), []);
		}
		let mut stored_voted = stored(vec![held(waiting(5, 2 * HOUR), false)], &[OTHER, ME]);
		stored_voted.disputes = vec![(
			5,
			DisputeRecord {
				by: None,
				wrong: 0b10,
				..disputed_by(ME)
			},
		)];
		let voted = docket(stored_voted);
		assert_eq!(voted.cases[0].seat, Some(Seat { place: 1, voted: true }));
		for finding in [Finding::Agrees, contradicts()] {
			assert_eq!(steps(&voted, &[finding]), []);
		}
	}

	#[test]
	fn own_dispute_should_be_closed_when_it_lapsed_or_its_reading_is_gone() {
		let mut stored = stored(vec![held(waiting(5, 2 * HOUR), true)], &[OTHER]);
		stored.disputes = vec![(4, disputed_by(ME)), (5, disputed_by(ME)), (6, disputed_by(OTHER))];
		assert_eq!(steps(&docket(stored), &[UNCLEAR]), [(4, Step::Close)]);
		let mut lapsed = super::tests::stored(Vec::new(), &[]);
		let over = DisputeRecord {
			until: HOUR,
			..disputed_by(ME)
		};
		lapsed.disputes = vec![(5, over)];
		assert_eq!(steps(&docket(lapsed), &[]), [(5, Step::Close)]);
	}

	#[test]
	fn matured_readings_should_be_final_in_the_docket_though_not_yet_in_the_record() {
		let all = vec![
			waiting(5, HOUR / 2),
			held(waiting(6, HOUR / 4), false),
			waiting(7, 2 * HOUR),
		];
		let mut all = stored(all, &[]);
		all.record.waiting[1].hold = Some(HoldRecord {
			until: HOUR / 2,
			disputed_at: None,
		});
		let docket = docket(all);
		assert_eq!(docket.cases.len(), 1);
		assert_eq!(docket.base.as_ref().map(|base| base.registers[0]), Some(500));
		assert_eq!(docket.settled, Some(6));
	}

	#[test]
	fn desk_should_be_the_members_of_an_active_meter_without_a_device() {
		let committee_view = |members: &[AccountId]| MeterView {
			key: None,
			committee: Some(CommitteeView {
				members: members.to_vec(),
				quorum: 1,
			}),
			..view()
		};
		let desk = |view: MeterView| Docket::of(MeterId(3), view, stored(Vec::new(), &[]), &me()).desk;
		assert!(desk(committee_view(&[OTHER, ME])).is_some());
		assert_eq!(desk(committee_view(&[OTHER])), None);
		assert_eq!(
			desk(MeterView {
				key: view().key,
				..committee_view(&[ME])
			}),
			None
		);
	}
}

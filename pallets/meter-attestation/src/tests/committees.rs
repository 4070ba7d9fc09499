use baseload_primitives::{Flags, MeterId, MeterStatus, Reading, Refusal, RegisterSource, Verdict, HOUR, MINUTE};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResultWithPostInfo, Pays},
};
use sp_runtime::{traits::BadOrigin, BoundedVec};

use crate::{mock::*, Attestors, Committees, Error, Event, Reports};

fn say(who: u64, meter: MeterId, reading: &Reading) -> DispatchResultWithPostInfo {
	MeterAttestation::report(RuntimeOrigin::signed(who), meter, reading.clone())
}

/// A meter that a committee of the first three attestors reads, two of them being a quorum.
fn read_by_three() -> MeterId {
	let meter = committee_meter(site());
	assert_ok!(panel(meter, &BONDED[..3], 2));
	meter
}

fn final_sequence(meter: MeterId) -> Option<u64> {
	<MeterAttestation as RegisterSource<u64>>::final_reading(meter).map(|reading| reading.sequence)
}

fn seats() -> [u32; 4] {
	BONDED.map(|who| Attestors::<Test>::get(who).expect("bonded").seats)
}

fn stored(meter: MeterId) -> Vec<u32> {
	let mut numbers: Vec<_> = Committees::<Test>::iter_key_prefix(meter).collect();
	numbers.sort();
	numbers
}

#[test]
fn set_committee_should_fail_when_a_rule_is_broken() {
	run_bonded(|| {
		let meter = meter(site()).id;
		let [a, b, c, d] = BONDED;
		let by_owner = MeterAttestation::set_committee(RuntimeOrigin::signed(OWNER), meter, BoundedVec::new(), 0);
		assert_noop!(by_owner, BadOrigin);
		assert_noop!(panel(MeterId(9), &[a], 1), Error::<Test>::UnknownMeter);
		let bad: [(&[u64], u32); 8] = [
			(&[], 1),
			(&[a], 0),
			(&[a, b], 1),
			(&[a, b, c], 1),
			(&[a, b, c, d], 2),
			(&[a, b], 3),
			(&[a, b, a], 2),
			(&[a, b, NEWCOMER], 2),
		];
		for (members, quorum) in bad {
			assert_noop!(panel(meter, members, quorum), Error::<Test>::BadCommittee);
		}
		assert_ok!(MeterAttestation::unbond(RuntimeOrigin::signed(d)));
		assert_noop!(panel(meter, &[a, b, d], 2), Error::<Test>::BadCommittee);
		let unread = committee_meter(site());
		assert_noop!(panel(unread, &[], 0), Error::<Test>::CommitteeNeeded);
		Committees::<Test>::insert(
			meter,
			u32::MAX,
			crate::Committee {
				members: BoundedVec::truncate_from(vec![a]),
				quorum: 1,
			},
		);
		assert_noop!(panel(meter, &[a], 1), Error::<Test>::IdsExhausted);
		Committees::<Test>::remove(meter, u32::MAX);
	});
}

#[test]
fn seats_should_be_those_of_new_readings_when_committees_change() {
	run_bonded(|| {
		let (first, second) = (meter(site()).id, meter(site()).id);
		let [a, b, c, d] = BONDED;
		assert_ok!(panel(first, &[a, b, c], 2));
		assert_ok!(panel(second, &[a], 1));
		assert_eq!(seats(), [2, 1, 1, 0]);
		assert_ok!(panel(first, &[c, d], 2));
		assert_eq!(seats(), [1, 0, 1, 1]);
		assert_ok!(panel(first, &[], 0));
		assert_eq!(seats(), [1, 0, 0, 0]);
	});
}

#[test]
fn committee_number_should_never_come_twice() {
	run_bonded(|| {
		let meter = meter(site());
		let [a, b, ..] = BONDED;
		let changed = |old, new, quorum| {
			let expected = Event::CommitteeChanged {
				meter: meter.id,
				old,
				new,
				quorum,
			};
			assert_eq!(events().last(), Some(&expected));
			assert_eq!(meter.record().committee, new);
		};
		assert_ok!(panel(meter.id, &[a], 1));
		changed(0, 1, 1);
		assert_ok!(panel(meter.id, &[], 0));
		changed(1, 0, 0);
		assert_eq!(stored(meter.id), [1]);
		assert_ok!(panel(meter.id, &[a, b], 2));
		changed(0, 2, 2);
		assert_eq!(stored(meter.id), [1, 2]);
		assert_ok!(panel(meter.id, &[b], 1));
		changed(2, 3, 1);
		assert_eq!(stored(meter.id), [2, 3]);
	});
}

#[test]
fn committee_should_not_change_twice_when_readings_wait_under_the_first() {
	run_bonded(|| {
		let meter = meter(site());
		let [a, b, ..] = BONDED;
		assert_ok!(panel(meter.id, &[a], 1));
		meter.report(1, &[0, 0]);
		assert_ok!(panel(meter.id, &[b], 1));
		assert_noop!(panel(meter.id, &[a], 1), Error::<Test>::CommitteePending);
		assert_noop!(panel(meter.id, &[], 0), Error::<Test>::CommitteePending);
		pass(WINDOW);
		assert_ok!(panel(meter.id, &[a], 1));
		assert_eq!(stored(meter.id), [2, 3]);
	});
}

#[test]
fn readings_should_keep_their_judges_and_quorum_when_the_committee_changes() {
	run_bonded(|| {
		let meter = meter(site());
		let [a, b, c, d] = BONDED;
		assert_ok!(panel(meter.id, &[a, b, c], 2));
		meter.report(1, &[0, 0]);
		assert_ok!(dispute(d, meter.id, 1));
		assert_ok!(panel(meter.id, &[d], 1));
		pass(WINDOW);
		assert_noop!(vote(d, meter.id, 1, Verdict::Stands), Error::<Test>::NotMember);
		assert_ok!(vote(a, meter.id, 1, Verdict::Stands));
		assert_eq!(final_sequence(meter.id), None);
		assert_ok!(vote(b, meter.id, 1, Verdict::Stands));
		assert_eq!(final_sequence(meter.id), Some(1));
	});
}

#[test]
fn report_should_be_final_at_once_when_a_quorum_says_the_same() {
	run_bonded(|| {
		let meter = read_by_three();
		let [a, b, c, _] = BONDED;
		let said = reading(1, &[5, 6]);
		let post = say(a, meter, &said).expect("a good report");
		assert_eq!(post.pays_fee, Pays::No);
		assert_eq!(Reports::<Test>::get(meter).into_inner(), vec![(0, said.clone())]);
		// What another says does not add to it, nor does the same member's repetition.
		assert_ok!(say(c, meter, &reading(1, &[5, 7])));
		assert_ok!(say(a, meter, &said));
		assert_eq!(final_sequence(meter), None);
		assert_ok!(say(b, meter, &said));
		assert_eq!(final_sequence(meter), Some(1));
		assert!(Reports::<Test>::get(meter).is_empty());
		assert_eq!(
			events().split_off(events().len() - 2),
			vec![
				Event::QuorumReached { meter, sequence: 1 },
				Event::RegistersFinal {
					meter,
					sequence: 1,
					measured_at: now(),
					registers: said.registers,
					flags: Flags::COMMITTEE,
				}
			]
		);
	});
}

#[test]
fn report_should_replace_the_members_earlier_one() {
	run_bonded(|| {
		let meter = read_by_three();
		let [a, b, c, _] = BONDED;
		let (wrong, right) = (reading(1, &[5, 7]), reading(1, &[5, 6]));
		assert_ok!(say(a, meter, &wrong));
		assert_ok!(say(a, meter, &right));
		assert_ok!(say(b, meter, &wrong));
		assert_eq!(final_sequence(meter), None);
		assert_ok!(say(c, meter, &right));
		assert_eq!(final_sequence(meter), Some(1));
	});
}

#[test]
fn report_should_fail_when_a_rule_is_broken() {
	run_bonded(|| {
		let unread = committee_meter(site());
		let meter = read_by_three();
		let [a, b, _, d] = BONDED;
		let said = reading(1, &[0, 0]);
		assert_noop!(say(a, MeterId(9), &said), Error::<Test>::UnknownMeter);
		assert_noop!(say(OTHER, meter, &said), Error::<Test>::NotAttestor);
		assert_noop!(say(d, meter, &said), Error::<Test>::NotMember);
		assert_noop!(say(a, unread, &said), Error::<Test>::NotMember);
		MeterAttestation::slash_attestor(&b, BOND, None);
		assert_noop!(say(b, meter, &said), Error::<Test>::BelowMinBond);
		assert_noop!(say(a, meter, &reading(1, &[0])), Error::<Test>::Refused);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter));
		assert_noop!(say(a, meter, &said), Error::<Test>::Refused);

		let device = crate::mock::meter(site());
		assert_ok!(panel(device.id, &[a], 1));
		assert_noop!(say(a, device.id, &said), Error::<Test>::StillActive);
	});
}

#[test]
fn report_should_close_the_registers_of_a_suspended_device() {
	run_bonded(|| {
		let meter = meter(site());
		let [a, ..] = BONDED;
		assert_ok!(panel(meter.id, &[a], 1));
		meter.report(1, &[5, 5]);
		pass(WINDOW);
		meter.report(2, &[6, 6]);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		pass(HOUR);
		assert_noop!(say(a, meter.id, &reading(2, &[9, 9])), Error::<Test>::Refused);
		assert_ok!(say(a, meter.id, &reading(3, &[9, 9])));
		assert_eq!(final_sequence(meter.id), Some(3));
		let stored = meter.record();
		assert_eq!((stored.status(), stored.pending.len()), (MeterStatus::Suspended, 0));
		assert_noop!(meter.submit(reading(4, &[9, 9])), Refusal::Suspended);
	});
}

#[test]
fn reports_should_be_forgotten_when_the_committee_changes() {
	run_bonded(|| {
		let meter = read_by_three();
		let [a, b, c, d] = BONDED;
		let said = reading(1, &[5, 6]);
		assert_ok!(say(a, meter, &said));
		assert_ok!(panel(meter, &[d, b, c], 2));
		assert!(Reports::<Test>::get(meter).is_empty());
		assert_ok!(say(b, meter, &said));
		assert_eq!(final_sequence(meter), None);
		assert_ok!(say(d, meter, &said));
		assert_eq!(final_sequence(meter), Some(1));
	});
}

#[test]
fn reports_should_be_forgotten_when_the_device_has_gone_on() {
	run_bonded(|| {
		let meter = meter(site());
		let [a, b, ..] = BONDED;
		assert_ok!(panel(meter.id, &[a, b], 2));
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		assert_ok!(say(a, meter.id, &reading(1, &[0, 0])));
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		meter.report(1, &[0, 0]);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		pass(MINUTE);
		let said = reading(2, &[0, 0]);
		assert_ok!(say(b, meter.id, &said));
		assert_eq!(Reports::<Test>::get(meter.id).into_inner(), vec![(1, said)]);
	});
}

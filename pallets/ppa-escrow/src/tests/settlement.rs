use frame_support::weights::Weight;

use super::*;
use crate::{
	settlement::{IDLE_STEPS, IDLE_VISITS},
	Cursor, Running,
};

fn idle() {
	PpaEscrow::settle_idly(Weight::MAX);
}

/// So many agreements on meters of their own, each with a month to bill.
fn several(count: u32) -> Vec<AgreementId> {
	let ids = (0..count).map(|place| {
		let mut contract = contract();
		contract.meter = baseload_primitives::MeterId(100 + place);
		read_all(contract.meter, start(0) - 3 * DAY, vec![0; 4]);
		active(contract, 1_000)
	});
	let ids: Vec<_> = ids.collect();
	at(start(1));
	for place in 0..count {
		read_all(baseload_primitives::MeterId(100 + place), start(1), vec![340; 4]);
	}
	at(day(1, 1));
	ids
}

#[test]
fn chain_should_settle_by_itself_what_anyone_could() {
	run(|| {
		let id = metered(contract(), 5_000, 700);
		idle();
		assert_eq!(billing(id).next, 1);
		let before = record(id);
		at(day(1, 3));
		idle();
		assert_eq!(record(id), before, "nothing is due");
		at(day(1, 16));
		idle();
		assert_eq!(billing(id).ledger.paid, 700);
	});
}

#[test]
fn everyone_should_have_a_turn_when_a_block_is_not_enough_for_all() {
	run(|| {
		let ids = several(IDLE_VISITS + 20);
		let settled = |ids: &[AgreementId]| ids.iter().filter(|id| billing(**id).next == 1).count();
		idle();
		assert_eq!(settled(&ids), IDLE_VISITS as usize);
		idle();
		assert_eq!(settled(&ids), ids.len());
		let cursor = Cursor::<Test>::get();
		idle();
		assert!(Cursor::<Test>::get() != cursor, "the turns go on");
	});
}

#[test]
fn one_agreement_far_behind_should_not_hold_up_the_others() {
	run(|| {
		let late = metered(contract(), 100_000, 700);
		for period in 2..=24 {
			at(start(period));
			read(METER, 1_000 + 700 * u64::from(period));
		}
		at(day(30, 0));
		idle();
		assert_eq!(billing(late).next, IDLE_STEPS.div_ceil(2));
		while Running::<Test>::contains_key(late) {
			idle();
		}
		assert_eq!(billing(late).ledger.paid, 24 * 700);
		idle();
	});
}

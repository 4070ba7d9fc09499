use frame_support::{
	dispatch::{GetDispatchInfo, Pays},
	weights::Weight,
};
use sp_runtime::traits::Dispatchable;

use super::*;
use crate::{
	settlement::{IDLE_STEPS, IDLE_VISITS},
	Cursor, Running, WeightInfo,
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
fn turns_should_go_on_where_the_weight_ended_when_a_block_is_short_of_it() {
	run(|| {
		let ids = several(5);
		let settled = |ids: &[AgreementId]| ids.iter().filter(|id| billing(**id).next == 1).count();
		// A look at whose turn it is and at the feeds, one bill, and room for the most that a second turn may take.
		let most = MockWeights::poke() + PpaEscrow::events_weight(IDLE_STEPS);
		let looks = MockWeights::idle() + MockWeights::observe();
		let remaining = looks + PpaEscrow::events_weight(1) + most;
		for expected in [2, 4, 5] {
			let consumed = PpaEscrow::settle_idly(remaining);
			assert!(consumed.all_lte(remaining), "{consumed:?}");
			assert_eq!(settled(&ids), expected);
		}
		assert_eq!(PpaEscrow::settle_idly(Weight::zero()), Weight::zero());
		let cursor = Cursor::<Test>::get();
		// Too little for a turn is no turn.
		PpaEscrow::settle_idly(looks);
		assert_eq!(Cursor::<Test>::get(), cursor);
	});
}

#[test]
fn poke_should_weigh_a_look_and_pay_nothing_when_nothing_is_due() {
	run(|| {
		let id = metered(contract(), 5_000, 700);
		assert_ok!(settle(id));
		at(day(1, 5));
		let issuance = Balances::total_issuance();
		let call = RuntimeCall::PpaEscrow(Call::settle {
			agreement: id,
			steps: 64,
		});
		let most = MockWeights::poke() + PpaEscrow::events_weight(64);
		assert_eq!(call.get_dispatch_info().call_weight, most);
		let refused = call
			.dispatch(RuntimeOrigin::signed(ANYONE))
			.expect_err("nothing is due");
		assert_eq!(refused.post_info.actual_weight, Some(MockWeights::poke()));
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
		assert_eq!((pot(id), Balances::total_issuance()), (5_000 + ED, issuance));
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

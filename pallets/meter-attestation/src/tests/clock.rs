use baseload_primitives::{OpenTime, DAY, MINUTE, SECOND};

use crate::{mock::*, CLOCK};

fn open() -> u64 {
	<MeterAttestation as OpenTime>::now()
}

#[test]
fn open_time_should_begin_at_zero_when_first_block_sets_the_time() {
	run(|| {
		assert_eq!(open(), 0);
		block(START + 6 * SECOND);
		assert_eq!(open(), 6 * SECOND);
	});
}

#[test]
fn open_time_should_move_by_a_bounded_step_when_chain_was_halted() {
	run(|| {
		block(START + 30 * DAY);
		assert_eq!(open(), STEP);
	});
}

#[test]
fn open_time_should_stand_still_when_gate_is_closed() {
	run(|| {
		Closed::set(vec![CLOCK]);
		block(START + MINUTE);
		block(START + 2 * MINUTE);
		assert_eq!(open(), 0);
		Closed::set(vec![]);
		block(START + 3 * MINUTE);
		assert_eq!(open(), MINUTE);
	});
}

#[test]
fn clock_should_remember_when_the_chain_began() {
	run(|| {
		assert_eq!(<MeterAttestation as OpenTime>::began(), START);
		block(START + DAY);
		assert_eq!(<MeterAttestation as OpenTime>::began(), START);
	});
}

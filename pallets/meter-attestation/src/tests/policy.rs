use baseload_primitives::{Flags, MeterId, Refusal, Severity, DAY, HOUR, SECOND};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{traits::BadOrigin, Permill};

use crate::{
	mock::*, Check, Error, Event, Policy, CHALLENGE_WINDOWS, DEFAULT_FROZEN, DEFAULT_GAP, DEFAULT_VOTE_PERIOD,
	MAX_CHECK_TOLERANCE, VOTE_PERIODS,
};

#[test]
fn policy_should_be_the_default_when_meter_is_new() {
	run(|| {
		assert_ok!(MeterAttestation::set_challenge_window(RuntimeOrigin::root(), 7 * HOUR));
		let policy = meter(site()).record().policy;
		assert_eq!(policy, Policy::of_new(7 * HOUR, NAMEPLATE_W));
		assert_eq!(
			(policy.vote_period, policy.gap_after, policy.frozen_after),
			(DEFAULT_VOTE_PERIOD, DEFAULT_GAP, DEFAULT_FROZEN)
		);
	});
}

#[test]
fn set_policy_should_fail_when_a_check_meter_may_be_too_far_apart() {
	run(|| {
		let site = site();
		let (meter, other) = (meter(site).id, meter(site).id);
		let check = |tolerance| {
			Some(Check {
				meter: other,
				tolerance,
			})
		};
		let parts = MAX_CHECK_TOLERANCE.deconstruct();
		let too_far = Permill::from_parts(parts + 1);
		assert_noop!(
			set_policy(meter, |policy| policy.check = check(too_far)),
			Error::<Test>::BadPolicy
		);
		assert_ok!(set_policy(meter, |policy| policy.check = check(MAX_CHECK_TOLERANCE)));
	});
}

#[test]
fn set_policy_should_hold_for_readings_from_then_on() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		let (old, before) = (meter.record().policy, meter.pending());
		assert_ok!(set_policy(meter.id, |policy| {
			policy.window = 2 * HOUR;
			policy.vote_period = HOUR;
			policy.max_w = NAMEPLATE_W / 2;
			policy.gap_after = 1;
			policy.severities.gap = Severity::Hold;
		}));
		let new = meter.record().policy;
		assert_eq!(
			events().last(),
			Some(&Event::PolicyChanged {
				meter: meter.id,
				old,
				new
			})
		);
		assert_eq!(meter.pending(), before);
		let view = MeterAttestation::meter(meter.id).expect("registered");
		assert_eq!((view.policy.window, view.policy.max_w), (2 * HOUR, NAMEPLATE_W / 2));
		pass(STEP);
		// Ten minutes at 500 kW and 5 %.
		let most = 87_500;
		assert_noop!(meter.submit(reading(2, &[most + 1, 0])), Refusal::ImpossibleIncrease);
		assert_ok!(meter.submit(reading(2, &[most, 0])));
		let pending = meter.pending().pop().expect("it waits");
		assert_eq!(
			(pending.final_at, pending.vote_period, pending.reading.flags),
			(STEP + 2 * HOUR, HOUR, Flags::GAP)
		);
		assert_eq!(pending.due(), STEP + 3 * HOUR);
	});
}

#[test]
fn set_policy_should_settle_what_has_matured() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(WINDOW);
		assert_ok!(set_policy(meter.id, |_| ()));
		assert_eq!(meter.record().measured.map(|newest| newest.reading.sequence), Some(1));
		assert!(events()
			.iter()
			.any(|event| matches!(event, Event::RegistersFinal { .. })));
	});
}

#[test]
fn set_policy_should_fail_when_out_of_bounds() {
	run(|| {
		let meter = meter(site()).id;
		let changes: [fn(&mut Policy); 9] = [
			|policy| policy.window = SECOND - 1,
			|policy| policy.window = 30 * DAY + 1,
			|policy| policy.vote_period = SECOND - 1,
			|policy| policy.vote_period = 30 * DAY + 1,
			|policy| policy.max_w = 0,
			|policy| policy.max_w = NAMEPLATE_W + 1,
			|policy| policy.gap_after = 0,
			|policy| policy.frozen_after = 0,
			|policy| policy.window = u64::MAX,
		];
		for change in changes {
			assert_noop!(set_policy(meter, change), Error::<Test>::BadPolicy);
		}
		for bounds in [
			(*CHALLENGE_WINDOWS.start(), *VOTE_PERIODS.start(), 1),
			(*CHALLENGE_WINDOWS.end(), *VOTE_PERIODS.end(), NAMEPLATE_W),
		] {
			assert_ok!(set_policy(meter, |policy| {
				(policy.window, policy.vote_period, policy.max_w) = bounds;
			}));
		}
	});
}

#[test]
fn set_policy_should_fail_when_meter_is_unknown_or_caller_is_not_the_registrar() {
	run(|| {
		let policy = meter(site()).record().policy;
		assert_noop!(
			MeterAttestation::set_policy(RuntimeOrigin::signed(REGISTRAR), MeterId(9), policy),
			Error::<Test>::UnknownMeter
		);
		assert_noop!(
			MeterAttestation::set_policy(RuntimeOrigin::signed(OWNER), MeterId(0), policy),
			BadOrigin
		);
	});
}

use baseload_primitives::{
	ClockStatus, EnergyCover, Flags, Quality, Reading, Refusal, Severities, Severity, DAY, HOUR, MINUTE, SECOND,
};
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Event, Hold, Policy, DEFAULT_FROZEN, DEFAULT_GAP, DEFAULT_VOTE_PERIOD};

const VOTE_PERIOD: u64 = 2 * HOUR;
const FLAGS: [Flags; 4] = [Flags::CLOCK, Flags::ESTIMATED, Flags::FROZEN, Flags::GAP];

/// A policy where one flag has this severity and all others are marked.
fn with_severity(policy: &mut Policy, flag: Flags, severity: Severity) {
	policy.severities = Severities::default();
	*match flag {
		Flags::CLOCK => &mut policy.severities.clock,
		Flags::ESTIMATED => &mut policy.severities.estimated,
		Flags::FROZEN => &mut policy.severities.frozen,
		_ => &mut policy.severities.gap,
	} = severity;
}

/// The revenue meter of a site with one reading, and a second of now that has just this flag, which is so severe.
fn unusual(flag: Flags, severity: Severity) -> (Device, Reading) {
	let (_, meter) = plant();
	assert_ok!(set_policy(meter.id, |policy| {
		policy.vote_period = VOTE_PERIOD;
		policy.frozen_after = HOUR;
		with_severity(policy, flag, severity);
	}));
	meter.report(1, &[1_000, 50]);
	pass(match flag {
		Flags::FROZEN => HOUR + 1,
		Flags::GAP => DEFAULT_GAP + 1,
		_ => HOUR,
	});
	let moved = reading(2, &[241_000, 50]);
	let second = match flag {
		Flags::CLOCK => Reading {
			clock: ClockStatus::Unsynchronised,
			..moved
		},
		Flags::ESTIMATED => Reading {
			quality: Quality::Estimated,
			..moved
		},
		Flags::FROZEN => reading(2, &[1_000, 50]),
		_ => moved,
	};
	(meter, second)
}

/// Flags of the readings that wait.
fn flags(meter: &Device) -> Vec<Flags> {
	meter.pending().iter().map(|pending| pending.reading.flags).collect()
}

#[test]
fn reading_should_carry_its_flag_when_the_policy_marks_it() {
	for flag in FLAGS {
		run(|| {
			let (meter, second) = unusual(flag, Severity::Mark);
			assert_ok!(meter.submit(second));
			let pending = meter.pending().pop().expect("it waits");
			assert_eq!((pending.reading.flags, pending.hold), (flag, None));
			let final_at = pending.final_at;
			// The first is final by now, where the silence before the second was long enough.
			let settled = meter.newest_final().map(|(sequence, _)| (sequence, START));
			assert!(events().iter().any(|event| *event
				== Event::ReadingAccepted {
					meter: meter.id,
					sequence: 2,
					measured_at: now(),
					flags: flag,
					final_at,
					settled,
				}));
			pass(WINDOW);
			assert_eq!(meter.newest_final(), Some((2, flag)));
			let measured = if flag == Flags::ESTIMATED { 1 } else { 2 };
			assert_eq!(meter.measured(), Some(measured));
		});
	}
}

#[test]
fn reading_should_end_as_an_estimate_after_the_vote_period_when_the_policy_holds_it() {
	for flag in FLAGS {
		run(|| {
			let (meter, second) = unusual(flag, Severity::Hold);
			assert_ok!(meter.submit(second));
			let pending = meter.pending().pop().expect("it waits");
			let hold = Hold {
				until: pending.final_at + VOTE_PERIOD,
				disputed_at: None,
			};
			assert_eq!((pending.reading.flags, pending.hold), (flag, Some(hold)));
			pass(WINDOW + VOTE_PERIOD - 1);
			let view = MeterAttestation::meter(meter.id).expect("registered");
			assert_eq!((view.pending, view.held, view.disputed, view.final_in), (1, 1, 0, 1));
			assert_eq!(meter.newest_final(), Some((1, Flags::NONE)));
			pass(1);
			assert_eq!(meter.newest_final(), Some((2, flag.and(Flags::UNCONFIRMED))));
			assert_eq!(meter.measured(), Some(1));
		});
	}
}

#[test]
fn reading_should_be_refused_when_the_policy_rejects_its_flag() {
	for flag in FLAGS {
		run(|| {
			let (meter, second) = unusual(flag, Severity::Reject);
			assert_noop!(meter.submit(second.clone()), Refusal::Implausible);
			assert_noop!(meter.submit_backlog(vec![second.clone()]), Refusal::Implausible);
			assert_ok!(set_policy(meter.id, |policy| with_severity(
				policy,
				flag,
				Severity::Mark
			)));
			assert_ok!(meter.submit(second));
		});
	}
}

#[test]
fn gap_should_be_flagged_only_when_silence_is_longer_than_the_policy_says() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		meter.report_after(DEFAULT_GAP, 2, &[1, 0]);
		assert_eq!(flags(&meter), [Flags::NONE]);
		meter.report_after(DEFAULT_GAP + 1, 3, &[2, 0]);
		assert_eq!(flags(&meter), [Flags::GAP]);
	});
}

#[test]
fn frozen_should_be_flagged_only_when_no_register_moved_for_longer_than_the_policy_says() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		let mut sequence = 1;
		let mut report = |time, export| {
			sequence += 1;
			meter.report_after(time, sequence, &[export, 0]);
			*flags(&meter).last().expect("it waits")
		};
		// It rests from the last reading that moved, however many there are since, final or not.
		for _ in 0..24 {
			assert_eq!(report(HOUR, 0), Flags::NONE);
		}
		assert_eq!(report(1_000, 0), Flags::FROZEN);
		assert_eq!(report(1_000, 1), Flags::NONE);
		assert_eq!(report(HOUR, 1), Flags::NONE);
		let long_rest = report(DEFAULT_FROZEN, 1);
		assert_eq!(long_rest, Flags::FROZEN.and(Flags::GAP));
	});
}

#[test]
fn first_reading_should_be_neither_gap_nor_frozen() {
	run(|| {
		let meter = meter(site());
		block(START + 300 * DAY);
		meter.report(1, &[0, 0]);
		assert_eq!(flags(&meter), [Flags::NONE]);
	});
}

#[test]
fn backlog_should_hold_just_the_readings_that_are_unusual() {
	run(|| {
		let meter = meter(site());
		assert_ok!(set_policy(meter.id, |policy| with_severity(
			policy,
			Flags::GAP,
			Severity::Hold
		)));
		meter.report(1, &[0, 0]);
		pass(4 * HOUR);
		let at = |time, sequence| reading_at(START + time, sequence, &[sequence, 0]);
		assert_ok!(meter.submit_backlog(vec![at(3 * HOUR, 2), at(4 * HOUR, 3)]));
		assert_eq!(flags(&meter), [Flags::GAP, Flags::NONE]);
		let held: Vec<_> = meter.pending().iter().map(|pending| pending.hold.is_some()).collect();
		assert_eq!(held, [true, false]);
		// What follows waits for what is held, and is measured all the same.
		pass(WINDOW);
		assert_eq!(meter.measured(), Some(1));
		pass(DEFAULT_VOTE_PERIOD);
		assert_eq!(meter.newest_final(), Some((3, Flags::NONE)));
		assert_eq!(meter.measured(), Some(3));
	});
}

#[test]
fn readings_should_keep_the_hold_they_were_accepted_with_when_the_policy_changes() {
	run(|| {
		let (meter, second) = unusual(Flags::GAP, Severity::Hold);
		assert_ok!(meter.submit(second));
		let before = meter.pending();
		assert_ok!(set_policy(meter.id, |policy| {
			policy.vote_period = DAY;
			with_severity(policy, Flags::GAP, Severity::Mark);
		}));
		assert_eq!(meter.pending(), before);
	});
}

#[test]
fn gap_should_be_flagged_when_only_estimates_were_between() {
	run(|| {
		let meter = meter(site());
		meter.report(1, &[1_000, 0]);
		for sequence in 2..=4 {
			pass(DEFAULT_GAP);
			let estimate = Reading {
				quality: Quality::Estimated,
				..reading(sequence, &[1_000 + sequence, 0])
			};
			assert_ok!(meter.submit(estimate));
		}
		pass(HOUR);
		meter.report(5, &[2_000, 0]);
		assert_eq!(flags(&meter), [Flags::GAP]);
	});
}

#[test]
fn first_measured_reading_should_start_anywhere_when_an_estimate_came_before() {
	run(|| {
		let meter = meter(site());
		let estimate = Reading {
			quality: Quality::Estimated,
			..reading(1, &[9_000_000_000, 9])
		};
		assert_ok!(meter.submit(estimate));
		pass(MINUTE);
		meter.report(2, &[5, 5]);
		pass(MINUTE);
		assert_noop!(meter.submit(reading(3, &[4, 5])), Refusal::FallingRegister);
	});
}

#[test]
fn estimate_should_bind_no_register_when_it_was_too_high() {
	run(|| {
		let meter = meter(site());
		let estimate = |sequence, export| Reading {
			quality: Quality::Estimated,
			..reading(sequence, &[export, 0])
		};
		meter.report(1, &[1_000, 0]);
		pass(MINUTE);
		assert_ok!(meter.submit(estimate(2, 9_000)));
		pass(MINUTE);
		assert_ok!(meter.submit(estimate(3, 5_000)));
		pass(MINUTE);
		assert_noop!(meter.submit(reading(4, &[999, 0])), Refusal::FallingRegister);
		// In a backlog too, and when the estimate is final.
		assert_ok!(meter.submit_backlog(vec![
			reading_at(now() - 2 * SECOND, 4, &[2_000, 0]),
			Reading {
				measured_at: now() - SECOND,
				..estimate(5, 2_200)
			},
			reading(6, &[2_100, 0]),
		]));
		pass(WINDOW);
		assert_ok!(meter.submit(estimate(7, 900_000)));
		pass(WINDOW);
		assert_eq!(meter.newest_final(), Some((7, Flags::ESTIMATED)));
		assert_noop!(meter.submit(reading(8, &[2_099, 0])), Refusal::FallingRegister);
		assert_ok!(meter.submit(reading(8, &[2_600, 0])));
	});
}

#[test]
fn books_should_go_on_from_the_last_measured_reading_when_an_estimate_is_between() {
	for (flag, severity) in [(Flags::ESTIMATED, Severity::Mark), (Flags::CLOCK, Severity::Hold)] {
		run(|| {
			let (meter, second) = unusual(flag, severity);
			assert_ok!(meter.submit(second));
			pass(WINDOW + VOTE_PERIOD);
			let site = meter.record().site;
			let books = || {
				let attested = MeterAttestation::site(site).expect("registered").last_30_days.0;
				(meter.measured(), attested)
			};
			assert!(meter.newest_final().is_some_and(|(_, flags)| flags.is_estimate()));
			assert_eq!(books(), (Some(1), 0));
			assert_eq!(<MeterAttestation as EnergyCover<u64>>::cover(site).0, 0);
			// Written down or not, the estimate is the same.
			meter.report_after(15 * MINUTE, 3, &[601_000, 60]);
			assert_eq!(meter.record().estimated.map(|newest| newest.reading.sequence), Some(2));
			assert_eq!(books(), (Some(1), 0));
			pass(WINDOW);
			assert_eq!(books(), (Some(3), 600_000 - 10));
		});
	}
}

#[test]
fn cover_should_book_at_most_the_windows_share_when_a_reading_ends_a_year_of_silence() {
	run(|| {
		let (site, meter) = plant();
		meter.report(1, &[0, 0]);
		block(START + 365 * DAY);
		let year = 365 * 24 * NAMEPLATE_W;
		meter.report(2, &[year, 0]);
		assert_eq!(flags(&meter).last(), Some(&Flags::GAP));
		pass(WINDOW);
		let view = MeterAttestation::site(site).expect("registered");
		// Today and the 29 days before it, of which today has nothing; this 5-day span and the 72 before it likewise.
		let month = 29 * 24 * NAMEPLATE_W;
		assert_eq!((view.last_30_days.0, view.cover.0), (month, month));
		assert_eq!(view.last_365_days.0, 360 * 24 * NAMEPLATE_W);
		assert!(view.cover.0 <= year * 30 / 365);
	});
}

use baseload_primitives::{DeviceKey, MeterId, Moment, Refusal, RegisterSource, Registers, SiteId, MINUTE};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, traits::Get};
use sp_runtime::traits::BadOrigin;

use super::keys::{approve, bad_keys, meter_of, signers, Signer};
use crate::{mock::*, Config, Error, Event, Meters, Replacement, MAX_DEVICE_SEQUENCE};

fn replace(meter: MeterId, key: DeviceKey, opening: &[u64]) -> DispatchResult {
	let opening = Registers::truncate_from(opening.to_vec());
	MeterAttestation::replace_device(RuntimeOrigin::signed(REGISTRAR), meter, key, opening)
}

fn suspend(meter: MeterId) {
	assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter));
}

fn resume(meter: MeterId) {
	assert_ok!(MeterAttestation::resume_meter(RuntimeOrigin::signed(REGISTRAR), meter));
}

/// A suspended meter with sequence 40 final, 41 waiting, and a new device with this opening. Returns the old and the new one.
fn replaced(opening: &[u64]) -> (MeterId, Signer, Signer) {
	let site = site();
	let [old, new, ..] = signers(9);
	let meter = meter_of(site, &old);
	assert_ok!(submit(old.call(meter, reading(40, &[1_000, 50]))));
	pass(WINDOW);
	assert_ok!(submit(old.call(meter, reading(41, &[2_000, 60]))));
	suspend(meter);
	assert_ok!(approve(site, new.key()));
	assert_ok!(replace(meter, new.key(), opening));
	(meter, old, new)
}

fn newest(meter: MeterId) -> (u64, Moment, Vec<u64>) {
	let newest = MeterAttestation::meter(meter)
		.and_then(|view| view.newest)
		.expect("it has one");
	(newest.sequence, newest.measured_at, newest.registers)
}

#[test]
fn registers_and_sequence_should_go_on_when_the_device_is_replaced() {
	run(|| {
		let (meter, old, new) = replaced(&[700, 0]);
		let registers = |values: [u64; 2]| Registers::truncate_from(values.to_vec());
		let reported = [
			Event::DeviceReplaced {
				meter,
				closing: registers([1_000, 50]),
				opening: registers([700, 0]),
			},
			Event::KeyChanged {
				meter,
				old: Some(old.key()),
				new: Some(new.key()),
			},
		];
		assert!(events().ends_with(&reported));
		let stored = Meters::<Test>::get(meter).expect("registered");
		let replacement = Replacement {
			closing: registers([1_000, 50]),
			opening: registers([700, 0]),
			sequence: 42,
		};
		// What waited is dropped, and its sequence does not come again.
		assert_eq!(
			(stored.replacement, stored.pending.len(), stored.dropped),
			(Some(replacement), 0, Some(41))
		);
		resume(meter);
		pass(MINUTE);
		assert_noop!(submit(old.call(meter, reading(0, &[701, 0]))), Refusal::BadSignature);
		assert_ok!(submit(new.call(meter, reading(0, &[701, 3]))));
		assert_eq!(newest(meter), (42, now(), vec![1_001, 53]));
		pass(WINDOW);
		let newest = <MeterAttestation as RegisterSource<u64>>::final_reading(meter).expect("final");
		assert_eq!((newest.sequence, newest.registers.to_vec()), (42, vec![1_001, 53]));
	});
}

#[test]
fn reading_should_be_refused_when_the_new_device_shows_less_than_at_its_opening() {
	run(|| {
		let (meter, _, new) = replaced(&[700, 5]);
		resume(meter);
		pass(MINUTE);
		assert_noop!(submit(new.call(meter, reading(0, &[699, 5]))), Refusal::FallingRegister);
		assert_noop!(submit(new.call(meter, reading(0, &[700, 4]))), Refusal::FallingRegister);
		// Beyond 64 bits in the meter's own count, though not in the device's.
		assert_noop!(
			submit(new.call(meter, reading(0, &[u64::MAX, 5]))),
			Refusal::FallingRegister
		);
		assert_noop!(
			submit(new.call(meter, reading(u64::MAX, &[700, 5]))),
			Refusal::SequenceTooFarAhead
		);
		assert_ok!(submit(new.call(meter, reading(0, &[700, 5]))));
		assert_eq!(newest(meter).2, [1_000, 50]);
	});
}

#[test]
fn count_of_a_new_device_should_begin_anywhere() {
	run(|| {
		let (meter, _, new) = replaced(&[0, 0]);
		resume(meter);
		pass(MINUTE);
		let ahead = <<Test as Config>::MaxSequenceAhead as Get<u64>>::get();
		assert_noop!(
			submit(new.call(meter, reading(MAX_DEVICE_SEQUENCE + 1, &[1, 0]))),
			Refusal::SequenceTooFarAhead
		);
		assert_ok!(submit(new.call(meter, reading(50 * ahead, &[1, 0]))));
		assert_eq!(newest(meter).0, 42 + 50 * ahead);
		pass(MINUTE);
		assert_noop!(
			submit(new.call(meter, reading(51 * ahead + 1, &[1, 0]))),
			Refusal::SequenceTooFarAhead
		);
		assert_ok!(submit(new.call(meter, reading(51 * ahead, &[1, 0]))));
	});
}

#[test]
fn registers_should_go_on_when_the_device_is_replaced_twice() {
	run(|| {
		let (meter, _, second) = replaced(&[0, 0]);
		resume(meter);
		pass(MINUTE);
		assert_ok!(submit(second.call(meter, reading(3, &[500, 1]))));
		pass(WINDOW);
		suspend(meter);
		let [_, _, third, _] = signers(9);
		assert_ok!(approve(SiteId(0), third.key()));
		assert_ok!(replace(meter, third.key(), &[9, 9]));
		resume(meter);
		assert_ok!(submit(third.call(meter, reading(0, &[19, 9]))));
		assert_eq!(newest(meter), (46, now(), vec![1_510, 51]));
	});
}

#[test]
fn replace_device_should_fail_when_a_rule_is_broken() {
	run(|| {
		let site = site();
		let [old, new, third, other] = signers(9);
		let meter = meter_of(site, &old);
		let unread = committee_meter(site);
		let key = new.key();
		let good = &[0, 0];
		assert_ok!(submit(old.call(meter, reading(1, &[0, 0]))));
		let by_owner = MeterAttestation::replace_device(RuntimeOrigin::signed(OWNER), meter, key, Registers::new());
		assert_noop!(by_owner, BadOrigin);
		assert_noop!(replace(MeterId(9), key, good), Error::<Test>::UnknownMeter);
		assert_noop!(replace(unread, key, good), Error::<Test>::NoDevice);
		assert_noop!(replace(meter, key, good), Error::<Test>::StillActive);
		suspend(meter);
		assert_noop!(replace(meter, old.key(), good), Error::<Test>::KeyTaken);
		assert_noop!(replace(meter, bad_keys()[0], good), Error::<Test>::BadKey);
		assert_ok!(approve(site, key));
		assert_noop!(replace(meter, key, good), Error::<Test>::WrongRegisters);
		// Nothing was final to go on from.
		resume(meter);
		pass(WINDOW);
		suspend(meter);
		for opening in [&[0][..], &[0, 0, 0]] {
			assert_noop!(replace(meter, key, opening), Error::<Test>::WrongRegisters);
		}
		assert_noop!(replace(meter, third.key(), good), Error::<Test>::NotApproved);
		let elsewhere = crate::mock::site();
		assert_ok!(approve(elsewhere, other.key()));
		assert_noop!(replace(meter, other.key(), good), Error::<Test>::NotApproved);
		Meters::<Test>::mutate(meter, |meter| {
			meter.as_mut().expect("registered").dropped = Some(u64::MAX);
		});
		assert_noop!(replace(meter, key, good), Error::<Test>::IdsExhausted);
		Meters::<Test>::mutate(meter, |meter| {
			meter.as_mut().expect("registered").dropped = None;
		});
		assert_ok!(replace(meter, key, good));
	});
}

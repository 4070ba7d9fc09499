use baseload_primitives::{MeterId, MeterStatus, Register, RegisterSource, SiteId};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::{traits::BadOrigin, BoundedVec};

use crate::{mock::*, Error, Event, HoldReason, Keys};

fn registers(registers: &[Register]) -> BoundedVec<Register, baseload_primitives::MaxRegisters> {
	BoundedVec::truncate_from(registers.to_vec())
}

const EXPORT: &[Register] = &[Register::Export];

#[test]
fn register_meter_should_record_key_and_deposit_when_proof_is_good() {
	run(|| {
		let site = site();
		let meter = meter(site);
		assert_eq!(meter.id, MeterId(0));
		assert_eq!(MeterAttestation::next_meter(), MeterId(1));
		assert_eq!(
			Balances::balance_on_hold(&HoldReason::Meter.into(), &OWNER),
			METER_DEPOSIT
		);
		assert_eq!(Keys::<Test>::get(key(&meter.pair)), Some(meter.id));
		assert_eq!(
			events().last(),
			Some(&Event::MeterRegistered {
				meter: meter.id,
				site,
				key: key(&meter.pair)
			})
		);
		assert_eq!(<MeterAttestation as RegisterSource<u64>>::owner(meter.id), Some(OWNER));
		assert_eq!(
			<MeterAttestation as RegisterSource<u64>>::position(meter.id, Register::Import),
			Some(1)
		);
		assert_eq!(
			<MeterAttestation as RegisterSource<u64>>::position(meter.id, Register::ExportBand(1)),
			None
		);
		let view = MeterAttestation::meter(meter.id).expect("registered");
		assert_eq!(
			(view.site, view.status, view.pending, view.final_in),
			(site, MeterStatus::Active, 0, 0)
		);
		assert_eq!(view.registers, vec![Register::Export, Register::Import]);
		assert_eq!(MeterAttestation::meter(MeterId(1)), None);
	});
}

#[test]
fn register_meter_should_fail_when_a_rule_is_broken() {
	run(|| {
		let site = site();
		let pair = device(1);
		let call = |who, at, list: &[Register], proof| {
			MeterAttestation::register_meter(RuntimeOrigin::signed(who), at, key(&pair), registers(list), proof)
		};
		let proof = possession(&pair, site);
		assert_noop!(call(OWNER, SiteId(9), EXPORT, proof), Error::<Test>::UnknownSite);
		assert_noop!(call(OTHER, site, EXPORT, proof), Error::<Test>::NotOwner);
		assert_noop!(call(OWNER, site, &[], proof), Error::<Test>::NoRegisters);
		let twice = [Register::ExportBand(1), Register::Export, Register::ExportBand(1)];
		assert_noop!(call(OWNER, site, &twice, proof), Error::<Test>::DuplicateRegister);
		assert_noop!(
			call(OWNER, site, EXPORT, possession(&pair, SiteId(9))),
			Error::<Test>::BadProof
		);
		assert_noop!(
			call(OWNER, site, EXPORT, possession(&device(2), site)),
			Error::<Test>::BadProof
		);
		assert_ok!(call(OWNER, site, EXPORT, proof));
		assert_noop!(call(OWNER, site, EXPORT, proof), Error::<Test>::KeyTaken);
	});
}

#[test]
fn register_meter_should_fail_when_site_is_full_or_owner_is_poor() {
	run(|| {
		let site = site();
		for _ in 0..3 {
			meter(site);
		}
		let pair = device(50);
		let call = |at| {
			let proof = possession(&pair, at);
			MeterAttestation::register_meter(RuntimeOrigin::signed(OWNER), at, key(&pair), registers(EXPORT), proof)
		};
		assert_noop!(call(site), Error::<Test>::TooManyMeters);
		let other = crate::mock::site();
		assert_ok!(Balances::transfer_allow_death(
			RuntimeOrigin::signed(OWNER),
			OTHER,
			RICH - 2 * SITE_DEPOSIT - 3 * METER_DEPOSIT - 5
		));
		assert_noop!(call(other), sp_runtime::TokenError::FundsUnavailable);
	});
}

#[test]
fn suspend_meter_should_work_when_owner_or_registrar_calls() {
	run(|| {
		let meter = meter(site());
		let suspend = |origin| MeterAttestation::suspend_meter(origin, meter.id);
		let resume = |origin| MeterAttestation::resume_meter(origin, meter.id);
		assert_noop!(suspend(RuntimeOrigin::signed(OTHER)), Error::<Test>::NotOwner);
		assert_noop!(suspend(RuntimeOrigin::root()), BadOrigin);
		assert_noop!(resume(RuntimeOrigin::signed(REGISTRAR)), Error::<Test>::NotSuspended);
		assert_ok!(suspend(RuntimeOrigin::signed(OWNER)));
		assert_eq!(events().last(), Some(&Event::MeterSuspended { meter: meter.id }));
		assert_noop!(suspend(RuntimeOrigin::signed(OWNER)), Error::<Test>::AlreadySuspended);
		assert_noop!(resume(RuntimeOrigin::signed(OWNER)), BadOrigin);
		assert_ok!(resume(RuntimeOrigin::signed(REGISTRAR)));
		assert_eq!(events().last(), Some(&Event::MeterResumed { meter: meter.id }));
		assert_ok!(suspend(RuntimeOrigin::signed(REGISTRAR)));
		assert_noop!(
			MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), MeterId(9)),
			Error::<Test>::UnknownMeter
		);
		assert_noop!(
			MeterAttestation::resume_meter(RuntimeOrigin::signed(REGISTRAR), MeterId(9)),
			Error::<Test>::UnknownMeter
		);
	});
}

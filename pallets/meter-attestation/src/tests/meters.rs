use baseload_primitives::{MeterId, MeterStatus, Register, RegisterSource, SiteId};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use sp_runtime::{traits::BadOrigin, BoundedVec, Permill};

use crate::{mock::*, Error, Event, HoldReason, Keys, Proof};

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
		assert_eq!(Keys::<Test>::get(key(&meter.pair)).map(|key| key.meter), Some(meter.id));
		assert_eq!(
			events().last(),
			Some(&Event::MeterRegistered {
				meter: meter.id,
				site,
				key: Some(key(&meter.pair))
			})
		);
		assert_eq!(<MeterAttestation as RegisterSource<u64>>::owner(meter.id), Some(OWNER));
		assert_eq!(
			<MeterAttestation as RegisterSource<u64>>::registers(meter.id),
			Some(vec![Register::Export, Register::Import])
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
fn register_meter_should_fail_when_a_tariff_band_does_not_exist() {
	run(|| {
		let site = site();
		for (register, there) in [
			(Register::ExportBand(0), false),
			(Register::ImportBand(0), false),
			(Register::ExportBand(64), false),
			(Register::ImportBand(63), true),
		] {
			let done = MeterAttestation::register_committee_meter(
				RuntimeOrigin::signed(OWNER),
				site,
				registers(&[Register::Import, register]),
			);
			let expected = if there {
				Ok(())
			} else {
				Err(Error::<Test>::BadRegister.into())
			};
			assert_eq!(done, expected, "{register:?}");
		}
	});
}

#[test]
fn register_meter_should_fail_when_a_rule_is_broken() {
	run(|| {
		let site = site();
		let pair = device(1);
		let call = |who, at, list: &[Register], proof| {
			MeterAttestation::register_meter(
				RuntimeOrigin::signed(who),
				at,
				key(&pair),
				registers(list),
				Proof::Possession(proof),
			)
		};
		let proof = possession(&pair, site);
		let nowhere = possession(&pair, SiteId(9));
		assert_noop!(call(OWNER, SiteId(9), EXPORT, nowhere), Error::<Test>::UnknownSite);
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
			MeterAttestation::register_meter(
				RuntimeOrigin::signed(OWNER),
				at,
				key(&pair),
				registers(EXPORT),
				Proof::Possession(proof),
			)
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
fn register_meter_should_fail_when_ids_are_exhausted() {
	run(|| {
		let site = site();
		crate::NextMeter::<Test>::put(MeterId(u32::MAX));
		let pair = device(1);
		let proof = Proof::Possession(possession(&pair, site));
		assert_noop!(
			MeterAttestation::register_meter(RuntimeOrigin::signed(OWNER), site, key(&pair), registers(EXPORT), proof),
			Error::<Test>::IdsExhausted
		);
	});
}

#[test]
fn register_committee_meter_should_hold_a_deposit_and_need_no_key() {
	run(|| {
		let site = site();
		let meter = committee_meter(site);
		assert_eq!(
			events().last(),
			Some(&Event::MeterRegistered { meter, site, key: None })
		);
		assert_eq!(
			Balances::balance_on_hold(&HoldReason::Meter.into(), &OWNER),
			METER_DEPOSIT
		);
		assert_eq!(MeterAttestation::meter(meter).map(|view| view.key), Some(None));
		assert_eq!(Keys::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn register_committee_meter_should_fail_when_a_rule_is_broken() {
	run(|| {
		let site = site();
		let call = |who, at, list: &[Register]| {
			MeterAttestation::register_committee_meter(RuntimeOrigin::signed(who), at, registers(list))
		};
		assert_noop!(call(OWNER, SiteId(9), EXPORT), Error::<Test>::UnknownSite);
		assert_noop!(call(OTHER, site, EXPORT), Error::<Test>::NotOwner);
		assert_noop!(call(OWNER, site, &[]), Error::<Test>::NoRegisters);
		let twice = [Register::Import, Register::Import];
		assert_noop!(call(OWNER, site, &twice), Error::<Test>::DuplicateRegister);
		for _ in 0..3 {
			assert_ok!(call(OWNER, site, EXPORT));
		}
		assert_noop!(call(OWNER, site, EXPORT), Error::<Test>::TooManyMeters);
	});
}

#[test]
fn resume_meter_should_make_the_deposit_whole_or_fail() {
	run(|| {
		let meter = meter(site());
		let slash = |meter: &Device| {
			let mut record = meter.record();
			MeterAttestation::slash_deposit(meter.id, &mut record, Permill::from_percent(50), &OTHER);
			crate::Meters::<Test>::insert(meter.id, record);
		};
		slash(&meter);
		assert_eq!(meter.record().deposit, METER_DEPOSIT / 2);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter.id));
		let free = Balances::free_balance(OWNER);
		assert_ok!(Balances::transfer_allow_death(
			RuntimeOrigin::signed(OWNER),
			OTHER,
			free - METER_DEPOSIT / 2 + 1
		));
		let resume = || MeterAttestation::resume_meter(RuntimeOrigin::signed(REGISTRAR), meter.id);
		assert_noop!(resume(), sp_runtime::TokenError::FundsUnavailable);
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OTHER), OWNER, 10));
		assert_ok!(resume());
		assert_eq!(meter.record().deposit, METER_DEPOSIT);
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

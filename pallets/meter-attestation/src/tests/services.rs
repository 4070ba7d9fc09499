use baseload_primitives::{MeterId, Refusal, Register, ServiceUnit, HOUR};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{BoundedVec, Permill};

use super::keys::signers;
use crate::{mock::*, Check, Error, Ocmf, Pages, Proof, Serial};

const TOKENS: Register = Register::Service(ServiceUnit::OutputToken);
const GPU: Register = Register::Service(ServiceUnit::GpuSecond);

/// Units an hour that the meters here can count.
const RATE: u64 = 3_600;

fn limit(meter: MeterId) {
	assert_ok!(set_policy(meter, |policy| policy.max_units = RATE));
}

#[test]
fn services_should_be_bound_by_their_rate_and_energy_by_power() {
	run(|| {
		let meter = meter_with(site(), &[TOKENS, Register::Import]);
		limit(meter.id);
		meter.report(1, &[7, 7]);
		pass(HOUR);
		let (units, wh) = (RATE * 105 / 100, NAMEPLATE_W * 105 / 100);
		assert_noop!(meter.submit(reading(2, &[6, 7])), Refusal::FallingRegister);
		assert_noop!(meter.submit(reading(2, &[8 + units, 7])), Refusal::ImpossibleIncrease);
		assert_noop!(meter.submit(reading(2, &[7, 8 + wh])), Refusal::ImpossibleIncrease);
		meter.report(2, &[7 + units, 7 + wh]);
	});
}

#[test]
fn rate_should_be_refused_when_it_lets_nothing_through() {
	run(|| {
		let meter = meter_with(site(), &[GPU]);
		let refused = set_policy(meter.id, |policy| policy.max_units = 0);
		assert_eq!(refused, Err(Error::<Test>::BadPolicy.into()));
	});
}

#[test]
fn check_meter_should_vouch_for_services() {
	let final_after = |counted: u64| {
		let site = site();
		let (meter, check) = (meter_with(site, &[GPU]), meter_with(site, &[TOKENS, GPU]));
		let tolerance = Permill::from_percent(1);
		let word = Check {
			meter: check.id,
			tolerance,
		};
		assert_ok!(set_policy(meter.id, |policy| policy.check = Some(word)));
		for device in [&meter, &check] {
			device.report(1, &vec![0; device.record().registers.len()]);
		}
		pass(HOUR / 2);
		meter.report(2, &[1_000]);
		check.report(2, &[5, counted]);
		meter.measured()
	};
	run(|| assert_eq!(final_after(1_012), Some(2)));
	run(|| assert_eq!(final_after(1_020), None));
}

#[test]
fn services_should_be_no_energy() {
	run(|| {
		let site = site();
		let meter = meter_with(site, &[GPU]);
		assert_noop!(
			MeterAttestation::certify_site(RuntimeOrigin::signed(REGISTRAR), site, meter.id, now()),
			Error::<Test>::MissingEnergyRegister
		);
	});
}

#[test]
fn services_should_not_be_registered_when_the_device_signs_ocmf() {
	run(|| {
		let site = site();
		let [.., device] = signers(9);
		let key = device.key();
		let ocmf = Ocmf {
			serial: Serial::truncate_from(b"1ABC".to_vec()),
			pages: Pages::Fiscal,
		};
		assert_ok!(MeterAttestation::approve_key(
			RuntimeOrigin::signed(REGISTRAR),
			site,
			key,
			Some(ocmf)
		));
		let register = |register| {
			let registers = BoundedVec::truncate_from(vec![register]);
			MeterAttestation::register_meter(RuntimeOrigin::signed(OWNER), site, key, registers, Proof::Approval)
		};
		assert_noop!(register(GPU), Error::<Test>::BadRegister);
		assert_ok!(register(Register::Import));
	});
}

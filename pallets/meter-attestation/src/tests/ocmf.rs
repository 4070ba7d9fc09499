//! Records of real meters, and records that are signed here where a meter would have to misbehave.

use baseload_primitives::{
	DeviceKey, Flags, MeterId, Moment, Refusal, Register, SiteId, Verdict, HOUR, MINUTE, SECOND,
};
use frame_support::{assert_noop, assert_ok, pallet_prelude::TransactionSource, traits::Authorize};
use p256::ecdsa::{signature::Signer as _, Signature, SigningKey};
use sp_runtime::{
	traits::{BadOrigin, Dispatchable},
	BoundedVec,
};

use crate::{mock::*, Accepted, Error, Ocmf, OcmfRecord, Pages, Proof, Serial, SUBMIT_OCMF};

const BOTH: &[Register] = &[Register::Export, Register::Import];
const SERIAL: &str = "1ABC0001";

/// Registers a device that the registrar has approved.
fn approved(key: DeviceKey, serial: &str, pages: Pages, registers: &[Register]) -> MeterId {
	let site = site();
	let id = MeterAttestation::next_meter();
	let serial = Serial::truncate_from(serial.as_bytes().to_vec());
	assert_ok!(MeterAttestation::approve_key(
		RuntimeOrigin::signed(REGISTRAR),
		site,
		key,
		Some(Ocmf { serial, pages })
	));
	assert_ok!(MeterAttestation::register_meter(
		RuntimeOrigin::signed(OWNER),
		site,
		key,
		BoundedVec::truncate_from(registers.to_vec()),
		Proof::Approval,
	));
	id
}

fn call(meter: MeterId, record: &str) -> RuntimeCall {
	let record = OcmfRecord::try_from(record.as_bytes().to_vec()).expect("it is short enough");
	crate::Call::submit_ocmf { meter, record }.into()
}

/// What the meter's newest reading was accepted as.
fn newest(meter: MeterId) -> Accepted {
	let meter = crate::Meters::<Test>::get(meter).expect("registered");
	meter.newest().expect("it has one").clone()
}

/// Records of real meters: their key, and the record.
fn real(line: usize) -> (DeviceKey, &'static str) {
	let line = include_str!("ocmf_records.txt")
		.lines()
		.nth(line)
		.expect("there are five");
	let mut fields = line.split('\t');
	let mut field = || fields.next().expect("there are three");
	let (curve, key, record) = (field(), field(), field());
	let byte = |place| u8::from_str_radix(&key[2 * place..2 * place + 2], 16).expect("two digits");
	let point = core::array::from_fn(byte);
	let key = match curve {
		"P-256" => DeviceKey::P256(point),
		"secp256k1" => DeviceKey::Secp256k1(point),
		_ => panic!("{curve}"),
	};
	(key, record)
}

#[test]
fn records_of_real_meters_should_be_read_on_both_curves() {
	// The first of two, when they were measured, what they count.
	for (first, serial, at, wh) in [
		(1, "000033022620", [1_629_878_464_000, 1_629_878_469_000], 7_753),
		(3, "1DZG0033016824", [1_635_236_452_000, 1_635_236_482_000], 9_038),
	] {
		run(|| {
			let (key, one) = real(first);
			let (_, two) = real(first + 1);
			let meter = approved(key, serial, Pages::Transaction, &[Register::Import]);
			block(at[1] + MINUTE);
			let sequences = [one, two].map(|record| {
				assert_ok!(submit(call(meter, record)));
				let accepted = newest(meter);
				assert_eq!(accepted.registers.to_vec(), [wh]);
				// Neither station had a synchronised clock.
				assert_eq!(accepted.flags, Flags::CLOCK);
				(accepted.sequence, accepted.measured_at)
			});
			assert_eq!(sequences.map(|(_, at)| at), at);
			assert_eq!(sequences[1].0, sequences[0].0 + 1);
			// A replay, and out of order.
			assert_noop!(submit(call(meter, two)), Refusal::StaleSequence);
			assert_noop!(submit(call(meter, one)), Refusal::StaleSequence);
			pass(WINDOW);
			assert_noop!(submit(call(meter, two)), Refusal::StaleSequence);
		});
	}
}

#[test]
fn record_of_a_real_meter_should_give_its_last_values_of_both_directions() {
	run(|| {
		let (key, record) = real(5);
		let meter = approved(key, "1211751603", Pages::Transaction, BOTH);
		// When it was signed it was too old for a chain that begins three years later.
		assert_noop!(submit(call(meter, record)), Refusal::TooOld);
		block(1_633_518_913_000);
		assert_ok!(submit(call(meter, record)));
		let accepted = newest(meter);
		assert_eq!((accepted.sequence, accepted.measured_at), (144, 1_633_518_913_000));
		assert_eq!(accepted.registers.to_vec(), [4_405, 58_685]);
	});
}

#[test]
fn record_of_a_real_meter_should_be_refused_when_one_byte_differs_or_the_meter_is_another() {
	run(|| {
		let (key, record) = real(5);
		let (other_key, _) = real(1);
		let (other_curve, _) = real(3);
		block(1_633_518_913_000);
		let meter = |key, serial, pages| approved(key, serial, pages, BOTH);
		let good = meter(key, "1211751603", Pages::Transaction);
		for (from, to) in [
			("58.685", "58.686"),
			("\"T144\"", "\"T145\""),
			("\"ID\":\"5", "\"ID\":\"6"),
		] {
			assert_noop!(submit(call(good, &record.replace(from, to))), Refusal::BadSignature);
		}
		let refused = |meter, refusal: Refusal| {
			assert_noop!(submit(call(meter, record)), refusal);
		};
		refused(
			meter(other_key, "1211751603", Pages::Transaction),
			Refusal::BadSignature,
		);
		refused(
			meter(other_curve, "1211751603", Pages::Transaction),
			Refusal::WrongCurve,
		);
		assert_ok!(submit(call(good, record)));
	});
	run(|| {
		let (key, record) = real(5);
		block(1_633_518_913_000);
		let meter = approved(key, "1211751604", Pages::Transaction, BOTH);
		assert_noop!(submit(call(meter, record)), Refusal::WrongSerial);
	});
	run(|| {
		let (key, record) = real(5);
		block(1_633_518_913_000);
		let meter = approved(key, "1211751603", Pages::Fiscal, BOTH);
		assert_noop!(submit(call(meter, record)), Refusal::WrongFormat);
	});
	run(|| {
		let (key, record) = real(5);
		block(1_633_518_913_000);
		let meter = approved(key, "1211751603", Pages::Transaction, &[Register::ImportBand(1)]);
		assert_noop!(submit(call(meter, record)), Refusal::MissingRegister);
	});
}

#[test]
fn record_should_be_refused_for_its_curve_or_the_meter_s_format_before_anything_else() {
	run(|| {
		let other_curve = r#"OCMF|{}|{"SA":"ECDSA-secp384r1-SHA256","SD":"3006020101020101"}"#;
		let (meter, plain) = (device_meter(), crate::mock::meter(site()));
		assert_noop!(submit(call(meter, other_curve)), Refusal::WrongCurve);
		assert_noop!(submit(call(plain.id, "no record")), Refusal::WrongFormat);
	});
}

#[test]
fn approve_key_should_fail_when_the_key_signs_no_ocmf() {
	run(|| {
		let serial = Serial::truncate_from(SERIAL.as_bytes().to_vec());
		let format = Some(Ocmf {
			serial,
			pages: Pages::Fiscal,
		});
		let (site, key) = (site(), key(&device(9)));
		let approve = |format| MeterAttestation::approve_key(RuntimeOrigin::signed(REGISTRAR), site, key, format);
		assert_noop!(approve(format), Error::<Test>::BadKey);
		assert_ok!(approve(None));
	});
}

fn signing_key() -> SigningKey {
	SigningKey::from_slice(&[9; 32]).expect("it is below the order")
}

/// A meter with both registers whose device signs on P-256.
pub(super) fn device_meter() -> MeterId {
	let point = signing_key().verifying_key().to_encoded_point(true);
	let key = DeviceKey::P256(point.as_bytes().try_into().expect("33 bytes"));
	approved(key, SERIAL, Pages::Fiscal, BOTH)
}

/// `at` on the first day, as OCMF writes it.
fn time(at: Moment, clock: char) -> String {
	let since = at - START;
	assert!(since < 24 * HOUR);
	let (hours, minutes, seconds) = (since / HOUR, since / MINUTE % 60, since / SECOND % 60);
	format!(
		"2024-10-04T{hours:02}:{minutes:02}:{seconds:02},{:03}+0000 {clock}",
		since % SECOND
	)
}

/// The payload of a good record of now, in kWh.
pub(super) fn payload(page: u64, export: &str, import: &str) -> String {
	let time = time(now(), 'S');
	format!(
		r#"{{"FV":"1.0","PG":"F{page}","MS":"{SERIAL}","RD":[{{"TM":"{time}","RV":{export},"RI":"1-0:2.8.0","RU":"kWh","ST":"G"}},{{"RV":{import},"RI":"1-0:1.8.0","RU":"kWh"}}]}}"#
	)
}

/// The record of a payload, signed by the device.
pub(super) fn signed(payload: &str) -> String {
	let signature: Signature = signing_key().sign(payload.as_bytes());
	let digits: String = signature.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
	format!(r#"OCMF|{payload}|{{"SD":"{digits}"}}"#)
}

#[test]
fn record_should_become_a_reading_in_whole_wh_and_be_final_like_any() {
	run(|| {
		let meter = device_meter();
		assert_ok!(submit(call(meter, &signed(&payload(7, "1.2349", "0.5")))));
		let accepted = newest(meter);
		assert_eq!((accepted.sequence, accepted.measured_at), (7, START));
		assert_eq!(
			(accepted.registers.to_vec(), accepted.flags),
			(vec![1_234, 500], Flags::NONE)
		);
		pass(STEP);
		let valid = submit(call(meter, &signed(&payload(8, "2", "0.5")))).expect("plausible");
		assert_eq!(valid.priority, 8);
		assert_eq!(valid.provides, vec![codec::Encode::encode(&("meter", meter))]);
		pass(WINDOW);
		let view = MeterAttestation::meter(meter).expect("registered");
		assert_eq!(view.newest_measured.map(|newest| newest.sequence), Some(8));
	});
}

#[test]
fn serial_should_be_the_gateways_when_the_meter_has_none() {
	run(|| {
		let meter = device_meter();
		let without = payload(1, "0", "0").replace("\"MS\"", "\"GS\"");
		assert_ok!(submit(call(meter, &signed(&without))));
		pass(MINUTE);
		// The meter's own comes first.
		let other = payload(2, "0", "0").replace("\"MS\":", "\"MS\":\"another\",\"GS\":");
		assert_noop!(submit(call(meter, &signed(&other))), Refusal::WrongSerial);
		let none = payload(2, "0", "0").replace("\"MS\"", "\"XS\"");
		assert_noop!(submit(call(meter, &signed(&none))), Refusal::WrongSerial);
	});
}

#[test]
fn clock_should_be_flagged_unless_the_meter_says_that_it_is_right() {
	let flags = |change: fn(String) -> String| {
		let mut flags = Flags::NONE;
		run(|| {
			let meter = device_meter();
			assert_ok!(submit(call(meter, &signed(&change(payload(1, "0", "0"))))));
			flags = newest(meter).flags;
		});
		flags
	};
	assert_eq!(flags(|payload| payload), Flags::NONE);
	assert_eq!(flags(|payload| payload.replace(" S\"", " U\"")), Flags::CLOCK);
	assert_eq!(flags(|payload| payload.replace(" S\"", " I\"")), Flags::CLOCK);
	assert_eq!(flags(|payload| payload.replace(" S\"", " R\"")), Flags::CLOCK);
	let flagged = |payload: String| payload.replace("\"ST\":\"G\"", "\"ST\":\"G\",\"EF\":\"t\"");
	assert_eq!(flags(flagged), Flags::CLOCK);
}

#[test]
fn record_should_be_refused_when_a_register_is_missing_at_fault_or_read_at_another_time() {
	run(|| {
		let meter = device_meter();
		pass(HOUR);
		let earlier = format!("{{\"TM\":\"{}\",\"RV\":0,\"RI\":\"1-0:1.8.0\"", time(now() - 1, 'S'));
		for (from, to) in [
			("1-0:2.8.0", "1-0:2.8.1"),
			("1-0:1.8.0", "1-0:98.8.0"),
			("\"ST\":\"G\"", "\"ST\":\"F\""),
			("\"ST\":\"G\"", "\"ST\":\"G\",\"EF\":\"E\""),
			("\"RU\":\"kWh\"", "\"RU\":\"mOhm\""),
			("\"RV\":0,\"RI\":\"1-0:1.8.0\"", "\"RI\":\"1-0:1.8.0\""),
			("\"RV\":0,\"RI\":\"1-0:1.8.0\"", "\"RV\":-1,\"RI\":\"1-0:1.8.0\""),
			("{\"RV\":0,\"RI\":\"1-0:1.8.0\"", &earlier),
		] {
			let good = payload(1, "0", "0");
			let bad = good.replace(from, to);
			assert_ne!(good, bad);
			assert_noop!(submit(call(meter, &signed(&bad))), Refusal::MissingRegister);
		}
		assert_ok!(submit(call(meter, &signed(&payload(1, "0", "0")))));
	});
}

#[test]
fn record_should_be_refused_when_it_is_none_or_cannot_be_true() {
	run(|| {
		let meter = device_meter();
		let first = signed(&payload(10, "1", "1"));
		let cut = &first[..first.len() - 1];
		let doubled = first.replace("\"FV\"", "\"PG\":\"F9\",\"FV\"");
		for bad in ["", "OCMF||", cut, &doubled] {
			assert_noop!(submit(call(meter, bad)), Refusal::BadRecord);
		}
		assert_ok!(submit(call(meter, &first)));
		pass(HOUR);
		let refused = |page, export, refusal: Refusal| {
			assert_noop!(submit(call(meter, &signed(&payload(page, export, "1")))), refusal);
		};
		refused(10, "1", Refusal::StaleSequence);
		refused(111, "1", Refusal::SequenceTooFarAhead);
		refused(11, "0.9999", Refusal::FallingRegister);
		refused(11, "1051.001", Refusal::ImpossibleIncrease);
		assert_ok!(set_policy(meter, |policy| policy.gap_after = 1));
		assert_ok!(set_policy(meter, |policy| {
			policy.severities.gap = baseload_primitives::Severity::Reject
		}));
		refused(11, "1", Refusal::Implausible);
	});
}

#[test]
fn formats_should_not_be_mixed() {
	run(|| {
		let meter = device_meter();
		let native = crate::mock::meter(SiteId(0));
		let record = signed(&payload(1, "0", "0"));
		assert_noop!(submit(call(native.id, &record)), Refusal::WrongFormat);
		assert_noop!(submit(call(MeterId(9), &record)), Refusal::UnknownMeter);
		let mut forged = native.sign(reading(1, &[0, 0]));
		forged.reading.sequence = 2;
		let plain = crate::Call::submit_reading {
			meter,
			reading: forged.reading,
			signature: forged.signature,
		};
		assert_noop!(submit(plain.into()), Refusal::WrongFormat);
	});
}

#[test]
fn record_should_be_refused_when_it_is_paused_suspended_or_too_much() {
	run(|| {
		let meter = device_meter();
		let record = signed(&payload(1, "0", "0"));
		Closed::set(vec![SUBMIT_OCMF]);
		assert_noop!(submit(call(meter, &record)), Refusal::Paused);
		Closed::set(vec![]);
		assert_ok!(MeterAttestation::suspend_meter(RuntimeOrigin::signed(OWNER), meter));
		assert_noop!(submit(call(meter, &record)), Refusal::Suspended);
		assert_ok!(MeterAttestation::resume_meter(RuntimeOrigin::signed(REGISTRAR), meter));
		for page in 1..=8 {
			assert_ok!(submit(call(meter, &signed(&payload(page, "0", "0")))));
			pass(SECOND);
		}
		assert_noop!(
			submit(call(meter, &signed(&payload(9, "0", "0")))),
			Refusal::PendingFull
		);
	});
}

#[test]
fn record_should_not_be_dispatched_without_authorisation() {
	run(|| {
		let call = call(device_meter(), &signed(&payload(1, "0", "0")));
		for origin in [
			RuntimeOrigin::signed(OWNER),
			RuntimeOrigin::root(),
			RuntimeOrigin::none(),
		] {
			assert_noop!(call.clone().dispatch(origin), BadOrigin);
		}
		assert!(call
			.authorize(TransactionSource::External)
			.is_some_and(|valid| valid.is_ok()));
	});
}

#[test]
fn record_should_be_disputed_and_decided_like_any_reading() {
	run_bonded(|| {
		let meter = device_meter();
		assert_ok!(submit(call(meter, &signed(&payload(1, "0", "0")))));
		assert_ok!(dispute(BONDED[0], meter, 1));
		assert_ok!(decide(meter, 1, Verdict::Wrong));
		assert_ok!(MeterAttestation::resume_meter(RuntimeOrigin::signed(REGISTRAR), meter));
		// Struck out for good: neither the record nor its page comes again.
		assert_noop!(
			submit(call(meter, &signed(&payload(1, "0", "0")))),
			Refusal::StaleSequence
		);
	});
}

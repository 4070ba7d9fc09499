use baseload_primitives::{
	possession_payload, rotation_payload, DeviceKey, DeviceSignature, MeterId, MeterStatus, Reading, Register, SiteId,
	Verdict, Voucher,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, traits::fungible::InspectHold};
use sp_core::{ecdsa, Pair, U256};
use sp_runtime::{testing::TestSignature, BoundedVec};

use crate::{mock::*, Attestors, Error, Event, Evidence, HoldReason, Meters, Ocmf, Pages, Proof};

fn shown(meter: &Device, reading: Reading) -> Evidence {
	let signed = meter.sign(reading);
	Evidence::Reading(signed.reading, signed.signature)
}

/// Reports with the meter's present key.
fn report(meter: MeterId, first: Evidence, second: Evidence) -> DispatchResult {
	let key = Meters::<Test>::get(meter).and_then(|meter| meter.key);
	report_by(meter, key.unwrap_or(DeviceKey::Ed25519([0; 32])), first, second)
}

fn report_by(meter: MeterId, key: DeviceKey, first: Evidence, second: Evidence) -> DispatchResult {
	MeterAttestation::report_equivocation(RuntimeOrigin::signed(OTHER), meter, key, first, second)
}

/// Two readings of one sequence that the device signed.
fn two_faces(meter: &Device, sequence: u64) -> (Evidence, Evidence) {
	(
		shown(meter, reading(sequence, &[1, 0])),
		shown(meter, reading(sequence, &[2, 0])),
	)
}

#[test]
fn equivocation_should_cost_the_deposit_drop_what_waits_and_suspend() {
	run_bonded(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(WINDOW);
		for sequence in 2..=4 {
			meter.report_after(STEP, sequence, &[1, 0]);
		}
		let (first, second) = two_faces(&meter, 3);
		let before = [OTHER, OWNER, TREASURY].map(Balances::free_balance);
		assert_ok!(report(meter.id, first, second));
		let won = METER_DEPOSIT / 4;
		assert_eq!(
			[OTHER, OWNER, TREASURY].map(Balances::free_balance),
			[before[0] + won, before[1], before[2] + METER_DEPOSIT - won]
		);
		assert_eq!(Balances::balance_on_hold(&HoldReason::Meter.into(), &OWNER), 0);
		let stored = meter.record();
		assert_eq!(
			(stored.deposit, stored.pending.len(), stored.status(), stored.punished),
			(0, 0, MeterStatus::Suspended, Some(4))
		);
		assert_eq!(meter.measured(), Some(1), "what is final stays so");
		let proven = [
			Event::EquivocationProven {
				meter: meter.id,
				sequence: 3,
				by: OTHER,
			},
			Event::DepositSlashed {
				meter: meter.id,
				amount: METER_DEPOSIT,
				winner: Some((OTHER, won)),
			},
			Event::MeterSuspended { meter: meter.id },
		];
		assert!(events().ends_with(&proven));
	});
}

#[test]
fn equivocation_should_be_punished_once_for_all_sequences_up_to_the_newest() {
	run_bonded(|| {
		let meter = meter(site());
		for sequence in 1..=4 {
			meter.report_after(STEP, sequence, &[0, 0]);
		}
		let (first, second) = two_faces(&meter, 3);
		assert_ok!(report(meter.id, first.clone(), second.clone()));
		assert_noop!(report(meter.id, first, second), Error::<Test>::AlreadyPunished);
		let (first, second) = two_faces(&meter, 4);
		assert_noop!(report(meter.id, first, second), Error::<Test>::AlreadyPunished);
		// What lies ahead is no proof until the meter has come so far: it cannot be confessed in advance.
		let (first, second) = two_faces(&meter, 5);
		assert_noop!(
			report(meter.id, first.clone(), second.clone()),
			Error::<Test>::NoEquivocation
		);
		assert_ok!(MeterAttestation::resume_meter(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id
		));
		meter.report_after(STEP, 6, &[0, 0]);
		assert_ok!(report(meter.id, first, second));
		assert_eq!(meter.record().punished, Some(6));
	});
}

#[test]
fn equivocation_should_fail_when_it_is_not_proven() {
	run_bonded(|| {
		let (meter, other) = (meter(site()), meter(site()));
		let refused = |first, second| {
			assert_noop!(report(meter.id, first, second), Error::<Test>::NoEquivocation);
		};
		let (first, second) = two_faces(&meter, 1);
		assert_noop!(
			report(MeterId(9), first.clone(), second.clone()),
			Error::<Test>::UnknownMeter
		);
		refused(first.clone(), first.clone());
		refused(first.clone(), shown(&meter, reading(2, &[1, 0])));
		refused(first.clone(), shown(&other, reading(1, &[2, 0])));
		let Evidence::Reading(_, signature) = second else {
			unreachable!("it is a reading");
		};
		refused(first.clone(), Evidence::Reading(reading(1, &[3, 0]), signature));
		refused(first, Evidence::Ocmf(BoundedVec::truncate_from(b"OCMF|{}|{}".to_vec())));
		// What the meter has not reached is no proof yet.
		let (first, second) = two_faces(&meter, 3);
		refused(first.clone(), second.clone());
		meter.report(2, &[0, 0]);
		refused(first.clone(), second.clone());
		meter.report_after(STEP, 3, &[0, 0]);
		assert_ok!(report(meter.id, first, second));

		let read_by_committee = committee_meter(site());
		let (first, second) = two_faces(&meter, 1);
		assert_noop!(report(read_by_committee, first, second), Error::<Test>::NoEquivocation);
	});
}

#[test]
fn equivocation_should_be_proven_by_a_key_that_was_rotated_out_but_not_by_that_of_a_device_that_was_replaced() {
	run_bonded(|| {
		let meter = meter(site());
		meter.report(1, &[0, 0]);
		pass(WINDOW);
		meter.report(2, &[0, 0]);
		let (first, second) = two_faces(&meter, 2);
		let new = device(77);
		let payload = rotation_payload(MeterAttestation::genesis_hash(), meter.id, &key(&new));
		assert_ok!(MeterAttestation::rotate_key(
			RuntimeOrigin::signed(OWNER),
			meter.id,
			key(&new),
			possession(&new, SiteId(0)),
			sign(&meter.pair, &payload),
		));
		assert_noop!(
			report(meter.id, first.clone(), second.clone()),
			Error::<Test>::NoEquivocation
		);
		assert_ok!(report_by(meter.id, key(&meter.pair), first.clone(), second.clone()));

		let third = device(78);
		assert_ok!(MeterAttestation::approve_key(
			RuntimeOrigin::signed(REGISTRAR),
			SiteId(0),
			key(&third),
			None
		));
		assert_ok!(MeterAttestation::replace_device(
			RuntimeOrigin::signed(REGISTRAR),
			meter.id,
			key(&third),
			BoundedVec::truncate_from(vec![0, 0]),
		));
		for old in [&meter.pair, &new] {
			assert_noop!(
				report_by(meter.id, key(old), first.clone(), second.clone()),
				Error::<Test>::NoEquivocation
			);
		}
	});
}

fn ecdsa_device() -> ecdsa::Pair {
	ecdsa::Pair::from_seed(&[5; 32])
}

/// The device's signature of `message`: r, then s.
fn ecdsa_sign(message: &[u8]) -> [u8; 64] {
	let signature = ecdsa_device().sign_prehashed(&sp_io::hashing::sha2_256(message));
	signature.0[..64].try_into().expect("64 bytes and a recovery id")
}

/// The other signature of the same message under the same key that anybody can make: (r, n - s).
fn varied(mut signature: [u8; 64]) -> [u8; 64] {
	let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
	let order = U256::from_str_radix(order, 16).expect("the order of secp256k1");
	let s = order - U256::from_big_endian(&signature[32..]);
	signature[32..].copy_from_slice(&s.to_big_endian());
	signature
}

/// The ECDSA device's meter with one register for export.
fn ecdsa_meter(site: SiteId, proof: Proof) -> MeterId {
	let id = MeterAttestation::next_meter();
	assert_ok!(MeterAttestation::register_meter(
		RuntimeOrigin::signed(OWNER),
		site,
		DeviceKey::Secp256k1(ecdsa_device().public().0),
		BoundedVec::truncate_from(vec![Register::Export]),
		proof,
	));
	id
}

#[test]
fn varied_signature_of_the_same_reading_should_be_no_proof() {
	run_bonded(|| {
		let site = site();
		let genesis = MeterAttestation::genesis_hash();
		let possession = ecdsa_sign(&possession_payload(genesis, site));
		let id = ecdsa_meter(site, Proof::Possession(DeviceSignature::Secp256k1(possession)));
		let signature = |reading: &Reading| ecdsa_sign(&reading.signed_payload(genesis, id));
		let show =
			|reading: &Reading, signature| Evidence::Reading(reading.clone(), DeviceSignature::Secp256k1(signature));
		let (one, other) = (reading(1, &[1]), reading(1, &[2]));
		let accepted = crate::Call::submit_reading {
			meter: id,
			reading: one.clone(),
			signature: DeviceSignature::Secp256k1(signature(&one)),
		};
		assert_ok!(submit(accepted.into()));
		let again = show(&one, varied(signature(&one)));
		assert_noop!(
			report(id, show(&one, signature(&one)), again.clone()),
			Error::<Test>::NoEquivocation
		);
		// The varied signature is good: with another reading it proves what it should.
		assert_ok!(report(id, again, show(&other, signature(&other))));
	});
}

/// An OCMF record of page 7 that the ECDSA device signed, its signature as `vary` makes it.
fn record(kwh: &str, vary: impl Fn([u8; 64]) -> [u8; 64]) -> Evidence {
	let payload = format!(
		r#"{{"FV":"1.0","PG":"F7","MS":"m","RD":[{{"TM":"2024-10-03T00:00:00,000+0000 S","RV":{kwh},"RI":"1-0:2.8.0","RU":"kWh","ST":"G"}}]}}"#
	);
	let signature = vary(ecdsa_sign(payload.as_bytes()));
	// DER: a sequence of two integers, which are never negative.
	let integer = |bytes: &[u8]| {
		let mut digits = bytes.to_vec();
		if digits[0] >= 0x80 {
			digits.insert(0, 0);
		}
		assert!(digits[0] != 0 || digits[1] >= 0x80, "the number takes 32 bytes");
		[&[2, digits.len() as u8], &digits[..]].concat()
	};
	let integers = [integer(&signature[..32]), integer(&signature[32..])].concat();
	let der = [&[0x30, integers.len() as u8], &integers[..]].concat();
	let hex: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
	let text = format!(r#"OCMF|{payload}|{{"SA":"ECDSA-secp256k1-SHA256","SD":"{hex}"}}"#);
	Evidence::Ocmf(BoundedVec::truncate_from(text.into_bytes()))
}

#[test]
fn equivocation_should_be_proven_by_records_when_the_meter_signs_them() {
	run_bonded(|| {
		let site = site();
		let ocmf = Ocmf {
			serial: BoundedVec::truncate_from(b"m".to_vec()),
			pages: Pages::Fiscal,
		};
		assert_ok!(MeterAttestation::approve_key(
			RuntimeOrigin::signed(REGISTRAR),
			site,
			DeviceKey::Secp256k1(ecdsa_device().public().0),
			Some(ocmf)
		));
		let id = ecdsa_meter(site, Proof::Approval);
		let signed = |kwh| record(kwh, |signature| signature);
		let Evidence::Ocmf(accepted) = signed("1.5") else {
			unreachable!("it is a record");
		};
		let accepted = crate::Call::submit_ocmf {
			meter: id,
			record: accepted,
		};
		assert_ok!(submit(accepted.into()));
		// The same record signed anew, the same count written otherwise, and this chain's payload, which the meter never signs.
		for again in [record("1.5", varied), signed("1.50")] {
			assert_noop!(report(id, signed("1.5"), again), Error::<Test>::NoEquivocation);
		}
		let own = reading(7, &[2]);
		let signature = ecdsa_sign(&own.signed_payload(MeterAttestation::genesis_hash(), id));
		assert_noop!(
			report(
				id,
				signed("1.5"),
				Evidence::Reading(own, DeviceSignature::Secp256k1(signature))
			),
			Error::<Test>::NoEquivocation
		);
		assert_ok!(report(id, signed("1.5"), record("1.6", varied)));
		assert_eq!(Meters::<Test>::get(id).expect("registered").punished, Some(7));
	});
}

/// An attestor's word for a reading of `meter`, and its signature under it.
fn vouch(who: u64, meter: &Device, signature: DeviceSignature) -> (Voucher, TestSignature) {
	let voucher = Voucher {
		meter: meter.id,
		key: key(&meter.pair),
		reading: reading(1, &[0, 0]),
		signature,
	};
	let signature = TestSignature(who, voucher.payload(MeterAttestation::genesis_hash()));
	(voucher, signature)
}

fn expose(by: u64, who: u64, (voucher, signature): (Voucher, TestSignature)) -> DispatchResult {
	MeterAttestation::report_false_vouch(RuntimeOrigin::signed(by), who, voucher, signature)
}

const FALSE: DeviceSignature = DeviceSignature::Ed25519([1; 64]);

#[test]
fn false_vouch_should_cost_the_bond_when_the_attestor_is_leaving_too() {
	run_bonded(|| {
		let meter = meter(site());
		let [who, ..] = BONDED;
		assert_ok!(MeterAttestation::unbond(RuntimeOrigin::signed(who)));
		let before = [OTHER, TREASURY].map(Bonds::free_balance);
		assert_ok!(expose(OTHER, who, vouch(who, &meter, FALSE)));
		assert_eq!(
			[OTHER, TREASURY].map(Bonds::free_balance),
			[before[0] + BOND / 4, before[1] + BOND - BOND / 4]
		);
		assert_eq!(Bonds::balance_on_hold(&HoldReason::Attestor.into(), &who), 0);
		let attestor = Attestors::<Test>::get(who).expect("it can withdraw the rest, which is nothing");
		assert_eq!((attestor.bond, attestor.slashed), (0, BOND));
		let proven = [
			Event::FalseVouchProven {
				who,
				meter: meter.id,
				by: OTHER,
			},
			Event::AttestorSlashed {
				who,
				amount: BOND,
				winner: Some((OTHER, BOND / 4)),
			},
		];
		assert!(events().ends_with(&proven));
	});
}

#[test]
fn false_vouch_should_win_nothing_when_the_attestor_exposes_itself() {
	run_bonded(|| {
		let meter = meter(site());
		let [who, ..] = BONDED;
		let before = [who, TREASURY].map(Bonds::free_balance);
		assert_ok!(expose(who, who, vouch(who, &meter, FALSE)));
		assert_eq!([who, TREASURY].map(Bonds::free_balance), [before[0], before[1] + BOND]);
	});
}

#[test]
fn false_vouch_should_reach_a_stake_when_its_dispute_is_over() {
	run_bonded(|| {
		let meter = meter(site());
		let [who, ..] = BONDED;
		meter.report(1, &[0, 0]);
		let proof = vouch(who, &meter, FALSE);
		assert_ok!(dispute(who, meter.id, 1));
		assert_ok!(expose(OTHER, who, proof.clone()));
		assert_eq!(Attestors::<Test>::get(who).expect("bonded").bond, STAKE);
		assert_ok!(decide(meter.id, 1, Verdict::Wrong));
		assert_ok!(expose(OTHER, who, proof));
		assert_eq!(Attestors::<Test>::get(who).expect("bonded").bond, 0);
	});
}

#[test]
fn false_vouch_should_fail_when_it_is_not_proven() {
	run_bonded(|| {
		let (meter, other) = (meter(site()), meter(site()));
		let [who, another, ..] = BONDED;
		let proof = vouch(who, &meter, FALSE);
		assert_noop!(
			expose(OTHER, OTHER, vouch(OTHER, &meter, FALSE)),
			Error::<Test>::NotAttestor
		);
		let stranger = Device {
			id: meter.id,
			pair: device(200),
		};
		assert_noop!(
			expose(OTHER, who, vouch(who, &stranger, FALSE)),
			Error::<Test>::UnknownMeter
		);
		// Another attestor's word, another meter's key, another text, and a signature that is good.
		assert_noop!(expose(OTHER, another, proof.clone()), Error::<Test>::NoFalseVouch);
		let mixed = Device {
			id: other.id,
			pair: meter.pair,
		};
		assert_noop!(
			expose(OTHER, who, vouch(who, &mixed, FALSE)),
			Error::<Test>::NoFalseVouch
		);
		let altered = Voucher {
			reading: reading(2, &[0, 0]),
			..proof.0
		};
		assert_noop!(expose(OTHER, who, (altered, proof.1)), Error::<Test>::NoFalseVouch);
		let good = meter.sign(reading(1, &[0, 0])).signature;
		assert_noop!(
			expose(OTHER, who, vouch(who, &meter, good)),
			Error::<Test>::NoFalseVouch
		);
	});
}

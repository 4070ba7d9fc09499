use baseload_primitives::{
	possession_payload, rotation_payload, DeviceKey, DeviceSignature, MeterId, Reading, Refusal, Register, SiteId,
	MINUTE,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use p256::ecdsa::signature::Signer as _;
use sp_core::{ecdsa, ed25519, sr25519, Pair};
use sp_runtime::{traits::BadOrigin, BoundedVec};

use crate::{mock::*, Approvals, Error, Event, Keys, Meters, Ocmf, Pages, Proof, Serial};

/// A device with a key of any kind.
pub(super) enum Signer {
	Ed25519(Box<ed25519::Pair>),
	Sr25519(sr25519::Pair),
	Secp256k1(ecdsa::Pair),
	P256(p256::ecdsa::SigningKey),
}

/// One device of every kind, with keys of this seed.
pub(super) fn signers(seed: u8) -> [Signer; 4] {
	let seed = [seed; 32];
	[
		Signer::Ed25519(Box::new(Pair::from_seed(&seed))),
		Signer::Sr25519(Pair::from_seed(&seed)),
		Signer::Secp256k1(Pair::from_seed(&seed)),
		Signer::P256(p256::ecdsa::SigningKey::from_slice(&seed).expect("it is below the order")),
	]
}

impl Signer {
	pub(super) fn key(&self) -> DeviceKey {
		match self {
			Self::Ed25519(pair) => DeviceKey::Ed25519(pair.public().0),
			Self::Sr25519(pair) => DeviceKey::Sr25519(pair.public().0),
			Self::Secp256k1(pair) => DeviceKey::Secp256k1(pair.public().0),
			Self::P256(key) => {
				let point = key.verifying_key().to_encoded_point(true);
				DeviceKey::P256(point.as_bytes().try_into().expect("33 bytes"))
			}
		}
	}

	fn sign(&self, message: &[u8]) -> DeviceSignature {
		match self {
			Self::Ed25519(pair) => DeviceSignature::Ed25519(pair.sign(message).0),
			Self::Sr25519(pair) => DeviceSignature::Sr25519(pair.sign(message).0),
			Self::Secp256k1(pair) => {
				let signature = pair.sign_prehashed(&sp_io::hashing::sha2_256(message));
				DeviceSignature::Secp256k1(signature.0[..64].try_into().expect("64 bytes"))
			}
			Self::P256(key) => {
				let signature: p256::ecdsa::Signature = key.sign(message);
				DeviceSignature::P256(signature.to_bytes().into())
			}
		}
	}

	fn possession(&self, site: SiteId) -> DeviceSignature {
		self.sign(&possession_payload(MeterAttestation::genesis_hash(), site))
	}

	fn consent(&self, meter: MeterId, to: &DeviceKey) -> DeviceSignature {
		self.sign(&rotation_payload(MeterAttestation::genesis_hash(), meter, to))
	}

	pub(super) fn call(&self, meter: MeterId, reading: Reading) -> RuntimeCall {
		let signature = self.sign(&reading.signed_payload(MeterAttestation::genesis_hash(), meter));
		crate::Call::submit_reading {
			meter,
			reading,
			signature,
		}
		.into()
	}
}

fn register(site: SiteId, key: DeviceKey, proof: Proof) -> DispatchResult {
	let registers = BoundedVec::truncate_from(vec![Register::Export, Register::Import]);
	MeterAttestation::register_meter(RuntimeOrigin::signed(OWNER), site, key, registers, proof)
}

/// A meter whose device has this key.
pub(super) fn meter_of(site: SiteId, signer: &Signer) -> MeterId {
	let id = MeterAttestation::next_meter();
	assert_ok!(register(site, signer.key(), Proof::Possession(signer.possession(site))));
	id
}

pub(super) fn approve(site: SiteId, key: DeviceKey) -> DispatchResult {
	MeterAttestation::approve_key(RuntimeOrigin::signed(REGISTRAR), site, key, None)
}

fn format() -> Ocmf {
	Ocmf {
		serial: Serial::truncate_from(b"1ABC".to_vec()),
		pages: Pages::Fiscal,
	}
}

/// Keys under which anybody can sign, or that are no points.
pub(super) fn bad_keys() -> [DeviceKey; 4] {
	let mut neutral = [0; 32];
	neutral[0] = 1;
	[
		DeviceKey::Ed25519(neutral),
		DeviceKey::Sr25519([0; 32]),
		DeviceKey::Secp256k1([4; 33]),
		DeviceKey::P256([4; 33]),
	]
}

#[test]
fn keys_of_every_kind_should_register_and_sign() {
	run(|| {
		for signer in signers(9) {
			let meter = meter_of(site(), &signer);
			assert_ok!(submit(signer.call(meter, reading(1, &[5, 6]))));
			assert_eq!(
				MeterAttestation::meter(meter).and_then(|view| view.key),
				Some(signer.key())
			);
		}
	});
}

#[test]
fn keys_should_be_refused_when_the_proof_is_of_another_kind_or_the_key_is_bad() {
	run(|| {
		let site = site();
		for (place, signer) in signers(9).iter().enumerate() {
			let other = &signers(9)[(place + 1) % 4];
			let proof = Proof::Possession(other.possession(site));
			assert_noop!(register(site, signer.key(), proof), Error::<Test>::BadProof);
			let elsewhere = Proof::Possession(signer.possession(SiteId(9)));
			assert_noop!(register(site, signer.key(), elsewhere), Error::<Test>::BadProof);
			let bad = bad_keys()[place];
			let proof = Proof::Possession(signer.possession(site));
			assert_noop!(register(site, bad, proof), Error::<Test>::BadKey);
			assert_noop!(approve(site, bad), Error::<Test>::BadKey);
		}
	});
}

#[test]
fn approval_should_let_a_key_be_registered_once_where_it_was_approved() {
	run(|| {
		let (here, elsewhere) = (site(), site());
		let [signer, ..] = signers(9);
		let key = signer.key();
		assert_noop!(register(here, key, Proof::Approval), Error::<Test>::NotApproved);
		let by_owner = MeterAttestation::approve_key(RuntimeOrigin::signed(OWNER), here, key, None);
		assert_noop!(by_owner, BadOrigin);
		assert_noop!(approve(SiteId(9), key), Error::<Test>::UnknownSite);
		assert_ok!(approve(elsewhere, key));
		assert_noop!(register(here, key, Proof::Approval), Error::<Test>::NotApproved);
		// Another approval takes its place.
		assert_ok!(approve(here, key));
		assert_eq!(events().last(), Some(&Event::KeyApproved { key, site: here }));
		assert_noop!(register(elsewhere, key, Proof::Approval), Error::<Test>::NotApproved);
		// What fails does not use it up.
		let registers = BoundedVec::truncate_from(vec![Register::Export]);
		let by_another =
			MeterAttestation::register_meter(RuntimeOrigin::signed(OTHER), here, key, registers, Proof::Approval);
		assert_noop!(by_another, Error::<Test>::NotOwner);
		assert_ok!(register(here, key, Proof::Approval));
		assert_eq!(Approvals::<Test>::get(key), None);
		assert_noop!(approve(here, key), Error::<Test>::KeyTaken);
		assert_noop!(register(here, key, Proof::Approval), Error::<Test>::KeyTaken);
		assert_ok!(submit(signer.call(MeterId(0), reading(1, &[0, 0]))));
	});
}

#[test]
fn approval_should_say_what_the_device_signs() {
	run(|| {
		let site = site();
		let [.., signer] = signers(9);
		assert_ok!(MeterAttestation::approve_key(
			RuntimeOrigin::signed(REGISTRAR),
			site,
			signer.key(),
			Some(format())
		));
		assert_ok!(register(site, signer.key(), Proof::Approval));
		let meter = MeterId(0);
		assert_eq!(
			MeterAttestation::meter(meter).and_then(|view| view.ocmf_serial),
			Some(b"1ABC".to_vec())
		);
		assert_noop!(submit(signer.call(meter, reading(1, &[0, 0]))), Refusal::WrongFormat);
	});
}

fn rotate(
	who: u64,
	meter: MeterId,
	key: DeviceKey,
	proof: DeviceSignature,
	consent: DeviceSignature,
) -> DispatchResult {
	MeterAttestation::rotate_key(RuntimeOrigin::signed(who), meter, key, proof, consent)
}

#[test]
fn rotated_key_should_sign_from_then_on_and_the_old_one_never_again() {
	run(|| {
		let site = site();
		let kinds = signers(9);
		let meter = meter_of(site, &kinds[0]);
		assert_ok!(submit(kinds[0].call(meter, reading(1, &[0, 0]))));
		// From every kind to the next, and to another of the first kind.
		let [last, ..] = signers(10);
		let chain = [&kinds[0], &kinds[1], &kinds[2], &kinds[3], &last];
		for (step, pair) in chain.windows(2).enumerate() {
			let [old, new] = [pair[0], pair[1]];
			let key = new.key();
			assert_ok!(rotate(
				OWNER,
				meter,
				key,
				new.possession(site),
				old.consent(meter, &key)
			));
			assert_eq!(
				events().last(),
				Some(&Event::KeyChanged {
					meter,
					old: Some(old.key()),
					new: Some(key)
				})
			);
			let sequence = step as u64 + 2;
			pass(MINUTE);
			let next = reading(sequence, &[sequence, 0]);
			assert_noop!(submit(old.call(meter, next.clone())), Refusal::BadSignature);
			assert_ok!(submit(new.call(meter, next)));
			// The old one stays taken.
			assert_eq!(Keys::<Test>::get(old.key()).map(|key| key.meter), Some(meter));
			assert_noop!(
				register(site, old.key(), Proof::Possession(old.possession(site))),
				Error::<Test>::KeyTaken
			);
		}
		assert_eq!(Meters::<Test>::get(meter).map(|meter| meter.pending.len()), Some(5));
	});
}

#[test]
fn rotate_key_should_fail_when_a_rule_is_broken() {
	run(|| {
		let site = site();
		let [old, new, third, _] = signers(9);
		let meter = meter_of(site, &old);
		let other = meter_of(site, &third);
		let unread = committee_meter(site);
		let key = new.key();
		let (proof, consent) = (new.possession(site), old.consent(meter, &key));
		assert_noop!(
			rotate(OWNER, MeterId(9), key, proof, consent),
			Error::<Test>::UnknownMeter
		);
		assert_noop!(rotate(OTHER, meter, key, proof, consent), Error::<Test>::NotOwner);
		assert_noop!(rotate(REGISTRAR, meter, key, proof, consent), Error::<Test>::NotOwner);
		assert_noop!(rotate(OWNER, unread, key, proof, consent), Error::<Test>::NoDevice);
		for taken in [old.key(), third.key()] {
			assert_noop!(rotate(OWNER, meter, taken, proof, consent), Error::<Test>::KeyTaken);
		}
		for bad in bad_keys() {
			assert_noop!(rotate(OWNER, meter, bad, proof, consent), Error::<Test>::BadKey);
		}
		// The new key's proof is another's, or of another site.
		for proof in [old.possession(site), new.possession(SiteId(9))] {
			assert_noop!(rotate(OWNER, meter, key, proof, consent), Error::<Test>::BadProof);
		}
		// The old key's consent is another's, to another key, or of another meter.
		for consent in [
			new.consent(meter, &key),
			old.consent(meter, &old.key()),
			old.consent(other, &key),
		] {
			assert_noop!(rotate(OWNER, meter, key, proof, consent), Error::<Test>::BadProof);
		}
		assert_ok!(rotate(OWNER, meter, key, proof, consent));
	});
}

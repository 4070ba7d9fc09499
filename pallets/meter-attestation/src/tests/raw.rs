//! The fuzz target over raw bytes. Whatever comes in, nothing panics; what is refused changes nothing; what is let in goes through,
//! and is not let in twice.

use baseload_primitives::{DeviceSignature, MeterId, Reading, SignedReading, MINUTE};
use codec::{Decode, Encode};
use frame_support::{pallet_prelude::TransactionSource, traits::Authorize};
use proptest::{prelude::*, sample::Index};
use sp_runtime::BoundedVec;

use super::ocmf::{device_meter, payload, signed};
use crate::{mock::*, Call, OcmfRecord};

/// What `data` says to two meters that have been read once: one of each format.
fn calls(data: &[u8]) -> Vec<RuntimeCall> {
	let meter = meter(site());
	let ocmf = device_meter();
	meter.report(1, &[1_000, 50]);
	pass(MINUTE);
	let mut calls: Vec<Call<Test>> = Vec::new();
	let bytes = |text: &[u8]| OcmfRecord::truncate_from(text.to_vec());
	// As anybody may send it.
	if let Ok((reading, signature)) = <(Reading, DeviceSignature)>::decode(&mut &data[..]) {
		let meter = meter.id;
		calls.push(Call::submit_reading {
			meter,
			reading,
			signature,
		});
	}
	if let Ok(readings) = BoundedVec::<SignedReading, _>::decode(&mut &data[..]) {
		let meter = meter.id;
		calls.push(Call::submit_backlog { meter, readings });
	}
	let record = bytes(data);
	calls.push(Call::submit_ocmf { meter: ocmf, record });
	// As only the devices themselves can.
	if let Ok(reading) = Reading::decode(&mut &data[..]) {
		let SignedReading { reading, signature } = meter.sign(reading);
		let meter = meter.id;
		calls.push(Call::submit_reading {
			meter,
			reading,
			signature,
		});
	}
	if let Ok(payload) = std::str::from_utf8(data) {
		let record = bytes(signed(payload).as_bytes());
		calls.push(Call::submit_ocmf { meter: ocmf, record });
	}
	calls.into_iter().map(Into::into).collect()
}

/// What the devices could say next: a bare reading, one with its signature, a backlog of one, and an OCMF payload.
fn said() -> [Vec<u8>; 4] {
	let mut said = [(); 4].map(|_| Vec::new());
	run(|| {
		let _ = calls(&[]);
		let next = reading(2, &[1_001, 50]);
		let signed = Device {
			id: MeterId(0),
			pair: device(1),
		}
		.sign(next.clone());
		said = [
			next.encode(),
			(&signed.reading, &signed.signature).encode(),
			vec![signed].encode(),
			payload(1, "1", "2").into_bytes(),
		];
	});
	said
}

/// Hash of the whole state.
fn root() -> Vec<u8> {
	sp_io::storage::root(sp_core::storage::StateVersion::V1)
}

fn fuzz(data: &[u8]) {
	run(|| {
		for call in calls(data) {
			let before = root();
			let verdict = call
				.authorize(TransactionSource::External)
				.expect("authorised by itself");
			assert_eq!(root(), before, "to look at a call changes nothing");
			if verdict.is_ok() {
				submit(call).expect("the same call in the same state");
			}
		}
	});
}

#[test]
fn target_should_let_in_what_the_devices_say() {
	let accepted = |data: &[u8]| {
		let mut count = 0;
		run(|| {
			count = calls(data)
				.into_iter()
				.filter(|call| submit(call.clone()).is_ok())
				.count()
		});
		count
	};
	assert_eq!(said().map(|data| accepted(&data)), [1; 4]);
	assert_eq!(accepted(b""), 0);
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 512, ..Default::default() })]

	#[test]
	fn target_should_hold_when_bytes_are_arbitrary(data in prop::collection::vec(any::<u8>(), 0..5_000)) {
		fuzz(&data);
	}

	#[test]
	fn target_should_hold_when_what_devices_say_is_damaged(
		which in 0..4usize,
		damages in prop::collection::vec((any::<Index>(), any::<u8>(), 0..3u8), 0..6),
	) {
		let mut data = said()[which].clone();
		for (at, byte, kind) in damages {
			let at = at.index(data.len() + 1);
			match (kind, data.get_mut(at)) {
				(0, Some(old)) => *old = byte,
				(1, Some(_)) => drop(data.remove(at)),
				_ => data.insert(at, byte),
			}
		}
		fuzz(&data);
	}
}

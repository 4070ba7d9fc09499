//! OCMF records of any length that are dear to read.

use alloc::{format, string::String, vec::Vec};

use baseload_primitives::DeviceSignature;
use frame_support::BoundedVec;

use super::keys;
use crate::{Ocmf, OcmfRecord, Pages, Serial};

/// Length of the shortest record made here.
pub const SHORTEST: u32 = 1_792;

/// Length of the longest record that is read.
pub const LONGEST: u32 = 4_096;

/// [`NOW`](super::state::NOW), when all records are measured.
const TIME: &str = "2024-10-31T23:00:00,000+0000 S";

/// What the records look like to the chain.
pub fn format() -> Ocmf {
	Ocmf {
		serial: Serial::truncate_from(alloc::vec![b's'; 64]),
		pages: Pages::Transaction,
	}
}

/// A record of `length` bytes, of the registers of [`registers`](super::state::registers), all at `wh`, signed by P-256 device
/// 1.
///
/// It has the most readings that a record may have. Each register is looked for from the end, and those that nobody looks for
/// are last. What is left is a list of numbers, of all JSON the most tokens by length.
pub fn record(length: u32, sequence: u64, wh: u64) -> OcmfRecord {
	let entry = |code: &str, unit: &str| {
		format!(r#"{{"TM":"{TIME}","RV":{wh},"RI":"01-00:{code}.00*FF","RU":"{unit}","ST":"G"}}"#)
	};
	let totals = [entry("02.08", "Wh"), entry("01.08", "Wh")];
	let bands = (1..=6).map(|band| entry("02.08", "Wh").replace(".00*FF", &format!(".{band:02}*FF")));
	let others = (1..=8).map(|_| r#"{"RV":1,"RI":"01-00:16.07.00*FF","RU":"W"}"#.into());
	let readings: Vec<String> = totals.into_iter().chain(bands).chain(others).collect();
	let serial = String::from_utf8(format().serial.into_inner()).expect("ASCII");
	let head = format!(
		r#"{{"FV":"1.0","PG":"T{sequence}","MS":"{serial}","RD":[{}],"X":[0"#,
		readings.join(",")
	);
	let head = head.as_str();
	let signed = |payload: &str| {
		let (_, signature) = keys::p256(1, payload.as_bytes());
		let DeviceSignature::P256(signature) = signature else {
			unreachable!("a P-256 key makes P-256 signatures");
		};
		let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
		format!(r#"OCMF|{payload}|{{"SA":"ECDSA-secp256r1-SHA256","SD":"{digits}"}}"#)
	};
	let left = (length as usize).saturating_sub(signed(&format!("{head}]}}")).len());
	let (list, space) = (",0".repeat(left / 2), " ".repeat(left % 2));
	let record = signed(&format!("{head}{list}]}}{space}"));
	BoundedVec::truncate_from(record.into_bytes())
}

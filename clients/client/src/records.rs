//! What attestors look at: a meter's waiting readings, who says what about them, and the signed readings in a block.
//!
//! Unlike the views, these are records as the chain stores them: a reading whose time has come stays among the waiting ones until
//! something else writes its meter down, and the *open time* of the block tells which those are.

use baseload_primitives::{Balance, Flags, MeterId, Moment, Reading, SignedReading};
use codec::{Decode, Encode};
use sp_core::H256;
use subxt::ext::scale_decode::DecodeAsType;

// Not `Result`: what is derived below means the standard one.
use crate::{AccountId, At, Error};

const PALLET: &str = "MeterAttestation";

/// A meter as it is stored, as far as its readings go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeterRecord {
	/// The meter's sequence of its present device's 0; zero if the device was never replaced.
	pub device_start: u64,
	/// Sequences up to here do not come again: readings were dropped.
	pub dropped: Option<u64>,
	/// The newest final reading that was measured.
	pub measured: Option<AcceptedReading>,
	/// The newest final reading, if it is newer and an estimate.
	pub estimated: Option<AcceptedReading>,
	/// Accepted readings after these, oldest first.
	pub waiting: Vec<WaitingReading>,
}

/// A reading as the chain accepted it: the device's numbers carried on across replacements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedReading {
	/// The meter's sequence.
	pub sequence: u64,
	/// When it was measured.
	pub measured_at: Moment,
	/// The registers, in the order the meter declared them.
	pub registers: Vec<u64>,
	/// What is unusual about it.
	pub flags: Flags,
}

/// An accepted reading that waits for its challenge window to end, or for a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingReading {
	/// What was read.
	pub reading: AcceptedReading,
	/// Open time at which its window ends.
	pub final_at: Moment,
	/// Number of the committee that decides about it; 0: none.
	pub committee: u32,
	/// What keeps it from being final.
	pub hold: Option<HoldRecord>,
}

/// Why a reading does not become final with its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct HoldRecord {
	/// Open time at which it ends as an estimate unless there is a verdict.
	pub until: Moment,
	/// Unix time at which an attestor disputed it; `None` if its flags hold it.
	pub disputed_at: Option<Moment>,
}

/// Who says what about a reading that is disputed or held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DisputeRecord {
	/// Who disputes, with what at stake, in BLD base units. `None`: the reading's own flags hold it.
	pub by: Option<(AccountId, Balance)>,
	/// Hash of the evidence.
	pub evidence: H256,
	/// Number of the committee that decides.
	pub committee: u32,
	/// Members that said it stands, a bit each by their place in the committee.
	pub stands: u16,
	/// Members that said it is wrong, a bit each.
	pub wrong: u16,
	/// Open time until which there can be a verdict.
	pub until: Moment,
}

/// A committee, whatever readings it decides about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CommitteeRecord {
	/// Attestors. A member's place here is the bit of its vote.
	pub members: Vec<AccountId>,
	/// How many of them must say the same.
	pub quorum: u32,
}

/// `pallet_meter_attestation::Meter`, the fields that matter, found by their names.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredMeter {
	replacement: Option<StoredReplacement>,
	dropped: Option<u64>,
	measured: Option<StoredFinal>,
	estimated: Option<StoredFinal>,
	pending: Vec<StoredPending>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredReplacement {
	sequence: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredFinal {
	reading: StoredReading,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredPending {
	reading: StoredReading,
	final_at: Moment,
	committee: u32,
	hold: Option<HoldRecord>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredReading {
	sequence: u64,
	measured_at: Moment,
	registers: Vec<u64>,
	flags: u8,
}

impl TryFrom<StoredReading> for AcceptedReading {
	type Error = Error;

	fn try_from(stored: StoredReading) -> crate::Result<Self> {
		Ok(Self {
			sequence: stored.sequence,
			measured_at: stored.measured_at,
			registers: stored.registers,
			flags: Flags::decode(&mut &[stored.flags][..]).map_err(|_| incompatible("the flags of readings"))?,
		})
	}
}

impl TryFrom<StoredMeter> for MeterRecord {
	type Error = Error;

	fn try_from(stored: StoredMeter) -> crate::Result<Self> {
		let accepted = |stored: Option<StoredFinal>| {
			let reading = stored.map(|stored| AcceptedReading::try_from(stored.reading));
			reading.transpose()
		};
		let waiting = stored.pending.into_iter().map(|pending| {
			Ok(WaitingReading {
				reading: AcceptedReading::try_from(pending.reading)?,
				final_at: pending.final_at,
				committee: pending.committee,
				hold: pending.hold,
			})
		});
		Ok(Self {
			device_start: stored.replacement.map_or(0, |replacement| replacement.sequence),
			dropped: stored.dropped,
			measured: accepted(stored.measured)?,
			estimated: accepted(stored.estimated)?,
			waiting: waiting.collect::<crate::Result<_>>()?,
		})
	}
}

impl At {
	/// A meter's stored record; `None` if there is none with this id.
	pub async fn meter_record(&self, meter: MeterId) -> crate::Result<Option<MeterRecord>> {
		let stored: Option<StoredMeter> = self.storage_as(PALLET, "Meters", &[meter.encode()]).await?;
		stored.map(MeterRecord::try_from).transpose()
	}

	/// The stored disputes and votes about a meter's readings, by sequence; those that lapsed are among them until somebody closes
	/// them.
	pub async fn dispute_records(&self, meter: MeterId) -> crate::Result<Vec<(u64, DisputeRecord)>> {
		let stored = self.storage_below(PALLET, "Disputes", &[meter.encode()]).await?;
		let mut found: Vec<(u64, DisputeRecord)> = Vec::with_capacity(stored.len());
		for (key, dispute) in stored {
			// The key ends with the sequence itself.
			let sequence = key
				.last_chunk::<8>()
				.ok_or_else(|| incompatible("MeterAttestation.Disputes"))?;
			found.push((u64::from_le_bytes(*sequence), dispute));
		}
		found.sort_unstable_by_key(|(sequence, _)| *sequence);
		Ok(found)
	}

	/// A meter's committee by its number; `None` if it is not stored (any more).
	pub async fn committee_record(&self, meter: MeterId, number: u32) -> crate::Result<Option<CommitteeRecord>> {
		self.storage(PALLET, "Committees", &[meter.encode(), number.encode()])
			.await
	}

	/// What members of a meter's committee have reported since its newest reading, by their places.
	pub async fn reports(&self, meter: MeterId) -> crate::Result<Vec<(u8, Reading)>> {
		self.storage_or_default(PALLET, "Reports", &[meter.encode()]).await
	}

	/// The chain's open time, in milliseconds since its start: what windows are counted in.
	pub async fn open_time(&self) -> crate::Result<Moment> {
		let (_last, open): (Moment, Moment) = self.storage_or_default(PALLET, "OpenClock", &[]).await?;
		Ok(open)
	}

	/// The readings with signatures that this block's transactions carry, in order. Rows of a relayer's batch are among them
	/// whether or not they were accepted; transactions that wrap others are not looked into.
	pub async fn signed_readings(&self) -> crate::Result<Vec<(MeterId, SignedReading)>> {
		self.signed_readings_in(self.hash()).await
	}

	/// [`At::signed_readings`] of another block, as this state's runtime reads its transactions: a node has blocks for much longer than
	/// their states.
	pub async fn signed_readings_in(&self, block: H256) -> crate::Result<Vec<(MeterId, SignedReading)>> {
		let transactions = self.chain().transactions(block).await?;
		let transactions = self.block().extrinsics().from_bytes(transactions).await;
		let mut found = Vec::new();
		for transaction in transactions.iter() {
			let transaction = transaction.map_err(|error| Error::Incompatible(format!("transactions ({error})")))?;
			if transaction.pallet_name() == PALLET {
				found.extend(carried(transaction.call_name(), transaction.call_data_field_bytes())?);
			}
		}
		Ok(found)
	}
}

/// The signed readings in the arguments of a call.
fn carried(call: &str, mut arguments: &[u8]) -> crate::Result<Vec<(MeterId, SignedReading)>> {
	let input = &mut arguments;
	let rows = match call {
		"submit_reading" => Decode::decode(input).map(|(meter, reading, signature)| {
			let signed = SignedReading { reading, signature };
			vec![(meter, signed)]
		}),
		"submit_backlog" => Decode::decode(input).map(|(meter, rows): (MeterId, Vec<SignedReading>)| {
			let of_meter = |row| (meter, row);
			rows.into_iter().map(of_meter).collect()
		}),
		"relay" => Decode::decode(input),
		_ => Ok(Vec::new()),
	};
	rows.map_err(|_| incompatible("the calls that carry readings"))
}

fn incompatible(what: &str) -> Error {
	Error::Incompatible(what.into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::{ClockStatus, DeviceSignature, Quality, Registers};

	fn row(sequence: u64) -> SignedReading {
		SignedReading {
			reading: Reading {
				sequence,
				measured_at: 5,
				clock: ClockStatus::Synchronised,
				quality: Quality::Measured,
				registers: Registers::truncate_from(vec![7, 8]),
			},
			signature: DeviceSignature::Ed25519([9; 64]),
		}
	}

	#[test]
	fn signed_readings_should_be_found_in_every_call_that_carries_them() {
		let meter = MeterId(3);
		let one = (meter, row(1).reading, row(1).signature).encode();
		assert_eq!(carried("submit_reading", &one).unwrap(), [(meter, row(1))]);
		let backlog = (meter, vec![row(1), row(2)]).encode();
		assert_eq!(
			carried("submit_backlog", &backlog).unwrap(),
			[(meter, row(1)), (meter, row(2))]
		);
		let relayed = vec![(MeterId(4), row(2))].encode();
		assert_eq!(carried("relay", &relayed).unwrap(), [(MeterId(4), row(2))]);
		assert_eq!(carried("vote", &one).unwrap(), []);
		assert!(carried("submit_backlog", &one[..8]).is_err());
	}
}

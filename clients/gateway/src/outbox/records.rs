//! What stands in the outbox. Every record is SCALE-encoded; the order of fields is the file's format.

use baseload_client::H256;
use baseload_primitives::{DeviceKey, Moment, Pages, Reading, Register, Registers};
use codec::{Decode, Encode};

/// What the chain says about a meter, as far as its readings depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Card {
	/// Its registers, in the order in which its readings carry them.
	pub registers: Vec<Register>,
	/// Its public key.
	pub key: DeviceKey,
	/// What it signs.
	pub format: Format,
	/// Number of its device: how often it was replaced.
	pub device: u32,
	/// The meter's sequence on the chain of its device's sequence 0.
	pub offset: u64,
	/// Time that must lie between two readings at least, in milliseconds.
	pub min_interval: Moment,
}

impl Card {
	/// The device's sequence of what the chain calls `sequence`; `None` if another device had it.
	pub fn own(&self, sequence: u64) -> Option<u64> {
		sequence.checked_sub(self.offset)
	}
}

/// Who signs a meter's readings, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Format {
	/// The gateway, with a key that it holds.
	#[codec(index = 0)]
	Baseload,
	/// The meter itself: OCMF records, of which those of one page counter are readings.
	#[codec(index = 1)]
	Ocmf(Pages),
}

/// All that is known of a meter beside its queue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Book {
	/// What it is.
	pub card: Card,
	/// Where its source stands.
	pub cursor: Vec<u8>,
	/// The sequence given out last, or the last that must not be; the next reading's is higher.
	pub given: Option<u64>,
	/// The newest reading so far, queued or on the chain before there was this book.
	pub last: Option<Last>,
	/// The newest reading that is known to be final on the chain.
	pub done: Option<Done>,
	/// How many readings wait.
	pub queued: u64,
	/// How many readings were set aside.
	pub aside: u64,
}

impl Book {
	/// Forgets where the source stands, if another begins.
	pub(super) fn rewind(&mut self, rewind: bool) {
		if rewind {
			self.cursor.clear();
		}
	}
}

/// What the next reading is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Last {
	/// When it was measured, Unix milliseconds.
	pub measured_at: Moment,
	/// Its registers as the device shows them; none if they are not known.
	pub registers: Registers,
}

/// A reading that is final on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Done {
	/// The device's sequence.
	pub sequence: u64,
	/// When it was measured, Unix milliseconds.
	pub measured_at: Moment,
}

/// A reading that waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Queued {
	/// The device's sequence. It is the key in the file, not part of the record.
	#[codec(skip)]
	pub sequence: u64,
	/// When it was measured, Unix milliseconds.
	pub measured_at: Moment,
	/// What is to be sent.
	pub parcel: Parcel,
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Parcel {
	/// A reading that the gateway signs when it sends it.
	#[codec(index = 0)]
	Reading(Reading),
	/// A record that the meter signed, byte for byte.
	#[codec(index = 1)]
	Ocmf(Vec<u8>),
}

impl Queued {
	/// What the next reading is compared with, if this is the newest. What is in a record is the meter's and the chain's matter.
	pub(crate) fn as_last(&self) -> Last {
		Last {
			measured_at: self.measured_at,
			registers: match &self.parcel {
				Parcel::Reading(reading) => reading.registers.clone(),
				Parcel::Ocmf(_) => Registers::default(),
			},
		}
	}
}

/// A reading that the chain refuses for good.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SetAside {
	/// The device's sequence.
	pub sequence: u64,
	/// Why.
	pub why: String,
	/// What it says.
	pub parcel: Parcel,
}

/// A final block that the outbox has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Checkpoint {
	/// Its number.
	pub number: u64,
	/// Its hash.
	pub hash: H256,
}

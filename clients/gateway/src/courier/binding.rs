//! Whether what the outbox knows of a meter still holds on the chain, and where a new book begins.

use baseload_client::device::format_device_key;
use baseload_primitives::{
	Balance, DeviceKey, MeterId, MeterStatus, Moment, Ocmf, Pages, Policy, Register, Registers, SiteId,
};
use codec::Decode;

use crate::outbox::{Book, Card, Change, Format, Last, MAX_QUEUE};

/// The first fields of a meter's record on the chain, in its order.
#[derive(Clone, Debug, Decode)]
pub struct Record {
	_site: SiteId,
	key: Option<DeviceKey>,
	ocmf: Option<Ocmf>,
	registers: Vec<Register>,
	_policy: Policy,
	_status: MeterStatus,
	_deposit: Balance,
	_committee: u32,
	_checks: Option<MeterId>,
	_agreed: Option<(Moment, Registers, Registers)>,
	device: u32,
	/// Closing registers, opening registers, and the meter's sequence of the new device's 0.
	replacement: Option<(Registers, Registers, u64)>,
	_punished: Option<u64>,
	/// Sequences up to here do not come again.
	pub dropped: Option<u64>,
}

impl Record {
	/// What readings of the meter depend on. Fails for a meter without a device.
	pub fn card(&self, min_interval: Moment) -> Result<Card, String> {
		Ok(Card {
			registers: self.registers.clone(),
			key: self
				.key
				.ok_or("the meter has no device: a committee reads it, so there is nothing to carry")?,
			format: match &self.ocmf {
				None => Format::Baseload,
				Some(ocmf) => Format::Ocmf(ocmf.pages),
			},
			device: self.device,
			offset: self.replacement.as_ref().map_or(0, |(_, _, sequence)| *sequence),
			min_interval,
		})
	}
}

/// The newest reading of a meter on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
	/// The device's sequence; `None` if another device's reading is the newest.
	pub sequence: Option<u64>,
	/// What the next one is compared with.
	pub last: Last,
}

/// What has to happen to a meter's book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
	/// Nothing.
	Holds,
	/// The device was replaced: first, what is queued must be set aside, for the chain does not take it any more.
	ClearFirst,
	/// This change.
	Needs(Change),
	/// The configuration does not fit the chain.
	Refused(String),
}

/// Compares. `held` is the public part of the key that the gateway holds for the meter.
///
/// A new book of a meter that the chain has readings of begins [`MAX_QUEUE`] sequences after the newest: an outbox that was
/// lost cannot have given out more without the chain knowing, so no sequence can ever be signed with two readings. A meter
/// that signs counts for itself.
pub fn binding(book: Option<&Book>, card: Card, newest: Option<Newest>, held: Option<DeviceKey>) -> Binding {
	match (card.format, held) {
		(Format::Baseload, None) => {
			return Binding::Refused(
				"the meter does not sign OCMF records, and no key is configured for it: name its key file".into(),
			)
		}
		(Format::Baseload, Some(held)) if held != card.key => {
			return Binding::Refused(format!(
				"the key file holds {}, but the chain has {} for the meter",
				format_device_key(held),
				format_device_key(card.key)
			))
		}
		(Format::Ocmf(_), Some(_)) => {
			return Binding::Refused(
				"the meter signs its records itself: no key of the gateway's can stand for it; remove it from the section"
					.into(),
			)
		}
		_ => (),
	}
	match book {
		Some(book) if book.card == card => Binding::Holds,
		Some(book) if book.card.device == card.device && book.card.format == card.format => {
			Binding::Needs(Change::Rekey(card))
		}
		Some(book) if book.queued > 0 => Binding::ClearFirst,
		_ => {
			let sequence = newest.as_ref().and_then(|newest| newest.sequence);
			let ahead = match card.format {
				Format::Baseload => MAX_QUEUE,
				Format::Ocmf(_) => 0,
			};
			Binding::Needs(Change::Bind {
				given: sequence.map(|sequence| sequence.saturating_add(ahead)),
				last: newest.map(|newest| newest.last),
				card,
			})
		}
	}
}

/// Which page counter of OCMF a card's readings are numbered by.
pub fn pages(card: &Card) -> Option<Pages> {
	match card.format {
		Format::Ocmf(pages) => Some(pages),
		Format::Baseload => None,
	}
}

//! Whether what the outbox knows of a meter still holds on the chain, and where a new book begins.

use baseload_client::device::format_device_key;
use baseload_primitives::{Balance, DeviceKey, MeterId, Moment, Ocmf, Policy, Register, Registers, SiteId};
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
	_suspended_at: Option<Moment>,
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

/// A key that the gateway holds for a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
	/// Its public part.
	pub key: DeviceKey,
	/// Whether its device is read at a source of its own.
	pub own_source: bool,
}

/// Compares. `held` are the keys that the gateway holds for the meter: the chain says which of them signs.
///
/// A new book of a meter that the chain has readings of begins [`MAX_QUEUE`] sequences after the newest: an outbox that was
/// lost cannot have given out more without the chain knowing, so no sequence can ever be signed with two readings. A meter
/// that signs counts for itself.
pub fn binding(book: Option<&Book>, card: Card, newest: Option<Newest>, held: &[Held]) -> Binding {
	let signs = held.iter().find(|held| held.key == card.key);
	match (card.format, held) {
		(Format::Baseload, []) => {
			return Binding::Refused(
				"the meter does not sign OCMF records, and no key is configured for it: name its key file".into(),
			)
		}
		(Format::Baseload, held) if signs.is_none() => {
			let held: Vec<_> = held.iter().map(|held| format_device_key(held.key)).collect();
			return Binding::Refused(format!(
				"the key file holds {}, but the chain has {} for the meter",
				held.join(" and the next one "),
				format_device_key(card.key)
			));
		}
		(Format::Ocmf(_), [_, ..]) => return Binding::Refused(
			"the meter signs its records itself: no key of the gateway's can stand for it; remove it from the section"
				.into(),
		),
		_ => (),
	}
	let rewind = signs.is_some_and(|signs| signs.own_source) && book.is_some_and(|book| book.card.key != card.key);
	match book {
		Some(book) if book.card == card => Binding::Holds,
		Some(book) if book.card.device == card.device && book.card.format == card.format => {
			Binding::Needs(Change::Rekey { card, rewind })
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
				rewind,
			})
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use baseload_primitives::Pages;
	use codec::Encode;

	const KEY: DeviceKey = DeviceKey::Ed25519([1; 32]);
	const OTHER: DeviceKey = DeviceKey::Ed25519([2; 32]);

	const HELD: [Held; 1] = [Held {
		key: KEY,
		own_source: false,
	}];
	const HELD_OTHER: [Held; 1] = [Held {
		key: OTHER,
		own_source: false,
	}];

	fn card(format: Format) -> Card {
		Card {
			registers: vec![Register::Export],
			key: KEY,
			format,
			device: 0,
			offset: 0,
			min_interval: 60_000,
		}
	}

	fn newest(sequence: Option<u64>) -> Option<Newest> {
		Some(Newest { sequence, last: last() })
	}

	fn last() -> Last {
		Last {
			measured_at: 5,
			registers: Registers::truncate_from(vec![9]),
		}
	}

	fn book(card: Card, queued: u64) -> Book {
		Book {
			card,
			cursor: Vec::new(),
			given: Some(5),
			last: None,
			done: None,
			queued,
			aside: 0,
		}
	}

	fn given(binding: Binding) -> Option<u64> {
		match binding {
			Binding::Needs(Change::Bind { given, .. }) => given,
			other => panic!("{other:?}"),
		}
	}

	#[test]
	fn new_book_should_begin_beyond_all_that_a_lost_one_can_have_given_out() {
		let ours = card(Format::Baseload);
		assert_eq!(given(binding(None, ours.clone(), None, &HELD)), None);
		assert_eq!(
			given(binding(None, ours.clone(), newest(Some(97)), &HELD)),
			Some(97 + MAX_QUEUE)
		);
		assert_eq!(given(binding(None, ours, newest(None), &HELD)), None);
		let signs = card(Format::Ocmf(Pages::Fiscal));
		assert_eq!(given(binding(None, signs, newest(Some(97)), &[])), Some(97));
	}

	#[test]
	fn book_should_hold_when_the_chain_says_the_same() {
		let ours = card(Format::Baseload);
		assert_eq!(
			binding(Some(&book(ours.clone(), 3)), ours.clone(), None, &HELD),
			Binding::Holds
		);
		let rotated = Card {
			key: OTHER,
			..ours.clone()
		};
		assert_eq!(
			binding(Some(&book(ours, 3)), rotated.clone(), None, &HELD_OTHER),
			Binding::Needs(Change::Rekey {
				card: rotated,
				rewind: false
			})
		);
	}

	#[test]
	fn queue_should_be_cleared_before_another_device_begins() {
		let old = card(Format::Baseload);
		let new = Card {
			key: OTHER,
			device: 1,
			offset: 500,
			..old.clone()
		};
		assert_eq!(
			binding(Some(&book(old.clone(), 3)), new.clone(), newest(None), &HELD_OTHER),
			Binding::ClearFirst
		);
		assert_eq!(
			given(binding(Some(&book(old, 0)), new, newest(None), &HELD_OTHER)),
			None
		);
	}

	#[test]
	fn next_key_should_sign_and_its_source_begin_when_the_chain_has_it() {
		let held = |own_source| [HELD[0], Held { key: OTHER, own_source }];
		let old = card(Format::Baseload);
		let rotated = Card {
			key: OTHER,
			..old.clone()
		};
		let replaced = Card {
			device: 1,
			offset: 500,
			..rotated.clone()
		};
		for own_source in [false, true] {
			let book_of = |card: &Card| book(card.clone(), 0);
			let told =
				|old: &Card, new: &Card| binding(Some(&book_of(old)), new.clone(), newest(None), &held(own_source));
			assert_eq!(told(&old, &old), Binding::Holds);
			assert_eq!(
				told(&old, &rotated),
				Binding::Needs(Change::Rekey {
					card: rotated.clone(),
					rewind: own_source
				})
			);
			match told(&old, &replaced) {
				Binding::Needs(Change::Bind { rewind, given, .. }) => assert_eq!((rewind, given), (own_source, None)),
				other => panic!("{other:?}"),
			}
			assert_eq!(told(&rotated, &rotated), Binding::Holds, "its source goes on");
		}
	}

	#[test]
	fn configuration_should_be_refused_when_it_does_not_fit_the_chain() {
		for (format, held, said) in [
			(Format::Baseload, &[][..], "name its key file"),
			(Format::Baseload, &HELD_OTHER[..], "but the chain has ed25519:0x0101"),
			(Format::Ocmf(Pages::Fiscal), &HELD[..], "signs its records itself"),
		] {
			match binding(None, card(format), None, held) {
				Binding::Refused(why) => assert!(why.contains(said), "{why}"),
				other => panic!("{other:?}"),
			}
		}
	}

	#[test]
	fn record_should_be_read_in_the_order_of_the_pallets_fields() {
		let policy = Policy::of_new(1, 2);
		let replaced = (vec![1u64], vec![2u64], 77u64);
		let head = (
			SiteId(1),
			Some(KEY),
			None::<Ocmf>,
			vec![Register::Export],
			policy,
			Some(99u64),
		);
		let tail = (
			5u128,
			0u32,
			None::<MeterId>,
			Some((3u64, vec![4u64], vec![5u64])),
			2u32,
			Some(replaced),
		);
		let bytes = (head, tail, None::<u64>, Some(88u64), [0xFFu8; 9]).encode();
		let record = Record::decode(&mut &bytes[..]).unwrap();
		let card = record.card(60_000).unwrap();
		assert_eq!((card.key, card.device, card.offset), (KEY, 2, 77));
		assert_eq!((card.own(80), card.own(76)), (Some(3), None));
		assert_eq!((record.dropped, card.format), (Some(88), Format::Baseload));
	}
}

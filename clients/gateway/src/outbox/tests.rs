//! The outbox on a real file.

use std::{collections::BTreeMap, path::Path};

use baseload_client::H256;
use baseload_primitives::{ClockStatus, DeviceKey, MeterId, Quality, Reading, Register, Registers};
use proptest::prelude::*;

use super::{Book, Card, Change, Checkpoint, Config, Done, Format, Outbox, OutboxError, Parcel, Queued, MAX_ASIDE};

const METER: MeterId = MeterId(7);
const GENESIS: H256 = H256::repeat_byte(1);
const MIB: u64 = 1 << 20;

fn config(folder: &Path, max_size: u64) -> Config {
	let path = folder.join("outbox.redb");
	toml::from_str(&format!("path = \"{}\"\nmax_size = \"{max_size} KiB\"", path.display())).unwrap()
}

fn open(folder: &Path) -> Outbox {
	Outbox::open(&config(folder, 64 << 10), GENESIS).unwrap()
}

fn card() -> Card {
	Card {
		registers: vec![Register::Export, Register::Import],
		key: DeviceKey::Ed25519([1; 32]),
		format: Format::Baseload,
		device: 0,
		offset: 0,
		min_interval: 60_000,
	}
}

fn bind(given: Option<u64>) -> Change {
	Change::Bind {
		card: card(),
		given,
		last: None,
		rewind: false,
	}
}

fn queued(sequence: u64) -> Queued {
	Queued {
		sequence,
		measured_at: sequence * 60_000,
		parcel: Parcel::Reading(Reading {
			sequence,
			measured_at: sequence * 60_000,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			registers: Registers::truncate_from(vec![sequence, 0]),
		}),
	}
}

fn append(sequences: std::ops::RangeInclusive<u64>, cursor: u8) -> Change {
	Change::Append {
		key: card().key,
		readings: sequences.map(queued).collect(),
		cursor: vec![cursor],
	}
}

fn done(sequence: u64) -> Change {
	Change::Final {
		done: Done {
			sequence,
			measured_at: sequence.saturating_mul(60_000),
		},
		block: 100 + sequence.min(1_000),
	}
}

fn aside(sequence: u64) -> Change {
	Change::SetAside {
		sequence,
		why: "a register fell".into(),
	}
}

fn sequences(outbox: &Outbox) -> Vec<u64> {
	let queued = outbox.queued(METER, None, usize::MAX).unwrap();
	queued.iter().map(|queued| queued.sequence).collect()
}

#[tokio::test]
async fn readings_and_cursor_should_be_there_together_when_opened_again() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	assert_eq!(outbox.book(METER), Ok(None));
	outbox.change(METER, bind(None)).await.unwrap();
	outbox.change(METER, append(1..=3, 9)).await.unwrap();
	let book = outbox.change(METER, done(1)).await.unwrap();
	drop(outbox);

	let outbox = reopened(folder.path()).await;
	assert_eq!(outbox.book(METER).unwrap().as_ref(), Some(&book));
	assert_eq!((book.cursor, book.given, book.queued), (vec![9], Some(3), 2));
	assert_eq!(outbox.queued(METER, None, 9).unwrap(), [queued(2), queued(3)]);
	assert_eq!(outbox.queued(METER, Some(2), 9).unwrap(), [queued(3)]);
	assert_eq!(outbox.queued(METER, None, 1).unwrap(), [queued(2)]);
	assert_eq!(outbox.queued(MeterId(8), None, 9).unwrap(), []);
}

/// The writer's thread closes the file a moment after the last handle is gone.
async fn reopened(folder: &Path) -> Outbox {
	for _ in 0..100 {
		match Outbox::open(&config(folder, 64 << 10), GENESIS) {
			Err(OutboxError::InUse(_)) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
			opened => return opened.unwrap(),
		}
	}
	panic!("the file stays in use");
}

#[tokio::test]
async fn file_should_be_refused_when_made_for_another_chain_or_in_use() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	let config = config(folder.path(), 64 << 10);
	assert!(matches!(Outbox::open(&config, GENESIS), Err(OutboxError::InUse(_))));
	drop(outbox);
	drop(reopened(folder.path()).await);
	tokio::time::sleep(std::time::Duration::from_millis(200)).await;
	let other = H256::repeat_byte(2);
	let error = Outbox::open(&config, other).err().unwrap();
	assert!(
		matches!(error, OutboxError::WrongGenesis { bound, asked, .. } if (bound, asked) == (GENESIS, other)),
		"{error}"
	);
	assert!(error.to_string().contains("nothing in it is sent to another chain"));
}

#[tokio::test]
async fn file_should_be_refused_when_it_is_none_of_ours() {
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path(), 64 << 10);
	std::fs::write(&*config.path, "time_utc,power_w\n2026-01-31T12:00:00Z,17\n".repeat(500)).unwrap();
	assert!(matches!(Outbox::open(&config, GENESIS), Err(OutboxError::Storage(_))));
}

#[tokio::test]
async fn change_should_change_nothing_when_it_fails() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	assert_eq!(outbox.change(METER, append(1..=1, 1)).await, Err(OutboxError::Unknown));
	let bound = outbox.change(METER, bind(Some(10))).await.unwrap();
	for (from, to) in [(10, 11), (1, 1)] {
		assert_eq!(
			outbox.change(METER, append(from..=to, 1)).await,
			Err(OutboxError::OutOfOrder)
		);
	}
	let twice = Change::Append {
		key: card().key,
		readings: vec![queued(11), queued(11)],
		cursor: vec![1],
	};
	assert_eq!(outbox.change(METER, twice).await, Err(OutboxError::OutOfOrder));
	assert_eq!(outbox.book(METER).unwrap(), Some(bound));
	outbox.change(METER, append(11..=11, 1)).await.unwrap();
	assert_eq!(
		outbox.change(METER, bind(None)).await,
		Err(OutboxError::OutOfOrder),
		"a queue is never orphaned"
	);
	assert_eq!(sequences(&outbox), [11]);
}

#[tokio::test]
async fn refused_reading_should_be_kept_aside_and_bounded() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	outbox.change(METER, bind(None)).await.unwrap();
	outbox.change(METER, append(1..=MAX_ASIDE + 2, 1)).await.unwrap();
	for sequence in 2..=MAX_ASIDE + 1 {
		outbox.change(METER, aside(sequence)).await.unwrap();
	}
	assert_eq!(
		outbox.change(METER, aside(1)).await,
		Err(OutboxError::AsideFull),
		"nothing is thrown away"
	);
	assert_eq!(sequences(&outbox), [1, MAX_ASIDE + 2]);
	let kept = outbox.set_aside(METER).unwrap();
	assert_eq!(kept.len() as u64, MAX_ASIDE);
	assert_eq!((kept[0].sequence, kept[0].why.as_str()), (2, "a register fell"));
	assert_eq!(kept[0].parcel, queued(2).parcel);

	// Somebody has looked
	let before = outbox.size().unwrap().0;
	let book = outbox.change(METER, Change::Forget).await.unwrap();
	assert_eq!((book.aside, book.queued), (0, 2));
	assert_eq!(outbox.set_aside(METER).unwrap(), []);
	assert!(outbox.size().unwrap().0 < before);
	let book = outbox.change(METER, aside(1)).await.unwrap();
	assert_eq!((book.aside, outbox.set_aside(METER).unwrap()[0].sequence), (1, 1));
	outbox.change(METER, Change::Forget).await.unwrap();
	outbox.change(METER, done(u64::MAX)).await.unwrap();
	assert_eq!(outbox.size().unwrap().0, 0);
}

#[tokio::test]
async fn what_was_set_aside_should_not_be_compared_with() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	outbox.change(METER, bind(None)).await.unwrap();
	outbox.change(METER, append(1..=3, 1)).await.unwrap();
	let last = |book: Book| {
		book.last
			.map(|last| (last.measured_at / 60_000, last.registers.to_vec()))
	};
	for (sequence, expected) in [(1, (3, vec![3, 0])), (3, (2, vec![2, 0]))] {
		let book = outbox.change(METER, aside(sequence)).await.unwrap();
		assert_eq!((book.given, last(book)), (Some(3), Some(expected)), "{sequence}");
	}
	outbox.change(METER, done(2)).await.unwrap();
	outbox.change(METER, append(4..=4, 1)).await.unwrap();
	// What the chain has in the end is known, but not what it counts
	let book = outbox.change(METER, aside(4)).await.unwrap();
	assert_eq!(last(book), Some((2, vec![])));
}

#[tokio::test]
async fn everything_should_be_set_aside_at_once_when_the_device_is_gone() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	outbox.change(METER, bind(None)).await.unwrap();
	let many = MAX_ASIDE + 5;
	outbox.change(METER, append(1..=many, 1)).await.unwrap();
	outbox.change(METER, aside(2)).await.unwrap();
	let why = "replaced".to_string();
	let book = outbox.change(METER, Change::SetAllAside { why }).await.unwrap();
	assert_eq!((book.queued, book.aside, book.given), (0, many, Some(many)));
	let kept = outbox.set_aside(METER).unwrap();
	let sequences: Vec<_> = kept.iter().map(|aside| aside.sequence).collect();
	assert_eq!(
		sequences,
		std::iter::once(2).chain(1..2).chain(3..=many).collect::<Vec<_>>()
	);
	assert_eq!((kept[1].why.as_str(), &kept[1].parcel), ("replaced", &queued(1).parcel));
	assert!(outbox.change(METER, bind(None)).await.is_ok(), "another device begins");
	outbox.change(METER, Change::Forget).await.unwrap();
	assert_eq!(outbox.size().unwrap().0, 0);
}

#[tokio::test]
async fn newest_block_by_which_something_was_deleted_should_be_remembered() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	outbox.change(METER, bind(None)).await.unwrap();
	outbox.change(METER, append(1..=9, 1)).await.unwrap();
	for (sequence, block) in [(1, 101), (5, 105), (3, 105)] {
		outbox.change(METER, done(sequence)).await.unwrap();
		assert_eq!(outbox.settled_at(), Ok(block));
	}
	drop(outbox);
	assert_eq!(reopened(folder.path()).await.settled_at(), Ok(105));
}

#[tokio::test]
async fn disk_should_be_bounded_and_take_readings_again_when_some_are_final() {
	const LIMIT: u64 = 4;
	let folder = tempfile::tempdir().unwrap();
	let config = config(folder.path(), LIMIT << 10);
	let outbox = Outbox::open(&config, GENESIS).unwrap();
	let mut next = BTreeMap::new();
	for meter in 0..4 {
		outbox.change(MeterId(meter), bind(None)).await.unwrap();
		next.insert(meter, 1u64);
	}
	let mut full = 0;
	for round in 0..400u32 {
		let meter = round % 4;
		let from = next[&meter];
		match outbox.change(MeterId(meter), append(from..=from + 255, 1)).await {
			Ok(_) => {
				next.insert(meter, from + 256);
			}
			Err(OutboxError::Full) => {
				full += 1;
				let oldest = outbox.queued(MeterId(meter), None, 1).unwrap()[0].sequence;
				outbox.change(MeterId(meter), done(oldest + 511)).await.unwrap();
			}
			Err(other) => panic!("{other}"),
		}
		let size = std::fs::metadata(&*config.path).unwrap().len();
		assert!(size <= LIMIT * MIB, "the file has {size} bytes");
	}
	assert!(full > 50, "it was full {full} times");
	let (used, limit) = outbox.size().unwrap();
	assert!(used <= limit);
	for meter in 0..4 {
		outbox.change(MeterId(meter), done(u64::MAX)).await.unwrap();
	}
	assert_eq!(outbox.size().unwrap().0, 0);
}

#[tokio::test]
async fn changes_that_wait_together_should_each_have_their_own_answer() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	let changes = (0..300).map(|meter| {
		let outbox = outbox.clone();
		async move {
			outbox.change(MeterId(meter), bind(None)).await?;
			// Every third asks for something impossible
			let first = if meter % 3 == 0 { 0 } else { 1 };
			let wrong = Change::Append {
				key: card().key,
				readings: vec![queued(2), queued(first)],
				cursor: vec![],
			};
			match outbox.change(MeterId(meter), wrong).await {
				Err(OutboxError::OutOfOrder) => outbox.change(MeterId(meter), append(1..=2, 1)).await,
				other => panic!("{other:?}"),
			}
		}
	});
	for result in futures::future::join_all(changes).await {
		assert_eq!(result.unwrap().queued, 2);
	}
	let seen = Checkpoint {
		number: 5,
		hash: H256::repeat_byte(5),
	};
	assert_eq!(outbox.checkpoint(), Ok(None));
	outbox.remember(seen).await.unwrap();
	assert_eq!(outbox.checkpoint(), Ok(Some(seen)));
}

#[tokio::test]
async fn readings_should_be_refused_when_the_device_they_were_numbered_for_is_gone() {
	let folder = tempfile::tempdir().unwrap();
	let outbox = open(folder.path());
	outbox.change(METER, bind(Some(40))).await.unwrap();
	let new = Card {
		key: DeviceKey::Ed25519([2; 32]),
		device: 1,
		offset: 41,
		..card()
	};
	let replaced = Change::Bind {
		card: new.clone(),
		given: None,
		last: None,
		rewind: false,
	};
	let bound = outbox.change(METER, replaced).await.unwrap();
	// A reading of the old device, which was being taken meanwhile
	assert_eq!(
		outbox.change(METER, append(41..=41, 9)).await,
		Err(OutboxError::KeyChanged)
	);
	assert_eq!(outbox.book(METER), Ok(Some(bound)));
	let own = Change::Append {
		key: new.key,
		readings: vec![queued(1)],
		cursor: vec![3],
	};
	assert_eq!(outbox.change(METER, own).await.unwrap().cursor, [3]);
	for (rewind, cursor) in [(false, vec![3]), (true, vec![])] {
		let card = new.clone();
		let book = outbox.change(METER, Change::Rekey { card, rewind }).await.unwrap();
		assert_eq!(book.cursor, cursor);
	}
}

#[derive(Clone, Debug)]
enum Op {
	Append(u64, u8),
	Final(u64),
	Aside(u64),
	Reopen,
}

fn op() -> impl Strategy<Value = Op> {
	prop_oneof![
		4 => (1u64..6, any::<u8>()).prop_map(|(count, cursor)| Op::Append(count, cursor)),
		2 => (0u64..40).prop_map(Op::Final),
		1 => (0u64..40).prop_map(Op::Aside),
		1 => Just(Op::Reopen),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(12))]

	#[test]
	fn outbox_should_agree_with_a_naive_list(ops in prop::collection::vec(op(), 1..40)) {
		let runtime = tokio::runtime::Runtime::new().unwrap();
		runtime.block_on(async {
			let folder = tempfile::tempdir().unwrap();
			let mut outbox = open(folder.path());
			outbox.change(METER, bind(None)).await.unwrap();
			let (mut list, mut given, mut at, mut aside) = (Vec::new(), 0, Vec::new(), 0);
			for op in ops {
				match op {
					Op::Append(count, cursor) => {
						outbox.change(METER, append(given + 1..=given + count, cursor)).await.unwrap();
						list.extend(given + 1..=given + count);
						(given, at) = (given + count, vec![cursor]);
					}
					Op::Final(sequence) => {
						outbox.change(METER, done(sequence)).await.unwrap();
						list.retain(|queued| *queued > sequence);
					}
					Op::Aside(sequence) => {
						let change = Change::SetAside { sequence, why: String::new() };
						outbox.change(METER, change).await.unwrap();
						aside += u64::from(list.contains(&sequence));
						list.retain(|queued| *queued != sequence);
					}
					Op::Reopen => {
						drop(outbox);
						outbox = reopened(folder.path()).await;
					}
				}
				let book = outbox.book(METER).unwrap().unwrap();
				assert_eq!(sequences(&outbox), list);
				assert_eq!((book.queued, book.aside), (list.len() as u64, aside));
				assert_eq!((book.given.unwrap_or(0), book.cursor), (given, at.clone()));
			}
		});
	}
}

//! What was seen and what was said, on disk before anything is signed.
//!
//! A *stance* is the side that the account has taken about one reading: it stands, or it is wrong. Vouchers, disputes, votes and
//! reports are all signed under a stance, which is written and synced first ([`Journal::take`]) and never changes. So whatever
//! dies whenever, and whatever the own source says later, nothing is signed that contradicts what may have been signed before.
//! One process at a time can have the file open; it belongs to one account on one chain.

use std::{collections::BTreeSet, fmt, path::Path};

use anyhow::{anyhow, bail, Context, Result};
use baseload_client::{AccountId, H256};
use baseload_primitives::{MeterId, Moment, SignedReading};
use codec::{Decode, Encode};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use super::{compare::Stand, own::Point};
use crate::source::Cursor;

/// Whose journal it is, and how far blocks were searched.
const ABOUT: TableDefinition<&str, &[u8]> = TableDefinition::new("about");
/// What the own sources saw, by meter and time.
const POINTS: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("points");
/// Where the own sources stand, by meter.
const CURSORS: TableDefinition<u32, &[u8]> = TableDefinition::new("cursors");
/// Where long comparisons begin, by meter.
const ANCHORS: TableDefinition<u32, &[u8]> = TableDefinition::new("anchors");
/// Stances, by meter and sequence.
const STANCES: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("stances");
/// Readings that are not disputed (again), by meter and sequence.
const JUDGED: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("judged");
/// Signed readings of final blocks, by meter and device sequence.
const ROWS: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("rows");

const GENESIS: &str = "genesis";
const ACCOUNT: &str = "account";
const SEARCHED: &str = "searched";
const LOST: &str = "lost";

/// The most points that are kept of a meter; the oldest go first.
pub const MAX_POINTS: usize = 20_000;

/// A side taken about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Stance {
	/// It is what the meter measured.
	Stands,
	/// It is not.
	Wrong,
}

/// An earlier stance forbids a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
	/// The meter.
	pub meter: MeterId,
	/// The sequence.
	pub sequence: u64,
	/// What was said before.
	pub said: Stance,
	/// Whether it was said about this very reading, or about another of the same sequence.
	pub same_reading: bool,
}

impl fmt::Display for Conflict {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let said = match self.said {
			Stance::Stands => "stands",
			Stance::Wrong => "is wrong",
		};
		let which = match self.same_reading {
			true => "it",
			false => "another reading with this sequence",
		};
		write!(
			f,
			"about reading {} of meter {} the contrary was said before: that {which} {said}",
			self.sequence, self.meter
		)
	}
}

/// Whether a stance about `reading` contradicts those taken about readings of the same sequence: of two different ones at most
/// one can stand, and the same one cannot both stand and be wrong.
fn contradicted(taken: &[(H256, Stance)], reading: H256, stance: Stance) -> Option<(Stance, bool)> {
	let conflicts = |(about, said): &&(H256, Stance)| match *about == reading {
		true => *said != stance,
		false => *said == Stance::Stands && stance == Stance::Stands,
	};
	taken
		.iter()
		.find(conflicts)
		.map(|(about, said)| (*said, *about == reading))
}

/// The journal.
pub struct Journal {
	db: Database,
}

impl Journal {
	/// Opens the journal of an account on a chain, or makes it. Fails if another process has it open, or if it belongs to another
	/// account or chain.
	pub fn open(path: &Path, genesis: H256, account: &AccountId) -> Result<Self> {
		let db = Database::create(path).map_err(|error| match error {
			DatabaseError::DatabaseAlreadyOpen => anyhow!(
				"the journal {} is in use: another copy of this program runs with it",
				path.display()
			),
			error => anyhow!(error).context(format!("the journal {}", path.display())),
		})?;
		let write = db.begin_write()?;
		{
			write.open_table(POINTS)?;
			write.open_table(CURSORS)?;
			write.open_table(ANCHORS)?;
			write.open_table(STANCES)?;
			write.open_table(JUDGED)?;
			write.open_table(ROWS)?;
			let mut about = write.open_table(ABOUT)?;
			for (name, own, whose) in [
				(
					GENESIS,
					genesis.as_bytes(),
					"another chain, or of this one before it was begun anew",
				),
				(ACCOUNT, &account.0[..], "another account"),
			] {
				let known = about.get(name)?.map(|known| known.value().to_vec());
				match known {
					Some(known) if known != own => {
						bail!("the journal {} is of {whose}; name another file", path.display())
					}
					Some(_) => (),
					None => {
						about.insert(name, own)?;
					}
				}
			}
		}
		write.commit()?;
		Ok(Self { db })
	}

	/// Takes a stance about a reading, or confirms it. Synced to disk when it returns: whatever is signed under it comes after.
	pub fn take(&self, meter: MeterId, sequence: u64, reading: H256, stance: Stance) -> Result<Result<(), Conflict>> {
		let write = self.db.begin_write()?;
		{
			let mut stances = write.open_table(STANCES)?;
			let key = (meter.0, sequence);
			let stored = stances.get(key)?.map(|stored| stored.value().to_vec());
			let mut taken = stored.map_or_else(|| Ok(Vec::new()), |stored| decoded(&stored))?;
			if let Some((said, same_reading)) = contradicted(&taken, reading, stance) {
				return Ok(Err(Conflict {
					meter,
					sequence,
					said,
					same_reading,
				}));
			}
			if taken.contains(&(reading, stance)) {
				return Ok(Ok(()));
			}
			taken.push((reading, stance));
			stances.insert(key, taken.encode().as_slice())?;
		}
		write.commit()?;
		Ok(Ok(()))
	}

	/// The readings of a meter that are not to be disputed (again).
	pub fn judged(&self, meter: MeterId) -> Result<BTreeSet<u64>> {
		let judged = self.db.begin_read()?.open_table(JUDGED)?;
		let mut found = BTreeSet::new();
		for entry in judged.range((meter.0, 0)..=(meter.0, u64::MAX))? {
			found.insert(entry?.0.value().1);
		}
		Ok(found)
	}

	/// Notes that these readings of a meter are not to be disputed (again).
	pub fn judge(&self, meter: MeterId, sequences: &[u64]) -> Result<()> {
		let write = self.db.begin_write()?;
		{
			let mut judged = write.open_table(JUDGED)?;
			for sequence in sequences {
				judged.insert((meter.0, *sequence), b"".as_slice())?;
			}
		}
		write.commit()?;
		Ok(())
	}

	/// How many lost disputes of the account were noted.
	pub fn lost(&self) -> Result<u32> {
		let about = self.db.begin_read()?.open_table(ABOUT)?;
		let stored = about.get(LOST)?;
		let lost: Option<u32> = stored.map(|stored| decoded(stored.value())).transpose()?;
		Ok(lost.unwrap_or(0))
	}

	/// Notes how many disputes the account has lost.
	pub fn set_lost(&self, lost: u32) -> Result<()> {
		let write = self.db.begin_write()?;
		write.open_table(ABOUT)?.insert(LOST, lost.encode().as_slice())?;
		write.commit()?;
		Ok(())
	}

	/// Where a meter's own source stands.
	pub fn cursor(&self, meter: MeterId) -> Result<Cursor> {
		let cursors = self.db.begin_read()?.open_table(CURSORS)?;
		let stored = cursors.get(meter.0)?;
		Ok(stored.map_or_else(Cursor::default, |stored| Cursor(stored.value().to_vec())))
	}

	/// Stores what a meter's own source saw, together with where it stands now. Of more than [`MAX_POINTS`] the oldest go.
	pub fn observe(&self, meter: MeterId, points: &[Point], cursor: &Cursor) -> Result<()> {
		let write = self.db.begin_write()?;
		{
			let mut stored = write.open_table(POINTS)?;
			for point in points {
				stored.insert((meter.0, point.at), point.encode().as_slice())?;
			}
			let mut newest_first = stored.range((meter.0, 0)..=(meter.0, u64::MAX))?.rev();
			let oldest_kept = newest_first.nth(MAX_POINTS - 1).transpose()?;
			let oldest_kept = oldest_kept.map_or(0, |(key, _)| key.value().1);
			drop(newest_first);
			stored.retain_in((meter.0, 0)..(meter.0, oldest_kept), |_, _| false)?;
			write.open_table(CURSORS)?.insert(meter.0, cursor.0.as_slice())?;
		}
		write.commit()?;
		Ok(())
	}

	/// What a meter's own source saw, oldest first.
	pub fn points(&self, meter: MeterId) -> Result<Vec<Point>> {
		let points = self.db.begin_read()?.open_table(POINTS)?;
		let mut found = Vec::new();
		for entry in points.range((meter.0, 0)..=(meter.0, u64::MAX))? {
			found.push(decoded(entry?.1.value())?);
		}
		Ok(found)
	}

	/// From where on a meter is compared over a long time: where it stood, and what the own source had seen just before and
	/// after.
	pub fn anchor(&self, meter: MeterId) -> Result<Option<Anchor>> {
		let anchors = self.db.begin_read()?.open_table(ANCHORS)?;
		let stored = anchors.get(meter.0)?;
		stored.map(|stored| decoded(stored.value())).transpose()
	}

	/// Moves a meter's anchor.
	pub fn set_anchor(&self, meter: MeterId, anchor: &Anchor) -> Result<()> {
		let write = self.db.begin_write()?;
		write.open_table(ANCHORS)?.insert(meter.0, anchor.encode().as_slice())?;
		write.commit()?;
		Ok(())
	}

	/// The newest final block that was searched for signed readings.
	pub fn searched(&self) -> Result<Option<u64>> {
		let about = self.db.begin_read()?.open_table(ABOUT)?;
		let stored = about.get(SEARCHED)?;
		stored.map(|stored| decoded(stored.value())).transpose()
	}

	/// Stores the signed readings of final blocks up to the block `number`.
	pub fn saw(&self, number: u64, rows: &[(MeterId, SignedReading)]) -> Result<()> {
		let write = self.db.begin_write()?;
		{
			let mut stored = write.open_table(ROWS)?;
			for (meter, row) in rows {
				stored.insert((meter.0, row.reading.sequence), row.encode().as_slice())?;
			}
			write.open_table(ABOUT)?.insert(SEARCHED, number.encode().as_slice())?;
		}
		write.commit()?;
		Ok(())
	}

	/// The signed reading of a device's sequence, if a final block that was searched holds it.
	pub fn row(&self, meter: MeterId, device_sequence: u64) -> Result<Option<SignedReading>> {
		let rows = self.db.begin_read()?.open_table(ROWS)?;
		let stored = rows.get((meter.0, device_sequence))?;
		stored.map(|stored| decoded(stored.value())).transpose()
	}

	/// Forgets of a meter what nothing depends on any more: stances and judgements before the sequence `settled`, signed readings before the
	/// device's sequence `device_settled`, and points before the time `before` but for the last of them.
	pub fn prune(&self, meter: MeterId, settled: u64, device_settled: u64, before: Moment) -> Result<()> {
		let write = self.db.begin_write()?;
		{
			let all_before = |end: u64| (meter.0, 0)..(meter.0, end);
			let mut points = write.open_table(POINTS)?;
			let last_before = points.range(all_before(before))?.next_back().transpose()?;
			let first_kept = last_before.map_or(0, |(key, _)| key.value().1);
			points.retain_in(all_before(first_kept), |_, _| false)?;
			write
				.open_table(STANCES)?
				.retain_in(all_before(settled), |_, _| false)?;
			write.open_table(JUDGED)?.retain_in(all_before(settled), |_, _| false)?;
			write
				.open_table(ROWS)?
				.retain_in(all_before(device_settled), |_, _| false)?;
		}
		write.commit()?;
		Ok(())
	}
}

/// From where on a meter is compared over a long time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Anchor {
	/// When the meter was read.
	pub at: Moment,
	/// What it showed.
	pub registers: Vec<u64>,
	/// Which of its devices showed it: the meter's sequence of that device's 0.
	pub device_start: u64,
	/// The own source's points just before and after.
	pub points: Vec<Point>,
}

impl Anchor {
	/// Where the meter stood.
	pub fn stand(&self) -> Stand {
		Stand {
			at: self.at,
			registers: self.registers.clone(),
		}
	}
}

fn decoded<T: Decode>(bytes: &[u8]) -> Result<T> {
	T::decode(&mut &bytes[..]).context("the journal holds something that this release cannot read")
}

#[cfg(test)]
mod tests {
	use super::{super::own::tests::points, *};
	use baseload_primitives::{ClockStatus, DeviceSignature, Quality, Reading, Registers, MINUTE};
	use proptest::prelude::*;
	use tempfile::TempDir;

	const METER: MeterId = MeterId(3);
	const ME: AccountId = AccountId([1; 32]);

	fn folder() -> TempDir {
		tempfile::tempdir().unwrap()
	}

	fn open(folder: &TempDir) -> Result<Journal> {
		Journal::open(&folder.path().join("attest.redb"), H256::repeat_byte(1), &ME)
	}

	fn hash(byte: u8) -> H256 {
		H256::repeat_byte(byte)
	}

	#[test]
	fn stance_should_outlive_the_program_and_forbid_the_contrary() {
		let folder = folder();
		let journal = open(&folder).unwrap();
		assert_eq!(journal.take(METER, 7, hash(1), Stance::Wrong).unwrap(), Ok(()));
		drop(journal);
		let journal = open(&folder).unwrap();
		assert_eq!(journal.take(METER, 7, hash(1), Stance::Wrong).unwrap(), Ok(()));
		let conflict = journal.take(METER, 7, hash(1), Stance::Stands).unwrap().unwrap_err();
		assert!(conflict.to_string().contains("that it is wrong"), "{conflict}");
		// Another reading of the sequence, on another branch of the chain, is another matter
		assert_eq!(journal.take(METER, 7, hash(2), Stance::Stands).unwrap(), Ok(()));
		let conflict = journal.take(METER, 7, hash(3), Stance::Stands).unwrap().unwrap_err();
		assert!(conflict.to_string().contains("another reading"), "{conflict}");
		assert_eq!(journal.take(METER, 8, hash(3), Stance::Stands).unwrap(), Ok(()));
		assert_eq!(journal.take(MeterId(4), 7, hash(3), Stance::Stands).unwrap(), Ok(()));
	}

	#[test]
	fn judgements_and_losses_should_be_there_when_opened_again() {
		let folder = folder();
		let journal = open(&folder).unwrap();
		assert_eq!(journal.lost().unwrap(), 0);
		journal.judge(METER, &[7, 8]).unwrap();
		journal.judge(MeterId(4), &[9]).unwrap();
		journal.set_lost(2).unwrap();
		drop(journal);
		let journal = open(&folder).unwrap();
		assert_eq!(journal.lost().unwrap(), 2);
		assert_eq!(journal.judged(METER).unwrap(), BTreeSet::from([7, 8]));
		journal.prune(METER, 8, 0, 0).unwrap();
		assert_eq!(journal.judged(METER).unwrap(), BTreeSet::from([8]));
		assert_eq!(journal.judged(MeterId(4)).unwrap(), BTreeSet::from([9]));
	}

	#[test]
	fn journal_should_be_refused_when_in_use_or_of_another_account_or_chain() {
		let folder = folder();
		let path = folder.path().join("attest.redb");
		let journal = open(&folder).unwrap();
		let error = open(&folder).err().unwrap().to_string();
		assert!(error.contains("another copy"), "{error}");
		drop(journal);
		let other = Journal::open(&path, H256::repeat_byte(2), &ME)
			.err()
			.unwrap()
			.to_string();
		assert!(other.contains("another chain"), "{other}");
		let other = Journal::open(&path, H256::repeat_byte(1), &AccountId([2; 32]))
			.err()
			.unwrap();
		assert!(other.to_string().contains("another account"), "{other}");
		assert!(open(&folder).is_ok());
		std::fs::write(&path, b"not a database").unwrap();
		let broken = open(&folder).err().unwrap().to_string();
		assert!(broken.contains("the journal"), "{broken}");
	}

	#[test]
	fn observations_should_be_there_with_their_cursor_when_opened_again() {
		let folder = folder();
		let journal = open(&folder).unwrap();
		assert_eq!(journal.cursor(METER).unwrap(), Cursor::default());
		let seen = points(&[(1, 10), (2, 20)]);
		journal.observe(METER, &seen[..1], &Cursor(vec![1])).unwrap();
		journal.observe(METER, &seen[1..], &Cursor(vec![2])).unwrap();
		journal
			.observe(MeterId(4), &points(&[(9, 9)]), &Cursor(vec![3]))
			.unwrap();
		drop(journal);
		let journal = open(&folder).unwrap();
		assert_eq!(journal.points(METER).unwrap(), seen);
		assert_eq!(journal.cursor(METER).unwrap(), Cursor(vec![2]));
	}

	#[test]
	fn oldest_points_should_go_when_there_are_too_many() {
		let folder = folder();
		let journal = open(&folder).unwrap();
		let many: Vec<_> = (0..MAX_POINTS as u64 + 5).map(|n| (n, n)).collect();
		journal
			.observe(MeterId(2), &points(&many[..3]), &Cursor::default())
			.unwrap();
		journal.observe(METER, &points(&many), &Cursor::default()).unwrap();
		let kept = journal.points(METER).unwrap();
		assert_eq!((kept.len(), kept[0].at), (MAX_POINTS, 5 * MINUTE));
		assert_eq!(journal.points(MeterId(2)).unwrap().len(), 3);
	}

	#[test]
	fn rows_and_anchor_should_be_there_when_opened_again() {
		let folder = folder();
		let journal = open(&folder).unwrap();
		let row = SignedReading {
			reading: Reading {
				sequence: 7,
				measured_at: 5,
				clock: ClockStatus::Synchronised,
				quality: Quality::Measured,
				registers: Registers::truncate_from(vec![1]),
			},
			signature: DeviceSignature::Ed25519([7; 64]),
		};
		let anchor = Anchor {
			at: 5,
			registers: vec![1],
			device_start: 0,
			points: points(&[(1, 10)]),
		};
		assert_eq!(
			(journal.searched().unwrap(), journal.anchor(METER).unwrap()),
			(None, None)
		);
		journal.saw(99, &[(METER, row.clone())]).unwrap();
		journal.set_anchor(METER, &anchor).unwrap();
		drop(journal);
		let journal = open(&folder).unwrap();
		assert_eq!(journal.searched().unwrap(), Some(99));
		assert_eq!(journal.row(METER, 7).unwrap(), Some(row));
		assert_eq!(journal.row(METER, 8).unwrap(), None);
		assert_eq!(journal.anchor(METER).unwrap(), Some(anchor));
	}

	#[test]
	fn pruning_should_keep_the_last_point_before_and_all_that_still_counts() {
		let folder = folder();
		let journal = open(&folder).unwrap();
		let seen = points(&[(1, 10), (2, 20), (3, 30), (4, 40)]);
		journal.observe(METER, &seen, &Cursor::default()).unwrap();
		journal.observe(MeterId(2), &seen, &Cursor::default()).unwrap();
		for sequence in 1..=4 {
			journal.take(METER, sequence, hash(1), Stance::Wrong).unwrap().unwrap();
		}
		journal.prune(METER, 3, 0, 3 * MINUTE).unwrap();
		assert_eq!(journal.points(METER).unwrap(), seen[1..]);
		assert_eq!(journal.points(MeterId(2)).unwrap(), seen);
		assert_eq!(journal.take(METER, 2, hash(1), Stance::Stands).unwrap(), Ok(()));
		assert!(journal.take(METER, 3, hash(1), Stance::Stands).unwrap().is_err());
	}

	proptest! {
		// Every one writes to disk again and again
		#![proptest_config(ProptestConfig::with_cases(16))]

		/// Whatever is asked in whatever order, with restarts in between.
		#[test]
		fn nothing_contradictory_should_ever_be_taken(
			asked in prop::collection::vec((0u64..3, 0u8..3, any::<bool>(), any::<bool>()), 1..40),
		) {
			let folder = folder();
			let mut journal = Some(open(&folder).unwrap());
			let mut taken: Vec<(u64, u8, Stance)> = Vec::new();
			for (sequence, reading, stands, restart) in asked {
				if restart {
					drop(journal.take());
					journal = Some(open(&folder).unwrap());
				}
				let stance = if stands { Stance::Stands } else { Stance::Wrong };
				let answer = journal.as_ref().unwrap().take(METER, sequence, hash(reading), stance).unwrap();
				if answer.is_ok() {
					taken.push((sequence, reading, stance));
				}
			}
			for (place, one) in taken.iter().enumerate() {
				for other in &taken[place..] {
					let same = (one.0, one.1) == (other.0, other.1);
					prop_assert!(!same || one.2 == other.2);
					let both_stand = one.0 == other.0 && one.2 == Stance::Stands && other.2 == Stance::Stands;
					prop_assert!(!both_stand || one.1 == other.1);
				}
			}
		}
	}
}

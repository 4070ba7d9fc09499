//! The file: its tables, its transactions, its bound.

use std::path::{Path, PathBuf};

use baseload_client::H256;
use baseload_primitives::{MeterId, Registers};
use codec::{Decode, DecodeAll, Encode};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, Table, TableDefinition};

use super::{
	records::{Book, Checkpoint, Last, Queued, SetAside},
	Change, OutboxError, MAX_ASIDE, MAX_QUEUE,
};

/// Facts about the whole file, by name.
const FACTS: TableDefinition<&str, &[u8]> = TableDefinition::new("facts");
/// Books, by meter.
const BOOKS: TableDefinition<u32, &[u8]> = TableDefinition::new("books");
/// Readings that wait, by meter and sequence.
const QUEUE: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("queue");
/// Readings that were set aside, by meter and number.
const ASIDE: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("aside");

const FORMAT: &str = "format";
const GENESIS: &str = "genesis";
const CHECKPOINT: &str = "checkpoint";
const BYTES: &str = "bytes";
const SETTLED: &str = "settled";

/// The format of the records.
const VERSION: u32 = 1;

/// Memory for the file's pages.
const CACHE: usize = 32 << 20;

/// The file may take so many times its content: pages are half full at worst, and a transaction writes beside what it replaces.
const OVERHEAD: u64 = 3;

/// What an entry counts as beside its value: key, lengths and its share of the tree.
const ENTRY: u64 = 32;

/// The file, opened.
pub(super) struct Store {
	database: Database,
	path: PathBuf,
	limit: u64,
}

/// What one transaction is to do.
pub(super) enum Job {
	/// A change of one meter.
	Change(MeterId, Change),
	/// A final block to remember.
	Remember(Checkpoint),
}

impl Store {
	/// Opens or makes the file.
	pub fn open(path: &Path, max_size: u64, genesis: H256) -> Result<Self, OutboxError> {
		let opened = Database::builder().set_cache_size(CACHE).create(path);
		let database = opened.map_err(|error| match error {
			DatabaseError::DatabaseAlreadyOpen => OutboxError::InUse(path.into()),
			other => OutboxError::Storage(format!("{}: {other}", path.display())),
		})?;
		let store = Self {
			database,
			path: path.into(),
			limit: max_size / OVERHEAD,
		};
		store.claim(genesis).map_err(store.failed())??;
		Ok(store)
	}

	/// Writes whose the file is into a new one; checks it in an old one.
	fn claim(&self, genesis: H256) -> Result<Result<(), OutboxError>, redb::Error> {
		let transaction = self.begin()?;
		{
			let mut facts = transaction.open_table(FACTS)?;
			let format = fact::<u32>(&facts, FORMAT)?;
			let bound = fact::<H256>(&facts, GENESIS)?;
			match (format, bound) {
				(None, None) => {
					facts.insert(FORMAT, VERSION.encode().as_slice())?;
					facts.insert(GENESIS, genesis.encode().as_slice())?;
					facts.insert(BYTES, 0u64.encode().as_slice())?;
				}
				(Some(VERSION), Some(bound)) if bound == genesis => (),
				(Some(VERSION), Some(bound)) => {
					return Ok(Err(OutboxError::WrongGenesis {
						path: self.path.clone(),
						bound,
						asked: genesis,
					}))
				}
				_ => return Ok(Err(OutboxError::OtherFormat(self.path.clone()))),
			}
			// So that readers find them
			transaction.open_table(BOOKS)?;
			transaction.open_table(QUEUE)?;
			transaction.open_table(ASIDE)?;
		}
		transaction.commit()?;
		Ok(Ok(()))
	}

	/// A transaction that is on disk when it is committed, and whose file opens quickly after a crash at any moment.
	fn begin(&self) -> Result<redb::WriteTransaction, redb::Error> {
		let mut transaction = self.database.begin_write()?;
		transaction.set_quick_repair(true);
		Ok(transaction)
	}

	/// Does jobs in order in one transaction. Each succeeds or fails for itself; if the transaction fails, nothing is done.
	pub fn apply(&self, jobs: Vec<Job>) -> Result<Vec<Result<Option<Book>, OutboxError>>, OutboxError> {
		self.try_apply(jobs).map_err(self.failed())
	}

	fn try_apply(&self, jobs: Vec<Job>) -> Result<Vec<Result<Option<Book>, OutboxError>>, redb::Error> {
		let transaction = self.begin()?;
		let mut results = Vec::with_capacity(jobs.len());
		{
			let mut facts = transaction.open_table(FACTS)?;
			let mut tables = Tables {
				books: transaction.open_table(BOOKS)?,
				queue: transaction.open_table(QUEUE)?,
				aside: transaction.open_table(ASIDE)?,
				bytes: fact(&facts, BYTES)?.unwrap_or(0),
				settled_at: fact(&facts, SETTLED)?.unwrap_or(0),
				limit: self.limit,
			};
			for job in jobs {
				results.push(match job {
					Job::Change(meter, change) => tables.change(meter, change)?.map(Some),
					Job::Remember(checkpoint) => {
						facts.insert(CHECKPOINT, checkpoint.encode().as_slice())?;
						Ok(None)
					}
				});
			}
			facts.insert(BYTES, tables.bytes.encode().as_slice())?;
			facts.insert(SETTLED, tables.settled_at.encode().as_slice())?;
		}
		transaction.commit()?;
		Ok(results)
	}

	pub fn checkpoint(&self) -> Result<Option<Checkpoint>, OutboxError> {
		self.fact(CHECKPOINT)
	}

	pub fn settled_at(&self) -> Result<u64, OutboxError> {
		Ok(self.fact(SETTLED)?.unwrap_or(0))
	}

	fn fact<T: Decode>(&self, name: &str) -> Result<Option<T>, OutboxError> {
		let read = || -> Result<_, redb::Error> {
			let transaction = self.database.begin_read()?;
			let facts = transaction.open_table(FACTS)?;
			fact(&facts, name)
		};
		read().map_err(self.failed())
	}

	pub fn book(&self, meter: MeterId) -> Result<Option<Book>, OutboxError> {
		let read = || -> Result<_, redb::Error> {
			let transaction = self.database.begin_read()?;
			let books = transaction.open_table(BOOKS)?;
			let found = books.get(meter.0)?;
			found.map(|bytes| decode(bytes.value())).transpose()
		};
		read().map_err(self.failed())
	}

	pub fn queued(&self, meter: MeterId, after: Option<u64>, count: usize) -> Result<Vec<Queued>, OutboxError> {
		let read = || -> Result<_, redb::Error> {
			let mut found = Vec::new();
			let Some(first) = after.map_or(Some(0), |after| after.checked_add(1)) else {
				return Ok(found);
			};
			let transaction = self.database.begin_read()?;
			let queue = transaction.open_table(QUEUE)?;
			for entry in queue.range((meter.0, first)..=(meter.0, u64::MAX))?.take(count) {
				let (key, bytes) = entry?;
				let queued: Queued = decode(bytes.value())?;
				let (_, sequence) = key.value();
				found.push(Queued { sequence, ..queued });
			}
			Ok(found)
		};
		read().map_err(self.failed())
	}

	pub fn set_aside(&self, meter: MeterId) -> Result<Vec<SetAside>, OutboxError> {
		let read = || -> Result<_, redb::Error> {
			let transaction = self.database.begin_read()?;
			let aside = transaction.open_table(ASIDE)?;
			let mut found = Vec::new();
			for entry in aside.range((meter.0, 0)..=(meter.0, u64::MAX))? {
				found.push(decode(entry?.1.value())?);
			}
			Ok(found)
		};
		read().map_err(self.failed())
	}

	/// Bytes counted, and how many there may be.
	pub fn size(&self) -> Result<(u64, u64), OutboxError> {
		Ok((self.fact(BYTES)?.unwrap_or(0), self.limit))
	}

	fn failed(&self) -> impl Fn(redb::Error) -> OutboxError + '_ {
		|error| OutboxError::Storage(format!("{}: {error}", self.path.display()))
	}
}

/// The tables while they are written, and what their content counts as.
struct Tables<'t> {
	books: Table<'t, u32, &'static [u8]>,
	queue: Table<'t, (u32, u64), &'static [u8]>,
	aside: Table<'t, (u32, u64), &'static [u8]>,
	bytes: u64,
	settled_at: u64,
	limit: u64,
}

impl Tables<'_> {
	/// Makes one change, or none if it fails. Returns the meter's book after it.
	fn change(&mut self, meter: MeterId, change: Change) -> Result<Result<Book, OutboxError>, redb::Error> {
		let found = self.books.get(meter.0)?;
		let old: Option<Book> = found.map(|bytes| decode(bytes.value())).transpose()?;
		let Some(mut book) = old else {
			let Change::Bind { card, given, last, .. } = change else {
				return Ok(Err(OutboxError::Unknown));
			};
			let book = Book {
				card,
				cursor: Vec::new(),
				given,
				last,
				done: None,
				queued: 0,
				aside: 0,
			};
			return self.save(meter, book).map(Ok);
		};
		let changed = match change {
			Change::Bind { .. } if book.queued > 0 => Err(OutboxError::OutOfOrder),
			Change::Bind {
				card,
				given,
				last,
				rewind,
			} => {
				book.card = card;
				book.rewind(rewind);
				book.given = given;
				book.last = last;
				book.done = None;
				Ok(())
			}
			Change::Rekey { card, rewind } => {
				book.card = card;
				book.rewind(rewind);
				Ok(())
			}
			Change::Append { key, .. } if key != book.card.key => Err(OutboxError::KeyChanged),
			Change::Append { readings, cursor, .. } => self.append(meter, &mut book, &readings, cursor)?,
			Change::Final { done, block } => {
				self.settled_at = self.settled_at.max(block);
				let removed = self.remove(meter, 0, done.sequence)?;
				book.queued = book.queued.saturating_sub(removed);
				book.done = Some(done);
				Ok(())
			}
			Change::SetAside { sequence, why } => self.put_aside(meter, &mut book, sequence, why)?,
			Change::SetAllAside { why } => {
				self.put_all_aside(meter, &mut book, &why)?;
				Ok(())
			}
			Change::Forget => {
				let mut freed = 0;
				self.aside.retain_in((meter.0, 0)..=(meter.0, u64::MAX), |_, record| {
					freed += counted(record);
					false
				})?;
				self.bytes = self.bytes.saturating_sub(freed);
				book.aside = 0;
				Ok(())
			}
		};
		match changed {
			Ok(()) => self.save(meter, book).map(Ok),
			Err(error) => Ok(Err(error)),
		}
	}

	fn append(
		&mut self,
		meter: MeterId,
		book: &mut Book,
		readings: &[Queued],
		cursor: Vec<u8>,
	) -> Result<Result<(), OutboxError>, redb::Error> {
		let mut given = book.given;
		for queued in readings {
			if Some(queued.sequence) <= given {
				return Ok(Err(OutboxError::OutOfOrder));
			}
			given = Some(queued.sequence);
		}
		if book.queued + readings.len() as u64 > MAX_QUEUE {
			return Ok(Err(OutboxError::QueueFull));
		}
		let records: Vec<_> = readings.iter().map(Encode::encode).collect();
		let more: u64 = records.iter().map(|record| counted(record)).sum();
		if !readings.is_empty() && self.bytes + more > self.limit {
			return Ok(Err(OutboxError::Full));
		}
		for (queued, record) in readings.iter().zip(&records) {
			self.queue.insert((meter.0, queued.sequence), record.as_slice())?;
		}
		self.bytes += more;
		book.queued += readings.len() as u64;
		book.given = given;
		book.cursor = cursor;
		if let Some(newest) = readings.last() {
			book.last = Some(newest.as_last());
		}
		Ok(Ok(()))
	}

	fn put_aside(
		&mut self,
		meter: MeterId,
		book: &mut Book,
		sequence: u64,
		why: String,
	) -> Result<Result<(), OutboxError>, redb::Error> {
		if book.aside >= MAX_ASIDE {
			return Ok(Err(OutboxError::AsideFull));
		}
		let found = self.queue.get((meter.0, sequence))?;
		let found: Option<Queued> = found.map(|bytes| decode(bytes.value())).transpose()?;
		let Some(queued) = found else {
			return Ok(Ok(()));
		};
		let removed = self.remove(meter, sequence, sequence)?;
		book.queued = book.queued.saturating_sub(removed);
		if book
			.last
			.as_ref()
			.is_some_and(|last| last.measured_at == queued.measured_at)
		{
			book.last = self.newest(meter, book)?;
		}
		self.keep_aside(
			meter,
			book,
			SetAside {
				sequence,
				why,
				parcel: queued.parcel,
			},
		)?;
		Ok(Ok(()))
	}

	fn put_all_aside(&mut self, meter: MeterId, book: &mut Book, why: &str) -> Result<(), redb::Error> {
		let mut all = Vec::new();
		for entry in self.queue.range((meter.0, 0)..=(meter.0, u64::MAX))? {
			let (key, bytes) = entry?;
			let (_, sequence) = key.value();
			all.push(SetAside {
				sequence,
				why: why.into(),
				parcel: decode::<Queued>(bytes.value())?.parcel,
			});
		}
		self.remove(meter, 0, u64::MAX)?;
		book.queued = 0;
		all.into_iter()
			.try_for_each(|aside| self.keep_aside(meter, book, aside))
	}

	fn keep_aside(&mut self, meter: MeterId, book: &mut Book, aside: SetAside) -> Result<(), redb::Error> {
		let record = aside.encode();
		self.bytes += counted(&record);
		self.aside.insert((meter.0, book.aside), record.as_slice())?;
		book.aside += 1;
		Ok(())
	}

	/// What the next reading is compared with, now that the newest is none: a count that the chain does not believe must not make
	/// those after it look as if the register had fallen.
	fn newest(&self, meter: MeterId, book: &Book) -> Result<Option<Last>, redb::Error> {
		let mut queued = self.queue.range((meter.0, 0)..=(meter.0, u64::MAX))?;
		let newest = queued.next_back().transpose()?;
		let newest: Option<Queued> = newest.map(|(_, bytes)| decode(bytes.value())).transpose()?;
		Ok(match (newest, book.done) {
			(Some(newest), _) => Some(newest.as_last()),
			(None, Some(done)) => Some(Last {
				measured_at: done.measured_at,
				registers: Registers::default(),
			}),
			(None, None) => None,
		})
	}

	/// Deletes queued readings from sequence `first` to `last`. Returns how many there were.
	fn remove(&mut self, meter: MeterId, first: u64, last: u64) -> Result<u64, redb::Error> {
		let (mut count, mut freed) = (0, 0);
		self.queue.retain_in((meter.0, first)..=(meter.0, last), |_, record| {
			count += 1;
			freed += counted(record);
			false
		})?;
		self.bytes = self.bytes.saturating_sub(freed);
		Ok(count)
	}

	fn save(&mut self, meter: MeterId, book: Book) -> Result<Book, redb::Error> {
		self.books.insert(meter.0, book.encode().as_slice())?;
		Ok(book)
	}
}

/// What a record counts as.
fn counted(record: &[u8]) -> u64 {
	record.len() as u64 + ENTRY
}

fn fact<T: Decode>(
	facts: &impl ReadableTable<&'static str, &'static [u8]>,
	name: &str,
) -> Result<Option<T>, redb::Error> {
	facts.get(name)?.map(|bytes| decode(bytes.value())).transpose()
}

fn decode<T: Decode>(mut bytes: &[u8]) -> Result<T, redb::Error> {
	T::decode_all(&mut bytes).map_err(|error| redb::Error::Corrupted(error.to_string()))
}

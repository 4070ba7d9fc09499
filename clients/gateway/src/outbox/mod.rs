//! What is not final on the chain yet, on disk.
//!
//! A reading gets its sequence and is stored in the same transaction as the position of the source that it came from, so
//! that it is neither lost nor numbered twice, whatever happens between. It is deleted only once the chain says that it is
//! final. Readings are stored unsigned: the courier signs what is stored, so a sequence can never be signed with two
//! different readings.
//!
//! * [`Outbox`]: the handle that everybody shares.
//! * [`config`]: where the file is and how large it may grow.
//! * [`records`]: what stands in it.
//! * `store`: the file: tables, transactions, and its bound.
//! * `writer`: one thread that writes; changes that wait together become one transaction.
//!
//! The file belongs to one chain, whose genesis hash is in it from the beginning, and to one running gateway at a time.

pub mod config;
pub mod records;
mod store;
#[cfg(test)]
mod tests;
mod writer;

use std::{fmt, path::PathBuf, sync::Arc};

use baseload_client::H256;
use baseload_primitives::{DeviceKey, MeterId};

pub use config::Config;
pub use records::{Book, Card, Checkpoint, Done, Format, Last, Parcel, Queued, SetAside};

use store::Store;
use writer::Writer;

/// The most readings of one meter that wait in the outbox: at one every quarter of an hour, twenty-two months.
pub const MAX_QUEUE: u64 = 65_536;

/// The most readings of one meter that are kept aside because the chain refuses them for good.
pub const MAX_ASIDE: u64 = 1_000;

/// Why the outbox does not do what it is asked for. A change that fails changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxError {
	/// The file was made for another chain.
	WrongGenesis {
		/// The file.
		path: PathBuf,
		/// The chain that it was made for.
		bound: H256,
		/// The chain that it is wanted for.
		asked: H256,
	},
	/// Another gateway uses the file.
	InUse(PathBuf),
	/// The file is of another release of the gateway.
	OtherFormat(PathBuf),
	/// There is no room for more readings until some are final.
	Full,
	/// There is no room for more readings of this meter until some are final.
	QueueFull,
	/// As many readings of the meter have been set aside as are kept.
	AsideFull,
	/// The meter is not known yet: the chain has not been asked about it.
	Unknown,
	/// The sequences do not go on from the last one given out.
	OutOfOrder,
	/// The meter has another key or device than the one that the readings were numbered for.
	KeyChanged,
	/// The disk or the file system fails, or the file is damaged.
	Storage(String),
	/// The outbox is closed.
	Closed,
}

impl OutboxError {
	/// True if nothing can be stored any more until somebody has looked at it.
	pub fn is_fatal(&self) -> bool {
		matches!(self, Self::Storage(_) | Self::Closed)
	}
}

impl fmt::Display for OutboxError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::WrongGenesis { path, bound, asked } => write!(
				f,
				"the outbox {} belongs to the chain with genesis {bound:?}, not {asked:?}: nothing in it is sent to another \
				 chain; use another file for that chain",
				path.display()
			),
			Self::InUse(path) => write!(f, "another gateway uses the outbox {}", path.display()),
			Self::OtherFormat(path) => write!(f, "the outbox {} is of another release of the gateway", path.display()),
			Self::Full => f.write_str("the outbox is full: sources wait until readings are final"),
			Self::QueueFull => write!(
				f,
				"{MAX_QUEUE} readings of the meter wait already: its source waits until some are final"
			),
			Self::AsideFull => write!(
				f,
				"{MAX_ASIDE} readings of the meter were refused and set aside: somebody must look at it (baseload-gateway aside)"
			),
			Self::Unknown => f.write_str("the chain has not been asked about the meter yet"),
			Self::KeyChanged => f.write_str("the meter got another key or device meanwhile"),
			Self::OutOfOrder => f.write_str("the readings do not go on from the last sequence given out"),
			Self::Storage(what) => write!(f, "the outbox cannot be read or written: {what}"),
			Self::Closed => f.write_str("the outbox is closed"),
		}
	}
}

impl std::error::Error for OutboxError {}

/// A change of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
	/// What the chain says about a meter, at the first contact and whenever its device changed. Starts its book anew: the
	/// next reading gets the sequence after `given`. Its queue must be empty.
	Bind {
		/// What it is.
		card: Card,
		/// The last sequence that must not be given out again.
		given: Option<u64>,
		/// The newest reading on the chain, with which the next one is compared.
		last: Option<Last>,
		/// Whether a source of the device's own begins, so that the position of the one before means nothing.
		rewind: bool,
	},
	/// The meter has another key, and else goes on as before.
	Rekey {
		/// What it is.
		card: Card,
		/// As for [`Change::Bind`].
		rewind: bool,
	},
	/// New readings, in order, and where their source stands after them.
	Append {
		/// The key of the book by which they were numbered. If the meter has another one by now, nothing is stored: they may be
		/// of a device that is gone.
		key: DeviceKey,
		/// The readings.
		readings: Vec<Queued>,
		/// The source's position.
		cursor: Vec<u8>,
	},
	/// All readings up to this one are final on the chain.
	Final {
		/// The newest of them.
		done: Done,
		/// Number of the final block that says so.
		block: u64,
	},
	/// The chain refuses a reading for good. It is kept, but no longer sent.
	SetAside {
		/// Which one.
		sequence: u64,
		/// Why.
		why: String,
	},
	/// The chain takes none of the readings that wait, however many: their device is gone. They are kept, but no longer sent.
	SetAllAside {
		/// Why.
		why: String,
	},
	/// Somebody has looked at what was set aside: it is not kept any longer.
	Forget,
}

/// The outbox. Clones share it.
#[derive(Clone)]
pub struct Outbox {
	store: Arc<Store>,
	writer: Writer,
}

impl Outbox {
	/// Opens the file for the chain with this genesis hash, or makes it.
	///
	/// # Errors
	/// [`OutboxError::WrongGenesis`], [`OutboxError::InUse`], [`OutboxError::OtherFormat`], [`OutboxError::Storage`].
	pub fn open(config: &Config, genesis: H256) -> Result<Self, OutboxError> {
		let store = Arc::new(Store::open(&config.path, config.max_size.get_ref().0, genesis)?);
		let writer = Writer::start(store.clone());
		Ok(Self { store, writer })
	}

	/// Makes a change to a meter's book and queue, and returns when it is on disk.
	pub async fn change(&self, meter: MeterId, change: Change) -> Result<Book, OutboxError> {
		self.writer.change(meter, change).await
	}

	/// Remembers a final block of the chain, and returns when it is on disk.
	pub async fn remember(&self, checkpoint: Checkpoint) -> Result<(), OutboxError> {
		self.writer.remember(checkpoint).await
	}

	/// The final block remembered last.
	pub fn checkpoint(&self) -> Result<Option<Checkpoint>, OutboxError> {
		self.store.checkpoint()
	}

	/// Number of the newest block by which readings were deleted as final: a node whose newest final block is older may not have them
	/// yet, or not any more.
	pub fn settled_at(&self) -> Result<u64, OutboxError> {
		self.store.settled_at()
	}

	/// What is known of a meter; `None` before the first contact with the chain.
	pub fn book(&self, meter: MeterId) -> Result<Option<Book>, OutboxError> {
		self.store.book(meter)
	}

	/// The oldest queued readings of a meter whose sequence is above `after`, at most `count`.
	pub fn queued(&self, meter: MeterId, after: Option<u64>, count: usize) -> Result<Vec<Queued>, OutboxError> {
		self.store.queued(meter, after, count)
	}

	/// Readings of a meter that the chain refused for good, oldest first.
	pub fn set_aside(&self, meter: MeterId) -> Result<Vec<SetAside>, OutboxError> {
		self.store.set_aside(meter)
	}

	/// Bytes that the file's content counts as, and how many it may: the file itself stays below three times the latter.
	pub fn size(&self) -> Result<(u64, u64), OutboxError> {
		self.store.size()
	}
}

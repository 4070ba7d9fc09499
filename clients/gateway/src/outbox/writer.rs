//! One thread writes. Whatever waits when it begins becomes one transaction, so that ten thousand meters whose quarter of an
//! hour ends at once cost a few dozen flushes of the disk, not ten thousand.

use std::{sync::Arc, thread};

use baseload_primitives::MeterId;
use tokio::sync::{mpsc, oneshot};

use super::{
	store::{Job, Store},
	Book, Change, Checkpoint, OutboxError,
};

/// The most changes that wait; whoever has one more waits for room.
const WAITING: usize = 1_024;

/// The most changes in one transaction.
const TOGETHER: usize = 512;

type Answer = Result<Option<Book>, OutboxError>;
type Request = (Job, oneshot::Sender<Answer>);

/// A handle on the thread, which ends when the last one is gone.
#[derive(Clone)]
pub(super) struct Writer {
	requests: mpsc::Sender<Request>,
}

impl Writer {
	pub fn start(store: Arc<Store>) -> Self {
		let (requests, waiting) = mpsc::channel(WAITING);
		thread::spawn(move || write(&store, waiting));
		Self { requests }
	}

	pub async fn change(&self, meter: MeterId, change: Change) -> Result<Book, OutboxError> {
		let book = self.ask(Job::Change(meter, change)).await?;
		Ok(book.expect("the store answers a change with the book; qed"))
	}

	pub async fn remember(&self, checkpoint: Checkpoint) -> Result<(), OutboxError> {
		self.ask(Job::Remember(checkpoint)).await.map(|_| ())
	}

	async fn ask(&self, job: Job) -> Answer {
		let (answer, answered) = oneshot::channel();
		let sent = self.requests.send((job, answer)).await;
		sent.map_err(|_| OutboxError::Closed)?;
		answered.await.map_err(|_| OutboxError::Closed)?
	}
}

fn write(store: &Store, mut waiting: mpsc::Receiver<Request>) {
	let mut requests = Vec::with_capacity(TOGETHER);
	while waiting.blocking_recv_many(&mut requests, TOGETHER) > 0 {
		let (jobs, answers): (Vec<_>, Vec<_>) = requests.drain(..).unzip();
		let results = match store.apply(jobs) {
			Ok(results) => results,
			Err(error) => vec![Err(error); answers.len()],
		};
		for (answer, result) in answers.into_iter().zip(results) {
			// Whoever asked may be gone; what was done stays done
			let _ = answer.send(result);
		}
	}
}

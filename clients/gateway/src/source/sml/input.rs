//! Where SML telegrams come from.

use std::{
	fs::{File, OpenOptions},
	io::{ErrorKind, Read, Seek, SeekFrom},
	os::unix::fs::OpenOptionsExt,
	path::Path,
	time::{Duration, UNIX_EPOCH},
};

use baseload_primitives::{Moment, SECOND};
use tokio::{
	io::{AsyncRead, AsyncReadExt},
	net::TcpStream,
	time::{sleep, timeout},
};

use super::telegram::{Telegram, Telegrams};
use crate::source::{
	config::{SmlConfig, SmlInput},
	now,
	tail::{self, unreadable},
	SourceError,
};

/// How much of the end of a file is read: some dozens of telegrams.
const FILE_END: u64 = 64 * 1024;

/// What a pipe or a serial line can hold of the past.
const BACKLOG: usize = 64 * 1024;

/// How long to wait before a line is asked again.
const PAUSE: Duration = Duration::from_millis(20);

/// Where an input is, for people.
pub fn place(input: &SmlInput) -> String {
	match input {
		SmlInput::Device(path) | SmlInput::File(path) => path.display().to_string(),
		SmlInput::Tcp(address) => address.to_string(),
	}
}

/// The newest telegram and its time; `None` if a file was last written at the time `known`. Of a line, the first that comes
/// whole.
pub async fn newest(config: &SmlConfig, known: Moment) -> Result<Option<(Moment, Telegram)>, SourceError> {
	let wait = config.timeout.get_ref().duration();
	let place = place(&config.input);
	let line = async {
		match &config.input {
			SmlInput::File(path) => return of_file(path, known),
			SmlInput::Device(path) => {
				let mut device = open_device(path)?;
				drain(&mut device, path).await?;
				of_device(&mut device, path).await
			}
			SmlInput::Tcp(address) => {
				let mut stream = TcpStream::connect(address.as_str())
					.await
					.map_err(|error| SourceError::Temporary(format!("{place}: cannot connect: {error}")))?;
				of_stream(&mut stream, &place).await
			}
		}
		.and_then(|telegram| Ok(Some((now()?, telegram))))
	};
	timeout(wait, line).await.unwrap_or_else(|_| {
		let what = format!(
			"{place}: no whole telegram with energy came within {} s",
			wait.as_secs_f32()
		);
		Err(SourceError::Temporary(what))
	})
}

/// The last telegram of a file, as of when the file was last written.
fn of_file(path: &Path, known: Moment) -> Result<Option<(Moment, Telegram)>, SourceError> {
	let unreadable = |error| unreadable(path, error);
	let mut file = tail::open(path)?;
	let metadata = file.metadata().map_err(unreadable)?;
	let written = metadata.modified().map_err(unreadable)?;
	let written = written
		.duration_since(UNIX_EPOCH)
		.map_or(0, |since| since.as_secs() * SECOND);
	if written == known {
		return Ok(None);
	}
	file.seek(SeekFrom::Start(metadata.len().saturating_sub(FILE_END)))
		.map_err(unreadable)?;
	let mut bytes = Vec::new();
	file.take(FILE_END).read_to_end(&mut bytes).map_err(unreadable)?;
	match Telegrams::last(&bytes) {
		Ok(telegram) => Ok(Some((written, telegram))),
		Err(what) => Err(SourceError::malformed(path.display(), what)),
	}
}

/// Opens a serial line or a pipe such that reading never waits.
fn open_device(path: &Path) -> Result<File, SourceError> {
	OpenOptions::new()
		.read(true)
		.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
		.open(path)
		.map_err(|error| SourceError::Temporary(format!("{}: cannot open: {error}", path.display())))
}

/// What is there now; nothing if the line is silent.
fn read_now(device: &mut File, path: &Path, buffer: &mut [u8]) -> Result<usize, SourceError> {
	match device.read(buffer) {
		Ok(count) => Ok(count),
		Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
		Err(error) => Err(SourceError::Temporary(format!(
			"{}: cannot read: {error}",
			path.display()
		))),
	}
}

/// Throws away what came before anybody asked: nobody knows when.
async fn drain(device: &mut File, path: &Path) -> Result<(), SourceError> {
	let mut drained = 0;
	let mut buffer = [0; 4096];
	while drained < BACKLOG {
		match read_now(device, path, &mut buffer)? {
			0 => break,
			count => drained += count,
		}
	}
	Ok(())
}

async fn of_device(device: &mut File, path: &Path) -> Result<Telegram, SourceError> {
	let mut telegrams = Telegrams::default();
	let mut buffer = [0; 4096];
	loop {
		match read_now(device, path, &mut buffer)? {
			0 => sleep(PAUSE).await,
			count => {
				if let Some(telegram) = first(&mut telegrams, &buffer[..count]) {
					return Ok(telegram);
				}
				// Others have their turn even if the line never pauses
				tokio::task::yield_now().await;
			}
		}
	}
}

async fn of_stream(stream: &mut (impl AsyncRead + Unpin), place: &str) -> Result<Telegram, SourceError> {
	let mut telegrams = Telegrams::default();
	let mut buffer = [0; 4096];
	loop {
		let read = stream.read(&mut buffer).await;
		match read.map_err(|error| SourceError::Temporary(format!("{place}: cannot read: {error}")))? {
			0 => {
				return Err(SourceError::Temporary(format!(
					"{place}: hung up before a whole telegram came"
				)))
			}
			count => {
				if let Some(telegram) = first(&mut telegrams, &buffer[..count]) {
					return Ok(telegram);
				}
			}
		}
	}
}

/// The first good telegram with energy that ends in these bytes. A damaged one is followed by the next within seconds.
fn first(telegrams: &mut Telegrams, bytes: &[u8]) -> Option<Telegram> {
	let good = |telegram: Result<Telegram, String>| telegram.ok().filter(|telegram| telegram.registers().is_ok());
	bytes.iter().find_map(|byte| telegrams.push(*byte).and_then(good))
}

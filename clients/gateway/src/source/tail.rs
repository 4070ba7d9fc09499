//! Follows a file to which lines are appended, across restarts, and notices when it was replaced.

use std::{
	fs::{self, File},
	io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
	path::Path,
};

use codec::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::{SourceError, MAX_POLL_BYTES};

/// The longest line that is read, in bytes without its end.
pub const MAX_LINE: usize = 64 * 1024;

/// How many bytes before a place tell whether the file is still the same.
const REMEMBERED: u64 = 256;

/// A place between two lines of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Position {
	/// Bytes before it.
	offset: u64,
	/// Lines before it.
	lines: u64,
	/// The place is within a line that is too long and was reported: what is left of it is passed over.
	within: bool,
	/// What stands just before it.
	before: [u8; 8],
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
	/// Its number, from 1.
	pub number: u64,
	/// Its bytes without the line end; `None` if it is longer than [`MAX_LINE`].
	pub bytes: Option<Vec<u8>>,
}

/// A file, open at a position.
pub struct Tail {
	reader: BufReader<File>,
	position: Position,
	/// Bytes that this poll may still read.
	left: u64,
	/// The file is not the one in which the position was taken: reading began at its start.
	pub replaced: bool,
}

impl Tail {
	/// Opens a file where a position was taken. If the file is shorter now, or reads otherwise before the position, it was
	/// replaced, and is read from its start.
	pub fn open(path: &Path, position: &Position) -> Result<Self, SourceError> {
		let unreadable = |error| unreadable(path, error);
		let mut file = open(path)?;
		let known = before(&mut file, position.offset).map_err(unreadable)?;
		let replaced = position.offset > 0 && known != Some(position.before);
		let position = if replaced {
			Position::default()
		} else {
			position.clone()
		};
		let mut reader = BufReader::with_capacity(MAX_LINE, file);
		reader.seek(SeekFrom::Start(position.offset)).map_err(unreadable)?;
		Ok(Self {
			reader,
			position,
			left: MAX_POLL_BYTES,
			replaced,
		})
	}

	/// The next whole line. A line without its end is not there yet: its writer may not be done. `None` too when this
	/// poll has read its fill; then [`Self::has_more`].
	pub fn next_line(&mut self) -> io::Result<Option<Line>> {
		loop {
			if self.left == 0 {
				return Ok(None);
			}
			let bound = self.left.min(MAX_LINE as u64 + 2);
			let mut bytes = Vec::new();
			let read = self.reader.by_ref().take(bound).read_until(b'\n', &mut bytes)? as u64;
			let is_whole = bytes.last() == Some(&b'\n');
			if !is_whole && (read < bound || bound < MAX_LINE as u64 + 2) {
				// The end of the file, or of what this poll may read: the rest is for later.
				self.left = if read < bound { self.left } else { 0 };
				self.reader.seek(SeekFrom::Start(self.position.offset))?;
				return Ok(None);
			}
			self.left -= read;
			self.position.offset += read;
			let was_within = std::mem::replace(&mut self.position.within, !is_whole);
			self.position.lines += u64::from(is_whole);
			if was_within {
				continue;
			}
			if is_whole {
				bytes.pop();
				if bytes.last() == Some(&b'\r') {
					bytes.pop();
				}
			}
			let number = self.position.lines + u64::from(!is_whole);
			return Ok(Some(Line {
				number,
				bytes: (bytes.len() <= MAX_LINE).then_some(bytes),
			}));
		}
	}

	/// True if the poll has read its fill, or the file goes on.
	pub fn has_more(&mut self) -> io::Result<bool> {
		Ok(self.left == 0 || self.reader.fill_buf()?.contains(&b'\n'))
	}

	/// The place after the last line that was returned.
	pub fn position(&mut self) -> io::Result<Position> {
		let mut position = self.position.clone();
		position.before = before(self.reader.get_mut(), position.offset)?.unwrap_or_default();
		self.reader.seek(SeekFrom::Start(position.offset))?;
		Ok(position)
	}
}

/// What stands in a file just before an offset, in short; `None` if the file is shorter.
fn before(file: &mut File, offset: u64) -> io::Result<Option<[u8; 8]>> {
	let start = offset.saturating_sub(REMEMBERED);
	file.seek(SeekFrom::Start(start))?;
	let mut bytes = Vec::new();
	file.take(offset - start).read_to_end(&mut bytes)?;
	if bytes.len() as u64 != offset - start {
		return Ok(None);
	}
	let mut short = [0; 8];
	short.copy_from_slice(&Sha256::digest(&bytes)[..8]);
	Ok(Some(short))
}

/// Opens a file. A pipe or device in its place is refused: opening it could take for ever.
pub fn open(path: &Path) -> Result<File, SourceError> {
	let unreadable = |error| unreadable(path, error);
	if !fs::metadata(path).map_err(unreadable)?.is_file() {
		return Err(SourceError::malformed(path.display(), "not a file; expected one"));
	}
	File::open(path).map_err(unreadable)
}

/// A file that cannot be read now: it may not be there yet.
pub fn unreadable(path: &Path, error: io::Error) -> SourceError {
	SourceError::Temporary(format!("{}: cannot read the file: {error}", path.display()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::io::Write;

	fn all(path: &Path, position: &mut Position) -> (bool, Vec<(u64, Option<String>)>) {
		let mut tail = Tail::open(path, position).unwrap();
		let mut lines = Vec::new();
		while let Some(line) = tail.next_line().unwrap() {
			lines.push((line.number, line.bytes.map(|bytes| String::from_utf8(bytes).unwrap())));
		}
		*position = tail.position().unwrap();
		(tail.replaced, lines)
	}

	fn line(number: u64, text: &str) -> (u64, Option<String>) {
		(number, Some(text.into()))
	}

	#[test]
	fn lines_should_come_once_when_the_file_grows() {
		let file = tempfile::NamedTempFile::new().unwrap();
		let mut position = Position::default();
		assert_eq!(all(file.path(), &mut position), (false, vec![]));
		file.as_file().write_all(b"a\nb\r\n").unwrap();
		assert_eq!(
			all(file.path(), &mut position),
			(false, vec![line(1, "a"), line(2, "b")])
		);
		file.as_file().write_all(b"half").unwrap();
		assert_eq!(all(file.path(), &mut position), (false, vec![]));
		file.as_file().write_all(b" a line\n\n").unwrap();
		assert_eq!(
			all(file.path(), &mut position),
			(false, vec![line(3, "half a line"), line(4, "")])
		);
		assert_eq!(all(file.path(), &mut position), (false, vec![]));
	}

	#[test]
	fn file_should_be_read_from_its_start_when_it_was_replaced() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("log");
		let mut position = Position::default();
		fs::write(&path, "one\ntwo\n").unwrap();
		all(&path, &mut position);
		fs::write(&path, "new\n").unwrap();
		assert_eq!(all(&path, &mut position), (true, vec![line(1, "new")]));
		fs::write(&path, "another that is longer\nand goes on\n").unwrap();
		let (replaced, lines) = all(&path, &mut position);
		assert_eq!((replaced, lines.len()), (true, 2));
	}

	#[test]
	fn line_should_be_reported_once_when_it_is_too_long() {
		let file = tempfile::NamedTempFile::new().unwrap();
		let mut position = Position::default();
		let long = "x".repeat(MAX_LINE * 3);
		file.as_file().write_all(long.as_bytes()).unwrap();
		assert_eq!(all(file.path(), &mut position), (false, vec![(1, None)]));
		assert_eq!(all(file.path(), &mut position), (false, vec![]));
		file.as_file().write_all(b"its end\nnext\n").unwrap();
		assert_eq!(all(file.path(), &mut position), (false, vec![line(2, "next")]));
		let longest = format!("{}\r\n", "y".repeat(MAX_LINE));
		file.as_file().write_all(longest.as_bytes()).unwrap();
		assert_eq!(
			all(file.path(), &mut position).1[0].1.as_ref().map(String::len),
			Some(MAX_LINE)
		);
	}

	#[test]
	fn poll_should_end_when_it_has_read_its_fill() {
		let file = tempfile::NamedTempFile::new().unwrap();
		let row = format!("{}\n", "z".repeat(999));
		let rows = MAX_POLL_BYTES as usize / 1_000 + 10;
		file.as_file().write_all(row.repeat(rows).as_bytes()).unwrap();
		let mut position = Position::default();
		let first = all(file.path(), &mut position).1.len();
		assert_eq!(first, MAX_POLL_BYTES as usize / 1_000);
		assert_eq!(all(file.path(), &mut position).1.len(), rows - first);
	}

	#[test]
	fn file_should_be_awaited_when_it_is_not_there() {
		let error = Tail::open(Path::new("/nonexistent/log"), &Position::default()).err();
		assert!(matches!(error, Some(SourceError::Temporary(_))));
		for no_file in ["/dev/null", "/tmp"] {
			let error = Tail::open(Path::new(no_file), &Position::default()).err();
			assert!(matches!(error, Some(SourceError::Malformed(_))), "{no_file}");
		}
	}

	proptest! {
		#[test]
		fn lines_should_be_those_of_the_whole_file_when_it_comes_in_pieces(
			pieces in prop::collection::vec("[a-c\n]{0,9}", 0..9),
		) {
			let file = tempfile::NamedTempFile::new().unwrap();
			let (mut position, mut seen) = (Position::default(), Vec::new());
			for piece in &pieces {
				file.as_file().write_all(piece.as_bytes()).unwrap();
				let (replaced, lines) = all(file.path(), &mut position);
				prop_assert!(!replaced);
				seen.extend(lines);
			}
			let whole = pieces.concat();
			let ends = whole.rfind('\n').map_or("", |end| &whole[..end]);
			let expected: Vec<_> = match whole.contains('\n') {
				true => (1..).zip(ends.split('\n')).map(|(number, text)| line(number, text)).collect(),
				false => Vec::new(),
			};
			prop_assert_eq!(seen, expected);
		}
	}
}

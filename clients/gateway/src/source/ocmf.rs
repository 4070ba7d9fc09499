//! Records that the meter signs: lines that are appended to a file, or files that appear in a folder.
//!
//! A record is passed on byte for byte. One that the chain's reader refuses is passed over and reported, since the chain would
//! never take it; the signature is left to the chain, which knows the meter's key.

use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, SystemTime},
};

use baseload_ocmf::Record;
use codec::{Decode, Encode};
use futures::future::BoxFuture;

use super::{
	config::OcmfConfig,
	shown_bytes,
	tail::{unreadable, Position, Tail, MAX_LINE},
	Cursor, Malformed, Observation, Place, Polled, Source, SourceError,
};
use crate::ocmf::document::{self, Entry};

/// The most files that a folder may hold.
const MAX_FILES: usize = 100_000;

/// A file that cannot be read is given up when nobody has written to it for so long: until then it may not be whole.
const SETTLED: Duration = Duration::from_secs(60);

/// The most records that are reported as refused in one poll.
const MAX_REFUSED: usize = 1_000;

/// Where a file or a folder was read up to.
#[derive(Clone, Debug, Default, Encode, Decode)]
struct State {
	/// In a file of lines.
	position: Position,
	/// The file of a folder that was read last.
	file: String,
	/// Entries of that file that were taken.
	taken: u64,
	/// Files whose names sort before that file's, when it was reached.
	before: u64,
}

impl Place for State {
	const KIND: u8 = 2;
}

/// A file or a folder of records, followed as it grows.
pub struct OcmfSource {
	config: OcmfConfig,
}

impl OcmfSource {
	/// A source that reads nothing yet.
	pub fn new(config: OcmfConfig) -> Self {
		Self { config }
	}

	fn read(&self, cursor: &Cursor, limit: usize) -> Result<Polled, SourceError> {
		let path: &Path = &self.config.path;
		let mut state: State = cursor.read();
		let mut polled = Polled::default();
		let kind = fs::metadata(path).map_err(|error| unreadable(path, error))?;
		match kind.is_dir() {
			true => read_folder(path, &mut state, &mut polled, limit)?,
			false => read_lines(path, &mut state, &mut polled, limit)?,
		}
		polled.cursor = Cursor::of(&state);
		Ok(polled)
	}

	fn describe(&self) -> Result<String, SourceError> {
		let polled = self.read(&Cursor::default(), usize::MAX)?;
		let refused = match polled.refused.first() {
			None => String::new(),
			Some(first) => format!("; {} refused, the first at {first}", polled.refused.len()),
		};
		let count = polled.observations.len();
		Ok(format!("{}: {count} records{refused}", self.config.path.display()))
	}
}

impl Source for OcmfSource {
	fn poll<'a>(&'a mut self, cursor: &'a Cursor, limit: usize) -> BoxFuture<'a, Result<Polled, SourceError>> {
		Box::pin(async move { self.read(cursor, limit) })
	}

	fn check(&mut self) -> BoxFuture<'_, Result<String, SourceError>> {
		Box::pin(async move { self.describe() })
	}
}

fn read_lines(path: &Path, state: &mut State, polled: &mut Polled, limit: usize) -> Result<(), SourceError> {
	let mut tail = Tail::open(path, &state.position)?;
	while polled.observations.len() < limit && polled.refused.len() < MAX_REFUSED {
		let Some(line) = tail.next_line().map_err(|error| unreadable(path, error))? else {
			break;
		};
		let place = || format!("{}:{}", path.display(), line.number);
		match line.bytes.as_deref().map(<[u8]>::trim_ascii) {
			Some([] | [b'#', ..]) => {}
			Some([b'<', ..]) if line.number == 1 => {
				let what = "XML; transparency XML is read from a folder: give the folder that it stands in";
				return Err(SourceError::malformed(place(), what));
			}
			Some(record) => take(place(), record.to_vec(), polled),
			None => polled.refused.push(Malformed {
				place: place(),
				what: format!("longer than {MAX_LINE} bytes; expected one record"),
			}),
		}
	}
	polled.more = tail.has_more().map_err(|error| unreadable(path, error))?;
	state.position = tail.position().map_err(|error| unreadable(path, error))?;
	Ok(())
}

fn take(place: String, record: Vec<u8>, polled: &mut Polled) {
	match Record::parse(&record) {
		Ok(_) => polled.observations.push(Observation::Ocmf(record)),
		Err(error) => polled.refused.push(Malformed {
			place,
			what: format!("{error}; it begins with {}", shown_bytes(&record)),
		}),
	}
}

/// Reads the files of a folder in the order of their names, from where the state stands.
fn read_folder(path: &Path, state: &mut State, polled: &mut Polled, limit: usize) -> Result<(), SourceError> {
	let names = names(path)?;
	let before = names.partition_point(|name| *name < state.file);
	let came_late = (before as u64).saturating_sub(state.before);
	state.before = before as u64;
	if came_late > 0 {
		polled.refused.push(Malformed {
			place: path.display().to_string(),
			what: format!(
				"{came_late} files appeared whose names sort before {:?}, which was read already; they are not read: \
				 rename them so that they sort after it",
				state.file
			),
		});
	}
	for (at, name) in names.iter().enumerate().skip(before) {
		let file = path.join(name);
		let entries = match entries(&file) {
			Ok(entries) => entries,
			Err(malformed) if is_settled(&file) => vec![Err(malformed)],
			// It may still be written to; what comes after it waits
			Err(malformed) if polled.observations.is_empty() && polled.refused.is_empty() => {
				return Err(SourceError::Temporary(malformed.to_string()));
			}
			Err(_) => return Ok(()),
		};
		if *name != state.file {
			state.file = name.clone();
			state.taken = 0;
			state.before = at as u64;
		}
		let skipped = usize::try_from(state.taken).unwrap_or(usize::MAX);
		for entry in entries.into_iter().skip(skipped) {
			if polled.observations.len() >= limit || polled.refused.len() >= MAX_REFUSED {
				polled.more = true;
				return Ok(());
			}
			match entry {
				Ok(Entry { place, record, .. }) => take(place, record, polled),
				Err(malformed) => polled.refused.push(malformed),
			}
			state.taken += 1;
		}
	}
	Ok(())
}

/// The names of a folder's files of records, sorted.
fn names(path: &Path) -> Result<Vec<String>, SourceError> {
	let mut names = Vec::new();
	for found in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
		let found = found.map_err(|error| unreadable(path, error))?;
		let name = found.file_name().into_string().unwrap_or_default();
		let is_of_records = Path::new(&name)
			.extension()
			.is_some_and(|extension| extension == "xml" || extension == "ocmf");
		if is_of_records && name.len() <= 255 && !name.starts_with('.') {
			names.push(name);
		}
		if names.len() > MAX_FILES {
			let what = format!("more than {MAX_FILES} files; move those that were read elsewhere");
			return Err(SourceError::malformed(path.display(), what));
		}
	}
	names.sort_unstable();
	Ok(names)
}

fn entries(file: &PathBuf) -> Result<document::Entries, Malformed> {
	let malformed = |what: String| Malformed {
		place: file.display().to_string(),
		what,
	};
	let size = fs::metadata(file).map_err(|error| malformed(error.to_string()))?.len();
	if size > document::MAX_BYTES {
		return Err(malformed(format!(
			"larger than {} bytes; split it",
			document::MAX_BYTES
		)));
	}
	let bytes = fs::read(file).map_err(|error| malformed(error.to_string()))?;
	document::entries(&file.display().to_string(), &bytes)
}

fn is_settled(file: &Path) -> bool {
	let written = fs::metadata(file).and_then(|metadata| metadata.modified());
	let since = written
		.ok()
		.and_then(|written| SystemTime::now().duration_since(written).ok());
	since.is_some_and(|since| since >= SETTLED)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::source::config::SourceConfig;
	use futures::FutureExt;
	use std::io::Write;

	fn record(page: u32) -> String {
		format!(
			r#"OCMF|{{"PG":"T{page}","RD":[{{"TM":"2019-08-13T10:03:15,000+0000 I","RV":1,"RI":"1-b:1.8.0","RU":"kWh","ST":"G"}}]}}|{{"SD":"3006020101020101"}}"#
		)
	}

	fn xml(pages: &[u32]) -> String {
		let values: String = pages
			.iter()
			.map(|page| format!("<value><signedData>{}</signedData></value>", record(*page)))
			.collect();
		format!("<values>{values}</values>")
	}

	fn source(path: &Path) -> OcmfSource {
		match toml::from_str(&format!("[ocmf]\npath = {:?}", path.display().to_string())).unwrap() {
			SourceConfig::Ocmf(config) => OcmfSource::new(config),
			other => panic!("{other:?}"),
		}
	}

	/// The pages that came, and why others were refused.
	fn poll(source: &mut OcmfSource, cursor: &mut Cursor, limit: usize) -> (Vec<u64>, Vec<String>) {
		let polled = source.poll(cursor, limit).now_or_never().unwrap().unwrap();
		assert!(polled.cursor.0.len() <= 1024);
		*cursor = polled.cursor;
		let page = |observation: &Observation| match observation {
			Observation::Ocmf(bytes) => Record::parse(bytes).unwrap().pagination().number,
			Observation::Counts { .. } => panic!("a record"),
		};
		(
			polled.observations.iter().map(page).collect(),
			polled.refused.iter().map(|refused| refused.to_string()).collect(),
		)
	}

	fn age(path: &Path) {
		let old = SystemTime::now() - 2 * SETTLED;
		fs::File::options()
			.append(true)
			.open(path)
			.unwrap()
			.set_modified(old)
			.unwrap();
	}

	#[test]
	fn lines_should_come_once_and_bad_ones_be_reported_when_the_file_grows() {
		let file = tempfile::NamedTempFile::new().unwrap();
		let (mut source, mut cursor) = (source(file.path()), Cursor::default());
		let unsupported = record(3).replace("{\"SD\"", "{\"SA\":\"ECDSA-secp384r1-SHA256\",\"SD\"");
		let text = format!(
			"# log\n{}\r\n\n{}\n{unsupported}\nOCMF|\n{}",
			record(1),
			record(2),
			record(4)
		);
		file.as_file().write_all(text.as_bytes()).unwrap();
		assert_eq!(poll(&mut source, &mut cursor, 1), (vec![1], vec![]));
		let (pages, refused) = poll(&mut source, &mut cursor, 9);
		assert_eq!((pages, refused.len()), (vec![2], 2));
		assert!(refused[0].contains(":5: the signature is not ECDSA"), "{refused:?}");
		assert!(refused[1].contains("begins with \"OCMF|\""), "{refused:?}");
		file.as_file().write_all(b"\n").unwrap();
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![4], vec![]));
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![], vec![]));
		let said = source.check().now_or_never().unwrap().unwrap();
		assert!(said.contains("3 records; 2 refused"), "{said}");
	}

	#[test]
	fn files_should_be_read_in_the_order_of_their_names() {
		let folder = tempfile::tempdir().unwrap();
		let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
		let (mut source, mut cursor) = (source(folder.path()), Cursor::default());
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![], vec![]));
		write("2.xml", &xml(&[3, 4, 5]));
		write("1.ocmf", &format!("{}\n{}", record(1), record(2)));
		write("notes.txt", "not mine");
		write(".3.xml", "hidden");
		assert_eq!(poll(&mut source, &mut cursor, 4), (vec![1, 2, 3, 4], vec![]));
		write("3.xml", &xml(&[6]));
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![5, 6], vec![]));
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![], vec![]));
	}

	#[test]
	fn files_should_be_reported_when_they_come_too_late_for_their_names() {
		let folder = tempfile::tempdir().unwrap();
		let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
		let (mut source, mut cursor) = (source(folder.path()), Cursor::default());
		write("2.xml", &xml(&[2]));
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![2], vec![]));
		write("1.xml", &xml(&[1]));
		let (pages, refused) = poll(&mut source, &mut cursor, 9);
		assert!(pages.is_empty() && refused[0].contains("1 files appeared whose names sort before \"2.xml\""));
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![], vec![]));
		// What was read may be cleared away
		fs::remove_file(folder.path().join("1.xml")).unwrap();
		fs::remove_file(folder.path().join("2.xml")).unwrap();
		write("3.xml", &xml(&[3]));
		assert_eq!(poll(&mut source, &mut cursor, 9), (vec![3], vec![]));
	}

	#[test]
	fn broken_file_should_be_awaited_and_then_given_up() {
		let folder = tempfile::tempdir().unwrap();
		let broken = folder.path().join("1.xml");
		fs::write(&broken, &xml(&[1])[..40]).unwrap();
		fs::write(folder.path().join("2.xml"), xml(&[2])).unwrap();
		let (mut source, mut cursor) = (source(folder.path()), Cursor::default());
		let error = source.poll(&cursor, 9).now_or_never().unwrap().unwrap_err();
		assert!(matches!(error, SourceError::Temporary(_)), "{error}");
		age(&broken);
		let (pages, refused) = poll(&mut source, &mut cursor, 9);
		assert_eq!((pages, refused.len()), (vec![2], 1));
		assert!(
			refused[0].contains("1.xml:1: not the XML that is expected"),
			"{refused:?}"
		);
	}

	#[test]
	fn xml_file_should_be_refused_when_lines_are_expected() {
		let file = tempfile::NamedTempFile::new().unwrap();
		file.as_file().write_all(format!("{}\n", xml(&[1])).as_bytes()).unwrap();
		let error = source(file.path()).check().now_or_never().unwrap().unwrap_err();
		assert!(error.to_string().contains("give the folder"), "{error}");
		let missing = source(Path::new("/nonexistent/log")).check().now_or_never().unwrap();
		assert!(matches!(missing, Err(SourceError::Temporary(_))));
	}
}

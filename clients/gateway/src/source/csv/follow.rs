//! A file to which a data logger appends lines.

use std::{
	io::{BufRead, BufReader, Read},
	path::Path,
};

use baseload_client::units;
use baseload_math::integrator::Integrator;
use baseload_primitives::{ClockStatus, Moment, Quality, Register};
use codec::{Decode, Encode};
use futures::future::BoxFuture;

use super::{
	table::{Row, Table},
	whole::in_order,
	Problem,
};
use crate::source::{
	config::CsvConfig,
	tail::{self, unreadable, Line, Position, Tail, MAX_LINE},
	Cursor, Malformed, Observation, Place, Polled, Source, SourceError,
};

/// How far into a file its header must stand, after comments.
const HEADER_WITHIN: u64 = 4 * MAX_LINE as u64;

/// Where a file of power or of register values was read up to.
#[derive(Clone, Debug, Default, Encode, Decode)]
struct State {
	position: Position,
	/// The time of the last line that was taken.
	last: Option<Moment>,
	/// The file was replaced: lines up to `last` may be known from before.
	catching_up: bool,
	/// Power only: what was counted.
	counted: Option<Counted>,
}

impl Place for State {
	const KIND: u8 = 1;
}

/// An [`Integrator`], as it is stored: (whole Wh, what is not a whole Wh yet).
#[derive(Clone, Debug, Encode, Decode)]
struct Counted {
	export: (u64, u128),
	import: (u64, u128),
}

/// A CSV file, followed as it grows.
pub struct CsvSource {
	config: CsvConfig,
}

impl CsvSource {
	/// A source that reads nothing yet.
	pub fn new(config: CsvConfig) -> Self {
		Self { config }
	}

	fn read(&self, cursor: &Cursor, limit: usize) -> Result<Polled, SourceError> {
		let path: &Path = &self.config.path;
		let mut state: State = cursor.read();
		let mut polled = Polled::default();
		let table = match header(path)? {
			Some(table) => table,
			// Nothing was written yet
			None => {
				polled.cursor = cursor.clone();
				return Ok(polled);
			}
		};
		let mut tail = Tail::open(path, &state.position)?;
		state.catching_up |= tail.replaced && state.last.is_some();
		let mut seen_header = state.position != Position::default() && !tail.replaced;
		while polled.observations.len() + 2 <= limit.max(2) {
			let Some(line) = tail.next_line().map_err(|error| unreadable(path, error))? else {
				break;
			};
			let number = line.number;
			let text = match text(&line) {
				Ok(text) if text.starts_with('#') => continue,
				Ok(_) if !seen_header => {
					seen_header = true;
					continue;
				}
				Ok(text) => Ok(text),
				Err(problem) => Err(problem),
			};
			let taken = text
				.and_then(|text| table.row(text))
				.and_then(|row| self.take(&mut state, row, &mut polled.observations));
			if let Err(problem) = taken {
				polled.refused.push(Malformed {
					place: format!("{}:{number}", path.display()),
					what: problem.to_string(),
				});
			}
		}
		let more = tail.has_more().map_err(|error| unreadable(path, error))?;
		state.position = tail.position().map_err(|error| unreadable(path, error))?;
		polled.more = more;
		polled.cursor = Cursor::of(&state);
		Ok(polled)
	}

	/// Adds what a row says. Changes nothing if it fails.
	fn take(&self, state: &mut State, row: Row, observations: &mut Vec<Observation>) -> Result<(), Problem> {
		let time = row.time();
		if let Some(last) = state.last {
			if state.catching_up && time <= last {
				return Ok(());
			}
			in_order(time, last)?;
		}
		match row {
			Row::Registers(measured_at, clock, quality, counts) => observations.push(Observation::Counts {
				measured_at,
				clock,
				quality,
				counts,
			}),
			Row::Power(time, power_uw) => {
				let step = self.config.step.0;
				let mut counted = self.counted(state);
				let opening = time.checked_sub(step).ok_or(Problem::TooEarly)?;
				let before = counts(opening, &counted);
				// Between an older last sample and the beginning of this one's step nothing is known and nothing counted
				let held = state.last.map_or(step, |last| (time - last).min(step));
				counted.add(power_uw, held).map_err(|_| Problem::Overflow)?;
				if state.last.is_none() {
					observations.push(before);
				}
				observations.push(counts(time, &counted));
				state.counted = Some(Counted {
					export: (counted.export_wh(), counted.export_remainder()),
					import: (counted.import_wh(), counted.import_remainder()),
				});
			}
		}
		state.last = Some(time);
		state.catching_up = false;
		Ok(())
	}

	fn counted(&self, state: &State) -> Integrator {
		match &state.counted {
			Some(Counted { export, import }) => Integrator::resuming(*export, *import),
			None => Integrator::starting_at(self.config.start.export.wh, self.config.start.import.wh),
		}
	}

	/// What the file holds, as far as one poll reads it.
	fn describe(&self) -> Result<String, SourceError> {
		let path: &Path = &self.config.path;
		let kind = match header(path)? {
			Some(Table::Power) => format!("power samples, each for {}", units::format_duration(self.config.step.0)),
			Some(Table::Registers(columns)) => format!("register values, {} columns", columns.len()),
			None => return Ok(format!("{}: no header yet", path.display())),
		};
		let polled = self.read(&Cursor::default(), usize::MAX)?;
		let refused = match polled.refused.first() {
			None => String::new(),
			Some(first) => format!("; {} lines refused, the first at {first}", polled.refused.len()),
		};
		let count = polled.observations.len();
		Ok(format!("{}: {kind}; {count} readings{refused}", path.display()))
	}
}

impl Source for CsvSource {
	fn poll<'a>(&'a mut self, cursor: &'a Cursor, limit: usize) -> BoxFuture<'a, Result<Polled, SourceError>> {
		Box::pin(async move { self.read(cursor, limit) })
	}

	fn check(&mut self) -> BoxFuture<'_, Result<String, SourceError>> {
		Box::pin(async move { self.describe() })
	}
}

/// What a reading of power's registers looks like.
fn counts(measured_at: Moment, counted: &Integrator) -> Observation {
	Observation::Counts {
		measured_at,
		clock: ClockStatus::Synchronised,
		quality: Quality::Measured,
		counts: vec![
			(Register::Export, counted.export_wh()),
			(Register::Import, counted.import_wh()),
		],
	}
}

/// The header of a file; `None` if it is not there yet.
fn header(path: &Path) -> Result<Option<Table>, SourceError> {
	let file = tail::open(path)?;
	let mut reader = BufReader::new(file.take(HEADER_WITHIN));
	for number in 1u64.. {
		let mut bytes = Vec::new();
		let read = reader
			.read_until(b'\n', &mut bytes)
			.map_err(|error| unreadable(path, error))?;
		if bytes.pop() != Some(b'\n') {
			let too_far = reader.get_ref().limit() == 0;
			return match too_far {
				true => Err(SourceError::malformed(
					path.display(),
					"no header line; expected `time_utc,power_w`",
				)),
				false => Ok(None),
			};
		}
		if bytes.last() == Some(&b'\r') {
			bytes.pop();
		}
		if bytes.first() == Some(&b'#') && read > 1 {
			continue;
		}
		let table = std::str::from_utf8(&bytes)
			.map_err(|_| Problem::NotUtf8)
			.and_then(Table::of_header);
		return table
			.map(Some)
			.map_err(|problem| SourceError::malformed(format!("{}:{number}", path.display()), problem));
	}
	Ok(None)
}

fn text(line: &Line) -> Result<&str, Problem> {
	let bytes = line.bytes.as_deref().ok_or(Problem::LongLine)?;
	std::str::from_utf8(bytes).map_err(|_| Problem::NotUtf8)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::source::config::SourceConfig;
	use futures::FutureExt;
	use proptest::prelude::*;
	use std::{fs, io::Write};

	fn source(path: &Path, more: &str) -> CsvSource {
		let text = format!("[csv]\npath = {:?}\n{more}", path.display().to_string());
		match toml::from_str(&text).unwrap() {
			SourceConfig::Csv(config) => CsvSource::new(config),
			other => panic!("{other:?}"),
		}
	}

	fn poll(source: &mut CsvSource, cursor: &mut Cursor, limit: usize) -> Polled {
		let polled = source.poll(cursor, limit).now_or_never().unwrap().unwrap();
		assert!(polled.cursor.0.len() <= 1024);
		*cursor = polled.cursor.clone();
		polled
	}

	/// (time, counts) of what came, in order.
	fn seen(polled: &Polled) -> Vec<(String, Vec<u64>)> {
		let of = |observation: &Observation| match observation {
			Observation::Counts {
				measured_at, counts, ..
			} => (
				units::format_time(*measured_at)[11..16].to_owned(),
				counts.iter().map(|(_, count)| *count).collect(),
			),
			Observation::Ocmf(_) => panic!("no record is in a CSV file"),
		};
		polled.observations.iter().map(of).collect()
	}

	fn row(time: &str, counts: &[u64]) -> (String, Vec<u64>) {
		(time.into(), counts.to_vec())
	}

	fn append(path: &Path, text: &str) {
		let mut file = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
		file.write_all(text.as_bytes()).unwrap();
	}

	#[test]
	fn power_should_be_counted_across_polls_when_the_file_grows() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("plant.csv");
		let mut source = source(&path, "start = { export = \"1 kWh\" }");
		let mut cursor = Cursor::default();
		assert!(matches!(source.read(&cursor, 9), Err(SourceError::Temporary(_))));
		append(&path, "# a plant\ntime_utc,pow");
		assert_eq!(poll(&mut source, &mut cursor, 9), Polled::default());
		append(&path, "er_w\n2026-06-01T12:15:00Z,4000\n2026-06-01T12:30:00Z,-1\n");
		let first = poll(&mut source, &mut cursor, 9);
		assert_eq!(
			seen(&first),
			[
				row("12:00", &[1_000, 0]),
				row("12:15", &[2_000, 0]),
				row("12:30", &[2_000, 0])
			]
		);
		// Three quarters of an hour at 1 W are not a whole Wh; the fourth makes one. A gap counts nothing
		append(
			&path,
			"2026-06-01T12:45:00Z,-1\n2026-06-01T13:00:00Z,-1\n# night\n2026-06-01T15:00:00Z,-1\n2026-06-01T15:05:00Z,1200\n",
		);
		let second = poll(&mut source, &mut cursor, 9);
		let expected = [
			row("12:45", &[2_000, 0]),
			row("13:00", &[2_000, 0]),
			row("15:00", &[2_000, 1]),
			row("15:05", &[2_100, 1]),
		];
		assert_eq!(seen(&second), expected);
		assert_eq!(seen(&poll(&mut source, &mut cursor, 9)), []);
	}

	#[test]
	fn bad_lines_should_be_passed_over_and_reported_once() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("plant.csv");
		append(
			&path,
			"time_utc,export_kwh\n2026-06-01T12:00:00Z,5.5\n2026-06-01T12:15:00Z,much\n\n",
		);
		append(&path, "2026-06-01T11:00:00Z,5.6\n2026-06-01T12:30:00Z,5.7\n");
		let (mut source, mut cursor) = (source(&path, ""), Cursor::default());
		let polled = poll(&mut source, &mut cursor, 9);
		assert_eq!(seen(&polled), [row("12:00", &[5_500]), row("12:30", &[5_700])]);
		let refused: Vec<String> = polled.refused.iter().map(|refused| refused.to_string()).collect();
		assert!(
			refused[0].contains("plant.csv:3: `export_kwh` is \"much\""),
			"{refused:?}"
		);
		assert!(refused[1].contains("plant.csv:4: an empty line"), "{refused:?}");
		assert!(
			refused[2].contains("plant.csv:5: the time 2026-06-01T11:00:00Z is earlier"),
			"{refused:?}"
		);
		assert_eq!(refused.len(), 3);
		assert_eq!(poll(&mut source, &mut cursor, 9).refused, []);
		let said = source.check().now_or_never().unwrap().unwrap();
		assert!(said.contains("2 readings; 3 lines refused, the first at"), "{said}");
	}

	#[test]
	fn replaced_file_should_bring_only_what_is_newer() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("plant.csv");
		let (mut source, mut cursor) = (source(&path, ""), Cursor::default());
		append(
			&path,
			"time_utc,export_wh\n2026-06-01T12:00:00Z,5\n2026-06-01T12:15:00Z,6\n",
		);
		assert_eq!(poll(&mut source, &mut cursor, 9).observations.len(), 2);
		fs::write(
			&path,
			"time_utc,import_wh,export_wh\n2026-06-01T12:15:00Z,0,6\n2026-06-01T12:30:00Z,0,7\n",
		)
		.unwrap();
		let polled = poll(&mut source, &mut cursor, 9);
		assert_eq!((seen(&polled), polled.refused.len()), (vec![row("12:30", &[0, 7])], 0));
	}

	#[test]
	fn source_should_say_what_it_expected_when_the_header_is_wrong() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("plant.csv");
		append(&path, "# comment\ntime,power\n");
		let mut source = source(&path, "");
		let error = source.check().now_or_never().unwrap().unwrap_err().to_string();
		assert!(
			error.contains("plant.csv:2: the header has no column `time_utc`"),
			"{error}"
		);
		assert!(source.read(&Cursor::default(), 9).is_err());
		fs::write(&path, "x".repeat(HEADER_WITHIN as usize + 1)).unwrap();
		assert!(matches!(
			source.read(&Cursor::default(), 9),
			Err(SourceError::Malformed(_))
		));
	}

	#[test]
	fn register_should_refuse_when_it_would_pass_64_bits() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("plant.csv");
		append(
			&path,
			"time_utc,power_w\n2026-06-01T12:15:00Z,9000000000000\n2026-06-01T12:30:00Z,0\n",
		);
		let start = "start = { export = \"18446744073.7 GWh\" }";
		let (mut source, mut cursor) = (source(&path, start), Cursor::default());
		let polled = poll(&mut source, &mut cursor, 9);
		assert!(polled.refused[0].what.contains("would pass"), "{:?}", polled.refused);
		assert_eq!(seen(&polled).len(), 2);
	}

	proptest! {
		#[test]
		fn source_should_never_panic_nor_repeat_when_bytes_are_random(
			pieces in prop::collection::vec("([0-9]{1,3},|2026-06-01T0[0-9]:[0-5]0:00Z,-?[0-9]{1,5}\n|[\\PC\n]{0,5}){0,6}", 1..6),
			limit in 2usize..6,
		) {
			let folder = tempfile::tempdir().unwrap();
			let path = folder.path().join("plant.csv");
			append(&path, "time_utc,power_w\n");
			let (mut source, mut cursor) = (source(&path, ""), Cursor::default());
			let mut last = None;
			for piece in &pieces {
				append(&path, piece);
				loop {
					let polled = poll(&mut source, &mut cursor, limit);
					prop_assert!(polled.observations.len() <= limit);
					for observation in &polled.observations {
						let Observation::Counts { measured_at, .. } = observation else { panic!("counts") };
						prop_assert!(last < Some(*measured_at));
						last = Some(*measured_at);
					}
					if !polled.more {
						break;
					}
				}
			}
		}

		#[test]
		fn source_should_give_the_same_when_read_in_one_or_in_many_polls(
			watts in prop::collection::vec(-9_000i64..9_000, 1..40), limit in 2usize..7,
		) {
			let folder = tempfile::tempdir().unwrap();
			let path = folder.path().join("plant.csv");
			append(&path, "time_utc,power_w\n");
			for (n, watts) in (1u64..).zip(&watts) {
				append(&path, &format!("{},{watts}\n", units::format_time(1_780_315_200_000 + n * 900_000)));
			}
			let mut source = source(&path, "");
			let whole = source.read(&Cursor::default(), 1_000).unwrap().observations;
			let (mut cursor, mut parts) = (Cursor::default(), Vec::new());
			loop {
				let polled = poll(&mut source, &mut cursor, limit);
				parts.extend(polled.observations);
				if !polled.more {
					break;
				}
			}
			prop_assert_eq!(parts, whole);
		}
	}
}

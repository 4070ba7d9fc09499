use std::{
	fs,
	io::Write,
	path::Path,
	time::{Duration, SystemTime},
};

use proptest::prelude::*;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::{
	telegram::{Entry, Telegrams, MAX_BYTES},
	*,
};
use crate::source::config::SourceConfig;

const METER: &[u8] = &[0x0a, 1, b'X', b'X', b'X', 0, 0, 0, 0, 7];

/// A value of a telegram: OBIS groups C, D, E, unit, scaler, value.
type Value = (u8, u8, u8, u8, i8, i64);

/// CRC-16/X-25, as both layers of SML have it.
fn crc(bytes: &[u8]) -> [u8; 2] {
	let crc = bytes.iter().fold(0xffff_u16, |crc, byte| {
		(0..8).fold(crc ^ u16::from(*byte), |crc, _| {
			(crc >> 1) ^ if crc & 1 == 1 { 0x8408 } else { 0 }
		})
	});
	(!crc).to_le_bytes()
}

/// One list of values of a meter, as it stands between the escape sequences.
fn message(server_id: &[u8], values: &[Value]) -> Vec<u8> {
	let mut bytes = vec![
		0x76, 0x05, 0, 0, 0, 1, 0x62, 0, 0x62, 0, 0x72, 0x65, 0, 0, 0x07, 0x01, 0x77, 0x01,
	];
	bytes.push(u8::try_from(server_id.len() + 1).unwrap());
	bytes.extend(server_id);
	bytes.extend([0x01, 0x01, 0x70 | u8::try_from(values.len()).unwrap()]);
	for (c, d, e, unit, scaler, value) in values {
		bytes.extend([
			0x77,
			0x07,
			1,
			0,
			*c,
			*d,
			*e,
			0xff,
			0x01,
			0x01,
			0x62,
			*unit,
			0x52,
			scaler.cast_unsigned(),
			0x59,
		]);
		bytes.extend(value.to_be_bytes());
		bytes.push(0x01);
	}
	bytes.extend([0x01, 0x01]);
	let crc = crc(&bytes);
	bytes.push(0x63);
	bytes.extend(crc);
	bytes.push(0);
	bytes
}

/// A whole telegram.
fn telegram(server_id: &[u8], values: &[Value]) -> Vec<u8> {
	let message = message(server_id, values);
	let mut bytes = vec![0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1];
	let padding = message.len().next_multiple_of(4) - message.len();
	bytes.extend(message);
	bytes.extend(std::iter::repeat_n(0, padding));
	bytes.extend([0x1b, 0x1b, 0x1b, 0x1b, 0x1a, u8::try_from(padding).unwrap()]);
	let crc = crc(&bytes);
	bytes.extend(crc);
	bytes
}

/// A meter that delivered and drew so many tenths of a Wh.
fn meter(export: i64, import: i64) -> Vec<u8> {
	telegram(
		METER,
		&[
			(1, 8, 0, 30, -1, import),
			(2, 8, 0, 30, -1, export),
			(16, 7, 0, 27, 0, -250),
		],
	)
}

fn source(input: &str) -> SmlSource {
	match toml::from_str(&format!("[sml]\ntimeout = \"1s\"\n{input}")).unwrap() {
		SourceConfig::Sml(config) => SmlSource::new(config),
		other => panic!("{other:?}"),
	}
}

fn of_path(kind: &str, path: &Path) -> SmlSource {
	source(&format!("input = {{ {kind} = {:?} }}", path.display().to_string()))
}

async fn poll(source: &mut SmlSource, cursor: &mut Cursor) -> Result<Vec<(Moment, Vec<(Register, u64)>)>, SourceError> {
	let polled = source.poll(cursor, 9).await?;
	assert!(polled.cursor.0.len() <= 1024);
	*cursor = polled.cursor;
	let of = |observation: Observation| match observation {
		Observation::Counts {
			measured_at, counts, ..
		} => (measured_at, counts),
		Observation::Ocmf(_) => panic!("counts"),
	};
	Ok(polled.observations.into_iter().map(of).collect())
}

const BOTH: [(Register, u64); 2] = [(Register::Import, 7), (Register::Export, 1_234)];

#[test]
fn registers_should_be_those_of_active_energy() {
	let values = [
		(1, 8, 0, 30, 3, 5),
		(1, 8, 2, 30, -1, 79),
		(2, 8, 63, 30, 0, 1),
		(2, 8, 64, 30, 0, 2),
		(3, 8, 0, 30, 0, 3),
		(1, 7, 0, 30, 0, 4),
		(2, 8, 0, 32, 0, 5),
		(1, 8, 0, 30, 3, 5),
	];
	let read = Telegrams::last(&telegram(METER, &values)).unwrap();
	assert_eq!((read.server_id.as_slice(), read.entries.len()), (METER, 8));
	let expected = [
		(Register::Import, 5_000),
		(Register::ImportBand(2), 7),
		(Register::ExportBand(63), 1),
	];
	assert_eq!(read.registers(), Ok(expected.to_vec()));
}

#[test]
fn registers_should_be_refused_when_they_contradict_or_cannot_be() {
	for (values, said) in [
		(&[][..], "no register of active energy"),
		(&[(1, 8, 0, 30, 0, -5)], "1-0:1.8.0*255 is -5, below zero"),
		(
			&[(1, 8, 0, 30, 0, 5), (1, 8, 0, 30, 0, 6)],
			"1-0:1.8.0*255 is there twice",
		),
		(&[(2, 8, 0, 30, 19, i64::MAX)], "which no register counts"),
		(&[(2, 8, 0, 30, 127, 1)], "which no register counts"),
	] {
		let error = Telegrams::last(&telegram(METER, values)).unwrap_err();
		assert!(error.contains(said), "{error}");
	}
	let tiny = Telegrams::last(&telegram(
		METER,
		&[(2, 8, 0, 30, -128, i64::MAX), (1, 8, 0, 30, 127, 0)],
	));
	assert_eq!(
		tiny.unwrap().registers(),
		Ok(vec![(Register::Export, 0), (Register::Import, 0)])
	);
}

#[test]
fn telegram_should_be_refused_when_it_is_of_two_meters_or_too_long() {
	let two = [message(METER, &[(1, 8, 0, 30, 0, 5)]), message(&METER[1..], &[])].concat();
	assert!(telegram::Telegram::parse(&two).unwrap_err().contains("two meters"));
	let mut telegrams = Telegrams::default();
	let endless = [&meter(1, 1)[..8], &vec![0x55; MAX_BYTES]].concat();
	let said: Vec<_> = endless.iter().filter_map(|byte| telegrams.push(*byte)).collect();
	assert!(
		said[0].as_ref().unwrap_err().contains("without a whole telegram"),
		"{said:?}"
	);
	// And what comes after it is read
	let read: Vec<_> = meter(1, 1).iter().filter_map(|byte| telegrams.push(*byte)).collect();
	assert!(read.iter().any(Result::is_ok), "{read:?}");
}

#[tokio::test]
async fn file_should_be_read_once_for_each_time_it_is_written() {
	let file = tempfile::NamedTempFile::new().unwrap();
	let (mut source, mut cursor) = (of_path("file", file.path()), Cursor::default());
	assert!(matches!(
		poll(&mut source, &mut cursor).await,
		Err(SourceError::Malformed(_))
	));
	let broken = &meter(1, 1)[..50];
	file.as_file()
		.write_all(&[b"noise", broken, &meter(5, 5), &meter(12_349, 79), broken].concat())
		.unwrap();
	let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_780_315_200_999);
	file.as_file().set_modified(at).unwrap();
	let seen = poll(&mut source, &mut cursor).await.unwrap();
	assert_eq!(seen, [(1_780_315_200_000, BOTH.to_vec())]);
	assert_eq!(poll(&mut source, &mut cursor).await.unwrap(), []);
	file.as_file().set_modified(at + Duration::from_secs(900)).unwrap();
	assert_eq!(poll(&mut source, &mut cursor).await.unwrap()[0].0, 1_780_316_100_000);
	// The clock of whoever writes it was set back: it is told, and what came before decides
	file.as_file().set_modified(at).unwrap();
	assert_eq!(poll(&mut source, &mut cursor).await.unwrap()[0].0, 1_780_315_200_000);
	file.as_file().set_modified(at + Duration::from_secs(900)).unwrap();
	let said = source.check().await.unwrap();
	assert!(
		said.contains("meter 0a015858580000000007 at 2026-06-01T12:15:00Z: 1.8.0 7 Wh, 2.8.0 1.234 kWh"),
		"{said}"
	);
}

#[tokio::test]
async fn file_should_be_refused_when_no_telegram_in_it_is_whole() {
	let mut damaged = meter(12_349, 79);
	damaged[40] ^= 1;
	for bytes in [
		&b""[..],
		b"no SML at all",
		&damaged,
		&damaged[..60],
		&telegram(METER, &[(16, 7, 0, 27, 0, 5)]),
	] {
		let file = tempfile::NamedTempFile::new().unwrap();
		file.as_file().write_all(bytes).unwrap();
		let error = of_path("file", file.path()).check().await.unwrap_err();
		assert!(matches!(error, SourceError::Malformed(_)), "{error}");
	}
	let error = of_path("file", Path::new("/nonexistent")).check().await.unwrap_err();
	assert!(matches!(error, SourceError::Temporary(_)), "{error}");
}

#[tokio::test]
async fn meter_should_be_refused_when_it_is_another() {
	let file = tempfile::NamedTempFile::new().unwrap();
	file.as_file().write_all(&meter(12_349, 79)).unwrap();
	let path = file.path().display().to_string();
	let with = |id: &str| source(&format!("input = {{ file = {path:?} }}\nserver_id = \"{id}\""));
	assert!(with("0a015858580000000007").check().await.is_ok());
	let error = with("0a01").check().await.unwrap_err().to_string();
	assert!(
		error.contains("the meter is 0a015858580000000007; expected 0a01 as configured"),
		"{error}"
	);
	let (mut source, mut cursor) = (of_path("file", file.path()), Cursor::default());
	let first = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_315_200);
	file.as_file().set_modified(first).unwrap();
	poll(&mut source, &mut cursor).await.unwrap();
	fs::write(file.path(), telegram(&METER[1..], &[(1, 8, 0, 30, 0, 5)])).unwrap();
	let error = poll(&mut source, &mut cursor).await.unwrap_err().to_string();
	assert!(
		error.contains("if it was replaced, write server_id = \"015858580000000007\""),
		"{error}"
	);
	let mut named = with("015858580000000007");
	assert_eq!(poll(&mut named, &mut cursor).await.unwrap().len(), 1);
}

#[tokio::test]
async fn stream_should_give_the_first_whole_telegram() {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let mut source = source(&format!("input = {{ tcp = \"{}\" }}", listener.local_addr().unwrap()));
	let server = tokio::spawn(async move {
		let (mut stream, _) = listener.accept().await.unwrap();
		let telegram = meter(12_349, 79);
		stream.write_all(&telegram[33..]).await.unwrap();
		for piece in telegram.chunks(7) {
			stream.write_all(piece).await.unwrap();
			tokio::time::sleep(Duration::from_millis(2)).await;
		}
		listener
	});
	let mut cursor = Cursor::default();
	assert_eq!(poll(&mut source, &mut cursor).await.unwrap()[0].1, BOTH);
	let listener = server.await.unwrap();
	// A meter that hangs up, and one that says nothing
	let server = tokio::spawn(async move {
		listener.accept().await.unwrap();
		let silent = listener.accept().await.unwrap();
		tokio::time::sleep(Duration::from_secs(3)).await;
		drop(silent);
	});
	let error = source.check().await.unwrap_err();
	assert!(
		matches!(&error, SourceError::Temporary(what) if what.contains("hung up")),
		"{error}"
	);
	let error = source.check().await.unwrap_err();
	assert!(
		matches!(&error, SourceError::Temporary(what) if what.contains("within 1 s")),
		"{error}"
	);
	server.abort();
	let _ = server.await;
	let error = source.check().await.unwrap_err();
	assert!(
		matches!(&error, SourceError::Temporary(what) if what.contains("cannot connect")),
		"{error}"
	);
}

#[tokio::test]
async fn line_should_give_what_comes_after_it_was_asked() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("line");
	let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
	assert!(made.success());
	let mut line = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
	line.write_all(&meter(1, 1)).unwrap();
	let writer = std::thread::spawn(move || {
		std::thread::sleep(Duration::from_millis(200));
		line.write_all(&meter(12_349, 79)).unwrap();
		line
	});
	let (mut source, mut cursor) = (of_path("device", &path), Cursor::default());
	assert_eq!(poll(&mut source, &mut cursor).await.unwrap()[0].1, BOTH);
	let line = writer.join().unwrap();
	let error = source.check().await.unwrap_err();
	assert!(
		matches!(&error, SourceError::Temporary(what) if what.contains("within 1 s")),
		"{error}"
	);
	drop(line);
}

proptest! {
	#[test]
	fn telegrams_should_never_panic_when_bytes_are_random(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
		let _ = Telegrams::last(&bytes);
		let _ = telegram::Telegram::parse(&bytes);
		let _ = Telegrams::last(&[&[0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1], &bytes[..]].concat());
	}

	#[test]
	fn telegrams_should_never_panic_when_a_message_is_damaged(
		changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6), cut in any::<u16>(),
	) {
		// Damaged within its check sums, which the parser finds only at its end
		let mut bytes = message(METER, &[(1, 8, 0, 30, -1, 5), (2, 8, 1, 30, 0, 6)]);
		let length = bytes.len();
		for (at, byte) in changes {
			bytes[usize::from(at) % length] = byte;
		}
		let _ = telegram::Telegram::parse(&bytes);
		let _ = telegram::Telegram::parse(&bytes[..usize::from(cut) % length]);
	}

	#[test]
	fn wh_should_be_the_floor_of_the_scaled_value(value in 0i64..i64::MAX, scaler in -25i8..25) {
		let entry = Entry { obis: [1, 0, 1, 8, 0, 255], unit: Some(30), scaler, value: value.into() };
		let telegram = telegram::Telegram { server_id: vec![], entries: vec![entry] };
		let expected = if scaler >= 0 {
			u128::try_from(value).ok().and_then(|value| value.checked_mul(10u128.pow(scaler.unsigned_abs().into())))
		} else {
			Some(u128::try_from(value).unwrap() / 10u128.pow(scaler.unsigned_abs().into()))
		};
		let expected = expected.and_then(|wh| u64::try_from(wh).ok());
		prop_assert_eq!(telegram.registers().ok().map(|registers| registers[0].1), expected);
	}
}

#[tokio::test]
async fn source_should_begin_anew_when_the_stored_place_is_of_another_kind() {
	let file = tempfile::NamedTempFile::new().unwrap();
	file.as_file().write_all(&meter(12_349, 79)).unwrap();
	let mut source = of_path("file", file.path());
	for of_another in [
		vec![1, 2, 3],
		vec![1; 41],
		[vec![3], u64::MAX.encode(), vec![0]].concat(),
	] {
		let mut cursor = Cursor(of_another);
		assert_eq!(poll(&mut source, &mut cursor).await.unwrap().len(), 1);
		assert_eq!(poll(&mut source, &mut cursor).await.unwrap(), []);
	}
}

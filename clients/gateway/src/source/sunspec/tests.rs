use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
};

use super::{
	counter::{Shown, UNITS_PER_WH},
	*,
};
use crate::source::config::SourceConfig;

fn source(address: &str, more: &str) -> SunspecSource {
	let text = format!("[sunspec]\naddress = \"{address}\"\nmax_power = \"5 kW\"\ntimeout = \"300ms\"\n{more}");
	match toml::from_str(&text).unwrap() {
		SourceConfig::Sunspec(config) => SunspecSource::new(config),
		other => panic!("{other:?}"),
	}
}

fn shown(wh: u64) -> Option<Shown> {
	Some(Shown {
		count: u128::from(wh) * UNITS_PER_WH,
		step: UNITS_PER_WH,
		modulus: Some(UNITS_PER_WH << 32),
	})
}

fn snapshot(serial: &str, export: Option<Shown>, import: Option<Shown>) -> Snapshot {
	Snapshot {
		manufacturer: "Maker".into(),
		product: "Meter".into(),
		serial: serial.into(),
		model: 203,
		export,
		import,
	}
}

const HOUR: Moment = baseload_primitives::HOUR;

/// Goes on from a state by an hour.
fn advance(source: &SunspecSource, state: &mut State, snapshot: &Snapshot) -> Result<Vec<u64>, SourceError> {
	let (next, counts) = source.advance(state.clone(), snapshot, state.at + HOUR)?;
	*state = next;
	Ok(counts.into_iter().map(|(_, wh)| wh).collect())
}

#[test]
fn counts_should_go_on_across_a_roll_over() {
	let source = source("a:502", "");
	let mut state = State::default();
	let last = u64::from(u32::MAX);
	assert_eq!(
		advance(&source, &mut state, &snapshot("1", shown(last), shown(7))).unwrap(),
		[last, 7]
	);
	assert_eq!(
		advance(&source, &mut state, &snapshot("1", shown(99), shown(7))).unwrap(),
		[last + 100, 7]
	);
	let error = advance(&source, &mut state, &snapshot("1", shown(9_999), shown(7)))
		.unwrap_err()
		.to_string();
	assert!(
		error.contains("register 2.8.0 rose by 9.9 kWh in 1h; with max_power 5 kW at most 5.501 kWh"),
		"{error}"
	);
	let error = advance(&source, &mut state, &snapshot("1", shown(98), shown(7)))
		.unwrap_err()
		.to_string();
	assert!(
		error.contains("register 2.8.0 fell from 99 Wh to 98 Wh, which is no roll-over"),
		"{error}"
	);
	let error = advance(&source, &mut state, &snapshot("1", shown(0), shown(7))).unwrap_err();
	assert!(
		matches!(&error, SourceError::Temporary(what) if what.contains("shows 0 after 99 Wh")),
		"{error}"
	);
	assert_eq!(
		advance(&source, &mut state, &snapshot("1", shown(100), shown(7))).unwrap(),
		[last + 101, 7]
	);
}

#[test]
fn counting_should_go_on_when_the_clock_was_set_back() {
	let source = source("a:502", "");
	let mut state = State::default();
	advance(&source, &mut state, &snapshot("1", shown(1_000), None)).unwrap();
	state.at += 1_000 * HOUR;
	let now = state.at - 999 * HOUR;
	let at = |wh| source.advance(state.clone(), &snapshot("1", shown(wh), None), now);
	// Within what can have flowed in a day
	assert_eq!(at(100_000).unwrap().1, [(Register::Export, 100_000)]);
	assert!(at(1_000_000).is_err() && at(999).is_err());
}

#[test]
fn register_should_be_left_out_when_it_never_was_implemented() {
	let source = source("a:502", "");
	let mut state = State::default();
	assert_eq!(
		advance(&source, &mut state, &snapshot("1", shown(5), None)).unwrap(),
		[5]
	);
	let error = advance(&source, &mut state, &snapshot("1", None, None)).unwrap_err();
	assert!(matches!(&error, SourceError::Temporary(what) if what.contains("2.8.0 is not implemented at the moment")));
	// One that comes to be implemented begins with what it shows
	assert_eq!(
		advance(&source, &mut state, &snapshot("1", shown(6), shown(1_000_000))).unwrap(),
		[6, 1_000_000]
	);
	let error = advance(&source, &mut State::default(), &snapshot("1", None, None)).unwrap_err();
	assert!(error.to_string().contains("model 203 implements neither"), "{error}");
}

#[test]
fn device_should_be_refused_when_it_was_replaced_and_nobody_said_so() {
	let silent = source("a:502", "");
	let mut state = State::default();
	advance(&silent, &mut state, &snapshot("one", shown(5_000_000), None)).unwrap();
	let error = advance(&silent, &mut state, &snapshot("two", shown(3), None))
		.unwrap_err()
		.to_string();
	assert!(error
		.contains("has the serial number \"two\", before it had \"one\"; if it was replaced, write serial = \"two\""));
	let named = source("a:502", "serial = \"two\"");
	assert_eq!(
		advance(&named, &mut state, &snapshot("two", shown(3), None)).unwrap(),
		[3]
	);
	let error = advance(&named, &mut state, &snapshot("one", shown(3), None))
		.unwrap_err()
		.to_string();
	assert!(
		error.contains("has the serial number \"one\"; expected \"two\" as configured"),
		"{error}"
	);
	// A device that tells none goes by what the configuration calls it
	assert_eq!(advance(&named, &mut state, &snapshot("", shown(4), None)).unwrap(), [4]);
	assert!(advance(&named, &mut state, &snapshot("", shown(3), None)).is_err());
	let third = source("a:502", "serial = \"three\"");
	assert_eq!(advance(&third, &mut state, &snapshot("", shown(2), None)).unwrap(), [2]);
}

/// What a device does with a request.
#[derive(Clone)]
enum Answer {
	/// It serves these registers, and has no others.
	Registers(BTreeMap<u16, u16>),
	/// It says this, whatever was asked.
	Bytes(Vec<u8>),
	/// It says nothing.
	Silence,
	/// It hangs up.
	HangUp,
	/// It says this before anything was asked.
	Early(Vec<u8>),
	/// It serves these registers, a byte at a time.
	Slowly(BTreeMap<u16, u16>),
}

/// A device on a port of its own. The other tests talk to an independent server; this one misbehaves.
async fn device(answer: Answer) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap().to_string();
	tokio::spawn(async move {
		while let Ok((stream, _)) = listener.accept().await {
			tokio::spawn(serve(stream, answer.clone()));
		}
	});
	address
}

async fn serve(mut stream: TcpStream, answer: Answer) {
	if let Answer::Early(bytes) = &answer {
		let _ = stream.write_all(bytes).await;
	}
	let mut request = [0; 12];
	while stream.read_exact(&mut request).await.is_ok() {
		let bytes = match &answer {
			Answer::Registers(registers) | Answer::Slowly(registers) => reply(&request, registers),
			Answer::Bytes(bytes) => bytes.clone(),
			Answer::Silence | Answer::Early(_) => continue,
			Answer::HangUp => return,
		};
		let piece = if matches!(answer, Answer::Slowly(_)) {
			1
		} else {
			bytes.len().max(1)
		};
		for piece in bytes.chunks(piece) {
			if stream.write_all(piece).await.is_err() {
				return;
			}
			if piece.len() < bytes.len() {
				tokio::time::sleep(Duration::from_millis(20)).await;
			}
		}
	}
}

/// A Modbus TCP answer to a request for holding registers.
fn reply(request: &[u8; 12], registers: &BTreeMap<u16, u16>) -> Vec<u8> {
	let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
	let (first, count) = (word(8), word(10));
	let values: Option<Vec<u16>> = (0..count)
		.map(|n| registers.get(&first.checked_add(n)?).copied())
		.collect();
	let body = match values {
		Some(values) => {
			let bytes = values.iter().flat_map(|value| value.to_be_bytes());
			[3, u8::try_from(2 * count).unwrap()].into_iter().chain(bytes).collect()
		}
		None => vec![0x83, 2],
	};
	let length = u16::try_from(body.len() + 1).unwrap().to_be_bytes();
	[&request[..4], &length, &request[6..7], &body].concat()
}

/// A map at a base: the marker, then each model's number and registers, then the end.
fn map(base: u16, models: &[(u16, Vec<u16>)]) -> BTreeMap<u16, u16> {
	let mut all = vec![0x5375, 0x6e53];
	for (model, registers) in models {
		all.extend([*model, u16::try_from(registers.len()).unwrap()]);
		all.extend(registers);
	}
	all.extend([0xffff, 0]);
	(base..).zip(all).collect()
}

fn meter(export: u16) -> (u16, Vec<u16>) {
	let mut registers = vec![0; 105];
	registers[37] = export;
	(203, registers)
}

async fn said(answer: Answer) -> SourceError {
	let mut source = source(&device(answer).await, "");
	source.check().await.expect_err("refused")
}

#[tokio::test]
async fn map_should_be_found_at_every_base() {
	for base in [0, 40_000, 50_000] {
		let registers = map(base, &[(1, vec![0x4142; 66]), (64_999, vec![7]), meter(55)]);
		let mut source = source(&device(Answer::Registers(registers)).await, "");
		let polled = source.poll(&Cursor::default(), 9).await.unwrap();
		let [Observation::Counts { counts, .. }] = &polled.observations[..] else {
			panic!("{polled:?}");
		};
		assert_eq!(counts, &[(Register::Export, 55), (Register::Import, 0)]);
		// Within the same second there is nothing new
		let again = source.poll(&polled.cursor, 9).await.unwrap();
		assert!(again.observations.len() <= 1 && polled.cursor.0.len() <= 1024);
	}
}

#[tokio::test]
async fn device_should_be_asked_again_later_when_it_is_silent_or_answers_rubbish() {
	let good = map(40_000, &[meter(55)]);
	for (answer, expected) in [
		(Answer::Silence, "does not answer within 0.3 s"),
		(Answer::HangUp, "answers rubbish, or hung up"),
		(Answer::Slowly(good.clone()), "does not answer within 0.3 s"),
		// The wrong transaction, the wrong protocol, the wrong function, a byte count that is wrong, nonsense
		(
			Answer::Bytes(vec![9, 9, 0, 0, 0, 7, 1, 3, 4, 0x53, 0x75, 0x6e, 0x53]),
			"",
		),
		(
			Answer::Bytes(vec![0, 0, 9, 9, 0, 7, 1, 3, 4, 0x53, 0x75, 0x6e, 0x53]),
			"",
		),
		(
			Answer::Bytes(vec![0, 0, 0, 0, 0, 7, 1, 4, 4, 0x53, 0x75, 0x6e, 0x53]),
			"",
		),
		(
			Answer::Bytes(vec![0, 0, 0, 0, 0, 7, 1, 3, 9, 0x53, 0x75, 0x6e, 0x53]),
			"",
		),
		(Answer::Bytes(vec![0, 0, 0, 0, 0, 3, 1, 3, 0]), ""),
		(Answer::Bytes(vec![0, 0, 0, 0, 0, 0]), ""),
		(Answer::Bytes(vec![0, 0, 0, 0, 0xff, 0xff, 1, 3]), ""),
		(Answer::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), ""),
		// The device is busy
		(Answer::Bytes(vec![0, 0, 0, 0, 0, 3, 1, 0x83, 6]), "refuses to answer"),
	] {
		let error = said(answer).await;
		assert!(
			matches!(&error, SourceError::Temporary(what) if what.contains(expected)),
			"{error}"
		);
	}
	let mut nobody = source("127.0.0.1:1", "");
	assert!(matches!(nobody.check().await, Err(SourceError::Temporary(_))));
}

#[tokio::test]
async fn map_should_be_refused_when_it_is_none() {
	let mut endless = map(50_000, &[(1, vec![0; 66])]);
	endless.extend([(50_070, 9), (50_071, 60_000)]);
	for (registers, expected) in [
		(BTreeMap::new(), "no SunSpec map"),
		(map(40_001, &[meter(5)]), "no SunSpec map"),
		(map(40_000, &[(1, vec![0; 66])]), "no whole model that counts energy"),
		(map(40_000, &[(203, vec![0; 20])]), "the device has [203]"),
		(map(65_530, &[]), "no SunSpec map"),
		(endless, "has no end"),
		(map(40_000, &vec![(9, vec![]); 65]), "has no end"),
		(
			(40_000..).zip([0x5375, 0x6e53, 1, 66, 0]).collect(),
			"no registers 40070 to 40071",
		),
	] {
		let error = said(Answer::Registers(registers)).await;
		assert!(
			matches!(&error, SourceError::Malformed(what) if what.what.contains(expected)),
			"{error}"
		);
	}
	// Registers that all read as zero, and as ones
	for value in [0, 0xffff] {
		let error = said(Answer::Registers((0..=65_535).map(|at| (at, value)).collect())).await;
		assert!(error.to_string().contains("no SunSpec map"), "{error}");
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(200))]

	#[test]
	fn source_should_never_panic_nor_hang_when_frames_are_random(
		bytes in prop::collection::vec(any::<u8>(), 0..80), header in prop::option::of((0u8..2, 0u8..12, 0u8..2, prop::sample::select(vec![3u8, 0x83, 4, 43, 1]))), is_early: bool,
	) {
		let bytes = match header {
			Some((transaction, length, unit, function)) => {
				[&[0, transaction, 0, 0, 0, length, unit, function][..], &bytes].concat()
			}
			None => bytes,
		};
		let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
		let answered = runtime.block_on(async {
			let answer = if is_early { Answer::Early(bytes) } else { Answer::Bytes(bytes) };
			let mut source = source(&device(answer).await, "");
			source.config.timeout = toml::Spanned::new(0..0, crate::config::values::Millis(20));
			tokio::time::timeout(Duration::from_secs(5), source.check()).await
		});
		prop_assert!(answered.is_ok_and(|answer| answer.is_err()));
	}
}

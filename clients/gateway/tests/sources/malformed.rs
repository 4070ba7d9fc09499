//! Input that is wrong, of every source: `tests/malformed/expected.tsv` says for each file what must be said of it.

use std::{
	fs,
	path::{Path, PathBuf},
};

use baseload_gateway::source::{Cursor, Observation};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpListener,
};

use crate::open;

fn folder() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed")
}

/// (file, how many observations it gives all the same, what is said of it).
fn expectations() -> Vec<(String, usize, String)> {
	let text = fs::read_to_string(folder().join("expected.tsv")).unwrap();
	let row = |line: &str| {
		let fields: Vec<&str> = line.split('\t').collect();
		let [file, good, said] = fields[..] else {
			panic!("{line}: expected file, number, text");
		};
		(file.into(), good.parse().unwrap(), said.into())
	};
	text.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

/// Answers every request with the bytes that a file holds in hex, `TT` standing for the transaction's number.
async fn device(answer: String) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap().to_string();
	tokio::spawn(async move {
		let (mut stream, _) = listener.accept().await.unwrap();
		let mut request = [0; 12];
		while stream.read_exact(&mut request).await.is_ok() {
			let answer = answer.replace("TT", &hex::encode(&request[..2]));
			stream.write_all(&hex::decode(answer).unwrap()).await.unwrap();
		}
	});
	address
}

/// What is said of a file: of each thing that is refused, and of the whole if nothing can be had.
async fn said(file: &str) -> (usize, String) {
	let path = folder().join(file);
	let kind = file.split('/').next().unwrap();
	let hex = || {
		fs::read_to_string(&path)
			.unwrap()
			.split_whitespace()
			.collect::<String>()
	};
	// What is wrong by itself is judged where it lies; what must lie in a folder, or is written in hex, in another place
	let place = tempfile::tempdir().unwrap();
	let section = match kind {
		"csv" => format!("[csv]\npath = {:?}", path.display().to_string()),
		"ocmf" => format!("[ocmf]\npath = {:?}", path.display().to_string()),
		"xml" => {
			let copy = place.path().join("1.xml");
			fs::copy(&path, &copy).unwrap();
			let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
			fs::File::options()
				.append(true)
				.open(copy)
				.unwrap()
				.set_modified(old)
				.unwrap();
			format!("[ocmf]\npath = {:?}", place.path().display().to_string())
		}
		"sml" => {
			let copy = place.path().join("telegram");
			fs::write(&copy, hex::decode(hex()).unwrap()).unwrap();
			format!("[sml]\ninput = {{ file = {:?} }}", copy.display().to_string())
		}
		"sunspec" => {
			let address = device(hex()).await;
			format!("[sunspec]\naddress = \"{address}\"\nmax_power = \"5 kW\"\ntimeout = \"300ms\"")
		}
		other => panic!("no source of the kind {other}"),
	};
	match open(&section).poll(&Cursor::default(), 100).await {
		Ok(polled) => {
			let refused: Vec<_> = polled.refused.iter().map(ToString::to_string).collect();
			let good = |observation: &&Observation| !matches!(observation, Observation::Counts { counts, .. } if counts.is_empty());
			(polled.observations.iter().filter(good).count(), refused.join("\n"))
		}
		Err(error) => (0, error.to_string()),
	}
}

#[tokio::test]
async fn input_should_be_refused_as_expected_when_it_is_wrong() {
	let expectations = expectations();
	let mut wrong = Vec::new();
	for (file, good, expected) in &expectations {
		let (found, said) = said(file).await;
		if found != *good || !said.contains(expected.as_str()) {
			wrong.push(format!(
				"{file}: {found} good, expected {good}; said: {said}\n  expected: {expected}"
			));
		}
	}
	assert!(wrong.is_empty(), "{}", wrong.join("\n"));
	// Each file is expected, and each kind of source has some
	let mut files = Vec::new();
	for kind in ["csv", "ocmf", "xml", "sml", "sunspec"] {
		let of_kind = fs::read_dir(folder().join(kind)).unwrap();
		let before = files.len();
		files.extend(of_kind.map(|file| format!("{kind}/{}", file.unwrap().file_name().to_string_lossy())));
		assert!(files.len() > before + 4, "{kind}");
	}
	files.sort_unstable();
	let mut expected: Vec<_> = expectations.iter().map(|(file, ..)| file.clone()).collect();
	expected.sort_unstable();
	assert_eq!(files, expected);
}

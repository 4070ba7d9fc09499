//! SunSpec against an independent server: pymodbus, with registers laid out by the published model files.

use std::{
	io::{BufRead, BufReader, Write},
	path::{Path, PathBuf},
	process::{Child, ChildStdin, ChildStdout, Command, Stdio},
	time::Duration,
};

use baseload_gateway::source::{sunspec::layout::LAYOUTS, Cursor, Observation, SourceError};
use baseload_primitives::Register;
use serde_json::{json, Value};

use crate::open;

/// The Python that `scripts/test-tools` made for the tests.
fn python() -> PathBuf {
	let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
	let folder =
		std::env::var_os("BASELOAD_TEST_PYTHON").map_or(home.join(".cache/baseload-test-python"), PathBuf::from);
	let python = folder.join("bin/python");
	assert!(python.exists(), "no {}: run scripts/test-tools first", python.display());
	python
}

/// A SunSpec device.
struct Device {
	process: Child,
	input: ChildStdin,
	output: BufReader<ChildStdout>,
}

impl Device {
	fn start() -> Self {
		let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources/sunspec_server.py");
		let mut process = Command::new(python())
			.arg(script)
			.stdin(Stdio::piped())
			.stdout(Stdio::piped())
			.spawn()
			.unwrap();
		Self {
			input: process.stdin.take().unwrap(),
			output: BufReader::new(process.stdout.take().unwrap()),
			process,
		}
	}

	fn ask(&mut self, command: &Value) -> String {
		writeln!(self.input, "{command}").unwrap();
		let mut line = String::new();
		self.output.read_line(&mut line).unwrap();
		assert!(!line.is_empty(), "the server died");
		line.trim().into()
	}

	/// Serves these models; returns the address.
	fn serve(&mut self, models: &Value) -> String {
		let said = self.ask(&json!({ "base": 40_000, "unit": 7, "models": models }));
		format!("127.0.0.1:{}", said.strip_prefix("serving ").unwrap())
	}
}

impl Drop for Device {
	fn drop(&mut self) {
		let _ = self.process.kill();
		let _ = self.process.wait();
	}
}

fn common(serial: &str) -> Value {
	json!({ "id": 1, "points": { "Mn": "Acme", "Md": "Sunny 5000", "Vr": "1.2", "SN": serial, "DA": 7 } })
}

fn section(address: &str, more: &str) -> String {
	format!("[sunspec]\naddress = \"{address}\"\nunit = 7\nmax_power = \"5 GW\"\n{more}")
}

/// Polls until the second is another than that of the last reading.
async fn poll(section: &str, cursor: &mut Cursor) -> Result<Vec<(Register, u64)>, SourceError> {
	let mut source = open(section);
	loop {
		let polled = source.poll(cursor, 9).await?;
		*cursor = polled.cursor;
		if let Some(Observation::Counts { counts, .. }) = polled.observations.into_iter().next() {
			return Ok(counts);
		}
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
}

#[test]
fn points_should_be_where_the_published_models_have_them() {
	let mut device = Device::start();
	for layout in &LAYOUTS {
		for model in layout.models.clone() {
			let published: Value = serde_json::from_str(&device.ask(&json!({ "offsets": model }))).unwrap();
			let points = [Some(layout.export), layout.import, layout.scale];
			for point in points.into_iter().flatten() {
				assert_eq!(
					published[point.name]["offset"], point.offset,
					"model {model}: {}",
					point.name
				);
			}
			let kind = format!("{:?}", layout.kind).to_lowercase();
			assert_eq!(published[layout.export.name]["type"], kind, "model {model}");
			assert_eq!(published[layout.export.name]["size"], layout.kind.registers());
		}
	}
	// What names the device
	let published: Value = serde_json::from_str(&device.ask(&json!({ "offsets": 1 }))).unwrap();
	let common = ["Mn", "Md", "SN"].map(|name| published[name]["offset"].as_u64().unwrap());
	assert_eq!(common, [2, 18, 50]);
}

#[tokio::test]
async fn inverter_and_meter_should_be_read_in_every_form() {
	let mut device = Device::start();
	let export = |wh| vec![(Register::Export, wh)];
	let both = |export, import| vec![(Register::Export, export), (Register::Import, import)];
	for (model, points, expected) in [
		(101, json!({ "WH": 1_234, "WH_SF": 0 }), export(1_234)),
		(102, json!({ "WH": 1_234, "WH_SF": 2 }), export(123_400)),
		(
			103,
			json!({ "WH": 1_239, "WH_SF": -1, "W": 4_000, "W_SF": 0 }),
			export(123),
		),
		(111, json!({ "WH": 1_234.75 }), export(1_234)),
		(113, json!({ "WH": 16_000_000.0 }), export(16_000_000)),
		(
			201,
			json!({ "TotWhExp": 5, "TotWhImp": 7, "TotWh_SF": 3 }),
			both(5_000, 7_000),
		),
		(
			203,
			json!({ "TotWhExp": 4_294_967_294u32, "TotWhImp": 0, "TotWh_SF": 0 }),
			both(4_294_967_294, 0),
		),
		(
			204,
			json!({ "TotWhExp": 1_999, "TotWhImp": 999, "TotWh_SF": -3 }),
			both(1, 0),
		),
		(212, json!({ "TotWhExp": 10.5, "TotWhImp": 20.25 }), both(10, 20)),
		(213, json!({ "TotWhExp": 10.5 }), export(10)),
		(
			701,
			json!({ "TotWhInj": 9_000_000_000u64, "TotWhAbs": 12, "TotWh_SF": 0 }),
			both(9_000_000_000, 12),
		),
		(
			701,
			json!({ "TotWhAbs": 12, "TotWh_SF": 1 }),
			vec![(Register::Import, 120)],
		),
	] {
		// Models that are of no interest stand before and after it
		let address =
			device.serve(&json!([common("A1"), { "id": 120 }, { "id": model, "points": points }, { "id": 123 }]));
		let counts = poll(&section(&address, ""), &mut Cursor::default()).await.unwrap();
		assert_eq!(counts, expected, "model {model}");
	}
}

#[tokio::test]
async fn meter_should_be_preferred_and_described_when_a_device_has_both() {
	let mut device = Device::start();
	let address = device.serve(&json!([
		common("A1"),
		{ "id": 103, "points": { "WH": 1_000, "WH_SF": 0 } },
		{ "id": 203, "points": { "TotWhExp": 900, "TotWhImp": 3, "TotWh_SF": 0 } },
	]));
	let said = open(&section(&address, "")).check().await.unwrap();
	let expected = "\"Acme\" \"Sunny 5000\", serial number \"A1\", model 203: 2.8.0 900 Wh, 1.8.0 3 Wh";
	assert!(said.contains(expected), "{said}");
	let said = open(&section(&address, "model = 103")).check().await.unwrap();
	assert!(said.contains("model 103: 2.8.0 1 kWh"), "{said}");
	let error = open(&section(&address, "model = 701"))
		.check()
		.await
		.unwrap_err()
		.to_string();
	assert!(
		error.contains("no whole model 701 that counts energy; the device has [1, 103, 203]"),
		"{error}"
	);
	// Another unit does not answer
	let error = open(&section(&address, "").replace("unit = 7", "unit = 8"))
		.check()
		.await
		.unwrap_err();
	assert!(matches!(error, SourceError::Temporary(_)), "{error}");
}

#[tokio::test]
async fn count_should_go_on_across_a_roll_over_and_be_refused_when_it_falls() {
	let mut device = Device::start();
	let mut meter = |serial: &str, export: u32, import: u32| {
		device.serve(&json!([
			common(serial),
			{ "id": 203, "points": { "TotWhExp": export, "TotWhImp": import, "TotWh_SF": 1 } },
		]))
	};
	let mut cursor = Cursor::default();
	let address = meter("A1", u32::MAX - 1, 50);
	let config = section(&address, "");
	let both = |export, import| vec![(Register::Export, export), (Register::Import, import)];
	assert_eq!(poll(&config, &mut cursor).await.unwrap(), both(42_949_672_940, 500));
	meter("A1", 3, 50);
	assert_eq!(poll(&config, &mut cursor).await.unwrap(), both(42_949_672_990, 500));
	let rolled = cursor.clone();
	for (export, said) in [
		(2, "fell from 30 Wh to 20 Wh"),
		(1_000_000_000, "rose by 9.99999997 GWh"),
		(0, "shows 0 after 30 Wh"),
	] {
		meter("A1", export, 50);
		tokio::time::sleep(Duration::from_millis(1_100)).await;
		let error = open(&config).poll(&cursor, 9).await.unwrap_err().to_string();
		assert!(error.contains(said), "{error}");
	}
	meter("A1", 4, 51);
	assert_eq!(poll(&config, &mut cursor).await.unwrap(), both(42_949_673_000, 510));
	// Another device in its place
	meter("B2", 7, 8);
	tokio::time::sleep(Duration::from_millis(1_100)).await;
	let error = open(&config).poll(&rolled, 9).await.unwrap_err().to_string();
	assert!(error.contains("if it was replaced, write serial = \"B2\""), "{error}");
	assert_eq!(
		poll(&section(&address, "serial = \"B2\""), &mut cursor).await.unwrap(),
		both(70, 80)
	);
}

#[tokio::test]
async fn device_should_be_refused_or_awaited_when_points_are_not_implemented() {
	let mut device = Device::start();
	let mut said = |models: Value| device.serve(&models);
	let address = said(json!([common(""), { "id": 203 }]));
	let error = open(&section(&address, "")).check().await.unwrap_err().to_string();
	assert!(
		error.contains("model 203 implements neither export nor import"),
		"{error}"
	);
	said(json!([common(""), { "id": 203, "points": { "TotWhExp": 5 } }]));
	let error = open(&section(&address, "")).check().await.unwrap_err().to_string();
	assert!(error.contains("no scale factor from -10 to 10"), "{error}");
	said(json!([common(""), { "id": 203, "points": { "TotWhExp": 5, "TotWh_SF": 11 } }]));
	assert!(open(&section(&address, "")).check().await.is_err());
	said(json!([common(""), { "id": 113 }]));
	assert!(open(&section(&address, "")).check().await.is_err());
	said(json!([common("")]));
	let error = open(&section(&address, "")).check().await.unwrap_err().to_string();
	assert!(error.contains("no whole model that counts energy"), "{error}");
}

#[tokio::test]
async fn device_should_be_awaited_when_it_stops_answering_and_read_when_it_is_back() {
	let mut device = Device::start();
	let models = json!([common("A1"), { "id": 103, "points": { "WH": 1_000, "WH_SF": 0 } }]);
	let address = device.serve(&models);
	let config = section(&address, "timeout = \"300ms\"");
	let mut cursor = Cursor::default();
	poll(&config, &mut cursor).await.unwrap();
	let stop = |signal: &str| {
		let status = Command::new("kill")
			.args([signal, &device.process.id().to_string()])
			.status()
			.unwrap();
		assert!(status.success());
	};
	stop("-STOP");
	let error = open(&config).poll(&cursor, 9).await.unwrap_err();
	assert!(
		matches!(&error, SourceError::Temporary(what) if what.contains("does not answer within 0.3 s")),
		"{error}"
	);
	stop("-CONT");
	assert_eq!(poll(&config, &mut cursor).await.unwrap(), [(Register::Export, 1_000)]);
}

//! The gateway as its operator runs it: encrypted key, checked configuration, status, metrics, logs, and a stop that loses nothing.

use std::{
	fs::{self, File, OpenOptions, Permissions},
	io::{Read, Write},
	net::{SocketAddr, TcpListener, TcpStream},
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{units, Chain};
use baseload_demo::plant_day::{self, Plan, World};
use baseload_primitives::{Moment, HOUR, MINUTE, SECOND};
use baseload_tests::{gateway_program, start_node, Said};
use serde_json::Value;
use tempfile::TempDir;

/// How long the gateway may take for anything: readings wait for their challenge window.
const PATIENCE: Duration = Duration::from_secs(120);

/// The operator's machine.
struct Plant {
	folder: TempDir,
	world: World,
	url: String,
	genesis: String,
	address: SocketAddr,
	/// When the logger began.
	began: Moment,
}

impl Plant {
	fn path(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}

	/// What the gateway says to this.
	fn said(&self, arguments: &[&str]) -> Result<Said> {
		Said::by(Command::new(gateway_program()?).arg("--json").args(arguments))
	}

	/// A configuration for this genesis and key.
	fn configure(&self, genesis: &str, key: &Path) -> Result<String> {
		let path = self.path("gateway.toml");
		let folder = self.folder.path().display();
		let text = format!(
			"[chain]\nurl = \"{}\"\ngenesis = \"{genesis}\"\n\
			 [keys]\npassphrase_file = \"{folder}/passphrase\"\n\
			 [outbox]\npath = \"{folder}/outbox\"\n\
			 [metrics]\nlisten = \"{}\"\n\
			 [log]\nformat = \"json\"\n\
			 [[meter]]\nid = {}\nkey = \"{}\"\nevery = \"1s\"\n\
			 source = {{ csv = {{ path = \"{folder}/logger.csv\" }} }}\n",
			self.url,
			self.address,
			self.world.meter,
			key.display()
		);
		fs::write(&path, text)?;
		Ok(path.to_str().context("a plain path")?.to_owned())
	}

	/// The logger appends a line.
	fn log(&self, line: &str) -> Result<()> {
		let file = OpenOptions::new()
			.append(true)
			.create(true)
			.open(self.path("logger.csv"));
		Ok(writeln!(file?, "{line}")?)
	}

	/// The logger appends what the meter shows a quarter of an hour after the last line.
	fn log_quarter(&self, quarter: u64) -> Result<()> {
		let time = units::format_time(self.began + quarter * 15 * MINUTE);
		self.log(&format!("{time},{},{}", 500 * quarter, quarter))
	}

	fn status(&self) -> Result<Value> {
		self.said(&["status", "--at", &self.address.to_string()])?.json()
	}

	/// Waits until the status is as wanted.
	async fn until(&self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
		let deadline = Instant::now() + PATIENCE;
		loop {
			let seen = self.status();
			match seen {
				Ok(status) if wanted(&status) => return Ok(status),
				seen => ensure!(Instant::now() < deadline, "it did not come to that: {seen:?}"),
			}
			tokio::time::sleep(Duration::from_millis(500)).await;
		}
	}

	fn metrics(&self) -> Result<String> {
		let mut stream = TcpStream::connect(self.address)?;
		stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: plant\r\n\r\n")?;
		let mut answer = String::new();
		stream.read_to_string(&mut answer)?;
		Ok(answer)
	}

	fn start(&self, config: &str) -> Result<Running> {
		let log = File::create(self.path("log"))?;
		let child = Command::new(gateway_program()?)
			.args(["run", "--config", config])
			.stderr(Stdio::from(log))
			.spawn()?;
		Ok(Running(child))
	}
}

/// A running gateway; killed if the test fails.
struct Running(Child);

impl Running {
	/// Asks it to stop as systemd does. It must end by itself, and well.
	async fn stop(mut self) -> Result<()> {
		let asked = Command::new("kill")
			.args(["-TERM", &self.0.id().to_string()])
			.status()?;
		ensure!(asked.success(), "the gateway cannot be signalled");
		let deadline = Instant::now() + Duration::from_secs(30);
		loop {
			match self.0.try_wait()? {
				Some(status) => {
					ensure!(status.success(), "the gateway ended with {status}");
					return Ok(());
				}
				None => ensure!(Instant::now() < deadline, "the gateway does not stop"),
			}
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
	}
}

impl Drop for Running {
	fn drop(&mut self) {
		// Gone already unless the test failed
		let _ = self.0.kill();
		let _ = self.0.wait();
	}
}

fn free_address() -> Result<SocketAddr> {
	Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

#[tokio::test]
async fn gateway_should_tell_its_operator_everything_when_it_runs_as_a_service() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let genesis = format!("{:?}", chain.genesis_hash());
	let now = plant_day::chain_time(&chain).await?;
	let plant = Plant {
		folder: tempfile::tempdir()?,
		world: World::found(chain, Plan::default()).await?,
		url: node.url(),
		genesis,
		address: free_address()?,
		began: (now - 2 * HOUR) / SECOND * SECOND,
	};
	plant.log("time_utc,export_wh,import_wh")?;
	for quarter in 0..3 {
		plant.log_quarter(quarter)?;
	}
	let seed = key_should_be_encrypted(&plant)?;
	let key = plant.world.device_key();
	check_should_find_what_is_wrong(&plant)?;
	let config = plant.configure(&plant.genesis, &key)?;
	let checked = plant.said(&["check", "--config", &config])?;
	ensure!(checked.success, "{checked:?}");

	let running = plant.start(&config)?;
	let status = plant.until(|status| status["totals"]["finalised"] == 3).await?;
	let meter = &status["meters"][0];
	assert_eq!(
		(&meter["queued"], &status["node"]["up"], &meter["source_error"]),
		(&0.into(), &true.into(), &Value::Null)
	);
	assert_eq!(meter["finalised"]["measured_at"], plant.began + 30 * MINUTE);
	let metrics = plant.metrics()?;
	for line in [
		"baseload_gateway_readings_final_total 3".to_string(),
		"baseload_gateway_node_up 1".to_string(),
		format!("baseload_gateway_meter_queued{{meter=\"{}\"}} 0", plant.world.meter),
	] {
		ensure!(metrics.lines().any(|found| found == line), "{line} in\n{metrics}");
	}

	plant.log("2026-01-31T12:00:00Z,many,0")?;
	plant.log_quarter(3)?;
	let status = plant.until(|status| status["totals"]["finalised"] == 4).await?;
	assert_eq!(status["meters"][0]["set_aside"], 1, "{status}");

	// A count that cannot be: the chain refuses it, and what comes after it is not lost for it
	let spike = units::format_time(plant.began + 4 * 15 * MINUTE);
	plant.log(&format!("{spike},4294967295,4"))?;
	plant.log_quarter(5)?;
	let status = plant.until(|status| status["totals"]["finalised"] == 5).await?;
	let meter = &status["meters"][0];
	assert_eq!(
		(&meter["set_aside"], &meter["queued"]),
		(&2.into(), &0.into()),
		"{status}"
	);
	assert_eq!(meter["finalised"]["measured_at"], plant.began + 5 * 15 * MINUTE);

	running.stop().await?;
	let aside = plant.said(&["aside", "--config", &config])?.json()?;
	assert_eq!(aside["set_aside"].as_array().map(Vec::len), Some(1), "{aside}");
	assert_eq!(
		aside["set_aside"][0]["says"]["registers"]["2.8.0"], 4_294_967_295u64,
		"{aside}"
	);
	let log = fs::read_to_string(plant.path("log"))?;
	for line in log.lines() {
		let event: Value = serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))?;
		ensure!(event["level"].is_string() && event["time"].is_string(), "{line}");
	}
	ensure!(log.contains("SIGTERM") && log.contains("queued"), "{log}");
	ensure!(
		!log.contains(&seed) && !log.contains("correct horse"),
		"a secret is in the log"
	);

	let silent = plant.said(&["status", "--config", &config])?;
	ensure!(!silent.success && silent.err.contains("is it running"), "{silent:?}");
	node.stop().await
}

/// Returns the seed that nobody may see.
fn key_should_be_encrypted(plant: &Plant) -> Result<String> {
	let key = plant.world.device_key();
	let file = key.to_str().context("a plain path")?;
	let seed = fs::read_to_string(&key)?.trim().to_owned();
	let passphrase = plant.path("passphrase");
	fs::write(&passphrase, "correct horse\n")?;
	fs::set_permissions(&passphrase, Permissions::from_mode(0o600))?;
	let passphrase = passphrase.to_str().context("a plain path")?;
	let plain = plant.said(&["key", "show", "--file", file])?.json()?;
	let arguments = ["key", "encrypt", "--passphrase-file", passphrase, "--file", file];
	assert_eq!(plant.said(&arguments)?.json()?, plain);
	ensure!(!fs::read_to_string(&key)?.contains(&seed), "the seed is still there");
	let refused = plant.said(&["key", "show", "--file", file])?;
	ensure!(
		!refused.success && refused.err.contains("BASELOAD_PASSPHRASE_FILE"),
		"{refused:?}"
	);
	Ok(seed)
}

fn check_should_find_what_is_wrong(plant: &Plant) -> Result<()> {
	let key = plant.world.device_key();
	let wrong = |config: &str, says: &str| {
		let said = plant.said(&["check", "--config", config])?;
		ensure!(!said.success && said.out.contains(says), "{says}: {said:?}");
		Ok(())
	};
	let other_chain = format!("0x{}", "07".repeat(32));
	wrong(&plant.configure(&other_chain, &key)?, "is of another chain")?;

	let stranger = plant.path("stranger");
	let file = stranger.to_str().context("a plain path")?;
	plant.said(&["key", "new", "--file", file])?.json()?;
	wrong(&plant.configure(&plant.genesis, &stranger)?, "but the chain expects")?;
	fs::set_permissions(&stranger, Permissions::from_mode(0o644))?;
	wrong(&plant.configure(&plant.genesis, &stranger)?, "mode 644")
}

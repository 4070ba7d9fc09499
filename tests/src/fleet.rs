//! Many meters on a development chain, and the gateway that carries them from files that a logger writes.

use std::{
	fs::OpenOptions,
	io::Write,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{
	calls,
	keys::{DeviceSecret, Key},
	units, Chain,
};
use baseload_primitives::{ConnectionPoint, MeterId, Moment, Proof, Register, SiteDetails, SiteId, Technology, Zone};
use tempfile::TempDir;

use crate::gateway_program;

/// Meters at a site, as many as the chain lets there be.
const PER_SITE: u32 = 16;

/// Sites in one transaction.
const SITES_AT_ONCE: u32 = 8;

/// How long the chain may take to register what it was sent.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where gateways' logs go.
const GATEWAY_LOG: &str = "gateway.log";

/// Every meter's registers.
const REGISTERS: [Register; 2] = [Register::Export, Register::Import];

/// Meters with a gateway of their own.
pub struct Fleet {
	folder: TempDir,
	/// The first meter's number; the others follow.
	pub first: MeterId,
	/// How many there are.
	pub count: u32,
}

impl Fleet {
	/// Registers meters for a development account, and writes down for each its key and an empty log.
	pub async fn found(chain: &Chain, count: u32) -> Result<Self> {
		let folder = tempfile::Builder::new().prefix("baseload-fleet-").tempdir()?;
		let owner = Key::dev("Bob")?;
		let at = chain.best().await?;
		let (site, first) = (at.next_site().await?, at.next_meter().await?);
		let devices = (0..count)
			.map(|number| DeviceSecret::create(&key(folder.path(), number)))
			.collect::<Result<Vec<_>, _>>()?;
		let sites: Vec<_> = devices.chunks(PER_SITE as usize).zip(site.0..).collect();
		for sites in sites.chunks(SITES_AT_ONCE as usize) {
			let calls = sites.iter().flat_map(|(devices, site)| {
				let site = SiteId(*site);
				let meters = devices.iter().map(move |device| {
					let proof = Proof::Possession(device.prove_possession(chain.genesis_hash(), site));
					calls::register_meter(site, device.public(), &REGISTERS, proof)
				});
				std::iter::once(calls::register_site(&details())).chain(meters)
			});
			let bytes = chain.encode_signed(&calls::batch_all(calls), &owner).await?;
			chain.hand_in(&bytes).await?;
		}
		let fleet = Self { folder, first, count };
		for number in 0..count {
			fleet.append(number, "time_utc,export_wh,import_wh\n")?;
		}
		let deadline = Instant::now() + PATIENCE;
		while chain.finalized().await?.next_meter().await?.0 < first.0 + count {
			ensure!(Instant::now() < deadline, "the chain does not register {count} meters");
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
		Ok(fleet)
	}

	/// The meters, in order.
	pub fn meters(&self) -> impl Iterator<Item = MeterId> {
		(self.first.0..self.first.0 + self.count).map(MeterId)
	}

	/// The fleet's folder.
	pub fn path(&self) -> &Path {
		self.folder.path()
	}

	/// Writes the gateway's configuration for this node. Sources are read so often.
	pub fn configure(&self, chain: &Chain, every: &str, metrics: Option<u16>) -> Result<PathBuf> {
		let folder = self.folder.path().display();
		let mut text = format!(
			"[chain]\nurl = \"{}\"\ngenesis = \"{:?}\"\n[outbox]\npath = \"{folder}/outbox\"\n[log]\nlevel = \"info\"\n",
			chain.url(),
			chain.genesis_hash()
		);
		if let Some(port) = metrics {
			text += &format!("[metrics]\nlisten = \"127.0.0.1:{port}\"\n");
		}
		for (number, meter) in self.meters().enumerate() {
			text += &format!(
				"[[meter]]\nid = {meter}\nkey = \"{folder}/{number}.key\"\nevery = \"{every}\"\n\
				 source = {{ csv = {{ path = \"{folder}/{number}.csv\" }} }}\n"
			);
		}
		let path = self.folder.path().join("gateway.toml");
		std::fs::write(&path, text)?;
		Ok(path)
	}

	/// Appends a row to the log of meter `number` (from 0): when, and its two registers in Wh.
	pub fn log(&self, number: u32, measured_at: Moment, export_wh: u64, import_wh: u64) -> Result<()> {
		self.append(number, &row(measured_at, export_wh, import_wh))
	}

	/// The same in two pieces, as a logger writes that is interrupted.
	pub fn log_in_pieces(&self, number: u32, measured_at: Moment, export_wh: u64, import_wh: u64) -> Result<()> {
		let row = row(measured_at, export_wh, import_wh);
		let (begin, rest) = row.split_at(row.len() / 2);
		self.append(number, begin)?;
		std::thread::sleep(Duration::from_millis(5));
		self.append(number, rest)
	}

	fn append(&self, number: u32, text: &str) -> Result<()> {
		let path = self.folder.path().join(format!("{number}.csv"));
		let mut log = OpenOptions::new().create(true).append(true).open(path)?;
		Ok(log.write_all(text.as_bytes())?)
	}

	/// Starts the gateway.
	pub fn start_gateway(&self, config: &Path) -> Result<Gateway> {
		Gateway::start(self.folder.path(), config)
	}

	/// What the gateway said last.
	pub fn gateway_log(&self) -> String {
		Gateway::said(self.folder.path())
	}
}

/// A gateway that runs. Dropping it kills the process.
pub struct Gateway {
	child: Child,
}

impl Gateway {
	/// Starts it. What it says is appended to `gateway.log` in the folder.
	pub fn start(folder: &Path, config: &Path) -> Result<Self> {
		Self::start_as("run", folder, config)
	}

	/// Starts another of its commands that run until they are stopped.
	pub fn start_as(command: &str, folder: &Path, config: &Path) -> Result<Self> {
		let log = OpenOptions::new()
			.create(true)
			.append(true)
			.open(folder.join(GATEWAY_LOG))?;
		let child = Command::new(gateway_program()?)
			.arg(command)
			.arg("--config")
			.arg(config)
			.stdin(Stdio::null())
			.stdout(log.try_clone()?)
			.stderr(log)
			.spawn()
			.context("cannot start the gateway")?;
		Ok(Self { child })
	}

	/// The last lines that gateways in this folder said.
	pub fn said(folder: &Path) -> String {
		let text = std::fs::read_to_string(folder.join(GATEWAY_LOG)).unwrap_or_default();
		let lines: Vec<_> = text.lines().collect();
		lines[lines.len().saturating_sub(40)..].join("\n")
	}

	/// Number of its process.
	pub fn id(&self) -> u32 {
		self.child.id()
	}

	/// Kills it with SIGKILL, as a power cut would.
	pub fn kill(&mut self) -> Result<()> {
		self.child.kill()?;
		self.child.wait()?;
		Ok(())
	}

	/// Whether it ended well; `None` while it runs.
	pub fn ended(&mut self) -> Result<Option<bool>> {
		Ok(self.child.try_wait()?.map(|status| status.success()))
	}

	/// Waits until it ends by itself. Returns whether it ended well.
	pub async fn wait(&mut self, patience: Duration) -> Result<bool> {
		let deadline = Instant::now() + patience;
		while Instant::now() < deadline {
			if let Some(success) = self.ended()? {
				return Ok(success);
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
		bail!("the gateway did not end within {} s", patience.as_secs())
	}

	/// Asks it to stop, and waits until it has.
	pub async fn stop(&mut self) -> Result<()> {
		let asked = Command::new("kill").arg("-TERM").arg(self.id().to_string()).status()?;
		ensure!(asked.success(), "cannot signal the gateway");
		ensure!(
			self.wait(Duration::from_secs(20)).await?,
			"the gateway did not stop well"
		);
		Ok(())
	}
}

impl Drop for Gateway {
	fn drop(&mut self) {
		// The process may be gone already; either way nothing is left to do
		let _ = self.kill();
	}
}

/// A large plant, so that no register that a test writes is implausible.
fn details() -> SiteDetails {
	SiteDetails {
		technology: Technology::Solar,
		zone: Zone::truncate_from(b"DE-50HZ".to_vec()),
		connection_point: ConnectionPoint::truncate_from(b"fleet".to_vec()),
		nameplate_w: 100_000_000,
		commissioned_at: 1_600_000_000_000,
	}
}

fn key(folder: &Path, number: u32) -> PathBuf {
	folder.join(format!("{number}.key"))
}

fn row(measured_at: Moment, export_wh: u64, import_wh: u64) -> String {
	format!("{},{export_wh},{import_wh}\n", units::format_time(measured_at))
}

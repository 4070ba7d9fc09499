//! Attestors as they run: with sources of their own, against a meter that lies, killed in between, and two copies of one.

use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{calls, files::parse_voucher, keys::Key, units, Chain, Wait};
use baseload_demo::{
	node::{Node, Options},
	plant_day::{self, Plan, World},
};
use baseload_primitives::{ClockStatus, MeterId, Moment, Quality, Reading, Registers, SignedReading, HOUR, MINUTE};
use baseload_tests::{fleet::Gateway, start_node, Cli};
use tempfile::TempDir;

/// How long the attestors may take for anything.
const PATIENCE: Duration = Duration::from_secs(180);

const REGISTRAR: &str = "--sudo --as Alice";

/// A plant whose meter has been read once, and the attestors around it.
struct Scene {
	cli: Cli,
	world: World,
	folder: TempDir,
	/// When the meter was first read: a whole minute.
	opened: Moment,
	/// A meter that cannot sign, whose committee is that of the other.
	mute: MeterId,
}

/// An attestor's machine.
struct Machine {
	folder: PathBuf,
	config: PathBuf,
}

impl Machine {
	fn start(&self) -> Result<Gateway> {
		Gateway::start_as("attest", &self.folder, &self.config)
	}

	fn log(&self) -> PathBuf {
		self.folder.join("gateway.log")
	}

	fn said(&self) -> String {
		fs::read_to_string(self.log()).unwrap_or_default()
	}

	fn voucher(&self, meter: MeterId, sequence: u64) -> PathBuf {
		self.folder
			.join(format!("vouchers/meter-{meter}-reading-{sequence}.voucher"))
	}
}

impl Scene {
	async fn set(chain: Chain, url: String) -> Result<Self> {
		let now = plant_day::chain_time(&chain).await?;
		let opened = (now - 2 * HOUR) / MINUTE * MINUTE;
		let world = World::found(chain, Plan::default()).await?;
		world.open_registers(opened).await?;
		let cli = Cli::new(url);
		for name in ["Dave", "Eve", "Ferdie"] {
			cli.run(&format!("attestor bond 1000 --as {name}"))?;
		}
		let (meter, site) = (world.meter, world.site);
		let registered = cli.run(&format!(
			"meter register-committee {site} --register export,import --as Bob"
		))?;
		let mute = MeterId(u32::try_from(registered["meter"].as_u64().context("a number")?)?);
		for meter in [meter, mute] {
			cli.run(&format!(
				"meter committee {meter} --member Dave,Eve --quorum 2 {REGISTRAR}"
			))?;
		}
		cli.run(&format!(
			"meter policy {meter} --window 1h --vote-period 1h {REGISTRAR}"
		))?;
		Ok(Self {
			cli,
			world,
			folder: tempfile::Builder::new().prefix("baseload-attest-").tempdir()?,
			opened,
			mute,
		})
	}

	/// A machine with the key of a development account, and a source that saw 10 Wh a minute, counted from 5 kWh.
	fn machine(&self, name: &str, account: &str) -> Result<Machine> {
		let folder = self.folder.path().join(name);
		fs::create_dir(&folder)?;
		let mut seen = String::from("time_utc,export_wh,import_wh\n");
		for minutes in (0..=60).step_by(10) {
			let at = units::format_time(self.opened + minutes * MINUTE);
			seen += &format!("{at},{},7\n", 5_000 + 10 * minutes);
		}
		fs::write(folder.join("own.csv"), seen)?;
		let key = folder.join("account.key");
		fs::write(&key, format!("//{account}\n"))?;
		private(&key)?;
		let place = folder.display();
		let chain = &self.world.chain;
		let source = format!("source = {{ csv = {{ path = \"{place}/own.csv\" }} }}");
		let config = format!(
			"[chain]\nurl = \"{}\"\ngenesis = \"{:?}\"\n\
			 [attest]\nkey = \"{place}/account.key\"\njournal = \"{place}/attest.redb\"\n\
			 evidence = \"{place}/evidence\"\nvouchers = \"{place}/vouchers\"\nevery = \"1s\"\n\
			 [[attest.meter]]\nid = {}\ntolerance = \"1 %\"\nslack = \"5 Wh\"\n{source}\n\
			 [[attest.meter]]\nid = {}\nreport = \"1m\"\n{source}\n",
			chain.url(),
			chain.genesis_hash(),
			self.world.meter,
			self.mute
		);
		let path = folder.join("gateway.toml");
		fs::write(&path, config)?;
		Ok(Machine { folder, config: path })
	}

	/// The meter's device signs and sends a reading of so many minutes after the first.
	async fn read(&self, sequence: u64, minutes: u64, export_wh: u64) -> Result<()> {
		let reading = Reading {
			sequence,
			measured_at: self.opened + minutes * MINUTE,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			registers: Registers::truncate_from(vec![export_wh, 0]),
		};
		let chain = &self.world.chain;
		let signed: SignedReading = self
			.world
			.device
			.sign_reading(chain.genesis_hash(), self.world.meter, reading);
		let call = calls::submit_reading(self.world.meter, &signed);
		chain.submit_feeless(&call, Wait::InBlock).await?;
		Ok(())
	}
}

/// A node that forgets a state after sixteen blocks, as others do after 256: what attestors need is there all the same.
async fn forgetful_node() -> Result<Node> {
	let arguments = ["--dev", "--no-prometheus", "--state-pruning", "16"];
	let options = Options {
		arguments: arguments.map(String::from).to_vec(),
		..Options::default()
	};
	Node::start(options).await
}

fn private(path: &Path) -> Result<()> {
	use std::os::unix::fs::PermissionsExt;
	Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600))?)
}

/// Waits until something holds. What machines said is in the error.
async fn until(what: &str, machines: &[&Machine], mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
	let deadline = Instant::now() + PATIENCE;
	while !holds()? {
		let said: Vec<_> = machines.iter().map(|machine| machine.said()).collect();
		ensure!(Instant::now() < deadline, "waited for {what}\n{}", said.join("\n---\n"));
		tokio::time::sleep(Duration::from_millis(500)).await;
	}
	Ok(())
}

#[tokio::test]
async fn lie_should_be_vouched_for_by_nobody_disputed_once_and_voted_down() -> Result<()> {
	let mut node = forgetful_node().await?;
	let scene = Scene::set(Chain::connect(&node.url()).await?, node.url()).await?;
	let (cli, meter, mute) = (&scene.cli, scene.world.meter, scene.mute);
	let chain = &scene.world.chain;
	let ferdie = Key::dev("Ferdie")?.account();
	let nonce = chain.best().await?.nonce(&ferdie).await?;

	// Two copies of Ferdie, as on two machines, and the two members of the committee
	let first = scene.machine("ferdie", "Ferdie")?;
	let second = scene.machine("ferdie-again", "Ferdie")?;
	let (dave, eve) = (scene.machine("dave", "Dave")?, scene.machine("eve", "Eve")?);
	let all = [&first, &second, &dave, &eve];
	let mut copy = first.start()?;
	let _others = [second.start()?, dave.start()?, eve.start()?];

	// A meter that cannot sign is read by its committee, to the Wh
	until("the committee's report", &all, || {
		let shown = cli.run(&format!("meter show {mute}"))?;
		Ok(shown["measured_registers"][0] == "5600" && shown["measured_registers"][1] == "7")
	})
	.await?;

	// What agrees is vouched for
	scene.read(2, 10, 101).await?;
	until("vouchers", &all, || {
		Ok(all.iter().all(|machine| machine.voucher(meter, 2).exists()))
	})
	.await?;
	let voucher = parse_voucher(&fs::read_to_string(first.voucher(meter, 2))?)?;
	assert_eq!((voucher.attestor, voucher.voucher.meter), (ferdie, meter));
	assert_eq!(voucher.voucher.reading.registers[0], 101);
	let again = parse_voucher(&fs::read_to_string(second.voucher(meter, 2))?)?;
	assert_eq!(again.voucher, voucher.voucher, "two copies vouch for the same");

	// A power cut, and a second copy with the same journal
	copy.kill()?;
	let mut copy = first.start()?;
	tokio::time::sleep(Duration::from_secs(3)).await;
	let mut intruder = first.start()?;
	ensure!(!intruder.wait(PATIENCE).await?, "two copies run with one journal");
	ensure!(
		first.said().contains("another copy of this program"),
		"{}",
		first.said()
	);

	// Plausible to the chain, but not what the others saw: 900 Wh instead of 200
	scene.read(3, 20, 900).await?;
	until("a verdict", &all, || Ok(cli.run("attestor show Ferdie")?["won"] == 1)).await?;
	let shown = cli.run(&format!("meter show {meter}"))?;
	assert_eq!(
		(&shown["status"], &shown["pending"]),
		(&"suspended".into(), &1.into()),
		"{shown}"
	);
	for (name, votes) in [("Dave", 1), ("Eve", 1), ("Ferdie", 0)] {
		assert_eq!(cli.run(&format!("attestor show {name}"))?["votes"], votes, "{name}");
	}
	let sent = chain.best().await?.nonce(&ferdie).await? - nonce;
	assert_eq!(sent, 1, "two copies of Ferdie sent {sent} transactions");
	let evidence: Vec<_> = fs::read_dir(first.folder.join("evidence"))
		.into_iter()
		.chain(fs::read_dir(second.folder.join("evidence")))
		.flatten()
		.collect::<Result<_, _>>()?;
	ensure!(!evidence.is_empty(), "nobody wrote evidence");
	let text = fs::read_to_string(evidence[0].path())?;
	ensure!(
		text.contains("\"rise\": 900") && text.contains("\"most\": 200"),
		"{text}"
	);
	for machine in all {
		ensure!(
			!machine.voucher(meter, 3).exists(),
			"vouched for a lie: {}",
			machine.said()
		);
	}

	copy.stop().await?;
	node.stop().await
}

#[tokio::test]
async fn attestor_should_not_begin_when_the_chain_is_another() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let folder = tempfile::tempdir()?;
	let place = folder.path().display();
	fs::write(folder.path().join("key"), "//Ferdie\n")?;
	private(&folder.path().join("key"))?;
	let config = folder.path().join("gateway.toml");
	let wrong = "0x".to_owned() + &"07".repeat(32);
	fs::write(
		&config,
		format!(
			"[chain]\nurl = \"{}\"\ngenesis = \"{wrong}\"\n\
			 [attest]\nkey = \"{place}/key\"\njournal = \"{place}/j\"\nevidence = \"{place}/e\"\n\
			 [[attest.meter]]\nid = 0\nsource = {{ csv = {{ path = \"{place}/own.csv\" }} }}\n",
			chain.url()
		),
	)?;
	let mut attestor = Gateway::start_as("attest", folder.path(), &config)?;
	ensure!(!attestor.wait(PATIENCE).await?, "it went on");
	let said = fs::read_to_string(folder.path().join("gateway.log"))?;
	ensure!(
		said.contains("is of a chain that begins with") && said.contains(&wrong),
		"{said}"
	);
	node.stop().await
}

//! A meter gets another key, and later another device, while a gateway carries its readings: none is lost, none comes twice.

use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{device::format_device_key, keys::DeviceSecret, units, Chain};
use baseload_demo::plant_day;
use baseload_primitives::{MeterId, Moment, MINUTE};
use baseload_tests::{
	fleet::{Fleet, Gateway},
	start_node, Cli,
};

/// How long anything may take: readings wait for a block, its finality and their challenge window.
const PATIENCE: Duration = Duration::from_secs(120);

/// The registrar, as a development chain has it.
const REGISTRAR: &str = "--sudo --as Alice";

/// A plant of one meter.
struct Plant {
	chain: Chain,
	cli: Cli,
	fleet: Fleet,
	/// When its logger began.
	began: Moment,
}

impl Plant {
	fn meter(&self) -> MeterId {
		self.fleet.first
	}

	fn path(&self, name: &str) -> PathBuf {
		self.fleet.path().join(name)
	}

	/// What the chain gets of the logger's line for minute `minute`.
	fn reading(&self, minute: u64, export_wh: u64) -> (Moment, Vec<u64>) {
		(self.began + minute * MINUTE, vec![export_wh, 0])
	}

	/// The logger appends a line.
	fn log(&self, minute: u64, export_wh: u64) -> Result<()> {
		self.fleet.log(0, self.began + minute * MINUTE, export_wh, 0)
	}

	/// All readings that final blocks carry of the meter, in order.
	async fn carried(&self) -> Result<Vec<(Moment, Vec<u64>)>> {
		let mut carried = Vec::new();
		for number in 1..=self.chain.finalized_number().await? {
			let hash = self.chain.block_hash(number).await?.context("the node has its blocks")?;
			for (meter, signed) in self.chain.at(hash).await?.signed_readings().await? {
				assert_eq!(meter, self.meter());
				carried.push((signed.reading.measured_at, signed.reading.registers.to_vec()));
			}
		}
		Ok(carried)
	}

	/// Waits until the reading of minute `minute` is final, and the meter's export at it is as said.
	async fn until_final(&self, minute: u64, export_wh: u64) -> Result<()> {
		let deadline = Instant::now() + PATIENCE;
		loop {
			let view = self.chain.finalized().await?.meter(self.meter()).await?;
			let newest = view.context("the meter is gone")?.newest_final;
			if let Some(newest) = newest.filter(|newest| newest.measured_at == self.began + minute * MINUTE) {
				assert_eq!(newest.registers, vec![export_wh, 0]);
				return Ok(());
			}
			ensure!(Instant::now() < deadline, "{}", self.fleet.gateway_log());
			tokio::time::sleep(Duration::from_millis(300)).await;
		}
	}

	/// Waits until the gateway has said this.
	async fn until_said(&self, what: &str) -> Result<()> {
		let deadline = Instant::now() + PATIENCE;
		while !self.fleet.gateway_log().contains(what) {
			ensure!(Instant::now() < deadline, "{}", self.fleet.gateway_log());
			tokio::time::sleep(Duration::from_millis(300)).await;
		}
		Ok(())
	}

	/// Puts the key into the place where the gateway's configuration has the meter's.
	fn install(&self, key: &Path) -> Result<()> {
		Ok(fs::rename(key, self.path("0.key"))?)
	}

	/// Stops the gateway and starts it again, as after a change of what it is configured with.
	async fn restart(&self, mut gateway: Gateway, config: &Path) -> Result<Gateway> {
		gateway.stop().await?;
		self.fleet.start_gateway(config)
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_should_go_on_when_the_key_is_rotated_and_the_device_replaced() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let now = plant_day::chain_time(&chain).await?;
	let plant = Plant {
		fleet: Fleet::found(&chain, 1).await?,
		cli: Cli::new(node.url()),
		began: now - now % MINUTE - 60 * MINUTE,
		chain,
	};
	let (meter, old) = (plant.meter(), plant.path("0.key"));
	let config = plant.fleet.configure(&plant.chain, "1s", None)?;
	for minute in 0..3 {
		plant.log(minute, 1_000 + 100 * minute)?;
	}
	let gateway = plant.fleet.start_gateway(&config)?;
	plant.until_final(2, 1_200).await?;

	// Another key: what is read before the operator puts it in place waits for it
	let second = plant.path("second.key");
	DeviceSecret::create(&second)?;
	plant.cli.run(&format!(
		"meter rotate-key {meter} --device-file {} --new-device-file {} --as Bob",
		old.display(),
		second.display()
	))?;
	plant.log(3, 1_300)?;
	plant.log(4, 1_400)?;
	plant.until_said("but the chain has").await?;
	plant.install(&second)?;
	let gateway = plant.restart(gateway, &config).await?;
	plant.until_final(4, 1_400).await?;

	// Another device, which shows 70 Wh when it takes over and counts its readings from 1 again
	plant.cli.run(&format!("meter suspend {meter} {REGISTRAR}"))?;
	let site = plant.cli.run(&format!("meter show {meter}"))?["site"].clone();
	let third = plant.path("third.key");
	let key = format_device_key(DeviceSecret::create(&third)?.public());
	plant.cli.run(&format!("meter approve-key {site} {key} {REGISTRAR}"))?;
	plant.cli.run(&format!(
		"meter replace-device {meter} {key} --opening export=70Wh,import=0Wh {REGISTRAR}"
	))?;
	plant.cli.run(&format!("meter resume {meter} {REGISTRAR}"))?;
	plant.install(&third)?;
	let time = |minute: u64| units::format_time(plant.began + minute * MINUTE);
	fs::write(
		plant.path("third.csv"),
		format!("time_utc,export_wh,import_wh\n{},90,0\n{},150,0\n", time(6), time(7)),
	)?;
	let text = fs::read_to_string(&config)?.replace("/0.csv", "/third.csv");
	fs::write(&config, text)?;
	let mut gateway = plant.restart(gateway, &config).await?;
	plant.until_final(7, 1_480).await?;

	let rows = [(0, 1_000), (1, 1_100), (2, 1_200), (3, 1_300), (4, 1_400), (6, 90), (7, 150)];
	let expected: Vec<_> = rows.iter().map(|(minute, wh)| plant.reading(*minute, *wh)).collect();
	assert_eq!(plant.carried().await?, expected);
	gateway.stop().await?;
	node.stop().await
}

//! A meter gets another key, then another device, while its gateway runs: nothing is lost, doubled or out of order, and every
//! reading stands under the key that the chain had for it.

use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{
	calls,
	keys::{DeviceSecret, Key},
	units, Chain, MeterView, Wait,
};
use baseload_demo::plant_day;
use baseload_primitives::{DeviceKey, MeterId, Moment, Registers, SiteId, MINUTE};
use baseload_tests::{
	fleet::{Fleet, Gateway},
	start_node,
};

/// How long readings may take until they are final.
const PATIENCE: Duration = Duration::from_secs(90);

/// One meter whose register rises by 10 Wh a minute.
struct Plant {
	fleet: Fleet,
	began: Moment,
	rows: u64,
}

impl Plant {
	async fn found(chain: &Chain) -> Result<Self> {
		let now = plant_day::chain_time(chain).await?;
		Ok(Self {
			fleet: Fleet::found(chain, 1).await?,
			began: now - now % MINUTE - 24 * 60 * MINUTE,
			rows: 0,
		})
	}

	fn meter(&self) -> MeterId {
		self.fleet.first
	}

	fn path(&self, name: &str) -> PathBuf {
		self.fleet.path().join(name)
	}

	/// So many more rows of the first device.
	fn log(&mut self, rows: u64) -> Result<()> {
		for _ in 0..rows {
			self.rows += 1;
			self.fleet.log(0, self.began + self.rows * MINUTE, 10 * self.rows, 0)?;
		}
		Ok(())
	}

	/// A configuration with another key, and maybe a source of its own, as what comes next.
	fn configure(&self, chain: &Chain, next: &str) -> Result<PathBuf> {
		let config = self.fleet.configure(chain, "1s", None)?;
		let text = fs::read_to_string(&config)?;
		fs::write(&config, format!("{text}next = {{ {next} }}\n"))?;
		Ok(config)
	}

	async fn view(&self, chain: &Chain) -> Result<MeterView> {
		let view = chain.finalized().await?.meter(self.meter()).await?;
		view.context("the meter is gone")
	}

	/// Waits until the reading that the chain gives this sequence is final. Returns the meter's registers by then.
	async fn until_final(&self, chain: &Chain, gateway: &mut Gateway, sequence: u64) -> Result<Vec<u64>> {
		let deadline = Instant::now() + PATIENCE;
		loop {
			let view = self.view(chain).await?;
			match view.newest_final {
				Some(newest) if newest.sequence == sequence => return Ok(newest.registers),
				newest => ensure!(
					Instant::now() < deadline && gateway.ended()?.is_none(),
					"{newest:?}\n{}",
					self.fleet.gateway_log()
				),
			}
			tokio::time::sleep(Duration::from_millis(300)).await;
		}
	}

	/// Sequence, export register and key (by its place among these) of every reading in final blocks, in order.
	async fn carried(&self, chain: &Chain, keys: &[DeviceKey]) -> Result<Vec<(u64, u64, usize)>> {
		let mut carried = Vec::new();
		for number in 1..=chain.finalized_number().await? {
			let hash = chain.block_hash(number).await?.context("the node has its blocks")?;
			for (meter, signed) in chain.at(hash).await?.signed_readings().await? {
				let payload = signed.reading.signed_payload(chain.genesis_hash(), meter);
				let key = keys.iter().position(|key| key.verify(&payload, &signed.signature));
				let key = key.context("a signature of neither key")?;
				carried.push((signed.reading.sequence, signed.reading.registers[0], key));
			}
		}
		Ok(carried)
	}
}

fn secret(path: &Path) -> Result<DeviceSecret> {
	Ok(DeviceSecret::from_file(path)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_should_go_on_under_the_new_key_when_it_is_rotated_meanwhile() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let mut plant = Plant::found(&chain).await?;
	let meter = plant.meter();
	let (old, new) = (
		secret(&plant.path("0.key"))?,
		DeviceSecret::create(&plant.path("next.key"))?,
	);
	let config = plant.configure(&chain, &format!("key = \"{}\"", plant.path("next.key").display()))?;
	plant.log(5)?;
	let mut gateway = plant.fleet.start_gateway(&config)?;
	plant.until_final(&chain, &mut gateway, 5).await?;

	// Rows go on being logged before, while and after the chain gets the new key
	let site = plant.view(&chain).await?.site;
	let proof = new.prove_possession(chain.genesis_hash(), site);
	let consent = old.consent(chain.genesis_hash(), meter, &new.public());
	let rotation = calls::rotate_key(meter, new.public(), proof, consent);
	plant.log(3)?;
	tokio::time::sleep(Duration::from_millis(1_500)).await;
	plant.log(2)?;
	let owner = Key::dev("Bob")?;
	chain.submit(&rotation, &owner, Wait::InBlock).await?;
	plant.log(10)?;
	assert_eq!(plant.until_final(&chain, &mut gateway, 20).await?, [200, 0]);

	let carried = plant.carried(&chain, &[old.public(), new.public()]).await?;
	let (readings, keys): (Vec<_>, Vec<_>) = carried.iter().map(|(at, export, key)| ((*at, *export), *key)).unzip();
	assert_eq!(readings, (1..=20).map(|at| (at, 10 * at)).collect::<Vec<_>>());
	assert!(keys.is_sorted() && keys[4] == 0 && keys[19] == 1, "{keys:?}");
	gateway.stop().await?;
	node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_device_should_go_on_where_the_first_one_ended_when_it_is_replaced_meanwhile() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let mut plant = Plant::found(&chain).await?;
	let meter = plant.meter();
	let (old, new) = (
		secret(&plant.path("0.key"))?,
		DeviceSecret::create(&plant.path("next.key"))?,
	);
	let (key, log) = (plant.path("next.key"), plant.path("next.csv"));
	let source = format!("csv = {{ path = \"{}\" }}", log.display());
	let config = plant.configure(&chain, &format!("key = \"{}\", source = {{ {source} }}", key.display()))?;
	plant.log(8)?;
	let mut gateway = plant.fleet.start_gateway(&config)?;
	plant.until_final(&chain, &mut gateway, 8).await?;

	// The new device is put in: it shows 7,000 Wh, and logs before anybody has told the chain
	let taken_over = plant.began + plant.rows * MINUTE;
	let row = |row: u64| {
		let at = units::format_time(taken_over + row * MINUTE);
		format!("{at},{},{row}\n", 7_000 + 10 * row)
	};
	let rows = |rows: std::ops::RangeInclusive<u64>| rows.map(row).collect::<String>();
	fs::write(&log, format!("time_utc,export_wh,import_wh\n{}", rows(1..=4)))?;
	let site: SiteId = plant.view(&chain).await?.site;
	let (registrar, owner) = (Key::dev("Alice")?, Key::dev("Bob")?);
	chain
		.submit(&calls::suspend_meter(meter), &owner, Wait::InBlock)
		.await?;
	for call in [
		calls::approve_key(site, new.public(), None),
		calls::replace_device(meter, new.public(), &Registers::truncate_from(vec![7_000, 0])),
		calls::resume_meter(meter),
	] {
		chain.submit(&calls::sudo(call), &registrar, Wait::InBlock).await?;
	}
	// The chain's 9 is the new device's 0
	assert_eq!(plant.until_final(&chain, &mut gateway, 9 + 4).await?, [80 + 40, 4]);

	// A gateway that is told that this is the meter's key and source goes on, and reads nothing twice
	gateway.stop().await?;
	let text = fs::read_to_string(&config)?;
	let (text, _) = text.split_once("next = ").context("it has a next key")?;
	let text = text.replace("/0.key", "/next.key").replace("/0.csv", "/next.csv");
	fs::write(&config, text)?;
	let mut gateway = plant.fleet.start_gateway(&config)?;
	let more = format!("{}{}", fs::read_to_string(&log)?, rows(5..=6));
	fs::write(&log, more)?;
	assert_eq!(plant.until_final(&chain, &mut gateway, 9 + 6).await?, [80 + 60, 6]);

	let first = (1..=8).map(|at| (at, 10 * at, 0));
	let second = (1..=6).map(|at| (at, 7_000 + 10 * at, 1));
	assert_eq!(
		plant.carried(&chain, &[old.public(), new.public()]).await?,
		first.chain(second).collect::<Vec<_>>()
	);
	gateway.stop().await?;
	node.stop().await
}

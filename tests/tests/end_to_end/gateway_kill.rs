//! Exactly once, in order, through a hundred crashes: the gateway, the node, or both are killed with SIGKILL at random moments
//! while meters go on measuring. Then: a chain that is another, or was set up anew, gets nothing.

use std::{
	collections::BTreeMap,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::Chain;
use baseload_demo::{node::Node, plant_day};
use baseload_primitives::{MeterId, Moment, Reading, MINUTE};
use baseload_tests::{
	fleet::{Fleet, Gateway},
	start_node,
};

/// Meters that measure meanwhile.
const METERS: u32 = 5;

/// Kills.
const KILLS: u32 = 100;

/// Blocks that may be taken back when the node is killed: they are judged later.
const UNSETTLED: u64 = 20;

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
	fn roll(&mut self, sides: u64) -> u64 {
		// xorshift64*, Marsaglia and Vigna
		self.0 ^= self.0 >> 12;
		self.0 ^= self.0 << 25;
		self.0 ^= self.0 >> 27;
		(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
	}
}

/// Meters whose registers rise by the minute, an hour's worth and more in a second.
struct Logger {
	fleet: Fleet,
	began: Moment,
	rows: u64,
	halves: bool,
}

impl Logger {
	fn at(&self, row: u64) -> (Moment, u64, u64) {
		(self.began + row * MINUTE, 1_000 + 17 * row, row / 3)
	}

	/// One more row in every log, every other time in two pieces.
	fn write(&mut self) -> Result<()> {
		self.rows += 1;
		self.halves = !self.halves;
		let (at, export, import) = self.at(self.rows);
		for number in 0..METERS {
			let export = export + u64::from(number);
			if self.halves {
				self.fleet.log_in_pieces(number, at, export, import)?;
			} else {
				self.fleet.log(number, at, export, import)?;
			}
		}
		Ok(())
	}

	/// What a final chain must hold of meter `number`.
	fn expected(&self, number: u32, reading: &Reading) -> Result<()> {
		let (at, export, import) = self.at(reading.sequence);
		let found = (reading.measured_at, reading.registers.to_vec());
		ensure!(
			found == (at, vec![export + u64::from(number), import]),
			"reading {} of meter {number} is {found:?}",
			reading.sequence
		);
		Ok(())
	}
}

/// Looks at every block's readings, once nobody takes it back any more.
#[derive(Default)]
struct Judge {
	/// The newest block that was looked at.
	block: u64,
	/// The newest sequence of every meter.
	newest: BTreeMap<MeterId, u64>,
}

impl Judge {
	/// Judges final blocks but for the newest `unsettled`.
	async fn look(&mut self, chain: &Chain, logger: &Logger, unsettled: u64) -> Result<()> {
		let until = chain.finalized_number().await?.saturating_sub(unsettled);
		while self.block < until {
			let hash = chain
				.block_hash(self.block + 1)
				.await?
				.context("the node has its blocks")?;
			for (meter, signed) in chain.at(hash).await?.signed_readings().await? {
				let newest = self.newest.entry(meter).or_default();
				let sequence = signed.reading.sequence;
				ensure!(
					sequence == *newest + 1,
					"meter {meter}: reading {sequence} comes after {newest} in block {}",
					self.block + 1
				);
				*newest = sequence;
				logger.expected(meter.0 - logger.fleet.first.0, &signed.reading)?;
			}
			self.block += 1;
		}
		Ok(())
	}
}

async fn logger(chain: &Chain) -> Result<Logger> {
	let now = plant_day::chain_time(chain).await?;
	Ok(Logger {
		fleet: Fleet::found(chain, METERS).await?,
		began: now - now % MINUTE - 3 * 24 * 60 * MINUTE,
		rows: 0,
		halves: false,
	})
}

/// Connects to a node that was just started again.
async fn connect(node: &Node) -> Result<Chain> {
	Ok(Chain::connect_patiently(&node.url(), Duration::from_secs(20)).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reading_should_be_final_once_and_in_order_when_gateway_and_node_are_killed() -> Result<()> {
	let seed = std::time::SystemTime::now()
		.duration_since(std::time::UNIX_EPOCH)?
		.as_nanos() as u64
		| 1;
	println!("seed {seed}");
	let mut dice = Dice(seed);
	let mut node = start_node().await?;
	let mut chain = connect(&node).await?;
	let mut logger = logger(&chain).await?;
	let config = logger.fleet.configure(&chain, "1s", None)?;
	let mut judge = Judge::default();
	let mut gateway = logger.fleet.start_gateway(&config)?;

	let (mut gateways, mut nodes) = (0, 0);
	while gateways + nodes < KILLS {
		for _ in 0..dice.roll(6) {
			logger.write()?;
			tokio::time::sleep(Duration::from_millis(dice.roll(250))).await;
		}
		if let Some(success) = gateway.ended()? {
			ensure!(
				false,
				"the gateway ended by itself ({success}):\n{}",
				logger.fleet.gateway_log()
			);
		}
		// A node takes seconds to start again, a gateway a tenth of one: of sixteen kills one is of the node, one of both
		let which = dice.roll(16);
		let (gateway_dies, node_dies) = (which != 0, which <= 1);
		if gateway_dies {
			gateway.kill()?;
			gateways += 1;
		}
		if node_dies {
			node.kill()?;
			nodes += 1;
			logger.write()?;
		}
		if gateway_dies {
			// With both down the gateway comes back first, and finds no node
			gateway = logger.fleet.start_gateway(&config)?;
		}
		if node_dies {
			node.start_again().await?;
			chain = connect(&node).await?;
			judge.look(&chain, &logger, UNSETTLED).await?;
		}
	}
	settle(&chain, &mut logger, &mut gateway).await?;
	judge.look(&chain, &logger, 0).await?;
	for meter in logger.fleet.meters() {
		assert_eq!(judge.newest.get(&meter), Some(&logger.rows), "meter {meter}");
	}
	println!(
		"{gateways} times the gateway and {nodes} times the node were killed; {} readings of each of {METERS} meters are final, \
		 each once and in order",
		logger.rows
	);
	gateway.stop().await?;
	node.stop().await
}

/// Waits until everything that was logged is final, and the gateway's queues are empty for it.
async fn settle(chain: &Chain, logger: &mut Logger, gateway: &mut Gateway) -> Result<()> {
	let deadline = Instant::now() + Duration::from_secs(120);
	for meter in logger.fleet.meters() {
		loop {
			let view = chain
				.finalized()
				.await?
				.meter(meter)
				.await?
				.context("the meter is gone")?;
			if view.newest_final.is_some_and(|newest| newest.sequence == logger.rows) {
				break;
			}
			ensure!(
				gateway.ended()?.is_none() && Instant::now() < deadline,
				"of {} readings of meter {meter} not all are final: {:?}\n{}",
				logger.rows,
				view.newest,
				logger.fleet.gateway_log()
			);
			tokio::time::sleep(Duration::from_millis(300)).await;
		}
	}
	Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_or_a_reset_chain_should_get_nothing() -> Result<()> {
	let mut node = start_node().await?;
	let chain = connect(&node).await?;
	let mut logger = logger(&chain).await?;
	let config = logger.fleet.configure(&chain, "1s", None)?;
	for _ in 0..300 {
		logger.write()?;
	}
	let mut gateway = logger.fleet.start_gateway(&config)?;
	settle(&chain, &mut logger, &mut gateway).await?;
	gateway.stop().await?;
	logger.write()?;

	// A configuration that means another chain: the outbox refuses, and so would the node
	let text = std::fs::read_to_string(&config)?;
	let genesis = format!("{:?}", chain.genesis_hash());
	std::fs::write(&config, text.replace(&genesis, &format!("0x{}", "07".repeat(32))))?;
	refused(&logger, &config, "belongs to the chain with genesis").await?;
	let moved = text
		.replace(&genesis, &format!("0x{}", "07".repeat(32)))
		.replace("/outbox\"", "/outbox-2\"");
	std::fs::write(&config, moved)?;
	refused(&logger, &config, "is of another chain").await?;

	// The same chain, set up anew: block 0 is the same, what came after is gone
	let until = chain.finalized_number().await?;
	node.stop().await?;
	let mut fresh = start_node().await?;
	let chain = connect(&fresh).await?;
	ensure!(
		format!("{:?}", chain.genesis_hash()) == genesis,
		"a development chain has one genesis"
	);
	std::fs::write(&config, text.replace(&node.url(), &fresh.url()))?;
	let mut gateway = logger.fleet.start_gateway(&config)?;
	// While the chain is shorter than the one that the outbox knows, it might be catching up
	let ended = gateway.wait(Duration::from_secs(until + 60)).await?;
	assert!(!ended, "a chain that was reset must be refused");
	assert!(
		logger.fleet.gateway_log().contains("the chain was reset"),
		"{}",
		logger.fleet.gateway_log()
	);
	assert_eq!(
		chain.finalized().await?.next_meter().await?,
		MeterId(0),
		"nothing was replayed"
	);
	fresh.stop().await
}

/// Starts the gateway, which must refuse to go on and say `why`.
async fn refused(logger: &Logger, config: &std::path::Path, why: &str) -> Result<()> {
	let mut gateway = logger.fleet.start_gateway(config)?;
	let ended = gateway.wait(Duration::from_secs(20)).await?;
	let said = logger.fleet.gateway_log();
	ensure!(!ended && said.contains(why), "{said}");
	Ok(())
}

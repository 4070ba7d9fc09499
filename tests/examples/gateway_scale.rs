//! One gateway, many meters, one development node: how fast, and at what price.
//!
//! ```text
//! cargo run --release -p baseload-tests --example gateway_scale -- [METERS] [ROUNDS] [ROWS]
//! ```
//!
//! Registers so many meters, starts the gateway as users run it, and writes one row to every meter's log per round, as meters do
//! whose quarter of an hour ends at the same moment; or more rows, as after an outage. A round ends when all its readings are final;
//! then comes the next.
//! `baseload-node` and `baseload-gateway` must have been built.

use std::{
	fs,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::Chain;
use baseload_demo::plant_day;
use baseload_primitives::{MeterId, Moment, MINUTE};
use baseload_tests::{fleet::Fleet, start_node};

/// How often the gateway looks at its sources.
const EVERY: &str = "5s";

/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// The time between two readings of a meter.
const QUARTER: Moment = 15 * MINUTE;

#[tokio::main]
async fn main() -> Result<()> {
	let mut arguments = std::env::args().skip(1);
	let meters: u32 = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
	let rounds: u64 = arguments.next().map_or(Ok(3), |text| text.parse())?;
	let rows: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;
	let readings = u64::from(meters) * rows;

	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let now = plant_day::chain_time(&chain).await?;
	let began = now - now % QUARTER - rounds * rows * QUARTER;
	let started = Instant::now();
	let fleet = Fleet::found(&chain, meters).await?;
	println!("{meters} meters registered in {:.1?}", started.elapsed());

	let config = fleet.configure(&chain, EVERY, None)?;
	let mut gateway = fleet.start_gateway(&config)?;
	let started = Instant::now();
	for round in 1..=rounds {
		let before = (Usage::of(node.id())?, Usage::of(gateway.id())?);
		let best = chain.best_number().await?;
		let begun = Instant::now();
		for number in 0..meters {
			for row in (round - 1) * rows + 1..=round * rows {
				fleet.log(number, began + row * QUARTER, 1_000 * row, row)?;
			}
		}
		let logged = begun.elapsed();
		let (included, blocks) = tokio::try_join!(
			included(Count::new(&chain, best, readings, begun)),
			follow(Count::new(&chain, best, readings, begun), round * rows)
		)
		.with_context(|| fleet.gateway_log())?;
		let took = begun.elapsed();
		let after = (Usage::of(node.id())?, Usage::of(gateway.id())?);
		println!(
			"round {round}: {readings} readings logged in {logged:.1?}; in blocks after {:.1?} (half) and {:.1?} (all), in final blocks \
			 after {:.1?} and {:.1?}, the fullest with {}; final after {took:.1?}: {:.0} readings per second",
			included.half,
			included.all,
			blocks.half,
			blocks.all,
			blocks.fullest,
			readings as f64 / took.as_secs_f64()
		);
		println!("  node    {}", after.0.since(&before.0, took));
		println!("  gateway {}", after.1.since(&before.1, took));
		ensure!(
			gateway.ended()?.is_none(),
			"the gateway ended:\n{}",
			fleet.gateway_log()
		);
	}
	let readings = readings * rounds;
	println!(
		"in all: {readings} readings final in {:.1?}: {:.0} per second end to end; a quarter of an hour needs {:.0}",
		started.elapsed(),
		readings as f64 / started.elapsed().as_secs_f64(),
		f64::from(meters) / 900.0
	);
	gateway.stop().await?;
	node.stop().await
}

/// When readings were in blocks.
struct Blocks {
	half: Duration,
	all: Duration,
	fullest: usize,
}

/// Counts readings in the blocks that came since they were logged.
struct Count<'a> {
	chain: &'a Chain,
	readings: u64,
	begun: Instant,
	seen: u64,
	count: u64,
	fullest: usize,
	half: Option<Duration>,
	last_meter: Option<MeterId>,
}

impl<'a> Count<'a> {
	fn new(chain: &'a Chain, seen: u64, readings: u64, begun: Instant) -> Self {
		Self {
			chain,
			readings,
			begun,
			seen,
			count: 0,
			fullest: 0,
			half: None,
			last_meter: None,
		}
	}

	/// Looks at the blocks up to `number`. Tells when the readings were there, once all are.
	async fn up_to(&mut self, number: u64) -> Result<Option<Blocks>> {
		ensure!(
			self.begun.elapsed() < PATIENCE,
			"{} of {} readings are in blocks",
			self.count,
			self.readings
		);
		while self.seen < number {
			let hash = self.chain.block_hash(self.seen + 1).await?;
			let found = self.chain.at(hash.context("the node has its blocks")?).await?;
			let found = found.signed_readings().await?;
			self.last_meter = found.last().map(|(meter, _)| *meter).or(self.last_meter);
			self.fullest = self.fullest.max(found.len());
			self.count += found.len() as u64;
			self.seen += 1;
		}
		let now = self.begun.elapsed();
		if self.count * 2 >= self.readings {
			self.half.get_or_insert(now);
		}
		let all = (self.count >= self.readings).then_some(now);
		Ok(all.map(|all| Blocks {
			half: self.half.unwrap_or(all),
			all,
			fullest: self.fullest,
		}))
	}
}

/// Follows blocks, final or not, until so many readings are in them. A development node alone never takes a block back.
async fn included(mut count: Count<'_>) -> Result<Blocks> {
	loop {
		let newest = count.chain.wait_for_block(PATIENCE).await?;
		if let Some(blocks) = count.up_to(newest).await? {
			return Ok(blocks);
		}
	}
}

/// Follows final blocks until so many readings are in them, and then until the one with this sequence of the meter that came last
/// is final itself.
async fn follow(mut count: Count<'_>, sequence: u64) -> Result<Blocks> {
	let mut final_blocks = count.chain.final_blocks().await?;
	let blocks = loop {
		let at = final_blocks.next().await?;
		if let Some(blocks) = count.up_to(at.number()).await? {
			break blocks;
		}
	};
	let last_meter = count.last_meter.context("somebody came last")?;
	loop {
		let at = final_blocks.next().await?;
		let view = at.meter(last_meter).await?.context("the meter is gone")?;
		if view.newest_final.is_some_and(|newest| newest.sequence >= sequence) {
			return Ok(blocks);
		}
		ensure!(
			count.begun.elapsed() < PATIENCE,
			"meter {last_meter} has {:?}",
			view.newest
		);
	}
}

/// What a process has used.
struct Usage {
	/// Time that it computed, in hundredths of a second.
	ticks: u64,
	/// Memory that it holds, in MiB.
	resident: u64,
}

impl Usage {
	fn of(process: u32) -> Result<Self> {
		let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
		let fields: Vec<&str> = stat
			.rsplit(')')
			.next()
			.context("a stat line")?
			.split_whitespace()
			.collect();
		let field = |place: usize| -> Result<u64> { Ok(fields.get(place).context("a field of stat")?.parse()?) };
		let status = fs::read_to_string(format!("/proc/{process}/status"))?;
		let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
		let kib: u64 = resident
			.and_then(|line| line.trim().strip_suffix("kB"))
			.context("VmRSS")?
			.trim()
			.parse()?;
		Ok(Self {
			ticks: field(11)? + field(12)?,
			resident: kib / 1_024,
		})
	}

	fn since(&self, before: &Self, took: Duration) -> String {
		let seconds = (self.ticks - before.ticks) as f64 / 100.0;
		format!(
			"{seconds:.1} s of processor time, {:.0} % of one core; {} MiB resident",
			100.0 * seconds / took.as_secs_f64(),
			self.resident
		)
	}
}

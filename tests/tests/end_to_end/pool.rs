//! What the transaction pool of a real node makes of readings that are wrong, late, or too many.

use std::{
	fs,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{calls, keys::Key, Chain, Error, Refused, Wait};
use baseload_demo::{
	node::Node,
	plant_day::{self, Plan, World},
};
use baseload_primitives::{
	ClockStatus, DeviceSignature, Moment, Quality, Reading, Refusal, Registers, SignedReading, KWH, MINUTE,
};
use baseload_tests::start_node;

/// Forged readings in the flood.
const FLOOD: u32 = 10_000;

/// Connections over which the flood comes.
const CONNECTIONS: u32 = 8;

/// First byte of a general transaction after its length: version 5, without a signature of its own.
const GENERAL: u8 = 0x45;

/// A plant whose meter has one reading, measured an hour ago.
async fn plant(node: &Node) -> Result<(World, Moment)> {
	let chain = Chain::connect(&node.url()).await?;
	let opened = plant_day::chain_time(&chain).await? - 60 * MINUTE;
	let world = World::found(chain, Plan::default()).await?;
	world.open_registers(opened).await?;
	Ok((world, opened))
}

/// A good reading, so many minutes after the first.
fn reading(sequence: u64, opened: Moment, minutes: u64) -> Reading {
	Reading {
		sequence,
		measured_at: opened + minutes * MINUTE,
		clock: ClockStatus::Synchronised,
		quality: Quality::Measured,
		registers: Registers::truncate_from(vec![10 * minutes, 0]),
	}
}

fn signed(world: &World, reading: Reading) -> SignedReading {
	world
		.device
		.sign_reading(world.chain.genesis_hash(), world.meter, reading)
}

async fn encoded(world: &World, reading: Reading) -> Result<Vec<u8>> {
	let call = calls::submit_reading(world.meter, &signed(world, reading));
	Ok(world.chain.encode_feeless(&call).await?)
}

/// The feeless transactions in the blocks after `from` and up to `to`.
async fn feeless(chain: &Chain, from: u64, to: u64) -> Result<usize> {
	let mut count = 0;
	for number in from + 1..=to {
		let hash = chain.block_hash(number).await?.context("the node has its blocks")?;
		for transaction in chain.at(hash).await?.transactions().await? {
			// The length before it takes one byte, two or four, as its two lowest bits say
			let skip = [1, 2, 4, 1][usize::from(transaction[0] & 3)];
			count += usize::from(transaction[skip] == GENERAL);
		}
	}
	Ok(count)
}

/// Time that the node's process has computed, in milliseconds.
fn computed(node: &Node) -> Result<u64> {
	let stat = fs::read_to_string(format!("/proc/{}/stat", node.id()))?;
	let fields: Vec<&str> = stat
		.rsplit(')')
		.next()
		.context("a stat line")?
		.split_whitespace()
		.collect();
	let ticks = |place: usize| -> Result<u64> { Ok(fields.get(place).context("utime and stime")?.parse()?) };
	// In hundredths of a second
	Ok((ticks(11)? + ticks(12)?) * 10)
}

/// Sends the `count` forged readings of connection `part` and returns how many were refused for their signature.
async fn flood(url: String, template: Vec<u8>, place: usize, part: u32, count: u32) -> Result<u32> {
	let chain = Chain::connect(&url).await?;
	let mut refused = 0;
	for number in 0..count {
		let mut forged = template.clone();
		forged[place..place + 4].copy_from_slice(&(part * count + number).to_le_bytes());
		match chain.hand_in(&forged).await {
			Err(Error::Refused(Refused::Reading(Refusal::BadSignature))) => refused += 1,
			other => ensure!(false, "a forged reading was answered with {other:?}"),
		}
	}
	Ok(refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_readings_should_cost_no_block_space_and_leave_the_node_responsive() -> Result<()> {
	let mut node = start_node().await?;
	let (world, opened) = plant(&node).await?;
	let chain = &world.chain;
	let marked = DeviceSignature::Ed25519([0xF0; 64]);
	// Ahead of all that is honest, so that nothing but the signature is wrong
	let call = calls::submit_reading_parts(world.meter, &reading(50_000, opened, 50), marked);
	let template = chain.encode_feeless(&call).await?;
	let place = template
		.windows(64)
		.position(|bytes| bytes == [0xF0; 64])
		.context("the signature stands in the transaction")?;

	let (before, from) = (computed(&node)?, chain.best_number().await?);
	let started = Instant::now();
	let floods: Vec<_> = (0..CONNECTIONS)
		.map(|part| tokio::spawn(flood(node.url(), template.clone(), place, part, FLOOD / CONNECTIONS)))
		.collect();
	// What is honest gets through meanwhile: a payment, a reading, and a question.
	let mut slowest = Duration::ZERO;
	let (alice, bob) = (Key::dev("Alice")?, Key::dev("Bob")?.account());
	let mut honest = 0;
	while honest < 3 && floods.iter().any(|flood| !flood.is_finished()) {
		honest += 1;
		let asked = Instant::now();
		chain
			.submit(&calls::transfer_kwh(bob, KWH), &alice, Wait::InBlock)
			.await?;
		let next = signed(&world, reading(1 + honest, opened, 10 * honest));
		chain
			.submit_feeless(&calls::submit_reading(world.meter, &next), Wait::InBlock)
			.await?;
		slowest = slowest.max(asked.elapsed());
	}
	let mut refused = 0;
	for flood in floods {
		refused += flood.await??;
	}
	let took = started.elapsed();
	let cost = computed(&node)? - before;
	let to = chain.wait_for_block(Duration::from_secs(30)).await?;
	println!(
		"{refused} forged readings refused in {took:.1?}, {:.2} ms of the node's time each; meanwhile a payment and then a \
		 reading took {slowest:.1?} at most",
		cost as f64 / f64::from(refused)
	);
	assert_eq!(refused, FLOOD);
	assert!(honest > 0, "nothing honest was sent during the flood");
	assert_eq!(
		feeless(chain, from, to).await?,
		honest as usize,
		"only honest readings take block space"
	);
	let meter = chain
		.best()
		.await?
		.meter(world.meter)
		.await?
		.context("the meter is gone")?;
	assert_eq!(meter.newest.map(|newest| newest.sequence), Some(1 + honest));
	node.stop().await
}

#[tokio::test]
async fn duplicates_and_stale_readings_should_never_enter_a_block() -> Result<()> {
	let mut node = start_node().await?;
	let (world, opened) = plant(&node).await?;
	let chain = &world.chain;
	let from = chain.best_number().await?;

	// The same reading over and over, in transactions that differ: one of them counts.
	let mut taken = 0;
	for _ in 0..20 {
		match chain.hand_in(&encoded(&world, reading(3, opened, 5)).await?).await {
			Ok(()) => taken += 1,
			Err(Error::Refused(
				Refused::LowPriority | Refused::AlreadyKnown | Refused::Reading(Refusal::StaleSequence),
			)) => (),
			Err(other) => return Err(other).context("a duplicate"),
		}
	}
	assert_eq!(taken, 1, "a duplicate was taken into the pool");
	let mut newest = 3;
	wait_for(&world, newest).await?;

	// An older one than the chain has, and one that is older than the one before it in the pool.
	let stale = chain.hand_in(&encoded(&world, reading(2, opened, 4)).await?).await;
	assert!(
		matches!(stale, Err(Error::Refused(Refused::Reading(Refusal::StaleSequence)))),
		"{stale:?}"
	);
	let mut entered = 1;
	for round in 0..5 {
		let minutes = 10 + 5 * round;
		let (older, newer) = (
			reading(newest + 1, opened, minutes),
			reading(newest + 2, opened, minutes + 1),
		);
		let (older, newer) = (encoded(&world, older).await?, encoded(&world, newer).await?);
		let from = chain.best_number().await?;
		chain.hand_in(&newer).await?;
		// With the newer one still in the pool its priority decides; with it in a block, the chain does.
		let refused = chain.hand_in(&older).await;
		assert!(
			matches!(
				refused,
				Err(Error::Refused(
					Refused::LowPriority | Refused::Reading(Refusal::StaleSequence)
				))
			),
			"{refused:?}"
		);
		newest += 2;
		wait_for(&world, newest).await?;
		assert_eq!(feeless(chain, from, chain.best_number().await?).await?, 1);
		entered += 1;
	}
	let to = chain.wait_for_block(Duration::from_secs(30)).await?;
	assert_eq!(
		feeless(chain, from, to).await?,
		entered,
		"something entered a block twice, or late"
	);
	node.stop().await
}

/// Waits until the chain's newest reading is the one with this sequence.
async fn wait_for(world: &World, sequence: u64) -> Result<()> {
	let deadline = Instant::now() + Duration::from_secs(60);
	while Instant::now() < deadline {
		let meter = world.chain.best().await?.meter(world.meter).await?;
		if meter
			.and_then(|meter| meter.newest)
			.is_some_and(|newest| newest.sequence == sequence)
		{
			return Ok(());
		}
		tokio::time::sleep(Duration::from_millis(200)).await;
	}
	anyhow::bail!("reading {sequence} is in no block")
}

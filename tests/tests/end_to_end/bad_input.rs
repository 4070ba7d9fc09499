//! What is wrong is refused, with the reason that fits, and changes nothing.

use std::{fs, process::Command};

use anyhow::{Context, Result};
use baseload_client::{calls, keys::DeviceSecret, Call, Chain, Error, MeterView, Wait, H256};
use baseload_demo::{
	node::free_port,
	plant_day::{self, Plan, World, RESERVE},
};
use baseload_gateway::submit::Gateway;
use baseload_primitives::{
	DeviceSignature, MeterId, Moment, Reading, Refusal, Registers, SignedReading, HOUR, KWH, MINUTE, SECOND,
};
use baseload_tests::{cli_program, day_csv, gateway_program, start_node, Said};

async fn meter(world: &World) -> Result<MeterView> {
	world
		.chain
		.best()
		.await?
		.meter(world.meter)
		.await?
		.context("the meter is gone")
}

/// A good next reading: five minutes after the newest one, 100 Wh more.
async fn good(world: &World) -> Result<Reading> {
	let newest = meter(world).await?.newest.context("the meter has readings")?;
	Ok(Reading {
		sequence: newest.sequence + 1,
		measured_at: newest.measured_at + 5 * MINUTE,
		clock: baseload_primitives::ClockStatus::Synchronised,
		quality: baseload_primitives::Quality::Measured,
		registers: Registers::truncate_from(vec![newest.registers[0] + 100, newest.registers[1]]),
	})
}

/// Sends a call that the pool must refuse for `expected`, leaving the meter as it was.
async fn assert_refused(world: &World, what: &str, call: Call, expected: Refusal) -> Result<()> {
	let before = meter(world).await?;
	match world.chain.submit_feeless(&call, Wait::InBlock).await {
		Err(error) => assert_eq!(error.refusal(), Some(expected), "{what}: {error}"),
		Ok(receipt) => panic!("{what}: accepted in block {}", receipt.block_number),
	}
	assert_eq!(meter(world).await?, before, "{what}: the meter changed");
	Ok(())
}

/// A good reading with one thing wrong, signed as it is.
async fn assert_reading_refused(
	world: &World,
	gateway: &Gateway,
	what: &str,
	spoil: impl FnOnce(&mut Reading),
	expected: Refusal,
) -> Result<()> {
	let mut reading = good(world).await?;
	spoil(&mut reading);
	assert_refused(
		world,
		what,
		calls::submit_reading(world.meter, &gateway.sign(reading)),
		expected,
	)
	.await
}

#[tokio::test]
async fn chain_should_refuse_what_is_wrong_and_change_nothing() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	// The newest reading is ten minutes old, so that there is room for a next one
	let day = plant_day::shipped_day()?.shifted_to_end_at(plant_day::chain_time(&chain).await? - 10 * MINUTE)?;
	let world = World::found(
		chain,
		Plan {
			escrow: KWH,
			..Plan::default()
		},
	)
	.await?;
	let gateway = world.gateway().await?;

	draw_should_fail_when_no_energy_is_attested(&world).await?;
	world.open_registers(day.start()).await?;
	world.activate().await?;
	world.submit(&day).await?;
	readings_should_be_refused_when_signed_by_nobody_who_may(&world, &gateway).await?;
	readings_should_be_refused_when_out_of_order_or_impossible(&world, &gateway).await?;
	backlogs_should_be_refused_whole_when_one_reading_is_wrong(&world, &gateway).await?;
	readings_should_be_refused_when_the_meter_is_suspended(&world, &gateway).await?;
	draw_should_fail_when_collateral_is_short(&world).await?;
	settle_should_fail_when_nothing_is_due(&world).await?;
	programs_should_refuse_a_key_or_meter_that_is_not_theirs(&world, &node.url())?;

	// All of it was refused for what was wrong with it: what is right still passes, once
	let right = gateway.sign(good(&world).await?);
	world
		.chain
		.submit_feeless(&calls::submit_reading(world.meter, &right), Wait::InBlock)
		.await?;
	let again = calls::submit_backlog(world.meter, &[right]);
	assert_refused(
		&world,
		"replay of the same reading and signature",
		again,
		Refusal::StaleSequence,
	)
	.await?;
	node.stop().await
}

async fn readings_should_be_refused_when_signed_by_nobody_who_may(world: &World, gateway: &Gateway) -> Result<()> {
	let genesis = world.chain.genesis_hash();
	let reading = good(world).await?;
	let SignedReading {
		signature: DeviceSignature::Ed25519(mut forged),
		..
	} = gateway.sign(reading.clone())
	else {
		panic!("the gateway signs with Ed25519")
	};
	forged[17] ^= 1;
	let forged = calls::submit_reading_parts(world.meter, &reading, DeviceSignature::Ed25519(forged));
	assert_refused(world, "forged signature", forged, Refusal::BadSignature).await?;

	let stranger = DeviceSecret::from_seed([7; 32]);
	let signed = [
		(
			"wrong key",
			stranger.sign_reading(genesis, world.meter, reading.clone()),
		),
		(
			"signed for another chain",
			world.device.sign_reading(H256::zero(), world.meter, reading.clone()),
		),
		(
			"signed for another meter",
			world
				.device
				.sign_reading(genesis, MeterId(world.meter.0 + 1), reading.clone()),
		),
	];
	for (what, signed) in signed {
		assert_refused(
			world,
			what,
			calls::submit_reading(world.meter, &signed),
			Refusal::BadSignature,
		)
		.await?;
	}
	let mut changed = gateway.sign(reading);
	changed.reading.registers[0] += 1;
	assert_refused(
		world,
		"changed after signing",
		calls::submit_reading(world.meter, &changed),
		Refusal::BadSignature,
	)
	.await?;

	let nobody = MeterId(u32::MAX);
	let signed = world.device.sign_reading(genesis, nobody, good(world).await?);
	assert_refused(
		world,
		"unknown meter",
		calls::submit_reading(nobody, &signed),
		Refusal::UnknownMeter,
	)
	.await
}

async fn readings_should_be_refused_when_out_of_order_or_impossible(world: &World, gateway: &Gateway) -> Result<()> {
	let now: Moment = world.chain.best().await?.timestamp().await?;
	type Spoil = Box<dyn FnOnce(&mut Reading)>;
	let cases: [(&str, Spoil, Refusal); 8] = [
		(
			"replay of the newest sequence",
			Box::new(|reading| reading.sequence -= 1),
			Refusal::StaleSequence,
		),
		(
			"sequence far ahead",
			Box::new(|reading| reading.sequence += 10_000_000),
			Refusal::SequenceTooFarAhead,
		),
		(
			"falling register",
			Box::new(|reading| reading.registers[0] -= 101),
			Refusal::FallingRegister,
		),
		(
			"impossible jump",
			Box::new(|reading| reading.registers[0] += 10_000),
			Refusal::ImpossibleIncrease,
		),
		(
			"impossible draw",
			Box::new(|reading| reading.registers[1] += 10_000),
			Refusal::ImpossibleIncrease,
		),
		(
			"future time",
			Box::new(move |reading| reading.measured_at = now + HOUR),
			Refusal::FutureTime,
		),
		(
			"too soon",
			Box::new(|reading| reading.measured_at -= 5 * MINUTE - 30 * SECOND),
			Refusal::TooSoon,
		),
		(
			"one register too few",
			Box::new(|reading| reading.registers.truncate(1)),
			Refusal::WrongRegisters,
		),
	];
	for (what, spoil, expected) in cases {
		assert_reading_refused(world, gateway, what, spoil, expected).await?;
	}
	Ok(())
}

async fn backlogs_should_be_refused_whole_when_one_reading_is_wrong(world: &World, gateway: &Gateway) -> Result<()> {
	let empty = calls::submit_backlog(world.meter, &[]);
	assert_refused(world, "empty backlog", empty, Refusal::EmptyBacklog).await?;

	let first = good(world).await?;
	let second = Reading {
		sequence: first.sequence + 1,
		measured_at: first.measured_at + 2 * MINUTE,
		..first.clone()
	};
	let mut falling = second.clone();
	falling.registers[0] -= 1;
	let [first, second, falling] = [first, second, falling].map(|reading| gateway.sign(reading));
	let mut forged = second;
	forged.signature = first.signature;
	for (what, wrong, expected) in [
		("backlog with a falling register", falling, Refusal::FallingRegister),
		("backlog with a forged reading", forged, Refusal::BadSignature),
	] {
		assert_refused(
			world,
			what,
			calls::submit_backlog(world.meter, &[first.clone(), wrong]),
			expected,
		)
		.await?;
	}
	Ok(())
}

async fn readings_should_be_refused_when_the_meter_is_suspended(world: &World, gateway: &Gateway) -> Result<()> {
	world
		.send(&calls::suspend_meter(world.meter), &world.cast.producer)
		.await?;
	assert_reading_refused(world, gateway, "suspended meter", |_| (), Refusal::Suspended).await?;
	world
		.send(&calls::sudo(calls::resume_meter(world.meter)), &world.cast.registrar)
		.await?;
	Ok(())
}

/// Fails to draw one KWH, for `expected`, and checks that no KWH came about.
async fn assert_no_draw(world: &World, expected: &str) -> Result<()> {
	let before = world.chain.best().await?;
	let error = world
		.chain
		.submit(&calls::draw(world.vault, KWH), &world.cast.producer, Wait::InBlock)
		.await
		.expect_err("one cover is short");
	assert!(error.is("PowerStablecoin", expected), "{error}");
	let after = world.chain.best().await?;
	assert_eq!(after.vault(world.vault).await?.context("the vault is gone")?.debt, 0);
	assert_eq!(after.kwh_supply().await?, before.kwh_supply().await?);
	Ok(())
}

async fn draw_should_fail_when_no_energy_is_attested(world: &World) -> Result<()> {
	assert_no_draw(world, "EnergyTooLow").await
}

async fn draw_should_fail_when_collateral_is_short(world: &World) -> Result<()> {
	world
		.send(&calls::withdraw_collateral(world.vault, RESERVE), &world.cast.producer)
		.await?;
	assert_no_draw(world, "CollateralTooLow").await
}

async fn settle_should_fail_when_nothing_is_due(world: &World) -> Result<()> {
	let agreement = || async {
		let view = world.chain.best().await?.agreement(world.agreement).await?;
		view.and_then(|view| view.billing).context("the agreement is gone")
	};
	// Last month, of which the meter knows nothing, is billed first: by the chain, or here.
	let settle = calls::settle(world.agreement, 16);
	let error = loop {
		match world.send(&settle, &world.cast.bystander).await {
			Ok(_) => (),
			Err(error) => break error.downcast::<Error>()?,
		}
	};
	assert!(error.is("PpaEscrow", "NothingToSettle"), "{error}");
	let billing = agreement().await?;
	assert_eq!((billing.next, billing.wh, billing.ledger.accrued), (1, 0, 0));
	Ok(())
}

fn programs_should_refuse_a_key_or_meter_that_is_not_theirs(world: &World, url: &str) -> Result<()> {
	let folder = tempfile::tempdir()?;
	let stranger = folder.path().join("stranger.key");
	DeviceSecret::create(&stranger)?;
	let submit = |meter: MeterId, key: &std::path::Path| {
		Said::by(
			Command::new(gateway_program()?)
				.args(["submit", "--shift-to-now", "--url", url, "--meter", &meter.to_string()])
				.arg("--csv")
				.arg(day_csv())
				.arg("--device-key")
				.arg(key),
		)
	};
	let said = submit(world.meter, &stranger)?;
	assert!(
		!said.success && said.err.contains("the key file holds the key ed25519:0x"),
		"{said:?}"
	);
	let said = submit(MeterId(u32::MAX), &world.device_key())?;
	assert!(
		!said.success && said.err.contains("the chain has no meter 4294967295"),
		"{said:?}"
	);
	Ok(())
}

#[test]
fn programs_should_say_so_when_no_node_answers() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let key = folder.path().join("device.key");
	DeviceSecret::create(&key)?;
	let url = format!("ws://127.0.0.1:{}", free_port()?);
	let expected = format!("no node answers at {url}: is it running?");

	let said = Said::by(
		Command::new(gateway_program()?)
			.args(["submit", "--meter", "0", "--url", &url])
			.arg("--csv")
			.arg(day_csv())
			.arg("--device-key")
			.arg(&key),
	)?;
	assert!(!said.success && said.err.contains(&expected), "{said:?}");

	let said = Said::by(Command::new(cli_program()?).args(["--url", &url, "status"]))?;
	assert!(!said.success && said.err.contains(&expected), "{said:?}");
	Ok(())
}

#[test]
fn gateway_should_name_file_line_and_expectation_when_the_log_is_malformed() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let file = folder.path().join("day.csv");
	for (content, expected) in [
		("", "day.csv: the file is empty; expected the header `time_utc,power_w`"),
		("time_utc\n", "day.csv:1: the header has no column `power_w`"),
		(
			"time_utc,power_w\n2016-10-04T07:00:00Z,much\n",
			"day.csv:2: the power is \"much\"; expected watts",
		),
		(
			"time_utc,power_w\n2016-10-04T07:00:00Z,1\n2016-10-04T06:45:00Z,1\n",
			"day.csv:3: the time 2016-10-04T06:45:00Z is earlier than 2016-10-04T07:00:00Z",
		),
	] {
		fs::write(&file, content)?;
		let said = Said::by(Command::new(gateway_program()?).arg("verify").arg("--csv").arg(&file))?;
		assert!(
			!said.success && said.out.is_empty() && said.err.contains(expected),
			"{said:?}"
		);
		let said = Said::by(
			Command::new(gateway_program()?)
				.args(["--json", "verify"])
				.arg("--csv")
				.arg(&file),
		)?;
		assert!(!said.success && said.err.starts_with("{\"error\":"), "{said:?}");
	}
	Ok(())
}

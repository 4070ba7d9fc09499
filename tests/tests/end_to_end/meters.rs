//! A meter's life by the command line on a real node: judged, disputed, given another key, caught, replaced; meters that sign
//! OCMF or nothing at all; and how meters and sites leave.

use std::{
	fs,
	io::{BufRead, BufReader},
	path::PathBuf,
	process::{Command, Stdio},
};

use anyhow::{Context, Result};
use baseload_client::{
	calls,
	device::format_device_key,
	files::{format_row, format_voucher, SignedVoucher},
	keys::{DeviceSecret, Key},
	units, Call, Chain, Wait,
};
use baseload_demo::plant_day::{self, Plan, World};
use baseload_primitives::{
	ClockStatus, DeviceKey, MeterId, Moment, Quality, Reading, Registers, SignedReading, Voucher, DAY, HOUR, MINUTE,
	SECOND,
};
use baseload_tests::{cli_program, start_node, Cli};
use p256::ecdsa::{signature::Signer, Signature, SigningKey};
use serde_json::Value;
use tempfile::TempDir;

/// The registrar, as a development chain has it.
const REGISTRAR: &str = "--sudo --as Alice";

/// The command line and the files that it is given.
struct Desk {
	cli: Cli,
	files: TempDir,
	world: World,
	/// When the meter was first read.
	opened: Moment,
}

impl Desk {
	fn file(&self, name: &str, text: &str) -> Result<String> {
		let path = self.files.path().join(name);
		fs::write(&path, text)?;
		shown(path)
	}

	fn new_file(&self, name: &str) -> Result<String> {
		shown(self.files.path().join(name))
	}

	/// The meter's reading of so many minutes after the first.
	fn sign(&self, device: &DeviceSecret, sequence: u64, minutes: u64, export: u64) -> SignedReading {
		let reading = Reading {
			sequence,
			measured_at: self.opened + minutes * MINUTE,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			registers: Registers::truncate_from(vec![export, 0]),
		};
		device.sign_reading(self.world.chain.genesis_hash(), self.world.meter, reading)
	}

	/// A file of rows of the meter.
	fn rows(&self, name: &str, rows: &[SignedReading]) -> Result<String> {
		let lines: Vec<_> = rows.iter().map(|row| format_row(self.world.meter, row)).collect();
		self.file(name, &lines.join("\n"))
	}
}

fn shown(path: PathBuf) -> Result<String> {
	Ok(path.to_str().context("a plain path")?.to_owned())
}

#[tokio::test]
async fn meters_should_go_through_everything_when_people_use_the_command_line() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let opened = plant_day::chain_time(&chain).await? - 2 * HOUR;
	let world = World::found(chain, Plan::default()).await?;
	world.open_registers(opened).await?;
	let desk = Desk {
		cli: Cli::new(node.url()),
		files: tempfile::tempdir()?,
		world,
		opened,
	};
	attestors_should_be_named(&desk)?;
	disputed_reading_should_be_dropped_when_the_committee_says_so(&desk)?;
	let device = device_should_get_another_key(&desk)?;
	rows_should_be_relayed_whatever_is_wrong_with_some(&desk, &device)?;
	meter_should_be_watched(&desk)?;
	device_should_be_replaced_when_it_was_caught(&desk, &device)?;
	false_word_should_cost_the_bond(&desk)?;
	let read = committee_should_read_a_meter_that_cannot_sign(&desk)?;
	let keyed = records_should_be_carried_when_the_meter_signs_ocmf(&desk)?;
	bond_should_stay_while_its_notice_runs(&desk)?;
	deposits_should_come_back_when_meters_and_sites_leave(&desk, [read, keyed]).await?;
	node.stop().await
}

fn attestors_should_be_named(desk: &Desk) -> Result<()> {
	let meter = desk.world.meter;
	for name in ["Alice", "Dave", "Eve", "Ferdie"] {
		desk.cli.run(&format!("attestor bond 1000 --as {name}"))?;
	}
	desk.cli.run(&format!(
		"meter committee {meter} --member Alice,Dave,Eve --quorum 2 {REGISTRAR}"
	))?;
	desk.cli.run(&format!(
		"meter policy {meter} --window 1h --vote-period 1h {REGISTRAR}"
	))?;
	let shown = desk.cli.run(&format!("meter show {meter}"))?;
	assert_eq!((&shown["window"], &shown["quorum"]), (&HOUR.into(), &2.into()));
	assert_eq!(desk.cli.run("attestor show Dave")?["seats"], 1);
	Ok(())
}

fn disputed_reading_should_be_dropped_when_the_committee_says_so(desk: &Desk) -> Result<()> {
	let meter = desk.world.meter;
	let device = &desk.world.device;
	let rows = [desk.sign(device, 2, 10, 100), desk.sign(device, 3, 20, 200)];
	let sent = desk
		.cli
		.run(&format!("meter submit {}", desk.rows("backlog", &rows)?))?;
	let outcomes: Vec<_> = sent["rows"].as_array().context("a table")?.iter().collect();
	assert!(
		outcomes.len() == 2 && outcomes.iter().all(|row| row["outcome"] == "accepted"),
		"{sent}"
	);

	let evidence = desk.file("evidence", "the grid operator's own register")?;
	desk.cli
		.run(&format!("attestor dispute {meter} 2 --evidence {evidence} --as Ferdie"))?;
	desk.cli.refused(
		&format!("attestor dispute {meter} 2 --evidence {evidence} --as Dave"),
		"disputed",
	)?;
	assert_eq!(
		desk.cli.run(&format!("meter disputes {meter}"))?["disputes"][0]["sequence"],
		2
	);
	desk.cli.run(&format!("attestor vote {meter} 2 wrong --as Dave"))?;
	let decided = desk.cli.run(&format!("attestor vote {meter} 2 wrong --as Eve"))?;
	assert_eq!((&decided["verdict"], &decided["dropped"]), (&"wrong".into(), &2.into()));
	assert_eq!(desk.cli.run("attestor show Ferdie")?["won"], 1);
	assert_eq!(desk.cli.run(&format!("meter show {meter}"))?["status"], "suspended");
	desk.cli.run(&format!("meter resume {meter} {REGISTRAR}"))?;
	Ok(())
}

fn device_should_get_another_key(desk: &Desk) -> Result<DeviceSecret> {
	let meter = desk.world.meter;
	let file = desk.new_file("second-device")?;
	let device = DeviceSecret::create(file.as_ref())?;
	let old = shown(desk.world.device_key())?;
	desk.cli.run(&format!(
		"meter rotate-key {meter} --device-file {old} --new-device-file {file} --as Bob"
	))?;
	let by_old = desk.rows("old-key", &[desk.sign(&desk.world.device, 4, 30, 300)])?;
	desk.cli.refused(&format!("meter submit {by_old}"), "signature")?;
	let by_new = desk.rows("new-key", &[desk.sign(&device, 4, 30, 300)])?;
	assert_eq!(
		desk.cli.run(&format!("meter submit {by_new}"))?["rows"][0]["outcome"],
		"accepted"
	);
	Ok(device)
}

fn rows_should_be_relayed_whatever_is_wrong_with_some(desk: &Desk, device: &DeviceSecret) -> Result<()> {
	let rows = [desk.sign(device, 4, 40, 400), desk.sign(device, 5, 40, 400)];
	let sent = desk
		.cli
		.run(&format!("meter relay {} --as Ferdie", desk.rows("relayed", &rows)?))?;
	let outcome = |place: usize| sent["rows"][place]["outcome"].as_str().unwrap_or_default().to_owned();
	assert!(outcome(0).contains("sequence"), "{sent}");
	assert_eq!(outcome(1), "accepted");
	Ok(())
}

/// Two blocks of it, as a program that reads lines would see them.
fn meter_should_be_watched(desk: &Desk) -> Result<()> {
	let mut watch = Command::new(cli_program()?)
		.args([
			"meter",
			"watch",
			&desk.world.meter.to_string(),
			"--json",
			"--url",
			desk.cli.url(),
		])
		.stdout(Stdio::piped())
		.spawn()?;
	let lines = BufReader::new(watch.stdout.take().context("it is piped")?).lines();
	let seen: Vec<Value> = lines
		.take(2)
		.map(|line| Ok(serde_json::from_str(&line?)?))
		.collect::<Result<_>>()?;
	watch.kill()?;
	watch.wait()?;
	assert!(
		seen.len() == 2 && seen.iter().all(|frame| frame["newest_sequence"] == 5),
		"{seen:?}"
	);
	Ok(())
}

fn device_should_be_replaced_when_it_was_caught(desk: &Desk, device: &DeviceSecret) -> Result<()> {
	let (meter, site) = (desk.world.meter, desk.world.site);
	let one = desk.rows("one", &[desk.sign(device, 5, 40, 400)])?;
	let other = desk.rows("other", &[desk.sign(device, 5, 40, 401)])?;
	desk.cli.refused(
		&format!("attestor report-equivocation {meter} {one} {one} --as Ferdie"),
		"two",
	)?;
	desk.cli.run(&format!(
		"attestor report-equivocation {meter} {one} {other} --as Ferdie"
	))?;
	assert_eq!(desk.cli.run(&format!("meter show {meter}"))?["deposit"], "0");

	let third = DeviceSecret::create(desk.new_file("third-device")?.as_ref())?;
	let key = format_device_key(third.public());
	desk.cli.run(&format!("meter approve-key {site} {key} {REGISTRAR}"))?;
	desk.cli.run(&format!(
		"meter replace-device {meter} {key} --opening export=7kWh,import=0Wh {REGISTRAR}"
	))?;
	desk.cli.run(&format!("meter resume {meter} {REGISTRAR}"))?;
	let row = desk.rows("third", &[desk.sign(&third, 1_000_000, 50, 7_500)])?;
	desk.cli.run(&format!("meter submit {row}"))?;
	let shown = desk.cli.run(&format!("meter show {meter}"))?;
	assert_eq!(shown["newest_registers"][0], "500", "{shown}");
	Ok(())
}

fn false_word_should_cost_the_bond(desk: &Desk) -> Result<()> {
	let attestor = Key::dev("Dave")?;
	let device = DeviceSecret::create(desk.new_file("fourth-device")?.as_ref())?;
	let key = desk.world.device.public();
	let SignedReading { reading, signature } = desk.sign(&device, 9, 60, 600);
	let voucher = Voucher {
		meter: desk.world.meter,
		key,
		reading,
		signature,
	};
	let signed = SignedVoucher {
		attestor: attestor.account(),
		signature: attestor.vouch(&desk.world.chain, &voucher)?,
		voucher,
	};
	let row = desk.rows("unsigned", &[desk.sign(&device, 9, 60, 600)])?;
	let never = desk.new_file("voucher-never")?;
	desk.cli
		.refused(&format!("attestor vouch {row} {never} --as Eve"), "do not vouch for it")?;
	let file = desk.file("voucher", &format_voucher(&signed))?;
	desk.cli
		.run(&format!("attestor report-false-vouch {file} --as Ferdie"))?;
	assert_eq!(desk.cli.run("attestor show Dave")?["bond"], "0");
	Ok(())
}

/// The id of a meter that was registered.
fn number(registered: &Value) -> Result<MeterId> {
	Ok(MeterId(u32::try_from(
		registered["meter"].as_u64().context("a number")?,
	)?))
}

fn committee_should_read_a_meter_that_cannot_sign(desk: &Desk) -> Result<MeterId> {
	let site = desk.world.site;
	let registered = desk.cli.run(&format!(
		"meter register-committee {site} --register export,import --as Bob"
	))?;
	let meter = number(&registered)?;
	desk.cli.run(&format!(
		"meter committee {meter} --member Alice,Eve --quorum 2 {REGISTRAR}"
	))?;
	desk.cli.refused(
		&format!("meter thresholds {meter} --watch export=2kWh --as Eve"),
		"owner",
	)?;
	desk.cli
		.run(&format!("meter thresholds {meter} --watch export=2kWh --as Bob"))?;
	let proof = || Ok::<_, anyhow::Error>(desk.cli.run(&format!("meter thresholds {meter}"))?["thresholds"][0].clone());
	assert_eq!(proof()?["sequence"], Value::Null);
	let at = units::format_time(desk.opened);
	let report = |who: &str| {
		desk.cli.run(&format!(
			"meter report {meter} --sequence 1 --measured-at {at} --count export=3kWh,import=5Wh --as {who}"
		))
	};
	assert_eq!(report("Alice")?["quorum_reached"], false);
	assert_eq!(report("Eve")?["quorum_reached"], true);
	assert_eq!(
		desk.cli.run(&format!("meter show {meter}"))?["measured_registers"][0],
		"3000"
	);
	assert_eq!((&proof()?["count"], &proof()?["sequence"]), (&"2000".into(), &1.into()));
	Ok(meter)
}

fn records_should_be_carried_when_the_meter_signs_ocmf(desk: &Desk) -> Result<MeterId> {
	let site = desk.world.site;
	let signer = SigningKey::from_slice(&[5; 32])?;
	let point = signer.verifying_key().to_encoded_point(true);
	let key = format_device_key(DeviceKey::P256(point.as_bytes().try_into()?));
	desk.cli.run(&format!(
		"meter approve-key {site} {key} --ocmf-serial EMH0001 --pages fiscal {REGISTRAR}"
	))?;
	let registered = desk.cli.run(&format!(
		"meter register {site} --register import --device-key {key} --approved --as Bob"
	))?;
	let meter = number(&registered)?;
	let at = units::format_time(desk.opened - desk.opened % SECOND);
	let at = at.trim_end_matches('Z');
	let payload = format!(
		r#"{{"FV":"1.0","PG":"F7","MS":"EMH0001","RD":[{{"TM":"{at},000+0000 S","RV":12.345,"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}}]}}"#
	);
	let signature: Signature = signer.sign(payload.as_bytes());
	let digits: String = signature.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
	let file = desk.file("record", &format!(r#"OCMF|{payload}|{{"SD":"{digits}"}}"#))?;
	let sent = desk.cli.run(&format!("meter submit-ocmf {meter} {file}"))?;
	assert_eq!(sent["sequence"], 7);
	desk.cli
		.refused(&format!("meter submit-ocmf {meter} {file}"), "sequence")?;
	assert_eq!(
		desk.cli.run(&format!("meter show {meter}"))?["newest_registers"][0],
		"12345"
	);
	Ok(meter)
}

fn bond_should_stay_while_its_notice_runs(desk: &Desk) -> Result<()> {
	assert!(desk.cli.run("attestor unbond --as Ferdie")?["free_in"].as_u64() > Some(0));
	desk.cli.refused("attestor withdraw --as Ferdie", "not free yet")
}

/// Of the two leaving meters, which stand at the same site as the plant's own, the first one was finally read. The second one has
/// a key.
async fn deposits_should_come_back_when_meters_and_sites_leave(desk: &Desk, leaving: [MeterId; 2]) -> Result<()> {
	let (meter, site) = (desk.world.meter, desk.world.site);
	let [read, keyed] = leaving;
	desk.world.activate().await?;
	desk.cli
		.refused(&format!("meter remove {read} --as Bob"), "not suspended")?;
	for meter in [meter, read, keyed] {
		let suspended = desk.cli.run(&format!("meter suspend {meter} --as Bob"))?;
		assert!(suspended["removable_in"].as_u64() > Some(60 * DAY), "{suspended}");
	}
	desk.cli
		.refused(&format!("meter remove {read} --as Bob"), "not free yet")?;
	let key = desk.cli.run(&format!("meter show {keyed}"))?["device_key"].clone();
	let key = key.as_str().context("a key")?;

	open_time_passes(&desk.world.chain, 61 * DAY).await?;
	desk.cli.refused(&format!("meter remove {read} --as Eve"), "owner")?;
	for meter in leaving {
		let held = desk.cli.run(&format!("meter show {meter}"))?["deposit"].clone();
		let removed = desk.cli.run(&format!("meter remove {meter} --as Bob"))?;
		assert!(held != "0" && removed["deposit"] == held, "{removed}");
		desk.cli
			.refused(&format!("meter remove {meter} --as Bob"), "there is no meter")?;
	}
	// What was counted stays known, and a key taken.
	let shown = desk.cli.run(&format!("meter show {read}"))?;
	assert_eq!(
		(&shown["status"], &shown["measured_registers"][0]),
		(&"removed".into(), &"3000".into())
	);
	assert_eq!(
		desk.cli.run(&format!("meter thresholds {read}"))?["thresholds"][0]["sequence"],
		1
	);
	desk.cli.refused(
		&format!("meter approve-key {site} {key} {REGISTRAR}"),
		"registered before",
	)?;

	// The plant's own meter is cover, and an agreement bills by it.
	desk.cli
		.refused(&format!("meter remove {meter} --as Bob"), "certified with this meter")?;
	desk.cli.run(&format!("site revoke {site} {REGISTRAR}"))?;
	desk.cli
		.refused(&format!("meter remove {meter} --as Bob"), "bill by the meter")?;
	desk.cli
		.refused(&format!("site remove {site} --as Bob"), "stand at the site")?;

	let empty = desk.cli.run(
		"site register --technology wind --zone DE-LU --connection-point DE-NEVER --nameplate 5MW --commissioned 2024-06-30 --as Bob",
	)?;
	let empty = &empty["site"];
	let removed = desk.cli.run(&format!("site remove {empty} --as Bob"))?;
	let deposit: u128 = removed["deposit"].as_str().context("an amount")?.parse()?;
	assert!(deposit > 0 && removed["site"] == *empty, "{removed}");
	desk.cli.refused(&format!("site show {empty}"), "there is no site")
}

/// Lets open time pass at once that the chain's own blocks would take as long for, as root.
async fn open_time_passes(chain: &Chain, time: Moment) -> Result<()> {
	let at = chain.best().await?;
	let key = at.storage_key("MeterAttestation", "OpenClock", &[])?;
	let (last, open): (Moment, Moment) = at.storage_or_default("MeterAttestation", "OpenClock", &[]).await?;
	let clock = [last, open + time].map(Moment::to_le_bytes).concat();
	let call = calls::sudo(Call::new("System", "set_storage").with(vec![(key, clock)]));
	chain.submit(&call, &Key::dev("Alice")?, Wait::InBlock).await?;
	Ok(())
}

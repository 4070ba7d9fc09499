//! Records that a meter signed itself go through the gateway untouched, one by one, each once.

use std::{
	fs,
	path::PathBuf,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use baseload_client::{calls, keys::Key, units, Chain, Wait};
use baseload_demo::plant_day;
use baseload_primitives::{
	ConnectionPoint, DeviceKey, MeterId, Moment, Ocmf, Pages, Proof, Register, Serial, SiteDetails, Technology, Zone,
	MINUTE,
};
use baseload_tests::{fleet::Gateway, start_node};
use p256::ecdsa::{signature::Signer, Signature, SigningKey};

/// How long all records may take: each waits for a block and its finality.
const PATIENCE: Duration = Duration::from_secs(120);

/// A record of the meter, as it signs it.
pub(super) fn record(signer: &SigningKey, page: &str, measured_at: Moment, kwh: &str) -> String {
	let at = units::format_time(measured_at);
	let at = at.trim_end_matches('Z');
	let payload = format!(
		r#"{{"FV":"1.0","PG":"{page}","MS":"EMH0001","RD":[{{"TM":"{at},000+0000 S","RV":{kwh},"RI":"1-0:1.8.0","RU":"kWh","ST":"G"}}]}}"#
	);
	let signature: Signature = signer.sign(payload.as_bytes());
	let digits: String = signature.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
	format!(r#"OCMF|{payload}|{{"SD":"{digits}"}}"#)
}

/// Registers a meter that signs OCMF records.
async fn register(chain: &Chain, signer: &SigningKey) -> Result<MeterId> {
	register_with(chain, device_key(signer)?, "EMH0001", Pages::Fiscal).await
}

/// The signer's key as the chain has it.
pub(super) fn device_key(signer: &SigningKey) -> Result<DeviceKey> {
	let point = signer.verifying_key().to_encoded_point(true);
	Ok(DeviceKey::P256(point.as_bytes().try_into()?))
}

/// Registers a meter whose records have this key, serial number and page counter.
pub(super) async fn register_with(chain: &Chain, key: DeviceKey, serial: &str, pages: Pages) -> Result<MeterId> {
	let (registrar, owner) = (Key::dev("Alice")?, Key::dev("Bob")?);
	let site = chain.best().await?.next_site().await?;
	let details = SiteDetails {
		technology: Technology::Solar,
		zone: Zone::truncate_from(b"DE-50HZ".to_vec()),
		connection_point: ConnectionPoint::truncate_from(serial.as_bytes().to_vec()),
		nameplate_w: 1_000_000,
		commissioned_at: 1_600_000_000_000,
	};
	let format = Ocmf {
		serial: Serial::truncate_from(serial.as_bytes().to_vec()),
		pages,
	};
	chain
		.submit(&calls::register_site(&details), &owner, Wait::InBlock)
		.await?;
	let approval = calls::sudo(calls::approve_key(site, key, Some(&format)));
	chain.submit(&approval, &registrar, Wait::InBlock).await?;
	let meter = chain.best().await?.next_meter().await?;
	let registration = calls::register_meter(site, key, &[Register::Import], Proof::Approval);
	chain.submit(&registration, &owner, Wait::Finalized).await?;
	Ok(meter)
}

/// The records in final blocks from this one on, in order.
pub(super) async fn carried(chain: &Chain, from: u64) -> Result<Vec<String>> {
	let mut carried = Vec::new();
	for number in from..=chain.finalized_number().await? {
		let hash = chain.block_hash(number).await?.context("the node has its blocks")?;
		for transaction in chain.at(hash).await?.transactions().await? {
			let text = String::from_utf8_lossy(&transaction).into_owned();
			carried.extend(text.find("OCMF|").map(|start| text[start..].to_owned()));
		}
	}
	Ok(carried)
}

fn configure(folder: &std::path::Path, chain: &Chain, meter: MeterId) -> Result<PathBuf> {
	let path = folder.join("gateway.toml");
	let text = format!(
		"[chain]\nurl = \"{}\"\ngenesis = \"{:?}\"\n[outbox]\npath = \"{}/outbox\"\n\
		 [[meter]]\nid = {meter}\nevery = \"1s\"\nsource = {{ ocmf = {{ path = \"{}/records.txt\" }} }}\n",
		chain.url(),
		chain.genesis_hash(),
		folder.display(),
		folder.display()
	);
	fs::write(&path, text)?;
	Ok(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn records_should_reach_the_chain_byte_for_byte_when_the_meter_signs() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let signer = SigningKey::from_slice(&[5; 32])?;
	let meter = register(&chain, &signer).await?;
	let from = chain.best_number().await?;
	let began = plant_day::chain_time(&chain).await? - 60 * MINUTE;
	let at = |place: u64| began + place * 5 * MINUTE;
	let good: Vec<String> = (0..4)
		.map(|place| {
			record(
				&signer,
				&format!("F{}", 7 + 2 * place),
				at(place),
				&format!("12.{place}"),
			)
		})
		.collect();
	// A register that falls, a page of the other counter, one that somebody tampered with
	let fallen = record(&signer, "F8", at(1) - 2 * MINUTE, "3.5");
	let other = record(&signer, "T1", at(1), "12.0");
	let forged = record(&signer, "F10", at(2) - 2 * MINUTE, "12.2").replace("12.2", "99.9");

	let folder = tempfile::tempdir()?;
	let lines = [&good[0], &fallen, &other, &good[1], &forged, &good[2], &good[3]];
	let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
	fs::write(folder.path().join("records.txt"), text)?;
	let config = configure(folder.path(), &chain, meter)?;
	let mut gateway = Gateway::start(folder.path(), &config)?;
	let deadline = Instant::now() + PATIENCE;
	let mut killed = false;
	loop {
		let view = chain
			.finalized()
			.await?
			.meter(meter)
			.await?
			.context("the meter is gone")?;
		if view.newest_final.as_ref().is_some_and(|newest| newest.sequence == 13) {
			assert_eq!(view.newest_final.map(|newest| newest.registers), Some(vec![12_300]));
			break;
		}
		if !killed && view.newest.is_some() {
			gateway.kill()?;
			gateway = Gateway::start(folder.path(), &config)?;
			killed = true;
		}
		ensure!(
			Instant::now() < deadline && gateway.ended()?.is_none(),
			"{:?}\n{}",
			view.newest,
			Gateway::said(folder.path())
		);
		tokio::time::sleep(Duration::from_millis(300)).await;
	}
	assert_eq!(carried(&chain, from).await?, good);
	assert!(killed);
	gateway.stop().await?;
	node.stop().await
}

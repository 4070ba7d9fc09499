//! All meters together, until stopped.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use baseload_client::H256;
use baseload_primitives::{DeviceKey, MeterId};
use tokio::{sync::Semaphore, task::JoinSet};
use tracing::info;

use crate::{
	config::Config,
	courier::{Bell, Courier, Signer},
	intake::Intake,
	outbox::{self, Outbox},
	source::{self, Source},
	state::{Shared, Stamp},
	stop::Stop,
};

/// Sources that are asked at the same time.
const TURNS: usize = 128;

/// How often it is told how full the outbox is.
const PULSE: Duration = Duration::from_secs(5);

/// A meter to carry.
pub struct Meter {
	/// Which.
	pub id: MeterId,
	/// The keys to sign with, the next one last; none if the meter signs.
	pub signers: Vec<Signer>,
	/// Where its readings come from.
	pub source: Box<dyn Source>,
	/// Where they come from as soon as the chain has this key for it.
	pub next: Option<(DeviceKey, Box<dyn Source>)>,
	/// How often that is asked.
	pub every: Duration,
}

/// Where the chain is, and which.
pub struct Node {
	/// Where a node answers.
	pub url: String,
	/// Hash of the chain's block 0.
	pub genesis: H256,
}

/// Opens everything that a configuration names, and carries until asked to stop.
pub async fn run(config: &Config, shared: Shared, stop: Stop) -> Result<()> {
	let mut keys = config.open_keys()?;
	let outbox = config.outbox.as_ref().context("the configuration has no [outbox]")?;
	let meters = config.meters.iter().map(|meter| {
		let next_source = meter.next.as_ref().and_then(|next| next.source.as_ref());
		let keys = keys.remove(meter.id.get_ref());
		let next_key = keys.as_ref().and_then(|keys| Some(keys.next.as_ref()?.public()));
		let signer = |device, own_source| Signer { device, own_source };
		let signers = keys.into_iter().flat_map(|keys| {
			let next = keys.next.map(|next| signer(next, next_source.is_some()));
			std::iter::once(signer(keys.present, false)).chain(next)
		});
		Meter {
			id: *meter.id.get_ref(),
			signers: signers.collect(),
			source: source::open(&meter.source),
			next: next_key.zip(next_source.map(source::open)),
			every: meter.every.get_ref().duration(),
		}
	});
	let node = Node {
		url: config.chain.url.to_string(),
		genesis: config.chain.genesis.0,
	};
	carry(node, outbox, meters.collect(), shared, stop).await
}

/// Carries what meters say to the chain until asked to stop. Fails if going on would do harm, or the disk fails.
pub async fn carry(node: Node, outbox: &outbox::Config, meters: Vec<Meter>, shared: Shared, stop: Stop) -> Result<()> {
	let outbox = Outbox::open(outbox, node.genesis)?;
	let bell = Bell::default();
	let turns = Arc::new(Semaphore::new(TURNS));
	let mut devices = BTreeMap::new();
	let mut intakes = JoinSet::new();
	for Meter {
		id,
		signers,
		source,
		next,
		every,
	} in meters
	{
		restore(&outbox, &shared, id)?;
		devices.insert(id, signers);
		let intake = Intake {
			meter: id,
			source,
			next,
			every,
			outbox: outbox.clone(),
			bell: bell.clone(),
			shared: shared.clone(),
			turns: turns.clone(),
		};
		intakes.spawn(intake.run(stop.clone()));
	}
	info!(meters = devices.len(), "carrying");
	let courier = Courier {
		url: node.url,
		genesis: node.genesis,
		outbox: outbox.clone(),
		meters: Arc::new(devices),
		bell,
		shared: shared.clone(),
	};
	let carried = tokio::select! {
		carried = courier.run(&stop) => carried.map_err(anyhow::Error::from),
		failed = failure(&mut intakes) => Err(failed),
		failed = tell_room(&outbox, &shared) => Err(failed.into()),
	};
	stop.request();
	// What sources are being asked for ends or is dropped: the outbox knows where each stands
	while let Some(ended) = intakes.join_next().await {
		ended.context("an intake failed")??;
	}
	let queued: u64 = shared.status().meters.iter().map(|meter| meter.queued).sum();
	info!(queued, "stopped; what is queued goes on at the next start");
	carried
}

/// Waits for an intake to fail; for ever if none does.
async fn failure(intakes: &mut JoinSet<Result<(), outbox::OutboxError>>) -> anyhow::Error {
	loop {
		match intakes.join_next().await {
			Some(Ok(Ok(()))) => (),
			Some(Ok(Err(error))) => return error.into(),
			Some(Err(error)) => return error.into(),
			None => std::future::pending().await,
		}
	}
}

/// Tells how full the outbox is, whatever the node does, until the outbox fails.
async fn tell_room(outbox: &Outbox, shared: &Shared) -> outbox::OutboxError {
	loop {
		match outbox.size() {
			Ok((used, limit)) => shared.outbox(used, limit),
			Err(error) => return error,
		}
		tokio::time::sleep(PULSE).await;
	}
}

/// Tells how a meter stands as the gateway starts.
fn restore(outbox: &Outbox, shared: &Shared, meter: MeterId) -> Result<()> {
	let book = outbox.book(meter)?;
	let taken = book.as_ref().and_then(|book| {
		Some(Stamp {
			sequence: book.given?,
			measured_at: book.last.as_ref()?.measured_at,
		})
	});
	let done = book.as_ref().and_then(|book| book.done).map(|done| Stamp {
		sequence: done.sequence,
		measured_at: done.measured_at,
	});
	shared.restored(meter, taken, done, book.map_or(0, |book| book.queued));
	Ok(())
}

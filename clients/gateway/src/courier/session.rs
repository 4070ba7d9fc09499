//! The courier's work over one connection.

use std::{sync::Arc, time::Duration};

use baseload_client::{At, Chain};
use baseload_primitives::{MeterId, Moment};
use tokio::{sync::mpsc, task::JoinSet, time::MissedTickBehavior};
use tracing::{info, warn};

use super::{
	desk::{Desk, Route, Wake},
	errand::{Context, Errand},
	news::{self, News, Said},
	plan::Limits,
	Courier, Failure,
};
use crate::{
	outbox::Checkpoint,
	state::{Shared, Stamp},
	stop::Stop,
};

/// After so much silence the node is asked whether it is there at all.
const SILENCE: Duration = Duration::from_secs(60);

/// How often the node is asked for its newest block, for people.
const PULSE: Duration = Duration::from_secs(5);

/// How often a node that is behind is asked how far it is.
const CATCHING_UP: Duration = Duration::from_secs(2);

/// How many blocks old a block is when it is remembered: what one machine takes back when it crashes is younger.
const DEPTH: u64 = 16;

/// Final blocks that wait to be dealt with.
const WAITING: usize = 4;

/// Works until asked to stop, then ends what is under way. If it fails, it says whether it had worked before.
pub async fn run(courier: &Courier, chain: Chain, stop: &Stop) -> Result<(), (Failure, bool)> {
	recognise(courier, &chain, stop)
		.await
		.map_err(|failure| (failure, false))?;
	if stop.is_requested() {
		return Ok(());
	}
	let mut worked = false;
	work(courier, chain, stop, &mut worked)
		.await
		.map_err(|failure| (failure, worked))
}

/// Whether the node's chain is the outbox's. Waits for a node that is still catching up.
async fn recognise(courier: &Courier, chain: &Chain, stop: &Stop) -> Result<(), Failure> {
	if chain.genesis_hash() != courier.genesis {
		return Err(Failure::Fatal(format!(
			"the node at {} is of another chain: its genesis hash is {:?}, the configured one is {:?}. Nothing is sent to it",
			chain.url(),
			chain.genesis_hash(),
			courier.genesis
		)));
	}
	let seen = courier.outbox.checkpoint()?;
	let mut told = false;
	let until = courier.outbox.settled_at()?.max(seen.map_or(0, |seen| seen.number));
	while !stop.is_requested() {
		let number = chain.finalized_number().await?;
		if let Some(seen) = seen.filter(|seen| number >= seen.number) {
			same(chain, seen).await?;
		}
		if number >= until {
			return Ok(());
		}
		let why = format!(
			"the node's newest final block is {number}, and this outbox has seen {until}: the node is catching up, or its \
			 chain was reset"
		);
		if !std::mem::replace(&mut told, true) {
			warn!("waiting: {why}");
		}
		courier.shared.node_down(why);
		tokio::select! {
			() = tokio::time::sleep(CATCHING_UP) => (),
			() = stop.requested() => (),
		}
	}
	Ok(())
}

/// Fails unless the node's chain has a block that was final.
async fn same(chain: &Chain, seen: Checkpoint) -> Result<(), Failure> {
	match chain.block_hash(seen.number).await? {
		Some(hash) if hash == seen.hash => Ok(()),
		Some(_) => Err(Failure::Fatal(format!(
			"the chain was reset: its block {} is not the one that this outbox has seen final. Nothing is replayed; a \
			 new chain needs a new outbox",
			seen.number
		))),
		None => Err(Failure::Disconnected(format!(
			"the node does not know block {}",
			seen.number
		))),
	}
}

type Returned = (MeterId, Result<(Route, Wake), Failure>);

async fn work(courier: &Courier, chain: Chain, stop: &Stop, worked: &mut bool) -> Result<(), Failure> {
	let (tell, mut told) = mpsc::channel(WAITING);
	let mut follower = JoinSet::new();
	follower.spawn(follow(chain.clone(), tell));
	let mut newest = tokio::select! {
		news = told.recv() => news.unwrap_or_else(|| Err(gone()))?,
		() = stop.requested() => return Ok(()),
	};
	let context = Arc::new(context(courier, chain, &newest.at)?);
	info!(url = courier.url, block = newest.at.number(), "connected");
	*worked = true;

	let mut desk = Desk::new(courier.meters.keys().copied());
	let mut noted = None;
	let mut errands: JoinSet<Returned> = JoinSet::new();
	let mut pulse = tokio::time::interval(PULSE);
	pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
	while !stop.is_requested() {
		while let Some((meter, route)) = desk.take() {
			let errand = Errand {
				context: context.clone(),
				at: newest.at.clone(),
				open: newest.open,
				meter,
			};
			errands.spawn(async move { (meter, errand.run(route).await) });
		}
		tokio::select! {
			news = told.recv() => {
				newest = news.unwrap_or_else(|| Err(gone()))?;
				hear(&mut desk, &mut newest, &courier.shared);
				remember(courier, &newest.at, &mut noted).await?;
			}
			// Also if nothing becomes final, which is when somebody wants to know
			_ = pulse.tick() => {
				let best = context.chain.best_number().await?;
				courier.shared.node_up(best, newest.at.number());
			}
			Some(returned) = errands.join_next() => {
				let (meter, outcome) = returned.map_err(|error| Failure::Fatal(format!("an errand failed: {error}")))?;
				let (route, wake) = outcome?;
				desk.put_back(meter, route, wake);
			}
			rung = courier.bell.rung() => rung.into_iter().for_each(|meter| desk.turn(meter)),
			() = stop.requested() => (),
		}
	}
	// What is under way ends within a request or two; what it would have led to comes after the next start
	while errands.join_next().await.is_some() {}
	Ok(())
}

/// What all errands need to know of the chain.
fn context(courier: &Courier, chain: Chain, at: &At) -> Result<Context, Failure> {
	let batch: u32 = at.constant("MeterAttestation", "MaxBacklog")?;
	Ok(Context {
		courier: courier.clone(),
		chain,
		limits: Limits {
			pending: at.constant("MeterAttestation", "MaxPending")?,
			batch: batch as usize,
		},
		min_interval: at.constant::<Moment>("MeterAttestation", "MinInterval")?,
	})
}

/// Tells of every newest final block, until the connection breaks.
async fn follow(chain: Chain, tell: mpsc::Sender<Result<News, Failure>>) {
	let mut blocks = match chain.final_blocks().await {
		Ok(blocks) => blocks,
		Err(error) => {
			// Whoever listened may be gone
			let _ = tell.send(Err(error.into())).await;
			return;
		}
	};
	let mut known = None;
	loop {
		let next = match tokio::time::timeout(SILENCE, blocks.next()).await {
			Ok(next) => next,
			// Fails unless the node is there
			Err(_) => chain.finalized().await,
		};
		let news = match next {
			Ok(at) if known.is_some_and(|known| at.number() <= known) => continue,
			Ok(at) => {
				let before = known.unwrap_or(at.number());
				known = Some(at.number());
				news::until(&chain, before, at).await
			}
			Err(error) => Err(error.into()),
		};
		let failed = news.is_err();
		if tell.send(news).await.is_err() || failed {
			return;
		}
	}
}

/// Lets everybody know what a final block reported.
fn hear(desk: &mut Desk, news: &mut News, shared: &Shared) {
	for (meter, said) in news
		.said
		.drain(..)
		.filter(|(meter, _)| desk.has(*meter))
		.collect::<Vec<_>>()
	{
		let sent = desk.hear(meter, said.clone());
		let Said::Accepted {
			last,
			measured_at,
			count,
			..
		} = said
		else {
			continue;
		};
		if let Some(measured_at) = measured_at.or(sent.map(|sent| sent.measured_at)) {
			let stamp = Stamp {
				sequence: last,
				measured_at,
			};
			shared.included(meter, count.into(), stamp);
		}
	}
	if news.gap {
		desk.ask_all();
	}
	desk.time(news.at.number(), news.open);
}

/// Remembers a final block once it is so old that no node takes it back.
async fn remember(courier: &Courier, at: &At, noted: &mut Option<Checkpoint>) -> Result<(), Failure> {
	let current = Checkpoint {
		number: at.number(),
		hash: at.hash(),
	};
	match *noted {
		Some(old) if current.number >= old.number + DEPTH => {
			courier.outbox.remember(old).await?;
			*noted = Some(current);
		}
		Some(_) => (),
		None => *noted = Some(current),
	}
	Ok(())
}

fn gone() -> Failure {
	Failure::Disconnected("the connection to the node is gone".into())
}

//! The attestor at work: block by block it looks at its meters, decides, writes down what it is about to say, and says it.
//!
//! Everything is decided in one state: that of the newest final block, in which every reading stands for good; or, while finality
//! lags, of the newest block, for windows do not wait. A transaction is signed so that it counts only on chains that hold that
//! block, and only if the account has sent nothing since ([`Chain::submit_since`]). One is under way at a time.

use std::{
	collections::BTreeMap,
	sync::Arc,
	time::{Duration, Instant},
};

use anyhow::{bail, Result};
use baseload_client::{keys::Key, At, Call, Chain, Error, Receipt, Wait, H256};
use baseload_primitives::MeterId;
use tracing::{info, warn};

use super::{
	config::Config,
	decide::{Decision, Step},
	docket::{Docket, Me},
	journal::{Journal, Stance},
	papers,
	search::search,
	watch::Watch,
};
use crate::{config::Chain as Node, state::Shared, stop::Stop};

/// If more blocks than this are not final, what counts is the newest block.
const MOST_UNFINAL: u64 = 20;
/// For how many blocks a transaction can enter one.
const LIFETIME: u64 = 64;
/// How long to wait for a transaction to enter a block.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long to wait for a new block before looking again.
const BLOCK: Duration = Duration::from_secs(60);
/// How long to wait before connecting again.
const RECONNECT: Duration = Duration::from_secs(5);
/// How long to leave alone what was refused, and what failed in a block and cost its fee.
const AFTER_REFUSAL: Duration = Duration::from_secs(30);
const AFTER_FAILURE: Duration = Duration::from_secs(600);

/// Attests until stopped. Fails if it cannot begin or go on: no key, a journal that is in use or cannot be written, another chain.
pub async fn run(config: &Config, node: &Node, shared: Shared, stop: Stop) -> Result<()> {
	let key = Key::from_file(&config.key)?;
	let journal = Arc::new(Journal::open(&config.journal, node.genesis.0, &key.account())?);
	let mut attestor = Attestor {
		config,
		key,
		watch: Watch::begin(config, &journal, &stop),
		journal,
		shared,
		spoken_until: 0,
		left_alone: BTreeMap::new(),
		told: BTreeMap::new(),
		tidied: BTreeMap::new(),
		unseen: BTreeMap::new(),
		silence: None,
	};
	info!(account = %attestor.key.account(), meters = config.meters.len(), "attesting");
	tokio::select! {
		() = stop.requested() => Ok(()),
		result = attestor.serve(node) => result,
	}
}

/// One account's attestor.
pub(super) struct Attestor<'a> {
	pub config: &'a Config,
	pub key: Key,
	pub journal: Arc<Journal>,
	pub shared: Shared,
	watch: Watch,
	/// Number of the block with the last transaction: nothing is decided in a state that does not hold it.
	spoken_until: u64,
	/// What was refused or failed, until when it is left alone.
	left_alone: BTreeMap<(MeterId, u64, &'static str), Instant>,
	/// What was found about the waiting readings of each meter: told once.
	pub told: BTreeMap<MeterId, Vec<(u64, &'static str)>>,
	/// Sequence of each meter's newest final reading when what came before was forgotten.
	pub tidied: BTreeMap<MeterId, u64>,
	/// Meters that could not be looked at: told once.
	unseen: BTreeMap<MeterId, String>,
	/// Why the account may say nothing: told once.
	silence: Option<&'static str>,
}

/// Something to say on chain.
pub(super) struct Speech {
	/// About which meter.
	pub meter: MeterId,
	/// About which of its readings, and why.
	pub decision: Decision,
	/// The call.
	pub call: Call,
	/// Which side it takes about which reading; `None` if it takes none.
	pub stance: Option<(H256, Stance)>,
	/// What the committee should read.
	pub evidence: Option<String>,
}

impl Attestor<'_> {
	/// Connects, and connects again. Returns only if there is no sense in going on.
	async fn serve(&mut self, node: &Node) -> Result<()> {
		loop {
			let lost = match Chain::connect(&node.url).await {
				Ok(chain) if chain.genesis_hash() != node.genesis.0 => bail!(
					"the node at {} is of a chain that begins with {:?}, not with {:?} as configured",
					chain.url(),
					chain.genesis_hash(),
					node.genesis.0
				),
				Ok(chain) => match self.follow(&chain).await {
					// What is no node's fault is the disk's: connecting again mends nothing, and a journal that could not be written
					// once is not written any more until it is opened anew
					Err(error) if !error.is::<Error>() => return Err(error),
					ended => ended.err(),
				},
				Err(error @ Error::NotBaseload { .. }) => return Err(error.into()),
				Err(error) => Some(error.into()),
			};
			let text = lost.map_or_else(String::new, |lost| format!("{lost:#}"));
			warn!("{text}; connecting again in {} s", RECONNECT.as_secs());
			self.shared.node_down(text);
			tokio::time::sleep(RECONNECT).await;
		}
	}

	/// Looks at every new block until the connection breaks.
	async fn follow(&mut self, chain: &Chain) -> Result<()> {
		loop {
			self.look(chain).await?;
			match chain.wait_for_block(BLOCK).await {
				Err(error) if error.is_connection() => return Err(error.into()),
				// No new block is no reason not to look: what the own sources saw may be new
				_ => (),
			}
		}
	}

	/// Looks at all meters in one state, and says the most urgent thing.
	async fn look(&mut self, chain: &Chain) -> Result<()> {
		let newest_final = chain.finalized().await?;
		let best = chain.best_number().await?;
		self.shared.node_up(best, newest_final.number());
		let settled = best.saturating_sub(newest_final.number()) <= MOST_UNFINAL;
		let at = match settled {
			true => newest_final,
			false => chain.best().await?,
		};
		let me = Me::read(&at, self.key.account()).await?;
		if self.silence != me.silenced() {
			self.silence = me.silenced();
			warn!("{}", self.silence.unwrap_or("the account may speak again"));
		}
		let lost_more = me.lost() > self.journal.lost()?;
		self.left_alone.retain(|_, until| *until > Instant::now());
		let mut speeches = Vec::new();
		let mut keys = Vec::new();
		let config = self.config;
		for meter in &config.meters {
			let id = *meter.id.get_ref();
			match Docket::read(&at, id, &me).await {
				Ok(docket) => {
					self.unseen.remove(&id);
					if lost_more {
						self.spare(&docket)?;
					}
					keys.extend(docket.view.key.map(|key| (id, key)));
					speeches.extend(self.examine(chain, meter, &docket, &me, settled)?);
					match self.watch.fault(id) {
						None => self.shared.attest(id, |attest| attest.ok()),
						Some(fault) => self.shared.attest(id, |attest| attest.failed(&fault)),
					}
				}
				Err(error) => {
					if error.downcast_ref::<Error>().is_some_and(Error::is_connection) {
						return Err(error);
					}
					let text = format!("{error:#}");
					self.shared.attest(id, |attest| attest.failed(&text));
					if self.unseen.insert(id, text.clone()).as_ref() != Some(&text) {
						warn!(meter = id.0, "cannot be looked at: {text}");
					}
				}
			}
		}
		if lost_more {
			self.journal.set_lost(me.lost())?;
		}
		if settled && self.config.vouchers.is_some() {
			search(chain, &at, &keys, self.config, &self.journal).await?;
		}
		speeches.retain(|speech| !self.left_alone.contains_key(&speech.name()));
		let most_urgent = speeches.into_iter().min_by_key(|speech| speech.decision.left);
		if let Some(speech) = most_urgent.filter(|_| at.number() >= self.spoken_until) {
			self.speak(chain, &at, speech).await?;
		}
		Ok(())
	}

	/// Says something on chain: written down first, then signed, then followed into a block.
	async fn speak(&mut self, chain: &Chain, at: &At, speech: Speech) -> Result<()> {
		let (meter, sequence) = (speech.meter, speech.decision.sequence);
		if let Some((reading, stance)) = speech.stance {
			if let Err(conflict) = self.journal.take(meter, sequence, reading, stance)? {
				warn!(meter = meter.0, sequence, "not said: {conflict}");
				self.leave_alone(&speech, AFTER_FAILURE);
				return Ok(());
			}
		}
		if let Some(evidence) = &speech.evidence {
			papers::write_evidence(&self.config.evidence, evidence)?;
		}
		let sent = chain.submit_since(&speech.call, &self.key, at, LIFETIME, Wait::InBlock);
		match tokio::time::timeout(PATIENCE, sent).await {
			Ok(Ok(receipt)) => self.said(&speech, &receipt),
			Ok(Err(error)) => {
				let failed = matches!(error, Error::Failed(_));
				warn!(
					meter = meter.0,
					sequence,
					"{} was not taken: {error}",
					speech.decision.step.name()
				);
				self.leave_alone(&speech, if failed { AFTER_FAILURE } else { AFTER_REFUSAL });
				if error.is_connection() {
					return Err(error.into());
				}
			}
			Err(_) => {
				warn!(
					meter = meter.0,
					sequence,
					"{} entered no block in time",
					speech.decision.step.name()
				);
				self.leave_alone(&speech, AFTER_REFUSAL);
			}
		}
		Ok(())
	}

	fn said(&mut self, speech: &Speech, receipt: &Receipt) {
		let (meter, sequence) = (speech.meter, speech.decision.sequence);
		self.spoken_until = receipt.block_number;
		let name = speech.decision.step.name();
		info!(meter = meter.0, sequence, block = receipt.block_number, "said: {name}");
		self.shared.attest(meter, |attest| match &speech.decision.step {
			Step::Dispute(difference) => attest.disputed(sequence, &difference.explain()),
			Step::Vote(_) => attest.voted(),
			Step::Report(_) => attest.reported(sequence),
			Step::Vouch | Step::Close => (),
		});
	}

	fn leave_alone(&mut self, speech: &Speech, how_long: Duration) {
		self.left_alone.insert(speech.name(), Instant::now() + how_long);
	}
}

impl Speech {
	fn name(&self) -> (MeterId, u64, &'static str) {
		(self.meter, self.decision.sequence, self.decision.step.name())
	}
}

//! What every command needs: where the node is, who signs, how long to wait.

use std::{
	io::{self, Write},
	path::PathBuf,
};

use anyhow::{bail, Context as _, Result};
use baseload_client::{calls, keys, keys::Key, AccountId, Call, Chain, ChainType, Progress, Receipt, Wait, H256};
use clap::{Args, ValueEnum};

use crate::{
	arguments::Who,
	output::{Cell, Report},
};

/// Options that every command takes.
#[derive(Args)]
pub struct Settings {
	/// Where the node answers.
	#[arg(long, global = true, env = "BASELOAD_URL", default_value = "ws://127.0.0.1:9944")]
	url: String,
	/// Print one JSON object instead of a table.
	#[arg(long, global = true)]
	pub json: bool,
	/// Sign with the key in this file (mode 0600): a phrase or a 0x-prefixed seed. Without it and --as, the secret in the
	/// environment variable BASELOAD_SECRET_URI is used.
	#[arg(long, global = true, value_name = "FILE", conflicts_with = "as_name")]
	key_file: Option<PathBuf>,
	/// Sign as a well-known development account, such as Alice. Development and local chains only.
	#[arg(long = "as", id = "as_name", global = true, value_name = "NAME")]
	as_name: Option<String>,
	/// How long to wait for a transaction.
	#[arg(long, global = true, value_enum, default_value = "in-block")]
	wait: WaitFor,
}

/// How long to wait for a transaction.
#[derive(Clone, Copy, ValueEnum)]
enum WaitFor {
	/// Until it is in a block.
	InBlock,
	/// Until its block is final.
	Final,
}

/// How a call is sent that only administrators may make.
#[derive(Args)]
pub struct AsRoot {
	/// Send the call as Root through the sudo key, which only development and local chains have.
	#[arg(long)]
	sudo: bool,
	/// Propose the call to the council, as a member of it: it is made once THRESHOLD members have voted aye (the proposer is not
	/// counted before voting) and the motion is closed. The guardian's calls take a third of the council, the registrar's half of
	/// it, all others two thirds.
	#[arg(long, value_name = "THRESHOLD", conflicts_with = "sudo", value_parser = clap::value_parser!(u32).range(1..))]
	council: Option<u32>,
}

impl AsRoot {
	/// `call`, which Root or the council may make, wrapped as asked for.
	pub fn wrap(&self, call: Call) -> Call {
		match self.council {
			Some(threshold) => calls::propose_motion(threshold, call),
			None if self.sudo => calls::sudo(call),
			None => call,
		}
	}

	/// `call`, which only Root may make, wrapped as asked for: the council whitelists it and has it made as Root.
	pub fn wrap_root(&self, call: Call) -> Call {
		match self.council {
			Some(_) => self.wrap(calls::as_root(call)),
			None => self.wrap(call),
		}
	}
}

/// The settings, checked.
pub struct Context {
	settings: Settings,
}

impl Context {
	/// Refuses settings that cannot work before anything is done.
	pub fn new(settings: Settings) -> Result<Self> {
		if !settings.url.starts_with("ws://") && !settings.url.starts_with("wss://") {
			bail!(
				"the node's address must begin with ws:// or wss://, not \"{}\"",
				settings.url
			);
		}
		Ok(Self { settings })
	}

	/// Connects to the node.
	pub async fn chain(&self) -> Result<Chain> {
		Ok(Chain::connect(&self.settings.url).await?)
	}

	/// The key that signs.
	pub fn key(&self) -> Result<Key> {
		if let Some(name) = &self.settings.as_name {
			return Ok(Key::dev(name)?);
		}
		if let Some(path) = &self.settings.key_file {
			return Ok(Key::from_file(path)?);
		}
		Key::from_env()?.with_context(|| {
			format!(
				"no key to sign with: give --key-file FILE, --as NAME or the variable {}",
				keys::SECRET_VARIABLE
			)
		})
	}

	/// The account that is meant.
	pub fn account(&self, chain: &Chain, who: &Who) -> Result<AccountId> {
		match who {
			Who::Account(account) => Ok(*account),
			Who::Name(_) if *chain.chain_type() == ChainType::Live => {
				bail!("\"{who}\" is no address, and names stand for accounts only on development chains")
			}
			Who::Name(name) => Ok(Key::dev(name)?.account()),
		}
	}

	/// The account that is meant, or that of the key that would sign; and the chain.
	pub async fn account_or_own(&self, who: Option<&Who>) -> Result<(Chain, AccountId)> {
		match who {
			Some(who) => {
				let chain = self.chain().await?;
				let account = self.account(&chain, who)?;
				Ok((chain, account))
			}
			// Before connecting, so that a missing key is told first.
			None => {
				let own = self.key()?.account();
				Ok((self.chain().await?, own))
			}
		}
	}

	/// Whether programs read the output.
	pub fn json(&self) -> bool {
		self.settings.json
	}

	/// Signs and sends `call` and waits as long as asked for.
	pub async fn send(&self, chain: &Chain, call: Call) -> Result<Sent> {
		let key = self.key()?;
		let receipt = chain.submit_with(&call, &key, self.wait(), &mut self.tell()).await?;
		Ok(Sent::new(receipt))
	}

	/// Sends a call that needs no account and waits as long as asked for.
	pub async fn send_feeless(&self, chain: &Chain, call: Call) -> Result<Sent> {
		let receipt = chain.submit_feeless_with(&call, self.wait(), &mut self.tell()).await?;
		Ok(Sent::new(receipt))
	}

	/// How long to wait for what is in a block.
	pub fn wait(&self) -> Wait {
		match self.settings.wait {
			WaitFor::InBlock => Wait::InBlock,
			WaitFor::Final => Wait::Finalized,
		}
	}

	/// Tells people something on the way.
	pub fn note(&self, line: &str) {
		if !self.settings.json {
			// A courtesy: everything goes on without it.
			let _ = writeln!(io::stderr(), "{line}");
		}
	}

	/// Tells people of every step.
	fn tell(&self) -> impl FnMut(Progress) + Send {
		let quiet = self.settings.json;
		move |step| {
			if !quiet {
				let line = match step {
					Progress::Sent(hash) => format!("sent {hash:?}"),
					Progress::InBlock(block) => format!("in block {block:?}"),
					Progress::Finalized(block) => format!("final in block {block:?}"),
				};
				// Progress is a courtesy: the transaction goes on without it.
				let _ = writeln!(io::stderr(), "{line}");
			}
		}
	}
}

/// A transaction that is in a block.
pub struct Sent {
	/// What the chain said about it.
	pub receipt: Receipt,
	/// The transaction did not make the call but proposed it to the council.
	proposed: bool,
	report: Report,
}

impl Sent {
	fn new(receipt: Receipt) -> Self {
		let motion: Option<(AccountId, u32, H256, u32)> = receipt.event("Council", "Proposed");
		let report = match motion {
			Some((_, number, hash, threshold)) => Report::record()
				.with("motion", "motion", Cell::number(number))
				.with("", "motion_hash", Cell::text(format!("{hash:?}")))
				.with("ayes needed", "threshold", Cell::number(threshold)),
			None => Report::record(),
		};
		Self {
			receipt,
			proposed: motion.is_some(),
			report,
		}
	}

	/// Adds something that the call brought about: nothing, if it was only proposed.
	pub fn with(mut self, label: &'static str, key: &'static str, cell: Cell) -> Self {
		if !self.proposed {
			self.report = self.report.with(label, key, cell);
		}
		self
	}

	/// All there is to say about it.
	pub fn report(self) -> Report {
		let receipt = self.receipt;
		let events = receipt
			.events
			.iter()
			.map(|event| format!("{}.{}", event.pallet, event.name))
			.collect();
		self.report
			.with("block", "block_number", Cell::number(receipt.block_number))
			.with("", "block_hash", Cell::text(format!("{:?}", receipt.block_hash)))
			.with("final", "finalized", Cell::flag(receipt.finalized))
			.with("fee", "fee", Cell::option(receipt.fee(), Cell::kwh))
			.with("", "hash", Cell::text(format!("{:?}", receipt.hash)))
			.with("", "events", Cell::list(events))
	}
}

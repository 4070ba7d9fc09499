//! Agreements on a development chain: a plant of its own for each, its months all over already.

mod draft;

use std::{path::PathBuf, time::Duration};

use anyhow::{ensure, Context, Result};
use baseload_client::{
	billing::{Agreement, Month},
	calls,
	keys::{DeviceSecret, Key},
	units, AgreementView, Call, Chain, Wait,
};
use baseload_gateway::submit::Gateway;
use baseload_primitives::{
	feed_of_index, AgreementId, ClockStatus, ConnectionPoint, FeedId, MeterId, Moment, Proof, Quality, Reading,
	Register, Registers, SiteDetails, SiteId, Technology, Zone, DAY, REFERENCE_FEED,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::Cli;

pub use draft::Draft;

/// One KWH.
pub const KWH: u128 = baseload_primitives::KWH;

/// How long anything that happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who acts around an agreement, by the names of the development chain. Of those who act at the same time nobody may be the same.
#[derive(Clone, Copy, Debug)]
pub struct People {
	/// Delivers.
	pub seller: &'static str,
	/// Pays.
	pub buyer: &'static str,
	/// Decides.
	pub resolver: &'static str,
	/// Whoever settles, and lends.
	pub anyone: &'static str,
}

impl People {
	/// Bob sells to Charlie, Dave decides, Ferdie settles.
	pub const BOB_TO_CHARLIE: Self = Self {
		seller: "Bob",
		buyer: "Charlie",
		resolver: "Dave",
		anyone: "Ferdie",
	};
	/// Eve sells to Alice, Dave settles and lends.
	pub const EVE_TO_ALICE: Self = Self {
		seller: "Eve",
		buyer: "Alice",
		resolver: "Ferdie",
		anyone: "Dave",
	};
}

/// A seller's plant with one meter, and the agreement over it.
pub struct Plant {
	/// Who acts.
	pub people: People,
	/// The command line.
	pub cli: Cli,
	/// The connection.
	pub chain: Chain,
	/// The meter.
	pub meter: MeterId,
	/// The month that it is now.
	pub month: Month,
	/// The chain's time when it was built.
	pub now: Moment,
	device: DeviceSecret,
	folder: TempDir,
}

impl Plant {
	/// Builds one of Bob's.
	pub async fn build(chain: &Chain, url: String) -> Result<Self> {
		Self::build_of(People::BOB_TO_CHARLIE, chain, url).await
	}

	/// Builds one.
	pub async fn build_of(people: People, chain: &Chain, url: String) -> Result<Self> {
		let folder = tempfile::Builder::new().prefix("baseload-ppa-").tempdir()?;
		let device = DeviceSecret::create(&folder.path().join("device.key"))?;
		let owner = Key::dev(people.seller)?;
		chain.wait_for_block(PATIENCE).await?;
		let now = chain.best().await?.timestamp().await?;
		let site = SiteDetails {
			technology: Technology::Hydro,
			zone: Zone::truncate_from(b"DE-LU".to_vec()),
			connection_point: ConnectionPoint::truncate_from(b"weir".to_vec()),
			nameplate_w: 1_000_000,
			commissioned_at: now - 500 * DAY,
		};
		let receipt = chain
			.submit(&calls::register_site(&site), &owner, Wait::InBlock)
			.await?;
		let site: SiteId = receipt
			.event("MeterAttestation", "SiteRegistered")
			.context("no site was registered")?;
		let proof = Proof::Possession(device.prove_possession(chain.genesis_hash(), site));
		let call = calls::register_meter(site, device.public(), &[Register::Export, Register::Import], proof);
		let receipt = chain.submit(&call, &owner, Wait::InBlock).await?;
		let meter: MeterId = receipt
			.event("MeterAttestation", "MeterRegistered")
			.context("no meter was registered")?;
		Ok(Self {
			people,
			cli: Cli::new(url),
			chain: chain.clone(),
			meter,
			month: Month::of(now),
			now,
			device,
			folder,
		})
	}

	/// A draft over its meter that begins so many months ago.
	pub fn draft(&self, months_ago: u32, months: u32) -> Draft {
		Draft::new(self.people, self.meter, self.month.minus(months_ago), months, self.now)
	}

	/// A month that began so many months ago, as people write it.
	pub fn month_ago(&self, months: u32) -> String {
		units::format_month(self.month.minus(months))
	}

	/// Writes a draft down and has the seller propose and the buyer accept it, by the command line.
	pub fn sign(&self, draft: &Draft) -> Result<AgreementId> {
		let People { seller, buyer, .. } = self.people;
		let file = self.file("agreement.toml", &draft.text())?;
		let proposed = self.cli.run(&format!("ppa propose --file {file} --as {seller}"))?;
		let hash = proposed["contract_hash"].as_str().context("a text")?;
		let agreement = proposed["agreement"].as_u64().context("a number")?;
		self.cli
			.run(&format!("ppa accept {agreement} --hash {hash} --as {buyer}"))?;
		Ok(AgreementId(agreement as u32))
	}

	/// Writes a file and returns its path.
	pub fn file(&self, name: &str, text: &str) -> Result<String> {
		let path = self.new_file(name)?;
		std::fs::write(&path, text)?;
		Ok(path)
	}

	/// The path of a file that may not be there yet.
	pub fn new_file(&self, name: &str) -> Result<String> {
		let path: PathBuf = self.folder.path().join(name);
		Ok(path.to_str().context("a plain path")?.to_owned())
	}

	/// Has the meter's export register read, each time in Wh, and waits until that is final.
	pub async fn read(&self, stands: &[(Moment, u64)]) -> Result<()> {
		let last = self.hand_in(stands, Wait::Finalized).await?;
		let gateway = Gateway::new(self.chain.clone(), self.meter, self.device.clone()).await?;
		gateway.wait_until_final(last, &mut |_| ()).await?;
		Ok(())
	}

	/// Has the register read, and waits only until that is in a block. Returns the newest sequence.
	pub async fn send(&self, stands: &[(Moment, u64)]) -> Result<u64> {
		self.hand_in(stands, Wait::InBlock).await
	}

	async fn hand_in(&self, stands: &[(Moment, u64)], wait: Wait) -> Result<u64> {
		let gateway = Gateway::new(self.chain.clone(), self.meter, self.device.clone()).await?;
		let newest = gateway.newest().await?.map_or(0, |newest| newest.sequence);
		let readings = (newest + 1..).zip(stands).map(|(sequence, (measured_at, wh))| {
			gateway.sign(Reading {
				sequence,
				measured_at: *measured_at,
				clock: ClockStatus::Synchronised,
				quality: Quality::Measured,
				registers: Registers::truncate_from(vec![*wh, 0]),
			})
		});
		let readings: Vec<_> = readings.collect();
		let call = calls::submit_backlog(self.meter, &readings);
		self.chain.submit_feeless(&call, wait).await?;
		Ok(newest + readings.len() as u64)
	}

	/// Has the register read at the start of months, the newest being so many months ago.
	pub async fn read_months(&self, newest_ago: u32, stands: &[u64]) -> Result<()> {
		let first = self.month.minus(newest_ago + stands.len() as u32 - 1);
		let at = |(months, wh): (u32, &u64)| (first.plus(months).start(), *wh);
		let stands: Vec<_> = (0..).zip(stands).map(at).collect();
		self.read(&stands).await
	}

	/// How long ago a month ended that began so many months ago, and so much more: a clause's wait that is over so much later.
	pub async fn since_end(&self, months_ago: u32, and: Moment) -> Result<String> {
		let now = self.chain.best().await?.timestamp().await?;
		let since = now.saturating_sub(self.month.minus(months_ago).end());
		Ok(units::format_duration(since + and))
	}

	/// An agreement as of now.
	pub async fn view(&self, agreement: AgreementId) -> Result<AgreementView> {
		let view = self.chain.best().await?.agreement(agreement).await?;
		view.with_context(|| format!("there is no agreement {agreement}"))
	}

	/// Settles, or has the chain do so by itself, until the state of billing is `wanted`; then has every unit explained.
	pub async fn settle_until(
		&self,
		agreement: AgreementId,
		what: &str,
		wanted: impl Fn(&Agreement) -> bool,
	) -> Result<Agreement> {
		let deadline = std::time::Instant::now() + PATIENCE;
		loop {
			let view = self.view(agreement).await?;
			if let Some(billing) = view.billing.as_ref().filter(|billing| wanted(billing)) {
				let billing = billing.clone();
				self.explained(agreement).await?;
				return Ok(billing);
			}
			ensure!(
				std::time::Instant::now() < deadline,
				"agreement {agreement} does not come to \"{what}\": {:?}",
				view.billing
			);
			let settle = format!("ppa settle {agreement} --as {}", self.people.anyone);
			let settled = self.cli.said(&settle)?;
			ensure!(
				settled.success || settled.err.contains("othing"),
				"settling failed: {}",
				settled.err
			);
			self.chain.wait_for_block(PATIENCE).await?;
		}
	}

	/// The statement of a month that began so many months ago, once what is known now is final.
	pub async fn statement(&self, agreement: AgreementId, months_ago: u32) -> Result<Value> {
		let now = self.chain.best_number().await?;
		while self.chain.finalized_number().await? < now {
			self.chain.wait_for_block(PATIENCE).await?;
		}
		let month = self.month_ago(months_ago);
		self.cli.run(&format!("ppa statement {agreement} --month {month}"))
	}

	/// Fails unless the buckets of an agreement explain every unit that its account holds.
	pub async fn explained(&self, agreement: AgreementId) -> Result<()> {
		let at = self.chain.best().await?;
		let view = at.agreement(agreement).await?.context("the agreement is gone")?;
		let due = view.payouts.due;
		let due = due.attestors + due.burnt + due.payee + due.buyer + due.seller;
		let pot = match &view.billing {
			Some(billing) => {
				ensure!(
					billing.broken_invariant() == Ok(None),
					"invariant {:?} of {billing:?}",
					billing.broken_invariant()
				);
				billing.ledger.pot().ok().context("the buckets fit")?
			}
			None => view.deposits.escrow + view.deposits.security + view.deposits.bond,
		};
		let held = at.kwh(&view.account).await?.free;
		ensure!(
			held == pot + due + view.reserve,
			"agreement {agreement} holds {held}: {pot} in buckets, {due} due, {} reserve",
			view.reserve
		);
		Ok(())
	}
}

/// Has two oracle operators report a price of one unit of the quote currency for a kWh, and for that of each feed.
pub async fn price_feeds(chain: &Chain, feeds: &[u32]) -> Result<()> {
	const ONE: u128 = 1_000_000_000_000_000_000;
	let indexes = feeds.iter().filter_map(|feed| feed_of_index(FeedId(*feed)));
	let values: Vec<_> = [REFERENCE_FEED]
		.into_iter()
		.chain(indexes)
		.map(|key| (key, ONE))
		.collect();
	let report = |name| {
		let values = &values;
		async move {
			let call = Call::new("Oracle", "feed_values").with(values);
			chain.submit(&call, &Key::dev(name)?, Wait::InBlock).await?;
			Ok::<_, anyhow::Error>(())
		}
	};
	tokio::try_join!(report("Alice"), report("Bob"))?;
	Ok(())
}

/// A number of base units, as the command line gives it to programs.
pub fn amount(value: &Value) -> Result<u128> {
	Ok(value.as_str().context("base units are a text")?.parse()?)
}

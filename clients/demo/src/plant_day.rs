//! The day in steps. Each step prints what it did, in units that people use.
//!
//! ```text
//! prices -> site, meter, certificate -> vault, collateral, pledge -> PPA: proposed, accepted, funded
//!   -> attestors, bonded and seated -> the day's readings, final -> draw against the day's energy
//!   -> PPA active -> settle: the bill is paid out of escrow, attestors get their fee, a share retires the producer's debt
//! ```
//!
//! Agreements bill calendar months, and nobody wants to wait for one to end. So the day is played twice: as the last day of
//! the month before this one, which makes all of that month's bill, and as the day that ends now, against whose energy the
//! producer draws. On the first of a month the two are one.

use std::{
	path::PathBuf,
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{
	billing::{shares::Take, terms::Tariff, Month},
	calls::{self, Quote},
	keys::{DeviceSecret, Key},
	units::{self, format_bld, format_energy, format_kwh},
	AccountId, Call, Chain, ChainType, Receipt, Wait, H256, RESERVE_TOKEN,
};
use baseload_gateway::{
	backlog,
	source::{csv, Series},
	submit::{Gateway, Step},
};
use baseload_primitives::{
	AgreementId, Balance, ClockStatus, Conditions, ConnectionPoint, Contract, LenderClause, MeterId, Moment, Price,
	Proof, Quality, Reading, Register, SiteDetails, SiteId, Technology, VaultId, WattHours, Zone, DAY, KWH, SECOND,
};
use codec::Decode;
use tempfile::TempDir;

use crate::contract;

/// Decimals of the reserve token on a development chain.
const RESERVE_DECIMALS: u32 = 6;

/// One reserve token in base units.
pub const RESERVE: Balance = 1_000_000;

/// How long a new block may take.
const BLOCK_PATIENCE: Duration = Duration::from_secs(30);

/// How long a month may take to be billed and paid.
const SETTLE_PATIENCE: Duration = Duration::from_secs(60);

/// Name of the file with the meter's key, made anew for every plant.
const DEVICE_KEY: &str = "device.key";

/// The registers of the plant's meter.
pub const REGISTERS: [Register; 2] = [Register::Export, Register::Import];

/// The day that comes with this crate: NREL SERF East, 2016-10-04.
pub fn shipped_day() -> Result<Series> {
	const CSV: &str = include_str!("../../gateway/data/serf-east-2016-10-04.csv");
	Ok(csv::parse("serf-east-2016-10-04.csv", CSV.as_bytes())?)
}

/// Who takes part: development accounts.
pub struct Cast {
	/// Certifies sites. Holds the sudo key, which stands for the registrar on a development chain.
	pub registrar: Key,
	/// Owns the plant and the vault, sells.
	pub producer: Key,
	/// Buys.
	pub offtaker: Key,
	/// Pokes the settlement: anyone may.
	pub bystander: Key,
	/// Report prices.
	pub feeders: [Key; 3],
	/// Stand behind the meter's readings.
	pub attestors: [Key; 2],
}

impl Cast {
	/// Alice certifies, Bob produces, Charlie buys, Ferdie pokes; Alice, Bob and Charlie report prices; Dave and Eve attest.
	pub fn new() -> Result<Self> {
		let [alice, bob, charlie] = ["Alice", "Bob", "Charlie"].map(Key::dev);
		let (alice, bob, charlie) = (alice?, bob?, charlie?);
		Ok(Self {
			registrar: alice.clone(),
			producer: bob.clone(),
			offtaker: charlie.clone(),
			bystander: Key::dev("Ferdie")?,
			feeders: [alice, bob, charlie],
			attestors: [Key::dev("Dave")?, Key::dev("Eve")?],
		})
	}
}

/// The numbers of a plant and its contract.
#[derive(Clone, Debug)]
pub struct Plan {
	/// Rated power of the plant, W.
	pub nameplate_w: u64,
	/// What one kWh and one reserve token cost, in the quote currency.
	pub prices: (Price, Price),
	/// Collateral for the vault, in base units of the reserve token.
	pub collateral: Balance,
	/// KWH base units per Wh.
	pub tariff: Price,
	/// What share of each payment retires the producer's debt, in parts per million.
	pub sweep: u32,
	/// What the offtaker pays into the escrow, in KWH base units.
	pub escrow: Balance,
}

impl Default for Plan {
	/// A 6 kW array selling at 0.65 KWH/kWh, 5 % of it swept, with a day's bill and a half in escrow.
	fn default() -> Self {
		Self {
			nameplate_w: 6_000,
			prices: (Price::from_rational(10, 100), Price::from_rational(14, 100)),
			collateral: 2 * RESERVE,
			tariff: Price::from_rational(65 * KWH, 100 * 1_000),
			sweep: 50_000,
			escrow: 40 * KWH,
		}
	}
}

/// A plant with its meter, vault and contract on a development chain.
pub struct World {
	/// The connection.
	pub chain: Chain,
	/// Who takes part.
	pub cast: Cast,
	/// Its numbers.
	pub plan: Plan,
	/// The meter's key.
	pub device: DeviceSecret,
	/// Where its file is.
	keys: TempDir,
	/// The plant.
	pub site: SiteId,
	/// The meter at its connection point.
	pub meter: MeterId,
	/// The producer's vault, to which the plant is pledged.
	pub vault: VaultId,
	/// The contract.
	pub agreement: AgreementId,
	/// The month that it bills first: the last one that is over.
	pub month: Month,
}

impl World {
	/// Everything up to a funded contract: prices, plant, vault, contract.
	pub async fn found(chain: Chain, plan: Plan) -> Result<Self> {
		ensure!(
			*chain.chain_type() == ChainType::Development,
			"the chain \"{}\" is not a development chain; this uses keys that everybody knows",
			chain.name()
		);
		let cast = Cast::new()?;
		feed_prices(&chain, &cast, &plan).await?;
		let keys = tempfile::tempdir().context("cannot make a folder for the device key")?;
		let device = DeviceSecret::create(&keys.path().join(DEVICE_KEY))?;
		let (site, meter) = build_plant(&chain, &cast, &plan, &device).await?;
		let vault = open_vault(&chain, &cast, &plan, site).await?;
		let month = Month::of(chain_time(&chain).await?).minus(1);
		let at = chain.best().await?;
		let contract = Contract {
			seller: cast.producer.account(),
			buyer: cast.offtaker.account(),
			payee: cast.producer.account(),
			resolver: None,
			meter,
			share: Take::Percent(1_000_000),
			feed: None,
			vault: Some(vault),
			conditions: Conditions {
				escrow: plan.escrow,
				by: at.timestamp().await? + DAY,
				..Default::default()
			},
			lender: LenderClause::default(),
			terms: contract::terms(&plan, month, at.least_attestor_fee()?)?,
		};
		let agreement = sign_contract(&chain, &cast, &contract).await?;
		Ok(Self {
			chain,
			cast,
			plan,
			device,
			keys,
			site,
			meter,
			vault,
			agreement,
			month,
		})
	}

	/// The file of the meter's key, for as long as this lives.
	pub fn device_key(&self) -> PathBuf {
		self.keys.path().join(DEVICE_KEY)
	}

	/// Has the attestors bond, and the registrar name them as the meter's committee.
	pub async fn name_attestors(&self) -> Result<()> {
		let bond: Balance = self
			.chain
			.best()
			.await?
			.constant("MeterAttestation", "MinAttestorBond")?;
		let [a, b] = &self.cast.attestors;
		let call = calls::bond_attestor(bond);
		tokio::try_join!(self.send(&call, a), self.send(&call, b))?;
		let call = calls::set_committee(self.meter, &[a.account(), b.account()], 2);
		self.send(&calls::sudo(call), &self.cast.registrar).await?;
		say(
			"Attestors named",
			&format!("two, with {} at stake each: the meter's committee", format_bld(bond)),
		);
		Ok(())
	}

	/// The meter's way to the chain.
	pub async fn gateway(&self) -> Result<Gateway> {
		Gateway::new(self.chain.clone(), self.meter, self.device.clone()).await
	}

	/// Submits a first reading, both registers at zero, measured at `at`, and waits until it is final.
	pub async fn open_registers(&self, at: Moment) -> Result<()> {
		let gateway = self.gateway().await?;
		let opening = Reading {
			sequence: 1,
			measured_at: at,
			clock: ClockStatus::Synchronised,
			quality: Quality::Measured,
			registers: gateway.layout().registers(0, 0),
		};
		say(
			"The meter's opening reading",
			&format!("both registers at 0 Wh, {}", units::format_time(at)),
		);
		gateway.send(vec![opening], &mut narrate).await?;
		gateway.wait_until_final(1, &mut narrate).await?;
		say("", "the reading is final");
		Ok(())
	}

	/// The day as the last one of the month that is billed.
	pub fn billed_day(&self) -> Result<Series> {
		shipped_day()?.shifted_to_end_at(self.month.end())
	}

	/// The day as the one that ends now; `None` if the day that is billed has not been over for a whole day.
	pub async fn recent_day(&self) -> Result<Option<Series>> {
		let now = chain_time(&self.chain).await?;
		let day = shipped_day()?.shifted_to_end_at(now)?;
		Ok(Some(day).filter(|day| day.start() >= self.month.end()))
	}

	/// Has a bystander start the contract. Returns the block: the first bill is not issued before the next one.
	pub async fn activate(&self) -> Result<H256> {
		let call = calls::activate(self.agreement);
		let receipt = self.send(&call, &self.cast.bystander).await?;
		say(
			"Contract active",
			&format!("bills {} and the months after it", units::format_month(self.month)),
		);
		Ok(receipt.block_hash)
	}

	/// Submits what the series adds to the meter, and waits until it is final. A meter that was never read begins at zero where
	/// the series does. Returns how many readings that were.
	pub async fn submit(&self, series: &Series) -> Result<usize> {
		let gateway = self.gateway().await?;
		let newest = gateway.newest().await?;
		let readings = backlog::readings(series, newest.as_ref(), gateway.layout())?;
		let last = readings
			.last()
			.map(|last| last.sequence)
			.context("the chain has all of these readings")?;
		let count = readings.len();
		say(
			"The gateway submits the day",
			&format!(
				"{count} readings, one every {}, up to {}",
				units::format_duration(series.step()),
				units::format_time(series.end())
			),
		);
		gateway.send(readings, &mut narrate).await?;
		let newest = gateway.wait_until_final(last, &mut narrate).await?;
		let (export, import) = gateway
			.layout()
			.split(&newest.registers)
			.context("the meter has two registers")?;
		say(
			"",
			&format!("{count} readings final: exported {}, drawn {}", wh(export), wh(import)),
		);
		Ok(count)
	}

	/// Draws what the covers allow, rounded down to a tenth of a KWH.
	pub async fn draw(&self) -> Result<Balance> {
		let at = self.chain.best().await?;
		let site = at.site(self.site).await?.context("the site is gone")?;
		say(
			"The plant's energy cover",
			&format!(
				"{}: the lesser of 30 days ({}) and a twelfth of 365 days ({})",
				format_energy(site.cover),
				format_energy(site.last_30_days),
				format_energy(WattHours(site.last_365_days.0 / 12))
			),
		);
		let vault = at.vault(self.vault).await?.context("the vault is gone")?;
		let drawable = vault.drawable.context("there is no price, so nothing can be drawn")?;
		let amount = drawable - drawable % (KWH / 10);
		ensure!(amount > 0, "the covers allow only {}", format_kwh(drawable));
		self.send(&calls::draw(self.vault, amount), &self.cast.producer).await?;
		let vault = self
			.chain
			.best()
			.await?
			.vault(self.vault)
			.await?
			.context("the vault is gone")?;
		let ratio = vault.collateral_ratio.map_or_else(|| "unknown".into(), percent);
		say(
			"The producer draws",
			&format!(
				"{} of {} allowed, and owes {} with seven days' interest; collateral at {ratio} of the debt",
				format_kwh(amount),
				format_kwh(drawable),
				format_kwh(vault.debt)
			),
		);
		Ok(amount)
	}

	/// Waits until the first bill is paid: a bystander settles, unless the chain has by itself. Returns a final block by
	/// which it is.
	pub async fn settle(&self) -> Result<H256> {
		/// More than there are in one month.
		const STEPS: u32 = 16;
		let deadline = Instant::now() + SETTLE_PATIENCE;
		let mut how = "the chain by itself";
		loop {
			let at = self.chain.finalized().await?;
			let view = at.agreement(self.agreement).await?.context("the agreement is gone")?;
			if view
				.billing
				.is_some_and(|billing| billing.next > 0 && billing.bills.is_empty())
			{
				say(
					"Settled",
					&format!("by block {}, which is final; by {how}", at.number()),
				);
				return Ok(at.hash());
			}
			ensure!(Instant::now() < deadline, "the month is not settled");
			let call = calls::settle(self.agreement, STEPS);
			match self.chain.submit(&call, &self.cast.bystander, Wait::Finalized).await {
				Ok(_) => how = "a bystander: anyone may do it",
				Err(error) if error.is("PpaEscrow", "NothingToSettle") => (),
				Err(error) => return Err(error).context("PpaEscrow.settle by a bystander"),
			}
		}
	}

	/// Sends a call and waits until it is in a block.
	pub async fn send(&self, call: &Call, key: &Key) -> Result<Receipt> {
		send(&self.chain, call, key).await
	}
}

/// When the newest block was made, rounded down to the second. A series that ends here lies neither in the chain's
/// future nor long ago.
pub async fn chain_time(chain: &Chain) -> Result<Moment> {
	chain.wait_for_block(BLOCK_PATIENCE).await?;
	let now = chain.best().await?.timestamp().await?;
	Ok(now - now % SECOND)
}

/// Two prices from each of three operators: a quorum is two.
async fn feed_prices(chain: &Chain, cast: &Cast, plan: &Plan) -> Result<()> {
	let (reference, collateral) = plan.prices;
	let call = calls::feed_prices(&[(Quote::REFERENCE, reference), (Quote::RESERVE, collateral)]);
	let [a, b, c] = &cast.feeders;
	tokio::try_join!(send(chain, &call, a), send(chain, &call, b), send(chain, &call, c))?;
	let (reference, collateral) = chain.best().await?.prices().await?;
	let shown = |price: Option<Price>| price.map(units::format_price).context("three feeds make no price");
	say(
		"Prices",
		&format!(
			"1 kWh = {}, 1 reserve token = {}",
			shown(reference)?,
			shown(collateral)?
		),
	);
	Ok(())
}

async fn build_plant(chain: &Chain, cast: &Cast, plan: &Plan, device: &DeviceSecret) -> Result<(SiteId, MeterId)> {
	let details = SiteDetails {
		technology: Technology::Solar,
		zone: Zone::truncate_from(b"US-CO".to_vec()),
		connection_point: ConnectionPoint::truncate_from(b"SERF East".to_vec()),
		nameplate_w: plan.nameplate_w,
		commissioned_at: units::parse_time("2016-01-01")?,
	};
	let receipt = send(chain, &calls::register_site(&details), &cast.producer).await?;
	let site: SiteId = id(&receipt, "MeterAttestation", "SiteRegistered")?;
	say(
		"Site registered",
		&format!(
			"site {site}: {} of photovoltaics",
			units::format_power(plan.nameplate_w)
		),
	);

	let proof = device.prove_possession(chain.genesis_hash(), site);
	let proof = Proof::Possession(proof);
	let call = calls::register_meter(site, device.public(), &REGISTERS, proof);
	let receipt = send(chain, &call, &cast.producer).await?;
	let meter: MeterId = id(&receipt, "MeterAttestation", "MeterRegistered")?;
	say(
		"Meter registered",
		&format!("meter {meter}: an export and an import register, Ed25519 key"),
	);

	send(
		chain,
		&calls::sudo(calls::certify_site(site, meter, details.commissioned_at)),
		&cast.registrar,
	)
	.await?;
	say(
		"Site certified",
		&format!("by the registrar; meter {meter} counts at the connection point"),
	);
	Ok((site, meter))
}

async fn open_vault(chain: &Chain, cast: &Cast, plan: &Plan, site: SiteId) -> Result<VaultId> {
	let receipt = send(chain, &calls::open_vault(RESERVE_TOKEN), &cast.producer).await?;
	let vault: VaultId = id(&receipt, "PowerStablecoin", "VaultOpened")?;
	send(
		chain,
		&calls::deposit_collateral(vault, plan.collateral),
		&cast.producer,
	)
	.await?;
	send(chain, &calls::pledge_site(vault, site), &cast.producer).await?;
	let collateral = units::format_units(plan.collateral, RESERVE_DECIMALS);
	say(
		"Vault opened",
		&format!("vault {vault}: {collateral} reserve tokens, site {site} pledged"),
	);
	Ok(vault)
}

async fn sign_contract(chain: &Chain, cast: &Cast, contract: &Contract<AccountId>) -> Result<AgreementId> {
	let receipt = send(chain, &calls::propose(contract), &cast.producer).await?;
	let agreement: AgreementId = id(&receipt, "PpaEscrow", "Proposed")?;
	let Tariff::Fixed { prices } = &contract.terms.tariff else {
		bail!("the contract has another tariff than was signed");
	};
	let cuts = &contract.terms.cuts;
	let prices = prices.iter().map(|price| units::format_signed_tariff(*price));
	say(
		"PPA proposed",
		&format!(
			"agreement {agreement}: {}, {} of each payment retires the producer's debt",
			prices.collect::<Vec<_>>().join(", "),
			units::format_share(cuts.sweep)
		),
	);
	say(
		"",
		&format!(
			"the meter's attestors earn {} a month, at most {} of a payment",
			format_kwh(cuts.attestor_fee),
			units::format_share(cuts.attestor_cap)
		),
	);
	send(chain, &calls::accept(agreement, contract.hash()), &cast.offtaker).await?;
	let escrow = contract.conditions.escrow;
	send(chain, &calls::fund(agreement, escrow), &cast.offtaker).await?;
	say(
		"PPA accepted",
		&format!("by the offtaker, who puts {} into escrow", format_kwh(escrow)),
	);
	Ok(agreement)
}

async fn send(chain: &Chain, call: &Call, key: &Key) -> Result<Receipt> {
	chain
		.submit(call, key, Wait::InBlock)
		.await
		.with_context(|| format!("{}.{} by {}", call.pallet(), call.name(), key.account()))
}

/// The id that an event reports first.
fn id<T: Decode>(receipt: &Receipt, pallet: &str, event: &str) -> Result<T> {
	receipt
		.event(pallet, event)
		.with_context(|| format!("the chain did not report {pallet}.{event}"))
}

fn narrate(step: Step) {
	let how = match step {
		Step::Sent { .. } => return,
		Step::InBlock => "accepted by the chain, without account or fee".into(),
		Step::BlockFinal(number) => format!("block {number} is final"),
		Step::WaitsForRoom { left, .. } => format!("waits {} for room", seconds(left)),
		Step::WaitsForFinality { left } => format!("challenge window: {} left", seconds(left)),
	};
	say("", &how);
}

/// A duration in whole seconds, rounded up.
fn seconds(duration: Moment) -> String {
	units::format_duration(duration.div_ceil(SECOND) * SECOND)
}

/// Prints one line: what, and how it went. An empty `what` continues the line before.
pub fn say(what: &str, how: &str) {
	println!("{what:<28} {how}");
}

fn wh(count: u64) -> String {
	format_energy(WattHours(count))
}

/// A ratio in percent, rounded down.
pub fn percent(ratio: Price) -> String {
	format!("{} %", ratio.into_inner() / 10u128.pow(16))
}

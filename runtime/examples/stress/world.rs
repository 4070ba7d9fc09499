//! A chain in a scenario: prices come in, calls are made, and what happens is written down.

use baseload_primitives::{feed_of, Balance, Moment, KWH, REFERENCE_FEED};
use baseload_runtime::{
	configs::money::RESERVE_TOKEN, AccountId, PowerStablecoin, Runtime, RuntimeCall, RuntimeOrigin,
};
use frame_support::dispatch::DispatchResult;
use sp_keyring::Sr25519Keyring;

use crate::{
	chain::{dispatch, Chain, Event},
	genesis::{self, Plan, REFERENCE},
	Failure,
};

/// What a holder would redeem, to see what a KWH is worth.
const PROBE: Balance = 1_000 * KWH;

/// How things stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
	/// Hours since the beginning.
	pub hours: f64,
	/// Price of a reserve token, in the quote currency; that which was fed last.
	pub price: f64,
	/// Value of what stands behind KWH per value of all KWH; of the last price while there is none.
	pub backing: f64,
	/// KWH in existence.
	pub supply: f64,
	/// KWH that nobody owes.
	pub shortfall: f64,
	/// KWH in the backstop pool.
	pub pool: f64,
	/// What redeeming a KWH pays, as a part of par; zero without a price.
	pub exit: f64,
}

/// What has happened, in whole tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
	/// Vaults liquidated.
	pub liquidated: u32,
	/// Their debt, KWH.
	pub debt: f64,
	/// The part of it that the pool burnt.
	pub offset: f64,
	/// The part that others took over.
	pub redistributed: f64,
	/// The part that nobody owes.
	pub lost: f64,
	/// Collateral seized.
	pub seized: f64,
	/// Collateral left to owners of liquidated vaults.
	pub surplus: f64,
	/// KWH redeemed.
	pub redeemed: f64,
	/// Collateral paid for them.
	pub paid: f64,
	/// Value at which they were redeemed, as a part of par, weighted by the KWH.
	pub par: f64,
	/// Interest charged, KWH.
	pub interest: f64,
	/// Calls that were refused.
	pub refused: u32,
	/// Calls that were not.
	pub done: u32,
}

/// A chain in a scenario.
pub struct World {
	/// The chain.
	pub chain: Chain,
	/// How things stood, in order.
	pub samples: Vec<Sample>,
	/// What has happened.
	pub tally: Tally,
	/// Blocks after which every invariant was checked.
	pub checked: u32,
	/// What a scenario wants said at the end.
	pub remarks: Vec<String>,
	/// What was put into the backstop pool, in whole KWH.
	pub deposited: f64,
	/// Price of a reserve token, 18 decimals.
	price: u128,
}

/// An amount in whole tokens.
pub fn in_tokens(amount: Balance, decimals: u32) -> f64 {
	amount as f64 / 10f64.powi(decimals as i32)
}

impl World {
	/// A chain with these vaults, and its first prices.
	pub fn new(plan: &Plan) -> Result<Self, Failure> {
		let mut world = Self {
			chain: Chain::new(&genesis::of(plan)?)?,
			samples: Vec::new(),
			tally: Tally::default(),
			checked: 0,
			remarks: Vec::new(),
			deposited: 0.0,
			price: genesis::COLLATERAL,
		};
		world.block(60_000, Some(genesis::COLLATERAL), |_| ())?;
		world.sample()?;
		Ok(world)
	}

	/// The price of a reserve token that was fed last, 18 decimals.
	pub fn price(&self) -> u128 {
		self.price
	}

	/// Makes a block, `step` milliseconds after the last. Three operators report the price, if there is one.
	pub fn block(&mut self, step: Moment, price: Option<u128>, calls: impl FnOnce(&mut Calls)) -> Result<(), Failure> {
		self.price = price.unwrap_or(self.price);
		let mut made = Calls::default();
		let events = self.chain.block(step, || {
			if let Some(price) = price {
				feed(price);
			}
			calls(&mut made);
		})?;
		self.tally.refused += made.refused;
		self.tally.done += made.done;
		for event in events {
			self.tally.count(event, self.price);
		}
		Ok(())
	}

	/// Writes down how things stand, and checks every invariant.
	pub fn sample(&mut self) -> Result<(), Failure> {
		let price = self.price as f64 / 1e18;
		let hours = self.chain.elapsed() as f64 / 3_600_000.0;
		let last = self.samples.last().map_or(0.0, |sample| sample.backing);
		let sample = self.chain.read(|| {
			PowerStablecoin::do_try_state().map_err(|error| format!("invariant {error:?}, after {hours:.2} hours"))?;
			let backing = PowerStablecoin::proof_of_backing();
			let reference = backing
				.reference_price
				.map_or(REFERENCE as f64 / 1e18, |price| price.to_float());
			let quote = PowerStablecoin::redemption_quote(PROBE);
			let exit = quote.map_or(0.0, |quote| {
				let burnt: Balance = quote.outs.iter().map(|(_, burnt, _)| burnt).sum();
				let out: Balance = quote.outs.iter().map(|(.., out)| out).sum();
				in_tokens(out, 6) * price / (in_tokens(burnt, 12) * reference)
			});
			Ok::<_, Failure>(Sample {
				hours,
				price,
				backing: backing.collateral_ratio.map_or(last, |ratio| ratio.to_float()),
				supply: in_tokens(backing.supply, 12),
				shortfall: in_tokens(backing.shortfall, 12),
				pool: backing.types.iter().map(|kind| in_tokens(kind.pool_kwh, 12)).sum(),
				exit,
			})
		})?;
		self.samples.push(sample);
		self.checked += 1;
		Ok(())
	}

	/// Says something at the end.
	pub fn remark(&mut self, remark: impl Into<String>) {
		self.remarks.push(remark.into());
	}
}

/// Three operators report the prices.
fn feed(price: u128) {
	for feeder in [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie] {
		let collateral = feed_of(RESERVE_TOKEN).expect("a collateral has a feed");
		let values = vec![(REFERENCE_FEED, REFERENCE), (collateral, price)];
		let values = values.try_into().expect("two values are within the limit of sixteen");
		let call = RuntimeCall::Oracle(pallet_oracle::Call::feed_values { values });
		dispatch(call, RuntimeOrigin::signed(feeder.to_account_id())).expect("an operator may report once a block");
	}
}

/// The calls of a block, and how many of them were refused.
#[derive(Default)]
pub struct Calls {
	refused: u32,
	done: u32,
}

impl Calls {
	/// Makes a call of the stablecoin.
	pub fn make(&mut self, who: &AccountId, call: pallet_power_stablecoin::Call<Runtime>) -> DispatchResult {
		self.any(who, RuntimeCall::PowerStablecoin(call))
	}

	/// Makes any call.
	pub fn any(&mut self, who: &AccountId, call: RuntimeCall) -> DispatchResult {
		let result = dispatch(call, RuntimeOrigin::signed(who.clone()));
		match result {
			Ok(()) => self.done += 1,
			Err(_) => self.refused += 1,
		}
		result
	}
}

impl Tally {
	fn count(&mut self, event: Event, price: u128) {
		let kwh = |amount| in_tokens(amount, 12);
		let reserve = |amount| in_tokens(amount, 6);
		match event {
			Event::Liquidated {
				debt,
				offset,
				redistributed,
				lost,
				seized,
				surplus,
				..
			} => {
				self.liquidated += 1;
				self.debt += kwh(debt);
				self.offset += kwh(offset);
				self.redistributed += kwh(redistributed);
				self.lost += kwh(lost);
				self.seized += reserve(seized);
				self.surplus += reserve(surplus);
			}
			Event::Redeemed { burnt, out, .. } => {
				self.redeemed += kwh(burnt);
				self.paid += reserve(out);
				self.par += reserve(out) * price as f64 / REFERENCE as f64;
			}
			Event::InterestCharged { amount, .. } => self.interest += kwh(amount),
			_ => {}
		}
	}
}

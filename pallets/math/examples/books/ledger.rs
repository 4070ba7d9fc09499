//! One type of collateral as a small system: maps in place of storage, wallets in place of accounts. It does what the steps
//! leave to a caller: it keeps the risk index, drives redemptions and liquidations vault by vault, and moves tokens.

use crate::operation::{Config, Id, Op, Outcome, Redemption, Refusal};
use baseload_math::books::{
	depositor::Deposit,
	fee,
	interest::Accrued,
	key::RiskKey,
	marks::{Marks, PoolHistory},
	pool::Pool,
	terms::{Price, BASIS_POINTS},
	totals::{Step, TypeBooks, Vault},
	Error,
};
use sp_core::U256;
use std::collections::{BTreeMap, BTreeSet};

/// What the pool was: sums of finished scales, marks at the start of rounds from which deposits counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
	pub sums: BTreeMap<u32, U256>,
	pub marks: BTreeMap<u64, Marks>,
}

impl PoolHistory for Past {
	fn sum(&self, scale: u32) -> U256 {
		self.sums.get(&scale).copied().unwrap_or_default()
	}

	fn marks(&self, round: u64) -> Option<Marks> {
		self.marks.get(&round).copied()
	}
}

/// The system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
	pub config: Config,
	pub price: Price,
	/// Prices so far.
	pub round: u64,
	pub books: TypeBooks,
	pub vaults: BTreeMap<Id, Vault>,
	pub index: BTreeSet<(RiskKey, Id)>,
	pub pool: Pool,
	pub past: Past,
	/// KWH that begins to count in a round.
	pub due: BTreeMap<u64, u128>,
	pub deposits: BTreeMap<Id, Deposit>,
	pub minted: u128,
	pub burnt: u128,
	/// KWH of the system itself.
	pub revenue: u128,
	/// KWH in users' hands.
	pub wallets: u128,
	/// Of the redemption fee, 18 decimals.
	pub base_rate: u128,
	/// Collateral that came in less what went out.
	pub held: u128,
}

impl Ledger {
	/// Empty books at a price of one.
	pub fn new(config: Config) -> Self {
		Self {
			config,
			price: Price::new(1, 1).expect("neither is zero"),
			round: 0,
			books: TypeBooks::default(),
			vaults: BTreeMap::new(),
			index: BTreeSet::new(),
			pool: Pool::default(),
			past: Past::default(),
			due: BTreeMap::new(),
			deposits: BTreeMap::new(),
			minted: 0,
			burnt: 0,
			revenue: 0,
			wallets: 0,
			base_rate: 0,
			held: 0,
		}
	}

	/// KWH in existence.
	pub fn supply(&self) -> u128 {
		self.minted - self.burnt
	}

	/// The depositor's part of the pool in this round.
	pub fn deposit_of(&self, id: Id) -> Result<Deposit, Refusal> {
		let deposit = self.deposits.get(&id).ok_or(Refusal::Unknown)?;
		Ok(deposit.settled(self.round, &self.past)?)
	}

	/// Does all of `op`, or nothing.
	pub fn apply(&mut self, op: &Op) -> Result<Outcome, Refusal> {
		let mut next = self.clone();
		let outcome = next.run(op)?;
		*self = next;
		Ok(outcome)
	}

	fn run(&mut self, op: &Op) -> Result<Outcome, Refusal> {
		match *op {
			Op::Open(id) => self.open(id),
			Op::Deposit(id, amount) => {
				let step = self.books.deposit(self.vault(id)?, amount)?;
				self.held = plus(self.held, amount)?;
				self.put(id, step);
				Ok(Outcome::Nothing)
			}
			Op::Draw(id, amount) => self.draw(id, amount),
			Op::Repay(id, amount) => {
				let step = self.books.repay(self.vault(id)?, amount, &self.config.terms)?;
				let burnt = self.put(id, step);
				self.burn(burnt)?;
				Ok(Outcome::Amount(burnt))
			}
			Op::Withdraw(id, amount) => {
				let step = self
					.books
					.withdraw(self.vault(id)?, amount, &self.price, &self.config.terms)?;
				self.put(id, step);
				self.held -= amount;
				Ok(Outcome::Nothing)
			}
			Op::Close(id) => {
				let step = self.books.close(self.vault(id)?)?;
				let closed = self.put(id, step);
				self.vaults.remove(&id);
				self.burn(closed.burnt)?;
				self.held -= closed.collateral;
				Ok(Outcome::Closed(closed))
			}
			Op::Accrue(hours) => self.accrue(hours),
			Op::Price(numerator, denominator) => self.new_price(numerator, denominator),
			Op::Redeem(amount) => self.redeem(amount),
			Op::Liquidate(limit) => self.liquidate(limit),
			Op::PoolDeposit(id, amount) => self.pool_deposit(id, amount),
			Op::PoolNotice(id, amount) => {
				let deposit = self.deposit_of(id)?;
				let deposit = deposit.give_notice(&self.pool, amount, self.round, &self.config.pool)?;
				self.deposits.insert(id, deposit);
				Ok(Outcome::Nothing)
			}
			Op::PoolWithdraw(id) => self.pool_withdraw(id),
			Op::PoolClaim(id) => {
				let (pool, deposit, claimed) = self.deposit_of(id)?.claim(&self.pool, &self.past)?;
				self.pool = pool;
				self.deposits.insert(id, deposit);
				self.held -= claimed;
				Ok(Outcome::Amount(claimed))
			}
			Op::SpendRevenue(amount) => {
				self.revenue = self.revenue.checked_sub(amount).ok_or(Refusal::Funds)?;
				self.wallets += amount;
				Ok(Outcome::Nothing)
			}
		}
	}

	fn open(&mut self, id: Id) -> Result<Outcome, Refusal> {
		if self.vaults.contains_key(&id) {
			return Err(Refusal::Exists);
		}
		self.vaults.insert(id, self.books.open());
		Ok(Outcome::Nothing)
	}

	fn draw(&mut self, id: Id, amount: u128) -> Result<Outcome, Refusal> {
		let front = self.front().map(|(key, _)| key);
		let step = self
			.books
			.draw(self.vault(id)?, amount, front, &self.price, &self.config.terms)?;
		let drawn = self.put(id, step);
		self.minted = plus(self.minted, drawn.amount + drawn.fee)?;
		self.wallets += drawn.amount;
		self.revenue += drawn.fee;
		Ok(Outcome::Nothing)
	}

	/// Works off the hours in calls of as many as the books allow.
	fn accrue(&mut self, hours: u128) -> Result<Outcome, Refusal> {
		let mut left = hours;
		while left > 0 {
			let some = u32::try_from(left).unwrap_or(u32::MAX);
			let accrued = self.books.accrue(self.base_rate, some, self.config.terms.hourly_rate)?;
			let Accrued {
				books,
				base_rate,
				hours,
				minted,
			} = accrued;
			self.books = books;
			self.base_rate = base_rate;
			self.minted = plus(self.minted, minted)?;
			self.revenue += minted;
			left -= u128::from(hours);
		}
		Ok(Outcome::Nothing)
	}

	/// A new round: the deposits that are due begin to count before anything else happens at the price.
	fn new_price(&mut self, numerator: u128, denominator: u128) -> Result<Outcome, Refusal> {
		self.price = Price::new(numerator, denominator).ok_or(Refusal::NoPrice)?;
		self.round += 1;
		if let Some(due) = self.due.remove(&self.round) {
			self.past.marks.insert(self.round, self.pool.marks);
			self.pool = self.pool.activate(due)?;
		}
		Ok(Outcome::Nothing)
	}

	/// The reserve, then the vaults that can pay par, then the rest from the front.
	fn redeem(&mut self, amount: u128) -> Result<Outcome, Refusal> {
		if amount == 0 {
			return Err(Error::NothingToDo.into());
		}
		if amount > self.wallets {
			return Err(Refusal::Funds);
		}
		let supply = self.supply();
		let mut redemption = Redemption {
			rate: self.config.fees.rate(self.base_rate, amount, supply)?,
			..Redemption::default()
		};
		if let Some((books, paid)) = self.books.redeem_reserve(amount, redemption.rate, &self.price)? {
			self.books = books;
			redemption.burnt += paid.burnt;
			redemption.out += paid.out;
			redemption.reserve = Some(paid);
		}
		for id in self.redemption_order()? {
			let left = amount - redemption.burnt;
			if left == 0 {
				break;
			}
			let floor = self.config.terms.redemption_floor;
			let vault = self.vault(id)?;
			let Some(step) = self
				.books
				.redeem_vault(vault, left, floor, redemption.rate, &self.price)?
			else {
				continue;
			};
			let paid = self.put(id, step);
			redemption.burnt += paid.burnt;
			redemption.out += paid.out;
			redemption.vaults.push((id, paid));
			if !paid.closed {
				break;
			}
		}
		self.burn(redemption.burnt)?;
		self.base_rate = fee::raised(self.base_rate, redemption.burnt, supply)?;
		self.held -= redemption.out;
		Ok(Outcome::Redemption(redemption))
	}

	/// The vaults that a redemption visits.
	fn redemption_order(&self) -> Result<Vec<Id>, Refusal> {
		if self.index.is_empty() {
			return Ok(Vec::new());
		}
		let par = (self.books.threshold(&self.price, BASIS_POINTS)?, 0);
		let visited = self.index.range(par..).chain(self.index.range(..par));
		let steps = usize::try_from(self.config.steps).unwrap_or(usize::MAX);
		Ok(visited.take(steps).map(|(_, id)| *id).collect())
	}

	/// From the front, as long as it is unsafe.
	fn liquidate(&mut self, limit: u128) -> Result<Outcome, Refusal> {
		let mut liquidated = Vec::new();
		while (liquidated.len() as u128) < limit && self.front_is_unsafe()? {
			let (_, id) = self.front().expect("an unsafe front is there");
			let liquidation = self
				.books
				.liquidate(self.vault(id)?, &self.pool, &self.price, &self.config.terms)?;
			self.pool = liquidation.pool;
			if let Some(finished) = liquidation.finished {
				self.past.sums.insert(finished.scale, finished.sum);
			}
			let moved = self.put(id, liquidation.step);
			self.burnt = plus(self.burnt, moved.offset)?;
			liquidated.push((id, moved));
		}
		if liquidated.is_empty() {
			return Err(Error::Safe.into());
		}
		Ok(Outcome::Liquidations(liquidated))
	}

	fn pool_deposit(&mut self, id: Id, amount: u128) -> Result<Outcome, Refusal> {
		self.wallets = self.wallets.checked_sub(amount).ok_or(Refusal::Funds)?;
		let deposit = match self.deposits.contains_key(&id) {
			true => self.deposit_of(id)?,
			false => Deposit::default(),
		};
		let (pool, deposit, tranche) = deposit.add(&self.pool, amount, self.round, &self.config.pool)?;
		self.pool = pool;
		self.deposits.insert(id, deposit);
		*self.due.entry(tranche.counts_from).or_default() += tranche.amount;
		Ok(Outcome::Nothing)
	}

	fn pool_withdraw(&mut self, id: Id) -> Result<Outcome, Refusal> {
		let unsafe_front = self.front_is_unsafe()?;
		let deposit = self.deposit_of(id)?;
		let (pool, deposit, amount) = deposit.withdraw(&self.pool, &self.past, self.round, unsafe_front)?;
		self.pool = pool;
		self.deposits.insert(id, deposit);
		self.wallets += amount;
		Ok(Outcome::Amount(amount))
	}

	fn vault(&self, id: Id) -> Result<&Vault, Refusal> {
		self.vaults.get(&id).ok_or(Refusal::Unknown)
	}

	fn front(&self) -> Option<(RiskKey, Id)> {
		self.index.first().copied()
	}

	fn front_is_unsafe(&self) -> Result<bool, Refusal> {
		match self.front() {
			Some((key, _)) => Ok(self.books.is_unsafe(key, &self.price, &self.config.terms)?),
			None => Ok(false),
		}
	}

	/// Stores what a step left behind, and moves the vault from its stored place in the index to its new one.
	fn put<T>(&mut self, id: Id, step: Step<T>) -> T {
		self.books = step.books;
		let stored = self.vaults.insert(id, step.vault);
		if let Some(key) = stored.and_then(|vault| vault.key()) {
			self.index.remove(&(key, id));
		}
		if let Some(key) = step.vault.key() {
			self.index.insert((key, id));
		}
		step.outcome
	}

	/// Burns KWH out of the wallets.
	fn burn(&mut self, amount: u128) -> Result<(), Refusal> {
		self.wallets = self.wallets.checked_sub(amount).ok_or(Refusal::Funds)?;
		self.burnt = plus(self.burnt, amount)?;
		Ok(())
	}
}

fn plus(a: u128, b: u128) -> Result<u128, Refusal> {
	a.checked_add(b).ok_or(Refusal::Books(Error::Overflow))
}

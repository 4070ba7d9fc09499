//! A depositor's part of the backstop pool, from deposit to withdrawal.
//!
//! A deposit counts from the second price after it, not before: counted from the first, one made when the next price is
//! foreseen would take most of a liquidation's gain without ever standing behind the pool. Until then it waits, and needs the
//! pool's marks of the round that it counts from, which the caller keeps. A withdrawal takes notice of some rounds and is then
//! open for some; after that the notice has lapsed. A new notice replaces the old one and waits anew, so none can be kept open
//! by renewing it.

use super::{
	marks::{Marks, PoolHistory},
	pool::Pool,
	wide, Error,
};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32};

/// The most rounds from which deposits of one depositor can be waiting to count.
pub const MAX_WAITING: u32 = 8;

/// Rounds that deposits and withdrawals take. Each price is a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolTerms {
	/// Rounds until a deposit counts: 2 in production. At least 1, at most [`MAX_WAITING`].
	pub delay: u64,
	/// Rounds from a notice until the withdrawal is open.
	pub notice: u64,
	/// Rounds that it is open for.
	pub window: u64,
}

/// A depositor's part of the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Deposit {
	/// KWH units that counted when the deposit last changed.
	amount: u128,
	/// The pool's marks at that time.
	since: Marks,
	/// Collateral units earned until then and not claimed.
	gained: u128,
	/// KWH units that do not count yet, by the round from which they do, in its order.
	waiting: BoundedVec<Tranche, ConstU32<MAX_WAITING>>,
	/// The withdrawal that notice was given of.
	notice: Option<Notice>,
}

/// KWH that counts from a round on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tranche {
	/// KWH units.
	pub amount: u128,
	/// First round that it counts in.
	pub counts_from: u64,
}

/// Notice of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Notice {
	/// Most KWH units to withdraw.
	pub amount: u128,
	/// First round in which it can be.
	pub opens: u64,
	/// First round in which it cannot any more.
	pub lapses: u64,
}

impl Deposit {
	/// Adds `amount` KWH units, which count from a later round on.
	///
	/// Also returns what was added with its round, in which the caller activates it ([`Pool::activate`]).
	pub fn add(
		&self,
		pool: &Pool,
		amount: u128,
		round: u64,
		terms: &PoolTerms,
	) -> Result<(Pool, Self, Tranche), Error> {
		if amount == 0 {
			return Err(Error::NothingToDo);
		}
		let counts_from = round.checked_add(terms.delay).ok_or(Error::Overflow)?;
		let tranche = Tranche { amount, counts_from };
		let mut deposit = self.clone();
		match deposit
			.waiting
			.last_mut()
			.filter(|last| last.counts_from == counts_from)
		{
			Some(last) => last.amount = wide::add(last.amount, amount)?,
			None => deposit.waiting.try_push(tranche).map_err(|_| Error::TooManyWaiting)?,
		}
		let pool = Pool {
			waiting: wide::add(pool.waiting, amount)?,
			..*pool
		};
		Ok((pool, deposit, tranche))
	}

	/// The deposit as of `round`: what counts by now counts. Every other step takes a deposit that was settled in its round.
	///
	/// Value and gain are rounded down at each addition, and nowhere else but in withdrawals and claims.
	pub fn settled(&self, round: u64, history: &impl PoolHistory) -> Result<Self, Error> {
		let mut deposit = self.clone();
		for tranche in self.waiting.iter().filter(|tranche| tranche.counts_from <= round) {
			let marks = history.marks(tranche.counts_from).ok_or(Error::UnknownRound)?;
			deposit = deposit.at(&marks, history)?;
			deposit.amount = wide::add(deposit.amount, tranche.amount)?;
		}
		deposit.waiting.retain(|tranche| tranche.counts_from > round);
		Ok(deposit)
	}

	/// KWH units that count, rounded down.
	pub fn value(&self, pool: &Pool) -> Result<u128, Error> {
		self.since.value_at(&pool.marks, self.amount)
	}

	/// Collateral units earned and not claimed, rounded down.
	pub fn claimable(&self, pool: &Pool, history: &impl PoolHistory) -> Result<u128, Error> {
		wide::add(self.gained, self.since.gain_until(&pool.marks, self.amount, history)?)
	}

	/// Pays out all collateral earned. Returns its units.
	pub fn claim(&self, pool: &Pool, history: &impl PoolHistory) -> Result<(Pool, Self, u128), Error> {
		let deposit = self.at(&pool.marks, history)?;
		let claimed = deposit.gained;
		if claimed == 0 {
			return Err(Error::NothingToDo);
		}
		let pool = Pool {
			collateral: wide::take(pool.collateral, claimed)?,
			..*pool
		};
		Ok((pool, Self { gained: 0, ..deposit }, claimed))
	}

	/// Gives notice in `round` of the withdrawal of up to `amount` KWH units, in place of an earlier one.
	pub fn give_notice(&self, pool: &Pool, amount: u128, round: u64, terms: &PoolTerms) -> Result<Self, Error> {
		if amount == 0 || self.value(pool)? == 0 {
			return Err(Error::NothingToDo);
		}
		let opens = round.checked_add(terms.notice).ok_or(Error::Overflow)?;
		let lapses = opens.checked_add(terms.window).ok_or(Error::Overflow)?;
		let notice = Notice { amount, opens, lapses };
		Ok(Self {
			notice: Some(notice),
			..self.clone()
		})
	}

	/// Withdraws, in `round`, what notice was given of, as far as it is still there; the pool keeps one unit. Returns KWH units.
	///
	/// `unsafe_front` tells that a vault is known to await liquidation, which the deposit must not escape. The caller says so
	/// only while liquidation is allowed, and not for longer than it has bounded.
	pub fn withdraw(
		&self,
		pool: &Pool,
		history: &impl PoolHistory,
		round: u64,
		unsafe_front: bool,
	) -> Result<(Pool, Self, u128), Error> {
		let notice = self.notice.ok_or(Error::NoOpenNotice)?;
		if round < notice.opens || round >= notice.lapses {
			return Err(Error::NoOpenNotice);
		}
		if unsafe_front {
			return Err(Error::UnsafeFront);
		}
		let deposit = self.at(&pool.marks, history)?;
		let amount = notice.amount.min(deposit.amount).min(pool.offsettable());
		if amount == 0 {
			return Err(Error::NothingToDo);
		}
		let pool = Pool {
			active: wide::take(pool.active, amount)?,
			..*pool
		};
		let deposit = Self {
			amount: deposit.amount - amount,
			notice: None,
			..deposit
		};
		Ok((pool, deposit, amount))
	}

	/// What does not count yet, in the order of the rounds from which it does.
	pub fn waiting(&self) -> &[Tranche] {
		&self.waiting
	}

	/// The withdrawal that notice was given of.
	pub fn notice(&self) -> Option<Notice> {
		self.notice
	}

	/// The deposit as it stood when the pool's marks were `marks`.
	fn at(&self, marks: &Marks, history: &impl PoolHistory) -> Result<Self, Error> {
		Ok(Self {
			amount: self.since.value_at(marks, self.amount)?,
			since: *marks,
			gained: wide::add(self.gained, self.since.gain_until(marks, self.amount, history)?)?,
			..self.clone()
		})
	}
}

#[cfg(test)]
mod tests {
	#![allow(clippy::unwrap_used)]

	use super::*;
	use sp_core::U256;
	use std::collections::BTreeMap;

	const TERMS: PoolTerms = PoolTerms {
		delay: 2,
		notice: 1,
		window: 2,
	};

	#[derive(Default)]
	struct Past {
		sums: BTreeMap<u32, U256>,
		marks: BTreeMap<u64, Marks>,
	}

	impl PoolHistory for Past {
		fn sum(&self, scale: u32) -> U256 {
			self.sums.get(&scale).copied().unwrap_or_default()
		}

		fn marks(&self, round: u64) -> Option<Marks> {
			self.marks.get(&round).copied()
		}
	}

	/// A pool in which one depositor's `amount` counts, from round 2 on.
	fn active(amount: u128) -> (Pool, Deposit, Past) {
		let (pool, deposit, _) = Deposit::default().add(&Pool::default(), amount, 0, &TERMS).unwrap();
		let past = Past {
			marks: BTreeMap::from([(2, pool.marks)]),
			..Past::default()
		};
		let deposit = deposit.settled(2, &past).unwrap();
		(pool.activate(amount).unwrap(), deposit, past)
	}

	#[test]
	fn deposit_should_count_when_its_round_has_come() {
		let (pool, deposit, tranche) = Deposit::default().add(&Pool::default(), 10, 5, &TERMS).unwrap();
		assert_eq!((pool.waiting, tranche.counts_from), (10, 7));
		let mut past = Past::default();
		assert_eq!(deposit.settled(6, &past).unwrap().value(&pool), Ok(0));
		assert_eq!(deposit.settled(7, &past), Err(Error::UnknownRound));
		past.marks.insert(7, pool.marks);
		let counted = deposit.settled(7, &past).unwrap();
		assert_eq!((counted.value(&pool), counted.waiting().len()), (Ok(10), 0));
	}

	#[test]
	fn additions_should_wait_each_for_itself_when_rounds_differ() {
		let (pool, deposit, _) = Deposit::default().add(&Pool::default(), 10, 5, &TERMS).unwrap();
		let (pool, deposit, _) = deposit.add(&pool, 1, 5, &TERMS).unwrap();
		let (pool, deposit, _) = deposit.add(&pool, 100, 6, &TERMS).unwrap();
		let waiting = deposit
			.waiting()
			.iter()
			.map(|tranche| (tranche.amount, tranche.counts_from));
		assert_eq!(waiting.collect::<Vec<_>>(), [(11, 7), (100, 8)]);
		assert_eq!(pool.waiting, 111);
		assert_eq!(deposit.add(&pool, 0, 6, &TERMS), Err(Error::NothingToDo));
		let full = (7..13).fold(deposit, |deposit, round| {
			deposit.add(&pool, 1, round, &TERMS).unwrap().1
		});
		assert_eq!(full.add(&pool, 1, 13, &TERMS), Err(Error::TooManyWaiting));
	}

	#[test]
	fn deposit_should_not_earn_what_came_before_it() {
		let (pool, first, mut past) = active(1_000);
		let (pool, _) = pool.offset(500, 600).unwrap();
		let (pool, late, _) = Deposit::default().add(&pool, 500, 1, &TERMS).unwrap();
		past.marks.insert(3, pool.marks);
		let (pool, _) = pool.activate(500).unwrap().offset(500, 800).unwrap();
		let late = late.settled(3, &past).unwrap();
		assert_eq!((late.value(&pool), late.claimable(&pool, &past)), (Ok(250), Ok(400)));
		assert_eq!(
			(first.value(&pool), first.claimable(&pool, &past)),
			(Ok(250), Ok(1_000))
		);
	}

	#[test]
	fn gain_should_be_read_over_scales_when_the_pool_was_drained() {
		let (mut pool, deposit, mut past) = active(1_000_000_000_000_000);
		let mut received = 0;
		for _ in 0..4 {
			let burnt = pool.active / 10_000 * 9_999;
			let (after, finished) = pool.offset(burnt, burnt).unwrap();
			past.sums
				.extend(finished.map(|finished| (finished.scale, finished.sum)));
			received += burnt;
			pool = after;
		}
		assert!(pool.marks.scale > 0);
		let claimable = deposit.claimable(&pool, &past).unwrap();
		assert!(claimable <= received && received - claimable <= 1);
		let (after, claimed, paid) = deposit.claim(&pool, &past).unwrap();
		assert_eq!((paid, after.collateral), (claimable, pool.collateral - paid));
		assert_eq!(claimed.value(&after), deposit.value(&pool));
		assert_eq!(claimed.claim(&after, &past), Err(Error::NothingToDo));
	}

	#[test]
	fn withdrawal_should_be_open_only_in_its_window() {
		let (pool, deposit, past) = active(1_000);
		assert_eq!(deposit.withdraw(&pool, &past, 5, false), Err(Error::NoOpenNotice));
		let noticed = deposit.give_notice(&pool, 300, 5, &TERMS).unwrap();
		let paid = |round| noticed.withdraw(&pool, &past, round, false).map(|(_, _, paid)| paid);
		assert_eq!(paid(5), Err(Error::NoOpenNotice));
		assert_eq!((paid(6), paid(7)), (Ok(300), Ok(300)));
		assert_eq!(paid(8), Err(Error::NoOpenNotice));
		let again = noticed.give_notice(&pool, 200, 6, &TERMS).unwrap();
		assert_eq!(again.withdraw(&pool, &past, 6, false), Err(Error::NoOpenNotice));
		let (pool, left, _) = noticed.withdraw(&pool, &past, 6, false).unwrap();
		assert_eq!((pool.active, left.value(&pool), left.notice()), (700, Ok(700), None));
	}

	#[test]
	fn withdrawal_should_wait_when_a_vault_is_unsafe() {
		let (pool, deposit, past) = active(1_000);
		let noticed = deposit.give_notice(&pool, 300, 5, &TERMS).unwrap();
		assert_eq!(noticed.withdraw(&pool, &past, 6, true), Err(Error::UnsafeFront));
	}

	#[test]
	fn pool_should_keep_one_unit_when_the_last_depositor_leaves() {
		let (pool, deposit, past) = active(1_000);
		let noticed = deposit.give_notice(&pool, u128::MAX, 5, &TERMS).unwrap();
		let (pool, left, paid) = noticed.withdraw(&pool, &past, 6, false).unwrap();
		assert_eq!((paid, pool.active, left.value(&pool)), (999, 1, Ok(1)));
		let noticed = left.give_notice(&pool, 1, 6, &TERMS).unwrap();
		assert_eq!(noticed.withdraw(&pool, &past, 7, false), Err(Error::NothingToDo));
	}
}

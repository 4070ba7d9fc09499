//! Random sequences of everything that can happen, against a model that keeps the same books in the most naive way.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::BoundedVec;
use proptest::prelude::*;
use sp_runtime::{traits::Dispatchable, Perbill};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

use crate::{mock::*, Candidates, Convicts};

#[derive(Clone, Debug)]
enum Op {
	Bond(u64, u128),
	Reduce(u64, u128),
	Leave(u64),
	Withdraw(u64),
	SetKeys(u64),
	PurgeKeys(u64),
	ReleaseKeys(u64),
	Reserve(Vec<u64>),
	Seats(u32),
	Offence {
		who: Vec<u64>,
		percent: u32,
		sessions_ago: u32,
	},
	NextSession,
}

fn who() -> impl Strategy<Value = u64> {
	1..=12u64
}

fn op() -> impl Strategy<Value = Op> {
	prop_oneof![
		4 => (who(), 0..400u128).prop_map(|(who, amount)| Op::Bond(who, amount)),
		3 => (who(), 0..300u128).prop_map(|(who, amount)| Op::Reduce(who, amount)),
		2 => who().prop_map(Op::Leave),
		3 => who().prop_map(Op::Withdraw),
		1 => who().prop_map(Op::SetKeys),
		1 => who().prop_map(Op::PurgeKeys),
		1 => who().prop_map(Op::ReleaseKeys),
		1 => prop::collection::vec(who(), 0..4).prop_map(Op::Reserve),
		1 => (0..8u32).prop_map(Op::Seats),
		1 => (prop::collection::vec(who(), 1..3), 0..=100u32, 0..=WINDOW)
			.prop_map(|(who, percent, sessions_ago)| Op::Offence { who, percent, sessions_ago }),
		5 => Just(Op::NextSession),
	]
}

/// The books, kept naively: nothing is sorted, merged lazily or looked up by index.
#[derive(Default)]
struct Model {
	bonds: BTreeMap<u64, u128>,
	chunks: BTreeMap<u64, Vec<(u128, u32)>>,
	keys: BTreeSet<u64>,
	reserved: Vec<u64>,
	seats: usize,
	least: usize,
	convicts: BTreeSet<u64>,
	/// (session, who) to (fraction, stake, taken)
	records: BTreeMap<(u32, u64), (Perbill, u128, u128)>,
	current: Vec<u64>,
	next: Vec<u64>,
	session: u32,
	treasury: u128,
	/// What was slashed of each account in all
	lost: BTreeMap<u64, u128>,
}

impl Model {
	fn new(least: u32) -> Self {
		let bonds = BTreeMap::from([(1, 1_000), (2, 900), (3, 800), (4, 700)]);
		let set: Vec<_> = bonds.keys().copied().collect();
		Self {
			bonds,
			keys: (1..=15).collect(),
			seats: MAX_VALIDATORS as usize,
			least: least as usize,
			current: set.clone(),
			next: set,
			..Default::default()
		}
	}

	fn stake(&self, who: u64) -> u128 {
		let unbonding: u128 = self
			.chunks
			.get(&who)
			.into_iter()
			.flatten()
			.map(|(amount, _)| amount)
			.sum();
		self.bonds.get(&who).copied().unwrap_or(0) + unbonding
	}

	fn ranked(&self) -> Vec<u64> {
		let mut all: Vec<_> = self.bonds.iter().map(|(who, bond)| (u128::MAX - bond, *who)).collect();
		all.sort();
		all.into_iter().map(|(_, who)| who).collect()
	}

	fn unbond(&mut self, who: u64, amount: u128) {
		if amount == 0 {
			return;
		}
		let unlock = self.session + DELAY;
		let chunks = self.chunks.entry(who).or_default();
		chunks.push((amount, unlock));
		let count = chunks.len();
		if count > 1 && (count > MAX_UNBONDING as usize || chunks[count - 2].1 >= unlock) {
			let (amount, unlock) = chunks.pop().unwrap();
			let newest = chunks.last_mut().unwrap();
			*newest = (newest.0 + amount, newest.1.max(unlock));
		}
	}

	/// Applies the operation; whether it succeeds.
	fn apply(&mut self, op: &Op) -> bool {
		match op.clone() {
			Op::Bond(who, amount) => {
				let known = self.bonds.get(&who).copied();
				let new = known.unwrap_or(0) + amount;
				let may = known.is_some() || (self.keys.contains(&who) && !self.convicts.contains(&who));
				if amount == 0 || !may || new < MIN_BOND || amount > FUNDS - self.lost(who) - self.stake(who) {
					return false;
				}
				if known.is_none() && self.bonds.len() == MAX_CANDIDATES as usize {
					let Some(last) = self.ranked().into_iter().rfind(|other| !self.reserved.contains(other)) else {
						return false;
					};
					if !self.reserved.contains(&who) && self.bonds[&last] >= new {
						return false;
					}
					let bond = self.bonds.remove(&last).unwrap();
					self.unbond(last, bond);
				}
				self.bonds.insert(who, new);
			}
			Op::Reduce(who, amount) => match self.bonds.get(&who).copied() {
				Some(old) if amount > 0 && old >= amount && old - amount >= MIN_BOND => {
					self.bonds.insert(who, old - amount);
					self.unbond(who, amount);
				}
				_ => return false,
			},
			Op::Leave(who) => {
				let others = self
					.bonds
					.keys()
					.filter(|other| **other != who && self.keys.contains(other))
					.count();
				let stuck = self.keys.contains(&who) && others < self.least;
				if stuck || !self.bonds.contains_key(&who) {
					return false;
				}
				let bond = self.bonds.remove(&who).unwrap();
				self.unbond(who, bond);
			}
			Op::Withdraw(who) => {
				let session = self.session;
				let chunks = self.chunks.entry(who).or_default();
				let before = chunks.len();
				chunks.retain(|(_, unlock)| *unlock > session);
				return chunks.len() < before;
			}
			Op::SetKeys(who) => {
				self.keys.insert(who);
			}
			Op::PurgeKeys(who) => return self.keys.remove(&who),
			Op::ReleaseKeys(who) => {
				let mut in_use = self.current.iter().chain(&self.next).chain(self.bonds.keys());
				return !in_use.any(|other| *other == who) && self.keys.remove(&who);
			}
			Op::Reserve(accounts) => {
				if accounts.iter().collect::<BTreeSet<_>>().len() < accounts.len() {
					return false;
				}
				self.reserved = accounts;
			}
			Op::Seats(count) => {
				let count = count as usize;
				if !(self.least..=MAX_VALIDATORS as usize).contains(&count) {
					return false;
				}
				self.seats = count;
			}
			Op::Offence {
				who,
				percent,
				sessions_ago,
			} => {
				let session = self.session.saturating_sub(sessions_ago);
				who.into_iter()
					.for_each(|who| self.punish(who, Perbill::from_percent(percent), session));
			}
			Op::NextSession => self.rotate(),
		}
		true
	}

	fn lost(&self, who: u64) -> u128 {
		self.lost.get(&who).copied().unwrap_or(0)
	}

	fn punish(&mut self, who: u64, fraction: Perbill, session: u32) {
		let stake = self.stake(who);
		let known = self.records.get(&(session, who)).copied();
		let (most, base, taken) = known.unwrap_or((fraction, stake, 0));
		let most = most.max(fraction);
		let amount = (most.mul_ceil(base) - taken).min(stake);
		self.records.insert((session, who), (most, base, taken + amount));
		self.treasury += amount;
		*self.lost.entry(who).or_default() += amount;

		let mut rest = amount;
		let chunks = self.chunks.entry(who).or_default();
		for chunk in chunks.iter_mut() {
			let part = chunk.0.min(rest);
			chunk.0 -= part;
			rest -= part;
		}
		chunks.retain(|(amount, _)| *amount > 0);
		if rest > 0 {
			*self.bonds.get_mut(&who).unwrap() -= rest;
		}

		let too_little = self.bonds.get(&who).is_some_and(|bond| *bond < MIN_BOND);
		if known.is_none() || too_little || self.convicts.contains(&who) {
			if let Some(bond) = self.bonds.remove(&who) {
				self.unbond(who, bond);
			}
			if self.current.contains(&who) || self.next.contains(&who) {
				self.convicts.insert(who);
			}
		}
	}

	fn rotate(&mut self) {
		self.current = self.next.clone();
		self.session += 1;
		self.convicts.retain(|who| self.current.contains(who));
		let session = self.session;
		self.records.retain(|(of, _), _| of + WINDOW >= session);

		let mut set: Vec<u64> = vec![];
		for who in self.reserved.iter().copied().chain(self.ranked()) {
			let electable = self.bonds.contains_key(&who) && self.keys.contains(&who);
			if electable && !set.contains(&who) && set.len() < self.seats {
				set.push(who);
			}
		}
		for convicts in [false, true] {
			for who in self.current.clone() {
				let fits = self.keys.contains(&who) && self.convicts.contains(&who) == convicts;
				if fits && !set.contains(&who) && set.len() < self.least {
					let amount = self.stake(who);
					if amount > 0 {
						self.chunks.insert(who, vec![(amount, session + 1 + DELAY)]);
					}
					set.push(who);
				}
			}
		}
		set.sort();
		self.next = set;
	}
}

fn execute(op: &Op) -> bool {
	let signed = RuntimeOrigin::signed;
	let (call, origin): (RuntimeCall, _) = match op.clone() {
		Op::Bond(who, amount) => (crate::Call::bond { amount }.into(), signed(who)),
		Op::Reduce(who, amount) => (crate::Call::reduce_bond { amount }.into(), signed(who)),
		Op::Leave(who) => (crate::Call::leave {}.into(), signed(who)),
		Op::Withdraw(who) => (crate::Call::withdraw_unbonded {}.into(), signed(who)),
		Op::SetKeys(who) => (
			pallet_session::Call::set_keys {
				keys: who.into(),
				proof: vec![],
			}
			.into(),
			signed(who),
		),
		Op::PurgeKeys(who) => (pallet_session::Call::purge_keys {}.into(), signed(who)),
		Op::ReleaseKeys(who) => (crate::Call::release_keys {}.into(), signed(who)),
		Op::Reserve(accounts) => {
			let accounts = BoundedVec::truncate_from(accounts);
			(crate::Call::set_reserved { accounts }.into(), RuntimeOrigin::root())
		}
		Op::Seats(seats) => (crate::Call::set_max_validators { seats }.into(), RuntimeOrigin::root()),
		Op::Offence {
			who,
			percent,
			sessions_ago,
		} => {
			let offenders: Vec<_> = who
				.iter()
				.map(|who| OffenceDetails {
					offender: (*who, ()),
					reporters: vec![],
				})
				.collect();
			let fractions = vec![Perbill::from_percent(percent); who.len()];
			let session = Session::current_index().saturating_sub(sessions_ago);
			ValidatorSet::on_offence(&offenders, &fractions, session);
			return true;
		}
		Op::NextSession => {
			Session::rotate_session();
			return true;
		}
	};
	call.dispatch(origin).is_ok()
}

fn compare(model: &Model) {
	check();
	assert_eq!(
		Candidates::<Test>::get()
			.into_iter()
			.map(|one| one.who)
			.collect::<Vec<_>>(),
		model.ranked()
	);
	for who in 1..=12 {
		assert_eq!(active(who), model.bonds.get(&who).copied(), "active bond of {who}");
		assert_eq!(
			chunks(who),
			model.chunks.get(&who).cloned().unwrap_or_default(),
			"unbonding of {who}"
		);
		assert_eq!(held(who), model.stake(who), "hold of {who}");
		assert_eq!(free(who) + held(who), FUNDS - model.lost(who), "total of {who}");
	}
	assert_eq!(free(TREASURY), FUNDS + model.treasury);
	assert_eq!(
		pallet_balances::TotalIssuance::<Test, pallet_balances::Instance2>::get(),
		21 * FUNDS
	);
	assert_eq!(Session::validators(), model.current);
	assert_eq!(queued(), model.next);
	assert_eq!(Convicts::<Test>::iter_keys().collect::<BTreeSet<_>>(), model.convicts);
	assert!(
		disabled().iter().all(|who| model.convicts.contains(who)),
		"only convicts are disabled"
	);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn books_should_match_the_model_when_anything_happens(
		least in 1..=4u32,
		ops in prop::collection::vec(op(), 30..90),
	) {
		ExtBuilder::default().min_validators(least).build().execute_with(|| {
			let mut model = Model::new(least);
			for op in ops {
				let expected = model.apply(&op);
				assert_eq!(execute(&op), expected, "{op:?}");
				compare(&model);
			}
		});
	}
}
